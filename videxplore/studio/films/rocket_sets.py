"""Pictures of the film *Launch day*: a control room, a launch pad, the climb, space."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from videxplore.studio.canvas import HEIGHT, SIZE, WIDTH, Pen, glow, gradient, label, place, relight
from videxplore.studio.props import DARK_SKIN, SKIN, cloud, person, shade


@lru_cache(maxsize=1)
def _control_room() -> Image.Image:
    pen = Pen(SIZE, (18, 26, 30))
    pen.rect(110, 14, 370, 112, (8, 40, 34))
    pen.line([(110, 14), (370, 14), (370, 112), (110, 112), (110, 14)], (70, 90, 90), 4)
    for y in range(28, 112, 14):
        pen.line([(112, y), (368, y)], (16, 70, 56), 1)
    for x in range(126, 370, 20):
        pen.line([(x, 16), (x, 110)], (16, 70, 56), 1)
    for row, y in enumerate((150, 208)):
        for k in range(5 - row):
            x = 30 + row * 46 + k * 94
            pen.rect(x, y, x + 62, y + 34, (40, 52, 56))
            pen.rect(x + 4, y + 4, x + 58, y + 29, (30, 130, 96))
            for j in range(4):
                pen.line(
                    [(x + 8, y + 9 + 5 * j), (x + 22 + (k * 7 + j * 11) % 30, y + 9 + 5 * j)],
                    (140, 246, 190),
                    1.4,
                )
        pen.rect(0, y + 36, WIDTH, y + 44, (58, 66, 70))
    image = pen.finish()
    place(image, glow(150, (60, 220, 160), 0.3), 240, 70)
    return image


def control_room(u: float, t: float) -> Image.Image:
    """Engineers sit before green screens; a curve grows on the wall."""
    frame = _control_room().copy()
    for k in range(int(min(24, 2.4 * (t % 11)))):
        place(frame, glow(4, (200, 255, 120), 1.0), 122 + 10 * k, 100 - 0.11 * k * k - 0.9 * k)
    for k, x in enumerate((108, 204, 300, 396)):
        tone = ((230, 230, 236), (90, 120, 170), (230, 230, 236), (120, 90, 90))[k]
        place(
            frame,
            person(108, tone, (40, 44, 54), (SKIN, DARK_SKIN)[k % 2]),
            x,
            280 + np.sin(t * 1.4 + k),
            (0.5, 1),
        )
    return frame


def red_alarm(u: float, t: float) -> Image.Image:
    """A red alarm light turns in the control room."""
    level = 0.5 - 0.5 * np.cos(2 * np.pi * 1.1 * max(0.0, u))
    fade = round(165 * level)
    return relight(control_room(u, t), 1 + 0.2 * level, (255, 255 - fade, 255 - fade))


def cheering(u: float, t: float) -> Image.Image:
    """The engineers jump up and throw their arms in the air."""
    frame = _control_room().copy()
    for k in range(24):
        place(frame, glow(4, (200, 255, 120), 1.0), 122 + 10 * k, 100 - 0.11 * k * k - 0.9 * k)
    for k, x in enumerate((70, 160, 250, 340, 424)):
        tone = ((230, 230, 236), (90, 120, 170), (230, 230, 236), (120, 90, 90), (200, 190, 120))[k]
        jump = abs(np.sin(t * 5 + k)) * 20
        place(
            frame,
            person(132, tone, (40, 44, 54), (SKIN, DARK_SKIN)[k % 2], arms="up"),
            x,
            276 - jump,
            (0.5, 1),
        )
    return frame


@lru_cache(maxsize=2)
def _rocket(height: int) -> Image.Image:
    h = float(height)
    width = round(h * 0.3)
    pen = Pen((width, height), None)
    x = width / 2
    pen.poly(
        [
            (x, 0),
            (x + h * 0.05, h * 0.14),
            (x + h * 0.05, h * 0.96),
            (x - h * 0.05, h * 0.96),
            (x - h * 0.05, h * 0.14),
        ],
        (244, 246, 250),
    )
    pen.poly([(x, 0), (x + h * 0.05, h * 0.14), (x - h * 0.05, h * 0.14)], (206, 40, 40))
    pen.rect(x + h * 0.018, h * 0.14, x + h * 0.05, h * 0.96, (200, 206, 216))
    for side in (-1, 1):
        pen.poly(
            [
                (x + side * h * 0.05, h * 0.42),
                (x + side * h * 0.09, h * 0.48),
                (x + side * h * 0.09, h * 0.97),
                (x + side * h * 0.05, h * 0.97),
            ],
            (226, 150, 60),
        )
        pen.poly(
            [(x + side * h * 0.05, h * 0.82), (x + side * h * 0.14, h), (x + side * h * 0.05, h * 0.98)],
            (206, 40, 40),
        )
    for y in (0.3, 0.5, 0.7):
        pen.rect(x - h * 0.05, h * y, x + h * 0.05, h * (y + 0.015), (60, 66, 80))
    pen.ellipse(x, h * 0.22, h * 0.022, h * 0.026, (40, 80, 150))
    return pen.finish()


@lru_cache(maxsize=1)
def _pad() -> Image.Image:
    pen = Pen(SIZE, gradient(SIZE, [(0, (60, 140, 226)), (0.7, (180, 218, 246)), (1, (226, 236, 240))]))
    pen.rect(0, 226, WIDTH, HEIGHT, (150, 140, 110))
    pen.poly([(0, 226), (90, 214), (200, 226)], (110, 140, 90))
    pen.rect(150, 222, 330, 240, (130, 132, 138))
    pen.rect(296, 40, 322, 224, (150, 70, 50))
    for y in range(46, 220, 22):
        pen.line([(296, y), (322, y + 22)], (226, 220, 214), 2)
        pen.line([(322, y), (296, y + 22)], (226, 220, 214), 2)
    pen.rect(262, 84, 298, 90, (150, 70, 50))
    image = pen.finish()
    place(image, cloud(110), 80, 50)
    place(image, cloud(80), 410, 84)
    return image


def pad(u: float, t: float) -> Image.Image:
    """The rocket stands on its pad under a blue sky; a little vapour drifts."""
    frame = _pad().copy()
    place(frame, _rocket(182), 244, 226, (0.5, 1))
    for k in range(3):
        s = (t * 0.35 + k / 3) % 1
        place(
            frame,
            glow(round(8 + 18 * s), (255, 255, 255), round(0.7 * (1 - s), 1)),
            230 - 50 * s,
            120 + 6 * k,
        )
    return frame


def countdown(u: float, t: float) -> Image.Image:
    """The rocket on its pad; yellow figures count down."""
    frame = pad(u, t)
    left = max(0, 5 - int(u / 1.0))
    place(frame, label(f"T - {left}", 24, (255, 226, 60), (20, 20, 30), 8), 76, 232)
    return frame


def _fire(frame: Image.Image, x: float, y: float, t: float, strength: float, long: float = 1.0) -> None:
    rng = np.random.default_rng(int(t * 30) + 5)
    for k in range(9):
        s = k / 9
        tone = (255, int(240 - 150 * s), int(190 - 170 * s))
        place(
            frame,
            glow(round((11 + 15 * s) * strength), tone, 1.0, 1.4),
            x + rng.normal(0, 2 + 3 * s),
            y + 74 * s * strength * long,
        )


def _smoke(frame: Image.Image, t: float, amount: float) -> None:
    rng = np.random.default_rng(21)
    for _ in range(34):
        side, far, up, phase = rng.choice([-1, 1]), rng.random(), rng.random(), rng.random() * 6
        reach = amount * 260
        tone = int(rng.integers(200, 250))
        place(
            frame,
            glow(round(16 + 42 * amount * (0.4 + far)), (tone, tone - 6, tone - 14), 1.0),
            240 + side * far * reach + 4 * np.sin(t * 3 + phase),
            236 - 46 * up * amount * (1 - 0.5 * far) + 3 * np.sin(t * 2 + phase),
        )


def ignition(u: float, t: float) -> Image.Image:
    """The engines light: bright flame and smoke."""
    frame = _pad().copy()
    strength = min(1.0, max(0.15, u / 0.8))
    warm = min(1.0, max(0.0, u / 0.8))
    place(frame, _rocket(182), 244 + np.sin(u * 50), 226, (0.5, 1))
    _fire(frame, 244, 226, t, strength, 0.3)
    _smoke(frame, t, min(1.0, u / 1.9))
    return relight(frame, 1 + 0.2 * warm, (255, round(255 - 19 * warm), round(255 - 49 * warm)))


def lift_off(u: float, t: float) -> Image.Image:
    """The rocket rises on its flame and leaves the picture."""
    frame = _pad().copy()
    y = 226 - 9 * u * u - 8 * u
    _fire(frame, 244, y, t, 1.1, 1.3)
    place(frame, _rocket(182), 244 + 0.8 * np.sin(u * 40), y, (0.5, 1))
    _smoke(frame, t, 1.0)
    return relight(frame, 1.2, (255, 236, 206))


def climbing(u: float, t: float) -> Image.Image:
    """The camera follows the rocket; clouds rush down past it."""
    frame = _sky().copy()
    for k in range(7):
        y = (k * 67 + 250 * t) % 420 - 80
        place(frame, cloud(100 + 20 * (k % 3)), (k * 173 + 40) % 520 - 20, y)
    x, y = 240 + 3 * np.sin(t * 2), 172 + 2 * np.sin(t * 9)
    _fire(frame, x, y, t, 0.9, 1.4)
    place(frame, _rocket(122), x, y, (0.5, 1))
    return frame


@lru_cache(maxsize=1)
def _sky() -> Image.Image:
    return gradient(SIZE, [(0, (30, 84, 180)), (1, (120, 184, 240))])


@lru_cache(maxsize=1)
def _space() -> Image.Image:
    image = Image.new("RGB", SIZE, (4, 5, 12))
    pen = Pen(SIZE, image)
    rng = np.random.default_rng(33)
    for _ in range(150):
        tone = int(rng.integers(110, 255))
        pen.ellipse(
            rng.uniform(0, WIDTH),
            rng.uniform(0, HEIGHT),
            rng.uniform(0.3, 0.9),
            rng.uniform(0.3, 0.9),
            (tone, tone, tone),
        )
    pen.ellipse(240, 620, 460, 440, (70, 140, 230))
    pen.ellipse(240, 628, 460, 440, (26, 84, 170))
    for _ in range(26):
        x = rng.uniform(0, WIDTH)
        pen.ellipse(
            x,
            rng.uniform(206, 268) + abs(x - 240) ** 2 / 3000,
            rng.uniform(14, 44),
            rng.uniform(2, 5),
            (214, 228, 244),
        )
    for x, w in ((110, 70), (330, 54)):
        pen.ellipse(x, 252, w, 12, (70, 130, 80))
    return pen.finish()


def earth(u: float, t: float) -> Image.Image:
    """The blue earth under black space, without a sound."""
    return _space().copy()


@lru_cache(maxsize=2)
def _stage(upper: bool) -> Image.Image:
    pen = Pen((170, 50), None)
    if upper:
        pen.poly([(168, 25), (140, 12), (60, 12), (60, 38), (140, 38)], (244, 246, 250))
        pen.poly([(168, 25), (140, 12), (140, 38)], (206, 40, 40))
        pen.poly([(60, 16), (46, 10), (46, 40), (60, 34)], (90, 94, 100))
    else:
        pen.rect(30, 12, 140, 38, (226, 230, 236))
        pen.rect(30, 12, 44, 38, (90, 94, 100))
        pen.poly([(30, 12), (16, 4), (16, 46), (30, 38)], (206, 40, 40))
    return pen.finish()


def separation(u: float, t: float) -> Image.Image:
    """A short flash; the burnt-out stage falls back."""
    frame = _space().copy()
    drift = max(0.0, u - 0.6)
    place(
        frame,
        _stage(False).rotate(18 * drift, resample=Image.Resampling.BILINEAR),
        160 - 36 * drift,
        110 + 10 * drift,
    )
    place(frame, _stage(True), 268 + 12 * drift, 110)
    since = u - 0.6
    if 0 <= since < 0.35:
        place(frame, glow(110, (255, 246, 220), round(1 - since / 0.4, 1)), 220, 110)
        frame = relight(frame, 1.0, lift=50 * (1 - since / 0.35))
    return frame


def coasting(u: float, t: float) -> Image.Image:
    """The capsule glides over the earth with blue flame."""
    frame = _space().copy()
    place(frame, glow(20, (110, 180, 255), 0.9), 300 + 12 * u - 60, 110)
    place(frame, _stage(True), 300 + 12 * u, 110)
    return frame


def astronaut(u: float, t: float) -> Image.Image:
    """A weightless astronaut waves inside the bright cabin."""
    frame = _cabin().copy()
    x, y = 236 + 30 * np.sin(t * 0.9), 206 + 18 * np.sin(t * 1.3)
    arms = "up" if int(u * 3) % 2 else "down"
    figure = person(170, (240, 240, 244), (240, 240, 244), arms=arms).rotate(
        12 * np.sin(t * 0.7), resample=Image.Resampling.BILINEAR
    )
    place(frame, figure, x, y, (0.5, 0.9))
    return frame


@lru_cache(maxsize=1)
def _cabin() -> Image.Image:
    pen = Pen(SIZE, (206, 210, 214))
    for k in range(6):
        pen.rect(k * 84, 0, k * 84 + 78, 44, (226, 228, 232))
        pen.rect(k * 84, 228, k * 84 + 78, HEIGHT, (184, 188, 194))
    pen.ellipse(404, 116, 58, 58, (120, 124, 130))
    pen.ellipse(404, 116, 48, 48, (6, 8, 18))
    pen.ellipse(404, 150, 46, 26, (50, 120, 220))
    for row in range(4):
        for k in range(5):
            tone = ((220, 60, 50), (60, 180, 90), (240, 200, 60))[(row + k) % 3]
            pen.rect(28 + k * 20, 76 + row * 22, 40 + k * 20, 86 + row * 22, shade(tone, 0.95))
    return pen.finish()
