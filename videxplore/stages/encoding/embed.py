"""From a segment tree to vectors on every level, from words to a query."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import QueryError
from videxplore.stages.decoding.frames import frames
from videxplore.stages.decoding.sound import audio
from videxplore.stages.decoding.subtitles import transcript
from videxplore.stages.encoding.perceptual.encoder import say_once
from videxplore.stages.encoding.protocol import (
    AudioEncoder,
    ClipEncoder,
    Encoder,
    QueryEncoder,
    SpanEncoder,
    TextEncoder,
    VideoEncoder,
)
from videxplore.stages.features.measure import measure
from videxplore.stages.pooling import normalise, pool_ranges
from videxplore.values.media import FrameBatch, Measurements, Span, Video
from videxplore.values.rankings import Query
from videxplore.values.segments import Segment, SegmentTree
from videxplore.values.vectors import Embeddings, EncoderCard

_BATCH = 32
_HEIGHT = 360
_UNSEEN = {"audio", "speech"}


def embed(tree: SegmentTree, encoder: Encoder, *, measurements: Measurements | None = None) -> Embeddings:
    """Return one vector per segment of ``tree``, on all levels, in the order of ``tree.segments``.

    Leaves are encoded; parents are pooled from the leaves below them as the encoder's card says, weighted by
    duration. Columns that the card lists under ``parameters["from_span"]`` follow from where the segment
    lies. For an encoder of frames a leaf is the mean of its unit frame vectors, for one of clips it is one
    clip of evenly spaced frames.

    Args:
        tree: of one video.
        encoder: any object with ``card`` and ``encode_frames``.
        measurements: of the same video, so that the perceptual encoder need not decode again.

    Raises:
        ValueError: the encoder returns vectors of another shape than its card says, or not finite.
    """
    leaves = [s for s in tree.segments if not tree.children(s)]
    leaves.sort(key=lambda s: s.start_s)
    spans = [leaf.span for leaf in leaves]
    if isinstance(encoder, SpanEncoder):
        say_once()
        measured = measurements if measurements is not None else measure(tree.video)
        values = encoder.encode_spans(measured, spans)
    else:
        values = _encode_leaves(tree.video, encoder, spans)
    ranges = _find_leaves(tree, leaves)
    durations = np.array([leaf.duration_s for leaf in leaves])
    pooled, coherence = pool_ranges(values, durations, ranges, encoder.card.pooling)
    if isinstance(encoder, SpanEncoder):
        encoder.place(pooled, [s.span for s in tree.segments], tree.video.duration_s)
    vectors, magnitudes = normalise(pooled)
    single = ranges[:, 1] - ranges[:, 0] == 1
    return Embeddings(
        vectors,
        tuple(s.segment_id for s in tree.segments),
        tuple(s.level for s in tree.segments),
        encoder.card,
        magnitudes,
        np.where(single, 1.0, coherence).astype(np.float32),
        tuple(s.video_id for s in tree.segments),
    )


def embed_frames(
    source: SegmentTree | Measurements | Video,
    encoder: Encoder,
    *,
    measurements: Measurements | None = None,
    every_s: float = 1.0,
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return times (n,) in seconds and vectors float32 (n, d) of a video every ``every_s`` seconds.

    The vectors are on the encoder's own scale, as ``Embeddings.attributes`` are. For the perceptual encoder
    each describes the ``every_s`` seconds around its time, sound included; for an encoder of frames it is
    the unit vector of the frame, and of the sound around it.
    """
    if isinstance(source, Measurements):
        measurements = source if measurements is None else measurements
    video = source if isinstance(source, Video) else source.video
    count = max(1, math.ceil(video.duration_s / every_s - 1e-6))
    edges = np.minimum(np.arange(count + 1) * every_s, video.duration_s)
    spans = [Span(a, b) for a, b in pairwise(edges)]
    times = np.array([s.midpoint_s for s in spans])
    if isinstance(encoder, SpanEncoder):
        measured = measurements if measurements is not None else measure(video)
        values = encoder.encode_spans(measured, spans)
    else:
        values = _encode_spans(video, encoder, spans, np.ones(len(spans), int))
    return times, values


def encode_query(encoder: Encoder, text: str) -> Query:
    """Return ``text`` as a query in the space of ``encoder``.

    Raises:
        QueryError: the text is empty, or the encoder has no text side.
    """
    if not text.strip():
        raise QueryError("the query is empty; describe what to look for in a few words.")
    if isinstance(encoder, QueryEncoder):
        return encoder.encode_query(text)
    if isinstance(encoder, TextEncoder):
        vector = _check(np.asarray(encoder.encode_text([text])), (1, encoder.card.dimension), "encode_text")
        return Query(text, normalise(vector)[0][0], encoder.card)
    raise QueryError(
        f"encoder {encoder.card.name!r} has no text side (no encode_text); search by segment, "
        "image or vector."
    )


def query_bank(encoder: Encoder) -> NDArray[np.float32] | None:
    """Return unit vectors (q, d) of the generic queries that come with the package; None without a text side.

    Their mean centres a query; an item that answers all of them well is a hub.
    """
    if isinstance(encoder, TextEncoder):
        texts = bank_texts()
        vectors = np.asarray(encoder.encode_text(list(texts)))
        return normalise(_check(vectors, (len(texts), encoder.card.dimension), "encode_text"))[0]
    return None


@cache
def bank_texts() -> tuple[str, ...]:
    """Return the generic queries of :func:`query_bank`."""
    path = files("videxplore.stages.encoding.perceptual").joinpath("queries.txt")
    return tuple(line.strip() for line in path.read_text("utf-8").splitlines() if line.strip())


def _find_leaves(tree: SegmentTree, leaves: Sequence[Segment]) -> NDArray[np.intp]:
    """First and one past the last leaf (n, 2) under each segment of the tree."""
    starts = np.array([leaf.start_s for leaf in leaves])
    # Tiling holds to the millisecond; that much tolerance must not move a leaf that is shorter.
    tolerance_s = min(1e-3, min(leaf.duration_s for leaf in leaves) / 2)
    edges = np.array([(s.start_s, s.end_s) for s in tree.segments]) - tolerance_s
    return np.searchsorted(starts, edges).astype(np.intp)


def _encode_leaves(video: Video, encoder: Encoder, spans: Sequence[Span]) -> NDArray[np.float32]:
    """Vectors (n, d) of spans, for an encoder of frames with as many frames as it wants per second."""
    rate = float(getattr(encoder, "frames_per_s", 1.0))
    counts = np.array([max(1, round(s.duration_s * rate)) for s in spans])
    return _encode_spans(video, encoder, spans, counts)


def _encode_spans(
    video: Video, encoder: Encoder, spans: Sequence[Span], counts: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Whole vectors (n, d) of spans: what is seen (``counts`` frames in each), heard and said in them."""
    if isinstance(encoder, VideoEncoder):
        whole = np.asarray(encoder.encode_video(video, spans), dtype=np.float32)
        return normalise(_check(whole, (len(spans), encoder.card.dimension), "encode_video"))[0]
    seen = None
    if isinstance(encoder, ClipEncoder):
        seen = _watch(video, encoder, spans)
    elif set(encoder.card.slices()) - _UNSEEN:  # else decoding pictures would be for nothing
        edges = np.concatenate([[0], np.cumsum(counts)])
        times = np.concatenate([_spread(s, n) for s, n in zip(spans, counts, strict=True)])
        unit, _ = normalise(_stream(video, encoder, times))
        seen, _ = pool_ranges(unit, np.ones(len(unit)), np.stack([edges[:-1], edges[1:]], axis=1))
    parts = {
        "visual": (seen, "encode_frames"),
        "audio": (_hear(video, encoder, spans), "encode_audio"),
        "speech": (_read(video, encoder, spans), "encode_text"),
    }
    return normalise(_join(encoder.card, len(spans), parts))[0]


def _spread(span: Span, count: int) -> NDArray[np.float64]:
    """``count`` times evenly spaced over a span, each in the middle of its share."""
    return span.start_s + (np.arange(count) + 0.5) * span.duration_s / count


def _stream(video: Video, encoder: Encoder, times_s: NDArray[np.float64]) -> NDArray[np.float32]:
    """Vectors (n, k) of the frames at ``times_s``, a batch at a time."""
    parts = []
    for batch in _batches(video, encoder, times_s, _BATCH):
        vectors = np.asarray(encoder.encode_frames(batch), dtype=np.float32)
        parts.append(_check(vectors, (len(batch), -1), "encode_frames"))
    return np.concatenate(parts)


def _watch(video: Video, encoder: Encoder, spans: Sequence[Span]) -> NDArray[np.float32]:
    """Vectors (n, k) of one clip per span, a batch of frames at a time."""
    assert isinstance(encoder, ClipEncoder)  # noqa: S101 - for the type checker
    length = encoder.frames_per_clip
    times = np.concatenate([_spread(span, length) for span in spans])
    parts = []
    for batch in _batches(video, encoder, times, max(1, _BATCH // length) * length):
        starts = range(0, len(batch), length)
        clips = [FrameBatch(batch.rgb[i : i + length], batch.times_s[i : i + length]) for i in starts]
        vectors = np.asarray(encoder.encode_clips(clips), dtype=np.float32)
        parts.append(_check(vectors, (len(clips), -1), "encode_clips"))
    return np.concatenate(parts)


def _batches(
    video: Video, encoder: Encoder, times_s: NDArray[np.float64], count: int
) -> Iterator[FrameBatch]:
    size = getattr(encoder, "frame_size", None)
    if size is None and video.height > _HEIGHT:
        size = (max(2, round(video.width * _HEIGHT / video.height)), _HEIGHT)
    for first in range(0, len(times_s), count):
        yield frames(video, times_s=times_s[first : first + count], size=size)


def _hear(video: Video, encoder: Encoder, spans: Sequence[Span]) -> NDArray[np.float32] | None:
    """Vectors (n, k) of the sound of each span, or None where encoder or video has no sound."""
    if not isinstance(encoder, AudioEncoder) or not video.has_audio:
        return None
    rate = getattr(encoder, "audio_rate", 16000)
    parts = []
    for first in range(0, len(spans), _BATCH):
        clips = [audio(video, rate=rate, span=span) for span in spans[first : first + _BATCH]]
        heard = [clip for clip in clips if clip is not None]
        if len(heard) < len(clips):
            return None
        vectors = np.asarray(encoder.encode_audio(heard), dtype=np.float32)
        parts.append(_check(vectors, (len(heard), -1), "encode_audio"))
    return np.concatenate(parts)


def _read(video: Video, encoder: Encoder, spans: Sequence[Span]) -> NDArray[np.float32] | None:
    """Vectors (n, d) of the words said in each span, zero where nothing is; None without a transcript."""
    if "speech" not in encoder.card.slices() or not isinstance(encoder, TextEncoder):
        return None
    said = transcript(video)
    texts = [said.text_in(span) for span in spans] if said is not None else []
    spoken = np.flatnonzero([bool(text.strip()) for text in texts])
    if not len(spoken):
        return None
    vectors = np.asarray(encoder.encode_text([texts[i] for i in spoken]), dtype=np.float32)
    rows = np.zeros((len(spans), encoder.card.dimension), np.float32)
    rows[spoken] = _check(vectors, (len(spoken), encoder.card.dimension), "encode_text")
    return rows


def _join(
    card: EncoderCard, n: int, parts: Mapping[str, tuple[NDArray[np.float32] | None, str]]
) -> NDArray[np.float32]:
    """Whole vectors (n, d): each modality unit length in its own block, so that neither drowns the other."""
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


def _check(values: NDArray[np.float32], shape: tuple[int, int], method: str) -> NDArray[np.float32]:
    """Return ``values`` if it has ``shape`` (-1: any) and is finite."""
    fits = values.ndim == 2 and all(want in (-1, got) for want, got in zip(shape, values.shape, strict=True))
    if not fits:
        raise ValueError(f"{method} must return an array of shape {shape} (-1: any), got {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError(f"{method} must return finite numbers, got NaN or infinity.")
    return values
