"""What a reranker is: something that reads candidates together and scores each of them anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from videxplore.values.rankings import Candidate, Query, Reason

JOINT, POINTWISE, DIVERSITY = "joint", "pointwise", "diversity"
"""Kinds of rerankers: candidates see each other; no candidate sees another; what is alike is spread out."""


@dataclass(frozen=True, slots=True)
class Rescored:
    """What a reranker thinks of one candidate.

    Attributes:
        segment_id: of the candidate.
        score: the new score, on the scale of ``Hit.raw_score``; higher is better.
        reasons: additive parts of ``score − raw_score``. Whatever they leave unexplained is shown as one
            more part that names the reranker.
    """

    segment_id: str
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Rescores:
    """Answers of a reranker that has more to say than scores.

    Attributes:
        scores: one for each candidate, in any order.
        notes: remarks for the user; they become notes of the ranking.
        order_sensitivity: mean number of ranks by which a candidate moves where the same candidates are
            read in another order; None where order cannot matter.
    """

    scores: tuple[Rescored, ...]
    notes: tuple[str, ...] = ()
    order_sensitivity: float | None = None


@runtime_checkable
class Reranker(Protocol):
    """Anything with a name that can score candidates.

    A reranker sees the whole pool at once, always in raw order, and answers once for each candidate; it
    needs no table and no model beyond what it brings along. An attribute ``kind`` says whether candidates
    see each other (``"joint"``, also where there is no such attribute), not (``"pointwise"``), or are
    spread out (``"diversity"``)::

        class ShortFirst:
            name = "short first"
            kind = "pointwise"

            def scores(self, candidates, query):
                return [
                    Rescored(c.hit.segment_id, c.hit.raw_score - 0.01 * c.hit.duration_s)
                    for c in candidates
                ]

        vx.rerank(ranking, ShortFirst())
    """

    @property
    def name(self) -> str:
        """Shown as ``Ranking.system``."""
        ...

    def scores(self, candidates: Sequence[Candidate], query: Query) -> Sequence[Rescored] | Rescores:
        """Score every candidate once, in any order.

        Args:
            candidates: the pool in raw order.
            query: what was asked.
        """
        ...


def kind_of(reranker: Reranker) -> str:
    """Return the kind that a reranker says it is, joint where it says nothing."""
    return getattr(reranker, "kind", JOINT)
