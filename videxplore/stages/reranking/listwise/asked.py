"""What all rerankers share that ask a model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from videxplore.stages.reranking.listwise.prompts import words_of
from videxplore.stages.reranking.protocol import Rescores
from videxplore.values.rankings import Candidate, Query

DEPTH = 32
"""Candidates that a model reads unless told otherwise: three windows of 16."""


class Asked(ABC):
    """A model that reads the words of a query and the first candidates.

    The last answer is kept: another strength for the same ranking asks nobody.

    Args:
        name: shown as ``Ranking.system``.
        depth: candidates that are read; those behind keep their raw order, behind all that are read.
    """

    def __init__(self, name: str, *, depth: int = DEPTH) -> None:
        if depth < 1:
            raise ValueError(f"depth must be at least 1 candidate, got {depth!r}.")
        self.name = name
        self.depth = depth
        self._last: tuple[object, Rescores] | None = None

    def scores(self, candidates: Sequence[Candidate], query: Query) -> Rescores:
        """Score every candidate once; see the class.

        Raises:
            QueryError: the query has no words.
            ModelError: the model cannot be run or reached.
        """
        words = words_of(query)
        if not candidates:
            return Rescores(())
        asked = words, tuple((c.hit.segment_id, c.hit.raw_score) for c in candidates)
        if self._last is None or self._last[0] != asked:
            self._last = asked, self._answer(list(candidates), query, words)
        return self._last[1]

    @abstractmethod
    def _answer(self, candidates: list[Candidate], query: Query, words: str) -> Rescores:
        """What the model says of the first ``depth`` of at least one candidate."""
