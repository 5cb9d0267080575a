"""Libraries of earlier schemas, brought up to the present one in place.

Every step may be done twice, and the schema version is written last: killed on the way, the next opening
goes on. Vectors, posters and transcripts are not rewritten.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable

from videxplore.stages.store.database import Database
from videxplore.stages.store.history import note
from videxplore.stages.store.rows import TreeFacts, boundaries_of
from videxplore.stages.store.schema import (
    ANNOTATIONS,
    COMPOSITIONS,
    GONE_IN_2,
    JUDGEMENTS,
    LOG,
    MAIN,
    MAPS,
    SCHEMA_VERSION,
    SEGMENTS,
    VIDEOS,
    VIEWS,
    added_in_2,
    table_schemas,
)

logger = logging.getLogger(__name__)


def migrate(database: Database) -> None:
    """Bring a library up to :data:`SCHEMA_VERSION`; nothing happens where it is.

    Raises:
        LibraryError: the folder cannot be written.
    """
    if database.pinned is not None or database.schema_version == SCHEMA_VERSION:
        return
    with database.writing("bringing it up to the present schema"), database.locks.hold_all():
        while (version := database.schema_version) < SCHEMA_VERSION:
            _MIGRATIONS[version](database)
            database.set_meta(schema_version=json.dumps(version + 1))
            note(database, "migrate", detail=f"schema {version} to {version + 1}")
            logger.info("%s: schema %d to %d", database.location, version, version + 1)


def _from_1(database: Database) -> None:
    """Trees move from ``videos`` into the row of their root; log, compositions and an identity are added."""
    import pyarrow as pa

    segments, videos = database.require(SEGMENTS), database.require(VIDEOS)
    given = {"segmentation": f"'{MAIN}'", "label": "''"}
    missing = [field for field in added_in_2() if field.name not in segments.schema.names]
    for field in missing:  # none of this rewrites a row
        segments.add_columns({field.name: given[field.name]} if field.name in given else pa.schema([field]))
    if set(GONE_IN_2) <= set(videos.schema.names):
        rows = videos.search().limit(None).to_arrow().to_pylist()
        facts = {
            row["video_id"]: TreeFacts(
                tuple(row["levels"]),
                row["method"],
                boundaries_of(json.loads(row["boundaries"])),
                row["segment_count"],
            ).to_json()
            for row in rows
        }
        roots = segments.search().where("parent_id IS NULL").limit(None).to_arrow()
        trees = [facts.get(video_id) for video_id in roots.column("video_id").to_pylist()]
        position = roots.schema.get_field_index("tree")
        roots = roots.set_column(position, roots.schema.field(position), pa.array(trees, pa.string()))
        database.merge(SEGMENTS, roots.cast(segments.schema))
        videos.drop_columns(list(GONE_IN_2))
    _create(database, COMPOSITIONS, LOG)
    database.set_meta(library_id=database.meta().get("library_id") or uuid.uuid4().hex)


def _from_2(database: Database) -> None:
    """Judgements and maps have a table."""
    _create(database, JUDGEMENTS, MAPS)


def _from_3(database: Database) -> None:
    """Annotations and states of the explorer have a table."""
    _create(database, ANNOTATIONS, VIEWS)


def _create(database: Database, *names: str) -> None:
    card = database.card
    assert card is not None  # noqa: S101 - a library with a schema version has one
    for name in names:
        database.create_table(name, table_schemas(card)[name])


_MIGRATIONS: dict[int, Callable[[Database], None]] = {1: _from_1, 2: _from_2, 3: _from_3}
