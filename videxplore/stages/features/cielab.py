"""From sRGB pixels to CIELAB, where distances are near to what people see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CODES = np.arange(256) / 255.0
_LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)
# sRGB primaries to XYZ, each row divided by the D65 white point (IEC 61966-2-1).
_TO_XYZ = np.array(
    [
        [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339 / 1.08883, 0.1191920 / 1.08883, 0.9503041 / 1.08883],
    ],
    dtype=np.float32,
)
_EPSILON = np.float32(216 / 24389)
_KAPPA = np.float32(24389 / 27)
_STEPS = 4096
_RAMP = np.arange(_STEPS + 1, dtype=np.float32) / np.float32(_STEPS)
_F = np.where(_RAMP > _EPSILON, np.cbrt(_RAMP), (_KAPPA * _RAMP + 16) / 116).astype(np.float32)
_SLOPE = np.diff(_F)


def convert_to_lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return CIELAB (D65): float32 (..., 3) with L in 0…100, from sRGB uint8 (..., 3).

    The cube root is read from a table of 4096 steps, interpolated: off by less than 0.1 ΔE.
    """
    lab = convert_planes_to_lab(np.ascontiguousarray(np.moveaxis(rgb, -1, 0)))
    return np.ascontiguousarray(np.moveaxis(lab, 0, -1))


def convert_planes_to_lab(planes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The same with the channels first: (3, ...) to (3, ...), which is the faster order to compute in."""
    xyz = _TO_XYZ @ np.take(_LINEAR, planes).reshape(3, -1)
    np.clip(xyz, 0, 1, out=xyz)
    xyz *= np.float32(_STEPS - 1e-3)
    cell = xyz.astype(np.intp)
    xyz -= cell
    xyz *= np.take(_SLOPE, cell)
    xyz += np.take(_F, cell)
    x, y, z = xyz
    # L, a, b from f(X), f(Y), f(Z) (CIE 15:2004).
    lab = np.empty_like(xyz)
    np.subtract(116 * y, 16, out=lab[0])
    np.multiply(x - y, 500, out=lab[1])
    np.multiply(y - z, 200, out=lab[2])
    return lab.reshape(planes.shape)


def convert_planes_quickly(planes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The same, four times as fast once numba is loaded."""
    from videxplore.stages.features.loops import convert_pixels

    lab = np.empty(planes.shape, np.float32)
    convert_pixels(planes.reshape(3, -1), _LINEAR, _TO_XYZ, _F, _SLOPE, lab.reshape(3, -1))
    return lab
