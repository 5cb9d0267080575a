"""Pictures of the film *Tomato soup* at the stove and at the table."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from videxplore.studio.canvas import HEIGHT, SIZE, WIDTH, Pen, glow, gradient, place
from videxplore.studio.films.kitchen_sets import RED, pieces
from videxplore.studio.props import person


@lru_cache(maxsize=1)
def _stove() -> Image.Image:
    pen = Pen(SIZE, (52, 54, 60))
    pen.rect(0, 0, WIDTH, 60, (186, 190, 196))
    for x in (90, 190, 290, 390):
        pen.ellipse(x, 30, 13, 13, (40, 42, 46))
        pen.line([(x, 30), (x + 6, 21)], (230, 230, 230), 2.4)
    pen.ellipse(240, 168, 150, 92, (30, 30, 34))
    pen.ellipse(240, 164, 142, 86, (70, 72, 78))
    pen.ellipse(240, 164, 126, 74, (38, 38, 42))
    pen.rect(376, 150, 480, 174, (30, 30, 34))
    return pen.finish()


def _pan(frame: Image.Image, u: float, kind: str, share: float) -> None:
    rng = np.random.default_rng({"oil": 1, "onion": 2, "tomato": 3}[kind])
    if kind == "oil":
        place(frame, glow(80, (240, 210, 90), 0.8, 0.6), 240 + 8 * float(np.sin(u * 2)), 168)
        return
    tone = (244, 232, 196) if kind == "onion" else RED
    sprite = pieces(tone, kind == "tomato")
    for _ in range(int(30 * share)):
        angle, far = rng.uniform(0, 2 * np.pi), np.sqrt(rng.random())
        jiggle = 2.2 * np.sin(u * 21 + rng.uniform(0, 6))
        place(
            frame, sprite, 240 + 108 * far * np.cos(angle) + jiggle, 166 + 56 * far * np.sin(angle) + jiggle
        )


def steam(frame: Image.Image, u: float, x: float, y: float, amount: float = 0.5) -> None:
    """Lay rising steam over ``frame``."""
    for k in range(5):
        phase = (u * 0.55 + k / 5) % 1
        place(
            frame,
            glow(round(20 + 26 * phase), (240, 240, 240), round(amount * (1 - phase), 1)),
            x + 26 * np.sin(3 * phase + k * 2.1) + (k - 2) * 22,
            y - 120 * phase,
        )


def oil(u: float, t: float) -> Image.Image:
    """Oil shines in the pan."""
    frame = _stove().copy()
    _pan(frame, u, "oil", 1)
    return frame


def onions_in(u: float, t: float) -> Image.Image:
    """Onions fall into the hot pan."""
    frame = _stove().copy()
    _pan(frame, u, "oil", 1)
    _pan(frame, u, "onion", min(1.0, max(0.1, u / 0.7)))
    steam(frame, u, 240, 150, 0.7)
    return frame


def frying(u: float, t: float) -> Image.Image:
    """A wooden spoon stirs the onions."""
    frame = _stove().copy()
    _pan(frame, u, "onion", 1)
    _spoon(frame, u)
    steam(frame, u, 240, 150)
    return frame


def tomatoes_in(u: float, t: float) -> Image.Image:
    """Red tomatoes cover the pan."""
    frame = _stove().copy()
    _pan(frame, u, "onion", 0.6)
    _pan(frame, u, "tomato", min(1.0, max(0.05, u / 1.2)))
    _spoon(frame, u)
    steam(frame, u, 240, 150)
    return frame


def _spoon(frame: Image.Image, u: float) -> None:
    place(frame, _spoon_sprite(), 262 + 62 * np.cos(u * 3.4), 150 + 26 * np.sin(u * 3.4), (0.12, 0.86))


@lru_cache(maxsize=1)
def _spoon_sprite() -> Image.Image:
    pen = Pen((150, 150), None)
    pen.line([(24, 126), (148, 4)], (176, 118, 66), 8)
    pen.ellipse(20, 130, 17, 14, (196, 138, 82))
    return pen.finish()


@lru_cache(maxsize=1)
def _pot() -> Image.Image:
    pen = Pen(SIZE, gradient(SIZE, [(0, (226, 214, 190)), (1, (176, 158, 130))]))
    pen.rect(0, 224, WIDTH, HEIGHT, (60, 62, 66))
    pen.rect(126, 96, 354, 226, (150, 156, 166))
    pen.rect(126, 96, 170, 226, (186, 192, 200))
    pen.rect(96, 122, 128, 138, (70, 72, 78))
    pen.rect(352, 122, 384, 138, (70, 72, 78))
    pen.ellipse(240, 98, 114, 24, (120, 126, 136))
    pen.ellipse(240, 100, 106, 20, (198, 52, 32))
    for x in range(150, 340, 20):
        pen.poly([(x, 240), (x + 6, 226), (x + 12, 240)], (70, 130, 240))
    return pen.finish()


def pours_water(u: float, t: float) -> Image.Image:
    """A jug pours water into the pot."""
    frame = _pot().copy()
    place(frame, _jug(), 300, 40)
    place(frame, _jet(int(u * 12) % 2), 250, 74)
    return frame


@lru_cache(maxsize=1)
def _jug() -> Image.Image:
    pen = Pen((120, 90), None)
    pen.poly([(2, 42), (30, 8), (110, 30), (88, 84)], (170, 214, 240))
    pen.poly([(2, 42), (14, 50), (40, 24), (30, 8)], (120, 180, 220))
    return pen.finish()


@lru_cache(maxsize=2)
def _jet(step: int) -> Image.Image:
    pen = Pen((26, 64), None)
    pen.poly([(13 + step, 0), (20, 2), (18 - 2 * step, 64), (8, 64)], (120, 186, 236))
    return pen.finish()


def boiling(u: float, t: float) -> Image.Image:
    """The soup boils and steams."""
    frame = _pot().copy()
    rng = np.random.default_rng(int(u * 9) + 50)
    for _ in range(9):
        place(
            frame,
            glow(int(rng.integers(5, 10)), (240, 130, 90), 1.0, 0.6),
            240 + rng.uniform(-84, 84),
            100 + rng.uniform(-10, 10),
        )
    steam(frame, u, 240, 92, 0.9)
    return frame


@lru_cache(maxsize=1)
def _plate() -> Image.Image:
    pen = Pen(SIZE, (250, 246, 238))
    for x in range(0, WIDTH, 30):
        pen.rect(x, 0, x + 15, HEIGHT, (222, 232, 244))
    pen.ellipse(240, 144, 150, 106, (206, 206, 206))
    pen.ellipse(240, 140, 150, 104, (255, 255, 255))
    pen.ellipse(240, 140, 112, 76, (230, 230, 232))
    pen.rect(414, 60, 422, 230, (170, 174, 180))
    pen.ellipse(418, 60, 13, 24, (190, 194, 200))
    return pen.finish()


def ladle(u: float, t: float) -> Image.Image:
    """Red soup fills the plate."""
    frame = _plate().copy()
    share = min(1.0, max(0.05, u / 2.6))
    place(frame, _soup(max(8, round(104 * share))), 240, 140)
    return frame


@lru_cache(maxsize=128)
def _soup(radius: int) -> Image.Image:
    pen = Pen((2 * radius, round(1.4 * radius)), None)
    pen.ellipse(radius, radius * 0.7, radius - 1, radius * 0.66, (208, 56, 30))
    pen.ellipse(radius * 0.8, radius * 0.6, radius * 0.5, radius * 0.28, (222, 82, 46))
    return pen.finish()


def soup(u: float, t: float) -> Image.Image:
    """The finished soup with green basil; steam."""
    frame = _plate().copy()
    place(frame, _soup(104), 240, 140)
    for dx, dy in ((-16, -6), (14, -10), (2, 12)):
        place(frame, _basil(), 240 + dx, 138 + dy)
    steam(frame, u, 240, 120, 0.5)
    return frame


@lru_cache(maxsize=1)
def _basil() -> Image.Image:
    pen = Pen((44, 30), None)
    pen.ellipse(22, 15, 20, 11, (58, 148, 62))
    pen.line([(4, 15), (40, 15)], (120, 190, 110), 1.6)
    return pen.finish()


@lru_cache(maxsize=1)
def _table() -> Image.Image:
    pen = Pen(SIZE, gradient(SIZE, [(0, (70, 40, 34)), (1, (112, 66, 46))]))
    pen.rect(0, 196, WIDTH, HEIGHT, (150, 94, 58))
    pen.ellipse(240, 214, 88, 18, (250, 248, 240))
    pen.ellipse(240, 212, 66, 12, (208, 56, 30))
    for x in (90, 390):
        pen.rect(x - 5, 140, x + 5, 206, (240, 234, 214))
    return pen.finish()


def candle_dinner(u: float, t: float) -> Image.Image:
    """Two people eat by candlelight."""
    frame = _table().copy()
    place(frame, person(200, (60, 90, 150), arms="point" if int(u * 1.4) % 2 else "down"), 150, 300, (0.5, 1))
    place(frame, person(196, (170, 70, 100), hair=(190, 140, 60), facing=-1), 330, 300, (0.5, 1))
    for x in (90, 390):
        size = 20 + 2 * float(np.sin(u * 17 + x))
        place(frame, glow(round(size), (255, 220, 120), 1.0, 1.4), x, 128)
        place(frame, glow(84, (255, 180, 90), 0.5), x, 130)
    return frame
