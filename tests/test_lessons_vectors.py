"""Computations of lessons 1 and 4 against the libraries and formulas that define them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeCV
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.metrics.pairwise import cosine_similarity, euclidean_distances
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from videxplore.lessons.clips import BANDS, spectrum
from videxplore.lessons.compression import FORMATS, ORDERS, Compressor, K, encode
from videxplore.lessons.probes import FOLDS, PENALTIES, probe
from videxplore.lessons.quantisation import (
    LEVELS,
    fit_eight_bits,
    fit_product_codes,
    hamming,
    k_means,
    sign_bits,
)
from videxplore.lessons.reduction import fit_axes
from videxplore.lessons.representations import try_transfer
from videxplore.lessons.seconds import POOLINGS, Seconds, identify
from videxplore.lessons.similarity import area_under_roc, centred, compare, nearest, neighbours, recall


def drawn(n: int, d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)) * np.geomspace(3, 0.1, d)


def compressor(n: int = 80, d: int = 24) -> Compressor:
    clips = SimpleNamespace(embeddings=SimpleNamespace(vectors=drawn(n, d)), __len__=lambda: n)
    return Compressor(type("Made", (), {"embeddings": clips.embeddings, "__len__": lambda _: n})())


def test_measures_are_those_of_scikit_learn():
    a, b = drawn(7, 12), drawn(9, 12, 1)
    np.testing.assert_allclose(compare(a, b, "cosine"), cosine_similarity(a, b), atol=1e-12)
    np.testing.assert_allclose(compare(a, b, "distance"), -euclidean_distances(a, b), atol=1e-9)
    np.testing.assert_allclose(compare(a, b, "dot product"), a @ b.T)
    with pytest.raises(ValueError, match="measure must be one of"):
        compare(a, b, "manhattan")


def test_at_length_one_all_measures_agree_and_distance_follows_from_the_cosine():
    unit = centred(drawn(40, 9))
    orders = [neighbours(unit, 39, measure) for measure in ("cosine", "dot product", "distance")]
    assert (orders[0] == orders[1]).all()
    assert (orders[0] == orders[2]).all()
    np.testing.assert_allclose(compare(unit, unit, "distance") ** 2, 2 - 2 * compare(unit, unit), atol=1e-9)


def test_equals_come_in_the_order_of_a_lot():
    equal = np.zeros((1, 50))
    assert nearest(equal, 5, seed=1).tolist() == nearest(equal, 5, seed=1).tolist()
    assert nearest(equal, 5, seed=1).tolist() != nearest(equal, 5, seed=2).tolist()
    assert nearest(equal, 5, seed=1)[0].tolist() != [0, 1, 2, 3, 4]


def test_recall_counts_like_sets():
    rng = np.random.default_rng(3)
    found, wanted = (np.stack([rng.permutation(20)[:6] for _ in range(30)]) for _ in range(2))
    naive = [len(set(f) & set(w)) / 6 for f, w in zip(found.tolist(), wanted.tolist(), strict=True)]
    np.testing.assert_allclose(recall(found, wanted), naive)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_area_under_the_curve_is_that_of_scikit_learn(pairs):
    scores, true = np.array([s for s, _ in pairs], float), np.array([t for _, t in pairs])
    area = area_under_roc(scores, true)
    if true.all() or not true.any():
        assert np.isnan(area)
    else:
        assert area == pytest.approx(roc_auc_score(true, scores))


def test_principal_axes_are_those_of_scikit_learn():
    vectors = drawn(60, 20)
    axes, theirs = fit_axes(vectors), PCA(svd_solver="full").fit(vectors)
    np.testing.assert_allclose(axes.variances, theirs.explained_variance_, rtol=1e-9)
    np.testing.assert_allclose(
        np.abs(axes.reduce(vectors, 8)), np.abs(theirs.transform(vectors)[:, :8]), atol=1e-9
    )
    np.testing.assert_allclose(axes.restore(axes.reduce(vectors, 20)), vectors, atol=1e-9)
    assert axes.explained[-1] == pytest.approx(1)
    with pytest.raises(ValueError, match="1 to 20"):
        axes.reduce(vectors, 21)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_eight_bits_are_off_by_half_a_step_at_most(seed):
    vectors = drawn(12, 5, seed)
    steps = fit_eight_bits(vectors)
    codes = steps.encode(vectors)
    low, high = vectors.min(axis=0), vectors.max(axis=0)
    naive = [
        [round((v - a) / (b - a) * LEVELS) for v, a, b in zip(row, low, high, strict=True)] for row in vectors
    ]
    assert codes.tolist() == naive
    assert (np.abs(steps.decode(codes) - vectors) <= steps.step / 2 + 1e-12).all()


def test_eight_bits_of_a_column_without_spread():
    flat = np.full((4, 2), 3.0)
    steps = fit_eight_bits(flat)
    assert (steps.decode(steps.encode(flat)) == flat).all()


def test_bits_that_differ_are_counted():
    a, b = sign_bits(drawn(6, 33)), sign_bits(drawn(8, 33, 1))
    naive = [[sum(x != y for x, y in zip(p, q, strict=True)) for q in b.tolist()] for p in a.tolist()]
    assert hamming(a, b).tolist() == naive


def test_k_means_ends_where_scikit_learn_does():
    points = drawn(200, 4)
    mine = k_means(points, 8, np.random.default_rng(0), rounds=200)
    theirs = KMeans(8, init=mine, n_init=1, max_iter=200, tol=0, algorithm="lloyd").fit(points)
    np.testing.assert_allclose(theirs.cluster_centers_, mine, atol=1e-6)
    off = ((points[:, None] - mine) ** 2).sum(axis=2).min(axis=1).sum()
    free = KMeans(8, n_init=20, random_state=0).fit(points).inertia_
    assert off <= 1.25 * free


def test_k_means_with_more_means_than_different_points():
    points = np.repeat(np.eye(3), 4, axis=0)
    means = k_means(points, 5, np.random.default_rng(0))
    assert np.isfinite(means).all()
    assert ((points[:, None] - means) ** 2).sum(axis=2).min(axis=1).max() == pytest.approx(0)


def test_product_codes_take_the_nearest_entry_of_each_book():
    vectors = drawn(90, 20)
    codes = fit_product_codes(vectors, columns=8, seed=2)
    naive = [
        [int(np.argmin([np.sum((row[g] - entry) ** 2) for entry in book]))
         for g, book in zip(codes.groups, codes.books, strict=True)]
        for row in vectors
    ]  # fmt: skip
    found = codes.encode(vectors)
    assert found.tolist() == naive
    back = codes.decode(found)
    for row in (0, 50):
        for column, (group, book) in enumerate(zip(codes.groups, codes.books, strict=True)):
            assert (back[row, group] == book[naive[row][column]]).all()
    assert sorted(np.concatenate(codes.groups).tolist()) == list(range(20))
    assert codes.bits == 4 * len(codes.groups)


@pytest.mark.parametrize("order", ORDERS)
def test_all_dimensions_in_full_precision_find_everything(order):
    made = compressor()
    assert made.recall(24, "float32", order) == 1.0


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("rescored", [False, True])
def test_what_is_found_equals_brute_force(format, rescored):
    made = compressor()
    code = made.code(8, format)
    unit = made.vectors / np.linalg.norm(made.vectors, axis=1, keepdims=True)
    for row in (0, 17, 79):
        others = [i for i in range(80) if i != row]
        pool = sorted(others, key=lambda i: -code.scores[row, i])
        if rescored:
            edge = code.scores[row, pool[4 * K - 1]]
            sure = [i for i in pool if code.scores[row, i] > edge]
            best = sorted(sure, key=lambda i: -(unit[row] @ unit[i]))[:K]
        else:
            edge = code.scores[row, pool[K - 1]]
            best = [i for i in pool if code.scores[row, i] > edge]
        found = made.found(8, format, rescored=rescored)[row].tolist()
        assert len(set(found)) == K
        if not rescored:
            assert set(best) <= set(found)  # of equal ones some are drawn
        else:
            kept = {i for i in best if i in made.wanted[row]}
            assert kept <= set(found)


def test_bits_of_a_code():
    sizes = {name: encode(drawn(40, 16), name).bits for name in FORMATS}
    assert sizes == {"float32": 512, "int8": 128, "binary": 16, "product codes": 8}
    with pytest.raises(ValueError, match="format must be one of"):
        encode(drawn(4, 4), "float16")


def test_recall_falls_with_the_bits_and_rescoring_never_hurts():
    made = compressor(120, 32)
    for format in FORMATS:
        _, plain = made.curve(format)
        _, again = made.curve(format, rescored=True)
        assert (again >= plain - 1e-12).all()
        assert plain[-1] > plain[0]
    assert made.chance == pytest.approx(K / 119)


def test_probe_is_ridge_regression_cross_validated():
    vectors = drawn(90, 10)
    weights = np.random.default_rng(1).normal(size=(10, 3))
    targets = vectors @ weights + np.random.default_rng(2).normal(size=(90, 3))
    r2, predicted = probe(vectors, targets, seed=4)
    parts = np.random.default_rng(4).permutation(90) % FOLDS
    scale = np.square(vectors - vectors.mean(axis=0)).mean() * 90
    model = RidgeCV([p * scale for p in PENALTIES], alpha_per_target=True)
    theirs = cross_val_predict(model, vectors, targets, cv=PredefinedSplit(parts))
    np.testing.assert_allclose(predicted, theirs, atol=1e-9)
    np.testing.assert_allclose(r2, r2_score(targets, theirs, multioutput="raw_values"), atol=1e-9)


def test_probe_finds_nothing_in_noise_and_nothing_where_nothing_varies():
    targets = np.column_stack([drawn(100, 1, 5)[:, 0], np.ones(100)])
    r2, _ = probe(drawn(100, 6), targets)
    assert r2[0] < 0.1
    assert np.isnan(r2[1])


def seconds_of(vectors: np.ndarray, films: int = 2) -> Seconds:
    n = len(vectors)
    ids = np.array([f"v{i * films // n}" for i in range(n)])
    return Seconds(vectors.astype(np.float32), ids, np.arange(n, dtype=float))


def test_windows_tile_every_film():
    seconds = seconds_of(drawn(30, 6))
    windows = seconds.windows(4)
    assert sorted(np.concatenate(windows).tolist()) == list(range(30))
    assert all(len(set(seconds.video_ids[rows])) == 1 for rows in windows)
    assert [len(rows) for rows in windows] == [4, 4, 4, 3] * 2


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_window_of_one_second_remembers_it(pooling):
    assert seconds_of(drawn(30, 12)).remembered(1, pooling).all()


def test_halves_that_are_the_same_are_told_and_strangers_are_not():
    centres = np.repeat(np.random.default_rng(0).normal(size=(20, 64)), 4, axis=0)
    told = identify(seconds_of(centres), 20, (1, 32))
    assert told[1] == 1.0
    assert told[0] < 0.3
    strangers = identify(seconds_of(np.random.default_rng(1).normal(size=(400, 64))), 50, (32,))
    assert strangers[0] < 0.1
    with pytest.raises(ValueError, match="2 to 20"):
        identify(seconds_of(centres), 21, (4,))


def test_spectrum_of_a_tone_stands_in_its_band():
    t = np.arange(16_000) / 16_000
    edges = np.geomspace(60.0, 7600.0, BANDS + 1)
    for hertz in (100, 440, 3000):
        band = int(np.argmax(spectrum(np.sin(2 * np.pi * hertz * t))))
        assert edges[band] / 1.3 < hertz < edges[band + 1] * 1.3
    assert (spectrum(np.zeros(8000)) == -100).all()
    assert (spectrum(np.zeros(3)) == -100).all()


def test_a_louder_sound_has_more_power_by_as_many_decibels():
    sound = np.random.default_rng(0).normal(size=16_000)
    np.testing.assert_allclose(spectrum(10 * sound) - spectrum(sound), 20, atol=1e-3)


class MadeClips:
    films = np.repeat(["a", "b", "c"], 20)
    scenes = np.array([f"{i // 5}" for i in range(60)])
    facts = {"true": np.arange(60) % 2 == 0}  # noqa: RUF012

    def __len__(self):
        return 60


def test_one_hot_stands_at_chance_and_what_is_planted_is_found():
    clips = MadeClips()
    planted = np.column_stack([clips.facts["true"] * 2.0 - 1, np.zeros(60)])
    found = try_transfer(clips, {"one-hot": np.eye(60), "planted": planted}, ("true",))
    assert found.areas[0].tolist() == [0.5, 0.5]
    assert found.areas[1, 1] == 1.0
    assert found.best == "planted"
    assert found.chart().values.shape == (2, 2)
