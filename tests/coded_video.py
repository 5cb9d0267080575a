"""Writes small videos whose pictures carry their own frame number, and reads the number back."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

GRID = 4  # 4 × 4 blocks, one bit each
TICKS = Fraction(1, 90000)


def picture(number: int, width: int, height: int) -> np.ndarray:
    """A picture of white and black blocks that spell ``number`` in binary, top left first."""
    bits = np.array([(number >> k) & 1 for k in range(GRID * GRID)], dtype=bool).reshape(GRID, GRID)
    rows = np.arange(height) * GRID // height
    columns = np.arange(width) * GRID // width
    plane = np.where(bits[rows][:, columns], 225, 30).astype(np.uint8)
    return np.repeat(plane[:, :, None], 3, axis=2)


def read_number(rgb: np.ndarray) -> int:
    """The number in a picture of any size; each block is read in its middle."""
    height, width = rgb.shape[:2]
    number = 0
    for k in range(GRID * GRID):
        row, column = divmod(k, GRID)
        top, left = (row * height) // GRID, (column * width) // GRID
        bottom, right = ((row + 1) * height) // GRID, ((column + 1) * width) // GRID
        margin_y, margin_x = (bottom - top) // 4, (right - left) // 4
        block = rgb[top + margin_y : bottom - margin_y, left + margin_x : right - margin_x]
        number |= int(block.mean() > 128) << k
    return number


def read_numbers(rgb: np.ndarray) -> list[int]:
    return [read_number(one) for one in rgb]


def write_video(
    path: Path,
    *,
    count: int = 60,
    rate: int = 25,
    times_s: np.ndarray | None = None,
    codec: str = "libx264",
    container: str | None = None,
    size: tuple[int, int] = (96, 64),
    pix_fmt: str = "yuv420p",
    gop: int = 12,
    options: dict[str, str] | None = None,
    mux: dict[str, str] | None = None,
    rotation: int = 0,
    pixel_aspect: Fraction | None = None,
    sound: np.ndarray | None = None,
    sound_codec: str = "aac",
    sound_rate: int = 48000,
    sound_start_s: float = 0.0,
    fixed_rate: bool = False,
    first_number: int = 1,
) -> np.ndarray:
    """Write a coded video; return the times of its frames in seconds. Frame k spells ``first_number + k``."""
    times_s = np.arange(count) / rate if times_s is None else np.asarray(times_s)
    width, height = size
    with av.open(str(path), "w", format=container, options=mux or {}) as output:
        stream = output.add_stream(codec, rate=rate, options=dict(options or {}))
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        stream.codec_context.gop_size = gop
        if not fixed_rate:
            stream.codec_context.time_base = TICKS
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if rotation:
            stream.set_display_rotation(rotation)
        track = None
        if sound is not None:
            track = output.add_stream(sound_codec, rate=sound_rate, layout="mono")
        encoded = []
        for k, time_s in enumerate(times_s):
            frame = av.VideoFrame.from_ndarray(picture(first_number + k, width, height), format="rgb24")
            clock = Fraction(1, rate) if fixed_rate else TICKS
            frame.pts, frame.time_base = round(time_s / clock), clock
            encoded += stream.encode(frame)
        encoded += stream.encode(None)
        if track is not None:
            encoded += _encode_sound(track, sound, sound_rate, sound_start_s)
        for packet in sorted(encoded, key=lambda p: p.dts * p.time_base):
            output.mux_one(packet)
    return times_s


def _encode_sound(track, sound: np.ndarray, rate: int, start_s: float) -> list:
    encoded = []
    for start in range(0, len(sound), 960):
        block = np.ascontiguousarray(sound[None, start : start + 960].astype(np.float32))
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.rate, frame.time_base = rate, Fraction(1, rate)
        frame.pts = start + round(start_s * rate)
        encoded += track.encode(frame)
    return encoded + track.encode(None)
