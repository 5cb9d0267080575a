"""Other vectors for parents, from the stored vectors of their leaves: no video is read, no model called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.pooling import METHODS, normalise, pool, pool_vectors
from videxplore.stages.store.snapshot import Snapshot

MEAN = "mean"
"""The duration-weighted mean; by maximum or count in the columns of which the card says so."""

Pooled = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


def check_pooling(pooling: str) -> None:
    """Raise unless ``pooling`` is a method of :func:`videxplore.stages.pooling.pool_vectors`.

    Raises:
        ValueError: it is not.
    """
    if pooling not in METHODS:
        raise ValueError(f"pooling must be one of {', '.join(map(repr, METHODS))}, got {pooling!r}.")


def repool(snapshot: Snapshot, pooling: str | None) -> Snapshot:
    """Return the snapshot with the vectors of parents pooled anew; leaves and coherence are as they were.

    None leaves all as it is stored.

    Columns that follow from where a segment lies in its video stay its own.

    Raises:
        ValueError: an unknown pooling.
    """
    if pooling is None or not len(snapshot):
        return snapshot
    check_pooling(pooling)
    leaves, ranges = snapshot.leaf_ranges
    parents = np.flatnonzero(ranges[:, 1] - ranges[:, 0] > 1)
    values = snapshot.vectors[leaves] * snapshot.magnitudes[leaves, None]
    weights = snapshot.durations_s[leaves]
    vectors, magnitudes = snapshot.vectors.copy(), snapshot.magnitudes.copy()
    pooled = np.empty((len(parents), snapshot.card.dimension), np.float32)
    for i, (first, last) in enumerate(ranges[parents].tolist()):
        pooled[i] = _pool_one(values[first:last], weights[first:last], pooling, snapshot.card.pooling)
    own = snapshot.from_span
    pooled[:, own] = (vectors[parents] * magnitudes[parents, None])[:, own]
    vectors[parents], magnitudes[parents] = normalise(pooled)
    return replace(snapshot, vectors=vectors, magnitudes=magnitudes)


def pool_members(snapshot: Snapshot, groups: Sequence[NDArray[np.intp]], pooling: str | None) -> Pooled:
    """Return one vector (m, d), magnitude (m,) and coherence (m,) for each group of rows.

    A row counts as long as it lasts; of rows that lie in each other, :func:`outermost` leaves one.

    Raises:
        ValueError: an unknown pooling.
    """
    values = np.empty((len(groups), snapshot.card.dimension), np.float32)
    coherence = np.empty(len(groups), np.float32)
    for i, rows in enumerate(groups):
        members = snapshot.vectors[rows] * snapshot.magnitudes[rows, None]
        weights = snapshot.durations_s[rows]
        _, coherence[i] = pool(members, weights)
        values[i] = _pool_one(members, weights, pooling or MEAN, snapshot.card.pooling)
    vectors, magnitudes = normalise(values)
    return vectors, magnitudes, coherence


def _pool_one(
    values: NDArray[np.float32], weights: NDArray[np.float64], pooling: str, columns: tuple[str, ...]
) -> NDArray[np.float32]:
    """The vector (d,) of one parent; ``columns`` says which columns have a rule of their own in the mean."""
    if pooling == MEAN and columns:
        return pool(values, weights, columns)[0]
    return pool_vectors(values, weights, pooling)


def outermost(snapshot: Snapshot, group: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the rows of a group that lie in no other row of it."""
    inside = set(group.tolist())
    return np.array([row for row in group.tolist() if not inside.intersection(snapshot.ancestors(row))])
