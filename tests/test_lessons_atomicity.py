"""Lesson 5: the law of dilution, windows, ranks by the clock, fit of cuttings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.lessons.atomicity import (
    ITSELF,
    WORDS,
    ask_for,
    compare_cuttings,
    find_by_clock,
    show_window,
)
from videxplore.lessons.clips import read_clips
from videxplore.lessons.dilution import (
    KEPT,
    MEAN,
    Event,
    Seconds,
    cut_windows,
    find_event,
    measure_dilution,
    mix,
    needed_share,
    parts_of,
    read_seconds,
)
from videxplore.values.media import Span


def made(rng, counts=(20, 9), dimension=5, pooling=()):
    spans = tuple(Span(float(t), t + 1.0) for n in counts for t in range(n))
    films = np.array([f"{i}.mp4" for i, n in enumerate(counts) for _ in range(n)])
    return Seconds(rng.uniform(0, 0.9, (len(spans), dimension)), spans, films, pooling)


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_windows_are_means_of_their_seconds_and_stay_in_one_film(seed, length):
    seconds = made(np.random.default_rng(seed))
    windows = cut_windows(seconds, (length,))
    first = windows.starts[length]
    assert len(first) == sum(max(0, n - length + 1) for n in (20, 9))
    wanted = [seconds.values[a : a + length].mean(axis=0) for a in first]
    np.testing.assert_allclose(windows.vectors[MEAN, length] + seconds.values.mean(axis=0), wanted, atol=1e-6)


def test_what_is_kept_is_the_largest_second():
    seconds = made(np.random.default_rng(1), pooling=("max", "mean", "mean", "max", "count"))
    windows = cut_windows(seconds, (4,))
    kept = windows.vectors[KEPT, 4] + seconds.values.mean(axis=0)
    for row, a in zip(kept, windows.starts[4], strict=True):
        part = seconds.values[a : a + 4]
        np.testing.assert_allclose(row[[0, 3]], part[:, [0, 3]].max(axis=0), atol=1e-6)
        np.testing.assert_allclose(row[4], 1 - np.prod(1 - part[:, 4]), atol=1e-6)


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(3, 12))
def test_law_is_exact_with_the_surroundings_of_the_window_itself(seed, length):
    seconds = made(np.random.default_rng(seed))
    mean = seconds.values.mean(axis=0)
    windows = cut_windows(seconds, (length,))
    rows = np.array([6, 7])
    holds = np.flatnonzero(windows.shared(rows, length) == 2)
    event = seconds.values[rows].mean(axis=0) - mean
    for window in holds:
        first = windows.starts[length][window]
        rest = np.setdiff1d(np.arange(first, first + length), rows)
        predicted = mix(event, seconds.values[rest].mean(axis=0) - mean, 2 / length)
        np.testing.assert_allclose(predicted, windows.vectors[MEAN, length][window], atol=1e-6)


def test_needed_share_is_where_the_law_passes_the_rival():
    event, around = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    share = needed_share(event, around, event, 0.5)
    # cos = s / sqrt(s² + (1 − s)²) = 1/2 at s = 1 / (1 + √3)
    assert share == pytest.approx(1 / (1 + np.sqrt(3)), abs=0.001)
    assert needed_share(event, event, event, 0.5) == 0
    assert np.isnan(needed_share(event, around, around, 0.5))


def test_dilution_by_hand():
    values = np.zeros((30, 2))
    values[:, 1] = 1.0
    values[10:12] = (1.0, 0.0)
    spans = tuple(Span(float(t), t + 1.0) for t in range(30))
    seconds = Seconds(values, spans, np.array(["a.mp4"] * 30))
    event = Event("flash", "a.mp4", Span(10.0, 12.0), "flash")
    windows = cut_windows(seconds, (1, 2, 4, 8))
    found = measure_dilution(windows, event, ITSELF, parts_of(seconds, event)[0])
    np.testing.assert_allclose(found.shares, [1, 1, 0.5, 0.25])
    np.testing.assert_allclose(found.measured, found.predicted, atol=1e-6)
    assert found.error < 1e-6
    assert found.longest_first == 8
    ranks = find_by_clock(windows, {event: {ITSELF: parts_of(seconds, event)[0]}}, ITSELF).ranks[0]
    # At offset 2 of 8 the shot is all in one window; at offset 3 half of it, still the first.
    assert [len(r) for r in ranks] == [1, 2, 4, 8]
    assert all((r == 1).all() for r in ranks)


def test_the_gunshot_fades_as_its_share_does(sample, sample_library):
    windows = cut_windows(read_seconds(sample_library), (1, 2, 10, 40))
    shot = find_event(sample.truth, "night_street.mp4", "gunshot", "gunshot")
    asked = ask_for(windows, shot, sample_library.encoder.encode_text([shot.words])[0])
    plain, kept = (measure_dilution(windows, shot, WORDS, asked[WORDS], rule) for rule in (MEAN, KEPT))
    assert (np.diff(plain.measured[1:]) < 0).all()
    assert plain.error < 0.06
    assert plain.longest_first < 40 <= kept.longest_first
    clips = read_clips(sample_library, sample.truth)
    short, long = (show_window(clips, windows, plain, asked, length) for length in (2, 40))
    assert not short.lanes[1].segment_ids
    assert long.lanes[1].segment_ids
    assert len(long.lanes[0].segment_ids) > len(short.lanes[0].segment_ids)


def test_a_tree_has_a_piece_for_every_length(sample, sample_library):
    fit = compare_cuttings(sample_library.snapshot(), sample.truth)
    assert sum(fit.counts) == sum(len(t.segments) for t in sample.truth.values())
    clocks, tree = fit.overlap[:4], fit.overlap[-1]
    assert (tree > clocks.max(axis=0) - 0.1).all()
    assert tree.min() > 0.6 > clocks.min(axis=1).max()


def test_unknown_event_is_refused(sample):
    with pytest.raises(KeyError, match="tagged 'nothing'"):
        find_event(sample.truth, "night_street.mp4", "nothing", "")
