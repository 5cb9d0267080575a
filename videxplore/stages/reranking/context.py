"""A pointwise control: does seeing the other candidates help beyond knowing what contains a segment?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from videxplore.stages.reranking.protocol import POINTWISE, Rescored
from videxplore.values.rankings import Candidate, Query, Reason


@dataclass(frozen=True, slots=True)
class Context:
    """Own score plus a share of the mean score of the segments that contain it, the whole video among them.

    Pointwise, not joint: no candidate sees another. What a joint reranker gains counts only above this.
    The whole video itself, which nothing contains, adds the share of its own score.

    Attributes:
        share: of the ancestors' mean score that is added.
    """

    share: float = 0.1
    name: str = "context (pointwise)"
    kind: str = POINTWISE

    def scores(self, candidates: Sequence[Candidate], query: Query) -> list[Rescored]:
        """Score every candidate once; see :class:`Context`."""
        return [self._one(c) for c in candidates]

    def _one(self, candidate: Candidate) -> Rescored:
        hit = candidate.hit
        above = [(r.score, r.level, r.segment_id) for r in candidate.relatives if r.relation == "ancestor"]
        above = above or [(hit.raw_score, hit.level, hit.segment_id)]
        reasons = tuple(
            Reason("ancestor", self.share * score / len(above), f"score of its {level}", segment_id)
            for score, level, segment_id in above
        )
        score = hit.raw_score + math.fsum(r.amount for r in reasons)
        return Rescored(hit.segment_id, score, reasons)
