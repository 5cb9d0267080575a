"""Explorer: a library to look at, as one linked object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from videxplore.stages.reranking.rerank import rerank
from videxplore.values.rankings import Ranking
from videxplore.values.vectors import Projection
from videxplore.views.catalogue import Catalogue
from videxplore.views.explorer import ExplorerView
from videxplore.workbench.pixels import clips_of
from videxplore.workbench.project import project

if TYPE_CHECKING:
    import pandas as pd

    from videxplore.stages.store.snapshot import Snapshot
    from videxplore.workbench.library import Library


class Explorer(ExplorerView):
    """Search, map, segment tree and player of one library, linked.

    Traits to read, set and observe: ``selection`` (segment ids), ``query``, ``level``, ``hits`` (the
    ranking that answers), ``current_time``.

    Args:
        library: what to explore; an empty one shows what to do.
        projection: a map of the library, to keep it still; by default made anew.
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
        if projection is None and len(self._frame):
            projection = map_of(library)

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
        )

    def selected(self) -> pd.DataFrame:
        """Return the chosen segments as rows of :meth:`Library.segments`, in the order chosen."""
        table = self._frame.set_index("segment_id", drop=False)
        return table.loc[list(self.selection)].reset_index(drop=True)

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write map, videos and current answers as one self-contained page; returns its path."""
        from videxplore.views.pages import write_library

        return write_library(
            path, self._catalogue, self._projection, self._poster, ranking=self.hits, title=self._title
        )


_MAPS: WeakKeyDictionary[Library, tuple[Snapshot | None, Projection]] = WeakKeyDictionary()


def map_of(library: Library) -> Projection:
    """Return the map of a library; it is made once for what the library holds, since that takes seconds."""
    held = library.snapshot()
    known = _MAPS.get(library)
    if known is None or known[0] is not held:
        known = _MAPS[library] = (held, project(library))
    return known[1]


def catalogue_of(library: Library) -> Catalogue:
    """Return the segments of a library as widgets and pages take them."""
    rows: list[dict[str, Any]] = library.segments().to_dict("records")
    return Catalogue(rows)
