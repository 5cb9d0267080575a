"""A nested hierarchy from leaf boundaries: the exact partition again, on what the rung below kept.

Independent optima for two penalties are not nested. Here every rung of a ladder of rising penalties is
an exact partition restricted to the boundaries of the rung below, so coarse boundaries always are fine
boundaries too, and each has a *persistence*: the largest penalty at which it survives. Any level is a
cut through the ladder (for optimal cuts of a hierarchy see Guigues, Cocquerez & Le Men, 2006).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.segmentation.partition import measure_costs, partition

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

_REACH = 512
"""Units of the rung below that one segment may unite: keeps memory linear however long the video is."""


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


def build_ladder(sums: Floats, *, rungs: int = 40) -> list[float]:
    """Return penalties from next to nothing up to where one segment is left."""
    n = len(sums) - 1
    top = max(float(n), 1.0)
    return np.geomspace(1e-3, top, rungs).tolist()


def nest(
    leaves: Positions,
    persistence: Floats,
    span: tuple[float, float],
    times: Mapping[int, float] | Callable[[int], float],
    targets: Sequence[float],
    *,
    finest_s: float = 0.0,
) -> list[list[int]]:
    """Choose the boundaries of each level above the leaves, coarsest first.

    Inside each segment of the level above, the most persistent leaf boundaries are taken, as many as the
    target duration asks for. The target that counts is min(target, half the parent's duration), so that
    a three-minute match still has two halves.

    Args:
        leaves: inner leaf boundaries, rising.
        persistence: per leaf boundary.
        span: start and end of the video in seconds.
        times: from leaf position to seconds.
        targets: target mean duration per level in seconds, coarsest first.
        finest_s: target of the leaves; a segment is not divided into parts shorter than twice that, its
            leaves do it instead.

    Returns:
        Per level its inner boundaries (positions), each level containing those of the level above.
    """
    time_of = times if callable(times) else times.__getitem__
    at = np.array([time_of(int(leaf)) for leaf in leaves])
    chosen: set[int] = set()
    levels: list[list[int]] = []
    for target in targets:
        edges = [span[0], *(at[i] for i in sorted(chosen)), span[1]]
        for start, end in itertools.pairwise(edges):
            inside = np.flatnonzero((at > start) & (at < end))
            effective = min(target, (end - start) / 2)
            if effective < 2 * finest_s:
                continue
            wanted = round((end - start) / effective) - 1
            order = inside[np.argsort(-persistence[inside], kind="stable")]
            chosen.update(int(i) for i in order[:wanted])
        levels.append(sorted(chosen))
    return [[int(leaves[i]) for i in level] for level in levels]
