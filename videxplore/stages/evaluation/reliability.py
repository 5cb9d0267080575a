"""How far judges agree beyond chance: Krippendorff's alpha for graded judgements, with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far judges agree.

    Attributes:
        alpha: Krippendorff's, ordinal: 1 for full agreement, 0 for what chance gives, below for less; nan
            where no item has two judgements, or all judgements are the same.
        low: low end of its 95 % bootstrap interval.
        high: high end.
        judges: how many.
        items: judged by two or more, which is all that alpha looks at.
        exact: share of the pairs of judgements of one item that are equal; nan without such pairs.
    """

    alpha: float
    low: float
    high: float
    judges: int
    items: int
    exact: float


def krippendorff_alpha(table: ArrayLike) -> float:
    """Krippendorff's alpha for ordinal data (Krippendorff, 2011, Computing Krippendorff's Alpha-Reliability).

    One minus observed over expected disagreement. Two grades disagree by the square of how many judgements
    lie between them, half of their own included, so that only the order of the grades counts.

    Args:
        table: float (judges, items); nan where a judge did not judge an item. Items with fewer than two
            judgements say nothing and are left out.

    Returns:
        At most 1; nan where no item has two judgements, or all judgements are the same.
    """
    values = np.asarray(table, np.float64)
    grades = np.unique(values[np.isfinite(values)])
    return _alpha(_counts(values, grades))


def judge_agreement(
    table: ArrayLike, clusters: Sequence[str], *, draws: int = 2000, seed: int = 0
) -> Reliability:
    """Alpha with a bootstrap interval that is clustered by query.

    Items of one query are judged in one go, so whole queries are drawn with replacement, each with all of its
    items (percentile bootstrap). Draws without any disagreement to expect count as full agreement.

    Args:
        table: float (judges, items); nan where a judge did not judge an item.
        clusters: the query of each item.
        draws: number of resamples.
        seed: of the generator.

    Raises:
        ValueError: not one cluster per item.
    """
    values = np.atleast_2d(np.asarray(table, np.float64))
    if values.shape[1] != len(clusters):
        raise ValueError(f"one query per item is needed, got {len(clusters)} for {values.shape[1]} items.")
    grades = np.unique(values[np.isfinite(values)])
    counts = _counts(values, grades)
    names, index = np.unique(np.asarray(clusters, dtype=np.str_), return_inverse=True)
    own = [counts[index == i] for i in range(len(names))]
    rng = np.random.default_rng(seed)
    found = [
        _alpha(np.concatenate([own[i] for i in rng.integers(0, len(names), len(names))]))
        for _ in range(draws if len(names) else 0)
    ]
    low, high = np.quantile(np.nan_to_num(found, nan=1.0), [0.025, 0.975]) if found else (np.nan, np.nan)
    alpha = _alpha(counts)
    if np.isnan(alpha):
        low = high = np.nan
    paired = counts[counts.sum(axis=1) >= 2]
    pairs = (paired.sum(axis=1) * (paired.sum(axis=1) - 1)).sum()
    exact = (paired * (paired - 1)).sum() / pairs if pairs else np.nan
    judges = int(np.isfinite(values).any(axis=1).sum())
    return Reliability(alpha, float(low), float(high), judges, len(paired), float(exact))


def _counts(values: NDArray[np.float64], grades: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (items, grades): how many judges gave each grade to each item."""
    return (values[:, :, None] == grades).sum(axis=0).astype(np.float64)


def _alpha(counts: NDArray[np.float64]) -> float:
    """Alpha from how often each grade, in rising order, was given to each item (items, grades)."""
    counts = counts[counts.sum(axis=1) >= 2]
    totals = counts.sum(axis=0)
    # Coincidences: ordered pairs of judgements of one item, which together weigh as much as its judgements.
    weighted = counts / (counts.sum(axis=1) - 1)[:, None]
    paired = weighted.T @ counts - np.diag(weighted.sum(axis=0))
    steps = _ordinal_distance(totals)
    expected = totals @ steps @ totals
    return float(1 - (totals.sum() - 1) * (paired * steps).sum() / expected) if expected > 0 else float("nan")


def _ordinal_distance(totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (grades, grades): squared number of judgements between two grades, half of either's own."""
    middle = np.cumsum(totals) - totals / 2
    return (middle[:, None] - middle[None, :]) ** 2
