"""What a map says that is not so, and what it leaves out.

A false neighbour is near on the map and far in the full dimension; a torn neighbour is the other way round.
Trustworthiness falls with the first, continuity with the second (Venna & Kaski, 2001).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.projection.neighbours import Points, Surroundings, nearest

_BLOCK = 256

JUDGED_AT_MOST = 3000
"""Points that trustworthiness and continuity are taken on: both need all distances."""


def judge(around: Surroundings, xy: Points) -> tuple[NDArray[np.float32], dict[str, float]]:
    """Say what a map tore apart.

    Args:
        around: who is near whom in truth; its seed draws the 3,000 points that trustworthiness and continuity
            are taken on.
        xy: float64 (n, 2).

    Returns:
        distortion: float32 (n,), share of its k true neighbours that a point lost on the map.
        quality: ``trustworthiness@k``, ``continuity@k``, ``neighbour overlap@k`` and ``chance@k``,
            the overlap of a map that knows nothing; ``true neighbours found@k`` where the search for them
            missed some, beyond 10,000 points (the overlap is then that of 500 points, searched for exactly);
            empty for fewer than four.
    """
    near = around.nearest
    n, k = near.shape
    if k == 0:
        return np.zeros(n, dtype=np.float32), {}
    drawn = nearest(xy, k)[0]
    overlap = (near[:, :, None] == drawn[:, None, :]).any(axis=2).mean(axis=1)
    sample = np.arange(n)
    if n > JUDGED_AT_MOST:
        sample = np.random.default_rng(around.random_state).choice(n, JUDGED_AT_MOST, replace=False)
    trusted, continuous = trustworthiness(around.vectors[sample].astype(np.float64), xy[sample], k)
    quality = {
        f"trustworthiness@{k}": trusted,
        f"continuity@{k}": continuous,
        f"neighbour overlap@{k}": float(overlap.mean()),
        f"chance@{k}": k / (n - 1),
    }
    if around.found < 1:
        probed, true = around.probe
        kept = (true[:, :, None] == drawn[probed][:, None, :]).any(axis=2)
        quality[f"neighbour overlap@{k}"] = float(kept.mean())
        quality[f"true neighbours found@{k}"] = around.found
    return (1.0 - overlap).astype(np.float32), quality


def trustworthiness(true: Points, drawn: Points, k: int) -> tuple[float, float]:
    """Say how few of the neighbours in ``drawn`` are strangers in ``true``, 1 for none, and the way back.

    The first equals scikit-learn's; the second, continuity, is the same with the two spaces exchanged. Both
    come from one pass over the distances, of which only those of the neighbours are ranked.

    Args:
        true: float64 (n, d).
        drawn: float64 (n, e).
        k: neighbours looked at, below n / 2.
    """
    n, strange, torn = len(true), 0, 0
    for start in range(0, n, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, n))
        there, here = _squared_distances(true, rows), _squared_distances(drawn, rows)
        near = [np.argpartition(away, k, axis=1)[:, : k + 1] for away in (there, here)]
        strange += _strangeness(there, near[1], k)
        torn += _strangeness(here, near[0], k)
    worst = n * k * (2.0 * n - 3.0 * k - 1.0) / 2.0
    return 1.0 - strange / worst, 1.0 - torn / worst


def _strangeness(away: Points, near: NDArray[np.intp], k: int) -> int:
    """By how many ranks the points in ``near`` lie beyond the k-th, summed; ``away`` is sorted in place."""
    wanted = np.take_along_axis(away, near, axis=1)
    away.sort(axis=1)
    # A point itself is nearer than all others, so that counts are ranks from 1.
    return sum(
        int(np.maximum(np.searchsorted(sorted_, some) - k, 0).sum())
        for sorted_, some in zip(away, wanted, strict=True)
    )


def _squared_distances(points: Points, rows: NDArray[np.intp]) -> Points:
    """Float64 (m, n) between some rows and all, −1 between a row and itself."""
    squares = np.square(points).sum(axis=1)
    away = np.asarray(squares[rows, None] + squares - 2.0 * points[rows] @ points.T)
    away[np.arange(len(rows)), rows] = -1.0
    return away
