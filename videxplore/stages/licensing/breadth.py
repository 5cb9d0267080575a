"""Which topics an archive has: what share the sample has met, and how many twice as much would meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from videxplore.stages.licensing.grouping import Groups, checked_weights, effective_number, group
from videxplore.stages.licensing.intervals import FEWEST_SOURCES, ONE_SOURCE, settled, share
from videxplore.stages.licensing.richness import expected_topics, sample_coverage
from videxplore.values.licensing import Breadth, DiscoveryCurve, Estimate

if TYPE_CHECKING:
    from collections.abc import Hashable

STEPS = 40
"""Points of a discovery curve."""

PARTS = 100
"""Random two thirds of the sources that an interval rests on."""

METHOD = "delete-a-third jackknife over sources"

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
        Without intervals below ten sources. There is no figure for the whole archive: how many topics it
        has cannot be known from a sample (Orlitsky, Suresh and Wu, 2016).

    Raises:
        ValueError: lengths differ.
    """
    held = checked_weights(weights, len(topics))
    groups = group(sources, len(topics))
    index, table = _incidence(topics, groups)
    counts, units, n = table.sum(axis=0), len(groups), len(topics)
    curve = _curve(table, held.sum() / 3600 / max(units, 1), seed)
    unseen = share(counts[index] == 1, sources, weights=held, seed=seed)
    covered = sample_coverage(counts, units)
    low = high = covered
    if units > 1:
        parts, scale = _two_thirds(units, seed)
        found = [sample_coverage(table[part].sum(axis=0), len(part)) for part in parts]
        spread = _quantile(table) * scale * float(np.std(found))
        low, high = max(0.0, covered - spread), min(1.0, covered + spread)
    nothing = np.full(1, np.nan)
    value, least, most = (
        float((c if len(c) else nothing)[-1]) for c in (curve.topics, curve.low, curve.high)
    )
    return Breadth(
        settled(covered, (low, high), n, units, METHOD),
        unseen,
        settled(value, (least, most), n, units, METHOD),
        curve,
    )


def new_topics(topics: Sequence[Hashable], sources: Sequence[str], *, seed: int = 0) -> tuple[float, float]:
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
    parts, scale = _two_thirds(units, seed)
    # What fewer sources would add differs in size; its relative spread does not.
    found = np.array([_added(table[part].sum(axis=0), len(part)) for part in parts])
    estimated = added * scale * float(found.std() / found.mean()) if found.any() else 0.0
    alone = (table & (counts == 1)).sum(axis=1)
    batches = max(1.0, float(alone.var(ddof=1) / alone.mean())) if alone.any() else 1.0
    return added, float(np.sqrt(estimated**2 + batches * added))


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


def _curve(table: NDArray[np.bool_], hours: float, seed: int) -> DiscoveryCurve:
    """Discovery curve with intervals, from ten sources on."""
    counts, units = table.sum(axis=0), len(table)
    if not units:
        nothing = np.zeros(0)
        return DiscoveryCurve(nothing, nothing, nothing, nothing, nothing, 0, 0)
    at = np.unique(np.append(np.linspace(0, 2 * units, STEPS + 1)[1:].round(), units))
    topics = expected_topics(counts, units, at)
    low = high = np.full(len(at), np.nan)
    if units >= FEWEST_SOURCES:
        parts, scale = _two_thirds(units, seed)
        # A part reaches less far, at the same multiples of itself; the shift is common and leaves the spread.
        found = [expected_topics(table[p].sum(axis=0), len(p), at * len(p) / units) for p in parts]
        reach = np.exp(_quantile(table) * scale * np.log(np.maximum(found, 0.5)).std(axis=0))
        low, high = topics / reach, topics * reach
    return DiscoveryCurve(at, at * hours, topics, low, high, int(np.count_nonzero(counts)), units)


def _two_thirds(units: int, seed: int) -> tuple[list[NDArray[np.intp]], float]:
    """Random parts of the sources, and what their spread is multiplied with (Shao and Wu, 1989).

    Leaving out one source at a time turns topics met twice into topics met once and little else: it overrated
    the error of what is extrapolated from those by up to 1.4 in repeated samples, leaving out a third by 1.2.
    """
    left = max(1, units // 3)
    rng = np.random.default_rng(seed)
    parts = [rng.permutation(units)[left:] for _ in range(PARTS)]
    return parts, float(np.sqrt((units - left) / left))


def _quantile(table: NDArray[np.bool_]) -> float:
    """Student's 97.5 % quantile for the effective number of sources."""
    from scipy.special import stdtrit

    return float(stdtrit(max(effective_number(table.sum(axis=1)) - 1, 1.0), 0.975))
