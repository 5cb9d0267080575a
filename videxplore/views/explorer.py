"""ExplorerView: search, map, tree, player and details, linked so that a choice in one moves the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import ipywidgets
import traitlets

from videxplore.errors import VidexploreError
from videxplore.values.asked import Asked
from videxplore.values.rankings import Ranking
from videxplore.values.vectors import Projection, Region
from videxplore.views.base import Pixels, announce
from videxplore.views.catalogue import Catalogue
from videxplore.views.compare_drawer import Compare, CompareDrawer
from videxplore.views.delivery import Clips
from videxplore.views.details import Details, Source
from videxplore.views.explorer_bar import ExplorerBar
from videxplore.views.finder import Finder
from videxplore.views.lives import close_below
from videxplore.views.looking import ASKED, LOOK, Looking, copied
from videxplore.views.map_panel import Colors, MapPanel
from videxplore.views.outlets import Errand, Outlet
from videxplore.views.player import Player
from videxplore.views.tree_panel import TreePanel

Search = Callable[[Asked], Ranking]
"""What is looked for to the answers."""


class ExplorerView(Looking):
    """The linked whole. Its traits, those of :class:`Looking`, are the user's handles.

    Args:
        catalogue: the segments that can be shown.
        projection: their map, or None for no map.
        search: answers questions.
        poster: segment id to JPEG bytes.
        clip: what makes clips, or segment id to the bytes of one.
        title: what is explored.
        map_note: a remark for the map's caption.
        columns: heading to names of columns that colours on the map can stand for.
        colors: values of such a column by segment id.
        modalities: what weights can be given to.
        tags: that segments have.
        k: how many answers a question gets, as the call that can be copied says it.
        details: segment id to what is known of it; None for no details.
        compare: compares answers with reranked ones; None for no such drawer.
        rerankers: what can be compared with, the first one shown first.
        outlets: what can be made of chosen segments.
    """

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
        modalities: Sequence[str] = (),
        tags: Sequence[str] = (),
        k: int | None = None,
        details: Source | None = None,
        compare: Compare | None = None,
        rerankers: Sequence[str] = (),
        outlets: Sequence[Outlet] = (),
    ) -> None:
        self._catalogue, self._search, self._poster, self._title = catalogue, search, poster, title
        self._answers: Ranking | None = None
        self._tree_video = ""
        # One layout for all that have none of their own: each would be saved with the notebook.
        self._plain = ipywidgets.Layout()
        pixels: dict[str, Any] = {"poster": poster, "clip": clip}
        parts: dict[str, Any] = {**pixels, "layout": self._plain}
        named: dict[str, Any] = {"videos": catalogue.titles, "modalities": modalities, "tags": tags}
        self._finder = Finder(catalogue.levels, k=k, empty=not len(catalogue), **named, **parts)
        self._player = Player(**parts)
        self._tree = TreePanel(poster=poster)
        self._map = MapPanel(
            projection, films=catalogue.names, columns=columns, colors=colors, note=map_note, **pixels
        )
        self._details = None if details is None else Details(source=details, levels=catalogue.levels, **parts)
        self._drawer = None if compare is None else CompareDrawer(compare, rerankers, **pixels)
        self._bar = ExplorerBar(
            title=title,
            panels=list(self.parts),
            outlets=outlets,
            empty=not len(catalogue),
            layout=self._plain,
        )
        self._errand = Errand(outlets, self._bar.tell)
        super().__init__([self._bar, *self._arrange()], there=catalogue, tell_steps=self._bar.tell_steps)
        self.add_class("vx").add_class("vx-explorer")
        self._wire()
        if len(catalogue):
            self._open_tree(next(iter(catalogue)))

    @property
    def parts(self) -> Mapping[str, ipywidgets.DOMWidget]:
        """The panels by name, linked wherever they stand: they can be put into a layout of one's own."""
        known = {
            "finder": self._finder,
            "map": self._map,
            "tree": self._tree,
            "player": self._player,
            "details": self._details,
            "compare": self._drawer,
        }
        return MappingProxyType({name: part for name, part in known.items() if part is not None})

    def _arrange(self) -> list[ipywidgets.DOMWidget]:
        """Three columns and a drawer; the style sheet says how wide they are and where they stand."""
        for name, part in self.parts.items():
            part.add_class(f"vx-explorer-{name}").add_class("vx-explorer-panel")
        places = (("finder",), ("map", "tree"), ("player", "details"))
        columns = [
            self._box([self.parts[name] for name in names if name in self.parts], "vx-explorer-column")
            for names in places
        ]
        below = [] if self._drawer is None else [self._drawer]
        return [self._box(columns, "vx-explorer-columns"), *below]

    def _box(self, children: Sequence[ipywidgets.DOMWidget], name: str) -> ipywidgets.Box:
        return ipywidgets.Box(list(children), layout=self._plain).add_class(name)

    def _wire(self) -> None:
        """Link the parts; the playhead moves in the browser, without the kernel."""
        self.observe(self._ask, names=ASKED)
        self._finder.on_ask(self._on_ask)
        traitlets.link((self, "history"), (self._finder, "history"))
        for name in LOOK:
            traitlets.link((self._map.bar, name), (self, name))
        self.folded = [name for name in self.folded if name in self.parts]
        for name in ("folded", "shape"):
            traitlets.link((self, name), (self._bar, name))
        traitlets.link((self, "shape"), (self._tree, "shape"))
        traitlets.dlink((self._player, "current_time"), (self, "current_time"))
        self.observe(self._seek, names="current_time")
        self._tree.follow(self._player)
        self._map.follow(self._player)
        self._finder.observe(self._on_theme, names="_dark")
        self.observe(self._on_selection, names="selection")
        self.observe(self._on_hits, names="hits")
        for part in (self._finder, self._tree, self._player, self._map.live):
            part.on_choose(self.choose)
        for part in (self._finder, self._tree, self._map.live):
            part.on_add(self.add)
        self._map.live.on_select(self._on_lasso)
        if self._details is not None:
            traitlets.dlink((self, "query"), (self._details, "query"))
            self._details.on_choose(self.choose)
            self._details.on_seek(self._on_seek)
        if self._drawer is not None:
            self._drawer.on_choose(self.choose)
            traitlets.dlink(
                (self, "folded"), (self._drawer, "opened"), lambda folded: "compare" not in folded
            )
        self._bar.on_ask("back", self.undo)
        self._bar.on_ask("forward", self.redo)
        self._bar.on_ask("write", self.write)

    @traitlets.validate("level")
    def _check_level(self, proposal: Any) -> str:
        allowed = ("any", "auto", *self._catalogue.levels)
        if proposal["value"] not in allowed:
            raise traitlets.TraitError(f"level must be one of {allowed}, got {proposal['value']!r}.")
        return str(proposal["value"])

    @traitlets.validate("weights")
    def _check_weights(self, proposal: Any) -> dict[str, float]:
        return self._finder._check_weights(proposal)

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

    def add(self, segment_id: str) -> None:
        """Take one segment into the selection, or out of it where it is in it; what plays goes on."""
        if segment_id in self._catalogue:
            others = [other for other in self.selection if other != segment_id]
            self.selection = others if len(others) < len(self.selection) else [*others, segment_id]

    def write(self, kind: str, place: str = "") -> None:
        """Make something of the selection, in the background; the bar tells how far it has got.

        Args:
            kind: of the outlet.
            place: where to; its own where nothing is said.
        """
        self._errand.begin(kind, place, self.selection)

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

    def _on_seek(self, segment_id: str, time_s: float) -> None:
        if self._player.segment_id != segment_id:
            self._player.load(self._catalogue.with_parts(segment_id))
        self._player.seek(time_s)

    def _seek(self, change: Any) -> None:
        """Go where ``current_time`` was set to, unless it is the player that says so."""
        if change["new"] != self._player.current_time:
            self._player.seek(change["new"])

    def _on_selection(self, change: Any) -> None:
        if self.selection[:1] != change["old"][:1]:
            self._turn_to(self._catalogue.get(self.selection[0]) if self.selection else None)
        self._bar._chosen = len(self.selection)
        self._show_marks()

    def _turn_to(self, first: Mapping[str, Any] | None) -> None:
        """Show what is chosen first in tree, player and details."""
        if first is not None:
            self._open_tree(first["id"])
            self._tree.seek(first["start"])
        self._player.load(None if first is None else self._catalogue.with_parts(first["id"]))
        if self._details is not None:
            self._details.show(None if first is None else first["id"])

    def _open_tree(self, segment_id: str) -> None:
        """Show the tree of the video that holds a segment, unless it is the one shown."""
        video = self._catalogue[segment_id]["video"]
        if video != self._tree_video:
            self._tree.load(self._catalogue.tree_of(segment_id))
            self._tree_video = video

    def _ask(self, _: Any) -> None:
        """Let the finder ask what the traits say; it asks once, however many of them changed."""
        with self._finder.hold_trait_notifications():
            for name in ASKED:
                setattr(self._finder, name, copied(getattr(self, name)))

    def _on_ask(self, asked: Asked) -> None:
        """Answer the question; what a search raises for a user's mistake is shown in the list."""
        with self.hold_trait_notifications():
            for name in ASKED:
                setattr(self, name, copied(getattr(self._finder, name)))
        error = ""
        ranking: Ranking | None = None
        if asked.query:
            try:
                ranking = self._search(asked)
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
        if self._drawer is not None:
            self._drawer.load(ranking)
        self._show_marks()
        self.hits = ranking  # last: whoever observes it may fail

    def _on_hits(self, change: Any) -> None:
        if change["new"] is not self._answers:
            self.answer(change["new"])

    def _show_marks(self) -> None:
        """Show selection and hits in every part."""
        self._finder.mark(self.selection)
        self._tree.mark(self.selection, {hit.segment_id: hit.rank for hit in self._answers or ()})
        self._map.mark(self.selection, self._answers)
        if self._drawer is not None:
            self._drawer.mark(self.selection)

    def still(self) -> str:
        """Return the still copy as HTML: map and videos."""
        from videxplore.views.stills import still_explorer

        return still_explorer(self._catalogue.summary(self._title), self._map.projection, self._poster)

    def _ipython_display_(self) -> None:
        """Print the still copy, then the widget; see :func:`videxplore.views.base.announce`."""
        announce(self, self._bar)

    def close(self) -> None:
        """Close every part with all that it stands on; nothing listens afterwards."""
        close_below(self)
        super().close()
