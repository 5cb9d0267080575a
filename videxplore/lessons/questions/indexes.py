"""Questions of lesson 7, exact or approximate."""

from __future__ import annotations

import numpy as np

from videxplore.lessons.clips import Clips
from videxplore.lessons.hubs import count_neighbours, space
from videxplore.lessons.index_labs import EFFORTS, LISTS, Race, missed_by
from videxplore.lessons.indexes import K
from videxplore.lessons.marks import Number, OneOf, Question, SetOf
from videxplore.lessons.similarity import MEASURES

_ENOUGH = 0.95


def _fewest_probes(race: Race, lists: int) -> int:
    return next(run.effort for run in race.measured[LISTS, lists] if run.recall.mean() >= _ENOUGH)


def _missed(race: Race, lists: int, row: int) -> set[int]:
    return missed_by(race, LISTS, lists, 1, row)


def _worst_measure(clips: Clips, name: str) -> str:
    vectors = space(clips, name)
    largest = {measure: count_neighbours(vectors, K, measure).counts.max() for measure in MEASURES}
    return max(MEASURES, key=lambda measure: largest[measure])


def _cheapest(vectors: int, probes: int) -> float:
    return float(np.sqrt(vectors * probes))


QUESTIONS = (
    Question(
        "indexes/probes",
        "How many lists must be probed, of those tried, until 95 of 100 neighbours are found?",
        OneOf(EFFORTS[LISTS]),
        _fewest_probes,
        "The neighbours just over the border of a list cost the most: all the rest are in the first.",
        "Set the middle number of lists and move the effort until the sentence says 95 %.",
    ),
    Question(
        "indexes/missed",
        "Which of the ten true neighbours does this second miss with one probe?",
        SetOf("rows"),
        _missed,
        "They lie in lists that were not opened, however near they are.",
        "Compare the list of each neighbour, index.owner, with the one list that is probed.",
        {
            "some missing": "Look at all ten: each is missed whose list is not the one that is probed.",
            "too many": "Those in the probed list are found. The second itself is no neighbour of its own.",
        },
    ),
    Question(
        "indexes/hubs",
        "Compared by which measure do the bare pixels have the largest hub?",
        OneOf(MEASURES),
        _worst_measure,
        "The product grows with the length of a vector: the brightest picture is near to everything.",
        "Choose pixels in the lab, and try the three measures.",
        {"cosine": "The cosine takes the length away, and with it one reason to be everybody's neighbour."},
    ),
    Question(
        "indexes/cheapest",
        "How many lists make a query cheapest, with so many vectors and probes?",
        Number(2.0, "lists"),
        _cheapest,
        "The root of n times p: fewer lists are longer lists, and more lists are more centres to compare.",
        "Lists + probes · vectors / lists is what one query is compared with. Where is it least?",
        {
            "too small": "Then the lists are long: double their number, and see what a query costs.",
            "too large": "Then comparing with the centres costs more than the lists save.",
        },
    ),
)
