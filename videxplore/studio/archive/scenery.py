"""A camera that moves and things that pass by: what makes two takes of one drawn place differ."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image

from videxplore.studio.canvas import HEIGHT, WIDTH, Colour, glow, place
from videxplore.studio.props import car, cloud, person, tree

Camera = Callable[[float], tuple[float, float, float]]
"""Where it looks and how near, from the seconds since its shot began: (x, y, zoom) on the drawn picture."""

Passer = Callable[[Image.Image, float], None]
"""Draws something into a picture, from the seconds since the take began."""

_COLOURS: tuple[Colour, ...] = (
    (190, 60, 50), (58, 92, 168), (226, 178, 60), (74, 140, 86), (238, 236, 228), (124, 76, 150),
    (44, 48, 60), (222, 128, 60),
)  # fmt: skip


def draw_camera(rng: np.random.Generator) -> Camera:
    """A camera that pans and zooms to and fro, held by a hand."""
    near = rng.uniform(1.15, 1.65, 2)
    # To another part of the picture, so that no camera stands still.
    start, way = rng.uniform(0.2, 0.8, 2), rng.uniform(0.2, 0.45, 2) * rng.choice((-1, 1), 2)
    end = np.clip(start + way, 0.1, 0.9)
    sway, pace, phase = rng.uniform(2, 7), rng.uniform(0.8, 2.2, 2), rng.uniform(0, 6.3, 2)
    over = rng.uniform(5, 9)

    def look(t: float) -> tuple[float, float, float]:
        share = 0.5 - 0.5 * float(np.cos(np.pi * t / over))
        at = start + (end - start) * share
        hand = sway * np.sin(pace * t + phase)
        zoom = float(near[0] + (near[1] - near[0]) * share)
        return float(at[0] * WIDTH + hand[0]), float(at[1] * HEIGHT + hand[1]), zoom

    return look


def draw_passers(
    rng: np.random.Generator, cast: tuple[str, ...], seconds: float, size: tuple[int, int]
) -> tuple[Passer, ...]:
    """One or two things of the cast that pass by during the take; none so large that it is what is seen."""
    made = {"person": _person, "car": _car, "cloud": _cloud, "tree": _tree, "lamp": _lamp}
    names = [cast[int(i)] for i in rng.integers(len(cast), size=int(rng.integers(1, 3)))]
    return tuple(made[name](rng, seconds, size) for name in names)


def _colour(rng: np.random.Generator) -> Colour:
    return _COLOURS[int(rng.integers(len(_COLOURS)))]


def _across(
    rng: np.random.Generator, seconds: float, size: tuple[int, int], margin: float
) -> tuple[Callable[[float], float], int]:
    """Where something is that crosses the picture during the take, and which way it looks."""
    facing = 1 if rng.random() < 0.5 else -1
    begin, reach = rng.uniform(-0.2, 0.5), rng.uniform(0.5, 1.1)

    def at(t: float) -> float:
        share = begin + reach * t / seconds
        share = share if facing > 0 else 1 - share
        return -margin + share * (size[0] + 2 * margin)

    return at, facing


def _person(rng: np.random.Generator, seconds: float, size: tuple[int, int]) -> Passer:
    height = round(size[1] * rng.uniform(0.3, 0.5))
    shirt, trousers = _colour(rng), _colour(rng)
    at, facing = _across(rng, seconds, size, height / 2)
    low = size[1] * (1 + rng.uniform(0.02, 0.2))
    pace = rng.uniform(1.6, 2.3)

    def draw(frame: Image.Image, t: float) -> None:
        stride = round(float(np.sin(np.pi * pace * t)) * 4) / 4
        sprite = person(height, shirt, trousers, stride=stride, arms="swing", facing=facing)
        place(frame, sprite, at(t), low, (0.5, 1))

    return draw


def _car(rng: np.random.Generator, seconds: float, size: tuple[int, int]) -> Passer:
    length = round(size[0] * rng.uniform(0.22, 0.38))
    colour = _colour(rng)
    at, facing = _across(rng, seconds, size, length)
    low = size[1] * (1 + rng.uniform(-0.02, 0.08))

    def draw(frame: Image.Image, t: float) -> None:
        place(frame, car(length, colour, facing, True, int(t * 12) % 4), at(t), low, (0.5, 1))

    return draw


def _cloud(rng: np.random.Generator, seconds: float, size: tuple[int, int]) -> Passer:
    sprite = cloud(round(size[0] * rng.uniform(0.15, 0.35)))
    at, _ = _across(rng, seconds * rng.uniform(1, 2.5), size, sprite.width / 2)
    high = size[1] * rng.uniform(0.05, 0.3)

    def draw(frame: Image.Image, t: float) -> None:
        place(frame, sprite, at(t), high)

    return draw


@lru_cache(maxsize=64)
def _tree_sprite(height: int, leaves: Colour, kind: str) -> Image.Image:
    return tree(height, leaves, kind)


def _tree(rng: np.random.Generator, seconds: float, size: tuple[int, int]) -> Passer:
    """A tree beside the way, which the camera leaves behind."""
    height = max(8, round(size[1] * rng.uniform(0.3, 0.6) / 8) * 8)
    leaves = ((60, 120, 56), (92, 142, 60), (44, 96, 62))[int(rng.integers(3))]
    sprite = _tree_sprite(height, leaves, "fir" if rng.random() < 0.5 else "round")
    at, _ = _across(rng, seconds * rng.uniform(1, 2), size, sprite.width / 2)

    def draw(frame: Image.Image, t: float) -> None:
        place(frame, sprite, at(t), size[1] * 1.05, (0.5, 1))

    return draw


def _lamp(rng: np.random.Generator, seconds: float, size: tuple[int, int]) -> Passer:
    """A light out of focus that wanders."""
    radius = round(size[1] * rng.uniform(0.1, 0.25))
    colour = tuple(int(level) for level in rng.integers(140, 256, 3))
    sprite = glow(radius, (colour[0], colour[1], colour[2]), float(rng.uniform(0.6, 0.95)))
    at, _ = _across(rng, seconds, size, radius / 2)
    high, swing, pace = rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.3), rng.uniform(0.4, 1.4)

    def draw(frame: Image.Image, t: float) -> None:
        y = size[1] * (high + swing * float(np.sin(pace * t * 2)))
        place(frame, sprite, at(t), y)

    return draw
