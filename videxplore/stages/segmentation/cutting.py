"""Semantic cutting: signals to leaves, leaves to levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.segmentation.assemble import assemble_tree
from videxplore.stages.segmentation.edits import Constraints, fold, hold, plan
from videxplore.stages.segmentation.hierarchy import build_ladder, climb, nest
from videxplore.stages.segmentation.partition import (
    PenaltySearch,
    begin_search,
    measure_costs,
    partition,
)
from videxplore.stages.segmentation.recurrence import find_exchanges, label_leaves, name_labels
from videxplore.stages.segmentation.scene_changes import look_far, look_near, weigh_changes
from videxplore.stages.segmentation.signals import RATE, SIGNALS, Signals
from videxplore.stages.segmentation.speaking import main_speakers, number_speakers
from videxplore.stages.segmentation.targets import explain_misses
from videxplore.stages.segmentation.weighting import Weighted, weigh
from videxplore.values.checks import check_mapping, check_positive, is_number
from videxplore.values.edits import Edit, Recipe
from videxplore.values.media import Video
from videxplore.values.segments import (
    DEFAULT_TARGETS_S,
    VIDEO_LEVEL,
    Boundary,
    SegmentTree,
)

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

LEVELS_WANTED = "target durations in seconds by level, such as {'moment': 4, 'scene': 40}"

SHORTEST_S = 1.5
"""Shortest leaf, in seconds (unless the video is shorter)."""

LONGEST_S = 60.0
"""Longest leaf, in seconds: keeps the cost linear where nothing changes."""

LEAST_PENALTY = 0.35
"""Smallest leaf penalty: noise alone is not cut, however long a calm stretch lasts."""

LEAF_REWARDS = {"cut": 0.6, "gradual": 0.6, "onset": 0.7, "speech_start": 0.2, "speaker": 0.6}
LEVEL_REWARDS = {"cut": 0.3, "gradual": 0.8, "onset": 0.0, "speech_start": 0.0, "speaker": 0.0}
"""What an event takes off the price of a boundary, for leaves and for the levels above."""


def check_levels(levels: Mapping[str, float | None] | None) -> dict[str, float | None]:
    """Return target durations per level, finest first, the defaults where ``levels`` is None.

    Raises:
        ValueError: no level, the reserved name ``"video"``, targets that are not positive and rising, no
            target for the finest level or for more than one.
    """
    chosen = check_mapping("levels", DEFAULT_TARGETS_S if levels is None else levels, LEVELS_WANTED)
    if unfit := [name for name in chosen if not isinstance(name, str) or not name.strip()]:
        raise ValueError(f"levels must have names, such as 'moment' or 'scene', got {unfit[0]!r}.")
    if not chosen or VIDEO_LEVEL in chosen:
        raise ValueError(
            f"levels must name at least one level below {VIDEO_LEVEL!r} and not {VIDEO_LEVEL!r} itself, "
            f"got {list(chosen)}."
        )
    free = [i for i, target in enumerate(chosen.values()) if target is None]
    if len(free) > 1 or 0 in free:
        raise ValueError(
            "levels may leave the number of segments of one level open (None), which is not the finest, got "
            f"{chosen}."
        )
    targets = [target for target in chosen.values() if target is not None]
    if not all(is_number(t) and t > 0 for t in targets) or targets != sorted(set(targets)):
        raise ValueError(
            "levels must map names to target durations in seconds, positive and rising (finest level "
            f"first), got {chosen}."
        )
    return {level: None if target is None else float(target) for level, target in chosen.items()}


def check_weights(
    weights: Mapping[str, float] | None, usual: Mapping[str, float] = SIGNALS
) -> dict[str, float]:
    """Return a weight per signal, defaults for signals not named.

    Raises:
        ValueError: an unknown signal, a negative weight, or none above zero.
    """
    given = check_mapping("signals", weights, "weights by name, such as {'sound': 0.5}")
    unknown = sorted(map(str, set(given) - set(usual)))
    if unknown:
        raise ValueError(f"signals must be among {', '.join(usual)}, got {', '.join(unknown)}.")
    chosen = {**usual, **given}
    if not all(is_number(v) and v >= 0 for v in chosen.values()) or not any(chosen.values()):
        raise ValueError(f"signals must have weights ≥ 0, at least one above 0, got {chosen}.")
    return {name: float(value) for name, value in chosen.items()}


def check_shortest(min_s: float | None) -> None:
    """Raise ``ValueError`` unless ``min_s`` is None or a positive number of seconds."""
    if min_s is not None:
        check_positive("min_s", min_s)


def bound_lengths(target_s: float, min_s: float | None) -> tuple[float, float]:
    """Return how many samples the shortest and the longest leaf may have."""
    shortest = min(SHORTEST_S, target_s / 2) if min_s is None else min_s
    return shortest * RATE, max(LONGEST_S, 2 * target_s, 2 * shortest) * RATE


def find_leaves(search: PenaltySearch, count: float) -> tuple[Positions, float, bool]:
    """Return about ``count`` − 1 inner leaf boundaries, their penalty, and whether no penalty gives more."""
    penalty, leaves = search.find(count)
    if len(leaves) + 2 > count and penalty >= LEAST_PENALTY:
        return leaves, penalty, False
    most = partition(search.costs, LEAST_PENALTY, search.rewards)[0]
    if penalty < LEAST_PENALTY or len(most) == len(leaves):
        return most, LEAST_PENALTY, True
    return leaves, penalty, False


@dataclass(frozen=True, slots=True)
class Leaves:
    """The finest level.

    Attributes:
        at: (m,) inner boundaries, rising sample positions.
        saved: per signal what each boundary saves, in penalties (m,).
        labels: (m + 1,) a number that alike leaves share.
        calm: whether no penalty gives more leaves.
        traces: of a change of scene at each boundary, by name (m,).
    """

    at: Positions
    saved: Mapping[str, Floats]
    labels: Positions
    calm: bool
    traces: Mapping[str, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Cutter:
    """Cuts one video from its signals, by any recipe: what a tree is cut again and corrected with.

    Attributes:
        video: the video.
        signals: from ``gather_signals``.
        given: inner leaf boundaries where they are given (shots); found exactly otherwise.
        method: how it is cut, for people to read.
        searches: the costs of leaves, by weights and lengths: the last ones used.
    """

    video: Video
    signals: Signals
    given: Positions | None = None
    method: str = "semantic"
    searches: dict[object, PenaltySearch] = field(default_factory=dict)

    def edit(self, tree: SegmentTree, edit: Edit) -> SegmentTree:
        """Return ``tree`` corrected.

        Raises:
            ValueError: the edit cannot be made on this tree.
        """
        recipe = tree.recipe or make_recipe()
        return self.cut(replace(recipe, edits=(*recipe.edits, plan(tree, edit))))

    def cut(self, recipe: Recipe) -> SegmentTree:
        """Return the tree by ``recipe``.

        Raises:
            ValueError: something in it is not allowed.
        """
        recipe = make_recipe(
            recipe.levels, recipe.weights, recipe.min_s, recipe.edits, usual=self.signals.weights
        )
        finest, *above = recipe.levels
        constraints = fold(recipe.edits, list(recipe.levels), self.signals.edges_s)
        found = self.cut_finest(recipe, constraints)
        leaves = found.at
        labels, exchange = self._find_recurrence(found, constraints.edges_s)
        coarse = self.weigh_coarse(recipe)
        odds = self._weigh_changes(recipe, found, coarse)
        rewards = self.signals.evidence.rewards(LEVEL_REWARDS)
        persistence = climb(coarse.sums, leaves, build_ladder(coarse.sums), rewards)
        ranks = range(len(above), 0, -1)
        chosen = nest(
            coarse.sums,
            leaves,
            constraints.edges_s,
            [recipe.levels[level] for level in reversed(above)],
            odds,
            finest_s=recipe.finest_s,
            must=[constraints.must(rank) for rank in ranks],
            barred=[constraints.barred(rank) | exchange for rank in ranks],
        )
        per_level = {finest: leaves.tolist(), **dict(zip(above, reversed(chosen), strict=True))}
        coarsest = {k: level for level, positions in per_level.items() for k in positions}
        boundaries = []
        for i, k in enumerate(leaves.tolist()):
            said = {name: float(gain[i]) for name, gain in found.saved.items()}
            plain = _describe(self.signals, k, said, float(persistence[i]), coarsest[k])
            boundaries.append(mark_edited(plain, constraints, k))
        tree = assemble_tree(
            self.video,
            {
                level: [float(constraints.edges_s[k]) for k in positions]
                for level, positions in per_level.items()
            },
            boundaries=boundaries,
            labels=labels,
            method=self.method,
            recipe=recipe,
            recutter=self,
        )
        notes = explain_misses(
            self.video.duration_s,
            recipe.levels,
            {level: len(tree.at(level)) for level in recipe.levels},
            calm=found.calm,
            given=self.given is not None,
            edited=bool(recipe.edits),
            exchange=bool(exchange.any()),
        )
        return replace(tree, notes=notes)

    def _find_recurrence(self, found: Leaves, edges_s: Floats) -> tuple[list[str], NDArray[np.bool_]]:
        """Return what each leaf (m + 1,) is called, and whether each position lies inside an exchange.

        A leaf is called by a letter that alike leaves share, and by who speaks for most of it, where told.
        """
        edges = np.concatenate([[0], found.at, [len(edges_s) - 1]]).astype(np.intp)
        speakers = [""] * len(found.labels)
        if self.signals.speakers:
            speakers = main_speakers(self.signals.fine["speech"], self.signals.speakers, edges)
        exchange = np.zeros(len(edges_s), dtype=np.bool_)
        for labels in (found.labels, number_speakers(speakers)):
            exchange[found.at] |= find_exchanges(labels, edges_s[edges])
        names = zip(name_labels(found.labels), speakers, strict=True)
        return [" · ".join(filter(None, pair)) for pair in names], exchange

    def weigh_coarse(self, recipe: Recipe) -> Weighted:
        """Return the signals for levels above the leaves."""
        # How fast things move tells moments apart better than scenes.
        return weigh(self.signals.coarse, {**recipe.weights, "motion": recipe.weights["motion"] / 2})

    def _weigh_changes(self, recipe: Recipe, found: Leaves, coarse: Weighted) -> Floats:
        """Return the log-odds (n + 1,) of a change of scene, zero where no leaf ends."""
        traces = {**found.traces, **look_far(self.signals, coarse, found.at)}
        odds = np.zeros(len(self.signals.edges_s))
        odds[found.at] = weigh_changes(traces, recipe.weights)
        return odds

    def cut_finest(self, recipe: Recipe, constraints: Constraints) -> Leaves:
        """Return the leaves by ``recipe`` and what the fine signals say of them.

        These signals are let go on return: they and the coarse ones together would double the memory.
        """
        fine = weigh(self.signals.fine, recipe.weights)
        n = len(fine.sums) - 1
        shortest, longest = bound_lengths(recipe.finest_s, recipe.min_s)
        if self.given is not None:
            found, penalty, calm, shortest = self.given, LEAST_PENALTY, False, 0.0
        elif n < 2 * shortest:
            found, penalty, calm = np.zeros(0, dtype=np.intp), LEAST_PENALTY, False
        else:
            key = (tuple(recipe.weights.items()), shortest, longest)
            if key not in self.searches:
                self.searches.clear()
                costs = measure_costs(fine.sums, min_length=shortest, max_length=longest)
                rewards = self.signals.evidence.rewards(LEAF_REWARDS)
                self.searches[key] = begin_search(costs, rewards)
            found, penalty, calm = find_leaves(self.searches[key], n / (recipe.finest_s * RATE))
        leaves = hold(found, constraints, shortest)
        edges = np.concatenate([[0], leaves, [n]]).astype(np.intp)
        gains = fine.gains(edges[:-2], edges[1:-1], edges[2:])
        labels = label_leaves(np.diff(fine.sums[edges], axis=0))
        saved = {name: gain / penalty for name, gain in gains.items()}
        return Leaves(leaves, saved, labels, calm, look_near(fine, leaves, self.signals.edges_s))


def make_recipe(
    levels: Mapping[str, float | None] | None = None,
    weights: Mapping[str, float] | None = None,
    min_s: float | None = None,
    edits: tuple[Edit, ...] = (),
    *,
    usual: Mapping[str, float] = SIGNALS,
) -> Recipe:
    """Return a recipe with the defaults for what is omitted.

    Raises:
        ValueError: levels, weights or the shortest length are not allowed.
    """
    check_shortest(min_s)
    return Recipe(check_levels(levels), check_weights(weights, usual), min_s, edits)


def mark_edited(boundary: Boundary, constraints: Constraints, k: int) -> Boundary:
    """Say that a person put or held the boundary at position ``k``, where one did."""
    if k not in constraints.held:
        return boundary
    evidence = {**boundary.evidence, "edited": 1.0}
    if k not in constraints.placed:
        return replace(boundary, evidence=evidence)
    time_s = float(constraints.edges_s[k])
    return replace(boundary, time_s=time_s, span_s=None, kind="edited", evidence=evidence)


def _describe(
    signals: Signals, k: int, evidence: Mapping[str, float], persistence: float, level: str
) -> Boundary:
    """Say of the leaf boundary at position ``k`` what it is and what speaks for it.

    Evidence per signal is what the boundary saves between its two neighbours, in multiples of the leaf
    penalty; events count as they took off the price.
    """
    events = {kind: float(v[k]) for kind, v in signals.evidence.strength.items() if v[k] > 0}
    shot, turn = signals.evidence.shots.get(k), signals.evidence.turns.get(k)
    return Boundary(
        time_s=float(signals.edges_s[k]),
        kind=shot.kind if shot else "semantic",
        span_s=shot.span_s if shot else None,
        strength=sum(evidence.values()),
        evidence={**evidence, **events},
        persistence=persistence,
        level=level,
        note=f"speaker changes: {turn[0]} → {turn[1]}" if turn else "",
    )
