"""Pictures of the film *Sea, forest, snow*: waves, a reef, trees, a stream, a mountain."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from videxplore.studio.canvas import SIZE, WIDTH, Pen, glow, gradient, label, place, relight
from videxplore.studio.props import cloud, shade


@lru_cache(maxsize=2)
def _sky(kind: str) -> Image.Image:
    stops = {
        "sunrise": [(0, (70, 60, 120)), (0.3, (240, 130, 80)), (0.52, (255, 210, 120)), (1, (255, 220, 150))],
        "day": [(0, (70, 150, 230)), (0.55, (190, 226, 250)), (1, (200, 230, 250))],
    }[kind]
    return gradient(SIZE, stops)


@lru_cache(maxsize=12)
def _wave(tone: tuple[int, int, int], seed: int) -> Image.Image:
    pen = Pen((WIDTH + 160, 70), None, 2)
    points: list[tuple[float, float]] = [(0, 70)]
    for x in range(0, WIDTH + 161, 8):
        points.append(
            (x, 12 + 5 * np.sin(x * 2 * np.pi / 80 + seed) + 2.4 * np.sin(x * 2 * np.pi / 40 + 2 * seed))
        )
    points.append((WIDTH + 160, 70))
    pen.poly(points, tone)
    pen.line(points[1:-1], shade(tone, 1.35), 2)
    return pen.finish()


def _waves(frame: Image.Image, t: float, tones: list[tuple[int, int, int]], height: float = 1.0) -> None:
    for k, tone in enumerate(tones):
        x = -80 + 70 * np.sin(0.5 * t + k * 1.9)
        y = 138 + 21 * k + 5 * height * np.sin(1.0 * t + k * 1.3)
        place(frame, _wave(tone, k), x, y, (0, 0))


_BLUE_SEA = [(60, 130, 190), (44, 112, 178), (34, 96, 164), (24, 80, 148), (16, 64, 130), (10, 52, 112)]


_SUN_SEA = [(190, 120, 100), (160, 98, 100), (130, 80, 98), (104, 66, 94), (80, 52, 86), (60, 40, 74)]


def sunrise(u: float, t: float) -> Image.Image:
    """The sun rises orange over the sea."""
    frame = _sky("sunrise").copy()
    y = 142 - 5 * t
    place(frame, glow(120, (255, 214, 120), 0.8), 240, y)
    place(frame, _sun(), 240, y)
    _waves(frame, t, _SUN_SEA)
    place(frame, glow(40, (255, 200, 120), 0.7, 2.2), 240, 196)
    return frame


@lru_cache(maxsize=1)
def _sun() -> Image.Image:
    pen = Pen((70, 70), None)
    pen.ellipse(35, 35, 33, 33, (255, 236, 170))
    return pen.finish()


def title(u: float, t: float) -> Image.Image:
    """The title over the sunrise."""
    frame = sunrise(u, t)
    place(frame, label("SEA, FOREST, SNOW", 26, (255, 255, 255)), 240, 60)
    return frame


def waves(u: float, t: float) -> Image.Image:
    """Blue waves roll under a blue sky."""
    frame = _sky("day").copy()
    place(frame, cloud(130), 110 + 3 * t, 50)
    place(frame, cloud(90), 340 + 2 * t, 76)
    _waves(frame, t, _BLUE_SEA)
    return frame


def gulls(u: float, t: float) -> Image.Image:
    """Gulls glide over the waves."""
    frame = waves(u, t)
    for k in range(4):
        place(frame, _gull(int(u * 5 + k) % 2), 60 + 74 * u + 62 * k, 56 + 18 * np.sin(u * 2 + k) + 14 * k)
    return frame


@lru_cache(maxsize=2)
def _gull(up: int) -> Image.Image:
    pen = Pen((44, 24), None)
    y = 3 if up else 19
    pen.line([(2, y), (22, 12), (42, y)], (250, 250, 250), 4)
    pen.ellipse(22, 12, 8, 4, (250, 250, 250))
    return pen.finish()


def dolphin(u: float, t: float) -> Image.Image:
    """A dolphin leaps out of the waves and falls back with a splash."""
    frame = _sky("day").copy()
    place(frame, cloud(130), 110 + 3 * t, 50)
    k = u / 1.3
    if 0 <= k <= 1.15:
        angle = 50 - 100 * k
        place(
            frame,
            _dolphin().rotate(angle, expand=True, resample=Image.Resampling.BILINEAR),
            140 + 190 * k,
            186 - 420 * k * (1 - k),
        )
    _waves(frame, t, _BLUE_SEA)
    if 1.2 < u < 2.1:
        for j in range(10):
            s = u - 1.2
            place(
                frame,
                glow(9, (250, 252, 255), 1.0),
                338 + (j - 4.5) * 46 * s,
                168 - 130 * s * (1 - s) - 5 * (j % 3),
            )
    return frame


@lru_cache(maxsize=1)
def _dolphin() -> Image.Image:
    pen = Pen((130, 60), None)
    pen.poly(
        [(2, 32), (22, 20), (64, 12), (100, 20), (128, 34), (104, 38), (64, 42), (26, 38)], (96, 112, 134)
    )
    pen.poly([(30, 38), (64, 44), (104, 38), (64, 36)], (216, 222, 230))
    pen.poly([(58, 14), (50, 0), (76, 14)], (80, 96, 118))
    pen.poly([(4, 32), (-6, 18), (10, 24)], (80, 96, 118))
    pen.poly([(4, 33), (-4, 48), (14, 36)], (80, 96, 118))
    pen.ellipse(110, 29, 1.8, 1.8, (10, 10, 10))
    return pen.finish()


@lru_cache(maxsize=1)
def _reef() -> Image.Image:
    pen = Pen(SIZE, gradient(SIZE, [(0, (40, 150, 200)), (0.5, (16, 92, 150)), (1, (6, 40, 84))]))
    for x in (90, 200, 330):
        pen.poly([(x, 0), (x + 34, 0), (x - 30, 270), (x - 110, 270)], (44, 132, 184))
    pen.poly(
        [(0, 270), (0, 232), (110, 214), (230, 240), (360, 210), (480, 236), (480, 270)], (176, 150, 110)
    )
    rng = np.random.default_rng(2)
    for _ in range(14):
        root = rng.uniform(0, WIDTH)
        tone = ((226, 90, 110), (240, 150, 60), (160, 80, 180), (240, 210, 90))[int(rng.integers(4))]
        for k in range(5):
            a = np.radians(-90 + (k - 2) * 22)
            pen.line([(root, 250), (root + 34 * np.cos(a), 250 + 38 * np.sin(a))], tone, 5)
    return pen.finish()


@lru_cache(maxsize=16)
def _fish(size: int, tone: tuple[int, int, int], flap: int) -> Image.Image:
    n = float(size)
    pen = Pen((size, round(n * 0.6)), None)
    pen.poly(
        [
            (n * 0.3, n * 0.3),
            (0, n * (0.06 + 0.05 * flap)),
            (n * 0.06, n * 0.3),
            (0, n * (0.54 - 0.05 * flap)),
        ],
        shade(tone, 0.8),
    )
    pen.ellipse(n * 0.6, n * 0.3, n * 0.36, n * 0.21, tone)
    pen.poly([(n * 0.5, n * 0.12), (n * 0.66, 0), (n * 0.76, n * 0.14)], shade(tone, 0.8))
    pen.rect(n * 0.6, n * 0.12, n * 0.66, n * 0.49, (250, 250, 250))
    pen.ellipse(n * 0.83, n * 0.25, n * 0.035, n * 0.04, (10, 10, 10))
    return pen.finish()


def _underwater(t: float) -> Image.Image:
    frame = _reef().copy()
    for k in range(8):
        place(
            frame,
            glow(4, (210, 240, 255), 0.8),
            40 + 58 * k + 8 * np.sin(t * 2 + k),
            280 - (38 * t + 51 * k) % 300,
        )
    return frame


def reef(u: float, t: float) -> Image.Image:
    """Bubbles rise over a coral reef."""
    return _underwater(t)


def fish(u: float, t: float) -> Image.Image:
    """A swarm of orange fish swims past."""
    frame = _underwater(t)
    for k in range(16):
        x = -80 - 26 * (k % 8) + 128 * u + 20 * np.sin(k * 2.1)
        place(
            frame,
            _fish(44, (246, 140, 30), int(t * 6 + k) % 2),
            x,
            70 + 14 * (k % 7) + 26 * (k // 8) + 6 * np.sin(t * 3 + k),
        )
    return frame


def shark(u: float, t: float) -> Image.Image:
    """The dark shape of a shark glides by; the water darkens."""
    frame = relight(_underwater(t), 1 - 0.4 * min(1.0, max(0.0, u)))
    place(frame, _shark(), 560 - 118 * u, 108 + 8 * np.sin(t))
    return frame


@lru_cache(maxsize=1)
def _shark() -> Image.Image:
    pen = Pen((230, 96), None)
    grey = (46, 58, 72)
    pen.poly(
        [
            (2, 54),
            (40, 38),
            (110, 30),
            (180, 42),
            (206, 48),
            (228, 18),
            (222, 52),
            (228, 82),
            (204, 56),
            (110, 66),
            (34, 64),
        ],
        grey,
    )
    pen.poly([(92, 32), (118, 2), (128, 32)], grey)
    pen.poly([(80, 62), (110, 94), (112, 64)], shade(grey, 0.8))
    pen.poly([(4, 57), (36, 64), (110, 65), (36, 60)], (150, 160, 170))
    pen.ellipse(30, 48, 2.4, 2.4, (240, 240, 240))
    return pen.finish()
