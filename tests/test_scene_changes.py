"""What speaks for a change of scene: its traces, against plain counting, and levels without a target."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_segmentation import check_tiling, draw_measurements

from videxplore.stages.evaluation.boundaries import list_edges
from videxplore.stages.evaluation.edges import match_boundaries
from videxplore.stages.features.cuts import NAMES
from videxplore.stages.features.picture import PICTURE_NAMES
from videxplore.stages.features.sound import SOUND_NAMES
from videxplore.stages.segmentation import hierarchy
from videxplore.stages.segmentation.cutting import Cutter, make_recipe
from videxplore.stages.segmentation.edits import fold
from videxplore.stages.segmentation.evidence import collect_evidence
from videxplore.stages.segmentation.partition import prefix_sums, scatter
from videxplore.stages.segmentation.scene_changes import TRACES, look_far, stand_out, weigh_changes
from videxplore.stages.segmentation.segment import segment
from videxplore.stages.segmentation.shots import detect_shots
from videxplore.stages.segmentation.signals import SIGNALS, Signals, gather_signals
from videxplore.stages.segmentation.weighting import weigh
from videxplore.values.media import Measurements, Series
from videxplore.values.segments import Boundary

OPEN = {"moment": 4.0, "scene": None}
FLOORS = [name for name in SOUND_NAMES if name.startswith("band_")]


def trace(measured: Measurements, **weights: float) -> tuple[np.ndarray, dict[str, np.ndarray], Signals]:
    """Leaf boundaries in seconds and the traces there."""
    signals = gather_signals(measured, detect_shots(measured))
    cutter, recipe = Cutter(measured.video, signals), make_recipe(None, weights)
    leaves = cutter.cut_finest(recipe, fold((), list(recipe.levels), signals.edges_s))
    traces = {**leaves.traces, **look_far(signals, cutter.weigh_coarse(recipe), leaves.at)}
    return signals.edges_s[leaves.at], traces, signals


def with_bands(measured: Measurements, level_at) -> Measurements:
    """The same measurements, but band ``b`` of the sound is ``level_at(seconds, b)`` decibels loud."""
    values = measured.sound.values.copy()
    for b, name in enumerate(FLOORS):
        values[:, SOUND_NAMES.index(name)] = level_at(measured.sound.times_s, b)
    return replace(measured, sound=Series(measured.sound.times_s, values, SOUND_NAMES))


def stage(changes_s: list[float], shots_s: list[float], duration_s: float) -> Measurements:
    """A film whose light and sound change at ``changes_s``, and its light a little at ``shots_s``."""
    rng = np.random.default_rng(1)
    place = rng.normal(0, 12, (len(changes_s) + 1, len(PICTURE_NAMES)))
    view = rng.normal(0, 5, (len(shots_s) + 1, len(PICTURE_NAMES)))
    t = (np.arange(round(duration_s * 4)) + 0.5) / 4
    values = (
        place[np.searchsorted(changes_s, t, side="right")] + view[np.searchsorted(shots_s, t, side="right")]
    )
    values += 0.5 * rng.normal(size=values.shape)
    made = draw_measurements(duration_s, seed=2, moving=False)
    rows = np.searchsorted(changes_s, made.sound.times_s, side="right")
    loud = rng.normal(-40, 9, (len(changes_s) + 1, len(FLOORS)))
    made = with_bands(made, lambda _, b: loud[rows, b])
    frames = round(duration_s * 5)
    still = Series(np.arange(frames) / 5, np.zeros((frames, len(NAMES)), np.float32), NAMES)
    return replace(made, picture=Series(t, values.astype(np.float32), PICTURE_NAMES), cuts=still)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), duration=st.floats(1, 200), sound=st.booleans())
def test_traces_are_named_finite_and_within_their_range(seed, duration, sound):
    times, traces, _ = trace(draw_measurements(duration, seed=seed, sound=sound))
    assert set(traces) <= set(TRACES)
    assert ("floor_swap" in traces) == sound
    for name, values in traces.items():
        assert len(values) == len(times)
        assert np.isfinite(values).all()
        low, high = {
            "look_back": (-1, 1),
            "look_peak": (-1, 1),
            "sound_peak": (-1, 1),
            "floor_swap": (0, 2),
            "floor_peak": (-2, 2),
            "before": (np.log(0.5 / 4.5), np.log(20.5 / 4.5)),
            "after": (np.log(0.5 / 4.5), np.log(20.5 / 4.5)),
        }.get(name, (0, 1))
        assert (values >= low - 1e-6).all()
        assert (values <= high + 1e-6).all(), name


def test_contrast_is_what_the_means_differ_by():
    rng = np.random.default_rng(3)
    vectors = {name: rng.normal(size=(60, d)).astype(np.float32) for name, d in (("a", 5), ("b", 3))}
    weighted = weigh(vectors, {"a": 2.0, "b": 0.5})
    at = np.array([1, 7, 30, 58])
    for name, x in vectors.items():
        plain = [x[max(k - 9, 0) : k].mean(axis=0) - x[k : k + 9].mean(axis=0) for k in at]
        expected = [float(d @ d) / 2 for d in plain]
        assert weighted.contrast(name, at, 9) == pytest.approx(expected, rel=1e-5)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), change=st.floats(2.0, 12.0))
def test_what_comes_back_is_the_likest_pair_within_half_a_minute(seed, change):
    measured = draw_measurements(90, seed=seed, change_s=change)
    times, traces, signals = trace(measured)
    edges = np.array([0.0, *times, measured.video.duration_s])
    at = np.searchsorted(signals.edges_s, edges)
    means = np.diff(prefix_sums(signals.fine["picture"])[at], axis=0)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    for i, time in enumerate(times):
        before = [j for j in range(i + 1) if time - edges[j + 1] < 30.0]
        after = [j for j in range(i + 1, len(means)) if edges[j] - time < 30.0]
        likest = max(float(means[a] @ means[b]) for a in before for b in after)
        assert traces["look_back"][i] == pytest.approx(likest, abs=1e-4)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10**6), m=st.integers(0, 30))
def test_what_stands_out_is_compared_with_all_others_within_ten_seconds(seed, m):
    rng = np.random.default_rng(seed)
    times, values = np.cumsum(rng.uniform(0.3, 9.0, m)), rng.normal(size=m)
    for i, found in enumerate(stand_out(values, times)):
        others = [values[j] for j in range(m) if j != i and abs(times[j] - times[i]) < 10.0]
        assert found == pytest.approx(values[i] - max(others, default=0.0))


def test_shots_say_how_long_they_last():
    """Against the usual four seconds, twenty at most; the video's ends are ends of shots."""
    edges = np.arange(241) / 4
    cuts = [Boundary(time_s=t, kind="cut") for t in (5.0, 11.0, 50.0)]
    made = gather_signals(draw_measurements(60, seed=3), cuts)
    assert made.edges_s == pytest.approx(edges)
    at = np.array([20, 30, 44, 200])
    traces = look_far(made, weigh(made.coarse, SIGNALS), at)
    rate = lambda seconds: np.log((seconds + 0.5) / 4.5)  # noqa: E731
    assert traces["before"] == pytest.approx([rate(5), 0, rate(6), rate(20)])
    assert traces["after"] == pytest.approx([rate(6), 0, rate(20), rate(10)])


def test_near_a_gradual_transition_leaves_end_at_its_middle_only():
    edges = np.arange(41) / 4
    fade = Boundary(time_s=5.0, kind="fade", span_s=(4.0, 6.0), strength=2.0)
    evidence = collect_evidence(edges, [fade, Boundary(time_s=6.5, kind="cut")], None, None)
    rewards = evidence.rewards({"cut": 0.6, "gradual": 0.6, "onset": 0, "speech_start": 0, "speaker": 0})
    near = (edges > 3.0) & (edges < 7.0)
    assert rewards[20] > 0 < rewards[26]
    near[[20, 26]] = False
    assert (rewards[near] < -1).all()
    assert (rewards[~near] >= 0).all()


def test_events_over_a_place_leave_its_floor_and_another_place_swaps_it():
    made = draw_measurements(60, seed=5, change_s=4.0)
    hum = lambda t, b: np.full(len(t), -40.0 - b)  # noqa: E731
    knocks = lambda t, b: hum(t, b) + 25.0 * ((t % 2.5) < 0.6)  # noqa: E731
    swapped = lambda t, b: -40.0 + 20.0 * ((t < 30) == (b % 2 == 0))  # noqa: E731
    for heard in (hum, knocks):
        _, traces, _ = trace(with_bands(made, heard))
        assert not traces["floor_peak"].any()
        assert not traces["floor_swap"].any()
    times, traces, _ = trace(with_bands(made, swapped))
    there = int(np.argmin(np.abs(times - 30.0)))
    assert abs(times[there] - 30.0) < 0.3
    assert traces["floor_swap"][there] == traces["floor_swap"].max() > 1.2
    assert traces["floor_peak"][there] == traces["floor_peak"].max() > 0


def test_absent_signals_say_neither_yes_nor_no():
    """Without sound, or with no weight on it, what is left is the sum of the other traces."""
    made = draw_measurements(120, seed=6)
    _, heard, _ = trace(made)
    _, mute, _ = trace(made, sound=0.0)
    assert {"floor_swap", "floor_peak", "sound_near", "sound_far", "sound_peak"} <= set(heard)
    assert not any("sound" in name or "floor" in name for name in mute)
    usual = {name: np.array([TRACES[name].usual]) for name in heard}
    some = {name: value for name, value in usual.items() if TRACES[name].signal != "sound"}
    assert weigh_changes(some, SIGNALS) == pytest.approx(weigh_changes(usual, SIGNALS))


def test_a_swapped_floor_raises_the_odds_by_the_weight_of_sound():
    usual = {name: np.array([t.usual]) for name, t in TRACES.items()}
    more = {**usual, "floor_swap": usual["floor_swap"] + 1}
    for weight in (0.5, 1.0, 2.0):
        weights = {**SIGNALS, "sound": SIGNALS["sound"] * weight}
        gain = weigh_changes(more, weights) - weigh_changes(usual, weights)
        assert gain == pytest.approx(TRACES["floor_swap"].weight * weight)


def test_scenes_without_a_target_are_those_there_are():
    """Five places of 14 to 40 s with ten shots: four boundaries, at changes of place only."""
    changes = [22.0, 36.0, 76.0, 95.0]
    shots = [5.0, 11.0, 18.0, 28.0, 44.0, 51.0, 60.0, 68.0, 84.0, 104.0]
    measured = stage(changes, shots, 115.0)
    tree = segment(measured, levels=OPEN)
    found = list_edges(tree.at("scene"))
    assert len(match_boundaries(found[1:-1], np.array(changes), 0.5)) == 4
    assert len(found) == 6
    assert "scene" not in tree.notes
    check_tiling(tree)
    again = segment(measured).recut(OPEN)
    assert [s.segment_id for s in again.segments] == [s.segment_id for s in tree.segments]
    assert len(tree.recut({"moment": 4.0, "scene": 8.0}).at("scene")) > 5


def test_edits_survive_a_level_without_a_target():
    tree = segment(draw_measurements(150, seed=8), levels=OPEN)
    leaf = next(b.time_s for b in tree.boundaries if b.level == "moment")
    mine = tree.split(leaf, "scene").recut(OPEN, {"sound": 0.3})
    assert leaf in list_edges(mine.at("scene"))
    check_tiling(mine)


@pytest.mark.parametrize(
    "levels",
    [{"moment": None}, {"moment": None, "scene": 9.0}, {"moment": 4.0, "scene": None, "chapter": None}],
)
def test_one_level_above_the_finest_may_be_open(levels):
    with pytest.raises(ValueError, match="one level open"):
        segment(draw_measurements(20), levels=levels)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), m=st.integers(0, 7))
def test_a_division_without_a_target_is_the_cheapest_of_all(seed, m):
    """By brute force over every choice of leaf boundaries, as :func:`hierarchy.nest` prices them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(60, 4)) + np.repeat(rng.normal(size=(6, 4)), 10, axis=0)
    sums = prefix_sums(x / np.linalg.norm(x, axis=1, keepdims=True))
    leaves = np.sort(rng.choice(np.arange(1, 60), m, replace=False)).astype(np.intp)
    odds = np.zeros(61)
    odds[leaves] = rng.normal(0, 4, m)
    share = float(scatter(sums, 0, 60)) * hierarchy.USUAL_S / 60

    def price(cuts: tuple[int, ...]) -> float:
        edges = np.array([0, *cuts, 60])
        odd = np.log(np.diff(edges) / hierarchy.USUAL_S) ** 2 * hierarchy._DURATION_WEIGHT
        said = odds[list(cuts)].sum() * hierarchy._ODDS_WEIGHT
        return float(scatter(sums, edges[:-1], edges[1:]).sum()) + share * (odd.sum() - said)

    best = min(price(c) for k in range(m + 1) for c in combinations(leaves.tolist(), k))
    chosen = hierarchy.nest(sums, leaves, np.arange(61.0), [None], odds)[0]
    assert price(tuple(chosen)) == pytest.approx(best, abs=1e-9)
