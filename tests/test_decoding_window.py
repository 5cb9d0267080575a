"""The part of an index that one stretch needs agrees with the whole, and costs a part of the file."""

from __future__ import annotations

import io
import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from coded_video import read_number, write_video
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_decoding_sound import clicking

from videxplore.stages.decoding import window
from videxplore.stages.decoding.index import frame_index
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.proxies import clip, storyboard
from videxplore.values.media import Span

X264 = {"preset": "ultrafast", "bf": "3", "crf": "12"}
FILES = {
    "late.mp4": {"options": X264},
    "film.mkv": {"options": X264},
    "film.webm": {
        "codec": "libvpx",
        "options": {"deadline": "realtime", "cpu-used": "8"},
        "sound_codec": "libopus",
    },
    "parts.mp4": {"options": X264, "mux": {"movflags": "frag_keyframe+empty_moov+default_base_moof"}},
    "stream.ts": {"options": X264, "container": "mpegts"},
}


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    varying = np.cumsum([0.0] + [(0.04, 0.02, 0.06, 0.04)[k % 4] for k in range(249)])
    for name, how in FILES.items():
        late = 0.4 if name == "late.mp4" else 0.0
        times_s = varying + late
        write_video(folder / name, times_s=times_s, count=250, sound=clicking(), size=(96, 64), **how)
    return folder


@pytest.fixture(autouse=True)
def every_file_is_large(monkeypatch):
    monkeypatch.setattr(window, "WHOLE_LIMIT", 0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(FILES)),
    start_s=st.floats(0.0, 9.0),
    length_s=st.floats(0.02, 2.0),
)
def test_property_a_part_agrees_with_the_whole(films, name, start_s, length_s):
    path = films / name
    whole = frame_index(path)
    span = Span(start_s, min(start_s + length_s, whole.end_s))
    part = window.stretch_index(path, span)
    times_s = np.linspace(span.start_s, span.end_s, 40)
    expected = whole.pts[whole.on_screen(times_s)]
    np.testing.assert_array_equal(part.pts[part.on_screen(times_s)], expected)
    assert part.zero == whole.zero
    keys = window.keyframe_index(path, times_s)
    latest = np.searchsorted(whole.seconds(whole.keyframes), times_s + 1e-6, "right") - 1
    assert set(whole.keyframes[latest].tolist()) <= set(keys.keyframes.tolist())


def test_mp4_and_matroska_are_read_in_part(films):
    for name in ("late.mp4", "film.mkv", "film.webm"):
        part = window.stretch_index(films / name, Span(4.0, 5.0))
        assert len(part.pts) < 80, name


def test_a_clip_of_a_large_file_has_the_right_pictures_and_sound(films):
    path = films / "late.mp4"
    video = window.glance(path, 9.0)
    whole = open_video(path)
    assert (video.width, video.height, video.has_audio) == (whole.width, whole.height, whole.has_audio)
    assert video.video_id == whole.video_id
    with av.open(io.BytesIO(clip(video, Span(4.0, 4.5)))) as container:
        numbers = [read_number(frame.to_ndarray(format="rgb24")) - 1 for frame in container.decode(video=0)]
        assert len(container.streams.audio) == 1
    index = frame_index(path)
    first, last = index.on_screen(np.array([4.0, 4.5 - 1e-5]))
    assert numbers == list(range(first, last + 1))


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="counts the bytes read as Linux tells them")
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_large_file_is_not_read_to_play_half_a_second(tmp_path, suffix):
    path = tmp_path / f"large.{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuvj420p"
        content = bytes(stream.encode(av.VideoFrame.from_ndarray(noise, format="rgb24"))[0])
        for k in range(600):
            packet = av.Packet(content)
            packet.stream, packet.pts, packet.dts, packet.duration = stream, k, k, 1
            packet.time_base, packet.is_keyframe = Fraction(1, 25), True
            output.mux_one(packet)
    size = path.stat().st_size
    assert size > 80 * 2**20
    before = bytes_read()
    made = clip(window.glance(path, 24.0), Span(15.0, 15.5))
    storyboard(window.glance(path, 24.0), Span(2.0, 3.0), pictures=4)
    assert len(made) > 1000
    assert bytes_read() - before < 0.6 * size


def bytes_read() -> int:
    return int(re.search(r"rchar: (\d+)", Path("/proc/self/io").read_text()).group(1))


def test_a_storyboard_shows_the_segment_evenly(films):
    path = films / "film.mkv"
    whole = frame_index(path)
    board = storyboard(path, Span(1.0, 9.0), pictures=8, duration_s=2.0)
    with av.open(io.BytesIO(board)) as container:
        shown = [(f.time, read_number(f.to_ndarray(format="rgb24")) - 1) for f in container.decode(video=0)]
        assert len(container.streams.audio) == 0
    assert len(shown) == 8
    for time_s, number in shown:
        assert number == whole.on_screen(np.array([1.0 + 4 * time_s + 0.01]))[0]


def test_a_storyboard_of_a_long_segment_takes_keyframes(films, monkeypatch):
    monkeypatch.setattr("videxplore.stages.decoding.proxies._KEYFRAMES_ABOVE_S", 2.0)
    path = films / "film.mkv"
    whole = frame_index(path)
    board = storyboard(path, Span(1.0, 9.0), pictures=12, duration_s=3.0)
    keys = {int(np.searchsorted(whole.pts, key)) for key in whole.keyframes}
    with av.open(io.BytesIO(board)) as container:
        shown = [(f.time, read_number(f.to_ndarray(format="rgb24")) - 1) for f in container.decode(video=0)]
    assert {number for _, number in shown} <= keys
    assert len(shown) >= 8
    assert [number for _, number in shown] == sorted({number for _, number in shown})
