"""How two segmentations of one video agree: boundaries with a tolerance, and segments by overlap."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

from videxplore.stages.evaluation.edges import (
    Edges,
    coverage,
    overflow,
    overlaps,
    p_k,
    relative_f1,
    score_boundaries,
    window_difference,
)
from videxplore.values.checks import check_kind
from videxplore.values.media import Span
from videxplore.values.reports import SegmentationReport
from videxplore.values.segments import SegmentTree


class Timed(Protocol):
    """Anything that lasts from ``start_s`` to ``end_s``."""

    @property
    def start_s(self) -> float:
        """When it begins, in seconds."""
        ...

    @property
    def end_s(self) -> float:
        """When it ends, in seconds."""
        ...


class Leveled(Protocol):
    """Anything that knows its segments by level: a :class:`SegmentTree`, or the truth of a sample film."""

    def at(self, level: str) -> Sequence[Timed]:
        """Segments of a level in time order; they tile the video."""
        ...


def compare_segmentations(
    a: SegmentTree,
    b: SegmentTree,
    *,
    truth: Leveled | None = None,
    tolerance_s: float = 0.5,
) -> SegmentationReport:
    """Compare two ways to cut one video, level by level.

    With ``truth`` both are held against it, on every level that all know (each one's leaves against the
    truth's finest level among them). Without, ``a`` is held against ``b``.

    Each row has: ``system``, ``level``; ``precision``, ``recall``, ``f1`` of inner boundaries, matched
    one-to-one, nearest first, at most ``tolerance_s`` apart; ``f1_relative``, the same with 5 % of the
    duration as tolerance (GEBD); ``found``, ``known``, their numbers; ``coverage`` and ``overflow``
    (Vendrig & Worring, 2002; no segment divided: 1, none crossed: 0); ``window_difference`` and ``p_k``
    (0 is best); ``over_segmentation``, found segments per known one; ``contamination``, the share of the
    found segments' duration that belongs to another reference segment than the one each mostly shows:
    what a window's vector holds of other segments. Their definitions: :mod:`.edges`.

    Args:
        a: a tree.
        b: another tree of the same video.
        truth: the known segments, by level.
        tolerance_s: how far apart two boundaries may be to match, in seconds.

    Raises:
        TypeError: what is no tree.
        ValueError: ``tolerance_s`` is negative, or the trees are of different videos.
    """
    for name, tree in (("a", a), ("b", b)):
        check_kind(name, tree, SegmentTree, "what vx.segment(video) returned")
    if not tolerance_s >= 0:
        raise ValueError(f"tolerance_s must be ≥ 0 seconds, got {tolerance_s!r}.")
    if a.video.video_id != b.video.video_id:
        raise ValueError(
            f"a and b must be trees of one video, got {a.video.path.name!r} and {b.video.path.name!r}."
        )
    reference: Leveled = b if truth is None else truth
    rows: list[dict[str, object]] = []
    for tree in (a,) if truth is None else (a, b):
        for level in tree.levels[:-1]:
            known = _known(reference, level)
            if known is not None:
                system = tree.method if truth is None or a.method != b.method else _name(tree, a)
                rows.append(
                    {"system": system, "level": level}
                    | score_segments(list_edges(tree.at(level)), known, tolerance_s)
                )
    return SegmentationReport(tuple(rows), tolerance_s)


def _name(tree: SegmentTree, a: SegmentTree) -> str:
    return f"{tree.method} ({'a' if tree is a else 'b'})"


def _known(reference: Leveled, level: str) -> Edges | None:
    try:
        return list_edges(reference.at(level))
    except ValueError:
        return None


def list_edges(segments: Sequence[Timed]) -> Edges:
    """Return the edges (n + 1,) of n segments that tile a video."""
    return np.array([segments[0].start_s, *(s.end_s for s in segments)])


def score_segments(found: Edges, known: Edges, tolerance_s: float) -> dict[str, object]:
    """Return the figures of :func:`compare_segmentations` for edges (n + 1,) against edges (m + 1,)."""
    precision, recall, f1 = score_boundaries(found, known, tolerance_s)
    shared = overlaps(found, known)
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "f1_relative": relative_f1(found, known),
        "found": len(found) - 2,
        "known": len(known) - 2,
        "coverage": coverage(found, known),
        "overflow": overflow(found, known),
        "window_difference": window_difference(found, known),
        "p_k": p_k(found, known),
        "over_segmentation": (len(found) - 1) / (len(known) - 1),
        "contamination": float(1 - shared.max(axis=1).sum() / shared.sum()),
    }


def share_recalled(found: Sequence[Span], known: Sequence[Span], *, iou: float = 0.5) -> float:
    """Return the share of ``known`` spans that some ``found`` span overlaps by at least ``iou``."""
    if not known:
        return 1.0
    return sum(any(f.iou(k) >= iou for f in found) for k in known) / len(known)


def contaminate(window: Span, segments: Sequence[Timed]) -> float:
    """Return the share of ``window`` outside the segment it shows most of.

    >>> contaminate(Span(0, 10), [Span(0, 4), Span(4, 6), Span(6, 20)])
    0.6
    """
    shares = [window.overlap_s(Span(s.start_s, s.end_s)) for s in segments]
    return round(1 - max(shares) / window.duration_s, 12)


def windows(duration_s: float, length_s: float) -> list[Span]:
    """Return fixed windows that tile ``duration_s`` seconds, the last one shorter."""
    edges = [*np.arange(0, duration_s - 1e-9, length_s).tolist(), duration_s]
    return [Span(start, end) for start, end in pairwise(edges)]
