"""What was done to a library, and the versions that can be gone back to.

Lance keeps versions per table. A version of the library is one row of ``_log``: what was done, and which
version each table had afterwards, taken such that the markers of complete videos and what they mark belong
together. The log itself is only ever added to.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from videxplore.errors import LibraryError
from videxplore.stages.store.database import Database
from videxplore.stages.store.schema import ANNOTATIONS, COMPOSITIONS, JUDGEMENTS, LOG, MAPS, META, VIDEOS

logger = logging.getLogger(__name__)

TAG, RESTORE, FAILED = "tag", "restore", "failed"

_RESTORING = "restoring"

KEPT = timedelta(days=36_500)
"""Versions are kept: by default LanceDB's ``optimize`` removes those older than seven days."""

_TIDIED_EVERY = 32
"""Entries of the log between two times that small files are joined."""

Versions = dict[str, int]


@dataclass(frozen=True, slots=True)
class Version:
    """One entry of the log.

    Attributes:
        version: its number, rising from 1.
        at: when.
        action: what was done.
        video_id: to which video, or empty.
        detail: in words.
        tables: version of each table afterwards.
    """

    version: int
    at: datetime
    action: str
    video_id: str
    detail: str
    tables: Versions


def table_versions(database: Database, *, attempts: int = 1000) -> Versions:
    """Return versions of all tables that belong together.

    The markers are looked at before and after the rest: where they did not change, no complete video lost
    rows in between.

    Raises:
        LibraryError: the markers changed during every attempt.
    """
    rest = [META, COMPOSITIONS, MAPS, *database.tables_of_videos[1:]]
    for _ in range(attempts):
        before = _version(database, VIDEOS)
        found = {name: _version(database, name) for name in rest}
        if _version(database, VIDEOS) == before:
            found[VIDEOS] = before
            return {name: version for name, version in found.items() if version is not None}
    raise LibraryError(
        f"the library {database.location!r} was being written during {attempts} attempts to read it; "
        "wait for the writer and try again."
    )


def _version(database: Database, name: str) -> int | None:
    table = database.table(name)
    return None if table is None else int(table.version)


def note(database: Database, action: str, video_id: str = "", detail: str = "") -> int:
    """Add one entry to the log; returns its number."""
    return note_all(database, [(action, video_id, detail)])


def note_all(database: Database, entries: Sequence[tuple[str, str, str]]) -> int:
    """Add entries (action, video id, detail) to the log in one commit; returns the last number."""
    with database.locks.hold("log"):
        first = int(database.require(LOG).count_rows()) + 1
        tables, now = json.dumps(table_versions(database)), datetime.now(UTC)
        columns: dict[str, list[Any]] = {
            "version": list(range(first, first + len(entries))),
            "at": [now] * len(entries),
            "action": [action for action, _, _ in entries],
            "video_id": [video_id for _, video_id, _ in entries],
            "detail": [detail for _, _, detail in entries],
            "tables": [tables] * len(entries),
        }
        database.append(LOG, columns)
        last = first + len(entries) - 1
        if last // _TIDIED_EVERY > (first - 1) // _TIDIED_EVERY:
            _tidy(database)
    return last


def _tidy(database: Database) -> None:
    """Join the small files of tables that grow by a row at a time, or reading them would take ever longer."""
    for name in (LOG, JUDGEMENTS, ANNOTATIONS):
        try:
            database.require(name).optimize(cleanup_older_than=KEPT)
        except (OSError, RuntimeError) as error:
            # Losing a race against a writer costs speed until the next time, not rows.
            logger.info("the table %s was not tidied this time: %s", name, error)


def read_log(database: Database) -> list[Version]:
    """Return all entries of the log, oldest first."""
    table = database.table(LOG)
    if table is None:
        return []
    rows = table.search().limit(None).to_arrow().sort_by("version").to_pylist()
    return [Version(**{**row, "tables": json.loads(row["tables"])}) for row in rows]


def find_version(database: Database, wanted: int | str) -> Version:
    """Return the entry that a number or a tag names; a tag names the entry it was put on.

    Raises:
        LibraryError: there is no such version or tag.
    """
    log = read_log(database)
    number: object = wanted
    if isinstance(wanted, str):
        number = {entry.detail: int(entry.video_id) for entry in log if entry.action == TAG}.get(wanted)
    found = [entry for entry in log if entry.version == number and not isinstance(wanted, bool)]
    if not found:
        tags = [entry.detail for entry in log if entry.action == TAG]
        raise LibraryError(
            f"the library {database.location!r} has no version {wanted!r}; it has 1 … {len(log)}"
            + (f" and the tags {', '.join(map(repr, tags))}." if tags else ", and no tags.")
        )
    return found[0]


def tag_version(database: Database, name: str, wanted: int | str | None = None) -> int:
    """Give a version a name; returns its number.

    The tables' versions are tagged too, so that LanceDB's own clean-up leaves them.

    Args:
        database: the library's.
        name: letters, digits, ``-``, ``_`` and ``.``; not taken yet.
        wanted: a version; the latest where omitted.

    Raises:
        ValueError: a name that is not allowed or is taken.
        LibraryError: there is no such version, or the folder cannot be written.
    """
    log = read_log(database)
    allowed = isinstance(name, str) and name and all(c.isalnum() or c in "-_." for c in name)
    if not allowed or not name.isascii():
        raise ValueError(f"a tag consists of letters, digits, '-', '_' and '.', got {name!r}.")
    if any(entry.action == TAG and entry.detail == name for entry in log):
        raise ValueError(f"the tag {name!r} is taken; choose another name: tags stay where they are.")
    if not log:
        raise LibraryError(f"the library {database.location!r} has no version yet; ingest something first.")
    chosen = log[-1] if wanted is None else find_version(database, wanted)
    with database.writing(f"tagging {name!r}"):
        for table, version in chosen.tables.items():
            tags = database.require(table).tags
            if f"vx-{name}" not in tags.list():
                tags.create(f"vx-{name}", version)
        note(database, TAG, str(chosen.version), name)
    return chosen.version


def restore_version(database: Database, wanted: int | str) -> int:
    """Make an earlier version the present one, as a new version; returns its number.

    Nothing is lost: what was the present stays a version. While it lasts, readers find an empty library, so
    that none sees a mixture. Killed on the way, the next call of any writer or ``verify`` completes it.

    Raises:
        LibraryError: there is no such version, or the folder cannot be written.
    """
    chosen = find_version(database, wanted)
    with database.writing(f"restoring version {wanted!r}"), database.locks.hold_all():
        database.set_meta(**{_RESTORING: json.dumps([chosen.version, chosen.tables])})
        _complete(database)
        return note(database, RESTORE, detail=f"version {chosen.version}")


def complete_restore(database: Database) -> bool:
    """Complete a restore that was interrupted; returns whether there was one."""
    if not database.meta().get(_RESTORING):
        return False
    with database.writing("completing an interrupted restore"), database.locks.hold_all():
        version, _ = json.loads(database.meta().get(_RESTORING) or "[0, {}]")
        if version:
            _complete(database)
            note(database, RESTORE, detail=f"version {version}, after an interruption")
    return bool(version)


def _complete(database: Database) -> None:
    """Do what the setting says that is to be restored; every step may be done twice."""
    _, tables = json.loads(database.meta()[_RESTORING])
    # The markers go first and come last. The settings stay: cards added since are still what they say.
    database.delete(VIDEOS, "true")
    for name in [*(n for n in tables if n not in (VIDEOS, META)), VIDEOS]:
        database.require(name).restore(tables[name])
    for name in {JUDGEMENTS, ANNOTATIONS, MAPS} - set(tables):  # a version from before there were any
        database.delete(name, "true")
    database.set_meta(**{_RESTORING: ""})
