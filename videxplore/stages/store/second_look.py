"""What single frames of the candidates score: for a second look after the search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.frames import FrameCache, VideoFrames
from videxplore.stages.store.scores import Scores
from videxplore.stages.store.snapshot import Snapshot

Scored = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SecondLook:
    """Frames of one candidate.

    Attributes:
        times_s: float64 (f,).
        scores: float32 (f,), on the scale of the candidate's score.
        parts: float32 (f,) by asked attribute, or by modality where columns mean nothing: what each adds to
            ``scores``, less what follows from the candidate's place in its video.
    """

    times_s: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    scores: Scored = field(default_factory=lambda: np.zeros(0, np.float32))
    parts: Mapping[str, Scored] = field(default_factory=dict)


def look_again(snapshot: Snapshot, scores: Scores, order: list[int], frames: FrameCache) -> list[SecondLook]:
    """Return the scores of the frames of the rows in ``order``.

    Nothing where only words are compared, and nothing where ranks are joined: a frame has no rank.
    """
    if scores.probe is None or not scores.compares_frames or not order:
        return [SecondLook()] * len(order)
    held = frames.get(snapshot.segments[row].video_id for row in order)
    # What follows from a segment's place in its video no frame can show: there it counts as the segment does.
    own, weights = snapshot.from_span, scores.probe.weights
    placed = scores.space.items[order][:, own] @ weights[own]
    weights = np.where(own, 0, weights).astype(np.float32)
    columns = _columns(scores, weights)
    looks = {video_id: _look(video, weights, columns) for video_id, video in held.items()}
    belief = scores.belief[order].astype(np.float32)
    found = []
    for place, row in enumerate(order):
        segment = snapshot.segments[row]
        whole = looks[segment.video_id]
        inside = slice(*np.searchsorted(whole.times_s, [segment.start_s, segment.end_s]))
        found.append(
            SecondLook(
                whole.times_s[inside],
                (whole.scores[inside] + placed[place]) * belief[place],
                {name: part[inside] * belief[place] for name, part in whole.parts.items()},
            )
        )
    return found


def _columns(scores: Scores, weights: Scored) -> dict[str, slice]:
    """The columns of each sub-vector of the query: asked attributes, or modalities."""
    names = scores.snapshot.card.names
    if scores.space.unit or not names:
        return {name: block for name, block in scores.space.blocks.items() if weights[block].any()}
    asked = np.flatnonzero(weights).tolist()
    return {names[column]: slice(column, column + 1) for column in asked}


def _look(video: VideoFrames, weights: Scored, columns: Mapping[str, slice]) -> SecondLook:
    parts = {name: video.items[:, block] @ weights[block] for name, block in columns.items()}
    return SecondLook(video.times_s, video.items @ weights, parts)
