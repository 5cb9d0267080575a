"""The sound of a place: what a boundary changes in it.

Events only add to what a place sounds like, so the *floor* of a band, what its level hardly falls below,
stays while one is there (scenes by their background sound: Pfeiffer, Lienhart & Effelsberg, 2001).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.segmentation.signals import RATE

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

_NEAR_S, _FAR_S = 3.0, 8.0
_SHARE = 0.2
"""The share of samples that may be quieter than the floor."""

_NOISE_DB = 2.0
_FULL_DB = 10.0


def compare_floors(ambience: NDArray[np.float32], leaves: Positions) -> tuple[Floats, Floats]:
    """Return how much floors change, and how much they change both ways, at each of ``leaves`` (m,).

    Args:
        ambience: (n, bands), level of each band in decibels.
        leaves: sample positions.

    Returns:
        The square root of the mean change of a band from 3 s before to 3 s after; and the square root of
        twice the smaller of what bands gain and what they lose from 8 s before to 8 s after. 1 is 10 dB.
    """
    near, far = (_gain_and_lose(ambience, leaves, seconds) for seconds in (_NEAR_S, _FAR_S))
    changed = np.sqrt(np.minimum((near[0] + near[1]) / _FULL_DB, 3.0))
    return changed, np.sqrt(np.minimum(2 * np.minimum(*far) / _FULL_DB, 2.0))


def _gain_and_lose(ambience: NDArray[np.float32], leaves: Positions, seconds: float) -> tuple[Floats, Floats]:
    """Return by how many decibels bands gain and lose floor at each boundary, on average (m,) each."""
    steps = np.arange(round(seconds * RATE))
    last = len(ambience) - 1
    rank = round(_SHARE * (len(steps) - 1))
    before, after = (
        np.partition(ambience[rows], rank, axis=1)[:, rank].astype(np.float64)
        for rows in (
            np.maximum(leaves[:, None] - 1 - steps, 0),
            np.minimum(leaves[:, None] + steps, last),
        )
    )
    gained = np.maximum(after - before - _NOISE_DB, 0).mean(axis=1)
    lost = np.maximum(before - after - _NOISE_DB, 0).mean(axis=1)
    return gained, lost
