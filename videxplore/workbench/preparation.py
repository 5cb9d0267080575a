"""From one video file to all that a library keeps of it. Runs in the kernel or in a worker process."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.frames import frames
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.proxies import fitted, poster
from videxplore.stages.encoding.embed import embed, embed_frames
from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.features.measure import measure
from videxplore.stages.pooling import normalise
from videxplore.stages.segmentation.segment import METHODS, segment
from videxplore.stages.store.record import VideoRecord
from videxplore.values.checks import shown
from videxplore.values.media import Measurements, Video
from videxplore.values.segments import SegmentTree

Segmenter = Callable[[Measurements], SegmentTree]


def check_segmenter(segmenter: object) -> None:
    """Refuse what is no segmenter before a file is opened for it.

    Raises:
        ValueError: a text that is no method of :func:`videxplore.segment`.
        TypeError: something that cannot be called.
    """
    if isinstance(segmenter, str) and segmenter not in METHODS:
        raise ValueError(f"segmenter must be one of {', '.join(map(repr, METHODS))}, got {segmenter!r}.")
    if segmenter is not None and not isinstance(segmenter, str) and not callable(segmenter):
        raise TypeError(
            "segmenter must be the name of a method, or a function from Measurements to a SegmentTree, got "
            f"{shown(segmenter)}."
        )


POSTER_SIZE = (240, 135)
_POSTER_QUALITY = 70
_POSTERS_AT_ONCE = 64

_FLAT = 12.0
"""Grey levels of spread below which a picture shows nothing."""

FRAME_STEP_S = 1.0
"""Distance of the frames that are embedded singly, for a reranker's second look."""


@dataclass(frozen=True, slots=True)
class Preparer:
    """Opens and prepares videos in this process.

    Attributes:
        encoder: makes the vectors.
        segmenter: as for :func:`prepare`.
    """

    encoder: Encoder
    segmenter: Segmenter | str | None = None

    def open(self, path: str) -> Video:
        """Probe one file: see :func:`videxplore.open_video`."""
        return open_video(path)

    def prepare(self, video: Video) -> tuple[VideoRecord, tuple[str, ...]]:
        """Do all the work on one video; return what is stored of it, and what was warned of on the way."""
        with _warnings() as remarks:
            record = prepare(video, self.encoder, self.segmenter)
        return record, tuple(remarks)


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """Collect what this package warns of in the meantime, for people who do not see its log."""
    remarks: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            remarks.append(record.getMessage())

    collector = Collector(logging.WARNING)
    log = logging.getLogger("videxplore")
    log.addHandler(collector)
    try:
        yield remarks
    finally:
        log.removeHandler(collector)


def prepare(video: Video, encoder: Encoder, segmenter: Segmenter | str | None = None) -> VideoRecord:
    """Measure, segment and embed one video, and take a poster of every segment.

    Args:
        video: as probed.
        encoder: makes the vectors.
        segmenter: a method name of :func:`videxplore.segment`, or a function from :class:`Measurements` to
            :class:`SegmentTree`; the semantic method by default.

    Raises:
        VideoError: the file cannot be decoded.
        TypeError: the segmenter returned something else than a tree.
    """
    measurements = measure(video)
    tree = _cut(measurements, segmenter)
    embeddings = embed(tree, encoder, measurements=measurements)
    times_s, values = embed_frames(measurements, encoder, measurements=measurements, every_s=FRAME_STEP_S)
    frame_vectors, frame_magnitudes = normalise(np.asarray(values, dtype=np.float32))
    said = measurements.transcript
    transcripts = {s.segment_id: said.text_in(s.span) for s in tree.segments} if said else {}
    return VideoRecord(
        tree=replace(tree, recutter=None),
        embeddings=embeddings,
        transcripts=transcripts,
        posters=take_posters(tree),
        frame_times_s=np.asarray(times_s, dtype=np.float64),
        frame_vectors=frame_vectors,
        frame_magnitudes=frame_magnitudes,
        decode_errors=measurements.decode_errors,
    )


def _cut(measurements: Measurements, segmenter: Segmenter | str | None) -> SegmentTree:
    if segmenter is None:
        return segment(measurements)
    if isinstance(segmenter, str):
        return segment(measurements, method=segmenter)
    tree = segmenter(measurements)
    if not isinstance(tree, SegmentTree):
        raise TypeError(f"segmenter must return a SegmentTree, got {type(tree).__name__}.")
    return tree


def take_posters(tree: SegmentTree) -> dict[str, bytes]:
    """Return a small JPEG from the middle of every segment, by segment id.

    Where the middle is almost one flat colour, :func:`videxplore.poster` looks for a better picture.
    """
    size = fitted(tree.video, POSTER_SIZE)
    ordered = sorted(tree.segments, key=lambda s: s.span.midpoint_s)
    posters: dict[str, bytes] = {}
    for first in range(0, len(ordered), _POSTERS_AT_ONCE):
        group = ordered[first : first + _POSTERS_AT_ONCE]
        batch = frames(tree.video, times_s=[s.span.midpoint_s for s in group], size=size)
        for s, picture in zip(group, batch.rgb, strict=True):
            flat = float(picture.std()) < _FLAT
            posters[s.segment_id] = poster(tree.video, s.span, size=POSTER_SIZE) if flat else _jpeg(picture)
    return posters


def _jpeg(rgb: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    target = io.BytesIO()
    Image.fromarray(rgb).save(target, format="JPEG", quality=_POSTER_QUALITY, optimize=True)
    return target.getvalue()
