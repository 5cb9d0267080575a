"""What a reranker is: something that reads candidates together and scores each of them anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from videxplore.values.rankings import Candidate, Query, Reason


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


@runtime_checkable
class Reranker(Protocol):
    """Anything with a name that can score candidates.

    A reranker sees the whole pool at once, always in raw order, and answers once for each candidate; it
    needs no table and no model beyond what it brings along::

        class ShortFirst:
            name = "short first"

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

    def scores(self, candidates: Sequence[Candidate], query: Query) -> Sequence[Rescored]:
        """Score every candidate once, in any order.

        Args:
            candidates: the pool in raw order.
            query: what was asked.
        """
        ...
