"""Copies: stretches of video that show the same as another stretch, however they were encoded or cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.fingerprints import EVERY_S, Fingerprint
from videxplore.stages.licensing.lookalikes import Lookalike, Shelf, find_lookalikes
from videxplore.stages.licensing.registration import (
    Pictures,
    Placement,
    correlate,
    correlate_changes,
    glance,
    lay,
    place,
)
from videxplore.values.media import Span

ALIKE = 0.75
"""From this mean correlation of pictures, two stretches may show the same."""

MOVES_ALIKE = 0.8
"""From this correlation of what changes in them, they show it at the same time."""

_STILL, _STILL_ALIKE = 4.0, 0.97
"""What changes less than this (luma, of 255) tells no time; such pictures must be as good as equal."""

_FRAME_ALIKE = 0.7
_LOOKED_AT = 12
_GLANCE = 5
_AT_A_GLANCE = 0.45
_LEAST_FRAMES = 3
_LEAST_S = 3.0
_GAP = 2
_SLACK_S = 0.01


@dataclass(frozen=True, slots=True)
class Copy:
    """A stretch of one video that shows the same as a stretch of another.

    Attributes:
        video_id: of the one.
        span: in it.
        of_video_id: of the other; which of the two is the original, pictures do not tell.
        of_span: in it.
        likeness: mean correlation of the pictures, 0 … 1.
        mirrored: whether one is the mirror image of the other.
        height: of the part of the larger picture that both show, as a share; 1 where nothing is cropped.
        width: likewise.
    """

    video_id: str
    span: Span
    of_video_id: str
    of_span: Span
    likeness: float
    mirrored: bool
    height: float
    width: float


def find_copies(
    fingerprints: Sequence[Fingerprint], others: Sequence[Fingerprint] | None = None
) -> list[Copy]:
    """Find the stretches that two videos share, best first; each pair and stretch once.

    Pairs that share look-alike frames are laid over one another: the part that one shows of the other is
    found by correlation, then the pictures there must be alike, and what changes in them must change alike,
    so that two takes of one scene by a camera that stands still are no copies.

    Args:
        fingerprints: of the videos to look at.
        others: of videos to look for them in; without them, in one another.
    """
    if not fingerprints or (others is not None and not others):
        return []
    pool = others or fingerprints
    found: list[Copy] = []
    known: set[tuple[object, ...]] = set()
    pairs = find_lookalikes(Shelf(fingerprints), Shelf(others) if others else None)
    for pair in sorted(pairs, key=lambda pair: -len(pair.times_s)):
        if _sight(pair) in known:
            continue
        copy = _confirm(pair, fingerprints[pair.first], pool[pair.second])
        if copy is not None:
            found.append(copy)
            if others is None:
                known.add(_sight(_turned(pair)))
    return _once(found)


def _sight(pair: Lookalike) -> tuple[object, ...]:
    return pair.first, pair.second, pair.mirrored, round(pair.offset_s)


def _turned(pair: Lookalike) -> Lookalike:
    return replace(pair, first=pair.second, second=pair.first, offset_s=-pair.offset_s)


def _confirm(pair: Lookalike, first: Fingerprint, second: Fingerprint) -> Copy | None:
    """The copy that a pair of look-alikes is, if it is one."""
    laid = [_Overlay.of(first, second, pair.offset_s + step * EVERY_S, pair) for step in (0, -1, 1)]
    if len(laid[0].voting) < _LEAST_FRAMES:
        return None
    if laid[0].fit(glance, _GLANCE).placement.likeness < _AT_A_GLANCE:
        return None
    laid = [overlay for overlay in laid if len(overlay.voting) >= _LEAST_FRAMES]
    return max(laid, key=_Overlay.promise).copy(first, second)


@dataclass(frozen=True, slots=True)
class _Fit:
    """How pictures lie in one another, and whether the first are the larger ones."""

    placement: Placement
    larger: bool


@dataclass(frozen=True, eq=False)
class _Overlay:
    """Frames of two videos laid over one another, and which of them looked alike at first sight."""

    ours: Pictures
    theirs: Pictures
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    voting: NDArray[np.intp]
    mirrored: bool

    @classmethod
    def of(cls, first: Fingerprint, second: Fingerprint, offset_s: float, pair: Lookalike) -> _Overlay:
        wanted = first.times_s + offset_s
        after = np.searchsorted(second.times_s, wanted).clip(1, len(second.times_s) - 1)
        before_nearer = wanted - second.times_s[after - 1] <= second.times_s[after] - wanted
        columns = after - before_nearer
        rows = np.flatnonzero(np.abs(second.times_s[columns] - wanted) <= EVERY_S / 2 + _SLACK_S)
        columns = columns[rows]
        ours = first.luma[rows].astype(np.float32)
        return cls(
            ours[:, :, ::-1] if pair.mirrored else ours,
            second.luma[columns].astype(np.float32),
            rows,
            columns,
            np.flatnonzero(np.isin(first.times_s[rows], pair.times_s)),
            pair.mirrored,
        )

    def fit(self, find: Callable[[Pictures, Pictures], Placement], count: int) -> _Fit:
        """How the pictures lie in one another, by some of those that looked alike."""
        picked = self.voting[np.linspace(0, len(self.voting) - 1, count).round().astype(int)]
        ours, theirs = self.ours[picked], self.theirs[picked]
        within, around = find(ours, theirs), find(theirs, ours)
        return _Fit(around, True) if around.likeness > within.likeness else _Fit(within, False)

    def lay(self, fit: _Fit) -> tuple[Pictures, Pictures]:
        """What both show, side by side."""
        part, whole = (self.theirs, self.ours) if fit.larger else (self.ours, self.theirs)
        return lay(part, whole, fit.placement)

    def promise(self) -> float:
        """How alike the pictures and their changes are at a glance: highest where they are laid in time."""
        fit = self.fit(glance, _GLANCE)
        ours, theirs = self.lay(fit)
        return fit.placement.likeness + correlate_changes(ours[self.voting], theirs[self.voting])[0]

    def copy(self, first: Fingerprint, second: Fingerprint) -> Copy | None:
        """The longest stretch that both show, if it is one and the same."""
        fit = self.fit(place, min(_LOOKED_AT, len(self.voting)))
        seen = self.lay(fit)
        alike = correlate(*seen)
        run = _longest_run(~(alike < _FRAME_ALIKE))
        if run is None or (run.stop - run.start) * EVERY_S < _LEAST_S or np.isnan(alike[run]).all():
            return None
        likeness = float(np.nanmean(alike[run]))
        moves, change = correlate_changes(seen[0][run], seen[1][run])
        still = change < _STILL and likeness >= _STILL_ALIKE
        if likeness < ALIKE or not (moves >= MOVES_ALIKE or still):
            return None
        return Copy(
            first.video_id,
            _span(first, self.rows[run]),
            second.video_id,
            _span(second, self.columns[run]),
            likeness,
            self.mirrored,
            fit.placement.height,
            fit.placement.width,
        )


def _longest_run(flags: NDArray[np.bool_]) -> slice | None:
    """The longest stretch of flags that are set; two in a row that are not do not end it."""
    where = np.flatnonzero(flags)
    if not len(where):
        return None
    runs = np.split(where, np.flatnonzero(np.diff(where) > _GAP + 1) + 1)
    longest = max(runs, key=lambda run: int(run[-1] - run[0]))
    return slice(int(longest[0]), int(longest[-1]) + 1)


def _span(fingerprint: Fingerprint, rows: NDArray[np.intp]) -> Span:
    """From the first of these frames to the end of the last."""
    start_s, last_s = fingerprint.times_s[rows[0]], fingerprint.times_s[rows[-1]]
    return Span(float(start_s), float(min(last_s + EVERY_S, fingerprint.duration_s)))


def _once(copies: Sequence[Copy]) -> list[Copy]:
    """Copies best first, without those that are found again within one of the same two videos."""
    kept: list[Copy] = []
    for copy in sorted(copies, key=lambda copy: (-copy.likeness, copy.video_id, copy.span.start_s)):
        if not any(_same(copy, other) for other in kept):
            kept.append(copy)
    return kept


def _same(a: Copy, b: Copy) -> bool:
    """Whether two copies overlap by half in both videos."""
    ends = {b.video_id: b.span, b.of_video_id: b.of_span}
    return {a.video_id, a.of_video_id} == set(ends) and all(
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
