"""Drift: clips that come in are held against a reference, by a test whose alarms are counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips
from videxplore.lessons.versions import Change
from videxplore.stages.licensing.blocksums import kernel_sums, median_distance
from videxplore.stages.licensing.difference import difference
from videxplore.stages.licensing.distances import unit_rows
from videxplore.stages.licensing.grouping import group
from videxplore.values.charts import Bars, Curves, Lane, Line, Scene, two_decimals
from videxplore.values.licensing import Difference

DARK, FILM, VERSION = "more dark clips", "more of one film", "another version"
KINDS = (DARK, FILM, VERSION)
"""What can change in what comes in: the pictures, the subject, or only the encoder."""

SHARES = (0.0, 0.25, 0.5, 1.0)
"""Share of what comes in that is changed."""

SIZES = (5, 10, 15, 20)
"""How many clips come in at once."""

LEVEL = 0.05
"""Share of false alarms that the test promises."""

REFERENCE = 60
ASIDE = 30
"""Clips that are compared with; clips of the kind that is planted, kept aside."""

_PERMUTATIONS = 99
_QUIET, _PLANTED = 300, 60
_SHOWN = 6

Rows = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Archive:
    """Clips of which some make the reference and some come in.

    Attributes:
        clips: n clips.
        vectors: float64 (n, d), as the reference has them.
        other: float64 (n, d), by the other version.
        kinds: one of :data:`KINDS` -> rows that are of this kind.
    """

    clips: Clips
    vectors: Rows
    other: Rows
    kinds: Mapping[str, NDArray[np.intp]]

    @cached_property
    def both(self) -> Rows:
        """float64 (2n, d), as the reference has them, then by the other version."""
        return np.vstack([self.vectors, self.other])

    @cached_property
    def kernel(self) -> Rows:
        """float64 (2n, 2n), Gaussian kernel of median width between all of :attr:`both`."""
        rows, width = unit_rows(self.both), median_distance(unit_rows(self.vectors))
        return kernel_sums(rows, group(np.char.mod("%09d", np.arange(len(rows))), len(rows)), width)


def make_archive(clips: Clips, change: Change) -> Archive:
    """Return clips by the old version of a change, with what can be planted among them."""
    names, count = np.unique(clips.films, return_counts=True)
    largest = names[np.argmax(count)]
    kinds = {
        DARK: np.flatnonzero(clips.facts["dark"]),
        FILM: np.flatnonzero(clips.films == largest),
        VERSION: np.arange(len(clips)),
    }
    return Archive(clips, *change.pair, kinds)


@dataclass(frozen=True, eq=False)
class Arrival:
    """Clips that come in, and what they are held against.

    Attributes:
        reference: rows of the reference.
        incoming: rows of what comes in.
        planted: bool, which of these are of the kind that is planted.
        stored: rows of what comes in among the vectors of :attr:`Archive.both`.
    """

    reference: NDArray[np.intp]
    incoming: NDArray[np.intp]
    planted: NDArray[np.bool_]
    stored: NDArray[np.intp]


def draw_arrival(archive: Archive, kind: str, planted: NDArray[np.bool_], seed: int) -> Arrival:
    """Draw a reference and what comes in, all different clips.

    Thirty clips of a kind are kept aside, and planted where this is asked for. What else comes in is drawn as
    the reference is, so that without planted clips the two are exchangeable.

    Args:
        archive: to draw from.
        kind: one of :data:`KINDS`.
        planted: for each clip that comes in, whether it is of the kind; :data:`ASIDE` at most.
        seed: of the draw.

    Raises:
        ValueError: more are asked for than there are.
    """
    rng, n = np.random.default_rng(seed), len(archive.vectors)
    aside = rng.permutation(archive.kinds[kind])[:ASIDE]
    rest = rng.permutation(np.setdiff1d(np.arange(n), aside))
    if planted.sum() > len(aside) or (~planted).sum() > len(rest) - REFERENCE:
        raise ValueError(
            f"planted asks for {planted.sum()} clips of the kind and {(~planted).sum()} others; there are "
            f"{len(aside)} and {len(rest) - REFERENCE}. Let fewer clips come in."
        )
    incoming = np.empty(len(planted), np.intp)
    incoming[planted] = aside[: planted.sum()]
    incoming[~planted] = rest[REFERENCE : REFERENCE + (~planted).sum()]
    stored = incoming + n * (planted & (kind == VERSION))
    return Arrival(rest[:REFERENCE], incoming, planted, stored)


def plant(share: float, size: int) -> NDArray[np.bool_]:
    """Return for each of ``size`` clips whether it is planted, the first ones."""
    return np.arange(size) < round(share * size)


def try_arrival(archive: Archive, arrival: Arrival, *, seed: int = 0) -> Difference:
    """Test what comes in against the reference: MMD with clips permuted (Gretton et al. 2012)."""
    return difference(
        archive.both[arrival.stored],
        archive.vectors[arrival.reference],
        np.char.mod("new %d", np.arange(len(arrival.incoming))).tolist(),
        np.char.mod("%d", np.arange(len(arrival.reference))).tolist(),
        permutations=_PERMUTATIONS,
        seed=seed,
    )


def witness(kernel: Rows, window: NDArray[np.intp], reference: NDArray[np.intp]) -> Rows:
    """Return how much nearer each clip of a window is to the others of it than to the reference, (w,).

    The witness function of MMD (Gretton et al. 2012), without the clip itself.

    Args:
        kernel: (m, m) between all vectors.
        window: rows of the window (w,).
        reference: rows of the reference.
    """
    inside = kernel[np.ix_(window, window)]
    own = inside.sum(axis=1) - np.diagonal(inside)
    return own / max(len(window) - 1, 1) - kernel[np.ix_(window, reference)].mean(axis=1)


@dataclass(frozen=True, eq=False)
class Trials:
    """How often the test raised an alarm.

    Attributes:
        archive: that was drawn from.
        alarms: (kind, share, size) -> share of alarms.
        draws: (kind, share, size) -> how many draws it rests on.
    """

    archive: Archive
    alarms: Mapping[tuple[str, float, int], float]
    draws: Mapping[tuple[str, float, int], int]


def count_alarms(archive: Archive, *, quiet: int = _QUIET, planted: int = _PLANTED, seed: int = 0) -> Trials:
    """Draw many arrivals of every kind, share and size, and test each.

    Args:
        archive: to draw from.
        quiet: draws without planted clips, over all kinds.
        planted: draws of each kind and share with planted ones.
        seed: of the first draw.
    """
    alarms, draws = {}, {}
    for kind, share, size in [(k, s, n) for k in KINDS for s in SHARES for n in SIZES]:
        count = planted if share else -(-quiet // len(KINDS))
        raised = 0
        for i in range(count):
            arrival = draw_arrival(archive, kind, plant(share, size), seed + i)
            raised += try_arrival(archive, arrival, seed=i).p <= LEVEL
        alarms[kind, share, size], draws[kind, share, size] = raised / count, count
    return Trials(archive, alarms, draws)


def show_test(trials: Trials, kind: str, share: float, size: int, seed: int) -> Scene:
    """Return how often the test raises an alarm, and the clips of one arrival.

    Args:
        trials: that were counted.
        kind: one of :data:`KINDS`.
        share: one of :data:`SHARES`.
        size: one of :data:`SIZES`.
        seed: of the arrival.
    """
    archive = trials.archive
    arrival = draw_arrival(archive, kind, plant(share, size), seed)
    result = try_arrival(archive, arrival, seed=seed)
    pushed = witness(archive.kernel, arrival.stored, arrival.reference)
    x = np.array(SIZES, np.float64)
    chart = Curves(
        f"How often is there an alarm? ({kind})",
        tuple(
            Line(f"{s:.0%} planted", x, np.array([trials.alarms[kind, s, n] for n in SIZES]), dashed=not s)
            for s in SHARES
        ),
        "clips that come in",
        f"share of arrivals with p ≤ {LEVEL:g}",
        f"Kernel two-sample test (MMD), {_PERMUTATIONS} permutations of clips, against {REFERENCE} clips; "
        f"{trials.draws[kind, 1.0, size]} arrivals per point, {trials.draws[kind, 0.0, size]} without "
        f"planted clips, seeds from 0. Dotted: the promised {LEVEL:.0%} of false alarms.",
        here=(size, trials.alarms[kind, share, size]),
        chance=LEVEL,
        y_range=(0.0, 1.0),
        x_ticks=tuple(x.tolist()),
    )
    said = (
        f"This arrival: MMD² {result.mmd2.value:.3f}, p = {result.p:.2f}: "
        f"{'alarm' if result.p <= LEVEL else 'no alarm'}. Of {trials.draws[kind, share, size]} such arrivals "
        f"{trials.alarms[kind, share, size]:.0%} raise one."
    )
    order = np.argsort(-pushed, kind="stable")
    seen = order[:_SHOWN], order[::-1][: min(_SHOWN, len(order) - _SHOWN)]
    out, like = (_lane_of(archive, arrival, pushed, rows) for rows in seen)
    lanes = [
        Lane("came in, stand out most", *out, "entered"),
        Lane("came in, most like the reference", *like, "same", "the others are above"),
    ]
    return Scene(chart, said, lanes)


def _lane_of(
    archive: Archive, arrival: Arrival, pushed: Rows, rows: NDArray[np.intp]
) -> tuple[list[str], list[str]]:
    """Ids and notes of some clips that came in."""
    ids = [archive.clips.ids[arrival.incoming[i]] for i in rows]
    planted = [", planted" if arrival.planted[i] else "" for i in rows]
    scores = [two_decimals(float(pushed[i])) for i in rows]
    return ids, [score + how for score, how in zip(scores, planted, strict=True)]


def show_films(archive: Archive, trials: Trials, *, films: int = 3, seed: int = 0) -> Bars:
    """Return how often there is a false alarm when whole films come in and nothing else has changed.

    Every choice of so many films comes in once, against all others.

    Args:
        archive: of the films.
        trials: for arrivals clip by clip.
        films: that come in at once.
        seed: of the permutations.
    """
    clips = archive.clips
    names = np.unique(clips.films)
    choices = list(combinations(names.tolist(), films))
    counted = {"clips": 0, "films": 0}
    for chosen in choices:
        new = np.isin(clips.films, chosen)
        for unit, sources in (("clips", np.char.mod("%d", np.arange(len(new)))), ("films", clips.films)):
            sides = archive.vectors[new], archive.vectors[~new], sources[new].tolist(), sources[~new].tolist()
            counted[unit] += difference(*sides, permutations=_PERMUTATIONS, seed=seed).p <= LEVEL
    quiet = [key for key in trials.alarms if key[1] == 0.0]
    single = np.mean([trials.alarms[key] for key in quiet])
    return Bars(
        "How often is there an alarm though nothing has changed?",
        ("clips come one by one, clips are shuffled", "films come whole, clips are shuffled",
         "films come whole, films are shuffled"),
        np.array([single, counted["clips"] / len(choices), counted["films"] / len(choices)]),
        "share of false alarms",
        f"{sum(trials.draws[key] for key in quiet)} arrivals of {SIZES[0]} to {SIZES[-1]} clips; all "
        f"{len(choices)} ways to let {films} of {len(names)} films come in. {_PERMUTATIONS} permutations, "
        f"seed {seed}. Dotted: the promised {LEVEL:.0%}.",
        chance=LEVEL,
        x_range=(0.0, 1.0),
    )  # fmt: skip
