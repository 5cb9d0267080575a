"""A language model that reads a prompt and is asked for its next token only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from videxplore.errors import ModelError
from videxplore.stages.pretrained.batches import Batches
from videxplore.stages.pretrained.limits import text_limit
from videxplore.stages.pretrained.plan import Plan
from videxplore.stages.reranking.listwise.captions import shorten
from videxplore.stages.reranking.listwise.naming import letters

_IMAGE = "<|image_pad|>"
_LENGTHS = (400, 200, 120, 80, 50, 30)
"""Characters of one candidate's line, tried until the prompt is short enough."""


class Reader:
    """A causal language model, with eyes or without.

    One forward pass per prompt, no generation: only the hidden state of the last token becomes logits.

    Args:
        plan: where the model lies and how it runs.
        sees: whether it takes pictures.
    """

    def __init__(self, plan: Plan, *, sees: bool) -> None:
        from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

        self._plan = plan
        self.model = plan.read_model(AutoModelForImageTextToText if sees else AutoModelForCausalLM)
        self.tokenizer = plan.read_tokenizer()
        self._processor = plan.read_image_processor() if sees else None
        self._batches = Batches(self.model, plan.device, 1)

    def next_logits(
        self, prompt: str, tokens: Sequence[int], pictures: Sequence[NDArray[np.uint8]] = ()
    ) -> NDArray[np.float64]:
        """Logits float64 (len(tokens),) of these tokens after ``prompt``.

        Args:
            prompt: as the model was trained to read it, :data:`~.prompts.PICTURE` for every picture.
            tokens: ids of tokens.
            pictures: uint8 (h, w, 3) each.

        Raises:
            ModelError: the prompt does not fit into the model or into memory.
        """
        inputs: dict[str, Any] = {}
        if self._processor is not None and len(pictures):
            inputs = dict(self._processor(images=list(pictures), return_tensors="pt"))
            grids = [int(g.prod()) // self._processor.merge_size**2 for g in inputs["image_grid_thw"]]
            head, *rest = prompt.split(_IMAGE)
            prompt = head + "".join(_IMAGE * n + part for n, part in zip(grids, rest, strict=True))
        ids = torch.tensor([self.encode(prompt)])
        if ids.shape[1] > self.limit:
            raise ModelError(
                f"{self._plan.source.name!r} reads {self.limit} tokens at once, and this prompt has "
                f"{ids.shape[1]}. Let it read fewer candidates together: window=8, or fewer."
            )
        inputs |= {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        if self._processor is not None:
            inputs["mm_token_type_ids"] = (ids == self._plan.config.image_token_id).int()
        try:
            with self._plan.arithmetic():
                return self._batches.run(self._forward(tokens), [inputs])[0].astype(np.float64)
        except ModelError as error:
            raise ModelError(f"{error} Reading fewer candidates together takes less: window=8.") from error

    def _forward(self, tokens: Sequence[int]) -> Callable[[Sequence[Any]], torch.Tensor]:
        def forward(batch: Sequence[Any]) -> torch.Tensor:
            (inputs,) = batch
            answer = self.model(**self._plan.place(inputs), use_cache=False, logits_to_keep=1)
            return answer.logits[:, -1, list(tokens)]

        return forward

    @property
    def limit(self) -> int:
        """How many tokens the model reads."""
        config = self._plan.config
        return text_limit(self.tokenizer, getattr(config, "text_config", config))

    def encode(self, text: str) -> list[int]:
        """Token ids of ``text`` as it stands: a prompt brings its own marks of beginning and end."""
        return self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]

    def converse(self, system: str, question: str) -> str:
        """The question in the model's own form of conversation, up to where its answer begins."""
        if not self.tokenizer.chat_template:
            return f"{self.tokenizer.bos_token or ''}{system}\n\n{question}\n\n"
        turns = [{"role": "system", "content": system}, {"role": "user", "content": question}]
        # Models that may think aloud are told not to; other templates do not look at the option.
        return self.tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )

    def letter_tokens(self, ending: str, n: int, gap: str) -> list[int]:
        """The first tokens of the letters A, B, C, … after text that ends in ``ending``.

        Args:
            ending: of the prompt.
            n: how many letters.
            gap: what a writer would put between the two; nothing where the tokenizer would make a token
                of it alone.

        Raises:
            ModelError: the tokenizer does not tell the letters apart by their first token.
        """
        before = self.encode(ending)
        for between in dict.fromkeys((gap, "")):
            whole = [self.encode(f"{ending}{between}{letter}") for letter in letters(n)]
            if all(ids[: len(before)] == before and len(ids) > len(before) for ids in whole):
                firsts = [ids[len(before)] for ids in whole]
                if len(set(firsts)) == n and self.tokenizer.unk_token_id not in firsts:
                    return firsts
        alone = [self.encode(letter) for letter in letters(n)]
        firsts = [ids[0] for ids in alone if ids]
        if len(set(firsts)) == n and self.tokenizer.unk_token_id not in firsts:
            return firsts
        raise ModelError(
            f"the tokenizer of {self._plan.source.name!r} does not tell A to {letters(n)[-1]} apart by "
            "their first token, so that no order can be read from one forward pass. Take another model."
        )

    def fit_lines(self, lines: Sequence[str], write: Callable[[list[str]], str], spare: int = 0) -> list[str]:
        """The lines, all shortened alike until what ``write`` makes of them fits into the model.

        Args:
            lines: one per candidate.
            write: makes the prompt.
            spare: tokens that pictures will take besides.

        Raises:
            ModelError: even the shortest do not fit.
        """
        for length in _LENGTHS:
            short = [shorten(line, length) for line in lines]
            if len(self.encode(write(short))) + spare <= self.limit:
                return short
        raise ModelError(
            f"{self._plan.source.name!r} reads {self.limit} tokens at once, too few for {len(lines)} "
            "candidates. Let it read fewer together: window=8, or fewer."
        )
