"""Gradual transitions from per-frame distances: fades through one colour, dissolves and wipes.

Both rules are training-free and ask for precision before recall. A *fade* is a stretch of black or
white that brightness runs into, or out of, steadily. A *dissolve* is a straight path between two
different pictures in encoded RGB, most of which changes: the way over the middle is as short as the
direct way, the two halves are alike, and little moves before and after. A *wipe* is a straight path too,
though only if distances are mean absolute ones: it changes every pixel once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.values.media import Series

Floats = NDArray[np.float64]

_DARK = (24.0, 9.0)
_BRIGHT = (226.0, 12.0)
_LEAST_FRAMES = 4
_LEAST_CHANGE = 12.0
_HALVES = (4, 6, 8, 12, 16, 24)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a mix must reach: ``path`` names the distance in which it is straight."""

    path: str
    straight: float
    balanced: float
    changed: float
    widespread: float
    visible: float
    lively: float


# A dissolve, straight in both distances, is tried first. Motion comes nearer to a wipe than to a
# dissolve, so a wipe has to be clearer. Set on drawn films, see tests.
_RULES = {
    "dissolve": _Rules("T", 0.86, 0.5, 0.25, 4.0, 10.0, 0.95),
    "wipe": _Rules("A", 0.92, 0.5, 0.25, 8.0, 12.0, 0.8),
}


@dataclass(frozen=True, slots=True)
class Transition:
    """A gradual transition over frames ``[first, last]``.

    Attributes:
        at: first frame of the new thing: the middle of a dissolve or wipe, the end of black in a fade.
        kind: ``"fade"``, ``"dissolve"`` or ``"wipe"``.
        strength: 1 is the detector's threshold.
    """

    first: int
    last: int
    at: int
    kind: str
    strength: float


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
        for start, stop in _runs(mask):
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
            found.append(Transition(left, right, min(at, right), "fade", strength))
    return sorted(found, key=lambda fade: fade.at)


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


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


def find_mixes(series: Series, cuts: NDArray[np.intp], fades: list[Transition]) -> list[Transition]:
    """Return dissolves and wipes of 8 to 48 frames, in time order, away from ``cuts`` and ``fades``."""
    n = len(series)
    candidates: list[Transition] = []
    for half in _HALVES:
        if n <= 4 * half:
            continue
        by_kind = {kind: _measure_mix(series, half, kind) for kind in _RULES}
        for kind, strength in by_kind.items():
            for cut in cuts:
                strength[max(0, cut - half) : cut + half + 1] = 0
            for t in np.flatnonzero(strength >= 1).tolist():
                if strength[t] == strength[max(0, t - half) : t + half + 1].max():
                    candidates.append(Transition(t - half, t + half, t, kind, float(strength[t])))
    # Half a fade is a straight path too, from a picture to plain colour.
    kept = list(fades)
    for candidate in sorted(candidates, key=lambda c: (list(_RULES).index(c.kind), -c.strength)):
        if all(candidate.last < k.first or candidate.first > k.last for k in kept):
            kept.append(candidate)
    return sorted(kept[len(fades) :], key=lambda mix: mix.at)


def _measure_mix(series: Series, half: int, kind: str) -> Floats:
    """Return per frame t the strength of a mix over [t − half, t + half], ≥ 1 where all rules hold.

    The strength is the smallest ratio of a measure to what it must reach, at most 1.5 each.
    """
    n, rules = len(series), _RULES[kind]
    step = series[f"{rules.path}{half}"].astype(np.float64)
    whole = series[f"{rules.path}{2 * half}"].astype(np.float64)
    changed = series[f"Z{2 * half}"].astype(np.float64)
    first, second = step, _shift(step, half)
    full = _shift(whole, half)
    inside = (first + second) / 2 + 1
    outside = np.maximum(_shift(step, -half), _shift(step, 2 * half))
    ratios = np.stack(
        [
            # A path cannot be straighter than 1: what it lacks to 1 is set against what it may lack.
            (1 - rules.straight) / np.maximum(1 - full / (2 * inside - 1), 1e-6),
            np.minimum(first, second) / (np.maximum(first, second) + 1) / rules.balanced,
            _shift(changed, half) / rules.changed,
            _shift(series[f"B{2 * half}"].astype(np.float64), half) / rules.widespread,
            full / rules.visible,
            rules.lively * inside / np.maximum(outside, 1e-6),
        ]
    )
    ratios[:, : 2 * half] = 0
    ratios[:, n - 2 * half :] = 0
    strength = np.minimum(ratios, 1.5).min(axis=0)
    # Among frames that fulfil the rules the liveliest, straightest one is the middle.
    return np.where(strength >= 1, strength * full / (outside + full + 1e-6), 0) * 2


def _shift(values: Floats, by: int) -> Floats:
    """Return ``values`` read ``by`` frames later, its ends repeated."""
    index = np.clip(np.arange(len(values)) + by, 0, len(values) - 1)
    return values[index]
