"""Which videos may hold copies of one another, and how far apart in time: a quick search over all frames."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.cells import Cells, coarse
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

_EVERY = 4
_STEP_S = _EVERY * EVERY_S
_NEAREST, _FROM_A_CELL = 24, 64
_LEAST_ALIKE = 0.5
_LEAST_FRAMES = 3
_LEAST_EVIDENCE = 0.75
"""Of 588 copies on development films the least had .87; half of all other pairs have less than this."""
_PEAKS = 2
_OTHERS, _OTHERS_PER_S = 6, 10.0
_BESIDE = 0.9
_FLAT = 8.0
"""Standard deviation of luma below which a picture shows nothing that could be found again."""
_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Two videos that share look-alike frames at one distance in time.

    Attributes:
        first: row of a video among those searched for.
        second: row of a video among those searched in.
        offset_s: what is at ``t`` in the first is at ``t + offset_s`` in the second.
        mirrored: whether one is the mirror image of the other.
        times_s: of the frames of the first that say so.
        twins_s: of the frames of the second that each of them looks like.
        alike: mean cosine of their descriptors.
    """

    first: int
    second: int
    offset_s: float
    mirrored: bool
    times_s: tuple[float, ...]
    twins_s: tuple[float, ...]
    alike: float

    @property
    def evidence(self) -> float:
        """How many frames say so, and how much more alike they are than any two are by chance."""
        return len(self.times_s) * (self.alike - _LEAST_ALIKE)


def turned(pair: Lookalike) -> Lookalike:
    """Return the same pair as seen from the second video."""
    return replace(
        pair,
        first=pair.second,
        second=pair.first,
        offset_s=-pair.offset_s,
        times_s=pair.twins_s,
        twins_s=pair.times_s,
    )


class Shelf:
    """Descriptors of two pictures a second of some videos; those of their parts are made when they are asked.

    Args:
        fingerprints: of the videos.
    """

    def __init__(self, fingerprints: Sequence[Fingerprint]) -> None:
        self._prints = fingerprints
        self._told = [_told(f) for f in fingerprints]
        self.video: NDArray[np.intp] = np.repeat(
            np.arange(len(fingerprints)), [len(told) for told in self._told]
        )
        times = [f.times_s[told] for f, told in zip(fingerprints, self._told, strict=True)]
        self.times_s: NDArray[np.float64] = np.concatenate([np.zeros(0), *times])

    @property
    def videos(self) -> int:
        """How many there are."""
        return len(self._prints)

    def duration_s(self, video: int) -> float:
        """Length of one of the videos, in seconds."""
        return self._prints[video].duration_s

    @cached_property
    def whole(self) -> Descriptors:
        """Descriptors (n, 63) of whole pictures."""
        prints = zip(self._prints, self._told, strict=True)
        return np.concatenate([_describe(f.luma[told], _PARTS[0]) for f, told in prints])

    @cached_property
    def parts(self) -> Cells:
        """Descriptors of all parts of all pictures; number i is of picture i // 21."""
        held = np.empty((len(self.video), len(_PARTS), _WAVES**2 - 1), np.int8)
        start = 0
        for each, told in zip(self._prints, self._told, strict=True):
            for part, which in enumerate(_PARTS):
                held[start : start + len(told), part] = coarse(_describe(each.luma[told], which))
            start += len(told)
        return Cells(held.reshape(-1, held.shape[2]), np.repeat(self.video, len(_PARTS)))


def _told(fingerprint: Fingerprint) -> NDArray[np.intp]:
    """Rows of two pictures a second, without those that show nothing that could be found again."""
    rows = np.arange(0, len(fingerprint.times_s), _EVERY)
    spread = fingerprint.luma[rows].reshape(len(rows), -1).std(axis=1)
    return rows[spread >= _FLAT]


def find_lookalikes(shelf: Shelf, others: Shelf | None = None) -> Iterator[list[Lookalike]]:
    """Find pairs of videos of which one may hold a copy of a stretch of the other; yield those of each video.

    Every picture asks for the 24 pictures of other videos whose like it is, whole against whole or against a
    part; each answer votes for a pair of videos and a distance in time. The search is a filter: it is to miss
    nothing, and :func:`~videxplore.stages.licensing.copies.find_copies` looks closer.

    Args:
        shelf: videos to search for.
        others: videos to search in; without them the same, but never a video in itself.
    """
    pool = others or shelf
    bounds = np.searchsorted(shelf.video, np.arange(shelf.videos + 1))
    for low, high in _batches(bounds):
        found: dict[int, list[Lookalike]] = {video: [] for video in range(low, high)}
        rows = slice(bounds[low], bounds[high])
        for mirrored in (False, True) if rows.start < rows.stop and len(pool.video) else ():
            asked = shelf.whole[rows] * _MIRROR if mirrored else shelf.whole[rows]
            answers = _ask(asked, shelf.video[rows] if others is None else None, pool)
            votes = _votes(answers, shelf.video[rows], shelf.times_s[rows], pool)
            for group in _peaks(votes):
                pair = _pair(votes, group, shelf.times_s[rows], pool.times_s, mirrored)
                if pair.evidence >= _LEAST_EVIDENCE:
                    found[pair.first].append(pair)
        for video, pairs in found.items():
            yield _likeliest(pairs, shelf.duration_s(video))


def _pair(
    votes: _Votes, group: int, ours_s: NDArray[np.float64], theirs_s: NDArray[np.float64], mirrored: bool
) -> Lookalike:
    """The two videos of a group, laid beside one another where most of its pictures say."""
    voting = slice(votes.starts[group], votes.starts[group + 1])
    times, twins = ours_s[votes.rows[voting]], theirs_s[votes.pictures[voting]]
    return Lookalike(
        int(votes.asker[group]),
        int(votes.other[group]),
        float(np.median(twins - times)),
        mirrored,
        tuple(times.tolist()),
        tuple(twins.tolist()),
        float(votes.alike[voting].mean()),
    )


def _likeliest(pairs: list[Lookalike], duration_s: float) -> list[Lookalike]:
    """Those with the other videos that most speaks for, most first."""
    ranked = sorted(pairs, key=lambda pair: -pair.evidence)
    others = list(dict.fromkeys((pair.second, pair.mirrored) for pair in ranked))
    kept = set(others[: max(_OTHERS, math.ceil(_OTHERS * duration_s / _OTHERS_PER_S))])
    return [pair for pair in ranked if (pair.second, pair.mirrored) in kept]


def _batches(bounds: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """First and last of videos that have some thousand pictures together."""
    low = 0
    while low < len(bounds) - 1:
        high = max(int(np.searchsorted(bounds, bounds[low] + _AT_ONCE, side="right")) - 1, low + 1)
        yield low, high
        low = high


Answers = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]


def _ask(asked: Descriptors, askers: NDArray[np.intp] | None, pool: Shelf) -> Answers:
    """Row asked, picture of the pool and likeness: for each row the 24 pictures with the most alike part."""
    rows, parts, alike = pool.parts.nearest(asked, askers, _FROM_A_CELL, _LEAST_ALIKE)
    pictures = parts // len(_PARTS)
    best = np.lexsort((-alike, pictures, rows))
    rows, pictures, alike = rows[best], pictures[best], alike[best]
    new = np.diff(rows, prepend=-1).astype(bool) | np.diff(pictures, prepend=-1).astype(bool)
    rows, pictures, alike = rows[new], pictures[new], alike[new]
    best = np.lexsort((-alike, rows))
    rows, pictures, alike = rows[best], pictures[best], alike[best]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    nearest = rank < _NEAREST
    return rows[nearest], pictures[nearest], alike[nearest]


@dataclass(frozen=True, eq=False)
class _Votes:
    """What pictures say, in groups of one asker, one other video and one offset in steps of half a second.

    Attributes:
        asker: int (g,), of each group.
        other: likewise.
        step: likewise.
        starts: int (g + 1,), where each group begins.
        rows: int (k,), pictures asked, in order in each group and each there once.
        pictures: int (k,), of the pool.
        alike: float (k,), their cosines.
    """

    asker: NDArray[np.intp]
    other: NDArray[np.intp]
    step: NDArray[np.intp]
    starts: NDArray[np.intp]
    rows: NDArray[np.intp]
    pictures: NDArray[np.intp]
    alike: NDArray[np.float32]


def _votes(answers: Answers, video: NDArray[np.intp], times_s: NDArray[np.float64], pool: Shelf) -> _Votes:
    """Count for each offset the answers that say so, give or take a step; of each picture asked the best."""
    rows, pictures, alike = np.tile(answers[0], 3), np.tile(answers[1], 3), np.tile(answers[2], 3)
    beside = np.repeat(np.array([0, -1, 1]), len(answers[0]))
    steps = np.rint((pool.times_s[pictures] - times_s[rows]) / _STEP_S).astype(np.intp) + beside
    # What lies a step beside counts a little less, so that the middle of three offsets wins.
    weights = np.where(beside == 0, alike, _BESIDE * alike)
    asker, other = video[rows], pool.video[pictures]
    order = np.lexsort((-weights, rows, steps, other, asker))
    order = order[_begins(asker[order], other[order], steps[order], rows[order])]
    begins = np.flatnonzero(_begins(asker[order], other[order], steps[order]))
    first = order[begins]
    return _Votes(
        asker[first], other[first], steps[first], np.append(begins, len(order)),
        rows[order], pictures[order], weights[order],
    )  # fmt: skip


def _begins(*columns: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Where any of some sorted columns changes."""
    changed = np.zeros(len(columns[0]), bool)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return changed


def _peaks(votes: _Votes) -> Iterator[int]:
    """Groups of the two offsets of two videos that most pictures agree on."""
    counts = np.diff(votes.starts)
    sums = np.add.reduceat(votes.alike, votes.starts[:-1]) if len(counts) else np.zeros(0, np.float32)
    enough = np.flatnonzero(counts >= _LEAST_FRAMES)
    order = enough[np.lexsort((votes.step[enough], -sums[enough], votes.other[enough], votes.asker[enough]))]
    videos = (-1, -1)
    taken: list[int] = []
    for group in order.tolist():
        if (votes.asker[group], votes.other[group]) != videos:
            videos, taken = (int(votes.asker[group]), int(votes.other[group])), []
        step = int(votes.step[group])
        if len(taken) < _PEAKS and all(abs(step - earlier) > 2 for earlier in taken):
            taken.append(step)
            yield group


def _describe(luma: NDArray[np.uint8], part: tuple[float, float, float, float]) -> Descriptors:
    """The lowest 8×8 cosine waves of a part of pictures, without the mean, at unit length (n, 63)."""
    top, bottom, left, right = part
    down, across = _waves(top, bottom, HEIGHT), _waves(left, right, WIDTH)
    waves = (down @ luma.astype(np.float32) @ across.T * _EVEN).reshape(len(luma), _WAVES**2)[:, 1:]
    lengths = np.linalg.norm(waves, axis=1, keepdims=True)
    return np.asarray(waves / np.maximum(lengths, 1e-6), np.float32)


def _waves(start: float, end: float, size: int) -> NDArray[np.float32]:
    """Float32 (8, size): cosine waves over a stretch of pixels, nothing beside it."""
    pixels = np.arange(size)
    first, last = np.maximum(start * size, pixels), np.minimum(end * size, pixels + 1)
    covered = np.maximum(last - first, 0.0)
    middle = ((first + last) / 2 - start * size) / ((end - start) * size)
    return (np.cos(np.pi * _ORDER[:, None] * middle) * covered).astype(np.float32)
