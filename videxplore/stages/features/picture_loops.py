"""The inner loops of measuring single pictures, compiled: light, edges and texture.

What is measured, and why, is said where the loops are called. Importing this module imports numba.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.compiling import compiled, compiled_loosely

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]


@compiled_loosely
def sum_light(lab: Floats, chroma: Floats, flame: Flags, skin: Flags, sums: Doubles) -> None:
    """Fill ``sums`` (n, 8) with what is added up over the pixels of ``lab`` (3, n, m) and its like (n, m).

    Lightness, chroma, warmth; how many are dark, bright, lit, like a flame that outshines the picture, like
    skin.
    """
    _, n, size = lab.shape
    half, outshining = np.float32(0.5), np.float32(12)
    for k in range(n):
        light, a, b = lab[0, k], lab[1, k], lab[2, k]
        total, coloured, warm = 0.0, 0.0, 0.0
        for i in range(size):
            total += light[i]
            coloured += chroma[k, i]
            warm += b[i] + half * a[i]
        bar = np.float32(total / size) + outshining
        dark, bright, lit, flames, skins = 0, 0, 0, 0, 0
        for i in range(size):
            dark += light[i] < np.float32(20)
            bright += light[i] > np.float32(80)
            lit += light[i] > np.float32(60)
            flames += (light[i] > bar) & flame[k, i]
            skins += skin[k, i]
        # One by one: a row at once takes seconds to compile.
        sums[k, 0], sums[k, 1], sums[k, 2] = total, coloured, warm
        sums[k, 3], sums[k, 4], sums[k, 5] = dark, bright, lit
        sums[k, 6], sums[k, 7] = flames, skins


@compiled
def sum_opponents(rgb: Pixels, sums: Counts) -> None:
    """Fill ``sums`` (n, 5) over the pixels of ``rgb`` (n, m, 3), exactly.

    Red less green and its square, red and green less twice blue and its square; how many are all but black
    or burnt out.
    """
    n, size, _ = rgb.shape
    for k in range(n):
        first, first_squares, second, second_squares, clipped = 0, 0, 0, 0, 0
        for i in range(size):
            red, green, blue = int(rgb[k, i, 0]), int(rgb[k, i, 1]), int(rgb[k, i, 2])
            red_green, yellow_blue = red - green, red + green - 2 * blue
            first += red_green
            first_squares += red_green * red_green
            second += yellow_blue
            second_squares += yellow_blue * yellow_blue
            brightest = max(red, green, blue)
            clipped += (brightest >= 250) | (brightest <= 5)
        sums[k, 0], sums[k, 1] = first, first_squares
        sums[k, 2], sums[k, 3] = second, second_squares
        sums[k, 4] = clipped


@compiled
def find_gradients(grey: Floats, down: Floats, right: Floats, squared: Floats) -> None:
    """Fill half the differences of the pixels below and above, right and left, and their squared length.

    All (n, h, w); beyond the border the last pixel goes on.
    """
    n, height, width = grey.shape
    half = np.float32(0.5)
    for k in range(n):
        for y in range(height):
            row, above, below = grey[k, y], grey[k, max(y - 1, 0)], grey[k, min(y + 1, height - 1)]
            for x in range(width):
                down[k, y, x] = (below[x] - above[x]) * half
            right[k, y, 0] = (row[min(1, width - 1)] - row[0]) * half
            right[k, y, width - 1] = (row[width - 1] - row[max(width - 2, 0)]) * half
            for x in range(1, width - 1):
                right[k, y, x] = (row[x + 1] - row[x - 1]) * half
            for x in range(width):
                squared[k, y, x] = down[k, y, x] * down[k, y, x] + right[k, y, x] * right[k, y, x]


@compiled_loosely
def sum_directions(
    down: Floats, right: Floats, squared: Floats, rows: int, columns: int, sums: Floats
) -> None:
    """Fill ``sums`` (4, n, rows·columns): gradients (n, h, w) in each field by the direction of the edge.

    Upright, level, falling, rising: the square of the gradient turned by twice its angle, over its length,
    so that opposite directions are one.
    """
    n, height, width = squared.shape
    tall, wide = height // rows, width // columns
    tiny, zero, two = np.float32(1e-6), np.float32(0), np.float32(2)
    sums[:] = 0
    for k in range(n):
        for y in range(tall * rows):
            for column in range(columns):
                first = column * wide
                across, along = right[k, y, first : first + wide], down[k, y, first : first + wide]
                size = squared[k, y, first : first + wide]
                upright, level, falling, rising = zero, zero, zero, zero
                for x in range(wide):
                    length = np.sqrt(size[x]) + tiny
                    straight = (across[x] * across[x] - along[x] * along[x]) / length
                    aslant = two * across[x] * along[x] / length
                    upright += max(straight, zero)
                    level += max(-straight, zero)
                    falling += max(aslant, zero)
                    rising += max(-aslant, zero)
                field = y // tall * columns + column
                sums[0, k, field] += upright
                sums[1, k, field] += level
                sums[2, k, field] += falling
                sums[3, k, field] += rising


@compiled
def count_edges(
    down: Floats, right: Floats, squared: Floats, edge: float, runs: tuple[int, int], counts: Counts
) -> None:
    """Fill ``counts`` (n, 6) of gradients (n, h, w).

    Edges; level ones, upright ones; smooth places; places from which a level edge goes on for ``runs[0]``
    pixels to the right, an upright one for ``runs[1]`` down.
    """
    n, height, width = squared.shape
    strong, faint, steeper = np.float32(edge**2), np.float32((0.35 * edge) ** 2), np.float32(2.2)
    level, upright = np.empty((2, width), np.uint8)
    below = np.empty(width, np.int32)
    for k in range(n):
        counts[k] = 0
        below[:] = 0
        for y in range(height):
            edges, levels, uprights, smooth, tall = 0, 0, 0, 0, 0
            for x in range(width):
                steep, flat = abs(down[k, y, x]), abs(right[k, y, x])
                seen = squared[k, y, x] > strong
                level[x] = seen & (steep > steeper * flat)
                upright[x] = seen & (flat > steeper * steep)
                edges += seen
                smooth += squared[k, y, x] < faint
            for x in range(width):
                levels += level[x]
                uprights += upright[x]
                below[x] = (below[x] + 1) * upright[x]
                tall += below[x] >= runs[1]
            wide, along = 0, 0
            if levels >= runs[0]:
                for x in range(width):
                    along = (along + 1) * level[x]
                    wide += along >= runs[0]
            counts[k, 0] += edges
            counts[k, 1] += levels
            counts[k, 2] += uprights
            counts[k, 3] += smooth
            counts[k, 4] += wide
            counts[k, 5] += tall


@compiled
def count_levels(grey: Floats, counts: Counts) -> None:
    """Fill ``counts`` (n, 16): how many of ``grey`` (n, m) lie in each sixteenth of 0–256."""
    counts[:] = 0
    for k in range(len(grey)):
        for value in grey[k]:
            counts[k, int(value * np.float32(1 / 16))] += 1


@compiled
def count_alternations(right: Floats, edge: float, rows: int, columns: int, counts: Counts) -> None:
    """Fill ``counts`` (n, rows·columns): in each field of ``right`` (n, h, w) the steps up that follow down.

    Or down that follow up: neighbours along the row that are both edges, of different sign.
    """
    n, height, width = right.shape
    tall, wide = height // rows, (width - 1) // columns
    top = np.float32(edge)
    counts[:] = 0
    for k in range(n):
        for y in range(tall * rows):
            for column in range(columns):
                found = 0
                for x in range(column * wide, (column + 1) * wide):
                    here, there = right[k, y, x], right[k, y, x + 1]
                    found += ((here > top) & (there < -top)) | ((here < -top) & (there > top))
                counts[k, y // tall * columns + column] += found


@compiled_loosely
def vary_laplacian(grey: Floats, variances: Doubles) -> None:
    """Fill ``variances`` (n,) of the Laplacian of ``grey`` (n, h, w) inside its border."""
    n, height, width = grey.shape
    size = (height - 2) * (width - 2)
    for k in range(n):
        total, squares = 0.0, 0.0
        for y in range(1, height - 1):
            for x in range(1, width - 1):
                around = grey[k, y - 1, x] + grey[k, y + 1, x] + grey[k, y, x - 1] + grey[k, y, x + 1]
                value = np.float32(4) * grey[k, y, x] - around
                total += value
                squares += value * value
        variances[k] = squares / size - (total / size) ** 2
