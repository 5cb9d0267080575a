"""The map of an explorer's still copy: small, since it is saved with the notebook."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from videxplore.values.vectors import Projection
from videxplore.views.mapping import levels_of, still_map

MOST = 3000
"""How many points are drawn."""

MOST_SHAPED = 200
"""How many of them, of coarser levels, have a shape and a title of their own; all others are dots."""

MOST_EDGES = 1000
"""Up to how many points lines lead from part to whole."""


def small_map(projection: Projection) -> dict[str, Any]:
    """Return the map with one path for all points of the finest level: ten bytes for each, not 200.

    Args:
        projection: not empty. Where it has more than :data:`MOST` points, every second, third, … is drawn.
    """
    drawn = _thinned(projection, -(-len(projection) // MOST))
    whole = still_map(drawn)
    points = whole["points"]
    shaped = [p for p in points if p["tier"] > 0]
    if len(shaped) > MOST_SHAPED:
        shaped = []
    kept = {p["id"] for p in shaped}
    dots = [
        {"tier": tier, "path": "".join(_dot(p) for p in points if p["tier"] == tier and p["id"] not in kept)}
        for tier in sorted({p["tier"] for p in points}, reverse=True)
    ]
    counts = Counter(projection.levels)
    return {
        **whole,
        "points": shaped,
        "dots": [one for one in dots if one["path"]],
        "edges": whole["edges"] if len(points) <= MOST_EDGES else "",
        "levels": [
            {**level, "n": counts[name]}
            for level, name in zip(whole["levels"], levels_of(drawn), strict=True)
        ],
        "count": len(projection),
        "said": f"{len(drawn):,} of {len(projection):,} points are drawn."
        if len(drawn) < len(projection)
        else "",
    }


def _thinned(projection: Projection, step: int) -> Projection:
    """Every so many points, level by level so that no level is missed; as it is where that is all."""
    if step == 1:
        return projection
    levels = np.array(projection.levels)
    rows = np.concatenate(
        [np.flatnonzero(levels == name)[::step] for name in dict.fromkeys(projection.levels)]
    )
    some = {projection.segment_ids[i] for i in rows}

    def pick(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(values[i] for i in rows) if values else ()

    return replace(
        projection,
        xy=projection.xy[rows],
        segment_ids=pick(projection.segment_ids),
        levels=pick(projection.levels),
        parent_ids=tuple(parent if parent in some else None for parent in pick(projection.parent_ids)),
        distortion=projection.distortion[rows],
        labels=pick(projection.labels),
        video_ids=pick(projection.video_ids),
        times_s=None if projection.times_s is None else projection.times_s[rows],
        neighbours=None,
    )


def _dot(point: dict[str, Any]) -> str:
    """A dot of the pen."""
    return f"M{round(float(point['x']))} {round(float(point['y']))}h0"
