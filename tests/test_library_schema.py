"""The schema: libraries of every released version are brought up to the present one."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from synthetic_library import CARD, make_record

from videxplore.errors import LibraryError
from videxplore.stages.store.database import Database
from videxplore.stages.store.history import read_log
from videxplore.stages.store.migrations import migrate
from videxplore.stages.store.reading import read_snapshot
from videxplore.stages.store.schema import SCHEMA_VERSION, table_schemas
from videxplore.stages.store.writing import write_video

RELEASED = sorted((Path(__file__).parent / "libraries").glob("schema_*.zip"))


@pytest.fixture(params=RELEASED, ids=lambda path: path.stem)
def old(request, tmp_path):
    """A library as a released version wrote it: v1 with words, v2; v3 was removed."""
    with zipfile.ZipFile(request.param) as archive:
        archive.extractall(tmp_path)
    return tmp_path / f"{request.param.stem}.lance"


def expected():
    return [
        make_record("v1", said={5.0: "a corner kick", 25.0: "it's over"}),
        make_record("v2", scenes=2, moments=2),
    ]


def check(folder) -> None:
    database = Database(folder)
    assert database.schema_version == SCHEMA_VERSION
    snapshot = read_snapshot(database)
    assert set(snapshot.videos) == {"v1", "v2"}
    for record in expected():
        video_id = record.tree.video.video_id
        tree = snapshot.tree(video_id)
        assert tree.segments == record.tree.segments
        assert (tree.boundaries, tree.levels, tree.method) == (
            record.tree.boundaries,
            record.tree.levels,
            "by hand",
        )
        for i, segment_id in enumerate(record.embeddings.segment_ids):
            row = snapshot.row_of[segment_id]
            assert np.array_equal(snapshot.vectors[row], record.embeddings.vectors[i])
            assert snapshot.transcripts[row] == record.transcripts[segment_id]
    for name, schema in table_schemas(CARD).items():
        assert database.table(name).schema.names == schema.names


def test_there_is_a_library_of_every_earlier_schema():
    assert [path.stem for path in RELEASED] == [f"schema_{v}" for v in range(1, SCHEMA_VERSION)]


def test_an_old_library_is_brought_up_to_date(old):
    migrate(Database(old))
    check(old)
    steps = [entry.detail for entry in read_log(Database(old)) if entry.action == "migrate"]
    first = int(old.stem.removeprefix("schema_"))
    assert steps == [f"schema {v} to {v + 1}" for v in range(first, SCHEMA_VERSION)]
    database = Database(old)
    write_video(database, make_record("v3"))
    write_video(database, expected()[0])
    assert set(read_snapshot(database).videos) == {"v1", "v2", "v3"}
    assert database.table("segments").count_rows() == 12 + 5 + 12


def test_killed_at_any_step_it_goes_on(old, monkeypatch):
    """Every write of the migration fails once; opened again, it goes on from there."""
    done = 0
    while True:
        left = [done]

        def step(name, original, left=left):
            def call(self, *given, **named):
                if left[0] == 0:
                    raise KeyboardInterrupt
                left[0] -= 1
                return original(self, *given, **named)

            return call

        with monkeypatch.context() as patch:
            for name in ("merge", "create_table", "set_meta"):
                patch.setattr(Database, name, step(name, getattr(Database, name)))
            table = type(Database(old).table("segments"))
            for name in ("add_columns", "drop_columns"):
                patch.setattr(table, name, step(name, getattr(table, name)))
            try:
                migrate(Database(old))
                break
            except KeyboardInterrupt:
                done += 1
    assert done >= 4
    check(old)


def test_an_old_library_that_cannot_be_written_says_so(old, monkeypatch):
    def refused(self, name, columns, **more):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Database, "merge", refused)
    with pytest.raises(LibraryError, match="Read-only"):
        migrate(Database(old))


def test_a_second_opening_changes_nothing(old):
    migrate(Database(old))
    before = {name: Database(old).table(name).version for name in table_schemas(CARD)}
    migrate(Database(old))
    assert before == {name: Database(old).table(name).version for name in table_schemas(CARD)}
