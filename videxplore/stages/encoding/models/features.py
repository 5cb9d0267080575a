"""Models of pictures alone: DINOv2 and DINOv3."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from videxplore.stages.encoding.models.base import ModelEncoder, make_card
from videxplore.stages.encoding.models.image_text import FRAMES, as_grid
from videxplore.stages.encoding.models.pillow import processor_like
from videxplore.stages.pretrained.plan import Plan
from videxplore.values.media import FrameBatch


class PictureEncoder(ModelEncoder):
    """DINOv2 (Oquab et al. 2023), also with registers, and DINOv3 (Siméoni et al. 2025).

    The vector is the pooled output: the class token after the last normalisation. The processor of DINOv3
    exists for torchvision only; Pillow does the same steps here, resizing before scaling to [0, 1].
    """

    def __init__(self, plan: Plan) -> None:
        from transformers import AutoModel

        model = plan.read_model(AutoModel)
        if plan.config.model_type.startswith("dinov3"):
            self._processor = processor_like(plan.read_settings("image_processor"))
        else:
            self._processor = plan.read_image_processor()
        config = plan.config
        card = make_card(
            plan,
            config.hidden_size if hasattr(config, "hidden_size") else config.hidden_sizes[-1],
            modalities=("visual",),
            processor=type(self._processor).__name__,
            sampling=FRAMES,
        )
        super().__init__(plan, model, card)
        if hasattr(config, "patch_size"):
            self._leading = 1 + getattr(config, "num_register_tokens", 0)
            self.encode_patches = self._look_closely

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (n, d), rows of unit length."""
        return self.run(self._see, list(frames.rgb))

    def _look_closely(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Vectors float32 (n, rows, columns, d) of the patches."""
        return self.run_raw(self._see_patches, list(frames.rgb))

    def _see_patches(self, pictures: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
        inputs = self.place(self._processor(images=list(pictures), return_tensors="pt"))
        tokens = self.model(**inputs).last_hidden_state[:, self._leading :]
        return as_grid(tokens, inputs["pixel_values"], self._plan.config.patch_size)

    def _see(self, pictures: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
        inputs = self.place(self._processor(images=list(pictures), return_tensors="pt"))
        return self.model(**inputs).pooler_output
