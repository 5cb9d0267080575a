"""Frames of candidates, decoded from their videos."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import VideoError
from videxplore.stages.decoding.frames import frames
from videxplore.stages.decoding.probe import as_video
from videxplore.stages.decoding.proxies import fitted
from videxplore.stages.reranking.listwise.captions import name_of
from videxplore.values.rankings import Candidate

Picture = NDArray[np.uint8]
"""uint8 (h, w, 3)."""


def stills(
    candidates: Sequence[Candidate], *, each: int = 1, longest: int = 448
) -> tuple[list[list[Picture]], tuple[str, ...]]:
    """Return frames of each candidate and remarks on those that have none.

    Args:
        candidates: whose frames are wanted.
        each: frames per candidate. A single one is that which matches the query best, the middle one
            where frames have no scores; several are spread evenly over the segment.
        longest: pixels of the longer side.

    Returns:
        ``each`` pictures per candidate, none where its video cannot be read.
    """
    found: list[list[Picture]] = [[] for _ in candidates]
    notes: dict[str, None] = {}
    for video in dict.fromkeys(c.hit.video for c in candidates):
        mine = [i for i, c in enumerate(candidates) if c.hit.video == video]
        wanted = [t for i in mine for t in _times(candidates[i], each)]
        try:
            pictures = _decode(video, wanted, longest)
        except VideoError as error:
            names = ", ".join(name_of(candidates[i]) for i in mine[:3])
            notes[f"no picture of {names}{' …' if len(mine) > 3 else ''}: {error}"] = None
            continue
        for k, i in enumerate(mine):
            found[i] = list(pictures[k * each : (k + 1) * each])
    return found, tuple(notes)


def _decode(video: str, times_s: Iterable[float], longest: int) -> Picture:
    opened = as_video(video)
    return frames(opened, times_s=times_s, size=fitted(opened, (longest, longest))).rgb


def _times(candidate: Candidate, each: int) -> list[float]:
    hit = candidate.hit
    if each == 1 and len(candidate.frame_scores):
        return [float(candidate.frame_times_s[int(np.argmax(candidate.frame_scores))])]
    return [hit.start_s + hit.duration_s * (k + 0.5) / each for k in range(each)]
