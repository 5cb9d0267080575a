"""Two encoders on the same segments: against the definitions, planted answers, and on a library."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom, ortho_group
from sklearn.neighbors import NearestNeighbors

import videxplore as vx
from videxplore.stages.evaluation.spaces import (
    compare_neighbours,
    jaccard_chance,
    linear_cka,
    procrustes_residual,
    shared_chance,
)


def unit(values):
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def random_vectors(n, d, seed=0):
    return unit(np.random.default_rng(seed).normal(size=(n, d)))


def embeddings(vectors, name="a", level="moment"):
    ids = tuple(f"{i:020d}" for i in range(len(vectors)))
    return vx.Embeddings(vectors, ids, (level,) * len(ids), vx.EncoderCard(name, vectors.shape[1]))


def literal_cka(x, y):
    """Song et al. 2012, equation 5, with the n × n kernels written out."""

    def hsic(k, m):
        n = len(k)
        k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
        one = np.ones(n)
        total = np.trace(k @ m) + (one @ k @ one) * (one @ m @ one) / ((n - 1) * (n - 2))
        return (total - 2 / (n - 2) * (one @ k @ m @ one)) / (n * (n - 3))

    x, y = (np.asarray(v, np.float64) for v in (x, y))
    k, m = x @ x.T, y @ y.T
    return hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))


class TestAgainstTheDefinitions:
    @settings(max_examples=25, deadline=None)
    @given(n=st.integers(5, 40), d=st.integers(1, 30), e=st.integers(1, 30), seed=st.integers(0, 999))
    def test_property_cka_is_the_literal_formula(self, n, d, e, seed):
        rng = np.random.default_rng(seed)
        shared = rng.normal(size=(n, 3))
        x = shared @ rng.normal(size=(3, d)) + 0.3 * rng.normal(size=(n, d))
        y = shared @ rng.normal(size=(3, e)) + 0.3 * rng.normal(size=(n, e))
        assert linear_cka(x, y) == pytest.approx(literal_cka(x, y), abs=1e-8, nan_ok=True)

    @settings(max_examples=25, deadline=None)
    @given(n=st.integers(4, 40), d=st.integers(1, 20), e=st.integers(1, 20), seed=st.integers(0, 999))
    def test_property_procrustes_is_scipys(self, n, d, e, seed):
        x, y = random_vectors(n, d, seed), random_vectors(n, e, seed + 1)
        a, b = (np.pad(v - v.mean(0), ((0, 0), (0, max(d, e) - v.shape[1]))).astype(float) for v in (x, y))
        a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
        rotation, scale = scipy.linalg.orthogonal_procrustes(a, b)
        assert procrustes_residual(x, y) == pytest.approx(
            np.linalg.norm(scale * a @ rotation - b) ** 2, abs=1e-6
        )

    @pytest.mark.parametrize(("n", "k"), [(30, 5), (1100, 10)])
    def test_neighbours_are_those_of_brute_force(self, n, k):
        first, second = random_vectors(n, 12), random_vectors(n, 20, 1)
        near = compare_neighbours(first, second, k)
        lists = []
        for vectors, found in ((first, near.first), (second, near.second)):
            search = NearestNeighbors(n_neighbors=k + 1, metric="cosine", algorithm="brute").fit(vectors)
            expected = search.kneighbors(vectors, return_distance=False)[:, 1:]
            # Rounding may turn two neighbours round that are as good as equally near.
            assert np.mean(np.sort(found, axis=1) == np.sort(expected, axis=1)) > 0.999
            lists.append([set(row) for row in found.tolist()])
        shared = [len(a & b) for a, b in zip(*lists, strict=True)]
        assert near.shared.tolist() == shared
        assert near.jaccard.tolist() == [len(a & b) / len(a | b) for a, b in zip(*lists, strict=True)]

    def test_displacement_is_the_mean_place_in_the_others_list(self):
        first, second = random_vectors(25, 6), random_vectors(25, 6, 1)
        near = compare_neighbours(first, second, 3)
        for row in range(25):
            depths = []
            for vectors, top in ((second, near.first[row]), (first, near.second[row])):
                others = [i for i in np.argsort(-(vectors @ vectors[row]), kind="stable") if i != row]
                depths.append((np.mean([others.index(i) for i in top]) - 1) / (23 - 1))
            assert near.displacement[row] == pytest.approx(np.mean(depths))

    @pytest.mark.parametrize(("n", "k"), [(12, 3), (60, 10), (2000, 10)])
    def test_chance_levels(self, n, k):
        m = np.arange(k + 1)
        p = hypergeom(n - 1, k, k).pmf(m)
        assert jaccard_chance(n, k) == pytest.approx(np.sum(p * m / (2 * k - m)))
        assert shared_chance(n, k) == pytest.approx(np.sum(p * m) / k)


class TestPlanted:
    @settings(max_examples=15, deadline=None)
    @given(seed=st.integers(0, 999), d=st.integers(2, 24))
    def test_property_a_rotation_is_the_same_space(self, seed, d):
        vectors = random_vectors(60, d, seed)
        turned = unit(vectors @ ortho_group.rvs(d, random_state=seed))
        found = vx.compare_encoders(embeddings(vectors), embeddings(turned, "b"), k=5)
        assert found.figures["jaccard"] == pytest.approx(1.0, abs=0.02)
        assert found.figures["cka"] == pytest.approx(1.0, abs=1e-5)
        assert found.figures["procrustes"] == pytest.approx(0.0, abs=1e-5)
        assert found.displacement.max() < 0.02

    def test_more_dimensions_of_nothing_change_nothing(self):
        vectors = random_vectors(50, 8)
        wider = np.pad(vectors, ((0, 0), (0, 5)))
        found = vx.compare_encoders(embeddings(vectors), embeddings(wider, "b"))
        assert (found.figures["jaccard"], found.figures["shared"]) == (1.0, 1.0)
        assert found.figures["procrustes"] == pytest.approx(0.0, abs=1e-6)

    def test_strangers_are_at_chance(self):
        found = vx.compare_encoders(
            embeddings(random_vectors(600, 32)), embeddings(random_vectors(600, 64, 1), "b")
        )
        for name in ("jaccard", "shared", "cka"):
            assert found.figures[name] == pytest.approx(found.chance[name], abs=0.01)
        assert found.figures["procrustes"] == pytest.approx(found.chance["procrustes"], abs=0.02)
        assert found.displacement.mean() == pytest.approx(0.5, abs=0.02)
        # Few items and many dimensions: unrelated spaces fit each other far better than 1 would say.
        few = vx.compare_encoders(
            embeddings(random_vectors(20, 64)), embeddings(random_vectors(20, 64, 1), "b"), k=3
        )
        assert few.chance["procrustes"] < 0.2

    def test_the_segment_that_moved_is_found(self):
        rng = np.random.default_rng(0)
        centres = random_vectors(6, 16)
        vectors = unit(np.repeat(centres, 10, axis=0) + 0.05 * rng.normal(size=(60, 16)))
        moved = vectors.copy()
        moved[7] = unit(centres[4][None] + 0.05 * rng.normal(size=(1, 16)))[0]
        found = vx.compare_encoders(embeddings(vectors), embeddings(moved, "b"), k=5)
        worst = found.disagreements[0]
        assert worst.segment_id == f"{7:020d}"
        assert worst.jaccard == 0.0
        assert {int(i) // 10 for i in worst.first} == {0}
        assert {int(i) // 10 for i in worst.second} == {4}
        assert found.to_pandas().segment_id[0] == worst.segment_id


class TestAsked:
    def test_rows_in_another_order_are_the_same(self):
        first, second = embeddings(random_vectors(40, 6)), embeddings(random_vectors(40, 9, 1), "b")
        order = np.random.default_rng(0).permutation(40)
        plain, mixed = (vx.compare_encoders(first, b, k=4) for b in (second, second.select(order)))
        assert plain.figures == mixed.figures
        assert plain.disagreements == mixed.disagreements

    def test_segments_without_a_word_are_left_out_and_counted(self):
        vectors = random_vectors(40, 6)
        vectors[:3] = 0
        found = vx.compare_encoders(embeddings(vectors), embeddings(random_vectors(40, 5, 1), "b"))
        assert (len(found.segment_ids), found.left_out) == (37, 3)

    def test_a_sample_is_drawn_from_many(self):
        first, second = embeddings(random_vectors(300, 6)), embeddings(random_vectors(300, 5, 1), "b")
        found = vx.compare_encoders(first, second, most=100, seed=3)
        again = vx.compare_encoders(first, second, most=100, seed=3)
        assert (len(found.segment_ids), found.drawn_from) == (100, 300)
        assert found.segment_ids == again.segment_ids
        assert found.figures == again.figures

    def test_two_of_one_name_are_told_apart(self):
        a = embeddings(random_vectors(30, 6))
        b = replace(a, card=vx.EncoderCard("a", 6, revision="2"))
        assert vx.compare_encoders(a, b, k=3).names == ("a (1)", "a (2)")

    def test_what_is_wrong_is_said(self):
        a = embeddings(random_vectors(30, 6))
        with pytest.raises(ValueError, match=r"30 segments on level 'moment' are too few.*30 neighbours"):
            vx.compare_encoders(a, a, k=30)
        with pytest.raises(ValueError, match="k must be a whole number"):
            vx.compare_encoders(a, a, k=0)
        with pytest.raises(ValueError, match="10 of level 'moment' are on one side only"):
            vx.compare_encoders(a, a.select(np.arange(20)), k=3)
        with pytest.raises(ValueError, match="level must be one of moment, got 'scene'"):
            vx.compare_encoders(a, a, level="scene")
        with pytest.raises(ValueError, match="queries need encoders to ask"):
            vx.compare_encoders(a, a, k=3, queries=[], qrels={})
        with pytest.raises(TypeError, match="two Embeddings, or two libraries; got Embeddings, str"):
            vx.compare_encoders(a, "perceptual")
