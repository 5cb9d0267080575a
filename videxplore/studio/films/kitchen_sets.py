"""Pictures of the film *Tomato soup*: the kitchen, the chopping board, the stove, the table."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from videxplore.studio.canvas import HEIGHT, SIZE, WIDTH, Pen, glow, label, place, relight, speckle
from videxplore.studio.director import Picture
from videxplore.studio.props import SKIN, bust, shade

RED, LEAF, WOOD = (214, 40, 32), (64, 142, 58), (196, 142, 88)


@lru_cache(maxsize=1)
def _kitchen() -> Image.Image:
    pen = Pen(SIZE, (238, 228, 206))
    for x in range(0, WIDTH, 24):
        for y in range(96, 190, 24):
            pen.rect(
                x + 1, y + 1, x + 23, y + 23, (248, 244, 234) if (x // 24 + y // 24) % 2 else (196, 220, 226)
            )
    pen.rect(0, 190, WIDTH, 204, (168, 112, 66))
    pen.rect(0, 204, WIDTH, HEIGHT, (232, 222, 200))
    for x in range(10, WIDTH, 118):
        pen.rect(x, 212, x + 106, HEIGHT, (214, 200, 172))
        pen.rect(x + 46, 220, x + 60, 223, (120, 110, 96))
    pen.rect(18, 14, 128, 92, (250, 250, 246))
    pen.rect(24, 20, 122, 86, (160, 208, 240))
    pen.ellipse(98, 38, 11, 11, (255, 244, 190))
    pen.rect(24, 66, 122, 86, (120, 180, 96))
    pen.rect(71, 20, 75, 86, (250, 250, 246))
    pen.rect(330, 42, 470, 48, (168, 112, 66))
    for k, tone in enumerate(((206, 60, 50), (232, 178, 60), (96, 150, 86), (120, 120, 190), (214, 120, 60))):
        pen.rect(338 + k * 26, 20, 356 + k * 26, 42, tone)
        pen.rect(341 + k * 26, 15, 353 + k * 26, 21, shade(tone, 0.7))
    for k, x in enumerate((350, 380, 410)):
        pen.line([(x, 48), (x, 62 + 6 * k)], (80, 80, 84), 2)
        pen.ellipse(x, 70 + 6 * k, 9, 11, (150, 152, 158))
    return pen.finish()


@lru_cache(maxsize=4)
def _tomato(radius: int) -> Image.Image:
    pen = Pen((2 * radius + 4, 2 * radius + 4), None)
    c = radius + 2
    pen.ellipse(c, c + 1, radius, radius * 0.92, RED)
    pen.ellipse(c - radius * 0.3, c - radius * 0.3, radius * 0.28, radius * 0.2, (244, 112, 96))
    for angle in range(0, 360, 72):
        dx, dy = np.cos(np.radians(angle)) * radius * 0.5, np.sin(np.radians(angle)) * radius * 0.22
        pen.line([(c, c - radius * 0.72), (c + dx, c - radius * 0.72 + dy)], LEAF, 3)
    return pen.finish()


@lru_cache(maxsize=8)
def _cook(mouth: int, smile: bool) -> Image.Image:
    image = bust(190, (250, 250, 250), SKIN, (120, 66, 34), mouth, True, None, smile)
    pen = Pen(image.size, None)
    cx = image.width / 2
    pen.rect(cx - 44, 14, cx + 44, 40, (252, 252, 252))
    for dx in (-34, -12, 12, 34):
        pen.ellipse(cx + dx, 12, 20, 13, (252, 252, 252))
    pen.line([(cx - 44, 39), (cx + 44, 39)], (216, 216, 216), 2)
    hat = pen.finish()
    return Image.alpha_composite(image, hat)


def _mouth(u: float) -> int:
    return int(abs(np.sin(u * 12.6) + 0.4 * np.sin(u * 31)) * 2.2)


def title(u: float, t: float) -> Image.Image:
    """The title over the kitchen."""
    frame = relight(_kitchen(), 0.62)
    for k in range(5):
        place(frame, _tomato(22), 90 + 75 * k, 178 - 5 * abs(float(np.sin(u * 3 + k))))
    place(frame, label("TOMATO SOUP", 30, (255, 255, 255), (176, 34, 28), 10), 240, 110)
    return frame


def cook_talks(u: float, t: float) -> Image.Image:
    """The cook talks to the camera."""
    frame = _kitchen().copy()
    place(frame, _cook(_mouth(u), False), 240 + 3 * float(np.sin(u * 2)), HEIGHT + 6, (0.5, 1))
    for k in range(4):
        place(frame, _tomato(17), 350 + 34 * k, 182)
    return frame


def holds_tomato(u: float, t: float) -> Image.Image:
    """The cook lifts a big red tomato to the camera."""
    frame = cook_talks(u, t)
    rise = min(1.0, max(0.0, u / 0.9))
    place(frame, _tomato(46), 356, 270 - 110 * rise)
    return frame


def happy_cook(u: float, t: float) -> Image.Image:
    """The cook smiles."""
    frame = _kitchen().copy()
    place(frame, _cook(_mouth(u) if u < 2.6 else 0, True), 240, HEIGHT + 6, (0.5, 1))
    return frame


@lru_cache(maxsize=2)
def _fridge(opened: bool) -> Image.Image:
    pen = Pen(SIZE, (206, 200, 188))
    pen.rect(130, 0, 350, HEIGHT, (236, 240, 244))
    if not opened:
        pen.line([(130, 96), (350, 96)], (190, 196, 202), 2.4)
        pen.rect(330, 30, 337, 84, (150, 156, 162))
        pen.rect(330, 110, 337, 190, (150, 156, 162))
        return pen.finish()
    pen.rect(138, 6, 342, HEIGHT, (196, 226, 250))
    for y in (70, 140, 210):
        pen.rect(138, y, 342, y + 4, (150, 186, 214))
    for x, y, w, h, tone in (
        (152, 30, 22, 40, (250, 250, 250)),
        (184, 38, 30, 32, (90, 160, 80)),
        (230, 26, 18, 44, (236, 200, 70)),
        (262, 44, 44, 26, (250, 246, 220)),
        (156, 108, 50, 32, (236, 150, 60)),
        (222, 104, 22, 36, (120, 60, 120)),
        (262, 112, 56, 28, (98, 168, 92)),
        (160, 176, 60, 34, (236, 236, 240)),
        (240, 180, 70, 30, (208, 60, 60)),
    ):
        pen.rect(x, y, x + w, y + h, tone)
    pen.poly([(350, 0), (430, -14), (430, 284), (350, 270)], (222, 228, 234))
    image = pen.finish()
    place(image, glow(150, (230, 244, 255), 0.6), 240, 20)
    return image


def fridge_opens(u: float, t: float) -> Image.Image:
    """The fridge opens: cold blue light."""
    return Image.blend(_fridge(False), _fridge(True), min(1.0, max(0.0, (u - 0.6) / 0.5)))


def fridge_shuts(u: float, t: float) -> Image.Image:
    """The fridge is shut."""
    return Image.blend(_fridge(True), _fridge(False), min(1.0, max(0.0, u / 0.44)))


@lru_cache(maxsize=1)
def _board() -> Image.Image:
    pen = Pen(SIZE, (120, 84, 58))
    for y in range(0, HEIGHT, 9):
        pen.line([(0, y), (WIDTH, y + 6)], (110, 76, 52), 1.2)
    pen.rect(52, 30, 428, 242, (224, 180, 122))
    for y in range(38, 242, 12):
        pen.line([(52, y), (428, y + 3)], (212, 166, 108), 1.4)
    pen.ellipse(404, 56, 9, 9, (120, 84, 58))
    return speckle(pen.finish(), 3, 5)


@lru_cache(maxsize=1)
def _white_board() -> Image.Image:
    pen = Pen(SIZE, (70, 112, 132))
    for y in range(0, HEIGHT, 24):
        pen.line([(0, y), (WIDTH, y)], (84, 130, 150), 3)
    pen.rect(40, 40, 440, 236, (226, 232, 228))
    pen.rect(48, 48, 432, 228, (212, 222, 216))
    return pen.finish()


@lru_cache(maxsize=1)
def _knife() -> Image.Image:
    pen = Pen((196, 60), None)
    pen.poly([(0, 30), (8, 44), (120, 50), (120, 18), (30, 18)], (206, 212, 218))
    pen.line([(4, 38), (120, 48)], (246, 248, 250), 3)
    pen.rect(120, 20, 190, 42, (50, 36, 30))
    return pen.finish()


def _slice(colour: tuple[int, int, int], seeds: bool) -> Image.Image:
    pen = Pen((30, 44), None)
    pen.ellipse(15, 22, 12, 20, colour)
    pen.ellipse(15, 22, 9, 16, shade(colour, 1.25))
    if seeds:
        for dx, dy in ((-4, -6), (4, -5), (-3, 6), (4, 7)):
            pen.ellipse(15 + dx, 22 + dy, 1.6, 2.4, (250, 214, 120))
    return pen.finish()


@lru_cache(maxsize=4)
def pieces(colour: tuple[int, int, int], seeds: bool) -> Image.Image:
    """A slice of a vegetable, with seeds where it is a tomato, as a sprite."""
    return _slice(colour, seeds)


def _hand(frame: Image.Image, x: float, y: float) -> None:
    place(frame, _fist(), x, y)


@lru_cache(maxsize=1)
def _fist() -> Image.Image:
    pen = Pen((110, 76), None)
    pen.line([(110, 50), (52, 40)], (250, 250, 250), 38)
    pen.ellipse(40, 38, 30, 24, SKIN)
    for k in range(4):
        pen.ellipse(14 + 3 * k, 26 + 9 * k, 12, 6.5, shade(SKIN, 0.95))
    return pen.finish()


def tomatoes_on_board(u: float, t: float) -> Image.Image:
    """Hands lay tomatoes on the chopping board."""
    frame = _board().copy()
    for k in range(3):
        if u > 0.5 + 0.8 * k:
            place(frame, _tomato(38), 120 + 92 * k, 140)
    k = min(2, int(max(0.0, u - 0.1) / 0.8))
    _hand(frame, 160 + 92 * k, 120 + 40 * abs(float(np.sin(u * 3.9))))
    return frame


def chopping(rate_hz: float, colour: tuple[int, int, int], seeds: bool) -> Picture:
    """Return a picture of a knife that cuts at ``rate_hz``; slices pile up."""

    def picture(u: float, t: float) -> Image.Image:
        frame = (_board() if seeds else _white_board()).copy()
        cuts = max(0, int(u * rate_hz))
        for k in range(min(cuts, 26)):
            place(frame, pieces(colour, seeds), 92 + (k % 9) * 20, 92 + (k // 9) * 42)
        whole = _tomato(46) if seeds else _onion()
        place(frame, whole, 300, 150)
        lift = 26 * abs(float(np.cos(np.pi * rate_hz * u)))
        place(frame, _knife(), 330, 150 - lift)
        _hand(frame, 424, 146 - lift)
        _hand(frame, 350, 190)
        return frame

    return picture


@lru_cache(maxsize=1)
def _onion() -> Image.Image:
    pen = Pen((96, 96), None)
    pen.ellipse(48, 50, 42, 38, (246, 240, 226))
    for r in (34, 25, 15):
        pen.arc(48, 50, r, 0, 360, (214, 200, 178), 2)
    return pen.finish()


def sliced(u: float, t: float) -> Image.Image:
    """Sliced tomatoes lie on the board; nothing moves."""
    frame = _board().copy()
    for k in range(26):
        place(frame, pieces(RED, True), 92 + (k % 9) * 20, 92 + (k // 9) * 42)
    return frame
