"""Integrity: killed, full, read-only, damaged, many at once; verify finds and repairs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import lancedb
import numpy as np
import pytest
from synthetic_library import make_record
from test_library import Toy
from test_library_growth import OTHER, second_set
from typer.testing import CliRunner

from videxplore.errors import LibraryError
from videxplore.stages.store.database import Database
from videxplore.stages.store.reading import read_snapshot
from videxplore.stages.store.sets import set_tables
from videxplore.stages.store.verify import verify
from videxplore.stages.store.writing import write_video
from videxplore.workbench.cli import app
from videxplore.workbench.library import Library

HERE = Path(__file__).resolve().parent

_WRITER = """
import sys
sys.path[:0] = {path!r}
from synthetic_library import make_record
from videxplore.stages.store.database import Database
from videxplore.stages.store.writing import write_video
database = Database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for name in sys.argv[2:]:
    scenes = 2 if name.endswith("!") else 3
    write_video(database, make_record(name.rstrip("!"), scenes=scenes))
    print(name, flush=True)
"""


def start_writer(folder, names) -> subprocess.Popen:
    """A process that writes videos, one after another, and says so after each; ``!`` cuts in another way."""
    code = _WRITER.format(path=[str(HERE), str(HERE.parent)])
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder), *names],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def go(process: subprocess.Popen) -> None:
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("\n")
    process.stdin.flush()


def unique(folder) -> None:
    """No key of any table is there twice."""
    plain = lancedb.connect(folder)
    for table, key in (("segments", "segment_id"), ("frames", "frame_id"), ("videos", "video_id")):
        found = plain.open_table(table).search().select([key]).limit(None).to_arrow().column(key).to_pylist()
        assert len(set(found)) == len(found)


def kill_and_verify(folder, rounds: int, seed: int, films: int) -> int:
    """Kill a writer of new and of stored videos at random moments; returns how many kills left something.

    After each: what was acknowledged is there, whole, as the one or the other tree; verify repairs what was
    left, and finds nothing after that.
    """
    rng = np.random.default_rng(seed)
    names = [f"v{i:02d}" for i in range(films)]
    sizes = {12: 3, 1 + 2 + 4: 2}
    held: dict[str, set[int]] = {}
    unfinished = 0
    ready: list[tuple[subprocess.Popen, list[str]]] = []
    for i in range(rounds):
        while len(ready) < 2 and i + len(ready) < rounds:
            plan = [name + ("!" if rng.random() < 0.5 else "") for name in rng.permutation(names)]
            ready.append((start_writer(folder, plan), plan))
        process, plan = ready.pop(0)
        go(process)
        # Some videos are waited for, so that the kill hits a write however slow the machine is.
        said = [process.stdout.readline().strip() for _ in range(rng.integers(0, 4))]
        time.sleep(float(rng.uniform(0.0, 0.15)))
        process.send_signal(signal.SIGKILL)
        said += process.stdout.read().split()
        process.communicate()
        for name in said:
            held[name.rstrip("!")] = {2 if name.endswith("!") else 3}
        under_way = plan[len(said)] if len(said) < len(plan) else None
        if under_way is not None and under_way.rstrip("!") in held:
            held[under_way.rstrip("!")].add(2 if under_way.endswith("!") else 3)
        database = Database(folder)
        if database.card is None:
            assert not held
            continue
        snapshot = read_snapshot(database)
        assert set(held) <= set(snapshot.videos), "a video that was acknowledged is lost"
        extra = set(snapshot.videos) - set(held)
        assert extra <= {under_way.rstrip("!")} if under_way else not extra
        for video_id in snapshot.videos:
            scenes = sizes[len(snapshot.tree(video_id))]
            assert scenes in held.get(video_id, {2, 3})
            held[video_id] = {scenes}
        report = verify(database)
        unfinished += not report.clean
        assert {problem.kind for problem in report.problems} <= {"unfinished"}
        assert report.whole
        assert verify(database).clean
        unique(folder)
    database = Database(folder)
    for name in names:
        write_video(database, make_record(name))
    assert verify(database).clean
    assert len(read_snapshot(database)) == 12 * films
    unique(folder)
    return unfinished


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a POSIX signal")
def test_killed_three_times(tmp_path):
    kill_and_verify(tmp_path / "lib.lance", rounds=3, seed=1, films=4)


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a POSIX signal")
def test_killed_two_hundred_times(tmp_path):
    unfinished = kill_and_verify(tmp_path / "lib.lance", rounds=200, seed=2, films=12)
    assert unfinished > 0, "no kill hit a write: the test shows nothing"


def test_three_writers_on_the_same_and_on_different_videos(tmp_path):
    folder = tmp_path / "lib.lance"
    writers = [start_writer(folder, [f"w{w}", "s0", "s1!", f"x{w}!"]) for w in range(3)]
    for writer in writers:
        go(writer)
    seen: list[int] = []
    done = threading.Event()

    def read():
        reader = Database(folder)
        while not done.is_set():
            snapshot = read_snapshot(reader)
            if snapshot is not None:
                seen.extend(len(snapshot.tree(v)) for v in snapshot.videos)
            done.wait(0.01)

    thread = threading.Thread(target=read)
    thread.start()
    for writer in writers:
        writer.communicate(timeout=180)
        assert writer.returncode == 0
    done.set()
    thread.join()
    # A reader beside them never saw half a video.
    assert set(seen) <= {12, 7}
    sizes = {v: len(read_snapshot(Database(folder)).tree(v)) for v in read_snapshot(Database(folder)).videos}
    assert sizes == {f"w{w}": 12 for w in range(3)} | {"s0": 12, "s1": 7} | {f"x{w}": 7 for w in range(3)}
    unique(folder)
    assert verify(Database(folder)).clean
    log = Library(folder, encoder=Toy()).versions()
    assert list(log.version) == list(range(1, 13))


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("a small file system cannot be mounted here (needs root)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(database, written: list[str]) -> None:
    """Write videos with large posters until it fails."""
    for i in range(500):
        record = make_record(f"v{i:03d}", scenes=6, moments=8)
        posters = {key: os.urandom(4000) for key in record.posters}
        write_video(database, replace(record, posters=posters))
        written.append(f"v{i:03d}")


def test_a_full_disk_loses_nothing(small_disk):
    database = Database(small_disk / "lib.lance")
    written: list[str] = []
    with pytest.raises(LibraryError, match="No space"):
        fill(database, written)
    assert len(written) >= 3
    again = Database(small_disk / "lib.lance")
    snapshot = read_snapshot(again)
    # The one that failed may be there: all of it was stored and only the log entry was not.
    assert set(written) <= set(snapshot.videos) <= {*written, f"v{len(written):03d}"}
    assert all(len(snapshot.tree(v)) == 47 for v in snapshot.videos)
    report = verify(again, repair=False)
    assert {problem.kind for problem in report.problems} <= {"unfinished"}
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    write_video(again, make_record("after"))
    assert verify(again).whole
    assert verify(again).clean


def test_a_read_only_disk_is_searched_and_not_written(small_disk):
    folder = small_disk / "lib.lance"
    for name in ("v0", "v1"):
        write_video(Database(folder), make_record(name))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    library = Library(folder, encoder=Toy())
    assert len(library.search("tall", k=3)) == 3
    assert len(library.checkout(1).videos()) == 1
    library.checkout()
    assert library.verify().clean
    for change in (
        lambda: library.remove("v0"),
        lambda: write_video(library.database, make_record("v2")),
        lambda: library.compose({"level": "scene"}, name="x"),
        lambda: library.tag("x"),
        lambda: library.restore(1),
    ):
        with pytest.raises(LibraryError, match="Read-only"):
            change()
    assert set(library.videos().video_id) == {"v0", "v1"}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    made = Library(tmp_path_factory.mktemp("whole") / "toy.lance", encoder=Toy())
    for i in range(3):
        write_video(made.database, make_record(f"v{i}"))
    second_set(made, names=("v0", "v1", "v2"))
    return made.path


@pytest.fixture
def library(stored, tmp_path):
    shutil.copytree(stored, tmp_path / "toy.lance")
    return Library(tmp_path / "toy.lance", encoder=Toy())


def rewrite(library, table, change) -> None:
    """Change rows behind the library's back: as damage, or another program, would."""
    plain = lancedb.connect(library.path).open_table(table)
    rows = plain.search().limit(None).to_arrow()
    plain.delete("true")
    plain.add(change(rows))


def nan_vector(rows):
    import pyarrow as pa

    column = rows.column("vector").combine_chunks()
    flat = column.flatten().to_numpy(zero_copy_only=False).copy()
    owner = rows.column("video_id").to_pylist().index("v1")
    width = column.type.list_size
    flat[owner * width : (owner + 1) * width] *= 3
    made = pa.FixedSizeListArray.from_arrays(pa.array(flat), width)
    return rows.set_column(rows.schema.get_field_index("vector"), "vector", made)


@pytest.mark.parametrize(
    ("damage", "kind", "gone"),
    [
        (lambda lib: lancedb.connect(lib.path).open_table("segments").delete(
            "video_id = 'v1' AND level = 'moment'"), "incomplete", {"v1"}),
        (lambda lib: lancedb.connect(lib.path).open_table("segments").delete("video_id = 'v1'"),
         "incomplete", {"v1"}),
        (lambda lib: lancedb.connect(lib.path).open_table("videos").delete("video_id = 'v1'"),
         "unfinished", {"v1"}),
        (lambda lib: lancedb.connect(lib.path).open_table("segments").update(
            where="video_id = 'v1' AND level = 'moment'", values={"start_s": 0.0}), "incomplete", {"v1"}),
        (lambda lib: lancedb.connect(lib.path).open_table("videos").update(
            where="video_id = 'v1'", values={"status": "half"}), "incomplete", {"v1"}),
        (lambda lib: rewrite(lib, "segments", nan_vector), "vectors", {"v1"}),
        (lambda lib: rewrite(lib, "frames", nan_vector), "vectors", {"v1"}),
        (lambda lib: rewrite(lib, set_tables(OTHER)[0], nan_vector), "vectors", {"v1"}),
    ],
)  # fmt: skip
def test_verify_finds_and_repairs(library, damage, kind, gone):
    assert library.verify().clean
    damage(library)
    fresh = Library(library.path, encoder=Toy())
    assert len(fresh.search("tall", k=3)) == 3  # what is whole is searched meanwhile
    only = fresh.verify(repair=False)
    assert {problem.kind for problem in only.problems} == {kind}
    assert {problem.video_id for problem in only.problems} == gone
    assert not only.whole
    report = fresh.verify()
    assert report.whole
    assert not report.clean
    assert kind in repr(report)
    assert fresh.verify().clean
    assert set(fresh.videos().video_id) == {"v0", "v1", "v2"} - gone
    write_video(fresh.database, make_record("v1"))
    assert fresh.verify().clean
    assert set(fresh.videos().video_id) == {"v0", "v1", "v2"}


def test_verify_drops_doubled_rows(library):
    plain = lancedb.connect(library.path).open_table("segments")
    plain.add(plain.search().where("video_id = 'v1'").limit(3).to_arrow())
    report = library.verify()
    assert "duplicate" in {problem.kind for problem in report.problems}
    assert library.verify().clean
    unique(library.path)
    assert set(library.videos().video_id) == {"v0", "v1", "v2"}


def test_verify_says_what_it_cannot_repair(library):
    shutil.rmtree(Path(library.path) / "frames.lance")
    report = Library(library.path, encoder=Toy()).verify()
    assert [problem.kind for problem in report.problems] == ["table"]
    assert not report.whole
    assert "frames" in report.problems[0].detail


def test_verify_from_the_shell(library, tmp_path):
    runner = CliRunner()
    result = runner.invoke(app, ["verify", library.path])
    assert (result.exit_code, "clean" in result.output) == (0, True)
    lancedb.connect(library.path).open_table("videos").delete("video_id = 'v1'")
    result = runner.invoke(app, ["verify", library.path, "--no-repair", "--json"])
    assert result.exit_code == 1
    assert [row["kind"] for row in json.loads(result.stdout)] == ["unfinished"]
    assert runner.invoke(app, ["verify", library.path]).exit_code == 0
    assert json.loads(runner.invoke(app, ["verify", library.path, "--json"]).stdout) == []
    assert runner.invoke(app, ["verify", str(tmp_path / "none.lance")]).exit_code == 2


def test_two_handles_of_one_process_see_each_other(library):
    other = Library(library.path, encoder=Toy())
    assert len(other.videos()) == 3
    library.remove("v0")
    assert len(other.videos()) == 2
    made = other.compose({"level": "scene"}, name="scenes")
    assert library.segment(made.segment_id) == made
    second_set(other, names=("v1",))
    assert library.database.further_cards == other.database.further_cards


def test_nothing_that_is_no_segment_is_taken(library):
    for hostile in ("' OR 1=1 --", 'x"', "\0", "🎥" * 30):
        for call in (library.segment, library.poster, library.members, library.remove, library.tree):
            with pytest.raises(LibraryError):
                call(hostile)
    assert len(library.videos()) == 3
    made = library.compose({"level": "scene"}, name="' OR 1=1 -- <img src=x>")
    assert library.search("tall", level="composition")[0].video == "' OR 1=1 -- <img src=x>"
    library.remove(made.segment_id)
    assert len(library.videos()) == 3
