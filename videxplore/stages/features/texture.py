"""Edges and texture of single pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.features.light import average_fields

TEXTURE_NAMES = (
    "edge_density",
    "horizontal_edges",
    "vertical_edges",
    "diagonal_edges",
    "edge_balance",
    "sharpness",
    "straight_lines",
    "stripes_of_text",
    "smooth_share",
    "variety",
)
_EDGE = 12.0
"""Gradient, in luma levels per pixel, from which an edge is seen at 96×54."""


@dataclass(frozen=True, slots=True)
class Gradients:
    """Central differences (n, h, w) down and to the right, and their squared length."""

    down: NDArray[np.float32]
    right: NDArray[np.float32]
    squared: NDArray[np.float32]

    @property
    def smooth(self) -> NDArray[np.bool_]:
        """Whether (n, h, w) the luma hardly changes from pixel to pixel."""
        return self.squared < (0.35 * _EDGE) ** 2


def find_gradients(grey: NDArray[np.float32]) -> Gradients:
    """Gradients of luma pictures ``grey`` (n, h, w) on 0–255."""
    padded = np.pad(grey, ((0, 0), (1, 1), (1, 1)), mode="edge")
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    right = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    down *= np.float32(0.5)
    right *= np.float32(0.5)
    return Gradients(down, right, down * down + right * right)


def measure_texture(grey: NDArray[np.float32], gradients: Gradients) -> NDArray[np.float32]:
    """Return :data:`TEXTURE_NAMES` (n, 10) of luma pictures ``grey`` (n, h, w) on 0–255.

    Edge directions follow the edge histogram of MPEG-7; a line counts as straight where an edge of one
    direction goes on for a sixth of the picture.
    """
    n = len(grey)
    down, right = gradients.down, gradients.right
    edges = gradients.squared > _EDGE**2
    count = edges.sum((1, 2)) + 1.0
    steep, flat = np.abs(down), np.abs(right)
    horizontal = edges & (steep > 2.2 * flat)
    vertical = edges & (flat > 2.2 * steep)
    shares = np.stack([horizontal.sum((1, 2)), vertical.sum((1, 2))], axis=1) / count[:, None]
    diagonal = 1.0 - shares.sum(1)
    parts = np.stack([shares[:, 0], shares[:, 1], diagonal], axis=1).clip(1e-6)
    balance = -(parts * np.log(parts)).sum(1) / np.log(3)
    laplacian = 4 * grey[:, 1:-1, 1:-1] - (
        grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    )
    lines = _runs(horizontal, 2, grey.shape[2] // 6) + _runs(vertical, 1, grey.shape[1] // 6)
    # Letters at this size are a fine alternation along the row inside a contrasting band.
    sign = (right > _EDGE).view(np.int8) - (right < -_EDGE).view(np.int8)
    fine = np.abs(np.diff(sign, axis=2)) > 1
    bands = average_fields(fine.astype(np.float32), 9, 4)
    level = (grey.reshape(n, -1) * (1 / 16)).astype(np.intp) + 16 * np.arange(n)[:, None]
    histogram = np.bincount(level.ravel(), minlength=16 * n).reshape(n, 16) / level.shape[1]
    entropy = -(histogram * np.log(histogram + 1e-9)).sum(1) / np.log(16)
    columns = [
        edges.reshape(n, -1).mean(1),
        shares[:, 0],
        shares[:, 1],
        diagonal,
        balance,
        np.log1p(laplacian.var((1, 2))),
        lines,
        np.sort(bands, axis=1)[:, -3:].mean(1),
        gradients.smooth.reshape(n, -1).mean(1),
        entropy,
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _runs(mask: NDArray[np.bool_], axis: int, length: int) -> NDArray[np.float32]:
    """Share (n,) of places from which ``mask`` holds for ``length`` pixels along ``axis``."""
    total = np.cumsum(mask, axis=axis, dtype=np.int32)
    total = np.concatenate([np.zeros_like(np.take(total, [0], axis)), total], axis=axis)
    size = total.shape[axis]
    window = np.take(total, np.arange(length, size), axis) - np.take(total, np.arange(size - length), axis)
    return (window == length).mean((1, 2)).astype(np.float32)
