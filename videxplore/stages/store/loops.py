"""Inner loops over many vectors. Importing this module imports numba."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.compiling import compiled

_ROWS = 32
"""Rows of codes that fit into the innermost cache beside the weights of a query."""


@compiled
def code(
    items: NDArray[np.float32],
    codes: NDArray[np.int8],
    scales: NDArray[np.float32],
    lost: NDArray[np.float32],
    lengths: NDArray[np.float32],
) -> None:
    """Write vectors (n, d) as codes of −127 to 127 times a scale, and the lengths of what that loses."""
    for i in range(items.shape[0]):
        largest = np.float32(1e-30)
        for j in range(items.shape[1]):
            largest = max(largest, abs(items[i, j]))
        scale = largest / np.float32(127.0)
        scales[i] = scale
        wrong, whole = 0.0, 0.0
        for j in range(items.shape[1]):
            coded = np.rint(items[i, j] / scale)
            codes[i, j] = np.int8(coded)
            missing = items[i, j] - coded * scale
            wrong += missing * missing
            whole += items[i, j] * items[i, j]
        lost[i] = math.sqrt(wrong) * 1.0001  # rounded up: it has to be a bound
        lengths[i] = math.sqrt(whole) * 1.0001


@compiled
def multiply(
    codes: NDArray[np.int8], weights: NDArray[np.int16], sums: NDArray[np.int32], first: int, last: int
) -> None:
    """Write products of codes (n, d), rows ``first`` to ``last``, with weights (q, d) into ``sums`` (q, n).

    Each few rows meet all weights before the next are read, so that codes come from memory once.
    """
    for start in range(first, last, _ROWS):
        stop = min(start + _ROWS, last)
        for k in range(weights.shape[0]):
            weight = weights[k]
            for i in range(start, stop):
                row = codes[i]
                total = np.int32(0)
                for j in range(len(row)):
                    # 32 bits hold the sum; numba would widen it to 64 and take twice as long.
                    total = np.int32(total + np.int32(np.int32(row[j]) * np.int32(weight[j])))
                sums[k, i] = total


@compiled
def bound(
    sums: NDArray[np.int32],
    scales: NDArray[np.float32],
    lost: NDArray[np.float32],
    lengths: NDArray[np.float32],
    query: tuple[float, float, float],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> None:
    """Write lower and upper bounds (n,) of scores from the sums (n,) of :func:`multiply`.

    ``query`` has the scale of the weights, and the factors by which what was ``lost`` of a vector and its
    whole length widen the bounds.
    """
    scale, by_lost, by_length = query
    for i in range(sums.shape[0]):
        middle = sums[i] * (np.float64(scales[i]) * scale)
        slack = lost[i] * by_lost + (lengths[i] + lost[i]) * by_length
        low[i] = middle - slack
        high[i] = middle + slack
