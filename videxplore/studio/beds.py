"""Continuous sounds: the ambience, engines and music that lie under a scene."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from videxplore.studio.sound import RATE, Random, Signal, band_noise


def _times(count: int) -> Signal:
    return np.arange(count) / RATE


def _pulses(count: int, at: np.ndarray, one: Signal) -> Signal:
    """Return copies of ``one`` laid down at sample positions ``at``."""
    signal = np.zeros(count + len(one))
    for k in at:
        if 0 <= k < count:
            signal[k : k + len(one)] += one
    return signal[:count]


def _crowd(rng: Random, n: int) -> Signal:
    t = _times(n)
    wave = 0.8 + 0.2 * np.sin(2 * np.pi * 0.31 * t) * np.sin(2 * np.pi * 0.117 * t + 1)
    return band_noise(rng, n, 250, 2400, -0.3) * wave


def _rain(rng: Random, n: int) -> Signal:
    drops = _pulses(
        n, rng.integers(0, n, n // 900), band_noise(rng, 120, 2000, 9000) * np.exp(-np.arange(120) / 25)
    )
    return band_noise(rng, n, 900, 9500, -0.2) + 0.5 * drops


def _wind(rng: Random, n: int) -> Signal:
    t = _times(n)
    gusts = 0.65 + 0.35 * np.sin(2 * np.pi * 0.13 * t + 1.5 * np.sin(2 * np.pi * 0.05 * t))
    return band_noise(rng, n, 70, 520, -0.3) * gusts


def _sea(rng: Random, n: int) -> Signal:
    swell = 0.35 + 0.65 * np.sin(np.pi * 0.16 * _times(n)) ** 2
    return band_noise(rng, n, 120, 5000, -0.4) * swell


def _stream(rng: Random, n: int) -> Signal:
    return band_noise(rng, n, 500, 3800) * (0.85 + 0.15 * np.sin(2 * np.pi * 1.7 * _times(n)))


def _sizzle(rng: Random, n: int) -> Signal:
    crackle = _pulses(
        n, rng.integers(0, n, n // 1500), band_noise(rng, 90, 3000, 10000) * np.exp(-np.arange(90) / 18)
    )
    return band_noise(rng, n, 2800, 10500) + 1.2 * crackle


def _rumble(rng: Random, n: int) -> Signal:
    return band_noise(rng, n, 22, 180, -0.4)


def _roar(rng: Random, n: int) -> Signal:
    low = band_noise(rng, n, 25, 6000, -0.7)
    return np.tanh(1.6 * low * (0.9 + 0.1 * np.sin(2 * np.pi * 11 * _times(n))))


def _motor(pitch_hz: float) -> Callable[[Random, int], Signal]:
    def sound(rng: Random, n: int) -> Signal:
        t = _times(n)
        wobble = pitch_hz * (1 + 0.02 * np.sin(2 * np.pi * 0.9 * t) + 0.01 * np.sin(2 * np.pi * 3.1 * t))
        phase = 2 * np.pi * np.cumsum(wobble) / RATE
        partials = np.sum([np.sin(k * phase) / k**0.8 for k in range(1, 9)], axis=0)
        return partials + 0.4 * band_noise(rng, n, 150, 2500, -0.4)

    return sound


def _train(rng: Random, n: int) -> Signal:
    clack = band_noise(rng, 1700, 150, 2200, -0.4) * np.exp(-np.arange(1700) / 260)
    step = round(0.62 * RATE)
    first = np.arange(0, n, step)
    pairs = np.concatenate([first, first + round(0.14 * RATE)])
    return 0.6 * band_noise(rng, n, 40, 700, -0.5) + 2.2 * _pulses(n, pairs, clack)


def _city(rng: Random, n: int) -> Signal:
    return band_noise(rng, n, 50, 900, -0.7) * (0.8 + 0.2 * np.sin(2 * np.pi * 0.07 * _times(n)))


def _room(rng: Random, n: int) -> Signal:
    return band_noise(rng, n, 60, 600, -0.8) + 0.2 * np.sin(2 * np.pi * 100 * _times(n))


def _crickets(rng: Random, n: int) -> Signal:
    t = _times(n)
    chirp = (np.sin(2 * np.pi * 28 * t) > 0.2) * (np.sin(2 * np.pi * 1.9 * t) > 0.1)
    return np.sin(2 * np.pi * 4300 * t) * chirp + 0.15 * band_noise(rng, n, 100, 600)


def _birds(rng: Random, n: int) -> Signal:
    signal = 0.06 * band_noise(rng, n, 300, 3000)
    for at in rng.integers(0, n, max(1, n // (RATE // 3))):
        m = min(n - at, round(rng.uniform(0.07, 0.2) * RATE))
        t = np.arange(m) / RATE
        low, wide = rng.uniform(2300, 4300), rng.uniform(-6000, 6000)
        signal[at : at + m] += (
            np.sin(2 * np.pi * (low * t + wide * t * t)) * np.hanning(m) * rng.uniform(0.4, 1)
        )
    return signal


def _bubbles(rng: Random, n: int) -> Signal:
    signal = band_noise(rng, n, 40, 350, -0.5)
    for at in rng.integers(0, n, max(1, n // (RATE // 5))):
        m = min(n - at, round(rng.uniform(0.04, 0.1) * RATE))
        t = np.arange(m) / RATE
        signal[at : at + m] += (
            1.6 * np.sin(2 * np.pi * (rng.uniform(350, 800) * t + 2500 * t * t)) * np.hanning(m)
        )
    return signal


_CALM = ((220.0, 277.2, 329.6), (196.0, 246.9, 293.7), (174.6, 220.0, 261.6), (196.0, 246.9, 329.6))


def _calm_music(rng: Random, n: int) -> Signal:
    """Slow chords with a plucked note on each second."""
    t = _times(n)
    signal = np.zeros(n)
    bar = 3 * RATE
    for k, start in enumerate(range(0, n, bar)):
        part = t[start : start + bar] - t[start]
        shape = np.sin(np.pi * np.clip(part / 3.0, 0, 1)) ** 0.5
        chord = _CALM[k % 4]
        signal[start : start + bar] += shape * np.sum(
            [np.sin(2 * np.pi * f * part) + 0.3 * np.sin(4 * np.pi * f * part) for f in chord], axis=0
        )
        for beat in range(3):
            at = start + beat * RATE
            left = t[at : min(n, at + RATE)] - (t[at] if at < n else 0)
            signal[at : at + len(left)] += 1.6 * np.sin(4 * np.pi * chord[beat] * left) * np.exp(-left / 0.3)
    return signal


def _drum(low_hz: float, rng: Random) -> Signal:
    t = _times(round(0.22 * RATE))
    return np.sin(2 * np.pi * (low_hz * t + 18 * (1 - np.exp(-t / 0.03)) / 6)) * np.exp(-t / 0.07)


def _pulse_music(rng: Random, n: int) -> Signal:
    """Dance music at 124 beats a minute: drum, bass, hats and a stab."""
    step = round(60 / 124 * RATE)
    grid = np.arange(0, n, step)
    t = _times(n)
    drum = _pulses(n, grid, 2.4 * _drum(52, rng))
    hat = band_noise(rng, 900, 5000, 11000) * np.exp(-np.arange(900) / 160)
    hats = _pulses(n, grid + step // 2, 0.5 * hat)
    note = np.array([55.0, 55.0, 65.4, 49.0])[(np.arange(n) // (4 * step)) % 4]
    bass_phase = 2 * np.pi * np.cumsum(note) / RATE
    bass = (np.sin(bass_phase) + 0.5 * np.sin(2 * bass_phase) + 0.3 * np.sin(3 * bass_phase)) * (
        ((t * RATE) % step) / step
    )
    gate = ((np.arange(n) % (2 * step)) < step // 2) * 0.5
    stab = np.sum([np.sin(4 * bass_phase * r) for r in (1.0, 1.5, 2.0)], axis=0) * gate
    return drum + hats + 0.9 * bass + 0.6 * stab


def _guitar_music(rng: Random, n: int) -> Signal:
    """A rock riff: distorted fifths over a drum beat, 100 beats a minute."""
    step = round(0.3 * RATE)
    riff = np.array([82.4, 82.4, 98.0, 110.0, 82.4, 123.5, 110.0, 98.0])
    note = riff[(np.arange(n) // step) % 8]
    phase = 2 * np.pi * np.cumsum(note) / RATE
    saw = np.sum([np.sin(k * phase) / k for k in range(1, 7)], axis=0)
    fifth = np.sum([np.sin(1.5 * k * phase) / k for k in range(1, 6)], axis=0)
    snare = band_noise(rng, 2600, 400, 7000) * np.exp(-np.arange(2600) / 700)
    beat = _pulses(n, np.arange(0, n, 4 * step), 1.6 * _drum(60, rng)) + _pulses(
        n, np.arange(2 * step, n, 4 * step), 0.7 * snare
    )
    return np.tanh(2.5 * (saw + fifth)) + beat


BEDS: dict[str, Callable[[Random, int], Signal]] = {
    "crowd": _crowd,
    "rain": _rain,
    "wind": _wind,
    "sea": _sea,
    "stream": _stream,
    "sizzle": _sizzle,
    "rumble": _rumble,
    "roar": _roar,
    "slow_motor": _motor(46),
    "fast_motor": _motor(138),
    "train": _train,
    "city": _city,
    "room": _room,
    "crickets": _crickets,
    "birds": _birds,
    "bubbles": _bubbles,
    "calm_music": _calm_music,
    "pulse_music": _pulse_music,
    "guitar_music": _guitar_music,
}
"""Continuous sounds by the name that scripts use; each has unit RMS once :func:`bed` has made it."""


def bed(name: str, rng: Random, count: int) -> Signal:
    """Return ``count`` samples of the bed ``name`` with unit RMS."""
    if name not in BEDS:
        raise ValueError(f"no bed is named {name!r}; allowed: {', '.join(sorted(BEDS))}.")
    signal = BEDS[name](rng, count)
    return signal / max(1e-9, float(np.sqrt(np.mean(signal**2))))
