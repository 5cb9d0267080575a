"""Trees of segments: invariants, meaning on the sample films, degenerate inputs, comparison."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.stages.evaluation.boundaries import (
    compare_segmentations,
    list_edges,
    score_segments,
    share_recalled,
    windows,
)
from videxplore.stages.evaluation.edges import match_boundaries
from videxplore.stages.features.cuts import NAMES
from videxplore.stages.features.picture import PICTURE_NAMES
from videxplore.stages.features.sound import SOUND_NAMES
from videxplore.stages.segmentation.cutting import LONGEST_S, SHORTEST_S
from videxplore.stages.segmentation.segment import METHODS, segment
from videxplore.stages.segmentation.shots import detect_shots
from videxplore.values.media import Cue, Measurements, Series, Span, Transcript, Video
from videxplore.values.segments import SegmentTree


def draw_measurements(
    duration_s: float, *, seed: int = 0, change_s: float = 8.0, moving: bool = True, sound: bool = True
) -> Measurements:
    """Measurements of a made-up video: its mean changes about every ``change_s`` seconds."""
    rng = np.random.default_rng(seed)
    rows = max(1, round(duration_s * 4))
    label = np.cumsum(rng.random(rows) < 1 / (4 * change_s)) if moving else np.zeros(rows, int)
    means = rng.normal(0, 12, (label.max() + 1, len(PICTURE_NAMES)))
    noise = 0.5 if moving else 0.0
    values = means[label] + noise * rng.normal(size=(rows, len(PICTURE_NAMES)))
    picture = Series((np.arange(rows) + 0.5) / 4, values.astype(np.float32), PICTURE_NAMES)
    frames = max(1, round(duration_s * 5))
    cuts = Series(np.arange(frames) / 5, np.zeros((frames, len(NAMES)), np.float32), NAMES)
    heard = None
    if sound:
        n = 5 * rows
        loud = rng.normal(0, 6, (label.max() + 1, len(SOUND_NAMES)))[label]
        wide = np.repeat(loud, 5, axis=0) + noise * rng.normal(size=(n, len(SOUND_NAMES)))
        wide[:, : SOUND_NAMES.index("loudness_jump") + 1] = 0
        heard = Series(np.arange(n) / 20, wide.astype(np.float32), SOUND_NAMES)
    video = Video(Path("made-up.mp4"), "0123456789abcdef", duration_s, 640, 360, 25.0, None, "h264", sound)
    return Measurements(video, picture, cuts, heard)


def check_tiling(tree: SegmentTree) -> None:
    for level in tree.levels:
        edges = list_edges(tree.at(level))
        tiles = tree.at(level)
        assert edges[0] == 0.0
        assert edges[-1] == tree.video.duration_s
        assert all(a.end_s == b.start_s for a, b in pairwise(tiles))
    for fine, coarse in pairwise(tree.levels):
        assert set(list_edges(tree.at(coarse))) <= set(list_edges(tree.at(fine)))
    for s in tree.segments:
        assert len(tree.children(s)) != 1, "a level that only repeats its parent"


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    duration=st.floats(0.04, 400),
    change=st.floats(1.0, 30.0),
    sound=st.booleans(),
)
def test_segments_tile_and_nest(seed, duration, change, sound):
    tree = segment(draw_measurements(duration, seed=seed, change_s=change, sound=sound))
    check_tiling(tree)
    lengths = [s.duration_s for s in tree.leaves]
    assert max(lengths) <= LONGEST_S + 0.5
    if len(lengths) > 1:
        assert min(lengths) >= SHORTEST_S - 0.3
    inner = list_edges(tree.leaves)[1:-1]
    assert [b.time_s for b in tree.boundaries] == inner.tolist()


def test_boundaries_say_why():
    measured = draw_measurements(300, seed=3)
    tree = segment(measured)
    levels = {b.level for b in tree.boundaries}
    assert {"moment", "scene"} <= levels
    for b in tree.boundaries:
        assert {"picture", "motion", "sound"} <= set(b.evidence)
        assert b.kind == "semantic"
        assert b.persistence >= 0
    coarse = np.mean([b.persistence for b in tree.boundaries if b.level != "moment"])
    fine = np.mean([b.persistence for b in tree.boundaries if b.level == "moment"])
    assert coarse > fine


def test_known_changes_are_found():
    """Every planted change of a made-up video is a leaf boundary within a quarter second."""
    measured = draw_measurements(240, seed=5, change_s=6.0)
    lively = measured.picture.values
    jumps = np.flatnonzero(np.abs(np.diff(lively, axis=0)).mean(axis=1) > 4) + 1
    known = [k / 4 for k in jumps if 3 < k < 957]
    apart = [k for i, k in enumerate(known) if all(abs(k - o) >= 2 for o in known[:i] + known[i + 1 :])]
    found = list_edges(segment(measured, levels={"moment": 4.0}).leaves)
    matched = match_boundaries(found, np.array(apart), 0.25)
    assert len(apart) >= 15
    assert len(matched) / len(apart) >= 0.95


def test_target_durations_are_met():
    measured = draw_measurements(1800, seed=1, change_s=3.0)
    tree = segment(measured, levels={"moment": 4.0, "scene": 40.0, "chapter": 240.0})
    for level, target in (("scene", 40.0), ("chapter", 240.0)):
        assert 1800 / len(tree.at(level)) == pytest.approx(target, rel=0.15)
    assert 1800 / len(tree.leaves) == pytest.approx(4.0, rel=0.2)


def test_levels_and_weights_are_the_users():
    measured = draw_measurements(200, seed=2)
    tree = segment(measured, levels={"beat": 5.0, "act": 60.0}, signals={"sound": 0})
    assert tree.levels == ("beat", "act", "video")
    check_tiling(tree)
    assert "sound" not in tree.boundaries[0].evidence


def test_recut_equals_segment():
    measured = draw_measurements(600, seed=4)
    tree = segment(measured)
    again = tree.recut()
    assert [s.segment_id for s in again.segments] == [s.segment_id for s in tree.segments]
    other = tree.recut({"moment": 8.0, "scene": 60.0}, {"motion": 0.0})
    check_tiling(other)
    assert len(other.leaves) < len(tree.leaves)
    straight = segment(measured, levels={"moment": 8.0, "scene": 60.0}, signals={"motion": 0.0})
    assert [s.segment_id for s in straight.segments] == [s.segment_id for s in other.segments]


def test_same_input_same_segments():
    one = segment(draw_measurements(120, seed=9))
    two = segment(draw_measurements(120, seed=9))
    assert [s.segment_id for s in one.segments] == [s.segment_id for s in two.segments]


@pytest.mark.parametrize("duration", [0.04, 0.5, 1.0, 2.0, 3.5])
def test_very_short_videos(duration):
    for method in METHODS:
        check_tiling(segment(draw_measurements(duration), method=method))
    assert len(segment(draw_measurements(1.0)).segments) == 1


def test_nothing_changes():
    measured = draw_measurements(600, moving=False, sound=False)
    tree = segment(measured)
    check_tiling(tree)
    lengths = [s.duration_s for s in tree.leaves]
    assert max(lengths) <= LONGEST_S
    assert np.mean(lengths) > 20, "calm must not be chopped up"


def test_subtitles_speak_too():
    measured = draw_measurements(120, seed=6)
    cues = tuple(
        Cue(Span(t, t + 2.5), "the river runs" if t < 60 else "an engine turns") for t in range(2, 118, 5)
    )
    spoken = Measurements(
        measured.video, measured.picture, measured.cuts, measured.sound, Transcript(cues, "sidecar:x.vtt")
    )
    tree = segment(spoken)
    check_tiling(tree)
    assert all("speech" in b.evidence for b in tree.boundaries)


def test_fixed_windows_follow_the_clock():
    measured = draw_measurements(25)
    tree = segment(measured, method="fixed", length_s=10)
    assert list_edges(tree.leaves).tolist() == [0, 10, 20, 25]
    assert {b.kind for b in tree.boundaries} == {"clock"}
    with pytest.raises(ValueError, match="keeps no signals"):
        tree.recut()
    assert len(segment(measured, method="fixed", length_s=5).leaves) == 5
    assert len(segment(measured, method="fixed", length_s=60).segments) == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"method": "magic"}, "method"),
        ({"method": "fixed", "length_s": 0}, "length_s"),
        ({"levels": {}}, "levels"),
        ({"levels": {"video": 4}}, "levels"),
        ({"levels": {"moment": 40, "scene": 4}}, "levels"),
        ({"levels": {"moment": -1}}, "levels"),
        ({"signals": {"smell": 1}}, "signals"),
        ({"signals": {"picture": -1}}, "signals"),
        ({"signals": {"picture": 0, "motion": 0, "sound": 0, "speech": 0}}, "signals"),
    ],
)
def test_wrong_arguments_are_refused(arguments, named):
    with pytest.raises(ValueError, match=named):
        segment(draw_measurements(5), **arguments)


def test_scores_of_segments():
    known = np.array([0.0, 10, 20, 30])
    assert score_segments(known, known, 0.5)["f1"] == 1.0
    scores = score_segments(np.array([0.0, 10.4, 15, 30]), known, 0.5)
    assert scores["precision"] == 0.5
    assert scores["recall"] == 0.5
    assert scores["coverage"] == pytest.approx((10 + 5 + 10) / 30)
    assert scores["contamination"] == pytest.approx((0.4 + 0 + 5) / 30)
    assert match_boundaries(np.array([1.0, 1.3]), np.array([1.1]), 0.5) == [(0, 0)]


def test_compare_segmentations_states_its_tolerance():
    measured = draw_measurements(100, seed=7)
    semantic, fixed = segment(measured), segment(measured, method="fixed", length_s=10)
    report = compare_segmentations(semantic, fixed, tolerance_s=0.25)
    assert report.tolerance_s == 0.25
    assert report.rows[0]["known"] == 9
    both = compare_segmentations(semantic, fixed, truth=semantic)
    table = both.to_pandas().set_index(["system", "level"])
    assert table.loc[("semantic", "moment"), "f1"] == 1.0
    assert table.loc[("semantic", "moment"), "contamination"] == 0.0
    assert table.loc[("fixed (10 s)", "moment"), "contamination"] > 0.2
    with pytest.raises(ValueError, match="tolerance_s"):
        compare_segmentations(semantic, fixed, tolerance_s=-1)


@pytest.fixture(scope="module")
def films(sample, sample_measured):
    """The sample films measured and cut once: (truth, measurements, tree) per film."""
    return [(sample.truth[name], found, segment(found)) for name, found in sample_measured.items()]


def test_hard_cuts_of_sample_films(films):
    """±1 frame, one-to-one; hits inside a gradual transition do not count."""
    matched = found_all = known_all = 0
    for truth, measurements, _ in films:
        gap = 1.5 / truth.fps

        def clock(frame: int, truth=truth) -> float:
            return truth.frame_times_s[frame] if truth.frame_times_s else frame / truth.fps

        inside = [(clock(a) - gap, clock(b) + gap) for a, b, _ in truth.gradual]
        found = [b.time_s for b in detect_shots(measurements) if b.kind in ("cut", "jump")]
        found = [t for t in found if not any(a <= t <= b for a, b in inside)]
        matched += len(match_boundaries(np.array(found), np.array(truth.cut_times_s), gap))
        found_all += len(found)
        known_all += len(truth.cut_times_s)
    assert known_all >= 40
    assert 2 * matched / (found_all + known_all) >= 0.98


def test_moments_beat_fixed_windows_on_sample_films(films):
    """Share of true moments with a segment of temporal overlap ≥ .5, mean over the test films."""
    semantic, clock = [], {2.0: [], 4.0: [], 10.0: []}
    for truth, _, tree in films:
        check_tiling(tree)
        if truth.split != "test":
            continue
        known = [Span(s.start_s, s.end_s) for s in truth.at("moment")]
        semantic.append(share_recalled([s.span for s in tree.leaves], known))
        for length, shares in clock.items():
            shares.append(share_recalled(windows(truth.duration_s, length), known))
    best = max(np.mean(shares) for shares in clock.values())
    assert np.mean(semantic) >= best + 0.1


def test_gunshot_is_a_moment_of_its_own(films):
    truth, tree = next((t, tree) for t, _, tree in films if t.file.startswith("night_street"))
    shot = next(s for s in truth.at("moment") if "gunshot" in s.tags)
    span = Span(shot.start_s, shot.end_s)
    best = max(tree.leaves, key=lambda s: s.span.iou(span))
    assert best.span.iou(span) >= 0.5
    assert best.duration_s <= 3.0
