"""Inner loops over many vectors. Importing this module imports numba."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.compiling import compiled


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
def multiply(codes: NDArray[np.int8], weights: NDArray[np.int16], sums: NDArray[np.int32]) -> None:
    """Write the product of each row of codes (n, d) with integer weights (d,) into ``sums`` (n,)."""
    for i in range(codes.shape[0]):
        total = np.int32(0)
        for j in range(codes.shape[1]):
            total += np.int32(codes[i, j]) * np.int32(weights[j])
        sums[i] = total
