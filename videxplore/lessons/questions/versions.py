"""Questions of lesson 8, versions and drift."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from videxplore.lessons.alarm import THRESHOLDS, Alarms
from videxplore.lessons.drift import LEVEL
from videxplore.lessons.marks import Number, OneOf, Question, SetOf
from videxplore.lessons.mixing import AS_THEY_ARE, RENEWED
from videxplore.lessons.two_stages import POOLS, smallest_pool
from videxplore.lessons.versions import CHANGES
from videxplore.stages.evaluation.spaces import shared_chance

_ENOUGH = 0.9
_HALF = RENEWED.index(0.5)


def _chance(clips: int, k: int) -> float:
    return shared_chance(clips, k)


def _may_mix(curves: Mapping[tuple[str, str], list[float]]) -> set[str]:
    return {name for name in CHANGES if curves[name, AS_THEY_ARE][_HALF] >= _ENOUGH}


def _rings(alarms: Alarms) -> float:
    return alarms.false_alarms(float(np.quantile(alarms.quiet, 1 - LEVEL)))[0]


def _threshold(alarms: Alarms) -> float:
    return alarms.enough(LEVEL)


QUESTIONS = (
    Question(
        "versions/chance",
        "Two versions that know nothing of each other: what share of ten neighbours do they have in common?",
        Number(0.002),
        _chance,
        "Ten out of all others, drawn by lot: k / (n − 1). An overlap means nothing without this beside it.",
        "One version names ten of the other clips. How likely is each of the other version's ten to be one?",
    ),
    Question(
        "versions/may-mix",
        "Half of the archive has new vectors. After which changes does the mixture, as it is, still find "
        "nine of ten?",
        SetOf("names of changes"),
        _may_mix,
        "Where the axes still mean the same, vectors meet. Neighbours within a version say nothing about "
        "that: others share nearly as many, and their mixture is hardly better than leaving half of the "
        "clips out.",
        "Set renewed to 0.5 and the index to “as they are”, and go through the changes.",
        {"too many": "Sharing neighbours is not enough: read the line of the mixture, not the overlap."},
    ),
    Question(
        "versions/rings",
        "A threshold that one quiet look in twenty passes: in what share of quiet streams does it ring?",
        Number(0.02),
        _rings,
        "A stream is looked at some sixty times. The looks overlap, so that it is less than 1 − .95⁶⁰, and "
        "still most streams: a level is a promise for one look.",
        "np.quantile(quiet, 0.95) is that threshold; then the largest value of each row decides.",
        {"too small": "Does one value of a row above the threshold ring? Take the maximum of each row."},
    ),
    Question(
        "versions/threshold",
        "Which is the least threshold, of those on the slider, that rings in at most 5 of 100 quiet streams?",
        OneOf(THRESHOLDS),
        _threshold,
        "It is chosen by whole streams, and checked on others: what was chosen on some looks best on those.",
        "Raise the threshold until the sentence says 5 % or less of quiet streams.",
    ),
    Question(
        "versions/pool",
        "The old version retrieves, the new one ranks. Which is the smallest pool that keeps 95 of 100 of "
        "what the new one would choose out of all?",
        OneOf(POOLS),
        lambda change: smallest_pool(change, 0.95),
        "What the first stage leaves out, the second cannot bring back; what it keeps, the second puts "
        "right.",
        "For each pool, take the ten best candidates by the new version, and count how many are among the "
        "ten best of all.",
        {"10": "A pool of ten leaves the second stage nothing to choose from."},
    ),
)
"""In the order of the notebook."""
