"""From an order to scores on the scale of the raw ones."""

from __future__ import annotations

from collections.abc import Sequence

from videxplore.stages.reranking.protocol import Rescored
from videxplore.values.rankings import Candidate, Reason

_STEP = 1e-6
"""Between two neighbours in the order where the raw scores hardly differ."""


def place(
    candidates: Sequence[Candidate], order: Sequence[int], said: Sequence[str], kind: str
) -> tuple[Rescored, ...]:
    """Return scores that put the first ``len(order)`` candidates in this order, and leave the others.

    The new scores lie evenly between the best and the worst raw score of those that were read, so that a
    strength between 0 and 1 means something, and all stay above those that were not read. How sure
    a model is of its order cannot be compared with a similarity; its order can.

    Args:
        candidates: in raw order.
        order: numbers of the candidates that were read, best first.
        said: one sentence per candidate that was read; empty where the model said nothing of it.
        kind: of the reasons.
    """
    raw = [c.hit.raw_score for c in candidates]
    n = len(order)
    worst = min((raw[i] for i in order), default=0.0)
    best = max((raw[i] for i in order), default=0.0)
    step = max((best - worst) / max(n, 1), _STEP)
    if list(order) == list(range(n)):
        # Nothing was moved, so nothing is to be explained.
        return tuple(Rescored(c.hit.segment_id, c.hit.raw_score) for c in candidates)
    score = {i: worst + step * (n - rank) for rank, i in enumerate(order)}
    answers = []
    for i, candidate in enumerate(candidates):
        new = score.get(i, raw[i])
        text = said[i] if i < n else ""
        reasons = (Reason(kind, new - raw[i], text),) if text and new != raw[i] else ()
        answers.append(Rescored(candidate.hit.segment_id, new, reasons))
    return tuple(answers)
