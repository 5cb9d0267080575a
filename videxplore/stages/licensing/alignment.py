"""Two videos laid over one another, in space and in time: which stretch both show, and how alike it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.fingerprints import EVERY_S, Fingerprint
from videxplore.stages.licensing.lookalikes import Lookalike
from videxplore.stages.licensing.registration import (
    UNCROPPED,
    Pictures,
    Placement,
    agreeing,
    correlate,
    correlate_changes,
    even,
    glance,
    halved,
    place,
    shown,
)

_AT_A_GLANCE = 0.3
_GLANCE, _LOOKED_AT = 5, 12
_NUDGES = (0, -1, 1, -2, 2)
_BESIDE_S = 8.0
_FRAME_ALIKE = 0.5
_BREAK_S, _GAP_S = 2.0, 1.0
_AROUND_S, _LONGEST_S, _ROOM_S = 60.0, 20.0, 1.0
_STEP_S, _RATHER = 0.5, 0.1
_WORTH_IT = 0.25
_HOPELESS, _LIVELY = 0.1, 3.0
"""Where this much changes (luma, of 255), and this little of it alike at any offset, nothing is shared."""
_STILL, _WIDER_S = 1.5, 4.0
"""What changes less than this (luma, of 255) tells no time: then so much more is looked at on both sides."""
_ANOTHER = 0.4
"""Below this correlation, two pictures that follow one another show something else."""
_AT_ONCE = 512
_BETWEEN = 2
"""Times between two pictures at which the other video is looked at, as the mean of both."""
_TRIED, _EXACT = np.arange(-2, 3), 2
"""Which of these times beside the wanted one are looked at, and the place of that one itself."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What two videos seem to share.

    Attributes:
        start_s: of the stretch in the first, in seconds.
        end_s: likewise.
        offset_s: what is at ``t`` in the first is at ``t + offset_s`` in the second.
        likeness: mean correlation of the pictures, −1 … 1.
        moves: correlation of what changes in them.
        change: how much changes, as a standard deviation of luma (of 255).
        cuts: how often both show something else from one picture to the next.
        placement: of the smaller picture in the larger one.
    """

    start_s: float
    end_s: float
    offset_s: float
    likeness: float
    moves: float
    change: float
    cuts: int
    placement: Placement


def align(pair: Lookalike, first: Fingerprint, second: Fingerprint) -> Shared | None:
    """Find the stretch that two videos share, near the offset in time at which they looked alike.

    The pictures that looked alike tell which part of one the other shows. Laid over one another there, all
    offsets up to a minute away are tried: of a camera that stands still, and of a drawing that repeats
    itself, every picture looks alike, and only what moves tells the time.

    Args:
        pair: what to look at.
        first: the video in which looks were alike at ``pair.times_s``.
        second: the other video.

    Returns:
        The longest stretch; None where pictures are not alike.
    """
    ours = first.luma[:, :, ::-1] if pair.mirrored else first.luma
    both = _Both(first, second, ours)
    voting, twins = _voting(pair, first, second)
    core = _inner(np.arange(voting[0], voting[-1] + 1))
    # Between fast cuts half a second makes another picture: each is laid over the one that it looks like.
    laid = _register(ours[voting], second.luma[_nudged(ours[voting], second.luma, twins)])
    if laid is None:
        return None
    core, offset_s, fit = _timed(laid, both, core, pair.offset_s)
    if fit > _WORTH_IT:
        # At the right time, the place is found more exactly.
        laid = _register(ours[core], _between(second, first.times_s[core] + offset_s)) or laid
        offset_s, _ = _best_offset(laid, both, core, offset_s)
    elif fit < _HOPELESS and ours[core].std(axis=0).mean() > _LIVELY:
        return None
    return _extend(laid, both, core, offset_s)


def _voting(
    pair: Lookalike, first: Fingerprint, second: Fingerprint
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of pictures that look alike in both: of those in the first, the most that lie close together."""
    order = np.argsort(pair.times_s, kind="stable")
    ours = _nearest(first, np.asarray(pair.times_s)[order])
    theirs = _nearest(second, np.asarray(pair.twins_s)[order])
    parts = np.split(np.arange(len(ours)), np.flatnonzero(np.diff(ours) > _BREAK_S / EVERY_S) + 1)
    most = max(parts, key=len)
    return ours[most], theirs[most]


def _inner(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """At most twenty seconds of them, without the ends, so that there is room to move on both sides."""
    room = round(min(_ROOM_S / EVERY_S, len(rows) / 5))
    return rows[room : len(rows) - room][: round(_LONGEST_S / EVERY_S)]


def _nearest(fingerprint: Fingerprint, times_s: NDArray[np.float64]) -> NDArray[np.intp]:
    after = np.searchsorted(fingerprint.times_s, times_s).clip(1, len(fingerprint.times_s) - 1)
    sooner = times_s - fingerprint.times_s[after - 1] <= fingerprint.times_s[after] - times_s
    return np.asarray(after - sooner)


@dataclass(frozen=True, slots=True)
class _Both:
    """Two videos, and the pictures of the first as the second shows them: mirrored, where one is."""

    first: Fingerprint
    second: Fingerprint
    ours: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Laid:
    """How pictures lie in one another, and whether the first are the larger ones."""

    placement: Placement
    larger: bool

    def ours(self, pictures: NDArray[np.generic]) -> Pictures:
        """What both show, as the first video shows it."""
        return self._shown(pictures, not self.larger)

    def theirs(self, pictures: NDArray[np.generic]) -> Pictures:
        """What both show, as the second video shows it."""
        return self._shown(pictures, self.larger)

    def _shown(self, pictures: NDArray[np.generic], part: bool) -> Pictures:
        pieces = np.split(pictures, range(_AT_ONCE, len(pictures), _AT_ONCE))
        return np.concatenate([shown(even(piece), self.placement, part=part) for piece in pieces])

    def likeness(self, ours: NDArray[np.generic], theirs: NDArray[np.generic]) -> float:
        """Mean correlation of pictures one by one."""
        seen = self.ours(ours), self.theirs(theirs)
        return float(np.nan_to_num(correlate(*seen, agreeing(*seen))).mean())


def _register(ours: NDArray[np.generic], theirs: NDArray[np.generic]) -> _Laid | None:
    """How pictures that look alike lie in one another; None where they do not at a glance."""

    def some(count: int) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
        picked = np.linspace(0, len(ours) - 1, min(count, len(ours))).round().astype(int)
        return ours[picked], theirs[picked]

    few, more = some(_GLANCE), some(_LOOKED_AT)
    a, b = even(few[0]), even(few[1])
    level = _Laid(UNCROPPED, False)
    if (
        max(glance(a, b).likeness, glance(b, a).likeness) < _AT_A_GLANCE
        and level.likeness(*few) < _AT_A_GLANCE
    ):
        return None
    a, b = even(more[0]), even(more[1])
    within, around = place(a, b), place(b, a)
    placed = _Laid(around, True) if around.likeness > within.likeness else _Laid(within, False)
    # A logo on a dark picture outweighs it: then the place found is one that keeps clear of the logo.
    return max(placed, level, key=lambda laid: laid.likeness(*more))


def _nudged(ours: NDArray[np.uint8], theirs: NDArray[np.uint8], twins: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows up to a quarter of a second beside the twins, at which they look most alike at a glance.

    Looks are alike to a quarter of a second, and in a fight every eighth of one is another picture.
    """
    picked = np.linspace(0, len(ours) - 1, min(_GLANCE, len(ours))).round().astype(int)
    a = even(ours[picked])

    def fit(nudge: int) -> float:
        b = even(theirs[_within(twins[picked] + nudge, theirs)])
        return max(glance(a, b).likeness, glance(b, a).likeness)

    return _within(twins + max(_NUDGES, key=fit), theirs)


def _within(rows: NDArray[np.intp], pictures: NDArray[np.generic]) -> NDArray[np.intp]:
    return rows.clip(0, len(pictures) - 1)


def _timed(
    laid: _Laid, both: _Both, core: NDArray[np.intp], offset_s: float
) -> tuple[NDArray[np.intp], float, float]:
    """The core, its best offset and how alike it is there; of a still also what comes before and after."""
    best = _best_offset(laid, both, core, offset_s)
    if both.ours[core].std(axis=0).mean() < _STILL:
        room = round(_WIDER_S / EVERY_S)
        wider = np.arange(max(core[0] - room, 0), min(core[-1] + 1 + room, len(both.ours)))
        told = _best_offset(laid, both, wider, offset_s)
        if len(wider) < len(both.second.luma) and told[1] > _WORTH_IT:
            return wider, *told
    return core, *best


def _best_offset(laid: _Laid, both: _Both, core: NDArray[np.intp], offset_s: float) -> tuple[float, float]:
    """The offset within a minute, to a sixteenth of a second, at which the core changes most alike; and how.

    What changes tells nothing where next to nothing does: then it stays near where it was.
    """
    rough = _best_within(laid, both, core[::2], offset_s, _AROUND_S, 2)
    if rough is None:
        return offset_s, 1.0
    return _best_within(laid, both, core, rough[0], EVERY_S, 1) or rough


def _best_within(
    laid: _Laid, both: _Both, core: NDArray[np.intp], offset_s: float, around_s: float, every: int
) -> tuple[float, float] | None:
    """The best of the offsets so near, from one picture in so many; None where there is no choice."""
    first, second = both.first, both.second
    start_s, every_s = first.times_s[core[0]] + offset_s, every * EVERY_S
    low = int(np.searchsorted(second.times_s, start_s - around_s - EVERY_S))
    high = int(np.searchsorted(second.times_s, start_s + len(core) * every_s + around_s + EVERY_S))
    theirs, times_s = second.luma[low:high:every], second.times_s[low:high:every]
    if len(theirs) <= len(core):
        return None
    a = halved(laid.ours(both.ours[core])).reshape(len(core), -1)
    b = halved(laid.theirs(theirs)).reshape(len(theirs), -1)
    offsets, fits = [], []
    for share in np.arange(_BETWEEN, dtype=np.float32) / _BETWEEN:
        fits.append(_fit_in_time(a - a.mean(axis=0), (1 - share) * b[:-1] + share * b[1:]))
        offsets.append(times_s[: len(fits[-1])] + share * every_s - first.times_s[core[0]])
    tried, fit = np.concatenate(offsets), np.concatenate(fits)
    best = int((fit + _RATHER * (np.abs(tried - offset_s) <= _STEP_S)).argmax())
    return float(tried[best]), float(fit[best])


def _fit_in_time(part: NDArray[np.float32], whole: NDArray[np.float32]) -> NDArray[np.float64]:
    """Correlation (m − n + 1,) of a centred stretch (n, p) with each of as many rows of another (m, p)."""
    n, m = len(part), len(whole)
    products = part @ whole.T
    # Row i of the products is moved left by i, so that what belongs to one offset lies in one column.
    numerators = sum(products[i, i : m - n + 1 + i].astype(np.float64) for i in range(n))
    sums = np.vstack([np.zeros((1, whole.shape[1])), whole.astype(np.float64).cumsum(axis=0)])
    squares = np.concatenate([[0.0], (whole.astype(np.float64) ** 2).sum(axis=1).cumsum()])
    means = (sums[n:] - sums[:-n]) / n
    energy = squares[n:] - squares[:-n] - n * (means**2).sum(axis=1)
    return np.asarray(numerators / np.sqrt(np.maximum(energy, 1e-6) * max(float((part**2).sum()), 1e-6)))


def _extend(laid: _Laid, both: _Both, core: NDArray[np.intp], offset_s: float) -> Shared | None:
    """The longest stretch around the core that both show at this offset; looked at as far as it reaches."""
    second, wanted = both.second, both.first.times_s + offset_s
    most = np.flatnonzero(
        (wanted >= second.times_s[0] - EVERY_S / 2) & (wanted < second.times_s[-1] + EVERY_S)
    )
    if len(most) < 2:
        return None
    low, high = (int(np.searchsorted(most, row)) for row in (core[0], core[-1] + 1))
    room = round(_BESIDE_S / EVERY_S)
    while True:
        start, end = max(low - room, 0), min(high + room, len(most))
        rows = most[start:end]
        if len(rows) < 2:
            return None
        a = laid.ours(both.ours[rows])
        choices = _choices(laid, second, wanted[rows])
        alike, _ = _closest(a, choices, agreeing(a, choices[_EXACT]))
        run = _longest_run(~(alike < _FRAME_ALIKE))
        if run is None:
            return None
        if (run.start > 0 or start == 0) and (run.stop < len(rows) or end == len(most)):
            return _shared(laid, both, rows[run], (a[run], choices[:, run]), offset_s)
        room *= 2


def _shared(
    laid: _Laid,
    both: _Both,
    rows: NDArray[np.intp],
    seen: tuple[Pictures, Pictures],
    offset_s: float,
) -> Shared | None:
    """What is said of a stretch that both show."""
    a, choices = seen
    kept = agreeing(a, choices[_EXACT])
    alike, best = _closest(a, choices, kept)
    if np.isnan(alike).all():
        return None
    theirs = choices[best, np.arange(len(a))]
    moves, change = correlate_changes(a[:, kept], theirs[:, kept])
    cuts = min(int((correlate(p[1:], p[:-1], kept) < _ANOTHER).sum()) for p in (a, theirs))
    times_s = both.first.times_s[rows]
    end_s = min(times_s[-1] + EVERY_S, both.first.duration_s, both.second.duration_s - offset_s)
    return Shared(
        float(times_s[0]),
        float(end_s),
        offset_s,
        float(np.nanmean(alike)),
        moves,
        change,
        cuts,
        laid.placement,
    )


def _choices(laid: _Laid, second: Fingerprint, wanted_s: NDArray[np.float64]) -> Pictures:
    """Pictures (5, n, h, w) of the second at the times wanted and up to an eighth of a second beside them.

    Eight pictures a second of two videos are up to a sixteenth of a second apart; what moves fast is then
    elsewhere, and moves on unevenly where the rates of frames differ.
    """
    at = _halves(second, wanted_s)
    low, high = max(int(at[0]) // _BETWEEN - 2, 0), int(at[-1]) // _BETWEEN + 4
    pictures = laid.theirs(second.luma[low:high])
    between = np.repeat(pictures, _BETWEEN, axis=0)[: _BETWEEN * len(pictures) - 1]
    between[1::_BETWEEN] = (pictures[:-1] + pictures[1:]) / 2
    nearby = at - _BETWEEN * low + _TRIED[:, None]
    return between[nearby.clip(0, len(between) - 1)]


def _between(fingerprint: Fingerprint, wanted_s: NDArray[np.float64]) -> Pictures:
    """Pictures (n, h, w) at some times; half-way between two of them their mean."""
    at = _halves(fingerprint, wanted_s)
    after = ((at + 1) // _BETWEEN).clip(0, len(fingerprint.luma) - 1)
    return (fingerprint.luma[at // _BETWEEN].astype(np.float32) + fingerprint.luma[after]) / 2


def _halves(fingerprint: Fingerprint, wanted_s: NDArray[np.float64]) -> NDArray[np.intp]:
    """Which picture is shown at some times, in halves: an odd number lies between two pictures."""
    times_s = fingerprint.times_s
    before = np.searchsorted(times_s, wanted_s, side="right").clip(1, len(times_s) - 1) - 1
    gaps = np.maximum(times_s[before + 1] - times_s[before], 1e-6)
    share = ((wanted_s - times_s[before]) / gaps).clip(0, 1)
    return np.asarray(_BETWEEN * before + np.rint(share * _BETWEEN).astype(np.intp))


def _closest(
    ours: Pictures, choices: Pictures, kept: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """How alike each picture (n, h, w) is to the closest of its choices (5, n, h, w), and which that is."""
    alike = np.stack([correlate(ours, theirs, kept) for theirs in choices])
    best = np.where(np.isnan(alike), -np.inf, alike).argmax(axis=0)
    return alike[best, np.arange(len(ours))], best


def _longest_run(flags: NDArray[np.bool_]) -> slice | None:
    """The longest stretch of flags that are set; a second in which they are not does not end it."""
    where = np.flatnonzero(flags)
    if not len(where):
        return None
    runs = np.split(where, np.flatnonzero(np.diff(where) > _GAP_S / EVERY_S + 1) + 1)
    longest = max(runs, key=lambda run: int(run[-1] - run[0]))
    return slice(int(longest[0]), int(longest[-1]) + 1)
