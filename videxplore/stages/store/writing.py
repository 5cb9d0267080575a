"""Storing and removing one video: wholly in the library or not at all.

Lance commits are atomic per table, not across tables. So the row in ``videos`` is the marker: it is written
last and removed first, and readers pass over segments whose video has no such row.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.database import Database
from videxplore.stages.store.record import VideoRecord
from videxplore.stages.store.schema import (
    FRAMES,
    SEGMENTS,
    VIDEOS,
    boundaries_to_json,
    displayable,
    path_to_uri,
)
from videxplore.values.segments import SegmentTree

if TYPE_CHECKING:
    import pyarrow as pa

logger = logging.getLogger(__name__)

COMPLETE = "complete"


def write_video(database: Database, record: VideoRecord) -> None:
    """Store one video, replacing what the library has of it.

    Running it twice changes nothing; killed at any point, the video is either as it was before or absent,
    and the next run completes it without doubling a row.

    Raises:
        CardMismatchError: the record's vectors are of another card than the library's.
        LibraryError: the folder cannot be written.
    """
    from lancedb.expr import col, lit

    video_id = record.tree.video.video_id
    database.create(record.embeddings.card)
    with database.lock(f"video-{video_id}"), database.writing(f"storing {video_id}"):
        mine = col("video_id") == lit(video_id)
        _delete(database, VIDEOS, mine)
        database.merge(SEGMENTS, _segment_rows(database, record), replacing=mine)
        database.merge(FRAMES, _frame_rows(database, record), replacing=mine)
        database.merge(VIDEOS, _video_row(record))


def remove_video(database: Database, video_id: str) -> None:
    """Take one video out of the library; the video file is not touched.

    Raises:
        LibraryError: the folder cannot be written.
    """
    from lancedb.expr import col, lit

    with database.lock(f"video-{video_id}"), database.writing(f"removing {video_id}"):
        mine = col("video_id") == lit(video_id)
        for name in (VIDEOS, FRAMES, SEGMENTS):
            _delete(database, name, mine)


def add_location(database: Database, row: dict[str, Any], path: Path) -> None:
    """Note that the content of the stored video ``row`` is also found at ``path``.

    The path becomes the main one where the file at the main one is gone.
    """
    from videxplore.stages.store.schema import uri_to_path

    uri = path_to_uri(path)
    updated = dict(row) | {"locations": sorted({*row["locations"], uri})}
    if uri == row["uri"] or not uri_to_path(row["uri"]).is_file():
        stat = path.stat()
        updated |= {
            "uri": uri,
            "name": displayable(path.name),
            "size_bytes": stat.st_size,
            "modified_ns": stat.st_mtime_ns,
        }
    if updated == row:
        return
    with database.lock(f"video-{row['video_id']}"), database.writing(f"updating {row['video_id']}"):
        database.merge(VIDEOS, {name: [value] for name, value in updated.items()})


def optimise(database: Database) -> None:
    """Bring the full-text index up to date and join small fragments; never removes a version."""
    with database.lock("optimise"):
        for name in (SEGMENTS, FRAMES, VIDEOS):
            table = database.table(name)
            if table is None:
                continue
            try:
                table.optimize()
            except (OSError, RuntimeError) as error:
                # Losing a race against a writer costs speed, not rows: new rows are found unindexed.
                logger.info("the table %s was not optimised this time: %s", name, error)


def _delete(database: Database, name: str, condition: Any) -> None:
    table = database.table(name)
    if table is not None and table.count_rows(condition.to_sql()):
        table.delete(condition.to_sql())


def _fixed(vectors: NDArray[np.float32], dimension: int) -> pa.Array:
    import pyarrow as pa

    flat = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, dimension)


def _segment_rows(database: Database, record: VideoRecord) -> pa.Table:
    import pyarrow as pa

    tree, embeddings = record.tree, record.embeddings
    segments = tree.segments
    row_of = {segment_id: i for i, segment_id in enumerate(embeddings.segment_ids)}
    rows = np.array([row_of[s.segment_id] for s in segments], dtype=np.intp)
    standing = _standing_levels(tree)
    persistence = _start_persistence(tree)
    columns: dict[str, Any] = {
        "segment_id": [s.segment_id for s in segments],
        "video_id": [s.video_id for s in segments],
        "level": [s.level for s in segments],
        "parent_id": [s.parent_id for s in segments],
        "start_s": [s.start_s for s in segments],
        "end_s": [s.end_s for s in segments],
        "stands_for": [standing[s.segment_id] for s in segments],
        "persistence": [persistence[s.segment_id] for s in segments],
        "coherence": embeddings.coherence[rows],  # type: ignore[index]
        "magnitude": embeddings.magnitudes[rows],  # type: ignore[index]
        "transcript": [record.transcripts.get(s.segment_id, "") for s in segments],
        "vector": _fixed(embeddings.vectors[rows], embeddings.card.dimension),
        "poster": [record.posters.get(s.segment_id) for s in segments],
    }
    table = database.table(SEGMENTS)
    return pa.table(columns, schema=None if table is None else table.schema)


def _standing_levels(tree: SegmentTree) -> dict[str, list[str]]:
    """Levels on which each segment is part of the tiling of its video, finest first."""
    standing: dict[str, list[str]] = {s.segment_id: [] for s in tree.segments}
    for level in tree.levels:
        for s in tree.at(level):
            standing[s.segment_id].append(level)
    return standing


def _start_persistence(tree: SegmentTree) -> dict[str, float]:
    """Persistence of the boundary at which each segment starts; zero at the start of the video."""
    at = {round(b.time_s, 3): float(b.persistence) for b in tree.boundaries}
    return {s.segment_id: at.get(round(s.start_s, 3), 0.0) for s in tree.segments}


def _frame_rows(database: Database, record: VideoRecord) -> pa.Table:
    import pyarrow as pa

    video_id = record.tree.video.video_id
    times = [float(t) for t in record.frame_times_s]
    columns: dict[str, Any] = {
        # Microseconds: two frames of one video never share a key.
        "frame_id": [f"{video_id}@{t:.6f}" for t in times],
        "video_id": [video_id] * len(times),
        "time_s": times,
        "magnitude": record.frame_magnitudes,
        "vector": _fixed(record.frame_vectors, record.embeddings.card.dimension),
    }
    table = database.table(FRAMES)
    return pa.table(columns, schema=None if table is None else table.schema)


def _video_row(record: VideoRecord) -> dict[str, Any]:
    video, tree = record.tree.video, record.tree
    uri = path_to_uri(video.path)
    stat = video.path.stat() if video.path.is_file() else None
    row = {
        "video_id": video.video_id,
        "status": COMPLETE,
        "uri": uri,
        "name": displayable(video.path.name),
        "locations": [uri],
        "size_bytes": stat.st_size if stat else None,
        "modified_ns": stat.st_mtime_ns if stat else None,
        "duration_s": video.duration_s,
        "width": video.width,
        "height": video.height,
        "fps": video.fps,
        "frame_count": video.frame_count,
        "codec": video.codec,
        "has_audio": video.has_audio,
        "audio_rate": video.audio_rate,
        "subtitle_tracks": list(video.subtitle_tracks),
        "flags": list(video.flags),
        "decode_errors": record.decode_errors,
        "levels": list(tree.levels),
        "method": tree.method,
        "boundaries": boundaries_to_json(tree.boundaries),
        "segment_count": len(tree.segments),
        "frame_vectors": len(record.frame_times_s),
        "ingested_at": datetime.now(UTC),
    }
    return {name: [value] for name, value in row.items()}
