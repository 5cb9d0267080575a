"""Checking a library and repairing what can be repaired without reading a video.

What a killed writer leaves behind (rows without a marker) is taken away. A video whose rows are damaged is
taken out, so that the next ingest brings it anew. Rows that another writer is about to complete are told from
leftovers by that writer's lock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from videxplore.stages.store.compositions import read_compositions, remove_composition, write_composition
from videxplore.stages.store.database import Database
from videxplore.stages.store.history import complete_restore
from videxplore.stages.store.rows import COMPLETE, TreeFacts
from videxplore.stages.store.schema import SEGMENTS, VIDEOS, table_schemas
from videxplore.stages.store.sets import key_column, set_schemas
from videxplore.stages.store.writing import delete_rows, remove_video, stored_row
from videxplore.values.media import Video
from videxplore.values.reports import Problem, VerifyReport
from videxplore.values.segments import Segment, SegmentTree

_UNIT = 1e-3
"""How far from one the length of a unit vector may be."""

Found = Iterator[tuple[str, str, str]]
"""Kind, video id, and what was found."""


def verify(database: Database, *, repair: bool = True) -> VerifyReport:
    """Check every row of a library.

    Args:
        database: the library's.
        repair: take leftovers and damaged videos away; otherwise only say what there is.

    Raises:
        LibraryError: something is to be repaired and the folder cannot be written.
    """
    if database.card is None:
        return VerifyReport(0, 0)
    problems: list[Problem] = []
    if repair and complete_restore(database):
        what = "a restore of an earlier version was interrupted."
        problems.append(Problem("unfinished", "", what, "It was completed.", True))
    broken = _broken_tables(database)
    if broken:
        return VerifyReport(0, 0, (*problems, *broken))
    unique = list(_duplicates(database))
    problems += _handle(
        database, unique, _drop_duplicates if repair else None, "The spare rows were removed."
    )
    problems += _leftovers(database, repair)
    damaged = list(_damaged_trees(database)) + list(_damaged_vectors(database))
    problems += _handle(
        database, damaged, remove_video if repair else None, "The video was taken out; ingest it again."
    )
    problems += _handle(
        database, list(_loose_members(database)), _tighten if repair else None, "They were taken out."
    )
    videos = _column(database, VIDEOS, "video_id")
    owners = Counter(_column(database, SEGMENTS, "video_id"))
    return VerifyReport(len(videos), sum(owners[v] for v in set(videos)), tuple(problems))


def _handle(
    database: Database,
    found: list[tuple[str, str, str]],
    repair: Callable[[Database, str], object] | None,
    done: str,
) -> list[Problem]:
    problems = []
    for video_id in dict.fromkeys(identity for _, identity, _ in found):
        if repair is not None:
            repair(database, video_id)
    for kind, video_id, detail in found:
        remedy = done if repair is not None else "library.verify() repairs it."
        problems.append(Problem(kind, video_id, detail, remedy, repair is not None))
    return problems


def _column(database: Database, table: str, name: str) -> list[Any]:
    found = database.require(table).search().select([name]).limit(None).to_arrow()
    return list(found.column(name).to_pylist())


def _broken_tables(database: Database) -> list[Problem]:
    """Tables that are missing, cannot be read, or lack columns: nothing here can bring them back."""
    card = database.card
    assert card is not None  # noqa: S101 - the caller looked
    wanted = dict(table_schemas(card))
    for further in database.further_cards.values():
        wanted |= set_schemas(further)
    problems = []
    for name, schema in wanted.items():
        detail = _table_fault(database, name, schema)
        if detail:
            remedy = (
                "library.restore(version) may bring an earlier state back; else ingest into a new folder."
            )
            problems.append(Problem("table", "", detail, remedy, False))
    return problems


def _table_fault(database: Database, name: str, schema: Any) -> str:
    table = database.table(name)
    if table is None:
        return f"the table {name!r} is missing."
    lacking = set(schema.names) - set(table.schema.names)
    if lacking:
        return f"the table {name!r} lacks the columns {', '.join(sorted(lacking))}."
    try:
        for _ in table.search().limit(None).to_batches():
            pass
    except (OSError, RuntimeError, ValueError) as error:
        return f"the table {name!r} cannot be read: {error}."
    return ""


def _duplicates(database: Database) -> Found:
    for table in database.tables_of_videos:
        key = key_column(table)
        counts = Counter(_column(database, table, key))
        twice = [value for value, count in counts.items() if count > 1]
        if twice:
            yield "duplicate", table, f"{len(twice)} rows of {table!r} are there more than once."


def _drop_duplicates(database: Database, table: str) -> None:
    """Keep the last row of each key. The rows go and come back; their versions are kept."""
    import pyarrow as pa
    from lancedb.expr import col, lit

    key = key_column(table)
    counts = Counter(_column(database, table, key))
    with database.writing(f"repairing {table!r}"), database.locks.hold_all():
        for value in [value for value, count in counts.items() if count > 1]:
            condition = (col(key) == lit(value)).to_sql()
            rows = database.require(table).search().where(condition).limit(None).to_arrow()
            database.delete(table, condition)
            database.merge(table, pa.Table.from_batches(rows.slice(rows.num_rows - 1).to_batches()))


def _leftovers(database: Database, repair: bool) -> list[Problem]:
    """Rows of videos that have no marker, which a killed writer or remover left."""
    known = set(_column(database, VIDEOS, "video_id"))
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for table in database.tables_of_videos[1:]:
        for video_id, count in Counter(_column(database, table, "video_id")).items():
            if video_id not in known:
                rows[video_id][table] += count
    problems = []
    for video_id, counts in rows.items():
        detail = f"{counts.total()} rows of a video that was never completed or not wholly removed."
        if not repair:
            problems.append(Problem("unfinished", video_id, detail, "library.verify() repairs it.", False))
        elif _take_away(database, video_id, list(counts)):
            problems.append(Problem("unfinished", video_id, detail, "They were removed.", True))
    return problems


def _take_away(database: Database, video_id: str, tables: list[str]) -> bool:
    """Remove rows of a video, unless a writer who held its lock has completed it by now."""
    with database.writing(f"repairing {video_id}"), database.locks.hold_video(video_id):
        if stored_row(database, video_id) is not None:
            return False
        return sum([delete_rows(database, table, video_id) for table in tables]) > 0


def _damaged_trees(database: Database) -> Found:
    columns = ["segment_id", "video_id", "level", "start_s", "end_s", "parent_id", "tree", "segmentation"]
    found = database.require(SEGMENTS).search().select(columns).limit(None).to_arrow().to_pylist()
    trees: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        trees[row["video_id"], row["segmentation"]].append(row)
    states = (
        database.require(VIDEOS).search().select(["video_id", "status"]).limit(None).to_arrow().to_pylist()
    )
    with_tree = {video_id for video_id, _ in trees}
    for row in states:
        if row["status"] != COMPLETE:
            yield "incomplete", row["video_id"], f"its status is {row['status']!r}."
        elif row["video_id"] not in with_tree:
            yield "incomplete", row["video_id"], "it has no segments."
    known = {row["video_id"] for row in states}
    for (video_id, segmentation), rows in trees.items():
        fault = _tree_fault(video_id, rows) if video_id in known else ""
        if fault:
            yield "incomplete", video_id, f"its segmentation {segmentation!r} is damaged: {fault}"


def _tree_fault(video_id: str, rows: list[dict[str, Any]]) -> str:
    facts = [row["tree"] for row in rows if row["tree"] is not None]
    if len(facts) != 1:
        return f"{len(facts)} of its rows are roots."
    tree = TreeFacts.from_json(facts[0])
    if len(rows) != tree.segments:
        return f"{len(rows)} of {tree.segments} segments are there."
    names = ("segment_id", "video_id", "level", "start_s", "end_s", "parent_id")
    try:
        segments = [Segment(*(row[name] for name in names)) for row in rows]
        root = next(s for s in segments if s.parent_id is None)
        SegmentTree(
            Video(Path(), video_id, root.duration_s, 1, 1, 1.0, None, ""), tuple(segments), tree.levels
        )
    except (ValueError, StopIteration) as error:
        return f"{error}"
    return ""


def _damaged_vectors(database: Database) -> Found:
    known = set(_column(database, VIDEOS, "video_id"))
    for table in database.tables_of_vectors:
        wrong: Counter[str] = Counter()
        for batch in database.require(table).search().select(["video_id", "vector"]).limit(None).to_batches():
            vectors = batch.column("vector")
            flat = vectors.flatten().to_numpy(zero_copy_only=False)
            if vectors.null_count or len(flat) != len(vectors) * vectors.type.list_size:
                bad = vectors.is_null().to_numpy(zero_copy_only=False)
            else:
                lengths = np.linalg.norm(flat.reshape(len(vectors), -1), axis=1)
                bad = ~((np.abs(lengths - 1) < _UNIT) | (lengths == 0))
            owners = batch.column("video_id").to_pylist()
            wrong.update(owners[i] for i in np.flatnonzero(bad) if owners[i] in known)
        for video_id, count in wrong.items():
            yield "vectors", video_id, f"{count} vectors in {table!r} are not finite and of unit length."


def _loose_members(database: Database) -> Found:
    there = set(_column(database, SEGMENTS, "segment_id"))
    for composition in read_compositions(database):
        lost = [i for i in composition.members if i not in there]
        if lost:
            detail = f"{len(lost)} of {len(composition.members)} members of {composition.name!r} are gone."
            yield "composition", composition.composition_id, detail


def _tighten(database: Database, identity: str) -> None:
    there = set(_column(database, SEGMENTS, "segment_id"))
    composition = next(c for c in read_compositions(database) if c.composition_id == identity)
    members = [i for i in composition.members if i in there]
    if members:
        write_composition(database, composition.name, members, composition.segmentation)
    else:
        remove_composition(database, identity)
