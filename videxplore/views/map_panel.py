"""MapPanel: the live map under its glass, with how it is drawn above it, and how far to trust it below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets
import traitlets

from videxplore.values.rankings import Ranking
from videxplore.values.vectors import Projection, Region
from videxplore.views.base import Pixels
from videxplore.views.delivery import Clips
from videxplore.views.describe import plain
from videxplore.views.figures.paint import COLORS, Paint, paint_of, paint_values
from videxplore.views.live_map import LiveMap
from videxplore.views.map_bar import SCORE, MapBar, color_word
from videxplore.views.map_glass import MapGlass
from videxplore.views.mapping import caption_of, levels_of
from videxplore.views.player import Player

Colors = Callable[[str], Mapping[str, Any]]
"""Name of a column to its values by segment id."""


class MapPanel(ipywidgets.VBox):
    """Draws what its :class:`MapBar` asks for.

    Args:
        projection: the map, or None.
        films: name per video id.
        columns: heading to names of columns that the colour can stand for.
        colors: their values.
        poster: segment id to JPEG bytes, for the card of a point.
        clip: what makes the moving picture of that card.
        note: a remark for the caption.
    """

    def __init__(
        self,
        projection: Projection | None,
        *,
        films: Mapping[str, str],
        columns: Mapping[str, Sequence[str]] | None = None,
        colors: Colors | None = None,
        poster: Pixels | None = None,
        clip: Clips | None = None,
        note: str = "",
    ) -> None:
        self.projection, self._films, self._values, self._note = projection, films, colors, note
        self._player: Player | None = None
        self._regions: Sequence[Region] = ()
        self._selection: Sequence[str] = ()
        self._ranking: Ranking | None = None
        counts = Counter(projection.levels if projection is not None else ())
        levels = levels_of(projection) if projection is not None else []
        self.bar = MapBar(columns, levels=[(name, counts[name]) for name in levels])
        self.live = LiveMap(projection)
        self.glass = MapGlass(poster=poster, clip=clip, dense=self.live.dense)
        self.glass.show(projection)
        self.caption = ipywidgets.HTML().add_class("vx-map-caption")
        self._stage = ipywidgets.Box([self.live.figure, self.glass]).add_class("vx-map-stage")
        super().__init__([self.bar, self._stage, self.caption])
        self._wire()
        self._tell()

    def _wire(self) -> None:
        """Let the bar and the keyboard have their way with the map."""
        self.bar.observe(self.repaint, names="color")
        self.bar.observe(self._write_names, names="names")
        self.bar.observe(self._tell, names="torn")
        self.bar.observe(self._fold, names="levels_shown")
        traitlets.dlink((self.bar, "ranked"), (self.glass, "_ordered"))
        self.glass.on_choose(lambda segment_id, _: self.live.choose(segment_id))
        self.glass.on_add(self.live.add)
        self.glass.on_look(self.live.look)
        self.glass.on_zoom(self.live.zoom)
        self.glass.on_encircle(self.live.encircle)

    def follow(self, player: Player) -> None:
        """Let a playhead run over the map with what a player plays."""
        self._player = self.glass.source = player
        player.observe(self._on_stage, names="_item")
        self._on_stage()

    def _on_stage(self, _: Any = None) -> None:
        if self._player is not None:
            self.glass.follow(str(self._player._item.get("video", "")))

    def fold(self, level: str) -> None:
        """Show the points of one level and of all coarser ones.

        Raises:
            ValueError: the map has no such level.
        """
        if level not in self.bar.levels:
            raise ValueError(f"level must be one of {self.bar.levels}, got {level!r}.")
        self.bar.levels_shown = list(self.bar.levels[self.bar.levels.index(level) :])

    def _fold(self, _: Any = None) -> None:
        self.live.show(self.bar.levels_shown)
        self._mark_glass()

    def show(self, projection: Projection, note: str = "") -> None:
        """Show another map of the same segments; names of its regions are still to come.

        Raises:
            ValueError: the map is of other segments.
        """
        self.live.move(projection)
        self.projection, self._note = projection, note
        self.glass.show(projection)
        self.name(())
        self._mark_glass()
        self._on_stage()
        self.repaint()
        self._tell()

    def name(self, regions: Sequence[Region]) -> None:
        """Take the named parts of the map that is shown."""
        self._regions = tuple(regions)
        self.bar._named = any(region.name for region in regions)
        self.bar._parted = bool(regions)
        if self.bar.color == "region":
            self.repaint()
        self._write_names()

    def mark(self, selection: Sequence[str], ranking: Ranking | None) -> None:
        """Show what is chosen, and the answers."""
        changed, self._ranking, self._selection = ranking is not self._ranking, ranking, selection
        self.bar._scored = ranking is not None
        if changed and self.bar.color == SCORE:
            self.repaint()
        self.live.mark(selection, [hit.segment_id for hit in ranking or ()])
        self._mark_glass()
        self._tell()

    def _mark_glass(self) -> None:
        """Draw the answers, in the order of their ranks, and tell where the choice begins."""
        hits = sorted(self._ranking or (), key=lambda hit: hit.rank)
        places = self.live.place([hit.segment_id for hit in hits])
        self.glass._hits = [[*at, hit.rank] for at, hit in zip(places, hits, strict=True) if at]
        self.glass._chosen = list(next(iter(self.live.place(self._selection[:1])), None) or ())

    def _write_names(self, _: Any = None) -> None:
        named = [region for region in self._regions if region.name and self.bar.names]
        self.glass._names = [[plain(region.name), *map(float, region.xy)] for region in named]

    def repaint(self, _: Any = None) -> None:
        """Colour the map by what the values are now; by level as long as there are no scores."""
        drawn, color = self.projection, self.bar.color
        paint: Paint | None = None
        if drawn is not None and len(drawn):
            if color in COLORS:
                paint = paint_of(drawn, color, self._films, self._regions)
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
        chosen = f"{count:,} segments selected." if count > 1 else ""
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
        if self._player is not None:
            self._player.unobserve(self._on_stage, names="_item")
            self._player = None
        for part in (self.bar, self.glass, self.live.figure, self._stage, self.caption):
            part.close()
        super().close()
