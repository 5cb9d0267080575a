"""The map of a segment hierarchy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from videxplore.values.vectors import Projection, Region
from videxplore.views.describe import plain
from videxplore.views.figures.paint import Paint, paint_distortion, paint_values, paint_videos
from videxplore.views.figures.style import Drawing, bare_axes, dress, ground, safe
from videxplore.views.map_labels import keep_apart
from videxplore.views.mapping import caption_of, drawing_order, edges_of, levels_of, titles
from videxplore.views.tokens import level_style, token

SVG_LIMIT = 2000
"""Number of points from which WebGL draws the map; below, SVG is sharper and uses no WebGL context."""

EDGE_OPACITY = 0.4
"""Lines from child to parent stay behind the points: hundreds of them cross."""

_WIDTH, _AROUND = 700, 120
"""Pixels across that a map has at least, and pixels of its height that margins take: for placing names."""

COLORS = ("level", "video", "distortion")
"""What the colour of a point can stand for by name; shape and size always stand for the level."""


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
        color: one of :data:`COLORS`; or one number or text per point, in a list, array or series; or such by
            segment id; or a :class:`Ranking`, whose scores are then drawn.
        names: name per video id, for the legend when colour stands for the video; by default what the
            points are labelled with.
        regions: parts of the map to be labelled with their names.
        neighbours_of: id of a segment: lines lead to true neighbours that the map tore away from it, and
            what only the map put near it is greyed.
        theme: ``"light"`` or ``"dark"``.
        height: in pixels.
        title: what the figure is called.

    Raises:
        ValueError: a name that is none of :data:`COLORS`, another number of values than points, or a segment
            that is not on the map.
    """
    paint = _paint(projection, color, names or {})
    figure = Drawing()
    if len(projection) == 0:
        dress(figure, title=title, caption="Nothing to draw: no segments.", theme=theme, height=height)
        return bare_axes(figure)
    kind = go.Scatter if len(projection) < SVG_LIMIT else go.Scattergl
    figure.add_trace(_edge_trace(projection, kind, theme))
    for level in reversed(levels_of(projection)):
        figure.add_trace(_level_trace(projection, kind, level, paint, theme))
    side = {"x": 1.02, "xanchor": "left", "y": 1, "yanchor": "top", "itemclick": False}
    figure.update_layout(legend2=side)
    figure.add_traces(paint.legend(theme) if paint is not None else [])
    if neighbours_of is not None:
        show_neighbours(figure, projection, neighbours_of, theme)
    _label_regions(figure, projection, regions, theme, height)
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


def _paint(projection: Projection, color: Any, names: Mapping[str, str]) -> Paint | None:
    """What colours stand for, None for the level."""
    if not isinstance(color, str):
        return paint_values(projection, color)
    if color not in COLORS:
        raise ValueError(f"color must be one of {COLORS} or values, one per point, got {color!r}.")
    if color == "distortion":
        return paint_distortion(projection)
    return paint_videos(projection, names) if color == "video" and projection.video_ids else None


def _level_trace(projection: Projection, kind: Any, level: str, paint: Paint | None, theme: str) -> Any:
    """The points of one level."""
    levels = levels_of(projection)
    rows = [i for i in drawing_order(projection, levels) if projection.levels[i] == level]
    style = level_style(level, levels, theme)
    return kind(
        x=projection.xy[rows, 0],
        y=projection.xy[rows, 1],
        mode="markers",
        name=f"{safe(plain(level))}s ({len(rows)})",
        meta=level,
        customdata=[projection.segment_ids[i] for i in rows],
        text=_hover_texts(projection, rows),
        hovertemplate="%{text}<extra></extra>",
        marker={
            "symbol": style.marker,
            "size": style.size,
            "line": {"width": 1, "color": ground(theme)},
            **(paint.marker(rows, theme, level == levels[-1]) if paint else {"color": style.color}),
        },
    )


def _hover_texts(projection: Projection, rows: Sequence[int]) -> list[str]:
    """Hover text per row, one line per fact."""
    lines = titles(projection)
    return [safe(lines[i]).replace(" · ", "<br>") for i in rows]


def _edge_trace(projection: Projection, kind: Any, theme: str) -> Any:
    """All lines from child to parent in one trace: missing values break the line between pairs."""
    x, y = line_through(projection.xy, edges_of(projection))
    return kind(
        x=x,
        y=y,
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
    torn, false = projection.torn_from(row), projection.falsely_near(row)
    pairs = np.column_stack([np.full(len(torn), row), torn]).astype(np.intp)
    x, y = line_through(projection.xy, pairs)
    figure.add_trace(
        go.Scatter(
            x=x, y=y, mode="lines", hoverinfo="skip", legend="legend2",
            name=f"torn away ({len(torn)})",
            line={"width": 1.4, "dash": "dot", "color": token("down", theme)},
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=projection.xy[false, 0], y=projection.xy[false, 1], mode="markers", hoverinfo="skip",
            legend="legend2", name=f"near only here ({len(false)})",
            marker={"symbol": "x-thin", "size": 9, "line": {"width": 1.8, "color": token("muted", theme)}},
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=projection.xy[[row], 0], y=projection.xy[[row], 1], mode="markers", hoverinfo="skip",
            showlegend=False, marker={
                "symbol": "circle-open", "size": 20, "line": {"width": 2.5, "color": token("down", theme)},
            },
        )
    )  # fmt: skip


def _label_regions(
    figure: go.Figure, projection: Projection, regions: Sequence[Region], theme: str, height: int
) -> None:
    """Name the regions, largest first, on a ground that keeps names legible; none covers another."""
    extent = np.ptp(projection.xy.astype(float), axis=0)
    unit = max(extent[0] / _WIDTH, extent[1] / max(height - _AROUND, 1), 1e-9)
    names = [plain(region.name) for region in regions]
    red, green, blue = (int(ground(theme)[i : i + 2], 16) for i in (1, 3, 5))
    for i in keep_apart(np.array([region.xy for region in regions]), names, unit):
        figure.add_annotation(
            text=safe(names[i]),
            x=regions[i].xy[0],
            y=regions[i].xy[1],
            showarrow=False,
            font={"size": 11, "color": token("text", theme)},
            bgcolor=f"rgba({red},{green},{blue},0.7)",
            borderpad=1,
        )
