"""Gradual transitions from per-frame distances: fades through one colour, dissolves and wipes.

A *fade* between plain black or white and a picture is found by rule: brightness runs into, or out of, a
stretch of plain colour steadily. Everything else, dissolves, wipes and fades that never get quite plain, is
found by a small net over the same distances (see ``transition_net``): rules that ask for straight paths
between two pictures found fewer, and took whipped pans for wipes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.segmentation.runs import find_runs
from videxplore.stages.segmentation.transition_net import CLASSES, predict_kinds
from videxplore.values.media import Series

Floats = NDArray[np.float64]

_DARK = (24.0, 9.0)
_BRIGHT = (226.0, 12.0)
_LEAST_FRAMES = 4
_LEAST_CHANGE = 12.0
CONVINCED = 0.6
"""Mean probability from which on what the net points at is a transition. Set on synthetic clips."""

# A transition reaches as far as the net believes in it at all.
_BELIEVED = 0.3
_LEAST_MIXED = 6


@dataclass(frozen=True, slots=True)
class Transition:
    """A gradual transition over frames ``[first, last]``.

    Attributes:
        at: first frame of the new thing: the middle of a dissolve or wipe, the end of black in a fade.
        kind: ``"fade"``, ``"dissolve"`` or ``"wipe"``.
        strength: 1 is the detector's threshold.
        bright: the colour in between is white.
    """

    first: int
    last: int
    at: int
    kind: str
    strength: float
    bright: bool = False


def find_fades(series: Series) -> list[Transition]:
    """Return fades out to and in from black or white, in time order.

    A fade out and the fade in that follows it are one transition. Where one side is sudden, the fade
    covers the steady side only: the sudden one is a hard cut. A fade in from the video's first frame or
    out to its last separates nothing and has strength 0.
    """
    luma = series["luma"].astype(np.float64)
    contrast = series["contrast"].astype(np.float64)
    plain = {
        0.0: (luma < _DARK[0]) & (contrast < _DARK[1]),
        255.0: (luma > _BRIGHT[0]) & (contrast < _BRIGHT[1]),
    }
    found = []
    for level, mask in plain.items():
        # How far the picture is from one flat colour: falls on the way out, rises on the way in.
        distance = np.abs(luma - level) + contrast
        for start, stop in find_runs(mask):
            first = _walk(distance, start, -1)
            last = _walk(distance, stop - 1, +1)
            if first is None and last is None:
                continue
            left = stop - 1 if first is None else first
            right = start if last is None else last
            at = start if last is None else stop
            change = max(distance[left] - distance[start], distance[right] - distance[stop - 1])
            inner = start > 0 and stop < len(luma)
            strength = change / (2 * _LEAST_CHANGE) if inner else 0.0
            found.append(Transition(left, right, min(at, right), "fade", strength, level > 0))
    return sorted(found, key=lambda fade: fade.at)


def _walk(distance: Floats, edge: int, step: int) -> int | None:
    """Walk away from plain colour while ``distance`` rises; return where it stops, None for no fade.

    Two frames are compared at a time, because codecs and film rates repeat frames.
    """
    n, t = len(distance), edge
    while 0 <= t + 2 * step < n and distance[t + 2 * step] - distance[t] > 0.8:
        t += step
    change = distance[t] - distance[edge]
    low, high = sorted((t, edge))
    if high - low < _LEAST_FRAMES or change < _LEAST_CHANGE:
        return None
    # Most of the way in one frame is a cut to black, with some motion behind it.
    return None if np.abs(np.diff(distance[low : high + 1])).max() > 0.6 * change else t


def find_gradual(series: Series) -> list[Transition]:
    """Return all gradual transitions in time order: fades by rule, and what the net finds besides.

    The strength of the latter is the mean probability inside, over :data:`CONVINCED`. Fades that separate
    nothing have strength 0, as in :func:`find_fades`.
    """
    kinds = predict_kinds(series)
    mixed, fading = 1 - kinds[:, 0], kinds[:, CLASSES.index("fade")]
    # A bright flash that dies away looks like a fade from white to the rule, not to the net.
    found = [
        fade
        for fade in find_fades(series)
        if fade.strength == 0 or not fade.bright or fading[fade.first : fade.last + 1].max() >= 0.5
    ]
    for start, stop in find_runs(mixed > _BELIEVED):
        first, last, strength = start, stop - 1, float(mixed[start:stop].mean() / CONVINCED)
        if stop - start < _LEAST_MIXED or strength < 1 or first == 0 or stop == len(series):
            continue
        if any(first <= other.last and last >= other.first for other in found):
            continue
        kind = CLASSES[1 + int(kinds[start:stop, 1:].sum(axis=0).argmax())]
        at = (first + last + 1) // 2 if kind != "fade" else _find_plainest(series, first, last)
        found.append(Transition(first, last, at, kind, strength))
    return sorted(found, key=lambda transition: transition.at)


def _find_plainest(series: Series, first: int, last: int) -> int:
    """Return the last of the frames with the least contrast: there the new picture begins."""
    contrast = series["contrast"][first : last + 1]
    return first + int(np.flatnonzero(contrast <= contrast.min() + 0.5)[-1])
