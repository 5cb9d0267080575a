"""Measurements of picture, motion and sound against pictures and sounds whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import (
    FPS,
    RATE,
    bang,
    measure_arrays,
    moving,
    music_like,
    noise,
    plain,
    speech_like,
    textured,
    tone,
)

from videxplore.stages.encoding.perceptual.rows import derive_picture, derive_sound
from videxplore.stages.features.cielab import convert_to_lab
from videxplore.stages.features.colour import COLOURS, look_up, name_colours
from videxplore.stages.features.measure import measure
from videxplore.stages.features.picture import PICTURE_NAMES, PictureScan
from videxplore.stages.features.resize import halve, shrink
from videxplore.stages.features.sound import SOUND_NAMES, measure_sound
from videxplore.values.media import AudioClip

NAMED = {
    "black": (5, 5, 5), "white": (250, 250, 250), "grey": (128, 128, 128), "red": (210, 20, 20),
    "orange": (250, 140, 20), "yellow": (250, 225, 30), "green": (20, 150, 40), "blue": (30, 60, 200),
    "purple": (120, 30, 160), "pink": (250, 140, 190), "brown": (100, 60, 30),
}  # fmt: skip


@pytest.mark.parametrize("name", COLOURS)
def test_a_plain_picture_has_the_colour_it_is_called(name):
    picture = measure_arrays(plain(NAMED[name], 1.0)).picture
    shares = {other: float(picture[other].mean()) for other in COLOURS}
    assert max(shares, key=shares.get) == name
    assert shares[name] > 0.6
    assert float(picture[f"centre_{name}"].mean()) > 0.6
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-4)


def test_the_colour_table_agrees_with_computing():
    pixels = np.random.default_rng(0).integers(0, 256, (4000, 3)).astype(np.uint8)
    found = look_up(pixels)
    lab, names = found.lab.T, found.names.T
    exact = convert_to_lab(pixels)
    difference = np.linalg.norm(lab - exact, axis=1)
    assert np.median(difference) < 3.0
    assert np.percentile(difference, 99) < 8.0
    agree = names.argmax(1) == name_colours(exact).argmax(1)
    assert agree.mean() > 0.93


def test_centre_and_whole_tell_a_spot_in_the_middle():
    frames = plain((20, 150, 40), 1.0)
    frames[:, 18:36, 34:62] = (210, 20, 20)
    picture = measure_arrays(frames).picture
    assert picture["green"].mean() > 0.7
    assert picture["centre_red"].mean() > 2 * picture["red"].mean()
    assert picture["centre_difference"].mean() > 10


@pytest.mark.parametrize(
    ("dx", "dy", "name", "sign"),
    [(2, 0, "pan", 1), (-2, 0, "pan", -1), (0, 1, "tilt", 1), (0, -1, "tilt", -1)],
)
def test_camera_direction_and_speed(dx, dy, name, sign):
    picture = measure_arrays(moving(dx, dy)).picture
    expected = sign * (abs(dx) + abs(dy)) * FPS / 96
    assert np.median(picture[name]) == pytest.approx(expected, rel=0.1)
    assert picture["object_speed"].mean() < 0.15 * abs(expected)


def test_zoom_is_read_from_a_growing_picture():
    big = textured(3)
    frames = []
    for i in range(50):
        half_w, half_h = 150 * 0.985**i, 84.375 * 0.985**i
        y = np.linspace(108 - half_h, 108 + half_h, 54).astype(int)
        x = np.linspace(192 - half_w, 192 + half_w, 96).astype(int)
        frames.append(big[np.ix_(y, x)])
    grows = measure_arrays(np.stack(frames)).picture["zoom"]
    shrinks = measure_arrays(np.stack(frames[::-1])).picture["zoom"]
    assert np.median(grows) == pytest.approx(0.378, rel=0.25)
    assert np.median(shrinks) == pytest.approx(-0.378, rel=0.25)


def test_an_object_that_crosses_a_still_picture_is_no_camera_motion():
    back = textured(1)[:54, :96]
    ball = textured(2, 150, 255)[:16, :24]
    frames = np.repeat(back[None], 50, axis=0)
    for i in range(50):
        x = 4 + int(1.2 * i)
        frames[i, 20:36, x : x + 24] = ball
    picture = measure_arrays(frames).picture
    assert np.median(np.abs(picture["pan"])) < 0.02
    assert picture["moving_share"].mean() > 0.03
    assert picture["still_share"].mean() > 0.7


@pytest.mark.parametrize(
    ("dx", "dy", "name", "other"),
    [
        (1.2, 0, "moves_right", "moves_left"),
        (-1.2, 0, "moves_left", "moves_right"),
        (0, 0.7, "falls", "rises"),
        (0, -0.7, "rises", "falls"),
    ],
)
def test_where_an_object_moves(dx, dy, name, other):
    back, ball = textured(1)[:54, :96], textured(2, 150, 255)[:16, :24]
    frames = np.repeat(back[None], 25, axis=0)
    for i in range(25):
        y, x = round(19 + dy * (i - 12)), round(36 + dx * (i - 12))
        frames[i, y : y + 16, x : x + 24] = ball
    found = derive_picture(measure_arrays(frames).picture)
    assert found[name].mean() > 0.01
    assert found[name].mean() > 5 * found[other].mean()


def test_flames_outshine_their_picture_and_a_sunny_field_does_not():
    fire, field = plain((30, 20, 15)), plain((250, 170, 60))
    fire[:, 20:34, 36:60] = (255, 150, 40)
    assert measure_arrays(fire).picture["flame_share"].mean() > 0.05
    assert measure_arrays(field).picture["flame_share"].mean() == 0


def test_a_flash_is_a_flash_and_a_cut_is_a_cut():
    calm, other = textured(1, 0, 70)[:54, :96], textured(4, 40, 255)[:54, :96]
    frames = np.repeat(calm[None], 100, axis=0)
    frames[50:53] = np.minimum(frames[50:53].astype(int) + 150, 255).astype(np.uint8)
    flashed = measure_arrays(frames).picture
    assert flashed["flash"].max() > 60
    assert flashed["hard_change"].sum() == 0
    frames = np.concatenate([np.repeat(calm[None], 50, axis=0), np.repeat(other[None], 50, axis=0)])
    cut = measure_arrays(frames).picture
    assert np.flatnonzero(cut["hard_change"]).tolist() == [8]
    assert cut["flash"].max() < 5


@pytest.mark.parametrize("batch", [1, 7, 250])
def test_batches_make_no_difference(batch):
    frames = np.concatenate([moving(2, seconds=5), plain((40, 80, 20), 5)])
    times = np.arange(250) / FPS
    whole, parts = PictureScan(), PictureScan()
    whole.push(frames, times)
    for first in range(0, 250, batch):
        parts.push(frames[first : first + batch], times[first : first + batch])
    expected, found = whole.series(), parts.series()
    assert np.array_equal(expected.times_s, found.times_s)
    np.testing.assert_array_equal(expected.values, found.values)


def test_rows_follow_timestamps_not_frame_numbers():
    times = np.array([0.0, 0.1, 0.2, 2.0, 2.1, 2.2, 2.3, 5.0])
    scan = PictureScan()
    scan.push(plain((9, 9, 9), 8 / FPS), times)
    series = scan.series()
    assert series.names == PICTURE_NAMES
    assert series.times_s.tolist() == [0.1, 2.1, 2.3, 5.0]


def test_a_scan_without_frames_says_so():
    with pytest.raises(ValueError, match="at least one frame"):
        PictureScan().series()


def test_halving_and_shrinking_average_areas():
    rgb = np.random.default_rng(0).integers(0, 256, (3, 108, 192, 3)).astype(np.uint8)
    exact = rgb.reshape(3, 54, 2, 96, 2, 3).mean((2, 4))
    assert np.abs(halve(rgb) - exact).max() <= 0.5
    assert np.abs(shrink(rgb) - exact).max() <= 0.5001
    assert shrink(rgb[:, :100, :130]).shape == (3, 54, 96, 3)


def sound_of(samples: np.ndarray) -> dict[str, np.ndarray]:
    series = measure_sound([AudioClip(samples.astype(np.float32), RATE)])
    assert series is not None
    assert series.names == SOUND_NAMES
    return {name: series[name] for name in SOUND_NAMES}


def test_loudness_is_in_decibels_below_full_scale():
    for level in (0.5, 0.1, 0.01):
        assert np.median(sound_of(tone(3, 440, level))["loudness"]) == pytest.approx(
            20 * np.log10(level), abs=0.1
        )
    assert sound_of(np.zeros(RATE))["silence"].mean() == 1.0


def test_blocks_of_any_length_make_no_difference():
    samples = (speech_like(7) + noise(7, 0.01)).astype(np.float32)
    whole = measure_sound([AudioClip(samples, RATE)])
    for size in (1000, 16_000, 33_333):
        blocks = [AudioClip(samples[i : i + size], RATE, i / RATE) for i in range(0, len(samples), size)]
        parts = measure_sound(blocks)
        np.testing.assert_allclose(parts.values, whole.values, atol=2e-4, rtol=1e-4)


def test_too_little_sound_is_none():
    assert measure_sound([]) is None
    assert measure_sound([AudioClip(np.zeros(10, np.float32), RATE)]) is None


@pytest.mark.parametrize("background", ["noise", "music", "speech"])
def test_bangs_are_found_and_little_else(background):
    """Recall at least .95 at no more than one false alarm in ten minutes, 10 dB above the background."""
    seconds, level = 150, 0.03
    make = {"noise": noise, "music": music_like, "speech": speech_like}[background]
    samples = make(seconds, level=level, seed=5)
    rng = np.random.default_rng(1)
    truth = np.arange(4.0, seconds - 4, 7.3) + rng.uniform(0, 2, len(np.arange(4.0, seconds - 4, 7.3)))
    loudest = 10 * np.log10(np.convolve(samples**2, np.ones(800) / 800, "same").max())
    for i, when in enumerate(truth):
        shot = bang(1.0, seed=i)
        shot *= 10 ** ((loudest + 10) / 20) / np.sqrt((shot[:800] ** 2).mean())
        first = round(when * RATE)
        samples[first : first + len(shot)] += shot
    samples /= max(1.0, np.abs(samples).max())
    series = measure_sound([AudioClip(samples.astype(np.float32), RATE)])
    times = series.times_s[derive_sound(series)["bang_onset"] > 0]
    hits = [np.any(np.abs(times - t) < 0.15) for t in truth]
    false = [t for t in times if np.abs(truth - t).min() > 0.3]
    assert np.mean(hits) >= 0.95
    assert len(false) <= seconds / 600


def test_a_tone_that_starts_is_no_bang():
    samples = np.concatenate([noise(4, 0.003), tone(2, 3000, 0.3) + noise(2, 0.003)])
    sound = sound_of(samples)
    assert sound["loudness_jump"].max() > 25
    assert sound["impulse"].max() < 8


def test_likenesses_tell_kinds_of_sound_apart():
    kinds = {
        "speech_likeness": speech_like(12),
        "music_likeness": music_like(12),
        "roar": noise(12, 0.1),
        "whistle": tone(12, 2800) + noise(12, 0.003),
    }
    table = {name: sound_of(samples) for name, samples in kinds.items()}
    for name in kinds:
        scores = {other: float(table[other][name][40:-40].mean()) for other in kinds}
        assert max(scores, key=scores.get) == name, (name, scores)
        assert scores[name] > 2 * sorted(scores.values())[-2], (name, scores)


def sweeps(seconds: float) -> np.ndarray:
    """Short tones that fall from 4 to 2.5 kHz, three a second, as birds make them."""
    t = np.arange(round(seconds * RATE)) / RATE % (1 / 3)
    return 0.1 * np.sin(2 * np.pi * (4000 * t - 2500 * t**2)) * (t < 0.2) + noise(seconds, 0.001)


def knocks(seconds: float) -> np.ndarray:
    """Dull hits, five a second."""
    t = np.arange(round(seconds * RATE)) / RATE % 0.2
    return 0.3 * np.sin(2 * np.pi * 700 * t) * np.exp(-t / 0.02) + noise(seconds, 0.001)


def test_tones_that_glide_tones_that_stay_and_separate_hits():
    kinds = {
        "chirp": sweeps(8),
        "ring": tone(8, 2100) + noise(8, 0.001),
        "hits": knocks(8),
        "rumble": tone(8, 90, 0.3),
        "": speech_like(8) + noise(8, 0.001),
    }
    table = {
        name: derive_sound(measure_sound([AudioClip(s.astype(np.float32), RATE)]))
        for name, s in kinds.items()
    }
    for name in ("chirp", "ring", "hits", "rumble"):
        scores = {other: float(table[other][name][40:-40].mean()) for other in kinds}
        assert max(scores, key=scores.get) == name, (name, scores)
    for name in ("chirp", "ring"):
        scores = sorted(float(found[name][40:-40].mean()) for found in table.values())
        assert scores[-1] > 0.4 > 4 * scores[-2], (name, scores)


def test_a_shot_goes_deep_at_once_and_a_splash_stays_bright():
    """Both are sudden and broadband: the blast of a shot ends within 0.1 s, what rolls on is deep."""
    t = np.arange(RATE) / RATE
    crack = np.random.default_rng(1).normal(0, 0.5, RATE) * np.exp(-t / 0.02)
    deep = np.cumsum(np.random.default_rng(2).normal(0, 1, RATE))
    deep = np.diff(deep - np.convolve(deep, np.ones(400) / 400, "same"), prepend=0)
    deep = np.convolve(deep, np.hanning(60) / 30, "same")
    shot = crack + 0.25 * deep / deep.std() * np.exp(-t / 0.15)
    drops = np.random.default_rng(3).normal(0, 0.25, RATE) * np.exp(-t / 0.25)
    found = {}
    for name, event in (("shot", shot), ("splash", drops)):
        samples = noise(8, 0.002, seed=4)
        samples[4 * RATE : 5 * RATE] += event
        found[name] = derive_sound(measure_sound([AudioClip(samples.clip(-1, 1).astype(np.float32), RATE)]))
    assert min(sound["bang"].max() for sound in found.values()) > 10
    assert found["shot"]["blast"].max() > 10 > 3 * found["splash"]["blast"].max()
    assert found["splash"]["splash"].max() > 10 > 3 * found["shot"]["splash"].max()


def test_music_that_stops_leaves_a_hush():
    samples = np.concatenate([music_like(6, level=0.2), noise(6, 0.01)])
    found = derive_sound(measure_sound([AudioClip(samples.astype(np.float32), RATE)]))
    times = np.arange(len(found["hush"])) / 20
    assert times[found["hush_onset"] > 0] == pytest.approx([6.0], abs=1.0)
    assert not found["swell_onset"].any()


def test_narrow_noise_and_a_hum_are_no_music():
    rng = np.random.default_rng(0)
    spectrum = np.fft.rfft(rng.normal(0, 1, 8 * RATE))
    frequency = np.fft.rfftfreq(8 * RATE, 1 / RATE)
    narrow = np.fft.irfft(spectrum * np.exp(-(((frequency - 1500) / 700) ** 2)))
    kinds = {
        "stream": 0.1 * narrow / narrow.std(),
        "hum": tone(8, 120) + tone(8, 240, 0.03),
        "music": music_like(8),
    }
    likeness = {name: float(sound_of(s)["music_likeness"][40:-40].mean()) for name, s in kinds.items()}
    assert likeness["music"] > 2 * max(likeness["stream"], likeness["hum"]), likeness
    assert sound_of(kinds["stream"])["roar"].mean() > 0.3 > 10 * sound_of(kinds["hum"])["roar"].mean()


def test_gain_changes_loudness_and_little_else():
    samples = speech_like(8, level=0.2) + noise(8, 0.01)
    loud, soft = sound_of(samples), sound_of(samples / 2)
    assert np.median(loud["loudness"] - soft["loudness"]) == pytest.approx(6.02, abs=0.1)
    for name in ("centroid", "bass", "flatness", "harmonicity", "syllable_modulation", "speech_likeness"):
        assert np.abs(loud[name].mean() - soft[name].mean()) < 0.05 * max(0.2, loud[name].mean()), name


def test_pulse_clarity_needs_a_beat():
    beat = np.zeros(10 * RATE)
    for i in range(20):
        beat[i * 8000 : i * 8000 + 800] = noise(0.05, 0.3, seed=i)
    assert sound_of(beat)["pulse_clarity"].mean() > 0.6
    assert sound_of(noise(10, 0.1))["pulse_clarity"].mean() < 0.35


def test_real_clips_sound_as_they_do(media_dir):
    """Two clips in which somebody talks, two with the music of a silent film; heard by a person."""
    speech, music = {}, {}
    for name in ("mdn_friday.mp4", "torchcodec_nasa_13013.mp4", "moviepy_chaplin.mp4"):
        sound = measure(media_dir / name).sound
        speech[name] = float(sound["speech_likeness"].mean())
        music[name] = float(sound["music_likeness"].mean())
    assert speech["moviepy_chaplin.mp4"] < 0.5 * min(
        speech["mdn_friday.mp4"], speech["torchcodec_nasa_13013.mp4"]
    )
    assert max(music, key=music.get) == "moviepy_chaplin.mp4"


def test_measuring_a_file_gives_every_side(media_dir):
    found = measure(media_dir / "moviepy_second_vid.mp4")
    assert len(found.picture) == pytest.approx(4 * found.video.duration_s, rel=0.05)
    assert len(found.sound) == pytest.approx(20 * found.video.duration_s, rel=0.05)
    assert len(found.cuts) == found.video.frame_count
    assert found.decode_errors == 0
    assert 9 <= found.picture["hard_change"].sum() <= 11
