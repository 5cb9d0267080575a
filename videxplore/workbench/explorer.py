"""Explorer: a library to look at, as one linked object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from videxplore.stages.reranking.rerank import rerank
from videxplore.values.rankings import Ranking
from videxplore.values.vectors import Projection
from videxplore.views.catalogue import Catalogue
from videxplore.views.explorer import ExplorerView
from videxplore.workbench.known_maps import FirstLook, known_map, map_of
from videxplore.workbench.map_options import column, columns
from videxplore.workbench.pixels import clips_of
from videxplore.workbench.regions import regions

if TYPE_CHECKING:
    import pandas as pd

    from videxplore.workbench.library import Library


class Explorer(ExplorerView):
    """Search, map, segment tree and player of one library, linked.

    Traits to read, set and observe: ``selection`` (segment ids), ``query``, ``level``, ``hits`` (the
    ranking that answers), ``current_time``; of the map ``color``, ``names``, ``torn``.

    Args:
        library: what to explore; an empty one shows what to do.
        projection: a map of the library, to keep it still. By default that of principal components is shown
            at once, and gives way to one by UMAP as soon as that is made, in the background.
        k: how many answers a query gets.
        reranker: name of a reranker, or None for the raw order.
        weights: weight per modality, as :meth:`Library.search` takes it.
    """

    def __init__(
        self,
        library: Library,
        *,
        projection: Projection | None = None,
        k: int = 20,
        reranker: str | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        self.library = library
        self._frame = library.segments()
        self._drawing: Thread | None = None
        self._closed = False
        look: FirstLook | None = None
        if projection is None and len(self._frame):
            projection = known_map(library)
            if projection is None:
                look = FirstLook(library)
                projection = look.projection

        def search(text: str, level: str) -> Ranking:
            found = library.search(text, k=k, level=level, weights=weights)
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
        )
        if projection is not None:
            self._drawing = Thread(target=self._draw, args=(look,), name="videxplore map", daemon=True)
        if self._drawing is not None:
            self._drawing.start()

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
        super().close()

    def selected(self) -> pd.DataFrame:
        """Return the chosen segments as rows of :meth:`Library.segments`, in the order chosen."""
        table = self._frame.set_index("segment_id", drop=False)
        return table.loc[list(self.selection)].reset_index(drop=True)

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write map, videos and current answers as one self-contained page; returns its path.

        Waits for the final map.
        """
        self.settle()
        from videxplore.views.pages import write_library

        return write_library(
            path, self._catalogue, self._map.projection, self._poster, ranking=self.hits, title=self._title
        )


_DRAWING = "A first look, while the map by UMAP is being made."


def catalogue_of(library: Library) -> Catalogue:
    """Return the segments of a library as widgets and pages take them."""
    rows: list[dict[str, Any]] = library.segments().to_dict("records")
    return Catalogue(rows)
