"""Licensing statistics against reference tools, published examples and known truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.stages.licensing.archives import simulate_tranche, simulate_world
from videxplore.stages.licensing.breadth import breadth, mix, new_topics
from videxplore.stages.licensing.coverage import coverage, expected_coverage, prdc
from videxplore.stages.licensing.difference import difference
from videxplore.stages.licensing.distances import nearest_by_source, unit_rows
from videxplore.stages.licensing.diversity import order_two, vendi
from videxplore.stages.licensing.draws_study import simulate_draws
from videxplore.stages.licensing.grouping import dependence, effective_number, group
from videxplore.stages.licensing.intervals import (
    ONE_SOURCE,
    bca,
    jackknife_error,
    mean,
    naive_share,
    ratio_interval,
    share,
    studentised,
)
from videxplore.stages.licensing.manifests import METHODS
from videxplore.stages.licensing.novelty import novelty
from videxplore.stages.licensing.redundancy import redundancy
from videxplore.stages.licensing.richness import expected_topics, sample_coverage, unseen_topics
from videxplore.stages.licensing.study import simulate_assessment
from videxplore.stages.licensing.topics import find_topics
from videxplore.values.licensing import Estimate

GIRDLED = [46, 22, 17, 15, 15, 9, 8, 6, 6, 4, 2, 2, 2, 2] + [1] * 12
LOGGED = [88, 22, 16, 15, 13, 10, 8, 8, 7, 7, 7, 5, 4, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2] + [1] * 14
"""The spiders of the package iNEXT (Sackett et al., 2011)."""


def make_totals(seed: int, sources: int = 25) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    sizes = rng.lognormal(1, 0.5, sources)
    return sizes * rng.beta(2, 3, sources), sizes


# ------------------------------------------------------------------------------------------- intervals


def test_bca_is_scipys():
    from scipy.stats import bootstrap

    hits, sizes = make_totals(1)
    found = bootstrap(
        (hits, sizes),
        lambda a, b, axis: a.sum(axis=axis) / b.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=4000,
        method="BCa",
        rng=np.random.default_rng(3),
    ).confidence_interval
    np.testing.assert_allclose(bca(hits, sizes, draws=4000), found, atol=0.006)


def test_jackknife_error_is_the_textbook_one_for_a_mean():
    values = np.random.default_rng(2).normal(size=30)
    without = (values.sum() - values) / 29
    assert jackknife_error(without) == pytest.approx(values.std(ddof=1) / math.sqrt(30))


def test_studentised_interval_of_equal_sources_is_near_to_students():
    from scipy.stats import t

    values = np.random.default_rng(4).normal(10, 1, 60)
    low, high = studentised(values, np.ones(60))
    expected = t.interval(0.95, 59, values.mean(), values.std(ddof=1) / math.sqrt(60))
    np.testing.assert_allclose((low, high), expected, atol=0.06)


def test_clopper_pearson_where_sources_are_few():
    from scipy.stats import binomtest

    flags = [1.0] * 6 + [0.0] * 18
    found = share(flags, [f"s{i // 3}" for i in range(24)])  # 8 sources, 2 of which have it
    exact = binomtest(2, 8).proportion_ci(0.95, "exact")
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    assert "one observation" in found.method


def test_nothing_seen_in_sixty_sources_still_has_an_upper_bound():
    found = share(np.zeros(600), [f"s{i % 60}" for i in range(600)])
    assert found.value == found.low == 0
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 60))


def test_one_source_cannot_be_estimated():
    found = share([1, 0, 1, 1], ["a"] * 4)
    assert found.value == 0.75
    assert not found.estimated
    assert found.reason == ONE_SOURCE
    assert "cannot estimate" in str(found).lower()


def test_longer_clips_weigh_more():
    found = share([1, 0] * 15, [f"s{i // 2}" for i in range(30)], weights=[3.0, 1.0] * 15)
    assert found.value == pytest.approx(0.75)


def test_naive_interval_shrinks_with_clips_that_say_nothing_new():
    flags, sources = [1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1], [f"s{i}" for i in range(12)]
    many, whose = np.repeat(flags, 50), np.repeat(sources, 50).tolist()
    assert np.diff(naive_share(many))[0] < 0.2 * np.diff(naive_share(flags))[0]
    once, often = share(flags, sources), share(many, whose)
    assert often.half_width == pytest.approx(once.half_width)


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), sources=st.integers(2, 60), chance=st.floats(0, 1))
def test_a_share_lies_within_its_interval_whatever_the_order(seed, sources, chance):
    rng = np.random.default_rng(seed)
    n = 3 * sources
    flags = (rng.random(n) < chance).astype(float)
    names = np.array([f"s{i:02d}" for i in rng.integers(0, sources, n)])
    names[:2] = ["s00", "s01"]
    weights = rng.uniform(1, 9, n)
    found = share(flags, names.tolist(), weights=weights)
    assert 0 <= found.low <= found.value <= found.high <= 1
    order = rng.permutation(n)
    again = share(flags[order], names[order].tolist(), weights=weights[order] * 60)
    assert (again.low, again.high) == pytest.approx((found.low, found.high), abs=1e-9)


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_the_complement_has_the_mirrored_interval(seed):
    hits, sizes = make_totals(seed)
    low, high, _ = ratio_interval(hits, sizes)
    other_low, other_high, _ = ratio_interval(sizes - hits, sizes)
    assert (1 - other_high, 1 - other_low) == pytest.approx((low, high), abs=2e-3)


def test_mean_refuses_few_sources_and_finds_the_truth():
    values = np.random.default_rng(0).normal(5, 1, 90)
    assert not mean(values[:9], [f"s{i}" for i in range(9)]).estimated
    found = mean(values, [f"s{i % 30}" for i in range(90)])
    assert found.low < 5 < found.high


def test_effective_number_and_dependence():
    assert effective_number([1] * 7) == pytest.approx(7)
    alike = dependence([1, 1, 1, 0, 0, 0] * 4, [f"s{i // 3}" for i in range(24)])
    assert alike.intra_source == pytest.approx(1)
    assert alike.design_effect == pytest.approx(3)
    assert alike.effective_clips == pytest.approx(8)
    rng = np.random.default_rng(1)
    level = np.repeat(rng.normal(size=400), 10)
    values = math.sqrt(0.3) * level + math.sqrt(0.7) * rng.normal(size=4000)
    assert dependence(values, [f"s{i // 10}" for i in range(4000)]).intra_source == pytest.approx(
        0.3, abs=0.04
    )
    assert math.isnan(dependence([1, 0], ["a", "b"]).design_effect)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="sources"):
        share([1, 0], ["a"])
    with pytest.raises(ValueError, match="sources must not be empty"):
        share([1, 0], ["a", ""])
    with pytest.raises(ValueError, match="weights"):
        share([1, 0], ["a", "b"], weights=[1, 0])
    with pytest.raises(ValueError, match="flags"):
        share([2, 0], ["a", "b"])
    with pytest.raises(ValueError, match="reason"):
        Estimate(0.5)


# --------------------------------------------------------------------------------------------- novelty


def test_nearest_by_source_is_brute_force():
    rng = np.random.default_rng(0)
    queries, reference = (unit_rows(rng.normal(size=(n, 6))) for n in (40, 90))
    groups = group([f"s{i}" for i in rng.integers(0, 12, 90)], 90)
    own = rng.integers(-1, 12, 40)
    found = nearest_by_source(queries, reference, groups, apart_from=own)
    apart = 1 - queries.astype(float) @ reference.T.astype(float)
    apart[groups.index == own[:, None]] = np.inf
    np.testing.assert_array_equal(found.row, apart.argmin(axis=1))
    np.testing.assert_allclose(found.first, apart.min(axis=1), atol=1e-6)
    apart[groups.index == groups.index[found.row][:, None]] = np.inf
    np.testing.assert_allclose(found.second, apart.min(axis=1), atol=1e-6)


def test_novelty_of_the_owned_itself_is_its_null_and_of_its_opposite_all():
    rng = np.random.default_rng(5)
    world = simulate_world(rng)
    owned = simulate_tranche(rng, world, 20)
    axis = np.eye(owned.vectors.shape[1] + 1)[[-1] * 40]
    known = np.pad(owned.vectors, ((0, 0), (0, 1)))
    away = novelty(axis, known, [f"s{i % 20}" for i in range(40)], owned.names)
    assert away.beyond.value == 1
    assert away.excess.value == away.excess.high == pytest.approx(1)
    assert 0.8 < away.excess.low < 1
    same = novelty(owned.vectors, owned.vectors, owned.names, owned.names)
    assert same.null <= 0.05
    # A copy of the owned is found at once, and without its own source it is as far as the owned is.
    assert same.beyond.value == pytest.approx(same.null / 20, abs=1e-9)
    assert (same.distances < 1e-5).all()


def test_novelty_needs_owned_sources():
    vectors = np.eye(4)
    with pytest.raises(ValueError, match="owned_sources"):
        novelty(vectors, vectors, list("abcd"), list("abcd"))


# -------------------------------------------------------------------------------------------- coverage


def test_expected_coverage_as_in_the_paper():
    rng = np.random.default_rng(0)
    points, others = rng.normal(size=(2, 400, 8))
    assert prdc(points, others)["coverage"] == pytest.approx(expected_coverage(400, 400), abs=0.04)
    assert [round(expected_coverage(n, 1000), 3) for n in (1000, 5000, 50_000)] == [0.969, 0.598, 0.094]


def test_prdc_by_definition():
    rng = np.random.default_rng(1)
    real, fake = rng.normal(size=(30, 4)), rng.normal(0.5, 1, size=(20, 4))

    def apart(a, b):
        return np.array([[np.linalg.norm(x - y) for y in b] for x in a])

    radius = np.sort(apart(real, real), axis=1)[:, 3]
    theirs = np.sort(apart(fake, fake), axis=1)[:, 3]
    between = apart(real, fake)
    expected = {
        "precision": np.mean([any(between[i, j] < radius[i] for i in range(30)) for j in range(20)]),
        "recall": np.mean([any(between[i, j] < theirs[j] for j in range(20)) for i in range(30)]),
        "density": np.mean([sum(between[i, j] < radius[i] for i in range(30)) / 3 for j in range(20)]),
        "coverage": np.mean([min(between[i]) < radius[i] for i in range(30)]),
    }
    assert prdc(real, fake, 3) == pytest.approx(expected)


@pytest.mark.long
def test_prdc_gives_the_figures_of_the_packages_readme():
    rng = np.random.default_rng(0)
    found = prdc(rng.normal(size=(10_000, 1000)), rng.normal(size=(10_000, 1000)))
    # One draw against one draw: the standard deviation over 8 seeds is .02, .02, .08 and .006.
    assert found["precision"] == pytest.approx(0.477, abs=0.05)
    assert found["recall"] == pytest.approx(0.471, abs=0.05)
    assert found["density"] == pytest.approx(1.056, abs=0.2)
    assert found["coverage"] == pytest.approx(0.974, abs=0.025)


def test_a_narrow_sample_covers_less_and_is_as_precise():
    rng = np.random.default_rng(2)
    world = simulate_world(rng)
    owned, other = simulate_tranche(rng, world, 40), simulate_tranche(rng, world, 20)
    narrow = other.topics < 3
    names = np.array(other.names)[narrow].tolist()
    found = coverage(other.vectors[narrow], owned.vectors, names, owned.names, splits=5)
    assert found.coverage.high < 0.8
    assert found.precision.value > 0.95
    axis = np.eye(owned.vectors.shape[1] + 1)
    known = np.pad(owned.vectors, ((0, 0), (0, 1)))
    away = coverage(axis[[-1] * 9], known, list("abcabcabc"), owned.names, splits=2)
    assert away.coverage.value == 0
    assert not away.coverage.estimated


# ------------------------------------------------------------------------------------------ difference


def test_mmd_is_the_unbiased_one_where_every_clip_is_a_source():
    rng = np.random.default_rng(3)
    x, y = unit_rows(rng.normal(size=(12, 5))), unit_rows(rng.normal(1.5, 1, size=(15, 5)))
    found = difference(x, y, [f"a{i}" for i in range(12)], [f"b{i}" for i in range(15)], permutations=99)
    both = np.concatenate([x, y]).astype(float)
    apart = np.linalg.norm(both[:, None] - both, axis=2)
    width = np.median(apart[np.triu_indices(27, 1)])
    k = np.exp(-(apart**2) / (2 * width**2))
    np.fill_diagonal(k, 0)
    expected = k[:12, :12].sum() / 132 + k[12:, 12:].sum() / 210 - 2 * k[:12, 12:].mean()
    assert found.mmd2.value == pytest.approx(expected, abs=1e-5)
    assert found.p == 0.01
    assert found.mmd2.low > 0


def test_a_handful_of_sources_gets_no_interval_but_that_of_a_share():
    rng = np.random.default_rng(0)
    vectors, sources = rng.normal(size=(20, 6)), [f"s{i % 5}" for i in range(20)]
    owned = [f"o{i % 10}" for i in range(20)]
    refused = [
        vendi(vectors, sources).whole,
        order_two(vectors, sources).whole,
        difference(vectors, vectors, sources, owned).mmd2,
        coverage(vectors, vectors, sources, owned, splits=2).coverage,
        breadth(list(range(20)), sources).covered,
        mean(vectors[:, 0], sources),
    ]
    assert all("5 sources are too few" in estimate.reason for estimate in refused)
    assert share(vectors[:, 0] > 0, sources).estimated


def test_sides_that_cannot_meet_are_refused():
    sources = [f"s{i}" for i in range(12)]
    for measure in (novelty, coverage, difference):
        with pytest.raises(ValueError, match="one encoder"):
            measure(np.eye(12)[:, :5], np.eye(12), sources, sources)
        with pytest.raises(ValueError, match="sample must hold"):
            measure(np.zeros((0, 12)), np.eye(12), [], sources)


def test_mmd_of_one_source_is_refused():
    found = difference(np.eye(3), np.eye(3), ["a"] * 3, list("bcd"))
    assert not found.mmd2.estimated
    assert found.p == 1


# ------------------------------------------------------------------------------------------- diversity


def test_vendi_scores_by_their_definitions():
    from scipy.linalg import eigh

    rng = np.random.default_rng(4)
    vectors = unit_rows(rng.normal(size=(40, 10)))
    sources = [f"s{i % 8}" for i in range(40)]
    centred = vectors.astype(float) - vectors.mean(axis=0)
    kernel = np.array([[a @ b / np.linalg.norm(a) / np.linalg.norm(b) for b in centred] for a in centred])
    values = np.maximum(eigh(kernel / 40, eigvals_only=True), 1e-300)
    assert vendi(vectors, sources).whole.value == pytest.approx(
        np.exp(-(values * np.log(values)).sum()), rel=1e-5
    )
    apart = np.linalg.norm(vectors[:, None] - vectors, axis=2)
    gauss = np.exp(-(apart**2) / (2 * 0.7**2))
    expected = 1 / np.square(eigh(gauss / 40, eigvals_only=True)).sum()
    assert order_two(vectors, sources, bandwidth=0.7).whole.value == pytest.approx(expected, rel=1e-5)


def test_diversity_of_the_same_is_one_and_of_the_orthogonal_their_number():
    sources = [f"s{i}" for i in range(6)]
    assert order_two(np.ones((6, 3)), sources, bandwidth=1).whole.value == pytest.approx(1)
    assert vendi(np.ones((6, 3)), sources).whole.value == pytest.approx(1)
    assert order_two(np.eye(6), sources, bandwidth=0.1).whole.value == pytest.approx(6)
    assert vendi(np.eye(6), sources).whole.value == pytest.approx(5)  # centring takes one dimension


def test_diversity_does_not_grow_by_copies_and_its_curve_ends_at_the_whole():
    rng = np.random.default_rng(6)
    vectors, sources = rng.normal(size=(60, 12)), [f"s{i % 12:02d}" for i in range(60)]
    once = order_two(vectors, sources, bandwidth=0.8)
    twice = order_two(np.repeat(vectors, 2, axis=0), np.repeat(sources, 2).tolist(), bandwidth=0.8)
    assert twice.whole.value == pytest.approx(once.whole.value, rel=1e-5)
    assert once.value[-1] == pytest.approx(once.whole.value)
    assert (np.diff(once.value) > 0).all()
    assert once.whole.low < once.whole.value < once.whole.high


# --------------------------------------------------------------------------------------------- breadth


def test_coverage_and_extrapolation_as_published_for_the_spiders():
    assert sample_coverage(GIRDLED, 168) == pytest.approx(0.9289, abs=5e-5)
    assert sample_coverage(LOGGED, 252) == pytest.approx(0.9446, abs=5e-5)
    assert 26 + unseen_topics(GIRDLED, 168) == pytest.approx(43.893, abs=5e-4)
    assert 37 + unseen_topics(LOGGED, 252) == pytest.approx(61.403, abs=5e-4)
    assert expected_topics(GIRDLED, 168, [1, 168, 336]) == pytest.approx([1, 26, 34.731], abs=5e-4)


@settings(max_examples=40)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=40), st.integers(12, 30))
def test_rarefaction_is_the_mean_over_subsets_and_grows(counts, units):
    at = np.arange(0, 2 * units + 1)
    found = expected_topics(counts, units, at)
    assert found[0] == 0
    assert found[units] == pytest.approx(len(counts))
    assert (np.diff(found) >= -1e-9).all()
    once = sum(1 - c / units for c in counts)
    assert found[units - 1] == pytest.approx(len(counts) - sum(1 / units for c in counts if c == 1))
    assert found[1] == pytest.approx(len(counts) - once)


def test_nothing_is_said_beyond_twice_the_sample():
    with pytest.raises(ValueError, match="twice"):
        expected_topics(GIRDLED, 168, 337)
    names = {name for value in (breadth(["a"], ["s"]),) for name in type(value).__slots__}
    assert not any("asympt" in name or "total" in name for name in names)


def test_topics_count_once_per_source():
    topics = ["a", "a", "a", "b", "c", "c"]
    sources = ["x", "x", "y", "y", "x", "x"]
    found = breadth(topics, sources, weights=[1, 1, 1, 2, 1, 2])
    assert found.curve.seen == 3
    assert found.unseen.value == pytest.approx(5 / 8)  # b is y's alone, c x's alone
    again = breadth(topics + ["c"] * 9, sources + ["x"] * 9)
    assert again.covered.value == found.covered.value


def test_order_of_the_clips_changes_nothing_and_one_source_says_nothing():
    rng = np.random.default_rng(7)
    tranche = simulate_tranche(rng, simulate_world(rng), 15)
    topics, names = tranche.topics.tolist(), tranche.names
    order = rng.permutation(len(topics))
    first = breadth(topics, names)
    again = breadth([topics[i] for i in order], [names[i] for i in order])
    np.testing.assert_allclose(first.curve.topics, again.curve.topics)
    assert first.doubled == again.doubled
    assert first.curve.topics[-1] == pytest.approx(first.curve.seen + new_topics(topics, names)[0])
    assert not breadth(topics, [f"s{int(name) % 7}" for name in names]).doubled.estimated
    single = breadth(topics, ["one"] * len(topics))
    assert not single.covered.estimated
    assert not single.doubled.estimated
    assert np.isnan(single.curve.low).all()


def test_mix_adds_up():
    found = mix(list("aabbbc") * 4, [f"s{i // 2}" for i in range(24)], weights=np.arange(1, 25))
    assert sum(estimate.value for estimate in found.values()) == pytest.approx(1)
    assert next(iter(found)) == "b"


def test_topics_by_nearness():
    rng = np.random.default_rng(8)
    centres = np.eye(12)
    truth = rng.integers(0, 12, 300)
    vectors = centres[truth] + 0.05 * rng.normal(size=(300, 12))
    sources = [f"s{i % 20}" for i in range(300)]
    found = find_topics(vectors, sources, radius=0.3)
    assert len(set(zip(found.tolist(), truth.tolist(), strict=True))) == 12
    assert (np.diff(np.bincount(found)) <= 0).all()
    assert len(np.unique(find_topics(vectors, sources))) >= 12


def test_topics_of_many_clips_go_round_by_round(monkeypatch):
    from videxplore.stages.licensing import topics

    monkeypatch.setattr(topics, "AT_ONCE", 40)
    truth = np.arange(300) % 30
    found = find_topics(np.eye(30)[truth], [f"s{i % 7}" for i in range(300)], radius=0.3)
    assert len(set(zip(found.tolist(), truth.tolist(), strict=True))) == 30


# ------------------------------------------------------------------------------------------ redundancy


def test_redundancy_counts_all_but_the_longest():
    copies = [0, 0, 0, 1, 2, 2]
    found = redundancy(copies, ["a", "a", "b", "b", "c", "c"], weights=[1, 4, 2, 3, 5, 5], owned=[1])
    assert found.extra.value == pytest.approx((1 + 2 + 5) / 20)
    assert found.in_source.value == pytest.approx((1 + 5) / 20)
    assert found.owned.value == pytest.approx(3 / 20)
    assert found.pair_rate == pytest.approx(2 / 12)
    assert found.pair_bound > found.pair_rate


def test_no_copy_in_a_small_sample_says_little_about_a_large_archive():
    found = redundancy(np.arange(2000), [f"s{i % 50}" for i in range(2000)])
    assert found.extra.value == 0
    likely, most = found.twins(1e8)
    assert likely == 0
    assert most == pytest.approx(3 / (2000 * 1960 / 2) * 1e8, rel=0.01)  # some 150 twins per clip


# ---------------------------------------------------------------------------------------------- study


def test_simulated_archives_are_as_planted():
    rng = np.random.default_rng(9)
    found = simulate_tranche(rng, simulate_world(rng, topics=50), 600, novelty=0.2, duplicates=0.1)
    hours = found.durations.sum()
    assert found.durations[found.novel].sum() / hours == pytest.approx(0.2, abs=0.03)
    extra = redundancy(found.copies, found.names, weights=found.durations).extra
    assert extra.value == pytest.approx(0.1, abs=0.02)


def test_small_study_holds_what_the_large_one_shows():
    found = simulate_assessment(archives=40, seed=3)
    assert found["coverage_95"] >= 0.75
    assert found["naive_coverage_95"] < 0.75
    assert found["novelty_null"] == pytest.approx(0.05, abs=0.03)
    assert found["coverage_null"] == pytest.approx(1, abs=0.06)
    assert found["novelty_recovered"] >= 0.75
    assert found["duplicates_recovered"] >= 0.75
    assert abs(found["doubled_error"]) < 0.1
    assert found["one_source_refused"] == 1
    assert simulate_assessment(archives=2, seed=3) == simulate_assessment(archives=2, seed=3)


@pytest.mark.long
def test_full_study():
    found = simulate_assessment()
    assert 0.92 <= found["coverage_95"] <= 0.97
    assert found["naive_coverage_95"] < 0.6
    assert found["novelty_null"] == pytest.approx(0.05, abs=0.015)
    assert found["coverage_null"] == pytest.approx(1, abs=0.03)
    assert found["precision_null"] == pytest.approx(1, abs=0.03)
    assert found["mmd_p_ks"] > 0.01
    assert found["novelty_recovered"] >= 0.93
    assert found["duplicates_recovered"] >= 0.93
    assert abs(found["doubled_error"]) <= 0.03
    assert found["one_source_refused"] == 1


@pytest.mark.long
def test_intervals_hold_whichever_way_the_sample_was_drawn():
    found = simulate_draws(archives=40, draws=5, seed=2)
    for method in METHODS:
        assert 0.9 <= found[f"{method}_coverage"] <= 0.99, method
        assert abs(found[f"{method}_error"]) < 0.01, method
