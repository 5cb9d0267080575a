"""How atomic a segment must be: what fills a window, how often it is found, which cutting fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips, Truth
from videxplore.lessons.dilution import MEAN, Dilution, Event, Windows, cosine, measure_dilution, parts_of
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.charts import Grid, Lane, Scene, two_decimals
from videxplore.values.media import Span

WORDS, ITSELF, AROUND = "its words", "the event itself", "what surrounds it"
QUERIES = (WORDS, ITSELF, AROUND)
"""What can be asked with: words, the mean of the event's own seconds, or that of the rest of its film."""

SHOWN = 6
"""Clips in a lane, at most."""

SIZES = ((0.0, 3.0), (3.0, 6.0), (6.0, 20.0), (20.0, 60.0), (60.0, 1e9))
"""Classes of length, in seconds, of what is looked for."""

Asked = Mapping[str, NDArray[np.floating]]
"""One of :data:`QUERIES` -> its vector (d,)."""


def ask_for(windows: Windows, event: Event, words: NDArray[np.floating]) -> dict[str, NDArray[np.floating]]:
    """Return the vectors of all :data:`QUERIES` for an event, given that of its words."""
    inside, around = parts_of(windows.seconds, event)
    return {WORDS: words, ITSELF: inside, AROUND: around}


def show_window(clips: Clips, windows: Windows, dilution: Dilution, asked: Asked, length: int) -> Scene:
    """Return the curves, what the window around the event is filled with, and what comes before it.

    Args:
        clips: of the finest level, for the lanes.
        windows: all of them.
        dilution: of the event for this query.
        asked: of the event.
        length: of the window in seconds.
    """
    place = windows.lengths.index(length)
    rows = windows.seconds.rows_of(dilution.event.film, dilution.event.span)
    scores = cosine(asked[dilution.query], windows.vectors[dilution.rule, length])
    shared = windows.shared(rows, length)
    holding = np.flatnonzero(shared == shared.max())
    middle = int(holding[len(holding) // 2])
    before = np.flatnonzero((shared == 0) & (scores > dilution.measured[place]))
    spans, films = windows.seconds.spans, windows.seconds.films
    first = windows.starts[length]
    held = _held(
        clips,
        dilution.event.film,
        Span(spans[first[middle]].start_s, spans[first[middle] + length - 1].end_s),
    )
    rivals: dict[str, float] = {}
    for window in before[np.argsort(-scores[before], kind="stable")].tolist():
        row = first[window] + length // 2
        clip = _clip_at(clips, str(films[row]), (spans[row].start_s + spans[row].end_s) / 2)
        rivals.setdefault(clip, float(scores[window]))
    shown = list(rivals.items())[:SHOWN]
    said = (
        f"In windows of {length} s the event is {dilution.shares[place]:.0%} of what a vector stands for; "
        f"their cosine is {two_decimals(dilution.measured[place])}, "
        f"predicted {two_decimals(dilution.predicted[place])}. "
        f"Of {len(scores) - int((shared > 0).sum())} windows without it {len(before)} come before them."
    )
    return Scene(
        dilution.chart(length),
        said,
        [
            Lane("in the window that holds it", [i for i, _ in held], [f"{s:.0%} of it" for _, s in held]),
            Lane("comes before it", [i for i, _ in shown], [two_decimals(s) for _, s in shown],
                 "left" if shown else "", "nothing: it is found first"),
        ],
    )  # fmt: skip


def _held(clips: Clips, film: str, window: Span) -> list[tuple[str, float]]:
    """The clips in a window with the share of it that each fills, in time order; only the largest."""
    found = [
        (s.segment_id, s.span.overlap_s(window) / window.duration_s)
        for s, f in zip(clips.segments, clips.films, strict=True)
        if f == film and s.span.overlap_s(window) > 0
    ]
    largest = {i for i, _ in sorted(found, key=lambda pair: -pair[1])[:SHOWN]}
    return [(i, share) for i, share in found if i in largest]


def _clip_at(clips: Clips, film: str, time_s: float) -> str:
    """The clip at a time of a film, or the last that begins before it."""
    rows = [
        row
        for row, segment in enumerate(clips.segments)
        if clips.films[row] == film and segment.start_s <= time_s
    ]
    return clips.ids[max(rows, key=lambda row: clips.segments[row].start_s)]


@dataclass(frozen=True, eq=False)
class Findings:
    """Where events stand when films are cut by the clock.

    Attributes:
        events: shortest first.
        lengths: of the windows in seconds.
        ranks: one int (length,) per event and length, [event][length]: the rank of the best window that holds
            the event, for every offset at which cutting may begin.
        asked: what was asked with, one of :data:`QUERIES`.
        rule: how windows were pooled.
    """

    events: tuple[Event, ...]
    lengths: tuple[int, ...]
    ranks: tuple[tuple[NDArray[np.intp], ...], ...]
    asked: str
    rule: str

    def chart(self, k: int) -> Grid:
        """Return the share of offsets at which each event is among the first k."""
        shares = [[float((ranks <= k).mean()) for ranks in row] for row in self.ranks]
        return Grid(
            f"How often is it among the first {k}?" if k > 1 else "How often is it found first?",
            tuple(str(event) for event in self.events),
            tuple(f"{length}" for length in self.lengths),
            np.array(shares),
            x="length of the window in seconds",
            unit=f"of all offsets: in the first {k}",
            caption=f"Asked with {self.asked}; {self.rule}. Each cell: as many ways to start cutting as the "
            f"window has seconds; k = {k}.",
            range=(0.0, 1.0),
        )


def find_by_clock(
    windows: Windows, asked: Mapping[Event, Asked], query: str, rule: str = MEAN, lengths: Sequence[int] = ()
) -> Findings:
    """Cut all films by the clock, at every offset, and see at which rank each event stands.

    A window holds an event if it covers half of it, or if half of the window is the event.

    Args:
        windows: all of them.
        asked: event -> its queries.
        query: one of :data:`QUERIES`.
        rule: one of :data:`~videxplore.lessons.dilution.RULES`.
        lengths: of ``windows``; all where none are given.
    """
    events = tuple(sorted(asked, key=lambda event: event.span.duration_s))
    chosen = tuple(lengths) or windows.lengths
    found = []
    for event in events:
        rows = windows.seconds.rows_of(event.film, event.span)
        row = []
        for length in chosen:
            scores = cosine(asked[event][query], windows.vectors[rule, length])
            holds = windows.shared(rows, length) >= 0.5 * min(length, len(rows))
            row.append(_ranks(scores, holds, _offsets(windows, length), length))
        found.append(tuple(row))
    return Findings(events, chosen, tuple(found), query, rule)


def _offsets(windows: Windows, length: int) -> NDArray[np.intp]:
    """At which offset of cutting its film each window (m,) appears."""
    first, films = windows.starts[length], windows.seconds.films
    begins = {film: int(np.flatnonzero(films == film)[0]) for film in np.unique(films)}
    return np.array([(row - begins[films[row]]) % length for row in first.tolist()])


def _ranks(
    scores: NDArray[np.float64], holds: NDArray[np.bool_], offsets: NDArray[np.intp], length: int
) -> NDArray[np.intp]:
    """Rank (length,) of the best window that holds the event, per offset; past the last where none does."""
    ranks = []
    for offset in range(length):
        mine = offsets == offset
        right = scores[mine & holds]
        better = int((scores[mine & ~holds] >= right.max()).sum()) if len(right) else int(mine.sum())
        ranks.append(1 + better)
    return np.array(ranks)


def sum_up(findings: Findings, k: int) -> str:
    """Return in a sentence how often the events are found, by the length of the window."""
    means = [
        float(np.mean([(row[i] <= k).mean() for row in findings.ranks])) for i in range(len(findings.lengths))
    ]
    place = f"among the first {k}" if k > 1 else "first"
    return (
        f"Over the {len(findings.events)} events {means[0]:.0%} of the cuttings into windows of "
        f"{findings.lengths[0]} s find them {place}, and {means[-1]:.0%} of those into "
        f"{findings.lengths[-1]} s."
    )


@dataclass(frozen=True, eq=False)
class Fit:
    """How well pieces of each cutting fit what is true.

    Attributes:
        cuttings: names.
        sizes: classes of length.
        counts: true segments per class.
        overlap: float64 (cuttings, classes), mean temporal IoU of each true segment with its best piece.
        segments: how many pieces each cutting has.
    """

    cuttings: tuple[str, ...]
    sizes: tuple[str, ...]
    counts: tuple[int, ...]
    overlap: NDArray[np.float64]
    segments: tuple[int, ...]

    def chart(self) -> Grid:
        """Return the table as shades."""
        return Grid(
            "Which cutting has a piece that fits?",
            tuple(f"{name} · {n}" for name, n in zip(self.cuttings, self.segments, strict=True)),
            self.sizes,
            self.overlap,
            x="length of what is looked for",
            unit="mean temporal IoU with the best piece",
            caption="After each name, how many pieces. Temporal IoU: shared time by joint time, 1 is a "
            f"perfect fit. n = {', '.join(map(str, self.counts))} moments, scenes, chapters and films.",
            range=(0.0, 1.0),
        )


def compare_cuttings(
    snapshot: Snapshot, truth: Mapping[str, Truth], lengths: Sequence[int] = (2, 5, 10, 30)
) -> Fit:
    """Hold windows of some lengths, the moments of a library, and all its levels against what is true.

    Args:
        snapshot: of the library.
        truth: file name -> what is true of the film.
        lengths: of windows in seconds.
    """
    cuttings: dict[str, dict[str, list[Span]]] = {}
    for length in lengths:
        cuttings[f"every {length} s"] = {
            snapshot.title(video): _clocked(float(row["duration_s"]), length)
            for video, row in snapshot.videos.items()
        }
    finest = snapshot.levels[0]
    for name, levels in ((f"{finest}s by meaning", (finest,)), ("all levels of the tree", snapshot.levels)):
        pieces: dict[str, list[Span]] = {}
        for segment in snapshot.segments:
            if segment.level in levels:
                pieces.setdefault(snapshot.title(segment.video_id), []).append(segment.span)
        cuttings[name] = pieces
    wanted = [
        (film, Span(s.start_s, s.end_s))
        for film in cuttings[f"{finest}s by meaning"]
        for level in ("moment", "scene", "chapter", "video")
        for s in truth[film].at(level)
    ]
    classes = np.array(
        [next(i for i, (a, b) in enumerate(SIZES) if a <= s.duration_s < b) for _, s in wanted]
    )
    best = np.array(
        [[_best_overlap(span, made[film]) for film, span in wanted] for made in cuttings.values()]
    )
    return Fit(
        tuple(cuttings),
        tuple(
            f"{a:g}–{b:g} s" if a and b < 1e8 else f"under {b:g} s" if not a else f"over {a:g} s"
            for a, b in SIZES
        ),
        tuple(int((classes == i).sum()) for i in range(len(SIZES))),
        np.column_stack([best[:, classes == i].mean(axis=1) for i in range(len(SIZES))]),
        tuple(sum(len(spans) for spans in made.values()) for made in cuttings.values()),
    )


def _clocked(duration_s: float, length: int) -> list[Span]:
    edges = [*np.arange(0.0, duration_s, length).tolist(), duration_s]
    return [Span(a, b) for a, b in pairwise(edges) if b > a]


def _best_overlap(span: Span, pieces: Sequence[Span]) -> float:
    """Largest temporal IoU of a span with any piece."""
    shared = [(span.overlap_s(piece), piece) for piece in pieces]
    return max(s / (span.duration_s + piece.duration_s - s) for s, piece in shared)


def measure_all(
    windows: Windows, asked: Mapping[Event, Asked], rules: Sequence[str]
) -> dict[tuple[str, str, str], Dilution]:
    """Return the dilution of every event, by (event in words, query, rule)."""
    return {
        (str(event), query, rule): measure_dilution(windows, event, query, vector, rule)
        for event, queries in asked.items()
        for query, vector in queries.items()
        for rule in rules
    }
