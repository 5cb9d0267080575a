"""What was filmed for a clip: a stretch of a drawn scene, seen by a camera of its own and with passers-by."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

from videxplore.studio.archive.scenery import Camera, Passer, draw_camera, draw_passers
from videxplore.studio.archive.topics import BY_LABEL, beats_of
from videxplore.studio.canvas import relight, zoomed
from videxplore.studio.director import Beat, Director, Film, Line, Picture

FPS = 25
LONGEST_MOMENT_S, HECTIC_S = 4.0, 0.4
"""Seconds that a moment of the script is held at most, and those of a shot of an over-edited clip."""

Size = tuple[int, int]
Part = tuple[Beat, float, float, float, bool]
"""A moment of the script, the seconds since its shot began, where it is entered, how long, and if it cuts."""


def film_take(take: str, topic: str, seconds: float, size: Size, *, hectic: bool = False) -> Film:
    """Return what was filmed as a script of its own, whose pictures have this size.

    Args:
        take: name, from which everything that is left to chance follows.
        topic: label of one of :data:`videxplore.studio.archive.topics.TOPICS`.
        seconds: length.
        size: (width, height) in pixels.
        hectic: whether it is cut every :data:`HECTIC_S` seconds.
    """
    rng = np.random.default_rng(zlib.crc32(take.encode()))
    look = _look(rng)
    director = Director(f"{take}.mp4", topic, "dev", FPS)
    director.chapter(topic)
    director.scene(topic)
    parts = _hectic(rng, topic, seconds) if hectic else _calm(rng, topic, seconds)
    passers = draw_passers(rng, BY_LABEL[topic].cast, seconds, size)
    camera, shot_s, now = draw_camera(rng), 0.0, 0.0
    for beat, lead, enter, length, cuts in parts:
        if cuts and now:
            camera, shot_s = draw_camera(rng), now
        seen = _seen(beat.picture, enter, lead, camera, look, (now, shot_s), passers, size)
        director.beat(
            beat.label,
            length,
            seen,
            join="cut" if cuts else "same",
            beds=beat.beds,
            hits=[(at - enter, name, gain) for at, name, gain in beat.hits if 0 <= at - enter < length],
            lines=_lines(beat, enter, length),
        )
        now += length
    return director.film()


def _calm(rng: np.random.Generator, topic: str, seconds: float) -> list[Part]:
    """Moments in the order of the script, from one of them on, each entered somewhere."""
    scenes = beats_of(topic)
    scene = scenes[int(rng.integers(len(scenes)))]
    at = int(rng.integers(len(scene)))
    parts: list[Part] = []
    left = seconds
    while left > 1e-6:
        beat, lead = scene[at % len(scene)]
        whole = beat.frame_count / 25.0
        said = [line.offset_s for line in beat.lines]
        length = min(left, whole if said else LONGEST_MOMENT_S, whole)
        # No stump of a moment at the end.
        length = left if left - length < 1.0 else length
        enter = float(rng.uniform(0, max(0.0, min(1.5, whole - length, *said))))
        goes_on = bool(parts) and beat.join == "same" and at % len(scene) > 0
        parts.append((beat, lead, enter, length, not goes_on))
        left -= length
        at += 1
    return parts


def _hectic(rng: np.random.Generator, topic: str, seconds: float) -> list[Part]:
    """Shots too short to see anything in, from all over the film."""
    moments = [moment for scene in beats_of(topic, whole_film=True) for moment in scene]
    parts: list[Part] = []
    left = seconds
    while left > 1e-6:
        beat, lead = moments[int(rng.integers(len(moments)))]
        length = left if left < 2 * HECTIC_S else HECTIC_S
        parts.append((beat, lead, float(rng.uniform(0, 1)), length, True))
        left -= length
    return parts


def _lines(beat: Beat, enter: float, length: float) -> list[Line]:
    """What is said, as far as it fits in."""
    shifted = (Line(line.offset_s - enter, line.seconds, line.text, line.voice) for line in beat.lines)
    return [line for line in shifted if line.offset_s >= 0 and line.offset_s + line.seconds <= length + 0.3]


def _look(rng: np.random.Generator) -> Callable[[Image.Image], Image.Image]:
    """How the camera was set: exposure, white balance, black level."""
    warm, light = rng.normal(0, 12), float(rng.uniform(0.75, 1.0))
    tint = (round(min(255, 245 + warm)), 245, round(min(255, 245 - warm)))
    lift = float(rng.uniform(0, 14))
    return lambda image: relight(image, light, tint, lift)


def _seen(
    picture: Picture,
    enter: float,
    lead: float,
    camera: Camera,
    look: Callable[[Image.Image], Image.Image],
    when: tuple[float, float],
    passers: tuple[Passer, ...],
    size: Size,
) -> Picture:
    """The picture of the script as this camera sees it; ``when`` it begins and its shot began, in seconds."""
    began, shot = when

    def draw(u: float, _: float) -> Image.Image:
        inside = u + enter
        x, y, zoom = camera(began + u - shot)
        frame = look(zoomed(picture(inside, inside + lead), x, y, zoom, size))
        for passer in passers:
            passer(frame, began + u)
        return frame

    return draw
