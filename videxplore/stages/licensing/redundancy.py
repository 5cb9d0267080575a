"""How much of a sample is there more than once, from groups of copies found elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from videxplore.stages.licensing.grouping import checked_weights, group
from videxplore.stages.licensing.intervals import share
from videxplore.values.licensing import Redundancy


def redundancy(
    copies: Sequence[int] | NDArray[np.intp],
    sources: Sequence[str],
    *,
    weights: ArrayLike | None = None,
    owned: Sequence[int] | NDArray[np.intp] = (),
    seed: int = 0,
) -> Redundancy:
    """Measure the share of hours that repeat another clip.

    Of a group of copies the longest clip counts once and the others as extra. Copies within one source are
    found wherever whole sources are drawn; copies across sources only if both were drawn, which in a small
    sample of a large archive hardly happens. For these the report has the rate among *pairs*, which does
    not depend on how much was drawn, and its upper bound, 3 / pairs where there is no copy (Hanley and
    Lippman-Hand, 1983).

    Args:
        copies: int (n,), the group that each clip is in; clips without a copy are alone in theirs.
        sources: n sources.
        weights: float (n,), durations.
        owned: groups that hold a clip that is owned.
        seed: of resampling.

    Raises:
        ValueError: lengths differ.
    """
    names = np.asarray(copies)
    if names.ndim != 1:
        raise ValueError(f"copies must be (n,), one group per clip, got shape {names.shape}.")
    held = checked_weights(weights, len(names))
    groups = group(sources, len(names))
    extra = _extra(names, held)
    within = _extra(np.unique(np.stack([names, groups.index]), axis=1, return_inverse=True)[1], held)
    rate, bound = _pairs(names, groups.index, len(groups))
    return Redundancy(
        share(extra, sources, weights=held, seed=seed),
        share(within, sources, weights=held, seed=seed),
        share(np.isin(names, np.asarray(owned)), sources, weights=held, seed=seed),
        rate,
        bound,
    )


def _extra(names: NDArray[np.generic], weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which clips repeat a longer one of their group; of equally long ones the first stays."""
    names = np.ravel(names)
    order = np.lexsort((np.arange(len(names)), -weights, names))
    first = np.ones(len(names), bool)
    first[1:] = names[order][1:] != names[order][:-1]
    extra = np.empty(len(names), bool)
    extra[order] = ~first
    return extra


def _pairs(names: NDArray[np.generic], index: NDArray[np.intp], sources: int) -> tuple[float, float]:
    """Share of pairs of clips from different sources that are copies, and its upper 95 % bound.

    Copies come in batches, such as a channel mirrored by another; what is taken for a Poisson count is
    therefore how many *pairs of sources* share something.
    """
    from scipy.special import gammaincinv

    sizes = np.bincount(index, minlength=sources).astype(np.float64)
    pairs = float(sizes.sum() ** 2 - np.square(sizes).sum()) / 2
    if not pairs:
        return float("nan"), 1.0
    _, code = np.unique(names, return_inverse=True)
    held = np.zeros((int(code.max()) + 1, sources))
    np.add.at(held, (code, index), 1)
    held = held[np.count_nonzero(held, axis=1) > 1]
    shared = np.triu(held.T @ held, 1)
    copies, batches = float(shared.sum()), int(np.count_nonzero(shared))
    most = float(gammaincinv(batches + 1, 0.95)) * (copies / batches if batches else 1.0)
    return copies / pairs, min(1.0, most / pairs)
