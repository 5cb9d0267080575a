"""Which videos may hold copies of one another, and how far apart in time: a quick search over all frames."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.fingerprints import EVERY_S, HEIGHT, WIDTH, Fingerprint

Descriptors = NDArray[np.float32]

_WAVES = 8
_ORDER = np.arange(_WAVES)
_EVEN = np.sqrt(1.0 + _ORDER[:, None] ** 2 + _ORDER**2).astype(np.float32)
"""Wave amplitudes fall with frequency in natural pictures (Field, 1987): each is multiplied by its own."""

_MIRROR = np.where(np.arange(1, _WAVES**2) % _WAVES % 2, -1.0, 1.0).astype(np.float32)
"""Mirroring a picture turns the sign of every wave that is odd across."""

_PARTS = (
    (0.0, 1.0, 0.0, 1.0),
    *(
        (y * (1 - s), y * (1 - s) + s, x * (1 - s), x * (1 - s) + s)
        for s in (0.88, 0.78)
        for y in (0.0, 0.5, 1.0)
        for x in (0.0, 0.5, 1.0)
    ),
    (0.12, 0.88, 0.0, 1.0),
    (0.0, 1.0, 0.1, 0.9),
)
"""Top, bottom, left and right of the parts of a picture that a cropped copy may show, as shares."""

_EVERY = 2
_STEP_S = _EVERY * EVERY_S
_NEAREST = 24
_LEAST_ALIKE = 0.5
_LEAST_FRAMES = 3
_PEAKS = 3
_NONE: dict[int, float] = {}
_FLAT = 8.0
"""Standard deviation of luma below which a picture shows nothing that could be found again."""
_ROWS = 512


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Two videos that share look-alike frames at one distance in time.

    Attributes:
        first: row of a video among those searched for.
        second: row of a video among those searched in.
        offset_s: what is at ``t`` in the first is at ``t + offset_s`` in the second.
        mirrored: whether one is the mirror image of the other.
        times_s: of the frames of the first that say so.
    """

    first: int
    second: int
    offset_s: float
    mirrored: bool
    times_s: tuple[float, ...]


def turned(pair: Lookalike) -> Lookalike:
    """Return the same pair as seen from the second video."""
    times_s = tuple(time_s + pair.offset_s for time_s in pair.times_s)
    return Lookalike(pair.second, pair.first, -pair.offset_s, pair.mirrored, times_s)


class Shelf:
    """Descriptors of every second frame of some videos, and of the parts of each.

    Args:
        fingerprints: of the videos.
    """

    def __init__(self, fingerprints: Sequence[Fingerprint]) -> None:
        luma = np.concatenate([f.luma[::_EVERY] for f in fingerprints])
        told = luma.reshape(len(luma), -1).std(axis=1) >= _FLAT
        counts = [len(f.times_s[::_EVERY]) for f in fingerprints]
        self.video: NDArray[np.intp] = np.repeat(np.arange(len(counts)), counts)[told]
        self.times_s: NDArray[np.float64] = np.concatenate([f.times_s[::_EVERY] for f in fingerprints])[told]
        self.parts = [_describe(luma[told], part) for part in _PARTS]

    @property
    def whole(self) -> Descriptors:
        """Descriptors (n, 63) of whole frames."""
        return self.parts[0]

    def alike(self, descriptors: Descriptors) -> Descriptors:
        """Return the cosine (m, n) of descriptors with that part of each frame that is most like them."""
        best = descriptors @ self.whole.T
        for part in self.parts[1:]:
            np.maximum(best, descriptors @ part.T, out=best)
        return best


def find_lookalikes(shelf: Shelf, others: Shelf | None = None) -> list[Lookalike]:
    """Find pairs of videos of which one may hold a copy of a stretch of the other.

    Every frame asks for the 24 frames of other videos whose like it is, whole against whole or against a
    part; each answer votes for a pair of videos and a distance in time. The search is a filter: it is to miss
    nothing, and :func:`~videxplore.stages.licensing.copies.find_copies` looks closer.

    Args:
        shelf: videos to search for.
        others: videos to search in; without them the same, but never a video in itself.
    """
    found = []
    for video in np.unique(shelf.video).tolist():
        rows = np.flatnonzero(shelf.video == video)
        times_s = shelf.times_s[rows]
        for mirrored in (False, True):
            asked = shelf.whole[rows] * _MIRROR if mirrored else shelf.whole[rows]
            votes = _votes(asked, times_s, others or shelf, None if others else video)
            found += [
                Lookalike(video, other, offset_s, mirrored, tuple(times_s[agreed].tolist()))
                for other, offset_s, agreed in _peaks(votes)
            ]
    return found


Votes = dict[int, dict[int, dict[int, float]]]
"""By the other video and by the offset in steps of half a second: frames that vote, how alike theirs is."""


def _votes(asked: Descriptors, times_s: NDArray[np.float64], shelf: Shelf, itself: int | None) -> Votes:
    votes: Votes = defaultdict(lambda: defaultdict(dict))
    barred = shelf.video == itself
    count = min(_NEAREST, len(shelf.video))
    for start in range(0, len(asked), _ROWS):
        cosines = shelf.alike(asked[start : start + _ROWS])
        cosines[:, barred] = -1.0
        nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        found = np.take_along_axis(cosines, nearest, axis=1)
        rows, ranks = np.nonzero(found >= _LEAST_ALIKE)
        columns, alike = nearest[rows, ranks], found[rows, ranks]
        steps = np.rint((shelf.times_s[columns] - times_s[start + rows]) / _STEP_S).astype(int)
        answers = (rows + start, shelf.video[columns], steps, alike)
        for row, video, step, cosine in zip(*(column.tolist() for column in answers), strict=True):
            said = votes[video][step]
            said[row] = max(cosine, said.get(row, 0.0))
    return votes


def _peaks(votes: Votes) -> Iterator[tuple[int, float, list[int]]]:
    """Video, offset in seconds and frames of the offsets that most frames agree on, give or take a step."""
    for video, by_step in votes.items():
        agreed: dict[int, dict[int, float]] = {}
        for step in by_step:
            said = agreed[step] = dict(by_step[step])
            for row, cosine in (*by_step.get(step - 1, _NONE).items(), *by_step.get(step + 1, _NONE).items()):
                said[row] = max(cosine, said.get(row, 0.0))
        taken: list[int] = []
        for step in sorted(agreed, key=lambda step: (-sum(agreed[step].values()), step)):
            if len(taken) == _PEAKS:
                break
            if len(agreed[step]) >= _LEAST_FRAMES and all(abs(step - other) > 2 for other in taken):
                taken.append(step)
                yield video, step * _STEP_S, sorted(agreed[step])


def _describe(luma: NDArray[np.uint8], part: tuple[float, float, float, float]) -> Descriptors:
    """The lowest 8×8 cosine waves of a part of pictures, without the mean, at unit length (n, 63)."""
    top, bottom, left, right = part
    down, across = _waves(top, bottom, HEIGHT), _waves(left, right, WIDTH)
    waves = (down @ luma.astype(np.float32) @ across.T * _EVEN).reshape(len(luma), -1)[:, 1:]
    lengths = np.linalg.norm(waves, axis=1, keepdims=True)
    return np.asarray(waves / np.maximum(lengths, 1e-6), np.float32)


def _waves(start: float, end: float, size: int) -> NDArray[np.float32]:
    """Float32 (8, size): cosine waves over a stretch of pixels, nothing beside it."""
    pixels = np.arange(size)
    first, last = np.maximum(start * size, pixels), np.minimum(end * size, pixels + 1)
    covered = np.maximum(last - first, 0.0)
    middle = ((first + last) / 2 - start * size) / ((end - start) * size)
    return (np.cos(np.pi * _ORDER[:, None] * middle) * covered).astype(np.float32)
