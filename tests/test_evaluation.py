"""Metrics against ir-measures, scikit-learn and scipy; credit and significance against their definitions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.stages.evaluation.agreement import kendall_tau, overlap_at, rank_biased_overlap
from videxplore.stages.evaluation.matching import credit
from videxplore.stages.evaluation.metrics import measure_hits
from videxplore.stages.evaluation.significance import (
    clustered_interval,
    paired_randomisation,
    win_tie_loss,
)
from videxplore.values.rankings import Hit, Judgement


def make_hit(rank: int, video: str, start_s: float, end_s: float) -> Hit:
    score = 1.0 - 0.001 * rank
    name = f"{video}-{start_s}-{end_s}-{rank}"
    return Hit(rank, name, video, "moment", start_s, end_s, score, score, rank)


# ---------------------------------------------------------------- equality with the reference tools


@st.composite
def point_items(draw: st.DrawFn) -> tuple[dict[str, int], list[str]]:
    """Judged gains of some items (each a ten-second stretch) and a ranked list of others and them."""
    items = [f"i{i}" for i in range(draw(st.integers(2, 30)))]
    judged = draw(st.dictionaries(st.sampled_from(items), st.integers(1, 3), min_size=1))
    ranked = draw(st.lists(st.sampled_from(items), unique=True, min_size=1))
    return judged, ranked


@given(point_items())
@settings(max_examples=60, deadline=None)
def test_metrics_equal_ir_measures_on_point_items(case):
    import ir_measures
    from ir_measures import AP, RR, R, Success, nDCG

    judged, ranked = case
    place = {item: 10.0 * int(item[1:]) for item in {*judged, *ranked}}
    hits = [make_hit(r, "/a/film.mp4", place[i], place[i] + 10) for r, i in enumerate(ranked, 1)]
    truth = [Judgement("film.mp4", place[i], place[i] + 10, gain) for i, gain in judged.items()]
    ours = measure_hits(hits, truth, k=10)

    qrels = [ir_measures.Qrel("q", i, gain) for i, gain in judged.items()]
    run = [ir_measures.ScoredDoc("q", i, -float(r)) for r, i in enumerate(ranked)]
    theirs = ir_measures.calc_aggregate([nDCG @ 10, AP, R @ 10, RR, Success @ 1, Success @ 5], qrels, run)
    for name, measure in {
        "ndcg@10": nDCG @ 10, "ap": AP, "recall@10": R @ 10, "mrr": RR,
        "r@1": Success @ 1, "r@5": Success @ 5,
    }.items():  # fmt: skip
        assert ours[name] == pytest.approx(theirs[measure], abs=1e-9), name


def test_ndcg_equals_scikit_learn(rng):
    from sklearn.metrics import ndcg_score

    for _ in range(30):
        gains = rng.integers(0, 4, size=15)
        gains[0] = 1  # scikit-learn defines nDCG without a relevant item as 0/1 only by convention
        order = rng.permutation(15)
        truth = [Judgement("f", 10.0 * i, 10.0 * i + 10, int(g)) for i, g in enumerate(gains) if g]
        hits = [make_hit(r, "f", 10.0 * i, 10.0 * i + 10) for r, i in enumerate(order, 1)]
        scores = np.empty(15)
        scores[order] = -np.arange(15)
        expected = ndcg_score([gains], [scores], k=10)
        assert measure_hits(hits, truth)["ndcg@10"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("ties", [False, True])
def test_kendall_tau_equals_scipy(rng, ties):
    from scipy.stats import kendalltau

    for n in (2, 3, 10, 100):
        a, b = rng.normal(size=(2, n))
        if ties:
            a, b = np.round(a * 2), np.round(b)
        expected = kendalltau(a, b).statistic
        assert kendall_tau(a, b) == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_kendall_tau_without_an_order_is_not_a_number():
    assert math.isnan(kendall_tau([1.0], [2.0]))
    assert math.isnan(kendall_tau([1.0, 1.0], [1.0, 2.0]))
    with pytest.raises(ValueError, match="one length"):
        kendall_tau([1.0], [1.0, 2.0])


def rbo_by_summing_to_infinity(a: list[str], b: list[str], p: float) -> float:
    """The definition: (1 − p) Σ p^(d−1) · agreement(d), agreement extrapolated past each list's end."""
    short, long = sorted((a, b), key=len)
    s, n = len(short), len(long)
    x_s = len(set(short) & set(long[:s]))
    total = 0.0
    for d in range(1, 3000):
        if d <= s:
            agreement = len(set(short[:d]) & set(long[:d])) / d
        elif d <= n:
            agreement = (len(set(short) & set(long[:d])) + x_s * (d - s) / s) / d
        else:
            agreement = (len(set(short) & set(long)) + x_s * (n - s) / s) / n
        total += (1 - p) * p ** (d - 1) * agreement
    return total


@given(
    st.lists(st.integers(0, 25), unique=True, min_size=1, max_size=20),
    st.lists(st.integers(0, 25), unique=True, min_size=1, max_size=20),
    st.sampled_from([0.5, 0.9, 0.98]),
)
@settings(max_examples=60, deadline=None)
def test_rbo_equals_its_definition(a, b, p):
    a, b = [str(i) for i in a], [str(i) for i in b]
    found = rank_biased_overlap(a, b, p)
    assert found == pytest.approx(rbo_by_summing_to_infinity(a, b, p), abs=1e-9)
    assert found == pytest.approx(rank_biased_overlap(b, a, p), abs=1e-12)
    assert rank_biased_overlap(a, a, p) == pytest.approx(1.0, abs=1e-12)


def test_rbo_of_empty_and_malformed_lists():
    assert rank_biased_overlap([], []) == 1.0
    assert rank_biased_overlap([], ["a"]) == 0.0
    with pytest.raises(ValueError, match="repeated"):
        rank_biased_overlap(["a", "a"], ["a"])
    with pytest.raises(ValueError, match="p must be in"):
        rank_biased_overlap(["a"], ["a"], p=1.0)


@given(st.permutations(list("abcdefgh")), st.integers(1, 10))
def test_overlap_equals_set_arithmetic(b, k):
    a = list("abcdefgh")
    depth = min(k, 8)
    assert overlap_at(a, b, k) == len(set(a[:depth]).intersection(b[:depth])) / depth


# ------------------------------------------------------------------------------- temporal credit


def test_every_judged_span_pays_once():
    truth = [Judgement("f.mp4", 10, 20, 3)]
    copies = [make_hit(r, "f.mp4", 10 + 0.1 * r, 20) for r in range(1, 6)]
    assert credit(copies, truth).gains == (3, 0, 0, 0, 0)


def test_the_best_gain_is_claimed_first_and_the_next_hit_gets_the_rest():
    truth = [Judgement("f.mp4", 0, 10, 1), Judgement("f.mp4", 0, 9, 3)]
    hits = [make_hit(1, "f.mp4", 0, 10), make_hit(2, "f.mp4", 0, 9.5)]
    assert credit(hits, truth).gains == (3, 1)


def test_overlap_threshold_video_name_and_least_gain_decide():
    truth = [Judgement("f.mp4", 10, 20, 1)]
    exactly_half, below = make_hit(1, "/x/f.mp4", 10, 30), make_hit(1, "/x/f.mp4", 10, 30.01)
    assert credit([exactly_half], truth).gains == (1,)
    assert credit([below], truth).gains == (0,)
    assert credit([below], truth, iou=0.3).gains == (1,)
    assert credit([make_hit(1, "other.mp4", 10, 20)], truth).gains == (0,)
    assert credit([exactly_half], truth, least_gain=2) == credit([exactly_half], [])
    with pytest.raises(ValueError, match="iou must be"):
        credit([], truth, iou=0)


def test_midpoint_counts_whatever_the_length():
    truth = [Judgement("f.mp4", 14, 16, 3)]
    window = measure_hits([make_hit(1, "f.mp4", 10, 20)], truth)
    assert window["midpoint@1"] == 1.0
    assert window["r@1"] == 0.0
    assert window["miou@1"] == pytest.approx(0.2)
    assert measure_hits([make_hit(1, "f.mp4", 0, 10)], truth)["midpoint@1"] == 0.0


spans = st.tuples(st.sampled_from("ab"), st.integers(0, 20), st.integers(1, 8))


@given(st.lists(spans, max_size=12), st.lists(st.tuples(spans, st.integers(1, 3)), min_size=1, max_size=8))
def test_figures_stay_in_range_and_no_list_beats_the_ideal(ranked, judged):
    hits = [make_hit(r, v, s, s + n) for r, (v, s, n) in enumerate(ranked, 1)]
    truth = [Judgement(v, s, s + n, gain) for (v, s, n), gain in judged]
    earned = credit(hits, truth)
    assert sum(g > 0 for g in earned.gains) <= len(truth)
    remaining = list(earned.judged)
    for gain in filter(None, earned.gains):
        remaining.remove(gain)  # raises where something was paid twice
    assert all(0.0 <= value <= 1.0 for value in measure_hits(hits, truth).values())


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 3)), min_size=1, max_size=8))
def test_the_judged_spans_themselves_score_one(judged):
    truth = [Judgement(v, 10.0 * i, 10.0 * i + 5, gain) for i, (v, gain) in enumerate(judged)]
    best_first = sorted(truth, key=lambda j: -j.gain)
    found = measure_hits(
        [make_hit(r, j.video, j.start_s, j.end_s) for r, j in enumerate(best_first, 1)], truth
    )
    assert all(value == pytest.approx(1.0) for value in found.values())


# ----------------------------------------------------------------------------------- significance


def test_randomisation_equals_enumeration_of_all_sign_patterns(rng):
    differences = rng.normal(0.3, 1.0, size=10)
    patterns = np.array(list(itertools.product([-1, 1], repeat=10)))
    exact = np.mean(np.abs(patterns @ differences) >= abs(differences.sum()) - 1e-12)
    assert paired_randomisation(differences, flips=40_000, seed=3) == pytest.approx(exact, abs=0.01)


def test_randomisation_is_seeded_and_knows_no_difference():
    differences = [0.1, -0.2, 0.4, 0.0]
    assert paired_randomisation(differences) == paired_randomisation(differences)
    assert paired_randomisation([0.0, 0.0]) == 1.0
    assert paired_randomisation([0.5] * 30) < 0.001


def test_p_values_are_uniform_where_nothing_differs():
    from scipy.stats import kstest

    rng = np.random.default_rng(7)
    found = [paired_randomisation(rng.normal(size=25), flips=1000, seed=i) for i in range(400)]
    assert kstest(found, "uniform").pvalue > 0.01


def test_interval_clustered_by_video_covers_and_is_wider_than_by_query():
    rng = np.random.default_rng(11)
    covered, widths = 0, []
    for i in range(200):
        films = rng.normal(0, 1, size=40)
        values = np.repeat(films, 5) + rng.normal(0, 0.5, size=200)
        names = [f"film{j}" for j in np.repeat(np.arange(40), 5)]
        low, high = clustered_interval(values, names, draws=400, seed=i)
        one_by_one = clustered_interval(values, [str(j) for j in range(200)], draws=400, seed=i)
        covered += low <= 0 <= high
        widths.append((high - low) / (one_by_one[1] - one_by_one[0]))
    assert 0.88 <= covered / 200 <= 0.99
    assert np.median(widths) > 1.5


def test_interval_of_nothing_and_of_mismatched_clusters():
    assert all(math.isnan(x) for x in clustered_interval([], []))
    with pytest.raises(ValueError, match="one cluster per value"):
        clustered_interval([1.0], [])


def test_win_tie_loss_adds_up():
    assert win_tie_loss([0.2, 0.0, -0.1, 1e-12]) == (1, 2, 1)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)
