"""BLIP and BLIP-2: matched with text where the checkpoint was trained for it, else features of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize

from videxplore.stages.encoding.models.base import ModelEncoder, TextSide, make_card
from videxplore.stages.encoding.models.image_text import FRAMES
from videxplore.stages.pretrained.plan import Plan
from videxplore.values.media import FrameBatch

MATCHING = ("BlipForImageTextRetrieval", "Blip2ForImageTextRetrieval")
"""Architectures with a space that pictures and text share."""


class BlipPictureEncoder(ModelEncoder):
    """BLIP (Li et al. 2022): the pooled vision output. BLIP-2 (Li et al. 2023): the mean of its query tokens.

    For checkpoints that caption or answer, whose projections into the space of text are not trained. The
    language model is let go once it is read.
    """

    _modalities: tuple[str, ...] = ("visual",)
    _unneeded: tuple[str, ...] = ("language_model", "text_decoder", "text_encoder")

    def __init__(self, plan: Plan) -> None:
        import transformers

        model = plan.read_model(getattr(transformers, plan.config.architectures[0]))
        for part in self._unneeded:
            if hasattr(model, part):
                delattr(model, part)
        self._two = plan.config.model_type == "blip-2"
        self._processor = plan.read_image_processor()
        card = make_card(
            plan,
            self._dimension(plan.config),
            modalities=self._modalities,
            processor=type(self._processor).__name__,
            sampling=FRAMES,
        )
        super().__init__(plan, model, card)

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (n, d), rows of unit length."""
        return self.run(self._see, list(frames.rgb))

    def _dimension(self, config: Any) -> int:
        return config.qformer_config.hidden_size if self._two else config.vision_config.hidden_size

    def _see(self, pictures: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
        seen = self._look(pictures)
        return self._question(seen.last_hidden_state).mean(dim=1) if self._two else seen.pooler_output

    def _look(self, pictures: Sequence[NDArray[np.uint8]]) -> Any:
        inputs = self.place(self._processor(images=list(pictures), return_tensors="pt"))
        return self.model.vision_model(pixel_values=inputs["pixel_values"])

    def _question(self, patches: torch.Tensor) -> torch.Tensor:
        """Query tokens (n, q, d) that have looked at the patches (n, p, d) of BLIP-2."""
        queries = self.model.query_tokens.expand(len(patches), -1, -1)
        return self.model.qformer(query_embeds=queries, encoder_hidden_states=patches).last_hidden_state


class BlipMatchingEncoder(BlipPictureEncoder, TextSide):
    """The contrastive space of the checkpoints for image-text retrieval.

    BLIP-2 compares a text with the best of its 32 query tokens; a single vector has to be their mean.
    """

    _modalities = ("visual", "text")
    _unneeded = ()

    def __init__(self, plan: Plan) -> None:
        self._tokenizer = plan.read_tokenizer()
        super().__init__(plan)

    def _dimension(self, config: Any) -> int:
        return config.image_text_hidden_size

    def _see(self, pictures: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
        patches = self._look(pictures).last_hidden_state
        if not self._two:
            return self.model.vision_proj(patches[:, 0])
        queries = self._question(patches).to(self.model.vision_projection.weight.dtype)
        return normalize(self.model.vision_projection(queries), dim=-1).mean(dim=1)

    def _read(self, texts: Sequence[str]) -> torch.Tensor:
        tokens = self.place(self._tokens(texts))
        ids, mask = tokens["input_ids"], tokens["attention_mask"]
        if not self._two:
            read = self.model.text_encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            return self.model.text_proj(read[:, 0])
        words = self.model.embeddings(input_ids=ids)
        read = self.model.qformer(query_embeds=words, query_length=0, attention_mask=mask).last_hidden_state
        return self.model.text_projection(read[:, 0].to(self.model.text_projection.weight.dtype))
