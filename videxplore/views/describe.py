"""Values as plain dictionaries that a template or a browser can show: summaries first, drawing later.

Every text is plain, never HTML: widgets write it with ``textContent``, templates escape it, figures pass
it through :func:`videxplore.views.figures.style.safe`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from videxplore.values.media import format_time
from videxplore.values.rankings import Hit, Query, Ranking, words_not_taken
from videxplore.values.segments import LEVELS
from videxplore.views.tokens import MODALITY_WORDS, tier_of

# Marks that turn the reading direction round or hide characters: a file name could pose as another.
_UNSEEN = {
    code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)
}


def plain(text: str) -> str:
    r"""Return ``text`` on one line, with control and direction marks made visible.

    >>> plain("clip\u202e4pm.exe")
    'clip\\u202e4pm.exe'
    """
    shown = text.translate(_UNSEEN)
    if shown.isprintable():
        return shown
    return "".join(c if c.isprintable() else " " for c in shown)


def excerpt(text: str, most: int) -> str:
    """Return a text, or so many characters from its beginning and a mark that it goes on.

    >>> excerpt("all of a sudden", 8)
    'all of a…'
    """
    return text if len(text) <= most else f"{text[:most].rstrip()}…"


def file_name(path: str) -> str:
    """Return the last part of ``path``, made safe to read."""
    return plain(path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1])


def time_range(start_s: float, end_s: float) -> str:
    """Return ``m:ss.s–m:ss.s``."""
    return f"{format_time(start_s)}–{format_time(end_s)}"


def describe_segment(
    segment_id: str,
    *,
    video: str,
    level: str,
    start_s: float,
    end_s: float,
    transcript: str = "",
    levels: Sequence[str] = LEVELS,
) -> dict[str, Any]:
    """Return what is needed to name, place and play one segment."""
    return {
        "id": segment_id,
        "name": file_name(video),
        "level": plain(level),
        "tier": tier_of(level, levels),
        "start": round(start_s, 3),
        "end": round(end_s, 3),
        "time": time_range(start_s, end_s),
        "transcript": plain(transcript),
    }


def describe_hit(hit: Hit, levels: Sequence[str] = LEVELS) -> dict[str, Any]:
    """Return one answer with both scores, the share of each modality and the reasons of its change."""
    return describe_segment(
        hit.segment_id,
        video=hit.video,
        level=hit.level,
        start_s=hit.start_s,
        end_s=hit.end_s,
        transcript=hit.transcript,
        levels=levels,
    ) | {
        "rank": hit.rank,
        "raw_rank": hit.raw_rank,
        "score": hit.score,
        "raw_score": hit.raw_score,
        "parts": [
            {
                "kind": name if name in MODALITY_WORDS else "other",
                "word": MODALITY_WORDS.get(name, plain(name)),
                "amount": float(amount),
            }
            for name, amount in hit.parts.items()
        ],
        "reasons": [
            {"kind": r.kind, "amount": float(r.amount), "text": plain(r.text), "id": r.segment_id}
            for r in hit.reasons
        ],
        "coherence": hit.coherence,
        "reading": _reading(hit.percentile),
        "also": _also(hit),
    }


def _reading(percentile: float | None) -> str:
    """What a percentile says, rounded down so that it never claims too much.

    >>> _reading(0.99256)
    'better than 99.2 % of unrelated matches'
    """
    if percentile is None:
        return ""
    if percentile >= 1.0:
        return "better than every unrelated match looked at"
    digits = 10 if percentile < 0.999 else 1000
    return f"better than {math.floor(100 * digits * percentile) / digits:g} % of unrelated matches"


def _also(hit: Hit) -> str:
    """What else a hit stands for: parts or wholes of it that match too, and copies."""
    related, copies = len(hit.suppressed), len(hit.duplicates)
    words = [f"+{related} inside or around"] if related else []
    words += [f"+{copies} alike"] if copies else []
    return ", ".join(words)


def describe_query(query: Query, notes: Sequence[str] = ()) -> dict[str, Any]:
    """Return the words asked for and those not understood, less those that a remark speaks of already."""
    said = " ".join(notes)
    return {
        "text": plain(query.source or query.text or "a vector"),
        "unknown": [plain(w) for w in words_not_taken(query.terms, query.unknown_words) if w not in said],
    }


def describe_ranking(ranking: Ranking, levels: Sequence[str] = LEVELS) -> dict[str, Any]:
    """Return a ranking with its query and remarks."""
    return {
        "query": describe_query(ranking.query, ranking.notes),
        "system": plain(ranking.system),
        "notes": [plain(note) for note in ranking.notes],
        "pool": len(ranking.candidates),
        "hits": [describe_hit(hit, levels) for hit in ranking.hits],
    }
