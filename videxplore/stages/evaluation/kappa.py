"""How far two analysts agree beyond chance: Cohen's kappa for answers without an order, with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.values.media import counted

LEAST_CLUSTERS = 10
"""Fewer give no interval: a spread that rests on a handful is as often far too small."""


@dataclass(frozen=True, slots=True, repr=False)
class Kappa:
    """How far two analysts agree.

    Attributes:
        kappa: Cohen's: 1 for full agreement, 0 for what chance gives; nan without an item that both judged,
            or where both gave everything the same answer.
        low: low end of its 95 % bootstrap interval; nan with fewer than :data:`LEAST_CLUSTERS` clusters.
        high: high end.
        items: judged by both.
        exact: share of these with the same answer; nan without any.
    """

    kappa: float
    low: float
    high: float
    items: int
    exact: float

    def __repr__(self) -> str:
        bounds = "" if np.isnan(self.low) else f" [{self.low:.2f}, {self.high:.2f}]"
        return f"Kappa({self.kappa:.2f}{bounds}, {counted(self.items, 'item')}, {self.exact:.0%} equal)"


def cohen_kappa(
    first: Sequence[str], second: Sequence[str], clusters: Sequence[str], *, draws: int = 2000, seed: int = 0
) -> Kappa:
    """Cohen's kappa (1960) with a percentile bootstrap of whole clusters.

    Moments of one video resemble each other, so videos are drawn with replacement, each with all of its
    items. Draws in which both gave everything the same answer count as full agreement.

    Args:
        first: n answers of one analyst; empty where there is none, which leaves the item out.
        second: n answers of the other, to the same items.
        clusters: the video of each item.
        draws: number of resamples.
        seed: of the generator.

    Raises:
        ValueError: lengths differ.
    """
    if not len(first) == len(second) == len(clusters):
        raise ValueError(
            f"one answer of each and one cluster per item, got {len(first)}, {len(second)}, {len(clusters)}."
        )
    both = [i for i, pair in enumerate(zip(first, second, strict=True)) if all(pair)]
    if not both:
        return Kappa(np.nan, np.nan, np.nan, 0, np.nan)
    answers, index = np.unique([*(first[i] for i in both), *(second[i] for i in both)], return_inverse=True)
    one, other = index[: len(both)], index[len(both) :]
    names, where = np.unique([clusters[i] for i in both], return_inverse=True)
    tables = np.zeros((len(names), len(answers), len(answers)))
    np.add.at(tables, (where, one, other), 1.0)
    kappa = float(_kappa(tables.sum(axis=0)))
    low = high = float("nan")
    if len(names) >= LEAST_CLUSTERS and not np.isnan(kappa):
        even = np.full(len(names), 1 / len(names))
        drawn = np.random.default_rng(seed).multinomial(len(names), even, draws).astype(np.float64)
        found = _kappa(np.tensordot(drawn, tables, axes=1))
        low, high = np.quantile(np.nan_to_num(found, nan=1.0), [0.025, 0.975])
    return Kappa(kappa, float(low), float(high), len(both), float(np.mean(one == other)))


def _kappa(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kappa of tables (…, answers, answers) of counts; nan where chance alone gives full agreement."""
    total = tables.sum(axis=(-2, -1))
    seen = np.trace(tables, axis1=-2, axis2=-1) / total
    chance = (tables.sum(axis=-1) * tables.sum(axis=-2)).sum(axis=-1) / total**2
    room = 1 - chance
    return np.asarray(np.divide(seen - chance, room, out=np.full(np.shape(room), np.nan), where=room > 1e-12))
