"""ViLT: words and patches in one sequence from the first layer on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from videxplore.stages.encoding.models.base import ModelEncoder, make_card
from videxplore.stages.encoding.models.image_text import FRAMES
from videxplore.stages.pooling import normalise
from videxplore.stages.pretrained.limits import text_limit
from videxplore.stages.pretrained.plan import Plan
from videxplore.values.media import FrameBatch


class SingleStreamEncoder(ModelEncoder):
    """ViLT (Kim et al. 2021): the pooled output for a picture and a text, which may be empty.

    There is no vector for words alone: the model has one output for a pair. So it finds "more like this", and
    with ``vx.read_along`` what is like this in picture and words; words do not search it.
    """

    frames_per_clip = 4

    def __init__(self, plan: Plan) -> None:
        from transformers import ViltModel

        model = plan.read_model(ViltModel)
        self._processor = plan.read_image_processor()
        self._tokenizer = plan.read_tokenizer()
        card = make_card(
            plan,
            plan.config.hidden_size,
            modalities=("visual",),
            processor=type(self._processor).__name__,
            sampling=FRAMES,
        )
        super().__init__(plan, model, card)

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (n, d), rows of unit length."""
        return self.run(self._look_and_read, [(picture, "") for picture in frames.rgb])

    def encode_together(self, clips: list[FrameBatch], texts: list[str]) -> NDArray[np.float32]:
        """Return float32 (n, d) for n clips of any length with n texts: the mean over the frames of each."""
        pairs = [(picture, text) for clip, text in zip(clips, texts, strict=True) for picture in clip.rgb]
        rows = self.run(self._look_and_read, pairs)
        edges = np.cumsum([0, *(len(clip) for clip in clips)])
        means = [rows[first:last].mean(axis=0) for first, last in pairwise(edges)]
        return normalise(np.stack(means))[0]

    def _look_and_read(self, pairs: Sequence[tuple[NDArray[np.uint8], str]]) -> torch.Tensor:
        inputs = dict(self._processor(images=[picture for picture, _ in pairs], return_tensors="pt"))
        tokens = self._tokenizer(
            [text for _, text in pairs],
            padding=True,
            truncation=True,
            max_length=text_limit(self._tokenizer, self._plan.config),
            return_tensors="pt",
        )
        return self.model(**self.place({**inputs, **tokens})).pooler_output
