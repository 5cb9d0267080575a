"""Edges and texture of single pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    from videxplore.stages.features import picture_loops

    down, right, squared = (np.empty(grey.shape, np.float32) for _ in range(3))
    picture_loops.find_gradients(grey, down, right, squared)
    return Gradients(down, right, squared)


def measure_texture(grey: NDArray[np.float32], gradients: Gradients) -> NDArray[np.float32]:
    """Return :data:`TEXTURE_NAMES` (n, 10) of luma pictures ``grey`` (n, h, w) on 0–255.

    Edge directions follow the edge histogram of MPEG-7; a line counts as straight where an edge of one
    direction goes on for a sixth of the picture.
    """
    from videxplore.stages.features import picture_loops

    n, height, width = grey.shape
    counts, levels, fine = (np.empty((n, size), np.int64) for size in (6, 16, 9 * 4))
    variances = np.empty(n)
    long = width // 6, height // 6
    picture_loops.count_edges(gradients.down, gradients.right, gradients.squared, _EDGE, long, counts)
    picture_loops.count_levels(grey.reshape(n, -1), levels)
    # Letters at this size are a fine alternation along the row inside a contrasting band.
    picture_loops.count_alternations(gradients.right, _EDGE, 9, 4, fine)
    picture_loops.vary_laplacian(grey, variances)
    edges, horizontal, vertical, smooth, wide, tall = counts.T
    shares = np.stack([horizontal, vertical], axis=1) / (edges + 1.0)[:, None]
    diagonal = 1.0 - shares.sum(1)
    parts = np.stack([shares[:, 0], shares[:, 1], diagonal], axis=1).clip(1e-6)
    balance = -(parts * np.log(parts)).sum(1) / np.log(3)
    places = height * width
    lines = wide / (height * (width - long[0] + 1)) + tall / (width * (height - long[1] + 1))
    bands = fine / ((height // 9) * ((width - 1) // 4))
    histogram = levels / places
    entropy = -(histogram * np.log(histogram + 1e-9)).sum(1) / np.log(16)
    columns = [
        edges / places,
        shares[:, 0],
        shares[:, 1],
        diagonal,
        balance,
        np.log1p(variances),
        lines,
        np.sort(bands, axis=1)[:, -3:].mean(1),
        smooth / places,
        entropy,
    ]
    return np.stack(columns, axis=1).astype(np.float32)
