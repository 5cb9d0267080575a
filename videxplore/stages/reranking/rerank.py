"""Give the candidates of a ranking a new order, and keep the account of why."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from numbers import Real
from pathlib import Path

from videxplore.stages.reranking.answers import ask
from videxplore.stages.reranking.chain import Chain
from videxplore.stages.reranking.context import Context
from videxplore.stages.reranking.diversify import Diversify
from videxplore.stages.reranking.feedback import Feedback
from videxplore.stages.reranking.graph import Graph
from videxplore.stages.reranking.hubness import Hubness
from videxplore.stages.reranking.joint import Joint
from videxplore.stages.reranking.late_interaction import LateInteraction
from videxplore.stages.reranking.protocol import Reranker, Rescored, kind_of
from videxplore.stages.reranking.superglobal import SuperGlobal
from videxplore.values.containment import ancestor_ids, keep_unrelated
from videxplore.values.rankings import Candidate, Hit, Ranking, Reason

RERANKERS: dict[str, Callable[[], Reranker]] = {
    "joint": Joint,
    "graph": Graph,
    "context": Context,
    "feedback": Feedback,
    "hubness": Hubness,
    "superglobal": SuperGlobal,
    "late_interaction": LateInteraction,
    "diversify": Diversify,
}
"""The rerankers that have a name; none needs a model."""


def rerank(
    ranking: Ranking,
    reranker: str | Reranker | Sequence[str | Reranker] = "joint",
    *,
    strength: float = 1.0,
) -> Ranking:
    """Order the candidates of ``ranking`` anew; none is lost and none is added.

    Always starts from the raw scores, so that reranking a reranked ranking does not add up. The result
    has as many hits as ``ranking``, no two of them inside one another, and the same candidates in the
    same raw order; their hits now carry the new score, their place in the new order of the pool and the
    reasons, so that what left the first hits can be explained too.

    Args:
        ranking: what ``Library.search`` returned.
        reranker: a name (``"joint"``, ``"graph"``, ``"context"``, …), the id or folder of a model
            (``"Qwen/Qwen3-VL-2B-Instruct"``), anything that follows
            :class:`~videxplore.stages.reranking.protocol.Reranker`, or several of these in a row.
        strength: how far to go from the raw score (0: exactly the raw order) to the new one (1).

    Returns:
        A ranking whose hits keep ``raw_score`` and ``raw_rank``; the amounts of a hit's ``reasons`` add
        up to ``score − raw_score``.

    Raises:
        ValueError: no such reranker, a strength outside [0, 1], a ranking without candidates, or a
            reranker that lost, added or repeated a candidate or gave a score that is no number.
        TypeError: ``ranking`` is no ranking, or ``reranker`` neither a name nor a reranker.
        ModelError: a model was named that is not on this machine or cannot be used.
        MissingExtraError: a model was named and what runs it is not installed.
    """
    chosen = find_reranker(reranker)
    check_strength(strength)
    pool = _pool(ranking)
    answers = ask(chosen, pool, ranking.query)
    hits = [_rescored(c.hit, answer, strength) for c, answer in zip(pool, answers.scores, strict=True)]
    order = sorted(hits, key=lambda h: (-h.score, h.raw_rank, h.segment_id))
    place = {h.segment_id: rank for rank, h in enumerate(order, start=1)}
    by_id = {h.segment_id: h for h in order}
    kept = keep_unrelated(list(by_id), ancestor_ids(pool), len(ranking.hits))
    return Ranking(
        query=ranking.query,
        hits=tuple(
            replace(by_id[i], rank=rank, suppressed=silenced)
            for rank, (i, silenced) in enumerate(kept, start=1)
        ),
        candidates=tuple(
            replace(c, hit=replace(h, rank=place[h.segment_id])) for c, h in zip(pool, hits, strict=True)
        ),
        system=chosen.name,
        notes=tuple(dict.fromkeys(ranking.notes + answers.notes)),
        level=ranking.level,
        kind=kind_of(chosen),
        order_sensitivity=answers.order_sensitivity,
        strength=strength,
    )


def _pool(ranking: Ranking) -> list[Candidate]:
    """The candidates of a ranking in raw order.

    Raises:
        TypeError: it is no ranking.
        ValueError: it keeps no candidates.
    """
    if not isinstance(ranking, Ranking):
        raise TypeError(
            "rerank takes one ranking, from library.search(...); of several: [vx.rerank(r) for r in them]. "
            f"Got {type(ranking).__name__}."
        )
    if ranking.hits and not ranking.candidates:
        raise ValueError("this ranking keeps no candidates to order anew; take one from library.search(...).")
    return _raw_order(ranking)


def check_strength(strength: float) -> None:
    """Refuse what is no number from 0 to 1.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(strength, Real) or not 0.0 <= strength <= 1.0:
        raise ValueError(f"strength must be a number between 0 (raw) and 1 (reranked), got {strength!r}.")


def _raw_order(ranking: Ranking) -> list[Candidate]:
    """The pool in raw order, whatever order it comes in: a reranker cannot depend on it.

    ``raw_rank`` is what the user saw: the hits of a raw ranking keep their ranks, and what was not shown,
    because it is a relative of a hit or too far down, counts on from there.
    """
    pool = sorted(ranking.candidates, key=lambda c: (-c.hit.raw_score, c.hit.raw_rank, c.hit.segment_id))
    if any(c.hit.score != c.hit.raw_score for c in pool):  # reranked before: the ranks are known
        return pool
    shown = {h.segment_id: h.rank for h in ranking.hits}
    hidden = [c.hit.segment_id for c in pool if c.hit.segment_id not in shown]
    ranks = shown | {i: rank for rank, i in enumerate(hidden, start=len(shown) + 1)}
    return [
        c if c.hit.raw_rank == ranks[c.hit.segment_id] else _ranked(c, ranks[c.hit.segment_id]) for c in pool
    ]


def _ranked(candidate: Candidate, rank: int) -> Candidate:
    return replace(candidate, hit=replace(candidate.hit, raw_rank=rank))


def find_reranker(reranker: str | Reranker | Sequence[str | Reranker]) -> Reranker:
    """The reranker that a name stands for, the one given, or the chain of those given.

    Raises:
        ValueError: no reranker has this name, or an empty chain.
        TypeError: not a reranker.
    """
    if isinstance(reranker, str):
        return _named(reranker)
    if isinstance(reranker, list | tuple):
        return Chain(tuple(find_reranker(link) for link in reranker))
    if isinstance(reranker, type) or not isinstance(reranker, Reranker):
        raise TypeError(
            "a reranker is a name, an object with .name and .scores(candidates, query), or a list of these; "
            f"got {reranker!r}."
        )
    return reranker


def _named(name: str) -> Reranker:
    if name in RERANKERS:
        return RERANKERS[name]()
    if "/" in name or (name and Path(name).is_dir()):
        from videxplore.stages.reranking.listwise.load import load_reranker

        return load_reranker(name)
    raise ValueError(
        f"no reranker {name!r}; there are {', '.join(sorted(RERANKERS))}, ids of models with a slash and "
        "folders that hold one."
    )


def _rescored(hit: Hit, answer: Rescored, strength: float) -> Hit:
    """The hit with its new score at this strength, and reasons that add up to the change."""
    scaled = answer.reasons
    if strength != 1.0:
        scaled = tuple(Reason(r.kind, strength * r.amount, r.text, r.segment_id) for r in scaled)
    kept = tuple(r for r in scaled if r.amount != 0.0)
    score = hit.raw_score + math.fsum(r.amount for r in kept)
    return replace(hit, score=score, reasons=kept)
