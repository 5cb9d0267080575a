"""Edges and texture of single pictures."""

from __future__ import annotations

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


def find_smooth(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (n, h, w): 1 where the luma hardly changes from pixel to pixel, else 0."""
    down, right = _gradients(grey)
    return (np.hypot(down, right) < 0.35 * _EDGE).astype(np.float32)


def measure_texture(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return :data:`TEXTURE_NAMES` (n, 10) of luma pictures ``grey`` (n, h, w) on 0–255.

    Edge directions follow the edge histogram of MPEG-7; a line counts as straight where an edge of one
    direction goes on for a sixth of the picture.
    """
    n = len(grey)
    down, right = _gradients(grey)
    strength = np.hypot(down, right)
    edges = strength > _EDGE
    count = edges.sum((1, 2)) + 1.0
    horizontal = edges & (np.abs(down) > 2.2 * np.abs(right))
    vertical = edges & (np.abs(right) > 2.2 * np.abs(down))
    shares = np.stack([horizontal.sum((1, 2)), vertical.sum((1, 2))], axis=1) / count[:, None]
    diagonal = 1.0 - shares.sum(1)
    parts = np.stack([shares[:, 0], shares[:, 1], diagonal], axis=1).clip(1e-6)
    balance = -(parts * np.log(parts)).sum(1) / np.log(3)
    laplacian = 4 * grey[:, 1:-1, 1:-1] - (
        grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    )
    lines = _runs(horizontal, 2, grey.shape[2] // 6) + _runs(vertical, 1, grey.shape[1] // 6)
    # Letters at this size are a fine alternation along the row inside a contrasting band.
    fine = np.abs(np.diff(np.sign(right) * (np.abs(right) > _EDGE), axis=2)) > 1
    bands = average_fields(fine.astype(np.float32), 9, 4)
    histogram = np.stack(
        [((grey >= low) & (grey < low + 16)).mean((1, 2)) for low in range(0, 256, 16)], axis=1
    )
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
        (strength < 0.35 * _EDGE).reshape(n, -1).mean(1),
        entropy,
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _gradients(grey: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Central differences down and to the right, the same shape as ``grey``."""
    padded = np.pad(grey, ((0, 0), (1, 1), (1, 1)), mode="edge")
    down = np.float32(0.5) * (padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1])
    right = np.float32(0.5) * (padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2])
    return down, right


def _runs(mask: NDArray[np.bool_], axis: int, length: int) -> NDArray[np.float32]:
    """Share (n,) of places from which ``mask`` holds for ``length`` pixels along ``axis``."""
    total = np.cumsum(mask, axis=axis, dtype=np.int32)
    total = np.concatenate([np.zeros_like(np.take(total, [0], axis)), total], axis=axis)
    size = total.shape[axis]
    window = np.take(total, np.arange(length, size), axis) - np.take(total, np.arange(size - length), axis)
    return (window == length).mean((1, 2)).astype(np.float32)
