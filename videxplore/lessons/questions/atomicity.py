"""Questions of lesson 5, how atomic must a segment be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.atomicity import Fit
from videxplore.lessons.dilution import LENGTHS, Dilution, cosine, mix, needed_share
from videxplore.lessons.marks import Number, OneOf, Question

Vector = NDArray[np.float64]


def _by_law(event: Vector, around: Vector, query: Vector, share: float) -> float:
    return float(cosine(query, mix(event, around, share))[0])


def _longest(dilution: Dilution) -> int:
    return dilution.longest_first


def _worst(fit: Fit) -> str:
    """The class of length in which windows of ten seconds fall furthest behind the tree."""
    clocked, tree = fit.overlap[fit.cuttings.index("every 10 s")], fit.overlap[-1]
    return fit.sizes[int(np.argmax(tree - clocked))]


QUESTIONS = (
    Question(
        "atomicity/law",
        "By the law, what is the cosine of the word with a window that holds the event as one part in four?",
        Number(0.01),
        _by_law,
        "A quarter of the vector is the event, but more than a quarter of the cosine is left: mixing also "
        "makes the vector shorter.",
        "Mix the two vectors first, then take the cosine of the mixture.",
        {
            "too small": "A share of the cosine is not the cosine of a share: the mixture is shorter than "
            "its parts, and a cosine divides by its length.",
            "too large": "At one part in four, the surroundings count three times as much as the event.",
        },
    ),
    Question(
        "atomicity/longest",
        "How many seconds may a window have so that it and all shorter ones still come first?",
        OneOf((0, *LENGTHS)),
        _longest,
        "From there on some window elsewhere, without the event, is nearer to the word. Nothing but the "
        "length of the window has changed.",
        "Move the slider until something appears in the lower lane; the answer is the step before.",
        {"0": "In windows of one second it does come first: the lower lane is empty."},
    ),
    Question(
        "atomicity/no-one-length",
        "For things of which length is the clock of ten seconds furthest behind the tree?",
        OneOf(("under 3 s", "3–6 s", "6–20 s", "20–60 s", "over 60 s")),
        _worst,
        "A clock has pieces of one length only. A tree has pieces for each, and pays for it with a third "
        "more of them than its moments alone.",
        "Subtract the row of ten seconds from the last row.",
        {"6–20 s": "There the clock of ten seconds is at its best."},
    ),
    Question(
        "atomicity/needed-share",
        "What share of a window of thirty seconds must the event fill to pass the best window without it?",
        Number(0.01),
        needed_share,
        "Times thirty that is the shortest event of its kind which windows of thirty seconds can find. The "
        "larger a library, the better its best rival, and the more of a segment an event must fill.",
        "Try shares from 0 to 1, mix, and take the first whose cosine is above the rival's.",
    ),
)
