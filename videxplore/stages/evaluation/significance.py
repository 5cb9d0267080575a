"""Whether a difference between two systems could be chance: paired over queries, clustered by video."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def paired_randomisation(differences: ArrayLike, *, flips: int = 10_000, seed: int = 0) -> float:
    """Two-sided p value of a mean paired difference under random sign flips.

    If two systems are the same, the sign of each query's difference is a coin toss (Fisher's
    randomisation test; recommended for retrieval by Smucker, Allan and Carterette, 2007).

    Args:
        differences: float (n,), one system's figure minus the other's, per query.
        flips: number of random sign patterns drawn.
        seed: of the generator.

    Returns:
        (hits + 1) / (flips + 1), where hits counts patterns whose mean is at least as far from zero; 1
        where all differences are zero.
    """
    values = np.asarray(differences, np.float64)
    values = values[values != 0]
    if not len(values):
        return 1.0
    seen = abs(values.sum()) * (1 - 1e-12)  # the pattern seen must count as "at least as far" from itself
    rng = np.random.default_rng(seed)
    hits = 0
    for start in range(0, flips, 2000):
        signs = rng.integers(0, 2, size=(min(2000, flips - start), len(values))) * 2.0 - 1.0
        hits += int(np.count_nonzero(np.abs(signs @ values) >= seen))
    return (hits + 1) / (flips + 1)


def clustered_interval(
    values: ArrayLike, clusters: Sequence[str], *, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """95 % bootstrap interval of a mean whose values come in clusters.

    Queries about one video rise and fall together, so whole videos are drawn with replacement, each with
    all of its queries (percentile bootstrap; Field and Welsh, 2007). With few clusters the interval is
    still too narrow: print their number beside it.

    Args:
        values: float (n,).
        clusters: n cluster names.
        draws: number of resamples.
        seed: of the generator.

    Returns:
        Low and high end; (nan, nan) without values.

    Raises:
        ValueError: the two arguments differ in length.
    """
    column = np.asarray(values, np.float64)
    if len(column) != len(clusters):
        raise ValueError(f"one cluster per value is needed, got {len(clusters)} for {len(column)} values.")
    if not len(column):
        return float("nan"), float("nan")
    sums, sizes = _cluster_totals(column, clusters)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(sums), size=(draws, len(sums)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _cluster_totals(
    column: NDArray[np.float64], clusters: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum and number of values per cluster, clusters in order of name."""
    names = sorted(set(clusters))
    index = np.array([names.index(name) for name in clusters])
    sums = np.bincount(index, weights=column, minlength=len(names)).astype(np.float64)
    return sums, np.bincount(index, minlength=len(names)).astype(np.float64)


def win_tie_loss(differences: ArrayLike, *, tie: float = 1e-9) -> tuple[int, int, int]:
    """How many queries rose, stayed and fell.

    >>> win_tie_loss([0.2, 0.0, -0.1, 0.3])
    (2, 1, 1)
    """
    values = np.asarray(differences, np.float64)
    won, lost = int((values > tie).sum()), int((values < -tie).sum())
    return won, len(values) - won - lost, lost
