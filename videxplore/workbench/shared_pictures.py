"""Posters and clips for a page, within so many bytes: the most important first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from videxplore.errors import VideoError, VidexploreError
from videxplore.stages.store.schema import SEGMENTS
from videxplore.stages.store.snapshot import Snapshot
from videxplore.views.delivery import Clip
from videxplore.views.share import Cues, Pictures
from videxplore.views.thumbnails import reduce
from videxplore.workbench.footage import LibraryFootage
from videxplore.workbench.library import Library
from videxplore.workbench.pixels import clips_of

BASE64 = 4 / 3
"""Bytes in the file per byte of a picture or clip."""

_SIZES = (((320, 180), 0), ((240, 135), 66), ((160, 90), 62), ((96, 54), 56))
"""Largest width and height, JPEG quality (0: as it is stored); the first size that fits is taken."""

_SAMPLE = 32
_AHEAD = 6
_FORMATS = ("mp4", "webm")


def pick_pictures(library: LibraryFootage, snapshot: Snapshot, first: Sequence[str], budget: int) -> Pictures:
    """Return posters that together take no more than ``budget`` bytes of the file.

    All as large as there is room for. Where there is none for all even at the smallest size, the segments in
    ``first`` have theirs, then the coarser before the finer, evenly over the library; the others show the
    poster of what they are part of.

    Args:
        library: of the segments.
        snapshot: n segments.
        first: ids that must not go without.
        budget: bytes of the file, base64 included.
    """
    order = _by_importance(snapshot, first)
    sample = [
        library.poster(order[i]) for i in np.linspace(0, len(order) - 1, min(len(order), _SAMPLE), dtype=int)
    ]
    known = [poster for poster in sample if poster]
    if not known or budget <= 0:
        return Pictures.none(len(snapshot))
    for size, quality in _SIZES:
        each = BASE64 * float(np.mean([len(_made(poster, size, quality)) for poster in known]))
        if each * len(order) <= budget:
            break
    wanted = set(order[: max(1, int(budget / each))])
    shown = {i: library.stands_for(i).segment_id for i in snapshot.compositions}
    made = dict(_read(library, {shown.get(i, i) for i in wanted}, size, quality))
    return _within(snapshot, {i: made.get(shown.get(i, i), b"") for i in order if i in wanted}, budget, size)


def _by_importance(snapshot: Snapshot, first: Sequence[str]) -> list[str]:
    """Every id once: the given ones, then by level, coarsest first, on each in an order that skips about."""
    rank = {level: place for place, level in enumerate(snapshot.levels)}
    # Steps of the golden ratio: whatever the number taken, they lie evenly over the library.
    scattered = np.argsort((np.arange(len(snapshot)) * 0.6180339887498949) % 1.0, kind="stable").tolist()
    rest = sorted(scattered, key=lambda row: -rank[snapshot.segments[row].level])
    return list(dict.fromkeys([*first, *(snapshot.segments[row].segment_id for row in rest)]))


def _made(poster: bytes, size: tuple[int, int], quality: int) -> bytes:
    return reduce(poster, size, quality) if quality else poster


def _read(
    library: LibraryFootage, wanted: set[str], size: tuple[int, int], quality: int
) -> Iterator[tuple[str, bytes]]:
    """Posters by id, in one pass over the table: a query for each would take a hundred times as long."""
    rows = library.database.require(SEGMENTS).search().select(["segment_id", "poster"]).to_batches(256)
    with ThreadPoolExecutor(2) as pool:  # Pillow works without the interpreter's lock
        for batch in rows:
            ids, posters = (batch.column(name).to_pylist() for name in ("segment_id", "poster"))
            some = [(i, p) for i, p in zip(ids, posters, strict=True) if p and i in wanted]
            smaller = pool.map(lambda pair: _made(pair[1], size, quality), some)
            yield from zip((i for i, _ in some), smaller, strict=True)


def _within(snapshot: Snapshot, made: dict[str, bytes], budget: int, size: tuple[int, int]) -> Pictures:
    """Number the posters in the order of the segments, without the least important that find no room."""
    room, kept = float(budget), set()
    for segment_id, image in made.items():
        room -= BASE64 * len(image)
        if image and room >= 0:
            kept.add(segment_id)
    images: dict[bytes, int] = {}
    number = np.full(len(snapshot), -1, np.int32)
    for row, segment in enumerate(snapshot.segments):
        if segment.segment_id in kept:
            number[row] = images.setdefault(made[segment.segment_id], len(images))
    own = number >= 0
    for row in np.flatnonzero(~own).tolist():
        around = next((above for above in snapshot.ancestors(row) if own[above]), -1)
        number[row] = number[around] if around >= 0 else -1
    return Pictures(tuple(images), number, ~own & (number >= 0), size)


def pick_clips(
    library: Library, wanted: Sequence[str], budget: int
) -> tuple[dict[str, tuple[Clip, Cues]], list[str]]:
    """Make clips until so many bytes of the file are full; a clip that finds no room is passed over.

    Args:
        library: of the segments.
        wanted: ids, most important first.
        budget: bytes of the file, base64 included.

    Returns:
        Clips with their subtitles by id, and what is to be said about those left out.
    """
    source = clips_of(library)
    made: dict[str, tuple[Clip, Cues]] = {}
    room, failures, large = float(budget), {}, 0
    ahead: deque = deque()
    waiting = deque(wanted)
    while waiting or ahead:
        while waiting and len(ahead) < _AHEAD and room > 0:
            segment_id = waiting.popleft()
            ahead.append((segment_id, source.order(segment_id, "clip", _FORMATS, False)))
        if not ahead:
            large += len(waiting)
            break
        segment_id, order = ahead.popleft()
        try:
            clip = order.result()
        except (VidexploreError, ValueError, OSError) as error:
            # The message names the file with its folder, which is nobody else's business.
            failures[segment_id] = error.detail if isinstance(error, VideoError) else type(error).__name__
            continue
        need = BASE64 * len(clip.content)
        if need > room:
            large += 1
            continue
        room -= need
        made[segment_id] = clip, source.cues(segment_id).result()
    remarks = []
    if large:
        remarks.append(f"{large} of {len(wanted)} clips found no room in {budget / 1e6:g} MB.")
    if failures:
        reason = next(iter(failures.values()))
        remarks.append(
            f"{len(failures)} of {len(wanted)} clips could not be made, the first because {reason}."
        )
    return made, remarks
