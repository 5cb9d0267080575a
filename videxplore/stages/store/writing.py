"""Storing and removing one video: wholly in the library or not at all.

Lance commits are atomic per table, not across tables. So the row in ``videos`` is the marker: of a new video
it is written last, of one that goes it is removed first, and readers pass over segments whose video has no
such row. A tree lies in ``segments`` alone, the facts about it in the row of its root, so that a new tree
takes the place of the old one in a single commit: killed at any point, the video has the one or the other.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.database import Database
from videxplore.stages.store.history import KEPT, note
from videxplore.stages.store.record import VideoRecord
from videxplore.stages.store.rows import frame_rows, segment_rows, vector_rows, video_row
from videxplore.stages.store.schema import (
    FRAMES,
    MAIN,
    SEGMENTS,
    VIDEOS,
    displayable,
    path_to_uri,
    uri_to_path,
)
from videxplore.stages.store.sets import set_tables
from videxplore.values.segments import SegmentTree, segment_id
from videxplore.values.vectors import Embeddings

logger = logging.getLogger(__name__)

Frames = tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]
"""Times (f,) in seconds, unit vectors (f, d) and magnitudes (f,) of the single frames of one video."""


def write_video(database: Database, record: VideoRecord) -> None:
    """Store one video, replacing what the library has of it.

    Running it twice changes nothing; killed at any point, a new video is absent and one that was there is
    there, as before or as it is to be, and the next run completes it without doubling a row.

    Raises:
        CardMismatchError: the record's vectors are of another card than the library's.
        LibraryError: the folder cannot be written.
    """
    video_id = record.tree.video.video_id
    database.create(record.embeddings.card)
    with database.writing(f"storing {video_id}"), database.locks.hold_video(video_id):
        known = stored_row(database, video_id)
        frames = record.frame_times_s, record.frame_vectors, record.frame_magnitudes
        _merge_frames(database, FRAMES, video_id, frames)
        mine = _all_of(video_id, MAIN)
        rows = segment_rows(database.require(SEGMENTS).schema, record)
        database.merge(SEGMENTS, rows, replacing=mine)
        database.merge(VIDEOS, {name: [value] for name, value in video_row(record, known).items()})
        note(database, "ingest", video_id, displayable(record.tree.video.path.name))


def _merge_frames(database: Database, table: str, video_id: str, frames: Frames) -> None:
    rows = frame_rows(database.require(table).schema, video_id, *frames)
    database.merge(table, rows, replacing=_of_video(video_id))


def write_segmentation(database: Database, record: VideoRecord, segmentation: str) -> None:
    """Store a further tree of a stored video beside its first; its segments get ids of their own.

    The vectors of single frames are those that are there.

    Raises:
        CardMismatchError: the record's vectors are not of the library's first card.
        LibraryError: the folder cannot be written.
    """
    database.require_card(record.embeddings.card)
    video_id = record.tree.video.video_id
    renamed = rename(record, segmentation)
    with database.writing(f"storing {segmentation!r} of {video_id}"), database.locks.hold_video(video_id):
        rows = segment_rows(database.require(SEGMENTS).schema, renamed, segmentation)
        database.merge(SEGMENTS, rows, replacing=_all_of(video_id, segmentation))
        note(database, "segmentation", video_id, segmentation)


def rename(record: VideoRecord, segmentation: str) -> VideoRecord:
    """Return the record with ids that say which segmentation its segments are of.

    Two segmentations may cut alike, and a key names one row.
    """
    new_id = {
        s.segment_id: segment_id(s.video_id, f"{segmentation}/{s.level}", s.start_s, s.end_s)
        for s in record.tree.segments
    }
    segments = tuple(
        replace(s, segment_id=new_id[s.segment_id], parent_id=new_id.get(s.parent_id or ""))
        for s in record.tree.segments
    )
    tree = record.tree
    labels = {new_id[i]: label for i, label in tree.labels.items()}
    own = SegmentTree(tree.video, segments, tree.levels, tree.boundaries, tree.method, labels, tree.notes)
    return replace(
        record,
        tree=own,
        embeddings=replace(
            record.embeddings, segment_ids=tuple(new_id[i] for i in record.embeddings.segment_ids)
        ),
        transcripts={new_id[i]: said for i, said in record.transcripts.items()},
        posters={new_id[i]: poster for i, poster in record.posters.items()},
    )


def write_set(
    database: Database,
    tree: SegmentTree,
    embeddings: Embeddings,
    frames: Frames | None = None,
) -> None:
    """Store vectors of a further card for one stored tree, beside those of the first card.

    Args:
        database: the library's.
        tree: as stored.
        embeddings: one row per segment of the tree.
        frames: of the video; None leaves those there.

    Raises:
        LibraryError: the folder cannot be written.
    """
    card, video_id = embeddings.card, tree.video.video_id
    database.create_set(card)
    vectors, further_frames = set_tables(card)
    with database.writing(f"storing {card.name!r} of {video_id}"), database.locks.hold_video(video_id):
        if frames is not None:
            _merge_frames(database, further_frames, video_id, frames)
        database.merge(vectors, vector_rows(database.require(vectors).schema, tree, embeddings))
        note(database, "encoder", video_id, card.name)


def remove_video(database: Database, video_id: str) -> None:
    """Take one video out of the library; the video file is not touched.

    Raises:
        LibraryError: the folder cannot be written.
    """
    with database.writing(f"removing {video_id}"), database.locks.hold_video(video_id):
        if sum([delete_rows(database, name, video_id) for name in database.tables_of_videos]):
            note(database, "remove", video_id)


def delete_rows(database: Database, table: str, video_id: str) -> int:
    """Delete the rows of one video from one table; returns how many."""
    return database.delete(table, _of_video(video_id).to_sql())


def stored_row(database: Database, video_id: str) -> dict[str, Any] | None:
    """Return the row of ``videos`` as it is now, or None."""
    table = database.table(VIDEOS)
    if table is None:
        return None
    rows = table.search().where(_of_video(video_id).to_sql()).limit(1).to_arrow().to_pylist()
    return rows[0] if rows else None


def add_location(database: Database, video_id: str, path: Path) -> None:
    """Note that the content of a stored video is also found at ``path``.

    The path becomes the main one where the file at the main one is gone or has other content by now.
    """
    uri = path_to_uri(path)
    with database.writing(f"updating {video_id}"), database.locks.hold_video(video_id):
        row = stored_row(database, video_id)
        if row is None:
            return
        updated = dict(row) | {"locations": sorted({*row["locations"], uri})}
        if uri == row["uri"] or file_state(row) != "found":
            stat = path.stat()
            updated |= {
                "uri": uri,
                "name": displayable(path.name),
                "size_bytes": stat.st_size,
                "modified_ns": stat.st_mtime_ns,
            }
        if updated != row:
            database.merge(VIDEOS, {name: [value] for name, value in updated.items()})
            note(database, "location", video_id, displayable(path.name))


def drop_location(database: Database, video_id: str, path: Path) -> None:
    """Note that a file that held a stored video holds something else by now.

    With no place left the video stays searchable, and its file counts as changed.
    """
    uri = path_to_uri(path)
    with database.writing(f"updating {video_id}"), database.locks.hold_video(video_id):
        row = stored_row(database, video_id)
        if row is None or uri not in row["locations"]:
            return
        others = [place for place in row["locations"] if place != uri]
        updated = dict(row) | {"locations": others}
        if uri == row["uri"] and others:
            # Its time is not known; whoever opens it compares the content.
            updated |= {
                "uri": others[0],
                "name": displayable(uri_to_path(others[0]).name),
                "modified_ns": None,
            }
        database.merge(VIDEOS, {name: [value] for name, value in updated.items()})
        note(database, "location", video_id, displayable(path.name))


def file_state(row: dict[str, Any]) -> str:
    """Say whether the main file of a video is ``"found"`` as it was, ``"changed"`` or ``"missing"``.

    By size and time; a time that is not known is not held against it.
    """
    try:
        stat = uri_to_path(row["uri"]).stat()
    except OSError:
        return "missing"
    same_time = row["modified_ns"] in (None, stat.st_mtime_ns) and stat.st_size == row["size_bytes"]
    return "found" if same_time and row["uri"] in row["locations"] else "changed"


def optimise(database: Database) -> None:
    """Bring the full-text index up to date and join small fragments; never removes a version."""
    with database.writing("tidying up"), database.locks.hold("optimise"):
        for name in reversed(database.tables_of_videos):
            table = database.table(name)
            if table is None:
                continue
            try:
                table.optimize(cleanup_older_than=KEPT)
            except (OSError, RuntimeError) as error:
                # Losing a race against a writer costs speed, not rows: new rows are found unindexed.
                logger.info("the table %s was not optimised this time: %s", name, error)


def _of_video(video_id: str) -> Any:
    from lancedb.expr import col, lit

    return col("video_id") == lit(video_id)


def _all_of(video_id: str, segmentation: str) -> Any:
    from lancedb.expr import col, lit

    return _of_video(video_id) & (col("segmentation") == lit(segmentation))
