"""Listwise by sight: contact sheets of all candidates, read by a vision-language model."""

from __future__ import annotations

from videxplore.stages.pretrained.plan import Plan
from videxplore.stages.reranking.listwise.base import Listwise
from videxplore.stages.reranking.listwise.captions import captions
from videxplore.stages.reranking.listwise.naming import Verdict, letters
from videxplore.stages.reranking.listwise.prompts import BEST, ask_watcher
from videxplore.stages.reranking.listwise.reader import Reader
from videxplore.stages.reranking.listwise.sheets import Cell, letters_on, sheets
from videxplore.stages.reranking.listwise.stills import one_still_each
from videxplore.stages.reranking.listwise.text import as_verdict
from videxplore.stages.reranking.listwise.windows import Order, Read
from videxplore.values.rankings import Candidate, Query

FAMILIES = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe")
"""Model types whose pictures and conversations this package prepares."""


class ListwiseVision(Listwise):
    """A vision-language model that sees stills of every candidate, side by side, with its letter and words.

    One forward pass reads a window; the logits of the letters after "best candidate:" are the scores, as in
    ZipRerank (2026), here without training for it.

    Args:
        plan: where the model lies and how it runs.
        grid: a contact sheet has this many rows and columns at most, 1 to 4.
        **reading: how many candidates are read and in which orders, see :class:`~.base.Listwise`.
    """

    def __init__(self, plan: Plan, *, grid: int = 2, **reading: int) -> None:
        if not 1 <= grid <= 4:
            raise ValueError(f"grid must be from 1 to 4 rows and columns, got {grid!r}.")
        super().__init__(f"{plan.source.title} (listwise)", **reading)
        self.grid = grid
        self._reader = Reader(plan, sees=True)
        self._tokens = self._reader.letter_tokens(BEST, self.reading.window, " ")

    def _open(self, candidates: list[Candidate], query: Query, words: str) -> tuple[Read, tuple[str, ...]]:
        pictures, remarks = one_still_each(candidates)
        lines = captions(candidates, query)

        def show(order: Order) -> Verdict:
            names = letters(len(order))
            cells = [Cell(letter, pictures[i], lines[i]) for letter, i in zip(names, order, strict=True)]
            prompt = ask_watcher(words, [lines[i] for i in order], letters_on(names, self.grid))
            logits = self._reader.next_logits(prompt, self._tokens[: len(order)], sheets(cells, self.grid))
            return as_verdict(logits)

        return show, remarks
