"""Metrics against ir-measures, scikit-learn and scipy; credit and significance against their definitions."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from videxplore.stages.evaluation.agreement import kendall_tau, overlap_at, rank_biased_overlap
from videxplore.stages.evaluation.matching import Matching, credit
from videxplore.stages.evaluation.metrics import alpha_ndcg, average_precision, measure_ceiling, measure_hits
from videxplore.stages.evaluation.significance import (
    clustered_interval,
    effect_size,
    holm,
    paired_randomisation,
    queries_needed,
    win_tie_loss,
)
from videxplore.stages.evaluation.trec import read_qrels, read_run, write_qrels, write_run
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
    with pytest.raises(ValueError, match="gain 0 is no answer"):
        credit([], truth, least_gain=0)
    assert credit([exactly_half], [Judgement("f.mp4", 10, 20, 0)]) == credit([exactly_half], [])


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
    assert found.pop("alpha_ndcg@10") > 0.5, "the best list for gains need not spread over the videos"
    assert all(value == pytest.approx(1.0) for value in found.values())


def test_map_is_the_mean_over_ten_overlaps():
    truth = [Judgement("f.mp4", 0, 100, 3), Judgement("f.mp4", 200, 300, 3)]
    hits = [make_hit(1, "f.mp4", 0, 72), make_hit(2, "f.mp4", 210, 300)]  # overlaps .72 and .90
    by_hand = [average_precision(credit(hits, truth, iou=0.5 + 0.05 * i).gains, (3, 3)) for i in range(10)]
    assert measure_hits(hits, truth)["map"] == pytest.approx(np.mean(by_hand), abs=1e-12)
    assert measure_hits(hits, truth)["map"] == pytest.approx((5 * 1.0 + 4 * 0.25) / 10)


def test_whole_videos_cannot_win_where_precision_counts():
    truth = [Judgement("f.mp4", 100, 110, 3)]
    whole, moment = make_hit(1, "f.mp4", 0, 1000), make_hit(1, "f.mp4", 98, 108)
    assert measure_hits([whole], truth)["ndcg_precise@10"] == pytest.approx(0.01)
    assert measure_hits([moment], truth)["ndcg_precise@10"] == pytest.approx(0.8)
    inside = [make_hit(r, "f.mp4", 100 + r, 101 + r) for r in (1, 2, 3)]
    assert Matching(inside, truth).precise_gains() == [3.0, 0.0, 0.0]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), min_size=1, max_size=6),
    st.lists(st.sampled_from("abc"), min_size=1, max_size=5),
    st.integers(1, 6),
)
@settings(max_examples=50)
def test_alpha_ndcg_equals_its_definition_with_the_best_of_all_orders(ranked, judged, k):
    def worth(list_of_sources):
        seen, total = {}, 0.0
        for rank, source in enumerate(list_of_sources[:k], start=1):
            if source is not None:
                total += 0.5 ** seen.get(source, 0) / math.log2(rank + 1)
                seen[source] = seen.get(source, 0) + 1
        return total

    found = [source if right else None for source, right in ranked]
    ideal = max(worth(order) for order in itertools.permutations(judged))
    gains = [float(right) for _, right in ranked]
    assert alpha_ndcg(gains, [s for s, _ in ranked], judged, k) == pytest.approx(
        worth(found) / ideal, abs=1e-12
    )


@given(st.lists(spans, max_size=6), st.lists(st.tuples(spans, st.integers(1, 3)), min_size=1, max_size=4))
@settings(max_examples=50)
def test_no_order_of_the_candidates_exceeds_the_ceiling(pool, judged):
    truth = [Judgement(v, s, s + n, gain) for (v, s, n), gain in judged]
    hits = [make_hit(r, v, s, s + n) for r, (v, s, n) in enumerate(pool, 1)]
    top = measure_ceiling(hits, truth, k=3)
    for order in itertools.islice(itertools.permutations(hits), 60):
        reached = measure_hits(order, truth, k=3)
        assert reached["ndcg@3"] <= top["ndcg@3"] + 1e-12
        assert reached["recall@3"] <= top["recall"] + 1e-12


def test_the_ceiling_finds_the_assignment_that_greed_misses():
    truth = [Judgement("f", 0, 10, 3), Judgement("f", 4, 14, 2)]
    both, one = make_hit(1, "f", 2, 12), make_hit(2, "f", 0, 7)
    assert credit([both, one], truth, iou=0.5).gains == (3, 0)
    assert measure_ceiling([both, one], truth)["recall"] == 1.0


# ----------------------------------------------------------------------------------- significance


def test_randomisation_equals_enumeration_of_all_sign_patterns(rng):
    differences = rng.normal(0.3, 1.0, size=10)
    patterns = np.array(list(itertools.product([-1, 1], repeat=10)))
    exact = np.mean(np.abs(patterns @ differences) >= abs(differences.sum()) - 1e-12)
    assert paired_randomisation(differences, flips=1000, seed=3) == pytest.approx(exact, abs=0.03)  # drawn
    assert paired_randomisation(differences) == exact


def test_randomisation_is_seeded_and_knows_no_difference():
    differences = [0.1, -0.2, 0.4, 0.0]
    assert paired_randomisation(differences) == paired_randomisation(differences)
    assert paired_randomisation([0.0, 0.0]) == 1.0
    assert paired_randomisation([0.5] * 30) < 0.001


def test_whole_clusters_change_sign_together():
    differences = np.repeat([0.4, -0.1, 0.2], 4)
    names = list(np.repeat(["a", "b", "c"], 4))
    patterns = np.array(list(itertools.product([-1, 1], repeat=3))) @ np.array([1.6, -0.4, 0.8])
    exact = np.mean(np.abs(patterns) >= 2.0 - 1e-9)
    assert paired_randomisation(differences, names) == exact
    assert paired_randomisation(differences) < exact
    with pytest.raises(ValueError, match="one cluster per value"):
        paired_randomisation(differences, names[1:])


@pytest.mark.long
def test_p_values_clustered_by_video_are_uniform_where_nothing_differs():
    """1,000 studies of 12 videos with 4 alike queries each: by video the p value holds, by query it lies."""
    from scipy.stats import kstest

    rng = np.random.default_rng(29)
    names = [f"film{i}" for i in np.repeat(np.arange(12), 4)]
    clustered, alone = [], []
    for i in range(1000):
        differences = np.repeat(rng.normal(0, 0.2, 12), 4) + rng.normal(0, 0.1, 48)
        clustered.append(paired_randomisation(differences, names, flips=2000, seed=i))
        alone.append(paired_randomisation(differences, flips=2000, seed=i))
    assert kstest(clustered, "uniform").pvalue > 0.01
    assert np.mean(np.array(clustered) < 0.05) < 0.07
    assert np.mean(np.array(alone) < 0.05) > 0.15


def test_power_as_in_the_closed_form_and_as_simulated():
    rng = np.random.default_rng(3)
    base = rng.normal(size=400)
    differences = (base - base.mean()) / base.std(ddof=1) * 0.2 + 0.05
    each = [str(i) for i in range(400)]
    assert math.ceil(queries_needed(differences, each)) == 126  # sd .2, difference .05
    assert queries_needed(np.zeros(5), each[:5]) == math.inf
    twice = np.repeat(differences[:200], 2)
    pairs = [str(i) for i in np.repeat(np.arange(200), 2)]
    alone = queries_needed(differences[:200], each[:200])
    assert queries_needed(twice, pairs) == pytest.approx(2 * alone, rel=1e-6), "a copy is no new evidence"
    found = [paired_randomisation(rng.normal(0.05, 0.2, 126), flips=400, seed=i) < 0.05 for i in range(300)]
    assert 0.72 <= np.mean(found) <= 0.88


def test_holm_and_effect_size():
    assert holm([]) == []
    p = [0.001, 0.02, 0.9, 0.03]
    assert holm(p) == pytest.approx([0.004, 0.06, 0.9, 0.06])
    assert effect_size([0.0, 0.0]) == 0.0
    assert effect_size([0.1, 0.1]) == math.inf
    values = np.random.default_rng(0).normal(0.3, 1, 50)
    assert effect_size(values) == pytest.approx(values.mean() / values.std(ddof=1))


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


# ------------------------------------------------------------------------------------- TREC files


names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=12)


@given(
    st.dictionaries(names, st.lists(st.tuples(spans, st.integers(0, 3)), min_size=1, max_size=5), max_size=3),
    st.dictionaries(names, st.lists(spans, max_size=5), max_size=3),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_qrels_and_runs_come_back_as_they_were(tmp_path, judged, ranked):
    qrels = {}
    for text, rows in judged.items():
        unique = {(f"{v} {v}.mp4", s / 3, s / 3 + n): gain for (v, s, n), gain in rows}
        qrels[text] = [Judgement(*place, gain) for place, gain in unique.items()]
    assert read_qrels(write_qrels(qrels, tmp_path / "a.qrels")) == qrels
    runs = {
        text: [make_hit(r, f"/x/{v}.mp4", s / 3, s / 3 + n) for r, (v, s, n) in enumerate(rows, 1)]
        for text, rows in ranked.items()
        if rows
    }
    back = read_run(write_run(runs, tmp_path / "a.run"))
    assert back.keys() == runs.keys()
    for text, hits in runs.items():
        for was, now in zip(hits, back[text], strict=True):
            assert (now.rank, now.segment_id, now.level, now.span) == (
                was.rank, was.segment_id, was.level, was.span,
            )  # fmt: skip
            assert now.score == pytest.approx(was.score, abs=1e-6)


def test_exported_files_give_other_tools_our_figures(tmp_path, rng):
    """Temporal credit included: ir-measures reads the files and finds what we find."""
    import ir_measures
    from ir_measures import AP, RR, nDCG

    qrels, runs, ours = {}, {}, []
    for q in range(20):
        starts = rng.integers(0, 60, size=(2, 12))
        truth = [
            Judgement("f.mp4", s, s + 6, int(g))
            for s, g in zip(starts[0][:5], rng.integers(0, 4, 5), strict=True)
        ]
        truth = list({j.start_s: j for j in truth}.values())
        if not any(j.gain for j in truth):
            continue
        hits = [replace(make_hit(r, "/x/f.mp4", s, s + 7), score=0.5) for r, s in enumerate(starts[1], 1)]
        qrels[f"a query {q}"], runs[f"a query {q}"] = truth, hits
        ours.append(measure_hits(hits, truth))
    write_qrels(qrels, tmp_path / "a.qrels")
    write_run(runs, tmp_path / "a.run", qrels=qrels)
    theirs = ir_measures.calc_aggregate(
        [nDCG @ 10, AP, RR],
        list(ir_measures.read_trec_qrels(str(tmp_path / "a.qrels"))),
        list(ir_measures.read_trec_run(str(tmp_path / "a.run"))),
    )
    for name, measure in (("ndcg@10", nDCG @ 10), ("ap", AP), ("mrr", RR)):
        assert np.mean([found[name] for found in ours]) == pytest.approx(theirs[measure], abs=1e-9)


def test_files_that_are_no_such_files_say_where(tmp_path):
    (tmp_path / "a").write_text("q 0 doc1 1\n\nq 0 only\n")
    with pytest.raises(ValueError, match=r"line 1: a document must be a stretch .* got 'doc1'"):
        read_qrels(tmp_path / "a")
    with pytest.raises(ValueError, match="line 1: 6 fields expected, got 4"):
        read_run(tmp_path / "a")
    for line, message in (
        ("q 0 a.mp4@1,2 good", "line 1: the gain must be a number, got 'good'"),
        ("q 0 a.mp4@3,2 1", "line 1: a document must be a stretch"),
        ("q 0 a.mp4@nan,2 1", "line 1: a document must be a stretch"),
    ):
        (tmp_path / "b").write_text(line)
        with pytest.raises(ValueError, match=message):
            read_qrels(tmp_path / "b")
    (tmp_path / "c").write_text("q Q0 a.mp4@1,2 1 high me")
    with pytest.raises(ValueError, match="line 1: the score must be a number, got 'high'"):
        read_run(tmp_path / "c")
