"""Rankings side by side, and systems over judged queries, on pools made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from handmade import Custom, make_pool
from scipy.stats import kendalltau

from videxplore.errors import QueryError
from videxplore.stages.evaluation.metrics import measure_hits
from videxplore.stages.evaluation.significance import holm
from videxplore.stages.reranking.joint import Joint
from videxplore.stages.reranking.protocol import Rescored
from videxplore.stages.reranking.rerank import rerank
from videxplore.values.rankings import JudgedQuery, Judgement, Query, Ranking
from videxplore.workbench.compare import compare
from videxplore.workbench.evaluating import evaluate


def test_every_first_hit_of_either_side_has_one_move():
    for seed in range(10):
        raw = make_pool(seed)
        new = rerank(raw)
        shift = compare(raw, new)
        before = {h.segment_id: h.rank for h in raw}
        after = {h.segment_id: h.rank for h in new}
        (moves,) = shift.moves
        assert len(moves) == len({m.segment_id for m in moves}) == len(before.keys() | after.keys())
        for m in moves:
            a, b = before.get(m.segment_id), after.get(m.segment_id)
            assert (m.before.rank if m.before else None, m.after.rank if m.after else None) == (a, b)
            expected = (
                "entered" if a is None else "left" if b is None else
                "same" if a == b else "up" if b < a else "down"
            )  # fmt: skip
            assert m.state == expected
        assert [m.after.rank for m in moves if m.after] == list(range(1, len(new) + 1))


def test_agreement_figures_are_those_of_their_definitions():
    raw = make_pool(1)
    new = rerank(raw)
    shift = compare(raw, new, k=5)
    old = {c.hit.segment_id: c.hit.score for c in raw.candidates}
    scored = {c.hit.segment_id: c.hit.score for c in new.candidates}
    expected = kendalltau([old[i] for i in old], [scored[i] for i in old]).statistic
    assert shift.kendall_tau[0] == pytest.approx(expected, abs=1e-9)
    a, b = ({h.segment_id for h in r.hits[:5]} for r in (raw, new))
    assert shift.overlap[0] == len(a & b) / 5
    assert shift.k == 5
    assert "joint" in repr(shift)


def test_a_ranking_beside_itself_has_not_moved():
    raw = make_pool(2)
    shift = compare(raw, raw, rerank(raw, strength=0.0))
    for i in range(2):
        assert {m.state for m in shift.moves[i]} == {"same"}
        assert (shift.overlap[i], shift.kendall_tau[i]) == (1.0, pytest.approx(1.0))
        assert shift.rbo[i] == pytest.approx(1.0)


def test_what_left_keeps_its_reasons_among_the_candidates():
    raw = make_pool(3)
    new = rerank(raw, Joint(frames=1.0, hubness=1.0, lift=1.0))
    left = [m.segment_id for m in compare(raw, new).moves[0] if m.state == "left"]
    assert left
    now = {c.hit.segment_id: c.hit for c in new.candidates}
    assert all(now[i].reasons and now[i].rank > 0 for i in left)


def test_judgements_add_metrics_of_every_ranking():
    raw = make_pool(0)
    new = rerank(raw)
    truth = [Judgement(raw[3].video.rsplit("/", 1)[-1], raw[3].start_s, raw[3].end_s)]
    shift = compare(raw, new, qrels=truth)
    assert shift.metrics["mrr"] == (
        measure_hits(raw.hits, truth)["mrr"], measure_hits(new.hits, truth)["mrr"],
    )  # fmt: skip
    assert shift.metrics["mrr"][0] == 0.25
    assert compare(raw, new, qrels={"anything": truth}).metrics == shift.metrics
    with pytest.raises(ValueError, match="holds no judgements"):
        compare(raw, new, qrels={"q1": truth})


def test_what_cannot_be_compared_is_refused():
    raw = make_pool(0)
    with pytest.raises(ValueError, match="at least two"):
        compare(raw)
    with pytest.raises(ValueError, match="one query"):
        compare(raw, replace(raw, query=Query("something else")))
    examples = [replace(raw, query=Query(source=f"moment {i} of a film")) for i in range(2)]
    with pytest.raises(ValueError, match="one query"):
        compare(*examples)
    for k in (0, 2.5, "3"):
        with pytest.raises(ValueError, match="k must be"):
            compare(raw, raw, k=k)
    with pytest.raises(TypeError, match=r"an argument each.*not list, str"):
        compare(raw, [raw], "joint")
    with pytest.raises(TypeError, match="must hold Judgements"):
        compare(raw, raw, qrels="judged.qrels")


# -------------------------------------------------------------------------------------- evaluate


class Shelf:
    """A library of ready-made rankings: what ``evaluate`` needs of a library is ``search``."""

    def __init__(self, rankings: dict[str, Ranking]):
        self.rankings = rankings
        self.asked = []

    def search(self, text: str, *, k: int, level: str) -> Ranking:
        self.asked.append((text, k, level))
        if text not in self.rankings:
            raise QueryError(f"no word of {text!r} is understood")
        ranking = self.rankings[text]
        return replace(ranking, hits=ranking.hits[:k])


@pytest.fixture
def judged():
    """Twelve queries, each answered by the third of its raw hits."""
    pools = {f"query {i}": replace(make_pool(i), query=Query(f"query {i}")) for i in range(12)}
    queries, qrels = [], {}
    for i, (text, pool) in enumerate(pools.items()):
        kind = "event" if i % 2 else "scene"
        queries.append(JudgedQuery(f"q{i}", text, "test", kind, "moment"))
        video = pool[2].video.rsplit("/", 1)[-1]
        qrels[f"q{i}"] = [Judgement(video, pool[2].start_s, pool[2].end_s)]
    return Shelf(pools), queries, qrels


def oracle(qrels_by_text):
    """Puts what is judged relevant first."""
    spans = {(j.video, j.start_s, j.end_s) for js in qrels_by_text.values() for j in js}
    return Custom(
        lambda pool: [
            Rescored(
                c.hit.segment_id,
                c.hit.raw_score
                + 9.0 * ((c.hit.video.rsplit("/", 1)[-1], c.hit.start_s, c.hit.end_s) in spans),
            )
            for c in pool
        ]
    )


def test_evaluate_tables_every_metric_and_system(judged):
    shelf, queries, qrels = judged
    only_first = {"q0": qrels["q0"]}
    table = evaluate(shelf, queries[:1], qrels=only_first, rerankers=["raw", oracle(only_first)]).to_pandas()
    mrr = table[table.metric == "mrr"].set_index("system")["mean"]
    assert mrr["raw"] == pytest.approx(1 / 3)
    assert mrr["my own"] == 1.0

    report = evaluate(shelf, queries, qrels=qrels)
    table = report.to_pandas()
    assert set(table.system) == {"raw", "joint"}
    assert (table.queries == 12).all()
    for row in report.rows:
        assert row["low"] <= row["mean"] <= row["high"]
    joint = table[(table.system == "joint") & (table.metric == "ndcg@10")].iloc[0]
    per_query = [
        measure_hits(rerank(shelf.rankings[q.text]).hits, qrels[q.query_id])["ndcg@10"] for q in queries
    ]
    assert joint["mean"] == pytest.approx(np.mean(per_query))
    raw_mean = table[(table.system == "raw") & (table.metric == "ndcg@10")].iloc[0]["mean"]
    assert joint["delta"] == pytest.approx(joint["mean"] - raw_mean)
    assert joint["win"] + joint["tie"] + joint["loss"] == 12
    assert 0 < joint["p"] <= 1
    assert 0 < joint["p_queries"] <= 1
    assert "tIoU ≥ 0.5" in report.protocol


def test_a_report_lists_queries_and_says_what_it_rests_on(judged):
    shelf, queries, qrels = judged
    known = oracle(qrels)
    report = evaluate(shelf, queries, qrels=qrels, rerankers=["raw", "joint", known], k=5)
    rows = report.per_query("mrr")
    assert len(rows) == 12
    assert rows["raw"].tolist() == pytest.approx([1 / 3] * 12)
    assert set(rows["outcome my own"]) == {"win"}
    assert rows["delta my own"].tolist() == pytest.approx(rows["my own"] - rows["raw"])
    assert report.per_query().metric.tolist() == ["ndcg@5"] * 12
    with pytest.raises(ValueError, match="metric must be one of"):
        report.per_query("magic")
    table = report.to_pandas().set_index(["metric", "system"])
    assert (table.loc["ndcg@5", "joint"]["win"], table.loc["mrr", "my own"]["win"]) == (
        (report.per_query()["outcome joint"] == "win").sum(), 12,
    )  # fmt: skip
    compared = [table.loc["mrr", name] for name in ("joint", "my own")]
    assert [row["p_holm"] for row in compared] == holm([row["p"] for row in compared])
    assert report.ceiling == {"recall": 1.0, "ndcg@5": 1.0}
    assert (table.loc["ndcg@5"]["mean"] <= 1.0).all()
    assert all(sum(shares.values()) == pytest.approx(1) for shares in report.levels.values())
    said = " ".join(report.notes)
    assert "Ceiling: the candidates hold 100%" in said
    assert "Levels of the hits, joint: " in said
    assert f"Few videos: with {table.videos.iloc[0]}" in said
    assert "Power: joint differs" in said
    assert all(note in repr(report) for note in report.notes)


def test_queries_may_be_given_as_words(judged):
    shelf, queries, qrels = judged
    by_words = {q.text: qrels[q.query_id] for q in queries}
    found = evaluate(shelf, [q.text for q in queries], qrels=by_words, metrics=["mrr"])
    assert found.rows == evaluate(shelf, queries, qrels=qrels, metrics=["mrr"]).rows
    assert found.rows == evaluate(shelf, qrels=by_words, metrics=["mrr"]).rows


def test_evaluate_searches_the_level_asked_for_and_splits_by_kind(judged):
    shelf, queries, qrels = judged
    table = evaluate(shelf, queries, qrels=qrels, level="judged", by="kind", k=5).to_pandas()
    assert {level for _, _, level in shelf.asked} == {"moment"}
    assert {k for _, k, _ in shelf.asked} == {5}
    assert set(table.kind) == {"event", "scene"}
    assert (table.queries == 6).all()
    assert "ndcg@5" in set(table.metric)


def test_queries_that_the_encoder_cannot_use_count_as_zero(judged):
    shelf, queries, qrels = judged
    del shelf.rankings["query 0"]
    report = evaluate(shelf, queries, qrels=qrels, metrics=["mrr"])
    assert "without any answer, and so zero: 1 query" in report.protocol
    raw = next(r for r in report.rows if r["system"] == "raw")
    assert raw["mean"] == pytest.approx(11 / 12 / 3)
    shelf.rankings["query 0"] = Ranking(Query("query 0"), ())
    again = evaluate(shelf, queries, qrels=qrels, metrics=["mrr"])
    assert again.protocol == report.protocol
    assert [r["mean"] for r in again.rows] == [r["mean"] for r in report.rows]


def test_evaluate_refuses_what_it_cannot_measure(judged):
    shelf, queries, qrels = judged
    with pytest.raises(ValueError, match="same query ids"):
        evaluate(shelf, queries, qrels={})
    with pytest.raises(ValueError, match="listed once"):
        evaluate(shelf, queries, qrels=qrels, rerankers=["raw", "raw"])
    with pytest.raises(ValueError, match="no reranker"):
        evaluate(shelf, queries, qrels=qrels, rerankers=["magic"])
    with pytest.raises(TypeError, match=r"a list such as \['raw', 'joint'\], got 'joint'"):
        evaluate(shelf, queries, qrels=qrels, rerankers="joint")
    with pytest.raises(ValueError, match="rerankers is empty"):
        evaluate(shelf, queries, qrels=qrels, rerankers=[])
    with pytest.raises(TypeError, match="queries must be words"):
        evaluate(shelf, [5], qrels=qrels)
    with pytest.raises(TypeError, match="by query id, got list"):
        evaluate(shelf, queries, qrels=list(qrels))
    for metrics in (["ndcg@5"], "ap"):
        with pytest.raises(ValueError, match=r"a list of ndcg@10, ap, .*got"):
            evaluate(shelf, queries, qrels=qrels, metrics=metrics)
    with pytest.raises(ValueError, match=r"by must be one of query_id, .*kind"):
        evaluate(shelf, queries, qrels=qrels, by="genre")


def test_chains_are_systems_and_splits_are_told_apart(judged):
    shelf, queries, qrels = judged
    twice = [*queries[:4], queries[0]]
    report = evaluate(
        shelf, twice, qrels=qrels, rerankers=["raw", ["joint", "diversify"]], metrics=["ap"], by="kind"
    )
    assert {row["system"] for row in report.rows} == {"raw", "joint → diversify"}
    assert sum(row["queries"] for row in report.rows if row["system"] == "raw") == 4
    lines = [line for line in repr(report).splitlines() if "  ap  " in line]
    assert [line.split()[0] for line in lines] == [row["kind"] for row in report.rows]
