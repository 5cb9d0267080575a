"""A small HNSW: a graph of neighbours on several floors, walked from far to near.

Malkov & Yashunin, *Efficient and robust approximate nearest neighbor search using Hierarchical Navigable
Small World graphs* (2018). Numbers of algorithms are theirs.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from videxplore.lessons.indexes import Answer, Vector, best, distances

Floor = dict[int, list[int]]
"""Row -> the rows that it is linked to."""

LINKS = 8
"""Links that a new vector makes on each floor; twice as many may come to lead away from it on the lowest."""

CARE = 48
"""Candidates among which a new vector chooses its links (efConstruction)."""


@dataclass(frozen=True, eq=False)
class Graph:
    """A graph of neighbours.

    Attributes:
        vectors: float64 (n, d).
        floors: the lowest, which holds all rows, first.
        entry: row at which every search begins, on the highest floor.
    """

    vectors: Vector
    floors: list[Floor]
    entry: int

    def search(self, query: Vector, k: int, effort: int) -> Answer:
        """Return about the k nearest (algorithm 5), keeping the best ``effort`` (ef) in sight; at least k."""
        found, seen = self.walk(query, max(k, effort))
        rows = np.array([row for _, row in found], np.intp)
        away = np.array([off for off, _ in found])
        return Answer(best(rows, away, k), len(seen), np.array(seen, np.intp))

    def walk(self, query: Vector, effort: int) -> tuple[list[tuple[float, int]], list[int]]:
        """Return what is kept at the end, (distance, row), and all rows compared in the order of the walk."""
        steps = [self.entry]
        near = [(float(distances(query, self.vectors[self.entry][None])[0]), self.entry)]
        for floor in self.floors[:0:-1]:
            near, more = _search_floor(self.vectors, floor, query, near, 1)
            steps += more
        near, more = _search_floor(self.vectors, self.floors[0], query, near, effort)
        return near, list(dict.fromkeys(steps + more))


def fit_graph(vectors: Vector, *, links: int = LINKS, care: int = CARE, seed: int = 0) -> Graph:
    """Return the graph of vectors (n, d), put in one after the other in an order by lot (algorithm 1).

    Args:
        vectors: what is searched later.
        links: M of the paper, at least 2.
        care: efConstruction of the paper.
        seed: of the order and of the floors.

    Raises:
        ValueError: fewer than two links.
    """
    if links < 2:
        raise ValueError(f"links must be at least 2, got {links}.")
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(vectors))
    heights = np.floor(-np.log(1 - rng.random(len(vectors))) / np.log(links)).astype(int)
    first = int(order[0])
    graph = Graph(vectors, [{first: []} for _ in range(heights[0] + 1)], first)
    for row, height in zip(order[1:].tolist(), heights[1:].tolist(), strict=True):
        graph = _insert(graph, row, height, links, care)
    return graph


def _insert(graph: Graph, row: int, height: int, links: int, care: int) -> Graph:
    vectors, floors = graph.vectors, graph.floors
    query = vectors[row]
    near = [(float(distances(query, vectors[graph.entry][None])[0]), graph.entry)]
    for level in range(len(floors) - 1, -1, -1):
        if level > height:
            near, _ = _search_floor(vectors, floors[level], query, near, 1)
            continue
        near, _ = _search_floor(vectors, floors[level], query, near, care)
        _link(vectors, floors[level], row, _choose(vectors, near, links), links * (2 if level == 0 else 1))
    if height < len(floors):
        return graph
    floors += [{row: []} for _ in range(height + 1 - len(floors))]
    return Graph(vectors, floors, row)


def _search_floor(
    vectors: Vector, floor: Floor, query: Vector, starts: list[tuple[float, int]], effort: int
) -> tuple[list[tuple[float, int]], list[int]]:
    """Algorithm 2: go on from the nearest not yet visited, until it is farther than all that is kept."""
    visited = {row for _, row in starts}
    waiting = list(starts)
    heapq.heapify(waiting)
    kept = [(-off, row) for off, row in starts]
    heapq.heapify(kept)
    steps: list[int] = []
    while waiting:
        off, row = heapq.heappop(waiting)
        if off > -kept[0][0] and len(kept) >= effort:
            break
        fresh = [r for r in floor[row] if r not in visited]
        if not fresh:
            continue
        visited.update(fresh)
        steps += fresh
        for away, r in zip(distances(query, vectors[fresh]).tolist(), fresh, strict=True):
            if len(kept) < effort or away < -kept[0][0]:
                heapq.heappush(waiting, (away, r))
                heapq.heappush(kept, (-away, r))
                if len(kept) > effort:
                    heapq.heappop(kept)
    return sorted((-off, row) for off, row in kept), steps


def _choose(vectors: Vector, near: list[tuple[float, int]], links: int) -> list[int]:
    """Algorithm 4: the nearest, without those that are nearer to one already chosen, so that links spread."""
    chosen: list[int] = []
    for off, row in sorted(near):
        if len(chosen) == links:
            break
        if not chosen or float(distances(vectors[row], vectors[chosen]).min()) > off:
            chosen.append(row)
    return chosen


def _link(vectors: Vector, floor: Floor, row: int, chosen: list[int], most: int) -> None:
    """Link both ways; who has too many links chooses anew."""
    floor[row] = list(chosen)
    for other in chosen:
        floor[other].append(row)
        if len(floor[other]) > most:
            there = floor[other]
            off = distances(vectors[other], vectors[there]).tolist()
            floor[other] = _choose(vectors, list(zip(off, there, strict=True)), most)
