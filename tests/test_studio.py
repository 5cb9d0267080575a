"""The sample films: drawn the same every time, and true to the truth beside them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from videxplore.studio.data import DATA_FOLDER, data_files, stale_files
from videxplore.studio.director import Director
from videxplore.studio.films import NAMES, direct
from videxplore.studio.mix import mix
from videxplore.studio.picture import draw_frame
from videxplore.studio.queries import LEVEL_OF_KIND, judge
from videxplore.studio.render import film_key, film_paths, render
from videxplore.studio.samples import film_truths
from videxplore.studio.sound import ONE_SHOTS, RATE
from videxplore.studio.truth import LEVELS, film_truth

TRUTHS = film_truths()
QUERIES, QRELS = judge(TRUTHS)
SPLIT = {t.file: t.split for t in TRUTHS.values()}


def _words(text: str, ignored: frozenset[str]) -> set[str]:
    return {word for word in re.findall(r"[a-z]+", text.lower()) if word not in ignored}


def _small(image) -> np.ndarray:
    return np.asarray(image.resize((48, 27)).convert("HSV")).astype(float)


# --- films ---


@pytest.mark.parametrize("name", NAMES)
def test_films_have_the_promised_length_and_levels(name):
    truth = TRUTHS[name]
    assert 60 <= truth.duration_s <= 180
    counts = [len(truth.at(level)) for level in LEVELS]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 1
    assert counts[0] >= 15
    moments = [s.end_s - s.start_s for s in truth.at("moment")]
    assert min(moments) >= 1.5
    assert max(moments) <= 8.0


@pytest.mark.parametrize("name", NAMES)
def test_truth_tiles_and_nests(name):
    truth = TRUTHS[name]
    edges_above: set[float] = set()
    for level in reversed(LEVELS):
        segments = truth.at(level)
        assert segments[0].start_s == 0
        assert segments[-1].end_s == truth.duration_s
        assert all(a.end_s == b.start_s for a, b in pairwise(segments))
        edges = {s.start_s for s in segments} | {truth.duration_s}
        assert edges_above <= edges
        edges_above = edges


def test_there_are_films_enough_of_each_split_and_many_moments_inside_shots():
    assert len(TRUTHS) >= 6
    assert Counter(SPLIT.values())["dev"] >= 3
    assert Counter(SPLIT.values())["test"] >= 4
    assert SPLIT["football.mp4"] == SPLIT["night_street.mp4"] == "test"
    beats = [b for name in NAMES for b in direct(name).beats]
    assert sum(b.join == "same" for b in beats) / len(beats) > 0.4


def test_the_gunshot_is_two_seconds_inside_one_long_shot():
    film, truth = direct("night_street"), TRUTHS["night_street"]
    shot = next(s for s in truth.at("moment") if "gunshot" in s.tags)
    assert shot.end_s - shot.start_s == pytest.approx(2.0)
    beat = next(b for b in film.beats if "gunshot" in b.tags)
    shot_start = film.time_s(beat.shot_frame)
    shot_end = min(film.time_s(b.start_frame) for b in film.beats if b.shot_frame > beat.shot_frame)
    assert shot_start < shot.start_s - 20
    assert shot_end > shot.end_s + 10
    level = np.abs(mix(film))
    peak = int(level.argmax()) / RATE
    assert shot.start_s < peak < shot.end_s
    calm = level[round((shot.end_s + 4) * RATE) : round((shot.end_s + 8) * RATE)]
    assert 20 * np.log10(level.max() / np.sqrt(np.mean(calm**2))) > 25


@pytest.mark.parametrize("name", NAMES)
def test_pictures_change_at_cuts_and_not_where_moments_share_a_shot(name):
    film = direct(name)
    for b in film.beats[1:]:
        change = np.abs(
            _small(draw_frame(film, b.start_frame)) - _small(draw_frame(film, b.start_frame - 1))
        ).mean()
        if b.join == "cut":
            assert change > 18, b.label
        elif b.join == "same":
            assert change < 18, b.label


def test_the_same_frame_and_sound_come_out_of_a_second_interpreter():
    code = (
        "import hashlib; from videxplore.studio.films import direct;"
        "from videxplore.studio.picture import draw_frame;"
        "from videxplore.studio.mix import mix; f = direct('kitchen'); d = hashlib.sha256(mix(f).tobytes());"
        "[d.update(draw_frame(f, k).tobytes()) for k in range(0, f.frame_count, 97)]; print(d.hexdigest())"
    )
    root = Path(__file__).resolve().parent.parent
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    assert len(runs.pop().strip()) == 64


@pytest.mark.parametrize("name", sorted(ONE_SHOTS))
def test_sounds_are_finite_audible_and_short(name):
    one = ONE_SHOTS[name](np.random.default_rng(0))
    assert np.isfinite(one).all()
    assert np.abs(one).max() > 0.05
    assert 0.05 < len(one) / RATE < 6


def test_a_script_says_what_is_wrong():
    d = Director("x.mp4", "X", "dev")
    d.chapter("one")
    d.scene("one")
    with pytest.raises(ValueError, match="needs a picture"):
        d.beat("first", 2.0)
    with pytest.raises(ValueError, match="join must be one of"):
        d.beat("first", 2.0, lambda u, t: None, join="jump")
    d.beat("first", 2.0, lambda u, t: None, blurry=1)
    with pytest.raises(ValueError, match="unknown attributes"):
        film_truth(d.film())
    with pytest.raises(ValueError, match="no film is named"):
        direct("western")


# --- files ---


def test_sample_set_is_whole_and_instant_the_second_time(sample):
    assert [p.name for p in sample.videos] == list(sample.truth)
    assert all(p.is_file() for p in sample.videos)
    spoken = [p for p in sample.videos if p.with_suffix(".vtt").is_file()]
    assert len(spoken) >= 6
    assert "9 films" in repr(sample)
    table = sample.to_pandas()
    assert len(table) == len(sample.queries)
    assert (table["answers"] > 0).all()
    before = {p: p.stat().st_mtime_ns for p in sample.videos}
    assert {p: p.stat().st_mtime_ns for p in film_paths().values()} == before


def test_files_have_the_promised_codecs_frames_and_rates(sample):
    import av

    for path in sample.videos:
        truth = sample.truth[path.name]
        with av.open(str(path)) as container:
            picture, sound = container.streams.video[0], container.streams.audio[0]
            codecs = (picture.codec_context.name, sound.codec_context.name)
            times = sorted(float(p.pts * p.time_base) for p in container.demux(picture) if p.pts is not None)
        expected = {
            ".mp4": {("h264", "aac")},
            ".webm": {("vp9", "opus"), ("vp9", "libopus"), ("libvpx-vp9", "libopus")},
        }
        assert codecs in expected[path.suffix], path
        assert len(times) == truth.frame_count
        steps = np.diff(times)
        if truth.frame_times_s:
            assert np.allclose(times, truth.frame_times_s, atol=1.5e-3)
            assert steps.max() > 2 * steps.min()
        else:
            assert np.allclose(times, np.arange(truth.frame_count) / truth.fps, atol=1.5e-3)
    assert sum(bool(t.frame_times_s) for t in sample.truth.values()) == 1
    assert sum(p.suffix == ".webm" for p in sample.videos) == 1


@pytest.mark.parametrize("least", [10, pytest.param(0, marks=pytest.mark.long)])
def test_decoded_cuts_lie_on_the_frame(sample, least):
    """In films of at least so many cuts."""
    import av

    for path in sample.videos:
        truth = sample.truth[path.name]
        if len(truth.cuts) < least:
            continue
        with av.open(str(path)) as container:
            container.streams.video[0].thread_type = "AUTO"
            small = [
                f.reformat(48, 27, "rgb24").to_ndarray().astype(np.int16) for f in container.decode(video=0)
            ]
        change = np.array([np.abs(b - a).mean() for a, b in pairwise(small)])
        for cut in truth.cuts:
            around = change[max(0, cut - 3) : cut + 2]
            assert change[cut - 1] == around.max(), (path.name, cut)
            assert change[cut - 1] > 3 * np.median(change[max(0, cut - 13) : cut + 12]), (path.name, cut)


def test_a_killed_render_leaves_no_film(tmp_path, monkeypatch):
    monkeypatch.setattr("videxplore.studio.render.encode", lambda film, path: 1 / 0)
    place = tmp_path / f"kitchen-{film_key('kitchen')}"
    with pytest.raises(ZeroDivisionError):
        render("kitchen", place)
    assert list(tmp_path.iterdir()) == []


def test_leftovers_are_swept_and_films_kept(tmp_path, monkeypatch):
    from videxplore.studio.render import _sweep

    for name, age_s in (
        ("a-1.part", 7200),
        ("b-1.part", 60),
        ("a-old", 40 * 86_400),
        ("a-new", 40 * 86_400),
        ("b", 0),
    ):
        folder = tmp_path / name
        folder.mkdir()
        then = folder.stat().st_mtime - age_s
        os.utime(folder, (then, then))
    _sweep(tmp_path, [tmp_path / "a-new"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a-new", "b", "b-1.part"]


def test_a_film_rendered_twice_gives_the_same_frames(tmp_path, monkeypatch):
    import av

    film = direct("interview")
    short = _first_beats(film, 1)
    monkeypatch.setattr("videxplore.studio.render.direct", lambda name: short)
    digests = []
    for place in (tmp_path / "a", tmp_path / "b"):
        render("interview", place)
        with av.open(str(place / film.file)) as container:
            digests.append([f.to_ndarray().tobytes() for f in container.decode(video=0)])
    assert len(digests[0]) == short.frame_count
    assert digests[0] == digests[1]


def _first_beats(film, count):
    from dataclasses import replace

    end = film.beats[count - 1].end_frame
    return replace(film, beats=film.beats[:count], ticks=film.ticks[: end + 1], groups=(), fade_out_frames=0)


def test_films_render_from_a_script_without_a_main_guard(tmp_path):
    root = Path(__file__).resolve().parent.parent
    script = tmp_path / "script.py"
    script.write_text(
        "from videxplore.studio.samples import sample_videos\nprint(len(sample_videos()))\n", encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "9"


# --- queries ---


def test_there_are_queries_enough_of_every_kind():
    kinds = Counter((q.split, q.kind) for q in QUERIES)
    assert len(QUERIES) >= 150
    assert sum(n for (split, _), n in kinds.items() if split == "test") >= 100
    assert sum(n for (split, _), n in kinds.items() if split == "dev") >= 50
    assert kinds["test", "event"] >= 60
    assert all(kinds[split, kind] >= 8 for split in ("dev", "test") for kind in LEVEL_OF_KIND)
    assert len({q.query_id for q in QUERIES}) == len(QUERIES)


def test_splits_are_apart_by_film_and_by_wording():
    texts = Counter(q.text.lower() for q in QUERIES)
    assert max(texts.values()) == 1
    for q in QUERIES:
        exact = [j for j in QRELS[q.query_id] if j.gain == 3]
        assert exact, q
        assert all(SPLIT[j.video] == q.split for j in exact), q


def test_judgements_are_segments_of_the_level_that_the_kind_expects():
    for q in QUERIES:
        assert q.level == LEVEL_OF_KIND[q.kind]
        gains = [j.gain for j in QRELS[q.query_id]]
        assert gains == sorted(gains, reverse=True)
        assert set(gains) <= {1, 2, 3}
        for j in QRELS[q.query_id]:
            truth = next(t for t in TRUTHS.values() if t.file == j.video)
            assert (j.start_s, j.end_s) in {(s.start_s, s.end_s) for s in truth.at(q.level)}, q


def test_a_third_of_the_test_queries_use_words_that_no_list_knows():
    from videxplore.stages.encoding.perceptual.lexicon import load_lexicon

    lexicon = load_lexicon()
    words = files("videxplore.stages.encoding.perceptual").joinpath("lexicon_en.json").read_text("utf-8")
    rare = [q for q in QUERIES if not q.known_words]
    assert {q.split for q in rare} == {"test"}
    assert len(rare) >= sum(q.split == "test" for q in QUERIES) / 3
    ignored = frozenset(json.loads(words)["ignored"])
    common = set().union(*(_words(q.text, ignored) for q in QUERIES if q.known_words))
    for q in rare:
        reading = lexicon.read(q.text)
        assert reading.terms == (), (q.text, reading.terms)
        assert not _words(q.text, ignored) & common, q.text


def test_a_wording_without_answers_is_refused(monkeypatch):
    from videxplore.studio.queries import ask

    monkeypatch.setattr(
        "videxplore.studio.queries.asks_about", lambda name: (ask("event", "a unicorn", "unicorn"),)
    )
    with pytest.raises(ValueError, match="no moment carries the tag 'unicorn'"):
        judge(TRUTHS)


# --- data/ ---


def test_data_folder_is_in_step_with_the_studio():
    assert stale_files() == [], "run: python -m videxplore.studio.data"
    assert (DATA_FOLDER / "README.md").is_file()


def test_data_check_notices_a_difference(tmp_path):
    assert len(stale_files(tmp_path)) == len(data_files())
    for name, text in data_files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert stale_files(tmp_path) == []
    (tmp_path / "qrels.jsonl").write_text("{}\n", encoding="utf-8")
    (tmp_path / "truth" / "western.json").write_text("{}\n", encoding="utf-8")
    assert stale_files(tmp_path) == ["qrels.jsonl", "truth/western.json"]


def test_truth_files_read_back_as_the_truth():
    for name, truth in TRUTHS.items():
        stored = json.loads((DATA_FOLDER / "truth" / f"{name}.json").read_text(encoding="utf-8"))
        assert stored == json.loads(json.dumps(truth.to_json()))
