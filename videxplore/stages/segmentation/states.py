"""Segments defined in words: how well each phrase fits over time is a sequence of states to cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.segmentation.assemble import assemble_tree
from videxplore.stages.segmentation.cutting import check_shortest, check_weights, mark_edited
from videxplore.stages.segmentation.edits import Constraints, fold, hold, plan
from videxplore.stages.segmentation.partition import measure_costs, partition, prefix_sums
from videxplore.values.edits import Edit, Recipe
from videxplore.values.media import Series, Video
from videxplore.values.segments import Boundary, SegmentTree

Floats = NDArray[np.float64]

_SHARPNESS = 2.0
"""How much clearer a state is when its phrase fits better by one standard deviation (softmax)."""

_SHORTEST_S = 2.0
_LEVEL = "moment"


@dataclass(frozen=True, slots=True, eq=False)
class StateCutter:
    """Cuts one video by how well phrases fit over time: what a tree by words is cut again with.

    Attributes:
        video: the video.
        likeness: how well each phrase fits at each time: a column per phrase, named by it.
    """

    video: Video
    likeness: Series

    def edit(self, tree: SegmentTree, edit: Edit) -> SegmentTree:
        """Return ``tree`` corrected.

        Raises:
            ValueError: the edit cannot be made on this tree.
        """
        recipe = tree.recipe or self.usual()
        return self.cut(replace(recipe, edits=(*recipe.edits, plan(tree, edit))))

    def usual(self, min_s: float | None = None) -> Recipe:
        """Return the recipe in which all phrases count alike."""
        return Recipe({_LEVEL: None}, dict.fromkeys(self.likeness.names, 1.0), min_s)

    def cut(self, recipe: Recipe) -> SegmentTree:
        """Return the tree by ``recipe``: its weights are the odds of each phrase, 0 leaves one out.

        Raises:
            ValueError: an unknown phrase or a negative weight, a length that is not positive, or other levels
                than ``"moment"`` without a target: how many segments there are follows from ``min_s``.
        """
        if dict(recipe.levels) != {_LEVEL: None}:
            raise ValueError(
                f"segments in words have the one level {{{_LEVEL!r}: None}}, as many as phrases change, got "
                f"{dict(recipe.levels)}; set min_s for longer or shorter ones."
            )
        check_shortest(recipe.min_s)
        phrases = self.likeness.names
        recipe = replace(recipe, weights=check_weights(recipe.weights, dict.fromkeys(phrases, 1.0)))
        fit = _standardise(self.likeness.values.astype(np.float64))
        odds = np.array([recipe.weights[name] for name in phrases])
        shares = odds * np.exp(_SHARPNESS * (fit - fit[:, odds > 0].max(axis=1, keepdims=True)))
        constraints = fold(recipe.edits, [_LEVEL], self._edges_s())
        shortest = self._rows(recipe.min_s or _SHORTEST_S)
        cuts = hold(_find_changes(shares, shortest), constraints, shortest)
        winners = _winners(shares, cuts)
        labels = [phrases[winner] for winner in winners]
        boundaries = self._describe(fit, cuts, winners, constraints)
        return assemble_tree(
            self.video,
            {_LEVEL: [b.time_s for b in boundaries]},
            boundaries=boundaries,
            labels=labels,
            method="words",
            recipe=recipe,
            recutter=self,
        )

    def _edges_s(self) -> Floats:
        """When rows begin and end (n + 1,): half way between their times."""
        times = self.likeness.times_s
        return np.concatenate([[0.0], (times[1:] + times[:-1]) / 2, [self.video.duration_s]])

    def _rows(self, length_s: float) -> float:
        """How many rows last ``length_s``."""
        times = self.likeness.times_s
        span_s = float(times[-1] - times[0])
        return length_s * (len(times) - 1) / span_s if span_s > 0 else length_s

    def _describe(
        self, fit: Floats, cuts: NDArray[np.intp], winners: list[int], constraints: Constraints
    ) -> list[Boundary]:
        """The boundaries, each with by how much every phrase fits better after it than before."""
        sums = prefix_sums(fit)
        means = [(sums[b] - sums[a]) / (b - a) for a, b in pairwise([0, *cuts.tolist(), len(fit)])]
        names, found = self.likeness.names, []
        for i, k in enumerate(cuts.tolist()):
            change: Mapping[str, float] = dict(zip(names, (means[i + 1] - means[i]).tolist(), strict=True))
            time_s, strength = float(constraints.edges_s[k]), change[names[winners[i + 1]]]
            plain = Boundary(time_s, "words", strength=strength, evidence=change, level=_LEVEL)
            found.append(mark_edited(plain, constraints, k))
        return found


def cut_by_states(video: Video, likeness: Series, *, min_s: float = _SHORTEST_S) -> SegmentTree:
    """Cut a video into stretches in which one phrase fits best, under the whole video.

    Each phrase is judged by its own range over the video: half way between how badly and how well it fits at
    most is its zero, so that a phrase that fits everything a little does not win everywhere. The softmax over
    phrases, as unit vectors, is partitioned exactly, at the penalty at which a state counts that lasts
    ``min_s``; neighbours with the same phrase are one.

    Args:
        video: the video.
        likeness: how well each phrase fits at each time: a column per phrase, named by it.
        min_s: how long a state lasts to count, in seconds.

    Returns:
        A tree with the one level ``"moment"``, which can be cut again. ``labels`` has the phrase of each
        segment; a boundary's evidence is by how much each phrase fits better after it than before, in
        standard deviations.

    Raises:
        ValueError: fewer than two phrases, no rows, or ``min_s`` is not positive.
    """
    if len(likeness.names) < 2 or not len(likeness):
        raise ValueError(f"segments in words need two phrases or more, got {list(likeness.names)}.")
    cutter = StateCutter(video, likeness)
    return cutter.cut(cutter.usual(min_s))


def _find_changes(shares: Floats, shortest: float) -> NDArray[np.intp]:
    """Inner boundaries where another state wins for ``shortest`` rows or more."""
    states = shares / np.linalg.norm(shares, axis=1, keepdims=True)
    # A stretch of L rows of another state costs about L inside a long segment, or two boundaries.
    cuts = partition(measure_costs(prefix_sums(states)), shortest / 2)[0]
    winners = np.array(_winners(shares, cuts))
    return cuts[winners[1:] != winners[:-1]]


def _winners(shares: Floats, cuts: NDArray[np.intp]) -> list[int]:
    """Column that wins in each segment."""
    sums = prefix_sums(shares / shares.sum(axis=1, keepdims=True))
    return [int((sums[b] - sums[a]).argmax()) for a, b in pairwise([0, *cuts.tolist(), len(shares)])]


def _standardise(values: Floats) -> Floats:
    """Each column around the middle of its range, all of them in their common standard deviation."""
    low, high = np.percentile(values, [5, 95], axis=0)
    centred = values - (low + high) / 2
    return centred / max(float(np.sqrt(values.var(axis=0).mean())), 1e-12)
