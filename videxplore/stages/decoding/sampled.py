"""Pictures at many times of a film, in one pass over the file and in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding import pyav_backend
from videxplore.stages.decoding.frames import nothing_decoded
from videxplore.stages.decoding.index import frame_index
from videxplore.stages.decoding.picture import Painter, check_target
from videxplore.values.media import FrameBatch, Video


def sample_frames(
    video: Video,
    times_s: NDArray[np.float64] | Sequence[float],
    *,
    size: tuple[int, int] | None = None,
    batch_size: int = 32,
) -> Iterator[FrameBatch]:
    """Yield what :func:`videxplore.frames` returns for ``times_s``, a batch at a time.

    The file is opened once, and no frame is decoded twice because a batch ended before it.

    Args:
        video: a video.
        times_s: (n,), never falling, in seconds.
        size: (width, height) of the pictures; None keeps the video's own.
        batch_size: frames per batch; the last may be smaller.

    Raises:
        ValueError: times that fall, or a batch of less than one frame.
        VideoError: the file cannot be used, or no frame of it decoded.
    """
    times = np.asarray(times_s, dtype=np.float64)
    if (np.diff(times) < 0).any() or batch_size < 1:
        raise ValueError(f"times_s must never fall and batch_size be at least 1, got {batch_size=}.")
    index, painter = frame_index(video.path), Painter(check_target(size) or (video.width, video.height))
    wanted = index.pts[index.on_screen(times)]
    # The same picture may be on screen at several of the times.
    counts = [len(list(run)) for _, run in groupby(wanted.tolist())]
    problems: list[str] = []
    found = pyav_backend.chosen_frames(video.path, index, np.unique(wanted), problems)
    pictures: list[NDArray[np.uint8]] = []
    stamps: list[int] = []
    given = 0
    for (stamp, frame), count in zip(found, counts, strict=False):
        picture = painter(frame)
        for _ in range(count):
            pictures.append(picture)
            stamps.append(stamp)
            given += 1
            if len(pictures) == batch_size or given == len(times):
                yield FrameBatch(np.stack(pictures), index.seconds(np.array(stamps, dtype=np.int64)))
                pictures, stamps = [], []
    if given < len(times):
        raise nothing_decoded(video, problems)
