"""Cutting again without decoding, and corrections by a person that survive it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_segmentation import check_tiling, draw_measurements

from videxplore.stages.segmentation.segment import segment
from videxplore.values.segments import SegmentTree


def ids(tree: SegmentTree) -> list[str]:
    return [s.segment_id for s in tree.segments]


def times(tree: SegmentTree, level: str | None = None) -> list[float]:
    return [s.start_s for s in tree.at(level or tree.levels[0])][1:]


@pytest.fixture(scope="module")
def tree() -> SegmentTree:
    return segment(draw_measurements(300, seed=11))


@pytest.mark.parametrize("min_s", [0.75, 3.0, 9.0])
def test_recut_with_a_shortest_leaf_equals_segment(min_s):
    measured = draw_measurements(240, seed=4)
    levels, weights = {"moment": 5.0, "scene": 50.0}, {"sound": 0.5}
    again = segment(measured).recut(levels, weights, min_s=min_s)
    assert ids(again) == ids(segment(measured, levels=levels, signals=weights, min_s=min_s))
    assert ids(again.recut()) == ids(again)
    # A boundary may stand an eighth of a second beside its sample, where an event does.
    assert min(s.duration_s for s in again.leaves) >= min_s - 0.25
    check_tiling(again)


@pytest.mark.parametrize("min_s", [0, -1.0, float("nan"), float("inf")])
def test_shortest_leaf_must_last(tree, min_s):
    with pytest.raises(ValueError, match="min_s"):
        tree.recut(min_s=min_s)


def test_moved_boundary_stands_where_it_was_put(tree):
    before = times(tree)
    i = next(i for i, b in enumerate(tree.boundaries) if b.level == "scene")
    to_s = before[i] + 0.613
    moved = tree.moved(before[i] + 0.1, to_s)
    assert times(moved) == sorted({*before, to_s} - {before[i]})
    boundary = moved.boundaries[i]
    assert (boundary.time_s, boundary.kind, boundary.level) == (to_s, "edited", "scene")
    assert boundary.evidence["edited"] == 1.0
    assert {"picture", "sound"} <= set(boundary.evidence)
    check_tiling(moved)
    assert len(moved.edits) == 1


def test_merged_leaves_are_one(tree):
    at = times(tree)[10]
    merged = tree.merged(at)
    assert times(merged) == [t for t in times(tree) if t != at]
    check_tiling(merged)


def test_merged_scenes_keep_their_moments(tree):
    at = times(tree, "scene")[1]
    merged = tree.merged(at, level="scene")
    assert at not in times(merged, "scene")
    assert at in times(merged)
    assert at in times(merged.recut({"moment": 4.0, "scene": 30.0, "chapter": 240.0}))
    check_tiling(merged)


def test_split_adds_one_boundary(tree):
    longest = max(tree.leaves, key=lambda s: s.duration_s)
    at = longest.start_s + longest.duration_s / 3
    split = tree.split(at)
    assert times(split) == sorted([*times(tree), at])
    scene = tree.split(at, level="scene")
    assert at in times(scene, "scene")
    assert at in times(scene)
    check_tiling(scene)


def test_moment_boundary_becomes_a_scene_boundary(tree):
    at = next(b.time_s for b in tree.boundaries if b.level == "moment")
    assert at in times(tree.split(at, level="scene"), "scene")


def test_locked_boundary_survives_a_recut(tree):
    coarse = tree.recut({"moment": 20.0, "scene": 80.0})
    gone = [b.time_s for b in tree.boundaries if b.time_s not in times(coarse) and b.level == "moment"]
    held = tree.locked(gone[0]).locked(gone[-1])
    assert ids(held) == ids(tree), "a lock changes nothing yet"
    again = held.recut({"moment": 20.0, "scene": 80.0})
    assert {gone[0], gone[-1]} <= set(times(again))
    assert len(again.leaves) < len(tree.leaves)
    check_tiling(again)


def test_edits_survive_a_recut_and_are_undone_one_by_one(tree):
    inner = times(tree)
    one = tree.moved(inner[5], inner[5] + 0.4)
    two = one.merged(inner[20])
    three = two.split(inner[30] + 1.0)
    again = three.recut({"moment": 3.0, "scene": 30.0}, {"motion": 0.2}, min_s=1.0)
    assert [e.action for e in again.edits] == ["move", "merge", "split"]
    assert inner[5] + 0.4 in times(again)
    assert inner[30] + 1.0 in times(again)
    assert not [t for t in times(again) if inner[19] < t < inner[21]]
    assert not [t for t in times(again) if inner[4] < t < inner[6] and t != inner[5] + 0.4]
    assert ids(three.undone()) == ids(two)
    assert ids(three.undone().undone()) == ids(one)
    assert ids(three.undone().undone().undone()) == ids(tree)
    with pytest.raises(ValueError, match="no edit"):
        tree.undone()


def test_a_later_edit_overrides_an_earlier_one(tree):
    at = times(tree)[8]
    back = tree.merged(at).split(at)
    assert ids(back) == ids(tree)
    assert at not in times(tree.locked(at).merged(at))
    twice = tree.moved(at, at + 0.5).moved(at + 0.5, at - 0.5)
    assert at - 0.5 in times(twice)
    assert at + 0.5 not in times(twice)


def test_merges_may_outlast_the_longest_leaf():
    tree = segment(draw_measurements(400, moving=False, sound=False))
    while times(tree):
        tree = tree.merged(times(tree)[0])
    assert [s.duration_s for s in tree.segments] == [400.0]


def test_shots_are_edited_too():
    measured = draw_measurements(60, seed=1)
    tree = segment(measured, method="shots").split(20.1).split(40.0, level="scene")
    assert times(tree) == [20.1, 40.0]
    assert times(tree.moved(20.1, 25.0).merged(40.0)) == [25.0]


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (lambda t: t.merged(times(t)[0] + 0.5), "no moment boundary"),
        (lambda t: t.merged(times(t)[0], level="shot"), "level must be"),
        (lambda t: t.split(times(t)[0] + 0.1), "more than 0.25 s"),
        (lambda t: t.split(0.1), "more than 0.25 s"),
        (lambda t: t.split(300.0), "more than 0.25 s"),
        (lambda t: t.split(float("nan")), "more than 0.25 s"),
        (lambda t: t.moved(times(t)[0], times(t)[1]), "between its neighbours"),
        (lambda t: t.moved(times(t)[0], float("nan")), "between its neighbours"),
        (lambda t: t.split(times(t)[0] + 0.7, level="scene").recut({"beat": 4.0}), "must keep 'scene'"),
    ],
)
def test_edits_that_cannot_be_made(tree, edit, named):
    with pytest.raises(ValueError, match=named):
        edit(tree)


def test_clock_windows_keep_no_signals():
    fixed = segment(draw_measurements(30), method="fixed")
    for edit in (lambda: fixed.merged(10.0), lambda: fixed.locked(10.0), fixed.undone):
        with pytest.raises(ValueError, match="keeps no signals"):
            edit()


def edit_somewhere(tree: SegmentTree, rng: np.random.Generator) -> SegmentTree:
    inner = times(tree)
    at = float(rng.choice(inner)) if inner else 0.0
    level = str(rng.choice(tree.levels[:-1]))
    match rng.integers(4):
        case 0:
            return tree.moved(at, at + float(rng.uniform(-2, 2)))
        case 1:
            return tree.merged(at, level)
        case 2:
            return tree.split(float(rng.uniform(0, 120)), level)
        case _:
            return tree.locked(at)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_any_edits_leave_a_tree_that_tiles_and_nests(seed):
    rng = np.random.default_rng(seed)
    tree = segment(draw_measurements(120, seed=seed % 7, sound=False))
    wanted: set[float] = set()
    for _ in range(6):
        try:
            tree = edit_somewhere(tree, rng)
        except ValueError as error:
            refusal = str(error)
        else:
            refusal = ""
        if refusal:
            assert any(word in refusal for word in ("neighbours", "split", "boundary"))
            continue
        check_tiling(tree)
        last = tree.edits[-1]
        if last.to_s is not None:
            assert last.to_s in times(tree)
            wanted.add(last.to_s)
        if last.action in ("move", "merge"):
            a, b = last.between_s
            wanted = {t for t in wanted if not a < t < b or t == last.to_s or last.level}
            level = last.level if last.action == "merge" else None
            assert [t for t in times(tree, level) if a < t < b] == ([] if last.to_s is None else [last.to_s])
        assert wanted <= set(times(tree))
    check_tiling(tree.recut({"moment": 6.0, "scene": 30.0, "chapter": 60.0}))
    assert wanted <= set(times(tree.recut({"moment": 9.0, "scene": 30.0, "chapter": 60.0})))
