"""LiveFigure: plotly's figure widget, of which no notebook saves the library or the figure."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from ipywidgets.widgets.widget import _remove_buffers
from plotly.basewidget import BaseFigureWidget
from plotly.serializers import custom_serializers

from videxplore.views.assets import module
from videxplore.views.packing import pack


@cache
def _library() -> bytes:
    """Plotly as its widget runs it, compressed: 1.8 of 5.0 MB."""
    return gzip.compress(str(BaseFigureWidget._esm).encode(), 1, mtime=0)


def _light(value: Any) -> Any:
    """A copy with numbers in four bytes, which is more than a screen can show."""
    if isinstance(value, dict):
        return {key: _light(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_light(one) for one in value]
    if isinstance(value, np.ndarray):
        return value.astype(np.float32) if value.dtype == np.float64 else value.copy()
    return value


class LiveFigure(go.FigureWidget):
    """A figure that answers to the kernel, as :class:`plotly.graph_objects.FigureWidget` does.

    Plotly puts its whole library, the figure as it was made and every change of it into the state of the
    widget, and with it into every notebook that is saved. Here the page asks for the library once, and for
    the figure, as it is then, each time it draws; from the first time on it is told of changes. All of these
    are messages, of which nothing is kept.
    """

    _esm = pack("LiveFigure", module("live_figure"))
    _wanted = False  # whether a page has ever drawn it

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.on_msg(self._answer)

    def _answer(self, _: Any, content: Any, __: Any) -> None:
        """Send what a page needs to draw: the library, or the figure as it is now."""
        if content.get("kind") == "library":
            self.send({"kind": "library"}, buffers=[_library()])
        elif content.get("kind") == "figure":
            self._wanted = True
            self._tell("figure", {"_widget_data": self._data, "_widget_layout": self._layout_obj._props})

    def _tell(self, kind: str, facts: Mapping[str, Any]) -> None:
        """Send traits of plotly's, arrays as bytes."""
        told, paths, buffers = _remove_buffers(custom_serializers["to_json"](_light(dict(facts)), self))
        self.send({"kind": kind, "facts": told, "paths": paths}, buffers=buffers)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """As of every widget, without the figure."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        without: dict[str, Any] = {"_widget_data": [], "_widget_layout": {}}
        return state | {name: without[name] for name in without.keys() & state.keys()}

    def send_state(self, key: Any = None) -> None:
        """As of every widget; a change of the figure is a message, for a page that draws it."""
        names = {key} if isinstance(key, str) else set(self.keys if key is None else key)
        changes = {name: getattr(self, name) for name in names if name.startswith("_py2js_")}
        rest = names - changes.keys()
        if rest:
            super().send_state(rest)
        for name, change in changes.items():
            if change is not None and self._wanted:
                self._tell("change", {name: change})

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        """The view alone: plotly would send the whole figure once more, which the page asks for anyway."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, "text/plain": "LiveFigure()"}
