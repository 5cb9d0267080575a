"""Decoding with decord, on request and only for files that it reads rightly.

decord 0.6.0 bundles FFmpeg 4.1 of 2018. It gives wrong frames on MPEG-TS without a word, knows no AV1, cannot
choose between several picture tracks, gives up on damaged files, and its thread decodes ahead of the reader
without bound (2 GB within 14 s of idling). So it is opened for one call and dropped, on vetted files only.

``backend="auto"`` does not choose it, because PyAV was measured faster. Seconds for every frame at 96×54
(best of three, two cores, pixels equal within 2.2 of 255 on average; plain is decoding without scaling):

=========================================  ======  =====  =====  ======
file                                       frames  plain  PyAV   decord
=========================================  ======  =====  =====  ======
Sintel trailer, 854×480 H.264                1253   0.68   0.83    0.91
Tears of Steel, 800×332 VP8                  1691   0.77   1.02    1.19
one-by-one-person, 768×432 H.264             1394   0.57   0.73    0.79
Big Buck Bunny, 1280×720 VP8                  720   0.44   0.54    0.69
=========================================  ======  =====  =====  ======

One picture per second at 224×224: PyAV 0.87, 0.58, 0.59, 0.52 s; decord 0.85, 0.82, 0.86, 0.91 s.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.container import open_container
from videxplore.stages.decoding.index import FrameIndex, frame_index
from videxplore.values.media import FrameBatch, Video

_CONTAINERS = ("mov", "matroska", "webm")
_CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "mpeg4"})
_SAFE_STEP = 32  # widths 48 and 72 came out sheared, and others may; every multiple of 32 tried was right
_REFUSED_FLAGS = frozenset({"truncated", "damaged", "hdr", "mirrored"})


def unfit(video: Video, size: tuple[int, int] | None = None) -> str | None:
    """Return why decord must not read this file at this size, or None where it gives the right frames."""
    try:
        import decord  # noqa: F401 - only whether it is there
    except (ImportError, OSError):
        return "decord is not installed on this machine"
    with open_container(video.path) as container:
        kind = container.format.name.split(",")[0]
        if kind not in _CONTAINERS:
            return f"it is used for MP4, MOV, MKV and WebM, not for {container.format.name}"
        if len(container.streams.video) != 1:
            return "it cannot choose between several picture tracks"
    if video.codec not in _CODECS:
        return f"it is not used for {video.codec}"
    if "rotated" in video.flags and (size is not None or kind != "mov"):
        return "it garbles pictures that it both turns and scales, and does not turn those of Matroska"
    if size is not None and size[0] % _SAFE_STEP:
        return f"it garbles pictures scaled to some widths; multiples of {_SAFE_STEP} are right"
    if blocking := _REFUSED_FLAGS & set(video.flags):
        return f"the file is flagged {', '.join(sorted(blocking))}"
    return _unreadable(video, frame_index(video.path))


def _unreadable(video: Video, index: FrameIndex) -> str | None:
    from decord import DECORDError

    if index.by_order:
        return "it loses frames that bear no timestamp"
    try:
        count = len(_reader(video, None))
    except UnicodeEncodeError:
        return "it cannot open file names that are not UTF-8"
    except DECORDError:
        return "it cannot open the file"
    if count != len(index.pts):  # it shows what an edit list leaves out
        return f"it counts {count} frames where {len(index.pts)} are shown"
    return None


def scan(
    video: Video, index: FrameIndex, size: tuple[int, int] | None, batch_size: int
) -> Iterator[FrameBatch]:
    """Yield every frame in batches."""
    reader = _reader(video, size)
    times_s = index.times_s
    for first in range(0, len(reader), batch_size):
        numbers = np.arange(first, min(first + batch_size, len(reader)))
        rgb = reader.get_batch(numbers.tolist()).asnumpy()
        yield FrameBatch(rgb, times_s[np.minimum(numbers, len(times_s) - 1)])


def chosen(
    video: Video, index: FrameIndex, numbers: NDArray[np.int64], size: tuple[int, int] | None
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return pictures uint8 (n, h, w, 3) and timestamps int64 (n,) of the frames with these numbers.

    Read in sequence, never by decord's seek: that gave other frames than asked for with open GOPs, HEVC and
    MPEG-4, without an error.
    """
    reader = _reader(video, size)
    unique, back = np.unique(np.minimum(numbers, len(reader) - 1), return_inverse=True)
    pictures = []
    wanted = iter(unique.tolist())
    number = next(wanted)
    for k in range(int(unique[-1]) + 1):
        picture = reader.next()
        if k == number:
            pictures.append(picture.asnumpy())
            number = next(wanted, -1)
    return np.stack(pictures)[back], index.pts[unique][back]


def _reader(video: Video, size: tuple[int, int] | None) -> Any:
    import decord

    decord.logging.set_level(decord.logging.QUIET)  # it writes FFmpeg's chatter to the console otherwise
    width, height = size or (video.width, video.height)
    return decord.VideoReader(os.fspath(video.path), width=width, height=height)
