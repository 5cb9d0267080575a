"""Indexes: searches that look at a part of the vectors, and count how much they look at.

Every search answers with squared distances of unit vectors, which put neighbours in the order of the cosine.
Rounded alike, and equal ones in the order of their rows: what has looked at all answers as brute force does.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.quantisation import ProductCodes, k_means
from videxplore.lessons.similarity import neighbours, recall

Vector = NDArray[np.float64]

K = 10
"""Neighbours that are asked for."""

_DIGITS = 9


@dataclass(frozen=True, eq=False)
class Answer:
    """What one search found.

    Attributes:
        rows: int (k,), nearest first.
        looked_at: how many whole vectors were compared with the query; work on codes is counted by the share
            of a vector's numbers that it reads.
        seen: int (m,), rows that were compared.
    """

    rows: NDArray[np.intp]
    looked_at: float
    seen: NDArray[np.intp]


class Index(Protocol):
    """Anything that finds neighbours with more or less effort."""

    def search(self, query: Vector, k: int, effort: int) -> Answer:
        """Return about the k nearest of a vector (d,); a larger effort looks at more."""
        ...


def distances(query: Vector, vectors: Vector) -> Vector:
    """Return squared Euclidean distances (n,) of a vector (d,) to vectors (n, d)."""
    off = vectors - query
    return np.round(np.einsum("ij,ij->i", off, off), _DIGITS)


def best(rows: NDArray[np.intp], away: Vector, k: int) -> NDArray[np.intp]:
    """Return the k rows with the least distance, of equal ones the first rows."""
    return rows[np.lexsort((rows, away))[:k]]


@dataclass(frozen=True, eq=False)
class Exact:
    """Brute force: the query is compared with every vector.

    Attributes:
        vectors: float64 (n, d).
    """

    vectors: Vector

    def search(self, query: Vector, k: int, effort: int = 0) -> Answer:
        """Return the k nearest; the effort is always the same."""
        every = np.arange(len(self.vectors))
        return Answer(best(every, distances(query, self.vectors), k), len(every), every)


@dataclass(frozen=True, eq=False)
class Lists:
    """An inverted file: vectors in lists around centres, of which only the nearest lists are read.

    Sivic & Zisserman (2003) for pictures; IVF in Jégou, Douze & Schmid (2011).

    Attributes:
        vectors: float64 (n, d).
        centres: float64 (lists, d), by k-means.
        owner: int (n,), list of each vector.
    """

    vectors: Vector
    centres: Vector
    owner: NDArray[np.intp]

    @cached_property
    def members(self) -> tuple[NDArray[np.intp], ...]:
        """Rows of each list."""
        return tuple(np.flatnonzero(self.owner == i) for i in range(len(self.centres)))

    def probed(self, query: Vector, effort: int) -> NDArray[np.intp]:
        """Return the lists that are read: those with the nearest centres."""
        return best(np.arange(len(self.centres)), distances(query, self.centres), effort)

    def search(self, query: Vector, k: int, effort: int) -> Answer:
        """Return the k nearest in the ``effort`` lists whose centres are nearest."""
        rows = np.concatenate([self.members[i] for i in self.probed(query, effort)])
        away = distances(query, self.vectors[rows])
        return Answer(best(rows, away, k), len(self.centres) + len(rows), rows)


def fit_lists(vectors: Vector, count: int, *, seed: int = 0) -> Lists:
    """Return vectors (n, d) in so many lists.

    Raises:
        ValueError: no list, or more lists than vectors.
    """
    if not 1 <= count <= len(vectors):
        raise ValueError(f"count must be 1 to {len(vectors)}, got {count}.")
    centres = k_means(vectors, count, np.random.default_rng(seed))
    owner = np.array([np.argmin(distances(vector, centres)) for vector in vectors], np.intp)
    return Lists(vectors, centres, owner)


@dataclass(frozen=True, eq=False)
class Coded:
    """Product codes (Jégou, Douze & Schmid 2011) of all vectors are read; the best are looked up in full.

    A distance to a code is the sum of distances to codebook entries, which are looked up in a table that is
    computed once per query.

    Attributes:
        vectors: float64 (n, d), for the second look.
        codes: uint8 (n, groups).
        books: that the codes belong to.
    """

    vectors: Vector
    codes: NDArray[np.uint8]
    books: ProductCodes

    def estimate(self, query: Vector) -> Vector:
        """Return the squared distance (n,) of a vector to what each code stands for."""
        away = np.zeros(len(self.codes))
        for column, (group, book) in enumerate(zip(self.books.groups, self.books.books, strict=True)):
            away += np.square(book - query[group]).sum(axis=1)[self.codes[:, column]]
        return np.round(away, _DIGITS)

    def search(self, query: Vector, k: int, effort: int) -> Answer:
        """Return the k nearest of the ``effort`` vectors that are nearest by their codes.

        With an effort of at most k nothing is looked up: the order is that of the codes.
        """
        every = np.arange(len(self.codes))
        # A table is as much work as its entries; a code reads one number per group.
        reading = len(self.books.books[0]) + len(every) * self.codes.shape[1] / len(query)
        pool = best(every, self.estimate(query), max(k, effort))
        if effort <= k:
            return Answer(pool[:k], reading, every)
        return Answer(best(pool, distances(query, self.vectors[pool]), k), reading + len(pool), every)


def fit_codes(vectors: Vector, groups: int, *, entries: int = 16, seed: int = 0) -> Coded:
    """Return product codes of vectors (n, d), ``groups`` codes of log₂ ``entries`` bits each.

    Raises:
        ValueError: no group, or more groups than columns.
    """
    if not 1 <= groups <= vectors.shape[1]:
        raise ValueError(f"groups must be 1 to {vectors.shape[1]}, got {groups}.")
    parts = tuple(np.array_split(np.arange(vectors.shape[1]), groups))
    rng = np.random.default_rng(seed)
    books = ProductCodes(
        parts, tuple(k_means(vectors[:, part], min(entries, len(vectors)), rng) for part in parts)
    )
    return Coded(vectors, books.encode(vectors), books)


@dataclass(frozen=True, eq=False)
class Measured:
    """How an index did for one effort.

    Attributes:
        effort: as given.
        found: int (m, k), per query.
        recall: float64 (m,), share of the true neighbours among them.
        looked_at: mean number of vectors compared per query.
        time_s: mean seconds per query, in this process.
    """

    effort: int
    found: NDArray[np.intp]
    recall: NDArray[np.float64]
    looked_at: float
    time_s: float


def measure(
    index: Index, vectors: Vector, asked: NDArray[np.intp], efforts: Sequence[int], *, k: int = K
) -> tuple[Measured, ...]:
    """Ask an index for the neighbours of some of its own vectors, with every effort.

    A vector finds itself first and is left out: k others are wanted.

    Args:
        index: of ``vectors``.
        vectors: float64 (n, d).
        asked: rows of the queries (m,).
        efforts: to try.
        k: neighbours.
    """
    exact = Exact(vectors)
    wanted = np.stack([others(exact.search(vectors[row], k + 1).rows, row, k) for row in asked.tolist()])
    made = []
    for effort in efforts:
        start = time.perf_counter()
        answers = [index.search(vectors[row], k + 1, effort) for row in asked.tolist()]
        spent = (time.perf_counter() - start) / len(asked)
        found = np.stack([others(a.rows, row, k) for a, row in zip(answers, asked.tolist(), strict=True)])
        looked_at = float(np.mean([answer.looked_at for answer in answers]))
        made.append(Measured(effort, found, recall(found, wanted), looked_at, spent))
    return tuple(made)


def others(rows: NDArray[np.intp], row: int, k: int) -> NDArray[np.intp]:
    """Return the first k (k,) of ``rows`` that are not ``row``; −1 where there are no more."""
    kept = rows[rows != row][:k]
    return np.concatenate([kept, np.full(k - len(kept), -1)])


def enlarge(vectors: Vector, count: int, *, near: int = K, seed: int = 0) -> Vector:
    """Return unit vectors (count, d): those given, then ones between them and one of their neighbours.

    The rule by which rare classes are filled up in SMOTE (Chawla et al. 2002). It makes the crowd thicker
    where there is one already; it makes no new films.

    Args:
        vectors: float64 (n, d), n at most ``count``.
        count: how many are wanted.
        near: neighbours to choose from.
        seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    rows = rng.integers(len(vectors), size=count - len(vectors))
    close = neighbours(vectors, near)
    there = close[rows, rng.integers(near, size=len(rows))]
    between = vectors[rows] + rng.random((len(rows), 1)) * (vectors[there] - vectors[rows])
    return np.concatenate([vectors, between / np.linalg.norm(between, axis=1, keepdims=True)])
