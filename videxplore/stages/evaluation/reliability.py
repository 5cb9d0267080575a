"""How far judges agree beyond chance: Krippendorff's alpha for graded judgements, with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from videxplore.values.media import counted

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class Reliability:
    """How far judges agree.

    Attributes:
        alpha: Krippendorff's, ordinal: 1 for full agreement, 0 for what chance gives, below for less; nan
            where no item has two judgements, or all judgements are the same.
        low: low end of its 95 % bootstrap interval; nan with a single query.
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

    def __repr__(self) -> str:
        if not self.items:
            return f"Reliability({counted(self.judges, 'judge')}, no item judged by several)"
        bounds = "" if np.isnan(self.low) else f" [{self.low:.2f}, {self.high:.2f}]"
        who = f"{counted(self.judges, 'judge')}, {counted(self.items, 'item')} judged by several"
        return f"Reliability(alpha {self.alpha:.2f}{bounds}, {who}, {self.exact:.0%} of their pairs equal)"


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
    paired, totals = _coincidences(*_counts(np.asarray(table, np.float64)))
    return float(_alpha(paired.sum(axis=0), totals.sum(axis=0)))


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
    counts, grades = _counts(values)
    paired, totals = _coincidences(counts, grades)
    alpha = float(_alpha(paired.sum(axis=0), totals.sum(axis=0)))
    low = high = float("nan")
    names, index = np.unique(np.asarray(clusters, dtype=np.str_), return_inverse=True)
    if len(names) > 1 and not np.isnan(alpha):
        drawn = np.random.default_rng(seed).multinomial(
            len(names), np.full(len(names), 1 / len(names)), draws
        )
        # Coincidences of several items add up, so that a draw of whole queries is a weighted sum.
        weights = drawn[:, index].astype(np.float64)
        found = _alpha(np.tensordot(weights, paired, axes=1), weights @ totals)
        low, high = np.quantile(np.nan_to_num(found, nan=1.0), [0.025, 0.975])
    several = counts[counts.sum(axis=1) >= 2]
    pairs = (several.sum(axis=1) * (several.sum(axis=1) - 1)).sum()
    exact = (several * (several - 1)).sum() / pairs if pairs else np.nan
    judges = int(np.isfinite(values).any(axis=1).sum())
    return Reliability(alpha, float(low), float(high), judges, len(several), float(exact))


def _counts(values: Numbers) -> tuple[Numbers, Numbers]:
    """How many judges gave each grade to each item (items, grades), and the grades in rising order."""
    grades = np.unique(values[np.isfinite(values)])
    return (values[:, :, None] == grades).sum(axis=0).astype(np.float64), grades


def _coincidences(counts: Numbers, grades: Numbers) -> tuple[Numbers, Numbers]:
    """Ordered pairs of judgements of each item (items, grades, grades), and its judgements (items, grades).

    The pairs of an item together weigh as much as its judgements; an item with a single one counts as none.
    """
    counts = np.where(counts.sum(axis=1, keepdims=True) >= 2, counts, 0.0)
    weighted = counts / np.maximum(counts.sum(axis=1, keepdims=True) - 1, 1.0)
    return weighted[:, :, None] * counts[:, None, :] - weighted[:, :, None] * np.eye(len(grades)), counts


def _alpha(paired: Numbers, totals: Numbers) -> Numbers:
    """Alpha from coincidences (…, grades, grades) and numbers of judgements (…, grades); nan for no doubt."""
    # Between two grades lie the judgements of those between them, and half of either's own.
    middle = np.cumsum(totals, axis=-1) - totals / 2
    steps = (middle[..., :, None] - middle[..., None, :]) ** 2
    expected = np.einsum("...i,...ij,...j->...", totals, steps, totals)
    seen = (totals.sum(axis=-1) - 1) * (paired * steps).sum(axis=(-2, -1))
    share = np.divide(seen, expected, out=np.full(np.shape(expected), np.nan), where=expected > 0)
    return np.asarray(1 - share)
