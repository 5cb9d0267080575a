"""Boundary measures against naive references that follow the papers word by word, and their limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.stages.evaluation.edges import (
    coverage,
    match_boundaries,
    overflow,
    overlaps,
    p_k,
    relative_f1,
    score_boundaries,
    window_difference,
)

DURATION_S = 120


@st.composite
def divisions(draw):
    inner = draw(st.sets(st.integers(1, DURATION_S * 4 - 1), max_size=12))
    return np.array([0.0, *sorted(k / 4 for k in inner), DURATION_S])


def labels(edges, grid):
    return np.searchsorted(edges[1:-1], grid, "right")


@settings(max_examples=60, deadline=None)
@given(divisions(), divisions())
def test_windows_count_as_a_walk_over_a_fine_grid_does(found, known):
    """Reference: the papers' sum over positions, on a grid of 20 ms."""
    step = 0.02
    grid = np.arange(0, DURATION_S, step) + 0.0101
    width = round(DURATION_S / (2 * (len(known) - 1)) / step)
    f, k = labels(found, grid), labels(known, grid)
    claims, facts = f[width:] - f[:-width], k[width:] - k[:-width]
    assert window_difference(found, known) == pytest.approx(np.mean(claims != facts), abs=0.01)
    assert p_k(found, known) == pytest.approx(np.mean((claims > 0) != (facts > 0)), abs=0.01)


@settings(max_examples=60, deadline=None)
@given(divisions(), divisions())
def test_overflow_and_coverage_by_their_definitions(found, known):
    """Reference: Vendrig and Worring's equations with sets of quarter seconds."""
    quarters = np.arange(DURATION_S * 4)
    shots = [set(quarters[labels(found, quarters / 4) == i]) for i in range(len(found) - 1)]
    scenes = [set(quarters[labels(known, quarters / 4) == j]) for j in range(len(known) - 1)]
    total = covered = spilled = 0.0
    for j, scene in enumerate(scenes):
        total += len(scene)
        covered += max(len(shot & scene) for shot in shots)
        beside = sum(len(scenes[i]) for i in (j - 1, j + 1) if 0 <= i < len(scenes))
        outside = sum(len(shot - scene) for shot in shots if shot & scene)
        spilled += len(scene) * (min(1.0, outside / beside) if beside else 0.0)
    assert coverage(found, known) == pytest.approx(covered / total)
    assert overflow(found, known) == pytest.approx(spilled / total)


@given(divisions())
def test_a_division_agrees_with_itself(edges):
    assert score_boundaries(edges, edges, 0.0) == (1.0, 1.0, 1.0)
    assert (coverage(edges, edges), overflow(edges, edges)) == (1.0, 0.0)
    assert (window_difference(edges, edges), p_k(edges, edges)) == (0.0, 0.0)
    assert relative_f1(edges, edges) == 1.0


@given(divisions(), divisions())
def test_measures_stay_in_their_range(found, known):
    for measure in (coverage, overflow, window_difference, p_k, relative_f1):
        assert 0.0 <= measure(found, known) <= 1.0
    assert p_k(found, known) <= window_difference(found, known)
    np.testing.assert_allclose(overlaps(found, known).sum(axis=1), np.diff(found))


@given(divisions(), divisions(), st.floats(0, 10))
def test_matching_is_one_to_one_and_within_the_tolerance(found, known, tolerance):
    pairs = match_boundaries(found[1:-1], known[1:-1], tolerance)
    assert len({i for i, _ in pairs}) == len(pairs) == len({j for _, j in pairs})
    assert all(abs(found[1 + i] - known[1 + j]) <= tolerance + 1e-9 for i, j in pairs)
    assert len(pairs) == len(match_boundaries(known[1:-1], found[1:-1], tolerance))


def test_cutting_too_often_and_too_seldom_show_in_different_figures():
    known = np.array([0.0, 40, 80, 120])
    often, seldom = np.arange(0, 121, 10.0), np.array([0.0, 120])
    assert (coverage(often, known), overflow(often, known)) == (0.25, 0.0)
    assert coverage(seldom, known) == 1.0
    assert overflow(seldom, known) > 0.9
    assert score_boundaries(often, known, 0.5)[:2] == (2 / 11, 1.0)
    assert score_boundaries(seldom, known, 0.5) == (0.0, 0.0, 0.0)


def test_relative_tolerance_grows_with_the_video():
    known = np.array([0.0, 60, 120])
    assert relative_f1(np.array([0.0, 65.9, 120]), known) == 1.0
    assert relative_f1(np.array([0.0, 66.1, 120]), known) == 0.0
