"""Charts of lessons as plotly figures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go

from videxplore.values.charts import Bars, Cloud, Curves, Grid
from videxplore.views.describe import plain
from videxplore.views.figures.style import Drawing, bare_axes, dress, safe
from videxplore.views.tokens import categories, token

_SYMBOLS = (
    "circle", "diamond", "square", "triangle-up", "triangle-down", "cross", "circle", "hexagon2", "square",
)  # fmt: skip


def curves_figure(chart: Curves, *, theme: str = "light") -> go.Figure:
    """Draw lines over one axis."""
    figure = Drawing()
    for i, (line, hue) in enumerate(zip(chart.lines, categories(theme), strict=False)):
        figure.add_trace(
            go.Scatter(
                x=line.x,
                y=line.y,
                name=safe(plain(line.name)),
                mode="lines" if line.dashed or len(line.x) > 40 else "lines+markers",
                line={"color": hue, "width": 2, "dash": "dash" if line.dashed else "solid"},
                marker={"symbol": _SYMBOLS[i], "size": 8},
                hovertemplate="%{x}: %{y:.3f}<extra>%{fullData.name}</extra>",
            )
        )
    if chart.here is not None:
        x, y = chart.here
        ring = {"symbol": "circle-open", "size": 18, "color": token("text", theme), "line": {"width": 2}}
        figure.add_trace(
            go.Scatter(x=[x], y=[y], mode="markers", marker=ring, showlegend=False, hoverinfo="skip")
        )
    if chart.chance is not None:
        figure.add_hline(
            y=chart.chance,
            line={"dash": "dot", "color": token("muted", theme)},
            annotation_text=f"chance {chart.chance:.2g}",
        )
    _finish(figure, chart, theme, 400)
    figure.update_xaxes(title=safe(chart.x), type="log" if chart.x_log else "linear")
    if chart.x_ticks:
        figure.update_xaxes(tickvals=list(chart.x_ticks))
    figure.update_yaxes(title=safe(chart.y), range=chart.y_range, type="log" if chart.y_log else "linear")
    return figure


def bars_figure(chart: Bars, *, theme: str = "light") -> go.Figure:
    """Draw one bar per row, with a mark where it was before."""
    names = [safe(plain(name)) for name in chart.names]
    hue = categories(theme)[0]
    figure = Drawing(go.Bar(x=chart.values, y=names, orientation="h", marker_color=hue, showlegend=False))
    if chart.before is not None:
        line = {"color": token("text", theme), "width": 2}
        tick = {"symbol": "line-ns-open", "size": 14, "line": line, "color": token("text", theme)}
        figure.add_trace(
            go.Scatter(
                x=chart.before, y=names, mode="markers", marker=tick, name=safe(plain(chart.before_name))
            )
        )
    if chart.chance is not None:
        figure.add_vline(x=chart.chance, line={"dash": "dot", "color": token("muted", theme)})
    _finish(figure, chart, theme, 150 + 22 * len(names))
    figure.update_xaxes(title=safe(chart.x), range=chart.x_range)
    figure.update_yaxes(autorange="reversed", automargin=True, showgrid=False, dtick=1)
    return figure


def grid_figure(chart: Grid, *, theme: str = "light") -> go.Figure:
    """Draw a table of numbers as shades."""
    low, high = chart.range or (None, None)
    heat = go.Heatmap(
        z=chart.values,
        x=[safe(plain(name)) for name in chart.columns],
        y=[safe(plain(name)) for name in chart.rows],
        zmin=low,
        zmax=high,
        colorscale=token("sequential"),
        colorbar={"title": {"text": safe(chart.unit)}, "thickness": 12},
        texttemplate="%{z:.2f}" if chart.written else None,
        hovertemplate="%{y}, %{x}: %{z:.3f}<extra></extra>",
        xgap=1,
        ygap=1,
    )
    figure = Drawing(heat)
    _finish(figure, chart, theme, 190 + 26 * len(chart.rows))
    figure.update_xaxes(title=safe(chart.x), showgrid=False, type="category", automargin=True)
    figure.update_yaxes(title=safe(chart.y), autorange="reversed", showgrid=False, type="category")
    figure.update_yaxes(automargin=True)
    return figure


def cloud_figure(chart: Cloud, *, theme: str = "light") -> go.Figure:
    """Draw points in the plane."""
    figure = Drawing()
    if chart.links:
        ends = [chart.xy[list(pair)] for pair in chart.links]
        gap = np.full((1, 2), np.nan)
        path = np.concatenate([part for pair in ends for part in (pair, gap)])
        line = {"color": token("edge", theme), "width": 1}
        figure.add_trace(
            go.Scatter(
                x=path[:, 0], y=path[:, 1], mode="lines", line=line, showlegend=False, hoverinfo="skip"
            )
        )
    groups = np.array(chart.groups, object)
    labels = np.array(chart.labels or chart.groups, object)
    kinds = dict.fromkeys(chart.groups)
    for i, (kind, hue) in enumerate(zip(kinds, categories(theme), strict=False)):
        rows = groups == kind
        figure.add_trace(
            go.Scatter(
                x=chart.xy[rows, 0],
                y=chart.xy[rows, 1],
                mode="markers",
                name=safe(plain(kind)),
                marker={"color": hue, "symbol": _SYMBOLS[i], "size": 8},
                text=[safe(plain(label)) for label in labels[rows]],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    if chart.chosen:
        xy = chart.xy[list(chart.chosen)]
        ring = {"symbol": "circle-open", "size": 18, "color": token("text", theme), "line": {"width": 2}}
        figure.add_trace(
            go.Scatter(
                x=xy[:, 0], y=xy[:, 1], mode="markers", marker=ring, showlegend=False, hoverinfo="skip"
            )
        )
    _finish(figure, chart, theme, 460)
    if not chart.x:
        bare_axes(figure)
    figure.update_xaxes(title=safe(chart.x))
    figure.update_yaxes(title=safe(chart.y), scaleanchor="x" if chart.square else None)
    return figure


def _finish(figure: go.Figure, chart: Curves | Bars | Grid | Cloud, theme: str, height: int) -> None:
    """The shared look, with room for the words of the axis above the caption."""
    dress(figure, title=chart.title, caption=plain(chart.caption), theme=theme, height=height)
    below = 50 if getattr(chart, "x", "") else 26  # the ticks, and the words of the axis
    if chart.caption:
        figure.layout.annotations[-1].update(yshift=-12 - below)
    figure.update_layout(margin={"b": figure.layout.margin.b + below, "l": 64})
    figure.update_layout(height=height + below)
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(gridcolor=token("grid", theme), zeroline=False)


CHART_FIGURES: dict[type, Callable[..., go.Figure]] = {
    Curves: curves_figure,
    Bars: bars_figure,
    Grid: grid_figure,
    Cloud: cloud_figure,
}
"""What draws each kind of chart."""
