"""Where further points and parents go on a map that is already drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.projection.neighbours import Points, Vectors

_PLACED_BY = 5


class Placer(Protocol):
    """Puts further points on a map that is already drawn."""

    def place(self, vectors: Vectors) -> Points:
        """Float32 (m, d) unit vectors to float64 (m, 2)."""


@dataclass(frozen=True, eq=False)
class Anchors:
    """Places a point among its nearest anchors: their mean, weighted by inverse squared distance.

    UMAP's own transform moves a point with its company in the batch (by 0.01 when tried), this one does not.

    Attributes:
        vectors: float32 (n, d), unit length.
        xy: float64 (n, 2).
    """

    vectors: Vectors
    xy: Points

    def place(self, vectors: Vectors) -> Points:
        """Float32 (m, d) to float64 (m, 2); a copy of an anchor lands on it."""
        from sklearn.neighbors import NearestNeighbors

        search = NearestNeighbors(n_neighbors=min(_PLACED_BY, len(self.vectors)), algorithm="brute")
        distances, rows = search.fit(self.vectors).kneighbors(vectors)
        weights = 1.0 / (np.square(distances) + 1e-12)
        weights /= weights.sum(axis=1, keepdims=True)
        return np.einsum("mk,mkc->mc", weights, self.xy[rows])


def place_by_children(xy: Points, tree: NDArray[np.intp], weights: NDArray[np.float64]) -> None:
    """Give every row without coordinates the weighted centroid of its children, finest parents first.

    Args:
        xy: float64 (n, 2), NaN where a parent is still to be placed; filled in place.
        tree: row of the parent of each row, −1 where there is none.
        weights: float64 (n,).

    Raises:
        ValueError: a segment is its own ancestor.
    """
    children: dict[int, list[int]] = {}
    for row, parent in enumerate(tree):
        children.setdefault(int(parent), []).append(row)
    waiting = [int(row) for row in np.flatnonzero(np.isnan(xy[:, 0]))]
    while waiting:
        ready = {row for row in waiting if not np.isnan(xy[children[row], 0]).any()}
        if not ready:
            raise ValueError("parents must form a tree: some segment is its own ancestor.")
        for row in ready:
            below = children[row]
            xy[row] = np.average(xy[below], axis=0, weights=weights[below])
        waiting = [row for row in waiting if row not in ready]
