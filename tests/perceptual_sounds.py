"""Sounds of the planted world: noise of a band, hums, chirps, knocks and beats."""

from __future__ import annotations

import numpy as np
from synthetic import RATE, tone

SECONDS = 3.0
"""Length of a segment of the planted world."""


def band(rng: np.random.Generator, low: float, high: float) -> np.ndarray:
    """Noise between two frequencies, root mean square 1."""
    spectrum = np.fft.rfft(rng.normal(0, 1, round(SECONDS * RATE)))
    hertz = np.fft.rfftfreq(round(SECONDS * RATE), 1 / RATE)
    made = np.fft.irfft(np.where((hertz >= low) & (hertz <= high), spectrum, 0))
    return made / made.std()


def hum(rng: np.random.Generator) -> np.ndarray:
    """A steady low tone with harmonics."""
    pitch = rng.uniform(85, 160)
    return sum(tone(SECONDS, k * pitch) / k for k in range(1, 6))


def chirps(rng: np.random.Generator) -> np.ndarray:
    """Short high tones that glide."""
    made = np.zeros(round(SECONDS * RATE))
    for at in np.arange(0.05, SECONDS - 0.22, 0.3):
        t = np.arange(round(0.22 * RATE)) / RATE
        hertz = rng.uniform(2600, 3600) * 2 ** (rng.choice([-1, 1]) * 2.6 * t)
        first = round(at * RATE)
        made[first : first + len(t)] = np.sin(2 * np.pi * np.cumsum(hertz) / RATE) * np.hanning(len(t))
    return made


def knocks(rng: np.random.Generator) -> np.ndarray:
    """Short dull strokes, four to six in a second, not quite even."""
    made = np.zeros(round(SECONDS * RATE))
    at = 0.1
    while at < SECONDS - 0.1:
        t = np.arange(round(0.1 * RATE)) / RATE
        first = round(at * RATE)
        made[first : first + len(t)] += np.sin(2 * np.pi * rng.uniform(300, 500) * t) * np.exp(-t / 0.015)
        at += rng.uniform(0.17, 0.26)
    return made


def beat(rng: np.random.Generator) -> np.ndarray:
    """A drum on every beat over a soft chord."""
    made = 0.15 * sum(tone(SECONDS, f) for f in (220, 277, 330))
    period = rng.uniform(0.42, 0.55)
    for at in np.arange(0.05, SECONDS - 0.2, period):
        t = np.arange(round(0.2 * RATE)) / RATE
        first = round(at * RATE)
        made[first : first + len(t)] += np.sin(2 * np.pi * (60 * t + 8 * np.exp(-t / 0.03) * -0.03)) * np.exp(
            -t / 0.07
        )
    return made
