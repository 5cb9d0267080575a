"""How much speaks for a change of scene at a leaf boundary: log-odds from the traces that editing leaves.

A shot cut alone says little: shots of one scene differ too. More is said by a dissolve or a fade, by pictures
and sounds that differ for the next seconds and *more here than at any boundary near by*, by long shots on
either side, and by nothing that comes back: a shot that returns within half a minute holds its scene
together (backward shot coherence: Rasheed & Shah, 2003). And a place goes on sounding: where some bands lose
their floor and others gain one, one place gave way to another (see ``ambience``).

The weights are those of a logistic regression on drawn films (``benchmarks/train_scenes.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.segmentation.ambience import compare_floors
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


BIAS = -3.94
"""Log-odds of a scene change at a leaf boundary whose traces are all as usual."""

TRACES: Mapping[str, Trace] = {
    "cut": Trace(2.13, 0.349),
    "gradual": Trace(3.56, 0.106),
    "before": Trace(1.39, 0.132),
    "after": Trace(1.08, 0.146),
    "inside": Trace(5.16, 0.866),
    "look_peak": Trace(6.77, -0.047, "picture"),
    "look_back": Trace(-4.33, 0.390, "picture"),
    "move": Trace(2.03, 0.385, "motion"),
    "sound_near": Trace(-4.16, 0.309, "sound"),
    "sound_far": Trace(15.42, 0.037, "sound"),
    "sound_peak": Trace(16.62, -0.019, "sound"),
    "floor_swap": Trace(1.60, 0.244, "sound"),
    "floor_peak": Trace(1.26, -0.384, "sound"),
    "words": Trace(4.45, 0.096, "speech"),
}
"""What is looked at.

``cut``, ``gradual``: whether the shot changes hard or gradually (0 to 1). ``before``, ``after``: where it
does, the logarithm of how many times longer than 4 s the shots before and after last (20 s at most).
``inside``: how far the boundary is from both ends of the video, 1 from 15 s on; near the ends comparisons
rest on few seconds. ``sound_near``, ``sound_far``, ``words``: how unlike sounds and words are for 3, 15 and
6 s before and after (0 to 1); ``move``: the square root of that for motion, for 8 s. ``look_back``: cosine of
the likest leaves before and after, within 30 s. ``floor_swap``: how much of the sound of the place gives way
to other sound, 1 is 10 dB. ``look_peak``, ``sound_peak``, ``floor_peak``: by how much pictures for 15 s,
sounds for 15 s and floors differ more than at any other leaf boundary within 10 s.
"""

_FAR_S, _WORDS_S, _SOUND_S, _MOTION_S = 15.0, 6.0, 3.0, 8.0
_BACK_S, _PEAK_S = 30.0, 10.0
_SHOT_S, _LONG_SHOT_S = 4.0, 20.0
_MOST_LEAVES = 12
"""Leaves on either side among which something is sought that comes back."""


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
        traces["look_back"] = _come_back(fine.directions("picture", around), edges_s[around])
    if "motion" in fine.parts:
        traces["move"] = np.sqrt(fine.contrast("motion", leaves, round(_MOTION_S * RATE)))
    if "sound" in fine.parts:
        traces["sound_near"] = fine.contrast("sound", leaves, round(_SOUND_S * RATE))
    return traces


def look_far(signals: Signals, coarse: Weighted, leaves: Positions) -> dict[str, Floats]:
    """Return the traces that shots, ambience and the coarse signals have of a change at ``leaves`` (m,)."""
    times = signals.edges_s[leaves]
    traces = _look_at_shots(signals, leaves)
    if "picture" in coarse.parts:
        traces["look_peak"] = stand_out(coarse.contrast("picture", leaves, round(_FAR_S * RATE)), times)
    if "speech" in coarse.parts:
        traces["words"] = coarse.contrast("speech", leaves, round(_WORDS_S * RATE))
    if "sound" in coarse.parts:
        traces["sound_far"] = coarse.contrast("sound", leaves, round(_FAR_S * RATE))
        traces["sound_peak"] = stand_out(traces["sound_far"], times)
    if signals.ambience is not None and "sound" in coarse.parts:
        changed, swapped = compare_floors(signals.ambience, leaves)
        traces["floor_swap"] = swapped
        traces["floor_peak"] = stand_out(changed, times)
    return traces


def _look_at_shots(signals: Signals, leaves: Positions) -> dict[str, Floats]:
    shots = signals.evidence.shots
    times, end = signals.edges_s[leaves], float(signals.edges_s[-1])
    changes = np.concatenate([[0.0], signals.edges_s[sorted(shots)], [end]])
    last = np.searchsorted(changes, times, side="left") - 1
    following = np.minimum(np.searchsorted(changes, times, side="right"), len(changes) - 1)
    kinds = [shots[k].kind if k in shots else "" for k in leaves.tolist()]
    changing = np.array([kind != "" for kind in kinds], dtype=np.bool_)
    return {
        "cut": np.array([float(kind == "cut") for kind in kinds]),
        "gradual": signals.evidence.strength["gradual"][leaves],
        "before": np.where(changing, _rate_length(times - changes[last]), 0.0),
        "after": np.where(changing, _rate_length(changes[following] - times), 0.0),
        "inside": np.minimum(np.minimum(times, end - times) / _FAR_S, 1.0),
    }


def _rate_length(seconds: Floats) -> Floats:
    return np.log((np.minimum(seconds, _LONG_SHOT_S) + 0.5) / (_SHOT_S + 0.5))


def stand_out(values: Floats, times_s: Floats) -> Floats:
    """Return how far each of ``values`` (m,) is above all others within ten seconds; itself if alone.

    Args:
        values: one per leaf boundary.
        times_s: (m,), when the boundaries are, rising.
    """
    others = np.full(len(values), -np.inf)
    for apart in range(1, len(values)):
        near = times_s[apart:] - times_s[:-apart] < _PEAK_S
        if not near.any():
            break
        np.maximum(others[apart:], np.where(near, values[:-apart], -np.inf), out=others[apart:])
        np.maximum(others[:-apart], np.where(near, values[apart:], -np.inf), out=others[:-apart])
    return values - np.where(np.isfinite(others), others, 0.0)


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
