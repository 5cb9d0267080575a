"""A first pass over many vectors with one byte per number, and how wrong it can be at most.

Scanning float32 vectors is bound by memory: one byte per number reads a quarter. What the coding loses is
known exactly for each vector, so that every score has a certain lower and upper bound; whatever may still
belong to the best is scored again in full, and the answer is the exact one. (Scalar quantisation with
re-scoring as in vector databases, except that the bound decides how many are scored again, not a factor.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]

_CODES = 127
_HANDS = 16
"""Hands per score looked for, see :func:`reached_by`."""

_SUM = 2**31 - 1
"""What the sum of products may reach in 32 bits."""


@dataclass(frozen=True, eq=False)
class RoughItems:
    """Coded vectors.

    Attributes:
        codes: int8 (n, d).
        scales: float32 (n,): a vector is about its codes times its scale.
        lost: float32 (n,), length of what the coding lost of each vector.
        lengths: float32 (n,), of the vectors.
    """

    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    lost: NDArray[np.float32]
    lengths: NDArray[np.float32]

    @classmethod
    def of(cls, items: NDArray[np.float32]) -> RoughItems:
        """Code vectors (n, d)."""
        n, d = items.shape
        codes = np.empty((n, d), dtype=np.int8)
        scales, lost, lengths = (np.empty(n, dtype=np.float32) for _ in range(3))
        _loops().code(items, codes, scales, lost, lengths)
        return cls(codes, scales, lost, lengths)

    def bounds(self, weights: NDArray[np.float32]) -> Bounds:
        """Return lower and upper bounds, float64 (n,) each, of all products with ``weights`` (d,)."""
        return next(self.bounds_of(weights[None]))

    def bounds_of(self, weights: NDArray[np.float32]) -> Iterator[Bounds]:
        """Bounds for each row of ``weights`` (q, d): the codes are read once for all of them.

        With weights w and their coding ŵ, a vector x and its coding x̂: |x·w − x̂·ŵ| ≤ ‖x − x̂‖‖w‖ +
        ‖x̂‖‖w − ŵ‖, and a little for float32. Sums of codes are whole numbers, so that the bounds of one query
        are the same bits whatever it is asked together with.
        """
        finest = min(2**14, _SUM // (_CODES * max(weights.shape[1], 1)))
        scales = np.maximum(np.abs(weights).max(axis=1, initial=0.0), 1e-30).astype(np.float64) / finest
        coded = np.rint(weights / scales[:, None]).astype(np.int16)
        sums = np.empty((len(weights), len(self.codes)), dtype=np.int32)
        self._multiply(coded, sums)
        for weight, code, scale, products in zip(weights, coded, scales.tolist(), sums, strict=True):
            length = float(np.linalg.norm(weight))
            wrong = float(np.linalg.norm(weight - code * scale))
            low, high = (np.empty(len(products)) for _ in range(2))
            query = (scale, length, wrong + 1e-5 * length)
            _loops().bound(products, self.scales, self.lost, self.lengths, query, low, high)
            yield low, high

    def _multiply(self, coded: NDArray[np.int16], sums: NDArray[np.int32]) -> None:
        """Fill ``sums`` (q, n), every core its share of the rows."""
        cores = os.cpu_count() or 1
        edges = np.linspace(0, len(self.codes), cores + 1).astype(int).tolist()
        multiply = _loops().multiply
        with ThreadPoolExecutor(cores) as pool:
            shares = [pool.submit(multiply, self.codes, coded, sums, *share) for share in pairwise(edges)]
        for share in shares:
            share.result()


def reached_by(low: NDArray[np.float64], count: int) -> float:
    """Return a score that at least ``count`` of the scores bounded below by ``low`` (n,) reach.

    The rows are dealt into many hands and only the best of each hand is looked at: hardly ever do two of the
    best ``count`` share a hand, and a sixteenth of the numbers is ordered.
    """
    hands = _HANDS * count
    held = len(low) // hands
    best = low if held < 2 else low[: held * hands].reshape(held, hands).max(axis=0)
    return float(np.partition(best, len(best) - count)[len(best) - count])


@cache
def _loops() -> Any:
    """The compiled loops; numba is imported by the first library that is large enough to need them."""
    from videxplore.stages.store import loops

    return loops
