"""The answers of a reranker, checked and fully explained."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from videxplore.stages.reranking.protocol import Reranker, Rescored, Rescores
from videxplore.values.rankings import Candidate, Query, Reason


def ask(reranker: Reranker, pool: Sequence[Candidate], query: Query) -> Rescores:
    """Return what ``reranker`` answers: one answer for each candidate of ``pool``, in the order of the pool.

    What its reasons leave unexplained is added as a reason that names the reranker.

    Raises:
        ValueError: an answer is missing, too many, repeated or no number.
    """
    if not pool:
        return Rescores(())
    given = reranker.scores(pool, query)
    answers = given if isinstance(given, Rescores) else Rescores(tuple(given))
    by_id = _checked(reranker, answers.scores, pool)
    return replace(answers, scores=tuple(_explained(c, by_id[c.hit.segment_id], reranker.name) for c in pool))


def _checked(
    reranker: Reranker, answers: Sequence[Rescored], pool: Sequence[Candidate]
) -> dict[str, Rescored]:
    """Answers by segment id, one for each candidate."""
    by_id = {a.segment_id: a for a in answers}
    wanted = {c.hit.segment_id for c in pool}
    faults = {
        "lost": sorted(wanted - set(by_id)),
        "added": sorted(set(by_id) - wanted),
        "repeated": sorted({a.segment_id for a in answers if by_id[a.segment_id] is not a}),
        "gave no finite number for": sorted(
            a.segment_id for a in answers
            if not (math.isfinite(a.score) and all(math.isfinite(r.amount) for r in a.reasons))
        ),
    }  # fmt: skip
    wrong = "; ".join(f"{what} {', '.join(ids[:3])}" for what, ids in faults.items() if ids)
    if wrong:
        raise ValueError(
            f"the reranker {reranker.name!r} must score each of the {len(pool)} candidates once: it {wrong}."
        )
    return by_id


def _explained(candidate: Candidate, answer: Rescored, name: str) -> Rescored:
    raw = candidate.hit.raw_score
    unexplained = answer.score - raw - math.fsum(r.amount for r in answer.reasons)
    if abs(unexplained) <= 1e-12 * max(1.0, abs(answer.score), abs(raw)):
        return answer
    return replace(answer, reasons=(*answer.reasons, Reason("reranker", unexplained, f"judged by {name}")))
