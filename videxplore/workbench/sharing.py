"""A library as one file to send to somebody without Python."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from videxplore.errors import VidexploreError
from videxplore.stages.reranking.rerank import rerank
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.asked import Asked
from videxplore.values.rankings import Ranking
from videxplore.values.vectors import Projection
from videxplore.views.catalogue import Catalogue
from videxplore.views.share import Shared, write_shared
from videxplore.workbench.columns import segments_frame
from videxplore.workbench.known_maps import map_of
from videxplore.workbench.library import Library
from videxplore.workbench.regions import regions
from videxplore.workbench.shared_index import alike, search_index
from videxplore.workbench.shared_pictures import pick_clips, pick_pictures

PICTURE_BYTES = 20_000_000
"""What posters take of a page at most: those of 5,000 segments."""

CLIP_BYTES = 50_000_000
"""What clips take of a page at most: some 200 moments of a few seconds."""

_log = logging.getLogger("videxplore")


def share(
    library: Library,
    path: str | os.PathLike[str],
    *,
    projection: Projection | None = None,
    answers: Iterable[Ranking] = (),
    queries: Sequence[str] = (),
    k: int = 20,
    reranker: str | None = None,
    weights: Mapping[str, float] | None = None,
    clips: bool | Iterable[str] = False,
    picture_bytes: int = PICTURE_BYTES,
    clip_bytes: int = CLIP_BYTES,
    title: str | None = None,
) -> Path:
    """Write map, trees, posters, what is said, attributes and a search as one HTML file.

    The same library gives the same bytes. How large the file is and how long it took is logged.

    Args:
        library: to share.
        path: of the file.
        projection: its map; by default made, once for what the library holds.
        answers: rankings to be shown as they are.
        queries: words to ask now, for further such answers.
        k: how many hits a query gets, here and on the page.
        reranker: name of a reranker for ``queries``, or None for the raw order.
        weights: weight per modality for ``queries``, as :meth:`Library.search` takes it.
        clips: True for clips of all segments without parts, answers first; or ids of segments.
        picture_bytes: what posters take of the file at most; 0 for none.
        clip_bytes: what clips take of the file at most.
        title: of the page; by default the name of the library's folder.

    Raises:
        LibraryError: a segment in ``clips`` that the library does not have.
        ValueError: a budget below 0.
    """
    began = time.perf_counter()
    for name, budget in (("picture_bytes", picture_bytes), ("clip_bytes", clip_bytes)):
        if budget < 0:
            raise ValueError(f"{name} must be at least 0, got {budget!r}.")
    found = [library.search(query, k=k, weights=weights) for query in queries]
    shown = [*answers, *(one if reranker is None else rerank(one, reranker) for one in found)]
    name = title or Path(library.path).name.removesuffix(".lance")
    snapshot = library.snapshot()
    if snapshot is None or not len(snapshot):
        content = Shared(name, Catalogue(()))
    else:
        content = _describe(library, snapshot, name, map_of(library) if projection is None else projection, k)
        content = replace(content, answers=shown)
        content = _illustrate(content, library, snapshot, clips, picture_bytes, clip_bytes)
    written = write_shared(path, content)
    size, took_s = written.stat().st_size, time.perf_counter() - began
    _log.info("Wrote %s: %.1f MB in %.1f s.", written, size / 1e6, took_s)
    return written


def asked_again(search: Callable[[Asked], Ranking], texts: Iterable[str]) -> list[Ranking]:
    """Ask once more what was asked before; what cannot be answered any more is left out, and logged."""
    found = []
    for text in texts:
        try:
            found.append(search(Asked(text)))
        except (VidexploreError, ValueError) as problem:
            _log.warning("Left out of the page: %r (%s)", text, problem)
    return found


def _describe(library: Library, snapshot: Snapshot, title: str, projection: Projection, k: int) -> Shared:
    """What the page says of the segments, without pictures."""
    index, arrays = search_index(library, snapshot, k)
    near, cosines = alike(snapshot, projection)
    return Shared(
        title,
        Catalogue(segments_frame(snapshot, library.noted(snapshot)).to_dict("records")),
        snapshot.levels,
        projection,
        regions(library, projection),
        index,
        arrays,
        near=near,
        cosines=cosines,
        notes=_notes(library, snapshot),
    )


def _notes(library: Library, snapshot: Snapshot) -> dict[str, list[dict[str, Any]]]:
    """What was noted, by the id of every segment that it is shown at."""
    return {
        snapshot.segments[row].segment_id: [
            {"note": one.note, "tags": list(one.tags), "author": one.author} for one in noted
        ]
        for row, noted in library.noted(snapshot).by_row.items()
    }


def _illustrate(
    content: Shared,
    library: Library,
    snapshot: Snapshot,
    clips: bool | Iterable[str],
    picture_bytes: int,
    clip_bytes: int,
) -> Shared:
    """The same with posters and clips."""
    found = [
        hit.segment_id for answer in content.answers for hit in answer if hit.segment_id in snapshot.row_of
    ]
    first = list(dict.fromkeys([*found, *(i for i in content.notes if i in snapshot.row_of)]))
    wanted: list[str] = []
    if clips is True:
        leaves = [s.segment_id for row, s in enumerate(snapshot.segments) if row not in snapshot.child_rows]
        known = set(leaves)
        wanted = list(dict.fromkeys([*(i for i in first if i in known), *leaves]))
    elif clips:
        wanted = [library.segment(segment_id).segment_id for segment_id in clips]
    pictures = pick_pictures(
        library, snapshot, [*wanted, *first] if clips is not True else first, picture_bytes
    )
    made, remarks = pick_clips(library, wanted, clip_bytes) if wanted else ({}, [])
    return replace(content, pictures=pictures, clips=made, remarks=remarks)
