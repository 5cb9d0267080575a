"""Measures of how two divisions of one line agree, over their edges.

All take edges (n + 1,) in seconds: the beginning, the inner boundaries, the end. ``known`` is the reference.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Edges = NDArray[np.float64]

RELATIVE_TOLERANCE = 0.05
"""Share of a video's duration within which a boundary counts in Kinetics-GEBD (Shou et al., 2021)."""

_GRID = 4000
"""Places at which a window is laid when boundaries are counted in windows."""


def match_boundaries(found: Edges, known: Edges, tolerance_s: float) -> list[tuple[int, int]]:
    """Return pairs (index in ``found``, index in ``known``) of boundaries, one-to-one, nearest first."""
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


def score_boundaries(found: Edges, known: Edges, tolerance_s: float) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the inner boundaries.

    Nothing to find and nothing found is perfect; claims without truth are all wrong.
    """
    matched = len(match_boundaries(found[1:-1], known[1:-1], tolerance_s))
    claims, facts = len(found) - 2, len(known) - 2
    precision = matched / claims if claims else float(facts == 0)
    recall = matched / facts if facts else float(claims == 0)
    return precision, recall, 2 * matched / (claims + facts) if claims + facts else 1.0


def relative_f1(found: Edges, known: Edges, share: float = RELATIVE_TOLERANCE) -> float:
    """Return F1 with a tolerance of ``share`` of the video's duration (GEBD; Shou et al., ICCV 2021)."""
    return score_boundaries(found, known, share * float(known[-1] - known[0]))[2]


def overlaps(found: Edges, known: Edges) -> NDArray[np.float64]:
    """Return seconds shared (n, m) by each found and each known segment."""
    low = np.maximum(found[:-1, None], known[None, :-1])
    high = np.minimum(found[1:, None], known[None, 1:])
    return np.maximum(0.0, high - low)


def coverage(found: Edges, known: Edges) -> float:
    """Return the share of the duration in the largest found part of each known segment.

    1 where no known segment is divided (Vendrig & Worring, IEEE Trans. Multimedia 4, 2002).
    """
    shared = overlaps(found, known)
    return float(shared.max(axis=0).sum() / shared.sum())


def overflow(found: Edges, known: Edges) -> float:
    """Return how far found segments reach into the neighbours of the known segments that they touch.

    0 where no found segment crosses a known boundary (Vendrig & Worring, 2002): per known segment, seconds of
    the found segments touching it that lie outside, over the seconds of its neighbours, at most 1; averaged
    by duration.
    """
    shared = overlaps(found, known)
    lengths = np.diff(known)
    if len(lengths) == 1:
        return 0.0
    outside = np.where(shared > 0, np.diff(found)[:, None] - shared, 0.0).sum(axis=0)
    beside = np.concatenate([[0.0], lengths[:-1]]) + np.concatenate([lengths[1:], [0.0]])
    return float(np.average(np.minimum(outside / beside, 1.0), weights=lengths))


def window_difference(found: Edges, known: Edges) -> float:
    """Return WindowDiff: the share of windows in which the numbers of boundaries differ.

    The window lasts half the mean known segment (Pevzner & Hearst, Computational Linguistics 28, 2002), and
    is laid at evenly spaced places in continuous time.
    """
    claims, facts = _count_in_windows(found, known)
    return float(np.mean(claims != facts))


def p_k(found: Edges, known: Edges) -> float:
    """Return P_k: the share of windows whose ends one division joins and the other parts.

    The window is that of :func:`window_difference` (Beeferman, Berger & Lafferty, Machine Learning 34, 1999).
    """
    claims, facts = _count_in_windows(found, known)
    return float(np.mean((claims > 0) != (facts > 0)))


def _count_in_windows(found: Edges, known: Edges) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Numbers of inner boundaries of either division in each window."""
    width = float(known[-1] - known[0]) / (2 * (len(known) - 1))
    starts = np.linspace(known[0], known[-1] - width, _GRID)
    counts = [
        np.searchsorted(edges[1:-1], starts + width, "right") - np.searchsorted(edges[1:-1], starts, "right")
        for edges in (np.asarray(found), np.asarray(known))
    ]
    return counts[0], counts[1]
