"""What a player is sent: the bytes of a clip, when its pictures appear, and how it stands to the film."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

KINDS = ("clip", "whole", "hover")
"""What can be ordered: a segment to play (a long one as a preview), a long one in full, a glimpse of one."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A film for the browser.

    Attributes:
        content: MP4 or WebM; empty where ``served`` names the film itself.
        times_s: when each picture appears, in seconds of the clip; empty where that is not known.
        pace: seconds of the film that pass in one second of the clip; 1 unless this is a preview.
        preview: whether pictures are left out.
        served: the film on the notebook server instead of ``content``: ``path`` under the server's root,
            ``size`` in bytes, media ``type``, ``start_s`` and ``fps``.
    """

    content: bytes
    times_s: Sequence[float] = ()
    pace: float = 1.0
    preview: bool = False
    served: dict[str, Any] | None = None


@runtime_checkable
class ClipSource(Protocol):
    """Makes clips in the background."""

    def order(self, segment_id: str, kind: str, formats: Sequence[str], served: bool) -> Future[Clip]:
        """Begin to make a clip; cancelling the future ends the work.

        Args:
            segment_id: of the segment.
            kind: one of :data:`KINDS`.
            formats: what the browser plays, best first.
            served: whether the file itself may be named, for the browser to fetch from the server.
        """
        ...

    def cues(self, segment_id: str) -> Future[list[tuple[float, float, str]]]:
        """Begin to read the subtitles of a segment: (start, end, text) on the video's clock."""
        ...


Clips = Callable[[str], bytes] | ClipSource
"""Where clips come from: made in the background, or a plain function from segment id to bytes."""


def settled(value: Callable[[], Any]) -> Future[Any]:
    """Return a future that holds what ``value`` returns or raises."""
    future: Future[Any] = Future()
    try:
        future.set_result(value())
    except Exception as error:  # noqa: BLE001 - whatever a source raises is shown where the picture belongs
        future.set_exception(error)
    return future


def refused(reason: str) -> Future[Any]:
    """Return a future that holds an error with ``reason``."""
    future: Future[Any] = Future()
    future.set_exception(ValueError(reason))
    return future
