"""What a parent knows of its children: recomposed from them, what it hides, and one query at every level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.similarity import compare, nearest
from videxplore.stages.pooling import METHODS, normalise, pool, pool_vectors
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.charts import Bars, Grid, Lane, Scene, two_decimals
from videxplore.values.media import format_time
from videxplore.values.rankings import Ranking

Matrix = NDArray[np.float64]

TOP = 4
"""Clips in a lane."""

CELL_S = 2.0
"""Seconds per column of the picture of a film on all levels."""


def name_of(snapshot: Snapshot, row: int) -> str:
    """Return the film and the stretch of a segment."""
    segment = snapshot.segments[row]
    film = snapshot.title(segment.video_id).rsplit(".", 1)[0].replace("_", " ")
    return f"{film} {format_time(segment.start_s)}–{format_time(segment.end_s)}"


def leaves_of(snapshot: Snapshot, row: int) -> NDArray[np.intp]:
    """Return the rows of the leaves in a segment, in time order; a leaf holds itself."""
    leaves, ranges = snapshot.leaf_ranges
    first, last = ranges[row].tolist()
    return leaves[first:last]


def parents_at(snapshot: Snapshot, level: str) -> NDArray[np.intp]:
    """Return the rows of a level that hold more than one leaf."""
    return np.array([
        row
        for row, segment in enumerate(snapshot.segments)
        if segment.level == level and len(leaves_of(snapshot, row)) > 1
    ])  # fmt: skip


def recompose(snapshot: Snapshot, row: int) -> tuple[NDArray[np.float32], float]:
    """Return a parent's unit vector (d,) and coherence from its leaves alone, as ingest once did.

    Columns that follow from where a segment lies in its film stay its own.
    """
    rows = leaves_of(snapshot, row)
    values = snapshot.vectors[rows] * snapshot.magnitudes[rows, None]
    pooled, coherence = pool(values, snapshot.durations_s[rows], snapshot.card.pooling)
    own = snapshot.from_span
    pooled[own] = (snapshot.vectors[row] * snapshot.magnitudes[row])[own]
    return normalise(pooled[None])[0][0], coherence


@dataclass(frozen=True, eq=False)
class Family:
    """A parent made of chosen children.

    Attributes:
        rows: of the children in the snapshot, in time order.
        children: float64 (n, d), unit vectors.
        weights: float64 (n,), share of the time, sum 1.
        parent: float64 (d,), unit vector.
        method: how it was pooled.
    """

    rows: NDArray[np.intp]
    children: Matrix
    weights: Matrix
    parent: Matrix
    method: str

    @property
    def coherence(self) -> float:
        """R: the length of the weighted mean of the unit children; 1 where all are the same."""
        return float(np.linalg.norm(self.weights @ self.children))

    @property
    def cosines(self) -> Matrix:
        """Of the parent with each child, float64 (n,)."""
        return self.children @ self.parent


def make_family(snapshot: Snapshot, rows: Sequence[int], method: str = "mean") -> Family:
    """Return the parent of some segments, pooled by one of the kit's methods.

    Args:
        snapshot: of the library.
        rows: of the children.
        method: one of :data:`videxplore.stages.pooling.METHODS`.
    """
    chosen = np.asarray(rows, np.intp)
    children = snapshot.vectors[chosen].astype(np.float64)
    children /= np.linalg.norm(children, axis=1, keepdims=True)
    seconds = snapshot.durations_s[chosen]
    pooled = pool_vectors(children, seconds, method).astype(np.float64)
    return Family(chosen, children, seconds / seconds.sum(), pooled / np.linalg.norm(pooled), method)


def show_family(snapshot: Snapshot, family: Family, left_out: Sequence[int] = ()) -> Scene:
    """Return how like its children a parent is, its children, and what elsewhere is most like it.

    Args:
        snapshot: of the library.
        family: the parent with its children.
        left_out: rows that belong to the scene but not to the family; they are not counted as elsewhere.
    """
    cosines, order = family.cosines, np.argsort(family.cosines)
    leaves = np.setdiff1d(snapshot.leaf_ranges[0], [*family.rows, *left_out])
    scores = compare(family.parent[None], snapshot.vectors[leaves])
    near = leaves[nearest(scores, TOP)[0]]
    stranger = int(family.rows[order[0]])
    beyond = int((scores[0] > cosines.min()).sum())
    chart = Bars(
        f"How like its {len(family.rows)} children is the parent?",
        tuple(name_of(snapshot, row) for row in family.rows.tolist()),
        cosines,
        "cosine of the parent with the child",
        caption=f"Pooled by {family.method}. Of the mean: R = {family.coherence:.3f}, "
        f"1 − R² = {1 - family.coherence**2:.3f}.",
        x_range=(min(0.0, float(cosines.min())), 1.0),
    )
    said = (
        f"R is {two_decimals(family.coherence)}: {1 - family.coherence**2:.0%} of what its children say "
        f"is not in their mean. It stands least for {name_of(snapshot, stranger)}: {beyond} clips that are "
        "no children of it are more like it."
    )
    ids = [s.segment_id for s in snapshot.segments]
    found = {int(row): float(score) for row, score in zip(leaves, scores[0], strict=True)}
    return Scene(
        chart,
        said,
        [
            Lane("its children, the most alike first", [ids[family.rows[i]] for i in order[::-1]],
                 [two_decimals(cosines[i]) for i in order[::-1]]),
            Lane("no children, but most like it", [ids[row] for row in near],
                 [two_decimals(found[int(row)]) for row in near]),
        ],
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Hiding:
    """What parents of each level hide.

    Attributes:
        levels: coarser than the leaves, finest first.
        parents: how many there are on each.
        coherence: float64 (levels,), mean R.
        methods: of pooling.
        found: float64 (methods, levels), share of leaves that find their own parent first.
        lost: (method, level) -> rows of the leaves that do not.
    """

    levels: tuple[str, ...]
    parents: tuple[int, ...]
    coherence: Matrix
    methods: tuple[str, ...]
    found: Matrix
    lost: Mapping[tuple[str, str], NDArray[np.intp]]

    def chart(self) -> Grid:
        """Return the table as shades."""
        return Grid(
            "How many children find their own parent first?",
            self.methods,
            tuple(
                f"{level} · {n}, R {r:.2f}"
                for level, n, r in zip(self.levels, self.parents, self.coherence, strict=True)
            ),
            self.found,
            y="",
            unit="share of the children",
            caption="After each level, how many parents, and their mean coherence. Chance: "
            + ", ".join(f"{1 / n:.2f}" for n in self.parents)
            + ". Cosine around the mean of the parents.",
            range=(0.0, 1.0),
        )


def measure_hiding(snapshot: Snapshot, methods: Sequence[str] = METHODS) -> Hiding:
    """Ask with every leaf for its own parent on every level.

    Args:
        snapshot: of the library.
        methods: of pooling.
    """
    levels = snapshot.levels[1:]
    parents = {level: parents_at(snapshot, level) for level in levels}
    found, lost = np.zeros((len(methods), len(levels))), {}
    for i, method in enumerate(methods):
        for j, level in enumerate(levels):
            families = [
                make_family(snapshot, leaves_of(snapshot, row).tolist(), method) for row in parents[level]
            ]
            made = np.stack([family.parent for family in families])
            rows = np.concatenate([family.rows for family in families])
            owner = np.repeat(np.arange(len(families)), [len(family.rows) for family in families])
            asked = np.concatenate([family.children for family in families])
            middle = made.mean(axis=0)
            first = compare(asked - middle, made - middle).argmax(axis=1)
            found[i, j] = float((first == owner).mean())
            lost[method, level] = rows[first != owner]
    coherence = [
        np.mean(
            [make_family(snapshot, leaves_of(snapshot, row).tolist()).coherence for row in parents[level]]
        )
        for level in levels
    ]
    return Hiding(
        tuple(levels), tuple(len(parents[level]) for level in levels), np.array(coherence), tuple(methods),
        found, lost,
    )  # fmt: skip


def show_hiding(snapshot: Snapshot, hiding: Hiding, level: str, method: str) -> Scene:
    """Return the table, and the leaves whose own parent on a level is not found first."""
    lost = hiding.lost[method, level]
    i, j = hiding.methods.index(method), hiding.levels.index(level)
    said = (
        f"Pooled by {method}, {hiding.found[i, j]:.0%} of the children find their own {level} first; "
        f"{len(lost)} do not. Chance is {1 / hiding.parents[j]:.0%}."
    )
    ids = [snapshot.segments[row].segment_id for row in lost.tolist()]
    step = max(1, len(ids) // (2 * TOP))
    return Scene(hiding.chart(), said, [Lane(f"hidden by its {level}, some of them", ids[::step][: 2 * TOP])])


def score_levels(snapshot: Snapshot, ranking: Ranking) -> Matrix:
    """Return the raw score (n,) of every segment of every level, NaN for those that are no candidates.

    Args:
        snapshot: of the library.
        ranking: of ``library.search(…, level="any", k=n)``, so that all are candidates.
    """
    scores = np.full(len(snapshot), np.nan)
    for candidate in ranking.candidates:
        scores[snapshot.row_of[candidate.hit.segment_id]] = candidate.hit.raw_score
    return scores


def show_levels(snapshot: Snapshot, film: str, query: str, scores: Matrix) -> Scene:
    """Return one film on all levels, shaded by the score of a query, and the best of each level anywhere.

    Args:
        snapshot: of the library.
        film: file name.
        query: in words.
        scores: from :func:`score_levels`.
    """
    video = next(v for v in snapshot.videos if snapshot.title(v) == film)
    levels = snapshot.levels[::-1]
    times = np.arange(0.0, float(snapshot.videos[video]["duration_s"]), CELL_S)
    grid = np.full((len(levels), len(times)), np.nan)
    for row in snapshot.rows_of_video[video]:
        segment = snapshot.segments[row]
        # A leaf of a coarse level stands for all finer ones too: the picture has no holes.
        for line in range(levels.index(segment.level), len(levels)):
            inside = (times + CELL_S / 2 >= segment.start_s) & (times + CELL_S / 2 < segment.end_s)
            if line == levels.index(segment.level) or not snapshot.child_rows.get(row):
                grid[line, inside] = scores[row]
    best = {
        level: [
            row
            for row in np.argsort(-scores, kind="stable").tolist()
            if snapshot.segments[row].level == level
        ]
        for level in levels
    }
    top = int(np.nanargmax(scores))
    chart = Grid(
        f"“{query}” in {film} on every level",
        levels,
        tuple(format_time(t) for t in times.tolist()),
        grid,
        x="time",
        unit="score",
        caption=f"n = {len(scores)} segments of {len(snapshot.videos)} films, centred by level; a column is "
        f"{CELL_S:g} s. Strongest shade {two_decimals(float(np.nanmax(scores)))}, the best of all.",
        range=(0.0, float(np.nanmax(scores))),
        written=False,
    )
    said = (
        f"Over all films a {snapshot.segments[top].level} comes first, {name_of(snapshot, top)}, with "
        f"{two_decimals(float(scores[top]))}. The best of each level: "
        + ", ".join(f"{level} {two_decimals(float(scores[best[level][0]]))}" for level in levels)
        + "."
    )
    lanes = [
        Lane(level, [snapshot.segments[row].segment_id for row in best[level][:TOP]],
             [two_decimals(float(scores[row])) for row in best[level][:TOP]])
        for level in levels
    ]  # fmt: skip
    return Scene(chart, said, lanes)


def first_level(snapshot: Snapshot, scores: Matrix) -> str:
    """Return the level of the segment with the best score."""
    return snapshot.segments[int(np.nanargmax(scores))].level


def stranger_in(snapshot: Snapshot, rows: Sequence[int]) -> str:
    """Return the id of the child without which the others are most coherent."""
    kept = [make_family(snapshot, [r for r in rows if r != row]).coherence for row in rows]
    return snapshot.segments[rows[int(np.argmax(kept))]].segment_id
