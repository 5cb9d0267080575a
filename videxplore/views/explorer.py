"""ExplorerView: search, map, player and segment tree, linked so that a choice in one moves the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
import traitlets

from videxplore.errors import VidexploreError
from videxplore.values.rankings import Ranking
from videxplore.values.vectors import Projection, Region
from videxplore.views.assets import styles
from videxplore.views.base import Pixels, announce
from videxplore.views.catalogue import Catalogue
from videxplore.views.delivery import Clips
from videxplore.views.finder import Finder
from videxplore.views.map_panel import Colors, MapPanel
from videxplore.views.player import Player
from videxplore.views.timeline import Timeline

Search = Callable[[str, str], Ranking]
"""Query text and level name (``"any"`` for all, ``"auto"`` for one chosen) to a ranking."""


class ExplorerView(ipywidgets.VBox):
    """The linked whole. Its traits are the user's handles, to read, set and observe.

    Args:
        catalogue: the segments that can be shown.
        projection: their map, or None for no map.
        search: answers queries.
        poster: segment id to JPEG bytes.
        clip: what makes clips, or segment id to the bytes of one.
        title: what is explored, for the still copy.
        map_note: a remark for the map's caption.
        columns: heading to names of columns that colours on the map can stand for.
        colors: values of such a column by segment id.
    """

    selection = traitlets.List(traitlets.Unicode(), help="ids of the chosen segments")
    query = traitlets.Unicode("", help="what is looked for")
    level = traitlets.Unicode("any", help="level of the answers")
    hits = traitlets.Any(None, help="the Ranking that answers the query, or None")
    current_time = traitlets.Float(0.0, help="where the player stands, in seconds")
    color = traitlets.Unicode("level", help="what the colour of a point on the map stands for")
    names = traitlets.Bool(True, help="whether regions of the map are named, where they have names")
    torn = traitlets.Bool(False, help="whether the map shows what it says falsely about the chosen segment")

    def __init__(
        self,
        catalogue: Catalogue,
        projection: Projection | None,
        *,
        search: Search,
        poster: Pixels | None = None,
        clip: Clips | None = None,
        title: str = "Library",
        map_note: str = "",
        columns: Mapping[str, Sequence[str]] | None = None,
        colors: Colors | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._search, self._poster, self._title = search, poster, title
        self._answers: Ranking | None = None
        self._tree_video = ""
        empty = len(catalogue) == 0
        self._finder = Finder(catalogue.levels, poster=poster, clip=clip, empty=empty)
        self._player = Player(poster=poster, clip=clip)
        self._timeline = Timeline(poster=poster)
        self._map = MapPanel(projection, films=catalogue.names, columns=columns, colors=colors, note=map_note)
        style = ipywidgets.HTML(f"<style>{styles('explorer')}</style>").add_class("vx-explorer-style")
        parts: dict[str, ipywidgets.DOMWidget] = {
            "finder": self._finder,
            "map": self._map,
            "player": self._player,
            "timeline": self._timeline,
        }
        for name, part in parts.items():
            part.add_class(f"vx-explorer-{name}")
        grid = ipywidgets.Box(list(parts.values())).add_class("vx-explorer-grid")
        super().__init__([style, grid])
        self.add_class("vx").add_class("vx-explorer")
        self._wire()
        if not empty:
            self._open_tree(next(iter(catalogue)))

    def _wire(self) -> None:
        """Link the parts; the playhead moves in the browser, without the kernel."""
        traitlets.link((self, "query"), (self._finder, "query"))
        traitlets.link((self, "level"), (self._finder, "level"))
        for name in ("color", "names", "torn"):
            traitlets.link((self, name), (self._map.bar, name))
        traitlets.dlink((self._player, "current_time"), (self, "current_time"))
        ends = [(part, "current_time") for part in (self._player, self._timeline)]
        self._playhead = ipywidgets.jslink(*ends)
        self._finder.observe(self._on_theme, names="_dark")
        self.observe(self._on_query, names=["query", "level"])
        self.observe(self._on_selection, names="selection")
        self._finder.on_choose(self.choose)
        self._timeline.on_choose(self.choose)
        self._player.on_choose(self.choose)
        self._map.live.on_choose(self.choose)
        self._map.live.on_select(self._on_lasso)

    @traitlets.validate("level")
    def _check_level(self, proposal: Any) -> str:
        allowed = ("any", "auto", *self._catalogue.levels)
        if proposal["value"] not in allowed:
            raise traitlets.TraitError(f"level must be one of {allowed}, got {proposal['value']!r}.")
        return str(proposal["value"])

    @traitlets.validate("color")
    def _check_color(self, proposal: Any) -> str:
        allowed = self._map.bar.colors
        if proposal["value"] not in allowed:
            raise traitlets.TraitError(f"color must be one of {allowed}, got {proposal['value']!r}.")
        return str(proposal["value"])

    @traitlets.validate("selection")
    def _check_selection(self, proposal: Any) -> list[str]:
        unknown = [segment_id for segment_id in proposal["value"] if segment_id not in self._catalogue]
        if unknown:
            missing = ", ".join(map(repr, unknown[:3]))
            raise traitlets.TraitError(f"selection must name segments of this library; it has no {missing}.")
        return list(proposal["value"])

    def choose(self, segment_id: str, play: bool = True) -> None:
        """Select one segment and play it."""
        if segment_id not in self._catalogue:
            return
        self.selection = [segment_id]
        if play:
            self._player.load(self._catalogue.with_parts(segment_id), play=True)

    def show_map(self, projection: Projection, note: str = "") -> None:
        """Show another map of the same segments; what is chosen stays chosen.

        Args:
            projection: the map.
            note: a remark for its caption.

        Raises:
            ValueError: the map is of other segments.
        """
        self._map.show(projection, note)
        self._show_marks()

    def name_regions(self, regions: Sequence[Region]) -> None:
        """Name parts of the map that is shown, as long as ``names`` is set."""
        self._map.name(regions)

    def _on_theme(self, change: Any) -> None:
        self._map.live.dress("dark" if change["new"] else "light")

    def _on_lasso(self, segment_ids: Sequence[str]) -> None:
        self.selection = list(segment_ids)

    def _on_selection(self, _: Any) -> None:
        first = self._catalogue.get(self.selection[0]) if self.selection else None
        if first is not None:
            self._open_tree(first["id"])
            self._timeline.current_time = first["start"]
        self._player.load(None if first is None else self._catalogue.with_parts(first["id"]))
        self._show_marks()

    def _open_tree(self, segment_id: str) -> None:
        """Show the tree of the video that holds a segment, unless it is the one shown."""
        video = self._catalogue[segment_id]["video"]
        if video != self._tree_video:
            self._timeline.load(self._catalogue.tree_of(segment_id))
            self._tree_video = video

    def _on_query(self, _: Any) -> None:
        """Answer the query; what a search raises for a user's mistake is shown in the list."""
        text = self.query.strip()
        error = ""
        ranking: Ranking | None = None
        if text:
            try:
                ranking = self._search(text, self.level)
            except (VidexploreError, ValueError) as problem:
                error = str(problem)
            except Exception as problem:
                # Not a mistake of the user's: say so, or the page would search for ever, and let it be seen.
                self._finder.load(None, f"{type(problem).__name__}: {problem}")
                raise
        self.answer(ranking, error)

    def answer(self, ranking: Ranking | None, error: str = "") -> None:
        """Show a ranking in the list, the tree and on the map, whoever made it."""
        self._answers = ranking
        self._finder.load(ranking, error)
        self._show_marks()
        self.hits = ranking  # last: whoever observes it may fail

    def _show_marks(self) -> None:
        """Show selection and hits in every part."""
        self._finder.mark(self.selection)
        self._timeline.mark(self.selection, {hit.segment_id: hit.rank for hit in self._answers or ()})
        self._map.mark(self.selection, self._answers)

    def still(self) -> str:
        """Return the still copy as HTML: map and videos."""
        from videxplore.views.stills import still_explorer

        return still_explorer(self._catalogue.summary(self._title), self._map.projection, self._poster)

    def _ipython_display_(self) -> None:
        """Print the still copy, then the widget; see :func:`videxplore.views.base.announce`."""
        # As plotly does where it shows a figure itself: what was changed since it was made is in no state
        # yet, and a page that comes to life now would draw points without their sizes and colours.
        self._map.live.figure._repr_mimebundle_()
        announce(self, self._finder)

    def close(self) -> None:
        """Close every part; nothing listens afterwards."""
        for part in (self._playhead, self._finder, self._player, self._timeline, self._map):
            part.close()
        super().close()
