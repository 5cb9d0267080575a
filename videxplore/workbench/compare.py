"""Rankings side by side, and systems side by side over many judged queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from videxplore.errors import QueryError
from videxplore.stages.evaluation.agreement import kendall_tau, overlap_at, rank_biased_overlap
from videxplore.stages.evaluation.metrics import measure_hits
from videxplore.stages.evaluation.summary import QueryFigures, cluster_of, summarise
from videxplore.stages.reranking.protocol import Reranker
from videxplore.stages.reranking.rerank import find_reranker, rerank
from videxplore.values.rankings import Hit, JudgedQuery, Judgement, Qrels, Ranking
from videxplore.values.reports import EvaluationReport, Move, RankingShift

if TYPE_CHECKING:
    from videxplore.workbench.library import Library

RAW = "raw"
"""The system that leaves the order as the search gave it."""


def compare(
    raw: Ranking,
    *others: Ranking,
    qrels: Sequence[Judgement] | Qrels | None = None,
    k: int | None = None,
) -> RankingShift:
    """Lay rankings of one query side by side.

    Args:
        raw: the ranking compared against.
        others: one or more rankings of the same query.
        qrels: the judgements of this query, as a list, or by query with the query's text as key.
        k: how many hits are compared; by default all that ``raw`` has.

    Returns:
        Moves, overlap of the first ``k``, Kendall's tau-b over the candidates that both scored, extrapolated
        rank-biased overlap of the first ``k``, and with judgements every metric of each ranking.

    Raises:
        ValueError: nothing to compare with, rankings of different queries, ``k`` below 1, or judgements
            by query that hold none for this query.
    """
    if not others:
        raise ValueError("compare needs at least two rankings: compare(raw, vx.rerank(raw)).")
    stranger = next((o for o in others if o.query.text != raw.query.text), None)
    if stranger is not None:
        raise ValueError(f"compare needs rankings of one query, got {raw.query!r} and {stranger.query!r}.")
    depth = len(raw) if k is None else k
    if k is not None and k < 1:
        raise ValueError(f"k must be at least 1, got {k!r}.")
    judged = _of_query(qrels, raw.query.text)
    first = [h.segment_id for h in raw.hits[:depth]]
    seconds = [[h.segment_id for h in other.hits[:depth]] for other in others]
    return RankingShift(
        raw=raw,
        others=tuple(others),
        k=depth,
        moves=tuple(_moves(raw, other, depth) for other in others),
        overlap=tuple(overlap_at(first, second, depth) for second in seconds),
        kendall_tau=tuple(_tau(raw, other) for other in others),
        rbo=tuple(rank_biased_overlap(first, second) for second in seconds),
        metrics=_metrics((raw, *others), judged, max(depth, 1)) if judged is not None else {},
    )


def _of_query(qrels: Sequence[Judgement] | Qrels | None, text: str) -> Sequence[Judgement] | None:
    """The judgements of one query."""
    if not isinstance(qrels, Mapping):
        return qrels
    if text not in qrels:
        raise ValueError(
            f"qrels holds no judgements under {text!r}; give those of this query: qrels=qrels[query_id]."
        )
    return qrels[text]


def _moves(raw: Ranking, other: Ranking, k: int) -> tuple[Move, ...]:
    """One move per segment among the first ``k`` of either: as the other ranks them, then what left."""
    before = {h.segment_id: h for h in raw.hits[:k]}
    after = {h.segment_id: h for h in other.hits[:k]}
    moves = []
    for i, hit in after.items():
        old = before.get(i)
        if old is None:
            state = "entered"
        elif old.rank == hit.rank:
            state = "same"
        else:
            state = "up" if hit.rank < old.rank else "down"
        moves.append(Move(i, old, hit, state))
    moves += [Move(i, hit, None, "left") for i, hit in before.items() if i not in after]
    return tuple(moves)


def _tau(raw: Ranking, other: Ranking) -> float:
    """Kendall's tau-b over what both scored: candidates, or hits where candidates were not kept."""
    scores = [
        {h.segment_id: h.score for h in ([c.hit for c in r.candidates] or r.hits)} for r in (raw, other)
    ]
    common = sorted(scores[0].keys() & scores[1].keys())
    return kendall_tau([scores[0][i] for i in common], [scores[1][i] for i in common])


def _metrics(
    rankings: Sequence[Ranking], judged: Sequence[Judgement], k: int
) -> Mapping[str, tuple[float, ...]]:
    measured = [measure_hits(r.hits[:k], judged, k=k) for r in rankings]
    return {name: tuple(m[name] for m in measured) for name in measured[0]}


def evaluate(
    library: Library,
    queries: Sequence[JudgedQuery],
    *,
    qrels: Qrels,
    rerankers: Sequence[str | Reranker] = (RAW, "joint"),
    k: int = 10,
    level: str = "any",
    iou: float = 0.5,
    least_gain: int = 1,
    metrics: Sequence[str] | None = None,
    by: str | None = None,
    progress: bool = False,
) -> EvaluationReport:
    """Measure rerankers over judged queries.

    Every system permutes the same candidates. A query whose words the encoder cannot use at all counts as
    zero for every system.

    Args:
        library: to search.
        queries: what to ask; those without judgements are left out.
        qrels: judgements by query id.
        rerankers: ``"raw"``, names and rerankers; differences are against the first.
        k: length of the lists and cut-off of the metrics.
        level: level searched, ``"any"`` for all in one list, ``"judged"`` for the level each query is
            judged on.
        iou: least temporal overlap of a hit and a judged span that counts as found.
        least_gain: judgements below this gain are ignored.
        metrics: which metrics; by default all of
            :func:`~videxplore.stages.evaluation.metrics.measure_hits`.
        by: attribute of the queries (``"kind"``, ``"level"``, ``"known_words"``, …) to split the table by.
        progress: show a progress bar.

    Raises:
        ValueError: no query has judgements, a reranker is unknown or listed twice.
    """
    figures, silent = query_figures(
        library, queries, qrels=qrels, rerankers=rerankers, k=k, level=level, iou=iou,
        least_gain=least_gain, progress=progress,
    )  # fmt: skip
    groups: dict[object, list[QueryFigures]] = {}
    of_query = {q.query_id: q for q in queries}
    for figure in figures:
        group = getattr(of_query[figure.query_id], by) if by else "all"
        groups.setdefault(group, []).append(figure)
    rows = [
        ({by: group} if by else {}) | row
        for group, members in groups.items()
        for row in summarise(members, metrics=metrics)
    ]
    protocol = (
        f"{len(figures)} queries, lists of {k} on level {level!r}; a hit earns the gain of a judged span "
        f"(gain ≥ {least_gain}) that it overlaps by tIoU ≥ {iou:g}, each span once; 95 % intervals from a "
        "bootstrap over videos; p from 10,000 paired sign flips"
    )
    if silent:
        protocol += f"; {silent} queries without any answer count as zero"
    return EvaluationReport(tuple(rows), protocol)


def query_figures(
    library: Library,
    queries: Sequence[JudgedQuery],
    *,
    qrels: Qrels,
    rerankers: Sequence[str | Reranker] = (RAW, "joint"),
    k: int = 10,
    level: str = "any",
    iou: float = 0.5,
    least_gain: int = 1,
    progress: bool = False,
) -> tuple[list[QueryFigures], int]:
    """Metrics per query and system, and the number of queries that nothing was found for.

    Arguments and errors are those of :func:`evaluate`.
    """
    asked = [q for q in queries if any(j.gain >= least_gain for j in qrels.get(q.query_id, ()))]
    if not asked:
        raise ValueError(
            f"none of the {len(queries)} queries has judgements of gain {least_gain} or more in qrels "
            f"({len(qrels)} ids); both must use the same query ids."
        )
    systems: dict[str, Reranker | None] = {}
    for r in rerankers:
        systems[r if isinstance(r, str) else r.name] = None if r == RAW else find_reranker(r)
    if len(systems) != len(rerankers):
        raise ValueError(f"each reranker may be listed once, got {list(rerankers)!r}.")
    figures, silent = [], 0
    for query in _with_progress(asked, progress):
        judged = qrels[query.query_id]
        found: dict[str, Sequence[Hit]]
        try:
            raw = library.search(query.text, k=k, level=query.level if level == "judged" else level)
            found = {name: (raw if r is None else rerank(raw, r)).hits for name, r in systems.items()}
            silent += not raw.hits
        except QueryError:  # the encoder cannot read it at all
            silent += 1
            found = dict.fromkeys(systems, ())
        measured = {
            name: measure_hits(hits, judged, k=k, iou=iou, least_gain=least_gain)
            for name, hits in found.items()
        }
        figures.append(QueryFigures(query.query_id, cluster_of(judged), measured))
    return figures, silent


def _with_progress(queries: Sequence[JudgedQuery], progress: bool) -> Sequence[JudgedQuery]:
    if not progress:
        return queries
    from tqdm.auto import tqdm

    return tqdm(queries, desc="queries", unit="query")
