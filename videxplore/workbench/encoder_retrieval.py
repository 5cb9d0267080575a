"""Judged queries put to several encoders over the same segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import QueryError
from videxplore.stages.encoding.embed import encode_query, query_bank
from videxplore.stages.encoding.protocol import Encoder, QueryEncoder, TextEncoder
from videxplore.stages.evaluation.metrics import measure_hits
from videxplore.stages.evaluation.summary import QueryFigures, cluster_of, summarise
from videxplore.stages.store.filters import level_mask
from videxplore.stages.store.fusion import TEXT
from videxplore.stages.store.schema import SEGMENTS
from videxplore.stages.store.scores import score_all
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.media import counted
from videxplore.values.rankings import Hit, JudgedQuery, Qrels
from videxplore.values.reports import EvaluationReport
from videxplore.values.vectors import Embeddings
from videxplore.workbench.library import Library
from videxplore.workbench.queries import direction_of

_DEPTH = 100
"""Length of the lists, so that a reciprocal rank counts far down as well."""

Sides = Mapping[str, tuple[Encoder, Library, Embeddings]]
"""By name: the encoder, a library of the segments, and its vectors in the order of the library's."""


def compare_retrieval(sides: Sides, queries: Sequence[JudgedQuery], qrels: Qrels) -> EvaluationReport:
    """Search with every encoder for every judged query, on the level that it is judged on.

    Scores are those of :meth:`Library.search` without what is said: cosines with centred vectors, or
    projections on named attributes. A query that an encoder understands nothing of counts as zero for it.

    Raises:
        ValueError: no query has judgements.
        QueryError: an encoder has no text side.
    """
    asked = [query for query in queries if qrels.get(query.query_id)]
    if not asked:
        raise ValueError(f"none of the {len(queries)} queries has judgements in qrels ({len(qrels)} ids).")
    found: dict[str, list[list[Hit]]] = {}
    for name, (encoder, library, embeddings) in sides.items():
        if not isinstance(encoder, QueryEncoder | TextEncoder):
            raise QueryError(f"encoder {name!r} has no text side; compare it without queries=.")
        found[name] = _search_all(encoder, library, embeddings, asked)
    figures = [
        QueryFigures(
            query.query_id,
            cluster_of(qrels[query.query_id]),
            {name: measure_hits(hits[i], qrels[query.query_id]) for name, hits in found.items()},
        )
        for i, query in enumerate(asked)
    ]
    protocol = (
        f"{counted(len(asked), 'query', 'queries')}, lists of {_DEPTH} on the level each is judged on, "
        "vectors alone; a hit earns the gain of a judged span that it overlaps by tIoU ≥ 0.5, each span "
        "once; 95 % intervals from a bootstrap over videos; p from 10,000 paired sign flips of whole videos"
    )
    return EvaluationReport(tuple(summarise(figures)), protocol)


def _search_all(
    encoder: Encoder, library: Library, embeddings: Embeddings, queries: Sequence[JudgedQuery]
) -> list[list[Hit]]:
    snapshot = library.snapshot()
    if snapshot is None:
        return [[] for _ in queries]
    snapshot = replace(
        snapshot,
        card=embeddings.card,
        vectors=embeddings.vectors,
        magnitudes=np.asarray(embeddings.magnitudes),
        coherence=np.asarray(embeddings.coherence),
    )
    bank = None if encoder.card.names else query_bank(encoder)
    table = library.database.table(SEGMENTS)
    return [_search(encoder, snapshot, query, bank, table) for query in queries]


def _search(
    encoder: Encoder, snapshot: Snapshot, query: JudgedQuery, bank: NDArray[np.float32] | None, table: Any
) -> list[Hit]:
    understood = encode_query(encoder, query.text)
    direction = direction_of(understood, encoder.card, bank)
    if direction is None:
        return []
    scores = score_all(snapshot, understood, direction, table=table, weights={TEXT: 0.0})
    order = scores.best(np.flatnonzero(level_mask(snapshot, query.level)), _DEPTH)
    total = scores.total(order)
    found = zip(order.tolist(), total.tolist(), strict=True)
    return [_hit(snapshot, row, rank, score) for rank, (row, score) in enumerate(found, start=1)]


def _hit(snapshot: Snapshot, row: int, rank: int, score: float) -> Hit:
    segment = snapshot.segments[row]
    return Hit(
        rank, segment.segment_id, snapshot.place(segment.video_id), segment.level,
        segment.start_s, segment.end_s, score, score, rank, video_id=segment.video_id,
    )  # fmt: skip
