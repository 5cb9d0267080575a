"""Numbers of segments against target durations, tiling and nesting, and inputs at the edge."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_segmentation import check_tiling, draw_measurements

from videxplore.stages.evaluation.boundaries import list_edges
from videxplore.stages.features.picture import PICTURE_NAMES
from videxplore.stages.segmentation.cutting import LONGEST_S
from videxplore.stages.segmentation.segment import segment
from videxplore.stages.segmentation.targets import TOLERANCE
from videxplore.values.media import Measurements, Series
from videxplore.values.segments import SegmentTree


def check_counts(tree: SegmentTree) -> None:
    """Every level has as many segments as its target says, within a tenth or one, or a note says why not.

    Nothing is asked of a level without a target, so there is nothing to explain.
    """
    for level, target in tree.recipe.levels.items():
        if target is None:
            assert level not in tree.notes
            continue
        wanted, got = tree.video.duration_s / target, len(tree.at(level))
        met = abs(got - wanted) <= max(TOLERANCE * wanted, 1.0)
        assert met == (level not in tree.notes), (level, wanted, got, tree.notes)


@settings(max_examples=8)
@given(
    seed=st.integers(0, 10**6),
    duration=st.floats(0.04, 900),
    change=st.floats(1.0, 40.0),
    targets=st.lists(st.floats(1.0, 200.0), min_size=1, max_size=4, unique=True),
    free=st.none() | st.integers(1, 4),
    min_s=st.none() | st.floats(0.25, 20.0),
)
def test_any_targets_tile_nest_and_count(seed, duration, change, targets, free, min_s):
    asked: list[float | None] = sorted(targets)
    if free is not None:
        asked.insert(min(free, len(asked)), None)
    levels = {f"level {i}": target for i, target in enumerate(asked)}
    measured = draw_measurements(duration, seed=seed, change_s=change, sound=bool(seed % 2))
    tree = segment(measured, levels=levels, min_s=min_s)
    check_tiling(tree)
    check_counts(tree)
    for level in tree.levels:
        tiles = tree.at(level)
        assert abs(sum(s.duration_s for s in tiles) - duration) < 1e-9
        assert max((abs(a.end_s - b.start_s) for a, b in pairwise(tiles)), default=0.0) < 1e-9


@pytest.mark.parametrize(
    ("seed", "change"),
    [pytest.param(1, 3.0, marks=pytest.mark.long), (2, 8.0), pytest.param(3, 30.0, marks=pytest.mark.long)],
)
def test_half_an_hour_meets_every_target_within_a_tenth(seed, change):
    targets = {"moment": 4.0, "scene": 40.0, "chapter": 240.0}
    measured = draw_measurements(1800, seed=seed, change_s=change)
    for levels in (targets, targets | {"scene": None}):
        tree = segment(measured, levels=levels)
        assert not tree.notes
        for level, target in levels.items():
            if target is not None:
                assert len(tree.at(level)) == pytest.approx(1800 / target, rel=0.1)


def test_scenes_stay_whatever_is_asked_of_chapters():
    """A level without a target is found first; chapters are made of whole scenes, and say what that costs."""
    measured = draw_measurements(600, seed=2, change_s=8.0)
    alone = segment(measured, levels={"moment": 4.0, "scene": None})
    scenes = list_edges(alone.at("scene"))
    assert np.diff(scenes).max() < 2 * 50.0
    for chapter_s in (50.0, 120.0, 240.0):
        tree = segment(measured, levels={"moment": 4.0, "scene": None, "chapter": chapter_s})
        assert list_edges(tree.at("scene")).tolist() == scenes.tolist()
        check_counts(tree)
    short = segment(measured, levels={"moment": 4.0, "scene": None, "chapter": 6.0})
    assert "whole 'scene' segments" in short.notes["chapter"]


def test_what_never_changes_is_one_scene_and_still_has_chapters():
    lecture = draw_measurements(1800, seed=1, moving=False)
    assert len(segment(lecture, levels={"moment": 4.0, "scene": None}).at("scene")) == 1
    tree = segment(lecture)
    assert len(tree.at("chapter")) == pytest.approx(1800 / 240, abs=1)
    assert list_edges(tree.at("scene")).tolist() == list_edges(tree.at("chapter")).tolist()
    assert len(segment(draw_measurements(400, moving=False, sound=False)).at("chapter")) == 1


def test_notes_say_why():
    targets = {"moment": 4.0, "scene": 40.0, "chapter": 240.0}
    calm = segment(draw_measurements(600, moving=False, sound=False), levels=targets)
    assert "nothing more changes" in calm.notes["moment"]
    assert "whole 'moment' segments" in calm.notes["scene"]
    short = segment(draw_measurements(100, seed=3), levels=targets)
    assert "divided in two" in short.notes["scene"]
    assert "too short" in short.notes["chapter"]
    shots = segment(draw_measurements(200, seed=3), method="shots")
    assert "shots" in shots.notes["moment"]


def test_one_segment_a_level_nests():
    tree = segment(draw_measurements(3.0), levels={"a": 100.0, "b": 1000.0})
    assert len(tree.segments) == 1
    check_tiling(tree)


def flat(duration_s: float, value: float) -> Measurements:
    """A picture of one value all through, and sound with nothing in it."""
    measured = draw_measurements(duration_s, moving=False)
    rows = len(measured.picture)
    picture = Series(
        measured.picture.times_s, np.full((rows, len(PICTURE_NAMES)), value, np.float32), PICTURE_NAMES
    )
    silent = replace(measured.sound, values=np.zeros_like(measured.sound.values))
    return replace(measured, picture=picture, sound=silent)


@pytest.mark.parametrize("duration", [0.04, 1.0, 60.0, 600.0])
def test_black_and_silent(duration):
    tree = segment(flat(duration, 0.0))
    check_tiling(tree)
    check_counts(tree)
    assert max(s.duration_s for s in tree.leaves) <= LONGEST_S + 0.25
    assert len(tree.leaves) == max(1, round(duration / LONGEST_S))
    assert len(segment(flat(duration, 0.0), levels={"moment": 4.0, "scene": None}).at("scene")) == 1


def test_single_frame_and_one_second():
    for duration in (1 / 240, 0.04, 1.0):
        tree = segment(draw_measurements(duration))
        assert [s.level for s in tree.segments] == ["video"]
        assert tree.boundaries == ()
        assert list(tree.labels.values()) == ["A"]


MEASURE = """
import sys
sys.path.insert(0, {tests!r})
from peak_memory import peak_kb
from test_segmentation import check_tiling, draw_measurements
from videxplore.stages.segmentation.segment import segment

measured = draw_measurements({hours} * 3600.0, seed=8, change_s=6.0, moving={moving}, sound={sound})
before = peak_kb()
tree = segment(measured)
peak = peak_kb()
check_tiling(tree)
print(peak - before, len(tree.leaves))
"""


def memory_of(hours: float, *, moving: bool, sound: bool = True) -> tuple[int, int]:
    """Kilobytes that cutting takes on top of the measurements, and how many leaves there are."""
    script = MEASURE.format(tests=str(__file__).rsplit("/", 1)[0], hours=hours, moving=moving, sound=sound)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    taken, leaves = run.stdout.split()
    return int(taken), int(leaves)


@pytest.mark.long
@pytest.mark.parametrize("moving", [True, False])
def test_ten_hours_take_two_gigabytes_at_most(moving):
    taken, leaves = memory_of(10, moving=moving)
    assert taken < 2_000_000
    assert leaves >= 600


@pytest.mark.long
def test_memory_is_linear():
    two, four = memory_of(2, moving=True)[0], memory_of(4, moving=True)[0]
    assert four < 2.4 * two


@pytest.mark.long
def test_twenty_four_hours():
    assert memory_of(24, moving=True, sound=False)[1] >= 15_000
