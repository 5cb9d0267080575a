"""The inner loops of the inspection, compiled: what is done on every pixel of a picture.

What is measured, and why, is said where the loops are called. Importing this module imports numba.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.compiling import compiled

Pixels = NDArray[np.uint8]
Counts = NDArray[np.int64]

_HALF = 4
"""The blur that pictures are compared with is 9 pixels long."""


@compiled
def shrink(luma: Pixels, factor: int, small: Pixels) -> None:
    """Fill ``small`` with the rounded means of ``factor`` × ``factor`` pixels."""
    height, width = small.shape
    area = factor * factor
    line = np.empty(width * factor, np.int32)
    for y in range(height):
        line[:] = area // 2
        for k in range(factor):
            row = luma[y * factor + k]
            for x in range(width * factor):
                line[x] += row[x]
        for x in range(width):
            total = 0
            for k in range(factor):
                total += line[x * factor + k]
            small[y, x] = total // area


@compiled
def count_levels(luma: Pixels, counts: Counts) -> None:
    """Count how often each level (256,) is found on every second row and column."""
    for y in range(0, luma.shape[0], 2):
        for x in range(0, luma.shape[1], 2):
            counts[luma[y, x]] += 1


@compiled
def sum_variation(luma: Pixels, sums: Counts) -> None:
    """Fill ``sums`` (2, 2): variation, and what a blur takes of it; first across, then down.

    Variation is summed over |F(x) − F(x−1)|. A blur over 9 pixels leaves |F(x+4) − F(x−5)| / 9 of it, so the
    blurred picture need not be made. The second column is nine times what is lost.
    """
    height, width = luma.shape
    inner = width - 2 * _HALF - 1
    for axis in range(2):
        variation, lost = np.int64(0), np.int64(0)
        for y in range(_HALF + 1, height - _HALF):
            row = luma[y, _HALF + 1 :]
            before = luma[y - 1, _HALF + 1 :] if axis else luma[y, _HALF:]
            ahead = luma[y + _HALF, _HALF + 1 :] if axis else luma[y, 2 * _HALF + 1 :]
            behind = luma[y - _HALF - 1, _HALF + 1 :] if axis else luma[y]
            of_row, lost_of_row = _sum_row(row, before, ahead, behind, inner)
            variation += of_row
            lost += lost_of_row
        sums[axis, 0] = variation
        sums[axis, 1] = lost


@compiled
def _sum_row(
    row: Pixels, before: Pixels, ahead: Pixels, behind: Pixels, count: int
) -> tuple[np.int32, np.int32]:
    variation, lost = np.int32(0), np.int32(0)
    for x in range(count):
        step = np.int32(abs(np.int32(row[x]) - np.int32(before[x])))
        wide = np.int32(abs(np.int32(ahead[x]) - np.int32(behind[x])))
        variation += step
        lost += max(np.int32(9) * step - wide, np.int32(0))
    return variation, lost


@compiled
def sum_steps(luma: Pixels, most: int, across: Counts, down: Counts) -> None:
    """Add up the steps between neighbours, each at most ``most``: by column (w,) and by row (h,)."""
    height, width = luma.shape
    line = np.zeros(width, np.int32)
    limit = np.int32(most)
    for y in range(height):
        row, before = luma[y], luma[max(y - 1, 0)]
        total = np.int32(0)
        for x in range(1, width):
            line[x] += min(np.int32(abs(np.int32(row[x]) - np.int32(row[x - 1]))), limit)
        for x in range(width):
            total += min(np.int32(abs(np.int32(row[x]) - np.int32(before[x]))), limit)
        down[y] += total
    for x in range(width):
        across[x] += line[x]


@compiled
def count_combs(luma: Pixels, least: int) -> np.int64:
    """How many pixels lie on a line that differs from the next ones and is like the next but one."""
    height, width = luma.shape
    limit = np.int32(least)
    count = np.int64(0)
    for y in range(2, height - 2):
        a, b, c, d, e = luma[y - 2], luma[y - 1], luma[y], luma[y + 1], luma[y + 2]
        of_row = np.int32(0)
        for x in range(width):
            here = np.int32(c[x])
            up, low = np.int32(b[x]) - here, np.int32(d[x]) - here
            both = min(abs(up), abs(low))
            same = max(abs(up - low), abs(np.int32(a[x]) - here), abs(np.int32(e[x]) - here))
            of_row += np.int32((both > limit) & (np.int32(2) * same < both) & ((up > 0) == (low > 0)))
        count += of_row
    return count


@compiled
def sum_fields(one: Pixels, two: Pixels, least: int, sums: Counts) -> None:
    """Fill ``sums`` (4,) for two frames in a row: pixels that move, and how far lines stand from the next.

    Second to fourth: of lines as they are, half the sum of both frames; of the even lines of the second
    frame woven with the odd ones of the first; and of the even lines of the first with the odd ones of the
    second. Only pixels count of which the line, or one beside it, changes by more than ``least`` levels.
    """
    height, width = one.shape
    limit = np.int32(least)
    for y in range(1, height - 1):
        a, b = one[y], two[y]
        above_a, above_b, below_a, below_b = one[y - 1], two[y - 1], one[y + 1], two[y + 1]
        moving, still, across, back = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
        for x in range(width):
            here, there = np.int32(a[x]), np.int32(b[x])
            up, up_there = np.int32(above_a[x]), np.int32(above_b[x])
            low, low_there = np.int32(below_a[x]), np.int32(below_b[x])
            moves = np.int32(max(abs(here - there), abs(up - up_there), abs(low - low_there)) > limit)
            moving += moves
            still += moves * (abs(2 * here - up - low) + abs(2 * there - up_there - low_there))
            across += moves * abs(2 * here - up_there - low_there)
            back += moves * abs(2 * there - up - low)
        sums[0] += moving
        sums[1] += still // 2
        sums[2] += across if y % 2 else back
        sums[3] += back if y % 2 else across


@compiled
def mark_strokes(small: Pixels, reach: int, least: int, strokes: Pixels) -> None:
    """Set ``strokes`` to 1 where a pixel is lighter by ``least`` than one within ``reach`` on either side."""
    height, width = small.shape
    inner = width - 2 * reach
    left, right = np.empty(inner, np.int16), np.empty(inner, np.int16)
    limit = np.int16(least)
    for y in range(height):
        row = small[y]
        left[:] = 255
        right[:] = 255
        for k in range(1, reach + 1):
            _keep_least(left, row[reach - k :])
            _keep_least(right, row[reach + k :])
        for x in range(inner):
            darker = max(left[x], right[x])
            strokes[y, x + reach] = np.int16(row[x + reach]) - darker >= limit


@compiled
def _keep_least(least: NDArray[np.int16], row: Pixels) -> None:
    for x in range(len(least)):
        least[x] = min(least[x], np.int16(row[x]))
