"""Change over time, for encoders that see one picture at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.encoding.sequences import Strategy
from videxplore.stages.encoding.strategies.joint import joint
from videxplore.stages.encoding.strategies.wrapped import WrappedEncoder
from videxplore.stages.features.motion import MOTION_NAMES
from videxplore.stages.pooling import normalise
from videxplore.values.media import FrameBatch, Measurements, Span
from videxplore.values.vectors import EncoderCard

METHODS = ("uniform", "difference", "flow")

_SCALES = (
    0.09, 0.31, 0.8, 0.012, 0.015, 0.032, 0.018, 0.021, 0.08, 0.19, 0.011, 0.013, 1.1,
    0.09, 0.22, 0.16, 0.03, 0.033, 0.07, 0.037, 0.043, 0.083, 0.13, 0.023, 0.028, 1.2,
)  # fmt: skip
"""Root mean square of the statistics over 176 stretches of 3 s of four generated and three real films."""


def temporal(encoder: Encoder, method: str = "difference", *, frames: int = 8) -> Encoder:
    """Return ``encoder`` with an eye for time.

    * ``"uniform"``: as many frames of every segment, evenly spaced, however long it is (uniform sampling, as
      in TSN, Wang et al. 2016), instead of one per second; pooled as the encoder's card says.
    * ``"difference"``: the same, and two blocks beside it: how much the frame vectors change from one to
      the next, ``"change"``, and in which direction they go, ``"trend"``, the slope of a straight line
      through them. Reversed, a segment keeps its change and turns its trend round.
    * ``"flow"``: statistics of optical flow in a block ``"flow"``: mean and spread of camera and object
      motion, measured on every frame when the film is cut. Nothing is decoded again.

    Models of clips (X-CLIP, VideoMAE, V-JEPA 2) see time by themselves: tubelets of two frames, or attention
    over frames. Order within a segment is kept by ``vx.pooled(encoder, position=…)`` too.

    Args:
        encoder: for ``"uniform"`` and ``"difference"`` one whose vectors are one block ``"visual"``.
        method: one of ``"uniform"``, ``"difference"``, ``"flow"``.
        frames: per segment, at least 2; not for ``"flow"``.

    Raises:
        ValueError: an unknown method, fewer than two frames, or an encoder that does not fit.
    """
    if method not in METHODS:
        raise ValueError(f"method={method!r} is not allowed; allowed: {', '.join(METHODS)}.")
    if method == "flow":
        return joint(encoder, FlowEncoder())
    return SampledEncoder(encoder, frames, changes=method == "difference")


class SampledEncoder(WrappedEncoder):
    """See :func:`temporal`: ``"uniform"`` and ``"difference"``."""

    def __init__(self, encoder: Encoder, frames: int, *, changes: bool) -> None:
        if isinstance(frames, bool) or frames < 2:
            raise ValueError(f"frames must be at least 2, got {frames!r}.")
        self.frames_per_clip, self._changes = frames, changes
        options = {"strategy": "temporal", "method": "difference" if changes else "uniform", "frames": frames}
        super().__init__(encoder, ("visual", "change", "trend") if changes else ("visual",), options)
        self._strategy = Strategy.of(encoder)

    def encode_clips(self, clips: list[FrameBatch]) -> NDArray[np.float32]:
        """Return float32 (n, d) for n clips of ``frames_per_clip`` frames each."""
        every = np.concatenate([clip.rgb for clip in clips])
        times = np.concatenate([clip.times_s for clip in clips])
        unit = normalise(self.encoder.encode_frames(FrameBatch(every, times)))[0]
        edges = np.arange(0, len(unit) + 1, self.frames_per_clip)
        ranges = np.stack([edges[:-1], edges[1:]], axis=1)
        seen = normalise(self._strategy.pool(unit, np.ones(len(unit)), times, ranges)[0])[0]
        if not self._changes:
            return seen
        rows = unit.reshape(len(clips), self.frames_per_clip, -1)
        change = normalise(np.abs(np.diff(rows, axis=1)).mean(axis=1))[0]
        steps = np.arange(self.frames_per_clip) - (self.frames_per_clip - 1) / 2
        trend = normalise(np.einsum("t,ntd->nd", steps, rows))[0]
        return np.concatenate([seen, change, trend], axis=1)

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (n, d) for pictures alone: nothing changes in them."""
        unit = normalise(self.encoder.encode_frames(frames))[0]
        return self.fill({"visual": unit}, len(frames))

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        method = "difference" if self._changes else "uniform"
        return partial(temporal, frames=self.frames_per_clip), (self.encoder, method)


class FlowEncoder:
    """Mean and spread of camera and object motion within a segment: 26 columns, each with a name.

    The measurements come from the pass that finds the shots (block matching and a robust fit of the camera,
    see :mod:`videxplore.stages.features.motion`). Each statistic is divided by what is usual, and the inverse
    hyperbolic sine keeps a hectic stretch from drowning all others.
    """

    card = EncoderCard(
        "flow",
        len(_SCALES),
        blocks=(("flow", len(_SCALES)),),
        revision="1",
        names=(*MOTION_NAMES, *(f"{name} spread" for name in MOTION_NAMES)),
    )

    def encode_spans(self, measurements: Measurements, spans: Sequence[Span]) -> NDArray[np.float32]:
        """Return float32 (n, 26) for n stretches of a measured video."""
        picture = measurements.picture
        columns = [picture.names.index(name) for name in MOTION_NAMES]
        rows = [picture.within(span)[:, columns] for span in spans]
        statistics = np.stack([np.concatenate([r.mean(axis=0), r.std(axis=0)]) for r in rows])
        return np.arcsinh(statistics / np.array(_SCALES)).astype(np.float32)

    def place(self, values: NDArray[np.float32], spans: Sequence[Span], duration_s: float) -> None:
        """Leave ``values`` as they are: no column follows from the spans."""

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return zeros (n, 26): pictures alone do not move."""
        return np.zeros((len(frames), self.card.dimension), np.float32)
