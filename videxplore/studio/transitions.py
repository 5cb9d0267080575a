"""Synthetic clips whose every transition is known to the frame: to train and test detectors.

A clip is drawn from a seed: takes (see ``takes``) joined by cuts, jump cuts, dissolves, fades through black
or white and wipes, and disturbed by what is no transition: flashes, slow lights, flicker, whips, shake,
passing objects, titles that appear. Disturbances and joins keep apart only as far as chance does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from videxplore.stages.features.cuts import HEIGHT, WIDTH
from videxplore.studio.takes import Frames, Pixels, draw_ground, draw_take, move_camera

_JOINS = {"cut": 0.34, "jump": 0.06, "dissolve": 0.22, "fade": 0.18, "wipe": 0.2}
_LEAST_KEPT = 12
_SHORTEST = 8
_WIPES = ("side", "corner", "iris", "clock", "barn", "blinds", "push")


@dataclass(frozen=True, slots=True)
class Clip:
    """A synthetic clip and what is true of it.

    Attributes:
        frames: uint8 (n, 27, 48, 3).
        cuts: first frame of the new shot, per hard cut; neither jumps nor gradual transitions.
        jumps: the same for jump cuts: the same scene, after a while or from a little beside.
        gradual: first and last mixed frame, and ``"dissolve"``, ``"fade"`` or ``"wipe"``.
    """

    frames: Frames
    cuts: tuple[int, ...]
    jumps: tuple[int, ...]
    gradual: tuple[tuple[int, int, str], ...]


@dataclass(slots=True)
class _Reel:
    """A clip in the making."""

    frames: Pixels
    cuts: list[int] = field(default_factory=list)
    jumps: list[int] = field(default_factory=list)
    gradual: list[tuple[int, int, str]] = field(default_factory=list)


def draw_clip(seed: int, pool: Sequence[Frames] = (), *, takes: int = 12) -> Clip:
    """Return the clip of a seed: ``takes`` takes of 30 to 120 frames, from ``pool`` and drawn."""
    rng = np.random.default_rng((seed, 1))
    reel = _Reel(_disturb(rng, draw_take(rng, _length(rng), pool)))
    for _ in range(takes - 1):
        kind = str(rng.choice(tuple(_JOINS), p=tuple(_JOINS.values())))
        if kind == "jump":
            _jump(rng, reel)
            continue
        take = _disturb(rng, draw_take(rng, _length(rng), pool))
        if kind == "cut":
            reel.cuts.append(len(reel.frames))
            reel.frames = np.concatenate([reel.frames, take])
        elif kind == "fade":
            _fade(rng, reel, take)
        else:
            _mix(rng, reel, take, kind)
    return _develop(rng, reel)


def draw_disturbed(seed: int, pool: Sequence[Frames] = (), *, n: int = 500) -> Clip:
    """Return a single take of ``n`` frames with flashes every second or two, or whips: nothing to find."""
    rng = np.random.default_rng((seed, 2))
    half = n // 2
    if seed % 2:
        frames = draw_take(rng, n, pool)
    else:
        ground = draw_ground(rng)
        frames = move_camera(rng, ground, n, whip=True)
        frames[half:] = frames[: n - half][::-1]
    at = int(rng.integers(10, 40))
    while at < n - 10:
        _flash(rng, frames, at)
        at += int(rng.integers(18, 60))
    return _develop(rng, _Reel(frames))


def _length(rng: np.random.Generator) -> int:
    return int(rng.integers(30, 120))


def _develop(rng: np.random.Generator, reel: _Reel) -> Clip:
    noisy = reel.frames + rng.normal(size=reel.frames.shape) * rng.choice((0.0, 0.7, 2.0, 4.0))
    noisy *= 1 + rng.normal(size=(len(noisy), 1, 1, 1)) * rng.choice((0.0, 0.005, 0.015))
    frames = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    return Clip(frames, tuple(reel.cuts), tuple(reel.jumps), tuple(reel.gradual))


def _jump(rng: np.random.Generator, reel: _Reel) -> None:
    """Go on in the same scene: what stands there is moved a little, or the lens is a little longer."""
    ground, n, seed = draw_ground(rng), _length(rng), int(rng.integers(2**31))
    rows, columns = (
        np.clip(
            (np.arange(size) - size / 2) * rng.uniform(0.75, 1) + size / 2 + rng.uniform(-6, 6), 0, size - 1
        )
        for size in ground.shape[:2]
    )
    moved = ground[rows.astype(np.intp)][:, columns.astype(np.intp)]
    before, after = (move_camera(np.random.default_rng(seed), scene, n) for scene in (ground, moved))
    reel.cuts.append(len(reel.frames))
    reel.jumps.append(len(reel.frames) + n)
    reel.frames = np.concatenate([reel.frames, before, after])


def _room(reel: _Reel) -> int:
    """How many frames at the reel's end may be mixed with what comes."""
    joins = [0, *reel.cuts, *reel.jumps, *(last + 1 for _, last, _ in reel.gradual)]
    return len(reel.frames) - max(joins) - _LEAST_KEPT


def _mix(rng: np.random.Generator, reel: _Reel, take: Pixels, kind: str) -> None:
    """Let the reel's end and the take's beginning share 8 to 48 frames; where there is no room, cut."""
    longest = 49 if kind == "dissolve" else 33
    n = min(int(rng.integers(_SHORTEST, longest)), len(take) - _LEAST_KEPT, _room(reel))
    if n < _SHORTEST:
        reel.cuts.append(len(reel.frames))
        reel.frames = np.concatenate([reel.frames, take])
        return
    old, new = reel.frames[-n:], take[:n]
    share = (np.arange(n) + 1.0) / (n + 1)
    if kind == "dissolve":
        if rng.random() < 0.3:
            share = share * share * (3 - 2 * share)
        cover = share[:, None, None, None]
        mixed = old * (1 - cover) + new * cover
    else:
        mixed = _wipe(rng, old, new, share)
    first = len(reel.frames) - n
    reel.gradual.append((first, first + n - 1, kind))
    reel.frames = np.concatenate([reel.frames[:first], mixed, take[n:]])


def _wipe(rng: np.random.Generator, old: Pixels, new: Pixels, share: Pixels) -> Pixels:
    """Cover ``old`` by ``new`` behind an edge, hard or soft, that runs over the picture; or push it out."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] / np.array([[[HEIGHT - 1]], [[WIDTH - 1]]])
    shape = str(rng.choice(_WIPES, p=(0.4, 0.15, 0.12, 0.08, 0.1, 0.05, 0.1)))
    turned = rng.random() < 0.5
    if shape == "push":
        return _push(rng, old, new, share)
    order = {
        "side": y if rng.random() < 0.4 else x,
        "corner": (y + x) / 2 if rng.random() < 0.5 else (y + 1 - x) / 2,
        "iris": np.hypot(y - 0.5, x - 0.5) / np.hypot(0.5, 0.5),
        "clock": np.arctan2(y - 0.5, x - 0.5) / (2 * np.pi) + 0.5,
        "barn": np.abs(x - 0.5) * 2,
        "blinds": x * 6 % 1,
    }[shape]
    order = 1 - order if turned else order
    soft = rng.choice((0.02, 0.02, 0.1, 0.3))
    cover = np.clip((share[:, None, None] * (1 + soft) - order) / soft, 0, 1)[..., None]
    return old * (1 - cover) + new * cover


def _push(rng: np.random.Generator, old: Pixels, new: Pixels, share: Pixels) -> Pixels:
    axis, ahead = int(rng.integers(0, 2)), rng.random() < 0.5
    size = old.shape[1 + axis]
    pairs = np.concatenate([old, new] if ahead else [new, old], axis=1 + axis)
    starts = np.rint((share if ahead else 1 - share) * size).astype(int)
    return np.stack([pair.take(range(k, k + size), axis) for pair, k in zip(pairs, starts, strict=True)])


def _fade(rng: np.random.Generator, reel: _Reel, take: Pixels) -> None:
    """Fade to black, white or nearly so, stay there, and fade in; either side may be sudden."""
    level = float(rng.choice((0.0, 4.0, 10.0, 16.0, 255.0, 245.0), p=(0.25, 0.2, 0.15, 0.15, 0.15, 0.1)))
    sudden = str(rng.choice(("", "out", "in"), p=(0.7, 0.15, 0.15)))
    hold = int(rng.choice((1, 2, 6, 14, 30, 45)))
    out, back = (int(length) for length in rng.integers(_SHORTEST, 49, 2))
    out, back = min(out, _room(reel)), min(back, len(take) - _LEAST_KEPT)
    if sudden == "out" or out < _SHORTEST:
        out = 0
    elif sudden == "in":
        back = 0
    leaving = ((np.arange(out) + 1.0) / (out + 1))[:, None, None, None]
    coming = ((np.arange(back) + 1.0) / (back + 1))[:, None, None, None]
    first = len(reel.frames) - out
    gone = reel.frames[first:] * (1 - leaving) + level * leaving
    here = level * (1 - coming) + take[:back] * coming
    plain = np.full((hold, HEIGHT, WIDTH, 3), level)
    # A sudden side is a hard cut to or from plain colour.
    reel.cuts += [first] if not out else []
    begin = first if out else first + hold
    end = first + out + hold + back - 1 if back else first + out - 1
    reel.cuts += [first + out + hold] if not back else []
    reel.gradual.append((begin, end, "fade"))
    reel.frames = np.concatenate([reel.frames[:first], gone, plain, here, take[back:]])


def _disturb(rng: np.random.Generator, take: Pixels) -> Pixels:
    """Add now and then what is no transition: a flash, flicker, something passing the lens, a title."""
    n = len(take)
    kind = str(
        rng.choice(("", "flash", "swell", "flicker", "passing", "title"), p=(0.5, 0.14, 0.1, 0.06, 0.1, 0.1))
    )
    at = int(rng.integers(10, n - 10))
    if kind == "flash":
        _flash(rng, take, at)
    elif kind == "swell":  # a slow light that comes and goes
        rise = np.exp(-(((np.arange(n) - at) / rng.uniform(3, 15)) ** 2))[:, None, None, None]
        take += rise * rng.uniform(20, 150) if rng.random() < 0.5 else -rise * take * rng.uniform(0.2, 0.6)
    elif kind == "flicker":
        wave = np.sign(np.sin(np.arange(n) * rng.uniform(0.3, 3)))
        take *= 1 + rng.uniform(0.03, 0.3) * wave[:, None, None, None]
    elif kind == "passing":
        colour, speed = rng.uniform(0, 255, 3), rng.uniform(4, 16)
        wide = int(rng.integers(8, 40))
        for k in range(at, n):
            left = int((k - at) * speed) - wide
            take[k, :, max(0, left) : max(0, left + wide)] = colour
    elif kind == "title":
        row, column = int(rng.integers(2, HEIGHT - 7)), int(rng.integers(2, 14))
        share = np.clip((np.arange(n) - at) / rng.choice((1, 12)), 0, 1)[:, None, None, None]
        letters = (rng.random((3, 24, 1)) < 0.6) * share
        place = take[:, row : row + 3, column : column + 24]
        place += (rng.choice((10.0, 245.0)) - place) * letters
    return take


def _flash(rng: np.random.Generator, take: Pixels, at: int) -> None:
    light, fall = rng.uniform(60, 255), rng.uniform(0.3, 0.75)
    for k in range(min(int(rng.integers(1, 6)), len(take) - at)):
        take[at + k] += light * fall**k
