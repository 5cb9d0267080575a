"""Lesson 10: what a map invents and what it tears, on clips and on made-up points whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips
from videxplore.lessons.similarity import centred, neighbours, recall
from videxplore.stages.projection.honesty import trustworthiness
from videxplore.stages.projection.layouts import Layout, Umap
from videxplore.values.charts import Cloud, Lane, Scene

Points = NDArray[np.float64]

K = 10
"""Neighbours that a map is judged by."""

N_NEIGHBORS, MIN_DIST, SEEDS = (3, 5, 15, 50), (0.0, 0.1, 0.8), (0, 1)

NOISE, SIZES, GAPS = "noise: one even cloud", "one tight, one wide", "two near, one far"
MADE = (NOISE, SIZES, GAPS)
"""Made-up points whose truth is known."""

TRUE_RATIO = 10.0
"""How many times as wide the wide group is, and how many times as far away the far one, about."""

_COUNT, _DIMENSIONS = 200, 10
_SHOWN = 5
_LINK = 3.0
_LEAST = 3

Place = tuple[int, float, int]
"""n_neighbors, min_dist, seed."""


def make_points(name: str, *, seed: int = 0) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Return made-up points (200, 10) and the group of each.

    Args:
        name: one of :data:`MADE`.
        seed: of the draws.

    Raises:
        ValueError: an unknown name.
    """
    rng = np.random.default_rng(seed)
    if name == NOISE:
        return rng.uniform(size=(_COUNT, _DIMENSIONS)).astype(np.float32), ("noise",) * _COUNT
    half = _COUNT // 2
    bell = rng.normal(size=(_COUNT, _DIMENSIONS))
    if name == SIZES:
        bell[:half] *= 0.2
        bell[half:] *= 0.2 * TRUE_RATIO
        bell[half:] += 4.0
        return bell.astype(np.float32), ("tight",) * half + ("wide",) * half
    if name == GAPS:
        third = _COUNT // 3
        bell[third : 2 * third, 0] += 6.0
        bell[2 * third :, 0] += 6.0 * TRUE_RATIO
        groups = ("first",) * third + ("near",) * third + ("far",) * (_COUNT - 2 * third)
        return bell.astype(np.float32), groups
    raise ValueError(f"name must be one of {', '.join(MADE)}, got {name!r}.")


@dataclass(frozen=True, eq=False)
class Maps:
    """Points and many maps of them.

    Attributes:
        points: float32 (n, d).
        groups: name of the group of each point.
        drawn: (n_neighbors, min_dist, seed) -> float64 (n, 2).
        ids: segment ids where the points are clips.
    """

    points: NDArray[np.float32]
    groups: tuple[str, ...]
    drawn: Mapping[Place, Points]
    ids: tuple[str, ...] = ()

    @cached_property
    def near(self) -> NDArray[np.intp]:
        """True neighbours of each point, int (n, k), nearest first."""
        return neighbours(self.points, K, "distance")

    def near_on(self, place: Place) -> NDArray[np.intp]:
        """Return the neighbours of each point on a map, int (n, k), nearest first."""
        return neighbours(self.drawn[place], K, "distance")

    def kept(self, place: Place) -> NDArray[np.float64]:
        """Return the share (n,) of its true neighbours that each point keeps on a map."""
        return recall(self.near_on(place), self.near)

    def judge(self, place: Place) -> tuple[float, float]:
        """Return trustworthiness and continuity of a map (Venna & Kaski 2001), k = 10."""
        return trustworthiness(self.points.astype(np.float64), self.drawn[place], K)

    def middle(self, group: str, space: Points) -> Points:
        """Return the mean of a group, in the full space or on a map."""
        return space[self._rows(group)].mean(axis=0)

    def spread(self, group: str, space: Points) -> float:
        """Return how far the points of a group lie from its mean, the root of the mean square."""
        off = space[self._rows(group)] - self.middle(group, space)
        return float(np.sqrt(np.square(off).sum(axis=1).mean()))

    def _rows(self, group: str) -> NDArray[np.intp]:
        return np.flatnonzero(np.array(self.groups) == group)


def draw_maps(
    points: NDArray[np.floating],
    groups: tuple[str, ...],
    *,
    ids: tuple[str, ...] = (),
    layout: Callable[[int, float, int], Layout] | None = None,
) -> Maps:
    """Return the map of points (n, d) for every n_neighbors, min_dist and seed of this lesson.

    Args:
        points: what is drawn.
        groups: name of the group of each point.
        ids: segment ids where they are clips.
        layout: what makes a layout of n_neighbors, min_dist and seed; by default UMAP (McInnes et al. 2018).
    """
    values = np.asarray(points, np.float32)
    make = layout or _umap
    drawn = {
        (near, apart, seed): np.asarray(make(near, apart, seed).fit_transform(values), np.float64)
        for near, apart, seed in product(N_NEIGHBORS, MIN_DIST, SEEDS)
    }
    return Maps(values, groups, drawn, ids)


def _umap(n_neighbors: int, min_dist: float, seed: int) -> Layout:
    return Umap(n_neighbors, min_dist, random_state=seed)


def map_clips(clips: Clips) -> Maps:
    """Return the maps of clips, by the cosine around their mean, grouped by film."""
    points = centred(clips.embeddings.attributes)
    return draw_maps(points, tuple(clips.films.tolist()), ids=clips.ids)


def count_islands(space: NDArray[np.floating]) -> int:
    """Return into how many groups of at least three points (n, d) fall apart to the eye.

    Two points hang together if they are no farther apart than three times the median distance from a point to
    its nearest; groups are what hangs together by any chain (single linkage). A rule of thumb for what one
    sees, and no test.
    """
    from scipy.sparse.csgraph import connected_components

    values = np.asarray(space, np.float64)
    away = np.sqrt(np.maximum(np.square(values[:, None] - values[None]).sum(axis=2), 0.0))
    np.fill_diagonal(away, np.inf)
    _, labels = connected_components(away <= _LINK * np.median(away.min(axis=1)), directed=False)
    return int((np.bincount(labels) >= _LEAST).sum())


def show_map(clips: Clips, maps: Maps, place: Place, segment_id: str) -> Scene:
    """Return a map of clips, and the true neighbours of one beside those that the map gives it.

    Args:
        clips: that the maps show.
        maps: of them.
        place: n_neighbors, min_dist, seed.
        segment_id: of the clip.
    """
    row = clips.row(segment_id)
    true, there = maps.near[row].tolist(), maps.near_on(place)[row].tolist()
    torn, false = set(true) - set(there), set(there) - set(true)
    trusted, continuous = maps.judge(place)
    chart = Cloud(
        "Who stands beside whom?",
        maps.drawn[place],
        maps.groups,
        tuple(f"{film}, {s.start_s:.0f} s" for film, s in zip(clips.films, clips.segments, strict=True)),
        caption=f"UMAP of n = {len(clips)} clips, {_words(place)}. Lines: from one clip to its {K} true "
        "neighbours. Directions and axes mean nothing.",
        links=tuple((row, other) for other in true),
        chosen=(row,),
    )
    said = (
        f"Trustworthiness {trusted:.2f}, continuity {continuous:.2f}; of {K} true neighbours "
        f"{maps.kept(place).mean():.0%} stand among the {K} nearest on the map, by chance "
        f"{K / (len(clips) - 1):.0%}. This clip keeps {K - len(torn)} of {K}."
    )
    lanes = [
        Lane("the clip", [segment_id]),
        _lane(maps, "its true neighbours", true, torn, "torn away"),
        _lane(maps, "its neighbours on the map", there, false, "stranger"),
    ]
    return Scene(chart, said, lanes)


def _lane(maps: Maps, title: str, rows: list[int], odd: set[int], word: str) -> Lane:
    first = rows[:_SHOWN]
    return Lane(title, [maps.ids[i] for i in first], [word if i in odd else "near in both" for i in first])


def _words(place: Place) -> str:
    return f"n_neighbors {place[0]}, min_dist {place[1]:g}, seed {place[2]}, k = {K}"


def show_made(name: str, maps: Maps, place: Place) -> Scene:
    """Return a map of made-up points, and in words what is true of them and what the map says.

    Args:
        name: one of :data:`MADE`.
        maps: of these points.
        place: n_neighbors, min_dist, seed.
    """
    trusted, continuous = maps.judge(place)
    chart = Cloud(
        f"What does the map make of {name}?",
        maps.drawn[place],
        maps.groups,
        caption=f"UMAP of n = {len(maps.points)} points in {maps.points.shape[1]} dimensions, "
        f"{_words(place)}. Trustworthiness {trusted:.2f}, continuity {continuous:.2f}.",
    )
    space, xy = maps.points.astype(np.float64), maps.drawn[place]
    if name == NOISE:
        seen, true = count_islands(xy), count_islands(space)
        said = f"Islands of three points or more: {seen} on the map, {true} in full. Nothing was grouped."
    elif name == SIZES:
        said = f"The wide group is {wider(maps, space):.1f} times as wide as the tight one, and on the map "
        said += f"{wider(maps, xy):.1f} times."
    else:
        said = f"The far group lies {farther(maps, space):.1f} times as far from the first as the near one, "
        said += f"and on the map {farther(maps, xy):.1f} times."
    return Scene(chart, said)


def wider(maps: Maps, space: Points) -> float:
    """Return how many times as wide as the tight group the wide one is, in full or on a map."""
    return maps.spread("wide", space) / maps.spread("tight", space)


def farther(maps: Maps, space: Points) -> float:
    """Return how many times as far from the first group as the near one the far one lies."""
    first = maps.middle("first", space)
    far, near = (np.linalg.norm(maps.middle(group, space) - first) for group in ("far", "near"))
    return float(far / near)


def most_torn(maps: Maps, place: Place, count: int) -> list[int]:
    """Return the rows of the points that keep fewest of their neighbours on a map, the worst first."""
    return np.argsort(maps.kept(place), kind="stable")[:count].tolist()
