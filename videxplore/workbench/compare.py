"""Rankings of one query side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Integral

from videxplore.stages.evaluation.agreement import kendall_tau, overlap_at, rank_biased_overlap
from videxplore.stages.evaluation.matching import credit
from videxplore.stages.evaluation.metrics import measure_hits
from videxplore.values.rankings import Judgement, Qrels, Ranking
from videxplore.values.reports import Move, RankingShift
from videxplore.workbench.cautions import find_cautions


def compare(
    raw: Ranking,
    *others: Ranking,
    qrels: Sequence[Judgement] | Qrels | None = None,
    k: int | None = None,
) -> RankingShift:
    """Lay rankings of one query side by side.

    Args:
        raw: the ranking compared against.
        others: one or more rankings of the same query.
        qrels: the judgements of this query, as a list, or by query with the query's text as key.
        k: how many hits are compared; by default all that ``raw`` has.

    Returns:
        Moves, overlap of the first ``k``, Kendall's tau-b over the candidates that both scored, extrapolated
        rank-biased overlap of the first ``k``, what speaks against trusting each ranking here, and with
        judgements every metric of each ranking.

    Raises:
        ValueError: nothing to compare with, rankings of different queries, ``k`` below 1, or judgements
            by query that hold none for this query.
        TypeError: something is no ranking, or no judgement.
    """
    strays = [type(r).__name__ for r in (raw, *others) if not isinstance(r, Ranking)]
    if strays:
        raise TypeError(
            f"compare takes rankings, an argument each, as in compare(raw, new), not {', '.join(strays)}."
        )
    if not others:
        raise ValueError("compare needs at least two rankings: compare(raw, vx.rerank(raw)).")
    asked = raw.query.text, raw.query.source
    stranger = next((o for o in others if (o.query.text, o.query.source) != asked), None)
    if stranger is not None:
        raise ValueError(f"compare needs rankings of one query, got {raw.query!r} and {stranger.query!r}.")
    if k is not None and (not isinstance(k, Integral) or k < 1):
        raise ValueError(f"k must be a whole number of at least 1, got {k!r}.")
    depth = len(raw) if k is None else int(k)
    judged = tuple(_of_query(qrels, raw.query.text) or ())
    if not all(isinstance(judgement, Judgement) for judgement in judged):
        raise TypeError(f"qrels must hold Judgements of this query, got {qrels!r:.80}.")
    others = _told_apart(others)
    first = [h.segment_id for h in raw.hits[:depth]]
    seconds = [[h.segment_id for h in other.hits[:depth]] for other in others]
    return RankingShift(
        raw=raw,
        others=others,
        k=depth,
        moves=tuple(_moves(raw, other, depth) for other in others),
        overlap=tuple(overlap_at(first, second, depth) for second in seconds),
        kendall_tau=tuple(_tau(raw, other) for other in others),
        rbo=tuple(rank_biased_overlap(first, second) for second in seconds),
        metrics=_metrics((raw, *others), judged, max(depth, 1)) if judged else {},
        judged=judged,
        earned=_earned((raw, *others), judged, depth),
        cautions=tuple(find_cautions(raw, other, depth) for other in others),
    )


def _told_apart(others: Sequence[Ranking]) -> tuple[Ranking, ...]:
    """The rankings, those of one name renamed after their strength, or numbered."""
    named: list[Ranking] = []
    for other in others:
        taken = {ranking.system for ranking in named}
        names = [other.system, f"{other.system} at {other.strength:.2f}"]
        names += [f"{other.system} ({i})" for i in range(2, len(others) + 1)]
        named.append(replace(other, system=next(name for name in names if name not in taken)))
    return tuple(named)


def _of_query(qrels: Sequence[Judgement] | Qrels | None, text: str) -> Sequence[Judgement] | None:
    """The judgements of one query."""
    if not isinstance(qrels, Mapping):
        return qrels
    if text not in qrels:
        raise ValueError(
            f"qrels holds no judgements under {text!r}; give those of this query: qrels=qrels[query_id]."
        )
    return qrels[text]


def _moves(raw: Ranking, other: Ranking, k: int) -> tuple[Move, ...]:
    """One move per segment among the first ``k`` of either: as the other ranks them, then what left."""
    before = {h.segment_id: h for h in raw.hits[:k]}
    after = {h.segment_id: h for h in other.hits[:k]}
    moves = []
    for i, hit in after.items():
        old = before.get(i)
        if old is None:
            state = "entered"
        elif old.rank == hit.rank:
            state = "same"
        else:
            state = "up" if hit.rank < old.rank else "down"
        moves.append(Move(i, old, hit, state))
    moves += [Move(i, hit, None, "left") for i, hit in before.items() if i not in after]
    return tuple(moves)


def _tau(raw: Ranking, other: Ranking) -> float:
    """Kendall's tau-b over what both scored: candidates, or hits where candidates were not kept."""
    scores = [
        {h.segment_id: h.score for h in ([c.hit for c in r.candidates] or r.hits)} for r in (raw, other)
    ]
    common = sorted(scores[0].keys() & scores[1].keys())
    return kendall_tau([scores[0][i] for i in common], [scores[1][i] for i in common])


def _metrics(
    rankings: Sequence[Ranking], judged: Sequence[Judgement], k: int
) -> Mapping[str, tuple[float, ...]]:
    measured = [measure_hits(r.hits[:k], judged, k=k) for r in rankings]
    return {name: tuple(m[name] for m in measured) for name in measured[0]}


def _earned(rankings: Sequence[Ranking], judged: Sequence[Judgement], k: int) -> Mapping[str, int]:
    """The largest gain that each segment earned in any ranking; what earned nothing is left out."""
    earned: dict[str, int] = {}
    for ranking in rankings if judged else ():
        hits = ranking.hits[:k]
        for hit, gain in zip(hits, credit(hits, judged).gains, strict=True):
            earned[hit.segment_id] = max(gain, earned.get(hit.segment_id, 0))
    return {segment_id: gain for segment_id, gain in earned.items() if gain}
