"""How much speaks for a change of scene at a leaf boundary: log-odds from the traces that editing leaves.

A shot cut alone says little: shots of one scene differ too. More is said by a dissolve or a fade, by other
pictures, sounds and words for the next seconds, and by nothing that comes back: a shot that returns within
ten seconds holds its scene together (backward shot coherence: Rasheed & Shah, 2003). And a place goes on
sounding: the *floor* of a band, what its level hardly falls below, stays while events only add to it
(scenes by their background sound: Pfeiffer, Lienhart & Effelsberg, 2001). Where some bands lose their
floor and others gain one, one place gave way to another.

The weights are those of a logistic regression on drawn films (``benchmarks/train_scenes.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.segmentation.signals import RATE, SIGNALS, Signals
from videxplore.stages.segmentation.weighting import Weighted

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Trace:
    """What a trace counts for.

    Attributes:
        weight: log-odds per unit.
        usual: its mean over leaf boundaries: what is taken where the video lacks the signal.
        signal: whose weight it goes with; an empty string for shots.
    """

    weight: float
    usual: float
    signal: str = ""


BIAS = -3.33
"""Log-odds of a scene change at a leaf boundary whose traces are all as usual."""

TRACES: Mapping[str, Trace] = {
    "cut": Trace(2.23, 0.331),
    "gradual": Trace(3.56, 0.104),
    "look": Trace(2.44, 0.366, "picture"),
    "look_far": Trace(6.88, 0.095, "picture"),
    "look_back": Trace(-3.51, 0.356, "picture"),
    "sound_far": Trace(12.49, 0.038, "sound"),
    "sound_back": Trace(-1.59, 0.665, "sound"),
    "floor": Trace(0.91, 0.829, "sound"),
    "floor_swap": Trace(1.05, 0.209, "sound"),
    "words": Trace(4.10, 0.096, "speech"),
}
"""What is looked at: whether the shot changes hard or gradually (0 to 1); how unlike pictures, sounds and
words are for some seconds before and after (0 to 1); how alike the likest leaves before and after look and
sound (cosine); how much the floors of bands change, and how much they change both ways (1 is 10 dB)."""

_NEAR_S, _FAR_S = 6.0, 15.0
_BACK_S = 10.0
_MOST_LEAVES = 12
"""Leaves on either side among which something is sought that comes back."""

_FLOOR_NEAR_S, _FLOOR_FAR_S = 3.0, 8.0
_FLOOR_SHARE = 0.2
"""The share of samples that may be quieter than the floor."""

_NOISE_DB = 2.0
_FULL_DB = 10.0


def weigh_changes(traces: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """Return the log-odds (m,) of a scene change at each leaf boundary.

    Args:
        traces: from :func:`look_near` and :func:`look_far`, (m,) each.
        weights: weight per signal; a trace counts by how its signal's weight compares with the usual one.
    """
    odds = np.full(len(traces["cut"]), BIAS)
    for name, values in traces.items():
        trace = TRACES[name]
        share = weights[trace.signal] / SIGNALS[trace.signal] if trace.signal else 1.0
        odds += trace.weight * share * (values - trace.usual)
    return odds


def look_near(fine: Weighted, leaves: Positions, edges_s: Floats) -> dict[str, Floats]:
    """Return the traces that the fine signals have of a change at ``leaves`` (m,).

    Args:
        fine: signals for moments.
        leaves: inner leaf boundaries, rising sample positions.
        edges_s: (n + 1,), when each position is, in seconds.
    """
    traces = {}
    around = np.concatenate([[0], leaves, [len(edges_s) - 1]]).astype(np.intp)
    if "picture" in fine.parts:
        traces["look"] = fine.contrast("picture", leaves, round(_NEAR_S * RATE))
        traces["look_back"] = _come_back(fine.directions("picture", around), edges_s[around])
    if "sound" in fine.parts:
        traces["sound_back"] = _come_back(fine.directions("sound", around), edges_s[around])
    return traces


def look_far(signals: Signals, coarse: Weighted, leaves: Positions) -> dict[str, Floats]:
    """Return the traces that shots, ambience and the coarse signals have of a change at ``leaves`` (m,)."""
    kinds = [shot.kind if (shot := signals.evidence.shots.get(k)) else "" for k in leaves.tolist()]
    traces = {
        "cut": np.array([float(kind == "cut") for kind in kinds]),
        "gradual": signals.evidence.strength["gradual"][leaves],
    }
    for name, signal, seconds in (
        ("look_far", "picture", _FAR_S),
        ("sound_far", "sound", _FAR_S),
        ("words", "speech", _NEAR_S),
    ):
        if signal in coarse.parts:
            traces[name] = coarse.contrast(signal, leaves, round(seconds * RATE))
    if signals.ambience is not None and "sound" in coarse.parts:
        near, far = (_compare_floors(signals.ambience, leaves, s) for s in (_FLOOR_NEAR_S, _FLOOR_FAR_S))
        traces["floor"] = np.sqrt(np.minimum((near[0] + near[1]) / _FULL_DB, 3.0))
        traces["floor_swap"] = np.minimum(2 * np.minimum(*far) / _FULL_DB, 2.0)
    return traces


def _come_back(directions: NDArray[np.float32], times_s: Floats) -> Floats:
    """Return how alike the two likest leaves are of which one lies before a boundary and one after it.

    Args:
        directions: (m + 1, d), what each leaf shows or sounds like.
        times_s: (m + 2,), when leaves begin, and when the last one ends.
    """
    starts, ends = times_s[:-1], times_s[1:]
    found = np.full(len(directions) - 1, -1.0)
    at = times_s[1:-1]
    for apart in range(1, 2 * _MOST_LEAVES):
        if not (starts[apart:] - ends[:-apart] < 2 * _BACK_S).any():
            break
        alike = np.einsum("md,md->m", directions[:-apart], directions[apart:])
        # Leaves i and i + apart lie on either side of boundaries i … i + apart − 1.
        for step in range(apart):
            here = at[step : step + len(alike)]
            near = (here - ends[: len(alike)] < _BACK_S) & (starts[apart:] - here < _BACK_S)
            best = found[step : step + len(alike)]
            np.maximum(best, np.where(near, alike, -1.0), out=best)
    return found


def _compare_floors(
    ambience: NDArray[np.float32], leaves: Positions, seconds: float
) -> tuple[Floats, Floats]:
    """Return by how many decibels bands gain and lose floor at each boundary, on average (m,) each."""
    steps = np.arange(round(seconds * RATE))
    last = len(ambience) - 1
    rank = round(_FLOOR_SHARE * (len(steps) - 1))
    before, after = (
        np.partition(ambience[rows], rank, axis=1)[:, rank].astype(np.float64)
        for rows in (
            np.maximum(leaves[:, None] - 1 - steps, 0),
            np.minimum(leaves[:, None] + steps, last),
        )
    )
    gained = np.maximum(after - before - _NOISE_DB, 0).mean(axis=1)
    lost = np.maximum(before - after - _NOISE_DB, 0).mean(axis=1)
    return gained, lost
