"""More like the first few, all of them: a strong pull, for topics rather than single answers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from videxplore.stages.reranking.affinity import Matrix, nearest, weighted_vectors
from videxplore.stages.reranking.protocol import Rescored
from videxplore.stages.reranking.spread import deviation, spread_of
from videxplore.values.media import Span
from videxplore.values.rankings import Candidate, Query, Reason


@dataclass(frozen=True, slots=True)
class SuperGlobal:
    """Every candidate is refined by its nearest, and the query by the best of the refined ones.

    Shao et al., "Global Features are All You Need for Image Retrieval and Reranking" (ICCV 2023). A refined
    vector is the mean of a candidate's own (weight 1) and of its nearest (weight β · cosine); averaging
    vectors averages their scores. The expanded query is the largest value, column by column, of the best
    refined vectors. The new score is the mean of the refined score and of the agreement with the
    expanded query, which is brought to the mean and spread of the raw scores. Loses most where one answer is
    right: it belongs to no crowd.

    Attributes:
        nearest: how many candidates refine one, and how many beside the first expand the query.
        beta: weight of a refining candidate per cosine.
    """

    nearest: int = 1
    beta: float = 0.4
    name: str = "superglobal"

    def __post_init__(self) -> None:
        if self.nearest < 1 or not self.beta >= 0:
            raise ValueError(
                f"SuperGlobal needs nearest ≥ 1 and beta ≥ 0, got {self.nearest!r} and {self.beta!r}."
            )

    def scores(self, candidates: Sequence[Candidate], query: Query) -> list[Rescored]:
        """Score every candidate once; see :class:`SuperGlobal`."""
        raw = np.array([c.hit.raw_score for c in candidates])
        vectors = weighted_vectors(candidates, query)
        mixing = self._mixing(vectors @ vectors.T)
        agreed = self._agreement(mixing @ vectors, mixing @ raw, candidates)
        answers = []
        for row, c in enumerate(candidates):
            expanded = round((float(agreed[row]) - c.hit.raw_score) / 2, 12)
            what = f"shares what the first {min(self.nearest + 1, len(raw))} have in common"
            text = what if expanded >= 0 else what.replace("shares", "lacks")
            reasons = (*_refined(row, mixing[row], candidates), Reason("crowd", expanded, text))
            score = c.hit.raw_score + math.fsum(r.amount for r in reasons)
            answers.append(Rescored(c.hit.segment_id, score, reasons))
        return answers

    def _mixing(self, cosines: Matrix) -> Matrix:
        """float64 (n, n): the weight of every candidate in every refined one; rows add up to one."""
        weights = np.where(nearest(cosines, self.nearest), self.beta * cosines, 0.0)
        np.fill_diagonal(weights, 1.0)
        mixing: Matrix = weights / weights.sum(axis=1, keepdims=True)
        return mixing

    def _agreement(self, refined: Matrix, scores: Matrix, candidates: Sequence[Candidate]) -> Matrix:
        """Agreement (n,) of the refined vectors with the expanded query, on the scale of the raw scores."""
        first = np.argsort(-scores, kind="stable")[: self.nearest + 1]
        agreement = refined @ refined[first].max(axis=0)
        raw = [c.hit.raw_score for c in candidates]
        mean, spread = math.fsum(raw) / len(raw), spread_of(candidates)
        own_spread = deviation(agreement.tolist())
        if own_spread <= 1e-12:
            return np.full(len(raw), mean)
        scaled: Matrix = mean + spread / own_spread * (agreement - agreement.mean())
        return scaled


def _refined(row: int, weights: Matrix, candidates: Sequence[Candidate]) -> Iterator[Reason]:
    """What the nearest change of a candidate's score, halved as in the mean of the two scores."""
    own = candidates[row].hit.raw_score
    for other in np.flatnonzero(weights).tolist():
        hit = candidates[other].hit
        amount = round(float(weights[other]) * (hit.raw_score - own) / 2, 12)
        if other != row and amount:
            text = f"like the {hit.level} {Span(hit.start_s, hit.end_s)}"
            yield Reason("alike", amount, text, hit.segment_id)
