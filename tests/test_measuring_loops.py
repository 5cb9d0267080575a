"""Compiled loops against the same in plain NumPy (numpy_measures), on random arrays of many shapes and films.

Tolerances are those of single precision: 1e-5 of what is summed up; whole numbers agree exactly.
"""

from __future__ import annotations

import numpy as np
import numpy_measures as plain
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.stages.decoding.frames import FrameScan
from videxplore.stages.features import loops, picture_loops
from videxplore.stages.features.cielab import convert_planes_quickly, convert_planes_to_lab
from videxplore.stages.features.colour import COLOURS, convert_to_lab, look_up, name_colours
from videxplore.stages.features.cuts import NAMES, CutDistances
from videxplore.stages.features.light import measure_light
from videxplore.stages.features.motion import _fit_camera
from videxplore.stages.features.resize import halve
from videxplore.stages.features.texture import find_gradients, measure_texture

seeds = st.integers(0, 10**6)
sides = st.integers(1, 12)


@settings(max_examples=25, deadline=None)
@given(seed=seeds, n=st.integers(0, 4), height=sides, width=sides)
def test_halving_rounds_means(seed, n, height, width):
    rgb = np.random.default_rng(seed).integers(0, 256, (n, 2 * height, 2 * width, 3), dtype=np.uint8)
    np.testing.assert_array_equal(halve(rgb), plain.halved(rgb))


def test_lab_is_that_of_whole_planes():
    every = np.stack(np.meshgrid(*[np.arange(0, 256, 5)] * 3), axis=0).astype(np.uint8)
    np.testing.assert_allclose(convert_planes_quickly(every), convert_planes_to_lab(every), atol=2e-4)


@settings(max_examples=20, deadline=None)
@given(seed=seeds, n=st.integers(1, 3), rows=st.integers(1, 3), columns=st.integers(1, 4))
def test_each_pixel_is_counted_once(seed, n, rows, columns):
    bins = np.array([(0.0, 100.0, 10), (-60.0, 60.0, 9), (-60.0, 60.0, 5)])
    lab = np.random.default_rng(seed).uniform(-90, 130, (3, n, 6 * rows, 5 * columns)).astype(np.float32)
    counts = np.empty((n, rows * columns, 24))
    loops.count_softly(lab, bins, rows, columns, counts)
    np.testing.assert_allclose(counts, plain.soft_counts(lab, bins, rows, columns), atol=1e-4)
    np.testing.assert_allclose(counts.sum(2), 3 * 30, rtol=1e-7)


@settings(max_examples=20, deadline=None)
@given(seed=seeds, n=st.integers(1, 3), height=st.integers(1, 30), width=st.integers(2, 50))
def test_blur(seed, n, height, width):
    luma = np.random.default_rng(seed).uniform(0, 255, (n, height, width)).astype(np.float32)
    found = np.empty_like(luma)
    loops.blur_luma(luma, found)
    np.testing.assert_allclose(found, plain.blurred(luma), atol=1e-3)


@settings(max_examples=20, deadline=None)
@given(seed=seeds, n=st.integers(1, 20), d=st.integers(1, 70), lags=st.sets(st.integers(1, 9), min_size=1))
def test_lags(seed, n, d, lags):
    depth, lags = 9, sorted(lags)
    values = np.random.default_rng(seed).uniform(-100, 100, (depth + n, d)).astype(np.float32)
    now, before = plain.lagged(values, lags, depth)
    products, squares, sizes = np.empty((3, n, len(lags)), np.float32)
    loops.multiply_lags(values, np.array(lags), depth, products)
    np.testing.assert_allclose(products, (now * before).sum(2).T, atol=1e-6 * d * 100**2)
    loops.measure_steps(values, np.array(lags), depth, squares, sizes)
    np.testing.assert_allclose(squares, ((now - before) ** 2).mean(2).T, rtol=1e-4)
    np.testing.assert_allclose(sizes, np.abs(now - before).mean(2).T, rtol=1e-4)


@settings(max_examples=10, deadline=None)
@given(seed=seeds, n=st.integers(1, 3), rows=st.integers(1, 3), columns=st.integers(1, 3))
def test_displaced_blocks(seed, n, rows, columns):
    rng = np.random.default_rng(seed)
    before = rng.uniform(0, 255, (n, 9 * rows, 8 * columns)).astype(np.float32)
    after = rng.uniform(0, 255, (n, 9 * rows + 8, 8 * columns + 12)).astype(np.float32)
    errors = np.empty((n, rows * columns, 9, 13), np.float32)
    loops.compare_displaced(before, after, errors)
    np.testing.assert_allclose(errors, plain.displaced_errors(before, after, 9, 13), rtol=1e-5)


def test_colours_are_those_of_the_middle_of_their_cell():
    rgb = np.random.default_rng(4).integers(0, 256, (2, 30, 41, 3), dtype=np.uint8)
    middle = (rgb >> 3 << 3) + 4
    found, lab = look_up(rgb), convert_to_lab(middle)
    np.testing.assert_allclose(np.moveaxis(found.lab, 0, -1), lab, atol=1e-4)
    np.testing.assert_allclose(np.moveaxis(found.names, 0, -1), name_colours(lab), atol=1e-5)
    assert found.names.shape == (len(COLOURS), 2, 30, 41)
    chroma, hue = np.hypot(lab[..., 1], lab[..., 2]), np.arctan2(lab[..., 2], lab[..., 1])
    np.testing.assert_allclose(found.chroma, chroma, atol=1e-4)
    flame = (lab[..., 0] > 55) & (chroma > 45) & (hue > 0.6) & (hue < 1.6)
    np.testing.assert_array_equal(found.flame, flame)


@settings(max_examples=15, deadline=None)
@given(seed=seeds, n=st.integers(1, 3), coarse=st.integers(1, 12), span=st.integers(1, 256))
def test_light_and_texture_of_drawn_pictures(seed, n, coarse, span):
    """Fields of one colour and fine noise in turn: long edges, letters, darkness, flames."""
    rng = np.random.default_rng(seed)
    fields = rng.integers(0, 256, (n, -(-54 // coarse), -(-96 // coarse), 3))
    rgb = fields.repeat(coarse, axis=1).repeat(coarse, axis=2)[:, :54, :96] * rng.integers(1, 256) // 255
    rgb = (rgb + rng.integers(0, span, rgb.shape)).clip(0, 255).astype(np.uint8)
    grey = rgb.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    colours, gradients = look_up(rgb), find_gradients(grey)
    expected = plain.light_columns(rgb, colours)
    np.testing.assert_allclose(measure_light(rgb, colours), expected, rtol=2e-5, atol=2e-5)
    expected = plain.texture_columns(grey, gradients.down, gradients.right, gradients.squared, 12.0)
    np.testing.assert_allclose(measure_texture(grey, gradients), expected, rtol=2e-5, atol=2e-5)


@settings(max_examples=15, deadline=None)
@given(seed=seeds, n=st.integers(1, 3), height=st.integers(3, 30), width=st.integers(4, 50))
def test_gradients_and_the_directions_of_edges(seed, n, height, width):
    rng = np.random.default_rng(seed)
    grey = rng.uniform(0, 255, (n, height, width)).astype(np.float32)
    found, (down, right) = find_gradients(grey), plain.gradients(grey)
    np.testing.assert_allclose(found.down, down, atol=1e-4)
    np.testing.assert_allclose(found.right, right, atol=1e-4)
    np.testing.assert_allclose(found.squared, down**2 + right**2, rtol=1e-4, atol=1e-2)
    sums = np.empty((4, n, 3 * 4), np.float32)
    picture_loops.sum_directions(found.down, found.right, found.squared, 3, 4, sums)
    area = (height // 3) * (width // 4)
    np.testing.assert_allclose(sums / area, plain.directions(down, right, 3, 4), rtol=1e-4, atol=1e-2)
    first, second = rng.integers(0, n, (2, 5))
    means = np.empty(5, np.float32)
    loops.compare_pictures(grey, first, second, means)
    np.testing.assert_allclose(means, np.abs(grey[first] - grey[second]).mean((1, 2)), rtol=1e-5)


@settings(max_examples=15, deadline=None)
@given(seed=seeds, blank=st.booleans())
def test_the_camera_is_that_of_least_squares(seed, blank):
    rng = np.random.default_rng(seed)
    flow, textured = rng.normal(0, 0.2, (5, 72, 2)), rng.uniform(0, 1, (5, 72))
    textured[0] *= not blank
    camera, _ = _fit_camera(flow, textured)
    np.testing.assert_allclose(camera, plain.camera_of(flow, textured, 6, 12), atol=1e-9)


@pytest.mark.parametrize("name", ["rocket.mp4", "festival.mp4"])
def test_the_same_each_time_and_in_batches_of_any_size(sample, name):
    path = next(path for path in sample.videos if path.name == name)
    batch = next(iter(FrameScan(path, size=(96, 54), batch_size=200)))
    rgb = halve(batch.rgb)
    whole, again, parts = CutDistances(), CutDistances(), CutDistances()
    whole.push(rgb, batch.times_s)
    again.push(rgb, batch.times_s)
    for low, high in [(0, 1), (1, 50), (50, 113), (113, 200)]:
        parts.push(rgb[low:high], batch.times_s[low:high])
    np.testing.assert_array_equal(whole.series().values, again.series().values)
    np.testing.assert_allclose(parts.series().values, whole.series().values, atol=1e-5)
    assert whole.series().values.shape == (200, len(NAMES))
