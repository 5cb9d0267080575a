"""What a person changed in a tree, as constraints that the partition is held to.

An edit says which boundary must stand, or between which neighbours none may. Leaves that no edit speaks of
stay as the exact partition found them; the levels above are divided exactly among what the edits allow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videxplore.values.edits import Edit
from videxplore.values.segments import SegmentTree

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

STEP_S = 0.25
"""How near a time must be to a boundary to mean it, and how near boundaries may stand to each other."""


def plan(tree: SegmentTree, edit: Edit) -> Edit:
    """Return ``edit`` at the exact time of the boundary it means, with that boundary's neighbours.

    Raises:
        ValueError: it cannot be made on this tree.
    """
    names = tree.levels[:-1]
    level = names[0] if edit.level is None else edit.level
    if level not in names:
        raise ValueError(f"level must be one of {', '.join(names)}, got {level!r}.")
    end = tree.video.duration_s
    inner = [s.start_s for s in tree.at(level)][1:]
    near = _nearest(inner, edit.time_s)
    if edit.action == "split":
        if near is not None or not STEP_S < edit.time_s < end - STEP_S:
            raise ValueError(
                f"a {level} is split at a time inside it, more than {STEP_S} s from its ends, got "
                f"{edit.time_s!r}; move or lock the boundary that stands there."
            )
        # A boundary of a finer level that stands there is taken up.
        finer = _nearest([b.time_s for b in tree.boundaries], edit.time_s)
        at = edit.time_s if finer is None else finer
    elif near is None:
        closest = min(inner, key=lambda t: abs(t - edit.time_s), default=None)
        where = "there is none" if closest is None else f"the nearest is at {closest:.3f} s"
        raise ValueError(f"no {level} boundary at {edit.time_s!r} s; {where}.")
    else:
        at = near
    if edit.action != "merge":
        inner = [s.start_s for s in tree.leaves][1:]
    edges = [0.0, *inner, end]
    between = max(t for t in edges if t < at), min(t for t in edges if t > at)
    planned = replace(edit, time_s=at, between_s=between)
    if edit.action == "split":
        return replace(planned, to_s=at, level=None if level == names[0] else level)
    if edit.action == "merge":
        return replace(planned, level=None if level == names[0] else level)
    separates = next(b.level for b in tree.boundaries if b.time_s == at)
    planned = replace(planned, level=None if separates == names[0] else separates)
    if edit.action == "lock":
        return replace(planned, to_s=at)
    low, high = between[0] + STEP_S, between[1] - STEP_S
    if edit.to_s is None or not low <= edit.to_s <= high:
        raise ValueError(
            f"a boundary moves between its neighbours, here {low:.3f}…{high:.3f} s, got {edit.to_s!r}; "
            "merge and split to take it further."
        )
    return planned


def _nearest(times: Sequence[float], wanted: float) -> float | None:
    found = min(times, key=lambda t: abs(t - wanted), default=None)
    return found if found is not None and abs(found - wanted) <= STEP_S else None


@dataclass(frozen=True, slots=True)
class Constraints:
    """All edits of a recipe together.

    Attributes:
        edges_s: float64 (n + 1,), when each position is: the exact time that a person gave where one did.
        held: rank of the coarsest level that must have the boundary, by position; the finest level is 0.
        placed: those of them that stand where a person put them.
        spared: boundaries next to an edit when it was made, which may stay however near.
        calm: (first, last, rank): from the level of that rank up, only held boundaries stand between.
    """

    edges_s: Floats
    held: Mapping[int, int]
    placed: frozenset[int]
    spared: frozenset[int]
    calm: tuple[tuple[int, int, int], ...]

    def must(self, rank: int) -> list[int]:
        """Positions that are boundaries on the level of ``rank``, whatever the signals say."""
        return sorted(k for k, coarsest in self.held.items() if coarsest >= rank)

    def barred(self, rank: int) -> NDArray[np.bool_]:
        """Where (n + 1,) no boundary of the level of ``rank`` may stand."""
        closed = np.zeros(len(self.edges_s), dtype=np.bool_)
        for first, last, finest in self.calm:
            # Of what is calm from the finest level up only held leaves are left: these may be chosen above.
            if finest == rank or 0 < finest < rank:
                closed[first + 1 : last] = True
        closed[self.must(rank)] = False
        return closed


def fold(edits: Sequence[Edit], levels: Sequence[str], edges_s: Floats) -> Constraints:
    """Return what ``edits`` demand together; a later one overrides an earlier one.

    Args:
        edits: in the order in which they were made.
        levels: level names, finest first, without the video.
        edges_s: (n + 1,), when each position is.

    Raises:
        ValueError: an edit names a level that is not among ``levels``.
    """
    edges = edges_s.copy()
    held: dict[int, int] = {}
    placed: set[int] = set()
    spared: set[int] = set()
    calm: list[tuple[int, int, int]] = []
    for edit in edits:
        if edit.level is not None and edit.level not in levels:
            raise ValueError(
                f"levels must keep {edit.level!r}, which an edit at {edit.time_s:.3f} s names, got "
                f"{', '.join(levels)}; undo the edit first."
            )
        rank = 0 if edit.level is None else levels.index(edit.level)
        first, last = (_position(edges, time) for time in edit.between_s)
        spared |= {first, last}
        if edit.action in ("move", "merge"):
            finest = rank if edit.action == "merge" else 0
            for k in [k for k, coarsest in held.items() if first < k < last and coarsest >= finest]:
                held.pop(k)
                if finest:
                    held[k] = finest - 1
            calm.append((first, last, finest))
        if edit.to_s is not None:
            k = _position(edges[:-1], edit.to_s, least=1)
            held[k] = rank
            edges[k] = edit.to_s
            if edit.action != "lock":
                placed.add(k)
    return Constraints(edges, held, frozenset(placed & held.keys()), frozenset(spared), tuple(calm))


def _position(edges: Floats, time_s: float, *, least: int = 0) -> int:
    """The edge nearest to a time; an edge moved to that time still lies between its neighbours."""
    return least + int(np.abs(edges[least:] - time_s).argmin())


def hold(leaves: Positions, constraints: Constraints, shortest: float) -> Positions:
    """Return the leaf boundaries as a person wants them: ``leaves`` but for what edits rule out or demand.

    A leaf boundary nearer than ``shortest`` to a held one gives way, unless it stood there when the edit was
    made. Nothing else changes: to divide the stretch around an edit anew would surprise, as one split can
    make four more boundaries worth their penalty.

    Args:
        leaves: inner boundaries of the exact partition, rising positions.
        constraints: from :func:`fold`.
        shortest: shortest leaf in samples.
    """
    held = np.array(constraints.must(0), dtype=np.intp)
    if len(held) and len(leaves):
        crowded = np.abs(leaves[:, None] - held).min(axis=1) < shortest
    else:
        crowded = np.zeros(len(leaves), dtype=np.bool_)
    spared = np.isin(leaves, sorted(constraints.spared))
    stays = ~constraints.barred(0)[leaves] & (~crowded | spared)
    return np.union1d(leaves[stays], held).astype(np.intp)
