"""Small films in many containers and codecs, and seeded ways of damaging them."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
from coded_video import write_video

_FAST = {"preset": "ultrafast", "bf": "2", "b-adapt": "0"}
_KINDS: dict[str, dict] = {
    "h264.mp4": {"options": _FAST, "sound_codec": "aac"},
    "faststart.mp4": {"options": _FAST, "mux": {"movflags": "faststart"}, "sound_codec": "aac"},
    "fragments.mp4": {
        "options": _FAST,
        "mux": {"movflags": "frag_keyframe+empty_moov+default_base_moof"},
        "sound_codec": "aac",
    },
    "hevc.mp4": {"codec": "libx265", "options": {"preset": "ultrafast", "x265-params": "log-level=none"}},
    "mpeg4.mov": {"codec": "mpeg4", "fixed_rate": True, "sound_codec": "pcm_s16le"},
    "mjpeg.mov": {"codec": "mjpeg", "pix_fmt": "yuvj420p"},
    "h264.mkv": {"options": _FAST, "sound_codec": "flac"},
    "vp8.webm": {"codec": "libvpx", "options": {"deadline": "realtime"}, "sound_codec": "libopus"},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime"}},
    "prores.mov": {"codec": "prores_ks", "pix_fmt": "yuv422p10le", "fixed_rate": True},
    "av1.mkv": {"codec": "libsvtav1", "size": (64, 64), "options": {"preset": "12", "svtav1-params": "lp=1"}},
    "ffv1.mkv": {"codec": "ffv1"},
    "mpeg4.avi": {"codec": "mpeg4", "fixed_rate": True, "sound_codec": "mp2"},
    "mjpeg.avi": {"codec": "mjpeg", "pix_fmt": "yuvj420p", "fixed_rate": True},
    "h264.ts": {"options": _FAST, "sound_codec": "aac"},
    "mpeg2.ts": {"codec": "mpeg2video", "fixed_rate": True, "sound_codec": "mp2"},
    "mpeg2.mpg": {"codec": "mpeg2video", "fixed_rate": True, "sound_codec": "mp2"},
    "h264.flv": {"options": _FAST, "sound_codec": "aac"},
    "flv1.flv": {"codec": "flv", "fixed_rate": True},
    "wmv2.wmv": {"codec": "wmv2", "fixed_rate": True, "sound_codec": "mp2"},
    "vp8.ogv": {
        "codec": "libvpx",
        "options": {"deadline": "realtime"},
        "fixed_rate": True,
        "container": "ogg",
        "sound_codec": "libopus",
    },
    "mpeg2.mxf": {"codec": "mpeg2video", "fixed_rate": True},
    "h263.3gp": {"codec": "h263", "size": (176, 144), "fixed_rate": True},
}
_EXTREME = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF8)
_BOXES = tuple(
    b"moov trak mdia stsd stts stss ctts stsc stsz stco elst mdhd mvhd tkhd avcC hvcC esds mdat moof trun "
    b"tfhd trex dref hdlr strh strf movi idx1 LIST \x1fC\xb6u \x16T\xaek \x15I\xa9f \x1cS\xbbk".split()
)  # of MP4, AVI and Matroska


def write_seeds(folder: Path) -> dict[str, bytes]:
    """Write one film of each kind that this FFmpeg can write; return their contents by name."""
    tone = (0.2 * np.sin(np.arange(48000) / 20)).astype(np.float32)
    seeds = {}
    for name, how in _KINDS.items():
        if how.get("codec", "libx264") not in av.codecs_available:
            continue
        sound = tone if "sound_codec" in how else None
        given = {"count": 24, "size": (64, 48), "sound": sound} | how
        write_video(folder / name, **given)
        seeds[name] = (folder / name).read_bytes()
    return seeds


def mutate(seeds: dict[str, bytes], seed: int) -> tuple[str, bytes]:
    """Return the name and content of the damaged file number ``seed``: always the same for the same seed."""
    chance = np.random.default_rng(seed)
    name = sorted(seeds)[seed % len(seeds)]
    data = bytearray(seeds[name])
    ways = (_flip_bytes, _flip_header, _delete, _repeat, _zero, _cut, _overwrite, _resize_box, _swap)
    for _ in range(int(chance.integers(1, 4))):
        ways[int(chance.integers(len(ways)))](data, chance)
        if not data:
            data = bytearray(seeds[name][:1])
    if chance.random() < 0.03:  # the head of one kind on the tail of another
        other = seeds[sorted(seeds)[int(chance.integers(len(seeds)))]]
        data = data[: len(data) // 2] + other[len(other) // 2 :]
    return name, bytes(data)


def _flip_bytes(data: bytearray, chance: np.random.Generator) -> None:
    for _ in range(int(chance.integers(1, 50))):
        data[int(chance.integers(len(data)))] = int(chance.integers(256))


def _flip_header(data: bytearray, chance: np.random.Generator) -> None:
    """Bits near the head or the tail, where containers keep what they say of themselves."""
    reach = min(len(data), 2000)
    for _ in range(int(chance.integers(1, 20))):
        at = int(chance.integers(reach))
        at = at if chance.random() < 0.5 else len(data) - 1 - at
        data[at] ^= 1 << int(chance.integers(8))


def _stretch(data: bytearray, chance: np.random.Generator) -> tuple[int, int]:
    start = int(chance.integers(len(data)))
    return start, min(start + int(chance.integers(1, max(len(data) // 4, 2))), len(data))


def _delete(data: bytearray, chance: np.random.Generator) -> None:
    start, end = _stretch(data, chance)
    del data[start:end]


def _repeat(data: bytearray, chance: np.random.Generator) -> None:
    start, end = _stretch(data, chance)
    data[end:end] = data[start:end] * int(chance.integers(1, 4))


def _zero(data: bytearray, chance: np.random.Generator) -> None:
    start, end = _stretch(data, chance)
    data[start:end] = bytes(end - start)


def _cut(data: bytearray, chance: np.random.Generator) -> None:
    del data[int(chance.integers(1, len(data) + 1)) :]


def _overwrite(data: bytearray, chance: np.random.Generator) -> None:
    """Extreme numbers where numbers are: most fields of headers are 32 bits, aligned or not."""
    order = "<I" if chance.random() < 0.3 else ">I"
    for _ in range(int(chance.integers(1, 6))):
        if len(data) >= 8:
            at = int(chance.integers(min(len(data) - 4, 3000)))
            at = at if chance.random() < 0.5 else len(data) - 4 - at
            struct.pack_into(order, data, at, _EXTREME[int(chance.integers(len(_EXTREME)))])


def _resize_box(data: bytearray, chance: np.random.Generator) -> None:
    """The length before, or the first numbers after, the name of a box or chunk."""
    found = [at for box in _BOXES if (at := data.find(box)) >= 4]
    if found:
        at = found[int(chance.integers(len(found)))]
        at += (-4, 4, 8, 12)[int(chance.integers(4))]
        if at + 4 <= len(data):
            struct.pack_into(">I", data, at, _EXTREME[int(chance.integers(len(_EXTREME)))])


def _swap(data: bytearray, chance: np.random.Generator) -> None:
    start, end = _stretch(data, chance)
    part = bytes(data[start:end])
    del data[start:end]
    at = int(chance.integers(len(data) + 1))
    data[at:at] = part
