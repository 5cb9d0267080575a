"""Blur, blocks and combs: what shows only at a picture's own size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MOST_STEP = 16
"""Levels; a step counts no more than this, so that contours do not outweigh the edges of blocks."""
_GRID = 8
_UNSEEN = 2.0
"""Levels; smaller steps are not seen, so that their ratio is no blockiness: in a sky, a drawing, grain."""
_LEAST_COMB = 12
"""Levels by which a line must differ from the next ones to be a tooth of a comb."""


def measure_blur(luma: NDArray[np.uint8]) -> tuple[float, float]:
    """Return the blur of a picture, 0 (sharp) to 1, and how much its pixels vary, in levels.

    The measure of Crete, Dolmiere, Ladret and Nicolas (2007): a picture is blurred once more, and the less
    its variation between neighbours changes by that, the more blurred it was. It is relative to the variation
    that there is, so that, other than the variance of the Laplacian, it does not take a plain scene for a
    blurred one. Of the two directions the more blurred counts, as in the paper.

    Args:
        luma: uint8 (h, w), at its own size, without borders.
    """
    from videxplore.stages.licensing.technical.loops import sum_variation

    sums = np.zeros((2, 2), np.int64)
    if min(luma.shape) < 3 * _GRID:
        return 0.0, 0.0
    sum_variation(luma, sums)
    variation = np.maximum(sums[:, 0], 1)
    blur = 1.0 - sums[:, 1] / (9.0 * variation)
    return float(blur.max()), float(sums[:, 0].mean() / luma.size)


def measure_blocks(luma: NDArray[np.uint8]) -> float:
    """Return how much larger the steps across the edges of 8×8 blocks are than those within: 1 for none.

    The ratio of Wang, Sheikh and Bovik (2002) on steps of at most 16 levels, for rows and columns together.
    The grid may lie anywhere, as it does in a cropped copy: the place where steps are largest is taken.

    Args:
        luma: uint8 (h, w), at its own size, without borders.
    """
    from videxplore.stages.licensing.technical.loops import sum_steps

    if min(luma.shape) < 4 * _GRID:
        return 1.0
    across, down = np.zeros(luma.shape[1], np.int64), np.zeros(luma.shape[0], np.int64)
    sum_steps(luma, _MOST_STEP, across, down)
    at_edges, within = 0.0, 0.0
    for steps in (across, down):
        whole = len(steps) // _GRID * _GRID
        # The median over the lines of the grid: blocks have edges all over, bars and windows a few.
        by_place = np.median(steps[:whole].reshape(-1, _GRID), axis=0) * len(steps) / luma.size
        edge = int(by_place.argmax())
        at_edges += by_place[edge]
        within += np.delete(by_place, edge).mean()
    return float((at_edges + _UNSEEN) / (within + _UNSEEN))


def measure_combs(luma: NDArray[np.uint8]) -> tuple[float, float]:
    """Return shares of the picture: combed in rows, and, for comparison, in columns.

    A tooth of a comb is a pixel whose line differs from the next ones by 12 levels and is like the next but
    one, as where the fields of interlaced video show two moments. Fine stripes do so in either direction,
    fields only in rows.

    Args:
        luma: uint8 (h, w), at its own size.
    """
    from videxplore.stages.licensing.technical.loops import count_combs

    if min(luma.shape) < 8:
        return 0.0, 0.0
    turned = np.ascontiguousarray(luma.T)
    return count_combs(luma, _LEAST_COMB) / luma.size, count_combs(turned, _LEAST_COMB) / luma.size
