"""Pictures of the film *Sea, forest, snow* on land: trees, a brook, a mountain."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from videxplore.studio.canvas import HEIGHT, SIZE, WIDTH, Pen, glow, gradient, panned, place, relight
from videxplore.studio.props import shade, tree


@lru_cache(maxsize=1)
def _forest() -> Image.Image:
    wide = (WIDTH + 260, HEIGHT)
    image = gradient(wide, [(0, (168, 214, 150)), (0.5, (120, 182, 110)), (1, (70, 120, 60))])
    rng = np.random.default_rng(6)
    for layer in range(3):
        tone = ((96, 150, 90), (66, 128, 62), (40, 98, 44))[layer]
        for x in range(-20, wide[0] + 20, 62 - 8 * layer):
            place(
                image,
                tree(
                    int(rng.integers(150, 190)) + 40 * layer,
                    shade(tone, rng.uniform(0.9, 1.1)),
                    "fir" if rng.random() < 0.4 else "round",
                ),
                x + rng.uniform(-14, 14),
                214 + 24 * layer,
                (0.5, 1),
            )
    pen = Pen((wide[0], 60), (58, 110, 48), 1)
    for x in range(0, wide[0], 5):
        pen.line([(x, 22), (x + rng.uniform(-3, 3), rng.uniform(0, 16))], (84, 146, 62), 1.6)
    image.paste(pen.finish().crop((0, 6, wide[0], 60)), (0, 222))
    for x in (110, 330, 560):
        place(image, glow(90, (240, 255, 190), 0.5, 1.8), x, 80)
    return image


def forest(u: float, t: float) -> Image.Image:
    """The camera moves slowly through a green forest."""
    return panned(_forest(), 9 * t)


def deer(u: float, t: float) -> Image.Image:
    """A deer steps out between the trees and looks around."""
    frame = panned(_forest(), 9 * t)
    x = 500 - 74 * min(u, 3.2)
    place(frame, _deer(int(u * 4) % 2 if u < 3.2 else 0), x, 250, (0.5, 1))
    return frame


@lru_cache(maxsize=2)
def _deer(step: int) -> Image.Image:
    pen = Pen((110, 112), None)
    fur = (156, 100, 58)
    for k, x in enumerate((40, 50, 80, 90)):
        lean = 5 if (k + step) % 2 else -4
        pen.line([(x, 70), (x + lean, 110)], shade(fur, 0.8), 5)
    pen.ellipse(64, 64, 32, 15, fur)
    pen.poly([(38, 62), (22, 30), (34, 26), (52, 54)], fur)
    pen.poly([(34, 36), (8, 34), (12, 24), (32, 22)], fur)
    for side in (0, 9):
        pen.line([(28 + side, 24), (24 + side, 6), (14 + side, 2)], (110, 76, 46), 2.4)
        pen.line([(24 + side, 12), (34 + side, 4)], (110, 76, 46), 2.4)
    pen.ellipse(24, 28, 1.6, 1.6, (10, 10, 10))
    pen.ellipse(96, 58, 4, 5, (240, 232, 220))
    return pen.finish()


def woodpecker(u: float, t: float) -> Image.Image:
    """A woodpecker hammers on a trunk, close up."""
    frame = _trunk().copy()
    hammer = 7 * (int(u * 18) % 2) if 0.3 < u < 1.4 or 2.1 < u < 3.2 else 0
    place(frame, _bird(), 292 - hammer, 130)
    return frame


@lru_cache(maxsize=1)
def _trunk() -> Image.Image:
    image = panned(_forest(), 60).resize((96, 54)).resize(SIZE, Image.Resampling.BICUBIC)
    pen = Pen(SIZE, image)
    pen.rect(130, 0, 262, HEIGHT, (104, 76, 52))
    rng = np.random.default_rng(9)
    for _ in range(70):
        x, y = rng.uniform(132, 260), rng.uniform(0, HEIGHT)
        pen.line([(x, y), (x + rng.uniform(-3, 3), y + rng.uniform(14, 40))], (80, 56, 38), 1.8)
    return pen.finish()


@lru_cache(maxsize=1)
def _bird() -> Image.Image:
    pen = Pen((96, 150), None)
    pen.poly([(40, 40), (70, 52), (74, 100), (60, 148), (50, 146), (40, 100)], (24, 24, 28))
    pen.ellipse(46, 80, 15, 34, (240, 236, 226))
    pen.ellipse(50, 34, 22, 18, (24, 24, 28))
    pen.poly([(32, 26), (44, 8), (70, 16), (66, 28)], (214, 30, 36))
    pen.poly([(30, 32), (0, 36), (30, 40)], (70, 70, 70))
    pen.ellipse(42, 32, 3, 3, (250, 250, 250))
    return pen.finish()


@lru_cache(maxsize=1)
def _brook() -> Image.Image:
    image = panned(_forest(), 200).copy()
    pen = Pen(SIZE, image)
    pen.poly([(200, 150), (270, 150), (420, 270), (40, 270)], (110, 176, 206))
    rng = np.random.default_rng(12)
    for _ in range(14):
        y = rng.uniform(165, 262)
        half = (y - 130) * 1.1
        pen.ellipse(235 + rng.choice([-1, 1]) * half, y, 16, 9, (130, 130, 126))
    return pen.finish()


def brook(u: float, t: float) -> Image.Image:
    """A clear brook runs between stones."""
    frame = _brook().copy()
    for k in range(18):
        s = ((t * 0.5 + k / 18) % 1) ** 1.4
        place(frame, _ripple(), 235 + (k % 5 - 2) * (14 + 56 * s), 154 + 112 * s)
    return frame


@lru_cache(maxsize=1)
def _ripple() -> Image.Image:
    pen = Pen((34, 8), None)
    pen.ellipse(17, 4, 16, 2.4, (226, 242, 250))
    return pen.finish()


@lru_cache(maxsize=1)
def _mountain() -> Image.Image:
    wide = (WIDTH + 100, HEIGHT)
    pen = Pen(wide, gradient(wide, [(0, (120, 170, 226)), (1, (226, 236, 246))]))
    pen.poly([(60, 270), (300, 26), (520, 270)], (206, 216, 232))
    pen.poly([(300, 26), (520, 270), (360, 270), (330, 140)], (160, 178, 206))
    pen.poly([(300, 26), (262, 66), (286, 76), (304, 66), (330, 84), (340, 70)], (252, 254, 255))
    pen.poly([(-20, 270), (120, 120), (300, 270)], (226, 232, 244))
    pen.poly([(330, 270), (480, 108), (620, 270)], (232, 238, 248))
    pen.rect(0, 240, wide[0], HEIGHT, (248, 250, 254))
    image = pen.finish()
    for x in range(20, 580, 66):
        place(image, tree(58, (50, 86, 74), "fir"), x + (x % 37), 258, (0.5, 1))
    return image


@lru_cache(maxsize=3)
def _snowfall(seed: int) -> Image.Image:
    rng = np.random.default_rng(60 + seed)
    pen = Pen((WIDTH, HEIGHT * 2), None, 2)
    for _ in range(130):
        x, y, r = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(0.9, 2.2)
        pen.ellipse(x, y, r, r, (255, 255, 255))
        pen.ellipse(x, y + HEIGHT, r, r, (255, 255, 255))
    return pen.finish()


def snow(u: float, t: float) -> Image.Image:
    """Snow falls on a white mountain."""
    frame = panned(_mountain(), 4 * t)
    for k in range(2):
        layer = _snowfall(k)
        frame.paste(layer, (0, round((40 + 24 * k) * t) % HEIGHT - HEIGHT), layer)
    return frame


def avalanche(u: float, t: float) -> Image.Image:
    """An avalanche thunders down the slope as a white cloud."""
    frame = panned(_mountain(), 4 * t)
    rng = np.random.default_rng(17)
    front = 60 + 62 * u
    for _ in range(46):
        k = rng.random()
        place(
            frame,
            glow(int(rng.integers(18, 44)), (255, 255, 255), 1.0),
            290 + 50 * k * (u + 0.4) + rng.uniform(-40, 40) * (0.4 + u / 3),
            40 + front * k + 5 * np.sin(u * 9 + 40 * k),
        )
    shake = 2 * np.sin(u * 40)
    return frame.transform(SIZE, Image.Transform.AFFINE, (1, 0, float(shake), 0, 1, 0)) if u > 0.3 else frame


def still_snow(u: float, t: float) -> Image.Image:
    """The white valley lies silent."""
    return panned(_mountain(), 40)


def sunset(u: float, t: float) -> Image.Image:
    """The sun sets orange behind the mountain."""
    frame = relight(panned(_mountain(), 40), 0.66, (255, 150, 90))
    place(frame, glow(150, (255, 170, 70), 0.8), 420, 120 + 6 * u)
    return frame
