"""TreePanel: the segment tree of one video, as a time line or as rings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import traitlets

from videxplore.views.base import Choose, Pixels
from videxplore.views.lives import close_below
from videxplore.views.sunburst import Sunburst
from videxplore.views.timeline import Timeline

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
        self.timeline = Timeline(poster=poster)
        self.sunburst = Sunburst(poster=poster)
        self._tree: Mapping[str, Any] | None = None
        self._marks: tuple[Sequence[str], Mapping[str, int]] = ((), {})
        super().__init__([self.timeline, self.sunburst], **traits)
        self.observe(self._draw, names="shape")
        self._draw()

    @property
    def shown(self) -> Timeline | Sunburst:
        """The one that is seen."""
        return self.timeline if self.shape == "timeline" else self.sunburst

    def _draw(self, _: Any = None) -> None:
        for part in (self.timeline, self.sunburst):
            part.layout.display = None if part is self.shown else "none"
        self.shown.load(self._tree)
        self.shown.mark(*self._marks)

    def on_choose(self, callback: Choose) -> None:
        """Call ``callback(segment_id, play)`` when a segment is chosen."""
        self.timeline.on_choose(callback)
        self.sunburst.on_choose(callback)

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
        self.timeline.current_time = self.sunburst.current_time = time_s

    def close(self) -> None:
        """Close both."""
        close_below(self)
        super().close()
