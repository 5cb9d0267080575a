"""Decoded frames made small by averaging areas, exactly, straight from the planes that the decoder wrote.

FFmpeg's scaler goes through every source row with general filters and, for speed, gives two pixels side by
side one colour. Here each target pixel is the mean of the area that it covers, in luma and chroma alike,
computed in whole numbers without rounding; colours are converted after that, a few thousand times per frame
instead of some hundred thousand.

Importing this module imports numba.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.compiling import compiled

_SUBSAMPLED = {
    "yuv420p": (2, 2), "yuvj420p": (2, 2),
    "yuv422p": (2, 1), "yuvj422p": (2, 1),
    "yuv444p": (1, 1), "yuvj444p": (1, 1),
}  # fmt: skip
"""How many pixels share a chroma sample, across and down, in the formats that are read here."""

_BT601 = (0.299, 0.114)
_WEIGHTS = {
    1: (0.2126, 0.0722),
    2: _BT601,  # unspecified: what FFmpeg takes it for
    4: (0.30, 0.11),
    5: _BT601,
    6: _BT601,
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}
"""Shares of red and blue in luma by colour matrix (ITU-T H.273, table 4)."""
_FULL_RANGE = 2
_MOST_ROWS = 256  # of a source in one target pixel: 257 times 255 is what 16 bits hold
_LANES = 8  # taps come in whole vectors, which halves the time of short loops

_Shares = NDArray[np.uint32]
_Plan = tuple[_Shares, _Shares, _Shares, _Shares, NDArray[np.float64]]


def average(frame: Any, width: int, height: int) -> NDArray[np.uint8] | None:
    """Return RGB uint8 (height, width, 3) of a decoded frame: means over areas, rounded.

    None for what this is not made for: other pixel formats and colour matrices, frames of less than twice the
    size or more than 256 times the height.
    """
    plan = _plan(
        frame.format.name, frame.colorspace, frame.color_range, frame.width, frame.height, width, height
    )
    if plan is None:
        return None
    planes = []
    for plane in frame.planes:
        line = plane.line_size
        if line <= 0:  # stored upside down
            return None
        planes.append(np.frombuffer(plane, np.uint8).reshape(-1, line))
    small = np.empty((height, width, 3), np.uint8)
    luma, cb, cr = planes
    _average(luma, cb, cr, *plan, small)
    return small


@lru_cache(maxsize=64)
def _plan(form: str, matrix: int, span: int, wide: int, high: int, width: int, height: int) -> _Plan | None:
    """What all frames of a kind have in common: the shares across and down, and the conversion of colours."""
    halved = 2 * width <= wide and 2 * height <= high <= _MOST_ROWS * height
    if form not in _SUBSAMPLED or matrix not in _WEIGHTS or not halved:
        return None
    across, down = _SUBSAMPLED[form]
    full = form.startswith("yuvj") or span == _FULL_RANGE
    return (
        _shares(wide, 1, width), _shares(high, 1, height),
        _shares(wide, across, width), _shares(high, down, height),
        _conversion(matrix, full, wide * high),
    )  # fmt: skip


def _shares(size: int, step: int, target: int) -> _Shares:
    """uint32 (target, 1 + n): the first sample in each target pixel, and how much of it and the next.

    The unit is one target-th of a pixel, so that all are whole numbers; each row adds up to ``size``.

    Args:
        size: pixels along the side.
        step: pixels per sample; the last sample may reach beyond the picture.
        target: pixels wanted.
    """
    low = np.arange(target)[:, None] * size
    first, last = low // (step * target), (low + size - 1) // (step * target)
    sample = first + np.arange(-(-(int((last - first).max()) + 1) // _LANES) * _LANES)
    begins = sample * step * target
    inside = np.minimum(low + size, begins + step * target) - np.maximum(low, begins)
    return np.concatenate([first, inside.clip(0)], axis=1).astype(np.uint32)


def _conversion(matrix: int, full: bool, area: int) -> NDArray[np.float64]:
    """float64 (3, 4): from sums of Y, Cb and Cr over ``area`` pixels, and one, to R, G and B plus a half."""
    red, blue = _WEIGHTS[matrix]
    green = 1 - red - blue
    scale_y, scale_c = (1.0, 1.0) if full else (255 / 219, 255 / 224)
    of_cb = np.array([0, -2 * blue * (1 - blue) / green, 2 * (1 - blue)]) * scale_c
    of_cr = np.array([2 * (1 - red), -2 * red * (1 - red) / green, 0]) * scale_c
    zero = (0 if full else -16 * scale_y) - 128 * (of_cb + of_cr) + 0.5
    return np.stack([np.full(3, scale_y) / area, of_cb / area, of_cr / area, zero], axis=1)


@compiled
def _average(
    luma: NDArray[np.uint8],
    cb: NDArray[np.uint8],
    cr: NDArray[np.uint8],
    x: NDArray[np.uint32],
    y: NDArray[np.uint32],
    chroma_x: NDArray[np.uint32],
    chroma_y: NDArray[np.uint32],
    conversion: NDArray[np.float64],
    small: NDArray[np.uint8],
) -> None:
    """Fill ``small`` from three planes; see :func:`_shares` and :func:`_conversion`."""
    height, width, _ = small.shape
    sums = np.empty((3, height, width))
    _sum_areas(luma, x, y, sums[0])
    _sum_areas(cb, chroma_x, chroma_y, sums[1])
    _sum_areas(cr, chroma_x, chroma_y, sums[2])
    line = np.empty(width, np.uint8)
    for row in range(height):
        for channel in range(3):
            of_y, of_cb, of_cr, zero = conversion[channel]
            for column in range(width):
                value = of_y * sums[0, row, column] + of_cb * sums[1, row, column]
                whole = int(value + of_cr * sums[2, row, column] + zero)
                line[column] = min(max(whole, 0), 255)
            for column in range(width):  # apart from the sum, which vectorises only so
                small[row, column, channel] = line[column]


@compiled
def _sum_areas(
    plane: NDArray[np.uint8], x: NDArray[np.uint32], y: NDArray[np.uint32], sums: NDArray[np.float64]
) -> None:
    """Fill ``sums`` (h, w) with what each target pixel covers of ``plane``."""
    height, width = sums.shape
    across = x.shape[1] - 1
    columns = int(x[width - 1, 0]) + np.count_nonzero(x[width - 1, 1:])
    inner = np.empty(columns, np.uint16)
    band = np.zeros(columns + across, np.uint32)  # beyond the last column it stays zero
    for row in range(height):
        _sum_rows(plane, y[row], inner, band)
        for column in range(width):
            first = int(x[column, 0])
            total = np.uint64(0)
            for k in range(across):
                total += band[first + k] * x[column, k + 1]
            sums[row, column] = total


@compiled
def _sum_rows(
    plane: NDArray[np.uint8], y: NDArray[np.uint32], inner: NDArray[np.uint16], band: NDArray[np.uint32]
) -> None:
    """Fill ``band`` with the rows of ``plane`` that ``y`` names, each times its share."""
    columns = len(inner)
    first = int(y[0])
    last = first + np.count_nonzero(y[1:]) - 1
    # Rows between the first and the last lie inside and count alike: their sum fits into 16 bits. One at a
    # time, because memory is read fastest in its own order, and a frame is more than the cache holds.
    for c in range(columns):
        inner[c] = 0
    for row in range(first + 1, last):
        for c in range(columns):
            inner[c] += plane[row, c]
    whole, end = y[2] if last > first + 1 else 0, y[last - first + 1] if last > first else 0
    for c in range(columns):
        band[c] = y[1] * plane[first, c] + whole * inner[c] + end * plane[last, c]
