"""Whether two sets of sources are alike in distribution: MMD with whole sources permuted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.blocksums import kernel_sums, median_distance
from videxplore.stages.licensing.distances import both_sides
from videxplore.stages.licensing.grouping import group
from videxplore.stages.licensing.intervals import FEWEST_SOURCES, jackknife_error, settled
from videxplore.values.licensing import Difference, Estimate

PERMUTATIONS = 999

Numbers = NDArray[np.float64]


def difference(
    sample: NDArray[np.floating],
    owned: NDArray[np.floating],
    sample_sources: Sequence[str],
    owned_sources: Sequence[str],
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Difference:
    """Measure and test the difference of two distributions.

    The squared maximum mean discrepancy (Gretton et al., 2012) with a Gaussian kernel of median width,
    unbiased in that only pairs of *different sources* count on either side: two clips of one channel are
    alike for a reason that has nothing to do with the question. The p value permutes whole sources between
    the sides, keeping the number of sources on each, and is exact where the sources of both are
    exchangeable.

    Args:
        sample: (n, d), rows are brought to unit length.
        owned: (m, d).
        sample_sources: n sources; two or more for a figure.
        owned_sources: m sources.
        permutations: drawn at random.
        seed: of the permutations and of the bandwidth.

    Raises:
        ValueError: no clip, or lengths or dimensions differ.
    """
    new, known = both_sides(sample, owned)
    ours = group(sample_sources, len(new))
    theirs = group(owned_sources, len(known), "owned_sources")
    first, count = len(ours), len(ours) + len(theirs)
    if min(first, len(theirs)) < 2:
        reason = "Cannot estimate: either side needs two sources at least."
        return Difference(
            Estimate(float("nan"), clips=len(new), sources=first, reason=reason), 1.0, np.nan, 0
        )
    both = np.concatenate([new, known])
    index = np.concatenate([ours.index, theirs.index + first])
    groups = group(np.char.mod("%09d", index), len(both))
    sums = kernel_sums(both, groups, median_distance(both, seed))
    np.fill_diagonal(sums, 0.0)
    sizes = groups.sizes
    side = np.zeros((1, count))
    side[0, :first] = 1
    seen = float(squared_mmd(side, sums, sizes)[0])
    rng = np.random.default_rng(seed)
    drawn = rng.permuted(np.repeat(side, permutations, axis=0), axis=1)
    null = squared_mmd(drawn, sums, sizes)
    p = (1 + np.count_nonzero(null >= seen * (1 - 1e-12))) / (permutations + 1)
    estimate = _with_interval(seen, sums, sizes, first, len(new))
    return Difference(estimate, float(p), float(np.quantile(null, 0.95)), permutations)


def squared_mmd(side: Numbers, sums: Numbers, sizes: Numbers, alive: Numbers | None = None) -> Numbers:
    """Return MMD² of each row's division of the sources, float64 (p,).

    Args:
        side: (p, g), 1 for sources of one side.
        sums: (g, g) of the kernel between sources, with zeros on the diagonal.
        sizes: (g,), clips per source.
        alive: (p, g), 1 for sources of either side; all, where omitted.
    """
    other = 1 - side if alive is None else alive - side
    own = [_mean(part, part, sums, sizes) for part in (side, other)]
    return np.asarray(own[0] + own[1] - 2 * _mean(side, other, sums, sizes))


def _mean(first: Numbers, second: Numbers, sums: Numbers, sizes: Numbers) -> Numbers:
    """Mean of the kernel over pairs of different sources, one from either part."""
    total = ((first @ sums) * second).sum(axis=1)
    pairs = (first @ sizes) * (second @ sizes) - (first * second) @ sizes**2
    return np.asarray(total / pairs)


def _with_interval(seen: float, sums: Numbers, sizes: Numbers, first: int, clips: int) -> Estimate:
    """The figure with a normal interval from leaving out one source at a time on either side."""
    count = len(sizes)
    least = min(first, count - first)
    if least < FEWEST_SOURCES:
        return settled(seen, (seen, seen), clips, least, "")
    alive = 1 - np.eye(count)
    side = alive.copy()
    side[:, first:] = 0
    left = squared_mmd(side, sums, sizes, alive)
    spread = 1.959964 * float(np.hypot(jackknife_error(left[:first]), jackknife_error(left[first:])))
    ends = (seen - spread, seen + spread)
    return settled(seen, ends, clips, first, "jackknife over sources of both sides")
