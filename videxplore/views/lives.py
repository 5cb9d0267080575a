"""Lives: what a cell displays lives until the cell is run anew, and then gives back all that it held."""

from __future__ import annotations

from typing import Any

import ipywidgets


class Cells:
    """Which widgets each cell of a notebook displays.

    ipywidgets keeps every widget, and its connection to the page, until it is closed; a cell that is run ten
    times would leave nine explorers behind that nobody sees. What a cell displayed is therefore closed when
    the cell has run anew, unless another cell or a layout of the user's shows it too. A front end that does
    not name its cells (nbconvert, papermill) runs each once: there nothing is closed.
    """

    def __init__(self) -> None:
        self._shown: dict[str, list[ipywidgets.Widget]] = {}
        self._now: list[ipywidgets.Widget] = []
        self._shell: Any = None

    def note(self, widget: ipywidgets.Widget) -> None:
        """Note that the cell that runs now displays a widget."""
        from IPython import get_ipython

        shell = get_ipython()
        if shell is None:
            return
        if shell is not self._shell:
            shell.events.register("pre_run_cell", self._begin)
            shell.events.register("post_run_cell", self._end)
            self._shell = shell
        self._now.append(widget)

    def _begin(self, _: Any) -> None:
        self._now = []

    def _end(self, result: Any) -> None:
        """Close what the last run of this cell displayed and nobody displays any more."""
        cell = result.info.cell_id
        if cell is None:
            return
        before = self._shown.pop(cell, [])
        if self._now:
            self._shown[cell] = self._now
        kept = {id(widget) for widgets in self._shown.values() for widget in widgets}
        for widget in before:
            if id(widget) not in kept and not _nested(widget):
                widget.close()


CELLS = Cells()
"""Those of this kernel."""


def _nested(widget: ipywidgets.Widget) -> bool:
    """Whether a box holds a widget."""
    boxes = (one for one in _open() if isinstance(one, ipywidgets.Box))
    return any(widget is child for box in boxes for child in box.children)


def _open() -> list[ipywidgets.Widget]:
    """All widgets that are open in this kernel."""
    from ipywidgets.widgets.widget import _instances  # ``Widget.widgets`` is gone since ipywidgets 8

    return list(_instances.values())


def close_below(widget: ipywidgets.Widget) -> None:
    """Close all that a widget holds: children, layouts, styles; nothing observes them afterwards.

    The widget itself is left to its own ``close``.
    """
    for part in _parts(widget):
        close_below(part)
        part.close()
        part.unobserve_all()


def _parts(widget: ipywidgets.Widget) -> list[ipywidgets.Widget]:
    """What belongs to a widget alone. By the traits' own values: plotly has a layout that is no widget."""
    held = [widget._trait_values.get(name) for name in ("layout", "style")]
    return [one for one in (*held, *getattr(widget, "children", ())) if isinstance(one, ipywidgets.Widget)]
