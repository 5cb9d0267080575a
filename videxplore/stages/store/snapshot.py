"""What a library holds at one moment, in memory: rows of complete videos only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.compositions import Composition
from videxplore.stages.store.rough import RoughItems
from videxplore.stages.store.rows import TreeFacts
from videxplore.stages.store.schema import MAIN, displayable, uri_to_path
from videxplore.stages.store.scoring import Space
from videxplore.values.media import Video
from videxplore.values.rankings import Query
from videxplore.values.segments import Segment, SegmentTree
from videxplore.values.vectors import Embeddings, EncoderCard

Versions = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class View:
    """What of a library is looked at.

    Attributes:
        segmentation: which trees.
        card: whose vectors; None for the library's first.
        pooling: how vectors of parents follow from those of their leaves; None for as they are stored.
    """

    segmentation: str = MAIN
    card: EncoderCard | None = None
    pooling: str | None = None


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All segments of the complete videos, sorted by video, start and (coarse first) duration.

    Attributes:
        version: versions of the tables it was read from.
        card: of the vectors.
        videos: row of the table ``videos`` by video id, with ``levels``, ``method`` and ``segment_count`` of
            its tree.
        segments: n segments, those of compositions last: each is a root on the level ``"composition"``, as
            long as its members together, and stands in the place of its video.
        levels: level names, finest first.
        stands_for: bool (n, levels), whether a segment belongs to the tiling of its video on a level.
        transcripts: n texts.
        vectors: float32 (n, d), unit length.
        magnitudes: float32 (n,).
        coherence: float32 (n,).
        persistence: float32 (n,), of the boundary a segment starts at.
        labels: n letters or phrases that alike leaves of a video share, or empty.
        trees: facts about the tree of each video, by video id.
        compositions: by composition id, members that are still there.
    """

    version: Versions
    card: EncoderCard
    videos: dict[str, dict[str, Any]]
    segments: tuple[Segment, ...]
    levels: tuple[str, ...]
    stands_for: NDArray[np.bool_]
    transcripts: tuple[str, ...]
    vectors: NDArray[np.float32]
    magnitudes: NDArray[np.float32]
    coherence: NDArray[np.float32]
    persistence: NDArray[np.float32]
    labels: tuple[str, ...]
    trees: Mapping[str, TreeFacts]
    compositions: Mapping[str, Composition]

    def __len__(self) -> int:
        return len(self.segments)

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row by segment id."""
        return {s.segment_id: i for i, s in enumerate(self.segments)}

    @cached_property
    def parent_rows(self) -> NDArray[np.intp]:
        """Intp (n,): row of the parent, −1 for a root."""
        rows = [self.row_of.get(s.parent_id, -1) if s.parent_id else -1 for s in self.segments]
        return np.array(rows, dtype=np.intp)

    @cached_property
    def child_rows(self) -> dict[int, tuple[int, ...]]:
        """Rows of the children, in order of time, by the row of their parent."""
        children: dict[int, list[int]] = {}
        for row, parent in enumerate(self.parent_rows.tolist()):
            if parent >= 0:
                children.setdefault(parent, []).append(row)
        return {parent: tuple(rows) for parent, rows in children.items()}

    @cached_property
    def rows_of_video(self) -> dict[str, range]:
        """Rows of each video, which lie together, by video id; those of compositions are of none."""
        found: dict[str, range] = {}
        start = 0
        for video_id, group in groupby(self.segments, key=lambda s: s.video_id):
            stop = start + sum(1 for _ in group)
            found[video_id] = range(start, stop)
            start = stop
        return {video_id: rows for video_id, rows in found.items() if video_id in self.videos}

    @cached_property
    def bounds_s(self) -> NDArray[np.float64]:
        """Start and end of each segment in seconds, float64 (n, 2)."""
        return np.array([(s.start_s, s.end_s) for s in self.segments], dtype=np.float64).reshape(-1, 2)

    @cached_property
    def durations_s(self) -> NDArray[np.float64]:
        """Length of each segment in seconds, float64 (n,)."""
        return np.array([s.duration_s for s in self.segments])

    @cached_property
    def _level_names(self) -> NDArray[np.str_]:
        return np.array([s.level for s in self.segments])

    @cached_property
    def space(self) -> Space:
        """The vectors made comparable across levels and modalities, for cosines."""
        return Space.fit(self.vectors, self._level_names, self.card, self.levels[0])

    @cached_property
    def attribute_space(self) -> Space:
        """The same on the encoder's own scale, for projections on named columns."""
        values = self.vectors * self.magnitudes[:, None]
        # Columns that words cannot ask for must not decide how levels are stretched.
        values[:, [not name for name in self.card.names]] = 0.0
        return Space.fit(values, self._level_names, self.card, self.levels[0], unit=False)

    def space_for(self, query: Query) -> Space:
        """Words that an encoder read as named attributes are projected; all else is compared by cosine."""
        return self.attribute_space if self.card.names and query.terms else self.space

    @cached_property
    def _rough(self) -> dict[bool, RoughItems]:
        return {}

    def rough_items(self, space: Space) -> RoughItems:
        """The items of one of the spaces, coded for a first pass; made when first asked for."""
        if space.unit not in self._rough:
            self._rough[space.unit] = RoughItems.of(space.items)
        return self._rough[space.unit]

    @cached_property
    def from_span(self) -> NDArray[np.bool_]:
        """Bool (d,): columns that follow from where a segment lies, so that frames know nothing of them."""
        named = set(self.card.parameters.get("from_span", ()))
        return np.array([name in named for name in self.card.names] or [False] * self.card.dimension)

    @cached_property
    def _neighbours(self) -> dict[tuple[str, str, int], int]:
        return {(s.video_id, s.level, round(s.start_s * 1000)): i for i, s in enumerate(self.segments)}

    @cached_property
    def next_rows(self) -> NDArray[np.intp]:
        """Intp (n,): row of the segment of the same video and level that starts where this ends, or −1."""
        keys = [(s.video_id, s.level, round(s.end_s * 1000)) for s in self.segments]
        return np.array([self._neighbours.get(key, -1) for key in keys], dtype=np.intp)

    @cached_property
    def previous_rows(self) -> NDArray[np.intp]:
        """Intp (n,): row of the segment of the same video and level that ends where this starts, or −1."""
        rows = np.full(len(self), -1, dtype=np.intp)
        has_next = np.flatnonzero(self.next_rows >= 0)
        rows[self.next_rows[has_next]] = has_next
        return rows

    def ancestors(self, row: int) -> list[int]:
        """Rows of parent, grandparent, … up to the root."""
        chain = []
        row = int(self.parent_rows[row])
        while row >= 0:
            chain.append(row)
            row = int(self.parent_rows[row])
        return chain

    def embeddings(self) -> Embeddings:
        """All vectors, tied to their segments."""
        return Embeddings(
            self.vectors,
            tuple(s.segment_id for s in self.segments),
            tuple(s.level for s in self.segments),
            self.card,
            self.magnitudes,
            self.coherence,
            tuple(s.video_id for s in self.segments),
        )

    @cached_property
    def leaf_ranges(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows of all leaves, intp (m,), and for each row its first leaf and one past its last, intp (n, 2).

        Leaves of one parent are consecutive, because the rows are sorted by video and start. Rows of
        compositions have the empty range: their members need not be neighbours.
        """
        parents = self.parent_rows
        is_leaf = np.ones(len(self), dtype=bool)
        is_leaf[parents[parents >= 0]] = False
        is_leaf[[self.row_of[i] for i in self.compositions]] = False
        leaves = np.flatnonzero(is_leaf)
        ranges = np.zeros((len(self), 2), dtype=np.intp)
        ranges[:, 0] = len(leaves)
        rows, place = leaves, np.arange(len(leaves))
        while len(rows):
            np.minimum.at(ranges[:, 0], rows, place)
            np.maximum.at(ranges[:, 1], rows, place + 1)
            up = parents[rows] >= 0
            rows, place = parents[rows[up]], place[up]
        return leaves, ranges

    def title(self, video_id: str) -> str:
        """Name of a video's file, or of a composition."""
        composed = self.compositions.get(video_id)
        return composed.name if composed else str(self.videos[video_id]["name"])

    def place(self, video_id: str) -> str:
        """Path of a video's file as text, or the name of a composition."""
        if video_id not in self._places:
            composed = self.compositions.get(video_id)
            path = composed.name if composed else displayable(uri_to_path(self.videos[video_id]["uri"]))
            self._places[video_id] = path
        return self._places[video_id]

    @cached_property
    def _places(self) -> dict[str, str]:
        return {}

    def members(self, row: int) -> list[int]:
        """Rows that a composition was put together from; of any other row, itself."""
        composed = self.compositions.get(self.segments[row].segment_id)
        return [row] if composed is None else [self.row_of[i] for i in composed.members]

    def video(self, video_id: str) -> Video:
        """The stored facts about one video; the file itself is not looked at."""
        row = self.videos[video_id]
        names = ("duration_s", "width", "height", "fps", "frame_count", "codec", "has_audio", "audio_rate")
        facts: dict[str, Any] = {name: row[name] for name in names}
        facts |= {name: tuple(row[name]) for name in ("subtitle_tracks", "flags")}
        return Video(uri_to_path(row["uri"]), video_id, **facts)

    def tree(self, video_id: str) -> SegmentTree:
        """The segment tree of one video, as it was stored."""
        facts = self.trees[video_id]
        rank = {level: i for i, level in enumerate(facts.levels)}
        rows = self.rows_of_video[video_id]
        mine = [self.segments[i] for i in rows]
        mine.sort(key=lambda s: (-rank[s.level], s.start_s))
        labels = {self.segments[i].segment_id: self.labels[i] for i in rows if self.labels[i]}
        return SegmentTree(
            self.video(video_id), tuple(mine), facts.levels, facts.boundaries, facts.method, labels
        )
