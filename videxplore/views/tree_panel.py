"""TreePanel: the segment tree of one video, as a time line or as rings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import traitlets

from videxplore.views.base import Add, Choose, Pixels
from videxplore.views.lives import close_below
from videxplore.views.player import Player
from videxplore.views.sunburst import Sunburst
from videxplore.views.timeline import Timeline
from videxplore.views.tree_view import TreeView

SHAPES = ("timeline", "sunburst")
"""How a tree can be drawn."""


class TreePanel(ipywidgets.Box):
    """Shows one of the two; only that one is told what to draw.

    Args:
        poster: segment id to JPEG bytes.
        **traits: ``shape``.
    """

    shape = traitlets.Enum(SHAPES, "timeline", help="how the tree is drawn")

    def __init__(self, *, poster: Pixels | None = None, **traits: Any) -> None:
        self._poster = poster
        self._tree: Mapping[str, Any] | None = None
        self._marks: tuple[Sequence[str], Mapping[str, int]] = ((), {})
        self._choosers: list[Choose] = []
        self._adders: list[Add] = []
        self._player: Player | None = None
        self._playheads: list[ipywidgets.Widget] = []
        self._made: dict[str, TreeView] = {}
        super().__init__([], **traits)
        self.observe(self._draw, names="shape")
        self._draw()

    @property
    def shown(self) -> TreeView:
        """The one that is seen; it is made when it is seen first."""
        if self.shape not in self._made:
            made = (Timeline if self.shape == "timeline" else Sunburst)(poster=self._poster)
            made.on_choose(self._choose)
            made.on_add(self._add)
            self._made[self.shape] = made
            self._link(made)
        return self._made[self.shape]

    def _link(self, made: TreeView) -> None:
        if self._player is not None:
            link = ipywidgets.jslink((self._player, "current_time"), (made, "current_time"))
            self._playheads.append(link)

    def _draw(self, _: Any = None) -> None:
        shown = self.shown
        shown.load(self._tree)
        shown.mark(*self._marks)
        self.children = [shown]

    def follow(self, player: Player) -> None:
        """Let the playhead go with a player; it moves in the browser, without the kernel."""
        self._player = player
        for made in self._made.values():
            self._link(made)

    def on_choose(self, callback: Choose) -> None:
        """Call ``callback(segment_id, play)`` when a segment is chosen."""
        self._choosers.append(callback)

    def on_add(self, callback: Add) -> None:
        """Call ``callback(segment_id)`` when a segment is taken into the choice, or out of it."""
        self._adders.append(callback)

    def _add(self, segment_id: str) -> None:
        for callback in self._adders:
            callback(segment_id)

    def _choose(self, segment_id: str, play: bool) -> None:
        for callback in self._choosers:
            callback(segment_id, play)

    def load(self, tree: Mapping[str, Any] | None) -> None:
        """Show another video, or none."""
        self._tree = tree
        self.shown.load(tree)

    def mark(self, segment_ids: Sequence[str], ranks: Mapping[str, int]) -> None:
        """Mark the chosen segments, and the rank of those that answer the query."""
        self._marks = (list(segment_ids), dict(ranks))
        self.shown.mark(*self._marks)

    def seek(self, time_s: float) -> None:
        """Put the playhead at a time of the video, in seconds."""
        for made in self._made.values():
            made.current_time = time_s

    def close(self) -> None:
        """Close both."""
        for part in (*self._playheads, *self._made.values()):
            part.close()
        close_below(self)
        super().close()
