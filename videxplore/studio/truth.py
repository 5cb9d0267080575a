"""What is true of a film, exact to the frame, derived from its script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from videxplore.studio.attributes import ATTRIBUTES
from videxplore.studio.director import TICKS, Beat, Film

LEVELS = ("moment", "scene", "chapter", "video")
"""Levels of every truth tree, finest first."""


@dataclass(frozen=True, slots=True)
class TruthSegment:
    """A segment as the script has it.

    Attributes:
        level: one of ``LEVELS``.
        label: what it shows.
        start_s: in seconds.
        end_s: in seconds, half open.
        attributes: strength in [0, 1] of what can be seen or heard (see ``ATTRIBUTES``); of moments only.
        tags: names that the judged queries refer to.
    """

    level: str
    label: str
    start_s: float
    end_s: float
    attributes: Mapping[str, float]
    tags: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class FilmTruth:
    """The truth beside a film.

    Attributes:
        file: file name of the film.
        title: for people.
        split: ``"dev"`` or ``"test"``.
        fps: nominal frames per second.
        frame_count: number of frames.
        duration_s: end of the last frame in seconds.
        frame_times_s: start of every frame in seconds where the rate varies, else empty.
        cuts: 0-based index of the first frame of each new shot that begins with a hard cut.
        cut_times_s: the same in seconds.
        gradual: (first frame, last frame, kind) of each gradual transition; kinds ``"dissolve"``,
            ``"fade"`` (through black), ``"wipe"``, ``"fade in"``, ``"fade out"``.
        segments: all levels, coarsest first, in time order per level; each level tiles the film.
    """

    file: str
    title: str
    split: str
    fps: float
    frame_count: int
    duration_s: float
    frame_times_s: tuple[float, ...]
    cuts: tuple[int, ...]
    cut_times_s: tuple[float, ...]
    gradual: tuple[tuple[int, int, str], ...]
    segments: tuple[TruthSegment, ...]

    def at(self, level: str) -> list[TruthSegment]:
        """Return the segments of ``level`` in time order."""
        if level not in LEVELS:
            raise ValueError(f"level must be one of {', '.join(LEVELS)}, got {level!r}.")
        return [s for s in self.segments if s.level == level]

    def to_json(self) -> dict[str, Any]:
        """Return plain lists and dictionaries."""
        return asdict(self)

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(self.at(level))} {level}" for level in reversed(LEVELS))
        return (
            f"FilmTruth({self.file!r}, {self.duration_s:.1f} s, {self.split}: {counts}; "
            f"{len(self.cuts)} cuts, {len(self.gradual)} gradual)"
        )


def film_truth(film: Film) -> FilmTruth:
    """Derive the truth of ``film`` from its script."""
    cuts = tuple(b.start_frame for b in film.beats[1:] if b.join == "cut")
    steps = {b - a for a, b in zip(film.ticks, film.ticks[1:], strict=False)}
    varies = max(steps) - min(steps) > 1
    return FilmTruth(
        file=film.file,
        title=film.title,
        split=film.split,
        fps=round(film.frame_count / film.duration_s, 6),
        frame_count=film.frame_count,
        duration_s=_seconds(film, film.frame_count),
        frame_times_s=tuple(_seconds(film, k) for k in range(film.frame_count)) if varies else (),
        cuts=cuts,
        cut_times_s=tuple(_seconds(film, c) for c in cuts),
        gradual=_gradual(film),
        segments=_segments(film),
    )


def _seconds(film: Film, frame: int) -> float:
    return round(film.ticks[frame] / TICKS, 6)


def _gradual(film: Film) -> tuple[tuple[int, int, str], ...]:
    ranges = [(*r, b.join) for b in film.beats if (r := b.join_range) is not None]
    if film.fade_in_frames:
        ranges.append((0, film.fade_in_frames - 1, "fade in"))
    if film.fade_out_frames:
        ranges.append((film.frame_count - film.fade_out_frames, film.frame_count - 1, "fade out"))
    return tuple(sorted(ranges))


def _segments(film: Film) -> tuple[TruthSegment, ...]:
    whole = TruthSegment("video", film.title, 0.0, _seconds(film, film.frame_count), {}, ())
    found = [whole]
    for level in ("chapter", "scene"):
        for g in film.groups:
            if g.level == level:
                start, end = film.beats[g.first].start_frame, film.beats[g.last - 1].end_frame
                found.append(
                    TruthSegment(
                        level, g.label, _seconds(film, start), _seconds(film, end), {}, tuple(sorted(g.tags))
                    )
                )
    return (*found, *(_moment(film, b) for b in film.beats))


def _moment(film: Film, beat: Beat) -> TruthSegment:
    if unknown := set(beat.attributes) - set(ATTRIBUTES):
        raise ValueError(
            f"{film.file}, {beat.label!r}: unknown attributes {sorted(unknown)}; see ATTRIBUTES."
        )
    return TruthSegment(
        "moment",
        beat.label,
        _seconds(film, beat.start_frame),
        _seconds(film, beat.end_frame),
        dict(beat.attributes),
        tuple(sorted(beat.tags)),
    )
