"""A query against a library: scores, the pool of candidates, the ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.copies import fold_copies
from videxplore.stages.store.filters import level_mask, where_mask
from videxplore.stages.store.frames import FrameCache
from videxplore.stages.store.fusion import WEIGHTED, checked_weights
from videxplore.stages.store.granularity import AUTO_LEVEL, LevelChoice, best_scores, choose_level
from videxplore.stages.store.scores import Scores, score_all
from videxplore.stages.store.second_look import look_again
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.containment import keep_unrelated
from videxplore.values.rankings import Candidate, Hit, Query, Ranking, Relative, words_not_taken

SMALLEST_POOL = 100
"""A reranker sees at least this many candidates."""

QUOTE_LENGTH = 200
"""Characters of the transcript that a hit quotes."""

HUBNESS_SHARE, FEWEST_QUERIES = 0.01, 3
"""Share of the query bank whose scores make up an item's hubness, and how many at least: one is noise."""


@dataclass(frozen=True, eq=False)
class Request:
    """A query with all that decides what it returns.

    Attributes:
        query: what was asked.
        direction: float32 (d,) to compare with centred items, or None where only words count.
        k: number of hits.
        pool: number of candidates.
        level: a level name, several, ``"any"`` or ``"auto"``.
        weights: multipliers per modality.
        where: column -> value or values, or a condition.
        fusion: how modalities are joined, ``"weighted"`` or ``"rrf"``.
        fold: cosine from which segments of one level count as copies of each other, or None.
        among: rows that an index proposes, or None for all; rows whose transcripts answer are added.
    """

    query: Query
    direction: NDArray[np.float32] | None
    k: int = 10
    pool: int = SMALLEST_POOL
    level: str | Sequence[str] = "any"
    weights: Mapping[str, float] | None = None
    where: Mapping[str, Any] | str | None = None
    fusion: str = WEIGHTED
    fold: float | None = None
    among: NDArray[np.intp] | None = None


def search(
    snapshot: Snapshot,
    request: Request,
    *,
    table: Any,
    frames: FrameCache,
    bank: NDArray[np.float32] | None = None,
) -> Ranking:
    """Rank the segments of a library for one query.

    Args:
        snapshot: of the library.
        request: what was asked, and how.
        table: the open ``segments`` table, for its full-text index.
        frames: of the same library.
        bank: float32 (q, d) generic queries for hubness, or None.

    Raises:
        ValueError: an unknown level, column or modality.
    """
    weights = checked_weights(request.weights, tuple(snapshot.card.slices()))
    allowed = where_mask(snapshot, request.where)
    automatic = request.level == AUTO_LEVEL
    eligible = allowed if automatic else allowed & level_mask(snapshot, request.level)
    scores = score_all(
        snapshot, request.query, request.direction, table=table, weights=weights, fusion=request.fusion
    )
    notes = _notes(request.query, scores)
    if automatic:
        choice = _choose(snapshot, request.query, scores, allowed)
        request = replace(request, level=choice.level)
        eligible = allowed & level_mask(snapshot, choice.level)
        notes += (f"Searched on the level “{choice.level}”: {choice.reason}. Set level= to decide yourself.",)
    if request.among is not None:
        proposed = scores.text.scores > 0
        proposed[request.among] = True
        eligible &= proposed
    rows = np.flatnonzero(eligible & (scores.bounds[0] > 0) if scores.probe is None else eligible)
    order = scores.best(rows, request.pool if request.fold is None else len(rows))
    order, copies = fold_copies(snapshot, order, request.pool, request.fold)
    shown = _shown(snapshot, order.tolist(), request.k)
    hidden = [row for row in order.tolist() if row not in shown]
    # What is not shown counts on behind the hits, so that a raw rank is the rank that was seen.
    ranks = {row: rank for rank, row in enumerate([*shown, *hidden], start=1)}
    candidates = _candidates(snapshot, scores, order.tolist(), ranks, copies, frames, bank)
    hit_of = {c.hit.segment_id: c.hit for c in candidates}
    hits = [replace(hit_of[snapshot.segments[r].segment_id], suppressed=ids) for r, ids in shown.items()]
    level = request.level if isinstance(request.level, str) else ", ".join(request.level)
    return Ranking(request.query, tuple(hits), candidates, notes=notes, level=level)


def _choose(snapshot: Snapshot, query: Query, scores: Scores, allowed: NDArray[np.bool_]) -> LevelChoice:
    levels = [
        level for level, any_row in zip(snapshot.levels, snapshot.stands_for.T, strict=True) if any_row.any()
    ]
    best = best_scores(scores.bounds[0], snapshot.stands_for, snapshot.levels, allowed)
    return choose_level(query.text, levels, best)


def _shown(snapshot: Snapshot, order: list[int], k: int) -> dict[int, tuple[str, ...]]:
    """The first k rows of the pool of which none contains another, each with the ids it stands for."""
    ids = [snapshot.segments[row].segment_id for row in order]
    above = {
        i: frozenset(snapshot.segments[a].segment_id for a in snapshot.ancestors(row))
        for i, row in zip(ids, order, strict=True)
    }
    kept = keep_unrelated(ids, above, k)
    return {snapshot.row_of[segment_id]: silenced for segment_id, silenced in kept}


def _candidates(
    snapshot: Snapshot,
    scores: Scores,
    order: list[int],
    ranks: Mapping[int, int],
    copies: Mapping[str, tuple[str, ...]],
    frames: FrameCache,
    bank: NDArray[np.float32] | None,
) -> tuple[Candidate, ...]:
    looks = look_again(snapshot, scores, order, frames)
    hubness = _hubness(scores, order, bank)
    related = [_related_rows(snapshot, row) for row in order]
    wanted = np.array(sorted({*order, *(r for rows in related for _, r in rows)}), dtype=np.intp)
    total = dict(zip(wanted.tolist(), scores.total(wanted).tolist(), strict=True))
    parts = scores.parts(np.array(order, dtype=np.intp))
    attributes = scores.attributes(np.array(order, dtype=np.intp))
    candidates = []
    for place, row in enumerate(order):
        candidates.append(
            Candidate(
                _hit(
                    snapshot,
                    row,
                    ranks[row],
                    total[row],
                    parts=_at(place, parts),
                    attributes=_at(place, attributes),
                    duplicates=copies.get(snapshot.segments[row].segment_id, ()),
                ),
                snapshot.vectors[row],
                looks[place].times_s,
                looks[place].scores,
                _relatives(snapshot, related[place], total),
                hubness[place],
                looks[place].parts,
            )
        )
    return tuple(candidates)


def _at(place: int, amounts: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    return {name: float(values[place]) for name, values in amounts.items()}


def _hit(
    snapshot: Snapshot,
    row: int,
    rank: int,
    total: float,
    *,
    parts: Mapping[str, float],
    attributes: Mapping[str, float],
    duplicates: tuple[str, ...],
) -> Hit:
    segment = snapshot.segments[row]
    said = snapshot.transcripts[row]
    return Hit(
        rank=rank,
        segment_id=segment.segment_id,
        video=snapshot.place(segment.video_id),
        level=segment.level,
        start_s=segment.start_s,
        end_s=segment.end_s,
        score=total,
        raw_score=total,
        raw_rank=rank,
        parts=parts,
        video_id=segment.video_id,
        transcript=said if len(said) <= QUOTE_LENGTH else said[: QUOTE_LENGTH - 1] + "…",
        coherence=float(snapshot.coherence[row]),
        attributes=attributes,
        duplicates=duplicates,
    )


def _related_rows(snapshot: Snapshot, row: int) -> list[tuple[str, int]]:
    """Ancestors and neighbours in time that there are."""
    related = [("ancestor", a) for a in snapshot.ancestors(row)]
    related += [("previous", int(snapshot.previous_rows[row])), ("next", int(snapshot.next_rows[row]))]
    return [(relation, r) for relation, r in related if r >= 0]


def _relatives(
    snapshot: Snapshot, related: Sequence[tuple[str, int]], total: Mapping[int, float]
) -> tuple[Relative, ...]:
    return tuple(
        Relative(relation, s.segment_id, s.level, s.start_s, s.end_s, total[r])
        for relation, r in related
        for s in (snapshot.segments[r],)
    )


def _hubness(scores: Scores, order: list[int], bank: NDArray[np.float32] | None) -> list[float | None]:
    """Mean score of each row's best few queries of the bank, on the scale of the vector part."""
    if bank is None or scores.probe is None or not order:
        return [None] * len(order)
    weights = np.stack([scores.space.probe(vector).weights for vector in bank])
    matrix = scores.balance.vector * (scores.space.items[order] @ weights.T)
    matrix *= scores.belief[order, None]
    best = min(len(bank), max(FEWEST_QUERIES, round(HUBNESS_SHARE * len(bank))))
    return [float(value) for value in np.sort(matrix, axis=1)[:, -best:].mean(axis=1)]


def _notes(query: Query, scores: Scores) -> tuple[str, ...]:
    """What the user should know: words that were guessed, and those that were neither known nor heard."""
    lost = words_not_taken(query.terms, query.unknown_words)
    unknown = [w for w in lost if w.lower() not in scores.text.heard]
    heard = [w for w in lost if w.lower() in scores.text.heard]
    guessed = dict.fromkeys(f"“{t.phrase}” as “{t.entry}”" for t in query.terms if t.entry)
    notes = []
    if guessed:
        notes.append(f"Taken for the nearest words that the encoder knows: {', '.join(guessed)}.")
    if heard:
        notes.append(f"Found only in what is said: {', '.join(heard)}.")
    if unknown:
        notes.append(f"Not understood, and said nowhere: {', '.join(unknown)}.")
    return tuple(notes)
