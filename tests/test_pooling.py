"""Parents from children: identities that must hold whatever the vectors are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.stages.pooling import (
    METHODS,
    attention_weights,
    late_interaction,
    medoid,
    normalise,
    pool,
    pool_ranges,
    pool_vectors,
    sub_centroids,
)

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


@st.composite
def sets(draw):
    """Vectors (n, d), weights (n,)."""
    n, d = draw(st.integers(1, 12)), draw(st.integers(2, 9))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    return rng.normal(size=(n, d)), rng.uniform(0.1, 9.0, n)


@pytest.mark.parametrize("method", METHODS)
@given(sets(), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_no_pooling_knows_an_order(method, given_set, random):
    vectors, weights = given_set
    order = list(range(len(vectors)))
    random.shuffle(order)
    pooled = pool_vectors(vectors, weights, method)
    assert pooled.dtype == np.float32
    assert pooled.shape == vectors.shape[1:]
    np.testing.assert_allclose(pool_vectors(vectors[order], weights[order], method), pooled, atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
@given(sets())
@settings(max_examples=15, deadline=None)
def test_what_says_nothing_counts_for_nothing(method, given_set):
    vectors, weights = given_set
    padded = np.concatenate([np.zeros((2, vectors.shape[1])), vectors])
    more = np.concatenate([[5.0, 1.0], weights])
    alone = pool_vectors(vectors, weights, method)
    np.testing.assert_allclose(pool_vectors(padded, more, method), alone, atol=1e-5)
    assert not pool_vectors(np.zeros((3, 4)), None, method).any()
    np.testing.assert_allclose(pool_vectors(vectors[:1], None, method), vectors[0], rtol=1e-4, atol=1e-6)


@given(sets())
@settings(max_examples=40, deadline=None)
def test_the_mean_is_that_of_the_parents_of_trees(given_set):
    vectors, weights = given_set
    np.testing.assert_allclose(pool_vectors(vectors, weights), pool(vectors, weights)[0], atol=1e-6)
    np.testing.assert_allclose(pool_vectors(vectors, weights, "equal"), vectors.mean(0), atol=1e-6)


def test_gem_is_the_generalised_mean():
    """(1/n Σ x^p)^(1/p) of Radenović et al. (2019), in their own words: clamp, pow, mean, pow."""
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).uniform(0, 1, (17, 6))
    theirs = torch.tensor(x).clamp(min=1e-6).pow(3).mean(dim=0).pow(1 / 3).numpy()
    np.testing.assert_allclose(pool_vectors(x, None, "gem"), theirs, rtol=1e-6)
    signed = pool_vectors(x - 0.5, None, "gem")
    np.testing.assert_allclose(pool_vectors(0.5 - x, None, "gem"), -signed, rtol=1e-6)
    assert (pool_vectors(x, None, "max") >= theirs).all()
    assert (theirs >= x.mean(0)).all()


def test_attention_is_the_query_scored_mean():
    """softmax(q·v / τ) over unit vectors, τ = 0.1, then the weighted sum (Bain et al. 2022, section 3)."""
    from scipy.special import softmax

    rng = np.random.default_rng(1)
    unit, _ = normalise(rng.normal(size=(9, 16)))
    query = rng.normal(size=16)
    weights = softmax(unit @ (query / np.linalg.norm(query)) / 0.1)
    np.testing.assert_allclose(attention_weights(unit, None, query), weights, atol=1e-6)
    np.testing.assert_allclose(pool_vectors(unit, None, "attention", query=query), weights @ unit, atol=1e-6)
    nearest = unit[np.argmax(unit @ query)]
    pooled = pool_vectors(unit, None, "attention", query=query)
    assert pooled @ nearest / np.linalg.norm(pooled) > unit.mean(0) @ nearest / np.linalg.norm(unit.mean(0))
    # A child shown twice as long counts as two.
    twice = np.concatenate([unit, unit[:1]])
    np.testing.assert_allclose(
        pool_vectors(twice, None, "attention", query=query),
        pool_vectors(unit, [2, *[1] * 8], "attention", query=query),
        atol=1e-6,
    )


def test_the_medoid_is_a_child_and_the_nearest_to_all():
    rng = np.random.default_rng(2)
    vectors, weights = rng.normal(size=(11, 5)), rng.uniform(0.5, 2, 11)
    unit, _ = normalise(vectors)
    sums = [(weights * (unit @ row)).sum() for row in unit]
    assert medoid(vectors, weights) == int(np.argmax(sums))
    np.testing.assert_allclose(pool_vectors(vectors, weights, "medoid"), vectors[np.argmax(sums)], atol=1e-6)


def test_sub_centroids_find_what_was_planted():
    rng = np.random.default_rng(3)
    themes, _ = normalise(rng.normal(size=(3, 32)))
    owners = np.repeat([0, 1, 2], [60, 30, 10])
    vectors = themes[owners] + rng.normal(0, 0.03, (100, 32))
    centres, shares = sub_centroids(vectors, None, 3)
    np.testing.assert_allclose(shares, [0.6, 0.3, 0.1], atol=1e-6)
    np.testing.assert_allclose((centres * themes).sum(1), 1.0, atol=0.01)
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1.0, atol=1e-5)
    # A mean is all about the long theme; of the centroids the short one answers as well as any.
    mean, _ = normalise(pool_vectors(vectors)[None])
    assert late_interaction(themes[2], centres) > 0.97 > 0.6 > float(mean[0] @ themes[2])
    few, each = sub_centroids(vectors[:3], [1, 2, 3])
    np.testing.assert_allclose(each, [3 / 6, 2 / 6, 1 / 6], atol=1e-6)
    np.testing.assert_allclose((few * normalise(vectors[[2, 1, 0]])[0]).sum(1), 1.0, atol=1e-6)
    assert len(sub_centroids(np.repeat(vectors[:1], 9, axis=0))[0]) == 1
    assert len(sub_centroids(np.zeros((2, 4)))[0]) == 0


def test_late_interaction_is_the_mean_of_best_cosines():
    rng = np.random.default_rng(4)
    query, vectors = rng.normal(size=(3, 8)), rng.normal(size=(5, 8))
    expected = np.mean([max(a @ b / np.linalg.norm(a) / np.linalg.norm(b) for b in vectors) for a in query])
    assert late_interaction(query, vectors) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((np.zeros((0, 3)),), "n ≥ 1"),
        ((np.ones((2, 3)), [1.0, 0.0]), "positive"),
        ((np.ones((2, 3)), None, "median"), "allowed: mean, equal, gem"),
    ],
)
def test_wrong_sets_are_named(arguments, word):
    with pytest.raises(ValueError, match=word):
        pool_vectors(*arguments)
    with pytest.raises(ValueError, match="query of shape"):
        pool_vectors(np.ones((2, 3)), None, "mean", query=np.ones(3))
    with pytest.raises(ValueError, match="query of shape"):
        pool_vectors(np.ones((2, 3)), None, "attention", query=np.ones(4))
