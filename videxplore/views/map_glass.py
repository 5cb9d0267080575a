"""MapGlass: what stands above the points of a map: answers, names, the playhead, a card, the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import ipywidgets
import traitlets

from videxplore.values.vectors import Projection
from videxplore.views.assets import module, styles
from videxplore.views.base import Pixels, View
from videxplore.views.delivery import Clips
from videxplore.views.map_detail import Inside, Window, in_box, in_outline
from videxplore.views.mapping import facts_of, path_of

Look = Callable[[Window | None], None]
"""What is called with the part of the map that is wanted or looked at, None for all of it."""

Encircle = Callable[[Inside], None]
"""What is called with the box or lasso that was drawn."""


class MapGlass(View):
    """Lies over a plotly figure in one box of the class ``vx-map-stage``, and lets the pointer through.

    The browser draws it, in pixels of the moment: labels keep apart at every scale, and a playhead follows
    the player without the kernel.

    Args:
        poster: segment id to JPEG bytes, for the card of the point under the pointer.
        clip: what makes the moving picture of that card.
        dense: whether the kernel wants to know what is looked at.
    """

    _esm = module("map_glass")
    _css = styles("hover", "map_glass")

    source = traitlets.Instance(
        ipywidgets.Widget, allow_none=True, help="the player whose time moves the playhead"
    ).tag(sync=True, **ipywidgets.widget_serialization)
    _hits = traitlets.List([], help="x, y, rank of each answer, by rank").tag(sync=True)
    _ordered = traitlets.Bool(True, help="whether a line leads through the first answers").tag(sync=True)
    _names = traitlets.List([], help="text, x, y of each name, most important first").tag(sync=True)
    _chosen = traitlets.List([], help="x, y of the first chosen point").tag(sync=True)
    _path = traitlets.Dict({}, help="video, and t, x, y of its points by time").tag(told=True)
    _dense = traitlets.Bool(False).tag(sync=True)
    _view = traitlets.List([], help="the part that the browser shows: x0, x1, y0, y1").tag(sync=True)

    def __init__(
        self, *, poster: Pixels | None = None, clip: Clips | None = None, dense: bool = False
    ) -> None:
        self._projection: Projection | None = None
        self._row: dict[str, int] = {}
        self._lookers: list[Look] = []
        self._zoomers: list[Look] = []
        self._encirclers: list[Encircle] = []
        super().__init__(poster=poster, clip=clip, _dense=dense)
        self.add_class("vx-map-pane")
        self.observe(self._on_view, names="_view")

    def show(self, projection: Projection | None) -> None:
        """Lie over a map; what stood over another one goes."""
        self._projection = projection
        self._row = {s: i for i, s in enumerate(projection.segment_ids)} if projection is not None else {}
        self._names = []

    def on_look(self, callback: Look) -> None:
        """Call ``callback(window)`` when the browser shows another part of the map."""
        self._lookers.append(callback)

    def on_zoom(self, callback: Look) -> None:
        """Call ``callback(window)`` when the keyboard asks for a part of the map, None for all of it."""
        self._zoomers.append(callback)

    def on_encircle(self, callback: Encircle) -> None:
        """Call ``callback(outline)`` when a box or lasso has been drawn."""
        self._encirclers.append(callback)

    def follow(self, video_id: str) -> None:
        """Let the playhead run along the points of a video, of none for ``""``."""
        if self._projection is None or not video_id:
            self._path = {}
            return
        times, xy = path_of(self._projection, video_id)
        x, y = xy.astype(float).T.round(4).tolist()
        self._path = {"video": video_id, "t": times.round(3).tolist(), "x": x, "y": y}

    def _on_view(self, change: Any) -> None:
        for callback in self._lookers:
            callback(window_of(change["new"]))

    def _answer(self, widget: Any, content: Any, buffers: Any) -> None:
        """Tell the facts of a point, pass on what part is wanted; the rest as every widget."""
        kind, segment_id = content.get("kind"), str(content.get("id"))
        if kind == "zoom":
            for callback in self._zoomers:
                callback(window_of(content.get("window") or ()))
        elif kind == "outline":
            for encircle in self._encirclers:
                encircle(outline_of(content))
        elif kind == "facts":
            drawn, row = self._projection, self._row.get(segment_id)
            lines = facts_of(drawn, row) if drawn is not None and row is not None else []
            self.send({"kind": kind, "id": segment_id, "key": content.get("key"), "ok": True, "lines": lines})
        else:
            super()._answer(widget, content, buffers)


def outline_of(content: Mapping[str, Any]) -> Inside:
    """Return what tells the points in a box or lasso, as the page tells of it."""
    if "box" in content:
        x0, x1, y0, y1 = map(float, content["box"])
        return partial(in_box, view=(min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)))
    xs, ys = ([float(at) for at in content[name]] for name in ("xs", "ys"))
    return partial(in_outline, xs=xs, ys=ys)


def window_of(bounds: Sequence[float]) -> Window | None:
    """Return four numbers as a window; None for none."""
    if len(bounds) != 4:
        return None
    x0, x1, y0, y1 = map(float, bounds)
    return (x0, x1, y0, y1)
