"""Lesson 8: labs of two versions, with clips that lost their neighbours and clips that a mixture answers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips
from videxplore.lessons.mixing import AS_THEY_ARE, INDEXES, RENEWED, Mixed, mix
from videxplore.lessons.representations import where
from videxplore.lessons.similarity import compare, nearest, recall
from videxplore.lessons.versions import (
    ANCHORS,
    ASKED,
    DRAWS,
    Change,
    K,
    Overlap,
    draw_anchors,
    measure_overlap,
    rank_self,
    turn,
)
from videxplore.values.charts import Curves, Lane, Line, Scene, two_decimals
from videxplore.values.media import counted

SIZES = (1, 2, 5, 10, 20, 50)
"""Numbers of neighbours that are compared."""

PLACES = (1, 2, 3, 4, 5, 6)
"""Which of the clips that lose most is looked at."""

_SHOWN = 6


def measure_overlaps(changes: Mapping[str, Change]) -> dict[tuple[str, int], Overlap]:
    """Return what two versions have in common, (change, k) -> overlap, for every change and number."""
    return {
        (name, k): found
        for name, change in changes.items()
        for k, found in measure_overlap(change, SIZES).items()
    }


def show_overlap(
    clips: Clips, overlaps: Mapping[tuple[str, int], Overlap], change: str, k: int, place: int
) -> Scene:
    """Return the share of neighbours that two versions have in common, and who lost most of them.

    Args:
        clips: n clips.
        overlaps: from :func:`measure_overlaps`.
        change: between the versions.
        k: one of :data:`SIZES`.
        place: which of those that lose most is asked with, from 1.
    """
    x, names = np.array(SIZES, np.float64), list(dict.fromkeys(name for name, _ in overlaps))
    curves = {name: [overlaps[name, size] for size in SIZES] for name in names}
    mine, here = curves[change], overlaps[change, k]
    lines = [Line(name, x, np.array([o.value for o in of])) for name, of in curves.items()]
    lines += [
        Line(f"95 % {end}", x, np.array([getattr(o, end) for o in mine]), dashed=True)
        for end in ("low", "high")
    ]
    lines.append(Line("by chance", x, np.array([o.chance for o in mine]), dashed=True))
    films = len(np.unique(clips.films))
    chart = Curves(
        "How many neighbours do two versions share?",
        tuple(lines),
        "neighbours that are looked at, k",
        "share that both versions find",
        f"n = {len(clips)} clips, by the cosine, each version in all its dimensions. Interval of “{change}” "
        f"over {films} films (jackknife, Student's t). By chance k / (n − 1). Seeds 0 and 1.",
        here=(k, here.value),
        x_log=True,
        y_range=(0.0, 1.0),
        x_ticks=tuple(x.tolist()),
    )
    order = np.argsort(here.shared, kind="stable")[: len(PLACES)]
    row = int(order[place - 1])
    said = (
        f"Of {counted(k, 'neighbour')} {here.value:.0%} are the same ({here.low:.0%} to "
        f"{here.high:.0%} over films; by chance {here.chance:.0%}). Asked with place {place}: "
        f"{here.shared[row]} of {k} stay."
    )
    stays = [f"{here.shared[i]} of {k} stay" for i in order]
    lanes = [
        Lane("lost most of their neighbours", [clips.ids[i] for i in order], stays, "left"),
        _near(clips, "old version", here.first[row], here.second[row]),
        _near(clips, "new version", here.second[row], here.first[row]),
    ]
    return Scene(chart, said, lanes)


def _near(clips: Clips, title: str, rows: NDArray[np.intp], others: NDArray[np.intp]) -> Lane:
    """The nearest by one version, and which of them the other has as well."""
    shown = rows[:_SHOWN].tolist()
    both = set(others.tolist())
    notes = [f"{i}. {'both' if r in both else 'only here'}" for i, r in enumerate(shown, start=1)]
    return Lane(f"nearest to it, {title}", [clips.ids[r] for r in shown], notes)


def pick_queries(clips: Clips, changes: Mapping[str, Change], count: int = 5) -> dict[str, int]:
    """Return the clips that lose most answers in half-renewed mixtures, name -> row, one per film."""
    lost = np.zeros(len(clips))
    for change in changes.values():
        mixed = mix(change, 0.5, AS_THEY_ARE)
        lost += 1 - recall(mixed.found, mixed.wanted)
    order = np.argsort(-lost, kind="stable")
    first = [int(order[clips.films[order] == film][0]) for film in dict.fromkeys(clips.films[order])]
    return {where(clips, row): row for row in first[:count]}


def show_mixing(
    clips: Clips,
    changes: Mapping[str, Change],
    curves: Mapping[tuple[str, str], list[float]],
    change: str,
    renewed: float,
    index: str,
    row: int,
) -> Scene:
    """Return what an index with vectors of two versions finds, and what it answers to one clip.

    Args:
        clips: n clips.
        changes: by name.
        curves: from :func:`~videxplore.lessons.mixing.measure_mixing`.
        change: one of them.
        renewed: one of :data:`~videxplore.lessons.mixing.RENEWED`.
        index: one of :data:`~videxplore.lessons.mixing.INDEXES`.
        row: of the clip that asks.
    """
    mixed, x = mix(changes[change], renewed, index), np.array(RENEWED)
    chart = Curves(
        f"What does a mixed index find? ({change})",
        tuple(Line(name, x, np.array(curves[change, name])) for name in INDEXES),
        "share of clips that have new vectors",
        f"recall@{K}",
        f"n = {len(clips)} clips ask with new vectors, k = {K}; right is what new vectors of all clips would "
        f"answer. Lines are means of five draws of who is renewed, seeds 0 to 4, clips those of seed 0. By "
        f"chance {K / (len(clips) - 1):.2f}.",
        here=(renewed, curves[change, index][RENEWED.index(renewed)]),
        chance=K / (len(clips) - 1),
        y_range=(0.0, 1.0),
    )
    old = 1 - float(mixed.renewed.mean())
    said = (
        f"This draw finds {mixed.recall:.0%}. {old:.0%} of the clips have old vectors, and "
        f"{mixed.answered_by_old:.0%} of the answers. {mixed.own:.0%} of the queries are answered by new "
        f"vectors alone (by lot {mixed.own_by_chance:.1%})."
    )
    lost = [i for i in mixed.wanted[row].tolist() if i not in mixed.found[row]][:_SHOWN]
    lanes = [
        Lane("asked with", [clips.ids[row]], [where(clips, row)]),
        Lane("answers", *_answers(clips, mixed, row)),
        Lane("should have been found", *_noted(clips, mixed, lost), "left", "nothing is missed"),
        _often(clips, mixed, "pushed up: most often a wrong answer", mixed.wrongly(), "entered"),
        _often(clips, mixed, "hidden: most often missed", mixed.missing(), "left"),
    ]
    return Scene(chart, said, lanes)


def _answers(clips: Clips, mixed: Mixed, row: int) -> tuple[list[str], list[str]]:
    rows = mixed.found[row][:_SHOWN].tolist()
    ids, notes = _noted(clips, mixed, rows)
    wanted = mixed.wanted[row]
    return ids, [
        f"{'✓' if i in wanted else '✗'} {two_decimals(float(mixed.scores[row, i]))}, {note}"
        for i, note in zip(rows, notes, strict=True)
    ]


def _noted(clips: Clips, mixed: Mixed, rows: list[int]) -> tuple[list[str], list[str]]:
    """Ids of some clips, and by which version each is in the index."""
    return [clips.ids[i] for i in rows], ["new" if mixed.renewed[i] else "old" for i in rows]


def _often(clips: Clips, mixed: Mixed, title: str, times: NDArray[np.intp], state: str) -> Lane:
    rows = [i for i in np.argsort(-times, kind="stable")[:_SHOWN].tolist() if times[i]]
    ids, notes = _noted(clips, mixed, rows)
    return Lane(title, ids, [f"{times[i]}×, {note}" for i, note in zip(rows, notes, strict=True)], state)


def show_turning(
    clips: Clips, change: Change, found: Mapping[str, NDArray[np.float64]], anchors: int, draw: int
) -> Scene:
    """Return how many clips find themselves after a turn, and who comes to lie farthest from itself.

    Args:
        clips: n clips.
        change: between two versions.
        found: from :func:`~videxplore.lessons.versions.find_again`.
        anchors: one of :data:`~videxplore.lessons.versions.ANCHORS`.
        draw: of anchors, its seed.
    """
    n, x, chance = len(change), np.array(ANCHORS, np.float64), 1 / len(change)
    here = ANCHORS.index(anchors)
    chart = Curves(
        f"How many anchors does a turn need? ({change.name})",
        tuple(Line(who, x, found[who].mean(axis=1), dashed=who == ASKED[0]) for who in ASKED),
        "anchors",
        "share that is nearest to itself",
        f"n = {n} clips in {change.old.card.dimension} dimensions, each looked for among all; means of "
        f"{DRAWS} draws of anchors from two thirds of the films, seeds 0 to {DRAWS - 1}.",
        here=(anchors, float(found[ASKED[2]][here].mean())),
        chance=chance,
        x_log=True,
        y_range=(0.0, 1.0),
        x_ticks=tuple(x.tolist()),
    )
    parts, (old, new) = draw_anchors(change.films, anchors, draw), change.pair
    turned = turn(old, new, np.isin(np.arange(n), parts[ASKED[0]]))
    asked = np.concatenate([parts[who] for who in ASKED[1:]])
    ranks = rank_self(turned, new, np.arange(n))
    far = asked[np.argsort(-ranks[asked], kind="stable")[:_SHOWN]]
    far = far[ranks[far] > 0]
    scores = compare(turned[far], new)
    instead = nearest(scores, 1)[:, 0]
    cosines = [f"cosine {two_decimals(float(best))}" for best in scores.max(axis=1)]
    first, other = (float((ranks[parts[who]] == 0).mean()) for who in (ASKED[0], ASKED[2]))
    said = (
        f"In this draw {first:.0%} of {anchors} anchors are nearest to themselves, and {other:.0%} of "
        f"{len(parts[ASKED[2]])} clips of other films; by chance {chance:.1%}."
    )
    places = [f"place {ranks[i] + 1} of {n}" for i in far]
    lanes = [
        Lane(
            "farthest from themselves",
            [clips.ids[i] for i in far],
            places,
            "left",
            "all find themselves",
        ),
        Lane("what stands there instead", [clips.ids[i] for i in instead], cosines, "entered"),
    ]
    return Scene(chart, said, lanes)
