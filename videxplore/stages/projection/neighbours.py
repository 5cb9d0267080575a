"""Nearest neighbours, exactly where that is quick and from a first pass where it is not."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.projection.kept_umap import load_umap

Points = NDArray[np.float64]
Vectors = NDArray[np.float32]
Rows = NDArray[np.int32]

NEIGHBOURS_JUDGED = 15
"""k of every figure, or half of the points where there are fewer."""

REDUCED_TO = 50
"""Dimensions that a layout searches neighbours in: UMAP of 5,000 × 512 then takes a sixth of the time."""

EXACT_UP_TO = 10_000
"""Points whose neighbours are found in the full dimension; beyond, the search takes minutes."""

EXACT_IN_FEW_UP_TO = 100_000
"""Points whose neighbours are found exactly in few dimensions; beyond, the search grows with their square.
Below, the other search gains nothing: to compile it takes a process as long."""

_POOL = 3

_PROBED = 500
"""Points that a search which may miss neighbours is checked on."""

_BLOCK = 200


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


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Who is near whom in truth, looked for when first asked and then known to every map of the same vectors.

    Attributes:
        vectors: float32 (n, d), unit length.
        random_state: seeds what is sampled.
    """

    vectors: Vectors
    random_state: int = 42

    @cached_property
    def pool(self) -> Neighbourhood:
        """Neighbours in few dimensions, n > 1."""
        return find_neighbourhood(self.vectors, NEIGHBOURS_JUDGED, random_state=self.random_state)

    @cached_property
    def nearest(self) -> Rows:
        """The k nearest in the full dimension, int32 (n, k), nearest first; none for fewer than four points.

        Up to 10,000 points exactly; beyond, the nearest in the full dimension out of :attr:`pool`.
        """
        n = len(self.vectors)
        k = min(NEIGHBOURS_JUDGED, (n - 1) // 2)
        if n < 4:
            return np.zeros((n, 0), np.int32)
        if n <= EXACT_UP_TO:
            return nearest(self.vectors, k)[0]
        return nearest_of_pool(self.vectors, k, self.pool)

    @cached_property
    def probe(self) -> tuple[NDArray[np.intp], Rows]:
        """500 points drawn by lot, intp (m,), and their true neighbours by an exact search, int32 (m, k)."""
        n, k = self.nearest.shape
        probed = np.random.default_rng(self.random_state).choice(n, min(_PROBED, n), replace=False)
        true = np.empty((len(probed), k), np.int32)
        for part in np.array_split(np.arange(len(probed)), -(-len(probed) // 50)):
            cosines = self.vectors[probed[part]] @ self.vectors.T
            cosines[np.arange(len(part)), probed[part]] = -np.inf
            true[part] = np.argpartition(-cosines, k, axis=1)[:, :k]
        return probed, true

    @cached_property
    def found(self) -> float:
        """Share of the true neighbours that :attr:`nearest` found; 1 where its search is exact."""
        if len(self.vectors) <= EXACT_UP_TO:
            return 1.0
        probed, true = self.probe
        return float((self.nearest[probed, :, None] == true[:, None, :]).any(axis=2).mean())


def find_neighbourhood(vectors: Vectors, k: int, *, random_state: int) -> Neighbourhood:
    """Find a pool of three times k neighbours per point after PCA to 50 dimensions.

    Args:
        vectors: float32 (n, d), n > 1.
        k: neighbours that will be asked for.
        random_state: seeds the PCA where it is a randomised one.
    """
    points = reduce_points(vectors, random_state=random_state)
    wanted = min(_POOL * k, len(points) - 1)
    if len(points) <= EXACT_IN_FEW_UP_TO:
        return Neighbourhood(points, *nearest(points, wanted))
    return Neighbourhood(points, *about_nearest(points, wanted, random_state))


def about_nearest(points: Vectors, k: int, random_state: int) -> tuple[Rows, NDArray[np.float32]]:
    """Find most of the k nearest others of each point, by NN-descent (Dong, Moses & Li, 2011).

    The same seed finds the same on a machine whose number of threads stays as it is.

    Args:
        points: float32 (n, r).
        k: neighbours.
        random_state: seed.
    """
    descend = load_umap().umap_.NNDescent
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Cannot cache compiled function")
        rows, distances = descend(points, n_neighbors=k + 1, random_state=random_state).neighbor_graph
    own = rows == np.arange(len(rows))[:, None]
    own[~own.any(axis=1), -1] = True  # a twin of the point took its place
    return rows[~own].reshape(-1, k).astype(np.int32), distances[~own].reshape(-1, k).astype(np.float32)


def reduce_points(vectors: Vectors, *, random_state: int) -> NDArray[np.float32]:
    """Return the coordinates on at most 50 principal components, float32 (n, r).

    Args:
        vectors: float32 (n, d), n > 1.
        random_state: seeds the PCA where it is a randomised one.
    """
    from sklearn.decomposition import PCA

    n, d = vectors.shape
    points = np.asarray(vectors, dtype=np.float32)
    if not np.ptp(points, axis=0).max() > 0:
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


def nearest_of_pool(vectors: Vectors, k: int, pool: Neighbourhood) -> Rows:
    """Return the k nearest in the full dimension out of those found in few, int32 (n, k), nearest first.

    Args:
        vectors: float32 (n, d), unit length.
        k: at most as many as the pool has.
        pool: what :func:`find_neighbourhood` found.
    """
    kept = np.empty((len(vectors), k), np.int32)
    for start in range(0, len(vectors), _BLOCK):
        rows = pool.rows[start : start + _BLOCK]
        cosines = np.einsum("nmd,nd->nm", vectors[rows], vectors[start : start + _BLOCK])
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
        kept[start : start + _BLOCK] = np.take_along_axis(rows, order, axis=1)
    return kept
