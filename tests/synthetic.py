"""Pictures and sounds made of numbers, measured without any file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from videxplore.stages.features.cuts import CutDistances
from videxplore.stages.features.picture import PictureScan
from videxplore.stages.features.resize import halve
from videxplore.stages.features.sound import measure_sound
from videxplore.values.media import AudioClip, Measurements, Video

FPS = 25.0
RATE = 16_000


def measure_arrays(rgb: np.ndarray, samples: np.ndarray | None = None, fps: float = FPS) -> Measurements:
    """Measurements of frames (n, 54, 96, 3) and sound, as if they had been decoded."""
    times = np.arange(len(rgb)) / fps
    scan, cuts = PictureScan(), CutDistances()
    for first in range(0, len(rgb), 64):
        scan.push(rgb[first : first + 64], times[first : first + 64])
        cuts.push(halve(rgb[first : first + 64]), times[first : first + 64])
    sound = None if samples is None else measure_sound([AudioClip(samples.astype(np.float32), RATE)])
    video = Video(Path("made.mp4"), "0" * 16, len(rgb) / fps, 96, 54, fps, len(rgb), "raw", sound is not None)
    return Measurements(video, scan.series(), cuts.series(), sound)


def plain(colour: tuple[int, int, int], seconds: float = 2.0) -> np.ndarray:
    """Frames of one colour."""
    return np.full((round(seconds * FPS), 54, 96, 3), colour, np.uint8)


def textured(seed: int = 0, low: int = 0, high: int = 255) -> np.ndarray:
    """A large soft noise picture (216, 384, 3) to move a window over."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(low, high, (54, 96, 3)).astype(np.float64)
    fine = coarse.repeat(4, 0).repeat(4, 1)
    for axis in (0, 1):
        fine = (np.roll(fine, 1, axis) + fine + np.roll(fine, -1, axis)) / 3
    return fine.astype(np.uint8)


def moving(dx: float, dy: float = 0.0, seconds: float = 2.0, seed: int = 0) -> np.ndarray:
    """A camera that turns by ``dx``, ``dy`` pixels per frame over a still picture."""
    big = textured(seed)
    frames = []
    for i in range(round(seconds * FPS)):
        y, x = round(60 + dy * i) % 160, round(120 + dx * i) % 280
        frames.append(big[y : y + 54, x : x + 96])
    return np.stack(frames)


def noise(seconds: float, level: float, seed: int = 0) -> np.ndarray:
    """White noise of root mean square ``level``."""
    return np.random.default_rng(seed).normal(0, level, round(seconds * RATE))


def tone(seconds: float, hertz: float, level: float = 0.1) -> np.ndarray:
    """A sine."""
    return level * np.sqrt(2) * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


def speech_like(seconds: float, seed: int = 0, level: float = 0.1) -> np.ndarray:
    """Voiced and hissing syllables with gaps, about four per second."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(seconds * RATE))
    at = 0.05
    while at < seconds - 0.4:
        length = rng.uniform(0.1, 0.22)
        t = np.arange(round(length * RATE)) / RATE
        shape = np.sin(np.pi * t / length) ** 0.7
        if rng.random() < 0.75:
            pitch = rng.uniform(95, 190) * (1 - 0.2 * t / length)
            phase = 2 * np.pi * np.cumsum(pitch) / RATE
            sound = sum(np.sin(k * phase) / k for k in range(1, 15))
        else:
            sound = 0.25 * np.diff(rng.normal(0, 1, len(t) + 1))
        first = round(at * RATE)
        out[first : first + len(t)] += shape * sound
        at += length + (rng.uniform(0.02, 0.1) if rng.random() < 0.8 else rng.uniform(0.25, 0.5))
    return out * level / out.std()


def music_like(seconds: float, seed: int = 0, level: float = 0.1) -> np.ndarray:
    """Chords on a beat of 120 per minute."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(seconds * RATE))
    for beat in np.arange(0, seconds - 0.5, 0.5):
        t = np.arange(round(0.5 * RATE)) / RATE
        root = 220 * 2 ** (rng.choice([0, 2, 4, 5, 7, 9]) / 12)
        chord = sum(np.sin(2 * np.pi * root * ratio * t) for ratio in (1, 1.25, 1.5, 2))
        first = round(beat * RATE)
        out[first : first + len(t)] += chord * np.exp(-4 * t) * np.minimum(1, t / 0.005)
    return out * level / out.std()


def bang(level: float, seed: int = 0, decay_s: float = 0.12) -> np.ndarray:
    """Noise that starts at once and dies away."""
    t = np.arange(round(6 * decay_s * RATE)) / RATE
    return np.random.default_rng(seed).normal(0, level, len(t)) * np.exp(-t / decay_s)


def reencode(source: Path, target: Path, *, crf: int = 32, keep: int = 4) -> Path:
    """The pictures of ``source`` at half the size, coarser, every fifth frame left out; no sound."""
    import av

    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        track = old.streams.video[0]
        out = new.add_stream("libx264", rate=track.average_rate, options={"crf": str(crf)})
        out.width, out.height = track.width // 4 * 2, track.height // 4 * 2
        out.pix_fmt, out.time_base = "yuv420p", track.time_base
        for number, frame in enumerate(old.decode(track)):
            if number % (keep + 1) == keep:
                continue
            small = frame.reformat(out.width, out.height, "yuv420p")
            small.pts, small.time_base = frame.pts, frame.time_base
            new.mux(out.encode(small))
        new.mux(out.encode(None))
    return target
