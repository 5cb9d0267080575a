"""Ingesting files: every one ends in exactly one list, whatever it is and whatever happens."""

from __future__ import annotations

import dataclasses
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError
from pathlib import Path

import lancedb
import numpy as np
import odd_segmenters
import pytest
from coded_video import write_video
from PIL import Image

from videxplore.errors import LibraryError, VideoError
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.store.database import Database
from videxplore.values.media import Span
from videxplore.workbench import ingest as ingest_module
from videxplore.workbench import limits as limits_module
from videxplore.workbench.ingest import ingest
from videxplore.workbench.inputs import expand
from videxplore.workbench.library import Library
from videxplore.workbench.limits import GIB, Limits, resident_bytes
from videxplore.workbench.worker import Worker

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    """A folder with two films of two seconds, one of them with sound and subtitles."""
    folder = tmp_path_factory.mktemp("films")
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(2 * 48000) / 48000)
    write_video(folder / "one.mp4", count=50, sound=tone.astype(np.float32))
    write_video(folder / "two.mp4", count=60)
    (folder / "one.vtt").write_text("WEBVTT\n\n00:00.200 --> 00:00.800\nHello, zebra.\n")
    return folder


@pytest.fixture
def library(tmp_path) -> Library:
    return Library(tmp_path / "lib.lance")


def test_a_folder_end_to_end(films, library):
    report = ingest(films, library, segmenter="fixed", workers=1, progress=False)
    assert [Path(r.path).name for r in report.done] == ["one.mp4", "two.mp4"]
    assert not report.skipped
    assert not report.failed
    assert report.done[0].segments["video"] == 1
    assert sum(r.segments[level] for r in report.done for level in r.segments) == len(library.segments())
    hit = library.search("zebra")[0]
    assert (Path(hit.video).name, hit.transcript) == ("one.mp4", "Hello, zebra.")
    assert library.poster(hit.segment_id)[:2] == b"\xff\xd8"
    with Image.open(io.BytesIO(library.poster(hit.segment_id))) as poster:
        assert poster.size[0] <= 240
        assert poster.size[1] <= 135
    assert len(library.clip(hit.segment_id)) > 500
    assert list(library.videos().file) == ["found", "found"]
    frames = lancedb.connect(library.path).open_table("frames")
    assert frames.count_rows() == 2 + 3


def test_running_it_again_changes_nothing(films, library, monkeypatch):
    ingest(films, library, workers=1, progress=False)
    before = library.segments()
    monkeypatch.setattr(ingest_module.Worker, "open", lambda *_: pytest.fail("opened again"))
    report = ingest(films, library, progress=False)
    assert [len(report.done), len(report.skipped), len(report.failed)] == [0, 2, 0]
    assert {r.reason for r in report.skipped} == {"already-there"}
    assert library.segments().equals(before)


@pytest.fixture
def rubbish(films, tmp_path) -> Path:
    """A folder of what is no video, and one that is."""
    folder = tmp_path / "rubbish"
    folder.mkdir()
    shutil.copy(films / "two.mp4", folder / "good.mp4")
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("this is a diary\n" * 50)
    (folder / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(5000))
    (folder / "half.mp4").write_bytes((films / "one.mp4").read_bytes()[:700])
    Image.fromarray(np.zeros((48, 64, 3), np.uint8)).save(folder / "image.mp4", format="PNG")
    (folder / "playlist.mp4").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n/etc/passwd\n")
    return folder


@pytest.mark.parametrize("workers", [1, 2])
def test_one_bad_file_never_stops_the_batch(rubbish, library, workers):
    given = [*sorted(rubbish.iterdir()), rubbish / "absent.mp4", "http://127.0.0.1:9/film.mp4"]
    report = ingest(given, library, workers=workers, progress=False)
    assert [Path(r.path).name for r in report.done] == ["good.mp4"]
    reasons = {Path(r.path).name: r.reason for r in report.failed}
    assert reasons["absent.mp4"] == "missing"
    assert reasons["empty.mp4"] == "empty"
    assert reasons["image.mp4"] == "image"
    assert reasons["playlist.mp4"] == "playlist"
    assert reasons["film.mp4"] == "url"
    assert set(reasons) == {Path(str(p)).name for p in given} - {"good.mp4"}
    for record in report.failed:
        assert record.detail
        assert record.remedy
        assert record.reason != "error"
        assert "\n" not in str(record)
    assert f"{len(report.failed)} failed" in repr(report)
    assert list(library.videos().name) == ["good.mp4"]
    table = report.to_pandas()
    assert len(table) == len(given)


def test_audio_only_is_said_to_be_so(media_dir, library):
    report = ingest(media_dir / "popcorn_italia.mp4", library, progress=False)
    assert [r.reason for r in report.failed] == ["no-picture"]


def test_the_same_content_under_two_names_is_one_video(films, library, tmp_path):
    twin = tmp_path / "twin.mp4"
    shutil.copy(films / "two.mp4", twin)
    report = ingest([films / "two.mp4", twin], library, workers=1, progress=False)
    assert [len(report.done), len(report.skipped)] == [1, 1]
    assert "same content" in report.skipped[0].detail
    later = tmp_path / "later.mp4"
    shutil.copy(films / "two.mp4", later)
    report = ingest(later, library, progress=False)
    assert "two.mp4" in report.skipped[0].detail
    assert len(library.videos()) == 1
    assert {Path(p).name for p in library.videos().locations[0]} == {"two.mp4", "twin.mp4", "later.mp4"}


def test_a_moved_file_is_found_again_and_a_changed_one_is_seen(films, library, tmp_path):
    place = tmp_path / "here.mp4"
    shutil.copy(films / "two.mp4", place)
    ingest(place, library, progress=False)
    segment_id = library.segments().segment_id[0]
    place.rename(tmp_path / "there.mp4")
    assert list(library.videos().file) == ["missing"]
    assert library.poster(segment_id)
    with pytest.raises(VideoError, match="moved or deleted"):
        library.clip(segment_id)
    ingest(tmp_path / "there.mp4", library, progress=False)
    assert list(library.videos().file) == ["found"]
    assert list(library.videos().name) == ["there.mp4"]
    assert library.clip(segment_id)
    shutil.copy(films / "one.mp4", tmp_path / "there.mp4")
    assert list(library.videos().file) == ["changed"]
    assert len(ingest(tmp_path / "there.mp4", library, progress=False).done) == 1
    assert len(library.videos()) == 2


def stored(library) -> dict[str, int]:
    """Rows per table, read past the library's own rule of what counts; every row must be of a whole video."""
    tables = {
        name: lancedb.connect(library.path).open_table(name) for name in ("videos", "segments", "frames")
    }
    whole = set(tables["videos"].to_arrow()["video_id"].to_pylist())
    for table in tables.values():
        assert set(table.to_arrow()["video_id"].to_pylist()) == whole
    return {name: table.count_rows() for name, table in tables.items()}


@pytest.mark.skipif(os.name == "nt", reason="ends processes the POSIX way")
def test_what_a_file_does_to_its_process_costs_that_file(films, library, tmp_path):
    expected = {
        "dies": ("crashed", "SIGKILL"),
        "aborts": ("crashed", "SIGABRT"),
        "hangs": ("timeout", "longer than 12 s"),
        "swells": ("memory", "0.6 GiB"),
        "asks": ("memory", "more memory than there is"),
    }
    for i, name in enumerate(expected):
        write_video(tmp_path / f"{name}.mp4", count=30 + i)
    given = [*sorted(tmp_path.glob("*.mp4")), films]
    limits = {"time_limit_s": 12.0, "memory_limit_gb": 0.6}
    how = {"segmenter": odd_segmenters.misbehaves, "workers": 2, "progress": False}
    report = ingest(given, library, **how, **limits)
    assert {Path(r.path).stem: r.reason for r in report.failed} == {n: e[0] for n, e in expected.items()}
    for record in report.failed:
        assert expected[Path(record.path).stem][1] in record.detail
        assert record.remedy
    assert {Path(r.path).stem for r in report.done} == {"one", "two"}
    assert stored(library)["videos"] == 2
    again = ingest(given, library, segmenter="fixed", workers=2, progress=False)
    assert [len(again.done), len(again.skipped), len(again.failed)] == [5, 2, 0]
    assert stored(library)["videos"] == 7


def test_a_process_that_ends_between_files_is_replaced(films, library):
    worker = Worker(library.encoder, "fixed")
    for name in ("one.mp4", "two.mp4"):
        record, remarks = worker.prepare(worker.open(os.fspath(films / name)))
        assert len(record.tree.segments) > 0
        assert remarks == ()
        worker._process.kill()
        worker._process.wait()
    worker.close()
    with pytest.raises(CancelledError):
        worker.open(os.fspath(films / "one.mp4"))


def test_opening_is_limited_too(films, library):
    worker = Worker(library.encoder, "fixed", Limits(time_limit_s=1e-9))
    with pytest.raises(VideoError, match="was stopped") as caught:
        worker.open(os.fspath(films / "one.mp4"))
    assert caught.value.reason == "timeout"
    worker.close()


def test_one_time_limit_holds_for_all_that_is_done_on_a_file(films, library):
    worker = Worker(library.encoder, "fixed", Limits(time_limit_s=30.0))
    video = worker.open(os.fspath(films / "two.mp4"))
    worker._spent_s = 30.0
    with pytest.raises(VideoError, match="longer than 30 s"):
        worker.prepare(video)
    worker.close()


def test_default_limits_follow_size_and_length(films, tmp_path):
    video = open_video(films / "two.mp4")
    assert Limits().opening_s(os.fspath(films / "two.mp4")) == pytest.approx(60, abs=1)
    assert Limits().opening_s("http://nowhere") == 60
    assert 120 < Limits().working_s(video) < 120 + 10 * video.duration_s
    large = tmp_path / "large.mp4"
    with large.open("wb") as sparse:
        sparse.truncate(2 * 10**9)
    assert Limits().opening_s(os.fspath(large)) == pytest.approx(1060)
    hour = dataclasses.replace(video, path=large, duration_s=3600.0)
    assert Limits().working_s(hour) == pytest.approx(120 + 36000)
    assert Limits(time_limit_s=5).working_s(hour) == 5
    assert 0.2 * GIB < Limits().memory_bytes <= 4 * GIB
    assert Limits(memory_limit_gb=0.5).memory_bytes == GIB // 2


def test_the_memory_of_a_process_is_seen(monkeypatch):
    child = subprocess.Popen(
        [sys.executable, "-c", "x = bytearray(200_000_000); print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    child.stdout.readline()
    if os.name == "nt":
        assert resident_bytes(child.pid) is None
    else:
        assert 2e8 < resident_bytes(child.pid) < 3e8
    if shutil.which("ps"):  # how it is asked where there is no /proc
        monkeypatch.setattr(limits_module, "_PROC", Path("/nowhere"))
        assert 2e8 < resident_bytes(child.pid) < 3e8
    child.communicate(b"\n")
    assert resident_bytes(child.pid) is None


@pytest.mark.parametrize("limits", [{"time_limit_s": 0.0}, {"memory_limit_gb": -1}, {"time_limit_s": "long"}])
def test_limits_that_are_none_are_refused(films, library, limits):
    with pytest.raises(ValueError, match=next(iter(limits))):
        ingest(films, library, progress=False, **limits)


def test_limits_that_cannot_be_kept_are_refused(films, library, caplog):
    with pytest.raises(ValueError, match="workers=2"):
        ingest(films, library, workers=1, time_limit_s=10.0, progress=False)
    with pytest.raises(ValueError, match="imported from a module"):
        ingest(films, library, segmenter=lambda m: None, memory_limit_gb=1.0, progress=False)
    assert len(library.videos()) == 0
    ingest(films, library, segmenter=lambda m: odd_segmenters.halves(m), progress=False)
    assert "not be contained" in caplog.text


def test_memory_that_is_not_there_costs_one_file_in_this_process_too(films, library, tmp_path):
    write_video(tmp_path / "asks.mp4", count=30)
    given = [tmp_path / "asks.mp4", films / "two.mp4"]
    report = ingest(given, library, segmenter=odd_segmenters.misbehaves, workers=1, progress=False)
    assert [r.reason for r in report.failed] == ["memory"]
    assert len(report.done) == 1


def test_an_unexpected_error_costs_one_file(films, library, tmp_path, caplog):
    write_video(tmp_path / "deadly.mp4", count=40)
    given = [tmp_path / "deadly.mp4", films / "two.mp4"]
    report = ingest(given, library, segmenter=odd_segmenters.fails, workers=1, progress=False)
    assert [(r.reason, r.detail) for r in report.failed] == [("error", "RuntimeError: no luck <today>")]
    assert len(report.done) == 1
    assert "no luck" in caplog.text


def test_segmenters(films, tmp_path):
    by_name = Library(tmp_path / "a.lance")
    ingest(films / "one.mp4", by_name, segmenter="shots", workers=1, progress=False)
    by_function = Library(tmp_path / "b.lance")
    ingest(films / "one.mp4", by_function, segmenter=odd_segmenters.halves, progress=False)
    tree = by_function.tree(by_function.videos().video_id[0])
    assert [s.span for s in tree.leaves] == [Span(0.0, 1.0), Span(1.0, 2.0)]
    report = ingest(
        films / "two.mp4", by_function, segmenter=odd_segmenters.returns_nonsense, workers=1, progress=False
    )
    assert "SegmentTree" in report.failed[0].detail


def test_a_segmenter_from_a_notebook_runs_in_this_process(films, library, monkeypatch):
    def mine(measurements):
        return odd_segmenters.halves(measurements)

    report = ingest(films, library, segmenter=mine, workers=2, progress=False)
    assert len(report.done) == 2


def test_a_full_disk_stops_the_batch_and_keeps_what_was_stored(films, library, monkeypatch):
    ingest(films / "one.mp4", library, workers=1, progress=False)

    def full(self, name, columns, **more):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "merge", full)
        with pytest.raises(LibraryError, match="No space left"):
            ingest(films, library, workers=1, progress=False)
    assert list(library.videos().name) == ["one.mp4"]
    assert len(ingest(films, library, progress=False).done) == 1


def test_an_interrupt_ends_the_workers_and_leaves_the_library_whole(films, library, monkeypatch):
    hired = []

    class Watched(ingest_module.Worker):
        def __init__(self, *given):
            super().__init__(*given)
            hired.append(self)

    def interrupted(outcomes, count, progress):
        yield next(iter(outcomes))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ingest_module, "Worker", Watched)
        patch.setattr(ingest_module, "_shown", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ingest(films, library, workers=2, progress=False)
    assert hired
    assert all(worker.closed and worker._process is None for worker in hired)
    assert len(library.segments()) == library.videos().segments.sum() > 0
    assert len(ingest(films, library, workers=1, progress=False).failed) == 0
    assert len(library.videos()) == 2


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="interrupts a process the POSIX way")
def test_an_interrupt_from_outside_leaves_the_library_whole(films, tmp_path):
    for i in range(5):
        write_video(tmp_path / f"film{i}.mp4", count=100 + i)
    code = (
        # Where the tests run in the background, interrupts are ignored until somebody listens.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "import sys; from videxplore.workbench.ingest import ingest; "
        "ingest(sys.argv[1] + '/film*.mp4', sys.argv[2], workers=2, progress=False)"
    )
    folder = tmp_path / "lib.lance"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), str(folder)], stderr=subprocess.PIPE, cwd=HERE.parent
    )
    deadline = time.monotonic() + 300
    library = Library(folder)
    while len(library.videos()) < 1 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=300)
    assert b"KeyboardInterrupt" in error
    held = len(library.videos())
    assert held >= 1
    assert len(library.segments()) == library.videos().segments.sum()
    report = ingest(tmp_path / "film*.mp4", library, progress=False)
    assert (len(report.done), len(report.skipped)) == (5 - held, held)


@pytest.mark.long
def test_two_processes_ingest_the_same_folder(films, tmp_path):
    """As two notebooks would: every video is there once, whoever came first."""
    code = (
        "import sys; from videxplore.workbench.ingest import ingest; "
        "report = ingest(sys.argv[1], sys.argv[2], segmenter='fixed', workers=1, progress=False); "
        "sys.exit(len(report.failed))"
    )
    folder = tmp_path / "lib.lance"
    call = [sys.executable, "-c", code, str(films), str(folder)]
    both = [subprocess.Popen(call, cwd=HERE.parent) for _ in range(2)]
    assert [process.wait(timeout=300) for process in both] == [0, 0]
    library = Library(folder)
    assert sorted(library.videos().name) == ["one.mp4", "two.mp4"]
    counts = stored(library)
    assert counts["videos"] == 2
    assert counts["segments"] == library.videos().segments.sum()
    assert library.segments().segment_id.is_unique


def test_expand(films, tmp_path):
    one, two = str(films / "one.mp4"), str(films / "two.mp4")
    assert expand(films) == expand(str(films)) == expand(films / "*.mp4") == [one, two]
    assert expand([two, films, two]) == [two, one]
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / ".hidden").mkdir()
    for name in ("deep/er/x.MKV", "deep/y.webm", "deep/notes.txt", "deep/.z.mp4", "deep/.hidden/h.mp4"):
        (tmp_path / name).touch()
    assert [Path(p).name for p in expand(tmp_path / "deep")] == ["y.webm", "x.MKV"]
    assert expand("nowhere/*.mp4") == ["nowhere/*.mp4"]
    odd = tmp_path / "a[1].mp4"
    odd.touch()
    assert expand(odd) == [str(odd)]
    assert expand("https://example.org/a.mp4") == ["https://example.org/a.mp4"]
    (tmp_path / "bare").mkdir()
    assert expand(tmp_path / "bare") == [str(tmp_path / "bare")]
    with pytest.raises(TypeError, match="videos"):
        expand([3])


def test_a_folder_that_may_not_be_looked_into_is_reported(films, library, tmp_path, monkeypatch):
    """As root every folder may be; so the answers of the system are changed."""
    shutil.copy(films / "two.mp4", tmp_path / "two.mp4")
    closed = tmp_path / "closed"
    closed.mkdir()
    scan, access = os.scandir, os.access

    def refusing(path):
        if os.fspath(path) == str(closed):
            raise PermissionError(13, "Permission denied", str(closed))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    monkeypatch.setattr(os, "access", lambda path, mode: path != str(closed) and access(path, mode))
    report = ingest(tmp_path, library, segmenter="fixed", workers=1, progress=False)
    assert [Path(r.path).name for r in report.done] == ["two.mp4"]
    assert [(Path(r.path).name, r.reason) for r in report.failed] == [("closed", "unreadable")]


def test_a_twin_of_a_file_that_fails_is_not_said_to_be_there(library, tmp_path):
    write_video(tmp_path / "asks.mp4", count=30)
    shutil.copy(tmp_path / "asks.mp4", tmp_path / "twin.mp4")
    given = [tmp_path / "asks.mp4", tmp_path / "twin.mp4"]
    report = ingest(given, library, segmenter=odd_segmenters.misbehaves, workers=1, progress=False)
    assert [r.reason for r in report.failed] == ["memory"]
    assert [(r.reason, "asks.mp4" in r.detail) for r in report.skipped] == [("same-content", True)]
    assert len(library.videos()) == 0


@pytest.mark.parametrize("workers", [0, -1, True])
def test_workers(films, library, workers):
    with pytest.raises(ValueError, match="workers"):
        ingest(films, library, workers=workers)


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
def test_hostile_names(films, library, tmp_path):
    names = [
        b"caf\xe9.mp4",
        b"<img src=x onerror=alert(1)>.mp4",
        b"-rf.mp4",
        b"a\nb.mp4",
        "🎥 50%#.mp4".encode(),
    ]
    for i, name in enumerate(names):
        write_video(tmp_path / "plain.mp4", count=30 + i)
        (tmp_path / "plain.mp4").rename(tmp_path / os.fsdecode(name))
    report = ingest(tmp_path, library, segmenter="fixed", workers=1, progress=False)
    assert len(report.done) == 5
    for segment_id in library.segments().segment_id:
        assert library.clip(segment_id)
    repr(report)
    str(library.videos()).encode()
    "".join(library.segments().path).encode("utf-8")


def test_the_progress_bar_counts(films, library, capsys):
    ingest(films, library, workers=1)
    assert "2/2" in capsys.readouterr().err
