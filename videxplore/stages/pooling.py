"""Vectors of segments that hold other segments, from the vectors of their leaves.

With weights w that add up to 1 and unit children c, the mean is p = Σ w·c and its length R = ‖p‖, the mean
resultant length (Mardia & Jupp, 2000), says how alike the children are. For every query q,
``cos(q, p) = Σ w·cos(q, c) / R``: a parent stands above its average child by exactly 1/R.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.values.vectors import POOLINGS

_NEARLY_ONE = 1.0 - 1e-7


def pool(
    values: NDArray[np.floating],
    durations_s: NDArray[np.floating] | Sequence[float],
    pooling: Sequence[str] = (),
) -> tuple[NDArray[np.float32], float]:
    """Return the vector of one parent, on the scale of its children, and its coherence.

    Args:
        values: (n, d), one row per child.
        durations_s: (n,), positive.
        pooling: one of :data:`~videxplore.values.vectors.POOLINGS` per column; empty: mean everywhere.

    Returns:
        float32 (d,), not normalised, and R in [0, 1] over the unit children.

    Raises:
        ValueError: no children, a duration that is not positive, or ``pooling`` of the wrong length.
    """
    rows = np.atleast_2d(values)
    pooled, coherence = pool_ranges(rows, durations_s, np.array([[0, len(rows)]]), pooling)
    return pooled[0], float(coherence[0])


def pool_ranges(
    values: NDArray[np.floating],
    durations_s: NDArray[np.floating] | Sequence[float],
    ranges: NDArray[np.integer],
    pooling: Sequence[str] = (),
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the vectors of many parents, each a run of consecutive leaves, in one pass.

    Means, maxima and the count rule are associative, so pooling the leaves gives what pooling level by level
    would.

    Args:
        values: (n, d), leaves in time order.
        durations_s: (n,), positive.
        ranges: (m, 2), first leaf and one past the last leaf of each parent.
        pooling: as in :func:`pool`.

    Returns:
        float32 (m, d) not normalised, and float32 (m,) coherence.
    """
    rows = np.asarray(values, dtype=np.float64)
    durations = np.asarray(durations_s, dtype=np.float64)
    ranges = np.asarray(ranges, dtype=np.intp).reshape(-1, 2)
    _check(rows, durations, ranges, pooling)
    weights = durations[:, None]
    total = _reduce(np.add, weights, ranges)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.maximum(lengths, 1e-30)
    # Rows of zeros, where nothing could be encoded, have no direction to agree on.
    share = _reduce(np.add, weights * (lengths > 0), ranges)
    resultant = np.linalg.norm(_reduce(np.add, unit * weights, ranges), axis=1)
    coherence = np.where(share[:, 0] > 0, resultant / np.maximum(share[:, 0], 1e-30), 0.0)
    kinds = np.array(list(pooling) if len(pooling) else ["mean"] * rows.shape[1])
    pooled = np.empty((len(ranges), rows.shape[1]))
    mean, highest, count = (np.flatnonzero(kinds == kind) for kind in POOLINGS)
    pooled[:, mean] = _reduce(np.add, rows[:, mean] * weights, ranges) / total
    pooled[:, highest] = _reduce(np.maximum, rows[:, highest], ranges)
    missing = np.log1p(-np.clip(rows[:, count], 0.0, _NEARLY_ONE))
    pooled[:, count] = -np.expm1(_reduce(np.add, missing, ranges))
    return pooled.astype(np.float32), np.clip(coherence, 0.0, 1.0).astype(np.float32)


def normalise(values: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return unit rows float32 (n, d) and their former lengths float32 (n,); a row of zeros stays zero."""
    values = np.asarray(values, dtype=np.float64)
    lengths = np.linalg.norm(values, axis=1)
    unit = values / np.maximum(lengths, 1e-30)[:, None]
    return unit.astype(np.float32), lengths.astype(np.float32)


def _reduce(operation: np.ufunc, rows: NDArray[np.float64], ranges: NDArray[np.intp]) -> NDArray[np.float64]:
    """``operation`` over the rows of each range; every range holds at least one row."""
    if not len(ranges) or not rows.shape[1]:
        return np.zeros((len(ranges), rows.shape[1]))
    # reduceat wants every index to exist; the row added at the end lies in no range.
    padded = np.concatenate([rows, np.zeros_like(rows[:1])])
    return operation.reduceat(padded, ranges.ravel(), axis=0)[::2]


def _check(
    values: NDArray[np.float64],
    durations: NDArray[np.float64],
    ranges: NDArray[np.intp],
    pooling: Sequence[str],
) -> None:
    if values.ndim != 2 or not len(values):
        raise ValueError(f"values must be (n, d) with n ≥ 1, got shape {values.shape}.")
    if durations.shape != (len(values),) or not (durations > 0).all():
        raise ValueError(f"durations_s must be ({len(values)},) and positive, got {durations!r}.")
    if len(pooling) not in (0, values.shape[1]) or set(pooling) - set(POOLINGS):
        raise ValueError(
            f"pooling needs {values.shape[1]} entries of {POOLINGS} or none, got {len(pooling)}: "
            f"{sorted(set(pooling))}."
        )
    if len(ranges) and (
        (ranges[:, 0] >= ranges[:, 1]).any() or ranges.min() < 0 or ranges.max() > len(values)
    ):
        raise ValueError(
            f"ranges must be non-empty and within 0 … {len(values)}, got {ranges.tolist()[:5]} …"
        )
