"""How much of a sample lies beyond what is owned, on a scale that the owned side itself gives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from videxplore.stages.licensing.distances import both_sides, nearest_by_source
from videxplore.stages.licensing.grouping import Groups, checked_weights, group
from videxplore.stages.licensing.intervals import share
from videxplore.values.licensing import Estimate, Novelty

FEWEST_OWNED = 10
"""Sources of the owned side below which its own distances are no scale."""

LOOKED_AT = 10_000
"""Clips of the owned side whose distances make the scale; of more, whole sources are drawn."""

QUANTILE = 0.95


def novelty(
    sample: NDArray[np.floating],
    owned: NDArray[np.floating],
    sample_sources: Sequence[str],
    owned_sources: Sequence[str],
    *,
    weights: ArrayLike | None = None,
    owned_weights: ArrayLike | None = None,
    seed: int = 0,
) -> Novelty:
    """Measure the share of hours beyond the 95th percentile of the owned side's own distances.

    Each owned clip's distance is to the nearest clip of the *other* owned sources; 5 % of them are beyond the
    threshold by construction. A sample clip is looked up among equally many sources: one owned source is left
    out in turn, and what counts is the part of those turns in which the clip is too far. Where both sides
    come from the same kind of sources, this share is 5 % on average as well, whatever the vectors.

    ``excess`` takes those 5 % off: π = 1 − (1 − ν) / (1 − α), a mixture of owned-like and other material. Its
    interval joins those of ν and α, each by source, as Donner and Zou (2012) do for a ratio.

    Args:
        sample: (n, d), rows are brought to unit length.
        owned: (m, d).
        sample_sources: n sources.
        owned_sources: m sources, ten or more.
        weights: float (n,), durations of the sample.
        owned_weights: float (m,), durations of the owned clips.
        seed: of resampling.

    Raises:
        ValueError: no clip, lengths or dimensions differ, or too few owned sources.
    """
    new, known = both_sides(sample, owned)
    theirs = group(owned_sources, len(known), "owned_sources")
    held = checked_weights(owned_weights, len(known))
    if len(theirs) < FEWEST_OWNED:
        raise ValueError(
            f"owned_sources must name at least {FEWEST_OWNED} sources, got {len(theirs)}: "
            "how far one owned source is from the others is the scale that novelty is measured on."
        )
    looked_at = _looked_at(theirs, seed)
    own = nearest_by_source(known[looked_at], known, theirs, apart_from=theirs.index[looked_at])
    threshold = _weighted_quantile(own.first, held[looked_at])
    far = nearest_by_source(new, known, theirs)
    # Beyond whichever source is left out, or only when the nearest one's source is.
    beyond = np.where(far.first > threshold, 1.0, (far.second > threshold) / len(theirs))
    rate = share(beyond, sample_sources, weights=weights, seed=seed)
    null = share(
        own.first > threshold,
        theirs.names[theirs.index[looked_at]].tolist(),
        weights=held[looked_at],
        seed=seed,
    )
    return Novelty(rate, _excess(rate, null), threshold, null.value, far.first, far.row, len(theirs))


def _excess(rate: Estimate, null: Estimate) -> Estimate:
    """Share of another kind from the share beyond the threshold and its null."""
    value = 1 - (1 - rate.value) / (1 - null.value)
    if not rate.estimated:
        return Estimate(value, clips=rate.clips, sources=rate.sources, reason=rate.reason)
    near, near_low, near_high = 1 - rate.value, 1 - rate.high, 1 - rate.low
    own, own_low, own_high = 1 - null.value, 1 - null.high, 1 - null.low
    # Each product is the square of a figure less that of one arm of its interval.
    least = near_low * (2 * near - near_low), own_high * (2 * own - own_high)
    most = near_high * (2 * near - near_high), own_low * (2 * own - own_low)
    middle = near * own
    low = 1 - (middle + np.sqrt(max(middle**2 - most[0] * most[1], 0))) / most[1]
    high = 1 - (middle - np.sqrt(max(middle**2 - least[0] * least[1], 0))) / least[1]
    method = f"{rate.method}, joined with that of the owned side"
    # A share below nothing is a sample nearer to the owned than its own sources are to each other.
    return Estimate(value, float(low), float(high), rate.clips, rate.sources, method)


def _looked_at(groups: Groups, seed: int) -> NDArray[np.intp]:
    """Rows of as many whole sources, in random order, as make up at most :data:`LOOKED_AT` clips."""
    if len(groups.index) <= LOOKED_AT:
        return np.arange(len(groups.index))
    order = np.random.default_rng(seed).permutation(len(groups))
    kept = order[: max(FEWEST_OWNED, int(np.searchsorted(np.cumsum(groups.sizes[order]), LOOKED_AT)))]
    return np.flatnonzero(np.isin(groups.index, kept))


def _weighted_quantile(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Smallest value with at most 5 % of the weight beyond it."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][min(int(np.searchsorted(reached, QUANTILE - 1e-12)), len(values) - 1)])
