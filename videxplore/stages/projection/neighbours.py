"""Nearest neighbours, exactly where that is quick and from a first pass where it is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Rows = NDArray[np.int32]

REDUCED_TO = 50
"""Dimensions that a layout searches neighbours in: UMAP of 5,000 × 512 then takes a sixth of the time."""

EXACT_UP_TO = 10_000
"""Points whose neighbours are found in the full dimension; beyond, the search takes minutes."""

_POOL = 3


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """The nearest of every point in a space of few dimensions.

    Attributes:
        points: float32 (n, r), the principal coordinates searched in.
        rows: int32 (n, m), nearest first, never the point itself.
        distances: float32 (n, m), Euclidean.
    """

    points: NDArray[np.float32]
    rows: Rows
    distances: NDArray[np.float32]

    def among(self, kept: NDArray[np.bool_], k: int) -> tuple[Rows, NDArray[np.float32]]:
        """Return the k nearest of the points kept among themselves: rows and distances (kept, k).

        Rows count among the points kept. A point that has fewer than k of its neighbours kept is
        searched for once more.
        """
        place = np.cumsum(kept) - 1
        rows, distances, inside = self.rows[kept], self.distances[kept], kept[self.rows[kept]]
        first = np.argsort(~inside, axis=1, kind="stable")[:, :k]
        found = place[np.take_along_axis(rows, first, axis=1)].astype(np.int32)
        far = np.take_along_axis(distances, first, axis=1)
        short = np.flatnonzero(inside.sum(axis=1) < k)
        if len(short):
            found_again, far_again = nearest(self.points[kept], k, of=short)
            found = np.hstack([found, np.zeros((len(found), k - found.shape[1]), np.int32)])
            far = np.hstack([far, np.zeros((len(far), k - far.shape[1]), np.float32)])
            found[short], far[short] = found_again, far_again
        return found, far


def find_neighbourhood(vectors: Points, k: int, *, random_state: int) -> Neighbourhood:
    """Find a pool of three times k neighbours per point after PCA to 50 dimensions.

    Args:
        vectors: float64 (n, d), n > 1.
        k: neighbours that will be asked for.
        random_state: seeds the PCA where it is a randomised one.
    """
    points = reduce_points(vectors, random_state=random_state)
    rows, distances = nearest(points, min(_POOL * k, len(points) - 1))
    return Neighbourhood(points, rows, distances)


def reduce_points(vectors: Points, *, random_state: int) -> NDArray[np.float32]:
    """Return the coordinates on at most 50 principal components, float32 (n, r).

    Args:
        vectors: float64 (n, d), n > 1.
        random_state: seeds the PCA where it is a randomised one.
    """
    from sklearn.decomposition import PCA

    n, d = vectors.shape
    points = vectors.astype(np.float32)
    if not np.ptp(vectors, axis=0).max() > 0:
        return points
    reduce = PCA(min(REDUCED_TO, n - 1, d), random_state=random_state)
    return np.asarray(reduce.fit_transform(points), dtype=np.float32)


def nearest(
    points: NDArray[np.floating], k: int, *, of: NDArray[np.intp] | None = None
) -> tuple[Rows, NDArray[np.float32]]:
    """Find the k nearest others of each point, or of the rows ``of``, exactly by Euclidean distance."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=k).fit(points)
    if of is None:
        distances, rows = search.kneighbors()
    else:
        distances, rows = search.kneighbors(points[of], n_neighbors=k + 1)
        # The point itself is dropped, or the last where a twin of it took its place.
        own = rows == of[:, None]
        own[~own.any(axis=1), -1] = True
        distances, rows = (a[~own].reshape(len(of), k) for a in (distances, rows))
    return rows.astype(np.int32), distances.astype(np.float32)


def true_neighbours(vectors: Points, k: int, pool: Neighbourhood | None) -> Rows:
    """Return the k nearest of every point in the full dimension, int32 (n, k), nearest first.

    Up to 10,000 points exactly. Beyond, the nearest in the full dimension out of those found in few.

    Args:
        vectors: float64 (n, d), unit length.
        k: below n.
        pool: what :func:`find_neighbourhood` found; only looked at beyond 10,000 points.
    """
    n, thin = len(vectors), vectors.astype(np.float32)
    if n <= EXACT_UP_TO or pool is None:
        return nearest(thin, k)[0]
    kept = np.empty((n, k), np.int32)
    for start in range(0, n, 1000):
        rows = pool.rows[start : start + 1000]
        cosines = np.einsum("nmd,nd->nm", thin[rows], thin[start : start + 1000])
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
        kept[start : start + 1000] = np.take_along_axis(rows, order, axis=1)
    return kept
