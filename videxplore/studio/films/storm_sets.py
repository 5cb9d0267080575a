"""Pictures of the film *Storm over the fields*: a farm in the sun, under the storm, and under a rainbow."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from videxplore.studio.canvas import (
    HEIGHT,
    SIZE,
    WIDTH,
    Pen,
    glow,
    gradient,
    label,
    panned,
    place,
    relight,
    zoomed,
)
from videxplore.studio.director import Picture
from videxplore.studio.props import cloud, person, shade, tree

_GOLD = (226, 186, 78)


@lru_cache(maxsize=4)
def _field(light: str) -> Image.Image:
    """The field with its farm house; ``light`` is ``"sun"``, ``"grey"`` or ``"wet"``."""
    skies = {
        "sun": [(0, (92, 164, 232)), (0.6, (196, 226, 248)), (1, (230, 240, 246))],
        "grey": [(0, (50, 54, 66)), (0.6, (96, 100, 110)), (1, (120, 122, 126))],
        "wet": [(0, (120, 160, 206)), (0.6, (206, 216, 226)), (1, (236, 226, 206))],
    }
    dim = {"sun": 1.0, "grey": 0.42, "wet": 0.85}[light]
    pen = Pen(SIZE, gradient(SIZE, skies[light]))
    pen.poly(
        [(0, 150), (90, 132), (220, 146), (350, 128), (480, 142), (480, 190), (0, 190)],
        shade((110, 150, 80), dim),
    )
    pen.poly([(0, 166), (480, 156), (480, 270), (0, 270)], shade(_GOLD, dim))
    rng = np.random.default_rng(4)
    for _ in range(900):
        x, depth = rng.uniform(0, WIDTH), rng.random() ** 1.5
        y = 168 + 100 * depth
        pen.line(
            [(x, y), (x + rng.uniform(-2, 2), y - 4 - 12 * depth)],
            shade(_GOLD, dim * rng.uniform(0.75, 1.15)),
            0.7 + depth,
        )
    pen.rect(338, 112, 398, 158, shade((176, 58, 46), dim))
    pen.poly([(330, 114), (368, 84), (406, 114)], shade((92, 60, 50), dim))
    pen.rect(360, 130, 376, 158, shade((240, 236, 226), dim))
    pen.rect(344, 120, 355, 131, (255, 226, 140) if light == "grey" else (150, 186, 206))
    pen.rect(404, 92, 424, 158, shade((190, 190, 196), dim))
    pen.ellipse(414, 92, 10, 7, shade((160, 160, 168), dim))
    image = pen.finish()
    place(image, tree(92, shade((86, 142, 60), dim)), 74, 176, (0.5, 1))
    place(image, tree(66, shade((76, 130, 58), dim)), 120, 168, (0.5, 1))
    return image


@lru_cache(maxsize=1)
def _dark_clouds() -> Image.Image:
    image = Image.new("RGBA", (WIDTH + 300, 130), (0, 0, 0, 0))
    rng = np.random.default_rng(8)
    for _ in range(16):
        tone = int(rng.integers(38, 76))
        place(
            image,
            cloud(int(rng.integers(150, 260)), (tone, tone, tone + 8)),
            rng.uniform(0, WIDTH + 300),
            rng.uniform(0, 60),
        )
    return image


@lru_cache(maxsize=1)
def _rain() -> tuple[Image.Image, ...]:
    layers = []
    for seed in range(4):
        rng = np.random.default_rng(300 + seed)
        pen = Pen(SIZE, None, 2)
        for _ in range(260):
            x, y, n = rng.uniform(0, WIDTH + 60), rng.uniform(-10, HEIGHT), rng.uniform(10, 20)
            pen.line([(x, y), (x - n * 0.5, y + n)], (176, 184, 196), 0.8)
        layer = pen.finish()
        layer.putalpha(layer.getchannel("A").point([round(v * 0.6) for v in range(256)]))
        layers.append(layer)
    return tuple(layers)


@lru_cache(maxsize=8)
def _bolt(seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    pen = Pen((160, 150), None)
    points, x = [(80.0, 0.0)], 80.0
    for k in range(1, 9):
        x += rng.uniform(-22, 22)
        points.append((x, k * 18.0))
    pen.line(points, (255, 255, 255), 3.4)
    fork = points[4]
    pen.line([fork, (fork[0] + 26, fork[1] + 22), (fork[0] + 34, fork[1] + 50)], (236, 236, 255), 1.8)
    return pen.finish()


def sunny(u: float, t: float) -> Image.Image:
    """The golden field in the sun; white clouds drift."""
    frame = _field("sun").copy()
    for k, (x, y, w) in enumerate(((60, 40, 120), (250, 62, 90), (390, 30, 130))):
        place(frame, cloud(w), (x + 5 * t + 40 * k) % 600 - 60, y)
    return frame


def title(u: float, t: float) -> Image.Image:
    """The title over the field."""
    frame = sunny(u, t)
    place(frame, label("STORM OVER THE FIELDS", 22, (255, 255, 255), (60, 90, 50), 8), 240, 110)
    return frame


def tractor(u: float, t: float) -> Image.Image:
    """A green tractor drives through the field."""
    frame = sunny(u, t)
    place(frame, _tractor(int(u * 9) % 3), -60 + 84 * u, 236, (0.5, 1))
    return frame


@lru_cache(maxsize=3)
def _tractor(turn: int) -> Image.Image:
    pen = Pen((130, 92), None)
    pen.rect(50, 34, 118, 62, (40, 130, 52))
    pen.rect(22, 12, 60, 60, (40, 130, 52))
    pen.rect(27, 17, 55, 40, (190, 220, 230))
    pen.rect(18, 7, 64, 13, (240, 210, 40))
    pen.rect(100, 14, 105, 34, (40, 40, 40))
    for x, r in ((34, 28), (104, 18)):
        pen.ellipse(x, 91 - r, r, r, (30, 30, 32))
        pen.ellipse(x, 91 - r, r * 0.55, r * 0.55, (240, 210, 40))
        a = turn * np.pi / 3
        pen.line(
            [
                (x - np.cos(a) * r * 0.5, 91 - r - np.sin(a) * r * 0.5),
                (x + np.cos(a) * r * 0.5, 91 - r + np.sin(a) * r * 0.5),
            ],
            (120, 100, 20),
            3,
        )
    return pen.finish()


def crows(u: float, t: float) -> Image.Image:
    """Crows fly up from the field as the wind rises."""
    frame = relight(sunny(u, t), 1 - 0.04 * min(u, 4))
    for k in range(9):
        x, y = 90 + 34 * k + 46 * u, 190 - (34 + 5 * k) * max(0.0, u - 0.1 * k)
        place(frame, _crow(int(u * 7 + k) % 2), x, y)
    return frame


@lru_cache(maxsize=2)
def _crow(up: int) -> Image.Image:
    pen = Pen((30, 20), None)
    y = 3 if up else 16
    pen.line([(1, y), (15, 10), (29, y)], (20, 20, 24), 3)
    pen.ellipse(15, 10, 6, 3, (20, 20, 24))
    return pen.finish()


def darkens(u: float, t: float) -> Image.Image:
    """Dark clouds pull over the sun within seconds."""
    share = min(1.0, max(0.0, u / 3.6))
    frame = Image.blend(relight(sunny(u, t), 0.84), _field("grey"), share)
    clouds = _dark_clouds()
    place(frame, clouds, -150, -96 + 124 * share, (0, 0.5))
    return frame


def first_drops(u: float, t: float) -> Image.Image:
    """Rain begins under the dark clouds."""
    frame = darkens(9.0, 0.0)
    _rain_over(frame, t)
    return frame


@lru_cache(maxsize=1)
def _other_side() -> Image.Image:
    return zoomed(_field("grey").transpose(Image.Transpose.FLIP_LEFT_RIGHT), 240, 150, 1.2)


def _stormy(t: float) -> Image.Image:
    """The dark field seen from the other side."""
    frame = _other_side().copy()
    clouds = panned(_dark_clouds(), 12 * t % 290, 0, (WIDTH, 130))
    frame.paste(clouds, (0, -30), clouds)
    return frame


def _rain_over(frame: Image.Image, t: float) -> None:
    layer = _rain()[int(max(0.0, t) * 12.5) % 4]
    frame.paste(layer, (0, 0), layer)


def downpour(u: float, t: float) -> Image.Image:
    """Heavy rain over the dark field."""
    frame = _stormy(t)
    _rain_over(frame, t)
    return frame


def lightning(seed: int, x: float, at_s: float = 0.5) -> Picture:
    """Return a picture in which a bolt strikes ``at_s`` seconds into the beat and flickers twice."""

    def picture(u: float, t: float) -> Image.Image:
        frame = _stormy(t)
        since = u - at_s
        lit = 0 <= since < 0.09 or 0.17 <= since < 0.42
        if lit:
            place(frame, _bolt(seed), x, 20, (0.5, 0))
        _rain_over(frame, t)
        if 0 <= since < 0.5:
            fierce = 1.0 if since < 0.09 else 0.2 if since < 0.17 else float(np.exp(-(since - 0.17) / 0.12))
            frame = relight(frame, 1 + 0.9 * fierce, (235, 238, 255), 60 * fierce)
        return frame

    return picture


def tree_burns(u: float, t: float) -> Image.Image:
    """The old tree burns in the rain."""
    frame = _stormy(t)
    rng = np.random.default_rng(int(t * 12))
    grown = min(1.0, max(0.0, u / 1.2))
    for _ in range(round(2 + 14 * grown)):
        place(
            frame,
            glow(int(rng.integers(10, 24)), (255, int(rng.integers(110, 200)), 40), 1.0, 1.3),
            439 + rng.uniform(-24, 24),
            100 + rng.uniform(-28, 22),
        )
    place(frame, glow(round(20 + 80 * grown), (255, 140, 40), 0.7), 439, 106)
    _rain_over(frame, t)
    return frame


@lru_cache(maxsize=1)
def _window_room() -> Image.Image:
    pen = Pen(SIZE, (112, 78, 54))
    for y in range(0, HEIGHT, 30):
        pen.line([(0, y), (WIDTH, y)], (98, 66, 46), 2)
    pen.rect(120, 30, 360, 210, (190, 160, 120))
    return pen.finish()


def behind_glass(u: float, t: float) -> Image.Image:
    """A child in a red jumper watches the storm through the window, indoors."""
    frame = _window_room().copy()
    frame.paste(downpour(u, t).resize((224, 164)), (128, 38))
    pen = _cross()
    frame.paste(pen, (120, 30), pen)
    place(frame, person(150, (200, 50, 50), (50, 60, 110), hair=(200, 160, 80)), 330, 296, (0.5, 1))
    place(frame, glow(110, (255, 190, 100), 0.5), 60, 90)
    return frame


@lru_cache(maxsize=1)
def _cross() -> Image.Image:
    pen = Pen((240, 180), None)
    pen.rect(116, 0, 124, 180, (210, 184, 146))
    pen.rect(0, 86, 240, 94, (210, 184, 146))
    return pen.finish()


@lru_cache(maxsize=1)
def _rainbow() -> Image.Image:
    pen = Pen(SIZE, None)
    tones = ((232, 60, 60), (244, 150, 50), (246, 226, 80), (90, 190, 90), (70, 120, 220), (130, 80, 190))
    for k, tone in enumerate(tones):
        pen.arc(240, 200, 190 - 7 * k, 180, 360, tone, 7.5)
    image = pen.finish()
    image.putalpha(image.getchannel("A").point([round(v * 0.62) for v in range(256)]))
    return image


def wet_field(u: float, t: float) -> Image.Image:
    """The field after the storm, light again."""
    return _field("wet").copy()


def rainbow(u: float, t: float) -> Image.Image:
    """A rainbow grows over the field."""
    frame = _field("wet").copy()
    share = round(min(1.0, max(0.0, u / 1.6)) * 12) / 12
    place(frame, _faded_rainbow(share), 240, 135)
    return frame


@lru_cache(maxsize=16)
def _faded_rainbow(share: float) -> Image.Image:
    image = _rainbow().copy()
    image.putalpha(image.getchannel("A").point([round(v * share) for v in range(256)]))
    return image


def rainbow_stays(u: float, t: float) -> Image.Image:
    """The rainbow stands over the field."""
    return rainbow(9.0, t)


def child_jumps(u: float, t: float) -> Image.Image:
    """The child jumps in puddles under the rainbow."""
    frame = rainbow(9.0, t)
    jump = abs(float(np.sin(u * 4.2))) * 34
    place(frame, _puddle(), 250, 250)
    place(
        frame,
        person(104, (200, 50, 50), (50, 60, 110), hair=(200, 160, 80), arms="up"),
        250,
        252 - jump,
        (0.5, 1),
    )
    return frame


@lru_cache(maxsize=1)
def _puddle() -> Image.Image:
    pen = Pen((130, 26), None)
    pen.ellipse(65, 13, 64, 12, (150, 186, 216))
    pen.ellipse(50, 10, 30, 4, (206, 224, 240))
    return pen.finish()
