"""Pictures by time and in batches, what a probe tells, identity; test_exactness.py compares every frame."""

from __future__ import annotations

import gc
import shutil
from fractions import Fraction

import av
import numpy as np
import pytest
from coded_video import read_number, read_numbers, write_video
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from videxplore.stages.decoding import decord_backend
from videxplore.stages.decoding.frames import FrameScan, frames
from videxplore.stages.decoding.identity import video_id
from videxplore.stages.decoding.index import frame_index
from videxplore.stages.decoding.picture import EncoderPainter, Painter
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.pyav_backend import leaves_a_core
from videxplore.stages.decoding.sound import audio
from videxplore.values.media import Span

COUNT = 60
X264 = {"preset": "ultrafast", "crf": "18"}
B_FRAMES = {**X264, "bf": "3", "b-adapt": "0"}
VARYING = np.cumsum([0.0] + [(0.04, 0.01, 0.1, 0.033)[k % 4] for k in range(COUNT - 1)])
LATE = 5 + np.arange(COUNT) / 25

CASES = {
    "mp4 with B-frames": ("a.mp4", {"options": B_FRAMES}),
    "mp4 without B-frames": ("a.mp4", {"options": {**X264, "bf": "0"}}),
    "mp4 varying rate": ("a.mp4", {"options": B_FRAMES, "times_s": VARYING}),
    "mp4 late start": ("a.mp4", {"options": B_FRAMES, "times_s": LATE}),
    "mov ProRes": ("a.mov", {"codec": "prores_ks", "pix_fmt": "yuv422p10le"}),
    "mkv": ("a.mkv", {"options": B_FRAMES}),
    "mkv AV1": (
        "a.mkv",
        {"codec": "libsvtav1", "size": (192, 128), "options": {"preset": "10", "crf": "10"}},
    ),
    "avi MPEG-4": ("a.avi", {"codec": "mpeg4", "fixed_rate": True}),
    "ts": ("a.ts", {"options": B_FRAMES}),
}


@pytest.fixture(scope="module")
def coded(tmp_path_factory):
    """Writes each coded video once: name -> (path, times of its frames)."""
    made = {}

    def make(name):
        if name not in made:
            file, arguments = CASES[name]
            path = tmp_path_factory.mktemp("coded") / file
            times_s = write_video(path, **{"count": COUNT, **arguments})
            made[name] = path, times_s - times_s[0]
        return made[name]

    return make


def needs(backend):
    if backend == "decord":
        pytest.importorskip("decord")


@pytest.mark.parametrize("backend", ["pyav", "decord"])
@pytest.mark.parametrize("degrees", [90, 180, 270, -90])
def test_rotation_is_applied(tmp_path, degrees, backend):
    needs(backend)
    path = tmp_path / "a.mp4"
    write_video(path, count=8, size=(96, 64), options=B_FRAMES, rotation=degrees)
    video = open_video(path)
    assert (video.width, video.height) == ((96, 64) if degrees == 180 else (64, 96))
    assert "rotated" in video.flags
    for size in (None, (48, 40)) if backend == "pyav" else (None,):
        batch = frames(video, times_s=np.arange(8) / 25, backend=backend, size=size)
        assert batch.rgb.shape[1:3] == ((video.height, video.width) if size is None else (40, 48))
        upright = [np.rot90(rgb, -(degrees // 90)) for rgb in batch.rgb]
        assert [read_number(rgb) for rgb in upright] == list(range(1, 9))
    scanned = np.concatenate([batch.rgb for batch in FrameScan(video, backend=backend)])
    assert [read_number(np.rot90(rgb, -(degrees // 90))) for rgb in scanned] == list(range(1, 9))


def test_rotation_agrees_with_decord_on_a_phone_video(media_dir):
    decord = pytest.importorskip("decord")
    path = media_dir / "decord_video_90.mov"
    theirs = decord.VideoReader(str(path)).get_batch([0, 1, 2]).asnumpy()
    ours = frames(path, times_s=[0, 1 / 30, 2 / 30])
    np.testing.assert_array_equal(ours.rgb, theirs)


def test_sound_follows_the_picture_over_a_break_in_the_clock(tmp_path):
    """Two transport streams laid end to end: a low tone, then a high one that begins with frame 51."""
    time_s = np.arange(2 * 48000) / 48000
    parts = []
    for number, hertz in enumerate((300, 3000)):
        part = tmp_path / f"{number}.ts"
        sound = 0.3 * np.sin(2 * np.pi * hertz * time_s)
        write_video(part, count=50, options=B_FRAMES, sound=sound, first_number=1 + 50 * number)
        parts.append(part.read_bytes())
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(parts))
    video = open_video(path)
    assert video.duration_s == pytest.approx(4.0, abs=0.01)
    assert read_numbers(frames(video, times_s=[1.98, 2.02, 3.98]).rgb) == [50, 51, 100]
    for whole in (audio(video), audio(video, span=Span(1.0, 4.0))):
        pitches = {
            at_s: np.abs(np.fft.rfft(whole.samples[round((at_s - whole.start_s) * 16000) :][:4000])).argmax()
            * 4
            for at_s in (1.1, 1.6, 2.15, 3.5)
        }
        assert pitches == {1.1: 300, 1.6: 300, 2.15: 3000, 3.5: 3000}


@pytest.mark.parametrize("name", ["mp4 varying rate", "mkv", "ts"])
def test_wanted_times_any_order_duplicates_and_beyond_the_ends(coded, name):
    path, _ = coded(name)
    batch = frames(path, times_s=[99.0, 0.5, -3.0, 0.5, 0.0])
    numbers = read_numbers(batch.rgb)
    assert numbers[0] == COUNT
    assert numbers[2] == numbers[4] == 1
    assert numbers[1] == numbers[3]
    assert batch.times_s[1] <= 0.5 < batch.times_s[1] + 0.11


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(time_s=st.floats(-1.0, 4.0))
def test_property_the_returned_timestamp_is_the_largest_not_above(coded, time_s):
    path, _ = coded("mp4 varying rate")
    shown_s = frame_index(path).times_s
    got = frames(path, times_s=[time_s], size=(32, 32)).times_s[0]
    assert got == max([s for s in shown_s if s <= time_s + 1e-6], default=shown_s[0])


def test_every_s_covers_the_video_and_sizes_are_kept(coded):
    path, _ = coded("mp4 with B-frames")
    batch = frames(path, every_s=0.5)
    assert read_numbers(batch.rgb) == [1, 13, 26, 38, 51]
    assert batch.rgb.shape == (5, 64, 96, 3)
    assert len(frames(path, every_s=100.0)) == 1
    assert frames(path, times_s=[], size=(8, 6)).rgb.shape == (0, 6, 8, 3)


def test_keyframes_are_the_pictures_stored_whole(coded):
    path, _ = coded("mp4 with B-frames")
    with av.open(str(path)) as container:
        whole = [frame.time for frame in container.decode(video=0) if frame.key_frame]
    batch = frames(path, keyframes=True, size=(96, 64))
    np.testing.assert_allclose(batch.times_s, np.array(whole) - whole[0], atol=1e-6)
    np.testing.assert_array_equal(batch.rgb, frames(path, times_s=batch.times_s, size=(96, 64)).rgb)


def test_frames_that_nothing_refers_to_are_left_out_without_a_trace(sample):
    """Of H.264 only what is wanted or referred to is decoded; the pixels are those of a dense scan."""
    path = next(path for path in sample.videos if path.name == "rocket.mp4")
    dense = list(FrameScan(path, size=(48, 28)))
    rgb, times = (np.concatenate([getattr(b, name) for b in dense]) for name in ("rgb", "times_s"))
    for every_s in (0.37, 1.0):
        sparse = frames(path, every_s=every_s, size=(48, 28))
        numbers = np.searchsorted(times, sparse.times_s - 1e-9)
        np.testing.assert_array_equal(sparse.times_s, times[numbers])
        np.testing.assert_array_equal(sparse.rgb, rgb[numbers])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "exactly one of times_s"),
        ({"times_s": [0.0], "every_s": 1.0}, "exactly one of times_s"),
        ({"every_s": 1.0, "keyframes": True}, "exactly one of times_s"),
        ({"every_s": 0.0}, "every_s must be"),
        ({"every_s": float("nan")}, "every_s must be"),
        ({"times_s": [0.0, float("inf")]}, "times_s must be finite"),
        ({"times_s": [float("nan")]}, "times_s must be finite"),
        ({"times_s": [0.0], "size": (0, 5)}, "size must be"),
        ({"times_s": [0.0], "size": 5}, "size must be"),
        ({"times_s": [0.0], "backend": "cv2"}, "backend must be one of auto, decord, pyav"),
    ],
)
def test_wrong_arguments_are_refused(coded, arguments, message):
    path, _ = coded("mp4 with B-frames")
    with pytest.raises(ValueError, match=message):
        frames(path, **arguments)


@pytest.mark.parametrize("name", ["ts", "mkv AV1", "avi MPEG-4", "mov ProRes"])
def test_decord_is_never_used_where_it_is_wrong(coded, name):
    needs("decord")
    path, _ = coded(name)
    video = open_video(path)
    assert decord_backend.unfit(video)
    assert FrameScan(video).backend == "pyav"
    with pytest.raises(ValueError, match="cannot be used"):
        FrameScan(video, backend="decord")


@pytest.mark.parametrize("width", range(32, 353, 32))
def test_decord_scales_rightly_where_it_is_allowed(tmp_path, width):
    needs("decord")
    path = tmp_path / "a.mp4"
    write_video(path, count=4, size=(320, 240), options=X264)
    pair = [frames(path, every_s=0.04, size=(width, 54), backend=b).rgb for b in ("pyav", "decord")]
    assert read_numbers(pair[0]) == read_numbers(pair[1]) == [1, 2, 3, 4]
    assert np.abs(pair[0].astype(int) - pair[1]).mean() < 3.0
    with pytest.raises(ValueError, match="multiples of 32"):
        frames(path, every_s=0.04, size=(width + 16, 54), backend="decord")


def test_probe_tells_what_the_file_is(coded):
    path, _ = coded("mp4 varying rate")
    video = open_video(str(path))
    assert (video.width, video.height, video.codec) == (96, 64, "h264")
    assert "variable-frame-rate" in video.flags
    assert not video.has_audio
    assert video.fps == pytest.approx(COUNT / video.duration_s)
    assert "start-offset" in open_video(coded("mp4 late start")[0]).flags
    assert open_video(coded("mp4 with B-frames")[0]).flags == ()
    assert open_video(coded("mkv AV1")[0]).codec == "av1"


@pytest.mark.parametrize(
    ("suffix", "arguments"),
    [
        ("mp4", {}),
        ("mkv", {}),
        ("webm", {"codec": "libvpx"}),
        ("flv", {}),
        ("ts", {}),
        ("wmv", {"codec": "wmv2"}),
        ("avi", {"codec": "mpeg4", "fixed_rate": True}),
    ],
)
def test_a_film_that_starts_late_is_whole(tmp_path, suffix, arguments):
    path = tmp_path / f"late.{suffix}"
    write_video(path, times_s=90 + np.arange(COUNT) / 25, **arguments)
    video = open_video(path)
    assert "truncated" not in video.flags
    if suffix != "avi":  # AVI has no clock: its muxer fills the time before with repeated pictures
        assert video.duration_s == pytest.approx(COUNT / 25, abs=0.1)


def test_oblong_pixels_are_flagged(tmp_path):
    path = tmp_path / "a.mp4"
    write_video(path, count=5, options=B_FRAMES, pixel_aspect=Fraction(2))
    assert open_video(path).flags == ("non-square-pixels",)


def test_hdr_and_interlaced_are_flagged(tmp_path):
    path = tmp_path / "hdr.mp4"
    colour = {"x264-params": "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"}
    write_video(path, count=5, options={**X264, **colour}, pix_fmt="yuv420p10le")
    assert "hdr" in open_video(path).flags
    path = tmp_path / "interlaced.mp4"
    write_video(path, count=5, options={**X264, "x264-params": "tff=1"})
    assert "interlaced" in open_video(path).flags


def test_of_several_tracks_the_default_one_is_taken(media_dir):
    video = open_video(media_dir / "torchcodec_nasa_13013.mp4")
    assert (video.width, video.height, video.frame_count) == (320, 180, 325)
    assert "several-tracks" in video.flags


def test_identity_is_of_the_content(tmp_path, coded):
    path, _ = coded("mp4 with B-frames")
    copy = tmp_path / "copy of it.mov"
    shutil.copy(path, copy)
    assert open_video(copy).video_id == open_video(path).video_id
    assert len(open_video(path).video_id) == 16
    other, _ = coded("mp4 without B-frames")
    assert open_video(other).video_id != open_video(path).video_id


def test_identity_of_a_large_file_reads_only_samples(tmp_path):
    path = tmp_path / "large.bin"
    with path.open("wb") as stream:
        stream.truncate(2 * 2**30)  # sparse: two gigabytes without using them
        stream.seek(2 * 2**30 - 1)
        stream.write(b"\x01")
    first = video_id(path)
    with path.open("r+b") as stream:
        stream.write(b"\x01")
    assert video_id(path) != first


@pytest.mark.parametrize("paint", [Painter((64, 36)), EncoderPainter((64, 36))], ids=["rgb", "yuv"])
def test_painted_frames_are_freed_at_once(coded, paint):
    gc.collect()
    gc.disable()  # so that a frame which refers to itself stays
    try:
        with av.open(str(coded("mp4 with B-frames")[0])) as container:
            for frame in container.decode(video=0):
                paint(frame)
        kept = sum(isinstance(thing, av.VideoFrame) for thing in gc.get_objects())
    finally:
        gc.enable()
    assert kept < 5


def test_scan_needs_a_positive_batch(coded):
    with pytest.raises(ValueError, match="batch_size"):
        FrameScan(coded("mkv")[0], batch_size=0)


def test_a_small_film_is_the_same_with_and_without_a_thread_beside(coded, monkeypatch):
    path, times_s = coded("mp4 with B-frames")
    found = []
    for cores in (1, 3):
        monkeypatch.setenv("VIDEXPLORE_DECODER_THREADS", str(cores))
        assert leaves_a_core(frame_index(path)) == (cores > 1)
        batches = list(FrameScan(path, size=(64, 36), batch_size=7))
        np.testing.assert_allclose(np.concatenate([batch.times_s for batch in batches]), times_s, atol=1e-3)
        found.append(np.concatenate([batch.rgb for batch in batches]))
    np.testing.assert_array_equal(*found)


def test_scan_may_be_left_early_and_begun_again(coded):
    path, _ = coded("mkv")
    scan = FrameScan(path, batch_size=5)
    assert read_numbers(next(iter(scan)).rgb) == [1, 2, 3, 4, 5]
    assert sum(map(len, scan)) == COUNT


def test_pixels_equal_pyav_and_decord_at_full_size(media_dir):
    path = media_dir / "mdn_frog.mp4"
    with av.open(str(path)) as container:
        reference = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
    ours = frames(path, times_s=[0.0, 1.0, 4.0])
    for rgb, number in zip(ours.rgb, (0, 30, 120), strict=True):
        np.testing.assert_array_equal(rgb, reference[number])
    needs("decord")
    theirs = frames(path, times_s=[0.0, 1.0, 4.0], backend="decord")
    np.testing.assert_array_equal(theirs.rgb, ours.rgb)


@pytest.mark.parametrize("most", [300_000, pytest.param(10**9, marks=pytest.mark.long)])
def test_real_clips_give_as_many_frames_as_pyav_decodes(media_dir, most):
    """Those of at most so many bytes."""
    for path in sorted(media_dir.glob("*.*")):
        if path.suffix in (".csv", ".md") or path.stat().st_size > most or path.name == "popcorn_italia.mp4":
            continue
        video = open_video(path)
        scan = FrameScan(video, size=(32, 18))
        times_s = np.concatenate([batch.times_s for batch in scan])
        assert len(times_s) + scan.decode_errors == video.frame_count, path.name
        assert scan.decode_errors == (1 if path.name == "decord_corrupted.mp4" else 0)
        assert np.isin(times_s, frame_index(path).times_s).all()
