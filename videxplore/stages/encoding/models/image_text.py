"""Models of pictures and text in one space: CLIP, SigLIP, SigLIP 2."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from videxplore.stages.encoding.models.base import TextSide, make_card, pooled
from videxplore.stages.pretrained.plan import Plan
from videxplore.values.media import FrameBatch

FRAMES = "1 frame per second, mean of unit vectors"
"""What ``embed`` does for an encoder of frames."""


class ImageTextEncoder(TextSide):
    """CLIP (Radford et al. 2021), SigLIP (Zhai et al. 2023), SigLIP 2 (Tschannen et al. 2025).

    SigLIP was trained on text filled up to its full length, without a mask; its text is given so here.
    """

    def __init__(self, plan: Plan) -> None:
        from transformers import AutoModel

        model = plan.read_model(AutoModel)
        self._processor = plan.read_image_processor()
        self._tokenizer = plan.read_tokenizer()
        self._siglip = plan.config.model_type.startswith("siglip")
        if self._siglip:
            self._padding = "max_length"
        dimension = plan.config.vision_config.hidden_size if self._siglip else plan.config.projection_dim
        card = make_card(
            plan,
            dimension,
            modalities=("visual", "text"),
            processor=type(self._processor).__name__,
            sampling=FRAMES,
        )
        super().__init__(plan, model, card)
        if plan.config.model_type != "siglip2":  # its patches form another grid for every picture
            self.encode_patches = self._look_closely

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (n, d), rows of unit length."""
        return self.run(self._see, list(frames.rgb))

    def _look_closely(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Vectors float32 (n, rows, columns, d) of the patches, in the space of pictures."""
        return self.run_raw(self._see_patches, list(frames.rgb))

    def _see_patches(self, pictures: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
        inputs = self.place(self._processor(images=list(pictures), return_tensors="pt"))
        tokens = self.model.vision_model(**inputs).last_hidden_state
        if not self._siglip:
            # Without the class token, and on to where the picture's own vector lies.
            tokens = self.model.visual_projection(self.model.vision_model.post_layernorm(tokens[:, 1:]))
        return as_grid(tokens, inputs["pixel_values"], self._plan.config.vision_config.patch_size)

    def _see(self, pictures: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
        inputs = self._processor(images=list(pictures), return_tensors="pt")
        return pooled(self.model.get_image_features(**self.place(inputs)))


def as_grid(tokens: torch.Tensor, pixels: torch.Tensor, patch: int) -> torch.Tensor:
    """Tokens (n, p, d) as they lie in the picture: (n, rows, columns, d)."""
    rows, columns = pixels.shape[-2] // patch, pixels.shape[-1] // patch
    return tokens.reshape(len(tokens), rows, columns, -1)
