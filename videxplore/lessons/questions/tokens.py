"""Questions of lesson 3, video as tokens."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.marks import Number, OneOf, Question, SetOf
from videxplore.lessons.order import TRAININGS, Trained
from videxplore.lessons.positions import sinusoids
from videxplore.lessons.shuffles import Untrained, tokens_of
from videxplore.lessons.tokens import cut

_TOLD = 0.9


def _times_pairs(pictures: NDArray[np.uint8], patch: int) -> float:
    coarse, fine = (cut(pictures, "tubelets", patch=side) for side in (patch, patch // 2))
    return fine.pairs / coarse.pairs


def _unmoved(untrained: Untrained, pictures: NDArray[np.uint8]) -> set[str]:
    moved = untrained.move(tokens_of(pictures), "later")
    return {encoding for encoding, distance in moved.items() if distance < 1e-6}


def _order_inside(models: Mapping[tuple[str, str], Trained]) -> str:
    return next(way for way in TRAININGS if models[way, "none"].accuracy("as filmed") > _TOLD)


def _met(first: int, second: int, width: int) -> float:
    one, other = sinusoids(np.array([first, second]), width).astype(np.float64)
    return float(one @ other)


QUESTIONS = (
    Question(
        "tokens/times-pairs",
        "Patches half as wide and half as high: how many times as many pairs are compared?",
        Number(0.4),
        _times_pairs,
        "Four times as many tokens, and each is compared with each: four times four.",
        "Count the tokens of both, and square each.",
        {
            "too small": "That may be how many times as many tokens. Each of them is compared with each.",
            "too large": "Four patches take the place of one.",
        },
    ),
    Question(
        "tokens/unmoved",
        "With which positions is the vector the very same when the clip begins later?",
        SetOf("encodings"),
        _unmoved,
        "Where there are no positions nothing can tell, and relative ones know only how far two tokens are "
        "from each other, which stays as it is.",
        "Set the order to “later” and read which bars are at 0.",
        {"some missing": "There is another one whose bar is at 0."},
    ),
    Question(
        "tokens/order-inside",
        "Trained in which way does a model without positions tell nine of ten clips?",
        OneOf(tuple(TRAININGS)),
        _order_inside,
        "Two frames in one token have an order inside it: the token itself is a little piece of motion, and "
        "no shuffle of tokens can take that away.",
        "Walk through the ways of training with the order as filmed, and read the first bar.",
    ),
    Question(
        "tokens/met",
        "What is the dot product of the sinusoids of these two times?",
        Number(0.01),
        _met,
        "It is Σ cos(ω · distance) over all waves: the times themselves have dropped out. A distance can be "
        "read off absolute positions; whether a model reads it is a matter of what it was trained on.",
        "Take positions.sinusoids(np.array([…, …]), width), and multiply its two rows.",
        {
            "too small": "Both sines and cosines count, and the width is that of the whole vector.",
            "too large": "With itself each time has width / 2. Have you taken two different times?",
        },
    ),
)
