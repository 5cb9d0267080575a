"""Pictures of the film *Night street* beside the street itself: the lit flat and the dark alley."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from videxplore.studio.canvas import HEIGHT, SIZE, WIDTH, Pen, glow, gradient, place
from videxplore.studio.props import person


@lru_cache(maxsize=2)
def _room(door_open: bool) -> Image.Image:
    pen = Pen(SIZE, (226, 202, 164))
    pen.rect(0, 205, WIDTH, HEIGHT, (150, 104, 66))
    for x in range(0, WIDTH, 46):
        pen.line([(x, 205), (x - 30, HEIGHT)], (132, 90, 56), 1.2)
    pen.rect(0, 200, WIDTH, 206, (240, 232, 216))
    pen.rect(36, 50, 124, 140, (250, 246, 236))
    pen.rect(42, 56, 118, 134, (26, 30, 62))
    pen.rect(79, 56, 81, 134, (250, 246, 236))
    pen.poly([(30, 44), (62, 44), (48, 150), (30, 150)], (176, 62, 58))
    pen.poly([(130, 44), (98, 44), (112, 150), (130, 150)], (176, 62, 58))
    pen.rect(196, 62, 262, 112, (120, 84, 50))
    pen.rect(201, 67, 257, 107, (120, 170, 190))
    pen.poly([(201, 107), (222, 82), (238, 98), (247, 88), (257, 107)], (80, 130, 84))
    pen.rect(352, 52, 430, 205, (250, 246, 236))
    if door_open:
        pen.rect(358, 58, 424, 205, (24, 22, 30))
        pen.poly([(424, 58), (456, 44), (456, 222), (424, 205)], (128, 82, 48))
    else:
        pen.rect(358, 58, 424, 205, (150, 98, 58))
        pen.rect(366, 68, 416, 122, (136, 88, 52))
        pen.rect(366, 136, 416, 192, (136, 88, 52))
        pen.ellipse(416, 132, 3.2, 3.2, (230, 200, 90))
    pen.rect(286, 0, 288, 40, (60, 60, 60))
    pen.poly([(264, 58), (310, 58), (298, 38), (276, 38)], (236, 120, 60))
    image = pen.finish()
    place(image, glow(130, (255, 240, 200), 0.55), 287, 80)
    return image


@lru_cache(maxsize=1)
def _table() -> Image.Image:
    pen = Pen((150, 70), None)
    pen.rect(0, 4, 150, 13, (176, 118, 70))
    pen.rect(12, 13, 20, 70, (140, 92, 54))
    pen.rect(130, 13, 138, 70, (140, 92, 54))
    pen.rect(96, -2, 110, 5, (240, 240, 236))
    return pen.finish()


def reading(u: float, t: float) -> Image.Image:
    """A man in a green jumper sits at the table of a lit room."""
    frame = _room(False).copy()
    place(frame, person(120, (70, 130, 84), (60, 62, 80)), 208, 252, (0.5, 1))
    place(frame, _table(), 232, 246, (0.5, 1))
    return frame


def phone(u: float, t: float) -> Image.Image:
    """The man lifts his head and arms: the bell rings."""
    frame = _room(False).copy()
    place(
        frame,
        person(120, (70, 130, 84), (60, 62, 80), arms="up" if 0.5 < u < 1.9 else "down"),
        208,
        252,
        (0.5, 1),
    )
    place(frame, _table(), 232, 246, (0.5, 1))
    return frame


def to_the_door(u: float, t: float) -> Image.Image:
    """The man walks to the door and opens it."""
    frame = _room(u > 2.9).copy()
    x = 208 + min(1.0, u / 3.4) * 184
    place(frame, _table(), 232, 246, (0.5, 1))
    place(
        frame,
        person(120, (70, 130, 84), (60, 62, 80), stride=round(np.sin(u * 7) * 3) / 3, arms="swing"),
        x,
        246,
        (0.5, 1),
    )
    return frame


def door_slams(u: float, t: float) -> Image.Image:
    """The door falls shut behind him."""
    frame = _room(u < 0.3).copy()
    place(frame, _table(), 232, 246, (0.5, 1))
    shake = 3 * np.exp(-max(0.0, u - 0.3) / 0.12) * np.sin(u * 60) if u > 0.3 else 0
    return (
        frame.transform(SIZE, Image.Transform.AFFINE, (1, 0, float(shake), 0, 1, 0))
        if abs(shake) > 0.4
        else frame
    )


def empty_room(u: float, t: float) -> Image.Image:
    """The lit room with nobody in it."""
    frame = _room(False).copy()
    place(frame, _table(), 232, 246, (0.5, 1))
    return frame


@lru_cache(maxsize=1)
def _alley() -> Image.Image:
    pen = Pen(SIZE, gradient(SIZE, [(0, (10, 12, 26)), (1, (20, 22, 36))]))
    pen.poly([(0, 0), (150, 40), (150, 200), (0, 270)], (30, 28, 38))
    pen.poly([(480, 0), (330, 40), (330, 200), (480, 270)], (26, 26, 36))
    pen.poly([(0, 270), (150, 200), (330, 200), (480, 270)], (18, 18, 26))
    for row in range(9):
        pen.line([(0, 20 + 30 * row), (150, 56 + 16 * row)], (22, 20, 30), 1.4)
        pen.line([(480, 20 + 30 * row), (330, 56 + 16 * row)], (20, 20, 28), 1.4)
    pen.rect(196, 60, 284, 200, (16, 18, 32))
    pen.ellipse(240, 66, 15, 15, (214, 220, 235))
    pen.rect(60, 180, 104, 236, (44, 52, 50))
    pen.rect(56, 174, 108, 182, (60, 70, 66))
    image = pen.finish()
    place(image, glow(70, (170, 185, 225), 0.35), 240, 66)
    return image


@lru_cache(maxsize=8)
def _cat(step: int) -> Image.Image:
    pen = Pen((56, 34), None)
    fur = (6, 6, 10)
    pen.ellipse(27, 16, 17, 7, fur)
    pen.ellipse(45, 11, 7, 6.4, fur)
    pen.poly([(40, 8), (41, 0), (45, 6)], fur)
    pen.poly([(45, 6), (50, 0), (51, 8)], fur)
    for k, x in enumerate((16, 22, 34, 40)):
        pen.line([(x, 18), (x + (3 if (k + step) % 2 else -3), 33)], fur, 2.6)
    pen.line([(11, 14), (3, 8), (2, 0)], fur, 2.6)
    pen.ellipse(47.5, 10.5, 1.1, 1.4, (180, 230, 90))
    return pen.finish()


def quiet_alley(u: float, t: float) -> Image.Image:
    """A dark, dry alley under the moon, no one there."""
    return _alley().copy()


def cat_walks(u: float, t: float) -> Image.Image:
    """A black cat walks through the alley."""
    frame = _alley().copy()
    place(frame, glow(70, (120, 130, 170), 0.5, 0.3), 110 + 62 * u, 232)
    place(frame, _cat(int(u * 5) % 2), 110 + 62 * u, 238, (0.5, 1))
    return frame
