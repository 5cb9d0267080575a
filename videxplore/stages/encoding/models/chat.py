"""Qwen3-VL-Embedding: a vision-language model whose last token is the vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from videxplore.stages.encoding.models.base import ModelEncoder, make_card
from videxplore.stages.encoding.models.video import check_clips, describe_sampling
from videxplore.stages.pretrained.plan import Plan
from videxplore.values.media import FrameBatch

INSTRUCTION = "Represent the user's input."
"""What the model was trained with where nothing more special is wanted."""

_IMAGE = "<|image_pad|>"


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """What a user shows or says: pictures uint8 (n, h, w, 3), then words."""

    pictures: NDArray[np.uint8] | tuple[()] = ()
    text: str = ""


class ChatEncoder(ModelEncoder):
    """Qwen3-VL-Embedding (Li et al. 2026): the hidden state of the last token, for pictures and words alike.

    A clip is shown as pictures one after another. The model's own form for video needs torchvision to
    prepare; it merges two frames into one and tells the time of each pair in words.
    """

    frames_per_clip = 8

    def __init__(self, plan: Plan) -> None:
        from transformers import Qwen3VLModel

        model = plan.read_model(Qwen3VLModel)
        self._processor = plan.read_image_processor()
        self._tokenizer = plan.read_tokenizer()
        card = make_card(
            plan,
            plan.config.text_config.hidden_size,
            modalities=("visual", "text"),
            processor=type(self._processor).__name__,
            sampling=f"{describe_sampling(self.frames_per_clip)}, shown as pictures",
        )
        super().__init__(plan, model, card)

    def encode_clips(self, clips: list[FrameBatch]) -> NDArray[np.float32]:
        """Return float32 (n, d) for n clips of ``frames_per_clip`` frames each, rows of unit length."""
        check_clips(clips, self.frames_per_clip)
        return self.run(self._answer, [_Turn(clip.rgb) for clip in clips])

    def encode_together(self, clips: list[FrameBatch], texts: list[str]) -> NDArray[np.float32]:
        """Return float32 (n, d) for n clips with n texts, the words behind the pictures."""
        check_clips(clips, self.frames_per_clip)
        turns = [_Turn(clip.rgb, text) for clip, text in zip(clips, texts, strict=True)]
        return self.run(self._answer, turns)

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (n, d), rows of unit length."""
        return self.run(self._answer, [_Turn(picture[None]) for picture in frames.rgb])

    def encode_text(self, texts: list[str]) -> NDArray[np.float32]:
        """Return float32 (n, d), rows of unit length."""
        return self.run(self._answer, [_Turn(text=text) for text in texts])

    def _answer(self, turns: Sequence[_Turn]) -> torch.Tensor:
        pictures = [picture for turn in turns for picture in turn.pictures]
        inputs = dict(self._processor(images=pictures, return_tensors="pt")) if pictures else {}
        sizes = [
            int(grid.prod()) // self._processor.merge_size**2 for grid in inputs.get("image_grid_thw", ())
        ]
        lines, shown = [], 0
        for turn in turns:
            lines.append(_converse(turn.text, sizes[shown : shown + len(turn.pictures)]))
            shown += len(turn.pictures)
        # A causal model: what fills up a shorter line behind its end changes nothing before it.
        tokens = self._tokenizer(lines, padding=True, padding_side="right", return_tensors="pt")
        ids, mask = tokens["input_ids"], tokens["attention_mask"]
        inputs |= {"input_ids": ids, "attention_mask": mask}
        inputs["mm_token_type_ids"] = (ids == self._plan.config.image_token_id).int()
        states = self.model(**self.place(inputs), use_cache=False).last_hidden_state
        return states[torch.arange(len(turns)), mask.sum(dim=1) - 1]


def _converse(text: str, picture_tokens: Sequence[int]) -> str:
    """The conversation in the form that the model was trained with."""
    shown = "".join(f"<|vision_start|>{_IMAGE * n}<|vision_end|>" for n in picture_tokens)
    return (
        f"<|im_start|>system\n{INSTRUCTION}<|im_end|>\n<|im_start|>user\n{shown}{text}<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
