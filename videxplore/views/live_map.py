"""LiveMap: the segment map as a figure that answers clicks, and draws what is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from videxplore.values.vectors import Projection
from videxplore.views.base import Add, Choose
from videxplore.views.figures.paint import Paint
from videxplore.views.figures.segment_map import (
    density_grid,
    density_trace,
    edge_trace,
    fill_neighbours,
    kind_of,
    level_trace,
    line_through,
    neighbour_traces,
    ring_trace,
)
from videxplore.views.figures.style import bare_axes, ground
from videxplore.views.live_figure import LiveFigure
from videxplore.views.map_detail import (
    AT_ONCE,
    DENSE,
    Inside,
    Window,
    bounds_of,
    density_of,
    drawing_turn,
    in_box,
    overlap_of,
    rows_in_view,
    widen,
)
from videxplore.views.mapping import branch_of, edges_between, edges_of, levels_of, lines_to_draw, tiers_of
from videxplore.views.tokens import level_style, token

_CLEAR = "rgba(0,0,0,0)"
_HEIGHT = 354
_BEHIND = 0.5
_SPARSE = 0.6  # of a mark's size, where a density lies below
_BRANCHES = 5  # more chosen segments would drown the map in the lines of their branches
_FEW, _RING, _SMALL_RING = 30, 24, 14


class LiveMap:
    """Holds the one live figure of an explorer: points of the levels that are shown, rings for the choice.

    Above :data:`videxplore.views.map_detail.DENSE` points it draws a density, and of the points a sample, or
    all of a part that has few enough; see :meth:`look`.

    Args:
        projection: what to draw, or None.
    """

    def __init__(self, projection: Projection | None) -> None:
        self._choosers: list[Choose] = []
        self._adders: list[Add] = []
        self._selectors: list[Callable[[Sequence[str]], None]] = []
        self._theme = "light"
        self._paint: Paint | None = None
        self._hits = self._chosen = np.zeros(0, np.intp)
        self._window: Window | None = None
        self._lock = RLock()
        self._points: list[int] = []
        self._take(projection)
        self.figure = LiveFigure(self._first()).add_class("vx-map-figure")
        self.figure._config = {
            "scrollZoom": True,
            "displaylogo": False,
            "responsive": True,
            # Named one by one: plotly's default bar offers to send the data to a cloud service.
            "modeBarButtons": [["pan2d", "select2d", "lasso2d", "resetScale2d"]],
        }
        for i in self._points:
            self.figure.data[i].on_click(self._on_click)
        if self._points:
            self.figure.data[self._choice + 2].on_selection(self._on_selection)
        self.figure.layout.on_change(self._on_outline, "selections")
        self.dress("light")

    def _take(self, projection: Projection | None) -> None:
        """Take another projection, with what follows from it."""
        n = 0 if projection is None else len(projection)
        self._projection = projection if n else None
        self._xy = projection.xy if projection is not None else np.zeros((0, 2), np.float32)
        self._row = {s: i for i, s in enumerate(projection.segment_ids)} if projection is not None else {}
        self._edges = edges_of(projection) if projection is not None else np.zeros((0, 2), np.intp)
        self._levels = levels_of(projection) if projection is not None else []
        self._level = tiers_of(projection, self._levels) if projection is not None else np.zeros(0, np.intp)
        self._shown = np.ones(n, bool)
        self._turn = drawing_turn(n) if self.dense else None
        self._drawn = np.arange(n, dtype=np.intp)
        self._whole = True

    @property
    def dense(self) -> bool:
        """Whether there are too many points to draw them all at once."""
        return len(self._xy) > DENSE

    def _first(self) -> go.Figure:
        """The figure to begin with, without title and caption, which the explorer shows beside it."""
        figure = go.Figure()
        if self._projection is not None:
            kind = kind_of(self._projection)
            torn, false = neighbour_traces(kind, "light")
            line = {"x": [], "y": [], "mode": "lines", "name": "branch", "hoverinfo": "skip"}
            # A selection draws its branch above the other lines and below every point.
            traces = [edge_trace(kind, line_through(self._xy, self._edges[:0]), "light"), kind(**line)]
            levels = list(reversed(self._levels))
            self._points = [len(traces) + i for i in range(len(levels))]
            # Events without plotly's label: a card with the segment's picture stands beside the point.
            traces += [
                level_trace(self._projection, kind, level, [], "light").update(hoverinfo="none")
                for level in levels
            ]
            self._choice = len(traces)
            traces += [ring_trace(kind, "light"), torn, false]
            if self.dense:
                traces.append(density_trace("light"))
            figure.add_traces(traces)
            self._fill(figure)
        else:
            figure.add_annotation(
                text="No segments to draw yet", xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False
            )
        figure.update_layout(
            template="none", autosize=True, height=_HEIGHT, showlegend=False, hovermode="closest",
            dragmode="pan", uirevision="map", margin={"l": 4, "r": 4, "t": 4, "b": 4},
        )  # fmt: skip
        return bare_axes(figure, equal=True)

    @property
    def _bounds(self) -> Window:
        return bounds_of(self._xy)

    def move(self, projection: Projection) -> None:
        """Move every point to where another map of the same segments has it.

        Raises:
            ValueError: the map is of other segments.
        """
        if self._projection is None or set(projection.segment_ids) != set(self._row):
            raise ValueError("a map can only be moved to one of the same segments.")
        hidden = {level for i, level in enumerate(self._levels) if not self._shown[self._level == i].any()}
        kept = self._ids(self._hits), self._ids(self._chosen)
        self._take(projection)
        self._hits, self._chosen = self._rows(kept[0]), self._rows(kept[1])
        self._window = None
        with self._changing():
            self._show([level for level in self._levels if level not in hidden])
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

    def on_add(self, callback: Add) -> None:
        """Call ``callback(segment_id)`` for a click on a point with Ctrl, Shift or ⌘ held."""
        self._adders.append(callback)

    def on_select(self, callback: Callable[[Sequence[str]], None]) -> None:
        """Call ``callback(segment_ids)`` for a box or a lasso."""
        self._selectors.append(callback)

    def choose(self, segment_id: str) -> None:
        """Tell everybody who listens that a point was chosen."""
        for callback in self._choosers:
            callback(segment_id, True)

    def add(self, segment_id: str) -> None:
        """Tell everybody who listens that a point was taken into the choice, or out of it."""
        for callback in self._adders:
            callback(segment_id)

    def _on_click(self, trace: Any, points: Any, keys: Any) -> None:
        held = keys is not None and (keys.ctrl or keys.meta or keys.shift)
        for i in points.point_inds[:1]:
            (self.add if held else self.choose)(str(trace.customdata[i]))

    def encircle(self, inside: Inside) -> None:
        """Take all segments in a box or lasso, drawn or not."""
        chosen = self._ids(np.flatnonzero(inside(self._xy) & self._shown))
        for callback in self._selectors:
            callback(chosen)

    def _on_selection(self, *_: Any) -> None:
        """Undo what plotly does after a box or lasso: it dims what is not inside, also what is no point.

        Plotly calls once per trace, and this one comes last.
        """
        with self._changing():
            for i in range(self._choice + 3):
                self.figure.data[i].selectedpoints = None

    def _on_outline(self, *_: Any) -> None:
        """Take away the outline of a box or lasso, which swallows clicks.

        The browser tells of it after the selection itself, and plotly keeps it from its own layout object.
        """
        with self._lock:
            self.figure.plotly_relayout({"selections": []})

    def _ids(self, rows: NDArray[np.intp]) -> list[str]:
        return [] if self._projection is None else [self._projection.segment_ids[i] for i in rows]

    def _rows(self, segment_ids: Iterable[str]) -> NDArray[np.intp]:
        return np.array([self._row[s] for s in segment_ids if s in self._row], np.intp)

    def place(self, segment_ids: Sequence[str]) -> list[tuple[float, float] | None]:
        """Return where segments stand on the map, None for those that are not drawn on it."""
        rows = [self._row.get(segment_id, -1) for segment_id in segment_ids]
        return [tuple(self._xy[i].tolist()) if i >= 0 and self._shown[i] else None for i in rows]

    def paint(self, paint: Paint | None) -> None:
        """Let colours stand for something; None for the level."""
        with self._changing():
            self._paint = paint
            self._color_points()

    def mark(self, selection: Sequence[str], hits: Sequence[str]) -> None:
        """Ring the choice, with its branch; of the rest all but the hits steps back."""
        if self._projection is None:
            return
        with self._changing():
            self._hits, self._chosen = self._rows(hits), self._rows(selection)
            if self.dense:
                self._fill(self.figure)
            self._ring()
            self._color_points()

    def show(self, levels: Sequence[str]) -> None:
        """Draw the points of these levels only; lines lead past a level that is left out."""
        with self._changing():
            self._show(levels)

    def look(self, window: Window | None) -> None:
        """Draw what belongs into a part of a dense map, None for all of it; any other map is drawn whole."""
        if self._projection is None or not self.dense or window == self._window:
            return
        with self._changing():
            self._window = window
            self._fill(self.figure)
            self._ring()
            self._color_points()

    def zoom(self, window: Window | None) -> None:
        """Let the browser show a part of the map, None for all of it."""
        if self._projection is None:
            return
        with self._changing():
            if window is None:
                self.figure.layout.xaxis.autorange = self.figure.layout.yaxis.autorange = True
            else:
                self.figure.layout.xaxis.range, self.figure.layout.yaxis.range = window[:2], window[2:]

    def _show(self, levels: Sequence[str]) -> None:
        if self._projection is None:
            return
        self._shown = np.isin(self._level, [i for i, level in enumerate(self._levels) if level in levels])
        self._fill(self.figure)
        self._ring()
        self._color_points()

    def _fill(self, figure: go.Figure) -> None:
        """Give a figure the points to draw, their lines and, under a part of the points, a density."""
        if self._turn is None:
            self._drawn = np.flatnonzero(self._shown)
        else:
            kept = np.concatenate([self._hits, self._chosen])
            self._drawn, self._whole = rows_in_view(
                self._xy, self._turn, self._shown, self._window or self._bounds, kept
            )
        drawn = np.zeros(len(self._xy), bool)
        drawn[self._drawn] = True
        for i in self._points:
            rows = self._rows_of(i, figure)
            trace = figure.data[i]
            trace.customdata = self._ids(rows)
            trace.x, trace.y = self._xy[rows, 0], self._xy[rows, 1]
            size = level_style(trace.meta, self._levels).size
            trace.marker.size = size if self._whole else _SPARSE * size
        # Lines between parts of a sample would join what has nothing to do with each other.
        edges = edges_between(self._edges, drawn) if self._whole else self._edges[:0]
        lines = lines_to_draw(edges, self._level)
        figure.data[0].x, figure.data[0].y = line_through(self._xy, lines)
        if self.dense:
            # Within the map's own bounds: axes that fit themselves to a larger ground would be looked at, and
            # answered with a still larger one.
            window = overlap_of(widen(self._window or self._bounds), self._bounds)
            grid = density_grid(density_of(self._xy[self._shown], window), window)
            figure.data[-1].update(visible=not self._whole, **grid)

    def _rows_of(self, trace: int, figure: go.Figure | None = None) -> NDArray[np.intp]:
        """Rows that one trace draws, in the order of its points."""
        meta = (figure or self.figure).data[trace].meta
        return self._drawn[self._level[self._drawn] == self._levels.index(meta)]

    def _ring(self) -> None:
        """Ring what is chosen and shown; beyond a crowd that nobody can tell apart only what is in view."""
        rows = self._chosen[self._shown[self._chosen]]
        if self.dense:
            rows = rows[in_box(self._xy[rows], widen(self._window or self._bounds))][:AT_ONCE]
        choice, branch = self.figure.data[self._choice], self.figure.data[1]
        choice.x, choice.y = self._xy[rows, 0], self._xy[rows, 1]
        choice.marker.size = _RING if len(rows) <= _FEW else _SMALL_RING
        choice.marker.line.width = 2.5 if len(rows) <= _FEW else 1.2
        few = rows.tolist() if len(rows) <= _BRANCHES else []
        lines = branch_of(few, edges_between(self._edges, self._shown))
        branch.x, branch.y = line_through(self._xy, lines)

    def tear(self, segment_id: str | None) -> int:
        """Draw what the map says falsely about one point, None for nothing; returns how many it tore away.

        Raises:
            ValueError: the map keeps no true neighbours.
        """
        if self._projection is None:
            return 0
        torn, false = self.figure.data[self._choice + 1 : self._choice + 3]
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
                modebar={
                    "orientation": "v",
                    "bgcolor": _CLEAR,
                    "color": token("muted", theme),
                    "activecolor": token("accent", theme),
                },
            )
            if self._projection is None:
                return
            self._color_points()
            for i, hue in ((0, "edge"), (1, "down"), (self._choice + 1, "down")):
                self.figure.data[i].line.color = token(hue, theme)
            for i, hue in ((self._choice, "down"), (self._choice + 2, "muted")):
                self.figure.data[i].marker.color = token(hue, theme)
            if self.dense:
                self.figure.data[-1].colorscale = density_trace(theme).colorscale

    def _color_points(self) -> None:
        """Colour the points by the paint, else by level; then points that are no hits step back.

        They do not where a paint is on: half a colour would be another value of its scale.
        """
        for i in self._points:
            trace, rows = self.figure.data[i], self._rows_of(i)
            behind = len(self._hits) > 0 and self._paint is None
            trace.marker.line.update(color=ground(self._theme), width=1 if self._whole else 0)
            trace.marker.opacity = np.where(np.isin(rows, self._hits), 1.0, _BEHIND) if behind else 1.0
            if self._paint is None:
                trace.marker.color = level_style(trace.meta, self._levels, self._theme).color
            else:
                trace.marker.color = self._paint.shades(rows.tolist())
                trace.marker.update(self._paint.scale(self._theme))
