"""What unrelated queries score in a library, so that a score can be read: "better than 99.2 % of them".

A score says which of two hits is better; whether 0.4 is much, depends on encoder, level and library. So it is
compared with those of queries that mean something else: for words the generic queries of the encoder, for
examples other segments of the library. Sequence search reads its scores in this way (Karlin & Altschul, PNAS
1990); background queries calibrate those of copy detection (Pizzi et al., SSCD, CVPR 2022).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.scores import Scores, believe
from videxplore.stages.store.scoring import Space
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.rankings import Query

SAMPLED, EXAMPLES = 2000, 64
"""Segments per level that unrelated queries are compared with, and segments that serve as such queries."""

Matches = Mapping[str, NDArray[np.float64]]
"""Scores of unrelated matches, rising, by level."""


@dataclass(eq=False)
class Background:
    """Unrelated queries of one library at one moment.

    Attributes:
        snapshot: of the library.
        bank: float32 (q, d), generic queries; None where the encoder has no text side.
    """

    snapshot: Snapshot
    bank: NDArray[np.float32] | None
    _held: dict[object, Matches] = field(default_factory=dict)

    def percentiles(
        self, query: Query, scores: Scores, rows: NDArray[np.intp], weights: Mapping[str, float] | None
    ) -> list[float | None]:
        """Return for each of the rows (m,) the share of unrelated matches on its level that score lower.

        What is said in a segment counts for it as in its score; an unrelated query is taken to be said
        nowhere. None where the words alone decide, or where there is no such query.

        Args:
            query: what was asked.
            scores: of that query.
            rows: of the library.
            weights: the user's multipliers per modality.
        """
        by_words = bool(query.text) and not query.source
        if scores.probe is None or not scores.balance.vector or (by_words and self.bank is None):
            return [None] * len(rows)
        key = (by_words, scores.space.unit, tuple(sorted((weights or {}).items())))
        if key not in self._held:
            self._held[key] = self._match(scores.space, by_words, weights)
        evidence = scores.evidence(rows) / scores.balance.vector
        found: list[float | None] = []
        for row, value in zip(rows.tolist(), evidence.tolist(), strict=True):
            others = self._held[key][self.snapshot.segments[row].level]
            found.append(float(np.searchsorted(others, value) / len(others)) if len(others) else None)
        return found

    def _match(self, space: Space, by_words: bool, weights: Mapping[str, float] | None) -> Matches:
        """Scores of unrelated queries and sampled segments of other videos."""
        rng = np.random.default_rng(0)
        segments = self.snapshot.segments
        levels = np.array([segment.level for segment in segments])
        videos = np.array([segment.video_id for segment in segments])
        examples = rng.permutation(len(segments))[: 0 if by_words else EXAMPLES]
        directions = [space.centred(self.snapshot.vectors[row], segments[row].level) for row in examples]
        if by_words and self.bank is not None:
            # As queries are centred: see direction_of in the workbench.
            directions = list(self.bank if self.snapshot.card.names else self.bank - self.bank.mean(axis=0))
        probes = np.stack([space.probe(direction, weights).weights for direction in directions])
        belief = believe(self.snapshot, space)
        found = {}
        for level in np.unique(levels):
            rows = rng.permutation(np.flatnonzero(levels == level))[:SAMPLED]
            values = belief[rows, None] * (space.items[rows] @ probes.T)
            unrelated = np.ones(values.shape, dtype=bool)
            if not by_words:
                unrelated = videos[rows, None] != videos[examples]
            found[str(level)] = np.sort(values[unrelated])
        return found
