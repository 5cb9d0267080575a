"""The exact partition: against brute force, against ruptures, and by its invariants."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.stages.segmentation.hierarchy import build_ladder, climb, nest
from videxplore.stages.segmentation.partition import (
    find_penalty,
    measure_costs,
    partition,
    prefix_sums,
    scatter,
)


def unit_vectors(seed: int, n: int, d: int = 5, jumps: int = 3, noise: float = 0.4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    means = rng.normal(size=(jumps + 1, d))
    label = np.sort(rng.integers(0, jumps + 1, n))
    x = means[label] + noise * rng.normal(size=(n, d))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def price(sums: np.ndarray, cuts: tuple[int, ...], beta: float, rewards: np.ndarray) -> float:
    edges = np.array([0, *cuts, len(sums) - 1])
    cost = float(scatter(sums, edges[:-1], edges[1:]).sum())
    return cost + beta * sum(1 - rewards[c] for c in cuts)


def cheapest(sums: np.ndarray, beta: float, rewards: np.ndarray, low: int, high: int) -> float:
    """The smallest price over every partition whose segments have an allowed length."""
    n = len(sums) - 1
    best = np.inf
    for k in range(n):
        for cuts in combinations(range(1, n), k):
            lengths = np.diff([0, *cuts, n])
            if lengths.min() >= low and lengths.max() <= high:
                best = min(best, price(sums, cuts, beta, rewards))
    return best


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(2, 11),
    beta=st.floats(0, 6),
    low=st.integers(1, 2),
    with_rewards=st.booleans(),
)
def test_partition_equals_brute_force(seed, n, beta, low, with_rewards):
    sums = prefix_sums(unit_vectors(seed, n))
    rewards = np.random.default_rng(seed).uniform(0, 0.95, n + 1) * with_rewards
    high = n if seed % 2 else max(2 * low + 1, n // 2)
    costs = measure_costs(sums, min_length=min(low, n), max_length=high)
    found = tuple(partition(costs, beta, rewards)[0].tolist())
    lengths = np.diff([0, *found, n])
    assert lengths.min() >= min(low, n)
    assert lengths.max() <= high
    assert price(sums, found, beta, rewards) == pytest.approx(
        cheapest(sums, beta, rewards, min(low, n), high), abs=1e-9
    )


@pytest.mark.parametrize("beta", [0.0, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0])
def test_partition_equals_brute_force_at_14(beta):
    sums = prefix_sums(unit_vectors(3, 14))
    rewards = np.zeros(15)
    found = tuple(partition(measure_costs(sums), beta)[0].tolist())
    assert price(sums, found, beta, rewards) == pytest.approx(cheapest(sums, beta, rewards, 1, 14), abs=1e-9)


@pytest.mark.parametrize("beta", [0.5, 2.0, 8.0])
def test_partition_equals_ruptures_at_2000(beta):
    ruptures = pytest.importorskip("ruptures")
    x = unit_vectors(1, 2000, d=24, jumps=40, noise=0.5)
    # ruptures normalises rows itself and counts the end of the signal as a breakpoint.
    known = ruptures.KernelCPD(kernel="cosine", min_size=4).fit(x).predict(pen=beta)
    costs = measure_costs(prefix_sums(x), min_length=4)
    assert partition(costs, beta)[0].tolist() == known[:-1]
    assert len(known) > 5


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 120), low=st.integers(1, 4))
def test_number_of_segments_never_rises_with_the_penalty(seed, n, low):
    costs = measure_costs(prefix_sums(unit_vectors(seed, n)), min_length=min(low, n))
    counts = [len(c) for c in partition(costs, np.geomspace(1e-3, 50, 25))]
    assert counts == sorted(counts, reverse=True)


def test_rewarded_boundary_is_kept_longer():
    x = np.repeat(np.eye(3), 20, axis=0) + 0.01
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    costs = measure_costs(prefix_sums(x))
    rewards = np.zeros(61)
    rewards[20] = 0.8
    counts = {beta: partition(costs, beta, rewards)[0].tolist() for beta in (5.0, 25.0, 200.0)}
    assert counts == {5.0: [20, 40], 25.0: [20], 200.0: []}


def test_penalty_for_a_count_is_found():
    x = unit_vectors(5, 1200, d=16, jumps=60)
    costs = measure_costs(prefix_sums(x), min_length=4, max_length=240)
    for count in (30, 60, 150):
        penalty, cuts = find_penalty(costs, count)
        assert len(cuts) + 1 == pytest.approx(count, rel=0.1)
        assert partition(costs, penalty)[0].tolist() == cuts.tolist()


def test_lengths_are_bounded_where_nothing_changes():
    x = np.ones((1000, 3)) / np.sqrt(3)
    costs = measure_costs(prefix_sums(x), min_length=4, max_length=240)
    cuts = partition(costs, 5.0)[0]
    assert np.diff([0, *cuts, 1000]).max() <= 240
    assert len(cuts) == 4


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="vectors"):
        prefix_sums(np.zeros(3))
    costs = measure_costs(prefix_sums(np.eye(4)))
    with pytest.raises(ValueError, match="penalties"):
        partition(costs, -1.0)
    with pytest.raises(ValueError, match="rewards"):
        partition(costs, 1.0, np.zeros(2))
    with pytest.raises(ValueError, match="allowed length"):
        partition(measure_costs(prefix_sums(np.eye(5)), min_length=4, max_length=4), 1.0)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(40, 300))
def test_levels_are_nested(seed, n):
    sums = prefix_sums(unit_vectors(seed, n, jumps=8))
    leaves = partition(measure_costs(sums, min_length=2), 0.3)[0]
    levels = nest(sums, leaves, np.arange(n + 1.0), [n / 3, n / 10], finest_s=1.0)
    assert set(levels[0]) <= set(levels[1]) <= set(leaves.tolist())


def test_persistence_is_the_last_rung_survived():
    rng = np.random.default_rng(0)
    # Two chapters far apart, each of two scenes less far apart.
    means = np.array([[10, 0, 3], [10, 0, -3], [0, 10, 3], [0, 10, -3.0]])
    x = np.repeat(means, 50, axis=0) + 0.1 * rng.normal(size=(200, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    sums = prefix_sums(x)
    ladder = build_ladder(sums)
    persistence = climb(sums, np.array([50, 75, 100, 150]), ladder)
    assert persistence[2] > 3 * persistence[0]
    assert persistence[0] > 3 * persistence[1]
    assert set(persistence.tolist()) <= {0.0, *ladder}
    for beta in ladder:
        restricted = partition(measure_costs(sums, knots=[50, 75, 100, 150]), beta)[0]
        assert set(restricted.tolist()) <= {50, 75, 100, 150}


def test_restricted_partition_is_near_the_independent_optimum():
    """Nesting costs next to nothing: under .1 % of the objective, 12 signals, 3 penalties."""
    gaps = []
    for seed in range(12):
        sums = prefix_sums(unit_vectors(seed, 600, d=12, jumps=24, noise=0.6))
        costs = measure_costs(sums, min_length=4)
        leaves = partition(costs, 0.5)[0]
        restricted = measure_costs(sums, knots=leaves)
        none = np.zeros(601)
        for beta in (2.0, 5.0, 10.0):
            free = price(sums, tuple(partition(costs, beta)[0]), beta, none)
            bound = price(sums, tuple(partition(restricted, beta)[0]), beta, none)
            gaps.append(bound / free - 1)
    assert np.mean(gaps) < 1e-3
