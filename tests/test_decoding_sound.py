"""Sound on the clock of the picture: clicks written at known times come back at those times."""

from __future__ import annotations

import av
import numpy as np
import pytest
from coded_video import write_video

from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.sound import audio, scan_audio
from videxplore.values.media import Span

RATE = 48000
CLICKS = (0.5, 1.0, 1.7)
X264 = {"preset": "ultrafast", "bf": "3"}
VPX = {"deadline": "realtime", "cpu-used": "8", "threads": "1"}

CASES = {
    "mp4 AAC": ("a.mp4", {"options": X264}, 0.0),
    "mp4 fragmented": (
        "a.mp4",
        {"options": X264, "mux": {"movflags": "frag_keyframe+empty_moov+default_base_moof"}},
        0.0,
    ),
    "mp4 sound starts late": ("a.mp4", {"options": X264, "sound_start_s": 0.3}, 0.3),
    "mkv AAC": ("a.mkv", {"options": X264}, 0.0),
    "mov PCM": ("a.mov", {"options": X264, "sound_codec": "pcm_s16le"}, 0.0),
    "webm Opus": ("a.webm", {"codec": "libvpx", "options": VPX, "sound_codec": "libopus"}, 0.0),
    "ts from seven seconds on": (
        "a.ts",
        {"options": X264, "times_s": 7 + np.arange(60) / 25, "sound_start_s": 7.0},
        0.0,
    ),
}


def clicking() -> np.ndarray:
    samples = np.zeros(round(2.4 * RATE), np.float32)
    for time_s in CLICKS:
        start = round(time_s * RATE)
        samples[start : start + 240] = 0.9 * np.sin(2 * np.pi * 3000 * np.arange(240) / RATE)
    return samples


def onsets(clip) -> np.ndarray:
    """Times at which the sound rises out of silence, on the video's clock."""
    loud = np.flatnonzero(np.abs(clip.samples) > 0.2)
    first = [k for n, k in enumerate(loud) if n == 0 or k - loud[n - 1] > 0.05 * clip.rate]
    return clip.start_s + np.array(first) / clip.rate


@pytest.fixture(scope="module")
def clicked(tmp_path_factory):
    made = {}

    def make(name):
        if name not in made:
            file, arguments, delay_s = CASES[name]
            path = tmp_path_factory.mktemp("clicks") / file
            write_video(path, sound=clicking(), **arguments)
            made[name] = path, np.array(CLICKS) + delay_s
        return made[name]

    return make


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("rate", [16000, 44100])
def test_clicks_are_heard_when_they_were_written(clicked, name, rate):
    path, expected = clicked(name)
    video = open_video(path)
    assert (video.has_audio, video.audio_rate) == (True, RATE)
    sound = audio(video, rate=rate)
    assert (sound.rate, sound.start_s) == (rate, 0.0)
    assert len(sound.samples) == round(video.duration_s * rate)
    np.testing.assert_allclose(onsets(sound), expected, atol=0.001)


@pytest.mark.parametrize("name", CASES)
def test_a_span_is_cut_by_time(clicked, name):
    path, expected = clicked(name)
    whole = audio(path)
    part = audio(path, span=Span(0.9, 2.1))
    assert part.start_s == pytest.approx(0.9)
    assert len(part.samples) == round(2.1 * 16000) - round(0.9 * 16000)
    np.testing.assert_allclose(onsets(part), expected[1:], atol=0.0025)
    reference = whole.samples[round(0.9 * 16000) : round(2.1 * 16000)]
    if name.startswith(("mp4", "mov")):  # MKV, WebM and TS round times by more than a sample
        assert np.abs(reference - part.samples).max() < 0.02


@pytest.mark.parametrize("block_s", [0.1, 0.7, 30.0])
def test_blocks_laid_end_to_end_are_the_whole(clicked, block_s):
    path, _ = clicked("mp4 sound starts late")
    blocks = list(scan_audio(path, block_s=block_s))
    np.testing.assert_array_equal(np.concatenate([block.samples for block in blocks]), audio(path).samples)
    ends = [block.start_s + block.duration_s for block in blocks]
    np.testing.assert_allclose([block.start_s for block in blocks[1:]], ends[:-1], atol=1e-9)


def test_stereo_becomes_mono_in_range(tmp_path):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as output:
        picture = output.add_stream("libx264", rate=25, options=X264)
        picture.width = picture.height = 64
        picture.pix_fmt = "yuv420p"
        track = output.add_stream("pcm_s16le", rate=RATE, layout="stereo")
        for k in range(25):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            frame.pts = k
            output.mux(picture.encode(frame))
        both = np.zeros((1, 2 * RATE), np.int16)
        both[0, 0::2], both[0, 1::2] = 30000, 10000
        frame = av.AudioFrame.from_ndarray(both, format="s16", layout="stereo")
        frame.rate = RATE
        output.mux(track.encode(frame))
        output.mux(track.encode(None))
        output.mux(picture.encode(None))
    sound = audio(path, span=Span(0.2, 0.8))
    np.testing.assert_allclose(sound.samples, 20000 / 32768, atol=0.01)


def test_no_sound_is_none(tmp_path):
    path = tmp_path / "a.mp4"
    write_video(path, count=5, options=X264)
    assert open_video(path).has_audio is False
    assert audio(path) is None
    assert list(scan_audio(path)) == []


def test_wrong_arguments_are_refused(clicked):
    path, _ = clicked("mkv AAC")
    with pytest.raises(ValueError, match="rate must be"):
        audio(path, rate=0)
    with pytest.raises(ValueError, match="block_s must be"):
        next(scan_audio(path, block_s=0.0))


def test_a_span_outside_the_video_is_empty(clicked):
    path, _ = clicked("mkv AAC")
    assert len(audio(path, span=Span(50.0, 60.0)).samples) == 0


def test_real_sound_equals_a_direct_decode(media_dir):
    path = media_dir / "mdn_friday.mp4"
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=16000)
    parts = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            parts += [part.to_ndarray().mean(axis=0) for part in resampler.resample(frame)]
        parts += [part.to_ndarray().mean(axis=0) for part in resampler.resample(None)]
    reference = np.concatenate(parts)
    ours = audio(path).samples
    shared = min(len(reference), len(ours))
    np.testing.assert_allclose(ours[:shared], reference[:shared], atol=1e-6)
    assert abs(len(reference) - len(ours)) < 0.1 * 16000
