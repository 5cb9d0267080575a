"""Pictures by time: chosen ones as one batch, or every one as a stream of batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import VideoError
from videxplore.stages.decoding import decord_backend, pyav_backend
from videxplore.stages.decoding.ahead import ahead
from videxplore.stages.decoding.index import FrameIndex, frame_index
from videxplore.stages.decoding.picture import Painter, check_target
from videxplore.stages.decoding.probe import as_video
from videxplore.values.checks import check_positive
from videxplore.values.media import FrameBatch, Video

BACKENDS = ("auto", "decord", "pyav")
MOST_TIMES = 10_000_000
"""Pictures asked for at a time: more is a slip, such as milliseconds for seconds."""
_MOST_BYTES = 8 * 2**30
"""What the pictures of one call may take: those of every second of two hours at 1080p would take 42 GiB."""
_GROUP, _GROUP_PIXELS = 8, 2**21
"""Frames handed from thread to thread at a time, and their pixels: single ones would wake a thread each."""


def frames(
    video: Video | str | PathLike[str],
    *,
    times_s: Iterable[float] | float | None = None,
    every_s: float | None = None,
    keyframes: bool = False,
    size: tuple[int, int] | None = None,
    backend: str = "auto",
) -> FrameBatch:
    """Return the picture on screen at each of the wanted times.

    The picture on screen at ``t`` is the one with the largest timestamp not above ``t``: never ``t`` times an
    average frame rate, which is wrong wherever the rate varies. Times before the first frame give the first,
    times after the last give the last.

    Args:
        video: a video or the path of one.
        times_s: wanted times in seconds, zero being the first frame, in any order.
        every_s: instead of ``times_s``: one picture every so many seconds, from zero to the end.
        keyframes: instead of either: the pictures that are stored whole, by far the quickest to get; how many
            and when is up to whoever encoded the file.
        size: (width, height) of the pictures; None keeps the video's own.
        backend: ``"auto"``, ``"decord"`` or ``"pyav"``.

    Returns:
        ``rgb`` uint8 (n, h, w, 3) and ``times_s`` float64 (n,): the timestamps of the pictures returned, in
        the order wanted.

    Raises:
        ValueError: not exactly one of ``times_s``, ``every_s`` and ``keyframes``, values that are not
            finite or positive, or pictures that take more than 8 GiB together.
        VideoError: the file cannot be used.
    """
    size = check_target(size)
    video = as_video(video)
    if (times_s is not None) + (every_s is not None) + bool(keyframes) != 1:
        raise ValueError(
            "Give exactly one of times_s (seconds), every_s (seconds between pictures) and keyframes=True."
        )
    index = frame_index(video.path)
    wanted = index.seconds(index.keyframes) if keyframes else _wanted_times(video, times_s, every_s)
    width, height = size or (video.width, video.height)
    if not len(wanted):
        return FrameBatch(np.zeros((0, height, width, 3), np.uint8), np.zeros(0))
    if (room := len(wanted) * width * height * 3) > _MOST_BYTES:
        raise ValueError(
            f"{len(wanted)} pictures of {width}×{height} take {room / 2**30:.0f} GiB, more than the "
            f"{_MOST_BYTES / 2**30:.0f} GiB of one call. Ask for smaller ones (size=(320, 180)), or for "
            "some at a time (times_s)."
        )
    numbers = index.on_screen(wanted)
    if _use_decord(backend, video, size):
        rgb, stamps = decord_backend.chosen(video, index, numbers, size)
        return FrameBatch(rgb, index.seconds(stamps))
    return _chosen_by_pyav(video, index, numbers, size)


class FrameScan:
    """Every frame of a video in display order, in batches: a film of any length in bounded memory.

    Iterate it; each iteration decodes the file anew, and ends in :class:`VideoError` (``no-frames``)
    where not one frame could be decoded.

    Args:
        video: a video or the path of one.
        size: (width, height) of the pictures; None keeps the video's own.
        batch_size: frames per batch.
        backend: ``"auto"``, ``"decord"`` or ``"pyav"``.

    Attributes:
        decode_errors: packets that could not be read or decoded; valid after an iteration has ended.
        backend: the decoder that is used, ``"decord"`` or ``"pyav"``.
    """

    def __init__(
        self,
        video: Video | str | PathLike[str],
        *,
        size: tuple[int, int] | None = None,
        batch_size: int = 256,
        backend: str = "auto",
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size!r}.")
        self.video = as_video(video)
        self.size = check_target(size)
        self.batch_size = batch_size
        self.decode_errors = 0
        self.backend = "decord" if _use_decord(backend, self.video, self.size) else "pyav"

    def __iter__(self) -> Iterator[FrameBatch]:
        self.decode_errors = 0
        index = frame_index(self.video.path)
        if self.backend == "decord":
            yield from decord_backend.scan(self.video, index, self.size, self.batch_size)
            return
        problems: list[str] = []
        painter = Painter(self.size or (self.video.width, self.video.height))
        pictures: list[NDArray[np.uint8]] = []
        stamps: list[int] = []
        painted = 0
        for stamp, frame in self._decoded(index, problems):
            painted += 1
            pictures.append(painter(frame))
            stamps.append(stamp)
            if len(pictures) == self.batch_size:
                yield _batch(index, pictures, stamps)
                pictures, stamps = [], []
        if pictures:
            yield _batch(index, pictures, stamps)
        self.decode_errors = len(problems)
        if painted == 0:
            raise nothing_decoded(self.video, problems)

    def _decoded(self, index: FrameIndex, problems: list[str]) -> Iterator[tuple[int, Any]]:
        """Every frame with its timestamp; decoded in a thread of its own where there is a core for that.

        Where the decoder's own threads take all cores, one more only gets in their way.
        """
        found = pyav_backend.every_frame(self.video.path, index, problems)
        if not pyav_backend.leaves_a_core(index):
            yield from found
            return
        width, height = index.stored
        most = max(1, min(_GROUP, _GROUP_PIXELS // (width * height)))
        for group in ahead(iter(lambda: list(islice(found, most)), []), depth=1):
            while group:
                yield group.pop(0)


def _batch(index: FrameIndex, pictures: list[NDArray[np.uint8]], stamps: list[int]) -> FrameBatch:
    return FrameBatch(np.stack(pictures), index.seconds(np.array(stamps, dtype=np.int64)))


def _wanted_times(video: Video, times_s: Any, every_s: float | None) -> NDArray[np.float64]:
    if every_s is not None:
        every_s = check_positive("every_s", every_s)
        count = max(int(np.ceil(video.duration_s / every_s - 1e-9)), 1)
        if count > MOST_TIMES:
            raise ValueError(
                f"every_s={every_s:g} asks for {count:,} pictures; at most {MOST_TIMES:,} at a time."
            )
        return np.arange(count, dtype=np.float64) * every_s
    try:
        given = times_s if np.isscalar(times_s) else list(times_s)
        wanted = np.atleast_1d(np.asarray(given, dtype=np.float64))
    except (TypeError, ValueError):
        wanted = np.full(1, np.nan)
    if wanted.ndim != 1 or not np.isfinite(wanted).all():
        raise ValueError(f"times_s must be finite seconds in one list, got {times_s!r:.200}.")
    return wanted


def _use_decord(backend: str, video: Video, size: tuple[int, int] | None) -> bool:
    if backend not in BACKENDS:
        raise ValueError(f"backend must be one of {', '.join(BACKENDS)}, got {backend!r}.")
    if backend != "decord":
        return False  # PyAV was measured faster throughout: see decord_backend
    if reason := decord_backend.unfit(video, size):
        raise ValueError(f"backend='decord' cannot be used for {video.path.name!r}: {reason}. Use 'pyav'.")
    return True


def _chosen_by_pyav(
    video: Video, index: FrameIndex, numbers: NDArray[np.int64], size: tuple[int, int] | None
) -> FrameBatch:
    unique, back = np.unique(numbers, return_inverse=True)
    painter = Painter(size or (video.width, video.height))
    problems: list[str] = []
    pictures: list[NDArray[np.uint8]] = []
    stamps: list[int] = []
    for stamp, frame in pyav_backend.chosen_frames(video.path, index, index.pts[unique], problems):
        pictures.append(painter(frame))
        stamps.append(stamp)
    if len(pictures) != len(unique):
        raise nothing_decoded(video, problems)
    rgb = np.stack(pictures)[back]
    return FrameBatch(rgb, index.seconds(np.array(stamps, dtype=np.int64))[back])


def nothing_decoded(video: Video, problems: list[str]) -> VideoError:
    """Return the error for a file of which not one picture could be decoded."""
    detail = f"no picture could be decoded ({problems[0] if problems else 'no reason given'})"
    return VideoError(video.path, "no-frames", detail, "Copy or export the file again.")
