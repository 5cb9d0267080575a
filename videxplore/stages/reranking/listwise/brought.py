"""Listwise models that bring code of their own, such as jina-reranker-v3."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from videxplore.errors import ModelError
from videxplore.stages.pretrained.plan import Plan
from videxplore.stages.reranking.listwise.base import Listwise
from videxplore.stages.reranking.listwise.captions import captions, name_of
from videxplore.stages.reranking.listwise.naming import Verdict
from videxplore.stages.reranking.listwise.windows import Order, Read
from videxplore.values.rankings import Candidate, Query


class ListwiseBrought(Listwise):
    """A model with a method ``rerank(query, documents)`` that reads all documents in one context.

    It answers with a list of mappings with ``index`` and ``relevance_score``, as jina-reranker-v3 does (Wang
    et al. 2025). Its code runs only with ``trust_remote_code=True``.
    """

    def __init__(self, plan: Plan, **reading: int) -> None:
        from transformers import AutoModel

        super().__init__(f"{plan.source.title} (listwise, text)", **reading)
        self.model = plan.read_model(AutoModel)
        if not callable(getattr(self.model, "rerank", None)):
            raise ModelError(
                f"the code that comes with {plan.source.title!r} has no method rerank(query, documents): "
                "nobody knows how to ask it. Wrap it in an object of your own with .name and .scores()."
            )

    def _open(self, candidates: list[Candidate], query: Query, words: str) -> tuple[Read, tuple[str, ...]]:
        lines = captions(candidates, query)

        def show(order: Order) -> Verdict:
            answer = self.model.rerank(words, [lines[i] for i in order])
            return read_relevance(answer, [name_of(candidates[i]) for i in order])

        return show, ()


def read_relevance(answer: Any, names: list[str]) -> Verdict:
    """Scores (n,) from a list of mappings; what got no number of its own stands behind the rest."""
    scores = np.full(len(names), np.nan)
    for row in answer if isinstance(answer, list | tuple) else ():
        try:
            index, score = int(row["index"]), float(row["relevance_score"])
        except (KeyError, TypeError, ValueError):
            continue
        if 0 <= index < len(names) and math.isnan(scores[index]):
            scores[index] = score
    usable = np.isfinite(scores)
    if not usable.any():
        return Verdict(None, "the model gave no candidate a number.")
    lost = [name for name, ok in zip(names, usable, strict=True) if not ok]
    if not lost:
        return Verdict(scores)
    scores[~usable] = scores[usable].min() - 1.0 - np.arange(len(lost))
    more = " …" if len(lost) > 4 else ""
    return Verdict(
        scores, f"the model gave no number for {', '.join(lost[:4])}{more}: raw order kept behind the others."
    )
