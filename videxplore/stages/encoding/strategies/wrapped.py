"""What encoders that are made of one other share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.protocol import Encoder, TextEncoder, check_encoder
from videxplore.stages.pooling import normalise
from videxplore.values.vectors import EncoderCard

_KEPT = ("frame_size", "frames_per_s", "frames_at_once", "frame_positions", "lanes", "side_by_side")

POOLED = ("pooling", "position")
"""Parameters of a card that say how its vectors are pooled."""


def hand_on(encoder: Encoder, to: object, names: Sequence[str]) -> None:
    """Give ``to`` what ``encoder`` has of these attributes."""
    for name in names:
        if hasattr(encoder, name):
            setattr(to, name, getattr(encoder, name))


class WrappedEncoder:
    """An encoder of pictures with several blocks, each in the space of the one it is made of.

    It is pooled as that one is.

    Args:
        encoder: one whose vectors are a single block of what is seen.
        blocks: names of the blocks, each as long as a vector of ``encoder``.
        options: what the card says beside.
        addressed: blocks that words address, where ``encoder`` reads.

    Raises:
        ValueError: ``encoder`` has other blocks.
    """

    def __init__(
        self,
        encoder: Encoder,
        blocks: tuple[str, ...],
        options: Mapping[str, Any],
        addressed: tuple[str, ...] = ("visual",),
    ) -> None:
        check_encoder(encoder)
        card = encoder.card
        if tuple(card.slices()) != ("visual",) or card.names:
            raise ValueError(
                f"encoder {card.name!r} does not fit: its vectors must be one block 'visual' without named "
                f"columns; it has {dict(card.blocks)}. Combine others with vx.joint()."
            )
        self.encoder = encoder
        inherited = {name: card.parameters[name] for name in POOLED if name in card.parameters}
        self.card = EncoderCard(
            card.name,
            card.dimension * len(blocks),
            modalities=card.modalities,
            revision=card.revision,
            weights_sha256=card.weights_sha256,
            blocks=tuple((name, card.dimension) for name in blocks),
            parameters={**options, **inherited, "parts": [card.to_json()]},
        )
        hand_on(encoder, self, _KEPT)
        self._addressed = addressed
        if isinstance(encoder, TextEncoder):
            self.encode_text = self._read

    def fill(self, blocks: Mapping[str, NDArray[np.floating]], n: int) -> NDArray[np.float32]:
        """Return whole vectors (n, d) with these blocks, and zeros where nothing is said."""
        whole = np.zeros((n, self.card.dimension), np.float32)
        for name, columns in self.card.slices().items():
            if name in blocks:
                whole[:, columns] = blocks[name]
        return whole

    def _read(self, texts: list[str]) -> NDArray[np.float32]:
        """Words (n, d) in every block that they address."""
        unit = normalise(np.asarray(self.encoder.encode_text(texts)))[0]  # type: ignore[attr-defined]
        return self.fill(dict.fromkeys(self._addressed, unit), len(texts))

    def __repr__(self) -> str:
        shown = {k: v for k, v in self.card.parameters.items() if k != "parts"}
        return f"{type(self).__name__}({self.encoder!r}, {shown})"
