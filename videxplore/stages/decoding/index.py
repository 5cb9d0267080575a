"""The exact frame index of a file, made in one pass over its packets without decoding.

Headers lie: MKV and MPEG-TS do not count frames, WebM may lack a duration, a truncated file claims its full
length. The timestamps of the packets are what players go by, so they are what is used here.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import VideoError
from videxplore.stages.decoding.container import open_container, packets
from videxplore.stages.decoding.leaps import CONTAINERS, BreakFinder
from videxplore.stages.decoding.stamps import decoded_stamps, first_decoded
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
        pixel_aspect: width of a pixel over its height, of the picture as stored.
        stored: (width, height) of the picture as stored, before rotation.
        by_order: the file does not stamp its frames: the k-th decoded one bears the k-th timestamp.
        seekable: frames decoded after a seek bear right timestamps.
        offsets: ticks by which the stretches of a clock that starts again in mid-file were moved.
        problems: read errors met on the way.
    """

    pts: NDArray[np.int64]
    keyframes: NDArray[np.int64]
    time_base: Fraction
    stream: int
    end_s: float
    reach_s: float
    pixel_aspect: Fraction = Fraction(1)
    stored: tuple[int, int] = (0, 0)
    by_order: bool = False
    seekable: bool = True
    offsets: tuple[int, ...] = (0,)
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
    def offsets_s(self) -> tuple[float, ...]:
        """Seconds by which the stretches of a broken clock were moved; one stretch where it never breaks."""
        return tuple(float(offset * self.time_base) for offset in self.offsets)

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
        guessed = _guesses(container.format.name, stream, tally)
        tally.untimed |= guessed
        rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        time_base, number = stream.time_base, stream.index
        aspect = stream.sample_aspect_ratio or Fraction(1)
        stored = (stream.codec_context.width, stream.codec_context.height)
        # Timestamps after a seek are guesses that are off by a frame or two in MPEG program streams and
        # where no display times are stored; a palette is told once, at the start.
        guessed |= container.format.name == "mpeg" or stream.codec_context.pix_fmt == "pal8"
        seekable = not guessed and len(tally.offsets) == 1
    by_order = False
    stamps: Sequence[int] = tally.pts
    if tally.untimed:
        stamps, by_order = decoded_stamps(path, tally.dts, round(1 / (rate * time_base)), tally.problems)
    elif tally.begins_blind:
        first = first_decoded(path)
        stamps = [stamp for stamp in stamps if stamp >= first]
    if not stamps:
        raise VideoError(path, "no-frames", "its video track holds no frames", "Copy or export it again.")
    pts = np.unique(np.array(stamps, dtype=np.int64))
    keyframes = np.unique(np.array(tally.keyframes or [pts[0]], dtype=np.int64))
    length = tally.last_duration if int(pts[-1]) == tally.last else 0
    length = length or (int(pts[-1] - pts[-2]) if len(pts) > 1 else 0) or round(1 / (rate * time_base))
    end_s = float((int(pts[-1]) + length - int(pts[0])) * time_base)
    return FrameIndex(
        pts, keyframes, time_base, number, end_s, tally.reach_s,
        aspect, stored, by_order, seekable and not by_order,
        tuple(tally.offsets), tuple(tally.problems),
    )  # fmt: skip


class _Tally:
    """What one pass over the packets collects."""

    def __init__(self) -> None:
        # Eight bytes for each number: a list would take forty, and a day of video has two million frames.
        self.pts, self.dts, self.keyframes = array("q"), array("q"), array("q")
        self.last, self.last_duration = -(2**62), 0
        self.offsets = [0]
        self.untimed = False
        self.begins_blind = False  # with packets that need one before the start of the file
        self.reach_s = 0.0
        self.problems: list[str] = []

    def add(self, packet: Any, offset: int) -> None:
        """Note one packet of the picture that will be shown; its timestamps are moved by ``offset``."""
        if packet.dts is not None:
            self.dts.append(packet.dts + offset)
        if packet.pts is None:
            self.untimed = True
            return
        stamp = packet.pts + offset
        self.begins_blind |= not self.keyframes and not packet.is_keyframe
        self.begins_blind |= bool(self.keyframes) and stamp < self.keyframes[0]
        self.pts.append(stamp)
        if packet.is_keyframe:
            self.keyframes.append(stamp)
        if stamp >= self.last:
            self.last, self.last_duration = stamp, packet.duration or 0


def _read_packets(container: Any, stream: Any) -> _Tally:
    tally = _Tally()
    sound = sound_track(container)
    wanted = [stream] if sound is None else [stream, sound]
    hides_frames = stream.codec_context.name in ("vp8", "libvpx")
    breaks = BreakFinder(stream.time_base) if container.format.name in CONTAINERS else None
    for packet in packets(container, wanted, tally.problems):
        if packet.size == 0:
            continue
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is not None:
            end_s = float((stamp + (packet.duration or 0)) * packet.time_base)
            tally.reach_s = max(tally.reach_s, end_s)
        if packet.stream_index != stream.index or packet.is_discard:
            continue  # discarded by an edit list: decoded, never shown
        if hides_frames and not bytes(packet)[0] & 0x10:
            continue  # VP8 alternate reference: RFC 6386, 9.1, show_frame is 0
        tally.add(packet, breaks.offset(packet) if breaks else 0)
    tally.offsets = breaks.offsets if breaks else [0]
    return tally


def _guesses(container: str, stream: Any, tally: _Tally) -> bool:
    """Whether timestamps are FFmpeg's guesses that may be wrong: AVI and ASF store no display times."""
    reorders = bool(stream.codec_context.has_b_frames)
    if container == "avi":
        return reorders
    if container == "asf":
        return reorders or tally.pts != tally.dts
    if container == "mxf":  # its index may tell the order of display or may not
        return reorders and all(a < b for a, b in pairwise(tally.pts))
    return container == "mpeg" and len(set(tally.pts)) < len(tally.pts)
