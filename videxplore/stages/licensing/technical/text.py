"""Something like text that is burnt in: lines of thin strokes, all of one lightness."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_REACH = 7
"""Pixels of a picture 640 wide within which a stroke must end on either side."""
_LEAST = 60
"""Levels by which it must be lighter than what is on either side."""
_CELL_ROWS, _CELL_COLUMNS = 4, 16
_DENSE, _EMPTY = (0.08, 0.85), 0.05
"""Shares of a cell that strokes cover where there is text, and above and below it."""
_LEAST_WIDE = 5
"""Cells side by side, 80 of 640 pixels, that make a line; single letters and lamps are shorter."""
_LINE = (2, 8)
"""Rows of cells that a line of text may take: 8 to 32 of 360 pixels."""
_CLOSE = 1.2
"""Strokes that a row of text crosses in the length of its height; windows and lamps stand farther apart."""
_ONE_LIGHTNESS = 26.0
"""Levels by which the lightest pixels of strokes may spread: text has one colour, twigs and glints do not."""


def find_text(small: NDArray[np.uint8]) -> tuple[float, float, float, float] | None:
    """Return where the widest line that looks like text lies, or None where there is none.

    Overlaid text is told by what its descriptions agree upon (surveyed by Jung, Kim and Jain 2004): strokes
    of high contrast and one colour, close together, in a line with nothing above and below. Only light text
    is looked for, as subtitles and titles are. Signs that were filmed look the same.

    Args:
        small: uint8 (h, w), 400 to 960 pixels wide.

    Returns:
        Left, top, right and bottom as shares of the sides.
    """
    from videxplore.stages.licensing.technical.loops import mark_strokes

    rows, columns = small.shape[0] // _CELL_ROWS, small.shape[1] // _CELL_COLUMNS
    if rows < _LINE[1] or columns < _LEAST_WIDE:
        return None
    strokes = np.zeros_like(small)
    mark_strokes(small, _REACH, _LEAST, strokes)
    whole = strokes[: rows * _CELL_ROWS, : columns * _CELL_COLUMNS]
    cover = whole.reshape(rows, _CELL_ROWS, columns, _CELL_COLUMNS).mean(axis=(1, 3))
    best = None
    for top, bottom, left, right in _lines(cover):
        box = (
            slice(top * _CELL_ROWS, bottom * _CELL_ROWS),
            slice(left * _CELL_COLUMNS, right * _CELL_COLUMNS),
        )
        if not _is_written(small[box], strokes[box] > 0):
            continue
        if best is None or right - left > best[2] - best[0]:
            best = left, top, right, bottom
    if best is None:
        return None
    left, top, right, bottom = best
    return left / columns, top / rows, right / columns, bottom / rows


def _lines(cover: NDArray[np.float64]) -> list[tuple[int, int, int, int]]:
    """Top, bottom, left and right, in cells, of what may be lines of text."""
    from scipy.ndimage import binary_closing, find_objects, label

    dense = (cover >= _DENSE[0]) & (cover <= _DENSE[1])
    # The spaces between words are bridged.
    joined = binary_closing(np.pad(dense, 2), np.ones((1, 4), bool))[2:-2, 2:-2]
    marked, _ = label(joined)
    found = []
    for rows, columns in find_objects(marked):
        top, bottom, left, right = rows.start, rows.stop, columns.start, columns.stop
        if not (_LINE[0] <= bottom - top <= _LINE[1] and right - left >= _LEAST_WIDE):
            continue
        if right - left < 1.2 * (bottom - top) * _CELL_ROWS / _CELL_COLUMNS:
            continue
        around = [cover[top - 1, left:right]] if top else []
        around += [cover[bottom, left:right]] if bottom < len(cover) else []
        if dense[top:bottom, left:right].mean() >= 0.5 and all(row.mean() < _EMPTY for row in around):
            found.append((top, bottom, left, right))
    return found


def _is_written(part: NDArray[np.uint8], strokes: NDArray[np.bool_]) -> bool:
    """Whether strokes (h, w) are of one lightness and as close together as those of letters."""
    low, high = np.percentile(part[strokes], (70, 95))
    inked = np.flatnonzero(strokes.any(axis=1))
    height = inked[-1] - inked[0] + 1
    crossed = (np.diff(strokes, axis=1, prepend=False) & strokes)[inked].sum(axis=1)
    close = float(np.median(crossed)) * height / strokes.shape[1]
    return bool(high - low <= _ONE_LIGHTNESS and close >= _CLOSE)
