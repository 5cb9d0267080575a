"""A video record as Arrow rows of the tables, and the tree that the row of its root carries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.record import VideoRecord
from videxplore.stages.store.schema import MAIN, displayable, path_to_uri
from videxplore.values.segments import Boundary, SegmentTree
from videxplore.values.vectors import Embeddings

if TYPE_CHECKING:
    import pyarrow as pa

COMPLETE = "complete"

STRONGEST = 8
"""How many named attributes a row lists, those farthest from zero."""


@dataclass(frozen=True, slots=True)
class TreeFacts:
    """What a tree is besides its segments: stored in the row of its root, so that both change in one commit.

    Attributes:
        levels: finest first.
        method: how it was cut.
        boundaries: between leaves.
        segments: how many there are.
    """

    levels: tuple[str, ...]
    method: str
    boundaries: tuple[Boundary, ...]
    segments: int

    @classmethod
    def of(cls, tree: SegmentTree) -> TreeFacts:
        """What to store of a tree."""
        return cls(tree.levels, tree.method, tree.boundaries, len(tree.segments))

    def to_json(self) -> str:
        """As the column ``tree`` holds it."""
        facts = {
            "levels": self.levels,
            "method": self.method,
            "segments": self.segments,
            "boundaries": [_boundary_row(boundary) for boundary in self.boundaries],
        }
        return json.dumps(facts)

    @classmethod
    def from_json(cls, text: str) -> TreeFacts:
        """Read back what :meth:`to_json` wrote."""
        facts = json.loads(text)
        boundaries = boundaries_of(facts["boundaries"])
        return cls(tuple(facts["levels"]), facts["method"], boundaries, facts["segments"])


def _boundary_row(boundary: Boundary) -> dict[str, Any]:
    return {
        "time_s": boundary.time_s,
        "kind": boundary.kind,
        "span_s": list(boundary.span_s or (boundary.time_s, boundary.time_s)),
        "strength": float(boundary.strength),
        "evidence": {name: float(value) for name, value in boundary.evidence.items()},
        "persistence": float(boundary.persistence),
        "level": boundary.level,
    } | ({"note": boundary.note} if boundary.note else {})


def boundaries_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Boundary, ...]:
    """Return the boundaries that a stored JSON list describes."""
    return tuple(Boundary(**{**row, "span_s": tuple(row["span_s"])}) for row in rows)


def segment_rows(schema: pa.Schema, record: VideoRecord, segmentation: str = MAIN) -> pa.Table:
    """Return the rows of ``segments`` for one tree of one video."""
    import pyarrow as pa

    tree = record.tree
    embeddings = aligned(tree, record.embeddings)
    segments = tree.segments
    standing = _standing_levels(tree)
    persistence = _start_persistence(tree)
    facts = TreeFacts.of(tree).to_json()
    columns: dict[str, Any] = {
        "segment_id": [s.segment_id for s in segments],
        "video_id": [s.video_id for s in segments],
        "level": [s.level for s in segments],
        "parent_id": [s.parent_id for s in segments],
        "start_s": [s.start_s for s in segments],
        "end_s": [s.end_s for s in segments],
        "stands_for": [standing[s.segment_id] for s in segments],
        "persistence": [persistence[s.segment_id] for s in segments],
        "coherence": embeddings.coherence,
        "magnitude": embeddings.magnitudes,
        "transcript": [record.transcripts.get(s.segment_id, "") for s in segments],
        "vector": fixed(embeddings.vectors),
        "poster": [record.posters.get(s.segment_id) for s in segments],
        "segmentation": [segmentation] * len(segments),
        "label": [tree.labels.get(s.segment_id, "") for s in segments],
        "attributes": named_attributes(embeddings),
        "tree": [facts if s.parent_id is None else None for s in segments],
    }
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)


def vector_rows(schema: pa.Schema, tree: SegmentTree, embeddings: Embeddings) -> pa.Table:
    """Return the rows of a further vector set for one tree of one video."""
    import pyarrow as pa

    found = aligned(tree, embeddings)
    columns: dict[str, Any] = {
        "segment_id": [s.segment_id for s in tree.segments],
        "video_id": [s.video_id for s in tree.segments],
        "level": [s.level for s in tree.segments],
        "start_s": [s.start_s for s in tree.segments],
        "end_s": [s.end_s for s in tree.segments],
        "coherence": found.coherence,
        "magnitude": found.magnitudes,
        "vector": fixed(found.vectors),
    }
    return pa.table(columns, schema=schema)


def frame_rows(
    schema: pa.Schema,
    video_id: str,
    times_s: NDArray[np.float64],
    vectors: NDArray[np.float32],
    magnitudes: NDArray[np.float32],
) -> pa.Table:
    """Return the rows of a table of frames for one video."""
    import pyarrow as pa

    times = [float(t) for t in times_s]
    columns: dict[str, Any] = {
        # Microseconds: two frames of one video never share a key.
        "frame_id": [f"{video_id}@{t:.6f}" for t in times],
        "video_id": [video_id] * len(times),
        "time_s": times,
        "magnitude": magnitudes,
        "vector": fixed(vectors),
    }
    return pa.table(columns, schema=schema)


def video_row(record: VideoRecord, known: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the row of ``videos``; places at which a stored video is known to be are kept."""
    video = record.tree.video
    uri = path_to_uri(video.path)
    stat = video.path.stat() if video.path.is_file() else None
    return {
        "video_id": video.video_id,
        "status": COMPLETE,
        "uri": uri,
        "name": displayable(video.path.name),
        "locations": sorted({uri, *(known["locations"] if known else ())}),
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
        "frame_vectors": len(record.frame_times_s),
        "ingested_at": datetime.now(UTC),
    }


def fixed(vectors: NDArray[np.float32]) -> pa.Array:
    """Return float32 (n, d) as an Arrow column of fixed-size lists."""
    import pyarrow as pa

    flat = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])


def aligned(tree: SegmentTree, embeddings: Embeddings) -> Embeddings:
    """Return the rows of ``embeddings`` in the order of the tree's segments."""
    row_of = {segment_id: i for i, segment_id in enumerate(embeddings.segment_ids)}
    return embeddings.select(np.array([row_of[s.segment_id] for s in tree.segments], dtype=np.intp))


def named_attributes(embeddings: Embeddings) -> list[list[dict[str, Any]] | None]:
    """What each segment is, in words: its strongest named columns; None where columns have no names."""
    names = embeddings.card.names
    if not names:
        return [None] * len(embeddings)
    values = embeddings.attributes
    values = values * np.array([bool(name) for name in names])
    strongest = np.argsort(-np.abs(values), axis=1, kind="stable")[:, :STRONGEST]
    return [
        [{"name": names[j], "value": float(row[j])} for j in order if row[j] != 0]
        for row, order in zip(values, strongest, strict=True)
    ]


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
