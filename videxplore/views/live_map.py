"""LiveMap: the segment map as a figure that answers clicks and shows what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

import numpy as np
import plotly.graph_objects as go

from videxplore.values.vectors import Projection, Region
from videxplore.views.base import Choose
from videxplore.views.figures.paint import Paint
from videxplore.views.figures.segment_map import (
    fill_neighbours,
    line_through,
    map_figure,
    neighbour_traces,
    region_labels,
    unit_per_pixel,
)
from videxplore.views.figures.style import ground
from videxplore.views.map_labels import place_labels
from videxplore.views.mapping import branch_of, edges_of, levels_of
from videxplore.views.tokens import level_style, token

_LABELLED = 10
_CLEAR = "rgba(0,0,0,0)"
_HEIGHT = 380
_BOX = (420.0, 330.0)  # about what the points fill, in pixels: only the kernel's guess, for placing labels
_BEHIND = 0.5


class LiveMap:
    """Holds the one live figure of an explorer: points, names of regions, and marks for choice and hits.

    Args:
        projection: what to draw, or None.
    """

    def __init__(self, projection: Projection | None) -> None:
        self._projection = projection
        self._row = {s: i for i, s in enumerate(projection.segment_ids)} if projection is not None else {}
        self._choosers: list[Choose] = []
        self._selectors: list[Callable[[Sequence[str]], None]] = []
        self._gathered: list[str] = []
        self._edges = edges_of(projection) if projection is not None else np.zeros((0, 2), np.intp)
        self._theme = "light"
        self._paint: Paint | None = None
        self._hits: frozenset[str] = frozenset()
        self._regions: Sequence[Region] = ()
        self._lock = RLock()
        still = _figure(projection)
        self._points = [i for i, trace in enumerate(still.data) if trace.meta]
        torn, false = neighbour_traces("light")
        still.add_traces([torn.update(showlegend=False), false.update(showlegend=False)])
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

    def move(self, projection: Projection) -> None:
        """Move every point to where another map of the same segments has it.

        Raises:
            ValueError: the map is of other segments.
        """
        if self._projection is None or set(projection.segment_ids) != set(self._row):
            raise ValueError("a map can only be moved to one of the same segments.")
        self._projection = projection
        self._row = {s: i for i, s in enumerate(projection.segment_ids)}
        self._edges = edges_of(projection)
        with self._changing():
            for i in self._points:
                rows = [self._row[s] for s in self.figure.data[i].customdata]
                self.figure.data[i].x, self.figure.data[i].y = projection.xy[rows, 0], projection.xy[rows, 1]
            self.figure.data[0].x, self.figure.data[0].y = line_through(projection.xy, self._edges)
            # A new map begins whole: what was zoomed into on the old one is elsewhere.
            self.figure.layout.xaxis.autorange = self.figure.layout.yaxis.autorange = True

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One message for all changes; one thread at a time, since plotly gathers them in the figure."""
        with self._lock, self.figure.batch_update():
            yield

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
        with self._changing():
            self.figure.layout.selections = []
            for i in self._points:
                self.figure.data[i].selectedpoints = None
        for callback in self._selectors:
            callback(chosen)

    def paint(self, paint: Paint | None) -> None:
        """Let colours stand for something; None for the level."""
        with self._changing():
            self._paint = paint
            self._color_points()

    def name(self, regions: Sequence[Region]) -> None:
        """Write the names of these regions on the map, in place of others."""
        if self._projection is None or not self._points:
            return
        with self._changing():
            self._regions = regions
            self._write_names()

    def mark(self, selection: Sequence[str], ranks: Mapping[str, int]) -> None:
        """Ring the choice, with its branch, and the hits, with their first ranks; the rest steps back."""
        if self._projection is None or not self._points:
            return
        hits = sorted((s for s in ranks if s in self._row), key=ranks.__getitem__)
        rows = [self._row[s] for s in hits]
        chosen = [self._row[s] for s in selection if s in self._row]
        first = [ranks[s] <= _LABELLED for s in hits]
        xy = self._projection.xy
        rings, choice, branch = (self.figure.data[i] for i in (self._overlay, self._overlay + 1, 1))
        with self._changing():
            rings.x, rings.y = xy[rows, 0], xy[rows, 1]
            rings.marker.size = [17 if known else 12 for known in first] or 17
            rings.marker.line.width = [2.5 if known else 1.2 for known in first] or 2.5
            labels = [str(ranks[s]) if known else "" for s, known in zip(hits, first, strict=True)]
            rings.text, rings.textposition = place_labels(
                xy[rows], labels, unit_per_pixel(self._projection, *_BOX)
            )
            choice.x, choice.y = xy[chosen, 0], xy[chosen, 1]
            branch.x, branch.y = line_through(xy, branch_of(chosen, self._edges))
            self._hits = frozenset(hits)
            self._color_points()

    def tear(self, segment_id: str | None) -> int:
        """Draw what the map says falsely about one point, None for nothing; returns how many it tore away.

        Raises:
            ValueError: the map keeps no true neighbours.
        """
        if self._projection is None or not self._points:
            return 0
        torn, false = self.figure.data[self._overlay - 2 : self._overlay]
        with self._changing():
            row = None if segment_id is None else self._row[segment_id]
            return fill_neighbours(torn, false, self._projection, row)[0]

    def dress(self, theme: str) -> None:
        """Take the colours of the theme that the browser shows."""
        self._theme = theme
        with self._changing():
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
            if not self._points:
                return
            self._color_points()
            self._write_names()
            for i, hue in ((0, "edge"), (1, "down"), (self._overlay - 2, "down")):
                self.figure.data[i].line.color = token(hue, theme)
            for i, hue in (
                (self._overlay - 1, "muted"),
                (self._overlay, "accent"),
                (self._overlay + 1, "down"),
            ):
                self.figure.data[i].marker.line.color = token(hue, theme)
                self.figure.data[i].marker.color = token(hue, theme)
            self.figure.data[self._overlay].textfont.color = token("accent", theme)

    def _color_points(self) -> None:
        """Colour the points by the paint, else by level; then points that are no hits step back.

        They do not where a paint is on: half a colour would be another value of its scale.
        """
        levels = levels_of(self._projection) if self._projection is not None else []
        for i in self._points:
            trace = self.figure.data[i]
            behind = bool(self._hits) and self._paint is None
            trace.marker.line.color = ground(self._theme)
            trace.marker.opacity = (
                [1.0 if s in self._hits else _BEHIND for s in trace.customdata] if behind else 1.0
            )
            if self._paint is None:
                trace.marker.color = level_style(trace.meta, levels, self._theme).color
            else:
                trace.marker.color = self._paint.shades([self._row[s] for s in trace.customdata])
                trace.marker.update(self._paint.scale(self._theme))

    def _write_names(self) -> None:
        if self._projection is not None:
            unit = unit_per_pixel(self._projection, *_BOX)
            self.figure.layout.annotations = region_labels(self._regions, unit, self._theme)


def _figure(projection: Projection | None) -> go.Figure:
    """The map without title and caption, which the explorer shows beside it."""
    figure = map_figure(projection, height=_HEIGHT, title="") if projection is not None else go.Figure()
    figure.layout.annotations = []
    if not figure.data:
        figure.add_annotation(
            text="No segments to draw yet", xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False
        )
    if figure.data:
        edges, *points = figure.data
        edges.showlegend = False
        # A selection draws its branch above the other lines and below every point.
        figure = go.Figure([edges, _branch(), *points], figure.layout)
    figure.update_layout(
        template="none",
        autosize=True,
        height=_HEIGHT,
        showlegend=True,  # of a single level too: plotly would change its mind as soon as marks appear
        margin={"l": 4, "r": 4, "t": 26, "b": 4},
        legend={
            "font": {"size": 11},
            "itemwidth": 30,
            "entrywidth": 0,
            "tracegroupgap": 0,
            "x": 0,
            "y": 1.01,
        },
        xaxis={"visible": False},
        yaxis={"visible": False},
    )
    return figure


def _branch() -> go.Scatter:
    """The lines that join what is chosen to what holds it and to its parts."""
    return go.Scatter(
        x=[], y=[], mode="lines", name="branch", hoverinfo="skip", showlegend=False, line={"width": 1.6}
    )


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
        textfont={"size": 13, "weight": 700},
        marker={"symbol": "circle-open", "size": size, "line": {"width": 2.5}},
    )
