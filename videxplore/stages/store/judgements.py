"""What judges said of stretches of videos: one row per query, stretch and judge.

A judgement is of a stretch, not of a row in ``segments``: it outlives a new segmentation. It goes with its
video.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from videxplore.errors import LibraryError
from videxplore.stages.store.database import Database
from videxplore.stages.store.history import note_all
from videxplore.stages.store.schema import JUDGEMENTS
from videxplore.stages.store.writing import stored_row

Stretch = tuple[str, int, int]
"""Video id, start and end in milliseconds."""


def stretch_of(video_id: str, start_s: float, end_s: float) -> Stretch:
    """Return the stretch of a video, as judgements tell one from another."""
    return video_id, round(start_s * 1000), round(end_s * 1000)


@dataclass(frozen=True, slots=True)
class Mark:
    """What one judge said of one stretch for one query.

    Attributes:
        query: the words.
        video_id: of the video.
        start_s: in seconds.
        end_s: in seconds.
        gain: 0 … 3.
        judge: name; may be empty.
        segment_id: that was shown, or empty.
        judged_at: when (UTC).
    """

    query: str
    video_id: str
    start_s: float
    end_s: float
    gain: int
    judge: str = ""
    segment_id: str = ""
    judged_at: datetime | None = None

    @property
    def stretch(self) -> Stretch:
        """What was judged."""
        return stretch_of(self.video_id, self.start_s, self.end_s)

    @property
    def judgement_id(self) -> str:
        """20 hexadecimal digits: one query, stretch and judge, one judgement."""
        said = json.dumps([*self.stretch, self.judge, self.query])
        return hashlib.sha256(said.encode()).hexdigest()[:20]


def write_marks(database: Database, marks: Sequence[Mark]) -> None:
    """Store judgements of one video; the same judge's earlier ones of the same are replaced.

    Raises:
        LibraryError: the video is not in the library, or the folder cannot be written.
    """
    (video_id,) = {mark.video_id for mark in marks}
    unique = {mark.judgement_id: mark for mark in marks}
    with database.writing(f"judging {video_id}"), database.locks.hold_video(video_id):
        if stored_row(database, video_id) is None:
            raise LibraryError(f"no video {video_id!r} in {database.location!r}; it may have been removed.")
        known = _known(database, unique)
        changed = {key: mark for key, mark in unique.items() if key in known}
        new = {key: mark for key, mark in unique.items() if key not in known}
        if changed:
            database.merge(JUDGEMENTS, _columns(changed))
        if new:  # the lock of the video makes sure of that
            database.append(JUDGEMENTS, _columns(new))
        note_all(database, [("judge", video_id, _said(mark)) for mark in unique.values()])


def _columns(marks: Mapping[str, Mark]) -> dict[str, list[Any]]:
    """Rows of the table, by column, of marks by their id."""
    now = datetime.now(UTC)
    names = ("query", "video_id", "start_s", "end_s", "gain", "judge", "segment_id")
    columns: dict[str, list[Any]] = {"judgement_id": list(marks)}
    columns |= {name: [getattr(mark, name) for mark in marks.values()] for name in names}
    return columns | {"judged_at": [mark.judged_at or now for mark in marks.values()]}


def _known(database: Database, ids: Iterable[str]) -> set[str]:
    """Those of some ids that the table has."""
    from lancedb.expr import col

    wanted = col("judgement_id").isin(list(ids))
    rows = database.require(JUDGEMENTS).search().where(wanted.to_sql()).select(["judgement_id"]).limit(None)
    return set(rows.to_arrow().column("judgement_id").to_pylist())


def remove_mark(database: Database, mark: Mark) -> bool:
    """Take one judgement back; returns whether there was one.

    Raises:
        LibraryError: the folder cannot be written.
    """
    from lancedb.expr import col, lit

    with database.writing(f"judging {mark.video_id}"), database.locks.hold_video(mark.video_id):
        there = database.delete(JUDGEMENTS, (col("judgement_id") == lit(mark.judgement_id)).to_sql()) > 0
        if there:
            note_all(database, [("unjudge", mark.video_id, _said(mark))])
    return there


def _said(mark: Mark) -> str:
    return f"{mark.gain} for {mark.query!r}" + (f" by {mark.judge}" if mark.judge else "")


def read_marks(database: Database, query: str | None = None) -> list[Mark]:
    """Return the judgements of one query, or of all, in the order in which they were made."""
    from lancedb.expr import col, lit

    table = database.table(JUDGEMENTS)
    if table is None:  # an earlier version is looked at, from before there were any
        return []
    asked = table.search()
    if query is not None:
        asked = asked.where((col("query") == lit(query)).to_sql())
    rows = asked.limit(None).to_arrow().sort_by([("judged_at", "ascending"), ("judgement_id", "ascending")])
    return [Mark(**row) for row in rows.drop_columns(["judgement_id"]).to_pylist()]
