"""Nearest neighbours by source, exact and in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import CardMismatchError
from videxplore.stages.licensing.grouping import Groups
from videxplore.values.vectors import EncoderCard

Vectors = NDArray[np.float32]

_CELLS = 2**24
"""Similarities held at once: 64 MiB of float32."""


@dataclass(frozen=True, eq=False, slots=True)
class Nearest:
    """The nearest of a reference to each query, and the nearest from any other source than that one's.

    Attributes:
        first: float64 (n,), cosine distance to the nearest.
        row: intp (n,), of the nearest in the reference.
        source: intp (n,), index of its source.
        second: float64 (n,), cosine distance to the nearest of all other sources; infinite where there is
            none.
    """

    first: NDArray[np.float64]
    row: NDArray[np.intp]
    source: NDArray[np.intp]
    second: NDArray[np.float64]


def check_cards(first: EncoderCard, second: EncoderCard) -> None:
    """Refuse to compare vectors of two models.

    Raises:
        CardMismatchError: the cards differ.
    """
    if first != second:
        raise CardMismatchError(
            f"vectors of {first!r} cannot be compared with vectors of {second!r}: "
            "a distance between two models means nothing. Embed both sides with the same encoder."
        )


def unit_rows(vectors: NDArray[np.floating]) -> Vectors:
    """Float32 rows of unit length; rows of zeros stay zeros.

    Raises:
        ValueError: not a table of finite numbers.
    """
    rows = np.asarray(vectors, np.float32)
    if rows.ndim != 2 or not np.isfinite(rows).all():
        raise ValueError(f"vectors must be (n, d) and finite, got shape {rows.shape}.")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


def some_rows(vectors: NDArray[np.floating], label: str) -> Vectors:
    """Like :func:`unit_rows`, of at least one clip.

    Raises:
        ValueError: no clip, or not a table of finite numbers.
    """
    rows = unit_rows(vectors)
    if not len(rows):
        raise ValueError(f"{label} must hold one clip at least, got none.")
    return rows


def both_sides(sample: NDArray[np.floating], owned: NDArray[np.floating]) -> tuple[Vectors, Vectors]:
    """Unit rows of both sides.

    Raises:
        ValueError: a side without clips, or sides of different dimensions.
    """
    new, known = some_rows(sample, "sample"), some_rows(owned, "owned")
    if new.shape[1] != known.shape[1]:
        raise ValueError(
            "sample and owned must come from one encoder, "
            f"got {new.shape[1]} and {known.shape[1]} dimensions."
        )
    return new, known


def nearest_by_source(
    queries: Vectors,
    reference: Vectors,
    groups: Groups,
    *,
    apart_from: NDArray[np.intp] | None = None,
) -> Nearest:
    """Find the nearest and the nearest of another source, by cosine.

    Args:
        queries: float32 (n, d), unit rows.
        reference: float32 (m, d), unit rows.
        groups: sources of the reference.
        apart_from: intp (n,), per query a source that must not answer (its own); −1 for none.
    """
    order = np.argsort(groups.index, kind="stable")
    sorted_rows = reference[order]
    starts = np.searchsorted(groups.index[order], np.arange(len(groups)))
    found: list[tuple[NDArray[np.generic], ...]] = []
    for rows in blocks(len(queries), len(reference)):
        similar = queries[rows] @ sorted_rows.T
        best = np.maximum.reduceat(similar, starts, axis=1)
        if apart_from is not None:
            own = apart_from[rows]
            best[np.flatnonzero(own >= 0), own[own >= 0]] = -np.inf
        here = np.arange(len(best))
        source = best.argmax(axis=1)
        first = best[here, source].copy()
        best[here, source] = -np.inf
        ends = np.append(starts, len(reference))
        row = np.array(
            [lo + similar[i, lo:hi].argmax() for i, (lo, hi) in enumerate(_spans(source, ends))], np.intp
        )
        found.append((first, order[row], source, best.max(axis=1)))
    first, row, source, second = (np.concatenate(column) for column in zip(*found, strict=True))
    return Nearest(_distance(first), row.astype(np.intp), source.astype(np.intp), _distance(second))


def distances(queries: Vectors, reference: Vectors) -> NDArray[np.float32]:
    """All cosine distances, float32 (n, m)."""
    return np.maximum(1 - queries @ reference.T, 0.0)


def blocks(n: int, width: int) -> Iterator[NDArray[np.intp]]:
    """Rows of blocks that together hold all of n, each small enough for ``width`` columns."""
    step = max(1, _CELLS // max(width, 1))
    for start in range(0, n, step):
        yield np.arange(start, min(start + step, n))


def _spans(source: NDArray[np.intp], ends: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """First and last row of each query's source."""
    yield from zip(ends[source].tolist(), ends[source + 1].tolist(), strict=True)


def _distance(similar: NDArray[np.generic]) -> NDArray[np.float64]:
    """Cosine similarity to cosine distance, never below zero."""
    return np.maximum(1.0 - similar.astype(np.float64), 0.0)
