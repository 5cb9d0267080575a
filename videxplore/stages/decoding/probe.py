"""Probing: from a path to a :class:`Video`, or to an error that says what is wrong with the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from av.error import FFmpegError

from videxplore.errors import VideoError
from videxplore.stages.decoding.container import check_file, open_container, packets
from videxplore.stages.decoding.identity import video_id
from videxplore.stages.decoding.index import FrameIndex, frame_index
from videxplore.stages.decoding.picture import orientation
from videxplore.stages.decoding.tone import is_hdr
from videxplore.stages.decoding.tracks import (
    check_size,
    picture_track,
    sound_track,
    text_tracks,
    track_label,
)
from videxplore.values.media import Video

_SOUND_PACKETS = 64  # packets tried before a sound track counts as undecodable
_GIANT_PACKETS = 8  # the first keyframe states the size of the pictures
_OFFSET_S = 0.05  # less is one frame that an encoder held back
_TRUNCATED_S = 0.5
MAX_HOURS = 48
"""Longer files are refused."""
MAX_HOLE_S = 3600.0
"""Files in which one picture stands for longer are refused."""
_TRUNCATED_SHARE = 0.02


@dataclass
class _Look:
    """What opening the file and decoding its first picture and sound tells."""

    codec: str = ""
    width: int = 0
    height: int = 0
    audio_rate: int | None = None
    subtitle_tracks: tuple[str, ...] = ()
    claimed_s: float = 0.0
    flags: list[str] = field(default_factory=list)


def open_video(path: str | PathLike[str]) -> Video:
    """Probe a file: its packets are indexed and its first picture decoded, then it is closed.

    Args:
        path: a video file; URLs, playlists, pipes and folders are refused.

    Raises:
        VideoError: the file cannot be used; ``reason`` is one of ``missing``, ``empty``, ``not-a-file``,
            ``unreadable``, ``url``, ``playlist``, ``image``, ``not-a-video``, ``incomplete``, ``no-picture``,
            ``unsupported-codec``, ``too-large``, ``broken-clock``, ``too-long``, ``no-frames``.
    """
    checked = check_file(path)
    try:
        look = _look(checked)
        index = frame_index(checked)
        _check_clock(index, checked)
    except VideoError as error:  # name the file as the caller wrote it
        raise VideoError(path, error.reason, error.detail, error.remedy) from error.__cause__
    count = len(index.pts)
    fps = count / index.end_s if count > 1 else 1 / index.end_s
    return Video(
        path=Path(path),
        video_id=video_id(checked),
        duration_s=index.end_s,
        width=look.width,
        height=look.height,
        fps=fps,
        frame_count=count,
        codec=look.codec,
        has_audio=look.audio_rate is not None,
        audio_rate=look.audio_rate,
        subtitle_tracks=look.subtitle_tracks,
        flags=tuple(look.flags + _timing_flags(index, look.claimed_s)),
    )


def as_video(video: Video | str | PathLike[str]) -> Video:
    """Return ``video`` itself, or the video at that path."""
    return video if isinstance(video, Video) else open_video(video)


def _check_clock(index: FrameIndex, path: Path) -> None:
    """Refuse timestamps that cannot be meant: silence and stillness would be scanned and kept for years."""
    remedy = (
        "If its clock is broken, write it anew: ffmpeg -i in.file -vf setpts=N/25/TB out.mp4; else cut it."
    )
    hole_s = float(np.diff(index.times_s, append=index.end_s).max())
    if hole_s > MAX_HOLE_S:
        detail = f"its timestamps leap: one picture stands for {hole_s / 3600:.4g} hours"
        raise VideoError(path, "broken-clock", detail, remedy)
    if index.end_s <= 0:
        raise VideoError(path, "broken-clock", "its timestamps last no time at all", remedy)
    if index.end_s > MAX_HOURS * 3600:
        detail = f"its timestamps last {index.end_s / 3600:.4g} hours, the limit is {MAX_HOURS} hours"
        raise VideoError(path, "too-long", detail, remedy)


def _look(path: Path) -> _Look:
    with open_container(path) as container:
        stream = picture_track(container, path)
        sound = sound_track(container)
        look = _Look(codec=_codec_name(stream))
        look.subtitle_tracks = tuple(track_label(track) for track in text_tracks(container))
        look.claimed_s = _claimed_end(container)
        if len(container.streams.video) + len(container.streams.audio) > 2:
            look.flags.append("several-tracks")
        frame = _first(container, stream, None)
        if frame is None:
            _refuse_giant(path)
            raise VideoError(
                path,
                "no-frames",
                "not one frame of its picture can be decoded",
                "Copy or export the file again.",
            )
        _describe(look, frame, stream, path)
    if sound is not None:
        with open_container(path) as container:
            heard = _first(container, sound_track(container), _SOUND_PACKETS)
            look.audio_rate = heard.sample_rate if heard is not None else None
            if heard is None:
                look.flags.append("undecodable-sound")
    return look


def _refuse_giant(path: Path) -> None:
    """Say that no picture could be decoded because all are too large, where that is so.

    The sizes that the header states are checked before; this reads the one that the pictures themselves
    state, with a decoder told to decode none.
    """
    with open_container(path) as container:
        stream = picture_track(container, path)
        stream.codec_context.options = {"skip_frame": "all"}
        _first(container, stream, _GIANT_PACKETS)
        check_size(stream.codec_context.width, stream.codec_context.height, path)


def _first(container: Any, stream: Any, limit: int | None) -> Any | None:
    """The first frame that decodes, trying at most ``limit`` packets."""
    for tried, packet in enumerate(packets(container, [stream], [])):
        if limit is not None and tried >= limit:
            return None
        try:
            if decoded := packet.decode():
                return decoded[0]
        except (FFmpegError, ValueError):
            continue
    return None


def _describe(look: _Look, frame: Any, stream: Any, path: Path) -> None:
    check_size(frame.width, frame.height, path)
    turns, mirrored = orientation(frame)
    look.width, look.height = frame.width, frame.height
    if turns % 2:
        look.width, look.height = frame.height, frame.width
    if turns:
        look.flags.append("rotated")
    if mirrored:
        look.flags.append("mirrored")
    ratio = stream.sample_aspect_ratio
    if ratio and ratio != 1:
        look.flags.append("non-square-pixels")
    if frame.interlaced_frame:
        look.flags.append("interlaced")
    if is_hdr(frame):
        look.flags.append("hdr")


def _timing_flags(index: FrameIndex, claimed_s: float) -> list[str]:
    flags = []
    steps = np.diff(index.pts)
    if len(steps) > 1:
        # Containers that count milliseconds round 33.37 ms to 33 or 34: that is not a varying rate.
        spread_s = float((np.percentile(steps, 99) - np.percentile(steps, 1)) * index.time_base)
        if spread_s > max(0.002, 1.5 * float(index.time_base)):
            flags.append("variable-frame-rate")
    if abs(index.zero_s) > _OFFSET_S:
        flags.append("start-offset")
    missing_s = claimed_s - index.reach_s
    if missing_s > max(_TRUNCATED_S, _TRUNCATED_SHARE * claimed_s):
        flags.append("truncated")
    if index.problems:
        flags.append("damaged")
    return flags


def _claimed_end(container: Any) -> float:
    """Where the header says that the last track ends, in seconds of the file's own clock."""
    if container.duration is None:
        return 0.0
    # Matroska and ASF state when the last track ends, the others how long the longest one is.
    states_end = container.format.name in ("matroska,webm", "asf")
    start = 0 if states_end else container.start_time or 0
    return (start + container.duration) / 1_000_000


def _codec_name(stream: Any) -> str:
    # The decoder's name may be that of a library (libdav1d); people know the codec (av1).
    return stream.codec_context.codec.canonical_name
