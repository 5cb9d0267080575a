"""Parents scored by those of their leaves that a query is about, instead of by their stored mean.

A parent's stored vector is a mean, in which ten seconds that answer drown in ten minutes that do not. Here
each leaf counts by how well it answers: s(P) = Σ aᵢ sᵢ with aᵢ ∝ dᵢ exp(sᵢ / τ), dᵢ its length (Bain et al.,
"A CLIP-Hitchhiker's Guide to Long Video Retrieval", 2022). Such a score lies above the mean, and the more so
the more leaves there are; beside other levels parents would be drawn too often. So each level keeps the mean
and the spread that the stored vectors give its scores for this query: attention says in which order parents
come, and the stored vectors say how a level compares with others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.scoring import Probe, Space
from videxplore.stages.store.snapshot import Snapshot

MEAN, ATTENTION = "mean", "attention"
"""How parents are scored: by their stored vectors, or by their leaves."""

TEMPERATURE = 2.0
"""Standard deviations of the leaves' scores by which a leaf has to be better to count e times as much.
The published 0.1 is on the scale of one model's cosines. Chosen on the dev queries."""

Scored = NDArray[np.float64]


def check_parents(parents: str) -> None:
    """Raise unless ``parents`` is a way to score them.

    Raises:
        ValueError: it is not.
    """
    if parents not in (MEAN, ATTENTION):
        raise ValueError(f"parents must be {MEAN!r} or {ATTENTION!r}, got {parents!r}.")


@dataclass(frozen=True, eq=False)
class Attended:
    """What vectors give of the scores when parents are scored by their leaves.

    Attributes:
        parts: float64 (n,) per modality.
        columns: float64 (n,) per column that the query asks for, adding up to ``parts``; empty for cosines.
    """

    parts: Mapping[str, Scored]
    columns: Mapping[int, Scored]

    def halved(self) -> Attended:
        """The same for a query that makes half of another."""
        parts = {name: amount / 2 for name, amount in self.parts.items()}
        return Attended(parts, {column: amount / 2 for column, amount in self.columns.items()})


def attend(snapshot: Snapshot, space: Space, probe: Probe, belief: Scored) -> Attended:
    """Score all rows of a library: parents by their leaves, leaves and compositions as ever.

    What follows from a segment's place in its video counts as the segment's own.

    Args:
        snapshot: of the library.
        space: whose items are compared.
        probe: the query among them.
        belief: float64 (n,), how far each score is believed.
    """
    if space.unit:
        modalities = {name: belief * part for name, part in probe.parts(space.items).items()}
        return Attended(_by_leaves(snapshot, modalities), {})
    weights = probe.weights.astype(np.float64)
    columns = {c: belief * space.items[:, c] * weights[c] for c in np.flatnonzero(weights).tolist()}
    shown = {c: amounts for c, amounts in columns.items() if not snapshot.from_span[c]}
    columns |= _by_leaves(snapshot, shown)
    parts = {name: np.zeros(len(snapshot)) for name in probe.blocks}
    for name, block in probe.blocks.items():
        for column in range(block.start, block.stop):
            parts[name] += columns.get(column, 0.0)
    return Attended(parts, columns)


def _by_leaves(snapshot: Snapshot, amounts: Mapping[Any, Scored]) -> dict[Any, Scored]:
    """The amounts (n,), those of parents from their leaves', on the scale that each level had."""
    found = {key: amount.copy() for key, amount in amounts.items()}
    leaves, ranges = snapshot.leaf_ranges
    total = np.sum([np.zeros(len(leaves)), *(amount[leaves] for amount in amounts.values())], axis=0)
    softness = max(TEMPERATURE * float(total.std()), 1e-12)
    is_parent = ranges[:, 1] > ranges[:, 0]
    is_parent[leaves] = False
    levels = np.array([segment.level for segment in snapshot.segments])
    for level in np.unique(levels[is_parent]):
        rows = np.flatnonzero(is_parent & (levels == level))
        counts = ranges[rows, 1] - ranges[rows, 0]
        starts = np.cumsum(counts) - counts
        below = np.repeat(ranges[rows, 0] - starts, counts) + np.arange(counts.sum())
        best = np.maximum.reduceat(total[below], starts)
        attention = np.exp((total[below] - np.repeat(best, counts)) / softness)
        attention *= snapshot.durations_s[leaves[below]]
        whole = np.add.reduceat(attention, starts)
        for key, amount in amounts.items():
            by_leaves = np.add.reduceat(attention * amount[leaves[below]], starts) / whole
            found[key][rows] = _on_scale_of(amount[rows], by_leaves)
    return found


def _on_scale_of(wanted: Scored, values: Scored) -> Scored:
    """The values (m,), moved and stretched to the mean and spread of others (m,)."""
    spread = float(values.std())
    stretch = float(wanted.std()) / spread if spread > 1e-12 else 0.0
    return wanted.mean() + (values - values.mean()) * stretch
