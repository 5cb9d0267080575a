"""A pointwise control: does seeing the other candidates help beyond knowing the video?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from videxplore.stages.reranking.protocol import POINTWISE, Rescored
from videxplore.stages.reranking.relatives import find_whole_video
from videxplore.values.rankings import Candidate, Query, Reason


@dataclass(frozen=True, slots=True)
class Context:
    """Own score plus a share of the score of the whole video.

    Pointwise, not joint: no candidate sees another. What a joint reranker gains counts only above this.

    Attributes:
        video: share of the video's score that is added.
    """

    video: float = 0.6
    name: str = "context (pointwise)"
    kind: str = POINTWISE

    def scores(self, candidates: Sequence[Candidate], query: Query) -> list[Rescored]:
        """Score every candidate once; see :class:`Context`."""
        return [self._one(c) for c in candidates]

    def _one(self, candidate: Candidate) -> Rescored:
        hit = candidate.hit
        root = find_whole_video(candidate)
        if root is None:
            return Rescored(hit.segment_id, hit.raw_score)
        amount = self.video * root[1]
        reason = Reason("video", amount, "score of its whole video", root[0])
        return Rescored(hit.segment_id, hit.raw_score + amount, (reason,))
