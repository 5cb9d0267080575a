"""Writes small videos whose pictures carry their own frame number, and reads the number back."""

from __future__ import annotations

import struct
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


READ_NUMBER = """(video) => {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.drawImage(video, 0, 0);
  let number = 0;
  for (let k = 0; k < 16; k++) {
    const x = (k % 4 + .5) * canvas.width / 4, y = (Math.floor(k / 4) + .5) * canvas.height / 4;
    if (pen.getImageData(x, y, 1, 1).data[1] > 128) number |= 1 << k;
  }
  return number;
}"""
"""The same in a browser: a function of a video element, in JavaScript."""


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
        write_sorted(output, encoded)
    return times_s


def add_coded_track(output, options: dict[str, str] | None = None, size: tuple[int, int] = (96, 64)):
    """Add an H.264 track on the 90 kHz clock."""
    stream = output.add_stream("libx264", rate=25, options=dict(options or {}))
    stream.width, stream.height = size
    stream.pix_fmt, stream.codec_context.gop_size, stream.codec_context.time_base = "yuv420p", 12, TICKS
    return stream


def write_sorted(output, packets: list) -> None:
    """Hand packets of all tracks to the container in decoding order."""
    for packet in sorted(packets, key=lambda p: p.dts * p.time_base):
        output.mux_one(packet)


def copy_packets(
    source: Path,
    target: Path,
    *,
    from_s: float = 0.0,
    shift_s: float = 0.0,
    mux: dict[str, str] | None = None,
) -> None:
    """Copy the picture without coding it anew: packets shown from ``from_s`` on, their times moved."""
    with av.open(str(source)) as opened, av.open(str(target), "w", options=mux or {}) as output:
        stream = opened.streams.video[0]
        copy = output.add_stream_from_template(stream)
        begin, shift = round(from_s / stream.time_base), round(shift_s / stream.time_base)
        for packet in opened.demux(stream):
            if packet.dts is None or packet.pts < begin:
                continue
            packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, copy
            output.mux_one(packet)


def set_claimed_length(path: Path, length_s: float) -> None:
    """Write a length into the film and media headers of an MP4 (version 0 of mvhd and mdhd)."""
    data = bytearray(path.read_bytes())
    for box in (b"mvhd", b"mdhd"):
        at = data.index(box)
        clock = struct.unpack_from(">I", data, at + 16)[0]
        struct.pack_into(">I", data, at + 20, round(length_s * clock))
    path.write_bytes(data)


def set_edits(path: Path, edits: list[tuple[float, float]]) -> None:
    """Replace the edit list of a one-track MP4 whose index comes last (ISO/IEC 14496-12, 8.6.6).

    Args:
        path: the file, rewritten in place.
        edits: (length in seconds, first second of the media or -1 for a delay) of each piece.
    """
    data = path.read_bytes()
    film_clock = struct.unpack_from(">I", data, data.index(b"mvhd") + 16)[0]
    media_clock = struct.unpack_from(">I", data, data.index(b"mdhd") + 16)[0]
    entries = b"".join(
        struct.pack(
            ">IiI", round(length * film_clock), -1 if start < 0 else round(start * media_clock), 0x10000
        )
        for length, start in edits
    )
    box = data.index(b"elst") - 4
    size = struct.unpack_from(">I", data, box)[0]
    # The media clock starts where the muxer's own edit begins: at the first frame shown.
    begin = struct.unpack_from(">i", data, box + 20)[0]
    entries = b"".join(
        struct.pack(">IiI", length, start + begin if start >= 0 else -1, rate)
        for length, start, rate in struct.iter_unpack(">IiI", entries)
    )
    written = struct.pack(">I4sII", 16 + len(entries), b"elst", 0, len(edits)) + entries
    grown = bytearray(data[:box] + written + data[box + size :])
    for parent in (b"moov", b"trak", b"edts"):
        at = data.index(parent) - 4
        held = struct.unpack_from(">I", data, at)[0]
        struct.pack_into(">I", grown, at, held + len(written) - size)
    path.write_bytes(grown)


def _encode_sound(track, sound: np.ndarray, rate: int, start_s: float) -> list:
    encoded = []
    for start in range(0, len(sound), 960):
        block = np.ascontiguousarray(sound[None, start : start + 960].astype(np.float32))
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.rate, frame.time_base = rate, Fraction(1, rate)
        frame.pts = start + round(start_s * rate)
        encoded += track.encode(frame)
    return encoded + track.encode(None)
