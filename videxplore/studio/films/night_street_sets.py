"""Pictures of the film *Night street*: a flat, a street in the rain, the police, the morning after."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from videxplore.studio.canvas import HEIGHT, SIZE, WIDTH, Pen, glow, gradient, label, place, relight
from videxplore.studio.props import car, person, shade, tree

LAMPS = (88, 262, 418)


ROAD_Y = 205


_WARM = (255, 206, 120)


@lru_cache(maxsize=4)
def street(morning: bool = False, extra_window: bool = False) -> Image.Image:
    """The empty street, by night or in the morning; ``extra_window`` lights one more window."""
    sky = (
        [(0, (12, 14, 34)), (1, (30, 30, 58))]
        if not morning
        else [(0, (246, 178, 150)), (1, (255, 226, 196))]
    )
    pen = Pen(SIZE, gradient(SIZE, sky))
    rng = np.random.default_rng(7)
    walls = [(46, 40, 56), (38, 42, 60), (54, 42, 48), (40, 38, 50), (48, 46, 62)]
    left = 0
    for k, width in enumerate((104, 92, 116, 84, 100)):
        top = int(rng.integers(22, 56))
        wall = shade(walls[k], 2.6) if morning else walls[k]
        pen.rect(left, top, left + width, 178, wall)
        pen.poly(
            [(left - 3, top), (left + width + 3, top), (left + width - 8, top - 13), (left + 8, top - 13)],
            shade(wall, 0.7),
        )
        for row in range(3):
            for column in range(3):
                x, y = left + 14 + column * (width - 28) / 2.6, top + 14 + row * 38
                lit = (k * 7 + row * 3 + column * 5) % 4 == 0 or (
                    extra_window and (k, row, column) == (2, 1, 1)
                )
                pane = (_WARM if lit else (20, 22, 36)) if not morning else (186, 206, 222)
                pen.rect(x - 1.5, y - 1.5, x + 17.5, y + 23.5, shade(wall, 0.6))
                pen.rect(x, y, x + 16, y + 22, pane)
                pen.line([(x + 8, y), (x + 8, y + 22)], shade(wall, 0.6), 1.2)
        pen.rect(left + width * 0.42, 142, left + width * 0.42 + 19, 178, shade(wall, 0.45))
        left += width - 1
    pen.rect(0, 178, WIDTH, ROAD_Y - 8, (70, 70, 82) if not morning else (176, 164, 158))
    pen.rect(0, ROAD_Y - 8, WIDTH, ROAD_Y - 5, (96, 96, 104) if not morning else (206, 194, 186))
    pen.rect(0, ROAD_Y - 5, WIDTH, HEIGHT, (26, 27, 36) if not morning else (120, 114, 116))
    for x in range(10, WIDTH, 84):
        pen.rect(x, 238, x + 40, 241, (120, 120, 118) if not morning else (226, 222, 214))
    for x in LAMPS:
        pen.rect(x - 1.6, 92, x + 1.6, 192, (18, 18, 22))
        pen.line([(x, 94), (x + 13, 88)], (18, 18, 22), 2.4)
        pen.ellipse(x + 15, 89, 6, 3.4, (255, 236, 180) if not morning else (150, 150, 150))
    image = pen.finish()
    if morning:
        place(image, tree(86, (96, 150, 70)), 356, 190, (0.5, 1))
        return image
    for x in LAMPS:
        place(image, glow(64, _WARM, 0.75), x + 15, 92)
        place(image, glow(74, _WARM, 0.5, 0.22), x + 12, 196)
        place(image, glow(16, _WARM, 0.42, 3.2), x + 14, 240)
    return image


@lru_cache(maxsize=1)
def _rain() -> tuple[Image.Image, ...]:
    layers = []
    for seed in range(5):
        rng = np.random.default_rng(100 + seed)
        pen = Pen(SIZE, None, 2)
        for _ in range(170):
            x, y, n = rng.uniform(0, WIDTH), rng.uniform(-10, HEIGHT), rng.uniform(7, 14)
            pen.line([(x, y), (x - n * 0.22, y + n)], (150, 165, 195), 0.6)
        layer = pen.finish()
        layer.putalpha(layer.getchannel("A").point([round(v * 0.45) for v in range(256)]))
        layers.append(layer)
    return tuple(layers)


def rain_over(frame: Image.Image, t: float) -> None:
    """Lay falling rain over ``frame``."""
    layer = _rain()[int(max(0.0, t) * 12.5) % 5]
    frame.paste(layer, (0, 0), layer)


def walker(
    frame: Image.Image,
    x: float,
    t: float,
    *,
    run: bool = False,
    coat: tuple[int, int, int] = (24, 24, 30),
    umbrella: bool = False,
) -> None:
    """Place a figure that walks (or runs) on the far pavement."""
    pace = 5.5 if run else 2.1
    stride = round(np.sin(t * pace * np.pi) * 3) / 3
    figure = person(
        58, coat, (16, 16, 20), stride=stride * (1.3 if run else 0.8), arms="swing" if run else "down"
    )
    place(frame, figure, x, 197, (0.5, 1))
    if umbrella:
        place(frame, _umbrella(), x + 2, 145, (0.5, 0.5))


@lru_cache(maxsize=1)
def _umbrella() -> Image.Image:
    pen = Pen((46, 44), None)
    pen.rect(22, 10, 23.5, 40, (30, 30, 34))
    pen.poly([(1, 20), (8, 9), (23, 3), (38, 9), (45, 20), (34, 17), (23, 20), (12, 17)], (120, 28, 34))
    return pen.finish()


def passing_car(frame: Image.Image, x: float, t: float, colour: tuple[int, int, int] = (70, 74, 90)) -> None:
    """Place a car with its lamps on, driving to the right."""
    if not -200 < x < WIDTH + 140:
        return
    place(frame, glow(70, (255, 240, 200), 0.85, 0.34), x + 98, 236)
    place(frame, glow(24, (255, 250, 225), 1.0), x + 58, 228)
    place(frame, glow(16, (255, 40, 30), 0.8), x - 62, 228)
    place(frame, car(126, colour, 1, True, int(t * 16) % 4), x, 254, (0.5, 1))


def calm(u: float, t: float) -> Image.Image:
    """The street in the rain with nobody in it."""
    frame = street().copy()
    rain_over(frame, t)
    return frame


def car_passes(u: float, t: float) -> Image.Image:
    """A car drives through the rain from left to right."""
    frame = street().copy()
    x = -150 + 178 * u
    passing_car(frame, x, u)
    rain_over(frame, t)
    return relight(frame, 1.0 + 0.2 * float(np.exp(-(((u - 2.0) / 0.7) ** 2))))


def stroller(u: float, t: float) -> Image.Image:
    """Someone walks home under an umbrella."""
    frame = street().copy()
    walker(frame, 500 - 62 * u, u, umbrella=True)
    rain_over(frame, t)
    return frame


def two_meet(u: float, t: float) -> Image.Image:
    """Two figures: one waits under the lamp, the other steps out of a doorway."""
    frame = street().copy()
    place(frame, person(58, (24, 24, 30), (16, 16, 20)), 286, 197, (0.5, 1))
    walker(frame, 120 + min(u, 3.2) * 24, u, coat=(58, 46, 40))
    rain_over(frame, t)
    return frame


def shot_fired(u: float, t: float) -> Image.Image:
    """The figure raises an arm; a muzzle flash lights the street for a blink; the other falls."""
    frame = street().copy()
    arms = "point" if 0.12 < u < 1.5 else "down"
    place(frame, person(58, (58, 46, 40), (16, 16, 20), arms=arms), 198, 197, (0.5, 1))
    victim = person(58, (24, 24, 30), (16, 16, 20), arms="up" if u > 0.45 else "down")
    if u > 0.75:
        victim = victim.rotate(-min(84, (u - 0.75) * 160), expand=True)
    place(frame, victim, 286 + max(0.0, min(1.0, u - 0.5)) * 18, 199, (0.5, 1))
    since = u - 0.4
    if 0 <= since < 0.3:
        fierce = float(np.exp(-since / 0.07))
        place(frame, glow(30, (255, 240, 190), 1.0), 226, 154)
        place(frame, glow(90, (255, 214, 140), 0.9 * max(0.3, fierce)), 228, 154)
        frame = relight(frame, 1 + 1.1 * fierce, (255, 244, 220), 26 * fierce)
    rain_over(frame, t)
    return frame


def runs_off(u: float, t: float) -> Image.Image:
    """The figure runs away down the street; the other lies on the pavement."""
    frame = street().copy()
    lying = person(58, (24, 24, 30), (16, 16, 20), arms="up").rotate(-84, expand=True)
    place(frame, lying, 304, 199, (0.5, 1))
    walker(frame, 198 - 105 * u, u, run=True, coat=(58, 46, 40))
    rain_over(frame, t)
    return frame


def aftermath(u: float, t: float) -> Image.Image:
    """Rain falls on the one who lies there."""
    frame = street().copy()
    lying = person(58, (24, 24, 30), (16, 16, 20), arms="up").rotate(-84, expand=True)
    place(frame, lying, 304, 199, (0.5, 1))
    rain_over(frame, t)
    return frame


def window_lights(u: float, t: float) -> Image.Image:
    """A window lights up and someone looks out."""
    frame = street(extra_window=u > 0.3).copy()
    lying = person(58, (24, 24, 30), (16, 16, 20), arms="up").rotate(-84, expand=True)
    place(frame, lying, 304, 199, (0.5, 1))
    rain_over(frame, t)
    return frame


def police(u: float, t: float) -> Image.Image:
    """A police car stands in the street, its blue lights turning."""
    on = int(t * 3.2) % 2 == 0
    level = 0.5 + 0.5 * np.sin(2 * np.pi * 1.6 * t)
    frame = relight(
        street(extra_window=True),
        0.95,
        (round(225 - 35 * level), round(217 - 10 * level), round(225 + 30 * level)),
    )
    place(frame, car(170, (232, 236, 242), 1, True), 250, 262, (0.5, 1))
    place(frame, label("POLICE", 11, (30, 60, 150)), 262, 243)
    place(frame, glow(26, (60, 120, 255), 1.0), 230 if on else 262, 200)
    place(frame, glow(120, (50, 90, 255), 0.55 if on else 0.3), 230 if on else 262, 196)
    place(frame, person(72, (22, 34, 80), (18, 24, 56), hair=(18, 24, 56)), 382, 240, (0.5, 1))
    return frame


def torch(u: float, t: float) -> Image.Image:
    """An officer walks along the wall with a torch."""
    frame = police(u, t)
    x = 60 + 26 * u
    place(
        frame,
        person(
            62,
            (22, 34, 80),
            (18, 24, 56),
            hair=(18, 24, 56),
            stride=round(np.sin(u * 6) * 3) / 3,
            arms="point",
        ),
        x,
        200,
        (0.5, 1),
    )
    place(frame, glow(36, (255, 250, 220), 0.9, 0.6), x + 58, 176)
    return frame


def morning(u: float, t: float) -> Image.Image:
    """The same street early in the morning, empty and pink."""
    return street(morning=True).copy()


def sweeper(u: float, t: float) -> Image.Image:
    """A street sweeper walks by with a broom."""
    frame = street(morning=True).copy()
    x = -20 + 52 * u
    place(
        frame,
        person(64, (240, 140, 40), (60, 70, 90), stride=round(np.sin(u * 6) * 3) / 3, arms="point"),
        x,
        216,
        (0.5, 1),
    )
    pen_x = x + 30 + 5 * np.sin(u * 7)
    place(frame, _broom(), pen_x, 218, (0.5, 1))
    return frame


@lru_cache(maxsize=1)
def _broom() -> Image.Image:
    pen = Pen((24, 50), None)
    pen.line([(3, 2), (16, 40)], (150, 110, 70), 2)
    pen.poly([(11, 38), (20, 36), (23, 49), (9, 49)], (196, 170, 90))
    return pen.finish()
