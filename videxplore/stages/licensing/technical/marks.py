"""Something like a logo: what stays at the same place while everything else changes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from videxplore.values.media import Span

_STEP = 8
"""Levels from one pixel to the next but one that make an edge."""
_STEADY = 0.8
"""Share of the pictures in which an edge must be there, in the same direction."""
_LEAST_PICTURES = 6
_MOST_PICTURES = 60
"""A mark is looked for anew after this many pictures, so that one that comes or goes is found."""
_ALIKE = 0.5
"""Correlation of small pictures from which on they show the same scene and say nothing new."""
_CHANGE, _PLAIN = 6.0, 4.0
"""Levels by which two thirds of what is lit must change, and that a picture must deviate from its mean."""
_LIT = 24.0
_MOST_STEADY = 0.3
"""Edges that stay, as a share of those of one picture, from which on the scene itself stands still."""
_JOINED = 9
_LEAST_PIXELS = 40
_LARGEST = 0.4, 0.3
"""Shares of width and height that a mark may take; what is larger is a frame or a scene that stands still."""


@dataclass
class Marks:
    """Collects edges of pictures of different scenes; ask for :attr:`found` after the last.

    Attributes:
        found: (span, left, top, right, bottom) of each mark, in shares of the sides.
        judged_s: seconds in which a mark could have been found.
    """

    found: list[tuple[Span, float, float, float, float]] = field(default_factory=list)
    judged_s: float = 0.0
    _counts: NDArray[np.uint16] | None = None
    _pictures: int = 0
    _last: NDArray[np.float32] | None = None
    _shown: NDArray[np.float32] | None = None
    _from_s: float = 0.0

    def push(self, small: NDArray[np.uint8], thumbnail: NDArray[np.float32], time_s: float) -> None:
        """Take a picture uint8 (h, w) and its luma at 48×27, shown from ``time_s`` on."""
        centred = thumbnail - thumbnail.mean()
        length = float(np.linalg.norm(centred))
        if length < _PLAIN * np.sqrt(thumbnail.size):
            return
        if self._last is not None and self._shown is not None:
            alike = float((centred * self._last).sum()) > _ALIKE * length * np.linalg.norm(self._last)
            if alike or _settled(thumbnail, self._shown):
                return
        self._last, self._shown = centred, thumbnail
        if self._counts is not None and self._counts.shape[1:] != small.shape:
            self.close(time_s)  # the size of the picture changed
        if self._counts is None:
            self._counts = np.zeros((4, *small.shape), np.uint16)
        _count_edges(small, self._counts)
        self._pictures += 1
        if self._pictures == _MOST_PICTURES:
            self.close(time_s)

    def close(self, time_s: float) -> None:
        """Look for a mark in what was collected, up to ``time_s``, and begin anew."""
        if self._counts is not None and self._pictures >= _LEAST_PICTURES:
            span = Span(self._from_s, time_s)
            self.judged_s += span.duration_s
            if box := _find_mark(self._counts, self._pictures):
                self.found.append((span, *box))
            self._from_s = time_s
        self._counts, self._pictures = None, 0


def _settled(thumbnail: NDArray[np.float32], before: NDArray[np.float32]) -> bool:
    """Whether a third of the picture is as it was: then the scene is the same, whatever passes before it.

    The camera may have changed its exposure meanwhile.
    """
    lit = np.maximum(thumbnail, before) > _LIT
    if not lit.any():
        return False
    ratio = max(float(np.median(before[lit])), 1.0) / max(float(np.median(thumbnail[lit])), 1.0)
    # The darker one is lifted: were the lighter one dimmed, anything would be like a dark picture.
    now, then = (thumbnail * ratio, before) if ratio >= 1 else (thumbnail, before / ratio)
    return bool(np.quantile(np.abs(now - then)[lit], 1 / 3) < _CHANGE)


def _count_edges(small: NDArray[np.uint8], counts: NDArray[np.uint16]) -> None:
    luma = small.astype(np.int16)
    across, down = luma[1:-1, 2:] - luma[1:-1, :-2], luma[2:, 1:-1] - luma[:-2, 1:-1]
    inner = counts[:, 1:-1, 1:-1]
    inner[0] += across > _STEP
    inner[1] += across < -_STEP
    inner[2] += down > _STEP
    inner[3] += down < -_STEP


def _find_mark(counts: NDArray[np.uint16], pictures: int) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom of the largest mark, in shares of the sides.

    A mark has edges across and down; the edge of a letterbox only has one of them, and goes all the way.
    """
    from scipy.ndimage import binary_dilation, find_objects, label

    steady = counts >= _STEADY * pictures
    upright, level = steady[0] | steady[1], steady[2] | steady[3]
    edges = upright | level
    if edges.sum() > _MOST_STEADY * counts.sum() / (2 * pictures):
        return None  # the camera stands still, so that everything is at its place
    height, width = edges.shape
    marked, _ = label(binary_dilation(edges, np.ones((_JOINED, _JOINED), bool)))
    best, most = None, _LEAST_PIXELS - 1
    for number, (rows, columns) in enumerate(find_objects(marked), start=1):
        wide, high = columns.stop - columns.start, rows.stop - rows.start
        if wide > _LARGEST[0] * width or high > _LARGEST[1] * height:
            continue
        mine = marked[rows, columns] == number
        size = int((edges[rows, columns] & mine).sum())
        if (
            size > most
            and min((upright[rows, columns] & mine).sum(), (level[rows, columns] & mine).sum()) >= 0.15 * size
        ):
            most = size
            best = columns.start / width, rows.start / height, columns.stop / width, rows.stop / height
    return best
