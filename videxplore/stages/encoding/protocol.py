"""What an encoder must offer; any object that does will serve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from videxplore.values.media import AudioClip, FrameBatch, Measurements, Span
from videxplore.values.rankings import Query
from videxplore.values.vectors import EncoderCard


@runtime_checkable
class Encoder(Protocol):
    """Turns pictures into vectors.

    This is all that a user's own encoder needs::

        class Brightness:
            card = vx.EncoderCard("brightness", 2)

            def encode_frames(self, frames):
                light = frames.rgb.mean((1, 2, 3)) / 255
                return np.stack([light, 1 - light], axis=1).astype("float32")

    Frames come in time order and in small batches. Two attributes are read where they exist:
    ``frame_size`` (width, height) in pixels, and ``frames_per_s`` (default 1).
    """

    @property
    def card(self) -> EncoderCard:
        """Where the vectors come from."""
        ...

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return (n, d) for n frames; d is the card's dimension or the length of its first block."""
        ...


@runtime_checkable
class AudioEncoder(Protocol):
    """An encoder that also hears."""

    def encode_audio(self, clips: list[AudioClip]) -> NDArray[np.float32]:
        """Return (n, d) for n clips; d is the card's dimension or the length of its block ``"audio"``."""
        ...


@runtime_checkable
class TextEncoder(Protocol):
    """An encoder that also reads."""

    def encode_text(self, texts: list[str]) -> NDArray[np.float32]:
        """Return (n, d) for n texts, d being the card's dimension; blocks not addressed are zero."""
        ...


@runtime_checkable
class QueryEncoder(Protocol):
    """An encoder that says what it made of a query."""

    def encode_query(self, text: str) -> Query:
        """Return the query with its vector, its terms and the words not understood."""
        ...


@runtime_checkable
class SpanEncoder(Protocol):
    """An encoder that works on :class:`Measurements` instead of frames: nothing is decoded again."""

    def encode_spans(self, measurements: Measurements, spans: Sequence[Span]) -> NDArray[np.float32]:
        """Return (n, d) on the encoder's own scale for n stretches of the video."""
        ...

    def place(self, values: NDArray[np.float32], spans: Sequence[Span], duration_s: float) -> None:
        """Write into ``values`` (n, d) the columns that follow from the spans and not from children."""
        ...
