"""The map of an explorer's still copy: small, since it is saved with the notebook."""

from __future__ import annotations

from typing import Any

from videxplore.values.vectors import Projection
from videxplore.views.mapping import still_map

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
    whole = still_map(projection)
    points = whole["points"]
    step = -(-len(points) // MOST)
    drawn = points[::step]
    shaped = [p for p in drawn if p["tier"] > 0]
    if len(shaped) > MOST_SHAPED:
        shaped = []
    kept = {p["id"] for p in shaped}
    dots = [
        {"tier": tier, "path": "".join(_dot(p) for p in drawn if p["tier"] == tier and p["id"] not in kept)}
        for tier in sorted({p["tier"] for p in drawn}, reverse=True)
    ]
    return {
        **whole,
        "points": shaped,
        "dots": [one for one in dots if one["path"]],
        "edges": whole["edges"] if len(points) <= MOST_EDGES else "",
        "count": len(points),
        "said": f"{len(drawn):,} of {len(points):,} points are drawn." if step > 1 else "",
    }


def _dot(point: dict[str, Any]) -> str:
    """A dot of the pen."""
    return f"M{round(float(point['x']))} {round(float(point['y']))}h0"
