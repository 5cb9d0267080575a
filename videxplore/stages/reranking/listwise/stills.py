"""Frames of candidates, decoded from their videos."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

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


LONG_S = 8.0
"""A segment longer than this is shown by four stills: one does not tell what a scene holds."""


def stills(
    candidates: Sequence[Candidate], *, each: Sequence[int], longest: int = 448
) -> tuple[list[list[Picture]], tuple[str, ...]]:
    """Return frames of each candidate and remarks on those that have none.

    Args:
        candidates: whose frames are wanted.
        each: how many of each: that many equal parts of the segment give the frame that matches the query
            best, or the middle one where no frame of the part has a score.
        longest: pixels of the longer side.

    Returns:
        As many pictures per candidate, in the order of time; none where its video cannot be read.
    """
    found: list[list[Picture]] = [[] for _ in candidates]
    notes: dict[str, None] = {}
    for video in dict.fromkeys(c.hit.video for c in candidates):
        mine = [i for i, c in enumerate(candidates) if c.hit.video == video]
        wanted = [(i, t) for i in mine for t in _times(candidates[i], each[i])]
        try:
            pictures = _decode(video, [t for _, t in wanted], longest)
        except VideoError as error:
            names = ", ".join(name_of(candidates[i]) for i in mine[:3])
            notes[f"no picture of {names}{' …' if len(mine) > 3 else ''}: {error}"] = None
            continue
        for (i, _), picture in zip(wanted, pictures, strict=True):
            found[i].append(picture)
    return found, tuple(notes)


def one_still_each(candidates: Sequence[Candidate]) -> tuple[list[Picture | None], tuple[str, ...]]:
    """Return one picture per candidate: its best frame, or of a long segment four, two above two."""
    each = [4 if c.hit.duration_s > LONG_S else 1 for c in candidates]
    found, notes = stills(candidates, each=each)
    return [_together(pictures) for pictures in found], notes


def _together(pictures: Sequence[Picture]) -> Picture | None:
    if len(pictures) < 4:
        return pictures[0] if pictures else None
    from PIL import Image

    a, b, c, d = pictures
    four = np.concatenate([np.concatenate([a, b], axis=1), np.concatenate([c, d], axis=1)])
    return np.asarray(Image.fromarray(four).reduce(2))


def _decode(video: str, times_s: Iterable[float], longest: int) -> Picture:
    opened = as_video(video)
    return frames(opened, times_s=times_s, size=fitted(opened, (longest, longest))).rgb


def _times(candidate: Candidate, each: int) -> list[float]:
    hit = candidate.hit
    edges = np.linspace(hit.start_s, hit.end_s, each + 1)
    times = []
    for start, end in pairwise(edges.tolist()):
        inside = np.flatnonzero((candidate.frame_times_s >= start) & (candidate.frame_times_s < end))
        best = inside[np.argmax(candidate.frame_scores[inside])] if len(inside) else None
        times.append((start + end) / 2 if best is None else float(candidate.frame_times_s[best]))
    return times
