"""What answers everything answers nothing in particular."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from videxplore.stages.reranking.protocol import POINTWISE, Rescored, Rescores
from videxplore.values.rankings import Candidate, Query, Reason


@dataclass(frozen=True, slots=True)
class Hubness:
    """A candidate that scores high for many generic queries loses, one that seldom does gains.

    Query-bank normalisation (Bogolin et al., QB-Norm, CVPR 2022) in its additive form: score − weight ·
    (h − mean h), with h the mean score of the item's best 5 % of a fixed bank of queries.
    Pointwise: the mean is the same for all, so no candidate decides the place of another.

    Attributes:
        weight: how much of h counts.
    """

    weight: float = 0.35
    name: str = "hubness (pointwise)"
    kind: str = POINTWISE

    def scores(self, candidates: Sequence[Candidate], query: Query) -> Rescores:
        """Score every candidate once; see :class:`Hubness`."""
        usual = usual_hubness(candidates)
        answers = []
        for c in candidates:
            reasons = penalise_hub(c, usual, self.weight)
            score = c.hit.raw_score + math.fsum(r.amount for r in reasons)
            answers.append(Rescored(c.hit.segment_id, score, reasons))
        lacking = "This encoder has no bank of queries, or ranks were joined: nothing is known of hubness."
        return Rescores(tuple(answers), () if any(a.reasons for a in answers) else (lacking,))


def usual_hubness(candidates: Sequence[Candidate]) -> float:
    """Mean hubness of the candidates of which it is known, else 0."""
    known = [c.hubness for c in candidates if c.hubness is not None]
    return math.fsum(known) / len(known) if known else 0.0


def penalise_hub(candidate: Candidate, usual: float, weight: float) -> tuple[Reason, ...]:
    """Return what a candidate's hubness takes away, or adds where it is below the ``usual``."""
    if candidate.hubness is None:
        return ()
    amount = -weight * (candidate.hubness - usual)
    text = "answers many different queries" if amount < 0 else "answers few other queries"
    return (Reason("hubness", amount, text, candidate.hit.segment_id),)
