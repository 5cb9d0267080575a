"""The exact frame index of a file, made in one pass over its packets without decoding.

Headers lie: MKV and MPEG-TS do not count frames, WebM may lack a duration, a truncated file claims its full
length. The timestamps of the packets are what players go by, so they are what is used here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from videxplore.errors import VideoError
from videxplore.stages.decoding.container import open_container, packets
from videxplore.stages.decoding.tracks import picture_track, sound_track

_TOLERANCE_S = 1e-6  # a time computed as k / fps may fall a rounding error short of frame k


@dataclass(frozen=True, slots=True, eq=False)
class FrameIndex:
    """When each frame of a file is shown.

    Attributes:
        pts: int64 (n,), rising: the timestamp of every displayed frame in ticks of ``time_base``.
        keyframes: int64 (m,), rising: timestamps at which decoding can start.
        time_base: seconds per tick.
        stream: number of the picture track in the file.
        end_s: end of the last frame in seconds after the first.
        reach_s: end of the last packet of picture or sound, in seconds of the file's own clock.
        problems: read errors met on the way.
    """

    pts: NDArray[np.int64]
    keyframes: NDArray[np.int64]
    time_base: Fraction
    stream: int
    end_s: float
    reach_s: float
    problems: tuple[str, ...] = ()

    @property
    def zero(self) -> int:
        """Timestamp of the first frame: zero of the video's clock."""
        return int(self.pts[0])

    @property
    def zero_s(self) -> float:
        """The same in seconds of the file's own clock."""
        return float(self.zero * self.time_base)

    @property
    def times_s(self) -> NDArray[np.float64]:
        """float64 (n,): when each frame appears, in seconds after the first."""
        return self.seconds(self.pts)

    def seconds(self, pts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Turn timestamps into seconds after the first frame."""
        # Exact in float64 up to 2^53 ticks: numerator first, one rounding at the division.
        ticks = (np.asarray(pts, dtype=np.int64) - self.zero) * self.time_base.numerator
        return ticks.astype(np.float64) / self.time_base.denominator

    def on_screen(self, times_s: NDArray[np.float64]) -> NDArray[np.int64]:
        """For each time the number of the frame shown then: the last one that has appeared."""
        found = np.searchsorted(self.times_s, np.asarray(times_s) + _TOLERANCE_S, side="right") - 1
        return np.clip(found, 0, len(self.pts) - 1)


def frame_index(path: Path) -> FrameIndex:
    """Return the index of the file, remembered until the file changes.

    Raises:
        VideoError: the file cannot be opened (see :mod:`.container`) or has no frames (``no-frames``).
    """
    status = path.stat()
    return _indexed(os.fspath(path), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=32)
def _indexed(path: str, _size: int, _modified_ns: int) -> FrameIndex:
    with open_container(path) as container:
        stream = picture_track(container, path)
        tally = _read_packets(container, stream)
        rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        time_base, number = stream.time_base, stream.index
    if tally.untimed:
        tally.pts = _decoded_timestamps(path, tally.problems)
    if not tally.pts:
        raise VideoError(path, "no-frames", "its video track holds no frames", "Copy or export it again.")
    pts = np.unique(np.array(tally.pts, dtype=np.int64))
    keyframes = np.unique(np.array(tally.keyframes or tally.pts[:1], dtype=np.int64))
    last = max(int(pts[-1] - pts[-2]) if len(pts) > 1 else 0, 0)
    length = tally.duration_at.get(int(pts[-1])) or last or round(1 / (rate * time_base))
    end_s = float((int(pts[-1]) + length - int(pts[0])) * time_base)
    return FrameIndex(pts, keyframes, time_base, number, end_s, tally.reach_s, tuple(tally.problems))


class _Tally:
    """What one pass over the packets collects."""

    def __init__(self) -> None:
        self.pts: list[int] = []
        self.keyframes: list[int] = []
        self.duration_at: dict[int, int] = {}
        self.untimed = 0
        self.reach_s = 0.0
        self.problems: list[str] = []


def _read_packets(container: Any, stream: Any) -> _Tally:
    tally = _Tally()
    sound = sound_track(container)
    wanted = [stream] if sound is None else [stream, sound]
    hides_frames = stream.codec_context.name in ("vp8", "libvpx")
    last: tuple[int, int] = (-(2**62), 0)
    for packet in packets(container, wanted, tally.problems):
        if packet.size == 0:
            continue
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is not None:
            end = float((stamp + (packet.duration or 0)) * packet.time_base)
            tally.reach_s = max(tally.reach_s, end)
        if packet.stream_index != stream.index or packet.is_discard:
            continue  # discarded by an edit list: decoded, never shown
        if packet.pts is None:
            tally.untimed += 1
            continue
        if hides_frames and not bytes(packet)[0] & 0x10:
            continue  # VP8 alternate reference: RFC 6386, 9.1, show_frame is 0
        tally.pts.append(packet.pts)
        if packet.is_keyframe:
            tally.keyframes.append(packet.pts)
        if packet.pts >= last[0]:
            last = (packet.pts, packet.duration or 0)
    tally.duration_at[last[0]] = last[1]
    return tally


def _decoded_timestamps(path: str, problems: list[str]) -> list[int]:
    # AVI and the like stamp only some packets: then the decoder alone knows when frames are shown.
    stamps: list[int] = []
    with open_container(path) as container:
        stream = picture_track(container, path)
        stream.thread_type = "AUTO"
        for packet in packets(container, [stream], problems):
            try:
                stamps += [f.pts for f in packet.decode() if f.pts is not None]
            except FFmpegError as error:
                problems.append(str(error))
    return stamps
