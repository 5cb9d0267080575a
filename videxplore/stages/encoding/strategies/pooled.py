"""An encoder whose sequences are pooled in another way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.protocol import Encoder, QueryEncoder, check_encoder
from videxplore.stages.encoding.sequences import Strategy, bind_positions
from videxplore.stages.encoding.strategies.wrapped import hand_on
from videxplore.values.media import FrameBatch
from videxplore.values.rankings import Query

_KEPT = (
    "encode_clips", "encode_pairs", "encode_together", "encode_patches", "encode_audio", "encode_text",
    "encode_spans", "encode_video", "place", "explain", "parts", "combine", "frames_per_clip", "frame_size",
    "frames_per_s", "frames_at_once", "frame_positions", "audio_rate", "lanes", "side_by_side",
)  # fmt: skip
"""What a pooled encoder hands on to the one it is made of, as far as that has it."""


def pooled(encoder: Encoder, pooling: str | None = None, position: str | None = None) -> Encoder:
    """Return ``encoder`` with other pooling: of frames into segments, and of segments into their parents.

    Its card says so, and its vectors do not meet those of the encoder as it was. Everything else is as
    before: a library, a search or a reranker takes it as any encoder.

    Args:
        encoder: any encoder.
        pooling: ``"mean"`` (weighted by duration), ``"equal"`` (not weighted), ``"gem"``, ``"max"``,
            ``"medoid"``, ``"attention"``, ``"centroids"``: see
            :func:`~videxplore.stages.pooling.pool_vectors`. None leaves it.
        position: ``"none"``, ``"sinusoidal"``, ``"relative"``, ``"learned"``: see
            :mod:`videxplore.stages.encoding.sequences`. None leaves it.

    Raises:
        ValueError: an unknown pooling or position; a position for an encoder whose columns have names, or a
            learned one where the model brings none.
    """
    return PooledEncoder(encoder, pooling, position)


class PooledEncoder:
    """See :func:`pooled`."""

    def __init__(self, encoder: Encoder, pooling: str | None, position: str | None) -> None:
        check_encoder(encoder)
        asked = {"pooling": pooling, "position": position}
        chosen = {name: value for name, value in asked.items() if value is not None}
        self.card = replace(encoder.card, parameters={**encoder.card.parameters, **chosen})
        self._made_of = encoder, pooling, position
        hand_on(encoder, self, _KEPT)
        if isinstance(encoder, QueryEncoder):
            self.encode_query = self._ask
        strategy = Strategy.of(self)
        if strategy.position != "none" and self.card.names:
            raise ValueError(
                f"position={strategy.position!r} would change what the named columns of "
                f"{encoder.card.name!r} mean. Leave it at 'none', or take another encoder."
            )
        bind_positions(np.zeros((1, self.card.dimension)), [0.0], strategy.position, strategy.table)

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return what the encoder it is made of returns."""
        return self._made_of[0].encode_frames(frames)

    def _ask(self, text: str) -> Query:
        return replace(self._made_of[0].encode_query(text), card=self.card)  # type: ignore[attr-defined]

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return pooled, self._made_of

    def __repr__(self) -> str:
        encoder, pooling, position = self._made_of
        return f"pooled({encoder!r}, {pooling!r}, {position!r})"
