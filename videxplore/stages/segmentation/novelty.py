"""Hard cuts from per-frame distances: what is new across a boundary and calm on either side of it.

Novelty of a distance at frame t is the smallest distance between the three frames before t and the
three from t on, less the mean of the largest distances inside either side: steady motion and single
odd frames cancel. The score is the mean over the three distances of novelty / θ; a cut is a peak of
at least .9. A return test then drops flashes and passing objects: what was there before comes back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.features.cuts import LAGS
from videxplore.values.media import Series

Floats = NDArray[np.float64]

THRESHOLDS = {"H": 0.04, "Z": 0.15, "B": 1.7}
"""Novelty θ at which a distance alone says that a cut is as likely as not."""

CUT_SCORE = 0.9
"""Smallest score of a cut."""

_SIDE = 3
_STEPS = (2, 3, 4)
RETURN_FRAMES = 8
"""How long something may be in the way without being a shot of its own."""


@dataclass(frozen=True, slots=True)
class Novelty:
    """Scores per frame: row t speaks of a boundary just before frame t.

    Attributes:
        score: float64 (n,), mean of novelty / θ; zero for the first frame.
        parts: novelty / θ per distance, by name ``"H"``, ``"Z"``, ``"B"``.
    """

    score: Floats
    parts: dict[str, Floats]


class _Distances:
    """One distance at all lags, read relative to every frame at once; NaN where a frame is missing."""

    def __init__(self, series: Series, name: str) -> None:
        columns = [series[f"{name}{k}"].astype(np.float64) for k in LAGS]
        n = len(series)
        margin = max(LAGS) + 2
        self.table = np.full((len(LAGS) + 1, n + 2 * margin), np.nan)
        for k, column in zip(LAGS, columns, strict=True):
            self.table[k, margin + k : margin + n] = column[k:]
        self.n, self.margin = n, margin

    def between(self, before: int, after: int) -> Floats:
        """Distance from frame t + before to frame t + after, for every t (n,)."""
        low = self.margin + after
        return self.table[after - before, low : low + self.n]


def measure_novelty(series: Series) -> Novelty:
    """Return the score of a cut just before every frame of ``series`` (from ``CutDistances``)."""
    parts = {}
    for name, theta in THRESHOLDS.items():
        d = _Distances(series, name)
        across = np.stack([d.between(-a, b) for a in range(1, _SIDE + 1) for b in range(_SIDE)])
        before = np.stack([d.between(-3, -2), d.between(-2, -1), d.between(-3, -1)])
        after = np.stack([d.between(0, 1), d.between(1, 2), d.between(0, 2)])
        calm = (_largest(before) + _largest(after)) / 2
        nearest = np.min(np.where(np.isnan(across), np.inf, across), axis=0, initial=np.inf)
        parts[name] = np.where(np.isfinite(nearest), nearest - calm, 0.0) / theta
    score = np.mean(list(parts.values()), axis=0) if len(series) else np.zeros(0)
    # One frame has no inside to be calm: a shot needs two.
    score[:2] = score[-1:] = 0
    return Novelty(score, parts)


def _largest(stack: Floats) -> Floats:
    """Return the largest finite value per column; zero where there is none (a side of one frame)."""
    return np.max(np.where(np.isnan(stack), 0.0, stack), axis=0)


def find_returns(series: Series, frames: int = RETURN_FRAMES) -> NDArray[np.float64]:
    """Return per frame how near the picture comes back to what it was, in (n,).

    The value is the smallest mean of distance / θ between one of the two frames before t and the fourth
    to last of ``frames`` frames from t on, or the same backwards in time. Small means that t is the edge
    of a flash or of something passing the lens.
    """
    n = len(series)
    tables = {name: _Distances(series, name) for name in THRESHOLDS}
    pairs = [(-a, b) for a in (1, 2) for b in range(_SIDE, frames) if a + b <= max(LAGS)]
    pairs += [(-a, b) for b in (0, 1) for a in range(_SIDE + 1, frames + 1) if a + b <= max(LAGS)]
    nearest = np.full(n, np.inf)
    for before, after in pairs:
        total = np.mean(
            [tables[name].between(before, after) / theta for name, theta in THRESHOLDS.items()],
            axis=0,
        )
        nearest = np.fmin(nearest, total)
    return nearest


def measure_steps(score: Floats) -> Floats:
    """Return per frame the smaller of the largest scores 2 to 4 frames before and after it, in (n,).

    Motion shown in steps, a drawn film's on twos or threes, steps before and after; cuts stand alone.
    """
    padded = np.pad(score, _STEPS[-1])
    n = len(score)
    sides = [np.max([padded[_STEPS[-1] + way * k :][:n] for k in _STEPS], axis=0) for way in (-1, 1)]
    return np.minimum(*sides)


def pick_peaks(score: Floats, least: float, apart: int) -> NDArray[np.intp]:
    """Return rising positions of the highest values ≥ ``least`` that are ≥ ``apart`` frames apart."""
    taken: list[int] = []
    above = np.flatnonzero(score >= least)
    for t in above[np.argsort(-score[above], kind="stable")]:
        if all(abs(int(t) - other) >= apart for other in taken):
            taken.append(int(t))
    return np.array(sorted(taken), dtype=np.intp)
