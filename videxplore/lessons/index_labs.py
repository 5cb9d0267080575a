"""Lesson 7: exact search beside three indexes, their curves, and where the missing neighbours are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips
from videxplore.lessons.dilution import Seconds
from videxplore.lessons.graph_index import fit_graph
from videxplore.lessons.indexes import (
    Exact,
    Index,
    K,
    Measured,
    enlarge,
    fit_codes,
    fit_lists,
    measure,
    others,
)
from videxplore.lessons.reduction import fit_axes
from videxplore.lessons.similarity import centred, contained
from videxplore.values.charts import Cloud, Curves, Lane, Line, Scene

LISTS, GRAPH, CODES = "lists (IVF)", "graph (HNSW)", "codes (PQ)"
INDEXES = (LISTS, GRAPH, CODES)
"""Ways to look at a part only."""

BUILT = {LISTS: (8, 32, 128), GRAPH: (2, 4, 8), CODES: (6, 12, 46)}
"""How many lists there are, links a vector makes, or codes a vector has: :data:`SIZES`."""

SIZES = ("few", "some", "many")

EFFORTS = {
    LISTS: (1, 2, 3, 4, 6, 8),
    GRAPH: (11, 16, 24, 32, 64, 128),
    CODES: (11, 20, 40, 80, 160, 320),
}
"""Lists that are probed, candidates kept in sight (ef), or candidates looked up in full."""

WORK = {LISTS: "lists probed", GRAPH: "ef", CODES: "looked up in full"}
FINENESS = {LISTS: "lists", GRAPH: "links", CODES: "codes"}

_FATES = ("not looked at", "looked at", "found", "missed", "asked with")
_STEP = 4  # every fourth second is asked with
_SHOWN = 6


@dataclass(frozen=True, eq=False)
class Race:
    """Indexes over the seconds of some films, each built in three ways and asked with several efforts.

    Attributes:
        clips: that are shown.
        seconds: that are searched.
        vectors: float64 (n, d), around the mean, at unit length.
        asked: rows of the queries.
        indexes: (name, how many) -> index.
        measured: (name, how many) -> one per effort.
    """

    clips: Clips
    seconds: Seconds
    vectors: NDArray[np.float64]
    asked: NDArray[np.intp]
    indexes: dict[tuple[str, int], Index]
    measured: dict[tuple[str, int], tuple[Measured, ...]]

    @cached_property
    def clip_of(self) -> NDArray[np.intp]:
        """Row of the clip that each second (n,) lies in, or of the last one before it."""
        found = np.zeros(len(self.seconds), np.intp)
        for row, segment in enumerate(self.clips.segments):
            begun = np.array([(s.start_s + s.end_s) / 2 >= segment.start_s for s in self.seconds.spans])
            found[begun & (self.seconds.films == self.clips.films[row])] = row
        return found

    @cached_property
    def plane(self) -> NDArray[np.float64]:
        """float64 (n, 2), on the two principal axes."""
        return fit_axes(self.vectors).reduce(self.vectors, 2)

    @cached_property
    def wanted(self) -> NDArray[np.intp]:
        """True neighbours of each query, int (m, k)."""
        exact = Exact(self.vectors)
        rows = self.asked.tolist()
        return np.stack([others(exact.search(self.vectors[r], K + 1).rows, r, K) for r in rows])

    def name(self, row: int) -> str:
        """Return film and time of a second."""
        return f"{self.seconds.films[row]}, {self.seconds.spans[row].start_s:.0f} s"

    def hardest(self, count: int = 5) -> dict[str, int]:
        """Return the queries that miss most over all indexes at their least effort, name -> row."""
        lost = np.sum([1 - runs[0].recall for runs in self.measured.values()], axis=0)
        rows = self.asked[np.argsort(-lost, kind="stable")[:count]].tolist()
        return {self.name(row): row for row in rows}


def build_race(clips: Clips, seconds: Seconds, *, seed: int = 0) -> Race:
    """Build all indexes of :data:`BUILT`, and ask each with every fourth second and all :data:`EFFORTS`."""
    vectors = centred(seconds.values)
    fits = {LISTS: fit_lists, GRAPH: _fit_linked, CODES: fit_codes}
    asked = np.arange(0, len(vectors), _STEP)
    indexes: dict[tuple[str, int], Index] = {
        (name, count): fits[name](vectors, count, seed=seed)
        for name, counts in BUILT.items()
        for count in counts
    }
    measured = {key: measure(index, vectors, asked, EFFORTS[key[0]]) for key, index in indexes.items()}
    return Race(clips, seconds, vectors, asked, indexes, measured)


def _fit_linked(vectors: NDArray[np.float64], links: int, *, seed: int) -> Index:
    return fit_graph(vectors, links=links, seed=seed)


def show_race(race: Race, index: str, size: str, effort: int) -> Scene:
    """Return recall over what was looked at, the clips that were missed most, and what was asked in vain.

    Args:
        race: of the indexes.
        index: one of :data:`INDEXES`.
        size: one of :data:`SIZES`.
        effort: place in :data:`EFFORTS`, from 1.
    """
    count = BUILT[index][SIZES.index(size)]
    run = race.measured[index, count][effort - 1]
    lines = [_curve(f"{n} {FINENESS[index]}", race.measured[index, n]) for n in BUILT[index]]
    lines += [
        _curve(name, race.measured[name, BUILT[name][1]], dashed=True) for name in INDEXES if name != index
    ]
    n = len(race.vectors)
    chart = Curves(
        "What does it cost to find them all?",
        (*lines, Line("brute force", np.array([n]), np.array([1.0]))),
        "vectors compared per query",
        f"recall@{K}",
        f"n = {n} seconds, {len(race.asked)} of them asked with, k = {K}, exact neighbours by NumPy, seed 0. "
        f"Dashed: the other two, {BUILT[LISTS][1]} lists, {BUILT[GRAPH][1]} links, {BUILT[CODES][1]} codes.",
        here=(run.looked_at, float(run.recall.mean())),
        x_log=True,
        y_range=(0.5, 1.0),
        x_ticks=(20, 50, 100, 200, 400, 800),
    )
    said = (
        f"{count} {FINENESS[index]}, {WORK[index]}: {run.effort}. Compared with {run.looked_at:.0f} of {n} "
        f"vectors, finds {run.recall.mean():.1%}; {1e6 * run.time_s:.0f} µs per query here, in Python."
    )
    lost = np.where(contained(race.wanted, run.found), -1, race.wanted)
    return Scene(chart, said, [_most_missed(race, lost), _in_vain(race, run)])


def _curve(name: str, runs: tuple[Measured, ...], dashed: bool = False) -> Line:
    points = [(run.looked_at, float(run.recall.mean())) for run in runs]
    return Line(name, np.array([x for x, _ in points]), np.array([y for _, y in points]), dashed)


def _most_missed(race: Race, lost: NDArray[np.intp]) -> Lane:
    times = np.bincount(race.clip_of[lost[lost >= 0]], minlength=len(race.clips))
    first = [i for i in np.argsort(-times, kind="stable")[:_SHOWN].tolist() if times[i]]
    notes = [f"{times[i]}× missed" for i in first]
    return Lane("missed most often", [race.clips.ids[i] for i in first], notes, "left", "nothing is missed")


def _in_vain(race: Race, run: Measured) -> Lane:
    hits = np.rint(run.recall * K).astype(int)
    worst: dict[int, int] = {}
    for i in np.argsort(hits, kind="stable").tolist():
        if hits[i] < K:
            worst.setdefault(int(race.clip_of[race.asked[i]]), int(hits[i]))
    shown = list(worst.items())[:_SHOWN]
    ids, notes = [race.clips.ids[i] for i, _ in shown], [f"finds {h} of {K}" for _, h in shown]
    return Lane("who asked in vain", ids, notes, "", "all find theirs")


def show_missing(race: Race, index: str, size: str, effort: int, row: int) -> Scene:
    """Return the map with what one query looked at and missed, and the clips of it.

    Args:
        race: of the indexes.
        index: one of :data:`INDEXES`.
        size: one of :data:`SIZES`.
        effort: place in :data:`EFFORTS`, from 1.
        row: of the second that is asked with.
    """
    count, spent = BUILT[index][SIZES.index(size)], EFFORTS[index][effort - 1]
    answer = race.indexes[index, count].search(race.vectors[row], K + 1, spent)
    true = others(Exact(race.vectors).search(race.vectors[row], K + 1).rows, row, K).tolist()
    got = others(answer.rows, row, K).tolist()
    missed, instead = [i for i in true if i not in got], [i for i in got if i not in true and i >= 0]
    fate = np.zeros(len(race.vectors), np.intp)
    fate[answer.seen] = 1
    fate[[i for i in got if i in true]] = 2
    fate[missed] = 3
    fate[row] = 4
    order = np.argsort(fate, kind="stable")  # what matters is drawn last, above the others
    chart = Cloud(
        "Where are the missing ones?",
        race.plane[order],
        tuple(_FATES[i] for i in fate[order]),
        tuple(race.name(i) for i in order.tolist()),
        caption=f"n = {len(race.vectors)} seconds on two of {race.vectors.shape[1]} principal axes; near "
        f"here need not be near in full. {count} {FINENESS[index]}, {WORK[index]}: {spent}, k = {K}, seed 0.",
        chosen=tuple(np.flatnonzero(fate[order] == 3).tolist()),
    )
    unseen = len(set(missed) - set(answer.seen.tolist()))
    said = (
        f"{len(missed)} of {K} neighbours are missed, {unseen} of them because they were never looked at. "
        f"Compared with {answer.looked_at:.0f} of {len(race.vectors)} vectors."
    )
    lanes = [
        Lane("asked with", [race.clips.ids[race.clip_of[row]]], [race.name(row)]),
        _lane(race, "missed", missed, "left", "none is missed", row),
        _lane(race, "found instead", instead, "entered", "none", row),
    ]
    return Scene(chart, said, lanes)


def _lane(race: Race, title: str, rows: list[int], state: str, empty: str, query: int) -> Lane:
    """The clips in which some seconds lie, each once, with the cosine of the first of them."""
    clips: dict[int, str] = {}
    for row in rows:
        cosine = float(race.vectors[row] @ race.vectors[query])
        clips.setdefault(int(race.clip_of[row]), f"{race.name(row).split(', ')[1]}, cosine {cosine:.2f}")
    shown = list(clips.items())[:_SHOWN]
    return Lane(title, [race.clips.ids[i] for i, _ in shown], [note for _, note in shown], state, empty)


def missed_by(race: Race, index: str, count: int, effort: int, row: int) -> set[int]:
    """Return the true neighbours of a second, as rows, that an index does not find."""
    answer = race.indexes[index, count].search(race.vectors[row], K + 1, effort)
    true = others(Exact(race.vectors).search(race.vectors[row], K + 1).rows, row, K)
    return set(true.tolist()) - set(answer.rows.tolist())


def show_growth(
    race: Race, sizes: tuple[int, ...] = (823, 1600, 3200), least: float = 0.95, *, seed: int = 0
) -> Curves:
    """Return what recall ``least`` costs each index as the library grows.

    Vectors are added by :func:`~videxplore.lessons.indexes.enlarge`; lists grow as the root of their number.

    Args:
        race: whose seconds are the beginning.
        sizes: numbers of vectors, ascending.
        least: mean recall that is to be reached.
        seed: of all draws.
    """
    cost: dict[str, list[float]] = {name: [] for name in (LISTS, GRAPH, CODES)}
    for n in sizes:
        vectors = enlarge(race.vectors, n, seed=seed)
        asked = np.arange(0, len(race.vectors), 8)
        made: dict[str, Index] = {
            LISTS: fit_lists(vectors, round(np.sqrt(n)), seed=seed),
            GRAPH: fit_graph(vectors, links=BUILT[GRAPH][1], seed=seed),
            CODES: fit_codes(vectors, BUILT[CODES][1], seed=seed),
        }
        for name, index in made.items():
            runs = measure(index, vectors, asked, EFFORTS[name])
            enough = [run.looked_at for run in runs if run.recall.mean() >= least]
            cost[name].append(enough[0] if enough else float("nan"))
    x = np.array(sizes, np.float64)
    return Curves(
        "What does a larger library cost?",
        (
            *(Line(name, x, np.array(values)) for name, values in cost.items()),
            Line("brute force", x, x, dashed=True),
        ),
        "vectors in the library",
        "vectors compared per query",
        f"Least effort tried that reaches recall@{K} {least:g}; √n lists, {BUILT[GRAPH][1]} links, "
        f"{BUILT[CODES][1]} codes. The first {len(race.vectors)} are seconds of the films, the others lie "
        f"between neighbours among them; seed {seed}.",
        x_ticks=tuple(x.tolist()),
    )
