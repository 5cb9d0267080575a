"""Whether a difference between two systems could be chance: paired over queries, clustered by video."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

_POWER_AND_LEVEL = 1.959964 + 0.841621
"""Standard normal quantiles of a two-sided test at 5 % and of a power of 80 %."""


def paired_randomisation(
    differences: ArrayLike,
    clusters: Sequence[str] | None = None,
    *,
    flips: int = 10_000,
    seed: int = 0,
) -> float:
    """Two-sided p value of a mean paired difference under random sign flips.

    If two systems are the same, the sign of each difference is a coin toss (Fisher's randomisation test;
    recommended for retrieval by Smucker, Allan and Carterette, 2007). Queries about one video rise and fall
    together, so with ``clusters`` one coin is tossed per video; a coin per query would find differences
    where there are none.

    Args:
        differences: float (n,), one system's figure minus the other's, per query.
        clusters: n cluster names; where omitted every query is tossed for.
        flips: number of sign patterns looked at.
        seed: of the generator.

    Returns:
        The share of all sign patterns whose mean is at least as far from zero, where there are no more of
        them than ``flips``; of those drawn (hits + 1) / (flips + 1) otherwise; 1 where all differences are
        zero. With c clusters it cannot fall below 2 / 2^c.

    Raises:
        ValueError: the two arguments differ in length.
    """
    values = np.asarray(differences, np.float64)
    if clusters is not None:
        values, _ = _cluster_totals(values, clusters)
    values = values[values != 0]
    if not len(values):
        return 1.0
    seen = abs(values.sum()) * (1 - 1e-12)  # the pattern seen must count as "at least as far" from itself
    if 2 ** len(values) <= flips:
        bits = np.arange(2 ** len(values))[:, None] >> np.arange(len(values)) & 1
        return float(np.mean(np.abs((bits * 2.0 - 1.0) @ values) >= seen))
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
    if not len(column) and not len(clusters):
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
    if len(column) != len(clusters):
        raise ValueError(f"one cluster per value is needed, got {len(clusters)} for {len(column)} values.")
    names, index = np.unique(np.asarray(clusters), return_inverse=True)
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


def holm(p_values: Sequence[float]) -> list[float]:
    """P values of several tests, adjusted so that the chance of any false alarm stays as said (Holm, 1979).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted = [0.0] * len(p_values)
    least = 0.0
    for place, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        least = max(least, min(1.0, (len(p_values) - place) * p_values[i]))
        adjusted[i] = least
    return adjusted


def effect_size(differences: ArrayLike) -> float:
    """Mean paired difference in standard deviations of the differences (Cohen's d_z).

    About .2 counts as small, .5 as medium, .8 as large (Cohen, 1988). 0 where nothing differs, infinite
    where all queries differ by the same amount.

    >>> round(effect_size([0.1, 0.3, 0.2]), 6)
    2.0
    """
    values = np.asarray(differences, np.float64)
    if len(values) < 2 or not values.any():
        return 0.0
    spread = float(values.std(ddof=1))
    mean = float(values.mean())
    return mean / spread if spread > 1e-12 * abs(mean) else math.copysign(math.inf, mean)


def queries_needed(differences: ArrayLike, clusters: Sequence[str]) -> float:
    """How many queries it takes to find a difference such as the one seen, four times out of five.

    The number for which a two-sided test at 5 % has a power of 80 %: ((z.975 + z.8) · s / Δ)², where s is the
    spread of one query's difference, enlarged by how much queries of one video rise and fall together (the
    design effect; Kish, 1965). It plans the next study; it is no evidence about this one.

    Args:
        differences: float (n,), per query.
        clusters: n cluster names.

    Returns:
        A number of queries, about videos as alike as these; infinite where there is no difference.

    Raises:
        ValueError: the two arguments differ in length.
    """
    values = np.asarray(differences, np.float64)
    mean = float(values.mean()) if len(values) else 0.0
    sums, sizes = _cluster_totals(values, clusters)
    if mean == 0 or len(sums) < 2:
        return math.inf
    # Variance of the mean from the residuals of whole clusters, as a cluster-robust estimate has it.
    residuals = sums - sizes * mean
    variance = float(residuals @ residuals) / len(values) ** 2 * len(sums) / (len(sums) - 1)
    return _POWER_AND_LEVEL**2 * variance * len(values) / mean**2
