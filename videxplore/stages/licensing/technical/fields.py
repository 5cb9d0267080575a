"""Interlaced video, told by which lines of two frames in a row belong to one moment."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_MOVES = 10
"""Levels by which a pixel changes from one frame to the next where something moves."""
_LEAST = 0.002
"""Share of the picture that must move; else two frames tell nothing of their fields."""
_ASKEW = 0.8
"""The better of the two ways to weave is at most this times as uneven as the other, where fields differ."""
_AS_THEY_ARE = 0.7
"""And frames as they are at least this times as uneven as the better way."""


@dataclass
class Fields:
    """Collects pairs of frames in a row.

    A frame holds two fields, its even and its odd lines. Of progressive video both are of one moment: lines
    fit best as they are, and the lines of one frame fit those of the next equally badly whichever of them is
    taken from which. Interlaced fields follow one another, so that one of the two ways is better, and no
    worse than the frames themselves. The idea is that of FFmpeg's ``idet``; here only what moves is compared,
    so that a striped shirt or a fence says nothing.

    Attributes:
        judged_s: times of pairs in which something moves.
        woven: for each of them whether it is interlaced.
    """

    judged_s: list[float] = field(default_factory=list)
    woven: list[bool] = field(default_factory=list)

    def push(self, frame: NDArray[np.uint8], after: NDArray[np.uint8], time_s: float) -> None:
        """Take two frames in a row, luma uint8 (h, w) at their own size; the first is shown at ``time_s``."""
        if frame.shape != after.shape or len(frame) < 8:
            return
        moving, *sums = compare_fields(frame, after)
        if moving < _LEAST:
            return
        as_they_are, *ways = sums
        self.judged_s.append(time_s)
        self.woven.append(min(ways) < _ASKEW * max(ways) and as_they_are > _AS_THEY_ARE * min(ways))


def compare_fields(frame: NDArray[np.uint8], after: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """Share of two frames (h, w) that moves, and how uneven lines are there: as they are, and woven two ways.

    Uneven is the mean distance, in levels, of a line from the mean of its neighbours, doubled.
    """
    from videxplore.stages.licensing.technical.loops import sum_fields

    sums = np.zeros(4, np.int64)
    sum_fields(frame, after, _MOVES, sums)
    moving = max(int(sums[0]), 1)
    as_they_are, forth, back = (float(total) / moving for total in sums[1:])
    return float(sums[0]) / frame.size, as_they_are, forth, back
