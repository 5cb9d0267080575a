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

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.features.cielab import convert_planes_to_lab
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
        energy = np.einsum("nd,nd->n", structure, structure) + structure.shape[1] * _NOISE**2
        n = len(rgb)

        def pair(values: Floats, k: int) -> tuple[Floats, Floats]:
            return values[depth - k : depth - k + n], values[depth:]

        columns = [_histogram_distance(*pair(histogram, k)) for k in LAGS]
        columns += [_structure_distance(*pair(structure, k), *pair(energy, k)) for k in LAGS]
        columns += [_block_distance(*pair(lab_small, k)) for k in LAGS]
        columns += [_structure_distance(*pair(structure, k), *pair(energy, k)) for k in FAR_LAGS]
        columns += [_block_distance(*pair(lab_small, k)) for k in FAR_LAGS]
        steps = [(after - before).reshape(n, -1) for before, after in (pair(rgb_small, k) for k in PATH_LAGS)]
        columns += [np.sqrt(np.einsum("nd,nd->n", step, step) / step.shape[1]) for step in steps]
        columns += [np.abs(step, out=step).mean(axis=1) for step in steps]
        self._rows.append(np.column_stack([*columns, light[depth:]]).astype(np.float32))
        self._tail = tuple(part[-depth:].copy() for part in kept)


def _describe(rgb: NDArray[np.uint8]) -> tuple[Floats, ...]:
    """What is compared of each frame: histograms, structure, thumbnails in Lab and RGB, light (n, 2)."""
    planes = np.ascontiguousarray(np.moveaxis(rgb, -1, 0))
    lab = convert_planes_to_lab(planes)
    luma = rgb.astype(np.float32) @ _LUMA
    light = np.stack([luma.mean(axis=(1, 2)), luma.std(axis=(1, 2))], axis=1)
    return _histograms(lab), _structures(luma), _thumbnails(lab), _thumbnails(planes), light


def _histograms(lab: Floats) -> Floats:
    """Return unit vectors (n, 13·28) for ``lab`` (3, n, 27, 48).

    Square-rooted soft histograms of the 12 cells and the frame. Soft bins (each pixel shared between its two
    nearest) keep noise at a bin's edge from counting.
    """
    n = lab.shape[1]
    rows, columns = _CELLS
    row = np.arange(HEIGHT) * rows // HEIGHT
    column = np.arange(WIDTH) * columns // WIDTH
    cell = row[:, None] * columns + column[None, :]
    cells = rows * columns
    size = sum(bins for _, _, bins in _BINS)
    base = (np.arange(n)[:, None, None] * cells + cell) * size
    counts = np.zeros(n * cells * size)
    offset = 0
    for channel, (low, high, bins) in zip(lab, _BINS, strict=True):
        place = np.clip((channel - low) * ((bins - 1) / (high - low)), 0, bins - 1.001)
        index = place.astype(np.intp)
        place -= index
        index += base + offset
        # Each pixel gives its share to the bin above and the rest to its own.
        above = np.bincount(index.ravel(), place.ravel(), len(counts))
        counts += np.bincount(index.ravel(), minlength=len(counts)) - above
        counts[1:] += above[:-1]
        offset += bins
    per_cell = counts.reshape(n, cells, size)
    whole = per_cell.sum(axis=1, keepdims=True)
    weights = np.array([(1 - _WHOLE_FRAME_SHARE) / cells] * cells + [_WHOLE_FRAME_SHARE], dtype=np.float64)
    share = np.concatenate([per_cell, whole], axis=1)
    share *= (weights / share.sum(axis=2))[:, :, None]
    # Where all pixels of a bin lie on its edge, the subtraction may leave a rounding error below zero.
    return np.sqrt(np.maximum(share, 0)).reshape(n, -1).astype(np.float32)


def _histogram_distance(a: Floats, b: Floats) -> Floats:
    return np.maximum(0, 1 - np.einsum("nd,nd->n", a, b))


def _structures(luma: Floats) -> Floats:
    """Return (n, 27·48): luma blurred over 3×3 pixels, less its mean."""
    padded = np.pad(luma, ((0, 0), (1, 1), (1, 1)), mode="edge")
    across = padded[:, :, :-2] + padded[:, :, 1:-1] + padded[:, :, 2:]
    blurred = (across[:, :-2] + across[:, 1:-1] + across[:, 2:]) / 9
    flat = blurred.reshape(len(luma), -1)
    return flat - flat.mean(axis=1, keepdims=True)


def _structure_distance(a: Floats, b: Floats, energy_a: Floats, energy_b: Floats) -> Floats:
    floor = a.shape[1] * _NOISE**2
    return 1 - (np.einsum("nd,nd->n", a, b) + floor) / np.sqrt(energy_a * energy_b)


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


def _block_distance(a: Floats, b: Floats) -> Floats:
    difference = b - a
    difference *= difference
    squared = difference[:, 0] + difference[:, 1] + difference[:, 2]
    third = squared.shape[1] // 3
    squared.partition(third, axis=1)
    return np.sqrt(squared[:, third])
