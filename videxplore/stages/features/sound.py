"""Sound attributes, twenty rows per second, from short-time spectra."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, percentile_filter, uniform_filter1d

from videxplore.stages.features.spectra import BAND_NAMES, HOP, HOP_NAMES, RATE, SpectrumScan
from videxplore.values.media import AudioClip, Series

SOUND_NAMES = (
    "loudness",
    "impulse",
    "loudness_jump",
    "thud",
    "blast",
    "splash",
    "onset_rate",
    "centroid",
    "bass",
    "treble",
    "flatness",
    "tonality",
    "harmonicity",
    "pulse_clarity",
    "syllable_modulation",
    "steadiness",
    "crossing_variation",
    "low_energy_share",
    "silence",
    "whistle",
    "chirp",
    "ring",
    "roar",
    "speech_likeness",
    "music_likeness",
    *BAND_NAMES,
)
"""Columns of the sound series, in order."""

ROWS_PER_S = 20.0
_HOPS_PER_S = RATE // HOP
_HOPS_PER_ROW = int(_HOPS_PER_S / ROWS_PER_S)
_CONTEXT = 9300
"""Hops before and after that describe a hop: more than any window, and a multiple of all their steps, so
that windows lie where they would lie on the whole track."""
_BLOCK = 6 * _CONTEXT
"""Hops described at a time: what is held does not grow with the track."""
_FLOOR_DB = -55.0
_TRAIL_HOPS = 120
_USUAL = 70
_FALL_HOPS = 70
_SHORT_FALL_HOPS = 35
_TONAL = 0.4
_PEAKS = ("impulse", "loudness_jump", "thud", "blast", "splash")

Floats = NDArray[np.float64]
Reduction = Callable[[Floats], Floats]


class SoundScan:
    """Turns contiguous blocks of mono sound at 16 kHz into a :class:`Series` of :data:`SOUND_NAMES`.

    Attributes:
        end_s: how far the sound pushed so far reaches.
    """

    def __init__(self) -> None:
        self._spectra = SpectrumScan()
        self._held = np.zeros((0, len(HOP_NAMES)), np.float32)
        self._start = 0
        self._done = 0
        self._rows: list[NDArray[np.float32]] = []
        self.end_s = 0.0

    def push(self, block: AudioClip) -> None:
        """Take the next block.

        Raises:
            ValueError: it is not sampled at 16 kHz.
        """
        self._spectra.push(block)
        self.end_s += len(block.samples) / block.rate
        self._held = np.concatenate([self._held, self._spectra.take()])
        while self._start + len(self._held) >= self._done + _BLOCK + _CONTEXT:
            self._describe_until(self._done + _BLOCK)

    def series(self) -> Series | None:
        """Return a row every 50 ms, or None without sound; call it once, after the last block.

        Loudness is in dB relative to full scale, ``impulse`` in dB of rise over the 1.2 s before times how
        broadband the sound is and whether it dies away, centroid in octaves above 100 Hz, onset rate per
        second; likenesses are in [0, 1] and come from rules, not from training: they say what the sound
        resembles, not what it is.
        """
        self._held = np.concatenate([self._held, self._spectra.finish()])
        end = (self._start + len(self._held)) // _HOPS_PER_ROW * _HOPS_PER_ROW
        while self._done < end:
            self._describe_until(min(self._done + _BLOCK, end))
        if not end:
            return None
        values = np.concatenate(self._rows)
        return Series(np.arange(len(values)) / ROWS_PER_S, values, SOUND_NAMES)

    def _describe_until(self, end: int) -> None:
        """Turn the hops from what is done to ``end`` into rows, in sight of what lies around them."""
        near = self._held[: end + _CONTEXT - self._start].astype(np.float64)
        dense = _describe({name: near[:, i] for i, name in enumerate(HOP_NAMES)})
        inside = slice(self._done - self._start, end - self._start)
        columns = []
        for name in SOUND_NAMES:
            values = dense[name][inside].reshape(-1, _HOPS_PER_ROW)
            columns.append(values.max(1) if name in _PEAKS else values.mean(1))
        self._rows.append(np.stack(columns, axis=1).astype(np.float32))
        self._done = end
        start = max(0, end - _CONTEXT)
        self._held, self._start = self._held[start - self._start :], start


def measure_sound(blocks: Iterable[AudioClip]) -> Series | None:
    """Return what a :class:`SoundScan` makes of ``blocks``."""
    scan = SoundScan()
    for block in blocks:
        scan.push(block)
    return scan.series()


def _describe(hop: dict[str, Floats]) -> dict[str, Floats]:
    """All columns at 100 per second."""
    power = hop["power"]
    loud = 10 * np.log10(_smooth(power, 5) + 1e-10)
    weight = power + 1e-9
    near = lambda values: _smooth(values * weight, 5) / _smooth(weight, 5)  # noqa: E731
    # A bang is still noise when its first click is over; a tone is not.
    later = _smooth(hop["flatness"] * weight, 7, shift=3) / _smooth(weight, 7, shift=3)
    rise = _rise(power)
    envelope = np.sqrt(_smooth(power, 3))
    modulation, steady = _modulation(envelope)
    flux = hop["flux"]
    onsets = (flux == maximum_filter1d(flux, 9)) & (flux > _smooth(flux, 100) + 2.0)
    crossings = hop["crossings"]
    variation = np.sqrt(np.maximum(_smooth(crossings**2, 100) - _smooth(crossings, 100) ** 2, 0.0))
    quiet_hops = _smooth((envelope < 0.5 * _smooth(envelope, 100)).astype(np.float64), 100)
    audible = _ramp(loud, -65.0, -55.0)
    present = _ramp(10 * np.log10(_smooth(power, 200) + 1e-10), -65.0, -55.0)
    flat, harmonic = _smooth(hop["flatness"], 25), _smooth(hop["harmonicity"], 25)
    tonal = _smooth(hop["tonality"], 25)
    noisy = np.maximum(_ramp(flat, 0.05, 0.25), _ramp(-tonal, -0.6, -0.45))
    begins = _smooth(onsets.astype(np.float64), 200) * _HOPS_PER_S
    pulse = _pulse_clarity(flux)
    glides, stays = _follow_tone(hop["peak_share"], hop["peak_octave"])
    sudden = rise * _ramp(later, 0.04, 0.26)
    treble, bass = (_tail(hop[name] * weight) / _tail(weight) for name in ("treble", "bass"))
    bright = sudden * _ramp(treble, 0.12, 0.28) * _ramp(-bass, -0.5, -0.25)
    described = {
        "loudness": np.maximum(loud, -80.0),
        "impulse": sudden * _ramp(_fall(power), 2.0, 7.0),
        "loudness_jump": rise,
        "thud": rise * _ramp(near(hop["bass"]), 0.25, 0.6) * _ramp(_fall(power), 4.0, 10.0),
        "blast": sudden * _ramp(_fall(power, _SHORT_FALL_HOPS), 6.0, 12.0) * _ramp(-treble, -0.25, -0.1),
        "splash": bright * _ramp(_fall(power), 2.0, 7.0),
        "chirp": _smooth(glides, 25) * audible,
        "ring": _smooth(stays, 25) * audible,
        "onset_rate": begins * present,
        "centroid": np.log2(np.maximum(near(hop["centroid"]), 100.0) / 100.0) * audible,
        "bass": near(hop["bass"]) * audible,
        "treble": near(hop["treble"]) * audible,
        "flatness": near(hop["flatness"]) * audible,
        "tonality": near(hop["tonality"]) * audible,
        "harmonicity": near(hop["harmonicity"]) * audible,
        "pulse_clarity": pulse * present,
        "syllable_modulation": modulation * present,
        "steadiness": steady * present,
        "crossing_variation": variation * present,
        "low_energy_share": quiet_hops * present,
        "silence": (loud < -50).astype(np.float64),
        "whistle": np.clip((near(hop["whistle"]) - 0.25) / 0.5, 0.0, 1.0) * audible,
        "roar": noisy * steady * _ramp(-harmonic, -0.75, -0.45) * present,
        "speech_likeness": _speech(modulation, variation, quiet_hops, harmonic, steady)
        * (1 - 0.8 * _ramp(pulse, 0.4, 0.7))
        * present,
        "music_likeness": _music(flat, tonal, pulse, begins, variation, modulation)
        * (1 - _ramp(near(hop["whistle"]), 0.4, 0.9))
        * present,
    }  # fmt: skip
    return described | {name: np.maximum(hop[name], -70.0) for name in BAND_NAMES}


def _rise(power: Floats) -> Floats:
    """Rise (n,) in dB of the next 50 ms over the 70 % quantile of 1.2 s before, above −55 dB."""
    ahead = 10 * np.log10(np.maximum(_smooth(power, 5, shift=2), 10 ** (_FLOOR_DB / 10)))
    level = 10 * np.log10(np.maximum(power, 10 ** (_FLOOR_DB / 10)))
    past_hops = _TRAIL_HOPS
    # The past is padded with the track's own start: a track that begins loudly has not risen. A high
    # quantile of the past stands for it: after a pause in speech the next syllable has not risen either.
    padded = np.concatenate([np.full(past_hops, np.percentile(level[:past_hops], _USUAL)), level])
    usual = percentile_filter(padded, _USUAL, past_hops, mode="nearest")
    usual = usual[past_hops // 2 : past_hops // 2 + len(level)]
    return np.maximum(ahead - usual, 0.0)


def _fall(power: Floats, hops: int = _FALL_HOPS) -> Floats:
    """How far in dB the sound falls within ``hops`` after each: a bang dies away, a new scene stays loud."""
    level = 10 * np.log10(np.maximum(_smooth(power, 5, shift=2), 10 ** (_FLOOR_DB / 10)))
    padded = np.concatenate([level, np.full(hops, level[-1])])
    later = percentile_filter(padded, 20, hops, mode="nearest")
    return level - later[hops // 2 : hops // 2 + len(level)]


def _tail(values: Floats) -> Floats:
    """Mean of ``values`` 60–160 ms after each hop: a blast has gone deep by then, a splash has not."""
    smooth = _smooth(values, 11)
    return np.concatenate([smooth[11:], np.repeat(smooth[-1:], min(11, len(smooth)))])[-len(smooth) :]


def _follow_tone(share: Floats, octave: Floats) -> tuple[Floats, Floats]:
    """Whether (0 or 1) a strong narrow tone glides, as animals' do, or stays, as that of bells and beeps.

    From one hop to the next a tone that moves by less than 5 cents stays; by more than an eighth of an octave
    it is another tone.
    """
    tonal = share > _TONAL
    tonal &= np.concatenate([tonal[:1], tonal[:-1]])
    step = np.abs(np.diff(octave, prepend=octave[:1]))
    return (tonal & (step >= 0.006) & (step < 0.125)).astype(np.float64), (tonal & (step < 0.004)).astype(
        np.float64
    )


def _modulation(envelope: Floats) -> tuple[Floats, Floats]:
    """Share of the envelope's variation at 2.5–7 Hz, the pace of syllables, and how steady the envelope is.

    The first after Scheirer & Slaney (1997), in windows of 2 s; the second is the ratio of the 20 % to the
    80 % quantile of the envelope over 1 s.
    """
    steady = _in_windows(
        envelope, 100, lambda w: np.percentile(w, 20, axis=1) / (np.percentile(w, 80, axis=1) + 1e-5)
    )

    def syllables(windows: Floats) -> Floats:
        deviation = (windows - windows.mean(1, keepdims=True)) * np.hanning(windows.shape[1])
        spectrum = np.abs(np.fft.rfft(deviation, axis=1)) ** 2
        frequency = np.fft.rfftfreq(windows.shape[1], 1 / _HOPS_PER_S)
        wide = spectrum[:, (frequency > 0.4) & (frequency < 25)].sum(1)
        inside = spectrum[:, (frequency >= 2.5) & (frequency <= 7)].sum(1)
        depth = windows.std(1) / (windows.mean(1) + 1e-5)
        return inside / (wide + 1e-9) * np.clip(depth / 0.5, 0.0, 1.0)

    return _in_windows(envelope, 200, syllables), steady


def _pulse_clarity(flux: Floats) -> Floats:
    """Highest autocorrelation (n,) of the onset strength at lags of 0.25–1.2 s, in windows of 5 s."""

    def beat(windows: Floats) -> Floats:
        centred = windows - windows.mean(1, keepdims=True)
        size = windows.shape[1]
        power = np.abs(np.fft.rfft(centred, 2 * size, axis=1)) ** 2
        correlation = np.fft.irfft(power, axis=1)[:, :size] / np.arange(size, 0, -1)
        best = correlation[:, _HOPS_PER_S // 4 : int(1.2 * _HOPS_PER_S)].max(1)
        return np.clip(best / (correlation[:, 0] + 1e-3), 0.0, 1.0)

    return _in_windows(_smooth(flux, 5), 500, beat)


def _speech(
    modulation: Floats,
    variation: Floats,
    quiet: Floats,
    harmonic: Floats,
    steady: Floats,
) -> Floats:
    """How speech-like (n,), in [0, 1]: syllables, gaps, voiced, with changing sounds. Rules, not training."""
    parts = (
        _ramp(modulation, 0.08, 0.40),
        0.1 + 0.9 * _ramp(variation, 0.01, 0.06),
        0.3 + 0.7 * _ramp(quiet, 0.05, 0.35),
        0.2 + 0.8 * _ramp(harmonic, 0.3, 0.7),
        _ramp(-steady, -0.75, -0.35),
    )
    return np.prod(np.stack(parts), axis=0) ** 0.5


def _music(
    flat: Floats,
    tonal: Floats,
    pulse: Floats,
    onsets: Floats,
    variation: Floats,
    modulation: Floats,
) -> Floats:
    """How music-like (n,), in [0, 1]: tones that begin anew, a beat, no hissing in turn, no syllables.

    Noise of a narrow band has no flat spectrum either, but no tone stands out; a hum has
    tones, but nothing begins.
    """
    tones = _ramp(-flat, -0.12, -0.02) * _ramp(tonal, 0.5, 0.6) * _ramp(-variation, -0.12, -0.04)
    begins = 0.4 + 0.6 * _ramp(onsets, 0.1, 0.9)
    return tones * begins * (0.4 + 0.6 * pulse) * (1 - 0.8 * _ramp(modulation, 0.2, 0.45))


def _ramp(values: Floats, low: float, high: float) -> Floats:
    """A ramp from 0 at ``low`` to 1 at ``high``."""
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def _smooth(values: Floats, width: int, shift: int = 0) -> Floats:
    """Moving mean over ``width`` hops; ``shift`` hops of it lie later than the middle."""
    smooth = uniform_filter1d(values, width, mode="nearest", origin=-shift)
    # The filter keeps a running sum, whose rounding must not turn a silence negative.
    return np.maximum(smooth, values.min())


def _in_windows(values: Floats, width: int, reduce: Reduction) -> Floats:
    """``reduce`` of overlapping windows (m, width), eight per width, spread back over all hops."""
    step = max(1, width // 8)
    padded = np.pad(values, width // 2, mode="reflect" if len(values) > width // 2 else "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)[::step]
    found = np.concatenate([reduce(windows[i : i + 512]) for i in range(0, len(windows), 512)])
    return np.interp(np.arange(len(values)), np.arange(len(found)) * step, found)
