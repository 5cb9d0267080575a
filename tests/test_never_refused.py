"""A clip that PyAV decodes is never refused: a long walk through random mixtures of what files can be."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from av.error import FFmpegError
from coded_video import copy_packets, read_number, write_video

from videxplore.stages.decoding.container import CONTAINERS
from videxplore.stages.decoding.frames import FrameScan, frames
from videxplore.stages.decoding.probe import open_video

COUNT = 40
MIXTURES = 260
SUFFIXES = ["mp4", "mov", "mkv", "webm", "avi", "ts", "m2ts", "mpg", "flv", "ogv", "wmv", "mxf", "3gp", "m4v"]
CODECS = {
    "libx264": ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuvj420p"],
    "libx265": ["yuv420p", "yuv420p10le", "yuv444p12le", "gray"],
    "libvpx": ["yuv420p"],
    "libvpx-vp9": ["yuv420p", "yuv444p"],
    "libsvtav1": ["yuv420p", "yuv420p10le"],
    "mpeg4": ["yuv420p"],
    "mpeg2video": ["yuv420p", "yuv422p"],
    "mpeg1video": ["yuv420p"],
    "prores_ks": ["yuv422p10le", "yuva444p10le"],
    "mjpeg": ["yuvj420p", "yuvj444p"],
    "ffv1": ["yuv420p", "gbrp", "yuv420p16le", "bgr0"],
    "huffyuv": ["yuv422p", "rgb24"],
    "wmv2": ["yuv420p"],
    "msmpeg4": ["yuv420p"],
    "h263p": ["yuv420p"],
    "flv": ["yuv420p"],
    "rawvideo": ["yuv420p", "rgb24", "gray"],
    "png": ["rgb24", "rgba"],
    "qtrle": ["rgb24"],
    "cfhd": ["yuv422p10le"],
    "dnxhd": ["yuv422p"],
    "utvideo": ["yuv420p"],
}
CODING = {
    "libx264": {"preset": "ultrafast", "crf": "16"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none:pools=1"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8", "threads": "1"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "threads": "1"},
    "libsvtav1": {"preset": "12", "crf": "12"},
    "dnxhd": {"profile": "dnxhr_hq"},
}


def write_mixture(random: np.random.Generator, folder):
    """Write one file by lot; None where no such file can be written."""
    codec = random.choice(list(CODECS))
    path = folder / f"film.{random.choice(SUFFIXES)}"
    steps = random.choice([1, 1, 2, 3], COUNT - 1) if random.random() < 0.4 else np.ones(COUNT - 1)
    times_s = np.append(0, np.cumsum(steps)) / 25 + random.choice([0.0, 0.0, 2.0, 90.0])
    size = tuple(int(side) for side in random.choice([(96, 64), (160, 90), (176, 144), (256, 144)]))
    options = dict(CODING.get(codec, {}))
    if codec in ("libx264", "mpeg4", "mpeg2video") and random.random() < 0.7:
        options["bf"] = str(random.integers(1, 4))
    mux = (
        {"movflags": "frag_keyframe+empty_moov"}
        if path.suffix in (".mp4", ".mov") and random.random() < 0.3
        else {}
    )
    arguments = {
        "codec": str(codec), "pix_fmt": str(random.choice(CODECS[codec])), "size": size, "options": options,
        "mux": mux, "gop": int(random.choice([1, 5, 12, 100])),
        "rotation": int(random.choice([0, 0, 90, 180, 270])),
        "fixed_rate": bool(random.random() < 0.5) or codec not in CODING,
        "pixel_aspect": random.choice([None, Fraction(4, 3)]),
    }  # fmt: skip
    if random.random() < 0.4:
        rates = {".mp4": "aac", ".mov": "aac", ".mkv": "aac", ".ts": "aac", ".flv": "aac", ".webm": "libopus"}
        if codec_name := rates.get(path.suffix):
            sound = 0.2 * np.sin(np.arange(96000) / 20)
            arguments |= {"sound": sound, "sound_codec": codec_name, "sound_start_s": float(times_s[0])}
    try:
        write_video(path, count=COUNT, times_s=times_s, rate=25, **arguments)
        if random.random() < 0.25:
            cut = folder / f"cut{path.suffix}"
            begin = 12 // arguments["gop"] * arguments["gop"]  # at a keyframe, as all cutters do
            copy_packets(path, cut, from_s=float(times_s[begin]), shift_s=-float(times_s[begin + 3]))
            path = cut
    except (FFmpegError, ValueError, OverflowError, TypeError, IndexError):
        return None, arguments
    return path, arguments


def plainly_decoded(path):
    """The numbers that PyAV gives without the kit, or None where it gives nothing."""
    try:
        with av.open(str(path), options={"format_whitelist": CONTAINERS}) as container:
            return [
                read_number(np.rot90(frame.to_ndarray(format="rgb24"), frame.rotation // 90))
                for frame in container.decode(video=0)
            ] or None
    except (FFmpegError, ValueError, IndexError):
        return None


@pytest.mark.long
def test_what_pyav_decodes_is_read_frame_by_frame(tmp_path):
    random = np.random.default_rng(2026)
    read = 0
    for lot in range(MIXTURES):
        folder = tmp_path / str(lot)
        folder.mkdir()
        path, arguments = write_mixture(random, folder)
        plain = plainly_decoded(path) if path else None
        if plain is None:
            continue
        told = f"lot {lot}: {path.name} {arguments.get('codec')} {arguments}"
        video = open_video(path)
        batches = list(FrameScan(video))
        numbers = [read_number(rgb) for batch in batches for rgb in batch.rgb]
        shown_s = np.concatenate([batch.times_s for batch in batches])
        assert numbers == plain, told
        assert (np.diff(shown_s) >= 0).all(), told
        assert video.frame_count == len(np.unique(shown_s)), told
        for time_s in random.choice(shown_s, 4):
            sought = read_number(frames(video, times_s=time_s).rgb[0])
            assert sought in np.array(numbers)[shown_s == time_s], told
        read += 1
    assert read > MIXTURES / 4
