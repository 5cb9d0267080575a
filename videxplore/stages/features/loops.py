"""The inner loops of measuring, compiled: what is done on every pixel of every frame.

What is measured, and why, is said where the loops are called. Importing this module imports numba.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.compiling import compiled, compiled_loosely

BLOCK_HEIGHT, BLOCK_WIDTH = 9, 8
"""Pixels of the blocks that are matched; known when compiling, which doubles the speed."""
_PIECE = 512

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Lags = NDArray[np.int64]


@compiled
def halve_pictures(rgb: Pixels, half: Pixels) -> None:
    """Fill ``half`` (n, h, w, 3) with the rounded means of 2×2 pixels of ``rgb`` (n, 2h, 2w, 3)."""
    n, height, width, _ = half.shape
    sums = np.empty(6 * width, np.uint16)
    for k in range(n):
        for y in range(height):
            upper, lower = rgb[k, 2 * y].reshape(6 * width), rgb[k, 2 * y + 1].reshape(6 * width)
            for i in range(6 * width):
                sums[i] = np.uint16(upper[i]) + np.uint16(lower[i])
            for x in range(width):
                for c in range(3):
                    half[k, y, x, c] = (sums[6 * x + c] + sums[6 * x + 3 + c] + 2) >> 2


@compiled
def convert_pixels(
    planes: Pixels, linear: Floats, to_xyz: Floats, root: Floats, slope: Floats, lab: Floats
) -> None:
    """Fill ``lab`` (3, m) with the CIELAB of ``planes`` (3, m), the cube root being read from a table."""
    steps = np.float32(len(slope) - 1e-3)
    zero, one = np.float32(0), np.float32(1)
    for i in range(planes.shape[1]):
        red, green, blue = linear[planes[0, i]], linear[planes[1, i]], linear[planes[2, i]]
        for axis in range(3):
            value = to_xyz[axis, 0] * red + to_xyz[axis, 1] * green + to_xyz[axis, 2] * blue
            value = min(max(value, zero), one) * steps
            cell = np.int32(value)
            lab[axis, i] = root[cell] + (value - np.float32(cell)) * slope[cell]
        x, y, z = lab[0, i], lab[1, i], lab[2, i]
        lab[0, i] = np.float32(116) * y - np.float32(16)
        lab[1, i] = np.float32(500) * (x - y)
        lab[2, i] = np.float32(200) * (y - z)


@compiled
def count_softly(lab: Floats, bins: Doubles, rows: int, columns: int, counts: Doubles) -> None:
    """Fill ``counts`` (n, cells, size): each pixel of a cell shared between its two nearest bins.

    ``lab`` (3, n, h, w) is cut into ``rows`` × ``columns`` cells; ``bins`` (3, 3) are the lowest and highest
    value and the number of bins of each channel, which stand side by side.
    """
    _, n, height, width = lab.shape
    tall, wide = height // rows, width // columns
    counts[:] = 0
    first = 0
    for channel in range(3):
        low, high, number = bins[channel]
        scale, top = np.float32((number - 1) / (high - low)), np.float32(number - 1.001)
        lowest, one = np.float32(low), np.float32(1)
        for k in range(n):
            for y in range(height):
                for column in range(columns):
                    own = counts[k, y // tall * columns + column, first:]
                    for x in range(column * wide, (column + 1) * wide):
                        place = (lab[channel, k, y, x] - lowest) * scale
                        place = min(max(place, np.float32(0)), top)
                        below = np.int32(place)
                        share = place - np.float32(below)
                        own[below] += one - share
                        own[below + 1] += share
        first += int(number)


@compiled_loosely
def blur_luma(luma: Floats, blurred: Floats) -> None:
    """Fill ``blurred`` (n, h, w) with ``luma`` (n, h, w) averaged over 3×3 pixels, less its mean."""
    n, height, width = luma.shape
    across = np.empty((height, width), np.float32)
    for k in range(n):
        for y in range(height):
            row = luma[k, y]
            across[y, 0] = row[0] + row[0] + row[1]
            across[y, width - 1] = row[width - 2] + row[width - 1] + row[width - 1]
            for x in range(1, width - 1):
                across[y, x] = row[x - 1] + row[x] + row[x + 1]
        total = np.float32(0)
        for y in range(height):
            above, below = max(y - 1, 0), min(y + 1, height - 1)
            for x in range(width):
                value = (across[above, x] + across[y, x] + across[below, x]) / np.float32(9)
                blurred[k, y, x] = value
                total += value
        mean = total / np.float32(height * width)
        for y in range(height):
            for x in range(width):
                blurred[k, y, x] -= mean


@compiled_loosely
def multiply_lags(values: Floats, lags: Lags, depth: int, products: Floats) -> None:
    """Fill ``products`` (n, lags): of each row of ``values`` (depth + n, d) with the row that lag before."""
    for t in range(len(products)):
        now = values[depth + t]
        for k in range(len(lags)):
            before = values[depth + t - lags[k]]
            total = np.float32(0)
            for i in range(len(now)):
                total += now[i] * before[i]
            products[t, k] = total


@compiled_loosely
def measure_steps(values: Floats, lags: Lags, depth: int, squares: Floats, sizes: Floats) -> None:
    """Fill the means (n, lags) of squared and of absolute differences of ``values``, as ``multiply_lags``."""
    length = np.float32(values.shape[1])
    for t in range(len(squares)):
        now = values[depth + t]
        for k in range(len(lags)):
            before = values[depth + t - lags[k]]
            square, size = np.float32(0), np.float32(0)
            for i in range(len(now)):
                step = now[i] - before[i]
                square += step * step
                size += abs(step)
            squares[t, k], sizes[t, k] = square / length, size / length


@compiled
def compare_displaced(before: Floats, after: Floats, errors: Floats) -> None:
    """Fill ``errors`` (n, blocks, down, across) with mean squared differences of blocks at displacements.

    ``before`` (n, h, w) is cut into blocks, which are compared with ``after`` (n, h + down - 1,
    w + across - 1) at each displacement.
    """
    n, height, width = before.shape
    _, _, down, across = errors.shape
    columns = width // BLOCK_WIDTH
    sums = np.empty(width, np.float32)
    area = np.float32(BLOCK_HEIGHT * BLOCK_WIDTH)
    for k in range(n):
        for top in range(0, height, BLOCK_HEIGHT):
            for i in range(down):
                for j in range(across):
                    for x in range(width):
                        total = np.float32(0)
                        for y in range(BLOCK_HEIGHT):
                            step = after[k, top + y + i, x + j] - before[k, top + y, x]
                            total += step * step
                        sums[x] = total
                    for column in range(columns):
                        total = np.float32(0)
                        for x in range(BLOCK_WIDTH):
                            total += sums[column * BLOCK_WIDTH + x]
                        errors[k, top // BLOCK_HEIGHT * columns + column, i, j] = total / area


@compiled_loosely
def compare_pictures(grey: Floats, first: Lags, second: Lags, means: Floats) -> None:
    """Fill ``means`` (n,): absolute differences of the pictures ``first`` and ``second`` (n,) of ``grey``."""
    _, height, width = grey.shape
    for k in range(len(means)):
        total = np.float32(0)
        for y in range(height):
            one, other = grey[first[k], y], grey[second[k], y]
            for x in range(width):
                total += abs(one[x] - other[x])
        means[k] = total / np.float32(height * width)


@compiled
def look_up_planes(rgb: Pixels, tables: Floats, bits: int, found: Floats) -> None:
    """Fill ``found`` (k, m) from ``tables`` (k, 8^bits) by the first ``bits`` of the colours ``rgb`` (m, 3).

    Piece by piece, so that places and what is found stay in the processor's cache.
    """
    rest = 8 - bits
    places = np.empty(_PIECE, np.int32)
    for low in range(0, len(rgb), _PIECE):
        size = min(_PIECE, len(rgb) - low)
        for i in range(size):
            red, green, blue = int(rgb[low + i, 0]), int(rgb[low + i, 1]), int(rgb[low + i, 2])
            places[i] = red >> rest << 2 * bits | green >> rest << bits | blue >> rest
        for plane in range(len(tables)):
            table, row = tables[plane], found[plane]
            for i in range(size):
                row[low + i] = table[places[i]]
