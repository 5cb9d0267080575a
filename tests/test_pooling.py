"""Parents from children: identities that must hold whatever the vectors are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.stages.pooling import normalise, pool, pool_ranges

KINDS = ("mean", "max", "count")


@st.composite
def families(draw):
    """Children (n, d), durations and pooling kinds."""
    n, d = draw(st.integers(1, 12)), draw(st.integers(1, 8))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    kinds = tuple(draw(st.lists(st.sampled_from(KINDS), min_size=d, max_size=d)))
    values = rng.normal(size=(n, d))
    values[:, [kind == "count" for kind in kinds]] = rng.uniform(
        0, 0.95, (n, sum(k == "count" for k in kinds))
    )
    return values, rng.uniform(0.1, 9.0, n), kinds


@given(families())
@settings(max_examples=60, deadline=None)
def test_cosine_with_a_parent_is_the_mean_cosine_over_coherence(family):
    """cos(q, p) = Σ w cos(q, c) / R to 1e-6, for mean pooling."""
    values, durations, _ = family
    unit, _ = normalise(values)
    parent, coherence = pool(unit, durations)
    query = np.random.default_rng(1).normal(size=values.shape[1])
    query /= np.linalg.norm(query)
    if coherence < 1e-3:
        return
    left = query @ parent / np.linalg.norm(parent)
    right = (durations / durations.sum()) @ (unit @ query) / coherence
    assert left == pytest.approx(right, abs=1e-6 / coherence)
    assert np.linalg.norm(parent) == pytest.approx(coherence, abs=1e-6)


@given(families())
@settings(max_examples=60, deadline=None)
def test_pooling_leaves_equals_pooling_level_by_level(family):
    values, durations, kinds = family
    n = len(values)
    half = max(1, n // 2)
    whole, _ = pool(values, durations, kinds)
    parts = [slice(0, half), slice(half, n)] if half < n else [slice(0, n)]
    children = np.stack([pool(values[p], durations[p], kinds)[0] for p in parts])
    again, _ = pool(children, [durations[p].sum() for p in parts], kinds)
    np.testing.assert_allclose(again, whole, atol=2e-6, rtol=2e-5)


@given(families(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_order_does_not_matter_and_bounds_hold(family, random):
    values, durations, kinds = family
    order = list(range(len(values)))
    random.shuffle(order)
    parent, coherence = pool(values, durations, kinds)
    shuffled, same = pool(values[order], durations[order], kinds)
    np.testing.assert_allclose(shuffled, parent, atol=1e-6)
    assert same == pytest.approx(coherence, abs=1e-6)
    assert 0.0 <= coherence <= 1.0
    low, high = values.min(0) - 1e-6, values.max(0) + 1e-6
    for column, kind in enumerate(kinds):
        if kind == "count":
            assert high[column] - 2e-6 <= parent[column] <= 1.0
        else:
            assert low[column] <= parent[column] <= high[column]


def test_equal_children_make_an_equal_parent():
    row = np.array([[0.2, 0.5, -0.1]])
    parent, coherence = pool(np.repeat(row, 5, axis=0), np.arange(1, 6))
    np.testing.assert_allclose(parent, row[0], atol=1e-7)
    assert coherence == pytest.approx(1.0)


def test_the_count_rule_adds_counts():
    stored = 1 - np.exp(-np.array([[2.0], [0.0], [3.0]]) / 3)
    parent, _ = pool(stored, [1, 50, 2], ("count",))
    assert -3 * np.log(1 - parent[0]) == pytest.approx(5.0, abs=1e-4)


def test_children_that_say_nothing_do_not_lower_coherence():
    values = np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    assert pool(values, [1, 8, 1])[1] == pytest.approx(1.0)
    assert pool(np.zeros((2, 3)), [1, 1])[1] == 0.0


def test_many_parents_in_one_pass_equal_one_by_one():
    rng = np.random.default_rng(0)
    values, durations = rng.normal(size=(200, 6)), rng.uniform(0.5, 4, 200)
    values[:, 5] = rng.uniform(0, 0.5, 200)
    kinds = ("mean",) * 4 + ("max", "count")
    first = rng.integers(0, 199, 50)
    ranges = np.stack([first, np.minimum(200, first + rng.integers(1, 90, 50))], axis=1)
    pooled, coherence = pool_ranges(values, durations, ranges, kinds)
    for row, (i, j) in enumerate(ranges):
        one, r = pool(values[i:j], durations[i:j], kinds)
        np.testing.assert_allclose(pooled[row], one, atol=1e-6)
        assert coherence[row] == pytest.approx(r, abs=1e-6)


def test_a_hundred_thousand_segments_take_about_a_second():
    import time

    values = np.random.default_rng(0).normal(size=(100_000, 118)).astype(np.float32)
    edges = np.arange(0, 100_001, 10)
    ranges = np.stack([edges[:-1], edges[1:]], axis=1)
    kinds = ("mean",) * 90 + ("max",) * 20 + ("count",) * 8
    started = time.process_time()
    pooled, _ = pool_ranges(values, np.ones(100_000), ranges, kinds)
    assert time.process_time() - started < 5.0
    assert pooled.shape == (10_000, 118)


@pytest.mark.parametrize(
    ("values", "durations", "kinds", "word"),
    [
        (np.zeros((0, 2)), [], (), "n ≥ 1"),
        (np.zeros((2, 2)), [1.0, 0.0], (), "positive"),
        (np.zeros((2, 2)), [1.0], (), "durations_s"),
        (np.zeros((2, 2)), [1.0, 1.0], ("mean",), "pooling"),
        (np.zeros((2, 2)), [1.0, 1.0], ("mean", "median"), "pooling"),
    ],
)
def test_wrong_input_is_named(values, durations, kinds, word):
    with pytest.raises(ValueError, match=word):
        pool(values, durations, kinds)


def test_normalising_keeps_rows_of_zeros():
    unit, lengths = normalise(np.array([[3.0, 4.0], [0.0, 0.0]]))
    np.testing.assert_allclose(unit, [[0.6, 0.8], [0, 0]], atol=1e-7)
    assert lengths.tolist() == [5.0, 0.0]
