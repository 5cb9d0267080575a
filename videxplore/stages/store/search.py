"""A query against a library: scores, the pool of candidates, the ranking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.annotations import Noted
from videxplore.stages.store.attention import MEAN, check_parents
from videxplore.stages.store.background import Background
from videxplore.stages.store.candidates import make_candidates
from videxplore.stages.store.copies import fold_copies
from videxplore.stages.store.filters import level_mask, where_mask
from videxplore.stages.store.frames import FrameCache
from videxplore.stages.store.fusion import WEIGHTED, checked_weights
from videxplore.stages.store.granularity import AUTO_LEVEL, LevelChoice, best_scores, choose_level
from videxplore.stages.store.scores import Scores, first_pass, score_all
from videxplore.stages.store.scoring import Space
from videxplore.stages.store.snapshot import Snapshot
from videxplore.stages.store.spoken import Spoken
from videxplore.values.containment import keep_unrelated
from videxplore.values.rankings import Query, Ranking, words_not_taken

SMALLEST_POOL = 100
"""A reranker sees at least this many candidates."""

AT_ONCE = 2**23
"""Numbers in the bounds of queries that share a first pass: what they take of memory stays below 200 MB."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a library is searched.

    Attributes:
        k: number of hits.
        pool: number of candidates.
        level: a level name, several, ``"any"`` or ``"auto"``.
        weights: multipliers per modality.
        where: column -> value or values, or a condition.
        fusion: how modalities are joined, ``"weighted"`` or ``"rrf"``.
        fold: cosine from which segments of one level count as copies of each other, or None.
        parents: how parents are scored, ``"mean"`` or ``"attention"``.
    """

    k: int = 10
    pool: int = SMALLEST_POOL
    level: str | Sequence[str] = "any"
    weights: Mapping[str, float] | None = None
    where: Mapping[str, Any] | str | None = None
    fusion: str = WEIGHTED
    fold: float | None = None
    parents: str = MEAN


@dataclass(frozen=True, eq=False)
class Asked:
    """One query of a search.

    Attributes:
        query: what was asked.
        direction: float32 (d,) to compare with centred items, or None where only words count.
        among: rows that an index proposes, or None for all; rows whose transcripts answer are added.
    """

    query: Query
    direction: NDArray[np.float32] | None
    among: NDArray[np.intp] | None = None


@dataclass(frozen=True, eq=False)
class _Pool:
    """The best rows for one query, best first, with the copies folded into them and remarks for the user."""

    scores: Scores
    order: NDArray[np.intp]
    copies: Mapping[str, tuple[str, ...]]
    level: str
    notes: tuple[str, ...]


def search(
    snapshot: Snapshot,
    asked: Sequence[Asked],
    options: Options,
    *,
    table: Any,
    frames: Callable[[Space], FrameCache],
    background: Background,
    noted: Callable[[], Noted],
    spoken: Callable[[], Spoken | None],
) -> list[Ranking]:
    """Rank the segments of a library for each of several queries.

    The queries share what reads much: the first pass over the vectors, the condition, the frames of their
    candidates. Each answer is the same, to the bit, as if its query had been asked alone.

    Args:
        snapshot: of the library.
        asked: the queries.
        options: of all of them.
        table: the open ``segments`` table, for its full-text index.
        frames: of the same library, for the space that is compared in.
        background: unrelated queries of the same library.
        noted: reads what was noted of its segments.
        spoken: reads transcripts by meaning, where the library has them; called where words are asked for.

    Raises:
        ValueError: an unknown level, column, modality or way to score parents.
    """
    check_parents(options.parents)
    weights = checked_weights(options.weights, tuple(snapshot.card.slices()))
    allowed = where_mask(snapshot, options.where, noted)
    rankings: list[Ranking] = []
    together = max(1, AT_ONCE // len(snapshot))
    for start in range(0, len(asked), together):
        some = asked[start : start + together]
        scored = [
            score_all(
                snapshot,
                one.query,
                one.direction,
                table=table,
                weights=weights,
                fusion=options.fusion,
                parents=options.parents,
                spoken=spoken,
            )
            for one in some
        ]
        pools = [
            _choose_pool(snapshot, one, options, scores, allowed)
            for one, scores in zip(some, first_pass(scored), strict=True)
        ]
        _hold_frames(snapshot, pools, frames)
        rankings += [
            _rank(snapshot, one.query, options, pool, frames(pool.scores.space), background)
            for one, pool in zip(some, pools, strict=True)
        ]
    return rankings


def _choose_pool(
    snapshot: Snapshot, asked: Asked, options: Options, scores: Scores, allowed: NDArray[np.bool_]
) -> _Pool:
    notes, level = _notes(asked.query, scores), options.level
    if level == AUTO_LEVEL:
        choice = _choose_level(snapshot, asked.query, scores, allowed)
        level = choice.level
        notes += (f"Searched on the level “{choice.level}”: {choice.reason}. Set level= to decide yourself.",)
    eligible = allowed & level_mask(snapshot, level)
    if asked.among is not None:
        proposed = scores.text.scores > 0
        proposed[asked.among] = True
        eligible &= proposed
    rows = np.flatnonzero(eligible & (scores.bounds[0] > 0) if scores.probe is None else eligible)
    order = scores.best(rows, options.pool if options.fold is None else len(rows))
    order, copies = fold_copies(snapshot, order, options.pool, options.fold)
    name = level if isinstance(level, str) else ", ".join(level)
    return _Pool(scores, order, copies, name, notes)


def _hold_frames(snapshot: Snapshot, pools: Sequence[_Pool], frames: Callable[[Space], FrameCache]) -> None:
    """Read the frames of all candidates in one scan of the table; whoever wants them next finds them held."""
    for unit in (True, False):
        mine = [p for p in pools if p.scores.space.unit == unit and p.scores.compares_frames]
        if mine:
            rows = np.concatenate([pool.order for pool in mine]).tolist()
            frames(mine[0].scores.space).get(snapshot.segments[row].video_id for row in rows)


def _rank(
    snapshot: Snapshot,
    query: Query,
    options: Options,
    pool: _Pool,
    frames: FrameCache,
    background: Background,
) -> Ranking:
    order = pool.order.tolist()
    shown = _shown(snapshot, order, options.k)
    hidden = [row for row in order if row not in shown]
    # What is not shown counts on behind the hits, so that a raw rank is the rank that was seen.
    ranks = {row: rank for rank, row in enumerate([*shown, *hidden], start=1)}
    candidates = make_candidates(snapshot, pool.scores, order, ranks, pool.copies, frames, background.bank)
    percentiles = background.percentiles(query, pool.scores, pool.order, options.weights)
    cosines = _cosines(snapshot, query, pool.order)
    candidates = tuple(
        replace(c, hit=replace(c.hit, percentile=percentile, cosine=cosine))
        for c, percentile, cosine in zip(candidates, percentiles, cosines, strict=True)
    )
    hit_of = {c.hit.segment_id: c.hit for c in candidates}
    hits = [replace(hit_of[snapshot.segments[r].segment_id], suppressed=ids) for r, ids in shown.items()]
    return Ranking(query, tuple(hits), candidates, notes=pool.notes, level=pool.level)


def _cosines(snapshot: Snapshot, query: Query, rows: NDArray[np.intp]) -> list[float | None]:
    """Plain cosines of the query's vector with the stored vectors, as any other program computes them."""
    if query.vector is None or not np.any(query.vector):
        return [None] * len(rows)
    return (snapshot.vectors[rows] @ (query.vector / np.linalg.norm(query.vector))).tolist()


def _choose_level(
    snapshot: Snapshot, query: Query, scores: Scores, allowed: NDArray[np.bool_]
) -> LevelChoice:
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
    if scores.text.meant:
        notes.append("What is said was compared by its meaning too.")
    return tuple(notes)
