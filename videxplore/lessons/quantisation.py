"""Fewer bits per number: eight, one, or a codebook for several numbers at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.floating]

LEVELS = 255
"""Steps between the least and the largest value of a column in eight bits."""

CENTROIDS = 16
"""Entries of a codebook: four bits."""

COLUMNS_PER_CODE = 8
"""Columns that one code of product quantisation stands for: half a bit each."""


@dataclass(frozen=True, eq=False)
class EightBits:
    """Scalar quantisation: each column between its least and its largest value in 256 steps.

    Attributes:
        low: float64 (d,).
        step: float64 (d,), above zero.
    """

    low: NDArray[np.float64]
    step: NDArray[np.float64]

    def encode(self, vectors: Vectors) -> NDArray[np.uint8]:
        """Return uint8 (n, d); what lies outside the range takes its end."""
        steps = np.rint((np.asarray(vectors, np.float64) - self.low) / self.step)
        return np.clip(steps, 0, LEVELS).astype(np.uint8)

    def decode(self, codes: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return what the codes stand for."""
        return codes * self.step + self.low


def fit_eight_bits(vectors: Vectors) -> EightBits:
    """Return the steps that hold vectors (n, d)."""
    values = np.asarray(vectors, np.float64)
    low, high = values.min(axis=0), values.max(axis=0)
    return EightBits(low, np.where(high > low, (high - low) / LEVELS, 1.0))


def sign_bits(vectors: Vectors) -> NDArray[np.bool_]:
    """Return one bit per number: whether it is above zero."""
    return np.asarray(vectors) > 0


def hamming(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return in how many bits each row of ``first`` (m, d) differs from each of ``second`` (n, d)."""
    a, b = first.astype(np.float32), second.astype(np.float32)
    same = a @ b.T + (1 - a) @ (1 - b).T
    return first.shape[1] - np.rint(same).astype(np.intp)


@dataclass(frozen=True, eq=False)
class ProductCodes:
    """Product quantisation (Jégou, Douze & Schmid 2011): columns in groups, a codebook for each group.

    Attributes:
        groups: columns of each group.
        books: per group float64 (entries, columns).
    """

    groups: tuple[NDArray[np.intp], ...]
    books: tuple[NDArray[np.float64], ...]

    def encode(self, vectors: Vectors) -> NDArray[np.uint8]:
        """Return uint8 (n, groups): the nearest entry of each codebook."""
        values = np.asarray(vectors, np.float64)
        codes = [_assign(values[:, g], book) for g, book in zip(self.groups, self.books, strict=True)]
        return np.stack(codes, axis=1).astype(np.uint8)

    def decode(self, codes: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return what the codes stand for, (n, d)."""
        restored = np.empty((len(codes), sum(map(len, self.groups))))
        for column, (group, book) in enumerate(zip(self.groups, self.books, strict=True)):
            restored[:, group] = book[codes[:, column]]
        return restored

    @property
    def bits(self) -> int:
        """Bits per vector."""
        return sum(max(1, int(np.ceil(np.log2(len(book))))) for book in self.books)


def fit_product_codes(
    vectors: Vectors, *, columns: int = COLUMNS_PER_CODE, entries: int = CENTROIDS, seed: int = 0
) -> ProductCodes:
    """Return codebooks for vectors (n, d), learned from them by k-means.

    Args:
        vectors: what is learned from.
        columns: per group; neighbouring columns make one.
        entries: of a codebook, at most n.
        seed: of the first entries.
    """
    values = np.asarray(vectors, np.float64)
    count = max(1, round(values.shape[1] / columns))
    groups = tuple(np.array_split(np.arange(values.shape[1]), count))
    rng = np.random.default_rng(seed)
    books = tuple(k_means(values[:, group], min(entries, len(values)), rng) for group in groups)
    return ProductCodes(groups, books)


def k_means(
    points: NDArray[np.float64], k: int, rng: np.random.Generator, *, rounds: int = 25
) -> NDArray[np.float64]:
    """Return k means of points (n, d) by Lloyd's algorithm (1982), in at most ``rounds``.

    Starts are drawn far from each other (k-means++, Arthur & Vassilvitskii 2007). A mean that loses all its
    points moves to the point that is farthest from its own mean.
    """
    means = _spread_starts(points, k, rng)
    before = np.full(len(points), -1)
    for _ in range(rounds):
        owner = _assign(points, means)
        if (owner == before).all():
            break
        before = owner
        sizes = np.bincount(owner, minlength=k)
        sums = np.zeros_like(means)
        np.add.at(sums, owner, points)
        means = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], means)
        lost = np.flatnonzero(sizes == 0)
        if len(lost):
            off = np.square(points - means[owner]).sum(axis=1)
            means[lost] = points[np.argsort(-off, kind="stable")[: len(lost)]]
    return means


def _spread_starts(points: NDArray[np.float64], k: int, rng: np.random.Generator) -> NDArray[np.float64]:
    chosen = [int(rng.integers(len(points)))]
    off = np.square(points - points[chosen[0]]).sum(axis=1)
    while len(chosen) < k:
        total = off.sum()
        shares = off / total if total > 0 else np.full(len(points), 1 / len(points))
        chosen.append(int(rng.choice(len(points), p=shares)))
        off = np.minimum(off, np.square(points - points[chosen[-1]]).sum(axis=1))
    return points[chosen].copy()


def _assign(points: NDArray[np.float64], means: NDArray[np.float64]) -> NDArray[np.intp]:
    """Row of the nearest mean; of equal ones the first."""
    off = (means * means).sum(axis=1) - 2 * points @ means.T
    return np.argmin(off, axis=1)
