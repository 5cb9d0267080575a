"""Pictures and clips of the moments that a report rests on, cut from the files that it knows."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from videxplore.errors import VidexploreError
from videxplore.stages.decoding.proxies import clip as cut_clip
from videxplore.stages.decoding.proxies import poster as cut_poster
from videxplore.values.assessments import Moment, SampleReport
from videxplore.values.media import Span
from videxplore.workbench.clips import BackgroundClips, Stretch
from videxplore.workbench.library import Library

CLIP_S = 5.0
"""What a clip in a page lasts at most."""

_CLIP_ROWS = 180
_POSTERS_KEPT = 512

_log = logging.getLogger("videxplore")


class MomentFootage:
    """Where the moments of a report are, and what they look like.

    Args:
        report: with ``files``.
        library: asked for files that the report does not know.
    """

    def __init__(self, report: SampleReport, library: Library | None = None) -> None:
        self._files, self._library = dict(report.files), library
        self.poster: Callable[[Moment], bytes | None] = lru_cache(maxsize=_POSTERS_KEPT)(self._poster)

    @property
    def known(self) -> bool:
        """Whether any file is known."""
        return bool(self._files) or self._library is not None

    def file(self, moment: Moment) -> Path:
        """Return the file of a moment.

        Raises:
            LibraryError: nobody knows it.
            VideoError: it is gone.
            ValueError: it is none of the report's, and no library was given.
        """
        found = self._files.get(moment.video_id)
        if found is not None and found.is_file():
            return found
        if self._library is None:
            raise ValueError(f"the file of video {moment.video_id!r} is not known here; pass library=")
        return self._library.file(moment.video_id)

    def clip(self, moment: Moment) -> bytes | None:
        """Return a short film of a moment, the first seconds of a long one; None where none can be made."""
        span = moment.span
        short = Span(span.start_s, min(span.end_s, span.start_s + CLIP_S))
        return self._tried("clip", moment, lambda: cut_clip(self.file(moment), short, height=_CLIP_ROWS))

    def source(self, find: Callable[[str], Moment]) -> BackgroundClips:
        """Return what makes clips for a widget, whose names of moments ``find`` knows."""

        def locate(name: str) -> Stretch:
            moment = find(name)
            return Stretch(self.file(moment), moment.span)

        return BackgroundClips(locate)

    def _poster(self, moment: Moment) -> bytes | None:
        return self._tried("picture", moment, lambda: cut_poster(self.file(moment), moment.span))

    def _tried(self, what: str, moment: Moment, make: Callable[[], bytes]) -> bytes | None:
        """What is made, or None: a page about many moments must not fail for one."""
        try:
            return make()
        except (VidexploreError, ValueError, OSError) as error:
            _log.info("No %s of %s at %.1f s: %s", what, moment.video_id, moment.span.start_s, error)
            return None
