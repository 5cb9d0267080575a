"""Clips made in the background: the kernel stays free, what is no longer wanted is given up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from videxplore.stages.decoding.identity import video_id
from videxplore.stages.decoding.muxing import Cancelled, picture_times
from videxplore.stages.decoding.proxies import clip, storyboard
from videxplore.stages.decoding.subtitles import transcript
from videxplore.stages.decoding.window import glance
from videxplore.values.media import Span, Transcript, Video, format_time
from videxplore.views.delivery import Clip, settled
from videxplore.workbench.clip_cache import ClipCache
from videxplore.workbench.served_files import served_file

LONG_S = 60.0
"""A longer segment is shown as a preview first: encoding it would take longer than anyone waits."""

WHOLE_LIMIT_S = 300.0
"""A longer segment is never sent whole: it would be some hundred megabytes through the notebook."""

_WORKERS = 3
_CLIP_ROWS, _PREVIEW_ROWS, _HOVER_ROWS = 360, 240, 144
_PREVIEW_PICTURES, _PREVIEW_S = 150, 25.0
_HOVER_PICTURES, _HOVER_S = 12, 3.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a segment is: the file, the span, and the video where it is known already."""

    path: Path
    span: Span
    video: Video | None = None


class _Order(Future[Any]):
    """A future whose work ends when it is cancelled, even if it has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.unwanted = threading.Event()

    def cancel(self) -> bool:
        self.unwanted.set()
        return super().cancel()

    def work(self, make: Callable[[Cancelled], Any]) -> None:
        if not self.set_running_or_notify_cancel():
            return
        try:
            self.set_result(make(self.unwanted.is_set))
        except BaseException as error:  # noqa: BLE001 - whoever waits is told, or would wait for ever
            self.set_exception(error)


@cache
def _pool() -> ThreadPoolExecutor:
    # Threads, not processes: FFmpeg works without the interpreter's lock, and a first clip cannot wait for a
    # process that imports anew.
    return ThreadPoolExecutor(_WORKERS, thread_name_prefix="videxplore-clip")


class BackgroundClips:
    """Makes and keeps the clips of segments; see :class:`videxplore.views.delivery.ClipSource`.

    Args:
        find: segment id to where it is; called in the thread that orders.
        kept: the clips on disk.
    """

    def __init__(self, find: Callable[[str], Stretch], kept: ClipCache | None = None) -> None:
        self._find = find
        self._kept = kept or ClipCache()
        self._said: dict[Path, Transcript | None] = {}

    def order(self, segment_id: str, kind: str, formats: Sequence[str], served: bool) -> Future[Clip]:
        """Begin to make a clip; cancelling the future ends the work.

        Args:
            segment_id: of the segment.
            kind: ``"clip"``: the segment, or a preview of it where it is longer than :data:`LONG_S`;
                ``"whole"``: a long one in full, up to :data:`WHOLE_LIMIT_S`; ``"hover"``: a glimpse.
            formats: what the browser plays, best first.
            served: whether a long segment may be played from the file on the notebook's server.
        """
        return self._begin(segment_id, lambda at, unwanted: self._make(at, kind, formats, served, unwanted))

    def cues(self, segment_id: str) -> Future[list[tuple[float, float, str]]]:
        """Begin to read the subtitles of a segment: (start, end, text) on the video's clock."""
        return self._begin(segment_id, lambda at, _: self._read_cues(at))

    def _begin(self, segment_id: str, make: Callable[[Stretch, Cancelled], Any]) -> Future[Any]:
        found = settled(lambda: self._find(segment_id))
        if found.exception() is not None:
            return found
        order = _Order()
        _pool().submit(order.work, lambda unwanted: make(found.result(), unwanted))
        return order

    def _make(
        self, at: Stretch, kind: str, formats: Sequence[str], served: bool, unwanted: Cancelled
    ) -> Clip:
        video, span = _video_of(at), at.span
        how: dict[str, Any] = {"format": _writable(formats), "cancelled": unwanted}
        if kind == "hover":
            how |= {"height": _HOVER_ROWS, "pictures": _HOVER_PICTURES, "duration_s": _HOVER_S}
            return self._board(video, span, **how)
        if span.duration_s <= LONG_S or kind == "whole":
            if span.duration_s > WHOLE_LIMIT_S:
                limit = format_time(WHOLE_LIMIT_S)
                raise ValueError(
                    f"a segment of {format_time(span.duration_s)} is not sent whole (up to {limit})"
                )
            content = self._kept_or_made(video, span, "clip", clip, height=_CLIP_ROWS, **how)
            return Clip(content, picture_times(content).tolist())
        file = served_file(video) if served else None
        if file is not None:
            return Clip(b"", served=file)
        how |= {"height": _PREVIEW_ROWS, "pictures": _PREVIEW_PICTURES, "duration_s": _PREVIEW_S}
        return self._board(video, span, **how)

    def _board(self, video: Video, span: Span, **how: Any) -> Clip:
        content = self._kept_or_made(video, span, "storyboard", storyboard, **how)
        return Clip(
            content, picture_times(content).tolist(), span.duration_s / how["duration_s"], preview=True
        )

    def _kept_or_made(
        self, video: Video, span: Span, name: str, make: Callable[..., bytes], **how: Any
    ) -> bytes:
        """The bytes from disk, or made and kept; named by content, so that a moved file is found again."""
        facts = sorted((key, value) for key, value in how.items() if key != "cancelled")
        key = (video.video_id, f"{span.start_s:.6f}", f"{span.end_s:.6f}", name, facts)
        content = self._kept.find(*key)
        if content is None:
            content = make(video, span, **how)
            self._kept.keep(content, *key)
        return content

    def _read_cues(self, at: Stretch) -> list[tuple[float, float, str]]:
        if at.path not in self._said:
            self._said[at.path] = transcript(_video_of(at))
        said = self._said[at.path]
        return [
            (cue.span.start_s, cue.span.end_s, cue.text)
            for cue in said or ()
            if cue.span.start_s < at.span.end_s and cue.span.end_s > at.span.start_s
        ]


def _video_of(at: Stretch) -> Video:
    """The video as it is on disk now; what is known of it holds while its content is the same."""
    if at.video is not None and at.video.video_id == video_id(at.path):
        return replace(at.video, path=at.path)
    return glance(at.path, at.span.end_s)


def _writable(formats: Sequence[str]) -> str:
    """The first format that the browser plays and this PyAV writes."""
    from av import codecs_available

    for format in formats:
        if format == "webm" or (format in ("mp4", "mp4-mp3") and "libx264" in codecs_available):
            return format
    raise ValueError(f"this browser plays {', '.join(formats) or 'no format'} that can be made here")
