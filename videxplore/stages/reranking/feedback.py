"""More like these: what the user marked, or else what came first."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from videxplore.stages.reranking.affinity import weighted_vectors
from videxplore.stages.reranking.protocol import Rescored, Rescores
from videxplore.stages.reranking.spread import spread_of
from videxplore.values.media import Span
from videxplore.values.rankings import Candidate, Hit, Query, Reason


@dataclass(frozen=True, slots=True)
class Feedback:
    """The query moves towards what is right and away from what is wrong.

    Rocchio (1971) on candidates: score + weight · mean cosine with right ones − against · mean cosine with
    wrong ones, in standard deviations of the pool's scores. Without marks the first few raw hits count as
    right (pseudo-relevance), less strongly, because some of them are not. Where nothing right came first, it
    drifts towards what is wrong.

    Attributes:
        relevant: ids of segments that the user marked as right.
        irrelevant: ids of segments that the user marked as wrong.
        weight: of the right ones, where marked.
        against: of the wrong ones.
        first: without marks, how many hits count as right.
        pseudo: their weight.
    """

    relevant: Collection[str] = ()
    irrelevant: Collection[str] = ()
    weight: float = 1.0
    against: float = 0.5
    first: int = 5
    pseudo: float = 0.6
    name: str = "feedback"

    def __post_init__(self) -> None:
        for label, ids in (("relevant", self.relevant), ("irrelevant", self.irrelevant)):
            if isinstance(ids, str):
                raise ValueError(f"Feedback.{label} is a list of segment ids, got the text {ids!r}.")
            stranger = next((i for i in ids if not isinstance(i, str)), None)
            if stranger is not None:
                raise TypeError(
                    f"Feedback.{label} takes ids, such as [hit.segment_id], got {type(stranger).__name__}."
                )
        both = set(self.relevant) & set(self.irrelevant)
        if both:
            raise ValueError(f"a segment is right or wrong, not both: {', '.join(sorted(both))}.")

    def scores(self, candidates: Sequence[Candidate], query: Query) -> Rescores:
        """Score every candidate once; see :class:`Feedback`."""
        vectors, unit = weighted_vectors(candidates, query), spread_of(candidates)
        place = {c.hit.segment_id: i for i, c in enumerate(candidates)}
        examples = self._examples(candidates)
        lost = sorted({*self.relevant, *self.irrelevant} - set(place))
        note = f"Marked, but not among the {len(place)} candidates, so without effect: {', '.join(lost)}."
        answers = []
        for c in candidates:
            mine = vectors[place[c.hit.segment_id]]
            reasons = tuple(
                _pull(c, e, unit * e.weight * float(mine @ vectors[place[e.hit.segment_id]]))
                for e in examples
            )
            score = c.hit.raw_score + math.fsum(r.amount for r in reasons)
            answers.append(Rescored(c.hit.segment_id, score, reasons))
        return Rescores(tuple(answers), (note,) if lost else ())

    def _examples(self, candidates: Sequence[Candidate]) -> list[_Example]:
        """What is right and wrong, each with its share of the weight."""
        right = [c.hit for c in candidates if c.hit.segment_id in self.relevant]
        wrong = [c.hit for c in candidates if c.hit.segment_id in self.irrelevant]
        if self.relevant or self.irrelevant:
            return [_Example(hit, self.weight / len(right), "marked as right") for hit in right] + [
                _Example(hit, -self.against / len(wrong), "marked as wrong") for hit in wrong
            ]
        shown = sorted((c.hit for c in candidates), key=lambda hit: hit.raw_rank)[: self.first]
        return [_Example(hit, self.pseudo / len(shown), f"one of the first {len(shown)}") for hit in shown]


@dataclass(frozen=True, slots=True)
class _Example:
    """A candidate that counts as right or, with a negative weight, as wrong."""

    hit: Hit
    weight: float
    what: str


def _pull(candidate: Candidate, example: _Example, amount: float) -> Reason:
    hit = example.hit
    if candidate.hit.segment_id == hit.segment_id:
        return Reason("feedback", amount, f"it is {example.what}", hit.segment_id)
    like = "like" if (amount >= 0) == (example.weight >= 0) else "unlike"
    text = f"{like} the {hit.level} {Span(hit.start_s, hit.end_s)}, {example.what}"
    return Reason("feedback", amount, text, hit.segment_id)
