"""ExplorerBar: what concerns an explorer as a whole: steps back, panels, the view kept, what is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import traitlets

from videxplore.views.assets import module, styles
from videxplore.views.base import View
from videxplore.views.describe import plain
from videxplore.views.outlets import Outlet
from videxplore.views.tree_panel import SHAPES

PANELS = {
    "finder": "Search",
    "map": "Map",
    "tree": "Tree",
    "player": "Player",
    "details": "Details",
    "compare": "Compare",
}
"""Parts of an explorer that can be folded away, and what they are called."""


@dataclass(frozen=True)
class Notice:
    """Something to be known about the library as a whole.

    Attributes:
        title: in a few words.
        lines: what exactly, and what to do.
        error: whether something failed.
    """

    title: str
    lines: tuple[str, ...] = ()
    error: bool = False


class ExplorerBar(View):
    """Stands above the panels; its keys hold in the whole explorer. Whoever owns it does what it asks.

    Args:
        title: what is explored.
        panels: names of the panels that there are.
        outlets: what can be made of the selection; none where nothing may be written.
        notices: what is to be known.
        empty: whether there is nothing to explore.
        **traits: ``folded``, ``shape``.
    """

    _esm = module("explorer_bar")
    _css = styles("explorer_bar", "explorer")

    folded = traitlets.List(traitlets.Unicode(), help="panels folded away").tag(sync=True)
    shape = traitlets.Enum(SHAPES, "timeline", help="how the segment tree is drawn").tag(sync=True)
    _title = traitlets.Unicode("").tag(sync=True)
    _panels = traitlets.List([]).tag(sync=True)
    _outlets = traitlets.List([]).tag(sync=True)
    _notices = traitlets.List([]).tag(sync=True)
    _empty = traitlets.Bool(False).tag(sync=True)
    _back = traitlets.Bool(False).tag(sync=True)
    _forward = traitlets.Bool(False).tag(sync=True)
    _chosen = traitlets.Int(0).tag(sync=True)
    _task = traitlets.Dict({}).tag(sync=True)
    _kept = traitlets.Unicode("", help="the view that can be gone on with, in words").tag(sync=True)
    _said = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        *,
        title: str = "",
        panels: Sequence[str] = tuple(PANELS),
        outlets: Sequence[Outlet] = (),
        notices: Sequence[Notice] = (),
        empty: bool = False,
        **traits: Any,
    ) -> None:
        self._doers: dict[str, Callable[..., None]] = {}
        super().__init__(
            _title=plain(title),
            _panels=[[name, PANELS[name]] for name in panels],
            _outlets=[[o.kind, o.label, o.place, o.hint] for o in outlets],
            _empty=empty,
            **traits,
        )
        self.notify(notices)

    @traitlets.validate("folded")
    def _check_folded(self, proposal: Any) -> list[str]:
        known = [name for name, _ in self._panels]
        unknown = [name for name in proposal["value"] if name not in known]
        if unknown:
            raise traitlets.TraitError(f"folded may name {', '.join(known)}; got {unknown[0]!r}.")
        return [name for name in known if name in proposal["value"]]

    def on_ask(self, kind: str, callback: Callable[..., None]) -> None:
        """Call ``callback`` for one of ``"back"``, ``"forward"``, ``"restore"`` and ``"write"``.

        The last one is called with the kind of outlet and the place.
        """
        self._doers[kind] = callback

    def notify(self, notices: Sequence[Notice]) -> None:
        """Show what is to be known, in place of what was shown."""
        self._notices = [
            {"title": plain(n.title), "lines": [plain(line) for line in n.lines], "error": n.error}
            for n in notices
        ]

    def tell_steps(self, back: bool, forward: bool) -> None:
        """Show whether there is something to take back, and to bring back."""
        self._back, self._forward = back, forward

    def tell(self, task: dict[str, Any]) -> None:
        """Show how far something has got."""
        self._task = task

    def _answer(self, widget: Any, content: Any, buffers: Any) -> None:
        doer = self._doers.get(str(content.get("kind")))
        if doer is None:
            super()._answer(widget, content, buffers)
        elif content["kind"] == "write":
            doer(str(content["outlet"]), str(content["place"]))
        else:
            doer()
