"""The map of a segment hierarchy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from videxplore.values.vectors import Projection
from videxplore.views.describe import plain
from videxplore.views.figures.style import Drawing, bare_axes, dress, ground, safe
from videxplore.views.mapping import caption_of, drawing_order, edges_of, label_of, levels_of, titles
from videxplore.views.tokens import categories, level_style, token

SVG_LIMIT = 2000
"""Number of points from which WebGL draws the map; below, SVG is sharper and uses no WebGL context."""

_NAME = 30

EDGE_OPACITY = 0.4
"""Lines from child to parent stay behind the points: hundreds of them cross."""

COLORS = ("level", "video", "distortion")
"""What the colour of a point can stand for; shape and size always stand for the level."""


def map_figure(
    projection: Projection,
    *,
    color: str = "level",
    names: Mapping[str, str] | None = None,
    theme: str = "light",
    height: int = 520,
    title: str = "Map of segments",
) -> go.Figure:
    """Draw the segment hierarchy: parents larger and in other shapes, thin lines from child to parent.

    Both axes have the same scale and no ticks: in such a projection only nearness means anything.

    Args:
        projection: what to draw; may be empty.
        color: one of :data:`COLORS`.
        names: name per video id, for the legend when colour stands for the video; by default what the
            points are labelled with.
        theme: ``"light"`` or ``"dark"``.
        height: in pixels.
        title: what the figure is called.

    Raises:
        ValueError: ``color`` is none of :data:`COLORS`.
    """
    if color not in COLORS:
        raise ValueError(f"color must be one of {COLORS}, got {color!r}.")
    figure = Drawing()
    if len(projection) == 0:
        dress(figure, title=title, caption="Nothing to draw: no segments.", theme=theme, height=height)
        return bare_axes(figure)
    kind = go.Scatter if len(projection) < SVG_LIMIT else go.Scattergl
    figure.add_trace(_edge_trace(projection, kind, theme))
    for level in reversed(levels_of(projection)):
        figure.add_trace(_level_trace(projection, kind, level, color, theme))
    if color == "video":
        _add_videos(figure, projection, names or {}, theme)
    dress(
        figure,
        title=title,
        caption=_caption(projection, color),
        theme=theme,
        height=height,
        hovermode="closest",
        dragmode="pan",
        uirevision="map",
    )
    return bare_axes(figure, equal=True)


def _level_trace(projection: Projection, kind: Any, level: str, color: str, theme: str) -> Any:
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
            **_colors(projection, rows, color, style.color, theme, level == levels[-1]),
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


def _colors(
    projection: Projection, rows: list[int], color: str, level_color: str, theme: str, first: bool
) -> dict[str, Any]:
    """Marker colours of one level's rows; the first level drawn carries the colour bar."""
    if color == "distortion":
        return {
            "color": np.asarray(projection.distortion)[rows],
            "cmin": 0,
            "cmax": 1,
            "colorscale": token("sequential"),
            "showscale": first,
            "colorbar": {"title": {"text": "torn apart"}, "thickness": 10, "len": 0.6, "outlinewidth": 0},
        }
    if color == "video" and projection.video_ids:
        hues = categories(theme)
        order = {video: i for i, video in enumerate(dict.fromkeys(projection.video_ids))}
        return {"color": [hues[order[projection.video_ids[i]] % len(hues)] for i in rows]}
    return {"color": level_color}


def _add_videos(figure: go.Figure, projection: Projection, names: Mapping[str, str], theme: str) -> None:
    """Say in a second legend which colour is which video."""
    first = {video: row for row, video in reversed(list(enumerate(projection.video_ids)))}
    hues = categories(theme)
    for i, video in enumerate(dict.fromkeys(projection.video_ids)):
        name = plain(names.get(video, "")) or label_of(projection, first[video]) or plain(video)
        figure.add_trace(
            go.Scatter(
                x=[None],
                y=[None],
                mode="markers",
                name=safe(name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"),
                legend="legend2",
                hoverinfo="skip",
                marker={"size": 9, "symbol": "circle", "color": hues[i % len(hues)]},
            )
        )
    figure.update_layout(legend2={"x": 1.02, "xanchor": "left", "y": 1, "yanchor": "top", "itemclick": False})


def _caption(projection: Projection, color: str) -> str:
    """The map's caption, with what its colours mean."""
    caption = caption_of(projection)
    if color == "video" and projection.video_ids:
        count = len(set(projection.video_ids))
        again = f", {len(categories())} hues in turn" if count > len(categories()) else ""
        return f"{caption} · colour: one of {count} videos{again}"
    if color == "distortion":
        return f"{caption} · colour: share of a point's neighbours torn apart"
    return caption
