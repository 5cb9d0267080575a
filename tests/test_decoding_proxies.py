"""Clips are cut exactly, posters show the picture, a real browser plays the clips."""

from __future__ import annotations

import base64
import io
from fractions import Fraction

import av
import numpy as np
import pytest
from coded_video import READ_NUMBER, read_number, write_video
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from test_decoding_sound import clicking, onsets

from videxplore.stages.decoding.frames import frames
from videxplore.stages.decoding.index import frame_index
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.proxies import clip, poster
from videxplore.stages.decoding.sound import audio
from videxplore.values.media import Span

X264 = {"preset": "ultrafast", "bf": "3", "crf": "12"}


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "film.mp4"
    varying = np.cumsum([0.0] + [(0.04, 0.02, 0.06, 0.04)[k % 4] for k in range(59)])
    write_video(path, options=X264, times_s=varying, sound=clicking(), size=(192, 128))
    return open_video(path)


def contents(data):
    """(numbers, times, end) of the picture in a clip's bytes."""
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        packets = [p for p in container.demux(stream) if p.pts is not None]
        end = max(float((p.pts + p.duration) * p.time_base) for p in packets)
    with av.open(io.BytesIO(data)) as container:
        shown = [(read_number(f.to_ndarray(format="rgb24")), f.time) for f in container.decode(video=0)]
    return [n for n, _ in shown], [t for _, t in shown], end


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start_s=st.floats(0.0, 2.0),
    length_s=st.floats(0.05, 1.0),
    format=st.sampled_from(["mp4", "webm"]),
)
def test_property_a_clip_holds_exactly_the_pictures_of_its_span(film, start_s, length_s, format):
    span = Span(start_s, start_s + length_s)
    shown_s = frame_index(film.path).times_s
    first = np.searchsorted(shown_s, span.start_s + 1e-6, "right") - 1
    last = np.searchsorted(shown_s, span.end_s - 1e-6, "left") - 1
    numbers, times_s, end_s = contents(clip(film, span, format=format))
    assert [n - 1 for n in numbers] == list(range(first, last + 1))
    expected_s = np.maximum(shown_s[first : last + 1] - span.start_s, 0.0)
    tick_s = 0.0011 if format == "webm" else 0.0001
    np.testing.assert_allclose(times_s, expected_s, atol=tick_s)
    if format == "mp4":
        assert end_s == pytest.approx(min(length_s, film.duration_s - start_s), abs=tick_s)


@pytest.mark.parametrize("format", ["mp4", "mp4-mp3", "webm"])
def test_sound_of_a_clip_stays_with_the_picture(film, tmp_path, format):
    path = tmp_path / f"c.{format}"
    path.write_bytes(clip(film, Span(0.4, 1.4), format=format))
    made = open_video(path)
    assert made.duration_s == pytest.approx(1.0, abs=0.03)
    assert "start-offset" not in made.flags
    np.testing.assert_allclose(onsets(audio(made, rate=48000)), [0.1, 0.6], atol=0.002)


def test_auto_is_mp4_with_h264_and_aac(film):
    with av.open(io.BytesIO(clip(film, Span(0.0, 0.5)))) as container:
        assert "mp4" in container.format.name
        assert [s.codec_context.name for s in container.streams] == ["h264", "aac"]
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"


@pytest.mark.parametrize(
    ("arguments", "height", "expected"),
    [
        ({"size": (161, 121), "pix_fmt": "yuv444p"}, 360, (160, 120)),
        ({"size": (640, 480)}, 360, (480, 360)),
        ({"size": (192, 128)}, 65, (96, 64)),
        ({"size": (96, 64), "pixel_aspect": Fraction(2)}, 360, (192, 64)),
        ({"size": (96, 64), "rotation": 90}, 360, (64, 96)),
        ({"size": (96, 64), "rotation": -90, "pixel_aspect": Fraction(2)}, 360, (32, 96)),
    ],
)
def test_a_clip_and_a_poster_have_the_shape_that_is_shown(tmp_path, arguments, height, expected):
    path = tmp_path / "a.mp4"
    write_video(path, count=6, options=X264, **arguments)
    with av.open(io.BytesIO(clip(path, Span(0.0, 0.2), height=height))) as container:
        context = container.streams.video[0].codec_context
        assert (context.width, context.height) == expected
    if "rotation" not in arguments:
        assert contents(clip(path, Span(0.0, 0.2), height=height))[0] == [1, 2, 3, 4, 5]
    picture = Image.open(io.BytesIO(poster(path, Span(0.0, 0.2), size=(320, 180))))
    assert picture.width <= 320
    assert picture.height <= 180
    assert 320 in picture.size or 180 in picture.size
    shape = expected[0] / expected[1]
    assert picture.width / picture.height == pytest.approx(shape, rel=0.03)


def test_colours_of_a_clip_are_those_of_the_film(media_dir, tmp_path):
    for name in ("mdn_frog.mp4", "torchcodec_bt709_full_range.mp4", "decord_video_90.mov"):
        video = open_video(media_dir / name)
        path = tmp_path / "c.mp4"
        path.write_bytes(clip(video, Span(0.0, min(0.5, video.duration_s))))
        theirs = frames(path, times_s=[0.05]).rgb[0]
        ours = frames(video, times_s=[0.05], size=(theirs.shape[1], theirs.shape[0])).rgb[0]
        shift = (theirs.astype(float) - ours).mean(axis=(0, 1))
        assert np.abs(shift).max() < 4, name


def test_a_poster_is_a_jpeg_of_the_middle(film):
    data = poster(film, Span(0.5, 1.5))
    assert data[:3] == b"\xff\xd8\xff"
    rgb = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    expected = frames(film, times_s=[1.0]).rgb[0]
    assert read_number(rgb) == read_number(expected)
    assert len(data) < 40_000


def test_a_poster_avoids_a_black_middle(tmp_path):
    path = tmp_path / "a.mkv"
    # Number 0 is one flat dark picture: the middle of the span shows nothing.
    times_s = np.array([0.0, 0.2, 0.8])
    write_video(path, times_s=times_s, count=3, options=X264, first_number=0)
    data = poster(path, Span(0.0, 0.38))
    assert np.asarray(Image.open(io.BytesIO(data))).std() > 12


@pytest.mark.parametrize("span", [Span(50.0, 60.0), Span(1.0, 1.0)])
def test_a_span_outside_the_video_is_refused(film, span):
    with pytest.raises(ValueError, match="span"):
        clip(film, span)
    with pytest.raises(ValueError, match="span"):
        poster(film, span)


def test_wrong_arguments_are_refused(film):
    with pytest.raises(ValueError, match="format must be one of auto, mp4, mp4-mp3, webm"):
        clip(film, Span(0, 1), format="gif")
    with pytest.raises(ValueError, match="height must be"):
        clip(film, Span(0, 1), height=2)
    with pytest.raises(TypeError, match="span must be a Span"):
        clip(film, (0, 1))


PLAY = (
    """async ([data, type]) => {
  const readNumber = """
    + READ_NUMBER
    + """;
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const video = document.createElement('video');
  video.muted = true;
  video.src = URL.createObjectURL(new Blob([bytes], {type}));
  document.body.append(video);
  // A canvas may still be given the old picture when "seeked" fires: wait for the picture itself.
  const presented = (what, act) => new Promise((ok, no) => {
    setTimeout(() => no(`${what}: no picture within 120 s`), 120000);
    video.onerror = () => no(video.error.message);
    video.requestVideoFrameCallback(ok);
    act();
  });
  await presented('load', () => video.load());
  const read = () => readNumber(video);
  const first = read();
  await presented('seek', () => { video.currentTime = 0.51; });
  return {first, later: read(), duration: video.duration, width: video.videoWidth};
}"""
)


@pytest.mark.browser
@pytest.mark.parametrize("format", ["mp4", "mp4-mp3", "webm"])
def test_chromium_plays_and_seeks_the_clip(film, chromium, format):
    playwright = pytest.importorskip("playwright.sync_api")
    data = base64.b64encode(clip(film, Span(0.4, 1.4), format=format)).decode()
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--mute-audio"],
        )
        page = browser.new_page()
        seen = page.evaluate(PLAY, [data, f"video/{format}"])
        browser.close()
    shown_s = frame_index(film.path).times_s
    assert seen["first"] - 1 == np.searchsorted(shown_s, 0.4 + 1e-6, "right") - 1
    assert seen["later"] - 1 == np.searchsorted(shown_s, 0.91 + 1e-6, "right") - 1
    assert seen["duration"] == pytest.approx(1.0, abs=0.03)
    assert seen["width"] == 192
