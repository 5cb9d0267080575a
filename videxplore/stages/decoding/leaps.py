"""Clocks that start again in mid-file, as where recordings were laid end to end (``cat a.ts b.ts``).

MPEG transport and program streams may carry such breaks, and FFmpeg hands their timestamps on as they stand:
two frames then claim the same time, or hours seem to pass between two frames. Every stretch after a break is
therefore moved so that it follows on the one before.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

CONTAINERS = frozenset({"mpegts", "mpeg"})
_BACK_S = 0.25  # a clock that falls by less is jitter
_AHEAD_S = 10.0  # what FFmpeg's own programs take for a break (-dts_delta_threshold)


class BreakFinder:
    """Finds the breaks while packets of one track pass in the order in which they are stored.

    Attributes:
        offsets: for each stretch the ticks to add to its timestamps; the first is 0.
    """

    def __init__(self, time_base: Fraction) -> None:
        self.offsets = [0]
        self._back, self._ahead = round(_BACK_S / time_base), round(_AHEAD_S / time_base)
        self._last: int | None = None
        self._step, self._furthest = 0, -(2**62)

    def offset(self, packet: Any) -> int:
        """Ticks to add to the timestamps of this packet."""
        if packet.dts is not None and packet.pts is not None:
            if self._last is not None and breaks(packet.dts - self._last, self._back, self._ahead):
                follows = self._furthest + max(self._step, 1)
                self.offsets.append(follows - packet.pts)
            elif self._last is not None and packet.dts > self._last:
                self._step = packet.dts - self._last
            self._last = packet.dts
            self._furthest = max(self._furthest, packet.pts + self.offsets[-1])
        return self.offsets[-1]


def breaks(step: float, back: float, ahead: float) -> bool:
    """Whether a clock that goes on by ``step`` has started again."""
    return step < -back or step > ahead


class StraightClock:
    """Moves timestamps of decoded frames as their packets were moved.

    Args:
        offsets: ticks to add in each stretch.
        pts: rising timestamps of all frames, already moved.
    """

    def __init__(self, offsets: tuple[int, ...], pts: NDArray[np.int64]) -> None:
        self._offsets, self._pts = offsets, pts
        self._stretch, self._last = 0, -(2**62)

    def __call__(self, pts: int) -> int:
        """Return the timestamp on the clock without breaks; frames must come in the order of the file."""
        stamp = pts + self._offsets[self._stretch]
        if self._stretch + 1 < len(self._offsets) and not self._fits(stamp):
            # Frames at a break may be lost, so the numbers decide and not the count.
            later = pts + self._offsets[self._stretch + 1]
            if self._fits(later):
                self._stretch, stamp = self._stretch + 1, later
        self._last = max(self._last, stamp)
        return stamp

    def _fits(self, stamp: int) -> bool:
        number = int(np.searchsorted(self._pts, stamp))
        return stamp > self._last and number < len(self._pts) and int(self._pts[number]) == stamp


class SoundClock:
    """Moves the times of sound by the same amounts, where the sound's own clock breaks.

    Args:
        offsets_s: seconds to add in each stretch.
    """

    def __init__(self, offsets_s: tuple[float, ...]) -> None:
        self._offsets_s = offsets_s
        self._stretch = 0
        self._last: float | None = None

    def __call__(self, time_s: float) -> float:
        """Return the time on the clock without breaks; times must come in the order of the file."""
        last, self._last = self._last, time_s
        if last is not None and breaks(time_s - last, _BACK_S, _AHEAD_S):
            self._stretch = min(self._stretch + 1, len(self._offsets_s) - 1)
        return time_s + self._offsets_s[self._stretch]
