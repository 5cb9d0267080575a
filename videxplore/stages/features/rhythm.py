"""What changes from frame to frame: flashes, flicker, hard changes, fades."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, median_filter, uniform_filter1d

from videxplore.stages.features.light import average_fields

RHYTHM_NAMES = (
    "flash",
    "spark",
    "flicker",
    "light_slope",
    "light_jump",
    "hard_change",
    "black_share",
    "shake",
)
_ROWS, _COLUMNS = 6, 12


class FrameRhythm:
    """Keeps 73 numbers per frame of a scan and turns them into :data:`RHYTHM_NAMES` per row."""

    def __init__(self) -> None:
        self._fields: list[NDArray[np.float32]] = []
        self._times: list[NDArray[np.float64]] = []

    def push(self, grey: NDArray[np.float32], times_s: NDArray[np.float64]) -> None:
        """Take frames in display order: luma (n, h, w) on 0–255 and their times (n,)."""
        self._fields.append(average_fields(grey, _ROWS, _COLUMNS))
        self._times.append(np.asarray(times_s, dtype=np.float64))

    def rows(self, edges_s: NDArray[np.float64], camera: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return :data:`RHYTHM_NAMES` (n, 8) in the windows ``edges_s`` (n, 2), each with a frame in it.

        Args:
            edges_s: start and end of each row's window in seconds.
            camera: (n, 2) pan and tilt of each row, for the shake.
        """
        times, fields = np.concatenate(self._times), np.concatenate(self._fields)
        gap = float(np.clip(np.median(np.diff(times)), 1 / 120, 0.5)) if len(times) > 1 else 0.04
        dense = _describe(fields, gap)
        first = np.clip(np.searchsorted(times, edges_s[:, 0] - 1e-6), 0, len(times) - 1)
        last = np.clip(np.searchsorted(times, edges_s[:, 1] - 1e-6), first + 1, len(times))
        columns = [reduce(values, first, last) for values, reduce in dense]
        return np.stack([*columns, _shake(camera)], axis=1).astype(np.float32)


def _describe(fields: NDArray[np.float32], gap_s: float) -> list[tuple[NDArray, Callable]]:
    """Each column per frame, and how the frames of a row are reduced."""
    half = max(1, round(0.26 / gap_s))
    width = 2 * half + 1
    light = fields.mean(1)
    flash = _rise_and_fall(light[:, None], half, gap_s)[:, 0]
    spark = np.sort(_rise_and_fall(fields, half, gap_s), axis=1)[:, -3:].mean(1)
    jump = np.abs(np.diff(fields, axis=0, prepend=fields[:1])).mean(1)
    quiet = median_filter(jump, width, mode="nearest")
    others = np.where(jump < maximum_filter1d(jump, 3), jump, 0.0)
    around = maximum_filter1d(others, max(3, 2 * round(0.16 / gap_s) + 1))
    hard = (jump > 8) & (jump > 3 * quiet + 4) & (jump > 1.8 * around)
    # A flash changes the picture and changes it back: that is no edit.
    hard &= maximum_filter1d(flash, 5) < 0.6 * jump
    smooth = uniform_filter1d(light, width, mode="nearest")
    fast = np.where(maximum_filter1d(hard, width), 0.0, light - smooth)
    flicker = np.sqrt(uniform_filter1d(fast**2, 2 * width, mode="nearest").clip(0))
    slope = np.zeros_like(light)
    if len(light) > 2 * width:
        slope[width:-width] = (smooth[2 * width :] - smooth[: -2 * width]) / (2 * width * gap_s)
    step = np.abs(np.diff(light, prepend=light[0]))
    return [
        (flash, _highest), (spark, _highest), (flicker, _mean), (slope, _mean), (step, _highest),
        (hard.astype(np.float32), _highest), ((light < 10).astype(np.float32), _mean),
    ]  # fmt: skip


def _highest(values: NDArray[np.float32], first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray:
    """Maximum (n,) of ``values`` in each of the stretches [first, last), none of them empty."""
    ends = np.stack([first, last], axis=1).ravel()
    return np.maximum.reduceat(np.append(values, 0), ends)[::2]


def _mean(values: NDArray[np.float32], first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray:
    """The mean (n,) of each of the same stretches."""
    ends = np.stack([first, last], axis=1).ravel()
    return np.add.reduceat(np.append(values, 0).astype(np.float64), ends)[::2] / (last - first)


def _rise_and_fall(values: NDArray[np.float32], half: int, gap_s: float) -> NDArray[np.float32]:
    """How far each step (n, k) stands above what was usual in both the half second before and after it."""
    usual = median_filter(values, (2 * half + 1, 1), mode="nearest")
    centre = half + max(1, round(0.1 / gap_s))
    if len(values) <= centre:
        return np.zeros_like(values)
    before = np.concatenate([np.repeat(usual[:1], centre, axis=0), usual[:-centre]])
    after = np.concatenate([usual[centre:], np.repeat(usual[-1:], centre, axis=0)])
    return np.maximum(values - np.maximum(before, after), 0.0)


def _shake(camera: NDArray[np.float32]) -> NDArray[np.float32]:
    """Speed (n,) of the camera that is left after its course over 1.75 s is taken away."""
    if not len(camera):
        return np.zeros(0, np.float32)
    course = uniform_filter1d(camera, 7, axis=0, mode="nearest")
    rest = ((camera - course) ** 2).sum(1)
    return np.sqrt(uniform_filter1d(rest, 5, mode="nearest").clip(0)).astype(np.float32)
