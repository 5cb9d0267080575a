"""How fast shots follow one another, from pictures about a second apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.features.cuts import CutDistances

_OF_STRUCTURE, _CHANGED = 0.3, 0.33
"""A shot has changed where the distance of colours and .3 times that of what lies where are .33 together."""
_BATCH = 64


class Pace:
    """Collects thumbnails; :meth:`changes` says between which of them the shot changed."""

    def __init__(self) -> None:
        self._distances = CutDistances()
        self._waiting: list[NDArray[np.uint8]] = []
        self._times: list[float] = []

    def push(self, thumbnail: NDArray[np.uint8], time_s: float) -> None:
        """Take a picture uint8 (27, 48, 3)."""
        self._waiting.append(thumbnail)
        self._times.append(time_s)
        if len(self._waiting) == _BATCH:
            self._hand_on()

    def changes(self) -> NDArray[np.bool_]:
        """Bool (n,): whether a picture is of another shot than the one before it; the first is not.

        At most one change is seen between two pictures: where shots are shorter than the looks are apart,
        there are more than this tells, never fewer but for wild motion.
        """
        self._hand_on()
        series = self._distances.series()
        return np.asarray(series["H1"] + _OF_STRUCTURE * series["Z1"] > _CHANGED, bool)

    def _hand_on(self) -> None:
        if self._waiting:
            count = len(self._waiting)
            self._distances.push(np.stack(self._waiting), np.array(self._times[-count:]))
            self._waiting = []
