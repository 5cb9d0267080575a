"""Trained towers examined: every moment is asked for by its caption, by towers that have not seen it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips, Truth, part_at
from videxplore.lessons.representations import where
from videxplore.lessons.similarity import nearest
from videxplore.lessons.towers import CAPTIONS, STEPS, Towers, caption, train_towers
from videxplore.values.charts import Curves, Lane, Line, Scene

HELD = ("other films", "other moments")
"""What is held out: whole films, or moments out of films whose other moments are learned from."""

FIRST = 5
"""Among how many first clips a right one must be."""

_PARTS = 3


def name_moments(clips: Clips, truth: Mapping[str, Truth]) -> NDArray[np.str_]:
    """Return the moment of the script in which each clip lies, (n,)."""
    pairs = zip(clips.films, clips.segments, strict=True)
    parts = [(film, part_at(truth[film], "moment", segment)) for film, segment in pairs]
    return np.array([f"{film} {part.start_s:.2f}: {part.label}" for film, part in parts])


def hold_out(clips: Clips, moments: NDArray[np.str_], kind: str, *, seed: int = 0) -> list[NDArray[np.bool_]]:
    """Return three masks (n,), so that every clip is held out once.

    Args:
        clips: n clips.
        moments: n labels; clips of one moment are held out together.
        kind: one of :data:`HELD`.
        seed: by which moments are drawn.

    Raises:
        ValueError: an unknown kind.
    """
    if kind not in HELD:
        raise ValueError(f"kind must be one of {', '.join(HELD)}, got {kind!r}.")
    names, group = np.unique(clips.films if kind == HELD[0] else moments, return_inverse=True)
    order = np.arange(len(names))
    if kind == HELD[1]:
        order = np.random.default_rng(seed).permutation(len(names))
    return [order[group] % _PARTS == part for part in range(_PARTS)]


@dataclass(frozen=True, eq=False)
class Exam:
    """Three pairs of towers, each asked for what it has not seen.

    Attributes:
        towers: one pair per part.
        moments: n labels.
        captions: n captions.
    """

    towers: tuple[Towers, ...]
    moments: NDArray[np.str_]
    captions: tuple[str, ...]

    @cached_property
    def asked(self) -> tuple[int, ...]:
        """The first clip of each moment: its caption asks, once."""
        return tuple(np.unique(self.moments, return_index=True)[1].tolist())

    def find(self, row: int, step: int) -> NDArray[np.intp]:
        """Return all clips that were held out with one, those first that its caption is nearest to."""
        towers = next(towers for towers in self.towers if towers.held[row])
        place = STEPS.index(step)
        among = np.flatnonzero(towers.held)
        scores = towers.video[place, among] @ towers.text[place, row]
        return among[nearest(scores[None].astype(np.float64), len(among))[0]]

    @cached_property
    def recall(self) -> NDArray[np.float64]:
        """float64 (steps,), the share of moments of which a clip is among the first five."""
        found = [
            [(self.moments[self.find(row, step)[:FIRST]] == self.moments[row]).any() for row in self.asked]
            for step in STEPS
        ]
        return np.array(found).mean(axis=1)

    @property
    def chance(self) -> float:
        """The same share where clips are in random order."""
        shares = []
        for row in self.asked:
            held = next(towers.held for towers in self.towers if towers.held[row])
            every, right = int(held.sum()), int((self.moments[held] == self.moments[row]).sum())
            shares.append(1 - math.comb(every - right, FIRST) / math.comb(every, FIRST))
        return float(np.mean(shares))


def examine(clips: Clips, truth: Mapping[str, Truth], held: str, captions: str, *, seed: int = 0) -> Exam:
    """Train three pairs of towers, each on two thirds, and keep them for asking about the last third.

    Args:
        clips: of the films.
        truth: file name -> the script of a film.
        held: one of :data:`HELD`.
        captions: one of :data:`~videxplore.lessons.towers.CAPTIONS`.
        seed: of parts and of training.
    """
    moments, texts = name_moments(clips, truth), caption(clips, truth, captions)
    parts = hold_out(clips, moments, held, seed=seed)
    return Exam(tuple(train_towers(clips, texts, moments, out, seed=seed) for out in parts), moments, texts)


def examine_all(clips: Clips, truth: Mapping[str, Truth]) -> dict[tuple[str, str], Exam]:
    """Return the exams of all kinds of holding out with all kinds of captions."""
    return {(held, words): examine(clips, truth, held, words) for held in HELD for words in CAPTIONS}


def show_search(
    clips: Clips, exams: Mapping[tuple[str, str], Exam], held: str, captions: str, step: int, row: int
) -> Scene:
    """Return how well the towers answer after some steps, and what they find for one caption.

    Args:
        clips: all of them.
        exams: what :func:`examine_all` returned.
        held: one of :data:`HELD`.
        captions: one of :data:`~videxplore.lessons.towers.CAPTIONS`.
        step: one of :data:`~videxplore.lessons.towers.STEPS`.
        row: the clip whose caption asks.
    """
    exam = exams[held, captions]
    place = STEPS.index(step)
    steps = np.array(STEPS, np.float64)
    chart = Curves(
        "Does a caption find its clip?",
        tuple(
            Line(f"{kind}, {words}", steps, one.recall, dashed=words == CAPTIONS[1])
            for (kind, words), one in exams.items()
        ),
        "steps of training",
        f"right among the first {FIRST}",
        f"{len(exam.asked)} captions, each asked among a third of n = {len(clips)} clips, of which the "
        "towers have seen none; only a clip of the very moment is right. Seed 0, temperature "
        f"{exam.towers[0].temperature:g}; dotted: chance.",
        here=(float(step), float(exam.recall[place])),
        chance=exam.chance,
        y_range=(0.0, 1.0),
    )
    order = exam.find(row, step)
    right = exam.moments[order] == exam.moments[row]
    rank = int(np.argmax(right)) + 1
    said = (
        f"After {step} steps {exam.recall[place]:.0%} of the captions find their clip among the first "
        f"{FIRST}, by chance {exam.chance:.0%}. This one finds it at place {rank} of {len(order)}."
    )
    first = order[:FIRST]
    notes = ["right" if good else exam.captions[i] for i, good in zip(first, right, strict=False)]
    lanes = [
        Lane(f"wanted: “{exam.captions[row].replace('_', ' ')}”", [clips.ids[row]], [where(clips, row)]),
        Lane("found first", [clips.ids[i] for i in first], [note.replace("_", " ") for note in notes]),
    ]
    return Scene(chart, said, lanes)


def pick_asking(clips: Clips, exam: Exam) -> dict[str, int]:
    """Return one clip to ask for per film, in words -> row: the middle one of its moments."""
    found = {}
    for film in dict.fromkeys(clips.films.tolist()):
        rows = sorted(row for row in exam.asked if clips.films[row] == film)
        found[where(clips, rows[len(rows) // 2])] = rows[len(rows) // 2]
    return found
