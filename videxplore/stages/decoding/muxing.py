"""Encoding a stretch of a video into a small file in memory, exact at both ends."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.index import FrameIndex
from videxplore.stages.decoding.picture import EncoderPainter, shown_size
from videxplore.stages.decoding.pyav_backend import chosen_frames
from videxplore.stages.decoding.sound import audio
from videxplore.values.media import Span, Video

Cancelled = Callable[[], bool]
"""Asked between two pictures: whether the clip is no longer wanted."""

_CLOCK = Fraction(1, 90000)  # ticks of the clip's picture; divides every common frame rate
_SOUND_RATE = 48000
_SOUND_BLOCK = 960  # 20 ms, a frame length that Opus and AAC both accept through FFmpeg's buffering


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How a container is written."""

    container: str
    video_codec: str
    video_options: dict[str, str]
    audio_codec: str
    audio_bit_rate: int
    options: dict[str, str]


_MP4 = {"movflags": "frag_keyframe+empty_moov+default_base_moof+delay_moov"}
_H264 = {"preset": "superfast", "crf": "26", "bf": "0"}
_RECIPES = {
    # delay_moov lets the header wait for the first packets, so that the encoder's priming samples are cut
    # by an edit list; "faststart" would need a file that can be reopened. No B-frames: dts = pts, no shift.
    "mp4": _Recipe("mp4", "libx264", _H264, "aac", 96_000, _MP4),
    # VS Code plays H.264 but, for its licence, no AAC (microsoft/vscode#162062); MP3 it does.
    "mp4-mp3": _Recipe("mp4", "libx264", _H264, "libmp3lame", 96_000, _MP4),
    "webm": _Recipe(
        "webm",
        "libvpx",
        # One thread: libvpx's threads spin while they wait and stall for seconds on a busy machine.
        {"deadline": "realtime", "cpu-used": "8", "crf": "20", "threads": "1", "lag-in-frames": "0"},
        "libopus",
        96_000,
        {},
    ),
}
FORMATS = tuple(_RECIPES)


@dataclass(frozen=True, slots=True, eq=False)
class Reel:
    """What is to be encoded.

    Attributes:
        video: where the pictures come from.
        index: has the frames of the reel.
        pts: int64 (n,), rising: which frames, in ticks of the index.
        shown_s: float64 (n,), rising from 0: when each appears in the clip.
        duration_s: when the last one ends.
        sound: the stretch of sound that goes with them, or None for silence.
    """

    video: Video
    index: FrameIndex
    pts: NDArray[np.int64]
    shown_s: NDArray[np.float64]
    duration_s: float
    sound: Span | None = None


def write_clip(reel: Reel, format: str, height: int, cancelled: Cancelled) -> bytes:
    """Encode a reel; ``format`` is one of :data:`FORMATS`, ``height`` counts rows at most.

    Raises:
        CancelledError: ``cancelled`` said so between two pictures.
    """
    recipe = _RECIPES[format]
    target = io.BytesIO()
    with av.open(target, "w", format=recipe.container, options=recipe.options) as output:
        picture = _add_picture(output, recipe, reel, height)
        sound = _add_sound(output, recipe) if reel.sound is not None else None
        encoded = list(_encode_picture(picture, reel, cancelled))
        if sound is not None and reel.sound is not None:
            encoded += _encode_sound(sound, reel.video, reel.sound, reel.index.zero_s)
        for packet in sorted(encoded, key=lambda p: p.dts * p.time_base):
            output.mux_one(packet)
    return target.getvalue()


def picture_times(content: bytes) -> NDArray[np.float64]:
    """Return float64 (n,): when each picture of a clip appears, in seconds of the clip."""
    with av.open(io.BytesIO(content), "r") as container:
        stream = container.streams.video[0]
        shown = [p.pts * p.time_base for p in container.demux(stream) if p.pts is not None]
    return np.array(sorted(shown), dtype=np.float64)


def clip_size(video: Video, index: FrameIndex, height: int) -> tuple[int, int]:
    """Even (width, height) of a clip in square pixels, no higher than ``height`` and never enlarged."""
    width, full = shown_size(video, index)
    rows = max(min(height, video.height) // 2 * 2, 2)
    return max(round(width * rows / full / 2) * 2, 2), rows


def _add_picture(output: Any, recipe: _Recipe, reel: Reel, height: int) -> Any:
    fps = len(reel.pts) / reel.duration_s
    rate = Fraction(min(max(fps, 1.0), 120.0)).limit_denominator(1001)
    stream = output.add_stream(recipe.video_codec, rate=rate, options=dict(recipe.video_options))
    stream.width, stream.height = clip_size(reel.video, reel.index, height)
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = _CLOCK
    # A keyframe every two seconds keeps seeking inside the clip quick.
    stream.codec_context.gop_size = max(round(2 * float(rate)), 1)
    if recipe.video_codec == "libvpx":
        stream.bit_rate = 1_500_000
    return stream


def _add_sound(output: Any, recipe: _Recipe) -> Any:
    stream = output.add_stream(recipe.audio_codec, rate=_SOUND_RATE, layout="mono")
    stream.bit_rate = recipe.audio_bit_rate
    return stream


def _encode_picture(stream: Any, reel: Reel, cancelled: Cancelled) -> Iterator[Any]:
    painter = EncoderPainter((stream.width, stream.height))
    ticks = np.round(reel.shown_s / float(_CLOCK)).astype(np.int64)
    ends = dict(zip(ticks.tolist(), [*ticks[1:].tolist(), round(reel.duration_s / _CLOCK)], strict=True))
    pictures = chosen_frames(reel.video.path, reel.index, reel.pts, [])
    for tick, (_, frame) in zip(ticks.tolist(), pictures, strict=False):
        if cancelled():
            raise CancelledError
        shown = painter(frame)
        shown.pts, shown.time_base = tick, _CLOCK
        for packet in stream.encode(shown):
            yield _timed(packet, ends)
    for packet in stream.encode(None):
        yield _timed(packet, ends)


def _timed(packet: Any, ends: dict[int, int]) -> Any:
    # The encoder guesses durations from the rate; with varying rates and at the cut only we know them.
    packet.duration = ends.get(packet.pts, packet.pts + packet.duration) - packet.pts
    return packet


def _encode_sound(stream: Any, video: Video, span: Span, zero_s: float) -> list[Any]:
    sound = audio(video, rate=_SOUND_RATE, span=span, zero_s=zero_s)
    if sound is None:
        return []
    found: list[Any] = []
    for start in range(0, len(sound.samples), _SOUND_BLOCK):
        block = sound.samples[None, start : start + _SOUND_BLOCK]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="mono")
        frame.rate, frame.pts, frame.time_base = _SOUND_RATE, start, Fraction(1, _SOUND_RATE)
        found += stream.encode(frame)
    return found + stream.encode(None)
