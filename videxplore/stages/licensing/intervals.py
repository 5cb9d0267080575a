"""Intervals whose unit is the source: whole channels are drawn anew or left out, never single clips."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from videxplore.stages.licensing.grouping import Numbers, checked_weights, effective_number, group
from videxplore.values.licensing import Estimate

DRAWS = 2000
"""Resamples of a bootstrap."""

FEWEST_SOURCES = 10
"""Sources below which the bootstrap is not trusted; each source then counts as a single observation."""

FEWEST_SHOWING = 5
"""Sources that must show a trait, and lack it, for the bootstrap to say anything about its spread."""

_FAR = 1e12

ONE_SOURCE = "Cannot estimate: all clips come from one source, and how sources differ cannot be seen."
NO_CLIPS = "Cannot estimate: there is no clip."
SAME_EVERYWHERE = "Cannot estimate: all sources show the same, and how they differ cannot be seen."


def share(
    flags: ArrayLike, sources: Sequence[str], *, weights: ArrayLike | None = None, seed: int = 0
) -> Estimate:
    """Share of hours with a trait, with an interval by source.

    The share is a ratio of two totals by source, Σ w·flag / Σ w. Its interval is a studentised bootstrap over
    whole sources (Efron and Tibshirani, 1993, ch. 12) with the jackknife's standard error, which of the
    methods tried held its level best (docs/licensing.md). With fewer than ten sources, or fewer than five
    that show or lack the trait, a bootstrap sees too little of the spread: the interval is then Clopper and
    Pearson's with every source counted as one observation (Korn and Graubard, 1998, at the greatest
    possible correlation), and likewise wherever that is the narrower one.

    Args:
        flags: (n,) True or False, or the part of each clip in [0, 1].
        sources: n sources.
        weights: float (n,), durations; all alike where omitted.
        seed: of the resampling.

    Raises:
        ValueError: lengths differ, or flags outside [0, 1].
    """
    marked = np.asarray(flags, np.float64)
    if marked.ndim != 1 or not ((marked >= 0) & (marked <= 1)).all():
        raise ValueError("flags must be (n,) with entries in [0, 1].")
    groups = group(sources, len(marked))
    sizes = groups.totals(checked_weights(weights, len(marked)))
    hits = groups.totals(marked * checked_weights(weights, len(marked)))
    if len(groups) < 2:
        return _refused(hits, sizes, len(marked))
    value = min(1.0, float(hits.sum() / sizes.sum()))
    low, high, method = ratio_interval(hits, sizes, seed=seed)
    return Estimate(value, low, high, len(marked), len(groups), method)


def ratio_interval(hits: Numbers, sizes: Numbers, *, seed: int = 0) -> tuple[float, float, str]:
    """Interval of a share from totals by source, and the method in words; see :func:`share`.

    Args:
        hits: float64 (g,), hours with the trait, at least two sources.
        sizes: float64 (g,), hours.
        seed: of the resampling.
    """
    value = min(1.0, float(hits.sum() / sizes.sum()))
    low, high = _clopper_pearson(value, effective_number(sizes))
    showing = min(np.count_nonzero(hits > 0), np.count_nonzero(hits < sizes * (1 - 1e-12)))
    differ = not np.allclose(hits, value * sizes, atol=0)
    if len(sizes) >= FEWEST_SOURCES and showing >= FEWEST_SHOWING and differ:
        ends = np.clip(studentised(hits, sizes, seed=seed), 0.0, 1.0)
        if ends[1] - ends[0] < high - low:
            return float(ends[0]), float(ends[1]), "studentised bootstrap over sources"
    return low, high, "Clopper–Pearson, each source one observation"


def mean(
    values: ArrayLike, sources: Sequence[str], *, weights: ArrayLike | None = None, seed: int = 0
) -> Estimate:
    """Mean by hours of a figure without bounds, with a studentised bootstrap interval over sources.

    Args:
        values: float (n,).
        sources: n sources.
        weights: float (n,), durations; all alike where omitted.
        seed: of the resampling.

    Returns:
        Without an interval below ten sources.

    Raises:
        ValueError: lengths differ.
    """
    column = np.asarray(values, np.float64)
    groups = group(sources, len(column))
    held = checked_weights(weights, len(column))
    sums, sizes = groups.totals(column * held), groups.totals(held)
    if len(groups) < 2:
        return _refused(sums, sizes, len(column))
    ends = studentised(sums, sizes, seed=seed)
    value = float(sums.sum() / sizes.sum())
    return settled(value, ends, len(column), len(groups), "studentised bootstrap over sources")


def settled(value: float, ends: tuple[float, float], clips: int, sources: int, method: str) -> Estimate:
    """An estimate with this interval, or without one where too few sources or none differ.

    For all figures that are no shares: nothing bounds them as Clopper and Pearson's interval bounds a
    share, and a spread that rests on a handful of sources is as often far too small.
    """
    reason = ONE_SOURCE if sources < 2 else ""
    if not reason and sources < FEWEST_SOURCES:
        reason = f"Cannot estimate: {sources} sources are too few, {FEWEST_SOURCES} are needed."
    if not reason and not ends[0] < ends[1]:
        reason = SAME_EVERYWHERE
    if reason:
        return Estimate(value, clips=clips, sources=sources, reason=reason)
    return Estimate(value, float(ends[0]), float(ends[1]), clips, sources, method)


def wilson_interval(value: float, count: int) -> tuple[float, float]:
    """95 % interval of a share of answers that are independent of each other (Wilson, 1927).

    Args:
        value: the share.
        count: answers.
    """
    z = 1.959964
    middle = (value + z * z / (2 * count)) / (1 + z * z / count)
    reach = z * float(np.sqrt(value * (1 - value) / count + z * z / (4 * count**2))) / (1 + z * z / count)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def naive_share(flags: ArrayLike, *, weights: ArrayLike | None = None) -> tuple[float, float]:
    """The interval that takes every clip for independent; kept to show how far it is off, never reported."""
    marked = np.asarray(flags, np.float64)
    held = checked_weights(weights, len(marked))
    value = float(marked @ held / held.sum())
    spread = 1.959964 * float(np.sqrt(np.square(held * (marked - value)).sum()) / held.sum())
    return value - spread, value + spread


def studentised(sums: Numbers, sizes: Numbers, *, seed: int = 0) -> tuple[float, float]:
    """95 % interval of Σ sums / Σ sizes over sources drawn with replacement.

    Each resample's distance from the figure is measured in its own standard error (linearised ratio); the
    quantiles are then laid off in the jackknife's, which is the larger where few sources weigh much.
    """
    value = sums.sum() / sizes.sum()
    drawn = _draws(len(sums), DRAWS, seed)
    table = np.stack([sums, sizes, sums**2, sums * sizes, sizes**2], axis=1)
    total, size, square, product, size_square = (drawn @ table).T
    found = total / size
    residual = np.maximum(square - 2 * found * product + found**2 * size_square, 0.0)
    error = np.sqrt(residual * len(sums) / (len(sums) - 1)) / size
    apart = found - value
    # A resample without any spread is as far out as can be, on its own side.
    far = np.where(apart > 0, _FAR, -_FAR)
    steps = np.divide(apart, error, out=far, where=error > 1e-9 * abs(value))
    upper, lower = np.quantile(steps, [0.975, 0.025])
    spread = jackknife_error((sums.sum() - sums) / (sizes.sum() - sizes))
    return float(value - upper * spread), float(value - lower * spread)


def bca(sums: Numbers, sizes: Numbers, *, draws: int = DRAWS, seed: int = 0) -> tuple[float, float]:
    """Bias-corrected and accelerated interval of Σ sums / Σ sizes (Efron, 1987), for comparison.

    It held its level less well than the studentised one up to 60 sources and is not used for reports.
    """
    from scipy.special import ndtr, ndtri

    value = sums.sum() / sizes.sum()
    drawn = _draws(len(sums), draws, seed)
    found = (drawn @ sums) / (drawn @ sizes)
    below = (np.mean(found < value) + np.mean(found <= value)) / 2
    bias = ndtri(np.clip(below, 1 / draws, 1 - 1 / draws))
    without = (sums.sum() - sums) / (sizes.sum() - sizes)
    apart = without.mean() - without
    bend = float((apart**3).sum() / (6 * np.square(apart).sum() ** 1.5))
    reach = bias + ndtri(np.array([0.025, 0.975]))
    low, high = np.quantile(found, ndtr(bias + reach / (1 - bend * reach)))
    return float(low), float(high)


def jackknife_error(without: ArrayLike) -> float:
    """Standard error of a figure from its values with one source left out at a time (Tukey, 1958)."""
    values = np.asarray(without, np.float64)
    return float(np.sqrt((len(values) - 1) / len(values) * np.square(values - values.mean()).sum()))


def jackknife_interval(
    value: float, without: ArrayLike, sizes: ArrayLike, *, logarithmic: bool = True
) -> tuple[float, float]:
    """95 % interval of a smooth figure from leaving out one source at a time.

    For figures that are no ratio of totals. Drawing sources with replacement would put copies of the same
    clips into one resample, which a diversity or a number of topics takes for redundancy; leaving one out
    does not.

    Args:
        value: of the whole sample.
        without: float (g,), with one source left out.
        sizes: weight of each source, whose effective number gives the degrees of freedom.
        logarithmic: on the scale of logarithms, for figures above zero.
    """
    from scipy.special import stdtrit

    left = np.asarray(without, np.float64)
    reach = float(stdtrit(max(effective_number(sizes) - 1, 1.0), 0.975))
    if not logarithmic:
        spread = reach * jackknife_error(left)
        return value - spread, value + spread
    spread = reach * jackknife_error(np.log(left))
    return float(value * np.exp(-spread)), float(value * np.exp(spread))


@lru_cache(maxsize=16)
def _draws(count: int, draws: int, seed: int) -> NDArray[np.float64]:
    """How often each source is in each resample, float64 (draws, count)."""
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(count, np.full(count, 1 / count), draws).astype(np.float64)
    drawn.flags.writeable = False
    return drawn


def _clopper_pearson(value: float, observations: float) -> tuple[float, float]:
    """Exact binomial interval (Clopper and Pearson, 1934); observations need not be a whole number."""
    from scipy.special import betaincinv

    hits = value * observations
    misses = observations - hits
    low = 0.0 if hits <= 0 else float(betaincinv(hits, misses + 1, 0.025))
    high = 1.0 if misses <= 1e-12 else float(betaincinv(hits + 1, misses, 0.975))
    return low, high


def _refused(sums: Numbers, sizes: Numbers, clips: int) -> Estimate:
    """The figure of a sample that allows no interval."""
    value = float(sums.sum() / sizes.sum()) if clips else float("nan")
    return Estimate(value, clips=clips, sources=len(sizes), reason=ONE_SOURCE if clips else NO_CLIPS)
