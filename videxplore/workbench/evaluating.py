"""Systems side by side over many judged queries."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from videxplore.errors import QueryError
from videxplore.stages.evaluation.matching import share_judged
from videxplore.stages.evaluation.metrics import measure_ceiling, measure_hits
from videxplore.stages.evaluation.summary import (
    QueryFigures,
    cluster_of,
    list_queries,
    mean_ceiling,
    mean_judged,
    share_levels,
    summarise,
)
from videxplore.stages.reranking.rerank import rerank
from videxplore.values.media import counted
from videxplore.values.rankings import JudgedQuery, Judgement, Qrels, Query, Ranking
from videxplore.values.reports import EvaluationReport
from videxplore.workbench.systems import ANY, RAW, Queries, Systems, find_queries, find_systems

if TYPE_CHECKING:
    from videxplore.workbench.library import Library

JUDGED = "judged"

_TESTS = (
    "95 % intervals from a bootstrap over videos; p from up to 10,000 paired sign flips of whole videos "
    "(p_queries: of queries)"
)

_FEW_VIDEOS = 8
"""Below this many, sign flips of whole videos cannot reach p = .01."""


def evaluate(
    library: Library,
    queries: Queries | None = None,
    *,
    qrels: Qrels | None = None,
    rerankers: Systems = (RAW, "joint"),
    k: int = 10,
    level: str = ANY,
    iou: float = 0.5,
    least_gain: int = 1,
    metrics: Sequence[str] | None = None,
    by: str | None = None,
    progress: bool = False,
) -> EvaluationReport:
    """Measure rerankers over judged queries. ``docs/evaluation.md`` says what the figures mean.

    Every system permutes the same candidates. A query whose words the encoder cannot use at all counts as
    zero for every system.

    Args:
        library: to search.
        queries: what to ask, as words or with an id of their own; those without judgements are left out. By
            default all that have some.
        qrels: judgements by query id, for queries given as words by the words; by default those that are in
            the library (:meth:`Library.judge`, :func:`videxplore.judge`).
        rerankers: ``"raw"``, names, rerankers and lists of these in a row; differences are against the first.
        k: length of the lists and cut-off of the metrics.
        level: level searched, ``"any"`` for all in one list, ``"judged"`` for that of each query.
        iou: least temporal overlap of a hit and a judged span that counts as found.
        least_gain: judgements below this gain are ignored.
        metrics: which; by default all of :func:`~videxplore.stages.evaluation.metrics.measure_hits`.
        by: attribute of the queries (``"kind"``, ``"level"``, ``"known_words"``, …) to split the table by.
        progress: show a progress bar over queries × systems.

    Raises:
        ValueError: no query has judgements, a reranker, metric or attribute is unknown, or a reranker is
            listed twice.
        TypeError: ``qrels`` is no mapping, or ``rerankers`` no list.
    """
    judged = _judgements(library, qrels)
    asked = find_queries(judged if queries is None else queries)
    _check_names(metrics, by, k)
    figures, silent = query_figures(
        library, asked, qrels=judged, rerankers=rerankers, k=k, level=level, iou=iou,
        least_gain=least_gain, progress=progress,
    )  # fmt: skip
    rows = _rows(figures, asked, by, metrics)
    protocol = (
        f"{counted(len(figures), 'query', 'queries')}, lists of {k} on level {level!r}; a hit earns the gain "
        f"of a judged span (gain ≥ {least_gain}) that it overlaps by tIoU ≥ {iou:g}, each span once; {_TESTS}"
    )
    unanswered = f"; without any answer, and so zero: {counted(silent, 'query', 'queries')}" if silent else ""
    return EvaluationReport(
        tuple(rows),
        protocol + unanswered,
        tuple(list_queries(figures, metrics=metrics)),
        mean_ceiling(figures),
        share_levels(figures),
        tuple(_notes(figures, rows, by, pooled=any(j.gain == 0 for said in judged.values() for j in said))),
    )


def _judgements(library: Library, qrels: Qrels | None) -> Qrels:
    """Those given, or those that are in the library.

    Raises:
        TypeError: what is given is no mapping.
        ValueError: there are none.
    """
    judged = library.judgements() if qrels is None else qrels
    if not isinstance(judged, Mapping):
        raise TypeError(f"qrels must be judgements by query id, got {type(judged).__name__}.")
    if qrels is None and not judged:
        raise ValueError(
            "the library holds no judgements; vx.judge(library, queries) makes some, and qrels= takes those "
            "made elsewhere."
        )
    return judged


def _check_names(metrics: Sequence[str] | None, by: str | None, k: int) -> None:
    """Refuse what is neither a metric nor an attribute, before anything is measured."""
    known = list(measure_hits((), (), k=k))
    if isinstance(metrics, str) or not set(metrics or ()) <= set(known):
        raise ValueError(f"metrics must be a list of {', '.join(known)}; got {metrics!r}.")
    attributes = [field.name for field in fields(JudgedQuery)]
    if by is not None and by not in attributes:
        raise ValueError(f"by must be one of {', '.join(attributes)}, got {by!r}.")


def _rows(
    figures: Sequence[QueryFigures],
    queries: Sequence[JudgedQuery],
    by: str | None,
    metrics: Sequence[str] | None,
) -> list[Mapping[str, Any]]:
    """Summaries by an attribute of the queries, or of all together."""
    of_query = {q.query_id: q for q in queries}
    groups: dict[object, list[QueryFigures]] = {}
    for figure in figures:
        groups.setdefault(getattr(of_query[figure.query_id], by) if by else "all", []).append(figure)
    return [
        ({by: group} if by else {}) | row
        for group, members in groups.items()
        for row in summarise(members, metrics=metrics)
    ]


def _notes(
    figures: Sequence[QueryFigures], rows: Sequence[Mapping[str, Any]], by: str | None, *, pooled: bool
) -> list[str]:
    """How much there is to win, what was not judged, of which levels hits were, how few queries there are.

    ``pooled`` says that hits were judged that are no answers, so that one that was not is unknown.
    """
    ceiling = mean_ceiling(figures)
    notes = [
        f"Ceiling: the candidates hold {ceiling['recall']:.0%} of the judged spans; no order of them has "
        + ", ".join(f"{name} above {value:.3f}" for name, value in ceiling.items() if name != "recall")
        + "."
    ]
    if pooled:
        known = ", ".join(f"{share:.0%} of {system}" for system, share in mean_judged(figures).items())
        notes.append(f"Judged: of the hits {known}; what nobody judged counts as no answer.")
    shares = share_levels(figures)
    notes += [
        f"Levels of the hits, {system}: "
        + ", ".join(f"{level} {share:.0%}" for level, share in found.items())
        + "."
        for system, found in shares.items()
    ]
    videos = len({figure.cluster for figure in figures})
    if videos < _FEW_VIDEOS:
        notes.append(
            f"Few videos: with {videos}, a test by video cannot give a p below {2 / 2**videos:.2g}, and one "
            "by query takes queries of one video for independent; add videos before you decide."
        )
    first = rows[0]["metric"]
    notes += [
        f"Power: {f'{by} {row[by]}, ' if by else ''}{row['system']} differs by {row['delta']:+.3f} in "
        f"{first}, seen on {counted(row['queries'], 'query', 'queries')} of "
        f"{counted(row['videos'], 'video')}; a difference of "
        f"this size is found four times out of five with about {math.ceil(row['needed'])}."
        for row in rows
        if row["metric"] == first and math.isfinite(row.get("needed", math.inf))
    ]
    return notes


def query_figures(
    library: Library,
    queries: Sequence[JudgedQuery],
    *,
    qrels: Qrels,
    rerankers: Systems = (RAW, "joint"),
    k: int = 10,
    level: str = ANY,
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
    systems = find_systems(rerankers)
    figures, silent = [], 0
    with _progress(len(asked) * len(systems), progress) as bar:
        for query in asked:
            try:
                raw = library.search(query.text, k=k, level=query.level if level == JUDGED else level)
            except QueryError as error:  # the encoder cannot read it at all
                raw = Ranking(Query(query.text), (), notes=(str(error),))
            silent += not raw.hits
            found = {}
            for name, reranker in systems.items():
                found[name] = raw if reranker is None or not raw.hits else rerank(raw, reranker)
                bar.update()
            figures.append(_measure(query, raw, found, qrels[query.query_id], (k, iou, least_gain)))
    return figures, silent


def _measure(
    query: JudgedQuery,
    raw: Ranking,
    found: Mapping[str, Ranking],
    judged: Sequence[Judgement],
    rule: tuple[int, float, int],
) -> QueryFigures:
    """What became of one query; ``rule`` is the cut-off, the least overlap and the least gain."""
    k, iou, least_gain = rule
    pool = [c.hit for c in raw.candidates] or list(raw.hits)
    return QueryFigures(
        query.query_id,
        cluster_of([j for j in judged if j.gain >= least_gain]),
        {n: measure_hits(r.hits, judged, k=k, iou=iou, least_gain=least_gain) for n, r in found.items()},
        query.text,
        measure_ceiling(pool, judged, k=k, iou=iou, least_gain=least_gain),
        {name: Counter(hit.level for hit in ranking.hits[:k]) for name, ranking in found.items()},
        {name: share_judged(ranking.hits[:k], judged, iou=iou) for name, ranking in found.items()},
    )


def _progress(total: int, shown: bool) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=total, desc="queries × systems", unit="ranking", disable=not shown)
