"""What can be said of a candidate in one line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

import numpy as np

from videxplore.values.rankings import Candidate, Query
from videxplore.values.vectors import attribute_word

_ATTRIBUTES = 5
_NOTABLE = 0.05


def name_of(candidate: Candidate) -> str:
    """Where a candidate is, in few words."""
    hit = candidate.hit
    return f"{PurePath(hit.video).name} {hit.span}".strip()


def captions(candidates: Sequence[Candidate], query: Query, *, together: bool = True) -> list[str]:
    """One line for each candidate: how long it is, what is said in it, its strongest attributes.

    Attributes are known where the encoder's columns have names.

    Args:
        candidates: what the lines are about.
        query: whose card names the columns.
        together: whether candidates are read together: attributes are then those that set one apart, in
            which its vector lies furthest above the mean; otherwise a line depends on no other candidate.
    """
    apart = _strongest(candidates, query, together)
    lines = []
    for candidate, names in zip(candidates, apart, strict=True):
        hit = candidate.hit
        parts = [f"{hit.level}, {hit.duration_s:.0f} s" if hit.duration_s >= 1 else hit.level]
        if said := plain(hit.transcript):
            parts.append(f"said: “{said}”")
        if names:
            parts.append(", ".join(names))
        lines.append("; ".join(parts))
    return lines


def plain(text: str) -> str:
    """``text`` on one line, without marks that would end a turn of a conversation or stand for a picture."""
    return " ".join(text.replace("<|", "‹").replace("|>", "›").split())


def shorten(text: str, length: int) -> str:
    """``text`` in at most ``length`` characters, an ellipsis where something is missing.

    >>> shorten("a gunshot in the dark", 12)
    'a gunshot…'
    """
    if len(text) <= length:
        return text
    cut = text[: max(length - 1, 0)]
    at_word = cut.rsplit(" ", 1)[0] if " " in cut and len(cut.rsplit(" ", 1)[0]) > len(cut) // 2 else cut
    return at_word.rstrip(" ,;:") + "…"


def _strongest(candidates: Sequence[Candidate], query: Query, together: bool) -> list[list[str]]:
    card = query.card
    if card is None or not card.names or any(len(c.vector) != card.dimension for c in candidates):
        return [[] for _ in candidates]
    vectors = np.stack([c.vector for c in candidates])
    above = vectors - vectors.mean(axis=0) if together and len(vectors) > 1 else vectors
    best = np.argsort(-above, axis=1, kind="stable")
    rows = []
    for row, order in zip(above, best, strict=True):
        words = dict.fromkeys(
            attribute_word(card.names[i]) for i in order if row[i] > _NOTABLE and card.names[i]
        )
        rows.append(list(words)[:_ATTRIBUTES])
    return rows
