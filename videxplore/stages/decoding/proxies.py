"""What a browser gets instead of the film: a small clip of one segment, its storyboard, and a poster."""

from __future__ import annotations

import io
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.frames import frames
from videxplore.stages.decoding.index import frame_index
from videxplore.stages.decoding.muxing import FORMATS, Cancelled, Reel, write_clip
from videxplore.stages.decoding.picture import check_target, shown_size
from videxplore.stages.decoding.probe import as_video
from videxplore.stages.decoding.window import keyframe_index, stretch_index
from videxplore.values.checks import check_kind, check_whole
from videxplore.values.media import SPAN_WANTED, Span, Video

_JPEG_QUALITY = 82
_KEYFRAMES_ABOVE_S = 60.0
_FLAT = 12.0  # grey levels of spread below which a picture shows nothing


def clip(
    video: Video | str | PathLike[str],
    span: Span,
    *,
    format: str = "auto",
    height: int = 360,
    cancelled: Cancelled = lambda: False,
) -> bytes:
    """Return a small film of exactly ``span`` that browsers play, timestamps from zero.

    The picture on screen at the start of the span is the first, the last one ends with the span. MP4 is
    H.264 and AAC in fragments (plays from memory), or MP3 for VS Code, which plays no AAC; WebM is VP8 and
    Opus. Of a large MP4, MOV, Matroska or WebM file only the stretch itself is read.

    Args:
        video: a video or the path of one.
        span: the stretch wanted, in seconds; cut to the video's own span.
        format: ``"mp4"``, ``"mp4-mp3"``, ``"webm"``, or ``"auto"``: MP4 where this PyAV can write H.264,
            else WebM.
        height: rows at most; the width follows, both are even.
        cancelled: asked between two pictures; True ends the work.

    Raises:
        ValueError: the span lies outside the video or is empty; an unknown format; a height below 16.
        VideoError: the file cannot be used.
        CancelledError: ``cancelled`` said so.
    """
    video = as_video(video)
    format = chosen_format(format, height)
    span = _inside(video, span)
    index = stretch_index(video.path, span)
    first, last = index.on_screen(np.array([span.start_s, span.end_s]))
    if last > first and index.times_s[last] >= span.end_s - 1e-6:
        last -= 1  # half-open: the picture that appears at the end belongs to what follows
    numbers = np.arange(first, last + 1)
    shown_s = np.maximum(index.times_s[numbers], span.start_s) - span.start_s
    sound = span if video.has_audio else None
    return write_clip(
        Reel(video, index, index.pts[numbers], shown_s, span.duration_s, sound), format, height, cancelled
    )


def storyboard(
    video: Video | str | PathLike[str],
    span: Span,
    *,
    pictures: int = 12,
    duration_s: float = 3.0,
    format: str = "auto",
    height: int = 144,
    cancelled: Cancelled = lambda: False,
) -> bytes:
    """Return a silent film of a few pictures of ``span``, run through in ``duration_s`` seconds.

    Time runs evenly: what is shown at ``t`` is on screen ``t * span.duration_s / duration_s`` after the
    start of the span. Of a span above a minute keyframes are shown, each at its own time, since they can be
    decoded alone; the first then stands for the start, and may lie before it.

    Args:
        video: a video or the path of one.
        span: the stretch wanted, in seconds; cut to the video's own span.
        pictures: how many at most.
        duration_s: length of the film in seconds.
        format: as :func:`clip` takes it.
        height: rows at most.
        cancelled: asked between two pictures; True ends the work.

    Raises:
        ValueError: the span lies outside the video or is empty; an unknown format; a height below 16.
        VideoError: the file cannot be used.
        CancelledError: ``cancelled`` said so.
    """
    video = as_video(video)
    format = chosen_format(format, height)
    span = _inside(video, span)
    times_s = span.start_s + span.duration_s * np.arange(pictures) / pictures
    if span.duration_s > _KEYFRAMES_ABOVE_S:
        index = keyframe_index(video.path, times_s)
        keys_s = index.seconds(index.keyframes)
        found = np.unique(np.maximum(np.searchsorted(keys_s, times_s + 1e-6, "right") - 1, 0))
        pts, at_s = index.keyframes[found], keys_s[found]
    else:
        index = stretch_index(video.path, span)
        numbers = np.unique(index.on_screen(times_s))
        pts, at_s = index.pts[numbers], index.times_s[numbers]
    shown_s = np.maximum(at_s - span.start_s, 0.0) * (duration_s / span.duration_s)
    shown_s[0] = 0.0
    return write_clip(Reel(video, index, pts, shown_s, duration_s), format, height, cancelled)


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
    limit_w, limit_h = check_target(size) or (video.width, video.height)
    width, height = shown_size(video, frame_index(video.path))
    scale = min(limit_w / width, limit_h / height)
    return max(round(width * scale), 1), max(round(height * scale), 1)


def _contrast(rgb: NDArray[np.uint8]) -> float:
    return float(rgb.std())


def _inside(video: Video, span: Any) -> Span:
    check_kind("span", span, Span, SPAN_WANTED)
    start, end = max(span.start_s, 0.0), min(span.end_s, video.duration_s)
    if end <= start:
        raise ValueError(f"span {span!r} has no part in the video's {video.duration_s:.3f} s.")
    return Span(start, end)


def chosen_format(format: str, height: int) -> str:
    """Return the format to write, after a look at both arguments.

    Raises:
        ValueError: an unknown format, or a height below 16.
    """
    from av import codecs_available

    if format not in ("auto", *FORMATS):
        raise ValueError(f"format must be one of {', '.join(('auto', *FORMATS))}, got {format!r}.")
    check_whole("height", height, 16)
    if format != "auto":
        return format
    return "mp4" if "libx264" in codecs_available else "webm"
