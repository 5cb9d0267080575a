"""Ten hours of picture and sound are read in the memory that a minute takes."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from coded_video import TICKS, picture

HOURS = 10
RATE = 25
GOP = 250
PIECE_S = GOP // RATE
LIMIT_MB = 600

READ = """
import json, sys
sys.path.insert(0, sys.argv[2])
from coded_video import read_number
from peak_memory import peak_kb
from videxplore.stages.decoding.frames import FrameScan, frames
from videxplore.stages.decoding.sound import scan_audio
found = {"wrong": 0, "frames": 0, "samples": 0, "loudest": 0.0}
scan = FrameScan(sys.argv[1], size=(64, 36))
for batch in scan:
    found["wrong"] += read_number(batch.rgb[0]) != found["frames"] % 250 + 1
    found["frames"] += len(batch)
    found["last_s"] = float(batch.times_s[-1])
found["errors"] = scan.decode_errors
found["after_picture_mb"] = peak_kb() / 1024
for block in scan_audio(scan.video):
    found["samples"] += len(block.samples)
    found["loudest"] = max(found["loudest"], float(abs(block.samples).max()))
times_s = [0.0, 12345.68, 35999.96, 7.0]
found["sought"] = [read_number(rgb) for rgb in frames(scan.video, times_s=times_s, size=(64, 36)).rgb]
found["duration_s"] = scan.video.duration_s
found["peak_mb"] = peak_kb() / 1024
print(json.dumps(found))
"""


def write_long(path, hours: float) -> None:
    """Ten seconds of numbered picture and a tone, coded once and muxed over and over with later times."""
    with av.open(str(path), "w") as output:
        film = output.add_stream(
            "libx264", rate=RATE, options={"preset": "ultrafast", "crf": "30", "bf": "2"}
        )
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        film.codec_context.gop_size, film.codec_context.time_base = GOP, TICKS
        sound = output.add_stream("libopus", rate=48000, layout="mono")
        sound.bit_rate = 16000
        pieces = [*_coded_picture(film), *_coded_sound(sound)]
        pieces.sort(key=lambda p: p.dts * p.time_base)
        stored = [(p, p.stream, p.pts, p.dts, p.time_base) for p in pieces]
        for piece in range(round(hours * 3600 / PIECE_S)):
            for packet, stream, pts, dts, base in stored:
                shift = round(piece * PIECE_S / base)
                packet.stream, packet.time_base = stream, base
                packet.pts, packet.dts = pts + shift, dts + shift
                output.mux_one(packet)


def _coded_picture(film) -> list:
    packets = []
    for k in range(GOP):
        frame = av.VideoFrame.from_ndarray(picture(1 + k, 64, 48), format="rgb24")
        frame.pts, frame.time_base = k * 3600, TICKS
        packets += film.encode(frame)
    return packets + film.encode(None)


def _coded_sound(sound) -> list:
    packets = []
    tone = 0.25 * np.sin(2 * np.pi * 440 * np.arange(PIECE_S * 48000) / 48000)
    for start in range(0, len(tone), 960):
        block = tone[None, start : start + 960].astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="mono")
        frame.rate, frame.time_base, frame.pts = 48000, Fraction(1, 48000), start
        packets += sound.encode(frame)
    return packets


@pytest.mark.long
def test_ten_hours_are_scanned_in_bounded_memory(tmp_path):
    path = tmp_path / "long.mp4"  # of all containers the one with the largest index
    write_long(path, HOURS)
    run = subprocess.run(
        [sys.executable, "-c", READ, str(path), str(Path(__file__).parent)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(run.stdout)
    assert found["frames"] == HOURS * 3600 * RATE
    assert found["wrong"] == found["errors"] == 0
    assert found["last_s"] == pytest.approx(HOURS * 3600 - 1 / RATE, abs=2e-3)
    assert found["duration_s"] == pytest.approx(HOURS * 3600, abs=2e-2)
    assert found["samples"] == pytest.approx(HOURS * 3600 * 16000, abs=400)
    assert 0.2 < found["loudest"] < 0.6
    assert found["sought"] == [1, 143, 250, 176]
    assert found["peak_mb"] < LIMIT_MB
