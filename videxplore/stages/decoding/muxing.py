"""Encoding a stretch of a video into a small file in memory, exact at both ends."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.index import FrameIndex, frame_index
from videxplore.stages.decoding.picture import EncoderPainter, shown_size
from videxplore.stages.decoding.pyav_backend import chosen_frames
from videxplore.stages.decoding.sound import audio
from videxplore.values.media import Span, Video

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


_RECIPES = {
    # delay_moov lets the header wait for the first packets, so that the encoder's priming samples are cut
    # by an edit list; "faststart" would need a file that can be reopened. No B-frames: dts = pts, no shift.
    "mp4": _Recipe(
        "mp4",
        "libx264",
        {"preset": "superfast", "crf": "26", "bf": "0"},
        "aac",
        96_000,
        {"movflags": "frag_keyframe+empty_moov+default_base_moof+delay_moov"},
    ),
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


def write_clip(video: Video, span: Span, format: str, height: int) -> bytes:
    """Encode ``span`` of ``video``; see :func:`videxplore.stages.decoding.proxies.clip`."""
    recipe = _RECIPES[format]
    index = frame_index(video.path)
    first, last = index.on_screen(np.array([span.start_s, span.end_s]))
    if last > first and index.times_s[last] >= span.end_s - 1e-6:
        last -= 1  # half-open: the picture that appears at the end belongs to what follows
    numbers = np.arange(first, last + 1)
    shown_s = np.maximum(index.times_s[numbers], span.start_s) - span.start_s
    target = io.BytesIO()
    with av.open(target, "w", format=recipe.container, options=recipe.options) as output:
        picture = _add_picture(output, recipe, video, height)
        sound = _add_sound(output, recipe) if video.has_audio else None
        encoded = list(_encode_picture(picture, video, index, numbers, shown_s, span.duration_s))
        if sound is not None:
            encoded += _encode_sound(sound, video, span)
        for packet in sorted(encoded, key=lambda p: p.dts * p.time_base):
            output.mux_one(packet)
    return target.getvalue()


def clip_size(video: Video, height: int) -> tuple[int, int]:
    """Even (width, height) of a clip in square pixels, no higher than ``height`` and never enlarged."""
    width, full = shown_size(video, frame_index(video.path))
    rows = max(min(height, video.height) // 2 * 2, 2)
    return max(round(width * rows / full / 2) * 2, 2), rows


def _add_picture(output: Any, recipe: _Recipe, video: Video, height: int) -> Any:
    rate = Fraction(min(max(video.fps, 1.0), 120.0)).limit_denominator(1001)
    stream = output.add_stream(recipe.video_codec, rate=rate, options=dict(recipe.video_options))
    stream.width, stream.height = clip_size(video, height)
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


def _encode_picture(
    stream: Any,
    video: Video,
    index: FrameIndex,
    numbers: NDArray[np.int64],
    shown_s: NDArray[np.float64],
    duration_s: float,
) -> Iterator[Any]:
    painter = EncoderPainter((stream.width, stream.height))
    ticks = np.round(shown_s / float(_CLOCK)).astype(np.int64)
    ends = dict(zip(ticks.tolist(), [*ticks[1:].tolist(), round(duration_s / _CLOCK)], strict=True))
    pictures = chosen_frames(video.path, index, index.pts[numbers], [])
    for tick, (_, frame) in zip(ticks.tolist(), pictures, strict=False):
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


def _encode_sound(stream: Any, video: Video, span: Span) -> list[Any]:
    sound = audio(video, rate=_SOUND_RATE, span=span)
    if sound is None:
        return []
    found: list[Any] = []
    for start in range(0, len(sound.samples), _SOUND_BLOCK):
        block = sound.samples[None, start : start + _SOUND_BLOCK]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="mono")
        frame.rate, frame.pts, frame.time_base = _SOUND_RATE, start, Fraction(1, _SOUND_RATE)
        found += stream.encode(frame)
    return found + stream.encode(None)
