"""The sound track of a film, mixed from its script."""

from __future__ import annotations

import zlib

import numpy as np

from videxplore.studio.beds import bed
from videxplore.studio.director import Film
from videxplore.studio.sound import ONE_SHOTS, RATE, Random, Signal
from videxplore.studio.voices import babble

VOICE_GAIN = 0.11
"""RMS of speech in the mix, −19 dB below full scale."""


def mix(film: Film) -> Signal:
    """Return the sound track of ``film``: float64 (n,) within [−1, 1] at ``RATE``."""
    count = round(film.duration_s * RATE)
    track = np.zeros(count)
    for name in sorted({name for b in film.beats for name in b.beds}):
        level = _gain(film, name, count)
        heard = np.flatnonzero(level)
        if len(heard):
            first, last = int(heard[0]), int(heard[-1]) + 1
            track[first:last] += bed(name, _random(film, name), last - first) * level[first:last]
    for b in film.beats:
        began = film.time_s(b.start_frame)
        for k, (offset_s, name, gain) in enumerate(b.hits):
            if name not in ONE_SHOTS:
                raise ValueError(f"no sound is named {name!r}; allowed: {', '.join(sorted(ONE_SHOTS))}.")
            one = ONE_SHOTS[name](_random(film, f"{b.start_frame}/{k}/{name}"))
            _lay(track, one * gain / max(1e-9, float(np.abs(one).max())), began + offset_s)
        for k, line in enumerate(b.lines):
            voice = babble(_random(film, f"{b.start_frame}/say{k}"), line.seconds, line.voice)
            loud = VOICE_GAIN * (1.5 if line.voice == "shout" else 1.0)
            _lay(track, voice * loud, began + line.offset_s)
    return _limit(track)


def _random(film: Film, what: str) -> Random:
    return np.random.default_rng(zlib.crc32(f"{film.file}/{what}".encode()))


def _lay(track: Signal, one: Signal, at_s: float) -> None:
    at = max(0, round(at_s * RATE))
    room = min(len(one), len(track) - at)
    if room > 0:
        track[at : at + room] += one[:room]


def _gain(film: Film, name: str, count: int) -> Signal:
    """Gain of one bed per sample: steps at beats, eased over 0.3 s inside a shot and 0.02 s at a cut."""
    gain = np.zeros(count)
    level = 0.0
    for b in film.beats:
        first, last = round(film.time_s(b.start_frame) * RATE), round(film.time_s(b.end_frame) * RATE)
        wanted = float(b.beds.get(name, 0.0))
        gain[first:last] = wanted
        ease = round((0.02 if b.join == "cut" else 0.3) * RATE)
        ease = min(ease, last - first, count - first)
        if ease > 0 and wanted != level:
            gain[first : first + ease] = np.linspace(level, wanted, ease)
        level = wanted
    for length, rising in ((film.fade_in_frames, True), (film.fade_out_frames, False)):
        n = min(count, round(length / film.fps * RATE))
        if n and rising:
            gain[:n] *= np.linspace(0, 1, n)
        elif n:
            gain[count - n :] *= np.linspace(1, 0, n)
    return gain


def _limit(track: Signal) -> Signal:
    """Bend peaks above 0.7 softly, so that a bang over a roar does not clip."""
    over = np.abs(track) > 0.7
    bent = 0.7 + 0.28 * np.tanh((np.abs(track) - 0.7) / 0.28)
    return np.where(over, np.sign(track) * bent, track)
