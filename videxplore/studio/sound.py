"""Sound synthesis: short sounds with a beginning and an end, each made the way it comes about."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]
Random = np.random.Generator

RATE = 24_000
"""Samples per second of everything that the studio sounds."""


def seconds(duration_s: float) -> Signal:
    """Return the sample times of a sound of ``duration_s``, float64 (n,) in seconds."""
    return np.arange(round(duration_s * RATE)) / RATE


def band_noise(rng: Random, count: int, low_hz: float, high_hz: float, slope: float = 0.0) -> Signal:
    """Return noise between two frequencies with unit RMS; ``slope`` −1 falls off by 6 dB per octave.

    The noise is made in the frequency domain, so it is periodic and may be repeated without a seam; beyond
    eleven seconds it is.
    """
    size = min(1 << 18, 1 << max(4, (max(count, 16) - 1).bit_length()))
    frequency = np.fft.rfftfreq(size, 1 / RATE)
    shape = 1 / (1 + (low_hz / np.maximum(frequency, 1.0)) ** 8) / (1 + (frequency / high_hz) ** 8)
    shape *= (np.maximum(frequency, 20.0) / 1000) ** slope
    spectrum = shape * np.exp(2j * np.pi * rng.random(len(frequency)))
    signal = np.resize(np.fft.irfft(spectrum, size), count)
    return signal / max(1e-9, float(np.sqrt(np.mean(signal**2))))


def tone(pitch_hz: float | Signal, duration_s: float, partials: tuple[float, ...] = (1.0,)) -> Signal:
    """Return a harmonic tone; ``pitch_hz`` may vary per sample."""
    t = seconds(duration_s)
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(pitch_hz, t.shape)) / RATE
    return np.sum([a * np.sin((k + 1) * phase) for k, a in enumerate(partials)], axis=0)


def fade(signal: Signal, attack_s: float, release_s: float) -> Signal:
    """Return ``signal`` with a linear start and end, so that it never clicks."""
    shape = np.ones(len(signal))
    a, r = min(len(signal), round(attack_s * RATE)), min(len(signal), round(release_s * RATE))
    shape[:a] *= np.linspace(0, 1, a)
    shape[len(signal) - r :] *= np.linspace(1, 0, r)
    return signal * shape


def _decay(count: int, time_s: float) -> Signal:
    return np.exp(-np.arange(count) / RATE / time_s)


def bang(rng: Random) -> Signal:
    """A gunshot: a sharp broadband impulse, a fast decay, and an echo between house fronts."""
    n = round(1.3 * RATE)
    crack = band_noise(rng, n, 60, 11000) * _decay(n, 0.045)
    body = band_noise(rng, n, 40, 900, -0.5) * _decay(n, 0.16)
    tail = band_noise(rng, n, 100, 3000, -0.7) * _decay(n, 0.35) * 0.12
    echo = np.roll(crack * 0.16, round(0.21 * RATE))
    echo[: round(0.21 * RATE)] = 0
    return crack + 0.8 * body + tail + echo


def slam(rng: Random) -> Signal:
    """A door slam: a dull thud with a short rattle."""
    n = round(0.6 * RATE)
    thud = band_noise(rng, n, 50, 420, -0.4) * _decay(n, 0.07)
    rattle = band_noise(rng, n, 500, 2500) * _decay(n, 0.03) * 0.35
    return thud + rattle


def thunder(rng: Random) -> Signal:
    """A clap of thunder: a crack that rolls away low for seconds."""
    n = round(3.6 * RATE)
    t = np.arange(n) / RATE
    roll = band_noise(rng, n, 25, 160, -0.5) * (0.5 + 0.5 * np.abs(np.sin(2.1 * t + 0.5 * np.sin(5 * t))))
    crack = band_noise(rng, n, 100, 5000, -0.5) * _decay(n, 0.22)
    return roll * np.minimum(1, t / 0.15) * np.exp(-t / 1.3) + 0.9 * crack


def far_thunder(rng: Random) -> Signal:
    """Thunder far away: only the low roll, rising and falling."""
    n = round(4.0 * RATE)
    t = np.arange(n) / RATE
    return band_noise(rng, n, 25, 110, -0.5) * np.sin(np.pi * t / 4.0) ** 2 * (0.6 + 0.4 * np.sin(7 * t))


def whistle(rng: Random, duration_s: float = 0.7) -> Signal:
    """A referee's pea whistle: about 3 kHz, trilled by the pea."""
    t = seconds(duration_s)
    trill = 0.6 + 0.4 * np.sign(np.sin(2 * np.pi * 38 * t))
    pitch = 2950 + 120 * np.sin(2 * np.pi * 38 * t)
    breath = band_noise(rng, len(t), 2000, 6000) * 0.08
    return fade((tone(pitch, duration_s, (1.0, 0.25, 0.08)) + breath) * trill, 0.03, 0.06)


def final_whistle(rng: Random) -> Signal:
    """Three blasts, the last one long."""
    gap = np.zeros(round(0.18 * RATE))
    return np.concatenate([whistle(rng, 0.45), gap, whistle(rng, 0.45), gap, whistle(rng, 1.2)])


def kick(rng: Random) -> Signal:
    """A boot on a ball."""
    n = round(0.16 * RATE)
    t = np.arange(n) / RATE
    return np.sin(2 * np.pi * 110 * t) * _decay(n, 0.035) + 0.4 * band_noise(rng, n, 300, 3000) * _decay(
        n, 0.012
    )


def chop(rng: Random) -> Signal:
    """A knife on a wooden board."""
    n = round(0.14 * RATE)
    t = np.arange(n) / RATE
    wood = np.sin(2 * np.pi * 420 * t) * _decay(n, 0.02) + np.sin(2 * np.pi * 980 * t) * _decay(n, 0.012)
    return wood + 0.5 * band_noise(rng, n, 1500, 8000) * _decay(n, 0.008)


def cheer(rng: Random) -> Signal:
    """A crowd that roars up and calms down again."""
    n = round(4.6 * RATE)
    t = np.arange(n) / RATE
    swell = np.minimum(1, t / 0.35) * np.exp(-np.maximum(0, t - 1.6) / 1.2)
    return band_noise(rng, n, 350, 3200, -0.3) * swell


def groan(rng: Random) -> Signal:
    """A crowd that sighs after a missed chance: falling in pitch."""
    n = round(1.8 * RATE)
    t = np.arange(n) / RATE
    high = band_noise(rng, n, 500, 1600) * np.exp(-t / 0.35)
    low = band_noise(rng, n, 250, 700) * np.sin(np.pi * np.minimum(1, t / 1.8)) ** 0.5
    return fade(high + low, 0.12, 0.4)


def clapping(rng: Random) -> Signal:
    """Some dozens of hands."""
    n = round(3.5 * RATE)
    signal = np.zeros(n)
    clap = band_noise(rng, round(0.03 * RATE), 800, 6000) * _decay(round(0.03 * RATE), 0.006)
    for at in rng.integers(0, n - len(clap), 420):
        signal[at : at + len(clap)] += clap * rng.uniform(0.2, 1)
    return fade(signal, 0.3, 1.0)


def beep(rng: Random) -> Signal:
    """One beep of a countdown."""
    return fade(tone(1000, 0.18), 0.01, 0.02)


def long_beep(rng: Random) -> Signal:
    """The last beep of a countdown."""
    return fade(tone(1500, 0.7), 0.01, 0.05)


def bell(rng: Random) -> Signal:
    """A struck bell: inharmonic partials that die away one by one."""
    t = seconds(2.2)
    partials = ((620, 1.0, 1.1), (1240, 0.6, 0.7), (1863, 0.5, 0.5), (2530, 0.3, 0.3), (3360, 0.2, 0.2))
    return np.sum([a * np.sin(2 * np.pi * f * t) * np.exp(-t / d) for f, a, d in partials], axis=0)


def horn(rng: Random) -> Signal:
    """A car's two-tone horn."""
    both = tone(392, 0.9, (1, 0.7, 0.5, 0.3, 0.2)) + tone(494, 0.9, (1, 0.7, 0.5, 0.3, 0.2))
    return fade(both, 0.02, 0.08)


def train_horn(rng: Random) -> Signal:
    """A train's chord horn, long and loud."""
    chord = np.sum([tone(f, 1.9, (1, 0.8, 0.6, 0.4, 0.3)) for f in (277, 330, 415)], axis=0)
    return fade(chord, 0.08, 0.35)


def screech(rng: Random) -> Signal:
    """Tyres that slide on asphalt."""
    t = seconds(1.5)
    pitch = 1150 - 260 * t + 40 * np.sin(2 * np.pi * 23 * t)
    return fade(tone(pitch, 1.5, (1, 0.6, 0.5, 0.3)) + 0.5 * band_noise(rng, len(t), 900, 3000), 0.08, 0.5)


def crash(rng: Random) -> Signal:
    """Crates knocked over by a car: a thump, splinters and glass."""
    n = round(1.6 * RATE)
    signal = band_noise(rng, n, 40, 700, -0.4) * _decay(n, 0.14)
    for _ in range(26):
        at = int(rng.integers(0, n * 2 // 3))
        m = min(n - at, round(0.12 * RATE))
        ping = np.sin(2 * np.pi * rng.uniform(1800, 6500) * np.arange(m) / RATE) * _decay(m, 0.03)
        signal[at : at + m] += 0.25 * ping + 0.3 * band_noise(rng, m, 600, 5000) * _decay(m, 0.02)
    return signal


def passing(rng: Random) -> Signal:
    """A vehicle that passes by: swells, and drops in pitch as it leaves."""
    t = seconds(3.0)
    pitch = 92 - 20 / (1 + np.exp(-(t - 1.5) * 5))
    motor = tone(pitch, 3.0, (1, 0.8, 0.6, 0.5, 0.35, 0.25, 0.2))
    tyres = band_noise(rng, len(t), 300, 2500, -0.4)
    return (0.6 * motor + tyres) * np.exp(-(((t - 1.5) / 0.55) ** 2))


def firework(rng: Random) -> Signal:
    """A shell that bursts high up: a boom, then crackling stars."""
    n = round(1.9 * RATE)
    boom = band_noise(rng, n, 40, 600, -0.4) * _decay(n, 0.18)
    pop = band_noise(rng, n, 200, 6000) * _decay(n, 0.03) * 0.5
    stars = band_noise(rng, n, 2500, 10000) * (rng.random(n) < 0.004) * 8
    stars *= np.exp(-(((np.arange(n) / RATE - 0.8) / 0.4) ** 2))
    return boom + pop + 0.5 * stars


def rocket_whoosh(rng: Random) -> Signal:
    """A firework shell that climbs: a rising hiss."""
    t = seconds(1.1)
    return fade(band_noise(rng, len(t), 1500, 7000) * (t / 1.1) + tone(700 + 1400 * t, 1.1) * 0.4, 0.05, 0.08)


def splash(rng: Random) -> Signal:
    """Something big that falls into water."""
    n = round(1.4 * RATE)
    low = band_noise(rng, n, 80, 700) * _decay(n, 0.12)
    return low + fade(band_noise(rng, n, 700, 9000) * _decay(n, 0.35), 0.02, 0.2)


def sizzle_start(rng: Random) -> Signal:
    """Something wet that drops into hot oil."""
    n = round(1.6 * RATE)
    return fade(band_noise(rng, n, 2500, 10500) * _decay(n, 0.6), 0.01, 0.3)


def ding(rng: Random) -> Signal:
    """An oven timer."""
    t = seconds(1.4)
    return np.sin(2 * np.pi * 2093 * t) * np.exp(-t / 0.35) + 0.4 * np.sin(2 * np.pi * 4186 * t) * np.exp(
        -t / 0.2
    )


def gull(rng: Random) -> Signal:
    """Three cries of a gull."""
    cry = fade(tone(np.linspace(1750, 1050, round(0.34 * RATE)), 0.34, (1, 0.6, 0.35, 0.2)), 0.03, 0.1)
    gap = np.zeros(round(0.13 * RATE))
    return np.concatenate([cry, gap, cry, gap, cry * 0.8])


def owl(rng: Random) -> Signal:
    """An owl's call: one hoot, a pause, two hoots."""
    hoot = fade(tone(390 + 12 * np.sin(2 * np.pi * 5 * seconds(0.38)), 0.38, (1, 0.15)), 0.08, 0.15)
    return np.concatenate([hoot, np.zeros(round(0.5 * RATE)), hoot, np.zeros(round(0.08 * RATE)), hoot])


def woodpecker(rng: Random) -> Signal:
    """A drum roll on a hollow trunk."""
    tap = np.sin(2 * np.pi * 850 * seconds(0.04)) * _decay(len(seconds(0.04)), 0.008)
    signal = np.zeros(round(1.1 * RATE))
    for k in range(18):
        at = round(k * 0.055 * RATE)
        signal[at : at + len(tap)] += tap * (1 - k / 26)
    return signal


def footsteps(rng: Random) -> Signal:
    """Shoes on a wet pavement, two steps a second."""
    n = round(3.0 * RATE)
    signal = np.zeros(n)
    for k in range(6):
        at, m = round((0.1 + k * 0.48) * RATE), round(0.07 * RATE)
        signal[at : at + m] += band_noise(rng, m, 200, 3000, -0.3) * _decay(m, 0.014)
    return signal


def jingle(rng: Random) -> Signal:
    """Four rising notes that open a broadcast."""
    notes = [fade(tone(f, d, (1, 0.5, 0.3, 0.15)), 0.01, 0.12) for f, d in
             ((440, 0.22), (554, 0.22), (659, 0.22), (880, 0.9))]  # fmt: skip
    return np.concatenate(notes)


ONE_SHOTS: dict[str, Callable[[Random], Signal]] = {
    f.__name__: f
    for f in (
        bang, slam, thunder, far_thunder, whistle, final_whistle, kick, chop, cheer, groan, clapping, beep,
        long_beep, bell, horn, train_horn, screech, crash, passing, firework, rocket_whoosh, splash,
        sizzle_start, ding, gull, owl, woodpecker, footsteps, jingle,
    )
}  # fmt: skip
"""Sounds by the name that scripts use."""
