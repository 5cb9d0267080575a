"""Several rerankers in a row, each going on from what the one before it left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from videxplore.stages.reranking.answers import ask
from videxplore.stages.reranking.protocol import (
    DIVERSITY,
    JOINT,
    POINTWISE,
    Reranker,
    Rescored,
    Rescores,
    kind_of,
)
from videxplore.values.rankings import Candidate, Query, Reason


@dataclass(frozen=True, slots=True)
class Chain:
    """Rerankers one after the other: each takes the scores of the last for raw ones, reasons add up.

    Attributes:
        links: in the order in which they are asked.
    """

    links: tuple[Reranker, ...]

    def __post_init__(self) -> None:
        if not self.links:
            raise ValueError("a chain needs at least one reranker, got none.")

    @property
    def name(self) -> str:
        """The names of the links, joined by arrows."""
        return " → ".join(link.name for link in self.links)

    @property
    def kind(self) -> str:
        """Joint as soon as one link is; diversity before pointwise."""
        kinds = {kind_of(link) for link in self.links}
        return next((kind for kind in (JOINT, DIVERSITY) if kind in kinds), POINTWISE)

    def scores(self, candidates: Sequence[Candidate], query: Query) -> Rescores:
        """Score every candidate once; see :class:`Chain`."""
        pool = list(candidates)
        reasons: dict[str, tuple[Reason, ...]] = {c.hit.segment_id: () for c in candidates}
        raw = {c.hit.segment_id: c.hit.raw_score for c in candidates}
        notes: tuple[str, ...] = ()
        sensitivities = []
        for link in self.links:
            answers = ask(link, pool, query)
            notes += answers.notes
            if answers.order_sensitivity is not None:
                sensitivities.append(answers.order_sensitivity)
            reasons = {a.segment_id: (*reasons[a.segment_id], *a.reasons) for a in answers.scores}
            reached = {i: raw[i] + math.fsum(r.amount for r in reasons[i]) for i in raw}
            pool = _moved(pool, reached)
        return Rescores(
            tuple(Rescored(i, reached[i], reasons[i]) for i in raw), notes, max(sensitivities, default=None)
        )


def _moved(pool: Sequence[Candidate], reached: dict[str, float]) -> list[Candidate]:
    """The pool as the next link finds it: in the new order, the new scores for raw ones."""
    moved = [
        replace(
            c,
            hit=replace(c.hit, raw_score=reached[c.hit.segment_id], score=reached[c.hit.segment_id]),
            relatives=tuple(replace(r, score=reached.get(r.segment_id, r.score)) for r in c.relatives),
        )
        for c in pool
    ]
    moved.sort(key=lambda c: (-c.hit.raw_score, c.hit.raw_rank, c.hit.segment_id))
    return [replace(c, hit=replace(c.hit, rank=n, raw_rank=n)) for n, c in enumerate(moved, start=1)]
