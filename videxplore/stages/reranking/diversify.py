"""A list in which no two hits say the same: diversity, at the price of relevance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.reranking.affinity import Matrix, weighted_vectors
from videxplore.stages.reranking.protocol import DIVERSITY, Rescored
from videxplore.stages.reranking.spread import spread_of
from videxplore.values.media import Span
from videxplore.values.rankings import Candidate, Query, Reason

MMR, DPP = "mmr", "dpp"

_OWN = 0.01
"""Share of every candidate that is like nothing else: keeps determinants above zero."""


@dataclass(frozen=True, slots=True)
class Diversify:
    """Picks one candidate after the other: the best that repeats least what was picked before.

    ``"mmr"``: maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998): a candidate loses by its
    largest cosine with anything picked. ``"dpp"``: greedy maximum a posteriori of a determinantal point
    process (Chen, Zhang & Zhou, NeurIPS 2018): it loses by the logarithm of what of it lies outside
    all that was picked together. In both, what a candidate loses only grows from pick to pick, so that
    its score at its own pick is its score, and the order by score is the order of picking. ``videos`` adds
    a loss for each hit of the same video above it: half of what is left, as in xQuAD (Santos et al., 2010).

    Attributes:
        method: ``"mmr"`` or ``"dpp"``.
        relevance: θ in (0, 1]: how much relevance counts against diversity; 1 is the raw order.
        videos: what a video's hits lose at most for its being in the list already, in standard deviations
            of the pool's scores.
    """

    method: str = MMR
    relevance: float = 0.7
    videos: float = 0.0
    name: str = "diversify"
    kind: str = DIVERSITY

    def __post_init__(self) -> None:
        if self.method not in (MMR, DPP):
            raise ValueError(f"Diversify.method must be {MMR!r} or {DPP!r}, got {self.method!r}.")
        if not 0.0 < self.relevance <= 1.0:
            raise ValueError(f"Diversify.relevance must be in (0, 1], got {self.relevance!r}.")
        if not self.videos >= 0:
            raise ValueError(f"Diversify.videos must be at least 0, got {self.videos!r}.")

    def scores(self, candidates: Sequence[Candidate], query: Query) -> list[Rescored]:
        """Score every candidate once; see :class:`Diversify`."""
        unit = spread_of(candidates)
        likeness = _likeness(candidates, query)
        picked = _Similarity(likeness) if self.method == MMR else _Volume(likeness)
        price = unit * (1.0 - self.relevance) / self.relevance
        raw = np.array([c.hit.raw_score for c in candidates])
        video = np.unique([c.hit.video for c in candidates], return_inverse=True)[1]
        shown = np.zeros(len(candidates))
        left = np.ones(len(candidates), dtype=bool)
        answers = []
        for _ in candidates:
            again = -self.videos * unit * (1.0 - 0.5**shown)
            # Rounded, so that the last digits of sums break no ties; of equals the first in raw order.
            value = np.round(raw - price * picked.losses + again, 12)
            best = int(np.argmax(np.where(left, value, -np.inf)))
            alike = _like(candidates, likeness[best], left, -price * float(picked.losses[best]))
            answers.append(_answer(candidates[best], *alike, *_repeat(candidates[best], float(again[best]))))
            left[best] = False
            shown += video == video[best]
            picked.take(best)
        return answers


class _Similarity:
    """Losses of MMR: the largest cosine with anything picked, at least 0."""

    def __init__(self, likeness: Matrix) -> None:
        self.losses: Matrix = np.zeros(len(likeness))
        self._likeness = likeness

    def take(self, pick: int) -> None:
        self.losses = np.maximum(self.losses, self._likeness[pick])


class _Volume:
    """Losses of DPP-MAP: −log of the squared distance to the span of all that was picked.

    The incremental Cholesky factor of Chen, Zhang & Zhou (2018), algorithm 1.
    """

    def __init__(self, likeness: Matrix) -> None:
        self.losses: Matrix = np.zeros(len(likeness))
        self._likeness = likeness
        self._outside = np.ones(len(likeness))
        self._factor: Matrix = np.zeros((len(likeness), 0))

    def take(self, pick: int) -> None:
        shared = self._likeness[pick] - self._factor @ self._factor[pick]
        column = shared / np.sqrt(self._outside[pick])
        self._factor = np.hstack([self._factor, column[:, None]])
        self._outside = np.maximum(self._outside - column**2, _OWN**2)
        self.losses = -np.log(self._outside)


def _likeness(candidates: Sequence[Candidate], query: Query) -> Matrix:
    """Cosines (n, n) with ones on the diagonal, positive definite."""
    vectors = weighted_vectors(candidates, query)
    likeness: Matrix = (1.0 - _OWN) * (vectors @ vectors.T)
    np.fill_diagonal(likeness, 1.0)
    return likeness


def _like(
    candidates: Sequence[Candidate], cosines: Matrix, left: NDArray[np.bool_], amount: float
) -> Iterator[Reason]:
    """What a candidate loses for being like those picked before it, with the one most like it."""
    if amount and not left.all():
        hit = candidates[int(np.argmax(np.where(left, -np.inf, cosines)))].hit
        text = f"repeats what stands above it, most of all the {hit.level} {Span(hit.start_s, hit.end_s)}"
        yield Reason("repeats", amount, text, hit.segment_id)


def _repeat(candidate: Candidate, amount: float) -> Iterator[Reason]:
    if amount:
        yield Reason("same-video", amount, "its video stands above it already", candidate.hit.segment_id)


def _answer(candidate: Candidate, *reasons: Reason) -> Rescored:
    score = candidate.hit.raw_score + math.fsum(r.amount for r in reasons)
    return Rescored(candidate.hit.segment_id, score, reasons)
