"""Sums of a kernel between sources: all that permuting, leaving out or adding whole sources needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.distances import Vectors, blocks
from videxplore.stages.licensing.grouping import Groups

_LOOKED_AT = 500
"""Clips whose distances make the median; more would not move it."""


def kernel_sums(vectors: Vectors, groups: Groups, bandwidth: float) -> NDArray[np.float64]:
    """Sum of exp(−‖x − y‖² / 2σ²) over the pairs of each two sources, float64 (g, g).

    Args:
        vectors: float32 (n, d), unit rows.
        groups: their sources.
        bandwidth: σ, in units of Euclidean distance between unit vectors.
    """
    member = np.zeros((len(vectors), len(groups)), np.float32)
    member[np.arange(len(vectors)), groups.index] = 1
    sums = np.zeros((len(groups), len(groups)))
    squares = np.square(vectors).sum(axis=1)
    for part in blocks(len(vectors), len(vectors)):
        apart = vectors[part] @ vectors.T
        apart *= -2
        apart += squares
        apart += squares[part][:, None]
        apart *= np.float32(-0.5 / bandwidth**2)
        np.exp(np.minimum(apart, 0, out=apart), out=apart)
        sums += member[part].T.astype(np.float64) @ (apart @ member).astype(np.float64)
    return sums


def median_distance(vectors: Vectors, seed: int = 0) -> float:
    """Median Euclidean distance of two clips (Gretton et al., 2012); 1 where all are equal."""
    rows = np.random.default_rng(seed).permutation(len(vectors))[:_LOOKED_AT]
    looked_at = vectors[rows]
    squares = np.square(looked_at).sum(axis=1)
    apart = squares[:, None] + squares - 2 * looked_at @ looked_at.T
    distances = np.sqrt(np.maximum(apart[np.triu_indices(len(rows), 1)], 0.0))
    return float(np.median(distances)) or 1.0 if len(distances) else 1.0
