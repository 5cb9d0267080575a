"""What comes back shares a label, and an exchange of two is one scene."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_segmentation import check_tiling, draw_measurements

from videxplore.stages.features.picture import PICTURE_NAMES
from videxplore.stages.segmentation.recurrence import find_exchanges, label_leaves, name_labels
from videxplore.stages.segmentation.segment import segment
from videxplore.values.media import Measurements, Series
from videxplore.values.segments import SegmentTree


def draw_states(states: str, length_s: float = 5.0, seed: int = 0) -> Measurements:
    """Measurements of a video that shows one state after another, each letter a setting of its own."""
    rng = np.random.default_rng(seed)
    means = {state: rng.normal(0, 12, len(PICTURE_NAMES)) for state in sorted(set(states))}
    rows = round(4 * length_s)
    values = np.concatenate(
        [means[state] + rng.normal(0, 0.5, (rows, len(PICTURE_NAMES))) for state in states]
    )
    plain = draw_measurements(length_s * len(states), moving=False, sound=False)
    picture = Series((np.arange(len(values)) + 0.5) / 4, values.astype(np.float32), PICTURE_NAMES)
    return replace(plain, picture=picture)


def named(tree: SegmentTree) -> list[str]:
    return [tree.labels[s.segment_id] for s in tree.leaves]


@pytest.mark.parametrize("seed", range(3))
def test_a_dialogue_is_one_scene_with_two_labels(seed):
    measured = draw_states("CCDD" + "AB" * 8 + "EEFF", seed=seed)
    tree = segment(measured, levels={"moment": 5.0, "scene": 20.0})
    check_tiling(tree)
    talk = [s for s in tree.leaves if 20 <= s.start_s < 100]
    who = [(int(s.span.midpoint_s // 5) % 2, tree.labels[s.segment_id]) for s in talk]
    assert len(talk) >= 16
    assert len(set(who)) == 2, "each of the two keeps one label"
    assert len({label for _, label in who}) == 2
    assert {tree.parent(s).segment_id for s in talk} == {tree.parent(talk[0]).segment_id}
    scene = tree.parent(talk[0])
    assert (scene.level, scene.start_s, scene.end_s) == ("scene", 20.0, 100.0)


def test_nothing_but_a_dialogue_is_one_scene():
    tree = segment(draw_states("AB" * 12), levels={"moment": 5.0, "scene": 20.0})
    assert len(tree.leaves) >= 24
    assert len(tree.at("scene")) == 1
    assert set(named(tree)) == {"A", "B"}


def test_one_return_makes_no_exchange():
    tree = segment(draw_states("AAAACCCCAAAA"), levels={"moment": 20.0, "scene": 30.0})
    assert named(tree)[0] == named(tree)[-1]
    assert not find_exchanges(np.array([0, 1, 0]), np.array([0.0, 5, 10, 15])).any()


def test_a_person_may_divide_an_exchange():
    tree = segment(draw_states("AB" * 12), levels={"moment": 5.0, "scene": 20.0})
    divided = tree.split(60.0, level="scene")
    assert [s.end_s for s in divided.at("scene")] == [60.0, 120.0]


def test_exchanges_by_hand():
    def inside(states: str, length_s: float = 5.0) -> str:
        labels = np.array([ord(c) for c in states])
        times = np.arange(len(states) + 1) * length_s
        return "".join(".x"[int(b)] for b in find_exchanges(labels, times))

    assert inside("ABAB") == "xxx"
    assert inside("XABABY") == ".xxx."
    assert inside("ABCABC") == "xxxxx"
    assert inside("ABACDC") == "....."
    assert inside("CAABBAABBC") == ".xxxxxxx."
    assert inside("ABA") == ".."
    assert inside("ABAB", 40.0) == "...", "what stays away for long comes back as something new"
    assert inside("A") == ""


def test_labels_are_letters():
    assert name_labels(np.array([0, 25, 26, 51, 52, 701, 702])) == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), kinds=st.integers(1, 12), leaves=st.integers(1, 200))
def test_planted_labels_are_found(seed, kinds, leaves):
    rng = np.random.default_rng(seed)
    means = np.linalg.qr(rng.normal(size=(64, 64)))[0][:kinds]
    planted = rng.integers(0, kinds, leaves)
    found = label_leaves(
        (means[planted] + rng.normal(0, 0.04, (leaves, 64))) * rng.uniform(4, 40, (leaves, 1))
    )
    for a, b in pairwise(range(leaves)):
        assert (found[a] == found[b]) == (planted[a] == planted[b])
    assert len(set(found.tolist())) == len(set(planted.tolist()))
    assert found[0] == 0
    assert set(found.tolist()) == set(range(found.max() + 1))


def test_more_labels_than_are_remembered():
    found = label_leaves(np.eye(700))
    assert found.tolist() == list(range(700))
