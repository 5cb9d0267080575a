"""Notes and tags in a library: one row per stretch of a video and author.

An annotation is of a stretch, not of a row in ``segments``: it outlives a new segmentation. It goes with its
video. Of any segmentation, it is shown at the segments of the video that cover most alike: those of the
highest intersection over union with the stretch, if that is more than a half. Of the segments of one level
there is one such at most.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from videxplore.errors import LibraryError
from videxplore.stages.store.database import Database
from videxplore.stages.store.history import note as log
from videxplore.stages.store.judgements import stretch_of
from videxplore.stages.store.schema import ANNOTATIONS
from videxplore.stages.store.snapshot import Snapshot
from videxplore.stages.store.writing import stored_row
from videxplore.values.annotations import Annotation, Tags

_LEAST_OVERLAP = 0.5
_COLUMNS = (
    "video_id", "start_s", "end_s", "note", "tags", "author", "level", "segment_id", "changed_at",
)  # fmt: skip

Change = Callable[[Annotation], Annotation]
"""What is to be said, from what was said before; without note and tags it is taken away."""


@dataclass(frozen=True, eq=False)
class Noted:
    """Annotations at the segments of a snapshot, those of one segment in the order of their making.

    Attributes:
        by_row: annotations by row of the snapshot; rows without any are missing.
        rows: n, how many rows the snapshot has.
    """

    by_row: Mapping[int, tuple[Annotation, ...]]
    rows: int

    def tags(self) -> list[tuple[str, ...]]:
        """Tags of each row, of all authors, each once."""
        found: list[tuple[str, ...]] = [()] * self.rows
        for row, said in self.by_row.items():
            found[row] = tuple(dict.fromkeys(tag for a in said for tag in a.tags))
        return found

    def notes(self) -> list[str]:
        """Notes of each row, of all authors, one under the other."""
        found = [""] * self.rows
        for row, said in self.by_row.items():
            found[row] = "\n".join(a.note for a in said if a.note)
        return found

    def column(self, name: str) -> Sequence[Any]:
        """What conditions compare: ``"note"``, or anything else for the tags."""
        none = Tags()
        return self.notes() if name == "note" else [Tags(tags) if tags else none for tags in self.tags()]


def place(snapshot: Snapshot, annotations: Iterable[Annotation]) -> Noted:
    """Say at which segments of a snapshot annotations are shown."""
    by_row: dict[int, list[Annotation]] = {}
    for annotation in annotations:
        for row in rows_showing(snapshot, annotation):
            by_row.setdefault(row, []).append(annotation)
    return Noted({row: tuple(said) for row, said in by_row.items()}, len(snapshot))


def rows_showing(snapshot: Snapshot, annotation: Annotation) -> list[int]:
    """Rows of a snapshot that cover a stretch best, if more than half of what the two cover is shared."""
    rows = snapshot.rows_of_video.get(annotation.video_id, range(0))
    if not rows:
        return []
    starts, ends = snapshot.bounds_s[rows.start : rows.stop].T
    shared = np.minimum(ends, annotation.end_s) - np.maximum(starts, annotation.start_s)
    joint = np.maximum(ends, annotation.end_s) - np.minimum(starts, annotation.start_s)
    overlap = shared / joint
    best = np.flatnonzero(overlap >= max(overlap.max() - 1e-9, _LEAST_OVERLAP))
    return [rows.start + int(i) for i in best if overlap[i] > _LEAST_OVERLAP]


def annotation_id(annotation: Annotation) -> str:
    """Return 20 hexadecimal digits: one stretch and author, one annotation."""
    stretch = stretch_of(annotation.video_id, annotation.start_s, annotation.end_s)
    said = json.dumps([*stretch, annotation.author])
    return hashlib.sha256(said.encode()).hexdigest()[:20]


def annotate(database: Database, snapshot: Snapshot, row: int, author: str, change: Change) -> Annotation:
    """Change what an author notes of a segment; whoever else writes at the same time loses nothing.

    What the author noted of another stretch that is shown at this segment becomes part of it: it was of the
    same, cut otherwise.

    Args:
        database: the library's.
        snapshot: of the library.
        row: of the segment.
        author: name, or empty.
        change: from what was said before to what is to be said.

    Raises:
        LibraryError: the video is not in the library any more, or the folder cannot be written.
    """
    segment = snapshot.segments[row]
    video_id = segment.video_id
    with database.writing(f"annotating {video_id}"), database.locks.hold_video(video_id):
        _require_video(database, video_id)
        known = [a for a in read_annotations(database, video_id) if a.author == author]
        said = [a for a in known if row in rows_showing(snapshot, a)]
        empty = Annotation(
            video_id, segment.start_s, segment.end_s,
            author=author, level=segment.level, segment_id=segment.segment_id,
        )  # fmt: skip
        before = replace(empty, **_joined(said))
        after = change(before)
        if after == before and len(said) <= 1:
            return after
        earlier = _with_ids([annotation_id(a) for a in said])
        if after.note or after.tags:
            if annotation_id(after) in map(annotation_id, known) or said:
                database.merge(ANNOTATIONS, _columns([after]), replacing=earlier)
            else:
                database.append(ANNOTATIONS, _columns([after]))
            log(database, "annotate", video_id, _said(after))
        elif said:
            database.delete(ANNOTATIONS, earlier.to_sql())
            log(database, "unannotate", video_id, _said(before))
    return after


def write_annotations(database: Database, annotations: Sequence[Annotation]) -> None:
    """Store annotations of one video; the same author's earlier ones of the same stretches are replaced.

    Raises:
        LibraryError: the video is not in the library, or the folder cannot be written.
    """
    (video_id,) = {a.video_id for a in annotations}
    unique = list({annotation_id(a): a for a in annotations}.values())
    with database.writing(f"annotating {video_id}"), database.locks.hold_video(video_id):
        _require_video(database, video_id)
        database.merge(ANNOTATIONS, _columns(unique))
        log(database, "annotate", video_id, f"{len(unique)} stretches")


def read_annotations(database: Database, video_id: str | None = None) -> list[Annotation]:
    """Return the annotations of one video, or of all, in the order in which they were made."""
    from lancedb.expr import col, lit

    table = database.table(ANNOTATIONS)
    if table is None:  # an earlier version is looked at, from before there were any
        return []
    asked = table.search().select([*_COLUMNS, "annotation_id"])
    if video_id is not None:
        asked = asked.where((col("video_id") == lit(video_id)).to_sql())
    rows = asked.limit(None).to_arrow().sort_by([("changed_at", "ascending"), ("annotation_id", "ascending")])
    found = rows.drop_columns(["annotation_id"]).to_pylist()
    return [Annotation(**row | {"tags": tuple(row["tags"])}) for row in found]


def _joined(said: Sequence[Annotation]) -> dict[str, Any]:
    """Note and tags of what one author said, in one."""
    return {
        "note": "\n".join(dict.fromkeys(a.note for a in said if a.note)),
        "tags": tuple(dict.fromkeys(tag for a in said for tag in a.tags)),
    }


def _columns(annotations: Sequence[Annotation]) -> dict[str, list[Any]]:
    now = datetime.now(UTC)
    columns: dict[str, list[Any]] = {"annotation_id": [annotation_id(a) for a in annotations]}
    columns |= {name: [getattr(a, name) for a in annotations] for name in _COLUMNS}
    return columns | {"changed_at": [a.changed_at or now for a in annotations]}


def _with_ids(ids: list[str]) -> Any:
    from lancedb.expr import col

    return col("annotation_id").isin(ids)


def _require_video(database: Database, video_id: str) -> None:
    if stored_row(database, video_id) is None:
        raise LibraryError(f"no video {video_id!r} in {database.location!r}; it may have been removed.")


def _said(annotation: Annotation) -> str:
    """For the log: the tags, and the beginning of the note."""
    parts = [f"tags {', '.join(annotation.tags)}"] if annotation.tags else []
    parts += [f"note {annotation.note[:60]!r}"] if annotation.note else []
    return "; ".join(parts) + (f" by {annotation.author}" if annotation.author else "")
