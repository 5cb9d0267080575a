"""What an encoder must offer; any object that does will serve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from videxplore.values.checks import shown
from videxplore.values.media import AudioClip, FrameBatch, Measurements, Span, Video
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

    Frames come in time order and in small batches. Some attributes are read where they exist: ``frame_size``
    (width, height) in pixels, ``frames_per_s`` (default 1), ``frames_at_once`` (default 32), and
    ``side_by_side``, a ``map`` that may call the encoder in several threads. An encoder whose card has no
    blocks but ``"audio"`` and ``"speech"`` is shown nothing, and returns (n, 0) if it is asked.

    ``card.parameters`` may say how vectors one after another become one: ``"pooling"`` and ``"position"``,
    see :class:`~videxplore.stages.encoding.sequences.Strategy`.
    """

    @property
    def card(self) -> EncoderCard:
        """Where the vectors come from."""
        ...

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return (n, d) for n frames; d is the card's dimension or the length of its first block."""
        ...


def check_encoder(encoder: object) -> None:
    """Raise ``TypeError`` unless an object has what every encoder has: a card."""
    if not isinstance(getattr(encoder, "card", None), EncoderCard):
        raise TypeError(
            "encoder must be an object with .card and .encode_frames(), such as vx.encoder('perceptual') "
            f"returns, got {shown(encoder)}."
        )


@runtime_checkable
class ClipEncoder(Protocol):
    """An encoder that sees several frames at once: one clip per segment instead of frame by frame."""

    @property
    def frames_per_clip(self) -> int:
        """How many frames a clip has; they are evenly spaced over the segment."""
        ...

    def encode_clips(self, clips: list[FrameBatch]) -> NDArray[np.float32]:
        """Return (n, d) for n clips; d as for :meth:`Encoder.encode_frames`."""
        ...


@runtime_checkable
class VideoEncoder(Protocol):
    """An encoder that takes whole stretches of a video and decodes what it needs by itself, if anything."""

    def encode_video(self, video: Video, spans: Sequence[Span]) -> NDArray[np.float32]:
        """Return (n, d) for n stretches, d being the card's dimension."""
        ...


@runtime_checkable
class PatchEncoder(Protocol):
    """An encoder of frames that also gives a vector for every patch of the picture."""

    def encode_patches(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return (n, rows, columns, d) for n frames; not necessarily of unit length."""
        ...


@runtime_checkable
class TogetherEncoder(Protocol):
    """A model that can take pictures and words in one sequence."""

    @property
    def frames_per_clip(self) -> int:
        """How many frames are shown with a text."""
        ...

    def encode_together(self, clips: list[FrameBatch], texts: list[str]) -> NDArray[np.float32]:
        """Return (n, d) for n clips with n texts, each of which may be empty."""
        ...


@runtime_checkable
class PairEncoder(Protocol):
    """An encoder of clips that is given what is said in each, in one sequence with what is shown."""

    def encode_pairs(self, clips: list[FrameBatch], texts: list[str]) -> NDArray[np.float32]:
        """Return (n, d) for n clips with n texts, each of which may be empty."""
        ...


@runtime_checkable
class CombinedEncoder(Protocol):
    """An encoder made of others: each part encodes the same stretches, and their vectors are combined."""

    @property
    def parts(self) -> tuple[Encoder, ...]:
        """The encoders it is made of."""
        ...

    def combine(self, values: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return (n, d) from one array (n, d of the part) per part; a row of zeros says nothing."""
        ...


@runtime_checkable
class AudioEncoder(Protocol):
    """An encoder that also hears; ``audio_rate`` is read where it exists (default 16 000 Hz)."""

    def encode_audio(self, clips: list[AudioClip]) -> NDArray[np.float32]:
        """Return (n, d) for n clips; d is the card's dimension or the length of its block ``"audio"``."""
        ...


@runtime_checkable
class TextEncoder(Protocol):
    """An encoder that also reads. If its card has a block ``"speech"``, it reads the transcripts as well."""

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
