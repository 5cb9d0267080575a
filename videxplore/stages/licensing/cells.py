"""The nearest of millions of short vectors without looking at all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Coarse = NDArray[np.int8]

_EXACT_BELOW = 1 << 15
_PROBED = 12
_ROUNDS, _PER_CELL = 6, 40
_ROWS, _MANY = 512, 1 << 15
_FINE = 127.0


def coarse(vectors: Vectors) -> Coarse:
    """Keep unit vectors at one byte per dimension."""
    return np.rint(vectors * _FINE).astype(np.int8)


class Cells:
    """Unit vectors in cells around centres, of which a search looks into the twelve nearest.

    This is the inverted file of Jégou, Douze and Schmid (Product Quantization for Nearest Neighbor Search,
    2011), without the product quantiser. There are a quarter as many cells as the root of the number of
    vectors, so that time grows with its power 1.5 and not with its square. Below 32,768 vectors there is one
    cell, and the search leaves nothing out.

    Args:
        vectors: int8 (n, d), from :func:`coarse`.
        owners: int (n,); whoever asks is not answered with vectors of his own.
    """

    def __init__(self, vectors: Coarse, owners: NDArray[np.intp]) -> None:
        count = round(len(vectors) ** 0.5 / 4) if len(vectors) >= _EXACT_BELOW else 1
        self._centres = _find_centres(vectors, count)
        cells = np.concatenate([
            (_fine(vectors[at : at + _MANY]) @ self._centres.T).argmax(axis=1)
            for at in range(0, len(vectors), _MANY)
        ])  # fmt: skip
        self._order = np.argsort(cells, kind="stable")
        self._vectors, self._owners = vectors[self._order], owners[self._order]
        self._starts = np.searchsorted(cells[self._order], np.arange(count + 1))

    def nearest(
        self, asked: Vectors, askers: NDArray[np.intp] | None, count: int, least: float
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], Vectors]:
        """Return rows of those asked (k,), vectors (k,) and cosines (k,): up to ``count`` of each cell.

        Args:
            asked: float32 (m, d), unit vectors.
            askers: int (m,), owners of these; None where owners do not matter.
            count: of answers from each cell.
            least: cosine of an answer.
        """
        probed = min(_PROBED, len(self._centres))
        cells = np.argpartition(-(asked @ self._centres.T), probed - 1, axis=1)[:, :probed]
        by_cell = np.argsort(cells, axis=None, kind="stable")
        starts = np.searchsorted(cells.ravel()[by_cell], np.arange(len(self._centres) + 1))
        rows, found, cosines = [], [], []
        for cell in np.flatnonzero(np.diff(starts) * np.diff(self._starts)):
            low, high = self._starts[cell], self._starts[cell + 1]
            members = _fine(self._vectors[low:high])
            who = by_cell[starts[cell] : starts[cell + 1]] // probed
            for some in np.split(who, range(_ROWS, len(who), _ROWS)):
                alike = asked[some] @ members.T
                if askers is not None:
                    alike[askers[some][:, None] == self._owners[low:high]] = -1.0
                best = np.argpartition(alike, -min(count, high - low), axis=1)[:, -count:]
                fits = np.take_along_axis(alike, best, axis=1)
                row, rank = np.nonzero(fits >= least)
                rows.append(some[row])
                found.append(self._order[low + best[row, rank]])
                cosines.append(fits[row, rank])
        nothing = [np.zeros(0, np.intp)]
        return (
            np.concatenate(nothing + rows),
            np.concatenate(nothing + found),
            np.concatenate([np.zeros(0, np.float32), *cosines]),
        )


def _fine(vectors: Coarse) -> Vectors:
    return vectors.astype(np.float32) / np.float32(_FINE)


def _find_centres(vectors: Coarse, count: int) -> Vectors:
    """Centres (count, d) of a sample, by spherical k-means (Dhillon and Modha, 2001)."""
    rng = np.random.default_rng(0)
    sample = _fine(vectors[rng.permutation(len(vectors))[: count * _PER_CELL]])
    centres = sample[:count].copy()
    for _ in range(_ROUNDS):
        cells = (sample @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, cells, sample)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 1e-6, sums / np.maximum(lengths, 1e-6), centres)
    return centres
