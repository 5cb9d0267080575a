"""Camera takes for synthetic clips: pieces of the sample films, and procedural pictures in motion.

Pixels are float64 (n, 27, 48, 3) on the scale 0–255: the size at which shots are looked for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates, zoom

from videxplore.stages.decoding.frames import FrameScan
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.features.cuts import HEIGHT, WIDTH
from videxplore.stages.features.resize import halve
from videxplore.studio.samples import sample_set

Pixels = NDArray[np.float64]
Frames = NDArray[np.uint8]

_GROUND = (3 * HEIGHT, 3 * WIDTH)
_MARGIN_FRAMES = 4
_SHORTEST_TAKE = 40


def film_takes(split: str) -> list[Frames]:
    """Return the takes of the sample films of ``split``, uint8 (n, 27, 48, 3) each, free of transitions."""
    films, takes = sample_set(), []
    for path in films.videos:
        truth = films.truth[path.name]
        if truth.split != split:
            continue
        scan = FrameScan(open_video(path), size=(2 * WIDTH, 2 * HEIGHT))
        frames = np.concatenate([halve(batch.rgb) for batch in scan])
        joins = [(t, t) for t in truth.cuts] + [(first, last + 1) for first, last, _ in truth.gradual]
        start = 0
        for first, last in [*sorted(joins), (len(frames), len(frames))]:
            take = frames[start : max(start, first - _MARGIN_FRAMES)]
            if len(take) >= _SHORTEST_TAKE:
                takes.append(take)
            start = last + _MARGIN_FRAMES
    return takes


def draw_take(rng: np.random.Generator, n: int, pool: Sequence[Frames]) -> Pixels:
    """Return a take of ``n`` frames: from ``pool`` or drawn, with its own light and noise."""
    kinds = ("film", "camera", "objects", "turbulence", "text", "whip")
    kind = rng.choice(
        kinds, p=(0.4, 0.22, 0.16, 0.08, 0.08, 0.06) if pool else (0, 0.38, 0.26, 0.14, 0.12, 0.1)
    )
    if kind == "film":
        take = _borrow(rng, n, pool)
    elif kind == "turbulence":
        a, b = (move_camera(rng, draw_ground(rng), n) for _ in range(2))
        take = np.sqrt(a * b) if rng.random() < 0.5 else np.maximum(a, b)
    elif kind == "text":
        take = _scroll_text(rng, n)
    else:
        take = move_camera(rng, draw_ground(rng), n, whip=kind == "whip")
        if kind == "objects":
            _pass_objects(rng, take)
    if rng.random() < 0.25:
        take = take * np.linspace(1, rng.uniform(0.7, 1.3), n)[:, None, None, None]
    if rng.random() < 0.12:  # film and drawn motion repeat frames
        take = _repeat(rng, take)
    return take


def _repeat(rng: np.random.Generator, take: Pixels) -> Pixels:
    """Show every frame twice or three times, or every fourth twice, as when a film's rate is raised."""
    t = np.arange(len(take))
    return take[(t // 2 * 2, t // 3 * 3, t * 4 // 5)[int(rng.integers(3))]]


def draw_ground(rng: np.random.Generator) -> Pixels:
    """Return a picture (81, 144, 3) larger than the frame: soft noise, patches and stripes."""
    height, width = _GROUND
    ground = np.empty((height, width, 3))
    ground[:] = rng.uniform(20, 220, 3)
    for size in (3, 7, 18, 40):
        coarse = rng.normal(size=(height // size + 2, width // size + 2, 3 if rng.random() < 0.5 else 1))
        smooth = zoom(coarse, (size, size, 1), order=1)[:height, :width]
        ground += smooth * rng.uniform(2, 14) * size**0.3
    for _ in range(int(rng.integers(0, 30))):
        y, x = rng.integers(0, height), rng.integers(0, width)
        h, w = rng.integers(3, 28, 2)
        patch = ground[y : y + h, x : x + w]
        patch += (rng.uniform(0, 255, 3) - patch) * rng.uniform(0.4, 1)
    grey = ground.mean(axis=2, keepdims=True)
    ground = grey + (ground - grey) * rng.choice((0.0, 0.4, 1.0), p=(0.1, 0.4, 0.5))
    shade = rng.choice((1.0, 1.0, rng.uniform(0.15, 0.5)))
    return np.clip(ground, 0, 255) * shade


def move_camera(rng: np.random.Generator, ground: Pixels, n: int, *, whip: bool = False) -> Pixels:
    """Return what a camera sees that pans, tilts, zooms, turns, is held by hand, or is whipped round."""
    t = np.arange(n)
    still, hand = rng.random() < 0.3, rng.choice((0.0, 0.05, 0.2, 0.8), p=(0.4, 0.3, 0.2, 0.1))
    speed = np.zeros(2) if still else rng.normal(0, 0.35, 2)
    path = t[:, None] * speed + _wander(rng, n, 2) * hand
    if whip:
        middle, length = rng.uniform(0.2, 0.8) * n, rng.uniform(4, 14)
        reach = np.array([rng.uniform(-12, 12), rng.choice((-1, 1)) * rng.uniform(30, 80)])
        path = path + reach / (1 + np.exp(-(t - middle) / length * 4))[:, None]
    if rng.random() < 0.12:  # the camera is shaken for a moment
        at, width = rng.uniform(0, n), rng.uniform(3, 10)
        path = path + rng.normal(0, 1.5, (n, 2)) * np.exp(-(((t - at) / width) ** 2))[:, None]
    scale = np.exp(t * (0 if rng.random() < 0.6 else rng.normal(0, 0.006))) * rng.uniform(0.5, 1.3)
    angle = t * (0 if rng.random() < 0.85 else rng.normal(0, 0.004))
    y, x = np.mgrid[:HEIGHT, :WIDTH].reshape(2, -1) - np.array([[HEIGHT / 2], [WIDTH / 2]])
    turn = np.stack([np.cos(angle), np.sin(angle)]) * scale
    rows = turn[0][:, None] * y - turn[1][:, None] * x + path[:, :1] + ground.shape[0] / 2
    columns = turn[1][:, None] * y + turn[0][:, None] * x + path[:, 1:] + ground.shape[1] / 2
    seen = [map_coordinates(ground[..., c], (rows, columns), order=1, mode="mirror") for c in range(3)]
    return np.stack(seen, axis=-1).reshape(n, HEIGHT, WIDTH, 3)


def _wander(rng: np.random.Generator, n: int, d: int) -> Pixels:
    steps = rng.normal(size=(n + 8, d))
    smooth = np.stack([np.convolve(steps[:, k], np.ones(5) / 5, "same") for k in range(d)], axis=1)
    walk = np.cumsum(smooth, axis=0)[:n]
    return walk - walk[:1]


def _borrow(rng: np.random.Generator, n: int, pool: Sequence[Frames]) -> Pixels:
    """A piece of a film, mirrored or cropped, played there and back where it is too short."""
    take = pool[int(rng.integers(len(pool)))]
    there_and_back = np.concatenate([take, take[::-1]])
    start = int(rng.integers(len(there_and_back)))
    piece = there_and_back[(start + np.arange(n)) % len(there_and_back)].astype(np.float64)
    if rng.random() < 0.5:
        piece = piece[:, :, ::-1]
    if rng.random() < 0.3:
        y, x = int(rng.integers(0, HEIGHT // 3)), int(rng.integers(0, WIDTH // 3))
        rows = y + np.arange(HEIGHT) * 2 // 3
        columns = x + np.arange(WIDTH) * 2 // 3
        piece = piece[:, rows][:, :, columns]
    return np.clip(piece * rng.uniform(0.6, 1.15) + rng.uniform(-8, 15), 0, 255)


def _pass_objects(rng: np.random.Generator, take: Pixels) -> None:
    n = len(take)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    for _ in range(int(rng.integers(1, 5))):
        size = rng.uniform(2, 14, 2)
        place = np.array([rng.uniform(0, HEIGHT), rng.uniform(0, WIDTH)])
        way = place + np.arange(n)[:, None] * rng.normal(0, (0.2, 0.8)) + _wander(rng, n, 2) * 0.3
        way = way % (2 * HEIGHT, 2 * WIDTH) - (HEIGHT / 2, WIDTH / 2)
        away = ((y - way[:, 0, None, None]) / size[0]) ** 2 + ((x - way[:, 1, None, None]) / size[1]) ** 2
        cover = np.clip(3 * (1 - away), 0, 1)[..., None]
        take += (rng.uniform(0, 255, 3) - take) * cover


def _scroll_text(rng: np.random.Generator, n: int) -> Pixels:
    """Words on a plain ground: a card of one or two lines that stands, or many lines that may scroll."""
    card = rng.random() < 0.5
    ground = np.empty((*_GROUND, 3))
    ground[:] = rng.choice((8.0, 20.0, 240.0)) + rng.uniform(-8, 8, 3)
    ink = 250 - ground[0, 0].mean()
    every = int(rng.integers(4, 8))
    for row in (
        range(18, 18 + every * int(rng.integers(1, 3)), every) if card else range(2, _GROUND[0] - 3, every)
    ):
        x = int(rng.integers(30, 70))
        while x < 110:
            length = int(rng.integers(2, 9))
            ground[row : row + 2, x : x + length] = ink * rng.uniform(0.6, 1)
            x += length + 2
    speed = 0.0 if card else rng.choice((0.0, 0.3, 0.8))
    rows = np.arange(n)[:, None, None] * speed + np.arange(HEIGHT)[:, None] + 10
    columns = np.broadcast_to(np.arange(WIDTH) + WIDTH, (n, HEIGHT, WIDTH))
    rows = np.broadcast_to(rows, columns.shape)
    seen = [map_coordinates(ground[..., c], (rows, columns), order=1, mode="wrap") for c in range(3)]
    return np.stack(seen, axis=-1)
