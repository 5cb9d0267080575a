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
    from sklearn.manifold import trustworthiness

    n = len(vectors)
    k = min(NEIGHBOURS_JUDGED, (n - 1) // 2)
    if n < 4:
        return np.zeros(n, dtype=np.float32), np.zeros((n, 0), dtype=np.int32), {}
    near = true_neighbours(vectors, k, pool)
    drawn = nearest(xy, k)[0]
    overlap = np.array([len(np.intersect1d(a, b)) / k for a, b in zip(near, drawn, strict=True)])
    sample = np.arange(n)
    if n > JUDGED_AT_MOST:
        sample = np.random.default_rng(random_state).choice(n, JUDGED_AT_MOST, replace=False)
    spaces = vectors[sample], xy[sample]
    quality = {
        f"trustworthiness@{k}": float(trustworthiness(*spaces, n_neighbors=k)),
        f"continuity@{k}": float(trustworthiness(*spaces[::-1], n_neighbors=k)),
        f"neighbour overlap@{k}": float(overlap.mean()),
        f"chance@{k}": k / (n - 1),
    }
    return (1.0 - overlap).astype(np.float32), near, quality
