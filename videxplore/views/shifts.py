"""A comparison of rankings as plain dictionaries: one column per ranking, one fact sheet per segment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from videxplore.values.rankings import Hit, Ranking, Reason
from videxplore.values.reports import Move, RankingShift
from videxplore.values.segments import LEVELS
from videxplore.views.describe import describe_hit, describe_query, describe_segment, plain, time_range
from videxplore.views.tokens import STATES, token

KIND_WORDS = {
    "raw": "each segment compared with the query alone",
    "joint": "joint: candidates see each other",
    "pointwise": "pointwise: no candidate sees another",
    "diversity": "diversity: what is alike is spread out",
}
"""What ordered a ranking, in words for people."""

MOST_SENSITIVE = 1.5
"""Ranks by which a candidate may move with the order of reading before a reader is warned."""

_SHOWN_METRICS = ("ndcg", "ap", "recall", "mrr")
_TOLD = 3
_LEAST_TOLD = 0.005
_RISING = ("up", "entered")
_ASIDE = re.compile(r"\s*\(([^()]*)\)")
_BEST = re.compile(r"best at ([\d:.]+)")


def describe_shift(shift: RankingShift, levels: Sequence[str] = LEVELS) -> dict[str, Any]:
    """Return every ranking as a column, the segments in them by id, and what reasons point at.

    Args:
        shift: the comparison.
        levels: level names, finest first.
    """
    columns = [_raw_column(shift), *(_column(shift, i) for i in range(len(shift.others)))]
    hits: dict[str, Hit] = {}
    for ranking in (*shift.others, shift.raw):
        hits |= {c.hit.segment_id: c.hit for c in ranking.candidates} | {h.segment_id: h for h in ranking}
    shown = dict.fromkeys(i for column in columns for i in column["ids"])
    notes = list(shift.raw.notes)
    return {
        "query": describe_query(shift.raw.query, [*notes, *(n for o in shift.others for n in o.notes)]),
        "notes": [plain(note) for note in notes],
        "k": shift.k,
        "pool": len(shift.raw.candidates),
        "judged": sum(judgement.gain > 0 for judgement in shift.judged),
        "columns": columns,
        "items": {i: _facts(hits[i], shift.earned, levels) for i in shown},
        "sources": _sources(shift, shown, levels),
    }


def _facts(hit: Hit, earned: Mapping[str, int], levels: Sequence[str]) -> dict[str, Any]:
    """What is true of a segment in whatever ranking."""
    told = describe_hit(hit, levels)
    ranked = ("rank", "score", "reasons", "coherence")
    return {name: value for name, value in told.items() if name not in ranked} | {
        "gain": earned.get(hit.segment_id, 0)
    }


def _sources(shift: RankingShift, shown: Iterable[str], levels: Sequence[str]) -> dict[str, Any]:
    """The segments that reasons name and no column shows, so that they can be looked at too."""
    named = {
        reason.segment_id
        for moves in shift.moves
        for move in moves
        if move.after
        for reason in move.after.reasons
    } - set(shown)
    places = {
        r.segment_id: (c.hit.video, r.level, r.start_s, r.end_s)
        for c in shift.raw.candidates
        for r in c.relatives
    } | {h.segment_id: (h.video, h.level, h.start_s, h.end_s) for h in (c.hit for c in shift.raw.candidates)}
    return {
        i: describe_segment(i, video=video, level=level, start_s=start_s, end_s=end_s, levels=levels)
        for i, (video, level, start_s, end_s) in places.items()
        if i in named
    }


def _raw_column(shift: RankingShift) -> dict[str, Any]:
    hits = shift.raw.hits[: shift.k]
    return _named(shift.raw) | {
        "cautions": [],
        "ids": [hit.segment_id for hit in hits],
        "moves": {h.segment_id: {"before": h.rank, "after": h.rank, "score": h.score} for h in hits},
        "summary": {"metrics": _metrics(shift, 0)},
    }


def _column(shift: RankingShift, other: int) -> dict[str, Any]:
    """One ranking beside the raw one."""
    ranking, moves = shift.others[other], shift.moves[other]
    pool = {c.hit.segment_id: c.hit for c in ranking.candidates}
    cautions = shift.cautions[other] if shift.cautions else ()
    return _named(ranking) | {
        "cautions": [plain(caution) for caution in cautions],
        "ids": [m.segment_id for m in sorted(moves, key=_rank_after) if m.after],
        "moves": {move.segment_id: _describe_move(move, pool, shift, ranking) for move in moves},
        "summary": _summarize(shift, other),
    }


def _named(ranking: Ranking) -> dict[str, Any]:
    """What ordered a ranking, and what it said of itself."""
    unsure = ranking.order_sensitivity
    return {
        "system": plain(ranking.system),
        "kind": ranking.kind,
        "about": KIND_WORDS[ranking.kind],
        "notes": [plain(note) for note in ranking.notes],
        "sensitivity": unsure,
        "unsure": unsure is not None and unsure > MOST_SENSITIVE,
    }


def _describe_move(
    move: Move, pool: Mapping[str, Hit], shift: RankingShift, ranking: Ranking
) -> dict[str, Any]:
    """What became of one segment and why; ``pool`` has the new hits of all candidates."""
    hit = move.after or pool.get(move.segment_id)
    before, after = (end.rank if end else None for end in (move.before, move.after))
    raw_rank = hit.raw_rank if hit else None
    reasons = hit.reasons if hit else ()
    return {
        "before": before,
        "after": after,
        "state": move.state,
        "word": STATES.get(move.state, move.state),
        "symbol": token(f"{move.state}-symbol"),
        "score": hit.score if hit else None,
        "words": move_words(
            move.state, before, after, shift.k, raw_rank=raw_rank, now=hit.rank if hit else None
        ),
        "because": _relieved(move, shift.raw, ranking)
        or (because(move.state, reasons) if hit else "its new score is not kept"),
        "reasons": [
            {"kind": r.kind, "amount": float(r.amount), "text": plain(r.text), "id": r.segment_id}
            for r in reasons
        ],
    }


def _relieved(move: Move, raw: Ranking, other: Ranking) -> str:
    """Of what entered or left because no list shows a segment beside a part of itself: who stood for it."""
    entered = move.state == "entered"
    own = move.after if entered else move.before
    if own is None or move.state not in ("entered", "left"):
        return ""
    shown = raw.hits if entered else other.hits
    stands = next((hit for hit in shown if move.segment_id in hit.suppressed), None)
    if stands is None:
        return ""
    place = "around" if stands.duration_s > own.duration_s else "inside"
    name = f"the {plain(stands.level)} {time_range(stands.start_s, stands.end_s)} {place} it"
    return f"{name} stood for it before" if entered else f"{name} stands for it now, at rank {stands.rank}"


def move_words(
    state: str, before: int | None, after: int | None, k: int, *, raw_rank: int | None, now: int | None
) -> str:
    """Return what happened to a segment, in words.

    >>> move_words("up", 7, 1, 10, raw_rank=7, now=1)
    'rose 6, from rank 7 to 1'
    """
    if state == "entered":
        return f"entered the first {k} at rank {after}, from rank {raw_rank}"
    if state == "left":
        pool = f"; now rank {now} of the pool" if now else ""
        return f"left the first {k}, from rank {before}{pool}"
    if before is None or after is None or state == "same":
        return f"stays at rank {after}"
    return f"{'rose' if state == 'up' else 'fell'} {abs(before - after)}, from rank {before} to {after}"


def because(state: str, reasons: Sequence[Reason]) -> str:
    """Return why a segment moved: the reasons that point the way it went, largest first.

    >>> near = Reason("next", 0.1, "lifted by the moment just after it (0:04.0–0:08.0)")
    >>> best = Reason("best-frames", 0.2, "its best frames match better than its average (best at 0:41.2)")
    >>> because("up", [near, best])
    'its best frames match better than its average, lifted by the moment just after it; best frame at 0:41.2'
    """
    if state == "same":
        return ""
    sign = 1 if state in _RISING else -1
    told = sorted((r for r in reasons if sign * r.amount >= _LEAST_TOLD), key=lambda r: -abs(r.amount))[
        :_TOLD
    ]
    if not told:
        return "others moved around it"
    phrases: list[str] = []
    for reason in told:
        words = _ASIDE.sub("", plain(reason.text)).rstrip(". ")
        words = words[:1].lower() + words[1:]
        lifted = any(phrase.startswith(("lifted by", "by ")) for phrase in phrases)
        phrases.append(words.removeprefix("lifted ") if lifted and words.startswith("lifted by") else words)
    best = next((found for r in told if (found := _BEST.search(r.text))), None)
    return ", ".join(phrases) + (f"; best frame at {best.group(1)}" if best else "")


def _rank_after(move: Move) -> int:
    return move.after.rank if move.after else 0


def _summarize(shift: RankingShift, other: int) -> dict[str, Any]:
    """Figures of one comparison, in the order in which they are shown."""
    counts = {state: sum(move.state == state for move in shift.moves[other]) for state in STATES}
    return {
        "counts": counts,
        "moved": sum(count for state, count in counts.items() if state != "same"),
        "overlap": float(shift.overlap[other]),
        "kendall_tau": float(shift.kendall_tau[other]),
        "rbo": float(shift.rbo[other]),
        "metrics": _metrics(shift, other + 1),
    }


def _metrics(shift: RankingShift, column: int) -> list[dict[str, Any]]:
    """The best known figures of a ranking, each with its distance from that of the raw one."""
    known = {name.split("@")[0]: (name, values) for name, values in reversed(list(shift.metrics.items()))}
    return [
        {"name": plain(name), "value": values[column], "raw": values[0], "delta": values[column] - values[0]}
        for name, values in (known[short] for short in _SHOWN_METRICS if short in known)
    ]
