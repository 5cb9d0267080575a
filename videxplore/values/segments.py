"""Boundaries, segments, and the tree that segments form."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from videxplore.values import timelines
from videxplore.values.checks import check_kind
from videxplore.values.edits import Edit, Recipe
from videxplore.values.media import Span, Video, format_time

if TYPE_CHECKING:
    import pandas as pd

VIDEO_LEVEL = "video"
"""The coarsest level: one segment, the whole video."""

COMPOSITION_LEVEL = "composition"
"""Level of the parents that a user put together from chosen segments, of one video or of many."""

LEVELS = ("moment", "scene", "chapter", VIDEO_LEVEL)
"""The default levels, finest first."""

DEFAULT_TARGETS_S: Mapping[str, float | None] = {"moment": 4.0, "scene": None, "chapter": 240.0}
"""Target mean durations of the default levels, in seconds; None: as many as there is evidence for."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """A place where one thing ends and another begins.

    Attributes:
        time_s: when the new thing begins, in seconds.
        kind: ``"cut"``, ``"fade"``, ``"dissolve"``, … for shots; ``"semantic"`` or ``"clock"`` for segments.
        span_s: the interval a gradual transition takes; both ends equal ``time_s`` for a cut.
        strength: how clear the boundary is; 1 is the detector's threshold.
        evidence: how much each signal said for it, by signal name.
        persistence: the largest penalty on the ladder at which the boundary survives (0 where not computed).
        level: the coarsest level that the boundary separates, or an empty string for shots.
        note: what happens here in words that no figure says, such as ``"speaker changes: Anna → Ben"``.
    """

    time_s: float
    kind: str = "cut"
    span_s: tuple[float, float] | None = None
    strength: float = 1.0
    evidence: Mapping[str, float] = field(default_factory=dict)
    persistence: float = 0.0
    level: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        span = (self.time_s, self.time_s) if self.span_s is None else tuple(self.span_s)
        if span[1] < span[0]:
            raise ValueError(f"Boundary.span_s must not end before it starts, got {span}.")
        object.__setattr__(self, "span_s", (float(span[0]), float(span[1])))

    def __str__(self) -> str:
        return f"{self.kind} at {format_time(self.time_s)}, strength {self.strength:.2f}"


def segment_id(video_id: str, level: str, start_s: float, end_s: float) -> str:
    """Return the identity of a segment: 20 hexadecimal digits from what it is, to the millisecond."""
    key = f"{video_id}|{level}|{start_s:.3f}|{end_s:.3f}"
    return hashlib.sha256(key.encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one video on one level of its tree."""

    segment_id: str
    video_id: str
    level: str
    start_s: float
    end_s: float
    parent_id: str | None = None

    def __post_init__(self) -> None:
        if not self.end_s > self.start_s:
            raise ValueError(f"Segment must last, got [{self.start_s}, {self.end_s}).")

    @property
    def span(self) -> Span:
        """When it happens."""
        return Span(self.start_s, self.end_s)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s

    def __str__(self) -> str:
        return f"{self.level} {self.span}"


class Recutter(Protocol):
    """Cuts a video whose signals it keeps, without decoding."""

    def cut(self, recipe: Recipe) -> SegmentTree:
        """Return the tree by another recipe."""
        ...

    def edit(self, tree: SegmentTree, edit: Edit) -> SegmentTree:
        """Return ``tree`` corrected; the neighbours that ``edit`` leaves empty are looked up."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class SegmentTree:
    """The segments of one video, nested: the children of a segment tile it exactly.

    Attributes:
        video: the video cut.
        segments: parents before children, each level in time order; the first is the whole video.
        levels: level names, finest first, ending with ``"video"``.
        boundaries: boundaries between leaves in time order, each with persistence and evidence.
        method: how it was cut, for people to read.
        labels: per leaf (segment id) a letter that alike leaves share, with who mainly speaks where subtitles
            tell; or the phrase it was cut by.
        notes: per level whose number of segments is over a tenth off its target, why.
        recipe: targets, weights and edits that it was cut by; None where it cannot be cut again.
        recutter: cuts the video by another recipe.
    """

    video: Video
    segments: tuple[Segment, ...]
    levels: tuple[str, ...] = LEVELS
    boundaries: tuple[Boundary, ...] = ()
    method: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    recipe: Recipe | None = None
    recutter: Recutter | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "segments", tuple(self.segments))
        by_id = {s.segment_id: s for s in self.segments}
        if len(by_id) != len(self.segments):
            raise ValueError("SegmentTree.segments must have unique segment ids.")
        children: dict[str, list[Segment]] = {}
        roots = []
        for s in self.segments:
            if s.level not in self.levels:
                raise ValueError(f"segment level {s.level!r} is not in levels {self.levels}.")
            if s.parent_id is None:
                roots.append(s)
            elif s.parent_id not in by_id:
                raise ValueError(f"segment {s} names a parent that is not in the tree.")
            else:
                children.setdefault(s.parent_id, []).append(s)
        if len(roots) != 1 or roots[0].level != self.levels[-1]:
            raise ValueError(f"SegmentTree needs one root on level {self.levels[-1]!r}, got {roots}.")
        rank = {level: i for i, level in enumerate(self.levels)}
        for parent_id, group in children.items():
            _check_tiling(by_id[parent_id], sorted(group, key=lambda s: s.start_s), rank)
        ordered = {p: tuple(sorted(g, key=lambda s: s.start_s)) for p, g in children.items()}
        object.__setattr__(self, "_by_id", by_id)
        object.__setattr__(self, "_children", ordered)

    @property
    def root(self) -> Segment:
        """The whole video."""
        return next(s for s in self.segments if s.parent_id is None)

    @property
    def leaves(self) -> list[Segment]:
        """Segments without children, in time order: they tile the video."""
        return self.at(self.levels[0])

    def __len__(self) -> int:
        return len(self.segments)

    def __iter__(self) -> Iterator[Segment]:
        return iter(self.segments)

    def __getitem__(self, segment_id: str) -> Segment:
        return self._by_id[segment_id]  # type: ignore[attr-defined]

    def children(self, segment: Segment) -> tuple[Segment, ...]:
        """The segments that tile ``segment`` one step down; empty for a leaf."""
        check_kind("segment", segment, Segment, "a Segment of this tree, such as tree.root")
        return self._children.get(segment.segment_id, ())  # type: ignore[attr-defined]

    def parent(self, segment: Segment) -> Segment | None:
        """The segment that holds ``segment``; None for the root."""
        check_kind("segment", segment, Segment, "a Segment of this tree, such as tree.leaves[0]")
        return None if segment.parent_id is None else self[segment.parent_id]

    def ancestors(self, segment: Segment) -> tuple[Segment, ...]:
        """Parent, grandparent, … up to the root."""
        parent = self.parent(segment)
        return () if parent is None else (parent, *self.ancestors(parent))

    def at(self, level: str) -> list[Segment]:
        """Segments on ``level`` in time order; they tile the video.

        Where a branch lacks the level, its next coarser segment stands in.

        Raises:
            ValueError: the tree has no such level.
        """
        if level not in self.levels:
            raise ValueError(f"no level {level!r} in this tree; it has {', '.join(self.levels)}.")
        wanted = self.levels.index(level)
        tiles: list[Segment] = []
        stack = [self.root]
        while stack:
            s = stack.pop()
            finer = [c for c in self.children(s) if self.levels.index(c.level) >= wanted]
            # Children tile their parent together: either all are fine enough to replace it or none is.
            if finer and len(finer) == len(self.children(s)):
                stack.extend(reversed(finer))
            else:
                tiles.append(s)
        return tiles

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Corrections by a person that the tree holds to, in the order in which they were made."""
        return () if self.recipe is None else self.recipe.edits

    def recut(
        self,
        levels: Mapping[str, float | None] | None = None,
        weights: Mapping[str, float] | None = None,
        *,
        min_s: float | None = None,
    ) -> SegmentTree:
        """Cut the same video again from the signals already measured; nothing is decoded.

        What is omitted stays as it is. Edits stay in force.

        Args:
            levels: target mean duration in seconds per level name, finest first; None: as many segments as
                there is evidence for.
            weights: weight per signal (``picture``, ``motion``, ``sound``, ``speech``, …), or per phrase.
            min_s: shortest leaf in seconds, to a quarter second.

        Raises:
            ValueError: the tree keeps no signals, an argument is not allowed, or an edit's level is missing.
        """
        now, recutter = self._recutting()
        targets = now.levels if levels is None else levels
        shares = {**now.weights, **(weights or {})}
        shortest = now.min_s if min_s is None else min_s
        return recutter.cut(Recipe(targets, shares, shortest, now.edits))

    def moved(self, time_s: float, to_s: float) -> SegmentTree:
        """Return the tree with the boundary at ``time_s`` at ``to_s`` instead, between the same neighbours.

        In all edits ``time_s`` may be a quarter second off, and a ``ValueError`` says what cannot be.
        """
        return self._recutting()[1].edit(self, Edit("move", time_s, to_s))

    def merged(self, time_s: float, level: str | None = None) -> SegmentTree:
        """Return the tree with the two segments that meet at ``time_s`` as one, on ``level`` and above.

        ``level="scene"`` leaves the boundary between their moments; where omitted, it is gone.
        """
        return self._recutting()[1].edit(self, Edit("merge", time_s, level=level))

    def split(self, time_s: float, level: str | None = None) -> SegmentTree:
        """Return the tree with a new boundary at ``time_s``, up to ``level``; the finest where omitted."""
        return self._recutting()[1].edit(self, Edit("split", time_s, time_s, level=level))

    def locked(self, time_s: float) -> SegmentTree:
        """Return the tree with the boundary at ``time_s`` held, up to the level that it separates now."""
        return self._recutting()[1].edit(self, Edit("lock", time_s, time_s))

    def undone(self) -> SegmentTree:
        """Return the tree without its last edit."""
        recipe, recutter = self._recutting()
        if not recipe.edits:
            raise ValueError("this tree has no edit to undo.")
        return recutter.cut(replace(recipe, edits=recipe.edits[:-1]))

    def _recutting(self) -> tuple[Recipe, Recutter]:
        if self.recutter is None or self.recipe is None:
            raise ValueError(
                "this tree keeps no signals to cut again (it came from a library or from method "
                f"{self.method!r}); call vx.segment(video) to measure them."
            )
        return self.recipe, self.recutter

    def export(self, path: str | os.PathLike[str], *, level: str | None = None) -> Path:
        """Write the segments of a level for another program; the ending of ``path`` says how.

        ``.edl``, ``.otio`` and ``.fcpxml`` for editing programs, with a marker where a coarser segment begins
        (not in FCPXML); ``.vtt`` as chapters; ``.csv`` as a table of all levels, or of one.

        Args:
            path: file to write; an existing one is replaced.
            level: whose segments become clips; the finest one where omitted.

        Raises:
            ValueError: another ending, or no such level.
            MissingExtraError: an editing format needs the extra ``editing``.
        """
        target = Path(path)
        writers = {
            ".edl": self.to_edl,
            ".otio": self.to_otio,
            ".fcpxml": self.to_fcpxml,
            ".vtt": self.to_webvtt,
        }
        if target.suffix == ".csv":
            table = self.to_pandas()
            ids = {s.segment_id for s in (self.segments if level is None else self.at(level))}
            text = table[table.segment_id.isin(ids)].to_csv(index=False)
        elif target.suffix in writers:
            text = writers[target.suffix](level)
        else:
            allowed = ", ".join((*writers, ".csv"))
            raise ValueError(f"path must end in {allowed}; got {target.name!r}.")
        target.write_text(text, encoding="utf-8", newline="")
        return target

    def to_otio(self, level: str | None = None) -> str:
        """Return a level as an OpenTimelineIO timeline."""
        return timelines.to_otio(self._parts(level), self._marks(level), title=self.video.path.stem)

    def to_edl(self, level: str | None = None) -> str:
        """Return a level as a CMX 3600 edit list."""
        return timelines.to_edl(self._parts(level), self._marks(level), title=self.video.path.stem)

    def to_fcpxml(self, level: str | None = None) -> str:
        """Return a level as Final Cut Pro XML."""
        return timelines.to_fcpxml(self._parts(level), title=self.video.path.stem)

    def to_webvtt(self, level: str | None = None) -> str:
        """Return a level as WebVTT chapters."""
        return timelines.to_webvtt(self._parts(level))

    def _parts(self, level: str | None) -> list[timelines.Part]:
        tiles = self.at(self.levels[0] if level is None else level)
        return [timelines.Part(self.video, f"{s.level} {i}", s.span) for i, s in enumerate(tiles, 1)]

    def _marks(self, level: str | None) -> list[tuple[str, Span]]:
        """Where the segments of the coarser levels begin, the whole video left out."""
        finest = self.levels.index(self.levels[0] if level is None else level)
        return [
            (f"{name} {i}", s.span)
            for name in self.levels[finest + 1 : -1]
            for i, s in enumerate((s for s in self.segments if s.level == name), 1)
        ]

    def to_pandas(self) -> pd.DataFrame:
        """One row per segment: segment_id, video_id, level, start_s, end_s, duration_s, parent_id."""
        import pandas as pd

        rows = [
            (s.segment_id, s.video_id, s.level, s.start_s, s.end_s, s.duration_s, s.parent_id)
            for s in self.segments
        ]
        names = ["segment_id", "video_id", "level", "start_s", "end_s", "duration_s", "parent_id"]
        return pd.DataFrame(rows, columns=names)

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{sum(s.level == level for s in self.segments)} {level}" for level in reversed(self.levels)
        )
        return f"SegmentTree({self.video.path.name!r}, {format_time(self.video.duration_s)}: {counts})"


def _check_tiling(parent: Segment, group: list[Segment], rank: Mapping[str, int]) -> None:
    """Raise unless ``group`` (in time order) tiles ``parent`` to the millisecond on finer levels."""
    edges = [parent.start_s, *(s.end_s for s in group)]
    starts = [*(s.start_s for s in group), parent.end_s]
    if any(abs(a - b) > 1e-3 for a, b in zip(edges, starts, strict=True)):
        raise ValueError(f"the children of {parent} must tile it, got {[str(s) for s in group]}.")
    if any(rank[s.level] >= rank[parent.level] for s in group):
        raise ValueError(f"the children of {parent} must be on finer levels.")
