"""How two segmentations of one video agree: boundaries with a tolerance, and segments by overlap."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from videxplore.values.media import Span
from videxplore.values.reports import SegmentationReport
from videxplore.values.segments import SegmentTree

Edges = NDArray[np.float64]


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
    one-to-one, nearest first, at most ``tolerance_s`` apart; ``found``, ``known`` their numbers;
    ``coverage``, the share of the reference's duration that lies in its segments' largest found parts
    (Vendrig & Worring, 2002); ``over_segmentation``, found segments per known one; ``contamination``,
    the share of the found segments' duration that belongs to another reference segment than the one
    each mostly shows: what a window's vector holds of other segments.

    Args:
        a: a tree.
        b: another tree of the same video.
        truth: the known segments, by level.
        tolerance_s: how far apart two boundaries may be to match, in seconds.

    Raises:
        ValueError: ``tolerance_s`` is negative, or the trees are of different videos.
    """
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
    matched = len(match_boundaries(found[1:-1], known[1:-1], tolerance_s))
    inner_found, inner_known = len(found) - 2, len(known) - 2
    # Nothing to find and nothing found is perfect; claims without truth are all wrong.
    precision = matched / inner_found if inner_found else float(inner_known == 0)
    recall = matched / inner_known if inner_known else float(inner_found == 0)
    overlap = overlaps(found, known)
    total = overlap.sum()
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * matched / (inner_found + inner_known) if inner_found + inner_known else 1.0,
        "found": inner_found,
        "known": inner_known,
        "coverage": float(overlap.max(axis=0).sum() / total),
        "over_segmentation": (len(found) - 1) / (len(known) - 1),
        "contamination": float(1 - overlap.max(axis=1).sum() / total),
    }


def match_boundaries(found: Edges, known: Edges, tolerance_s: float) -> list[tuple[int, int]]:
    """Return pairs (index in ``found``, index in ``known``), one-to-one, nearest first."""
    if not len(found) or not len(known):
        return []
    apart = np.abs(np.asarray(found)[:, None] - np.asarray(known)[None, :])
    near = np.argwhere(apart <= tolerance_s + 1e-9)
    pairs: list[tuple[int, int]] = []
    used_found: set[int] = set()
    used_known: set[int] = set()
    for i, j in sorted(near.tolist(), key=lambda pair: (apart[pair[0], pair[1]], *pair)):
        if i not in used_found and j not in used_known:
            used_found.add(i)
            used_known.add(j)
            pairs.append((i, j))
    return sorted(pairs)


def overlaps(found: Edges, known: Edges) -> NDArray[np.float64]:
    """Return seconds shared (n, m) by each found and each known segment."""
    low = np.maximum(found[:-1, None], known[None, :-1])
    high = np.minimum(found[1:, None], known[None, 1:])
    return np.maximum(0.0, high - low)


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
