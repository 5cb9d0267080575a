"""A segment tree as plain data for the timeline: levels, boundaries with what spoke for them, recipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from videxplore.values.segments import Boundary, Segment, SegmentTree
from videxplore.views.describe import file_name, plain
from videxplore.views.tokens import tier_of

EVENTS = {
    "cut": "shot cut",
    "gradual": "gradual change of shot",
    "onset": "sudden sound",
    "speech_start": "someone begins to speak",
    "speaker": "another person speaks",
}
"""What happens at one moment, in words: it speaks for a boundary, but is no signal with a weight."""

_BY_HAND = "edited"  # told by what was done to the boundary, not as a share
_SIGNALS = ("picture", "motion", "sound", "speech")
_SAME_S = 0.0005
_LEAST = 0.005


def outline(tree: SegmentTree) -> dict[str, Any]:
    """Return what the timeline draws of a tree.

    Keys: ``name``, ``duration`` (s), ``method``; ``levels``, coarsest first, each with ``name``, ``tier``,
    its target in seconds (None without one), a ``note`` where it is missed, and per segment ``ids``,
    ``starts``, ``ends``, ``labels``;
    ``boundaries`` in time order; ``signals`` with their weights; ``events``, the other kinds of evidence;
    ``edits``, how many; ``fixed``, why it cannot be cut again, or an empty text.

    Args:
        tree: the segments of one video.
    """
    recipe = tree.recipe
    names = dict.fromkeys(name for b in tree.boundaries for name in b.evidence if name != _BY_HAND)
    weights: Mapping[str, float] = {} if recipe is None else recipe.weights
    signals = [n for n in _SIGNALS if n in names or n in weights]
    signals += sorted(n for n in {*names, *weights} if n not in EVENTS and n not in _SIGNALS)
    targets: Mapping[str, float | None] = {} if recipe is None else recipe.levels
    return {
        "name": file_name(str(tree.video.path)),
        "duration": float(tree.video.duration_s),
        "method": plain(tree.method),
        "levels": [_level(tree, name, targets.get(name)) for name in reversed(tree.levels)],
        "boundaries": [_boundary(tree, b) for b in sorted(tree.boundaries, key=lambda b: b.time_s)],
        "signals": [{"key": n, "word": plain(n), "weight": weights.get(n)} for n in signals],
        "events": [{"key": n, "word": EVENTS[n]} for n in EVENTS if n in names],
        "edits": len(tree.edits),
        "fixed": "" if recipe is not None and tree.recutter is not None else _why_fixed(tree),
    }


def _why_fixed(tree: SegmentTree) -> str:
    """Say why sliders and edits are of no use here."""
    return (
        f"This tree keeps no signals (method “{plain(tree.method) or 'unknown'}”, or read from a library), "
        "so it cannot be cut again. vx.segment(video) measures them."
    )


def _level(tree: SegmentTree, name: str, target_s: float | None) -> dict[str, Any]:
    row = sorted((s for s in tree.segments if s.level == name), key=lambda s: s.start_s)
    labels = [plain(tree.labels.get(s.segment_id, "")) for s in row]
    often = Counter(labels)
    return {
        "name": plain(name),
        "key": name,
        "tier": tier_of(name, tree.levels),
        "target": target_s,
        "note": plain(tree.notes.get(name, "")),
        **spans(row),
        # A letter tells what is alike: one that occurs once tells nothing.
        "labels": [label if len(label) > 2 or often[label] > 1 else "" for label in labels],
    }


def spans(row: Sequence[Segment]) -> dict[str, list[Any]]:
    """Return segments in time order as lists of ``ids``, ``starts`` and ``ends`` (seconds)."""
    return {
        "ids": [s.segment_id for s in row],
        "starts": [round(s.start_s, 3) for s in row],
        "ends": [round(s.end_s, 3) for s in row],
    }


def _boundary(tree: SegmentTree, boundary: Boundary) -> dict[str, Any]:
    return {
        "time": float(boundary.time_s),
        "kind": plain(boundary.kind),
        "level": plain(boundary.level),
        "tier": tier_of(boundary.level, tree.levels),
        "span": [float(t) for t in boundary.span_s or ()],
        "strength": float(boundary.strength),
        "persistence": float(boundary.persistence),
        "evidence": {plain(name): float(value) for name, value in boundary.evidence.items()},
        "note": plain(boundary.note),
        "held": held_by_hand(tree, boundary.time_s),
    }


def held_by_hand(tree: SegmentTree, time_s: float) -> str:
    """Return the last edit that put or holds a boundary at ``time_s``, or an empty text."""
    for edit in reversed(tree.edits):
        if edit.to_s is not None and abs(edit.to_s - time_s) < _SAME_S:
            return edit.action
    return ""


def shares(
    boundary: Mapping[str, Any], signals: Sequence[Mapping[str, Any]]
) -> list[tuple[str, float, float]]:
    """Return (word, value, share of the sum) per signal that spoke for a boundary, the loudest first."""
    told = [(s["word"], boundary["evidence"].get(s["word"], 0.0)) for s in signals]
    total = sum(max(value, 0.0) for _, value in told)
    if total <= 0:
        return []
    return sorted(((w, v, v / total) for w, v in told if v / total >= _LEAST), key=lambda row: -row[1])
