"""Things and people that several films show, painted once as sprites."""

from __future__ import annotations

import math
from functools import lru_cache

from PIL import Image

from videxplore.studio.canvas import Colour, Pen

SKIN: Colour = (224, 172, 138)
DARK_SKIN: Colour = (128, 84, 58)


def shade(colour: Colour, factor: float) -> Colour:
    """Return a darker (below 1) or lighter colour."""
    return tuple(min(255, round(c * factor)) for c in colour)  # type: ignore[return-value]


@lru_cache(maxsize=512)
def person(
    height: int,
    shirt: Colour,
    trousers: Colour = (40, 40, 50),
    skin: Colour = SKIN,
    hair: Colour = (60, 40, 25),
    stride: float = 0.0,
    arms: str = "down",
    facing: int = 1,
) -> Image.Image:
    """Return a standing or walking figure of ``height`` pixels; anchor it at the bottom middle.

    Args:
        height: in pixels, head to sole.
        shirt: colour of the upper body.
        trousers: colour of the legs.
        skin: colour of face and hands.
        hair: colour of the hair.
        stride: angle of the step, −1 to 1; 0 stands.
        arms: ``"down"``, ``"up"``, ``"swing"`` or ``"point"`` (one arm stretched forward).
        facing: 1 looks right, −1 left.
    """
    h = float(height)
    width = round(h * 0.9)
    pen = Pen((width, height), None, 4)
    x = width / 2
    hip, neck, head = h * 0.52, h * 0.2, h * 0.09
    swing = stride * h * 0.2
    thick = h * 0.095
    for side, tone in ((-1, 0.8), (1, 1.0)):
        pen.line(
            [(x, hip), (x + side * swing * 0.5, h * 0.76), (x + side * swing, h * 0.97)],
            shade(trousers, tone),
            thick,
        )
    pen.poly(
        [(x - h * 0.1, neck), (x + h * 0.1, neck), (x + h * 0.085, hip + 1), (x - h * 0.085, hip + 1)], shirt
    )
    pen.ellipse(x, neck + h * 0.02, h * 0.1, h * 0.05, shirt)
    _arms(pen, x, h, neck, arms, stride, shirt, skin, facing)
    pen.ellipse(x + facing * h * 0.01, head, h * 0.075, h * 0.09, skin)
    pen.ellipse(x - facing * h * 0.012, head - h * 0.03, h * 0.078, h * 0.065, hair)
    return pen.finish()


def _arms(
    pen: Pen,
    x: float,
    h: float,
    neck: float,
    arms: str,
    stride: float,
    shirt: Colour,
    skin: Colour,
    facing: int,
) -> None:
    thick, shoulder = h * 0.065, neck + h * 0.04
    ends = {
        "down": [(-0.13, 0.5), (0.13, 0.5)],
        "up": [(-0.2, 0.0), (0.2, 0.0)],
        "swing": [(-0.16 * stride - 0.05, 0.46), (0.16 * stride + 0.05, 0.46)],
        "point": [(facing * 0.38, 0.24), (-facing * 0.12, 0.5)],
    }[arms]
    for k, (dx, y) in enumerate(ends):
        sx = x + (-1 if k == 0 else 1) * h * 0.085 * (facing if arms == "point" else 1)
        end = (x + dx * h, max(h * 0.04, y * h))
        mid = ((sx + end[0]) / 2, (shoulder + end[1]) / 2)
        pen.line([(sx, shoulder), mid], shade(shirt, 0.9), thick)
        pen.line([mid, end], skin, thick * 0.85)


@lru_cache(maxsize=128)
def bust(
    height: int,
    shirt: Colour,
    skin: Colour = SKIN,
    hair: Colour = (60, 40, 25),
    mouth: int = 0,
    long_hair: bool = False,
    tie: Colour | None = None,
    smile: bool = False,
) -> Image.Image:
    """Return head and shoulders of ``height`` pixels; ``mouth`` 0 (closed) to 3. Anchor at the bottom."""
    h, width = float(height), round(height * 1.05)
    pen, x = Pen((width, height), None, 3), width / 2
    if long_hair:
        pen.ellipse(x, h * 0.36, h * 0.27, h * 0.34, hair)
        pen.rect(x - h * 0.27, h * 0.36, x + h * 0.27, h * 0.66, hair)
    pen.poly(
        [(x - h * 0.5, h), (x - h * 0.44, h * 0.78), (x - h * 0.14, h * 0.68), (x + h * 0.14, h * 0.68),
         (x + h * 0.44, h * 0.78), (x + h * 0.5, h)], shirt)  # fmt: skip
    pen.poly(
        [
            (x - h * 0.1, h * 0.55),
            (x + h * 0.1, h * 0.55),
            (x + h * 0.12, h * 0.72),
            (x, h * 0.8),
            (x - h * 0.12, h * 0.72),
        ],
        shade(skin, 0.85),
    )
    if tie:
        pen.poly(
            [
                (x, h * 0.75),
                (x + h * 0.05, h * 0.84),
                (x + h * 0.035, h),
                (x - h * 0.035, h),
                (x - h * 0.05, h * 0.84),
            ],
            tie,
        )
    pen.ellipse(x, h * 0.36, h * 0.2, h * 0.26, skin)
    for side in (-1, 1):
        pen.ellipse(x + side * h * 0.2, h * 0.38, h * 0.03, h * 0.05, shade(skin, 0.9))
        pen.ellipse(x + side * h * 0.08, h * 0.34, h * 0.034, h * 0.022, (245, 245, 245))
        pen.ellipse(x + side * h * 0.08, h * 0.34, h * 0.016, h * 0.018, (40, 30, 30))
        pen.line([(x + side * h * 0.045, h * 0.285), (x + side * h * 0.12, h * 0.285)], hair, h * 0.014)
    pen.line(
        [(x, h * 0.36), (x + h * 0.025, h * 0.44), (x - h * 0.005, h * 0.445)], shade(skin, 0.8), h * 0.012
    )
    if smile and not mouth:
        pen.arc(x, h * 0.46, h * 0.09, 25, 155, (150, 60, 60), h * 0.022)
    else:
        pen.ellipse(x, h * 0.515, h * 0.07, h * (0.008 + 0.016 * mouth), (130, 50, 50))
    pen.poly(
        [(x - h * 0.215, h * 0.34), (x - h * 0.22, h * 0.2), (x - h * 0.12, h * 0.09), (x + h * 0.1,
               h * 0.08),
         (x + h * 0.21, h * 0.19), (x + h * 0.215, h * 0.34), (x + h * 0.15, h * 0.22), (x - h * 0.1,
         h * 0.2)], hair)  # fmt: skip
    return pen.finish()


@lru_cache(maxsize=64)
def car(length: int, colour: Colour, facing: int = 1, lamps: bool = False, turn: int = 0) -> Image.Image:
    """Return a car seen from the side; ``turn`` 0–3 turns the wheels. Anchor at the bottom."""
    n = float(length)
    height = round(n * 0.36)
    pen = Pen((length, height), None, 3)
    h = float(height)
    body = [
        (0.02, 0.62),
        (0.03, 0.45),
        (0.2, 0.38),
        (0.32, 0.08),
        (0.62, 0.06),
        (0.77, 0.38),
        (0.96, 0.46),
        (0.99, 0.62),
        (0.98, 0.82),
        (0.02, 0.82),
    ]
    pen.poly([(a * n, b * h) for a, b in body], colour)
    pen.poly(
        [(a * n, b * h) for a, b in [(0.02, 0.68), (0.99, 0.68), (0.98, 0.82), (0.02, 0.82)]],
        shade(colour, 0.7),
    )
    glass = (150, 185, 205) if not lamps else (50, 60, 75)
    pen.poly([(a * n, b * h) for a, b in [(0.235, 0.38), (0.335, 0.13), (0.46, 0.12), (0.46, 0.38)]], glass)
    pen.poly([(a * n, b * h) for a, b in [(0.49, 0.12), (0.61, 0.12), (0.735, 0.38), (0.49, 0.38)]], glass)
    for wx in (0.2, 0.78):
        pen.ellipse(wx * n, 0.8 * h, 0.088 * n, 0.2 * h * 1.2, (20, 20, 22))
        pen.ellipse(wx * n, 0.8 * h, 0.045 * n, 0.13 * h, (170, 170, 175))
        angle = turn * math.pi / 4
        dx, dy = math.cos(angle) * 0.045 * n, math.sin(angle) * 0.13 * h
        pen.line([(wx * n - dx, 0.8 * h - dy), (wx * n + dx, 0.8 * h + dy)], (60, 60, 65), n * 0.012)
    pen.ellipse(0.965 * n, 0.54 * h, 0.018 * n, 0.06 * h, (255, 245, 190) if lamps else (230, 230, 220))
    pen.rect(0.015 * n, 0.48 * h, 0.04 * n, 0.6 * h, (255, 40, 30) if lamps else (150, 20, 20))
    image = pen.finish()
    return image if facing > 0 else image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


@lru_cache(maxsize=64)
def tree(height: int, leaves: Colour, kind: str = "round", trunk: Colour = (84, 58, 38)) -> Image.Image:
    """Return a tree (``"round"`` or ``"fir"``); anchor at the bottom."""
    h = float(height)
    width = round(h * 0.7)
    pen = Pen((width, height), None, 3)
    x = width / 2
    pen.rect(x - h * 0.03, h * 0.6, x + h * 0.03, h, trunk)
    if kind == "fir":
        for k in range(4):
            top, wide = h * (0.02 + 0.19 * k), h * (0.13 + 0.065 * k)
            pen.poly(
                [(x, top), (x + wide, top + h * 0.3), (x - wide, top + h * 0.3)], shade(leaves, 1.1 - 0.1 * k)
            )
        return pen.finish()
    blobs = [(0, 0.3, 0.27), (-0.17, 0.42, 0.2), (0.17, 0.42, 0.2), (0, 0.5, 0.22), (-0.08, 0.24, 0.16)]
    for k, (dx, y, r) in enumerate(blobs):
        pen.ellipse(x + dx * h, y * h, r * h, r * h * 0.9, shade(leaves, 0.85 + 0.08 * k))
    return pen.finish()


@lru_cache(maxsize=32)
def cloud(width: int, colour: Colour = (245, 248, 252)) -> Image.Image:
    """Return a heap cloud; anchor where you like."""
    w = float(width)
    height = round(w * 0.4)
    pen = Pen((width, height), None, 3)
    h = float(height)
    for x, y, r in (
        (0.2, 0.68, 0.17),
        (0.38, 0.45, 0.22),
        (0.6, 0.48, 0.23),
        (0.8, 0.68, 0.17),
        (0.5, 0.7, 0.25),
    ):
        pen.ellipse(x * w, y * h, r * w, r * w * 0.85, shade(colour, 1.0 if y < 0.6 else 0.95))
    return pen.finish()
