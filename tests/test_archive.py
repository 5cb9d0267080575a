"""A generated vendor archive: its files are what the plan says, its truth is what its clips add up to."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from PIL import Image

import videxplore as vx
from videxplore.stages.licensing.fingerprints import fingerprint
from videxplore.stages.licensing.manifests import draw
from videxplore.studio.archive.clips import COPY_KINDS, IMPLIED, Clip, PlantedFault
from videxplore.studio.archive.delivery import deliver
from videxplore.studio.archive.plan import FAULTY, Scale, plan
from videxplore.studio.archive.takes import film_take
from videxplore.studio.archive.topics import BY_LABEL, TOPICS
from videxplore.studio.archive.truth import SPOILING, archive_truth, usable_s
from videxplore.studio.archive.vendor import draw_channels, make_archive
from videxplore.values.inspections import FAULTS
from videxplore.values.media import Span

SMALL = (160, 88)


@pytest.fixture(scope="session")
def archive():
    """Small, in the cache folder: made once per machine."""
    return make_archive(channels=40, sampled=10, owned=10, clips=2.5, seconds=(2.4, 3.2), size=SMALL, seed=3)


def plain(**more):
    clip = Clip("c/v/1.mp4", "c", "the news desk", "t-1", 3.0, 0.0, 3.0, "de")
    return replace(clip, **more)


def looked_at(path):
    video = vx.open_video(path)
    return video, vx.frames(video, times_s=np.arange(0.04, video.duration_s, 0.2)).rgb.astype(np.float32)


# --- the plan ---


def test_the_plan_follows_from_the_seed_and_nests():
    scale = Scale(60)
    clips, owned = plan(scale, 5)
    assert (clips, owned) == plan(scale, 5)
    assert clips != plan(scale, 6)[0]
    assert len({clip.clip_id for clip in clips}) == len(clips)
    assert all(clip.clip_id.startswith(f"{clip.channel}/video-") for clip in clips)
    per_channel = Counter(clip.channel for clip in clips)
    assert len(per_channel) == 60
    assert min(per_channel.values()) >= 2
    assert len({clip.channel for clip in owned}) == scale.owned
    assert not any(clip.copy_of or clip.faults for clip in owned)


def test_topics_follow_zipf_and_differ_by_channel():
    clips, owned = plan(Scale(2000), 0)
    counts = np.array(sorted(Counter(clip.topic for clip in clips).values(), reverse=True))
    slope = np.polyfit(np.log(np.arange(1, len(counts) + 1)), np.log(counts), 1)[0]
    assert -1.1 < slope < -0.6
    common = {topic for topic, _ in Counter(clip.topic for clip in clips).most_common(3)}
    most = Counter(
        Counter(c.topic for c in members).most_common(1)[0][0] for members in _by_channel(clips).values()
    )
    assert sum(most[topic] for topic in common) / 2000 < 0.5
    assert {clip.topic for clip in owned} < {clip.topic for clip in clips}


def test_what_is_planted_comes_as_often_as_it_should():
    clips, owned = plan(Scale(3000), 1)
    known = {clip.clip_id: clip for clip in (*clips, *owned)}
    copies = [clip for clip in clips if clip.copy_of]
    assert Counter(clip.copied for clip in copies).keys() == set(COPY_KINDS)
    assert len(copies) / len(clips) == pytest.approx(0.16, abs=0.02)
    for clip in copies:
        original = known[clip.copy_of]
        assert (clip.take, clip.topic) == (original.take, original.topic)
        assert not original.copy_of
        assert original.start_s <= clip.start_s <= clip.start_s + clip.duration_s <= original.duration_s
        assert (clip.duration_s < original.duration_s) == (clip.copied == "trimmed")
        assert [fault.kind for fault in clip.faults] == [
            k for how, k in IMPLIED.items() if how == clip.copied
        ]
    others = [clip for clip in clips if not clip.copy_of]
    assert all(len(clip.faults) <= 1 for clip in others)
    for kind, share in FAULTY.items():
        found = sum(clip.has(kind) for clip in others) / len(others)
        assert 0.5 * share < found < 1.2 * share
    assert set(FAULTY) | set(IMPLIED.values()) <= set(FAULTS)


def test_faults_come_in_batches():
    """Clips of a channel are alike in them, so that clips are not worth as much as channels."""
    clips, _ = plan(Scale(3000), 2)
    flags = {name: [bool(c.faults) for c in members] for name, members in _by_channel(clips).items()}
    share = np.mean([f for members in flags.values() for f in members])
    pairs = [np.array(m) for m in flags.values()]
    both = sum((m.sum() * (m.sum() - 1)) for m in pairs) / sum(len(m) * (len(m) - 1) for m in pairs)
    assert (both - share**2) / (share - share**2) > 0.03


def _by_channel(clips):
    found = {}
    for clip in clips:
        found.setdefault(clip.channel, []).append(clip)
    return found


# --- the truth ---


def test_the_truth_is_what_the_clips_add_up_to():
    clips, owned = plan(Scale(80), 7)
    truth = archive_truth(clips, owned)
    hours = sum(clip.duration_s for clip in clips) / 3600
    assert truth.hours == pytest.approx(hours)
    figures = truth.figures
    # Once more, slowly: every tenth of a second of every clip is looked at by itself.
    step, good, useful = 0.04, 0, 0
    total = 0
    topics, takes = {clip.topic for clip in owned}, {clip.take for clip in owned}
    seen: dict[str, str] = {}
    for clip in sorted(clips, key=lambda clip: -clip.duration_s):
        first = seen.setdefault(clip.take, clip.clip_id) == clip.clip_id
        for now in np.arange(0, clip.duration_s - step / 2, step) + step / 2:
            fine = not any(f.span.start_s <= now < f.span.end_s for f in clip.faults if f.kind in SPOILING)
            total += 1
            good += fine
            useful += fine and first and clip.topic not in topics and clip.take not in takes
    assert figures["technical.usable"] == pytest.approx(good / total, abs=1e-3)
    assert figures["novelty.useful"] == pytest.approx(useful / total, abs=1e-3)
    new = sum(clip.duration_s for clip in clips if clip.topic not in topics) / 3600 / hours
    assert figures["novelty.excess"] == pytest.approx(new)
    assert sum(truth.topics.values()) == pytest.approx(1)
    by_channel = sum(sum(topics.values()) for topics in truth.by_channel.values())
    assert by_channel == pytest.approx(hours)
    assert figures["redundancy.in_source"] < figures["redundancy.extra"]
    assert set(truth.new_topics) == set(truth.topics) - topics


def test_spans_that_overlap_count_once():
    clip = plain(faults=(PlantedFault("black", Span(0.5, 1.5)), PlantedFault("frozen", Span(1.0, 2.0))))
    assert usable_s(clip) == pytest.approx(1.5)


# --- manifest and draws ---


def test_the_manifest_survives_the_file_and_tells_no_truth(archive):
    with archive.manifest_path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [clip.clip_id for clip in archive.clips]
    assert archive.manifest.sha256 == archive.committed
    assert archive.manifest.hours == pytest.approx(archive.truth.hours)
    told = {name for row in rows for name in row}
    assert not told & {"topic", "take", "copy_of", "faults"}
    assert {row["kind"] for row in rows} <= {topic.kind for topic in TOPICS}


def test_anybody_can_repeat_the_draw(archive):
    drawn = archive.sample.draw
    again = draw(archive.manifest, drawn.hours, seed=archive.buyer_seed, committed=archive.committed,
                 per_source=len(archive.manifest))  # fmt: skip
    assert again.ids == drawn.ids
    assert len(set(archive.sample.sources.values())) == 10
    whole = Counter(archive.manifest.sources)
    assert Counter(archive.sample.sources.values()) == {
        name: whole[name] for name in set(archive.sample.sources.values())
    }
    assert set(drawn.inclusion) == {1.0}
    other = draw_channels(archive.manifest, 10, archive.committed, archive.buyer_seed + 1)
    assert other.ids != drawn.ids
    with pytest.raises(ValueError, match="it was changed since"):
        draw_channels(archive.manifest, 10, "0" * 64, 1)


def test_the_second_tranche_is_the_next_channels_of_the_same_order(archive):
    second = archive.second_draw
    both = draw_channels(archive.manifest, 20, archive.committed, archive.buyer_seed)
    assert archive.sample.draw.ids + second.ids == both.ids
    assert second.hours + archive.sample.draw.hours == pytest.approx(both.hours)
    theirs = {archive.manifest.sources[row] for row in second.rows}
    assert len(theirs) == 10
    assert not theirs & set(archive.sample.sources.values())


def test_another_archive_in_the_folder_is_refused(archive, tmp_path):
    kept = make_archive(archive.folder, channels=40, sampled=10, owned=10, clips=2.5, seconds=(2.4, 3.2),
                        size=SMALL, seed=3)  # fmt: skip
    assert kept.sample.paths == archive.sample.paths
    with pytest.raises(ValueError, match="another archive"):
        make_archive(archive.folder, channels=40, sampled=10, seed=4)
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(ValueError, match="not empty"):
        make_archive(tmp_path, channels=40, sampled=10)
    for wrong, said in (
        ({"owned": 9}, "10 owned sources"),
        ({"seconds": (5.0, 4.0)}, "shortest, longest"),
        ({"size": (321, 180)}, "multiples of 4"),
        ({"sampled": 21}, "sampled must be"),
    ):
        with pytest.raises(ValueError, match=said):
            make_archive(tmp_path / "x", **{"channels": 40, "sampled": 10, **wrong})


# --- files ---


def test_every_file_is_as_long_and_as_large_as_planned(archive):
    for delivery in (archive.sample, archive.owned):
        for path, clip in zip(delivery.paths, delivery.clips, strict=True):
            video = vx.open_video(path)
            assert video.duration_s == pytest.approx(clip.duration_s, abs=0.05)
            small = clip.has("resolution")
            assert (video.width, video.height) == ((80, 44) if small else SMALL)
            assert video.has_audio == (not clip.has("no sound"))
            assert path.relative_to(delivery.folder).as_posix() == clip.clip_id
            assert delivery.sources[str(path)] == clip.channel
            if path.with_suffix(".en.vtt").exists():
                assert clip.subtitled
    assert list(archive.folder.rglob("*.part*")) == []


@pytest.mark.parametrize("kind", sorted(FAULTY))
def test_a_fault_is_where_it_is_planted(tmp_path, kind):
    whole = kind not in ("black", "frozen", "silent")
    span = Span(0.0, 3.0) if whole else Span(0.8, 2.2)
    clean, spoilt = tmp_path / "clean.mp4", tmp_path / "spoilt.mp4"
    deliver(plain(), clean, SMALL)
    deliver(plain(faults=(PlantedFault(kind, span),)), spoilt, SMALL)
    (video, good), (other, bad) = looked_at(clean), looked_at(spoilt)
    times = np.arange(0.04, video.duration_s, 0.2)
    inside = (times > 1.0) & (times < 2.0)
    outside = (times < 0.7) | (times > 2.3)
    if kind == "black":
        assert bad[inside].mean() < 3 < bad[outside].mean()
    elif kind == "frozen":
        assert (
            np.abs(np.diff(bad[inside], axis=0)).mean() < 0.5 < np.abs(np.diff(good[inside], axis=0)).mean()
        )
    elif kind == "silent":
        heard = vx.audio(other).samples.reshape(-1)
        rate = len(heard) / other.duration_s
        quiet = heard[round(1.0 * rate) : round(2.0 * rate)]
        assert np.abs(quiet).max() < 1e-3 < np.abs(heard[: round(0.6 * rate)]).max()
    elif kind == "no sound":
        assert video.has_audio
        assert not other.has_audio
    elif kind == "letterbox":
        assert bad[:, :10].max() < 20 < good[:, :10].mean()
    elif kind == "resolution":
        assert (other.width, other.height) == (80, 44)
    elif kind == "bitrate":
        assert spoilt.stat().st_size < 0.6 * clean.stat().st_size
    elif kind == "blurred":
        sharp, soft = (np.quantile(np.abs(np.diff(x, axis=2)), 0.99) for x in (good, bad))
        assert soft < 0.6 * sharp
    elif kind == "over-edited":
        film = film_take("t-1", "the news desk", 3.0, SMALL, hectic=True)
        assert sum(beat.join == "cut" for beat in film.beats) >= 7
        assert np.abs(np.diff(bad, axis=0)).mean() > np.abs(np.diff(good, axis=0)).mean()
    if kind in ("black", "frozen", "silent"):
        assert np.abs(good[outside] - bad[outside]).mean() < 6


@pytest.mark.parametrize("how", COPY_KINDS)
def test_a_copy_shows_what_its_original_shows_altered_as_said(tmp_path, how):
    faults = (PlantedFault(IMPLIED[how], Span(0.0, 3.0)),) if how in IMPLIED else ()
    cut = {"start_s": 0.8, "duration_s": 1.6} if how == "trimmed" else {}
    deliver(plain(), tmp_path / "original.mp4", SMALL)
    copy = plain(clip_id="d/v/2.mp4", copy_of="c/v/1.mp4", copied=how, faults=faults, **cut)
    deliver(copy, tmp_path / "copy.mp4", SMALL)
    deliver(plain(take="t-2"), tmp_path / "other.mp4", SMALL)
    original, copied, other = (
        vx.frames(vx.open_video(tmp_path / f"{name}.mp4"), times_s=np.arange(0.04, end, 0.2), size=SMALL).rgb
        for name, end in (("original", 3.0), ("copy", copy.duration_s), ("other", 3.0))
    )
    shown = original[4 : 4 + len(copied)] if how == "trimmed" else original
    if how == "mirrored":
        shown = shown[:, :, ::-1]
    if how == "cropped":  # what is left of it is larger
        assert _part_alike(shown[7], copied[7]) > 0.95 > 0.9 > _part_alike(other[7], copied[7])
    else:
        rows = slice(14, 74) if how == "letterboxed" else slice(16, None)
        assert _alike(shown[:, rows], copied[:, rows]) > 0.97
        assert _alike(other[:, rows], copied[:, rows]) < 0.9
    if how == "logo added":
        assert np.abs(copied[:, :16].astype(float) - shown[:, :16]).max() > 80


def _alike(one, two):
    count = min(len(one), len(two))
    a, b = (x[:count].astype(float).ravel() for x in (one, two))
    return np.corrcoef(a, b)[0, 1]


def _part_alike(whole, part):
    """Correlation of a picture with the part of another that it resembles most."""
    image, best = Image.fromarray(whole), -1.0
    for share in np.arange(0.76, 0.92, 0.02):
        w, h = SMALL[0] * share, SMALL[1] * share
        for right, down in product(np.linspace(0, 1, 9), repeat=2):
            left, top = right * (SMALL[0] - w), down * (SMALL[1] - h)
            box = (left, top, left + w, top + h)
            best = max(best, _alike(np.asarray(image.resize(SMALL, box=box))[None], part[None]))
    return best


def test_a_clip_drawn_again_elsewhere_is_the_same(archive, tmp_path):
    path, clip = next(
        (p, c) for p, c in zip(archive.sample.paths, archive.sample.clips, strict=True) if not c.faults
    )
    deliver(clip, tmp_path / "again.mp4", SMALL)
    first, again = looked_at(path)[1], looked_at(tmp_path / "again.mp4")[1]
    assert np.array_equal(first, again)


def test_two_takes_of_one_topic_differ(tmp_path):
    prints = []
    for take in ("a-1", "a-2"):
        deliver(plain(take=take), tmp_path / f"{take}.mp4", SMALL)
        prints.append(fingerprint(vx.open_video(tmp_path / f"{take}.mp4")).luma.astype(float))
    assert np.abs(prints[0] - prints[1]).mean() > 10


@pytest.mark.parametrize("topic", sorted(BY_LABEL))
def test_every_topic_can_be_filmed(topic):
    film = film_take(f"x-{topic}", topic, 6.0, (64, 36))
    assert film.duration_s == pytest.approx(6.0)
    assert {beat.join for beat in film.beats[1:]} <= {"cut", "same"}
    from videxplore.studio.picture import draw_frame

    pictures = [np.asarray(draw_frame(film, frame), float) for frame in (0, 75, 149)]
    assert pictures[0].shape == (36, 64, 3)
    assert np.abs(pictures[0] - pictures[1]).mean() > 0.5


def test_a_clip_that_cannot_be_drawn_says_where(tmp_path):
    from videxplore.errors import VidexploreError
    from videxplore.studio.archive.render import render

    clips = [plain(clip_id=f"c/v/{k}.mp4", topic="no such thing") for k in range(12)]
    with pytest.raises(VidexploreError, match="could not be drawn"):
        render(clips, tmp_path / "x", SMALL)
    assert list((tmp_path / "x").rglob("*.mp4")) == []
