"""ScatterMap: a map of up to millions of segments, drawn by jupyter-scatter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import numpy as np
import pandas as pd
import traitlets
from numpy.typing import NDArray

from videxplore._extras import missing_extra
from videxplore.values.vectors import Projection, Region
from videxplore.views.assets import module, styles
from videxplore.views.base import View
from videxplore.views.describe import plain
from videxplore.views.figures.paint import SHADES, Paint, paint_of
from videxplore.views.figures.style import ground
from videxplore.views.mapping import caption_of, levels_of
from videxplore.views.tokens import level_style, token

_STEPS = 441
"""Colours of the palette: one unknown, then so many that every group's hue lies in the middle of its own."""

_LARGER = (1.0, 1.7, 2.4, 3.4)
"""How much wider a point of each tier is than one of the finest level."""


class ScatterFoot(View):
    """What stands below the points: the key of their colours, and how far to trust where they stand."""

    _esm = module("scatter_map")
    _css = styles("scatter_map")

    _key = traitlets.Dict({}).tag(sync=True)
    _caption = traitlets.Unicode("").tag(sync=True)
    _chosen = traitlets.Int(0).tag(sync=True)
    _dark = traitlets.Bool(False).tag(sync=True)


class ScatterMap(ipywidgets.VBox):
    """Points that can be panned, zoomed and chosen by lasso, however many; levels by size and colour.

    Args:
        projection: what to draw.
        color: as :func:`videxplore.views.figures.segment_map.map_figure` takes it.
        names: name per video id, where colour stands for the video.
        regions: dense parts, where colour stands for them.
        height: in pixels.

    Raises:
        MissingExtraError: jupyter-scatter is not installed.
        ValueError: an unknown colour, or another number of values than points.
    """

    selection = traitlets.List(traitlets.Unicode(), help="ids of the chosen segments")

    def __init__(
        self,
        projection: Projection,
        *,
        color: Any = "level",
        names: Mapping[str, str] | None = None,
        regions: Sequence[Region] = (),
        height: int = 520,
    ) -> None:
        try:
            import jscatter
        except ImportError as error:
            raise missing_extra("jupyter-scatter", "scatter", 'a map with backend="scatter"') from error
        self.projection = projection
        self._row = {segment_id: row for row, segment_id in enumerate(projection.segment_ids)}
        self._levels = levels_of(projection)
        self._tiers = [level_style(level, self._levels).tier for level in self._levels]
        self._paint = paint_of(projection, color, names or {}, regions)
        about = caption_of(projection) if len(projection) else "Nothing to draw: no segments."
        self.foot = ScatterFoot(_key=self._explain(), _caption=about)
        parts: list[Any] = [self.foot]
        if len(projection):  # of none jscatter makes no plot
            table = _table(projection, self._levels, self._paint)
            self.scatter = jscatter.Scatter("x", "y", data=table, height=height, **_frame(projection.xy))
            self._set_up()
            parts.insert(0, self.points)
        super().__init__(parts)
        self.add_class("vx-scatter")

    def _set_up(self) -> None:
        """Sizes, colours and what listens; opacity follows from how dense the points on screen are."""
        finest = float(np.clip(9 - 1.3 * np.log10(max(len(self.projection), 1)), 1.5, 6))
        widths = [finest * _LARGER[tier] for tier in self._tiers]
        if len(self._levels) > 1:
            self.scatter.size(by="level", map=dict(zip(self._levels, widths, strict=True)))
        else:
            self.scatter.size(default=finest)
        self.scatter.order(by="level", map=list(self._levels))  # the rare coarse ones on top
        self.scatter.opacity(by="density")
        self.scatter.tooltip(
            True, properties=["level"], histograms=False, preview="segment", preview_text_lines=6
        )
        self.scatter.reticle(False)
        self.points = self.scatter.widget
        self.points.toolbar_buttons = ["pan_zoom", "lasso", "reset", "divider", "full_screen"]
        self._color("light")
        self.points.observe(self._on_points, names="selection")
        self.foot.observe(self._dress, names="_dark")

    def _color(self, theme: str) -> None:
        """Colours for a theme, on its ground."""
        # Not by scatter.background: with a new colour for axes and legend the page would show both.
        self.points.background_color = _rgba(ground(theme))
        self.points.tooltip_color = _rgba(token("raised", theme))
        chosen = {"selected": token("down", theme), "hover": token("accent", theme)}
        if self._paint is not None:
            scale = self._paint.scale(theme)
            bounds = scale["cmin"], scale["cmax"]
            self.scatter.color(by="shade", map=_palette(scale["colorscale"]), norm=bounds, **chosen)
            return
        hues = {level: level_style(level, self._levels, theme).color for level in self._levels}
        if len(self._levels) > 1:
            self.scatter.color(by="level", map=hues, **chosen)
        else:
            self.scatter.color(default=next(iter(hues.values()), token("level-0", theme)), **chosen)

    def _dress(self, change: Any) -> None:
        self._color("dark" if change["new"] else "light")

    def _explain(self) -> dict[str, Any]:
        """What the colours stand for, as the page writes it."""
        counts = {level: self.projection.levels.count(level) for level in self._levels}
        key: dict[str, Any] = {
            "levels": [
                {
                    "name": f"{plain(level)}s",
                    "tier": level_style(level, self._levels).tier,
                    "n": counts[level],
                }
                for level, tier in zip(self._levels, self._tiers, strict=True)
            ]
        }
        paint = self._paint
        if paint is None:
            return key
        if paint.numeric:
            low, high = (f"{bound:.3g}" for bound in paint.bounds)
            return key | {"title": paint.title, "shades": SHADES, "low": low, "high": high}
        groups, more = paint.groups()
        return key | {"title": paint.title, "groups": [plain(name) for name in groups], "more": more}

    @traitlets.validate("selection")
    def _check_selection(self, proposal: Any) -> list[str]:
        unknown = [segment_id for segment_id in proposal["value"] if segment_id not in self._row]
        if unknown:
            missing = ", ".join(map(repr, unknown[:3]))
            raise traitlets.TraitError(f"selection must name segments of this map; it has no {missing}.")
        return list(proposal["value"])

    @traitlets.observe("selection")
    def _on_selection(self, change: Any) -> None:
        rows = [self._row[segment_id] for segment_id in change["new"]]
        self.foot._chosen = len(rows)
        if not len(self.projection):
            return
        if not np.array_equal(rows, _rows(self.points.selection)):
            self.scatter.selection(rows)

    def _on_points(self, change: Any) -> None:
        ids = self.projection.segment_ids
        self.selection = [ids[row] for row in _rows(change["new"])]

    def close(self) -> None:
        """Close every part."""
        for part in self.children:
            part.close()
        super().close()


def _rgba(color: str) -> list[float]:
    """A hexadecimal colour as jupyter-scatter's widget takes it."""
    return [*(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)), 1.0]


def _palette(scale: Sequence[tuple[float, str]]) -> list[list[float]]:
    """Evenly spaced colours of plotly's kind of scale."""
    stops, hues = np.array([at for at, _ in scale]), np.array([_rgba(hue) for _, hue in scale])
    at = np.linspace(0, 1, _STEPS)
    return np.column_stack([np.interp(at, stops, channel) for channel in hues.T]).tolist()


def _rows(selection: Any) -> NDArray[np.intp]:
    """Rows of a selection of jupyter-scatter, which is None for none."""
    return np.zeros(0, np.intp) if selection is None else np.asarray(selection, np.intp)


def _table(projection: Projection, levels: Sequence[str], paint: Paint | None) -> pd.DataFrame:
    """One row per point: x, y, level, what to call it, and its place on the scale of colours."""
    table = pd.DataFrame({"x": projection.xy[:, 0], "y": projection.xy[:, 1]})
    table["level"] = pd.Categorical(projection.levels, categories=list(levels))
    table["segment"] = list(projection.labels) or [""] * len(projection)
    if paint is not None:
        table["shade"] = paint.shades(range(len(projection)))
    return table


def _frame(xy: NDArray[np.float32]) -> dict[str, Any]:
    """Scales with one unit on both axes: in such a projection only nearness means anything."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    half = max(float((high - low).max()) / 2, 1e-6) * 1.04
    (left, right), (bottom, top) = ((float(m - half), float(m + half)) for m in (low + high) / 2)
    return {"x_scale": (left, right), "y_scale": (bottom, top), "axes": False}
