"""Picture and motion attributes, four rows per second, from frames as they are decoded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.features.colour import look_up
from videxplore.stages.features.light import (
    ARRANGEMENT_NAMES,
    COLOUR_NAMES,
    LAYOUT_NAMES,
    LIGHT_NAMES,
    measure_arrangement,
    measure_colours,
    measure_layout,
    measure_light,
)
from videxplore.stages.features.likeness import LIKENESS_NAMES, measure_likeness
from videxplore.stages.features.motion import MOTION_NAMES, measure_motion
from videxplore.stages.features.rhythm import RHYTHM_NAMES, FrameRhythm
from videxplore.stages.features.texture import TEXTURE_NAMES, find_gradients, measure_texture
from videxplore.values.media import Series

PICTURE_NAMES = (
    *COLOUR_NAMES,
    *LIGHT_NAMES,
    *LAYOUT_NAMES,
    *ARRANGEMENT_NAMES,
    *TEXTURE_NAMES,
    *LIKENESS_NAMES,
    *MOTION_NAMES,
    *RHYTHM_NAMES,
)
"""Columns of the picture series, in order."""

ROWS_PER_S = 4.0
_PAIR_GAP_S = 0.06
_MUCH_CHANGE = 14.0
"""Mean luma difference from which a pair is taken at the shortest gap: the motion is too fast for more."""
_BLOCK = 16  # pictures measured at once: their planes stay in the processor's cache
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def measure_pictures(rgb: NDArray[np.uint8], grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the columns of :data:`PICTURE_NAMES` that one picture gives.

    Args:
        rgb: uint8 (n, h, w, 3).
        grey: the same in luma, (n, h, w) on 0–255.
    """
    colours, gradients = look_up(rgb), find_gradients(grey)
    parts = [
        measure_colours(colours.names),
        measure_light(rgb, colours),
        measure_layout(colours.lab),
        measure_arrangement(colours, gradients.smooth),
        measure_texture(grey, gradients),
        measure_likeness(colours.lab, gradients),
    ]
    return np.concatenate(parts, axis=1)


class PictureScan:
    """Turns frames pushed in display order into a :class:`Series` of :data:`PICTURE_NAMES`.

    Row ``k`` stands for the window [k/4, (k+1)/4) s and is measured on the frame nearest to its middle;
    motion on that frame and another about 80 ms away, on the side where no cut lies between. Only the frames
    of the last half second are kept.
    """

    def __init__(self) -> None:
        self._rhythm = FrameRhythm()
        self._rgb = np.zeros((0, 1, 1, 3), np.uint8)
        self._grey = np.zeros((0, 1, 1), np.float32)
        self._times = np.zeros(0)
        self._done = -1
        self._rows: list[NDArray[np.float32]] = []
        self._row_times: list[NDArray[np.float64]] = []
        self._windows: list[NDArray[np.int64]] = []

    def push(self, rgb: NDArray[np.uint8], times_s: NDArray[np.float64]) -> None:
        """Take frames ``rgb`` uint8 (n, 54, 96, 3) shown at ``times_s`` (n,)."""
        if not len(rgb):
            return
        kept = len(self._times)
        grey = np.empty((kept + len(rgb), *rgb.shape[1:3]), np.float32)
        if kept:
            grey[:kept] = self._grey
        for low in range(0, len(rgb), _BLOCK):
            part = rgb[low : low + _BLOCK]
            np.matmul(part.astype(np.float32), _LUMA, out=grey[kept + low : kept + low + len(part)])
        self._rhythm.push(grey[kept:], times_s)
        self._rgb, self._grey = np.concatenate([self._rgb, rgb]) if kept else rgb, grey
        self._times = np.concatenate([self._times, times_s])
        self._measure(up_to_s=float(self._times[-1]) - 0.12)
        first = np.searchsorted(self._times, (self._done + 1) / ROWS_PER_S - 0.2)
        self._rgb, self._grey = self._rgb[first:].copy(), self._grey[first:].copy()
        self._times = self._times[first:].copy()

    def series(self) -> Series:
        """Return all rows; call it once, after the last frame.

        Raises:
            ValueError: no frame was pushed.
        """
        self._measure(up_to_s=np.inf)
        if not self._rows:
            raise ValueError("PictureScan.series needs at least one frame, got none.")
        values = np.concatenate(self._rows)
        start = np.concatenate(self._windows) / ROWS_PER_S
        edges = np.stack([start, start + 1 / ROWS_PER_S], axis=1)
        pan = len(PICTURE_NAMES) - len(RHYTHM_NAMES) - len(MOTION_NAMES) + MOTION_NAMES.index("pan")
        rhythm = self._rhythm.rows(edges, values[:, pan : pan + 2])
        return Series(
            np.concatenate(self._row_times), np.concatenate([values, rhythm], axis=1), PICTURE_NAMES
        )

    def _measure(self, up_to_s: float) -> None:
        """Measure the windows that end by ``up_to_s`` and are not measured yet."""
        window = np.floor(self._times * ROWS_PER_S + 1e-6).astype(np.int64)
        ready = (window > self._done) & ((window + 1) / ROWS_PER_S <= up_to_s)
        found = np.unique(window[ready])
        if not len(found):
            return
        wanted = (found + 0.5) / ROWS_PER_S
        near = np.searchsorted(self._times, wanted).clip(0, len(self._times) - 1)
        earlier = (near - 1).clip(0)
        near = np.where(
            np.abs(self._times[earlier] - wanted) < np.abs(self._times[near] - wanted), earlier, near
        )
        chosen = np.array([
            np.clip(i, *np.flatnonzero(window == k)[[0, -1]]) for i, k in zip(near, found, strict=True)
        ])  # fmt: skip
        self._done = int(found[-1])
        for low in range(0, len(chosen), _BLOCK):
            part = chosen[low : low + _BLOCK]
            still = measure_pictures(self._rgb[part], self._grey[part])
            self._rows.append(np.concatenate([still, self._move(part)], axis=1))
        self._row_times.append(self._times[chosen])
        self._windows.append(found)

    def _move(self, chosen: NDArray[np.intp]) -> NDArray[np.float32]:
        """Motion columns (n, 13) of the frames ``chosen``, zero where no partner is near enough."""
        times = self._times
        first, second, cost = self._pair(chosen, _PAIR_GAP_S)
        near_first, near_second, _ = self._pair(chosen, 1e-3)
        fast = cost > _MUCH_CHANGE
        first, second = np.where(fast, near_first, first), np.where(fast, near_second, second)
        gap, grey = times[second] - times[first], self._grey
        usable = (gap > 0) & (gap <= 0.5)
        motion = np.zeros((len(chosen), len(MOTION_NAMES)), np.float32)
        if usable.any():
            first, second = first[usable], second[usable]
            motion[usable] = measure_motion(grey[first], grey[second], gap[usable])
        return motion

    def _pair(
        self, chosen: NDArray[np.intp], gap_s: float
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
        """Each frame of ``chosen`` and the more alike of its neighbours at least ``gap_s`` away, in order."""
        from videxplore.stages.features.loops import compare_pictures

        times = self._times
        later = np.searchsorted(times, times[chosen] + gap_s)
        before = np.searchsorted(times, times[chosen] - gap_s, side="right") - 1
        has_later, has_before = later < len(times), before >= 0
        later, before = later.clip(max=len(times) - 1), before.clip(0)
        cost_later, cost_before = np.empty((2, len(chosen)), np.float32)
        compare_pictures(self._grey, later, chosen, cost_later)
        compare_pictures(self._grey, before, chosen, cost_before)
        backward = has_before & (~has_later | (cost_later > 2 * cost_before + 6))
        first, second = np.where(backward, before, chosen), np.where(backward, chosen, later)
        return first, second, np.where(backward, cost_before, cost_later)
