"""Clips by source: totals, effective numbers, and how alike the clips of one source are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from videxplore.values.sampling import Dependence, checked_sources

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Groups:
    """Clips by source.

    Attributes:
        names: (g,) sources in order of name.
        index: intp (n,), the source of each clip.
    """

    names: NDArray[np.str_]
    index: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.names)

    def totals(self, column: ArrayLike) -> Numbers:
        """Sum per source, float64 (g,)."""
        return np.bincount(self.index, np.asarray(column, np.float64), len(self)).astype(np.float64)

    @property
    def sizes(self) -> Numbers:
        """Clips per source, float64 (g,)."""
        return np.bincount(self.index, minlength=len(self)).astype(np.float64)


def group(sources: Sequence[str] | NDArray[np.str_], n: int, label: str = "sources") -> Groups:
    """Sort clips by source.

    Raises:
        ValueError: not one source per clip, or one without a name.
    """
    names, index = np.unique(np.asarray(checked_sources(sources, n, label)), return_inverse=True)
    return Groups(names, index.astype(np.intp))


def checked_weights(weights: ArrayLike | None, n: int) -> Numbers:
    """Weights (durations in seconds) as float64 (n,); ones where none are given.

    Raises:
        ValueError: not one per clip, or one that is not above zero.
    """
    column = np.ones(n) if weights is None else np.asarray(weights, np.float64)
    if column.shape != (n,):
        raise ValueError(f"weights must be (n,) = ({n},), got {column.shape}.")
    if not (np.isfinite(column).all() and (column > 0).all()):
        raise ValueError("weights must be finite and above zero: they are durations.")
    return column


def effective_number(totals: ArrayLike) -> float:
    """How many groups of equal size would weigh as much: (Σw)² / Σw² (Kish, 1965).

    >>> effective_number([3, 3, 3]), effective_number([9, 1])
    (3.0, 1.2195121951219512)
    """
    column = np.asarray(totals, np.float64)
    return float(column.sum() ** 2 / np.square(column).sum()) if column.any() else 0.0


def dependence(values: ArrayLike, sources: Sequence[str]) -> Dependence:
    """How alike the clips of one source are in a figure, and what that costs.

    The intra-source correlation is the one-way ANOVA estimate for groups of unequal size (Donner, 1986); the
    design effect 1 + (m̃ − 1)ρ has m̃ = Σm²/Σm, the group size that a clip finds itself in (Kish, 1965).

    Args:
        values: float (n,), such as 0 and 1 for usable.
        sources: n sources.

    Returns:
        With nan for a single source or one clip per source, where there is nothing to compare.

    Raises:
        ValueError: not one source per value.
    """
    column = np.asarray(values, np.float64)
    groups = group(sources, len(column))
    sizes, n, count = groups.sizes, len(column), len(groups)
    within_size = float(np.square(sizes).sum() / n) if n else 0.0
    if count < 2 or n == count:
        nothing = float("nan")
        return Dependence(nothing, nothing, nothing, n, count)
    means = groups.totals(column) / sizes
    between = float(sizes @ np.square(means - column.mean())) / (count - 1)
    within = float(np.square(column - means[groups.index]).sum()) / (n - count)
    typical = (n - within_size) / (count - 1)
    spread = between + (typical - 1) * within
    correlation = max(0.0, (between - within) / spread) if spread > 0 else 0.0
    effect = 1 + (within_size - 1) * correlation
    return Dependence(correlation, effect, n / effect, n, count)
