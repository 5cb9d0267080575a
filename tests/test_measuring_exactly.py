"""Measuring works on whole planes and in blocks for speed; here the same figures by plain definitions.

Tolerances are those of float32 sums in another order: 1e-3 in quantities of 0–255 or 0–100, 1e-5 in shares.
"""

from __future__ import annotations

import numpy as np
import pytest

from videxplore.stages.decoding.frames import FrameScan
from videxplore.stages.features.cielab import convert_to_lab
from videxplore.stages.features.colour import look_up
from videxplore.stages.features.cuts import CutDistances
from videxplore.stages.features.light import LIGHT_NAMES, average_fields, measure_colours, measure_light
from videxplore.stages.features.motion import _displaced_errors
from videxplore.stages.features.resize import SCAN_SIZE, halve
from videxplore.stages.features.texture import TEXTURE_NAMES, find_gradients, measure_texture
from videxplore.values.media import AudioClip

LUMA = np.array([0.299, 0.587, 0.114])


@pytest.fixture(scope="module", params=["rocket.mp4", "festival.mp4"])
def film(request, sample):
    """The first 300 frames of a film at 96×54, with their times."""
    path = next(path for path in sample.videos if path.name == request.param)
    for batch in FrameScan(path, size=SCAN_SIZE, batch_size=300):
        return batch.rgb, batch.times_s
    raise AssertionError("a film without frames")


def blocks_of(pixels):
    """Means on the 16×9 grid: (9, 16, channels)."""
    return np.array([
        [pixels[3 * y : 3 * y + 3, 3 * x : 3 * x + 3].reshape(9, -1).mean(0) for x in range(16)]
        for y in range(9)
    ])  # fmt: skip


def blurred(luma):
    padded = np.pad(luma, 1, mode="edge")
    return sum(padded[i : i + 27, j : j + 48] for i in range(3) for j in range(3)) / 9


@pytest.mark.parametrize("lag", [1, 8, 18])
def test_shot_distances_are_what_their_definitions_say(film, lag):
    rgb = halve(film[0])
    cuts = CutDistances()
    cuts.push(rgb, film[1])
    found = cuts.series()
    for t in (20, 100, 205, 299):
        before, after = rgb[t - lag].astype(float), rgb[t].astype(float)
        lab = [convert_to_lab(rgb[i]).astype(float) for i in (t - lag, t)]
        difference = np.linalg.norm(blocks_of(lab[1]) - blocks_of(lab[0]), axis=-1)
        assert found[f"B{lag}"][t] == pytest.approx(np.sort(difference.ravel())[48], abs=1e-3)
        a, b = (blurred(picture @ LUMA) for picture in (before, after))
        a, b = a - a.mean(), b - b.mean()
        floor = a.size * 2.5**2
        correlation = ((a * b).sum() + floor) / np.sqrt(((a * a).sum() + floor) * ((b * b).sum() + floor))
        assert found[f"Z{lag}"][t] == pytest.approx(1 - correlation, abs=1e-5)
        if f"T{lag}" in found.names:
            step = blocks_of(after) - blocks_of(before)
            assert found[f"T{lag}"][t] == pytest.approx(np.sqrt((step**2).mean()), abs=1e-3)
            assert found[f"A{lag}"][t] == pytest.approx(np.abs(step).mean(), abs=1e-3)


def test_colour_and_light_are_plain_means(film):
    rgb = film[0][::60]
    colours = look_up(rgb)
    shares = measure_colours(colours.names)
    light = dict(zip(LIGHT_NAMES, measure_light(rgb, colours).T, strict=True))
    for k, picture in enumerate(rgb.astype(float)):
        names, (lightness, a, b) = colours.names[:, k].astype(float), colours.lab[:, k].astype(float)
        np.testing.assert_allclose(shares[k, :11], names.mean((1, 2)), atol=1e-5)
        np.testing.assert_allclose(shares[k, 11:], names[:, 13:-13, 24:-24].mean((1, 2)), atol=1e-5)
        chroma, hue = np.hypot(a, b), np.arctan2(b, a)
        flame = (lightness > lightness.mean() + 12) & (lightness > 55) & (chroma > 45)
        flame &= (hue > 0.6) & (hue < 1.6)
        assert light["flame_share"][k] == pytest.approx(flame.mean(), abs=1e-3)
        assert light["saturation"][k] == pytest.approx(chroma.mean(), abs=1e-3)
        red_green, yellow_blue = (
            picture[..., 0] - picture[..., 1],
            picture[..., :2].mean(-1) - picture[..., 2],
        )
        colourful = np.hypot(red_green.std(), yellow_blue.std())
        colourful += 0.3 * np.hypot(red_green.mean(), yellow_blue.mean())
        assert light["colourfulness"][k] == pytest.approx(colourful, abs=1e-3)


def test_texture_is_counted_pixel_by_pixel(film):
    grey = (film[0][::60].astype(np.float32) @ LUMA.astype(np.float32)).astype(np.float32)
    texture = dict(zip(TEXTURE_NAMES, measure_texture(grey, find_gradients(grey)).T, strict=True))
    for k, picture in enumerate(grey.astype(float)):
        padded = np.pad(picture, 1, mode="edge")
        down, right = (padded[2:, 1:-1] - padded[:-2, 1:-1]) / 2, (padded[1:-1, 2:] - padded[1:-1, :-2]) / 2
        strength = np.hypot(down, right)
        assert texture["edge_density"][k] == pytest.approx((strength > 12).mean(), abs=1e-3)
        assert texture["smooth_share"][k] == pytest.approx((strength < 4.2).mean(), abs=1e-3)
        share = np.histogram(picture, bins=16, range=(0, 256))[0] / picture.size
        entropy = -(share * np.log(share + 1e-9)).sum() / np.log(16)
        assert texture["variety"][k] == pytest.approx(entropy, abs=1e-3)


def test_blocks_are_compared_at_every_displacement(film):
    grey = (film[0][[10, 40, 90, 12, 43, 91]].astype(np.float32) @ LUMA.astype(np.float32)).astype(np.float32)
    errors = _displaced_errors(grey[:3], grey[3:])
    assert errors.shape == (3, 72, 9, 13)
    for pair, block, i, j in [(0, 0, 0, 0), (1, 30, 4, 6), (2, 71, 8, 12), (2, 17, 2, 9)]:
        top, left = 9 * (block // 12), 8 * (block % 12)
        after = np.pad(grey[3 + pair].astype(float), ((4, 4), (6, 6)), mode="edge")
        moved = after[top + i : top + i + 9, left + j : left + j + 8]
        expected = ((moved - grey[pair][top : top + 9, left : left + 8]) ** 2).mean()
        assert errors[pair, block, i, j] == pytest.approx(expected, rel=1e-5, abs=1e-3)


def test_fields_are_means_of_equal_rectangles():
    values = np.random.default_rng(0).uniform(0, 255, (3, 54, 95)).astype(np.float32)
    found = average_fields(values, 9, 4)
    for row, column in [(0, 0), (4, 2), (8, 3)]:
        field = values[:, 6 * row : 6 * row + 6, 23 * column : 23 * column + 23]
        np.testing.assert_allclose(found[:, 4 * row + column], field.mean((1, 2)), rtol=1e-5)


def test_sound_described_in_blocks_is_sound_described_at_once(monkeypatch):
    from videxplore.stages.features import sound

    rng = np.random.default_rng(3)
    seconds = 300
    beats = np.repeat(rng.uniform(0, 0.4, seconds * 4), 4000)
    samples = (beats * rng.normal(size=seconds * 16000)).astype(np.float32)
    samples[: 16000 * 20] = 0
    blocks = [AudioClip(part, 16000) for part in np.split(samples, [77_777, 1_600_000, 1_600_160, 3_000_001])]
    monkeypatch.setattr(sound, "_BLOCK", 10**9)
    whole = sound.measure_sound(blocks)
    monkeypatch.setattr(sound, "_BLOCK", sound._CONTEXT)
    parts = sound.measure_sound(blocks)
    assert len(parts) == len(whole) == seconds * 20
    np.testing.assert_allclose(parts.values, whole.values, atol=2e-4)


def test_a_long_track_is_not_held():
    from videxplore.stages.features.sound import SoundScan

    scan = SoundScan()
    quiet = AudioClip(np.zeros(16000 * 60, np.float32), 16000)
    held = []
    for _ in range(30):
        scan.push(quiet)
        held.append(len(scan._held))
    assert max(held) <= 8 * 9300 + 6000
    assert len(scan.series()) == 30 * 60 * 20
