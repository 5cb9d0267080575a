"""What is measured from: clips with their sources and weights, and whether anything may be inferred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from videxplore.stages.licensing.intervals import share
from videxplore.values.assessments import Evidence, Measure, Moment
from videxplore.values.licensing import Estimate
from videxplore.workbench.assessment.sides import Film, Side

SHARE = "share of hours"

MOST_EVIDENCE = 12
"""Moments kept with a figure; how many there are is said."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Case:
    """One sample, ready to be measured.

    Attributes:
        side: the sample.
        films: its files, and after them those that could not be read but whose length is known.
        sources: of the files; all alike where nobody named them.
        inclusion: float64 (f,), how many files of the archive each stands for.
        refusal: why nothing may be inferred; empty where it may.
        owned: what is owned; None where nothing was given.
        owned_sources: of its files; None where nobody named them.
        seed: of all resampling.
    """

    side: Side
    films: tuple[Film, ...]
    sources: tuple[str, ...]
    inclusion: Numbers
    refusal: str
    owned: Side | None
    owned_sources: tuple[str, ...] | None
    seed: int = 0

    @cached_property
    def clip_sources(self) -> list[str]:
        """Source of each clip."""
        return [self.sources[film] for film in self.side.film]

    @cached_property
    def clip_weights(self) -> Numbers:
        """Seconds that each clip stands for, scaled so that they add up to those of the sample."""
        return _scaled(self.side.durations_s, self.inclusion[self.side.film])

    @cached_property
    def film_weights(self) -> Numbers:
        """Seconds that each file stands for, likewise."""
        return _scaled(np.array([film.duration_s for film in self.films]), self.inclusion)

    @cached_property
    def owned_clip_sources(self) -> list[str]:
        """Source of each owned clip.

        Raises:
            ValueError: nothing is owned, or nobody named its sources.
        """
        if self.owned is None or self.owned_sources is None:
            raise ValueError("the sources of what is owned are not known.")
        return [self.owned_sources[film] for film in self.owned.film]

    def settled(self, estimate: Estimate) -> Estimate:
        """The estimate, without interval where nothing may be inferred."""
        return estimate.described_only(self.refusal)

    def clip_share(self, flags: ArrayLike) -> Estimate:
        """Share of hours of clips, flags (n,) in [0, 1]."""
        return self.share_of(flags, self.clip_sources, self.clip_weights)

    def film_share(self, parts: ArrayLike, rows: Sequence[int] | None = None) -> Estimate:
        """Share of hours of files, parts (f,) in [0, 1]; of some files only, where rows say which."""
        kept = range(len(self.films)) if rows is None else rows
        sources = [self.sources[row] for row in kept]
        return self.share_of(np.asarray(parts)[list(kept)], sources, self.film_weights[list(kept)])

    def share_of(self, flags: ArrayLike, sources: Sequence[str], weights: Numbers) -> Estimate:
        """Share of weights, without interval where nothing may be inferred."""
        held = np.clip(np.asarray(flags, np.float64), 0.0, 1.0)
        return self.settled(share(held, sources, weights=weights, seed=self.seed))

    def moment(self, clip: int, note: str = "") -> Moment:
        """A clip of the sample."""
        side = self.side
        return Moment(side.films[side.film[clip]].video_id, side.spans[clip], _noted(side, clip, note))

    def owned_moment(self, clip: int, note: str = "") -> Moment:
        """A clip of what is owned."""
        side = self.owned
        assert side is not None  # noqa: S101 - there is such a clip
        film = side.films[side.film[clip]]
        return Moment(film.video_id, side.spans[clip], _noted(side, clip, note), owned=True)

    def refused(self, reason: str) -> Estimate:
        """A figure that cannot be said at all."""
        return Estimate(float("nan"), clips=len(self.side), sources=len(set(self.sources)), reason=reason)


def _noted(side: Side, clip: int, note: str) -> str:
    """The note; of a clip without times also its id, since nothing else says which it is."""
    if side.spans[clip].duration_s:
        return note
    return f"{note} ({side.ids[clip]})" if note else side.ids[clip]


def _scaled(durations: Numbers, inclusion: Numbers) -> Numbers:
    weights = durations * inclusion
    return np.asarray(weights * (durations.sum() / weights.sum()))


@dataclass(frozen=True, slots=True)
class Telling:
    """Moments behind a figure.

    Attributes:
        shown: the most telling.
        many: how many there are in all.
    """

    shown: tuple[Evidence, ...] = ()
    many: int = 0


NOTHING = Telling()


def telling(
    case: Case,
    scores: ArrayLike,
    make: Callable[[int], Evidence],
    rows: ArrayLike | None = None,
) -> Telling:
    """The clips with the highest scores, of every file its first before any file's second.

    Args:
        case: whose clips.
        scores: float (n,), one per clip.
        make: from a clip to the evidence that it is.
        rows: of the clips that are evidence at all.
    """
    values = np.asarray(scores, np.float64)
    kept = np.arange(len(values)) if rows is None else np.asarray(rows, np.intp)
    return spread_out(kept[np.argsort(-values[kept], kind="stable")].tolist(), case.side.film.tolist(), make)


def spread_out(order: Sequence[int], film: Sequence[int], make: Callable[[int], Evidence]) -> Telling:
    """The first of some rows, of every file its first before any file's second."""
    seen: Counter[int] = Counter()
    ranked = []
    for row in order:
        ranked.append((seen[film[row]], row))
        seen[film[row]] += 1
    ranked.sort(key=lambda pair: pair[0])
    return Telling(tuple(make(row) for _, row in ranked[:MOST_EVIDENCE]), len(ranked))


def measured(
    key: str, title: str, estimate: Estimate, about: str, found: Telling = NOTHING, *, unit: str = SHARE
) -> Measure:
    """A measure with the most telling of its moments."""
    return Measure(key, title, estimate, unit, about, found.shown, found.many)
