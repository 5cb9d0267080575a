"""Segments that need not be neighbours, as one vector to search with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import QueryError
from videxplore.stages.pooling import normalise, pool_vectors
from videxplore.values.rankings import Hit, Query
from videxplore.values.segments import Segment
from videxplore.values.vectors import Embeddings


class HasEmbeddings(Protocol):
    """A library, or anything else that gives the vectors of its segments."""

    def embeddings(self) -> Embeddings:
        """The vectors of all segments."""
        ...


def pool(
    segments: Embeddings | Iterable[Segment | Hit | str],
    *,
    within: Embeddings | HasEmbeddings | None = None,
    method: str = "mean",
    query: NDArray[np.floating] | None = None,
) -> Query:
    """Return chosen segments as one query: "more like all of these".

    Segments count by their length where it is known, and those of :class:`Embeddings` alike.

    Args:
        segments: vectors, or segments, hits or segment ids, next to each other or not.
        within: the library or the vectors that they are in; not needed where ``segments`` are vectors.
        method: one of :data:`~videxplore.stages.pooling.METHODS`, see
            :func:`~videxplore.stages.pooling.pool_vectors`.
        query: (d,), what ``method="attention"`` attends to; by default the mean of the segments.

    Returns:
        A query with a unit vector, to be given to ``library.search``.

    Raises:
        QueryError: no segments, one that ``within`` does not hold, or vectors that say nothing.
        ValueError: an unknown method, or a query that does not fit it.
        TypeError: ``within`` is missing.
    """
    if isinstance(segments, Embeddings):
        chosen, weights = segments, np.ones(len(segments))
    else:
        items = list(segments)
        chosen = _find(items, within)
        weights = np.array([1.0 if isinstance(item, str) else item.span.duration_s for item in items])
    if not len(chosen):
        raise QueryError("there are no segments to pool; choose at least one.")
    vector = normalise(pool_vectors(chosen.attributes, weights, method, query=query)[None])[0][0]
    if not vector.any():
        raise QueryError("the vectors of these segments say nothing: they are empty, or cancel out.")
    count = f"{len(chosen)} segments" if len(chosen) > 1 else "1 segment"
    return Query(vector=vector, card=chosen.card, source=f"{count}, pooled by {method}")


def _find(items: list[Any], within: Embeddings | HasEmbeddings | None) -> Embeddings:
    if within is None:
        raise TypeError(
            "within is missing: segments and hits hold no vectors. Give the library, vx.pool(segments, "
            "within=library), or embeddings, vx.pool(vx.embed(tree, encoder).select(rows))."
        )
    found = within if isinstance(within, Embeddings) else within.embeddings()
    row = {segment_id: i for i, segment_id in enumerate(found.segment_ids)}
    ids = [item if isinstance(item, str) else item.segment_id for item in items]
    missing = [segment_id for segment_id in ids if segment_id not in row]
    if missing:
        raise QueryError(f"segment {missing[0]!r} is not in what was given as within; take them from there.")
    return found.select(np.array([row[segment_id] for segment_id in ids], dtype=np.intp))
