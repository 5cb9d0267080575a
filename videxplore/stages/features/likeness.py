"""What a picture looks like all over, in numbers without names: to find its like, not to be asked for."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.features.light import average_fields
from videxplore.stages.features.texture import Gradients

LIKENESS_NAMES = tuple(f"likeness_{i:02}" for i in range(1, 49))

_LIGHT_FIELDS, _LIGHT_WAVES = (9, 16), 6
_COLOUR_FIELDS, _COLOUR_WAVES = (6, 8), 4
_EDGE_FIELDS = (3, 4)
_LIGHT_SCALE, _COLOUR_SCALE, _EDGE_SCALE = 70.0, 30.0, 0.6
"""Usual spread of the evened waves of light and colour, and of the logarithm of edge strength: what brings
the three to one scale. Measured on the development films."""
_MEAN_SHARE = 1 / 3
"""A picture's mean light and colour vary three times as much as its waves."""


def measure_likeness(lab: NDArray[np.float32], gradients: Gradients) -> NDArray[np.float32]:
    """Return :data:`LIKENESS_NAMES` (n, 48) of pictures.

    The coarse waves of light and of the two colour axes (the colour layout descriptor of MPEG-7, at more of
    its coefficients), and how strong edges of four directions are in 3×4 fields (its edge histogram, without
    thresholds). Wave amplitudes fall with frequency in natural pictures (Field, 1987), so each is multiplied
    by its own. The 116 numbers are mixed into 48 by fixed signs, which keeps distances (Achlioptas, 2003).

    Args:
        lab: CIELAB (3, n, h, w).
        gradients: of the same pictures.
    """
    waves = [_waves(lab[0], _LIGHT_FIELDS, _LIGHT_WAVES) / _LIGHT_SCALE]
    waves += [_waves(plane, _COLOUR_FIELDS, _COLOUR_WAVES) / _COLOUR_SCALE for plane in lab[1:]]
    edges = _edges(gradients) / _EDGE_SCALE
    return (np.concatenate([*waves, edges], axis=1) @ _signs()).astype(np.float32)


def _waves(plane: NDArray[np.float32], fields: tuple[int, int], count: int) -> NDArray[np.float32]:
    """The lowest cosine waves (n, count²) of a plane (n, h, w) averaged in fields, evened out."""
    mean = average_fields(plane, *fields).reshape(-1, *fields)
    down, across = (_cosines(size, count) for size in fields)
    order = np.arange(count)
    even = np.sqrt(1.0 + order[:, None] ** 2 + order**2)
    even[0, 0] = _MEAN_SHARE
    return (even * (down @ mean @ across.T)).reshape(-1, count**2)


@cache
def _cosines(size: int, count: int) -> NDArray[np.float32]:
    """The first ``count`` rows of the orthonormal discrete cosine transform (type II) of length ``size``."""
    angle = np.pi / size * np.arange(count)[:, None] * (np.arange(size) + 0.5)
    rows = np.cos(angle) * np.sqrt(2.0 / size)
    rows[0] /= np.sqrt(2.0)
    return rows.astype(np.float32)


def _edges(gradients: Gradients) -> NDArray[np.float32]:
    """Logarithm (n, 48) of how strong edges of four directions are in each field, luma levels per pixel."""
    from videxplore.stages.features.picture_loops import sum_directions

    n, height, width = gradients.squared.shape
    rows, columns = _EDGE_FIELDS
    sums = np.empty((4, n, rows * columns), np.float32)
    sum_directions(gradients.down, gradients.right, gradients.squared, rows, columns, sums)
    sums /= np.float32((height // rows) * (width // columns))
    return np.log1p(np.concatenate(list(sums), axis=1))


@cache
def _signs() -> NDArray[np.float32]:
    """±1/√116 (116, 48), the same on every machine and with every version of NumPy."""
    rows = _LIGHT_WAVES**2 + 2 * _COLOUR_WAVES**2 + 4 * _EDGE_FIELDS[0] * _EDGE_FIELDS[1]
    count = rows * len(LIKENESS_NAMES)
    digest = hashlib.shake_256(b"videxplore: likeness").digest(count // 8)
    bits = np.unpackbits(np.frombuffer(digest, np.uint8)).reshape(rows, len(LIKENESS_NAMES))
    return ((2.0 * bits - 1.0) / np.sqrt(rows)).astype(np.float32)
