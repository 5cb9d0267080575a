"""What is shown and what is said, read by a model in one sequence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.protocol import Encoder, TogetherEncoder, check_encoder
from videxplore.stages.encoding.strategies.wrapped import WrappedEncoder
from videxplore.values.media import FrameBatch


def read_along(encoder: Encoder) -> Encoder:
    """Return ``encoder`` with the words said in a segment put behind its frames, as one input.

    Co-tokenisation: words and patches attend to each other inside the model, so that "he scores" said over a
    goal and over an interview are two things. Only models that take both in one sequence can do that:
    Qwen3-VL-Embedding and ViLT. A segment in which nothing is said is as before.

    Args:
        encoder: one with ``encode_together``.

    Raises:
        ValueError: it has none.
    """
    check_encoder(encoder)
    if not isinstance(encoder, TogetherEncoder):
        raise ValueError(
            f"encoder {encoder.card.name!r} does not take pictures and words in one sequence (no "
            "encode_together); Qwen3-VL-Embedding and ViLT do. For others, vx.joint() sets what is seen and "
            "what is said side by side."
        )
    return ReadAlongEncoder(encoder)


class ReadAlongEncoder(WrappedEncoder):
    """See :func:`read_along`."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder, ("visual",), {"strategy": "read-along"})
        self.frames_per_clip = encoder.frames_per_clip  # type: ignore[attr-defined]
        if "text" not in self.card.modalities:
            self.card = replace(self.card, modalities=(*self.card.modalities, "text"))

    def encode_pairs(self, clips: list[FrameBatch], texts: list[str]) -> NDArray[np.float32]:
        """Return float32 (n, d) for n clips with what is said in each."""
        return self.encoder.encode_together(clips, texts)  # type: ignore[attr-defined]

    def encode_clips(self, clips: list[FrameBatch]) -> NDArray[np.float32]:
        """Return float32 (n, d) for n clips in which nothing is said."""
        return self.encode_pairs(clips, [""] * len(clips))

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (n, d) for pictures alone."""
        return self.encoder.encode_frames(frames)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return read_along, (self.encoder,)
