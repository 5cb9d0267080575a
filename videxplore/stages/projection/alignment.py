"""Maps that keep to an earlier map: the same points stay, or the new map is turned to match the old one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from videxplore.stages.projection.neighbours import Points
from videxplore.values.vectors import Projection


def carry_over(earlier: Projection, ids: Sequence[str]) -> Points:
    """Coordinates of the ids that the earlier map has, float64 (n, 2), NaN for the others."""
    at = {segment_id: row for row, segment_id in enumerate(earlier.segment_ids)}
    xy = np.full((len(ids), 2), np.nan)
    for row, segment_id in enumerate(ids):
        if segment_id in at:
            xy[row] = earlier.xy[at[segment_id]]
    return xy


def align(xy: Points, target: Points) -> Points:
    """Move, turn, mirror and scale a map as a whole so that it comes as near as can be to another.

    The orthogonal Procrustes problem with scale (Schönemann & Carroll, 1970); what is near on the map
    stays near. Nothing but the words is bound to two dimensions.

    Args:
        xy: float64 (n, 2), or (n, d).
        target: as many, NaN where a point has no counterpart; at least two must have one.
    """
    shared = ~np.isnan(target[:, 0])
    here, there = xy[shared].mean(axis=0), target[shared].mean(axis=0)
    left, strengths, right = np.linalg.svd((xy[shared] - here).T @ (target[shared] - there))
    size = float(np.square(xy[shared] - here).sum())
    scale = strengths.sum() / size if size > 0 else 1.0
    return (xy - here) @ (left @ right) * (scale if scale > 0 else 1.0) + there


def start_from(target: Points, rows: np.ndarray) -> Points:
    """Positions to begin from, float64 (n, 2): those of the target, and amid known neighbours for the rest.

    Args:
        target: float64 (n, 2), NaN where unknown.
        rows: int (n, k), neighbours of each point.
    """
    start = target.copy()
    known = ~np.isnan(target[:, 0])
    for row in np.flatnonzero(~known):
        near = [r for r in rows[row] if known[r]]
        start[row] = target[near].mean(axis=0) if near else target[known].mean(axis=0)
    return start
