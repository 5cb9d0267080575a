"""What a map says that is not so, and what it leaves out.

A false neighbour is near on the map and far in the full dimension; a torn neighbour is the other way round.
Trustworthiness falls with the first, continuity with the second (Venna & Kaski, 2001).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.projection.neighbours import Neighbourhood, Points, Rows, nearest, true_neighbours

NEIGHBOURS_JUDGED = 15
"""k of every figure, or half of the points where there are fewer."""

_BLOCK = 256

JUDGED_AT_MOST = 3000
"""Points that trustworthiness and continuity are taken on: both need all distances."""


def judge(
    vectors: Points, xy: Points, *, pool: Neighbourhood | None = None, random_state: int = 42
) -> tuple[NDArray[np.float32], Rows, dict[str, float]]:
    """Say what a map tore apart.

    Args:
        vectors: float64 (n, d), unit length.
        xy: float64 (n, 2).
        pool: neighbours in few dimensions, used beyond 10,000 points.
        random_state: seeds the sample of 3,000 points that trustworthiness and continuity are taken on.

    Returns:
        distortion: float32 (n,), share of its k true neighbours that a point lost on the map.
        neighbours: int32 (n, k), the true neighbours, nearest first.
        quality: ``trustworthiness@k``, ``continuity@k``, ``neighbour overlap@k`` and ``chance@k``,
            the overlap of a map that knows nothing; empty for fewer than four points.
    """
    n = len(vectors)
    k = min(NEIGHBOURS_JUDGED, (n - 1) // 2)
    if n < 4:
        return np.zeros(n, dtype=np.float32), np.zeros((n, 0), dtype=np.int32), {}
    near = true_neighbours(vectors, k, pool)
    drawn = nearest(xy, k)[0]
    overlap = (near[:, :, None] == drawn[:, None, :]).any(axis=2).mean(axis=1)
    sample = np.arange(n)
    if n > JUDGED_AT_MOST:
        sample = np.random.default_rng(random_state).choice(n, JUDGED_AT_MOST, replace=False)
    spaces = vectors[sample], xy[sample]
    quality = {
        f"trustworthiness@{k}": trustworthiness(*spaces, k),
        f"continuity@{k}": trustworthiness(*spaces[::-1], k),
        f"neighbour overlap@{k}": float(overlap.mean()),
        f"chance@{k}": k / (n - 1),
    }
    return (1.0 - overlap).astype(np.float32), near, quality


def trustworthiness(true: Points, drawn: Points, k: int) -> float:
    """How few of the neighbours in ``drawn`` are strangers in ``true``, 1 for none.

    Equal to scikit-learn's, which ranks all distances; here only those of the neighbours are ranked. With the
    two spaces exchanged it is the continuity.

    Args:
        true: float64 (n, d).
        drawn: float64 (n, e).
        k: neighbours looked at, below n / 2.
    """
    n, penalty = len(true), 0
    near = nearest(drawn, k)[0]
    for start in range(0, n, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, n))
        away = _squared_distances(true[rows], true)
        away[np.arange(len(rows)), rows] = -1.0  # nearer than all others, so that counts are ranks from 1
        there = np.take_along_axis(away, near[rows], axis=1)
        away.sort(axis=1)
        for sorted_, wanted in zip(away, there, strict=True):
            penalty += int(np.maximum(np.searchsorted(sorted_, wanted) - k, 0).sum())
    return 1.0 - penalty * 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0))


def _squared_distances(some: Points, others: Points) -> Points:
    """Float64 (m, n)."""
    squares = np.square(some).sum(axis=1)[:, None] + np.square(others).sum(axis=1)
    return np.asarray(squares - 2.0 * some @ others.T)
