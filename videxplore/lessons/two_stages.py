"""Retrieve, then rank: one version picks a pool, another puts it in order; neither sees the other's vectors.

The pattern of recommenders (Covington, Adams & Sargin 2016): a quick model makes candidates out of many, a
careful one ranks them. What the first leaves out the second cannot bring back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.similarity import compare, nearest, recall
from videxplore.lessons.versions import Change, K

POOLS = (10, 15, 20, 30, 40, 60, 80)
"""Candidates that the first stage may hand over."""


def score_other_films(vectors: NDArray[np.float64], films: NDArray[np.str_]) -> NDArray[np.float64]:
    """Return the cosine of every clip with every clip of other films, (n, n); −∞ within a film."""
    scores = compare(vectors, vectors)
    scores[films[:, None] == films[None, :]] = -np.inf
    return scores


def retrieve_and_rank(change: Change, pool: int, *, k: int = K) -> NDArray[np.intp]:
    """Return what is suggested beside each clip, from other films, int (n, k), best first.

    Args:
        change: the old version retrieves, the new one ranks.
        pool: candidates, ``k`` at least.
        k: suggestions.

    Raises:
        ValueError: fewer candidates than suggestions.
    """
    if pool < k:
        raise ValueError(f"pool must be at least k = {k}, got {pool}.")
    old, new = (score_other_films(rows, change.films) for rows in change.pair)
    candidates = nearest(old, pool)
    ranked = np.take_along_axis(new, candidates, axis=1)
    return np.take_along_axis(candidates, nearest(ranked, k), axis=1)


def kept(change: Change, pool: int, *, k: int = K) -> float:
    """Return the share of the k best of all, by the new version, that a pool of the old one keeps."""
    best = nearest(score_other_films(change.pair[1], change.films), k)
    return float(recall(retrieve_and_rank(change, pool, k=k), best).mean())


def smallest_pool(change: Change, share: float, *, k: int = K) -> int:
    """Return the smallest of :data:`POOLS` that keeps this share of the k best.

    Raises:
        ValueError: none does.
    """
    for pool in POOLS:
        if kept(change, pool, k=k) >= share:
            return pool
    raise ValueError(f"no pool of {POOLS} keeps {share:.0%} of the {k} best; ask for less.")
