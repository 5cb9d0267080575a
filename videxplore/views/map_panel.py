"""MapPanel: the live map with what says how it is drawn above it, and how far to trust it below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets

from videxplore.values.rankings import Ranking
from videxplore.values.vectors import Projection, Region
from videxplore.views.describe import plain
from videxplore.views.figures.paint import COLORS, Paint, paint_of, paint_values
from videxplore.views.live_map import LiveMap
from videxplore.views.map_bar import SCORE, MapBar, color_word
from videxplore.views.mapping import caption_of

Colors = Callable[[str], Mapping[str, Any]]
"""Name of a column to its values by segment id."""


class MapPanel(ipywidgets.VBox):
    """Draws what its :class:`MapBar` asks for.

    Args:
        projection: the map, or None.
        films: name per video id.
        columns: heading to names of columns that the colour can stand for.
        colors: their values.
        note: a remark for the caption.
    """

    def __init__(
        self,
        projection: Projection | None,
        *,
        films: Mapping[str, str],
        columns: Mapping[str, Sequence[str]] | None = None,
        colors: Colors | None = None,
        note: str = "",
    ) -> None:
        self.projection, self._films, self._values, self._note = projection, films, colors, note
        self._regions: Sequence[Region] = ()
        self._selection: Sequence[str] = ()
        self._ranking: Ranking | None = None
        self.bar = MapBar(columns, empty=projection is None or not len(projection))
        self.live = LiveMap(projection)
        self.caption = ipywidgets.HTML().add_class("vx-map-caption")
        super().__init__([self.bar, self.live.figure, self.caption])
        self.bar.observe(self._repaint, names="color")
        self.bar.observe(self._write_names, names="names")
        self.bar.observe(self._tell, names="torn")
        self._tell()

    def show(self, projection: Projection, note: str = "") -> None:
        """Show another map of the same segments; names of its regions are still to come.

        Raises:
            ValueError: the map is of other segments.
        """
        self.live.move(projection)
        self.projection, self._note = projection, note
        self.name(())
        self._repaint()
        self._tell()

    def name(self, regions: Sequence[Region]) -> None:
        """Take the named parts of the map that is shown."""
        self._regions = [region for region in regions if region.name]
        self.bar._named = bool(self._regions)
        self._write_names()

    def mark(self, selection: Sequence[str], ranking: Ranking | None) -> None:
        """Show what is chosen, and the answers."""
        changed, self._ranking, self._selection = ranking is not self._ranking, ranking, selection
        self.bar._scored = ranking is not None
        if changed and self.bar.color == SCORE:
            self._repaint()
        self.live.mark(selection, {hit.segment_id: hit.rank for hit in ranking or ()})
        self._tell()

    def _write_names(self, _: Any = None) -> None:
        self.live.name(self._regions if self.bar.names else ())

    def _repaint(self, _: Any = None) -> None:
        """Colour the map; by level as long as there are no scores to colour by."""
        drawn, color = self.projection, self.bar.color
        paint: Paint | None = None
        if drawn is not None and len(drawn):
            if color in COLORS:
                paint = paint_of(drawn, color, self._films)
            elif color == SCORE:
                paint = paint_of(drawn, self._ranking, {}) if self._ranking is not None else None
            elif self._values is not None:
                paint = paint_values(drawn, self._values(color), color_word(color))
        self.live.paint(paint)
        self.bar.explain(paint)

    def _tell(self, _: Any = None) -> None:
        """Say what is drawn, how much of it is chosen, and how far to trust it."""
        drawn = self.projection
        count = len(self._selection)
        chosen = f"{count} segments selected." if count > 1 else ""
        self.bar._said = self._tear()
        about = caption_of(drawn) if drawn is not None and len(drawn) else ""
        text = " ".join(filter(None, [chosen, self.bar._said, self._note, about]))
        self.caption.value = f"<span>{escape(plain(text))}</span>"

    def _tear(self) -> str:
        """Draw what the map says falsely about the choice, if that is wanted; return it in words."""
        drawn = self.projection
        one = self._selection[0] if self.bar.torn and len(self._selection) == 1 else None
        if drawn is None or drawn.neighbours is None:
            self.live.tear(None)
            return "This map keeps no true neighbours to compare with." if self.bar.torn and drawn else ""
        count = self.live.tear(one)
        if one is not None:
            verb = "stands" if count == 1 else "stand"
            return f"{count} of its {drawn.neighbours.shape[1]} true neighbours {verb} elsewhere."
        return "Choose one segment to see what the map tears away from it." if self.bar.torn else ""

    def close(self) -> None:
        """Close every part."""
        for part in (self.bar, self.live.figure, self.caption):
            part.close()
        super().close()
