"""LiveMap: the segment map as a figure that answers clicks and shows what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from videxplore.values.vectors import Projection
from videxplore.views.base import Choose
from videxplore.views.figures.segment_map import map_figure
from videxplore.views.mapping import levels_of
from videxplore.views.tokens import level_style, token

_LABELLED = 10
_CLEAR = "rgba(0,0,0,0)"


class LiveMap:
    """Holds the one live figure of an explorer, with two traces on top for hits and selection.

    Args:
        projection: what to draw, or None.
    """

    def __init__(self, projection: Projection | None) -> None:
        self._projection = projection
        self._row = {s: i for i, s in enumerate(projection.segment_ids)} if projection is not None else {}
        self._choosers: list[Choose] = []
        self._selectors: list[Callable[[Sequence[str]], None]] = []
        self._gathered: list[str] = []
        still = _figure(projection)
        self._points = [i for i, trace in enumerate(still.data) if trace.meta]
        self._overlay = len(still.data)
        still.add_trace(_ring("hits", 17, "markers+text"))
        still.add_trace(_ring("selection", 24, "markers"))
        self.figure = go.FigureWidget(still)
        self.figure._config = {
            "scrollZoom": True,
            "displaylogo": False,
            "responsive": True,
            # Named one by one: plotly's default bar offers to send the data to a cloud service.
            "modeBarButtons": [["pan2d", "select2d", "lasso2d", "resetScale2d"]],
        }
        for i in self._points:
            self.figure.data[i].on_click(self._on_click)
            self.figure.data[i].on_selection(self._on_selection)
        self.dress("light")

    def on_choose(self, callback: Choose) -> None:
        """Call ``callback(segment_id, True)`` for a click on a point."""
        self._choosers.append(callback)

    def on_select(self, callback: Callable[[Sequence[str]], None]) -> None:
        """Call ``callback(segment_ids)`` for a box or a lasso."""
        self._selectors.append(callback)

    def _on_click(self, trace: Any, points: Any, _: Any) -> None:
        for i in points.point_inds[:1]:
            for callback in self._choosers:
                callback(str(trace.customdata[i]), True)

    def _on_selection(self, trace: Any, points: Any, _: Any) -> None:
        """Gather what one gesture holds: plotly calls once per trace, in order, even for none."""
        if points.trace_index == self._points[0]:
            self._gathered = []
        self._gathered += [str(trace.customdata[i]) for i in points.point_inds]
        if points.trace_index != self._points[-1]:
            return
        chosen, self._gathered = self._gathered, []
        # A selection left standing swallows every later click inside it.
        with self.figure.batch_update():
            self.figure.layout.selections = []
            for i in self._points:
                self.figure.data[i].selectedpoints = None
        for callback in self._selectors:
            callback(chosen)

    def mark(self, selection: Sequence[str], ranks: Mapping[str, int]) -> None:
        """Ring the chosen segments, and the hits with their ranks."""
        hits = [s for s in ranks if s in self._row]
        chosen = [s for s in selection if s in self._row]
        with self.figure.batch_update():
            self._place(self._overlay, hits)
            labels = [str(ranks[s]) if ranks[s] <= _LABELLED else "" for s in hits]
            self.figure.data[self._overlay].text = labels
            self._place(self._overlay + 1, chosen)

    def _place(self, trace: int, segment_ids: Sequence[str]) -> None:
        if self._projection is None:
            return
        rows = [self._row[s] for s in segment_ids]
        self.figure.data[trace].x = self._projection.xy[rows, 0]
        self.figure.data[trace].y = self._projection.xy[rows, 1]

    def dress(self, theme: str) -> None:
        """Take the colours of the theme that the browser shows."""
        levels = levels_of(self._projection) if self._projection is not None else []
        with self.figure.batch_update():
            self.figure.update_layout(
                paper_bgcolor=_CLEAR,
                plot_bgcolor=_CLEAR,
                font={"color": token("text", theme)},
                hoverlabel={
                    "bgcolor": token("raised", theme),
                    "bordercolor": token("line", theme),
                    "font": {"color": token("text", theme)},
                },
                modebar={
                    "orientation": "v",
                    "bgcolor": _CLEAR,
                    "color": token("muted", theme),
                    "activecolor": token("accent", theme),
                },
            )
            for i in self._points:
                style = level_style(self.figure.data[i].meta, levels, theme)
                self.figure.data[i].marker.update(
                    color=style.color, line={"color": {"light": "#ffffff", "dark": "#111418"}[theme]}
                )
            if self._points:
                self.figure.data[0].line.color = token("edge", theme)
            for i, hue in ((self._overlay, "accent"), (self._overlay + 1, "down")):
                self.figure.data[i].marker.line.color = token(hue, theme)
                self.figure.data[i].marker.color = token(hue, theme)
            self.figure.data[self._overlay].textfont.color = token("accent", theme)


def _figure(projection: Projection | None) -> go.Figure:
    """The map without title and caption, which the explorer shows beside it."""
    figure = map_figure(projection, height=400, title="") if projection is not None else go.Figure()
    figure.layout.annotations = []
    for trace in figure.data[:1]:
        trace.showlegend = False
    figure.update_layout(
        template="none",
        autosize=True,
        height=400,
        margin={"l": 4, "r": 4, "t": 30, "b": 4},
        xaxis={"visible": False},
        yaxis={"visible": False},
    )
    return figure


def _ring(name: str, size: int, mode: str) -> go.Scatter:
    """An overlay that never catches a click: the points under it do."""
    return go.Scatter(
        x=[],
        y=[],
        mode=mode,
        name=name,
        hoverinfo="skip",
        showlegend=False,
        textposition="top center",
        textfont={"size": 12},
        marker={"symbol": "circle-open", "size": size, "line": {"width": 2.5}},
    )
