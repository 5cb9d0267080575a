"""Answers checked: the questions of all lessons, found by their key."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from videxplore.lessons import questions
from videxplore.lessons.marks import Mark, Question


def lessons_with_questions() -> tuple[str, ...]:
    """Names of the lessons that ask something."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(questions.__path__)))


def questions_of(lesson: str) -> dict[str, Question]:
    """Return the questions of one lesson by key.

    Args:
        lesson: the module in :mod:`videxplore.lessons.questions`.

    Raises:
        KeyError: no such lesson.
    """
    known = lessons_with_questions()
    if lesson not in known:
        raise KeyError(f"no questions of a lesson {lesson!r}; there are {', '.join(known)}.")
    asked = import_module(f"{questions.__name__}.{lesson}").QUESTIONS
    return {question.key: question for question in asked}


def find_question(key: str) -> Question:
    """Return the question of a key such as ``"compression/enough-bits"``.

    Raises:
        KeyError: no such question.
    """
    known = questions_of(key.partition("/")[0])
    if key not in known:
        raise KeyError(f"no question {key!r}; this lesson asks {', '.join(known)}.")
    return known[key]


def check(key: str, answer: Any, *data: Any) -> Mark:
    """Check the answer to a question of a lesson.

    The right answer is computed from ``data``, which is what the lesson has computed so far: on videos of
    your own it is another one than on the samples.

    Args:
        key: of the question, such as ``"compression/enough-bits"``.
        answer: a number, a word or a set, as the question asks; None is no answer yet.
        *data: what the answer follows from, as the lesson's cell hands it over.

    Returns:
        The mark, shown as a card in a notebook; its ``state`` is ``"open"``, ``"right"`` or ``"wrong"``.

    Raises:
        KeyError: no such question.
    """
    return find_question(key).mark(answer, data)
