"""The small coded videos of the frame-exactness table: container × codec × property, with their truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np
from av.stream import Disposition
from coded_video import (
    add_coded_track,
    copy_packets,
    picture,
    set_claimed_length,
    set_edits,
    write_sorted,
    write_video,
)

COUNT = 48
RATE = 25
X264 = {"preset": "ultrafast", "crf": "18"}
B_FRAMES = {**X264, "bf": "3", "b-adapt": "0"}
OPEN_GOP = {**B_FRAMES, "x264-params": "open-gop=1:keyint=12:bframes=3:b-adapt=0"}
REFRESH = {**X264, "x264-params": "intra-refresh=1:keyint=12:bframes=0"}
X265 = {"preset": "ultrafast", "x265-params": "log-level=none:pools=1:bframes=3"}
OPEN_HEVC = {"preset": "ultrafast", "x265-params": "log-level=none:pools=1:bframes=3:open-gop=1:keyint=12"}
VPX = {"deadline": "realtime", "cpu-used": "8", "threads": "1"}
HIDDEN = {"deadline": "good", "cpu-used": "5", "auto-alt-ref": "1", "lag-in-frames": "16", "threads": "1"}
SVT = {"preset": "10", "crf": "10"}
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
TICKS = Fraction(1, 90000)
EVEN = np.arange(COUNT) / RATE
VARYING = np.cumsum([0.0] + [(0.04, 0.01, 0.1, 0.033)[k % 4] for k in range(COUNT - 1)])
SKIPPING = np.cumsum([0] + [(1, 1, 3, 2)[k % 4] for k in range(COUNT - 1)]) / RATE
NTSC = np.arange(COUNT) * 1001 / 30000


@dataclass(frozen=True, slots=True)
class Truth:
    """What is to be seen: the numbers of the frames, their times in seconds, quarter turns of the picture."""

    numbers: list[int]
    times_s: np.ndarray
    turns: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table; ``write`` makes the file and returns its truth."""

    container: str
    codec: str
    property: str
    suffix: str
    write: Callable[[Path], Truth]

    @property
    def name(self) -> str:
        return f"{self.container} {self.codec} {self.property}".strip()


def coded(path: Path, times_s: np.ndarray = EVEN, **arguments) -> Truth:
    """All frames at their times, the first one at zero."""
    write_video(path, count=len(times_s), times_s=times_s, rate=RATE, **arguments)
    turns = arguments.get("rotation", 0) // 90
    return Truth(list(range(1, len(times_s) + 1)), times_s - times_s[0], turns)


def cut_without_coding(path: Path, mux: dict[str, str] | None = None) -> Truth:
    """Packets copied from a keyframe on, shown from six frames later: what cutting by stream copy gives."""
    whole = path.with_name(f"whole{path.suffix}")
    write_video(whole, count=COUNT, rate=RATE, options=B_FRAMES)
    copy_packets(whole, path, from_s=12 / RATE, shift_s=-18 / RATE, mux=mux)
    return Truth(list(range(19, COUNT + 1)), EVEN[: COUNT - 18])


def begun_inside(path: Path, first: int, **arguments) -> Truth:
    """A recording that begins between keyframes: the first frame that can be shown is ``first``."""
    whole = path.with_name(f"whole{path.suffix}")
    coded(whole, **arguments)
    copy_packets(whole, path, from_s=(first - 6) / RATE)
    return Truth(list(range(first, COUNT + 1)), EVEN[: COUNT - first + 1])


def edited(path: Path, edits: list[tuple[float, float]], numbers: list[int]) -> Truth:
    """An MP4 with an edit list of (length in seconds, first media second or -1 for nothing shown)."""
    write_video(path, count=COUNT, rate=RATE, options=B_FRAMES)
    set_edits(path, edits)
    return Truth(numbers, EVEN[: len(numbers)])


def claiming(path: Path, **arguments) -> Truth:
    """An MP4 whose headers state a length of an hour."""
    truth = coded(path, **arguments)
    set_claimed_length(path, 3600.0)
    return truth


def shifted(path: Path, shift_s: float, mux: dict[str, str] | None = None, **arguments) -> Truth:
    """The whole video with all its timestamps moved, as capture devices and cutters leave them."""
    whole = path.with_name(f"whole{path.suffix}")
    truth = coded(whole, **arguments)
    copy_packets(whole, path, shift_s=shift_s, mux=mux)
    return truth


def several_tracks(path: Path) -> Truth:
    """Two pictures; the second is the default one and counts from 1001."""
    with av.open(str(path), "w") as output:
        tracks = [add_coded_track(output, options=B_FRAMES) for _ in range(2)]
        tracks[0].disposition = Disposition(0)
        tracks[1].disposition = Disposition.default
        packets = []
        for track, first in zip(tracks, (1, 1001), strict=True):
            for k, time_s in enumerate(EVEN):
                frame = av.VideoFrame.from_ndarray(picture(first + k, 96, 64), format="rgb24")
                frame.pts, frame.time_base = round(time_s / TICKS), TICKS
                packets += track.encode(frame)
            packets += track.encode(None)
        write_sorted(output, packets)
    return Truth(list(range(1001, 1001 + COUNT)), EVEN)


def with_cover(path: Path) -> Truth:
    """Cover art, numbered 999, and the film: an attachment in Matroska, a track in MP4."""
    frame = av.VideoFrame.from_ndarray(picture(999, 320, 240), format="rgb24").reformat(format="yuvj420p")
    frame.pts, frame.time_base = 0, Fraction(1, 1)
    coder = av.CodecContext.create("mjpeg", "w")
    coder.width, coder.height, coder.pix_fmt, coder.time_base = 320, 240, "yuvj420p", Fraction(1, 1)
    art = (coder.encode(frame) + coder.encode(None))[0]
    with av.open(str(path), "w") as output:
        packets = []
        if path.suffix == ".mkv":
            output.add_attachment("cover.jpg", "image/jpeg", bytes(art))
        else:
            cover = output.add_mux_stream("mjpeg", width=320, height=240)
            cover.disposition = Disposition.attached_pic
            art.stream, art.pts, art.dts, art.time_base = cover, 0, 0, Fraction(1, 1)
            packets.append(art)
        film = add_coded_track(output, options=B_FRAMES)
        for k, time_s in enumerate(EVEN):
            frame = av.VideoFrame.from_ndarray(picture(1 + k, 96, 64), format="rgb24")
            frame.pts, frame.time_base = round(time_s / TICKS), TICKS
            packets += film.encode(frame)
        packets += film.encode(None)
        write_sorted(output, packets)
    return Truth(list(range(1, COUNT + 1)), EVEN)


def joined(path: Path, second_s: float = 0.0, **arguments) -> Truth:
    """Two recordings laid end to end (cat a.ts b.ts): in the middle the clock is set to ``second_s``."""
    parts = []
    for number, start_s in enumerate((0.0, second_s)):
        part, half = path.with_name(f"part{number}{path.suffix}"), COUNT // 2
        times_s = EVEN[:half] + start_s
        write_video(part, times_s=times_s, rate=RATE, first_number=1 + number * half, **arguments)
        parts.append(part.read_bytes())
    path.write_bytes(b"".join(parts))
    return Truth(list(range(1, COUNT + 1)), EVEN)


def packed_b_frames(path: Path) -> Truth:
    """MPEG-4 as DivX wrote it for years: a B-frame travels with the frame before it, then a stopgap."""
    whole = path.with_name(f"whole{path.suffix}")
    truth = coded(whole, codec="mpeg4", fixed_rate=True, options={"bf": "1"})
    picture_start, note = b"\x00\x00\x01\xb6", b"\x00\x00\x01\xb2"
    with av.open(str(whole)) as source, av.open(str(path), "w") as output:
        stream = source.streams.video[0]
        copy = output.add_stream_from_template(stream)
        packed: list[bytes] = []
        for packet in source.demux(stream):
            coding = bytes(packet)
            if not coding:
                continue
            if coding[coding.index(picture_start) + 4] >> 6 == 2:  # vop_coding_type B, ISO/IEC 14496-2, 6.3.5
                packed[-1] += coding
                coding = picture_start + b"\x50\x00\x7f"
            packed.append(coding)
        # By this note decoders know the habit.
        packed[0] = packed[0].replace(note, note + b"DivX503b1393p" + note, 1)
        for number, coding in enumerate(packed):
            packet = av.Packet(coding)
            packet.stream, packet.time_base, packet.is_keyframe = copy, Fraction(1, RATE), number == 0
            packet.pts = packet.dts = number
            output.mux_one(packet)
    return truth


def _case(name: str, suffix: str, write: Callable[..., Truth] = coded, **arguments) -> Case:
    container, codec, *rest = name.split(" | ")
    return Case(container, codec, rest[0] if rest else "", suffix, partial(write, **arguments))


MPEG4 = {"codec": "mpeg4", "fixed_rate": True}
MPEG4_B = {**MPEG4, "options": {"bf": "2"}}
AV1 = {"codec": "libsvtav1", "size": (192, 128), "options": SVT}
OGG = {"container": "ogg", "codec": "libvpx", "fixed_rate": True}
MPEG2_B = {"codec": "mpeg2video", "fixed_rate": True, "options": {"bf": "2"}}
ALL444 = {"pix_fmt": "yuv444p", "size": (161, 121)}
PQ = {**X264, "x264-params": "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"}
HLG = {**X264, "x264-params": "colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"}
INTERLACED = {**X264, "x264-params": "tff=1"}
WRAP_S = 2**33 / 90000 - 1.0

CASES = [
    _case("MP4 | H.264 | B-frames", "mp4", options=B_FRAMES),
    _case("MP4 | H.264 | no B-frames", "mp4", options={**X264, "bf": "0"}),
    _case("MP4 | H.264 | open GOP", "mp4", options=OPEN_GOP),
    _case("MP4 | H.264 | intra refresh, one keyframe", "mp4", options=REFRESH),
    _case("MP4 | H.264 | faststart", "mp4", options=B_FRAMES, mux={"movflags": "faststart"}),
    _case("MP4 | H.264 | fragmented", "mp4", options=B_FRAMES, mux=FRAGMENTS),
    _case("MP4 | H.264 | fragmented, varying rate", "mp4", times_s=VARYING, options=B_FRAMES, mux=FRAGMENTS),
    _case("MP4 | H.264 | varying rate", "mp4", times_s=VARYING, options=B_FRAMES),
    _case("MP4 | H.264 | 29.97 fps", "mp4", times_s=NTSC, options=B_FRAMES),
    _case("MP4 | H.264 | late start", "mp4", times_s=EVEN + 5, options=B_FRAMES),
    _case("MP4 | H.264 | header claims an hour", "mp4", claiming, options=B_FRAMES),
    _case("MP4 | H.264 | edit list: cut inside a GOP", "mp4", cut_without_coding),
    _case(
        "MP4 | H.264 | edit list: starts in mid-film", "mp4", edited,
        edits=[(34 / RATE, 14 / RATE)], numbers=list(range(15, 49)),
    ),
    _case(
        "MP4 | H.264 | edit list: delay before", "mp4", edited,
        edits=[(2.0, -1), (COUNT / RATE, 0.0)], numbers=list(range(1, 49)),
    ),
    _case(
        "MP4 | H.264 | edit list: two pieces, joined at a keyframe", "mp4", edited,
        edits=[(10 / RATE, 0.0), (24 / RATE, 24 / RATE)], numbers=[*range(1, 11), *range(25, 49)],
    ),
    _case(
        "MP4 | H.264 | edit list: two pieces, joined inside a GOP", "mp4", edited,
        edits=[(10 / RATE, 0.0), (18 / RATE, 30 / RATE)], numbers=[*range(1, 11), *range(31, 49)],
    ),
    _case(
        "MP4 | H.264 | edit list: a piece twice", "mp4", edited,
        edits=[(10 / RATE, 20 / RATE), (10 / RATE, 20 / RATE)], numbers=[*range(21, 31), *range(21, 31)],
    ),
    _case(
        "MP4 | H.264 | negative composition offsets", "mp4", options=B_FRAMES,
        mux={"movflags": "negative_cts_offsets"},
    ),
    _case("MP4 | H.264 | rotated 90°", "mp4", options=B_FRAMES, rotation=90),
    _case("MP4 | H.264 | rotated 180°", "mp4", options=B_FRAMES, rotation=180),
    _case("MP4 | H.264 | rotated 270°", "mp4", options=B_FRAMES, rotation=270),
    _case("MP4 | H.264 | odd size", "mp4", options=B_FRAMES, **ALL444),
    _case("MP4 | H.264 | non-square pixels", "mp4", options=B_FRAMES, pixel_aspect=Fraction(16, 11)),
    _case("MP4 | H.264 | interlaced", "mp4", options=INTERLACED),
    _case("MP4 | H.264 | 10 bits", "mp4", options=B_FRAMES, pix_fmt="yuv420p10le"),
    _case("MP4 | H.264 | HDR, PQ", "mp4", options=PQ, pix_fmt="yuv420p10le"),
    _case("MP4 | H.264 | two picture tracks", "mp4", several_tracks),
    _case("MP4 | H.264 | cover art", "mp4", with_cover),
    _case("MP4 | HEVC | B-frames", "mp4", codec="libx265", options=X265),
    _case("MP4 | HEVC | open GOP", "mp4", codec="libx265", options=OPEN_HEVC),
    _case("MP4 | HEVC | 10 bits, HLG", "mp4", codec="libx265", pix_fmt="yuv420p10le", options={
        "preset": "ultrafast",
        "x265-params": "log-level=none:pools=1:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc",
    }),
    _case("MP4 | VP9 | hidden frames", "mp4", codec="libvpx-vp9", options=HIDDEN),
    _case("MP4 | AV1", "mp4", **AV1),
    _case("MP4 | MPEG-4 | B-frames", "mp4", **MPEG4_B),
    _case("MP4 | MJPEG", "mp4", codec="mjpeg", pix_fmt="yuvj420p"),
    _case("MOV | H.264 | B-frames", "mov", options=B_FRAMES),
    _case("MOV | H.264 | varying rate", "mov", times_s=VARYING, options=B_FRAMES),
    _case("MOV | H.264 | rotated 90°", "mov", options=B_FRAMES, rotation=90),
    _case("MOV | H.264 | edit list: cut inside a GOP", "mov", cut_without_coding),
    _case("MOV | ProRes | 10 bits", "mov", codec="prores_ks", pix_fmt="yuv422p10le"),
    _case("MOV | MJPEG", "mov", codec="mjpeg", pix_fmt="yuvj420p"),
    _case("MKV | H.264 | B-frames", "mkv", options=B_FRAMES),
    _case("MKV | H.264 | open GOP", "mkv", options=OPEN_GOP),
    _case("MKV | H.264 | varying rate", "mkv", times_s=VARYING, options=B_FRAMES),
    _case("MKV | H.264 | late start", "mkv", times_s=EVEN + 5, options=B_FRAMES),
    _case(
        "MKV | H.264 | negative timestamps", "mkv", shifted, shift_s=-0.4, options={**X264, "bf": "0"},
        mux={"avoid_negative_ts": "disabled"},
    ),
    _case("MKV | H.264 | rotated 90°", "mkv", options=B_FRAMES, rotation=90),
    _case("MKV | H.264 | odd size", "mkv", options=B_FRAMES, **ALL444),
    _case("MKV | H.264 | 10 bits", "mkv", options=B_FRAMES, pix_fmt="yuv420p10le"),
    _case("MKV | H.264 | two picture tracks", "mkv", several_tracks),
    _case("MKV | H.264 | cover art", "mkv", with_cover),
    _case("MKV | HEVC | B-frames", "mkv", codec="libx265", options=X265),
    _case("MKV | VP9 | hidden frames", "mkv", codec="libvpx-vp9", options=HIDDEN),
    _case("MKV | AV1", "mkv", **AV1),
    _case("MKV | AV1 | varying rate", "mkv", times_s=VARYING, **AV1),
    _case("MKV | AV1 | 10 bits", "mkv", **AV1, pix_fmt="yuv420p10le"),
    _case("MKV | MPEG-4 | B-frames", "mkv", **MPEG4_B),
    _case("MKV | ProRes | 10 bits", "mkv", codec="prores_ks", pix_fmt="yuv422p10le"),
    _case("MKV | MJPEG", "mkv", codec="mjpeg", pix_fmt="yuvj420p"),
    _case("MKV | FFV1", "mkv", codec="ffv1"),
    _case("WebM | VP8", "webm", codec="libvpx", options=VPX),
    _case("WebM | VP8 | no length in the header", "webm", codec="libvpx", options=VPX, mux={"live": "1"}),
    _case("WebM | VP8 | hidden frames", "webm", codec="libvpx", options=HIDDEN),
    _case("WebM | VP8 | varying rate", "webm", times_s=VARYING, codec="libvpx", options=VPX),
    _case("WebM | VP8 | late start", "webm", times_s=EVEN + 5, codec="libvpx", options=VPX),
    _case("WebM | VP9 | odd size", "webm", codec="libvpx-vp9", options=VPX, size=(161, 121)),
    _case("WebM | VP9 | hidden frames", "webm", codec="libvpx-vp9", options=HIDDEN),
    _case("WebM | AV1", "webm", **AV1),
    _case("AVI | MPEG-4", "avi", **MPEG4),
    _case("AVI | MPEG-4 | B-frames", "avi", **MPEG4_B),
    _case("AVI | MPEG-4 | packed B-frames", "avi", packed_b_frames),
    _case("AVI | MPEG-4 | left-out frames", "avi", times_s=SKIPPING, **MPEG4),
    _case("AVI | H.264 | no B-frames", "avi", fixed_rate=True, options={**X264, "bf": "0"}),
    _case("AVI | H.264 | B-frames", "avi", fixed_rate=True, options=B_FRAMES),
    _case("AVI | MJPEG", "avi", codec="mjpeg", pix_fmt="yuvj420p", fixed_rate=True),
    _case("MPEG-TS | H.264 | B-frames", "ts", options=B_FRAMES),
    _case("MPEG-TS | H.264 | open GOP", "ts", options=OPEN_GOP),
    _case("MPEG-TS | H.264 | varying rate", "ts", times_s=VARYING, options=B_FRAMES),
    _case("MPEG-TS | H.264 | late start", "ts", times_s=EVEN + 5, options=B_FRAMES),
    _case("MPEG-TS | H.264 | begins inside a GOP", "ts", begun_inside, first=25, options=B_FRAMES),
    _case("MPEG-TS | H.264 | interlaced", "ts", options=INTERLACED),
    _case(
        "MPEG-TS | H.264 | negative timestamps", "ts", shifted, shift_s=-0.4, options=B_FRAMES,
        mux={"avoid_negative_ts": "disabled"},
    ),
    _case("MPEG-TS | H.264 | clock wraps round", "ts", shifted, shift_s=WRAP_S, options=B_FRAMES),
    _case("MPEG-TS | H.264 | two files joined", "ts", joined, options=B_FRAMES),
    _case(
        "MPEG-TS | H.264 | two files joined, an hour apart", "ts", joined, second_s=3600.0, options=B_FRAMES
    ),
    _case("MPEG-TS | H.264 | packets of 192 bytes", "m2ts", options=B_FRAMES, mux={"mpegts_m2ts_mode": "1"}),
    _case("MPEG-TS | HEVC | B-frames", "ts", codec="libx265", options=X265),
    _case("MPEG-TS | MPEG-4 | B-frames", "ts", **MPEG4_B),
    _case("MPEG-TS | MPEG-2 | B-frames", "ts", **MPEG2_B),
    _case("MPEG-TS | MPEG-2 | begins inside a GOP", "ts", begun_inside, first=25, **MPEG2_B),
    _case("MPEG-PS | MPEG-2 | B-frames", "mpg", **MPEG2_B),
    _case("MPEG-PS | MPEG-2 | two files joined", "mpg", joined, **MPEG2_B),
    _case("FLV | H.264 | B-frames", "flv", options=B_FRAMES),
    _case("FLV | H.264 | varying rate", "flv", times_s=VARYING, options=B_FRAMES),
    _case("FLV | H.264 | late start", "flv", times_s=EVEN + 5, options=B_FRAMES),
    _case("FLV | Sorenson H.263", "flv", codec="flv", fixed_rate=True),
    _case("FLV | HEVC | B-frames", "flv", codec="libx265", options=X265),
    _case("OGG | VP8", "ogv", **OGG, options=VPX),
    _case("OGG | VP8 | hidden frames", "ogv", **OGG, options=HIDDEN),
    _case("ASF | WMV 8", "wmv", codec="wmv2", fixed_rate=True),
    _case("ASF | H.264 | no B-frames", "wmv", fixed_rate=True, gop=1, options={**X264, "bf": "0"}),
    _case("MXF | MPEG-2 | B-frames", "mxf", **MPEG2_B),
    _case("MXF | H.264 | B-frames", "mxf", fixed_rate=True, options=B_FRAMES),
    _case("MOV | raw video | palette", "mov", codec="rawvideo", pix_fmt="gray"),
]  # fmt: skip
