"""One index with vectors of two versions: what it finds, and which clips it hides or pushes up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.similarity import compare, contained, nearest, neighbours, recall
from videxplore.lessons.versions import Change, K, turn

AS_THEY_ARE, TURNED, NEW_ONLY = "as they are", "old ones turned", "new ones only"
INDEXES = (AS_THEY_ARE, TURNED, NEW_ONLY)
"""What is done with old vectors: left among the new ones, turned onto them first, or left out."""

RENEWED = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares of an archive that the new version has encoded already."""

_DRAWS = 5


@dataclass(frozen=True, eq=False)
class Mixed:
    """Answers of an index in which a part of the clips has new vectors.

    Every clip asks, with its new vector, for the k nearest of the others.

    Attributes:
        renewed: bool (n,), clips with new vectors.
        found: int (n, k), nearest first.
        wanted: int (n, k), what an index of new vectors alone answers.
        scores: float64 (n, n), cosine of each query with each vector of the index.
    """

    renewed: NDArray[np.bool_]
    found: NDArray[np.intp]
    wanted: NDArray[np.intp]
    scores: NDArray[np.float64]

    @property
    def recall(self) -> float:
        """Share of the wanted that is found."""
        return float(recall(self.found, self.wanted).mean())

    @property
    def own(self) -> float:
        """Share of queries whose answers all are of the version that they ask in."""
        return float(self.renewed[self.found].all(axis=1).mean())

    @property
    def own_by_chance(self) -> float:
        """The same for answers that are drawn by lot."""
        n, k = self.found.shape
        others = self.renewed.sum() - self.renewed
        return float(np.mean([comb(int(count), k) for count in others]) / comb(n - 1, k))

    @property
    def answered_by_old(self) -> float:
        """Share of answers that are old vectors."""
        return float((~self.renewed[self.found]).mean())

    def wrongly(self) -> NDArray[np.intp]:
        """Return how often each clip (n,) is answered where it is not wanted."""
        wrong = ~contained(self.found, self.wanted)
        return np.bincount(self.found[wrong], minlength=len(self.found))

    def missing(self) -> NDArray[np.intp]:
        """Return how often each clip (n,) is wanted and not answered."""
        lost = ~contained(self.wanted, self.found)
        return np.bincount(self.wanted[lost], minlength=len(self.found))


def mix(change: Change, share: float, index: str, *, k: int = K, seed: int = 0) -> Mixed:
    """Put clips into one index, some by the new version and the others by the old, and ask with all.

    Clips that have new vectors have had old ones: they are the anchors by which the others are turned.

    Args:
        change: of n clips.
        share: of them that has new vectors, more than ``k`` clips.
        index: one of :data:`INDEXES`.
        k: answers.
        seed: of which clips they are.

    Raises:
        ValueError: an unknown index, or too few new vectors for an answer.
    """
    if index not in INDEXES:
        raise ValueError(f"index must be one of {', '.join(INDEXES)}, got {index!r}.")
    n, (old, new) = len(change), change.pair
    renewed = np.random.default_rng(seed).permutation(n) < round(share * n)
    if renewed.sum() <= k:
        raise ValueError(
            f"share={share} renews {renewed.sum()} of {n} clips, and {k} answers need more; raise the share."
        )
    stored = turn(old, new, renewed) if index == TURNED else old
    scores = compare(new, np.where(renewed[:, None], new, stored))
    if index == NEW_ONLY:
        scores[:, ~renewed] = -np.inf
    np.fill_diagonal(scores, -np.inf)
    return Mixed(renewed, nearest(scores, k), neighbours(new, k), scores)


def measure_mixing(
    changes: Mapping[str, Change], *, draws: int = _DRAWS
) -> dict[tuple[str, str], list[float]]:
    """Return mean recall at each of :data:`RENEWED`, for every change and index, over some draws."""
    return {
        (name, index): [
            float(np.mean([mix(change, share, index, seed=seed).recall for seed in range(draws)]))
            for share in RENEWED
        ]
        for name, change in changes.items()
        for index in INDEXES
    }
