"""Black borders that stay: letterbox and pillarbox."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_DARK, _FLAT = 10, 3.0
"""Levels above black that a border may reach, and by which its rows may differ."""
_NEAR_BLACK, _SOFT = 6.0, 3
_STRAY = 0.01
"""Share of a row or column that may be lighter, where compression rings."""
_LEAST = 0.02
"""Share of a side from which on a border counts; less is overscan."""
_WINDOW = 60
"""Looks that are judged together: borders that come and go with the scene are dark corners."""
_EARLY = 10.0
"""Percentile of the borders seen in a window: one lit picture in ten is enough to tell how wide they are."""


def find_border(small: NDArray[np.uint8], floor: int) -> tuple[float, float, float, float] | None:
    """Return the black border of one picture as shares of its height (top, bottom) and width (left, right).

    None where the picture is too dark to tell a border from a scene.

    Args:
        small: uint8 (h, w).
        floor: level of black.
    """
    light = small > floor + _DARK
    if light.mean() < 0.2:
        return None
    top, bottom = _bars(small, light.mean(axis=1) > _STRAY, floor)
    left, right = _bars(small.T, light.mean(axis=0) > _STRAY, floor)
    return top, bottom, left, right


def _bars(small: NDArray[np.uint8], lit: NDArray[np.bool_], floor: int) -> tuple[float, float]:
    """Shares of the rows that are black and flat before the first that is lit, and after the last.

    Where the picture beside a bar is dark as well, the bar ends where rows are no longer alike.
    """
    first, last = int(lit.argmax()), int(lit[::-1].argmax())
    shares = []
    for wide, bar in ((first, small[:first]), (last, small[len(lit) - last :][::-1])):
        rows = bar.mean(axis=1)
        apart = np.maximum.accumulate(rows) - np.minimum.accumulate(rows)
        flat = int(np.cumprod((apart <= _FLAT) & (np.abs(rows - floor) <= _NEAR_BLACK)).sum())
        # The rows next to the picture ring, and some of them lie half in it.
        shares.append((wide if flat and flat >= wide - _SOFT else flat) / len(lit))
    return shares[0], shares[1]


def find_letterbox(borders: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each look the share of the picture that is lost to borders which stay (n,).

    A border counts where it is on both sides, takes 2 % of the side on each, and stays in nine of ten of 60
    lit pictures in a row; what is black on one side only, or for a moment, is a dark scene.

    Args:
        borders: float64 (n, 4), top, bottom, left and right as shares of the side; nan for dark pictures.
    """
    lost = np.zeros(len(borders))
    for low in range(0, len(borders), _WINDOW):
        rows = borders[low : low + _WINDOW]
        lit = rows[~np.isnan(rows[:, 0])]
        if not len(lit):
            continue
        steady = np.percentile(lit, _EARLY, axis=0, method="lower")
        kept = np.ones(2)
        for side, pair in enumerate((steady[:2], steady[2:])):
            if pair.min() >= _LEAST:
                kept[side] = 1.0 - pair.sum()
        if kept.min() < 1.0:
            there = np.isnan(rows[:, 0]) | (rows >= steady - 0.01).all(axis=1)
            lost[low : low + _WINDOW] = np.where(there, 1.0 - kept.prod(), 0.0)
    return lost
