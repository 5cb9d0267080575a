"""Where the pictures of segments come from: a library, or the video files that hits name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from videxplore.stages.decoding.proxies import clip as cut_clip
from videxplore.stages.decoding.proxies import poster as cut_poster
from videxplore.values.media import Span
from videxplore.values.rankings import Hit, Ranking
from videxplore.values.reports import RankingShift
from videxplore.workbench.library import Library

_POSTERS_KEPT = 512
_CLIPS_KEPT = 16


@dataclass(frozen=True, slots=True)
class Pixels:
    """Two callables, each from a segment id to bytes: a JPEG poster, a clip that browsers play."""

    poster: Callable[[str], bytes]
    clip: Callable[[str], bytes]


def pixels_of(value: Any, library: Library | None) -> Pixels:
    """Return the source of pictures for a value.

    Args:
        value: a hit, a ranking or a comparison; anything else needs ``library``.
        library: asked first where given.
    """
    if library is not None:
        return Pixels(library.poster, lru_cache(maxsize=_CLIPS_KEPT)(library.clip))
    return _from_files(_hits_of(value))


def _hits_of(value: Any) -> Iterable[Hit]:
    """Every hit that a value names, those of the pool included."""
    if isinstance(value, Hit):
        return [value]
    if isinstance(value, RankingShift):
        return [hit for ranking in (value.raw, *value.others) for hit in _hits_of(ranking)]
    if isinstance(value, Ranking):
        return [*value.hits, *(candidate.hit for candidate in value.candidates)]
    return []


def _from_files(hits: Iterable[Hit]) -> Pixels:
    """Cut pictures from the files; the last ones are kept, since widgets ask again when drawn anew."""
    known = {hit.segment_id: (hit.video, Span(hit.start_s, hit.end_s)) for hit in hits}

    def find(segment_id: str) -> tuple[str, Span]:
        try:
            return known[segment_id]
        except KeyError:
            raise KeyError(f"no segment {segment_id!r} among these hits; pass library=.") from None

    @lru_cache(maxsize=_POSTERS_KEPT)
    def poster(segment_id: str) -> bytes:
        return cut_poster(*find(segment_id))

    @lru_cache(maxsize=_CLIPS_KEPT)
    def clip(segment_id: str) -> bytes:
        return cut_clip(*find(segment_id))

    return Pixels(poster, clip)
