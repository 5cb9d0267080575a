"""Frames to vectors as fast as the machine allows: decoding, preparing and the model side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.ahead import ahead
from videxplore.stages.decoding.sampled import sample_frames
from videxplore.stages.encoding.protocol import Encoder
from videxplore.values.media import FrameBatch, Video

AT_ONCE = 32
"""Frames that an encoder is given at once, where it does not say."""

_MOST = 256
"""Frames in one batch, however many a clip has: pixels take most of the memory."""

_HEIGHT = 360


def stream_vectors(
    video: Video,
    encoder: Encoder,
    times_s: NDArray[np.float64],
    encode: Callable[[int, FrameBatch], NDArray[np.float32]],
    *,
    group: int = 1,
    note: Callable[[int, int], None],
) -> NDArray[np.float32]:
    """Return vectors (n / group, k) of the frames at ``times_s``.

    One thread decodes ahead, in one pass over the file; batches run over the borders of segments. What the
    encoder gives as ``side_by_side`` decides how many batches are prepared and computed at a time: one core
    each on a CPU, and on a GPU the next is prepared while one is computed. A few batches are held, however
    long the film.

    Args:
        video: what is looked at.
        encoder: its ``frame_size``, ``frames_at_once``, ``lanes`` and ``side_by_side`` are read.
        times_s: (n,), never falling.
        encode: from the number of the first frame and a batch of frames to vectors, one per ``group``.
        group: frames that go together; n is a multiple of it.
        note: called with the numbers of frames just encoded and just announced.

    Raises:
        ValueError: ``encode`` returns vectors of another shape, or not finite.
    """
    size = getattr(encoder, "frame_size", None)
    if size is None and video.height > _HEIGHT:
        size = (max(2, round(video.width * _HEIGHT / video.height)), _HEIGHT)
    count = group * _items_at_once(encoder, len(times_s) // group, group)
    name = "encode_frames" if group == 1 else "encode_clips"

    def run(numbered: tuple[int, FrameBatch]) -> tuple[int, NDArray[np.float32]]:
        number, batch = numbered
        vectors = np.asarray(encode(number * count, batch), dtype=np.float32)
        return len(batch), check_vectors(vectors, (len(batch) // group, -1), name)

    note(0, len(times_s))
    side_by_side = getattr(encoder, "side_by_side", map)
    parts = []
    with closing(ahead(sample_frames(video, times_s, size=size, batch_size=count))) as batches:
        found: Iterator[tuple[int, NDArray[np.float32]]] = side_by_side(run, enumerate(batches))
        for frames, vectors in found:
            parts.append(vectors)
            note(frames, 0)
    return np.concatenate(parts)


def check_vectors(values: NDArray[np.float32], shape: tuple[int, int], method: str) -> NDArray[np.float32]:
    """Return ``values`` if it has ``shape`` (-1: any) and is finite.

    Raises:
        ValueError: it has not.
    """
    fits = values.ndim == 2 and all(want in (-1, got) for want, got in zip(shape, values.shape, strict=True))
    if not fits:
        raise ValueError(f"{method} must return an array of shape {shape} (-1: any), got {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError(f"{method} must return finite numbers, got NaN or infinity.")
    return values


def _items_at_once(encoder: Encoder, items: int, group: int) -> int:
    """How many items a batch has: no more than each lane of the encoder gets of a short film."""
    wanted = min(int(getattr(encoder, "frames_at_once", AT_ONCE)), _MOST // group)
    return max(1, min(wanted, math.ceil(items / int(getattr(encoder, "lanes", 1)))))
