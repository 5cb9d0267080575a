"""A film of many short segments, each a known combination of attributes: hard negatives by construction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from synthetic import FPS, RATE, bang, measure_arrays, music_like, noise, speech_like, textured, tone

from videxplore.values.media import Measurements, Span

SECONDS = 3.0
TINTS = {
    "red": (1.0, 0.16, 0.14),
    "green": (0.2, 0.8, 0.25),
    "blue": (0.15, 0.3, 1.0),
    "grey": (0.6, 0.6, 0.6),
}
MOTIONS = ("still", "pan_left", "pan_right", "fast", "objects")
SOUNDS = ("silence", "roar", "speech", "music", "whistle")


@dataclass(frozen=True)
class Piece:
    """What one segment shows and sounds like."""

    tint: str
    dark: bool
    motion: str
    sound: str
    bang: bool
    flash: bool

    def facts(self) -> dict[str, bool]:
        """Every fact by name, true or false."""
        facts = {t: self.tint == t for t in TINTS} | {m: self.motion == m for m in MOTIONS}
        facts |= {s: self.sound == s for s in SOUNDS}
        return facts | {"dark": self.dark, "bang": self.bang, "flash": self.flash}


def make_world(count: int = 160, seed: int = 0) -> tuple[list[Piece], list[Span], Measurements]:
    """Random pieces in one film, their spans and its measurements."""
    rng = np.random.default_rng(seed)
    pieces = [
        Piece(
            str(rng.choice(list(TINTS))), bool(rng.random() < 0.5), str(rng.choice(MOTIONS)),
            str(rng.choice(SOUNDS)), bool(rng.random() < 0.15), bool(rng.random() < 0.15),
        )
        for _ in range(count)
    ]  # fmt: skip
    frames = np.concatenate([_draw(piece, i, rng) for i, piece in enumerate(pieces)])
    sound = np.concatenate([_play(piece, i, rng) for i, piece in enumerate(pieces)])
    spans = [Span(i * SECONDS, (i + 1) * SECONDS) for i in range(count)]
    return pieces, spans, measure_arrays(frames, sound)


def _draw(piece: Piece, seed: int, rng: np.random.Generator) -> np.ndarray:
    low, high = (4, 60) if piece.dark else (110, 255)
    big = textured(seed % 7, low, high)[..., :1] * np.array(TINTS[piece.tint])
    step = {"pan_left": -1.2, "pan_right": 1.2, "fast": rng.choice([-4.0, 4.0])}.get(piece.motion, 0.0)
    x0, y0 = (140 + rng.integers(0, 20), 60 + rng.integers(0, 20))
    frames = []
    for i in range(round(SECONDS * FPS)):
        x = int(x0 + step * i) % 288 if step else int(x0)
        frames.append(np.take(big[y0 : y0 + 54], np.arange(x, x + 96) % 384, axis=1))
        if piece.motion == "objects":
            at = 6 + int(1.1 * i)
            frames[-1] = frames[-1].copy()
            frames[-1][18:34, at % 76 : at % 76 + 20] = textured(3, low, high)[:16, :20] * np.array(
                TINTS[piece.tint]
            )
    made = np.stack(frames)
    if piece.flash:
        at = rng.integers(15, 60)
        made[at : at + 3] = made[at : at + 3] * 0.3 + 170
    return made.clip(0, 255).astype(np.uint8)


def _play(piece: Piece, seed: int, rng: np.random.Generator) -> np.ndarray:
    makers = {
        "silence": lambda: noise(SECONDS, 2e-4, seed), "roar": lambda: noise(SECONDS, 0.06, seed),
        "speech": lambda: speech_like(SECONDS, seed, 0.06) + noise(SECONDS, 3e-4, seed),
        "music": lambda: music_like(SECONDS, seed, 0.06) + noise(SECONDS, 3e-4, seed),
        "whistle": lambda: tone(SECONDS, rng.uniform(2200, 4000), 0.06) + noise(SECONDS, 1e-3, seed),
    }  # fmt: skip
    sound = makers[piece.sound]()
    if piece.bang:
        shot = bang(0.5, seed)
        first = round(rng.uniform(0.8, 1.8) * RATE)
        sound[first : first + len(shot)] += shot[: len(sound) - first]
    return sound
