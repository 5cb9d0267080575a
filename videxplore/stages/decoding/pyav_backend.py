"""Decoding with PyAV: every frame in one pass, or chosen frames by seeking."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from videxplore.stages.decoding.container import open_container, packets
from videxplore.stages.decoding.index import FrameIndex

_STEPS_BACK = 6


def decoded_frames(container: Any, stream: Any, problems: list[str]) -> Generator[Any, None, None]:
    """Yield frames in display order; a packet that cannot be decoded is noted and passed over.

    Decoding goes packet by packet, because ``container.decode`` ends at the first damaged one.
    """
    for packet in packets(container, [stream], problems):
        try:
            yield from packet.decode()
        except (FFmpegError, ValueError) as error:
            problems.append(str(error))


def every_frame(path: Path, index: FrameIndex, problems: list[str]) -> Iterator[tuple[int, Any]]:
    """Yield (timestamp, frame) for every frame, timestamps never falling."""
    last = index.zero
    with open_container(path) as container:
        stream = _threaded(container, index)
        step = int(np.median(np.diff(index.pts))) if len(index.pts) > 1 else 1
        for frame in decoded_frames(container, stream, problems):
            stamp = frame.pts if frame.pts is not None else last + step
            last = max(int(stamp), last)
            yield last, frame


def chosen_frames(
    path: Path, index: FrameIndex, wanted: NDArray[np.int64], problems: list[str]
) -> Iterator[tuple[int, Any]]:
    """Yield (timestamp, frame) for each of the rising timestamps ``wanted``.

    The frame given is the last one shown at or before the wanted timestamp; a frame that cannot be decoded
    is thus replaced by the one before it, which is what a player goes on showing.
    """
    reader = _Reader(path, index, problems)
    try:
        for stamp in wanted.tolist():
            found = reader.frame_at(stamp)
            if found is not None:
                yield int(found.pts), found
    finally:
        reader.close()


def _threaded(container: Any, index: FrameIndex) -> Any:
    stream = container.streams[index.stream]
    stream.thread_type = "AUTO"
    return stream


class _Reader:
    """A position in a file that moves forward by decoding and jumps by seeking to keyframes."""

    def __init__(self, path: Path, index: FrameIndex, problems: list[str]) -> None:
        self._path, self._index, self._problems = path, index, problems
        self._open()

    def close(self) -> None:
        self._frames.close()
        self._container.close()

    def frame_at(self, stamp: int) -> Any | None:
        """Return the frame on screen at ``stamp``, or None where nothing can be decoded."""
        if not self._ahead(stamp):
            self._jump(stamp)
        return self._walk(stamp)

    def _open(self) -> None:
        self._container = open_container(self._path)
        self._stream = _threaded(self._container, self._index)
        self._restart()

    def _restart(self) -> None:
        self._frames = decoded_frames(self._container, self._stream, self._problems)
        self._shown: Any | None = None  # last frame at or before the position
        self._next: Any | None = None  # first frame after it

    def _ahead(self, stamp: int) -> bool:
        """Whether decoding on from here reaches ``stamp`` no later than a seek would."""
        if self._shown is None:
            return self._keyframe(stamp) == int(self._index.keyframes[0]) and self._next is None
        here = int(self._shown.pts)
        return here <= stamp and self._keyframe(stamp) <= here

    def _keyframe(self, stamp: int, steps_back: int = 0) -> int:
        number = int(np.searchsorted(self._index.keyframes, stamp, side="right")) - 1 - steps_back
        return int(self._index.keyframes[max(number, 0)])

    def _jump(self, stamp: int) -> None:
        # The container's own seek may land after the wanted keyframe (MPEG-TS): then try one further back,
        # and at last read from the start of a freshly opened file (seeking to 0 loses the first GOP in TS).
        for steps in range(_STEPS_BACK + 1):
            key = self._keyframe(stamp, steps)
            try:
                self._container.seek(key, stream=self._stream, backward=True)
            except FFmpegError as error:
                self._problems.append(str(error))
                break
            self._restart()
            self._next = next((f for f in self._frames if f.pts is not None), None)
            if self._next is not None and self._next.pts <= stamp and not self._next.is_corrupt:
                return
            if key == self._index.keyframes[0]:
                break
        self.close()
        self._open()

    def _walk(self, stamp: int) -> Any | None:
        if self._next is not None and self._next.pts <= stamp:
            self._shown, self._next = self._next, None
        while self._next is None:
            frame = next(self._frames, None)
            if frame is None:
                break
            if frame.pts is None:
                continue
            if frame.pts > stamp:
                self._next = frame
            else:
                self._shown = frame
                if frame.pts == stamp:
                    break
        return self._shown if self._shown is not None else self._next
