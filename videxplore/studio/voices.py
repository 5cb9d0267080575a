"""Speech-like babble: a buzz through vowel formants, about four syllables a second. It says nothing."""

from __future__ import annotations

import numpy as np

from videxplore.studio.sound import RATE, Random, Signal, band_noise

PITCHES = {"low": 105.0, "mid": 140.0, "high": 205.0, "shout": 240.0, "radio": 120.0}
"""Mean pitch of each voice in Hz."""

# First three formants of five vowels, after Peterson & Barney (1952), rounded.
_VOWELS = ((730, 1090, 2440), (530, 1840, 2480), (270, 2290, 3010), (570, 840, 2410), (300, 870, 2240))


def babble(rng: Random, duration_s: float, voice: str) -> Signal:
    """Return speech-like sound with unit RMS.

    Args:
        rng: chooses the vowels and the melody.
        duration_s: length in seconds.
        voice: a key of ``PITCHES``.
    """
    if voice not in PITCHES:
        raise ValueError(f"no voice is named {voice!r}; allowed: {', '.join(PITCHES)}.")
    count = round(duration_s * RATE)
    signal = np.zeros(count)
    at = 0
    while at < count:
        length = round(rng.uniform(0.17, 0.29) * RATE)
        piece = _syllable(rng, length, PITCHES[voice], 1 - 0.2 * at / count)
        room = min(length, count - at)
        signal[at : at + room] += piece[:room]
        at += length + (round(rng.uniform(0.12, 0.25) * RATE) if rng.random() < 0.13 else 0)
    if voice == "radio":
        spectrum = np.fft.rfft(signal)
        frequency = np.fft.rfftfreq(count, 1 / RATE)
        spectrum[(frequency < 500) | (frequency > 2800)] = 0
        signal = np.tanh(3 * np.fft.irfft(spectrum, count) / max(1e-9, float(np.std(signal))))
    return signal / max(1e-9, float(np.sqrt(np.mean(signal**2))))


def _syllable(rng: Random, length: int, pitch_hz: float, fall: float) -> Signal:
    """One consonant and one vowel: formants weigh the harmonics of a gliding pitch."""
    t = np.arange(length) / RATE
    pitch = pitch_hz * fall * rng.uniform(0.88, 1.18) * (1 + rng.uniform(-0.12, 0.12) * t * 4)
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(pitch, t.shape)) / RATE
    formants = np.array(_VOWELS[int(rng.integers(len(_VOWELS)))])
    harmonics = np.arange(1, int(3600 / pitch_hz))
    frequency = harmonics[:, None] * pitch_hz * fall
    weight = (np.array([1.0, 0.55, 0.25]) / (1 + ((frequency - formants) / 90.0) ** 2)).sum(axis=1)
    vowel = (weight / harmonics**0.3) @ np.sin(harmonics[:, None] * phase)
    onset = rng.integers(2)
    consonant = band_noise(rng, length, 2500, 8000) * np.exp(-t / 0.025) * (0.5 if onset else 0.08)
    shape = np.minimum(1, t / 0.03) * np.sin(np.pi * np.minimum(1, (t / t[-1]) * 0.9 + 0.1)) ** 0.7
    return vowel * shape + consonant * float(np.std(vowel))
