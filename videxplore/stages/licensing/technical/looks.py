"""The pictures of a file that are looked at: about one a second, at their own size, in bounded memory.

A picture that refers to no other costs a fraction of decoding all before it, so that keyframes are taken
where a file has enough of them, and only they are decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from videxplore.stages.decoding import pyav_backend
from videxplore.stages.decoding.container import open_container, packets
from videxplore.stages.decoding.frames import nothing_decoded
from videxplore.stages.decoding.index import FrameIndex, frame_index
from videxplore.stages.decoding.picture import Orientation, Painter
from videxplore.stages.decoding.tone import is_hdr
from videxplore.stages.features.cuts import HEIGHT, WIDTH
from videxplore.values.media import Video

EVERY_S = 1.0
"""Seconds between two looks, at least."""

_CLOSE_S = 2.0
"""Keyframes as close as this are as good as a look every second."""
_APART_S = 12.0
"""Keyframes farther apart than this are not enough, however many there are."""
_ENOUGH = 24
"""Looks from which on keyframes up to :data:`_APART_S` apart do."""
_FULL_RANGE = 2
_PLANAR = ("yuv", "nv12", "nv21", "nv16")


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One picture.

    Attributes:
        time_s: when it is shown.
        luma: uint8 (h, w), upright, at its own size, as coded.
        floor: level of black, 0 or 16.
        ceiling: level of white, 255 or 235.
        thumbnail: uint8 (27, 48, 3), for telling shots apart.
    """

    time_s: float
    luma: NDArray[np.uint8]
    floor: int
    ceiling: int
    thumbnail: NDArray[np.uint8]


def look_through(video: Video) -> Iterator[Look]:
    """Yield pictures in order of time.

    Raises:
        VideoError: the file cannot be used, or no picture of it decoded.
    """
    index = frame_index(video.path)
    keys = spaced(index.seconds(index.keyframes), EVERY_S)
    problems: list[str] = []
    if index.seekable and _do(index.seconds(index.keyframes)[keys], video.duration_s):
        found = _keyframes(video, index, frozenset(index.keyframes[keys].tolist()), problems)
    else:
        found = _at_times(video, index, np.arange(0.0, video.duration_s, EVERY_S), problems)
    painter, orientation = Painter((WIDTH, HEIGHT)), Orientation()
    seen = 0
    for stamp, frame in found:
        seen += 1
        time_s = float(index.seconds(np.array([stamp]))[0])
        shown = orientation(frame)
        yield Look(max(time_s, 0.0), *_read_luma(frame, *shown), _thumbnail(frame, painter, shown))
    if not seen:
        raise nothing_decoded(video, problems)


def look_at(video: Video, times_s: NDArray[np.float64]) -> Iterator[tuple[float, NDArray[np.uint8], int]]:
    """Yield (time, luma, level of black) of the pictures shown at rising times, each picture once."""
    index, orientation = frame_index(video.path), Orientation()
    for stamp, frame in _at_times(video, index, times_s, []):
        luma, floor, _ = _read_luma(frame, *orientation(frame))
        yield float(index.seconds(np.array([stamp]))[0]), luma, floor


def spaced(times_s: NDArray[np.float64], every_s: float) -> list[int]:
    """Places of times that are at least ``every_s`` apart, the first among them.

    >>> spaced(np.array([0.0, 0.4, 1.0, 1.9, 2.0]), 1.0)
    [0, 2, 4]
    """
    chosen: list[int] = []
    for place, time_s in enumerate(times_s.tolist()):
        if not chosen or time_s >= float(times_s[chosen[-1]]) + every_s - 1e-6:
            chosen.append(place)
    return chosen


def _read_luma(frame: Any, turns: int, mirrored: bool) -> tuple[NDArray[np.uint8], int, int]:
    """Return luma uint8 (h, w) of a decoded frame, upright, and its levels of black and white.

    More than eight bits are cut to eight.
    """
    name, bits = frame.format.name, frame.format.components[0].bits
    planar = name.startswith(_PLANAR) and not name.endswith("be") and 8 <= bits <= 16
    if not planar or frame.planes[0].line_size <= 0:
        grey = np.asarray(frame.reformat(format="gray").to_ndarray(), np.uint8)
        return _upright(grey, turns, mirrored), 0, 255
    kind = np.uint8 if bits == 8 else np.uint16
    plane = np.frombuffer(frame.planes[0], kind).reshape(-1, frame.planes[0].line_size // kind().itemsize)
    luma = plane[: frame.height, : frame.width]
    eight = (luma >> (bits - 8)).astype(np.uint8)
    full = name.startswith("yuvj") or int(frame.color_range) == _FULL_RANGE
    return _upright(eight, turns, mirrored), 0 if full else 16, 255 if full else 235


def _upright(luma: NDArray[np.uint8], turns: int, mirrored: bool) -> NDArray[np.uint8]:
    shown = luma[:, ::-1] if mirrored else luma
    return np.ascontiguousarray(np.rot90(shown, turns))


def _thumbnail(frame: Any, painter: Painter, shown: tuple[int, bool]) -> NDArray[np.uint8]:
    """The picture uint8 (27, 48, 3), straight from the planes of the decoder where nothing is to be done."""
    from videxplore.stages.decoding.averaging import average

    small = None if shown != (0, False) or is_hdr(frame) else average(frame, WIDTH, HEIGHT)
    return painter(frame) if small is None else small


def _do(keys_s: NDArray[np.float64], duration_s: float) -> bool:
    """Whether keyframes at these times show enough of a file."""
    gap_s = float(np.diff(keys_s, append=duration_s).max())
    return gap_s <= (_APART_S if len(keys_s) >= _ENOUGH else _CLOSE_S)


def _keyframes(
    video: Video, index: FrameIndex, wanted: frozenset[int], problems: list[str]
) -> Iterator[tuple[int, Any]]:
    """Yield (timestamp, frame) of keyframes, reading the file once and decoding nothing else."""
    with open_container(video.path) as container:
        stream = container.streams[index.stream]
        stream.codec_context.thread_count = 1
        stream.codec_context.skip_frame = "NONKEY"
        for packet in packets(container, [stream], problems):
            if packet.size and packet.pts not in wanted:
                continue
            try:
                for frame in packet.decode():
                    if frame.pts is not None:
                        yield int(frame.pts), frame
            except (FFmpegError, ValueError) as error:
                problems.append(str(error))


def _at_times(
    video: Video, index: FrameIndex, times_s: NDArray[np.float64], problems: list[str]
) -> Iterator[tuple[int, Any]]:
    """Yield (timestamp, frame) of the pictures shown at rising times, each once."""
    wanted = np.unique(index.pts[index.on_screen(times_s)])
    last: int | None = None
    for stamp, frame in pyav_backend.chosen_frames(video.path, index, wanted, problems):
        if last is None or stamp > last:  # what cannot be decoded is replaced by the one before
            last = stamp
            yield stamp, frame
