"""Copies: stretches of video that show the same as another stretch, however they were encoded or cut."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.alignment import Shared, align
from videxplore.stages.licensing.fingerprints import EVERY_S, Fingerprint
from videxplore.stages.licensing.lookalikes import Lookalike, Shelf, find_lookalikes, turned
from videxplore.values.media import Span

ALIKE = 0.65
"""From this mean correlation of pictures, two stretches may show the same."""

MOVES_ALIKE = 0.55
"""From this correlation of what changes in them, they show it at the same time."""

AT_LEAST = 0.5
"""One of the two may be lower by as much as the other is higher, but not lower than this."""

SURE_S, PER_SHORT_S = 10.0, 0.05
"""Each second that a stretch is shorter than this, the two must be higher by so much in sum: drawn scenes
are alike for some seconds by chance."""

ONE_SCENE, NEARLY_EQUAL, CUTS = 0.4, 0.95, 3
"""A stretch with fewer cuts than this must be higher by so much in sum, unless its pictures are nearly equal:
scenes drawn or filmed to one plan look and move alike, but nobody cuts alike by chance."""

LEAST_S = 3.0
"""Shorter stretches are not looked at: any two films share the blink of an eye."""

_STILL, _STILL_ALIKE = 1.0, 0.97
"""What changes less than this (luma, of 255) tells no time; such pictures must be as good as equal."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A stretch of one video that shows the same as a stretch of another.

    Attributes:
        video_id: of the one.
        span: in it.
        of_video_id: of the other; which of the two is the original, pictures do not tell.
        of_span: in it.
        likeness: mean correlation of the pictures, 0 … 1.
        moves: correlation of what changes in them, −1 … 1; says nothing of a still.
        mirrored: whether one is the mirror image of the other.
        height: of the part of the larger picture that both show, as a share; 1 where nothing is cropped.
        width: likewise.
    """

    video_id: str
    span: Span
    of_video_id: str
    of_span: Span
    likeness: float
    moves: float
    mirrored: bool
    height: float
    width: float


def find_copies(
    fingerprints: Sequence[Fingerprint], others: Sequence[Fingerprint] | None = None
) -> list[Copy]:
    """Find the stretches that two videos share, surest first; each pair and stretch once.

    Pairs that share look-alike frames are laid over one another: the part that one shows of the other is
    found by correlation, then the pictures there must be alike, and what changes in them must change alike,
    so that two takes of one scene by a camera that stands still are no copies.

    Args:
        fingerprints: of the videos to look at.
        others: of videos to look for them in; without them, in one another.
    """
    pool = fingerprints if others is None else others
    pairs = [pair for found in search(fingerprints, others) for pair in found]
    found = [
        copy
        for first, second, alike in by_videos(pairs, within=others is None)
        for copy in copies_of(alike, fingerprints[first], pool[second])
    ]
    return surest_first(found)


def search(
    fingerprints: Sequence[Fingerprint], others: Sequence[Fingerprint] | None = None
) -> Iterator[list[Lookalike]]:
    """Yield for each video, in order, the look-alikes that are to be looked at closely.

    Args:
        fingerprints: of the videos to look at.
        others: of videos to look for them in; without them, in one another.
    """
    if others is not None and not others:
        return
    yield from find_lookalikes(Shelf(fingerprints), None if others is None else Shelf(others))


def by_videos(pairs: Iterable[Lookalike], *, within: bool) -> list[tuple[int, int, list[Lookalike]]]:
    """Group look-alikes by their two videos; what is found in these two depends on nothing else.

    Args:
        pairs: of all videos.
        within: whether the videos were searched in one another, so that each two may be found from both.
    """
    grouped: dict[tuple[int, int], list[Lookalike]] = defaultdict(list)
    for pair in sorted(pairs, key=lambda pair: -pair.evidence):
        one = turned(pair) if within and pair.first > pair.second else pair
        grouped[one.first, one.second].append(one)
    return [(first, second, alike) for (first, second), alike in sorted(grouped.items())]


def copies_of(pairs: Sequence[Lookalike], first: Fingerprint, second: Fingerprint) -> list[Copy]:
    """Look closely at the look-alikes of two videos; each stretch that they share is named once.

    Args:
        pairs: of these two, those that most speaks for first.
        first: the one.
        second: the other.
    """
    found: list[Copy] = []
    for pair in pairs:
        known = [copy for copy in found if copy.mirrored == pair.mirrored]
        if not any(_covers(copy.span, pair.times_s) for copy in known):
            copy = _confirm(pair, first, second)
            found += [copy] if copy else []
    return _once(found)


def surest_first(copies: Iterable[Copy]) -> list[Copy]:
    """Copies in order, the longest and most alike first."""
    return sorted(copies, key=lambda c: (-_sureness(c), c.video_id, c.of_video_id, c.span.start_s))


def _covers(span: Span, times_s: Sequence[float]) -> bool:
    """Whether most of these times lie in a span."""
    return 2 * sum(time_s in span for time_s in times_s) > len(times_s)


def _confirm(pair: Lookalike, first: Fingerprint, second: Fingerprint) -> Copy | None:
    """The copy that a pair of look-alikes is, if it is one."""
    shared = align(pair, first, second)
    if shared is None or shared.end_s - shared.start_s < LEAST_S - EVERY_S / 2:
        return None
    still = shared.change < _STILL and shared.likeness >= _STILL_ALIKE
    if not (still or _alike(shared)):
        return None
    return Copy(
        first.video_id,
        Span(shared.start_s, shared.end_s),
        second.video_id,
        Span(max(shared.start_s + shared.offset_s, 0.0), shared.end_s + shared.offset_s),
        shared.likeness,
        shared.moves,
        pair.mirrored,
        shared.placement.height,
        shared.placement.width,
    )


def _alike(shared: Shared) -> bool:
    """Whether a stretch is the same: what pictures lack, changes may make up for, and the other way round."""
    short_s = max(SURE_S - (shared.end_s - shared.start_s), 0.0)
    needed = ALIKE + MOVES_ALIKE + PER_SHORT_S * short_s
    if shared.cuts < CUTS and shared.likeness < NEARLY_EQUAL:
        needed += ONE_SCENE
    return shared.likeness + shared.moves >= needed and min(shared.likeness, shared.moves) >= AT_LEAST


def _once(copies: Sequence[Copy]) -> list[Copy]:
    """Copies of two videos surest first, without those that are found more surely elsewhere in them."""
    kept: list[Copy] = []
    for copy in surest_first(copies):
        if not any(_same(copy, other) for other in kept):
            kept.append(copy)
    return kept


def _sureness(copy: Copy) -> float:
    """How alike, and for how long: what is alike by chance or by symmetry does not stay so."""
    return (copy.likeness + copy.moves) * copy.span.duration_s


def _same(a: Copy, b: Copy) -> bool:
    """Whether two copies overlap by half in one of their videos.

    A drawing that repeats itself, and a camera that stands still, look like a copy at many places; the best
    one is named.
    """
    ends = {b.video_id: b.span, b.of_video_id: b.of_span}
    return {a.video_id, a.of_video_id} == set(ends) and any(
        span.overlap_s(ends[video_id]) >= 0.5 * min(span.duration_s, ends[video_id].duration_s)
        for video_id, span in ((a.video_id, a.span), (a.of_video_id, a.of_span))
    )


def copy_groups(copies: Sequence[Copy], fingerprints: Sequence[Fingerprint]) -> NDArray[np.intp]:
    """Return for each video (n,) the group of those that are mostly the same.

    Two are in one group where the stretch they share is at least half of the shorter one.

    Args:
        copies: what :func:`find_copies` found in these.
        fingerprints: n videos.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    row = {f.video_id: i for i, f in enumerate(fingerprints)}
    length = {f.video_id: f.duration_s for f in fingerprints}
    linked = [
        (row[c.video_id], row[c.of_video_id])
        for c in copies
        if 2 * c.span.duration_s >= min(length[c.video_id], length[c.of_video_id])
    ]
    first, second = np.array(linked, dtype=np.intp).reshape(-1, 2).T
    links = coo_array((np.ones(len(linked)), (first, second)), shape=(len(row), len(row)))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.intp)
