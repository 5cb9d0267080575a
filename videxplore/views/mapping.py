"""What a map of segments says, whatever draws it: caption, hover texts, edges, and a small SVG drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.values.segments import LEVELS
from videxplore.values.vectors import Projection
from videxplore.views.describe import plain, time_range
from videxplore.views.tokens import level_style

_WIDTH, _HEIGHT, _MARGIN = 720, 440, 14

LINES_AT_ONCE = 2000
"""Lines from child to parent that are drawn together; nobody can follow one among more, and without a
graphics card they take most of the time of a picture."""


def levels_of(projection: Projection) -> list[str]:
    """Levels on the map, finest first: the default order, then others in order of appearance."""
    present = dict.fromkeys(projection.levels)
    known = [level for level in LEVELS if level in present]
    other = [level for level in present if level not in LEVELS]
    return [*other, *known]


def caption_of(projection: Projection) -> str:
    """Return what the reader must know to trust the map: n, method with its parameters, quality."""
    parts = [*projection.doubts, f"n = {len(projection):,} segments", plain(projection.method)]
    quality = dict(projection.quality)
    chance = next((name for name in quality if name.startswith("chance@")), None)
    by_chance = f" (by chance {quality.pop(chance):.2f})" if chance else ""
    for name, value in quality.items():
        parts.append(f"{name.replace('_', ' ')} {value:.2f}{by_chance if 'overlap' in name else ''}")
    if len(projection) and projection.judged and not any("overlap" in name for name in quality):
        torn = float(np.mean(np.asarray(projection.distortion)))
        parts.append(f"neighbours torn apart {torn:.2f}")
    return " · ".join(parts)


def label_of(projection: Projection, row: int) -> str:
    """Return what a point is called, without the time that a library writes after the name."""
    label = plain(projection.labels[row]) if projection.labels else ""
    return label.removesuffix(_time_of(projection, row)).rstrip()


def _time_of(projection: Projection, row: int) -> str:
    return time_range(*map(float, projection.times_s[row])) if projection.times_s is not None else ""


def facts_of(projection: Projection, row: int) -> list[str]:
    """Return what a point is: what it is called, its level and time, and how much the map tore from it."""
    where = " · ".join(filter(None, [plain(projection.levels[row]), _time_of(projection, row)]))
    share = float(projection.distortion[row])
    torn = "" if math.isnan(share) else f"{share:.0%} of its neighbours torn apart"
    return [part for part in (label_of(projection, row), where, torn) if part]


def titles(projection: Projection) -> list[str]:
    """Return one line per point: label, level, time, distortion."""
    return [" · ".join(facts_of(projection, row)) for row in range(len(projection))]


def edges_of(projection: Projection) -> NDArray[np.intp]:
    """Return (child, parent) row numbers (e, 2) for every parent that is on the map."""
    row = {segment_id: i for i, segment_id in enumerate(projection.segment_ids)}
    pairs = [(i, row[p]) for i, p in enumerate(projection.parent_ids) if p is not None and p in row]
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


def parents_of(edges: NDArray[np.intp], n: int) -> NDArray[np.intp]:
    """Return the row of each row's parent, intp (n,), -1 where it has none on the map."""
    parent = np.full(n, -1, np.intp)
    parent[edges[:, 0]] = edges[:, 1]
    return parent


def edges_between(edges: NDArray[np.intp], shown: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return (child, ancestor) pairs (f, 2) of what is shown: where a level is folded, lines skip it.

    Args:
        edges: all pairs, as :func:`edges_of` gives them.
        shown: bool (n,), which rows are drawn.
    """
    if shown.all():
        return edges
    parent = parents_of(edges, len(shown))
    above = parent.copy()
    while (hidden := (above >= 0) & ~shown[above]).any():
        above[hidden] = parent[above[hidden]]
    child = np.flatnonzero(shown & (above >= 0))
    return np.column_stack([child, above[child]])


def lines_to_draw(edges: NDArray[np.intp], tiers: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return those of the (child, parent) pairs (e, 2) that are few enough to be followed.

    Where there are more than :data:`LINES_AT_ONCE`, the lines from the finest level are left out, then those
    from the next.

    Args:
        edges: all pairs.
        tiers: intp (n,), how coarse the level of each row is, 0 the finest.
    """
    tier = 0
    while len(edges) > LINES_AT_ONCE:
        edges = edges[tiers[edges[:, 0]] > tier]
        tier += 1
    return edges


def tiers_of(projection: Projection, levels: Sequence[str]) -> NDArray[np.intp]:
    """Return how coarse each row's level is, intp (n,): its place among ``levels``, finest first."""
    place = {level: i for i, level in enumerate(levels)}
    return np.array([place[level] for level in projection.levels], np.intp)


def branch_of(rows: Sequence[int], edges: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the (child, parent) pairs (e, 2) that join ``rows`` to what holds them, and to their parts.

    Args:
        rows: row numbers of the chosen segments.
        edges: all pairs, as :func:`edges_of` gives them.
    """
    n = max(int(edges.max(initial=-1)), *rows, -1) + 1
    parent = parents_of(edges, n)
    upward, below = np.zeros(n, bool), np.zeros(n, bool)
    climbing = np.array(rows, np.intp)
    below[climbing] = True
    while len(climbing):
        climbing = np.unique(climbing[(parent[climbing] >= 0) & ~upward[climbing]])
        upward[climbing] = True
        climbing = parent[climbing]
    child, above = edges[:, 0], edges[:, 1]
    while len(more := child[below[above] & ~below[child]]):
        below[more] = True
    return edges[upward[child] | below[above]]


def path_of(projection: Projection, video_id: str) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return how a video runs over the map: times float64 (m,), in rising order, and places (m, 2).

    A video stands, in the middle of each of its finest segments, on that segment's point.

    Args:
        projection: the map; without times or videos there is no path.
        video_id: which video.
    """
    none = np.zeros(0), np.zeros((0, 2), np.float32)
    if projection.times_s is None or not projection.video_ids:
        return none
    mine = np.flatnonzero(np.array(projection.video_ids) == video_id)
    holding = {projection.parent_ids[i] for i in mine}
    leaves = mine[[projection.segment_ids[i] not in holding for i in mine]] if len(mine) else mine
    middle = projection.times_s[leaves].mean(axis=1)
    order = np.argsort(middle, kind="stable")
    return middle[order], projection.xy[leaves[order]]


def drawing_order(projection: Projection, levels: Sequence[str]) -> list[int]:
    """Rows with fine levels last, so that a large parent never hides a small child."""
    place = {level: i for i, level in enumerate(levels)}
    return sorted(range(len(projection)), key=lambda i: -place[projection.levels[i]])


def still_map(projection: Projection) -> dict[str, Any]:
    """Return an SVG drawing of the map as numbers and path texts, equal scale on both axes."""
    levels = levels_of(projection)
    xy = np.asarray(projection.xy, dtype=float)
    low, high = xy.min(0), xy.max(0)
    scale = min(
        (_WIDTH - 2 * _MARGIN) / max(high[0] - low[0], 1e-9),
        (_HEIGHT - 2 * _MARGIN) / max(high[1] - low[1], 1e-9),
    )
    scale = scale if math.isfinite(scale) and scale < 1e8 else 1.0
    centre = np.array([_WIDTH, _HEIGHT]) / 2
    at = (xy - (low + high) / 2) * scale * [1, -1] + centre
    texts = titles(projection)
    styles = {level: level_style(level, levels) for level in levels}
    points = [
        {
            "id": projection.segment_ids[i],
            "x": f"{at[i, 0]:.1f}",
            "y": f"{at[i, 1]:.1f}",
            "tier": styles[projection.levels[i]].tier,
            "shape": _shape(styles[projection.levels[i]].marker, styles[projection.levels[i]].size / 2),
            "title": texts[i],
        }
        for i in drawing_order(projection, levels)
    ]
    lines = "".join(
        f"M{at[c, 0]:.1f} {at[c, 1]:.1f}L{at[p, 0]:.1f} {at[p, 1]:.1f}" for c, p in edges_of(projection)
    )
    counts = [
        {"name": plain(level) + "s", "tier": styles[level].tier, "n": projection.levels.count(level)}
        for level in levels
    ]
    return {"width": _WIDTH, "height": _HEIGHT, "points": points, "edges": lines, "levels": counts}


def _shape(marker: str, radius: float) -> str:
    """Outline of a marker around the origin as an SVG path."""
    r = round(radius, 1)
    if marker == "circle":
        return f"M{-r} 0a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z"
    if marker == "diamond":
        return f"M0 {-r}L{r} 0L0 {r}L{-r} 0z"
    if marker == "square":
        side = round(r * 0.86, 1)
        return f"M{-side} {-side}H{side}V{side}H{-side}z"
    turns = [(-90 + 36 * i) * math.pi / 180 for i in range(10)]
    corners = [(r if i % 2 == 0 else 0.45 * r, turn) for i, turn in enumerate(turns)]
    return "M" + "L".join(f"{d * math.cos(t):.1f} {d * math.sin(t):.1f}" for d, t in corners) + "z"
