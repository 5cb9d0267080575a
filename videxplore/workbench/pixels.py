"""Where the pictures of segments come from: a library, or the video files that hits name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from videxplore.stages.decoding.proxies import poster as cut_poster
from videxplore.values.comparisons import EncoderComparison
from videxplore.values.media import Span
from videxplore.values.rankings import Hit, Ranking
from videxplore.values.reports import RankingShift
from videxplore.workbench.clips import BackgroundClips, Stretch
from videxplore.workbench.library import Library

_POSTERS_KEPT = 512


@dataclass(frozen=True, slots=True)
class Pixels:
    """From a segment id to the bytes of its JPEG poster, and what makes its clips."""

    poster: Callable[[str], bytes]
    clip: BackgroundClips


def pixels_of(value: Any, library: Library | None) -> Pixels:
    """Return the source of pictures for a value.

    Args:
        value: a hit, a ranking, or a comparison of rankings or encoders; anything else needs ``library``.
        library: asked first where given.
    """
    if library is not None:
        return Pixels(library.poster, clips_of(library))
    return _from_files(_places_of(value))


def clips_of(library: Library) -> BackgroundClips:
    """Return what makes the clips of a library's segments."""

    def find(segment_id: str) -> Stretch:
        segment = library.segment(segment_id)
        return Stretch(library.file(segment.video_id), segment.span, library.tree(segment.video_id).video)

    return BackgroundClips(find)


def _places_of(value: Any) -> dict[str, tuple[str, Span]]:
    """File and span of every segment that a value names."""
    if isinstance(value, EncoderComparison):
        return {i: (place.video, Span(place.start_s, place.end_s)) for i, place in value.places.items()}
    return _relatives_of(value) | {hit.segment_id: (hit.video, hit.span) for hit in _hits_of(value)}


def _hits_of(value: Any) -> Iterable[Hit]:
    """Every hit that a value names, those of the pool included."""
    if isinstance(value, Hit):
        return [value]
    if isinstance(value, RankingShift):
        return [hit for ranking in (value.raw, *value.others) for hit in _hits_of(ranking)]
    if isinstance(value, Ranking):
        return [*value.hits, *(candidate.hit for candidate in value.candidates)]
    return []


def _relatives_of(value: Any) -> dict[str, tuple[str, Span]]:
    """The segments around the candidates of a ranking, which reasons point at."""
    if isinstance(value, RankingShift):
        return _relatives_of(value.raw)
    candidates = value.candidates if isinstance(value, Ranking) else ()
    return {r.segment_id: (c.hit.video, Span(r.start_s, r.end_s)) for c in candidates for r in c.relatives}


def _from_files(known: Mapping[str, tuple[str, Span]]) -> Pixels:
    """Cut pictures from the files; the last ones are kept, since widgets ask again when drawn anew."""

    def find(segment_id: str) -> tuple[str, Span]:
        try:
            return known[segment_id]
        except KeyError:
            raise KeyError(f"no segment {segment_id!r} among these; pass library=.") from None

    @lru_cache(maxsize=_POSTERS_KEPT)
    def poster(segment_id: str) -> bytes:
        return cut_poster(*find(segment_id))

    def locate(segment_id: str) -> Stretch:
        path, span = find(segment_id)
        return Stretch(Path(path), span)

    return Pixels(poster, BackgroundClips(locate))
