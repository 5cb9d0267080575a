"""Models that judge one candidate after another: not joint, and labelled so."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit

from videxplore.errors import ModelError
from videxplore.stages.pretrained.batches import Batches
from videxplore.stages.pretrained.limits import text_limit
from videxplore.stages.pretrained.plan import Plan
from videxplore.stages.reranking.listwise.asked import DEPTH, Asked
from videxplore.stages.reranking.listwise.captions import captions, name_of, shorten
from videxplore.stages.reranking.listwise.placing import place
from videxplore.stages.reranking.listwise.prompts import ask_judge, ask_seeing_judge
from videxplore.stages.reranking.listwise.reader import Reader
from videxplore.stages.reranking.listwise.stills import stills
from videxplore.stages.reranking.protocol import POINTWISE, Rescores
from videxplore.values.rankings import Candidate, Query

STILLS = 4
"""Frames of a candidate that a judge with eyes is shown."""

_LINE = 1000
"""Characters of a candidate's line; one alone leaves room."""

_TOKENS = 512
"""Tokens of a query with a line, where a cross-encoder reads more."""


class Pointwise(Asked):
    """A model that gives each candidate a number, whatever else was found.

    Args:
        plan: where the model lies and how it runs.
        depth: candidates that are judged; those behind keep their raw order, behind all that are.
    """

    kind = POINTWISE

    def __init__(self, plan: Plan, *, depth: int = DEPTH) -> None:
        super().__init__(f"{plan.source.title} (pointwise)", depth=depth)

    def _answer(self, candidates: list[Candidate], query: Query, words: str) -> Rescores:
        read = candidates[: self.depth]
        given, remarks = self._judge(read, query, words)
        notes = list(remarks)
        usable = np.isfinite(given)
        if not usable.all():
            lost = [name_of(c) for c, ok in zip(read, usable, strict=True) if not ok]
            notes.append(
                f"the model gave no number for {len(lost)} of {len(read)} candidates ({', '.join(lost[:3])}"
                f"{' …' if len(lost) > 3 else ''}): they keep their raw order behind the others."
            )
        order = np.argsort(-np.where(usable, given, -np.inf), kind="stable").tolist()
        said = [
            f"judged alone, it answers with probability {expit(x):.2f}" if ok else ""
            for x, ok in zip(given.tolist(), usable, strict=True)
        ]
        if len(candidates) > len(read):
            notes.append(f"{self.name} judged the first {len(read)} candidates; the others stay behind them.")
        return Rescores(place(candidates, order, said, "pointwise"), tuple(notes))

    @abstractmethod
    def _judge(
        self, candidates: list[Candidate], query: Query, words: str
    ) -> tuple[NDArray[np.float64], tuple[str, ...]]:
        """Log odds float64 (n,) that each candidate answers, and remarks."""


class YesNo(Pointwise):
    """Qwen3-Reranker and Qwen3-VL-Reranker: the logit of "yes" over that of "no" as next token.

    The former reads the words of a candidate (Zhang et al. 2025), the latter also four stills from it
    (Li et al. 2026); its own form for video needs torchvision to prepare.
    """

    def __init__(self, plan: Plan, *, sees: bool, depth: int = DEPTH) -> None:
        super().__init__(plan, depth=depth)
        self._sees = sees
        self._reader = Reader(plan, sees=sees)
        self._tokens = [self._reader.encode(word)[0] for word in ("yes", "no")]
        if self._tokens[0] == self._tokens[1]:
            raise ModelError(
                f"the tokenizer of {plan.source.name!r} does not tell 'yes' from 'no' by the first token. "
                "Take another model."
            )

    def _judge(
        self, candidates: list[Candidate], query: Query, words: str
    ) -> tuple[NDArray[np.float64], tuple[str, ...]]:
        lines = [shorten(line, _LINE) for line in captions(candidates, query, together=False)]
        pictures, remarks = (
            stills(candidates, each=[STILLS] * len(lines)) if self._sees else ([[] for _ in lines], ())
        )
        odds = []
        for line, shown in zip(lines, pictures, strict=True):
            prompt = ask_seeing_judge(words, len(shown), line) if self._sees else ask_judge(words, line)
            yes, no = self._reader.next_logits(prompt, self._tokens, shown)
            odds.append(yes - no)
        return np.array(odds), remarks


class CrossEncoder(Pointwise):
    """A classifier with one label over a query and a text (Nogueira & Cho 2019), such as bge-reranker."""

    def __init__(self, plan: Plan, *, depth: int = DEPTH) -> None:
        from transformers import AutoModelForSequenceClassification

        super().__init__(plan, depth=depth)
        if plan.config.num_labels != 1:
            raise ModelError(
                f"{plan.source.name!r} is a classifier with {plan.config.num_labels} labels; a reranker has "
                "one, the relevance. Take a cross-encoder such as 'BAAI/bge-reranker-v2-m3'."
            )
        self._plan = plan
        self._tokenizer = plan.read_tokenizer()
        self.model = plan.read_model(AutoModelForSequenceClassification)
        self._batches = Batches(self.model, plan.device, plan.batch_size)

    def _judge(
        self, candidates: list[Candidate], query: Query, words: str
    ) -> tuple[NDArray[np.float64], tuple[str, ...]]:
        pairs = [(words, line) for line in captions(candidates, query, together=False)]
        with self._plan.arithmetic():
            return self._batches.run(self._forward, pairs)[:, 0].astype(np.float64), ()

    def _forward(self, pairs: Sequence[tuple[str, str]]) -> torch.Tensor:
        limit = min(text_limit(self._tokenizer, self._plan.config), _TOKENS)
        tokens = self._tokenizer(
            [query for query, _ in pairs], [line for _, line in pairs],
            padding=True, truncation=True, max_length=limit, return_tensors="pt",
        )  # fmt: skip
        return self.model(**self._plan.place(tokens)).logits
