"""Fewer dimensions: principal axes, and simply the first columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Axes:
    """Principal axes of some vectors (Pearson 1901; Hotelling 1933), by singular value decomposition.

    Attributes:
        mean: float64 (d,).
        directions: float64 (r, d), orthonormal, r ≤ min(n, d), that of the largest variance first.
        variances: float64 (r,), with n − 1 in the denominator.
    """

    mean: NDArray[np.float64]
    directions: NDArray[np.float64]
    variances: NDArray[np.float64]

    def reduce(self, vectors: NDArray[np.floating], dimensions: int) -> NDArray[np.float64]:
        """Return the coordinates of vectors (n, d) on the first so many axes, (n, dimensions).

        Raises:
            ValueError: fewer than one, or more than there are axes.
        """
        if not 1 <= dimensions <= len(self.directions):
            raise ValueError(f"dimensions must be 1 to {len(self.directions)}, got {dimensions}.")
        return (np.asarray(vectors, np.float64) - self.mean) @ self.directions[:dimensions].T

    def restore(self, reduced: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return what is left of the vectors whose coordinates (n, k) these are, (n, d)."""
        return reduced @ self.directions[: reduced.shape[1]] + self.mean

    @property
    def explained(self) -> NDArray[np.float64]:
        """float64 (r,), share of the variance that the first 1, 2, … axes hold."""
        return np.cumsum(self.variances) / self.variances.sum()


def fit_axes(vectors: NDArray[np.floating]) -> Axes:
    """Return the principal axes of vectors (n, d), n ≥ 2."""
    values = np.asarray(vectors, np.float64)
    mean = values.mean(axis=0)
    _, lengths, directions = np.linalg.svd(values - mean, full_matrices=False)
    return Axes(mean, directions, lengths**2 / (len(values) - 1))
