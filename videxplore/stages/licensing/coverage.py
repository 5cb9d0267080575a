"""Coverage and precision of a sample against what is owned, at equal numbers of sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.distances import both_sides, distances
from videxplore.stages.licensing.grouping import Groups, group
from videxplore.stages.licensing.intervals import jackknife_error, settled
from videxplore.values.licensing import Coverage, Estimate

K = 5
"""Neighbours that make a radius, as in the papers."""

SPLITS = 20
"""Random halves of the owned side."""

MOST_CLIPS = 4000
"""Clips of either side that are compared; of more, whole sources are drawn."""

Numbers = NDArray[np.float64]


def prdc(reference: NDArray[np.floating], sample: NDArray[np.floating], k: int = K) -> dict[str, float]:
    """Precision, recall (Kynkäänniemi et al., 2019), density and coverage (Naeem et al., 2020), Euclidean.

    Raw figures, as the package ``prdc`` gives them: they depend on how many points either side has and are
    not reported uncalibrated.

    Args:
        reference: (n, d), n > k.
        sample: (m, d), m > k.
        k: neighbours that make a radius.
    """
    real, other = np.asarray(reference, np.float64), np.asarray(sample, np.float64)
    between = _euclidean(real, other)
    own = np.partition(_euclidean(real, real), k, axis=1)[:, k]
    theirs = np.partition(_euclidean(other, other), k, axis=1)[:, k]
    inside = between < own[:, None]
    return {
        "precision": float(inside.any(axis=0).mean()),
        "recall": float((between < theirs).any(axis=1).mean()),
        "density": float(inside.sum() / (k * len(other))),
        "coverage": float((between.min(axis=1) < own).mean()),
    }


def expected_coverage(reference: int, sample: int, k: int = K) -> float:
    """Coverage expected of independent points from one distribution (Naeem et al., 2020, lemma 2).

    >>> [round(expected_coverage(n, m), 3) for n, m in ((1000, 1000), (5000, 1000), (50_000, 1000))]
    [0.969, 0.598, 0.094]
    """
    steps = np.arange(1, k + 1)
    return float(1 - np.prod((reference - steps) / (reference + sample - steps)))


def coverage(
    sample: NDArray[np.floating],
    owned: NDArray[np.floating],
    sample_sources: Sequence[str],
    owned_sources: Sequence[str],
    *,
    k: int = K,
    splits: int = SPLITS,
    seed: int = 0,
) -> Coverage:
    """Measure coverage and precision, calibrated by what another part of the owned side reaches.

    The expectation for independent points (:func:`expected_coverage`) does not hold where clips come in
    sources. So the owned sources are split at random, again and again: the radii are those of one part, and
    the other part, with as many sources as the sample, is put in the sample's place. Radii reach to the
    k-th neighbour from *other* sources, since a clip's own source is always near. The figures reported are
    the sample's over the other part's, means over the splits: 1 where the sample is like the owned.

    Args:
        sample: (n, d), rows are brought to unit length.
        owned: (m, d).
        sample_sources: n sources.
        owned_sources: m sources; at least four.
        k: neighbours that make a radius.
        splits: how many.
        seed: of splits and of the draw where there are more than 4,000 clips.

    Raises:
        ValueError: no clip, lengths or dimensions differ, or too few owned sources.
    """
    rng = np.random.default_rng(seed)
    new, known = both_sides(sample, owned)
    new, ours = _limited(new, group(sample_sources, len(new)), rng)
    known, theirs = _limited(known, group(owned_sources, len(known), "owned_sources"), rng)
    if len(theirs) < 4:
        raise ValueError(f"owned_sources must name at least 4 sources, got {len(theirs)}.")
    sources = min(len(ours), len(theirs) // 2)
    rows = np.isin(ours.index, rng.permutation(len(ours))[:sources])
    new, ours = new[rows], group(ours.names[ours.index[rows]], int(rows.sum()))
    table = _Table(distances(known, known), distances(known, new), theirs, ours, k)
    runs = [_split(table, rng.permutation(len(theirs)), sources) for _ in range(splits)]
    seen, null = (np.array([run[i] for run in runs]).mean(axis=0) for i in (0, 1))
    spread = np.array([[run[2], run[3]] for run in runs]).mean(axis=0)
    # So many parts of this size has the owned side, over which the splits average.
    error = np.sqrt(spread[0] ** 2 + spread[1] ** 2 / (len(theirs) // sources))
    estimates = [_ratio(seen[i], null[i], float(error[i]), len(new), sources) for i in (0, 1)]
    raw, expected = (float(seen[0]), float(seen[1])), (float(null[0]), float(null[1]))
    return Coverage(estimates[0], estimates[1], raw, expected, sources, k)


@dataclass(frozen=True, eq=False, slots=True)
class _Table:
    """Distances (m, m) and (m, n), the sources of either side, and k."""

    own: NDArray[np.float32]
    new: NDArray[np.float32]
    theirs: Groups
    ours: Groups
    k: int


def _split(table: _Table, order: NDArray[np.intp], sources: int) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """(coverage, precision) of sample and stand-in in one split, and the error of the logarithm of each."""
    index = table.theirs.index
    kept = np.flatnonzero(np.isin(index, order[sources:]))
    stand_in = np.flatnonzero(np.isin(index, order[:sources]))
    own = table.own[np.ix_(kept, kept)]
    own[index[kept][:, None] == index[kept]] = np.inf
    near = np.partition(own, min(table.k - 1, len(kept) - 1), axis=1)[:, min(table.k - 1, len(kept) - 1)]
    places = np.searchsorted(np.sort(order[:sources]), index[stand_in])
    first, first_error = _reach(table.new[kept] < near[:, None], table.ours.index, sources)
    second, second_error = _reach(
        table.own[np.ix_(kept, stand_in)] < near[:, None], places.astype(np.intp), sources
    )
    return first, second, first_error, second_error


def _reach(inside: NDArray[np.bool_], index: NDArray[np.intp], sources: int) -> tuple[Numbers, Numbers]:
    """(coverage, precision) and the jackknife error over sources of the logarithm of each."""
    member = np.zeros((inside.shape[1], sources), np.float32)
    member[np.arange(inside.shape[1]), index] = 1
    reached = (inside.astype(np.float32) @ member) > 0  # (kept, sources)
    by = reached.sum(axis=1)
    alone = reached[by == 1].sum(axis=0)
    covered = (by > 0).sum()
    sizes = member.sum(axis=0)
    precise = inside.any(axis=0).astype(np.float32) @ member
    figures = np.array([covered / len(inside), precise.sum() / sizes.sum()])
    left = np.stack(
        [(covered - alone) / len(inside), (precise.sum() - precise) / np.maximum(sizes.sum() - sizes, 1)]
    )
    errors = [
        jackknife_error(row) / figure if figure > 0 else np.inf
        for row, figure in zip(left, figures, strict=True)
    ]
    return figures, np.array(errors)


def _ratio(seen: float, null: float, error: float, clips: int, sources: int) -> Estimate:
    """Calibrated figure with its interval on the scale of logarithms."""
    from scipy.special import stdtrit

    if not null > 0:
        reason = "Cannot estimate: not even another part of the owned side is near."
        return Estimate(float("nan"), clips=clips, sources=sources, reason=reason)
    value = float(seen / null)
    if not np.isfinite(error):
        reason = "Cannot estimate: no clip is near the owned side."
        return Estimate(value, clips=clips, sources=sources, reason=reason)
    reach = np.exp(float(stdtrit(max(sources - 1, 1), 0.975)) * error)
    return settled(
        value, (value / reach, value * reach), clips, sources, "jackknife over sources, both sides"
    )


def _limited(
    vectors: NDArray[np.float32], groups: Groups, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Groups]:
    """At most :data:`MOST_CLIPS` clips: whole sources, in random order."""
    if len(vectors) <= MOST_CLIPS:
        return vectors, groups
    order = rng.permutation(len(groups))
    kept = order[: max(1, int(np.searchsorted(np.cumsum(groups.sizes[order]), MOST_CLIPS)))]
    rows = np.flatnonzero(np.isin(groups.index, kept))
    return vectors[rows], group(groups.names[groups.index[rows]], len(rows))


def _euclidean(first: Numbers, second: Numbers) -> Numbers:
    """All Euclidean distances (n, m)."""
    squared = np.square(first).sum(axis=1)[:, None] + np.square(second).sum(axis=1) - 2 * first @ second.T
    return np.sqrt(np.maximum(squared, 0.0))
