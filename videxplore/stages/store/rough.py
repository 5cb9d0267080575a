"""A first pass over many vectors with one byte per number, and how wrong it can be at most.

Scanning float32 vectors is bound by memory: one byte per number reads a quarter. What the coding loses is
known exactly for each vector, so that every score has a certain lower and upper bound; whatever may still
belong to the best is scored again in full, and the answer is the exact one. (Scalar quantisation with
re-scoring as in vector databases, except that the bound decides how many are scored again, not a factor.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CODES = 127
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

    def bounds(self, weights: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return lower and upper bounds, float64 (n,) each, of all vectors' products with ``weights`` (d,).

        With weights w and their coding ŵ, a vector x and its coding x̂: |x·w − x̂·ŵ| ≤ ‖x − x̂‖‖w‖ +
        ‖x̂‖‖w − ŵ‖, and a little for float32.
        """
        finest = min(2**14, _SUM // (_CODES * max(len(weights), 1)))
        largest = max(float(np.abs(weights).max(initial=0.0)), 1e-30)
        scale = largest / finest
        coded = np.rint(weights / scale).astype(np.int16)
        sums = np.empty(len(self.codes), dtype=np.int32)
        _loops().multiply(self.codes, coded, sums)
        middle = sums * (self.scales.astype(np.float64) * scale)
        length = float(np.linalg.norm(weights))
        wrong = float(np.linalg.norm(weights - coded * scale))
        slack = self.lost * length + (self.lengths + self.lost) * (wrong + 1e-5 * length)
        return middle - slack, middle + slack


@cache
def _loops() -> Any:
    """The compiled loops; numba is imported by the first library that is large enough to need them."""
    from videxplore.stages.store import loops

    return loops
