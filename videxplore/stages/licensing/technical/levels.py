"""Black pictures, blown highlights and lost shadows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CELL = 20
_DARKEST = 14.0
"""Levels above black, 5.5 % of the range, below which a part of the picture may be black."""
_FLATTEST = 4.0
"""Levels by which parts of a black picture may differ: noise and uneven analogue black do, a scene more."""
_BESIDE, _SHOULDER = 12, 0.1
"""Levels next to the last, and how much of the picture must lie there for each part that is cut off."""


def is_black(small: NDArray[np.uint8], floor: int) -> bool:
    """Whether nothing is to be seen in a picture.

    The means of cells of 20×20 pixels must all be near the level of black *and* near one another. FFmpeg's
    ``blackdetect`` asks only how many pixels are dark, and takes a night scene of which 98 % lie below a
    tenth of the range for black; here a lamp, a face or a horizon makes a cell stand out.

    Args:
        small: uint8 (h, w), 400 to 960 pixels wide.
        floor: level of black.
    """
    cells = mean_cells(small, _CELL)
    return bool(cells.max() < floor + _DARKEST and cells.max() - cells.min() < _FLATTEST)


def mean_cells(luma: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    """Means of square cells; what is left over at the right and the bottom is not looked at."""
    side = max(min(side, *luma.shape), 1)
    rows, columns = luma.shape[0] // side, luma.shape[1] // side
    part = luma[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return part.mean(axis=(1, 3), dtype=np.float32)


def clipped_shares(luma: NDArray[np.uint8], floor: int, ceiling: int) -> tuple[float, float]:
    """Return the shares of a picture that were cut off at the lightest and at the darkest level.

    Where light is cut off, levels just below are found as well, beside it. A white or black ground was drawn,
    not cut off: next to none of the picture is just a little darker or lighter, and its share is 0 here.

    Args:
        luma: uint8 (h, w), without borders.
        floor: level of black.
        ceiling: level of white.
    """
    from videxplore.stages.licensing.technical.loops import count_levels

    counts = np.zeros(256, np.int64)
    count_levels(luma, counts)
    shares = counts / max(int(counts.sum()), 1)
    white, black = float(shares[ceiling:].sum()), float(shares[: floor + 1].sum())
    light, dark = shares[ceiling - _BESIDE : ceiling].sum(), shares[floor + 1 : floor + 1 + _BESIDE].sum()
    return white if light > _SHOULDER * white else 0.0, black if dark > _SHOULDER * black else 0.0
