"""Questions of lesson 6, hierarchy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.hierarchy import Family, Matrix, first_level, stranger_in
from videxplore.lessons.marks import Number, OneOf, Question, SetOf
from videxplore.stages.store.snapshot import Snapshot


def _with_parent(family: Family, query: NDArray[np.floating]) -> float:
    """Cosine of a query with the mean of a family, from those with its children."""
    cosines = family.children @ (query / np.linalg.norm(query))
    return float(family.weights @ cosines / family.coherence)


def _stranger(snapshot: Snapshot, rows: list[int]) -> set[str]:
    return {stranger_in(snapshot, rows)}


def _level(snapshot: Snapshot, scores: Matrix) -> str:
    return first_level(snapshot, scores)


QUESTIONS = (
    Question(
        "hierarchy/identity",
        "From the mean cosine with the children and R: what is the cosine of the query with the parent?",
        Number(0.002),
        _with_parent,
        "The parent is the mean brought to length 1, so its cosine is the mean cosine divided by R. The less "
        "its children agree, the more a parent is lifted above them.",
        "The mean has length R. What does bringing it to length 1 do to its product with a query?",
        {
            "too small": "The parent is brought to length 1: divide by R, do not multiply.",
            "too large": "Divide once by R, not by its square.",
        },
    ),
    Question(
        "hierarchy/first-level",
        "In one list of all levels, segments of which level come first for this query?",
        OneOf(("moment", "scene", "chapter", "video")),
        _level,
        "The rain goes on through the scene: what lasts is said best by the segment that lasts as long.",
        "Take the level of the segment with the best score.",
        {
            "moment": "Each moment has some of it. Is there a segment of which it is true throughout?",
            "video": "The film has an indoor scene, too.",
        },
    ),
    Question(
        "hierarchy/stranger",
        "Which child must leave so that those who stay are as coherent as can be?",
        SetOf("segment ids"),
        _stranger,
        "It has least in common with the rest: here, the lamps of a car at night among a train by day.",
        "Make a family without each child in turn and compare coherence.",
        {"too many": "One child leaves.", "some missing": "One child leaves."},
    ),
)
