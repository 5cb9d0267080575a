"""Pictures of the film *Cars and a train* on the train and at the station."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from videxplore.studio.canvas import HEIGHT, SIZE, WIDTH, Pen, glow, gradient, place, relight
from videxplore.studio.director import Picture
from videxplore.studio.films.journey_sets import endless, gradient_sky, hills, train, trees
from videxplore.studio.props import person


@lru_cache(maxsize=1)
def _carriage() -> Image.Image:
    """Inside the train: a window frame, a seat, a table; the window itself is transparent."""
    pen = Pen(SIZE, None)
    wall = (176, 184, 176)
    pen.rect(0, 0, WIDTH, 36, wall)
    pen.rect(0, 176, WIDTH, HEIGHT, wall)
    pen.rect(0, 0, 54, HEIGHT, wall)
    pen.rect(426, 0, WIDTH, HEIGHT, wall)
    pen.line([(54, 36), (426, 36), (426, 176), (54, 176), (54, 36)], (90, 96, 92), 6)
    pen.rect(0, 196, 120, HEIGHT, (50, 110, 96))
    pen.rect(0, 120, 46, 220, (50, 110, 96))
    pen.rect(190, 206, 300, 216, (206, 196, 170))
    pen.rect(240, 216, 250, HEIGHT, (120, 116, 104))
    return pen.finish()


def _ride(x: float) -> Image.Image:
    frame = gradient_sky().copy()
    endless(hills(), x * 0.2, frame, 60)
    frame.paste((122, 184, 92), (0, 150, WIDTH, HEIGHT))
    endless(trees(), x, frame, 70)
    return frame


def train_window(reader: bool = False) -> Picture:
    """Return a picture of the land rushing past a train window; ``reader`` shows a woman who reads."""

    def picture(u: float, t: float) -> Image.Image:
        frame = _ride(430 * t)
        place(frame, _carriage(), 0, 1.2 * np.sin(t * 10), (0, 0))
        if reader:
            # The other side of the carriage.
            frame = frame.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            arms = "point" if u % 3 > 2.2 else "down"
            place(
                frame,
                person(190, (226, 190, 60), (60, 60, 90), hair=(90, 40, 30), arms=arms),
                120,
                300,
                (0.5, 1),
            )
        return frame

    return picture


def tunnel(u: float, t: float) -> Image.Image:
    """The train runs into a tunnel: it grows almost black, lamps flit past the window."""
    return Image.blend(train_window()(u, t), _tunnel(t), min(1.0, max(0.0, u / 0.7)))


def out_of_tunnel(u: float, t: float) -> Image.Image:
    """The train leaves the tunnel; the light returns."""
    return Image.blend(_tunnel(t), train_window()(u, t), min(1.0, max(0.0, u / 0.8)))


def _tunnel(t: float) -> Image.Image:
    frame = Image.new("RGB", SIZE, (8, 8, 10))
    for k in range(2):
        place(frame, glow(34, (255, 220, 150), 0.9, 0.6), WIDTH - (t * 700 + k * 330) % 660, 80)
    place(frame, _carriage(), 0, 1.2 * np.sin(t * 10), (0, 0))
    return relight(frame, 0.3)


@lru_cache(maxsize=1)
def _station() -> Image.Image:
    pen = Pen(SIZE, gradient(SIZE, [(0, (190, 206, 216)), (1, (224, 228, 226))]))
    pen.poly([(0, 0), (480, 0), (480, 34), (0, 60)], (90, 110, 116))
    for x in range(30, 480, 110):
        pen.rect(x, 30, x + 8, 214, (70, 90, 96))
    pen.rect(0, 206, WIDTH, HEIGHT, (170, 164, 156))
    pen.rect(0, 200, WIDTH, 208, (236, 206, 60))
    pen.ellipse(240, 76, 24, 24, (30, 30, 34))
    pen.ellipse(240, 76, 20, 20, (250, 250, 246))
    pen.line([(240, 76), (240, 62)], (30, 30, 34), 2.4)
    pen.line([(240, 76), (250, 80)], (30, 30, 34), 2.4)
    return pen.finish()


def _platform(frame: Image.Image, count: int, u: float, walking: bool) -> None:
    for k in range(count):
        tone = ((190, 60, 60), (60, 90, 150), (230, 180, 60), (90, 140, 90), (120, 70, 130))[k % 5]
        x = 60 + 84 * k + (24 * u if walking and k % 2 else -18 * u if walking else 0)
        stride = round(np.sin(u * 7 + k) * 3) / 3 if walking else 0.0
        place(frame, person(92, tone, stride=stride, arms="swing" if walking else "down"), x, 262, (0.5, 1))


def empty_platform(u: float, t: float) -> Image.Image:
    """People wait on the platform under the station clock."""
    frame = _station().copy()
    _platform(frame, 5, u, False)
    return frame


def arrives(u: float, t: float) -> Image.Image:
    """A green train rolls into the station and stops."""
    frame = _station().copy()
    place(frame, train(), 500 - 560 * (1 - (1 - min(1.0, u / 4.6)) ** 2), 96, (0, 0))
    _platform(frame, 5, u, False)
    return frame


def people_board(u: float, t: float) -> Image.Image:
    """People walk about the platform and get on."""
    frame = _station().copy()
    place(frame, train(), -60, 96, (0, 0))
    _platform(frame, 5, u, True)
    return frame
