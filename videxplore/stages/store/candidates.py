"""The pool of a ranking: rows of a library with all that a reranker may look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.frames import FrameCache
from videxplore.stages.store.fusion import WEIGHTED
from videxplore.stages.store.scores import Scores
from videxplore.stages.store.second_look import look_again
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.rankings import Candidate, Hit, Relative

QUOTE_LENGTH = 200
"""Characters of the transcript that a hit quotes."""

HUBNESS_SHARE, FEWEST_QUERIES = 0.05, 3
"""Share of the query bank whose scores make up an item's hubness, and how many at least: one is noise.
Chosen on the dev queries, between .01 and .4."""


def make_candidates(
    snapshot: Snapshot,
    scores: Scores,
    order: list[int],
    ranks: Mapping[int, int],
    copies: Mapping[str, tuple[str, ...]],
    frames: FrameCache,
    bank: NDArray[np.float32] | None,
) -> tuple[Candidate, ...]:
    """Return the rows in ``order`` as candidates, in that order.

    Args:
        snapshot: of the library.
        scores: of the query.
        order: rows.
        ranks: raw rank per row.
        copies: ids folded into a segment, by its id.
        frames: of the same library, in the space of the scores.
        bank: float32 (q, d) generic queries for hubness, or None.
    """
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
    """Ancestors, neighbours in time and parts that there are."""
    related = [("ancestor", a) for a in snapshot.ancestors(row)]
    related += [("part", part) for part in snapshot.child_rows.get(row, ())]
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
    """Mean score of each row's best few queries of the bank, on the scale of the vector part.

    Nothing where ranks are joined: the bank has none.
    """
    if bank is None or scores.probe is None or scores.fusion != WEIGHTED or not order:
        return [None] * len(order)
    weights = np.stack([scores.space.probe(vector).weights for vector in bank])
    matrix = scores.balance.vector * (scores.space.items[order] @ weights.T)
    matrix *= scores.belief[order, None]
    best = min(len(bank), max(FEWEST_QUERIES, round(HUBNESS_SHARE * len(bank))))
    return [float(value) for value in np.sort(matrix, axis=1)[:, -best:].mean(axis=1)]
