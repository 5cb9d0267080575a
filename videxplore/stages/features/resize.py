"""Pictures at the size that is measured."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SCAN_SIZE = (96, 54)
"""Width and height of the frames measured: twice the 48×27 of the shot detector."""


def halve(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return ``rgb`` uint8 (n, h, w, 3) at half the size: means of 2×2 blocks, rounded."""
    from videxplore.stages.features.loops import halve_pictures

    n, height, width, _ = rgb.shape
    half = np.empty((n, height // 2, width // 2, 3), np.uint8)
    halve_pictures(np.ascontiguousarray(rgb[:, : height // 2 * 2, : width // 2 * 2]), half)
    return half


def shrink(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return ``rgb`` uint8 (n, h, w, 3) at 96×54: means over areas, as the decoders scale."""
    if rgb.shape[2:0:-1] == SCAN_SIZE:
        return rgb
    across, down = (_area_weights(rgb.shape[2 - i], SCAN_SIZE[i]) for i in (0, 1))
    small = np.empty((len(rgb), SCAN_SIZE[1], SCAN_SIZE[0], 3), np.uint8)
    for row, picture in enumerate(rgb):
        wide = np.einsum("yh,hwc->ywc", down, picture.astype(np.float32), optimize=True)
        small[row] = np.rint(np.einsum("xw,ywc->yxc", across, wide, optimize=True)).clip(0, 255)
    return small


def _area_weights(size: int, target: int) -> NDArray[np.float32]:
    """Matrix (target, size): how much of each source pixel lies in each target pixel, rows add up to 1."""
    edges = np.linspace(0, size, target + 1)
    pixel = np.arange(size)
    shared = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    shared = shared.clip(0)
    return (shared / shared.sum(1, keepdims=True)).astype(np.float32)
