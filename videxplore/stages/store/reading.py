"""Reading a library into memory: rows of complete videos only, at versions that belong together."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.compositions import Composition, read_compositions
from videxplore.stages.store.database import Database
from videxplore.stages.store.history import table_versions
from videxplore.stages.store.repooling import outermost, pool_members, repool
from videxplore.stages.store.rows import COMPLETE, TreeFacts
from videxplore.stages.store.schema import ANNOTATIONS, JUDGEMENTS, MAPS, SEGMENTS, VIDEOS
from videxplore.stages.store.sets import set_tables
from videxplore.stages.store.snapshot import Snapshot, Versions, View
from videxplore.values.segments import COMPOSITION_LEVEL, Segment
from videxplore.values.vectors import EncoderCard

logger = logging.getLogger(__name__)

# Posters are left out: they are most of the bytes of the table and are read one at a time.
_COLUMNS = [
    "segment_id", "video_id", "level", "parent_id", "start_s", "end_s", "stands_for", "persistence",
    "transcript", "label", "tree",
]  # fmt: skip
_VECTOR_COLUMNS = ["coherence", "magnitude", "vector"]
_SEGMENT_FIELDS = ("segment_id", "video_id", "level", "start_s", "end_s", "parent_id")

Row = dict[str, Any]


def current_versions(database: Database) -> Versions | None:
    """Versions of the tables that a snapshot depends on, or None where nothing was ever stored."""
    if database.card is None:
        return None
    beside = (JUDGEMENTS, ANNOTATIONS, MAPS)
    versions = {name: v for name, v in table_versions(database).items() if name not in beside}
    return versions if VIDEOS in versions and SEGMENTS in versions else None


def read_snapshot(database: Database, view: View | None = None) -> Snapshot | None:
    """Read what the library holds now; None where nothing was ever stored.

    Tables cannot be read at one instant, so versions that belong together are chosen first and then read.
    A video with rows missing, which only damage from outside can bring about, is left out and warned of.

    Raises:
        LibraryError: the library changed during every attempt to choose versions.
        ValueError: a pooling that is not known.
    """
    versions = current_versions(database)
    if versions is None:
        return None
    view = View() if view is None else view
    pinned = Database(database.location, pinned=versions)
    card = view.card or pinned.card
    assert card is not None  # noqa: S101 - there are tables
    further = None if card == pinned.card else set_tables(card)[0]
    held = _read_segments(pinned, view.segmentation, further)
    rows = pinned.require(VIDEOS).search().limit(None).to_arrow().to_pylist()
    rows.sort(key=lambda row: (row["name"], row["video_id"]))
    videos = {row["video_id"]: row for row in rows if row["status"] == COMPLETE}
    snapshot = _assemble(versions, card, videos, held, warn=further is None)
    snapshot = repool(snapshot, view.pooling)
    return _composed(snapshot, read_compositions(pinned, view.segmentation), view.pooling)


@dataclass(frozen=True, eq=False)
class _Held:
    """Columns as read: Python lists by name, and the numbers of the vectors; NaN where a row has none."""

    text: Mapping[str, list[Any]]
    vectors: NDArray[np.float32]
    magnitude: NDArray[np.float32]
    coherence: NDArray[np.float32]
    there: NDArray[np.bool_]


def _read_segments(database: Database, segmentation: str, further: str | None) -> _Held:
    from lancedb.expr import col, lit

    wanted = (col("segmentation") == lit(segmentation)).to_sql()
    columns = _COLUMNS + ([] if further else _VECTOR_COLUMNS)
    found = database.require(SEGMENTS).search().where(wanted).select(columns).limit(None).to_arrow()
    text = {name: found.column(name).to_pylist() for name in _COLUMNS}
    n = found.num_rows
    if not further:
        return _Held(text, *_numbers(found), np.ones(n, dtype=bool))
    table = database.table(further)
    beside = table.search().select(["segment_id", *_VECTOR_COLUMNS]).limit(None).to_arrow()  # type: ignore[union-attr]
    row_of = {i: row for row, i in enumerate(beside.column("segment_id").to_pylist())}
    rows = np.array([row_of.get(i, -1) for i in text["segment_id"]], dtype=np.intp)
    vectors, magnitude, coherence = _numbers(beside)
    if not len(vectors):
        rows = np.zeros(0, dtype=np.intp)
        return _Held({name: [] for name in _COLUMNS}, vectors, magnitude, coherence, np.zeros(0, dtype=bool))
    return _Held(text, vectors[rows], magnitude[rows], coherence[rows], rows >= 0)


def _numbers(table: Any) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    column = table.column("vector").combine_chunks()
    flat = column.flatten().to_numpy(zero_copy_only=False)
    vectors = flat.reshape(-1, column.type.list_size)
    magnitude, coherence = (
        table.column(name).to_numpy().astype(np.float32, copy=False) for name in ("magnitude", "coherence")
    )
    return vectors, magnitude, coherence


def _assemble(
    versions: Versions, card: EncoderCard, videos: dict[str, Row], held: _Held, *, warn: bool
) -> Snapshot:
    """Build the snapshot from the rows of complete videos whose rows are all there."""
    text = held.text
    trees = {
        video_id: TreeFacts.from_json(facts)
        for video_id, facts in zip(text["video_id"], text["tree"], strict=True)
        if facts is not None and video_id in videos
    }
    order = _whole(text["video_id"], held.there, list(videos), trees, warn=warn)
    whose = np.array([order.get(video_id, -1) for video_id in text["video_id"]], dtype=np.intp)
    keep = np.flatnonzero(whose >= 0)
    standing = text["stands_for"]
    keys = (
        np.array([text["segment_id"][i] for i in keep]),
        np.array([len(standing[i]) for i in keep]),
        -np.array([text["end_s"][i] for i in keep], dtype=np.float64),
        np.array([text["start_s"][i] for i in keep]),
        whose[keep],
    )
    keep = keep[np.lexsort(keys)] if len(keep) else keep
    segments = tuple(Segment(*(text[name][i] for name in _SEGMENT_FIELDS)) for i in keep)
    trees = {video_id: trees[video_id] for video_id in order}
    levels = merge_levels([facts.levels for facts in trees.values()])
    column = {level: j for j, level in enumerate(levels)}
    stands_for = np.zeros((len(keep), len(levels)), dtype=bool)
    for row, i in enumerate(keep):
        stands_for[row, [column[level] for level in standing[i]]] = True
    facts_of = {
        video_id: {"levels": f.levels, "method": f.method, "segment_count": f.segments}
        for video_id, f in trees.items()
    }
    return Snapshot(
        version=versions,
        card=card,
        videos={video_id: videos[video_id] | facts_of[video_id] for video_id in order},
        segments=segments,
        levels=levels,
        stands_for=stands_for,
        transcripts=tuple(text["transcript"][i] or "" for i in keep),
        vectors=np.ascontiguousarray(held.vectors[keep], dtype=np.float32).reshape(len(keep), card.dimension),
        magnitudes=held.magnitude[keep],
        coherence=held.coherence[keep],
        persistence=np.array([text["persistence"][i] for i in keep], dtype=np.float32),
        labels=tuple(text["label"][i] or "" for i in keep),
        trees=trees,
        compositions={},
    )


def _whole(
    owners: list[str],
    there: NDArray[np.bool_],
    videos: list[str],
    trees: Mapping[str, TreeFacts],
    *,
    warn: bool,
) -> dict[str, int]:
    """Place of each video of which all rows are there, with a vector each."""
    counts: dict[str, int] = dict.fromkeys(videos, 0)
    for video_id, has_vector in zip(owners, there.tolist(), strict=True):
        if video_id in counts and has_vector:
            counts[video_id] += 1
    whole = [v for v in videos if v in trees and counts[v] == trees[v].segments]
    lost = [v for v in videos if v in trees and v not in set(whole)]
    if lost and warn:
        logger.warning(
            "%d videos have rows missing and are passed over: %s. library.verify() repairs what can be.",
            len(lost), ", ".join(lost[:5]),
        )  # fmt: skip
    return {video_id: i for i, video_id in enumerate(whole)}


def _composed(snapshot: Snapshot, compositions: list[Composition], pooling: str | None) -> Snapshot:
    """Add a row for every composition of which a member is there."""
    kept = {}
    for composition in compositions:
        there = tuple(i for i in composition.members if i in snapshot.row_of)
        if there:
            kept[composition.composition_id] = replace(composition, members=there)
    if not kept:
        return snapshot
    members = [np.array([snapshot.row_of[i] for i in c.members], dtype=np.intp) for c in kept.values()]
    rows = [outermost(snapshot, mine) for mine in members]
    lengths = [float(snapshot.durations_s[mine].sum()) for mine in rows]
    vectors, magnitudes, coherence = pool_members(snapshot, rows, pooling)
    n, count = len(snapshot), len(kept)
    stands_for = np.zeros((n + count, len(snapshot.levels) + 1), dtype=bool)
    stands_for[:n, :-1], stands_for[n:, -1] = snapshot.stands_for, True
    said = [" ".join(filter(None, (snapshot.transcripts[i] for i in mine))) for mine in rows]
    return replace(
        snapshot,
        segments=snapshot.segments
        + tuple(Segment(i, i, COMPOSITION_LEVEL, 0.0, s) for i, s in zip(kept, lengths, strict=True)),
        levels=(*snapshot.levels, COMPOSITION_LEVEL),
        stands_for=stands_for,
        transcripts=snapshot.transcripts + tuple(said),
        vectors=np.concatenate([snapshot.vectors, vectors]),
        magnitudes=np.concatenate([snapshot.magnitudes, magnitudes]),
        coherence=np.concatenate([snapshot.coherence, coherence]),
        persistence=np.concatenate([snapshot.persistence, np.zeros(count, np.float32)]),
        labels=snapshot.labels + ("",) * count,
        compositions=kept,
    )


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
