"""A nested hierarchy from leaf boundaries: the exact partition again, on what the rung below kept.

Independent optima for two penalties are not nested. Here every rung of a ladder of rising penalties is
an exact partition restricted to the boundaries of the rung below, so coarse boundaries always are fine
boundaries too, and each has a *persistence*: the largest penalty at which it survives. Any level is a
cut through the ladder (for optimal cuts of a hierarchy see Guigues, Cocquerez & Le Men, 2006). The named
levels are found the same way, downwards: each segment is divided exactly, at leaf boundaries only.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.segmentation.partition import (
    Costs,
    measure_costs,
    partition,
    partition_into,
    scatter,
)

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

_REACH = 512
"""Units of the rung below that one segment may unite: keeps memory linear however long the video is."""

_DURATION_WEIGHT = 0.2
"""What a part e times too long or short costs, in shares of a part's mean scatter. Set on drawn films."""

_ODDS_WEIGHT = 0.2
"""What a boundary with log-odds of 1 takes off, in the same shares. Set on drawn films."""

_LEAST_SCATTER = 1e-6
"""Scatter per sample that a stretch has at least: where nothing changes at all, rounding must not decide."""

USUAL_S = 20.0
"""The length that parts are compared with where there is no target. Set on drawn films."""


def climb(
    sums: Floats,
    leaves: Positions,
    penalties: Sequence[float],
    rewards: Floats | None = None,
) -> Floats:
    """Return the persistence of each leaf boundary: the largest of ``penalties`` it survives, else 0.

    Args:
        sums: float64 (n + 1, d), prefix sums of the signal.
        leaves: inner boundaries of the leaves, rising sample positions.
        penalties: the ladder, rising.
        rewards: (n + 1,), per sample position, at most 1: a boundary there costs β (1 − reward).
    """
    if np.any(np.diff(penalties) < 0):
        raise ValueError("penalties must rise.")
    persistence = np.zeros(len(leaves))
    alive = np.asarray(leaves, dtype=np.intp)
    for beta in penalties:
        if not len(alive):
            break
        costs = measure_costs(sums, knots=alive, reach=_REACH)
        at_knots = None if rewards is None else rewards[costs.knots]
        alive = partition(costs, beta, at_knots)[0]
        persistence[np.searchsorted(leaves, alive)] = beta
    return persistence


def build_ladder(sums: Floats, *, rungs: int = 28) -> list[float]:
    """Return penalties from below a leaf's least up to where one segment is left."""
    n = len(sums) - 1
    top = max(float(n), 1.0)
    return np.geomspace(0.05, top, rungs).tolist()


def nest(
    sums: Floats,
    leaves: Positions,
    edges_s: Floats,
    targets: Sequence[float | None],
    odds: Floats | None = None,
    *,
    finest_s: float = 0.0,
    must: Sequence[Sequence[int]] = (),
    barred: Sequence[NDArray[np.bool_]] = (),
) -> list[list[int]]:
    """Choose the boundaries of each level above the leaves, coarsest first.

    Each segment of the level above is divided by itself, exactly, at leaf boundaries, into as many parts
    as the target duration asks for. The target that counts is min(target, half the parent's duration),
    so that a three-minute match still has two halves. Parts cost more the further their duration is from
    that target, as durations around a usual one do (log-normally): else the one odd stretch of a video
    would be a chapter and all the rest the other.

    A level without a target comes first: the whole video is divided into as many parts as are cheapest, and
    the levels above are made of whole parts, but for one twice as long as their target, such as a lecture.

    Args:
        sums: float64 (n + 1, d), prefix sums of the signal.
        leaves: inner leaf boundaries, rising sample positions.
        edges_s: (n + 1,), when each position is, in seconds.
        targets: target mean duration per level in seconds, coarsest first; of one None lets the signal say.
        odds: (n + 1,), log-odds that a boundary there is one of these levels.
        finest_s: target of the leaves; no segment is divided into parts shorter than twice that.
        must: per level the leaf boundaries that it has to have, where a person says so.
        barred: per level where (n + 1,) it may have none.

    Returns:
        Per level its inner boundaries (positions), each level containing those of the level above.
    """

    def divide(chosen: set[int], i: int, at: Positions) -> set[int]:
        """Return ``chosen`` and where the segments between them are divided on the level of index ``i``."""
        target, forced = targets[i], must[i] if must else ()
        allowed = at[~barred[i][at]] if barred else at
        found = chosen | set(forced)
        for start, end in pairwise([0, *sorted(chosen), len(sums) - 1]):
            lasting = float(edges_s[end] - edges_s[start])
            effective = None if target is None else min(target, lasting / 2)
            if (lasting / 2 if effective is None else effective) >= 2 * finest_s:
                for a, b in pairwise([start, *(k for k in forced if start < k < end), end]):
                    found.update(_divide(sums, allowed, edges_s, odds, a, b, effective))
        return found

    free = targets.index(None) if None in targets else -1
    parts = divide(set(), free, leaves) if free >= 0 else set()
    chosen: set[int] = set()
    levels: list[list[int]] = []
    for i, target in enumerate(targets):
        if target is None:
            chosen |= parts
        else:
            chosen = divide(chosen, i, _between_parts(leaves, parts, edges_s, target) if i < free else leaves)
        levels.append(sorted(chosen))
    return levels


def _between_parts(leaves: Positions, parts: set[int], edges_s: Floats, target_s: float) -> Positions:
    """Return the leaf boundaries between ``parts``, and those inside parts twice as long as a target."""
    edges = np.array([0, *sorted(parts), len(edges_s) - 1])
    long = np.diff(edges_s[edges]) > 2 * target_s
    return leaves[np.isin(leaves, edges) | long[np.searchsorted(edges, leaves, side="right") - 1]]


def _divide(
    sums: Floats,
    leaves: Positions,
    edges_s: Floats,
    odds: Floats | None,
    start: int,
    end: int,
    target_s: float | None,
) -> list[int]:
    """Return where [start, end) is best divided, into parts of about ``target_s`` seconds if given."""
    inside = leaves[(leaves > start) & (leaves < end)]
    usual_s = USUAL_S if target_s is None else target_s
    parts = float(edges_s[end] - edges_s[start]) / usual_s
    if not len(inside) or (target_s is not None and round(parts) < 2):
        return []
    costs = measure_costs(sums[start : end + 1], knots=inside - start, reach=_REACH)
    at = edges_s[start + costs.knots]
    # The time where each segment of the band begins; knots before the first one are priced infinite.
    first = np.arange(len(at))[:, None] - costs.reach + np.arange(costs.reach)[None, :]
    lasting = np.maximum(at[:, None] - at[np.maximum(first, 0)], 1e-3)
    share = max(float(scatter(sums, start, end)), _LEAST_SCATTER * (end - start)) / parts
    priced = costs.band + np.log(lasting / usual_s) ** 2 * _DURATION_WEIGHT * share
    bonus = np.zeros(len(at))
    if odds is not None:
        bonus[1:-1] = odds[start + costs.knots[1:-1]] * _ODDS_WEIGHT * share
    if target_s is not None:
        cuts = partition_into(Costs(costs.knots, priced), round(parts), bonus)
    else:
        cuts = partition(Costs(costs.knots, priced - bonus[:, None]), 0.0)[0]
    return (start + cuts).tolist()
