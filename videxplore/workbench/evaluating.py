"""Systems side by side over many judged queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from videxplore.errors import QueryError
from videxplore.stages.evaluation.metrics import measure_hits
from videxplore.stages.evaluation.summary import QueryFigures, cluster_of, summarise
from videxplore.stages.reranking.protocol import Reranker
from videxplore.stages.reranking.rerank import find_reranker, rerank
from videxplore.values.rankings import Hit, JudgedQuery, Qrels
from videxplore.values.reports import EvaluationReport

if TYPE_CHECKING:
    from videxplore.workbench.library import Library

RAW = "raw"
"""The system that leaves the order as the search gave it."""


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
