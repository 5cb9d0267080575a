"""The part of a frame index that one stretch needs, so that playing 10 s of a 2 GB film reads 10 s of it.

:func:`videxplore.stages.decoding.index.frame_index` reads every packet of a file. In MP4, MOV, Matroska and
WebM the container's own index leads to a keyframe before any time, so the packets of a stretch can be found
alone. What comes back is a :class:`FrameIndex` with the first frame of the film, for its clock, and the
frames about the stretch. Whatever looks wrong on the way leads to the whole index, which is always right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from videxplore.stages.decoding.container import check_file, open_container, packets
from videxplore.stages.decoding.identity import video_id
from videxplore.stages.decoding.index import FrameIndex, frame_index
from videxplore.stages.decoding.picture import orientation
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.pyav_backend import decoded_frames
from videxplore.stages.decoding.tracks import picture_track, sound_track, text_tracks, track_label
from videxplore.values.media import Span, Video

_T = TypeVar("_T")

WHOLE_LIMIT = 128 * 2**20
"""Bytes: the packets of a smaller file are read whole, which takes a fraction of a second."""

_INDEXED = (
    "mov,mp4",
    "matroska",
)  # containers whose seeks land on keyframes and whose packets bear true times
_HEAD_PACKETS = 32  # the first picture in display order is among these: no codec reorders further
_MARGIN_S = 1.0
_STEPS_BACK_S = (0.0, 1.0, 10.0)  # some demuxers seek by decoding time, which lies before the time of display


def glance(path: Path, end_s: float) -> Video:
    """Return a video that is known to reach at least to ``end_s``, from its head alone where it is large.

    Of a large file only what playing needs is known: the size of the picture, whether there is sound.

    Raises:
        VideoError: the file cannot be used.
    """
    check_file(path)
    found = _in_part(path, lambda reader: reader.video(end_s))
    return open_video(path) if found is None else found


def stretch_index(path: Path, span: Span) -> FrameIndex:
    """Return an index that is right for every time in ``span``.

    Args:
        path: a video file.
        span: seconds on the video's clock.

    Raises:
        VideoError: the file cannot be used.
    """
    part = _in_part(path, lambda reader: reader.stretch(span))
    return frame_index(path) if part is None else part


def keyframe_index(path: Path, times_s: NDArray[np.float64]) -> FrameIndex:
    """Return an index that holds, for every time, the keyframe at or before it.

    Args:
        path: a video file.
        times_s: float64 (n,), rising, in seconds on the video's clock.

    Raises:
        VideoError: the file cannot be used.
    """
    part = _in_part(path, lambda reader: reader.keyframes(times_s))
    return frame_index(path) if part is None else part


def _in_part(path: Path, read: Callable[[_PartReader], _T]) -> _T | None:
    """What ``read`` finds, or None for a small file, an unfit container or anything unexpected."""
    if path.stat().st_size < WHOLE_LIMIT:
        return None
    with open_container(path) as container:
        if not container.format.name.startswith(_INDEXED):
            return None
        try:
            return read(_PartReader(container, path))
        except (_UnlikelyError, FFmpegError):
            return None


class _UnlikelyError(Exception):
    """The file does not behave as an indexed one does."""


class _PartReader:
    """Reads packets at chosen places of an open container."""

    def __init__(self, container: Any, path: Path) -> None:
        self._container, self._path = container, path
        self._stream = picture_track(container, path)
        self._hides_frames = self._stream.codec_context.name in ("vp8", "libvpx")
        head = list(islice(self._packets(), _HEAD_PACKETS))
        if not head:
            raise _UnlikelyError
        self._zero = min(packet.pts for packet in head)

    def video(self, end_s: float) -> Video:
        """What the head of the file tells."""
        self._container.seek(self._zero, stream=self._stream, backward=True)
        frame = next(decoded_frames(self._container, self._stream, []), None)
        if frame is None:
            raise _UnlikelyError
        turned = orientation(frame)[0] % 2
        sound = sound_track(self._container)
        return Video(
            path=self._path,
            video_id=video_id(self._path),
            duration_s=max(end_s, (self._container.duration or 0) / 1_000_000),
            width=frame.height if turned else frame.width,
            height=frame.width if turned else frame.height,
            fps=float(self._stream.average_rate or 25),
            frame_count=None,
            codec=self._stream.codec_context.codec.canonical_name,
            has_audio=sound is not None,
            audio_rate=sound.rate if sound is not None else None,
            subtitle_tracks=tuple(track_label(track) for track in text_tracks(self._container)),
        )

    def stretch(self, span: Span) -> FrameIndex:
        """Frames from the keyframe at or before the start to the first one after the end."""
        last = self._ticks(span.end_s + _MARGIN_S)
        pts, keys, duration = [], [], 0
        for packet in self._packets_from(span.start_s):
            pts.append(packet.pts)
            duration = packet.duration or duration
            if packet.is_keyframe:
                keys.append(packet.pts)
            # Later packets are decoded later, so none is shown before this one is decoded.
            if (packet.dts if packet.dts is not None else packet.pts) > last:
                break
        shown = [stamp for stamp in pts if stamp >= keys[0]]  # what leads a keyframe cannot be decoded alone
        return self._index(shown, keys, duration)

    def keyframes(self, times_s: NDArray[np.float64]) -> FrameIndex:
        """The keyframe at or before each time."""
        keys = [self._last_keyframe(time_s) for time_s in times_s.tolist()]
        return self._index(keys, keys, 0)

    def _last_keyframe(self, time_s: float) -> int:
        """Timestamp of the last keyframe at or before a time; a seek may land several of them earlier."""
        wanted, latest = self._ticks(time_s), self._zero
        for packet in self._packets_from(time_s):
            if packet.is_keyframe and packet.pts <= wanted:
                latest = max(latest, packet.pts)
            if (packet.dts if packet.dts is not None else packet.pts) > wanted:
                break
        return latest

    def _packets_from(self, time_s: float) -> Iterator[Any]:
        """Packets from the last keyframe shown at or before a time."""
        wanted = self._ticks(time_s)
        for back_s in _STEPS_BACK_S:
            stamp = max(wanted - round(back_s / self._stream.time_base), self._zero)
            self._container.seek(stamp, stream=self._stream, backward=True)
            first = next(found := self._packets(), None)
            if first is not None and first.is_keyframe and first.pts <= wanted:
                return chain([first], found)
        raise _UnlikelyError

    def _packets(self) -> Iterator[Any]:
        problems: list[str] = []
        for packet in packets(self._container, [self._stream], problems):
            if packet.size == 0 or packet.is_discard:
                continue
            if self._hides_frames and not bytes(packet)[0] & 0x10:
                continue  # VP8 alternate reference: RFC 6386, 9.1, show_frame is 0
            if packet.pts is None or problems:
                raise _UnlikelyError
            yield packet

    def _ticks(self, time_s: float) -> int:
        return self._zero + round(time_s / self._stream.time_base)

    def _index(self, shown: list[int], keys: list[int], duration: int) -> FrameIndex:
        stream = self._stream
        pts = np.unique(np.array([self._zero, *shown], dtype=np.int64))
        rate = stream.average_rate or Fraction(25)
        length = duration or round(1 / (rate * stream.time_base))
        end_s = float((int(pts[-1]) + length - self._zero) * stream.time_base)
        return FrameIndex(
            pts=pts,
            keyframes=np.unique(np.array([self._zero, *keys], dtype=np.int64)),
            time_base=stream.time_base,
            stream=stream.index,
            end_s=end_s,
            reach_s=end_s,
            pixel_aspect=stream.sample_aspect_ratio or Fraction(1),
            stored=(stream.codec_context.width, stream.codec_context.height),
        )
