"""The map of a segment hierarchy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from videxplore.values.vectors import Projection, Region
from videxplore.views.describe import plain
from videxplore.views.figures.paint import Paint, paint_of
from videxplore.views.figures.style import Drawing, bare_axes, dress, ground, safe
from videxplore.views.map_detail import Window
from videxplore.views.map_labels import keep_apart
from videxplore.views.mapping import caption_of, edges_of, levels_of, lines_to_draw, tiers_of, titles
from videxplore.views.tokens import level_style, token

SVG_LIMIT = 2000
"""Number of points from which WebGL draws the map; below, SVG is sharper and uses no WebGL context."""

EDGE_OPACITY = 0.4
"""Lines from child to parent stay behind the points: hundreds of them cross."""

_WIDTH, _AROUND = 700, 120
"""Pixels across that a map has at least, and pixels of its height that margins take: for placing names."""


def map_figure(
    projection: Projection,
    *,
    color: Any = "level",
    names: Mapping[str, str] | None = None,
    regions: Sequence[Region] = (),
    neighbours_of: str | None = None,
    theme: str = "light",
    height: int = 520,
    title: str = "Map of segments",
) -> go.Figure:
    """Draw the segment hierarchy: parents larger and in other shapes, thin lines from child to parent.

    Both axes have the same scale and no ticks: in such a projection only nearness means anything.

    Args:
        projection: what to draw; may be empty.
        color: ``"level"``, ``"video"``, ``"region"`` (the dense part that holds a point), ``"time"`` (when
            in its video) or ``"distortion"``; or one number or text per point, in a list, array or series;
            or such by segment id; or a :class:`Ranking`, whose scores are then drawn.
        names: name per video id, for the legend when colour stands for the video; by default what the
            points are labelled with.
        regions: parts of the map to be labelled with their names.
        neighbours_of: id of a segment: lines lead to true neighbours that the map tore away from it, and
            what only the map put near it is greyed.
        theme: ``"light"`` or ``"dark"``.
        height: in pixels.
        title: what the figure is called.

    Raises:
        ValueError: an unknown name of a colour, another number of values than points, or a segment
            that is not on the map.
    """
    paint = paint_of(projection, color, names or {}, regions)
    figure = Drawing()
    if len(projection) == 0:
        dress(figure, title=title, caption="Nothing to draw: no segments.", theme=theme, height=height)
        return bare_axes(figure)
    figure.add_traces(_traces(projection, paint, theme))
    side = {"x": 1.02, "xanchor": "left", "y": 1, "yanchor": "top", "itemclick": False}
    figure.update_layout(legend2=side)
    figure.add_traces(paint.legend(theme) if paint is not None else [])
    if neighbours_of is not None:
        show_neighbours(figure, projection, neighbours_of, theme)
    unit = unit_per_pixel(projection, _WIDTH, max(height - _AROUND, 1))
    figure.layout.annotations = region_labels(regions, unit, theme)
    dress(
        figure,
        title=title,
        caption=" · ".join(filter(None, [caption_of(projection), paint.note if paint else ""])),
        theme=theme,
        height=height,
        hovermode="closest",
        dragmode="pan",
        uirevision="map",
    )
    return bare_axes(figure, equal=True)


def _traces(projection: Projection, paint: Paint | None, theme: str) -> list[Any]:
    """Lines, then the points of each level, coarse ones first, with what is said of each point."""
    kind, levels, texts = kind_of(projection), levels_of(projection), titles(projection)
    edges = lines_to_draw(edges_of(projection), tiers_of(projection, levels))
    traces = [edge_trace(kind, line_through(projection.xy, edges), theme)]
    for level in reversed(levels):
        rows = [i for i, name in enumerate(projection.levels) if name == level]
        trace = level_trace(projection, kind, level, rows, theme)
        if paint is not None:
            trace.marker.update(paint.marker(rows, theme, level == levels[-1]))
        trace.text = [safe(texts[i]).replace(" · ", "<br>") for i in rows]
        trace.hovertemplate = "%{text}<extra></extra>"
        traces.append(trace)
    return traces


def kind_of(projection: Projection) -> type[go.Scatter] | type[go.Scattergl]:
    """Return the kind of every trace of a map: WebGL is drawn above SVG, so that no map mixes the two."""
    return go.Scatter if len(projection) < SVG_LIMIT else go.Scattergl


def level_trace(projection: Projection, kind: Any, level: str, rows: Sequence[int], theme: str) -> Any:
    """Return the points of one level, in its colour, shape and size; ``meta`` names it."""
    style = level_style(level, levels_of(projection), theme)
    return kind(
        x=projection.xy[rows, 0],
        y=projection.xy[rows, 1],
        mode="markers",
        name=f"{safe(plain(level))}s ({len(rows)})",
        meta=level,
        customdata=[projection.segment_ids[i] for i in rows],
        marker={
            "symbol": style.marker,
            "size": style.size,
            "color": style.color,
            "line": {"width": 1, "color": ground(theme)},
        },
    )


def edge_trace(kind: Any, line: tuple[NDArray[np.float64], NDArray[np.float64]], theme: str) -> Any:
    """Return all lines from child to parent as one trace, as :func:`line_through` gives them."""
    return kind(
        x=line[0],
        y=line[1],
        mode="lines",
        name="child to parent",
        hoverinfo="skip",
        opacity=EDGE_OPACITY,
        line={"width": 0.7, "color": token("edge", theme)},
        legendrank=2000,
    )


def line_through(
    xy: NDArray[np.float32], pairs: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y, float64 (3 e,), of one line with a gap after each of ``pairs`` (e, 2) of rows."""
    gap = np.full(len(pairs), np.nan)
    x, y = (np.column_stack([xy[pairs[:, 0], a], xy[pairs[:, 1], a], gap]).ravel() for a in (0, 1))
    return x, y


def show_neighbours(figure: go.Figure, projection: Projection, segment_id: str, theme: str) -> None:
    """Draw what the map says falsely about one point: lines to torn neighbours, crosses on false ones.

    Raises:
        ValueError: the segment is not on the map, or the map keeps no true neighbours.
    """
    if segment_id not in projection.segment_ids:
        raise ValueError(f"neighbours_of must be a segment on the map, got {segment_id!r}.")
    row = projection.segment_ids.index(segment_id)
    kind = kind_of(projection)
    torn, false = neighbour_traces(kind, theme)
    lost, strangers = fill_neighbours(torn, false, projection, row)
    torn.update(name=f"torn away ({lost})", legend="legend2")
    false.update(name=f"near only here ({strangers})", legend="legend2")
    figure.add_traces([torn, false])
    figure.add_trace(ring_trace(kind, theme).update(x=projection.xy[[row], 0], y=projection.xy[[row], 1]))


def ring_trace(kind: Any, theme: str) -> Any:
    """Return an empty trace of rings around what is chosen; it catches no click: the points under it do."""
    return kind(
        x=[], y=[], mode="markers", hoverinfo="skip", showlegend=False,
        marker={"symbol": "circle-open", "size": 22, "color": token("down", theme), "line": {"width": 2.5}},
    )  # fmt: skip


def neighbour_traces(kind: Any, theme: str) -> tuple[Any, Any]:
    """Return two empty traces: dotted lines for neighbours torn away, crosses for false ones."""
    torn = kind(
        x=[], y=[], mode="lines", hoverinfo="skip",
        line={"width": 1.4, "dash": "dot", "color": token("down", theme)},
    )  # fmt: skip
    false = kind(
        x=[], y=[], mode="markers", hoverinfo="skip",
        marker={"symbol": "x-open", "size": 7, "color": token("muted", theme), "line": {"width": 1.5}},
    )  # fmt: skip
    return torn, false


def density_trace(theme: str) -> go.Heatmap:
    """Return an empty trace for a soft ground under the points, clear where there are none."""
    red, green, blue = rgb(token("level-1", theme))
    return go.Heatmap(
        zmin=0,
        zmax=255,
        zsmooth="best",
        colorscale=[[0, f"rgba({red},{green},{blue},0)"], [1, f"rgba({red},{green},{blue},0.75)"]],
        showscale=False,
        showlegend=False,
        hoverinfo="skip",
    )


def density_grid(density: NDArray[np.uint8], window: Window) -> dict[str, Any]:
    """Return where plotly draws a density, uint8 (down, across) from the least y and x on."""
    up, across = density.shape
    x0, x1, y0, y1 = window
    dx, dy = (x1 - x0) / across, (y1 - y0) / up
    return {"z": density, "x0": x0 + dx / 2, "dx": dx, "y0": y0 + dy / 2, "dy": dy}


def fill_neighbours(torn: Any, false: Any, projection: Projection, row: int | None) -> tuple[int, int]:
    """Give :func:`neighbour_traces` what the map says falsely about one point; returns how many of either.

    Args:
        torn: the lines.
        false: the crosses.
        projection: the map.
        row: of the point; None empties both.

    Raises:
        ValueError: the map keeps no true neighbours.
    """
    lost = projection.torn_from(row) if row is not None else np.zeros(0, np.int32)
    strangers = projection.falsely_near(row) if row is not None else np.zeros(0, np.int32)
    pairs = np.column_stack([np.full(len(lost), row or 0), lost]).astype(np.intp)
    torn.x, torn.y = line_through(projection.xy, pairs)
    false.x, false.y = projection.xy[strangers, 0], projection.xy[strangers, 1]
    return len(lost), len(strangers)


def unit_per_pixel(projection: Projection, width: float, height: float) -> float:
    """Return how long a pixel is in units of the map, where all of it fills a box of so many pixels."""
    extent = np.ptp(projection.xy.astype(float), axis=0)
    return float(max(extent[0] / width, extent[1] / height, 1e-9))


def rgb(color: str) -> tuple[int, int, int]:
    """Return red, green and blue of ``#rrggbb``.

    >>> rgb("#0b5cad")
    (11, 92, 173)
    """
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def region_labels(regions: Sequence[Region], unit: float, theme: str) -> list[dict[str, Any]]:
    """Return the names of regions as annotations, largest first; none covers another.

    Args:
        regions: to be named, on a ground that keeps names legible.
        unit: length of a pixel in units of the map.
        theme: ``"light"`` or ``"dark"``.
    """
    names = [plain(region.name) for region in regions]
    red, green, blue = rgb(ground(theme))
    return [
        {
            "text": safe(names[i]),
            "x": regions[i].xy[0],
            "y": regions[i].xy[1],
            "showarrow": False,
            "font": {"size": 11, "color": token("text", theme)},
            "bgcolor": f"rgba({red},{green},{blue},0.7)",
            "borderpad": 1,
        }
        for i in keep_apart(np.array([region.xy for region in regions]), names, unit)
    ]
