"""Explorer: a library to look at, as one linked object."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from videxplore.stages.reranking.rerank import RERANKERS, rerank
from videxplore.values.asked import Asked
from videxplore.values.rankings import Judgement, Ranking
from videxplore.values.reports import IngestReport
from videxplore.values.vectors import Projection
from videxplore.views.catalogue import Catalogue
from videxplore.views.explorer import ExplorerView
from videxplore.views.looking import VIEWED
from videxplore.workbench.details import asked_modalities, details_of, tags_of
from videxplore.workbench.keeping import Keeper, in_words, kept_view
from videxplore.workbench.known_maps import FirstLook, known_map, map_of
from videxplore.workbench.live_comparison import comparison_of
from videxplore.workbench.map_options import column, columns
from videxplore.workbench.notices import notices_of
from videxplore.workbench.pixels import clips_of
from videxplore.workbench.regions import regions
from videxplore.workbench.selection_outlets import outlets_of

if TYPE_CHECKING:
    import pandas as pd

    from videxplore.workbench.library import Library


class Explorer(ExplorerView):
    """Search, map, segment tree, player and details of one library, linked.

    Traits to read, set and observe: ``selection`` (segment ids), ``hits`` (the ranking that answers),
    ``current_time``; of the question ``query``, ``level``, ``weights``, ``where``, ``history``; of the map
    ``color``, ``levels_shown``, ``names``, ``ranked``, ``torn``; of the layout ``folded`` (panels) and
    ``shape`` (of the tree).

    What is looked at is kept in the library a moment after it changes, under ``"last"``, where the library
    can be written. It comes back with ``view="last"``, or by the button *Go on*.

    Args:
        library: what to explore; an empty one shows what to do.
        projection: a map of the library, to keep it still. By default that of principal components is shown
            at once, and gives way to one by UMAP as soon as that is made, in the background.
        k: how many answers a query gets.
        reranker: name of a reranker, or None for the raw order.
        weights: weight per modality at first, as :meth:`Library.search` takes it.
        view: name of a view kept in the library, to begin with; ``"last"`` is the one looked at last.
        report: of the ingest, to say what failed; by default what this handle or the library remembers.

    Raises:
        LibraryError: no view of that name.
    """

    def __init__(
        self,
        library: Library,
        *,
        projection: Projection | None = None,
        k: int = 20,
        reranker: str | None = None,
        weights: Mapping[str, float] | None = None,
        view: str | None = None,
        report: IngestReport | None = None,
    ) -> None:
        self.library = library
        self._frame = library.segments()
        self._drawing: Thread | None = None
        self._closed = False
        self._keeper: Keeper | None = None
        began = library.load_view(view) if view is not None else None
        look: FirstLook | None = None
        if projection is None and len(self._frame):
            projection = known_map(library)
            if projection is None:
                look = FirstLook(library)
                projection = look.projection

        def search(asked: Asked) -> Ranking:
            found = library.search(asked.query, k=k, **asked.options)
            return found if reranker is None else rerank(found, reranker)

        super().__init__(
            Catalogue(self._frame.to_dict("records")),
            projection,
            search=search,
            poster=library.poster,
            clip=clips_of(library),
            title=Path(library.path).name,
            map_note=_DRAWING if look is not None else "",
            columns=columns(library),
            colors=lambda name: column(library, name).to_dict(),
            modalities=asked_modalities(library) if len(self._frame) else (),
            tags=tags_of(library),
            k=k,
            details=lambda segment_id: details_of(library, segment_id),
            compare=lambda ranking: comparison_of(ranking, self._judged),
            rerankers=tuple(make().name for make in RERANKERS.values()),
            outlets=outlets_of(library),
        )
        self._bar.notify(notices_of(library, report))
        self.weights = dict(weights or {})
        self._keep(began)
        if projection is not None:
            self._drawing = Thread(target=self._draw, args=(look,), name="videxplore map", daemon=True)
            self._drawing.start()

    def _keep(self, began: Mapping[str, Any] | None) -> None:
        """Save notes, tags and what is looked at in the library; begin where one was."""
        assert self._details is not None  # noqa: S101 - an explorer of a library has details
        self._details.on_note(lambda segment_id, note: self.library.annotate(segment_id, note=note))
        self._details.on_tags(self._tag)
        if not len(self._frame):
            return
        if began is not None:
            self.go_to(began)
        else:
            last = kept_view(self.library)
            self._bar._kept = "" if last is None else in_words(last)
            self._bar.on_ask("restore", lambda: self.go_to(last or {}))
        self._keeper = Keeper(self.library, lambda: self.view, self._tell_kept)
        self.observe(self._on_change, names=KEPT)

    def _on_change(self, _: Any) -> None:
        """Keep what is looked at; who has begun anew does not go on any more."""
        if self._keeper is not None:
            self._bar._kept = ""
            self._keeper.changed()

    def _tell_kept(self, said: str) -> None:
        self._bar._said = said

    def _tag(self, segment_id: str, tags: list[str]) -> None:
        self.library.annotate(segment_id, tags=tags)
        self._finder.offer_tags(tags_of(self.library))
        if "tags" not in self._map.bar.colors:  # these are the first
            self._map.bar.offer(columns(self.library))
        elif self.color == "tags":
            self._map.repaint()

    def _judged(self, text: str) -> Sequence[Judgement]:
        return self.library.judgements(text).get(text, [])

    def _draw(self, look: FirstLook | None) -> None:
        """Show how far to trust the first look, then the final map unless it is there, then its names."""
        final = self._map.projection
        if look is not None:
            final, note = look.judge(), ""
            if self._closed:
                return
            self.show_map(final, _DRAWING)
            try:
                final = map_of(self.library, look)
            except Exception as error:  # noqa: BLE001 - nobody waits for this thread: the caption tells
                note = f"No map by UMAP ({type(error).__name__}: {error})."
            if self._closed:
                return
            self.show_map(final, note)
        if self._closed or final is None:
            return
        found = regions(self.library, final)
        if not self._closed:
            self.name_regions(found)

    def settle(self, timeout_s: float | None = None) -> Projection | None:
        """Wait until the final map is shown, with its names; returns it, None for an empty library.

        Args:
            timeout_s: seconds to wait at most; without it as long as it takes.
        """
        if self._drawing is not None:
            self._drawing.join(timeout_s)
        return self._map.projection

    def close(self) -> None:
        """Close every part; a map that is still being made is not shown any more."""
        self._closed = True
        if self._keeper is not None:
            self._keeper.close()
        super().close()

    def selected(self) -> pd.DataFrame:
        """Return the chosen segments as rows of :meth:`Library.segments`, in the order chosen."""
        table = self._frame.set_index("segment_id", drop=False)
        return table.loc[list(self.selection)].reset_index(drop=True)

    def export_timeline(self, path: str | os.PathLike[str]) -> Path:
        """Write the selection for another program; see :meth:`Library.export_timeline`."""
        return self.library.export_timeline(list(self.selection), path)

    def export_clips(self, folder: str | os.PathLike[str], **options: Any) -> pd.DataFrame:
        """Cut the selection out of its videos; see :meth:`Library.export_clips`."""
        return self.library.export_clips(list(self.selection), folder, **options)

    def extract(self, path: str | os.PathLike[str]) -> Library:
        """Make a new library of the videos of the selection; see :meth:`Library.extract`."""
        return self.library.extract(list(self.selection), path)

    def to_html(
        self, path: str | os.PathLike[str], *, queries: Sequence[str] | None = None, **options: Any
    ) -> Path:
        """Write one file to send to somebody without Python: see :func:`videxplore.workbench.sharing.share`.

        It holds the map that is shown, the current answers, and those to what was asked before, asked again.
        Waits for the final map.

        Args:
            path: of the file.
            queries: words whose answers the page shows, in place of what was asked before.
            **options: ``clips``, ``picture_bytes``, ``clip_bytes``, ``title``.
        """
        from videxplore.workbench.sharing import asked_again, share

        shown = [self.hits] if self.hits is not None else []
        known = {answer.query.text for answer in shown}
        before = list(reversed(self.history)) if queries is None else queries
        shown += asked_again(self._search, [text for text in before if text not in known])
        return share(self.library, path, projection=self.settle(), answers=shown, **options)


KEPT = tuple(name for name in VIEWED if name != "current_time")
"""What sets off the keeping of a view; the time at which it stands is kept with it."""

_DRAWING = "A first look, while the map by UMAP is being made."


def catalogue_of(library: Library) -> Catalogue:
    """Return the segments of a library as widgets and pages take them."""
    rows: list[dict[str, Any]] = library.segments().to_dict("records")
    return Catalogue(rows)
