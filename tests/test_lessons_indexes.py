"""Lesson 7: indexes against brute force, what they look at, hubs and ties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import skew
from sklearn.neighbors import NearestNeighbors

from videxplore.lessons.graph_index import fit_graph
from videxplore.lessons.hubs import count_neighbours
from videxplore.lessons.index_labs import CODES, GRAPH, LISTS
from videxplore.lessons.indexes import Exact, enlarge, fit_codes, fit_lists, measure, others
from videxplore.lessons.similarity import centred

FITS = {
    LISTS: lambda vectors, seed: fit_lists(vectors, 9, seed=seed),
    GRAPH: lambda vectors, seed: fit_graph(vectors, links=4, seed=seed),
    CODES: lambda vectors, seed: fit_codes(vectors, 3, seed=seed),
}


def crowd(seed: int, n: int = 150, d: int = 12):
    rng = np.random.default_rng(seed)
    return centred(rng.normal(size=(6, d))[rng.integers(6, size=n)] + 0.5 * rng.normal(size=(n, d)))


def by_numpy(vectors, row, k):
    away = np.round(np.square(vectors - vectors[row]).sum(axis=1), 9)
    return [i for i in np.argsort(away, kind="stable").tolist() if i != row][:k]


@settings(max_examples=8)
@given(st.integers(0, 10**6), st.sampled_from([LISTS, CODES]))
def test_full_effort_is_brute_force_in_the_same_order(seed, name):
    vectors = crowd(seed)
    vectors[20:24] = vectors[20]  # equal ones
    index = FITS[name](vectors, seed % 7)
    whole = 9 if name == LISTS else len(vectors)
    for row in (0, 21, 149):
        found = index.search(vectors[row], 11, whole).rows
        assert others(found, row, 10).tolist() == by_numpy(vectors, row, 10)
    assert all(
        run.recall.mean() == 1.0 for run in measure(index, vectors, np.arange(0, 150, 7), [whole], k=10)
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_graph_with_all_in_sight_finds_what_it_can_reach(seed):
    vectors = crowd(seed, n=300)
    graph = fit_graph(vectors, seed=seed)
    (most,) = measure(graph, vectors, np.arange(0, 300, 11), [300])
    assert most.recall.mean() == 1.0
    assert most.looked_at == 300
    few, more = measure(graph, vectors, np.arange(300), [11, 64])
    assert few.looked_at < 150
    assert 0.9 < few.recall.mean() <= more.recall.mean()
    degree = [len(links) for links in graph.floors[0].values()]
    assert max(degree) <= 16
    assert set(graph.floors[0]) == set(range(300))
    for lower, upper in zip(graph.floors, graph.floors[1:], strict=False):
        assert set(upper) < set(lower)


def test_exact_equals_scikit_learn():
    vectors = crowd(3)
    wanted = NearestNeighbors(n_neighbors=11, algorithm="brute").fit(vectors).kneighbors(vectors)[1]
    found = np.stack([Exact(vectors).search(v, 11).rows for v in vectors])
    assert (np.sort(found, axis=1) == np.sort(wanted, axis=1)).all()


def test_one_probe_reads_the_nearest_list_only():
    vectors = crowd(5)
    lists = fit_lists(vectors, 9)
    answer = lists.search(vectors[17], 5, 1)
    assert set(lists.owner[answer.seen]) == {lists.owner[17]}
    assert answer.looked_at == 9 + (lists.owner == lists.owner[17]).sum()
    assert sum(map(len, lists.members)) == len(vectors)


def test_estimates_are_distances_to_what_the_codes_stand_for():
    vectors = crowd(6)
    coded = fit_codes(vectors, 5)
    wanted = np.square(coded.books.decode(coded.codes) - vectors[8]).sum(axis=1)
    np.testing.assert_allclose(coded.estimate(vectors[8]), wanted, atol=1e-8)
    assert coded.search(vectors[8], 5, 5).looked_at == pytest.approx(16 + 150 * 5 / 12)


@pytest.mark.parametrize(("fit", "count"), [(fit_lists, 0), (fit_codes, 99)])
def test_impossible_sizes_are_refused(fit, count):
    with pytest.raises(ValueError, match="must be"):
        fit(crowd(0), count)
    with pytest.raises(ValueError, match="links must be"):
        fit_graph(crowd(0), links=1)


def test_enlarged_keeps_the_first_and_lies_between_neighbours():
    vectors = crowd(4)
    more = enlarge(vectors, 400, near=3)
    assert (more[:150] == vectors).all()
    np.testing.assert_allclose(np.linalg.norm(more, axis=1), 1.0)
    assert (np.max(more[150:] @ vectors.T, axis=1) > 0.5).all()


def test_popularity_equals_scipy_and_counts_everything():
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(80, 4)) * rng.lognormal(size=(80, 1))
    for measured in ("cosine", "dot product", "distance"):
        found = count_neighbours(vectors, 6, measured)
        assert found.counts.sum() == 6 * 80
        assert found.skewness == pytest.approx(skew(found.counts))
    assert count_neighbours(vectors, 6, "dot product").unreached > found.unreached
    tied = count_neighbours(np.repeat(vectors[:10], 8, axis=0), 6, "distance")
    assert tied.tied == 1.0  # seven equals for six places
