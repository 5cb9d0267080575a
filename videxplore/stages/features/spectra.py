"""Short-time spectra of a sound track, 100 per second, reduced to a few numbers each while it streams by."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from videxplore.values.media import AudioClip

RATE = 16_000
HOP = 160
_FRAME = 512
_LONG = 1024
BANDS_HZ = (60, 120, 200, 300, 450, 650, 950, 1400, 2000, 2900, 4200, 6000, 7800)
"""Edges of the twelve bands, about a half to two thirds of an octave each."""

BAND_NAMES = tuple(f"band_{low}" for low in BANDS_HZ[:-1])
HOP_NAMES = (
    "power",
    "flatness",
    "centroid",
    "bass",
    "treble",
    "crossings",
    "flux",
    "whistle",
    "tonality",
    "harmonicity",
    "peak_share",
    "peak_octave",
    *BAND_NAMES,
)
"""Columns per hop: power is linear, bands are in dB, centroid in Hz, the peak in octaves above 1 Hz, the rest
are shares or ratios."""

_FREQUENCIES = np.fft.rfftfreq(_FRAME, 1 / RATE)
_EPS = 1e-10
_SHORT_WINDOW, _LONG_WINDOW = (np.hanning(size).astype(np.float32) for size in (_FRAME, _LONG))


class SpectrumScan:
    """Takes contiguous mono sound at 16 kHz and measures :data:`HOP_NAMES` every 10 ms."""

    def __init__(self) -> None:
        # Half a window of silence on either side, so that hop i stands for [i·10 ms, (i+1)·10 ms).
        self._tail = np.zeros((_LONG - HOP) // 2, np.float32)
        self._last_bands: NDArray[np.float32] | None = None
        self._rows: list[NDArray[np.float32]] = []
        self._heard = 0
        self._given = 0

    def push(self, clip: AudioClip) -> None:
        """Take the next stretch of sound.

        Raises:
            ValueError: it is not sampled at 16 kHz.
        """
        if clip.rate != RATE:
            raise ValueError(f"SpectrumScan needs sound at {RATE} Hz, got {clip.rate}.")
        self._heard += len(clip.samples)
        samples = np.concatenate([self._tail, clip.samples])
        # Harmonicity is measured on every fourth hop; whole fours keep blocks from shifting them.
        count = ((len(samples) - _LONG) // HOP + 1) // 4 * 4
        if count < 1:
            self._tail = samples
            return
        for first in range(0, count, 2000):
            last = min(first + 2000, count)
            self._rows.append(self._measure(samples[first * HOP : (last - 1) * HOP + _LONG]))
        self._tail = samples[count * HOP :]

    def take(self) -> NDArray[np.float32]:
        """Return the hops (n, 24) measured since the last call, and let them go."""
        taken = np.concatenate([*self._rows, np.zeros((0, len(HOP_NAMES)), np.float32)])
        self._rows = []
        self._given += len(taken)
        return taken

    def finish(self) -> NDArray[np.float32]:
        """Return the last hops (n, 24), once there is no more sound."""
        half = (_LONG - HOP) // 2
        missing = self._heard // HOP - self._given
        self.push(AudioClip(np.zeros(half + 4 * HOP, np.float32), RATE))
        return self.take()[:missing]

    def _measure(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        long = np.lib.stride_tricks.sliding_window_view(samples, _LONG)[::HOP]
        inner = (_LONG - _FRAME) // 2
        short = long[:, inner : inner + _FRAME]
        own = long[:, (_LONG - HOP) // 2 : (_LONG + HOP) // 2]
        spectrum = _power(short * _SHORT_WINDOW) / np.float32(_FRAME) + np.float32(_EPS)
        total = spectrum[:, 2:].sum(1)
        bands = np.stack(
            [
                spectrum[:, (low <= _FREQUENCIES) & (high > _FREQUENCIES)].mean(1)
                for low, high in pairwise(BANDS_HZ)
            ],
            axis=1,
        )
        # Below -70 dB nothing is heard: what happens there must not count as change.
        level = 10 * np.log10(np.maximum(bands, 1e-7))
        previous = np.concatenate([level[:1] if self._last_bands is None else self._last_bands, level[:-1]])
        self._last_bands = level[-1:]
        audible = spectrum[:, 5:240]
        flatness = np.exp(np.log(audible).mean(1)) / audible.mean(1)
        voice = spectrum[:, 6:130]
        crest = voice.max(1) / voice.mean(1)
        columns = [
            (own.astype(np.float64) ** 2).mean(1),
            flatness,
            (spectrum * _FREQUENCIES).sum(1) / spectrum.sum(1),
            spectrum[:, 2:8].sum(1) / total,
            spectrum[:, 128:].sum(1) / total,
            (np.diff(np.signbit(own), axis=1)).mean(1),
            np.maximum(level - previous, 0).mean(1),
            _narrow_peak(spectrum, total, 58, 148)[0],
            np.log(crest) / np.log(voice.shape[1]),
            _harmonicity(long[::4]).repeat(4)[: len(long)],
            *_narrow_peak(spectrum, total, 32, 225),
        ]
        return np.concatenate([np.stack(columns, axis=1), level], axis=1).astype(np.float32)


def _power(frames: NDArray[np.float32], size: int | None = None) -> NDArray[np.float32]:
    """Squared magnitudes of the spectra of ``frames`` (n, m), in single precision: NumPy's own are double."""
    spectrum = rfft(frames, size, axis=1)
    power: NDArray[np.float32] = spectrum.real**2 + spectrum.imag**2
    return power


def _narrow_peak(
    spectrum: NDArray[np.float32], total: NDArray[np.float32], first: int, last: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Share (n,) of the power in five bins around the strongest of [first, last), and its octave (n,).

    The pitch lies between bins, by a parabola through the logarithms of three (Smith & Serra, 1987).
    """
    centre = spectrum[:, first:last].argmax(1) + first
    near = np.take_along_axis(spectrum, centre[:, None] + np.arange(-2, 3), axis=1)
    low, middle, high = np.log(near[:, 1:4]).T
    curve = np.minimum(low - 2 * middle + high, -1e-6)
    offset = np.clip(0.5 * (low - high) / curve, -0.5, 0.5)
    return near.sum(1) / total, np.log2((centre + offset) * RATE / _FRAME).astype(np.float32)


def _harmonicity(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Height (n,) in [0, 1] of the autocorrelation's best period between 70 and 500 Hz (Boersma, 1993)."""
    correlation = irfft(_power(frames * _LONG_WINDOW, 2 * _LONG), axis=1)[:, :_LONG]
    of_window = irfft(_power(_LONG_WINDOW[None], 2 * _LONG), axis=1)[0, :_LONG]
    correlation = correlation / np.maximum(correlation[:, :1], 1e-9) / (of_window / of_window[0]).clip(1e-3)
    # A silent frame correlates with nothing.
    loud = (frames**2).mean(1) > 1e-7
    return (correlation[:, RATE // 500 : RATE // 70].max(1).clip(0, 1) * loud).astype(np.float32)
