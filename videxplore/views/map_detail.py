"""What of a large map is drawn: a sample and a density from afar, every point from near."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

DENSE = 50_000
"""Number of points above which a live map draws a density and a part of its points."""

AT_ONCE = 10_000
"""Points that such a map draws at most: some 0.4 MB of places and ids per look."""

SAMPLE = 3_000
"""Points drawn on top of the density while more than :data:`AT_ONCE` are in view."""

BINS = (168, 112)
"""Cells of the density, across and down: about one per four pixels of an explorer's map."""

_ROUND = 0.15

Window = tuple[float, float, float, float]
"""Least and greatest x, least and greatest y of what is looked at."""

Inside = Callable[[NDArray[np.floating]], NDArray[np.bool_]]
"""Points (n, 2) to which of them lie in a box or lasso: bool (n,)."""


def bounds_of(xy: NDArray[np.floating]) -> Window:
    """Return the box that holds all points (n, 2), n ≥ 1; never without extent."""
    low, high = xy.min(axis=0).astype(float), xy.max(axis=0).astype(float)
    edge = np.maximum((high - low) * 0.02, 1e-6)
    return (low[0] - edge[0], high[0] + edge[0], low[1] - edge[1], high[1] + edge[1])


def widen(view: Window) -> Window:
    """Return a view with some room around it, so that a short pan finds points."""
    x0, x1, y0, y1 = view
    across, up = (x1 - x0) * _ROUND, (y1 - y0) * _ROUND
    return (x0 - across, x1 + across, y0 - up, y1 + up)


def overlap_of(view: Window, whole: Window) -> Window:
    """Return what two boxes share, and ``whole`` where they share nothing."""
    x0, y0 = max(view[0], whole[0]), max(view[2], whole[2])
    x1, y1 = min(view[1], whole[1]), min(view[3], whole[3])
    return (x0, x1, y0, y1) if x0 < x1 and y0 < y1 else whole


def in_box(xy: NDArray[np.floating], view: Window) -> NDArray[np.bool_]:
    """Return which points (n, 2) lie in a box, its edges included: bool (n,)."""
    x0, x1, y0, y1 = view
    return (xy[:, 0] >= x0) & (xy[:, 0] <= x1) & (xy[:, 1] >= y0) & (xy[:, 1] <= y1)


def in_outline(xy: NDArray[np.floating], xs: Sequence[float], ys: Sequence[float]) -> NDArray[np.bool_]:
    """Return which points (n, 2) lie inside a closed line drawn by hand: bool (n,).

    By the parity of crossings (Shimrat 1962), as the browser judges a lasso; what a line encircles twice
    is outside.

    Args:
        xy: the points.
        xs: corners of the line, which leads from the last back to the first.
        ys: as many.
    """
    inside = np.zeros(len(xy), bool)
    if len(xs) < 3:
        return inside
    near = np.flatnonzero(in_box(xy, (min(xs), max(xs), min(ys), max(ys))))
    px, py = xy[near, 0].astype(float), xy[near, 1].astype(float)
    odd = np.zeros(len(near), bool)
    for x0, y0, x1, y1 in zip(xs, ys, np.roll(xs, -1), np.roll(ys, -1), strict=True):
        side = (x1 - x0) * (py - y0) - (px - x0) * (y1 - y0)
        odd ^= ((y0 > py) != (y1 > py)) & ((side > 0) == (y1 > y0))
    inside[near] = odd
    return inside


def drawing_turn(n: int) -> NDArray[np.intp]:
    """Return n rows, in the order in which they are drawn as long as there are too many: by a fixed lot.

    By lot, since a sample then looks like the whole: coarse levels first would cover it with large marks.
    Fixed, since points must stay where one comes closer: what is drawn of a part holds what was drawn of
    the whole there.
    """
    return np.random.default_rng(0).permutation(n)


def rows_in_view(
    xy: NDArray[np.floating],
    turn: NDArray[np.intp],
    shown: NDArray[np.bool_],
    view: Window,
    kept: NDArray[np.intp],
) -> tuple[NDArray[np.intp], bool]:
    """Return the rows to draw in rising order, and whether they are all that a view holds.

    Args:
        xy: the map, (n, 2).
        turn: all rows in the order of :func:`drawing_turn`.
        shown: which rows have a level that is shown, bool (n,).
        view: what is looked at.
        kept: rows that are drawn whatever else is, such as answers; at most :data:`AT_ONCE` of them.
    """
    wanted = turn[(in_box(xy, widen(view)) & shown)[turn]]
    whole = len(wanted) <= AT_ONCE
    drawn = np.concatenate([wanted if whole else wanted[:SAMPLE], kept[:AT_ONCE][shown[kept[:AT_ONCE]]]])
    return np.unique(drawn), whole


def density_of(xy: NDArray[np.floating], view: Window) -> NDArray[np.uint8]:
    """Return how densely points (n, 2) lie in a view, uint8 (down, across), 255 where most do.

    By the logarithm of the count: with counts themselves the densest cell would leave all others empty.
    """
    across, up = BINS
    x0, x1, y0, y1 = view
    counts, _, _ = np.histogram2d(xy[:, 1], xy[:, 0], bins=(up, across), range=((y0, y1), (x0, x1)))
    most = counts.max()
    scaled = np.log1p(counts) / np.log1p(most) * 255 if most else counts
    return scaled.round().astype(np.uint8)
