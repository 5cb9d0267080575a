"""Who speaks when, as subtitles tell it: a signal for moments, and a name for leaves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.decoding.speakers import UNNAMED
from videxplore.values.media import Transcript

Floats = NDArray[np.float64]

MOST_SPEAKERS = 48
"""Speakers who are told apart, those who speak first; what others say is speech."""

_MAINLY = 0.5


def lift_speaking(transcript: Transcript, edges: Floats) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Return unit vectors (n, 2 + speakers) and the names of the speakers.

    One direction stands for pauses, one for speech of whom is not told, one for each speaker: two speakers
    are as unlike as speech and a pause. Where several speak at once, the last to begin counts.

    Args:
        transcript: of the video.
        edges: float64 (n + 1,), when samples begin and end.
    """
    centres = (edges[:-1] + edges[1:]) / 2
    told = dict.fromkeys(cue.speaker for cue in transcript if cue.speaker not in ("", UNNAMED))
    place = {name: 2 + i for i, name in enumerate(list(told)[:MOST_SPEAKERS])}
    state = np.zeros(len(centres), dtype=np.intp)
    for cue in transcript:
        first, last = np.searchsorted(centres, [cue.span.start_s, cue.span.end_s])
        state[first:last] = place.get(cue.speaker, 1)
    return np.eye(2 + len(place), dtype=np.float32)[state], tuple(place)


def main_speakers(speaking: NDArray[np.float32], names: Sequence[str], edges: NDArray[np.intp]) -> list[str]:
    """Return who speaks for more than half of each leaf, an empty text where no one does.

    Args:
        speaking: float32 (n, 2 + speakers), from :func:`lift_speaking`.
        names: of the speakers.
        edges: (m + 1,), sample positions where the leaves begin, and where the last one ends.
    """
    if not names:
        return [""] * (len(edges) - 1)
    totals = np.add.reduceat(speaking[:, 2:], edges[:-1], axis=0)
    shares = totals / np.diff(edges)[:, None]
    best = shares.argmax(axis=1)
    return [names[k] if shares[i, k] > _MAINLY else "" for i, k in enumerate(best.tolist())]


def number_speakers(speakers: Sequence[str]) -> NDArray[np.intp]:
    """Return a number (m,) per leaf that leaves of one speaker share; a leaf of none has its own."""
    first: dict[str, int] = {}
    return np.array(
        [first.setdefault(name, i) if name else i for i, name in enumerate(speakers)], dtype=np.intp
    )
