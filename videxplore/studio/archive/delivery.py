"""A clip as a file: what was filmed, altered as copies are, spoilt as planned, encoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from videxplore.studio.archive.clips import SUBTITLED, Clip
from videxplore.studio.archive.takes import FPS, Size, film_take
from videxplore.studio.canvas import label, place
from videxplore.studio.director import TICKS, Film
from videxplore.studio.encode import write_file, write_subtitles
from videxplore.studio.mix import mix
from videxplore.studio.picture import draw_frame
from videxplore.studio.sound import RATE, Signal

ON_TWOS = 2
"""Every picture is shown for two frames, as drawn films are."""

BAR = 0.125
"""Share of the height that either bar of a letterboxed picture takes."""

LEVEL = 0.8
"""Of the sound, so that its loudest moments survive a low bit rate unclipped."""

_CROPPED = (0.78, 0.9)
# The fastest preset leaves the grid of its blocks to be seen, unless told otherwise.
_FAST = {"preset": "ultrafast", "deblock": "0:0", "g": "25"}
_USUAL, _AGAIN, _STARVED = ({**_FAST, "crf": crf} for crf in ("23", "29", "51"))
_SOUND_BPS = 32_000

Change = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True, slots=True)
class _Form:
    """How a file is written."""

    size: Size
    options: dict[str, str]
    changes: tuple[Change, ...]


def deliver(clip: Clip, path: Path, size: Size) -> None:
    """Write a clip to a file that appears only when it is complete, with its subtitles beside it.

    Args:
        clip: what to draw.
        path: of the file; its folder is made.
        size: (width, height) of an ordinary clip.
    """
    film = film_take(clip.take, clip.topic, clip.take_s, size, hectic=clip.has("over-edited"))
    form = _form(clip, size)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    ticks = [round(k * TICKS / FPS) for k in range(round(clip.duration_s * FPS) + 1)]
    try:
        write_file(
            part,
            _pictures(clip, film, form),
            ticks,
            None if clip.has("no sound") else _sound(clip, film),
            fps=FPS,
            size=form.size,
            options=form.options,
            sound_bps=_SOUND_BPS,
        )
        if clip.subtitled:
            write_subtitles(film, path.with_suffix(f".{SUBTITLED}.vtt"))
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def _form(clip: Clip, size: Size) -> _Form:
    rng = np.random.default_rng([len(clip.clip_id), *clip.clip_id.encode()])
    half = (size[0] // 2, size[1] // 2)
    small = clip.has("resolution")
    options = _AGAIN if clip.copied == "encoded again" else _STARVED if clip.has("bitrate") else _USUAL
    changes: list[Change] = []
    if clip.copied == "cropped":
        changes.append(_crop(rng))
    if clip.copied == "mirrored":
        changes.append(ImageOps.mirror)
    if clip.copied == "logo added":
        changes.append(_logo(rng))
    if clip.has("letterbox"):
        changes.append(_letterbox)
    if clip.has("blurred"):
        changes.append(lambda image: image.filter(ImageFilter.GaussianBlur(size[0] / 64)))
    if small:
        changes.append(lambda image: image.resize(half, Image.Resampling.BILINEAR))
    return _Form(half if small else size, options, tuple(changes))


def _pictures(clip: Clip, film: Film, form: _Form) -> Iterator[Image.Image]:
    """Every picture of the file, in order."""
    first, frames = round(clip.start_s * FPS), round(clip.duration_s * FPS)
    black, frozen = clip.spans_of("black"), clip.spans_of("frozen")
    image = Image.new("RGB", form.size)
    shown: Image.Image | None = None
    for k in range(frames):
        now = k / FPS
        if any(span.start_s <= now < span.end_s for span in black):
            yield Image.new("RGB", form.size)
            shown = None
            continue
        held = any(span.start_s < now < span.end_s for span in frozen)
        if shown is None or (k % ON_TWOS == 0 and not held):
            image = draw_frame(film, first + k)
            for change in form.changes:
                image = change(image)
            shown = image
        yield image


def _sound(clip: Clip, film: Film) -> Signal:
    """What is heard, float64 (n,)."""
    track = LEVEL * mix(film)
    first = round(clip.start_s * RATE)
    heard = np.array(track[first : first + round(clip.duration_s * RATE)])
    for span in clip.spans_of("silent"):
        heard[round(span.start_s * RATE) : round(span.end_s * RATE)] = 0
    return heard


def _crop(rng: np.random.Generator) -> Change:
    share, right, down = float(rng.uniform(*_CROPPED)), float(rng.random()), float(rng.random())

    def crop(image: Image.Image) -> Image.Image:
        w, h = image.width * share, image.height * share
        left, top = right * (image.width - w), down * (image.height - h)
        return image.resize(image.size, Image.Resampling.BILINEAR, box=(left, top, left + w, top + h))

    return crop


def _letterbox(image: Image.Image) -> Image.Image:
    bar = round(image.height * BAR)
    barred = Image.new("RGB", image.size)
    barred.paste(image.crop((0, bar, image.width, image.height - bar)), (0, bar))
    return barred


def _logo(rng: np.random.Generator) -> Change:
    name = ("TV7", "NOVA", "K3", "ORBIT")[int(rng.integers(4))]
    right = rng.random() < 0.7

    def stamp(image: Image.Image) -> Image.Image:
        marked = image.copy()
        sprite = label(name, max(8, image.height // 14), (255, 255, 255), (206, 36, 44), 3)
        place(marked, sprite, image.width * (0.96 if right else 0.04), image.height * 0.06, (right, 0))
        return marked

    return stamp
