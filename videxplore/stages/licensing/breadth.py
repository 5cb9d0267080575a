"""Which topics an archive has: what share the sample has met, and how many twice as much would meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from videxplore.stages.licensing.grouping import Groups, checked_weights, effective_number, group
from videxplore.stages.licensing.intervals import ONE_SOURCE, jackknife_error, jackknife_interval, share
from videxplore.stages.licensing.richness import expected_topics, sample_coverage
from videxplore.values.licensing import Breadth, DiscoveryCurve, Estimate

if TYPE_CHECKING:
    from collections.abc import Hashable

STEPS = 40
"""Points of a discovery curve."""

Numbers = NDArray[np.float64]


def breadth(
    topics: Sequence[Hashable], sources: Sequence[str], *, weights: ArrayLike | None = None, seed: int = 0
) -> Breadth:
    """Measure which share of the archive's topics was met, and extrapolate to twice the sources.

    A topic counts once per source, however many of its clips show it (incidence, as iNEXT has it), since
    clips of one channel are no independent looks at the archive. ``unseen`` weighs by hours: what part of a
    source's hours is of topics that none of the other sources has, which is what a further source would
    bring that is new (Good, 1953, with whole sources left out).

    Args:
        topics: n topics, such as cluster numbers.
        sources: n sources.
        weights: float (n,), durations.
        seed: of resampling.

    Returns:
        Without intervals for a single source. There is no figure for the whole archive: how many topics it
        has cannot be known from a sample (Orlitsky, Suresh and Wu, 2016).

    Raises:
        ValueError: lengths differ.
    """
    held = checked_weights(weights, len(topics))
    groups = group(sources, len(topics))
    index, table = _incidence(topics, groups)
    counts, units, n = table.sum(axis=0), len(groups), len(topics)
    curve = _curve(table, held.sum() / 3600 / max(units, 1))
    unseen = share(counts[index] == 1, sources, weights=held, seed=seed)
    covered = sample_coverage(counts, units)
    if units < 2:
        nothing = Estimate(float("nan"), clips=n, sources=units, reason=ONE_SOURCE)
        return Breadth(nothing, unseen, nothing, curve)
    left = [sample_coverage(counts - row, units - 1) for row in table]
    low, high = np.clip(jackknife_interval(covered, left, table.sum(axis=1), logarithmic=False), 0, 1)
    method = "jackknife over sources"
    return Breadth(
        Estimate(covered, float(low), float(high), n, units, method),
        unseen,
        Estimate(float(curve.topics[-1]), float(curve.low[-1]), float(curve.high[-1]), n, units, method),
        curve,
    )


def new_topics(topics: Sequence[Hashable], sources: Sequence[str]) -> tuple[float, float]:
    """Topics that as many sources again are expected to add, and the standard error of that as a prediction.

    Two things make a prediction miss: the expectation is itself estimated (jackknife), and what a second
    tranche really brings varies around it, in batches, as the topics that single sources have to themselves
    vary.

    Raises:
        ValueError: lengths differ, or a single source.
    """
    groups = group(sources, len(topics))
    if len(groups) < 2:
        raise ValueError(ONE_SOURCE)
    _, table = _incidence(topics, groups)
    counts, units = table.sum(axis=0), len(groups)
    added = _added(counts, units)
    left = [_added(counts - row, units - 1) for row in table]
    alone = (table & (counts == 1)).sum(axis=1)
    batches = max(1.0, float(alone.var(ddof=1) / alone.mean())) if alone.any() else 1.0
    return added, float(np.sqrt(jackknife_error(left) ** 2 + batches * added))


def mix(
    labels: Sequence[Hashable], sources: Sequence[str], *, weights: ArrayLike | None = None, seed: int = 0
) -> Mapping[Hashable, Estimate]:
    """Share of hours of every label (topic, language, speech or none), most first, each with its interval.

    The intervals hold one at a time; among twenty of them one is expected to miss.

    Raises:
        ValueError: lengths differ.
    """
    held = checked_weights(weights, len(labels))
    names = list(dict.fromkeys(labels))
    place = {name: i for i, name in enumerate(names)}
    index = np.array([place[label] for label in labels], np.intp)
    found = {name: share(index == i, sources, weights=held, seed=seed) for i, name in enumerate(names)}
    return dict(sorted(found.items(), key=lambda item: -item[1].value))


def _incidence(topics: Sequence[Hashable], groups: Groups) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Number of each clip's topic (n,), and whether each source has each topic, bool (g, k)."""
    place: dict[Hashable, int] = {}
    index = np.array([place.setdefault(topic, len(place)) for topic in topics], np.intp)
    table = np.zeros((len(groups), len(place)), bool)
    table[groups.index, index] = True
    return index, table


def _added(counts: NDArray[np.integer], units: int) -> float:
    return float(expected_topics(counts, units, 2 * units)[0] - np.count_nonzero(counts))


def _curve(table: NDArray[np.bool_], hours: float) -> DiscoveryCurve:
    """Discovery curve with jackknife intervals; without these for a single source."""
    counts, units = table.sum(axis=0), len(table)
    at = (
        np.unique(np.concatenate([np.linspace(0, 2 * units, STEPS + 1)[1:].round(), [units]]))
        if units
        else np.zeros(0)
    )
    topics = expected_topics(counts, units, at) if units else at
    low = high = np.full(len(at), np.nan)
    if units > 1:
        # One source fewer reaches that much less far; the shift is the same for all and leaves their spread.
        left = np.stack([expected_topics(counts - row, units - 1, at * (units - 1) / units) for row in table])
        errors = np.array([jackknife_error(column) for column in np.log(np.maximum(left.T, 0.5))])
        from scipy.special import stdtrit

        reach = np.exp(float(stdtrit(max(effective_number(table.sum(axis=1)) - 1, 1.0), 0.975)) * errors)
        low, high = topics / reach, topics * reach
    return DiscoveryCurve(at, at * hours, topics, low, high, int(np.count_nonzero(counts)), units)
