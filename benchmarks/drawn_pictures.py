"""The pictures of drawn films: places, the cameras set up in them, and frames with their joins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import zoom

from videxplore.stages.features.resize import SCAN_SIZE
from videxplore.studio.canvas import relight
from videxplore.studio.director import Beat, Film, Picture

Frames = NDArray[np.uint8]
Random = np.random.Generator
Camera = Callable[[Random], Picture]
"""Makes a take of a set-up: the same view, but what moves in it moves differently."""

FPS = 25
WIDTH, HEIGHT = SCAN_SIZE


def scout(rng: Random, structure: str, grade: NDArray[np.float64] | None = None) -> list[Camera]:
    """Return the set-ups of a place, in colours near those of ``grade`` (3,) if the film has one."""
    count = {"take": 1, "coverage": int(rng.integers(2, 5)), "exchange": 2 + int(rng.random() < 0.3)}.get(
        structure, int(rng.integers(3, 6))
    )
    cast, light = _tint(rng, grade), rng.uniform(0.35, 1.0) if grade is None else rng.uniform(0.6, 0.9)
    unlike = 1.0 if structure == "montage" else rng.choice((0.1, 0.4, 0.8))
    room = draw_ground(rng, cast, light)
    cameras = []
    for _ in range(count):
        if rng.random() < unlike:  # another side of the place, with colours of its own
            ground = draw_ground(rng, _tint(rng, grade), light)
        elif rng.random() < 0.5:  # another wall in the same light
            ground = draw_ground(rng, cast, light)
        else:  # the same, from nearer
            ground = room
        cameras.append(film_ground(ground, float(rng.uniform(0.35, 0.9)), rng.uniform(0, 1, 2)))
    return cameras


def _tint(rng: Random, grade: NDArray[np.float64] | None) -> NDArray[np.float64]:
    if grade is None:
        return rng.uniform(0.3, 1.0, 3)
    return np.clip(grade * np.exp(rng.normal(0, 0.12, 3)), 0.2, 1.0)


def draw_ground(rng: Random, cast: NDArray[np.float64], light: float) -> Image.Image:
    """Return a picture (288×162) to move a camera over: gradient, soft noise, patches, in one cast."""
    high, wide = 3 * HEIGHT, 3 * WIDTH
    ground = np.empty((high, wide, 3))
    top, bottom = rng.uniform(40, 230, (2, 3))
    ramp = np.linspace(0, 1, high)[:, None, None] if rng.random() < 0.7 else rng.random()
    ground[:] = top * (1 - ramp) + bottom * ramp
    for size in (6, 20, 60):
        coarse = rng.normal(size=(high // size + 2, wide // size + 2, 3 if rng.random() < 0.3 else 1))
        ground += zoom(coarse, (size, size, 1), order=1)[:high, :wide] * rng.uniform(2, 22)
    for _ in range(int(rng.integers(3, 40))):
        y, x = rng.integers(0, high), rng.integers(0, wide)
        h, w = rng.integers(6, 60, 2)
        patch = ground[y : y + h, x : x + w]
        patch += (rng.uniform(0, 255, 3) - patch) * rng.uniform(0.3, 1)
    return Image.fromarray(np.clip(ground * cast * light * 1.25, 0, 255).astype(np.uint8))


def film_ground(ground: Image.Image, near: float, place: NDArray[np.float64]) -> Camera:
    """Return the set-up that sees the share ``near`` of ``ground`` around ``place``."""

    def roll(rng: Random) -> Picture:
        speed = rng.normal(0, 4, 2) * (rng.random() < 0.5)
        sway, phase = rng.choice((0.0, 0.4, 1.5)), rng.uniform(0, 6, 4)
        push = rng.normal(0, 0.01) * (rng.random() < 0.3)
        things = [_cast_thing(rng) for _ in range(int(rng.integers(0, 4)))]
        dims, at, until = rng.random() < 0.25, rng.uniform(1, 9), rng.uniform(0.3, 1.3)

        def picture(_: float, seconds: float) -> Image.Image:
            share = float(np.clip(near * np.exp(push * seconds), 0.25, 1))
            size = np.array([WIDTH, HEIGHT]) * 3 * share
            turns = np.outer((1.0, 4.0), (1.3, 1.7)) * seconds + phase.reshape(2, 2)
            shaken = sway * np.array([1.0, 0.5]) @ np.sin(turns)
            room = np.array([WIDTH, HEIGHT]) * 3 - size
            corner = np.clip(place * room + speed * seconds + shaken, 0, room)
            box = (*corner.tolist(), *(corner + size).tolist())
            seen = ground.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box=box)
            pen = ImageDraw.Draw(seen)
            for thing in things:
                thing(pen, seconds)
            if dims:
                seen = relight(seen, 1 + (until - 1) * float(np.clip((seconds - at) / 3, 0, 1)))
            return seen

        return picture

    return roll


def _cast_thing(rng: Random) -> Callable[[ImageDraw.ImageDraw, float], None]:
    """Return something that comes, moves about and may go."""
    size, colour = rng.uniform(3, 16, 2), tuple(rng.integers(0, 256, 3).tolist())
    start, speed = rng.uniform((0, 0), (WIDTH, HEIGHT)), rng.normal(0, (6, 2))
    wave, phase = rng.uniform(0, 8), rng.uniform(0, 6)
    comes, goes = rng.choice((0.0, rng.uniform(0, 8))), rng.choice((99.0, rng.uniform(3, 14)))

    def show(pen: ImageDraw.ImageDraw, seconds: float) -> None:
        if comes <= seconds < goes:
            x, y = start + speed * (seconds - comes) + wave * np.sin(seconds * 1.5 + phase)
            x, y = x % (WIDTH + 30) - 15, y % HEIGHT
            pen.ellipse((x - size[0], y - size[1], x + size[0], y + size[1]), fill=colour)

    return show


def replay(frames: Frames, first: int, mirror: bool, light: float) -> Picture:
    """Return the picture that is a piece of a film from frame ``first`` on."""

    def picture(_: float, seconds: float) -> Image.Image:
        frame = frames[min(max(first + round(seconds * FPS), 0), len(frames) - 1)]
        return relight(Image.fromarray(frame[:, ::-1] if mirror else frame), light)

    return picture


def draw_frame(film: Film, frame: int) -> Image.Image:
    """Return frame number ``frame`` (96×54), joins and the fades at both ends included."""
    k = int(np.searchsorted([b.start_frame for b in film.beats], frame, side="right")) - 1
    seen = _shoot(film, film.beats[k], frame)
    for new in (k, k + 1):
        edges = film.beats[new].join_range if 0 < new < len(film.beats) else None
        if edges is not None and edges[0] <= frame <= edges[1]:
            seen = _blend(film, new, frame, (frame - edges[0] + 1) / (edges[1] - edges[0] + 2))
    if frame < film.fade_in_frames:
        seen = relight(seen, (frame + 1) / (film.fade_in_frames + 1))
    left = film.frame_count - frame
    return relight(seen, (left - 1) / film.fade_out_frames) if left <= film.fade_out_frames else seen


def _shoot(film: Film, beat: Beat, frame: int) -> Image.Image:
    now = film.time_s(frame)
    return beat.picture(now - film.time_s(beat.start_frame), max(0.0, now - film.time_s(beat.shot_frame)))


def _blend(film: Film, new: int, frame: int, share: float) -> Image.Image:
    before, after = film.beats[new - 1], film.beats[new]
    if after.join == "fade":
        return relight(
            _shoot(film, before if frame < after.start_frame else after, frame), abs(1 - 2 * share)
        )
    a, b = _shoot(film, before, frame), _shoot(film, after, frame)
    if after.join == "dissolve":
        return Image.blend(a, b, share)
    edge = round(share * WIDTH)
    a.paste(b.crop((0, 0, edge, HEIGHT)), (0, 0))
    return a
