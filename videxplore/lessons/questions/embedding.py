"""Questions of lesson 1, what is an embedding."""

from __future__ import annotations

import math

from videxplore.lessons.clips import Clips
from videxplore.lessons.marks import Number, OneOf, Question
from videxplore.lessons.representations import Transfer, try_transfer
from videxplore.lessons.similarity import compare

_NAMES = (
    "its number (one-hot)", "pixels", "pixels, 16 axes", "spectrum", "picture and motion", "sound",
    "picture, motion, sound",
)  # fmt: skip


def _distance(clips: Clips, first: str, second: str) -> float:
    """Distance of two clips at length 1, from their cosine alone."""
    vectors = clips.embeddings.vectors
    a, b = clips.row(first), clips.row(second)
    return math.sqrt(max(0.0, 2 - 2 * float(compare(vectors[a : a + 1], vectors[b : b + 1])[0, 0])))


def _mean_colour(clips: Clips) -> float:
    """Area under the ROC curve for darkness, of the mean colour of a poster."""
    colours = clips.pixels.reshape(len(clips), -1, 3).mean(axis=1)
    return float(try_transfer(clips, {"mean colour": colours}, ("dark",)).areas[0, 1])


def _best(transfer: Transfer) -> str:
    return transfer.best


QUESTIONS = (
    Question(
        "embedding/best",
        "Which representation knows most, on average over the columns?",
        OneOf(_NAMES),
        _best,
        "No column was in its design: what was measured for one purpose serves another. That is what makes "
        "an embedding of it.",
        "Take the mean of each row of the table, transfer.areas.mean(axis=1).",
        {
            "its number (one-hot)": "One-hot vectors are all equally far apart: read its row again.",
            "pixels": "Pixels know light and dark. What do they know of speech?",
            "pixels, 16 axes": "It cannot know what the pixels do not: compare the two rows.",
            "spectrum": "It hears; what does it see of the scene?",
            "picture and motion": "It sees; what does it know of speech and music?",
            "sound": "It hears; what does it know of darkness and speed?",
        },
    ),
    Question(
        "embedding/distance",
        "At length 1, what is the distance of these two clips, if their cosine is as printed?",
        Number(0.005),
        _distance,
        "At length 1 the squared distance is 2 − 2 cos: cosine, dot product and distance give one order.",
        "Write |a − b|² as a·a − 2 a·b + b·b. What are a·a and b·b at length 1?",
        {"no number": "Give a number, such as 0.5."},
    ),
    Question(
        "embedding/mean-colour",
        "How well does the mean colour of a poster, three numbers, tell dark clips from others?",
        Number(0.01),
        _mean_colour,
        "Three numbers are an embedding too, and a good one for this question. They know nothing else.",
        "Average clips.pixels.reshape(n, -1, 3) over its second axis and hand it to try_transfer.",
    ),
)
