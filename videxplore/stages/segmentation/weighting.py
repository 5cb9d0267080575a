"""Signals side by side, each times its share of the weight, as prefix sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.segmentation.partition import accumulate

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Weighted:
    """Prefix sums of the signals together, and of each by itself.

    Attributes:
        sums: float64 (n + 1, d), of all signals side by side.
        parts: per signal its share of the weight and its columns.
    """

    sums: Floats
    parts: Mapping[str, tuple[float, slice]]

    def gains(self, starts: Positions, at: Positions, ends: Positions) -> dict[str, Floats]:
        """Return per signal what a boundary ``at`` saves between ``starts`` and ``ends``."""
        return {
            name: _energy(self.sums[:, where], starts, at)
            + _energy(self.sums[:, where], at, ends)
            - _energy(self.sums[:, where], starts, ends)
            for name, (_, where) in self.parts.items()
        }

    def contrast(self, name: str, at: Positions, width: int) -> Floats:
        """Return how unlike the ``width`` samples before and after each position are, in [0, 1] (m,).

        Half the squared distance of the two means, whatever the signal's weight: the maximum mean
        discrepancy of its kernel (Gretton et al., 2012). Windows end where the video does.
        """
        share, where = self.parts[name]
        before, after = np.maximum(at - width, 0), np.minimum(at + width, len(self.sums) - 1)
        part = self.sums[:, where]
        apart = (part[at] - part[before]) / (at - before)[:, None]
        apart -= (part[after] - part[at]) / (after - at)[:, None]
        return np.einsum("md,md->m", apart, apart) / (2 * share)

    def directions(self, name: str, edges: Positions) -> NDArray[np.float32]:
        """Return the mean of a signal between ``edges`` (m + 1,), as unit vectors (m, d)."""
        totals = np.diff(self.sums[edges][:, self.parts[name][1]], axis=0)
        return (totals / np.maximum(np.linalg.norm(totals, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def _energy(sums: Floats, starts: Positions, ends: Positions) -> Floats:
    total = sums[ends] - sums[starts]
    return np.einsum("md,md->m", total, total) / (ends - starts)


def weigh(vectors: Mapping[str, NDArray[np.float32]], weights: Mapping[str, float]) -> Weighted:
    """Put signals side by side so that inner products add up, each times its share of the weight.

    A signal that the video lacks (no sound, no subtitles) leaves its weight to the others.
    """
    present = {name: weights[name] for name in vectors if weights[name] > 0}
    if not present:
        present = dict.fromkeys(vectors, 1.0)
    total = sum(present.values())
    ends = np.cumsum([vectors[name].shape[1] for name in present]).tolist()
    sums = np.zeros((1 + len(next(iter(vectors.values()))), ends[-1]))
    parts = {}
    for (name, weight), end in zip(present.items(), ends, strict=True):
        where = slice(end - vectors[name].shape[1], end)
        np.multiply(vectors[name], np.sqrt(weight / total), out=sums[1:, where])
        parts[name] = (weight / total, where)
    accumulate(sums)
    return Weighted(sums, parts)
