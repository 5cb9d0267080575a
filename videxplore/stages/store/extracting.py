"""Some videos of a library as a library of their own: rows are copied, nothing is read or computed anew.

The new library is made in a folder beside its place and moved there when it is complete, in one step of the
file system: killed at any point, nothing is there. The markers of complete videos are written last even so.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from videxplore.errors import LibraryError
from videxplore.stages.store.database import Database
from videxplore.stages.store.history import note, table_versions
from videxplore.stages.store.locks import Locks
from videxplore.stages.store.schema import COMPOSITIONS, SEGMENTS, VIDEOS, displayable
from videxplore.stages.store.writing import optimise


def extract_videos(database: Database, video_ids: Sequence[str], path: str | os.PathLike[str]) -> None:
    """Copy videos with all that is stored of them into a new library.

    Args:
        database: of the library they are in.
        video_ids: of complete videos.
        path: a folder that does not exist.

    Raises:
        LibraryError: something is at ``path``, or it is no local folder, or it cannot be written.
    """
    if "://" in os.fspath(path):
        raise LibraryError(f"a library is extracted into a local folder, got {path!r}; copy it from there.")
    target = Path(path).expanduser().absolute()
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with Locks(str(target), is_local=False).hold("extract"):
            if target.exists():
                raise LibraryError(
                    f"{displayable(target)!r} is there already; give the path of a folder to be made."
                )
            shutil.rmtree(part, ignore_errors=True)  # whoever left it was killed: the lock is ours
            try:
                _fill(Database(part), _frozen(database), list(video_ids))
                part.rename(target)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise LibraryError(f"the library {displayable(target)!r} could not be made: {error}.") from error


def _frozen(database: Database) -> Database:
    """The library as it is now: what others write meanwhile is not seen."""
    return Database(database.location, pinned=database.pinned or table_versions(database))


def _fill(new: Database, source: Database, video_ids: list[str]) -> None:
    card = source.card
    assert card is not None  # noqa: S101 - it has videos
    new.create(card)
    for further in source.further_cards.values():
        new.create_set(further)
    with new.writing("copying"):
        for name in reversed(source.tables_of_videos):  # the markers are the first of these
            if name == VIDEOS:
                _copy_compositions(new, source)
                optimise(new)
            _copy_rows(new, source, name, video_ids)
        note(new, "extract", detail=f"{len(video_ids)} videos of {source.location}")


def _copy_rows(new: Database, source: Database, name: str, video_ids: list[str]) -> None:
    from lancedb.expr import col

    table = source.table(name)
    if table is None:  # an earlier version, from before there was such a table
        return
    wanted = col("video_id").isin(video_ids).to_sql()
    rows = table.search().where(wanted).limit(None).to_batches()
    new.require(name).add(rows)


def _copy_compositions(new: Database, source: Database) -> None:
    """Those with a member that came along, without those that did not."""
    there = set(
        new.require(SEGMENTS).search().select(["segment_id"]).limit(None).to_arrow()["segment_id"].to_pylist()
    )
    table = source.table(COMPOSITIONS)
    rows = [] if table is None else table.search().limit(None).to_list()
    kept = [row | {"members": [i for i in row["members"] if i in there]} for row in rows]
    kept = [row for row in kept if row["members"]]
    if kept:
        new.require(COMPOSITIONS).add(kept)
