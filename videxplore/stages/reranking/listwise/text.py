"""Listwise by words: transcripts and attributes, read by a language model of any kind."""

from __future__ import annotations

import numpy as np

from videxplore.stages.pretrained.plan import Plan
from videxplore.stages.reranking.listwise.base import Listwise
from videxplore.stages.reranking.listwise.captions import captions
from videxplore.stages.reranking.listwise.naming import Verdict
from videxplore.stages.reranking.listwise.prompts import OPENED, ask_ranker
from videxplore.stages.reranking.listwise.reader import Reader
from videxplore.stages.reranking.listwise.windows import Order, Read
from videxplore.values.rankings import Candidate, Query

NO_NUMBERS = "in one order shown, the model's answer was no number: that order does not count."
"""Said where logits are not finite."""


class ListwiseText(Listwise):
    """A causal language model that reads what is said and what the attributes say of all candidates at once.

    The logits of the letters as first token of the answer are the scores (Reddy et al., FIRST, 2024), so one
    forward pass orders a window. The question is that of castorini/first_qwen3 and its relatives, in the
    model's own form of conversation. Pictures are not seen: without transcripts and named attributes
    there is little to read.
    """

    def __init__(self, plan: Plan, **reading: int) -> None:
        super().__init__(f"{plan.source.title} (listwise, text)", **reading)
        self._reader = Reader(plan, sees=False)
        self._tokens = self._reader.letter_tokens(OPENED, self.reading.window, "")

    def _open(self, candidates: list[Candidate], query: Query, words: str) -> tuple[Read, tuple[str, ...]]:
        lines = captions(candidates, query)

        def write(some: list[str]) -> str:
            return self._reader.converse(*ask_ranker(words, some)) + OPENED

        def show(order: Order) -> Verdict:
            shown = self._reader.fit_lines([lines[i] for i in order], write)
            return as_verdict(self._reader.next_logits(write(shown), self._tokens[: len(order)]))

        empty = sum(not c.hit.transcript.strip() for c in candidates)
        remarks = (
            f"in {empty} of {len(candidates)} candidates nothing is said; this model sees no pictures.",
        )
        return show, remarks if empty else ()


def as_verdict(logits: np.ndarray) -> Verdict:
    """Logits (n,) as scores, or nothing where one of them is no number."""
    return Verdict(logits) if np.isfinite(logits).all() else Verdict(None, NO_NUMBERS)
