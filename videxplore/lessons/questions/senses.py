"""Questions of lesson 2, one space for many senses."""

from __future__ import annotations

from videxplore.lessons.exam import Exam
from videxplore.lessons.fusion import SHARES, Mixing
from videxplore.lessons.gap import crowd, gap_between
from videxplore.lessons.marks import Number, OneOf, Question
from videxplore.lessons.similarity import centred
from videxplore.lessons.towers import Towers


def _best_share(mixing: Mixing) -> float:
    return mixing.best


def _times_chance(exam: Exam) -> float:
    return float(exam.recall[-1] / exam.chance)


def _gap(towers: Towers) -> float:
    return gap_between(towers.video[-1, towers.held], towers.text[-1, towers.held])


def _crowded(towers: Towers) -> float:
    """Share of texts near a text on one shelf with clips, when both sides are around their own means."""
    return crowd(centred(towers.video[-1, towers.held]), centred(towers.text[-1, towers.held]))


QUESTIONS = (
    Question(
        "senses/share",
        "At which share of sound is the mean over all lines highest?",
        OneOf(SHARES),
        _best_share,
        "Neither eye nor ear alone: each line that falls pays for one that rises, and in between most of "
        "both is there.",
        "Take the mean of each row of mixing.areas; its rows are fusion.SHARES.",
        {
            "0.0": "That is the eye alone. Does it know speech from rain?",
            "1.0": "That is the ear alone. Does it know day from night?",
        },
    ),
    Question(
        "senses/times-chance",
        "How many times as often as by chance do these towers put a right clip among the first five?",
        Number(0.1),
        _times_chance,
        "Two matrices, a hundred steps, and words find clips of films that neither matrix has seen. That is "
        "what pairs and a loss can do; the rest of a large model is more of both.",
        "Divide the last entry of exam.recall by exam.chance.",
        {"too small": "Take the last step of training, and divide by chance instead of taking it off."},
    ),
    Question(
        "senses/gap",
        "How far apart are the means of clips and of texts that were held out?",
        Number(0.01),
        _gap,
        "The loss asks each text to be nearer to its clip than to other clips. It never asks texts and clips "
        "to stand in one place.",
        "Take the mean over rows of each side, and the length of the difference.",
    ),
    Question(
        "senses/crowd",
        "Each side around its own mean: what share of the ten nearest to a text are texts?",
        Number(0.01),
        _crowded,
        "The means are gone, and texts still keep to themselves: the gap is more than a shift. What is "
        "nearest on a shelf of both says as much about the side as about the subject.",
        "Hand similarity.centred(video) and similarity.centred(text) to gap.crowd.",
        {"no number": "Give a share between 0 and 1, such as 0.5."},
    ),
)
