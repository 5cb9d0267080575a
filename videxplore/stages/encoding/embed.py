"""From a segment tree to vectors on every level, from words to a query."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import QueryError
from videxplore.stages.encoding.protocol import Encoder, QueryEncoder, SpanEncoder, TextEncoder
from videxplore.stages.encoding.registry import as_encoder
from videxplore.stages.encoding.sequences import Strategy
from videxplore.stages.encoding.strategies.pooled import pooled
from videxplore.stages.encoding.stream import check_vectors
from videxplore.stages.encoding.stretches import Stretches
from videxplore.stages.pooling import normalise
from videxplore.values.checks import check_kind
from videxplore.values.media import Measurements, Span, Video
from videxplore.values.rankings import Query
from videxplore.values.segments import Segment, SegmentTree
from videxplore.values.vectors import Embeddings


def embed(
    tree: SegmentTree,
    encoder: Encoder | str,
    *,
    measurements: Measurements | None = None,
    pooling: str | None = None,
    position: str | None = None,
    progress: bool = False,
) -> Embeddings:
    """Return one vector per segment of ``tree``, on all levels, in the order of ``tree.segments``.

    Leaves are encoded; parents are pooled from the leaves below them as the encoder's card says, by default
    the mean weighted by duration. Columns that the card lists under ``parameters["from_span"]`` follow from
    where the segment lies. For an encoder of frames a leaf is pooled from its unit frame vectors in the same
    way, for one of clips it is one clip of evenly spaced frames.

    Args:
        tree: of one video.
        encoder: any object with ``card`` and ``encode_frames``, or the name of one.
        measurements: of the same video, so that the perceptual encoder need not decode again.
        pooling: ``"mean"``, ``"equal"``, ``"gem"``, ``"max"``, ``"medoid"``, ``"attention"`` or
            ``"centroids"``, see :func:`~videxplore.stages.pooling.pool_vectors`.
        position: ``"none"``, ``"sinusoidal"``, ``"relative"`` or ``"learned"``, see
            :mod:`videxplore.stages.encoding.sequences`. With either it is ``vx.pooled(encoder, pooling,
            position)`` that encodes, whose card says so, and which a library takes as well.
        progress: show a bar with frames per second and the time left.

    Raises:
        ValueError: an unknown pooling or position, or the encoder returns vectors of another shape than its
            card says, or not finite.
    """
    check_kind("tree", tree, SegmentTree, "a SegmentTree, such as vx.segment(video) returns")
    encoder = as_encoder(encoder)
    if pooling is not None or position is not None:
        encoder = pooled(encoder, pooling, position)
    strategy = Strategy.of(encoder)
    leaves = [s for s in tree.segments if not tree.children(s)]
    leaves.sort(key=lambda s: s.start_s)
    with _bar(progress) as note:
        stretches = Stretches(
            tree.video, [leaf.span for leaf in leaves], measurements=measurements, note=note
        )
        values = stretches.encode(encoder)
    ranges = _find_leaves(tree, leaves)
    durations = np.array([leaf.duration_s for leaf in leaves])
    starts = np.array([leaf.start_s for leaf in leaves])
    whole, coherence = strategy.pool(values, durations, starts, ranges)
    if isinstance(encoder, SpanEncoder):
        encoder.place(whole, [s.span for s in tree.segments], tree.video.duration_s)
    vectors, magnitudes = normalise(whole)
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
    stretches = Stretches(video, spans, measurements=measurements, single=True)
    return np.array([s.midpoint_s for s in spans]), stretches.encode(encoder)


def encode_query(encoder: Encoder, text: str) -> Query:
    """Return ``text`` as a query in the space of ``encoder``.

    Raises:
        QueryError: the text is empty, or the encoder has no text side.
    """
    check_kind("text", text, str, "words")
    if not text.strip():
        raise QueryError("the query is empty; describe what to look for in a few words.")
    if isinstance(encoder, QueryEncoder):
        return encoder.encode_query(text)
    if isinstance(encoder, TextEncoder):
        vector = np.asarray(encoder.encode_text([text]))
        vector = check_vectors(vector, (1, encoder.card.dimension), "encode_text")
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
        return normalise(check_vectors(vectors, (len(texts), encoder.card.dimension), "encode_text"))[0]
    return None


@cache
def bank_texts() -> tuple[str, ...]:
    """Return the generic queries of :func:`query_bank`."""
    path = files("videxplore.stages.encoding.perceptual").joinpath("queries.txt")
    return tuple(line.strip() for line in path.read_text("utf-8").splitlines() if line.strip())


@contextmanager
def _bar(shown: bool) -> Iterator[Callable[[int, int], None]]:
    """A function that is told how many frames were encoded and how many more are to come."""
    from tqdm.auto import tqdm

    with tqdm(total=0, desc="encode", unit="frame", disable=not shown) as bar:

        def note(done: int, coming: int) -> None:
            bar.total = (bar.total or 0) + coming
            bar.update(done)

        yield note


def _find_leaves(tree: SegmentTree, leaves: Sequence[Segment]) -> NDArray[np.intp]:
    """First and one past the last leaf (n, 2) under each segment of the tree."""
    starts = np.array([leaf.start_s for leaf in leaves])
    # Tiling holds to the millisecond; that much tolerance must not move a leaf that is shorter.
    tolerance_s = min(1e-3, min(leaf.duration_s for leaf in leaves) / 2)
    edges = np.array([(s.start_s, s.end_s) for s in tree.segments]) - tolerance_s
    return np.searchsorted(starts, edges).astype(np.intp)
