"""Pictures at the size at which borders, text and marks are looked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WIDTH = 640
"""Columns, about: whole pixels are averaged, so that it is 400 to 960 for all pictures wider than 400."""


def reduce(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return means uint8 over squares of pixels, so that the picture is about 640 wide; never enlarged."""
    factor = max(round(luma.shape[1] / WIDTH), 1)
    if factor == 1:
        return luma
    from videxplore.stages.licensing.technical.loops import shrink

    small = np.empty((luma.shape[0] // factor, luma.shape[1] // factor), np.uint8)
    shrink(luma, factor, small)
    return small
