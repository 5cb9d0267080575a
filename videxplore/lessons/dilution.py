"""How fast an event fades in a window that holds more than it: the law of dilution, and what is measured.

The mean vector of a window of which a share s is the event and the rest its surroundings is
``(1 − s) · surroundings + s · event``. Everything that a search can see of the event follows from s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Truth
from videxplore.lessons.similarity import compare
from videxplore.stages.pooling import pool_ranges
from videxplore.stages.store.database import Database
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.charts import Curves, Line
from videxplore.values.media import Span

Vector = NDArray[np.float64]

MEAN, KEPT = "mean of the seconds", "strongest event kept"
RULES = (MEAN, KEPT)
"""How the vectors of seconds become one of a window: plain, or by the rules of the encoder's card."""

LENGTHS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60)
"""Lengths of windows in seconds."""


class Filmed(Protocol):
    """What is needed of a library: its tables, and its segments."""

    @property
    def database(self) -> Database:
        """The tables."""
        ...

    @property
    def frames_table(self) -> str:
        """Name of the table with a vector per second."""
        ...

    def snapshot(self) -> Snapshot | None:
        """The library as it is now."""
        ...


@dataclass(frozen=True, eq=False)
class Seconds:
    """A vector for every second of some films, in order of film and time.

    Attributes:
        values: float64 (n, d), on the encoder's own scale.
        spans: n stretches of about a second.
        films: n file names.
        pooling: rule per column for parents, as in the encoder's card.
    """

    values: Vector
    spans: tuple[Span, ...]
    films: NDArray[np.str_]
    pooling: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.spans)

    def rows_of(self, film: str, span: Span) -> NDArray[np.intp]:
        """Return the rows whose middle lies in a stretch of a film."""
        middle = np.array([(s.start_s + s.end_s) / 2 for s in self.spans])
        return np.flatnonzero((self.films == film) & (middle >= span.start_s) & (middle < span.end_s))

    def starts(self, length: int) -> NDArray[np.intp]:
        """Return the first row (m,) of every window of ``length`` seconds."""
        last = np.arange(length - 1, len(self))
        return np.flatnonzero(self.films[: len(last)] == self.films[last])


def read_seconds(library: Filmed) -> Seconds:
    """Return what a library's encoder made of every second, as it was stored when the films were ingested.

    Raises:
        ValueError: the library is empty, or keeps no vectors of single frames.
    """
    snapshot, table = library.snapshot(), library.database.table(library.frames_table)
    if snapshot is None or table is None:
        raise ValueError("this library holds no vectors of frames; ingest films first: vx.ingest(…).")
    found = table.search().select(["video_id", "time_s", "vector", "magnitude"]).limit(None).to_arrow()
    names = np.array([snapshot.title(video) for video in found["video_id"].to_pylist()])
    times = found["time_s"].to_numpy()
    vectors = found["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    values = vectors.reshape(len(times), -1) * found["magnitude"].to_numpy()[:, None].astype(np.float64)
    order = np.lexsort((times, names))
    spans = tuple(Span(max(0.0, t - 0.5), t + 0.5) for t in times[order].tolist())
    return Seconds(values[order], spans, names[order], tuple(snapshot.card.pooling))


@dataclass(frozen=True, eq=False)
class Windows:
    """All windows of some lengths, one starting at every second, none from one film into the next.

    Attributes:
        seconds: that they are made of.
        lengths: in seconds, ascending.
        vectors: (rule, length) -> float64 (m, d), around the mean of all seconds.
        starts: length -> first row (m,) of each window.
    """

    seconds: Seconds
    lengths: tuple[int, ...]
    vectors: Mapping[tuple[str, int], Vector]
    starts: Mapping[int, NDArray[np.intp]]

    def shared(self, rows: NDArray[np.intp], length: int) -> NDArray[np.intp]:
        """Return how many of some rows, one after the other, each window (m,) of a length holds."""
        first = self.starts[length]
        return np.maximum(np.minimum(first + length, rows[-1] + 1) - np.maximum(first, rows[0]), 0)


def cut_windows(seconds: Seconds, lengths: Sequence[int] = LENGTHS) -> Windows:
    """Return windows of all lengths, by both :data:`RULES`."""
    mean, each = seconds.values.mean(axis=0), np.ones(len(seconds))
    starts = {length: seconds.starts(length) for length in lengths}
    vectors = {}
    for length, first in starts.items():
        ranges = np.column_stack([first, first + length])
        for rule, pooling in ((MEAN, ()), (KEPT, seconds.pooling)):
            vectors[rule, length] = pool_ranges(seconds.values, each, ranges, pooling)[0] - mean
    return Windows(seconds, tuple(lengths), vectors, starts)


@dataclass(frozen=True)
class Event:
    """Something that happens.

    Attributes:
        label: by the script.
        film: file name.
        span: when.
        words: what one would type to find it.
    """

    label: str
    film: str
    span: Span
    words: str

    def __str__(self) -> str:
        return f"{self.words} · {self.span.duration_s:.1f} s"


def find_event(truth: Any, film: str, tag: str, words: str) -> Event:
    """Return the first moment of a film that its script has tagged so.

    Args:
        truth: file name -> :class:`~videxplore.lessons.clips.Truth`, such as ``vx.sample_set().truth``.
        film: file name.
        tag: of the moment.
        words: what one would type to find it.

    Raises:
        KeyError: no such film or tag.
    """
    script: Truth = truth[film]
    for moment in script.at("moment"):
        if tag in moment.tags:
            return Event(moment.label, film, Span(moment.start_s, moment.end_s), words)
    raise KeyError(f"no moment of {film!r} is tagged {tag!r}.")


def mix(event: Vector, around: Vector, share: float) -> Vector:
    """Return the vector of a window of which ``share`` is the event: the law itself."""
    return (1 - share) * around + share * event


def cosine(query: NDArray[np.floating], vectors: Vector) -> Vector:
    """Return the cosine (n,) of a query (d,) with every row (n, d)."""
    return compare(np.atleast_2d(query), np.atleast_2d(vectors))[0]


def parts_of(seconds: Seconds, event: Event) -> tuple[Vector, Vector]:
    """Return the mean vectors (d,) of an event and of the rest of its film, around the mean of all."""
    mean = seconds.values.mean(axis=0)
    rows = seconds.rows_of(event.film, event.span)
    rest = np.setdiff1d(np.flatnonzero(seconds.films == event.film), rows)
    return seconds.values[rows].mean(axis=0) - mean, seconds.values[rest].mean(axis=0) - mean


def needed_share(event: Vector, around: Vector, query: NDArray[np.floating], rival: float) -> float:
    """Return the share of a window that an event must fill so that the law puts it above a rival's cosine.

    Args:
        event: (d,), around the mean of all seconds.
        around: (d,), likewise.
        query: (d,).
        rival: cosine to be passed.

    Returns:
        To a thousandth; NaN where not even the event alone passes it.
    """
    shares = np.linspace(0.0, 1.0, 1001)
    passed = cosine(query, np.stack([mix(event, around, share) for share in shares])) > rival
    if not passed[-1]:
        return float("nan")
    missed = np.flatnonzero(~passed)
    return float(shares[missed[-1] + 1]) if len(missed) else 0.0


@dataclass(frozen=True, eq=False)
class Dilution:
    """What becomes of an event in ever longer windows, for one query and one way of pooling.

    Attributes:
        event: that is looked for.
        query: in words.
        rule: one of :data:`RULES`.
        lengths: int (m,), of the windows, in seconds.
        shares: float64 (m,), of the event in a window that holds it.
        predicted: float64 (m,), the cosine by the law, with the rest of the film for surroundings.
        measured: float64 (m,), mean cosine of the windows that hold the event.
        rivals: float64 (m,), best cosine of a window that does not touch it.
        windows: int (m,), how many windows there are.
    """

    event: Event
    query: str
    rule: str
    lengths: NDArray[np.intp]
    shares: Vector
    predicted: Vector
    measured: Vector
    rivals: Vector
    windows: NDArray[np.intp]

    @property
    def error(self) -> float:
        """Mean distance between what was predicted and what was measured."""
        return float(np.abs(self.predicted - self.measured).mean())

    @property
    def longest_first(self) -> int:
        """Seconds of the longest window up to which the event comes first; 0 where it never does."""
        lost = np.flatnonzero(self.measured <= self.rivals)
        if not len(lost):
            return int(self.lengths[-1])
        return int(self.lengths[lost[0] - 1]) if lost[0] else 0

    def chart(self, here: int) -> Curves:
        """Return the curves, with a ring at windows of ``here`` seconds."""
        x = self.lengths.astype(np.float64)
        place = self.lengths.tolist().index(here)
        lines = np.stack([self.measured, self.predicted, self.rivals])
        return Curves(
            f"How much of “{self.event.label}” is left in a window?",
            (
                Line("windows that hold it, measured", x, self.measured),
                Line("predicted from its share", x, self.predicted, dashed=True),
                Line("best window without it", x, self.rivals),
            ),
            "length of the window in seconds",
            f"cosine with {self.query}",
            f"Event of {self.event.span.duration_s:.1f} s; {self.rule}; n = {self.windows[0]} windows of "
            f"one second to {self.windows[-1]} of {self.lengths[-1]}. "
            f"Mean error of the prediction {self.error:.3f}.",
            here=(float(here), float(self.measured[place])),
            x_log=True,
            y_range=(min(0.0, float(lines.min())), 1.0 if lines.max() > 0.5 else 0.5),
            x_ticks=(1, 2, 5, 10, 20, 50),
        )


def measure_dilution(
    windows: Windows, event: Event, query: str, vector: NDArray[np.floating], rule: str = MEAN
) -> Dilution:
    """Hold windows of all lengths against a query.

    Args:
        windows: of all films.
        event: in one of them; windows shorter than it hold a part of it and nothing else.
        query: in words.
        vector: (d,), of the query, around the same mean as the windows.
        rule: one of :data:`RULES`; the law is about :data:`MEAN`.
    """
    rows = windows.seconds.rows_of(event.film, event.span)
    inside, around = parts_of(windows.seconds, event)
    shares = np.array([min(1.0, len(rows) / length) for length in windows.lengths])
    predicted = [float(cosine(vector, mix(inside, around, share))[0]) for share in shares]
    measured, rivals, count = [], [], []
    for length in windows.lengths:
        scores, shared = cosine(vector, windows.vectors[rule, length]), windows.shared(rows, length)
        measured.append(float(scores[shared == min(length, len(rows))].mean()))
        rivals.append(float(scores[shared == 0].max()))
        count.append(len(scores))
    return Dilution(
        event, query, rule, np.array(windows.lengths), shares, np.array(predicted), np.array(measured),
        np.array(rivals), np.array(count),
    )  # fmt: skip
