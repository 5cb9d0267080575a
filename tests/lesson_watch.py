"""Watches a lesson from inside its kernel: its answers, its sliders, and the processor time of each response.

``begin`` is run before the lesson's first cell, ``report`` after its last one.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from videxplore.lessons.marks import Number, OneOf, Question, SetOf

MARKED: list[list[Any]] = []
LABS: list[Any] = []


def wrong_answers(question: Question, right: Any) -> list[Any]:
    """Answers of every class of wrong that there is for a question."""
    kind = question.kind
    if isinstance(kind, Number):
        step = 3 * kind.within + 1e-6
        return [right - step, right + step, "a word", float("nan"), True]
    if isinstance(kind, OneOf):
        return [*(option for option in kind.options if option != right), "no such option"]
    assert isinstance(kind, SetOf)
    assert right, "a question whose answer is nothing"
    return [{*right, "another"}, {*list(right)[1:], "another"}, "a word", list(right)[1:]]


def begin() -> None:
    """Note every check and every lab of the notebook that runs in this kernel."""
    import videxplore.lessons as lessons
    from videxplore.lessons.checking import check, find_question
    from videxplore.views.lessons.lab import Lab

    def checked(key: str, answer: Any, *data: Any) -> Any:
        question = find_question(key)
        right = question.right(*data)
        states = [check(key, one, *data).state for one in (right, *wrong_answers(question, right))]
        mark = check(key, answer, *data)
        MARKED.append([key, mark.state, states])
        return mark

    lessons.check = checked
    make = Lab.__init__

    def made(self: Any, *args: Any, **options: Any) -> None:
        make(self, *args, **options)
        LABS.append(self)

    Lab.__init__ = made


def walk(lab: Any) -> dict[str, Any]:
    """Move every slider of a lab to every place, from where it stands, and back; at most forty moves."""
    spent, lanes, problems = [], set(), []
    first = lab.values
    for control in lab._controls.controls:
        for option in control.options[:: max(1, -(-len(control.options) // 12))]:
            start = time.process_time()
            lab.choose(**{control.name: option})
            spent.append(time.process_time() - start)
            lanes.add(len(lab.scene.lanes))
            if "vx-message" in lab._picture.value:
                problems.append([lab.values, lab._picture.value])
        lab.choose(**first)
    return {"moves": len(spent), "slowest_s": max(spent), "lanes": sorted(lanes), "problems": problems}


def report() -> None:
    """Print what was seen, as one line of JSON."""
    seen = {"marked": MARKED, "labs": [walk(lab) for lab in LABS]}
    sys.stdout.write(f"watched {json.dumps(seen)}\n")
