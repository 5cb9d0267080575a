"""Where a picture stands still or is black, to a quarter of a second.

What stands still takes next to no bytes, and what was looked at a second before and after shows the same.
From both follows where to look closer, and only there pictures are decoded a quarter of a second apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.container import open_container, packets
from videxplore.stages.decoding.index import FrameIndex, frame_index
from videxplore.stages.licensing.technical.levels import is_black, mean_cells
from videxplore.stages.licensing.technical.looks import look_at
from videxplore.stages.licensing.technical.shrinking import reduce
from videxplore.stages.licensing.technical.spans import join, leave_out, runs
from videxplore.values.media import Span, Video

STEP_S = 0.25
_LEAST_S = 2.0
"""Seconds that a picture must stand, as FFmpeg's ``freezedetect`` has it."""
_LEAST_BLACK_S = 0.5
_ALIKE = 0.255
"""Mean difference in levels up to which pictures are the same: −60 dB, as ``freezedetect`` has it."""
_EXACT = 0.02
"""The same for most pictures of a stretch: an encoder that has nothing to say repeats to the bit."""
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
    steps, black = [_Step(span, 0.0) for span in held], []
    for span in join([*suspected, *_small_packets(video, index), *held], STEP_S):
        start_s, end_s = max(span.start_s - STEP_S, 0.0), min(span.end_s + STEP_S, video.duration_s)
        still, dark = _compare(video, index, start_s, end_s)
        steps += still
        black += dark
    dark_spans = tuple(span for span in join(black) if span.duration_s >= _LEAST_BLACK_S)
    stood = (part for span in _stood(steps) for part in leave_out(span, dark_spans))
    return Stillness(tuple(span for span in stood if span.duration_s >= _LEAST_S), dark_spans)


def measure_change(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> tuple[float, float]:
    """Return by how many levels two pictures uint8 (h, w) differ: on average, and where they do most."""
    if before.shape != after.shape:
        return 255.0, 255.0
    change = np.maximum(before, after) - np.minimum(before, after)
    return float(change.mean()), float(mean_cells(change, 16).max())


def seem_equal(change: tuple[float, float], times: float = 1.0) -> bool:
    """Whether a change is so small that it may be that of the coding alone."""
    return change[0] <= _ALIKE * times and change[1] <= _ALIKE_ANYWHERE * times


@dataclass(frozen=True, slots=True)
class _Step:
    """From one picture to the next that is as good as the same; nan where a keyframe lies between."""

    span: Span
    change: float


def _stood(steps: Sequence[_Step]) -> Iterator[Span]:
    """Spans of two seconds or more in which most pictures are the same to the bit.

    A still or an empty room that was filmed differs by its noise from frame to frame, and where little of it
    is coded by what is left of it; a picture that is repeated does not.
    """
    for span in join((step.span for step in steps), _BRIDGED_S):
        within = np.array([step.change for step in steps if step.span.start_s in span])
        known = within[~np.isnan(within)]
        if span.duration_s >= _LEAST_S and len(known) and float(np.median(known)) <= _EXACT:
            yield span


def _compare(video: Video, index: FrameIndex, start_s: float, end_s: float) -> tuple[list[_Step], list[Span]]:
    """Steps between pictures that are as good as the same, and spans in which they are black."""
    steps: list[_Step] = []
    darks: list[Span] = []
    codes_all = _codes_all(index)
    keys_s = index.seconds(index.keyframes)
    last: tuple[float, NDArray[np.uint8], bool] | None = None
    for time_s, luma, floor in look_at(video, np.arange(start_s, end_s, STEP_S)):
        dark = is_black(reduce(luma), floor)
        if last is not None:
            span = Span(last[0], max(time_s, last[0]))
            first_key, next_key = np.searchsorted(keys_s, np.array([last[0], time_s]) + 1e-6)
            anew = next_key > first_key and not codes_all
            change = measure_change(last[1], luma)
            if seem_equal(change, _ACROSS_KEYS if anew else 1.0):
                steps.append(_Step(span, float("nan") if anew else change[0]))
            darks += [span] if last[2] else []
        last = time_s, luma, dark
    if last is not None:
        rest = Span(last[0], max(end_s, last[0]))
        darks += [rest] if last[2] else []
        steps += [_Step(rest, float("nan"))] if steps and steps[-1].span.end_s == last[0] else []
    return steps, darks


def _held(index: FrameIndex) -> list[Span]:
    """Spans in which one picture stands because the next comes so late."""
    edges = [*index.times_s.tolist(), index.end_s]
    return [Span(a, b) for a, b in pairwise(edges) if b - a >= _LEAST_S]


def _small_packets(video: Video, index: FrameIndex) -> list[Span]:
    """Spans of a second or more in which all frames but keyframes take next to no bytes."""
    if _codes_all(index) or not index.seekable:
        return []  # whole pictures take their bytes whatever they show
    most = _FEW_BYTES + _BYTES_PER_BLOCK * video.width * video.height / 256
    small = np.zeros(len(index.pts), bool)
    with open_container(video.path) as container:
        stream = container.streams[index.stream]
        for packet in packets(container, [stream], []):
            if packet.size and packet.pts is not None and (packet.is_keyframe or packet.size <= most):
                small[min(int(np.searchsorted(index.pts, packet.pts)), len(small) - 1)] = True
    return list(runs(index.times_s, small, index.end_s, _LEAST_S / 2))


def _codes_all(index: FrameIndex) -> bool:
    """Whether pictures are stored whole, as in Motion JPEG or ProRes."""
    return len(index.keyframes) > 0.5 * len(index.pts)
