"""What a library holds at one moment, in memory: rows of complete videos only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import LibraryError
from videxplore.stages.store.database import Database
from videxplore.stages.store.rough import RoughItems
from videxplore.stages.store.schema import SEGMENTS, VIDEOS, boundaries_from_json, uri_to_path
from videxplore.stages.store.scoring import Space
from videxplore.stages.store.writing import COMPLETE
from videxplore.values.media import Video
from videxplore.values.rankings import Query
from videxplore.values.segments import Segment, SegmentTree
from videxplore.values.vectors import Embeddings, EncoderCard

# Posters are left out: they are most of the bytes of the table and are read one at a time.
_COLUMNS = [
    "segment_id", "video_id", "level", "parent_id", "start_s", "end_s", "stands_for", "persistence",
    "coherence", "magnitude", "transcript", "vector",
]  # fmt: skip

_SEGMENT_FIELDS = ("segment_id", "video_id", "level", "start_s", "end_s", "parent_id")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All segments of the complete videos, sorted by video, start and (coarse first) duration.

    Attributes:
        version: versions of the tables it was read from.
        card: of the vectors.
        videos: row of the table ``videos`` by video id.
        segments: n segments.
        levels: level names, finest first.
        stands_for: bool (n, levels), whether a segment belongs to the tiling of its video on a level.
        transcripts: n texts.
        vectors: float32 (n, d), unit length.
        magnitudes: float32 (n,).
        coherence: float32 (n,).
        persistence: float32 (n,), of the boundary a segment starts at.
    """

    version: tuple[int, int]
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

    def video(self, video_id: str) -> Video:
        """The stored facts about one video; the file itself is not looked at."""
        row = self.videos[video_id]
        names = ("duration_s", "width", "height", "fps", "frame_count", "codec", "has_audio", "audio_rate")
        facts: dict[str, Any] = {name: row[name] for name in names}
        facts |= {name: tuple(row[name]) for name in ("subtitle_tracks", "flags")}
        return Video(uri_to_path(row["uri"]), video_id, **facts)

    def tree(self, video_id: str) -> SegmentTree:
        """The segment tree of one video, as it was stored."""
        row = self.videos[video_id]
        levels = tuple(row["levels"])
        rank = {level: i for i, level in enumerate(levels)}
        mine = [s for s in self.segments if s.video_id == video_id]
        mine.sort(key=lambda s: (-rank[s.level], s.start_s))
        boundaries = boundaries_from_json(row["boundaries"])
        return SegmentTree(self.video(video_id), tuple(mine), levels, boundaries, row["method"])


def current_version(database: Database) -> tuple[int, int] | None:
    """Versions of the tables that a snapshot depends on, or None where nothing was ever stored."""
    videos, segments = database.table(VIDEOS), database.table(SEGMENTS)
    if videos is None or segments is None or database.card is None:
        return None
    return int(videos.version), int(segments.version)


def read_snapshot(database: Database, *, attempts: int = 20) -> Snapshot | None:
    """Read what the library holds now; None where nothing was ever stored.

    Two tables cannot be read at one instant, so the marker rows are read before and after the segments
    and the read is repeated where a writer came between.

    Raises:
        LibraryError: the library changed during every attempt.
    """
    for _ in range(attempts):
        version = current_version(database)
        if version is None:
            return None
        videos = _complete_videos(database)
        table = database.table(SEGMENTS).search().select(_COLUMNS).limit(None).to_arrow()  # type: ignore[union-attr]
        snapshot = _assemble(version, database.card, videos, table)  # type: ignore[arg-type]
        if snapshot is not None and current_version(database)[0] == version[0]:  # type: ignore[index]
            return snapshot
    raise LibraryError(
        f"the library {database.location!r} was being written during {attempts} attempts to read it; "
        "wait for the writer and try again."
    )


def _complete_videos(database: Database) -> dict[str, dict[str, Any]]:
    rows = database.table(VIDEOS).search().limit(None).to_arrow().to_pylist()  # type: ignore[union-attr]
    rows.sort(key=lambda row: (row["name"], row["video_id"]))
    return {row["video_id"]: row for row in rows if row["status"] == COMPLETE}


def _assemble(
    version: tuple[int, int], card: EncoderCard, videos: dict[str, dict[str, Any]], table: Any
) -> Snapshot | None:
    """Build the snapshot from the rows of complete videos; None where a video's rows are not all there."""
    order = {video_id: i for i, video_id in enumerate(videos)}
    text = {name: table.column(name).to_pylist() for name in _COLUMNS if name != "vector"}
    keep = [i for i, video_id in enumerate(text["video_id"]) if video_id in order]
    keep.sort(
        key=lambda i: (
            order[text["video_id"][i]], text["start_s"][i], -text["end_s"][i], len(text["stands_for"][i]),
            text["segment_id"][i],
        )
    )  # fmt: skip
    if len(keep) != sum(row["segment_count"] for row in videos.values()):
        return None
    flat = table.column("vector").combine_chunks().flatten().to_numpy(zero_copy_only=False)
    vectors = np.ascontiguousarray(flat.reshape(-1, card.dimension)[keep], dtype=np.float32)
    segments = tuple(Segment(*(text[name][i] for name in _SEGMENT_FIELDS)) for i in keep)
    levels = merge_levels([tuple(row["levels"]) for row in videos.values()])
    column = {level: j for j, level in enumerate(levels)}
    stands_for = np.zeros((len(keep), len(levels)), dtype=bool)
    for row, i in enumerate(keep):
        stands_for[row, [column[level] for level in text["stands_for"][i]]] = True
    pick = lambda name: np.array([text[name][i] for i in keep], dtype=np.float32)  # noqa: E731
    return Snapshot(
        version, card, videos, segments, levels, stands_for, tuple(text["transcript"][i] or "" for i in keep),
        vectors, pick("magnitude"), pick("coherence"), pick("persistence"),
    )  # fmt: skip


def merge_levels(orders: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Merge level orders, finest first, into one that keeps each order where they agree.

    >>> merge_levels([("moment", "scene", "video"), ("scene", "chapter", "video")])
    ('moment', 'scene', 'chapter', 'video')
    """
    merged: list[str] = []
    for order in orders:
        position = 0
        for level in order:
            if level in merged:
                position = merged.index(level) + 1
            else:
                merged.insert(position, level)
                position += 1
    return tuple(merged)
