"""Models of short clips: X-CLIP, VideoMAE, V-JEPA 2."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from videxplore.stages.encoding.models.base import ModelEncoder, TextSide, make_card, pooled
from videxplore.stages.encoding.models.pillow import processor_like
from videxplore.stages.pretrained.plan import Plan
from videxplore.values.media import FrameBatch


class ClipEncoder(ModelEncoder, ABC):
    """A model that sees ``frames_per_clip`` frames of a segment at once, evenly spaced.

    A single picture is a clip that stands still.
    """

    frames_per_clip: int

    def encode_clips(self, clips: list[FrameBatch]) -> NDArray[np.float32]:
        """Return float32 (n, d) for n clips of ``frames_per_clip`` frames each, rows of unit length.

        Raises:
            ValueError: a clip has another number of frames.
        """
        check_clips(clips, self.frames_per_clip)
        return self.run(self._watch, [clip.rgb for clip in clips])

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (n, d) for n pictures, each a clip that stands still."""
        shape = (self.frames_per_clip, *frames.rgb.shape[1:])
        return self.run(self._watch, [np.broadcast_to(picture, shape) for picture in frames.rgb])

    @abstractmethod
    def _watch(self, clips: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
        """Vectors (n, d) of one batch."""

    def _pixels(self, processor: Any, clips: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
        """Input (n, t, 3, h, w) of n clips of t frames."""
        pictures = [picture for clip in clips for picture in clip]
        pixels = torch.as_tensor(np.asarray(processor(images=pictures, return_tensors="np")["pixel_values"]))
        return self.place({"": pixels.reshape(len(clips), -1, *pixels.shape[-3:])})[""]


def check_clips(clips: Sequence[FrameBatch], wanted: int) -> None:
    """Raise unless every clip has ``wanted`` frames."""
    wrong = sorted({len(clip) for clip in clips} - {wanted})
    if wrong:
        raise ValueError(f"this encoder takes clips of {wanted} frames, got clips of {wrong}.")


def describe_sampling(frames: int) -> str:
    """What ``embed`` does for an encoder of clips."""
    return f"1 clip of {frames} frames per segment, evenly spaced"


class VideoTextEncoder(ClipEncoder, TextSide):
    """X-CLIP (Ni et al. 2022).

    The text side is the plain one: the prompt that X-CLIP derives from a video for a given pair has no place
    where vectors are stored before the words are known.
    """

    def __init__(self, plan: Plan) -> None:
        from transformers import XCLIPModel

        model = plan.read_model(XCLIPModel)
        self._processor = plan.read_image_processor()
        self._tokenizer = plan.read_tokenizer()
        self.frames_per_clip = plan.config.vision_config.num_frames
        card = make_card(
            plan,
            plan.config.projection_dim,
            modalities=("visual", "text"),
            processor=type(self._processor).__name__,
            sampling=describe_sampling(self.frames_per_clip),
        )
        super().__init__(plan, model, card)
        learned = model.mit.position_embedding.detach().float().cpu().numpy()[0]
        if learned.shape[1] == card.dimension:
            self.frame_positions = learned  # of the attention over frames, for position="learned"

    def _watch(self, clips: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
        return pooled(self.model.get_video_features(pixel_values=self._pixels(self._processor, clips)))


class TubeletEncoder(ClipEncoder):
    """VideoMAE (Tong et al. 2022) and V-JEPA 2 (Assran et al. 2025): the mean of all tubelet tokens.

    V-JEPA 2 runs without its predictor. Its processor exists for torchvision only; Pillow does the same
    steps.
    """

    def __init__(self, plan: Plan) -> None:
        from transformers import AutoModel

        model = plan.read_model(AutoModel)
        self._predictive = plan.config.model_type == "vjepa2"
        if self._predictive:
            settings = plan.read_settings("video_processor")
            crop = settings.get("crop_size", {"height": 256, "width": 256})
            # The class itself derives the size from the crop, whatever was saved.
            edge = int((crop if isinstance(crop, int) else crop["height"]) * 256 / 224)
            settings = {"do_center_crop": True, **settings, "crop_size": crop}
            self._processor = processor_like(settings, size={"shortest_edge": edge})
            self.frames_per_clip = plan.config.frames_per_clip
        else:
            self._processor = plan.read_image_processor()
            self.frames_per_clip = plan.config.num_frames
        card = make_card(
            plan,
            plan.config.hidden_size,
            modalities=("visual",),
            processor=type(self._processor).__name__,
            sampling=describe_sampling(self.frames_per_clip),
        )
        super().__init__(plan, model, card)

    def _watch(self, clips: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
        pixels = self._pixels(self._processor, clips)
        if self._predictive:
            tokens = self.model(pixel_values_videos=pixels, skip_predictor=True).last_hidden_state
        else:
            tokens = self.model(pixel_values=pixels).last_hidden_state
        return tokens.mean(dim=1)
