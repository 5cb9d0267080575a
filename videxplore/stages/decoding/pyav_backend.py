"""Decoding with PyAV: every frame in one pass, or chosen frames by seeking."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from videxplore.stages.decoding.container import open_container, packets
from videxplore.stages.decoding.index import FrameIndex
from videxplore.stages.decoding.leaps import StraightClock

THREADS_VARIABLE = "VIDEXPLORE_DECODER_THREADS"
"""Environment variable: threads per decoder; unset or 0 is one per core. (FFmpeg would take one more, which
was up to a fifth slower on two cores: 5 films, best of 3.)"""

_STEPS_BACK = 6
_SPARSE_CODECS = frozenset({"h264"})  # whose packets say for certain that no frame refers to them
_SELF_STARTING = frozenset({"h264", "hevc"})  # whose decoders hold frames back until one is whole
_SMALL = 320 * 240  # pixels; handing smaller pictures from thread to thread takes longer than decoding them


def decoded_frames(
    container: Any, stream: Any, problems: list[str], wanted: frozenset[int] | None = None
) -> Generator[Any, None, None]:
    """Yield frames in display order; a packet that cannot be decoded is noted and passed over.

    Decoding goes packet by packet, because ``container.decode`` ends at the first damaged one. With
    ``wanted`` (timestamps of packets) others that no frame refers to are left out.
    """
    for packet in packets(container, [stream], problems):
        if wanted is not None:
            needed = packet.pts is None or packet.pts in wanted
            stream.codec_context.skip_frame = "DEFAULT" if needed else "NONREF"
        try:
            yield from packet.decode()
        except (FFmpegError, ValueError) as error:
            problems.append(str(error))


def every_frame(path: Path, index: FrameIndex, problems: list[str]) -> Iterator[tuple[int, Any]]:
    """Yield (timestamp, frame) for every frame, timestamps never falling."""
    last: int | None = None
    with open_container(path) as container:
        stream = _threaded(container, index)
        for stamp, frame in _stamped(decoded_frames(container, stream, problems), index):
            last = stamp if last is None else max(stamp, last)
            yield last, frame
    if problems and (last is None or last < index.pts[-1]):
        yield from _lost_tail(path, index, last)


def _lost_tail(path: Path, index: FrameIndex, last: int | None) -> Iterator[tuple[int, Any]]:
    """Yield the frames after ``last``, decoded one after another.

    With one thread per frame PyAV loses all that is still under way when the last packet brings an error: of
    a short damaged clip, everything.
    """
    with open_container(path) as container:
        stream = container.streams[index.stream]
        if last is not None and index.seekable:
            with contextlib.suppress(FFmpegError):  # then it is read from the start
                container.seek(keyframe_before(index, last), stream=stream, backward=True)
        for stamp, frame in _stamped(decoded_frames(container, stream, []), index):
            if last is None or stamp > last:
                last = stamp
                yield stamp, frame


def keyframe_before(index: FrameIndex, stamp: int, steps_back: int = 0) -> int:
    """Timestamp of the last keyframe at or before ``stamp``, or of one ``steps_back`` before that."""
    number = int(np.searchsorted(index.keyframes, stamp, side="right")) - 1 - steps_back
    return int(index.keyframes[max(number, 0)])


def chosen_frames(
    path: Path, index: FrameIndex, wanted: NDArray[np.int64], problems: list[str]
) -> Iterator[tuple[int, Any]]:
    """Yield (timestamp, frame) for each of the rising timestamps ``wanted``.

    The frame given is the last one shown at or before the wanted timestamp; a frame that cannot be decoded
    is thus replaced by the one before it, which is what a player goes on showing.
    """
    reader = _Reader(path, index, problems, frozenset(wanted.tolist()))
    try:
        for stamp in wanted.tolist():
            found = reader.frame_at(stamp)
            if found is not None:
                yield found
    finally:
        reader.close()


def _stamped(frames: Iterator[Any], index: FrameIndex) -> Generator[tuple[int, Any], None, None]:
    """Give each frame of a file read from its start, or from a keyframe, its timestamp."""
    step = int(np.median(np.diff(index.pts))) if len(index.pts) > 1 else 1
    last = index.zero - step
    clock = StraightClock(index.offsets, index.pts)
    for number, frame in enumerate(frames):
        if index.by_order:
            last = int(index.pts[number]) if number < len(index.pts) else last + step
        else:
            last = last + step if frame.pts is None else clock(int(frame.pts))
        yield last, frame


def leaves_a_core(index: FrameIndex) -> bool:
    """Whether the file's decoder takes fewer threads than there are cores for it."""
    return _threads(index) < _cores()


def _threads(index: FrameIndex) -> int:
    width, height = index.stored
    return 1 if width * height < _SMALL else _cores()


def _cores() -> int:
    return int(os.environ.get(THREADS_VARIABLE, "0")) or os.cpu_count() or 1


def _threaded(container: Any, index: FrameIndex) -> Any:
    stream = container.streams[index.stream]
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = _threads(index)
    return stream


class _Reader:
    """A position in a file that moves forward by decoding and jumps by seeking to keyframes."""

    def __init__(self, path: Path, index: FrameIndex, problems: list[str], wanted: frozenset[int]) -> None:
        self._path, self._index, self._problems = path, index, problems
        self._seekable, self._threads = index.seekable, True
        # A file that cannot be sought in may have stamps that are not those of its packets.
        self._wanted = wanted if index.seekable else None
        self._open()

    def close(self) -> None:
        self._frames.close()
        self._container.close()

    def frame_at(self, stamp: int) -> tuple[int, Any] | None:
        """Return (timestamp, frame) on screen at ``stamp``, or None where nothing can be decoded."""
        if not self._near(stamp):
            self._jump(stamp)
        found = self._walk(stamp)
        if self._wanted is not None and (self._problems or found is None or found[0] != stamp):
            self._wanted = None  # damage is patched with what was shown before: nothing may be left out
            self._jump(stamp)
            found = self._walk(stamp)
        ended = self._next is None and (found is None or found[0] != stamp)
        if ended and self._problems and self._threads:  # see _lost_tail
            self._threads = False
            self.close()
            self._open()
            if self._seekable:
                self._jump(stamp)
            found = self._walk(stamp)
        return found

    def _open(self) -> None:
        self._container = open_container(self._path)
        if self._threads:
            self._stream = _threaded(self._container, self._index)
        else:
            self._stream = self._container.streams[self._index.stream]
        if self._stream.codec_context.name not in _SPARSE_CODECS:
            self._wanted = None
        self._restart()

    def _restart(self) -> None:
        self._stream.codec_context.skip_frame = "DEFAULT"
        decoded = decoded_frames(self._container, self._stream, self._problems, self._wanted)
        self._frames = _stamped(decoded, self._index)
        self._shown: tuple[int, Any] | None = None  # last frame at or before the position
        self._next: tuple[int, Any] | None = None  # first frame after it

    def _near(self, stamp: int) -> bool:
        """Whether decoding on from here reaches ``stamp`` no later than a seek would."""
        if not self._seekable:
            return True
        here = self._index.zero if self._shown is None else self._shown[0]
        return here <= stamp and keyframe_before(self._index, stamp) <= here

    def _jump(self, stamp: int) -> None:
        # The container's own seek may land after the wanted keyframe (MPEG-TS): then try one further back,
        # and at last read from the start of a freshly opened file (seeking to 0 loses the first GOP in TS).
        for steps in range(_STEPS_BACK + 1):
            key = keyframe_before(self._index, stamp, steps)
            try:
                self._container.seek(key, stream=self._stream, backward=True)
            except FFmpegError as error:
                self._problems.append(str(error))
                break
            self._restart()
            self._next = next(self._frames, None)
            if self._next is not None and self._trusted(self._next, stamp):
                return
            if key == self._index.keyframes[0]:
                break
        self._seekable = False
        self.close()
        self._open()

    def _trusted(self, found: tuple[int, Any], stamp: int) -> bool:
        """Whether a frame decoded after a seek lies before ``stamp`` and bears a timestamp of the index.

        It must stand on its own as well: most decoders begin in mid-GOP with garbage and say nothing.
        """
        time, frame = found
        if not (frame.key_frame or self._stream.codec_context.name in _SELF_STARTING):
            return False
        number = int(np.searchsorted(self._index.pts, time))
        known = number < len(self._index.pts) and int(self._index.pts[number]) == time
        return known and time <= stamp and not frame.is_corrupt

    def _walk(self, stamp: int) -> tuple[int, Any] | None:
        if self._next is not None and self._next[0] <= stamp:
            self._shown, self._next = self._next, None
        while self._next is None and (self._shown is None or self._shown[0] != stamp):
            found = next(self._frames, None)
            if found is None:
                break
            if found[0] > stamp:
                self._next = found
            else:
                self._shown = found
        return self._shown if self._shown is not None else self._next
