"""Every part of the query finds its own best frame."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from videxplore.stages.reranking.protocol import POINTWISE, Rescored
from videxplore.values.media import format_time
from videxplore.values.rankings import Candidate, Query, Reason


@dataclass(frozen=True, slots=True)
class LateInteraction:
    """Sum over the query's sub-vectors of the best agreement with any single frame of the segment.

    The late interaction of ColBERT (Khattab & Zaharia, SIGIR 2020): MaxSim, with frames for the document's
    tokens. The query's sub-vectors are the attributes it asks for, or its modalities where columns mean
    nothing. What frames cannot show (words, what comes before or after, place in the video) stays as it was.
    Pointwise: no candidate sees another.

    Attributes:
        share: of the segment's averaged agreement that its best frames replace, in [0, 1]; 1 is MaxSim.
    """

    share: float = 0.1
    name: str = "late interaction (pointwise)"
    kind: str = POINTWISE

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 1.0:
            raise ValueError(f"LateInteraction.share must be in [0, 1], got {self.share!r}.")

    def scores(self, candidates: Sequence[Candidate], query: Query) -> list[Rescored]:
        """Score every candidate once; see :class:`LateInteraction`."""
        answers = []
        for c in candidates:
            reasons = tuple(self._best_frames(c))
            score = c.hit.raw_score + math.fsum(r.amount for r in reasons)
            answers.append(Rescored(c.hit.segment_id, score, reasons))
        return answers

    def _best_frames(self, candidate: Candidate) -> Iterator[Reason]:
        averaged = {**candidate.hit.parts, **candidate.hit.attributes}
        for name, scores in candidate.frame_parts.items():
            if not len(scores):
                continue
            best = int(np.argmax(scores))
            amount = self.share * (float(scores[best]) - averaged.get(name, 0.0))
            when = format_time(float(candidate.frame_times_s[best]))
            yield Reason("best-frames", amount, f"{name}: best at {when}", candidate.hit.segment_id)
