"""Canonical correlation analysis (Hotelling, 1936): directions of two spaces that vary together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RIDGE = 0.01
_MOST = 128


@dataclass(frozen=True, eq=False)
class Correlation:
    """Two spaces and the space that they share.

    Attributes:
        means: float64 (p,) and (q,), of the vectors it was fitted on.
        axes: float64 (p, k) and (q, k): a vector less its mean, times these, lies in the shared space.
        correlations: float64 (k,), of the two sides along each axis, falling.
    """

    means: tuple[NDArray[np.float64], NDArray[np.float64]]
    axes: tuple[NDArray[np.float64], NDArray[np.float64]]
    correlations: NDArray[np.float64]

    def project(self, side: int, vectors: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return unit vectors (n, k) for vectors (n, p) of side 0 or (n, q) of side 1; zeros stay zero.

        Axes count by how well the sides agree along them.
        """
        rows = np.asarray(vectors, dtype=np.float64)
        placed = (rows - self.means[side]) @ self.axes[side] * self.correlations
        placed *= (np.linalg.norm(rows, axis=1) > 0)[:, None]
        return placed / np.maximum(np.linalg.norm(placed, axis=1, keepdims=True), 1e-30)


def fit_correlation(
    first: NDArray[np.floating], second: NDArray[np.floating], *, ridge: float = _RIDGE, axes: int = _MOST
) -> Correlation:
    """Find the directions along which paired vectors of two spaces agree most.

    In closed form: both sides are whitened, and the singular vectors of what is left of their covariance are
    the directions. Nothing is learned by descent, and no label is needed, only pairs.

    Args:
        first: (n, p).
        second: (n, q), row by row what belongs to ``first``.
        ridge: added to the variances, as a share of their mean (Vinod, 1976): with fewer pairs than columns
            everything would agree with everything.
        axes: at most so many; no more than p, q or n − 1.

    Raises:
        ValueError: other shapes, or fewer than three pairs.
    """
    pairs = [np.asarray(side, dtype=np.float64) for side in (first, second)]
    if any(side.ndim != 2 for side in pairs) or len(pairs[0]) != len(pairs[1]) or len(pairs[0]) < 3:
        raise ValueError(
            f"canonical correlation needs at least 3 pairs of vectors, (n, p) and (n, q), got shapes "
            f"{np.shape(first)} and {np.shape(second)}."
        )
    means = [side.mean(axis=0) for side in pairs]
    centred = [side - mean for side, mean in zip(pairs, means, strict=True)]
    white = [_whitener(side, ridge) for side in centred]
    shared = white[0].T @ (centred[0].T @ centred[1] / (len(centred[0]) - 1)) @ white[1]
    left, correlations, right = np.linalg.svd(shared, full_matrices=False)
    count = min(axes, len(correlations), len(pairs[0]) - 1)
    return Correlation(
        (means[0], means[1]),
        (white[0] @ left[:, :count], white[1] @ right[:count].T),
        np.clip(correlations[:count], 0.0, 1.0),
    )


def _whitener(centred: NDArray[np.float64], ridge: float) -> NDArray[np.float64]:
    """(p, r) that gives the rows unit covariance, along the r directions in which they vary at all."""
    covariance = centred.T @ centred / (len(centred) - 1)
    values, vectors = np.linalg.eigh(covariance)
    values = values + ridge * values.mean()
    varying = values > 1e-10 * values.max()
    return vectors[:, varying] / np.sqrt(values[varying])
