"""Where a picture stands still or is black, to a quarter of a second.

What stands still takes next to no bytes, and what was looked at a second before and after shows the same: from
both follows where to look closer, and only there pictures are decoded a quarter of a second apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.container import open_container, packets
from videxplore.stages.decoding.index import FrameIndex, frame_index
from videxplore.stages.licensing.technical.levels import is_black, mean_cells
from videxplore.stages.licensing.technical.looks import look_at
from videxplore.stages.licensing.technical.shrinking import reduce
from videxplore.stages.licensing.technical.spans import join
from videxplore.values.media import Span, Video

STEP_S = 0.25
_LEAST_S = 2.0
"""Seconds that a picture must stand, as FFmpeg's ``freezedetect`` has it."""
_LEAST_BLACK_S = 0.5
_ALIKE = 0.255
"""Mean difference in levels up to which pictures are the same: −60 dB, as ``freezedetect`` has it."""
_ALIKE_ANYWHERE = 3.0
"""The same for each cell of 16×16 pixels: lips and mouse pointers move there while the mean stays."""
_ACROSS_KEYS = 4.0
"""How many times more may differ across a keyframe: it codes a still picture anew, a little otherwise."""
_FEW_BYTES = 120
_BYTES_PER_BLOCK = 1 / 24
"""Bytes that a frame without news takes, and per 16×16 pixels: a few bits say that none changed."""
_BRIDGED_S = 0.5


@dataclass(frozen=True, slots=True)
class Stillness:
    """Where nothing moves, and where nothing is to be seen.

    Attributes:
        frozen: spans of two seconds or more in which the picture stands still and is not black.
        black: spans of half a second or more.
    """

    frozen: tuple[Span, ...]
    black: tuple[Span, ...]


def look_closer(video: Video, suspected: Sequence[Span]) -> Stillness:
    """Find where the picture stands still or is black.

    Args:
        video: a video.
        suspected: spans between looks that seem to show the same, or black.

    Raises:
        VideoError: the file cannot be used.
    """
    index = frame_index(video.path)
    held = _held(index)
    frozen, black = list(held), []
    for span in join([*suspected, *_small_packets(video, index), *held], STEP_S):
        start_s, end_s = max(span.start_s - STEP_S, 0.0), min(span.end_s + STEP_S, video.duration_s)
        still, dark = _compare(video, index, start_s, end_s)
        frozen += still
        black += dark
    dark_spans = tuple(span for span in join(black) if span.duration_s >= _LEAST_BLACK_S)
    stood = (span for span in join(frozen, _BRIDGED_S) if span.duration_s >= _LEAST_S)
    return Stillness(tuple(span for span in stood if not _mostly(span, dark_spans)), dark_spans)


def seem_equal(before: NDArray[np.uint8], after: NDArray[np.uint8], times: float = 1.0) -> bool:
    """Whether two pictures uint8 (h, w) are as good as the same, everywhere.

    A still that was filmed differs by its noise from frame to frame; a picture that is repeated does not.
    """
    if before.shape != after.shape:
        return False
    change = np.maximum(before, after) - np.minimum(before, after)
    if float(change.mean()) > _ALIKE * times:
        return False
    return bool(mean_cells(change, 16).max() <= _ALIKE_ANYWHERE * times)


def _compare(video: Video, index: FrameIndex, start_s: float, end_s: float) -> tuple[list[Span], list[Span]]:
    """Spans in which pictures equal the one before, and in which they are black."""
    times_s = np.arange(start_s, end_s, STEP_S)
    stills: list[Span] = []
    darks: list[Span] = []
    every_key = len(index.keyframes) > 0.5 * len(index.pts)
    keys_s = index.seconds(index.keyframes)
    last: tuple[float, NDArray[np.uint8], bool] | None = None
    for time_s, luma, floor in look_at(video, times_s):
        dark = is_black(reduce(luma), floor)
        if last is not None:
            span = Span(last[0], max(time_s, last[0]))
            crosses = int(np.searchsorted(keys_s, time_s + 1e-6)) > int(
                np.searchsorted(keys_s, last[0] + 1e-6)
            )
            times = _ACROSS_KEYS if crosses and not every_key else 1.0
            if seem_equal(last[1], luma, times):
                stills.append(span)
            if last[2]:
                darks.append(span)
        last = time_s, luma, dark
    if last is not None:
        rest = Span(last[0], max(end_s, last[0]))
        darks += [rest] if last[2] else []
        stills += [rest] if stills and stills[-1].end_s == last[0] else []
    return stills, darks


def _held(index: FrameIndex) -> list[Span]:
    """Spans in which one picture stands because the next comes so late."""
    edges = [*index.times_s.tolist(), index.end_s]
    return [Span(a, b) for a, b in pairwise(edges) if b - a >= _LEAST_S]


def _small_packets(video: Video, index: FrameIndex) -> list[Span]:
    """Spans of two seconds or more in which all frames but keyframes take next to no bytes."""
    most = _FEW_BYTES + _BYTES_PER_BLOCK * video.width * video.height / 256
    sizes: list[tuple[float, bool]] = []
    with open_container(video.path) as container:
        stream = container.streams[index.stream]
        for packet in packets(container, [stream], []):
            if packet.size and packet.pts is not None:
                time_s = float((packet.pts - index.zero) * index.time_base)
                sizes.append((time_s, packet.is_keyframe or packet.size <= most))
    if len(index.keyframes) > 0.5 * len(index.pts) or not index.seekable:
        return []  # whole pictures take their bytes whatever they show
    sizes.sort()
    spans, since = [], None
    for time_s, small in [*sizes, (index.end_s, False)]:
        if small and since is None:
            since = time_s
        elif not small and since is not None:
            if time_s - since >= _LEAST_S / 2:
                spans.append(Span(max(since, 0.0), min(max(time_s, since, 0.0), index.end_s)))
            since = None
    return spans


def _mostly(span: Span, others: Sequence[Span]) -> bool:
    return sum(span.overlap_s(other) for other in others) > 0.5 * span.duration_s
