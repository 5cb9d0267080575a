"""``level="auto"``: which level a query is about, and why.

Words about scope decide where there are any: "half", "scene", "the whole match". Otherwise the profile of the
scores does. On the development queries of the sample set that profile hardly tells a scene from an event
(best scores of a scene over those of a moment: .95 ± .12 for queries about scenes, .91 ± .19 for events), so
a coarser level has to win clearly before it is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AUTO_LEVEL = "auto"

CLEARLY = 1.25
"""How many times the best score of the finest level a coarser level's best must be to be taken for it."""

_ROLES: Mapping[str, frozenset[str]] = {
    "finest": frozenset({"moment", "moments", "instant", "second", "seconds", "shot", "shots", "glimpse"}),
    "second": frozenset({"scene", "scenes", "sequence", "sequences", "while"}),
    "upper": frozenset(
        {"half", "halves", "chapter", "chapters", "part", "parts", "act", "acts", "section", "sections"}
        | {"period", "periods", "quarter", "quarters", "stretch", "stretches", "aftermath", "long"}
        | {"morning", "afternoon", "evening", "before", "after", "until", "throughout"}
    ),
    "whole": frozenset({"whole", "entire", "entirely", "full", "complete", "film", "films", "recording"}),
}
_REPEATED = frozenset({"multiple", "several", "repeated", "repeatedly"})
"""Words for how often: how many of a thing there are, a moment can show."""


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """The level chosen, and one sentence that says why."""

    level: str
    reason: str


def choose_level(text: str, levels: Sequence[str], best: Mapping[str, float]) -> LevelChoice:
    """Choose the level that a query is about.

    Args:
        text: the query's words, empty where it has none.
        levels: names, finest first, at least one.
        best: highest score among the segments that tile their videos on a level, for each level.

    >>> choose_level("first half with multiple turnovers", ["moment", "scene", "chapter", "video"], {}).level
    'chapter'
    """
    words = re.findall(r"[^\W_]+", text.lower())
    for word in words:
        if word in levels:
            return LevelChoice(word, f"the query names it: “{word}”")
    for role, vocabulary in _ROLES.items():
        said = next((w for w in words if w in vocabulary), None)
        if said is not None:
            return LevelChoice(_level_of(role, levels), f"“{said}” is about that much of a video")
    said = next((word for word in words if word in _REPEATED), None)
    if said is not None and len(levels) > 1:
        return LevelChoice(_level_of("second", levels), f"“{said}” needs more than one moment")
    return _by_profile(levels, best)


def _level_of(role: str, levels: Sequence[str]) -> str:
    """The level that plays a role in this library: a library may have two levels or five."""
    place = {"finest": 0, "second": 1, "upper": max(len(levels) - 2, 1), "whole": len(levels) - 1}[role]
    return levels[min(place, len(levels) - 1)]


def _by_profile(levels: Sequence[str], best: Mapping[str, float]) -> LevelChoice:
    finest = levels[0]
    known = {level: best[level] for level in levels if np.isfinite(best.get(level, -np.inf))}
    if known.get(finest, 0.0) > 0:
        top = max(known, key=lambda level: known[level])
        if known[top] >= CLEARLY * known[finest]:
            return LevelChoice(top, f"its best segment matches far better than any {finest}")
    return LevelChoice(finest, "no word is about scope, and no longer segment matches clearly better")


def best_scores(
    scores: NDArray[np.float64], stands_for: NDArray[np.bool_], levels: Sequence[str], mask: NDArray[np.bool_]
) -> dict[str, float]:
    """Highest score on each level, −inf where nothing is eligible.

    Args:
        scores: (n,).
        stands_for: (n, levels).
        levels: names of its columns.
        mask: bool (n,), what may be returned.
    """
    rows = {level: stands_for[:, column] & mask for column, level in enumerate(levels)}
    return {level: float(scores[mine].max()) if mine.any() else -np.inf for level, mine in rows.items()}
