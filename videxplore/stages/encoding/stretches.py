"""Stretches of a video as an encoder sees, hears and reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.sound import audio
from videxplore.stages.decoding.subtitles import transcript
from videxplore.stages.encoding.protocol import (
    AudioEncoder,
    ClipEncoder,
    CombinedEncoder,
    Encoder,
    PairEncoder,
    SpanEncoder,
    TextEncoder,
    VideoEncoder,
)
from videxplore.stages.encoding.sequences import Strategy
from videxplore.stages.encoding.stream import check_vectors, stream_vectors
from videxplore.stages.features.measure import measure
from videxplore.stages.pooling import normalise
from videxplore.values.media import FrameBatch, Measurements, Span, Transcript, Video
from videxplore.values.vectors import EncoderCard

Vectors = NDArray[np.float32]

_CLIPS = 32
_UNSEEN = {"audio", "speech"}


class Stretches:
    """Consecutive stretches of one video.

    Args:
        video: where they are.
        spans: in time order.
        measurements: of the same video; made where an encoder wants them and they are not given.
        single: one frame from the middle of each stretch, however many the encoder would like.
        note: called with the numbers of frames just encoded and just announced.
    """

    def __init__(
        self,
        video: Video,
        spans: Sequence[Span],
        *,
        measurements: Measurements | None = None,
        single: bool = False,
        note: Callable[[int, int], None] = lambda done, coming: None,
    ) -> None:
        self._video, self._spans, self._given = video, spans, measurements
        self._single, self._note = single, note

    def encode(self, encoder: Encoder) -> Vectors:
        """Return whole vectors (n, d), on the encoder's own scale where it has one, else of unit length.

        Raises:
            ValueError: the encoder returns vectors of another shape than its card says, or not finite.
        """
        if isinstance(encoder, CombinedEncoder):
            return encoder.combine([self.encode(part) for part in encoder.parts])
        if isinstance(encoder, VideoEncoder):
            whole = np.asarray(encoder.encode_video(self._video, self._spans), dtype=np.float32)
            shape = (len(self._spans), encoder.card.dimension)
            return normalise(check_vectors(whole, shape, "encode_video"))[0]
        if isinstance(encoder, SpanEncoder):
            return encoder.encode_spans(self._measurements, self._spans)
        parts = {
            "visual": (self._see(encoder), "encode_frames"),
            "audio": (self._hear(encoder), "encode_audio"),
            "speech": (self._read(encoder), "encode_text"),
        }
        return normalise(join_blocks(encoder.card, len(self._spans), parts))[0]

    @cached_property
    def _measurements(self) -> Measurements:
        return measure(self._video) if self._given is None else self._given

    @cached_property
    def _transcript(self) -> Transcript | None:
        return transcript(self._video)

    def _see(self, encoder: Encoder) -> Vectors | None:
        """Vectors (n, k) of what is seen: of one clip, or of frames, pooled."""
        if not set(encoder.card.slices()) - _UNSEEN:
            return None  # decoding pictures would be for nothing
        if isinstance(encoder, ClipEncoder):
            return self._watch(encoder)
        rate = float(getattr(encoder, "frames_per_s", 1.0))
        counts = np.array([1 if self._single else max(1, round(s.duration_s * rate)) for s in self._spans])
        times = np.concatenate([_spread(s, n) for s, n in zip(self._spans, counts, strict=True)])
        unit, _ = normalise(self._stream(encoder, times, lambda _, batch: encoder.encode_frames(batch)))
        edges = np.concatenate([[0], np.cumsum(counts)])
        ranges = np.stack([edges[:-1], edges[1:]], axis=1)
        # Columns of frames are no columns of segments: events are counted over segments only.
        return replace(Strategy.of(encoder), kinds=()).pool(unit, np.ones(len(unit)), times, ranges)[0]

    def _watch(self, encoder: Any) -> Vectors:
        """Vectors (n, k) of one clip per stretch, with what is said in it where the encoder reads along."""
        length = encoder.frames_per_clip
        times = np.concatenate([_spread(span, length) for span in self._spans])
        texts = self._texts() if isinstance(encoder, PairEncoder) else []

        def encode(first: int, batch: FrameBatch) -> Vectors:
            starts = range(0, len(batch), length)
            clips = [FrameBatch(batch.rgb[i : i + length], batch.times_s[i : i + length]) for i in starts]
            if not texts:
                return encoder.encode_clips(clips)
            return encoder.encode_pairs(clips, texts[first // length :][: len(clips)])

        return self._stream(encoder, times, encode, length)

    def _stream(
        self,
        encoder: Encoder,
        times_s: NDArray[np.float64],
        encode: Callable[[int, FrameBatch], Vectors],
        group: int = 1,
    ) -> Vectors:
        """Vectors (n / group, k) of the frames at ``times_s`` (n,), ``group`` at a time."""
        return stream_vectors(self._video, encoder, times_s, encode, group=group, note=self._note)

    def _hear(self, encoder: Encoder) -> Vectors | None:
        """Vectors (n, k) of the sound of each stretch, or None where encoder or video has no sound."""
        if not isinstance(encoder, AudioEncoder) or not self._video.has_audio:
            return None
        rate = getattr(encoder, "audio_rate", 16000)
        parts = []
        for first in range(0, len(self._spans), _CLIPS):
            clips = [audio(self._video, rate=rate, span=span) for span in self._spans[first : first + _CLIPS]]
            heard = [clip for clip in clips if clip is not None]
            if len(heard) < len(clips):
                return None
            vectors = np.asarray(encoder.encode_audio(heard), dtype=np.float32)
            parts.append(check_vectors(vectors, (len(heard), -1), "encode_audio"))
        return np.concatenate(parts)

    def _read(self, encoder: Encoder) -> Vectors | None:
        """Vectors (n, d) of the words said, zero where nothing is; None without words or who reads them."""
        if "speech" not in encoder.card.slices() or not isinstance(encoder, TextEncoder):
            return None
        texts = self._texts()
        spoken = np.flatnonzero([bool(text) for text in texts])
        if not len(spoken):
            return None
        vectors = np.asarray(encoder.encode_text([texts[i] for i in spoken]), dtype=np.float32)
        rows = np.zeros((len(texts), encoder.card.dimension), np.float32)
        rows[spoken] = check_vectors(vectors, (len(spoken), encoder.card.dimension), "encode_text")
        return rows

    def _texts(self) -> list[str]:
        said = self._transcript
        return [said.text_in(span).strip() if said else "" for span in self._spans]


def join_blocks(card: EncoderCard, n: int, parts: Mapping[str, tuple[Vectors | None, str]]) -> Vectors:
    """Return whole vectors (n, d): each modality of unit length in its block, so that none drowns another.

    Args:
        card: says which columns belong to which modality.
        n: how many.
        parts: modality -> (vectors of the whole or of its block, or None; name of the method that gave them).

    Raises:
        ValueError: vectors of another length.
    """
    blocks = card.slices()
    whole = np.zeros((n, card.dimension), np.float32)
    for modality, (values, method) in parts.items():
        if values is None:
            continue
        unit, _ = normalise(values)
        if values.shape[1] == card.dimension:
            whole += unit
            continue
        block = blocks.get(modality, slice(0, 0))
        if values.shape[1] != block.stop - block.start:
            raise ValueError(
                f"{method} of encoder {card.name!r} returned {values.shape[1]} columns; its card allows "
                f"{card.dimension} (the whole vector) or the block {modality!r} of {dict(card.blocks)}."
            )
        whole[:, block] = unit
    return whole


def _spread(span: Span, count: int) -> NDArray[np.float64]:
    """``count`` times evenly spaced over a span, each in the middle of its share."""
    return span.start_s + (np.arange(count) + 0.5) * span.duration_s / count
