"""Per-frame distances from which shots are found, measured while frames stream by.

Three distances between frame t − k and frame t, each blind to something that is no cut:

* H, one minus the overlap of square-rooted Lab histograms in 3×4 cells and over the whole frame
  (Bhattacharyya, 1943): blind to motion inside a cell;
* Z, one minus the correlation of blurred zero-mean luma: blind to exposure, with a noise floor so that
  dark pictures do not explode;
* B, the lower-third quantile of the Lab differences of a 16×9 thumbnail: blind to whatever covers less
  than two thirds of the picture.

Two more tell gradual transitions, on the 16×9 thumbnail in encoded RGB: T, the root mean square difference,
and A, the mean absolute one. A dissolve is linear there, so its path is straight in both,
T(t−k, t) + T(t, t+k) = T(t−k, t+k); a wipe changes each pixel once, so its path is straight in A alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.features.cielab import convert_planes_quickly
from videxplore.values.media import Series

HEIGHT, WIDTH = 27, 48
LAGS = tuple(range(1, 19))
"""Lags k of H, Z and B, in frames."""
PATH_LAGS = (4, 6, 8, 12, 16, 24, 32, 48)
"""Lags k of T and A, in frames."""
FAR_LAGS = (24, 32, 48)
"""Further lags k of Z and B, in frames."""
NAMES = (
    *(f"{distance}{k}" for distance in "HZB" for k in LAGS),
    *(f"{distance}{k}" for distance in "ZB" for k in FAR_LAGS),
    *(f"{distance}{k}" for distance in "TA" for k in PATH_LAGS),
    "luma",
    "contrast",
)
"""Columns of the series: the distances by name and lag, mean and deviation of luma (0–255)."""

_CELLS = (3, 4)
_BINS = ((0.0, 100.0, 10), (-60.0, 60.0, 9), (-60.0, 60.0, 9))
_WHOLE_FRAME_SHARE = 1.0 / 13
_NOISE = 2.5
_BLOCK = 64  # frames described at once: their arrays stay in the processor's cache
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)

Floats = NDArray[np.float32]


class CutDistances:
    """Collects distances between near frames: push batches in display order, then ask for the series.

    Memory: the features of the last 48 frames, and 78 numbers per frame seen.
    """

    def __init__(self) -> None:
        self._tail: tuple[Floats, ...] | None = None
        self._rows: list[Floats] = []
        self._times: list[NDArray[np.float64]] = []

    def push(self, rgb: NDArray[np.uint8], times_s: NDArray[np.float64]) -> None:
        """Take the next frames.

        Args:
            rgb: uint8 (n, 27, 48, 3).
            times_s: float64 (n,), rising from batch to batch.
        """
        if rgb.dtype != np.uint8 or rgb.shape[1:] != (HEIGHT, WIDTH, 3):
            raise ValueError(f"rgb must be uint8 (n, {HEIGHT}, {WIDTH}, 3), got {rgb.dtype} {rgb.shape}.")
        if rgb.shape[:1] != np.shape(times_s):
            raise ValueError(f"times_s must be ({len(rgb)},), got {np.shape(times_s)}.")
        for low in range(0, len(rgb), 256):
            self._push_chunk(rgb[low : low + 256])
        self._times.append(np.asarray(times_s, dtype=np.float64))

    def series(self) -> Series:
        """Return what was measured: one row per frame, columns as in :data:`NAMES`.

        Where a lag reaches before the first frame, the distance to the first frame stands in.
        """
        if not self._rows:
            return Series(np.zeros(0), np.zeros((0, len(NAMES)), np.float32), NAMES)
        return Series(np.concatenate(self._times), np.concatenate(self._rows), NAMES)

    def _push_chunk(self, rgb: NDArray[np.uint8]) -> None:
        blocks = [_describe(rgb[low : low + _BLOCK]) for low in range(0, len(rgb), _BLOCK)]
        fresh = tuple(np.concatenate(parts) for parts in zip(*blocks, strict=True))
        depth = max(*LAGS, *PATH_LAGS)
        if self._tail is None:
            self._tail = tuple(np.repeat(part[:1], depth, axis=0) for part in fresh)
        kept = tuple(np.concatenate([old, new]) for old, new in zip(self._tail, fresh, strict=True))
        histogram, structure, lab_small, rgb_small, light = kept
        columns = [
            *_histogram_distances(histogram, LAGS, depth),
            *_structure_distances(structure, LAGS, depth),
            *(_block_distance(lab_small, k, depth) for k in LAGS),
            *_structure_distances(structure, FAR_LAGS, depth),
            *(_block_distance(lab_small, k, depth) for k in FAR_LAGS),
            *_path_steps(rgb_small, PATH_LAGS, depth),
        ]
        self._rows.append(np.column_stack([*columns, light[depth:]]).astype(np.float32))
        self._tail = tuple(part[-depth:].copy() for part in kept)


def _describe(rgb: NDArray[np.uint8]) -> tuple[Floats, ...]:
    """What is compared of each frame: histograms, structure, thumbnails in Lab and RGB, light (n, 2)."""
    planes = np.ascontiguousarray(np.moveaxis(rgb, -1, 0))
    lab = convert_planes_quickly(planes)
    luma = rgb.astype(np.float32) @ _LUMA
    light = np.stack([luma.mean(axis=(1, 2)), luma.std(axis=(1, 2))], axis=1)
    return _histograms(lab), _structures(luma), _thumbnails(lab), _thumbnails(planes), light


def _histograms(lab: Floats) -> Floats:
    """Return unit vectors (n, 13·28) for ``lab`` (3, n, 27, 48).

    Square-rooted soft histograms of the 12 cells and the frame. Soft bins (each pixel shared between its two
    nearest) keep noise at a bin's edge from counting.
    """
    from videxplore.stages.features.loops import count_softly

    rows, columns = _CELLS
    cells, size = rows * columns, sum(bins for _, _, bins in _BINS)
    per_cell = np.empty((lab.shape[1], cells, size))
    count_softly(lab, np.array(_BINS), rows, columns, per_cell)
    whole = per_cell.sum(axis=1, keepdims=True)
    weights = np.array([(1 - _WHOLE_FRAME_SHARE) / cells] * cells + [_WHOLE_FRAME_SHARE], dtype=np.float64)
    share = np.concatenate([per_cell, whole], axis=1)
    share *= (weights / share.sum(axis=2))[:, :, None]
    return np.sqrt(share).reshape(len(share), -1).astype(np.float32)


def _structures(luma: Floats) -> Floats:
    """Return (n, 27·48): luma blurred over 3×3 pixels, less its mean."""
    from videxplore.stages.features.loops import blur_luma

    blurred = np.empty_like(luma)
    blur_luma(luma, blurred)
    return blurred.reshape(len(luma), -1)


def _thumbnails(planes: NDArray[np.uint8] | Floats) -> Floats:
    """Return block means on a 16×9 grid: (n, 3, 144), for pixels (3, n, 27, 48)."""
    rows = planes.reshape(3, -1, HEIGHT // 3, 3, WIDTH)
    tall = rows[:, :, :, 0].astype(np.float32)
    tall += rows[:, :, :, 1]
    tall += rows[:, :, :, 2]
    columns = tall.reshape(3, -1, (HEIGHT // 3) * (WIDTH // 3), 3)
    total = columns[..., 0] + columns[..., 1] + columns[..., 2]
    total /= np.float32(9)
    return np.ascontiguousarray(total.swapaxes(0, 1))


def _products(values: Floats, lags: Sequence[int], depth: int) -> Floats:
    """Dot products (n, lags) of the rows from ``depth`` on with those that lag before."""
    from videxplore.stages.features.loops import multiply_lags

    products = np.empty((len(values) - depth, len(lags)), np.float32)
    multiply_lags(values, np.array(lags), depth, products)
    return products


def _histogram_distances(histogram: Floats, lags: Sequence[int], depth: int) -> Floats:
    """Return (lags, n)."""
    return np.maximum(0, 1 - _products(histogram, lags, depth)).T


def _structure_distances(structure: Floats, lags: Sequence[int], depth: int) -> Floats:
    """Return (lags, n)."""
    floor = np.float32(structure.shape[1] * _NOISE**2)
    energy = np.einsum("nd,nd->n", structure, structure) + floor
    before = np.stack([energy[depth - k : len(energy) - k] for k in lags], axis=1)
    both = np.sqrt(before * energy[depth:, None])
    return (1 - (_products(structure, lags, depth) + floor) / both).T


def _block_distance(lab: Floats, lag: int, depth: int) -> Floats:
    """Return (n,)."""
    difference = lab[depth:] - lab[depth - lag : len(lab) - lag]
    difference *= difference
    squared = difference[:, 0] + difference[:, 1] + difference[:, 2]
    third = squared.shape[1] // 3
    squared.partition(third, axis=1)
    return np.sqrt(squared[:, third])


def _path_steps(rgb: Floats, lags: Sequence[int], depth: int) -> Floats:
    """Return (2·lags, n): root mean square differences, then mean absolute ones."""
    from videxplore.stages.features.loops import measure_steps

    squares, sizes = np.empty((2, len(rgb) - depth, len(lags)), np.float32)
    measure_steps(rgb.reshape(len(rgb), -1), np.array(lags), depth, squares, sizes)
    return np.concatenate([np.sqrt(squares), sizes], axis=1).T
