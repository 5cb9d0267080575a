"""What a browser gets instead of the film: a small clip of one segment, and a poster."""

from __future__ import annotations

import io
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.frames import frames
from videxplore.stages.decoding.index import frame_index
from videxplore.stages.decoding.muxing import write_clip
from videxplore.stages.decoding.picture import shown_size
from videxplore.stages.decoding.probe import as_video
from videxplore.values.media import Span, Video

FORMATS = ("auto", "mp4", "webm")
_JPEG_QUALITY = 82
_FLAT = 12.0  # grey levels of spread below which a picture shows nothing


def clip(video: Video | str | PathLike[str], span: Span, *, format: str = "auto", height: int = 360) -> bytes:
    """Return a small film of exactly ``span`` that browsers play, timestamps from zero.

    The picture on screen at the start of the span is the first, the last one ends with the span. MP4 is
    H.264 and AAC in fragments (plays from memory); WebM is VP8 and Opus.

    Args:
        video: a video or the path of one.
        span: the stretch wanted, in seconds; cut to the video's own span.
        format: ``"mp4"``, ``"webm"``, or ``"auto"``: MP4 where this PyAV can write H.264, else WebM.
        height: rows at most; the width follows, both are even.

    Raises:
        ValueError: the span lies outside the video or is empty; an unknown format; a height below 16.
        VideoError: the file cannot be used.
    """
    video = as_video(video)
    if format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}.")
    if height < 16:
        raise ValueError(f"height must be at least 16 pixels, got {height!r}.")
    return write_clip(video, _inside(video, span), _writable(format), height)


def poster(video: Video | str | PathLike[str], span: Span, *, size: tuple[int, int] = (320, 180)) -> bytes:
    """Return a JPEG of a picture from the middle of ``span`` that fits inside ``size`` with its own aspect.

    Where the middle is almost one flat colour (a fade, a black frame), the picture with the most contrast
    among five spread over the span is taken.

    Args:
        video: a video or the path of one.
        span: the stretch to show, in seconds.
        size: (width, height) in pixels that the result must not exceed.

    Raises:
        ValueError: the span lies outside the video.
        VideoError: the file cannot be used.
    """
    from PIL import Image

    video = as_video(video)
    span = _inside(video, span)
    width, height = fitted(video, size)
    picture = frames(video, times_s=[span.midpoint_s], size=(width, height)).rgb[0]
    if picture.std() < _FLAT:
        times = span.start_s + span.duration_s * np.array([0.1, 0.3, 0.5, 0.7, 0.9])
        batch = frames(video, times_s=times, size=(width, height))
        picture = max(batch.rgb, key=_contrast)
    target = io.BytesIO()
    Image.fromarray(picture).save(target, format="JPEG", quality=_JPEG_QUALITY, optimize=True)
    return target.getvalue()


def fitted(video: Video, size: tuple[int, int]) -> tuple[int, int]:
    """Return the largest (width, height) inside ``size`` with the aspect the video is shown in."""
    limit_w, limit_h = size
    if limit_w < 1 or limit_h < 1:
        raise ValueError(f"size must be (width, height) in pixels, got {size!r}.")
    width, height = shown_size(video, frame_index(video.path))
    scale = min(limit_w / width, limit_h / height)
    return max(round(width * scale), 1), max(round(height * scale), 1)


def _contrast(rgb: NDArray[np.uint8]) -> float:
    return float(rgb.std())


def _inside(video: Video, span: Any) -> Span:
    if not isinstance(span, Span):
        raise TypeError(f"span must be a Span of seconds, such as Span(2.0, 6.0), got {span!r}.")
    start, end = max(span.start_s, 0.0), min(span.end_s, video.duration_s)
    if end <= start:
        raise ValueError(f"span {span!r} has no part in the video's {video.duration_s:.3f} s.")
    return Span(start, end)


def _writable(format: str) -> str:
    from av import codecs_available

    if format != "auto":
        return format
    return "mp4" if "libx264" in codecs_available else "webm"
