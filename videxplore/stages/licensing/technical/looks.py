"""The pictures of a file that are looked at: about one a second, at their own size, in bounded memory.

A picture that refers to no other costs a fraction of decoding all before it, so that keyframes are taken
where a file has enough of them, and only they are decoded.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import itemgetter
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
_PAIR_EVERY_S, _PAIRS = 15.0, (6, 24)
"""How often the frame after a look is decoded as well: seconds, and how many times at least and at most."""
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
        after: luma of the very next frame, for some looks; None for the others.
    """

    time_s: float
    luma: NDArray[np.uint8]
    floor: int
    ceiling: int
    thumbnail: NDArray[np.uint8]
    after: NDArray[np.uint8] | None = None


def look_through(video: Video) -> Iterator[Look]:
    """Yield pictures in order of time.

    Raises:
        VideoError: the file cannot be used, or no picture of it decoded.
    """
    problems: list[str] = []
    found, follows = _to_look_at(video, problems)
    index = frame_index(video.path)
    painter, orientation = Painter((WIDTH, HEIGHT)), Orientation()
    last: Look | None = None
    seen = False
    for stamp, frame, is_look in found:
        shown = orientation(frame)
        luma, floor, ceiling = _read_luma(frame, *shown)
        if last is not None:
            yield replace(last, after=luma) if stamp in follows else last
        last = None
        if is_look:
            seen = True
            time_s = max(float(index.seconds(np.array([stamp]))[0]), 0.0)
            last = Look(time_s, luma, floor, ceiling, _thumbnail(frame, painter, shown))
    if not seen:
        raise nothing_decoded(video, problems)
    if last is not None:
        yield last


def _to_look_at(video: Video, problems: list[str]) -> tuple[Iterator[tuple[int, Any, bool]], frozenset[int]]:
    """(Timestamp, frame, whether it is a look) in order; timestamps of frames right after a look."""
    index = frame_index(video.path)
    keys = spaced(index.seconds(index.keyframes), EVERY_S)
    if index.seekable and _do(index.seconds(index.keyframes)[keys], video.duration_s):
        stamps = index.keyframes[keys]
        # To decode up to the frame after a keyframe takes four of them or so.
        after = _next_ones(index, stamps, int(np.clip(video.duration_s / _PAIR_EVERY_S, *_PAIRS)))
        besides = np.setdiff1d(after, stamps)
        whole = ((*each, True) for each in _keyframes(video, index, frozenset(stamps.tolist()), problems))
        between = ((*each, False) for each in _chosen(video, index, besides, problems) if each[0] in besides)
        return heapq.merge(whole, between, key=itemgetter(0)), frozenset(after.tolist())
    stamps = np.unique(index.pts[index.on_screen(np.arange(0.0, video.duration_s, EVERY_S))])
    after = _next_ones(index, stamps, max(_PAIRS))
    between_looks = frozenset(np.setdiff1d(after, stamps).tolist())
    chosen = _chosen(video, index, np.union1d(stamps, after), problems)
    return ((*each, each[0] not in between_looks) for each in chosen), frozenset(after.tolist())


def _next_ones(index: FrameIndex, stamps: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Timestamps of the frames that come right after some of the looks, evenly among them."""
    some = stamps[np.unique(np.linspace(0, len(stamps) - 1, min(most, len(stamps))).round().astype(int))]
    places = np.searchsorted(index.pts, some) + 1
    return np.asarray(index.pts[places[places < len(index.pts)]], np.int64)


def look_at(video: Video, times_s: NDArray[np.float64]) -> Iterator[tuple[float, NDArray[np.uint8], int]]:
    """Yield (time, luma, level of black) of the pictures shown at rising times, each picture once."""
    index, orientation = frame_index(video.path), Orientation()
    for stamp, frame in _chosen(video, index, np.unique(index.pts[index.on_screen(times_s)]), []):
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


def _chosen(
    video: Video, index: FrameIndex, wanted: NDArray[np.int64], problems: list[str]
) -> Iterator[tuple[int, Any]]:
    """Yield (timestamp, frame) of the pictures with rising timestamps, each once."""
    last: int | None = None
    for stamp, frame in pyav_backend.chosen_frames(video.path, index, wanted, problems):
        if last is None or stamp > last:  # what cannot be decoded is replaced by the one before
            last = stamp
            yield stamp, frame
