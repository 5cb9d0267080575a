"""What of the sample is new to the owner, and how sample and owned fill the same region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.coverage import coverage
from videxplore.stages.licensing.difference import difference
from videxplore.stages.licensing.novelty import FEWEST_OWNED, novelty
from videxplore.values.assessments import Evidence, Measure
from videxplore.values.licensing import Coverage, Difference, Estimate, Novelty
from videxplore.workbench.assessment.case import NOTHING, Case, measured, telling

NOTHING_OWNED = "Cannot estimate: nothing that is owned was given to compare with."

OWNED_UNKNOWN = (
    "Cannot estimate: no sources of what is owned were given, and how far one is from the "
    "others is the scale. Say with owned_sources= which channel or contributor each file comes from."
)

FEWEST_COVERED = 4
"""Sources of the owned side below which it cannot be split into parts."""

MOST_COMPARED = 4000
"""Clips of the owned side that the two distributions are compared on; of more, whole sources are drawn."""

NO_P = "A p value has no interval."


@dataclass(frozen=True, eq=False)
class Compared:
    """The sample beside what is owned.

    Attributes:
        novelty: None where it was refused.
        reason: why; empty where it was not.
    """

    novelty: Novelty | None
    reason: str = ""


def compare_with_owned(case: Case) -> Compared:
    """Measure novelty, or say why it cannot be measured."""
    reason = _refusal(case, FEWEST_OWNED)
    if reason or case.owned is None:
        return Compared(None, reason)
    found = novelty(
        case.side.vectors,
        case.owned.vectors,
        case.clip_sources,
        case.owned_clip_sources,
        weights=case.clip_weights,
        owned_weights=case.owned.durations_s,
        seed=case.seed,
    )
    return Compared(found)


def _refusal(case: Case, fewest: int) -> str:
    """Why sample and owned cannot be compared; empty where they can."""
    if case.owned is None:
        return NOTHING_OWNED
    if case.owned_sources is None:
        return OWNED_UNKNOWN
    count = len(set(case.owned_clip_sources))
    if count < fewest:
        return f"Cannot estimate: what is owned comes from {count} sources, {fewest} are needed."
    return ""


def novelty_measures(case: Case, compared: Compared) -> list[Measure]:
    """Share beyond the owned, and share of another kind; evidence are the farthest, each with its nearest."""
    found = compared.novelty
    evidence = NOTHING
    if found is None:
        beyond = excess = case.refused(compared.reason)
    else:
        beyond, excess = case.settled(found.beyond), case.settled(_from_nothing(found.excess))
        far = np.flatnonzero(found.distances > found.threshold)
        evidence = telling(case, found.distances, _pair(case, found), far)
    return [
        measured(
            "novelty.beyond",
            "Beyond what is owned",
            beyond,
            "Share of hours farther from what is owned than 95 % of the owned is from its other sources; "
            "5 % where both are alike.",
            evidence,
        ),
        measured(
            "novelty.excess",
            "New to the owner",
            excess,
            "The share beyond, less the 5 % that alike material has; a lower bound, since new material near "
            "to owned material does not count.",
            evidence,
        ),
    ]


def _from_nothing(estimate: Estimate) -> Estimate:
    """A share is not below nothing, though a sample nearer to the owned than that is to itself says so."""
    ends = max(0.0, estimate.low), max(0.0, estimate.high)
    if not estimate.estimated:
        return replace(estimate, value=max(0.0, estimate.value))
    return replace(estimate, value=max(0.0, estimate.value), low=ends[0], high=ends[1])


def _pair(case: Case, found: Novelty) -> Callable[[int], Evidence]:
    def make(clip: int) -> Evidence:
        distance = float(found.distances[clip])
        moment = case.moment(clip, f"cosine distance {distance:.3f} to the nearest owned clip")
        return Evidence(
            moment, case.owned_moment(int(found.nearest[clip]), "the nearest owned clip"), distance
        )

    return make


def coverage_measures(case: Case, compared: Compared) -> list[Measure]:
    """Coverage, precision, and whether the two distributions differ at all."""
    region, test, reason = _regions(case)
    near = NOTHING
    if region is None or test is None:
        reached = inside = mmd2 = p = case.refused(reason)
    else:
        reached, inside = case.settled(region.coverage), case.settled(region.precision)
        mmd2 = case.settled(test.mmd2)
        value = float("nan") if case.refusal else test.p
        p = Estimate(value, clips=len(case.side), sources=mmd2.sources, reason=case.refusal or NO_P)
    if compared.novelty is not None:
        found = compared.novelty
        within = np.flatnonzero(found.distances <= found.threshold)
        near = telling(case, -found.distances, _pair(case, found), within)
    return [
        measured(
            "coverage.coverage",
            "Coverage of what is owned",
            reached,
            "Part of the owned that the sample reaches, over what another part of the owned reaches: 1 where "
            "both are alike, less where the sample is narrower.",
            near,
            unit="ratio",
        ),
        measured(
            "coverage.precision",
            "Precision",
            inside,
            "Part of the sample that lies among the owned, over the same of another part of the owned.",
            near,
            unit="ratio",
        ),
        measured(
            "coverage.difference",
            "Difference of the two",
            mmd2,
            "Squared maximum mean discrepancy over pairs of different sources: 0 expected for alike.",
            unit="MMD²",
        ),
        measured(
            "coverage.p",
            "Chance of such a difference",
            p,
            "Share of permutations of whole sources between the two sides that differ as much.",
            unit="p",
        ),
    ]


def _regions(case: Case) -> tuple[Coverage | None, Difference | None, str]:
    reason = _refusal(case, FEWEST_COVERED)
    if reason or case.owned is None:
        return None, None, reason
    rows = _whole_sources(case.owned_clip_sources, case.seed)
    known, theirs = case.owned.vectors[rows], [case.owned_clip_sources[row] for row in rows]
    args = case.side.vectors, known, case.clip_sources, theirs
    return coverage(*args, seed=case.seed), difference(*args, seed=case.seed), ""


def _whole_sources(sources: list[str], seed: int) -> NDArray[np.intp]:
    """Rows of as many whole sources, in random order, as make up :data:`MOST_COMPARED` clips."""
    if len(sources) <= MOST_COMPARED:
        return np.arange(len(sources))
    names, index = np.unique(np.asarray(sources), return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(names))
    reached = np.cumsum(np.bincount(index)[order])
    kept = order[: max(FEWEST_OWNED, int(np.searchsorted(reached, MOST_COMPARED)))]
    return np.flatnonzero(np.isin(index, kept))
