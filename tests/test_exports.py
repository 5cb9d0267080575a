"""Chosen segments out of a library: timelines, folders of clips, libraries of their own."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import av
import lancedb
import numpy as np
import pytest
from coded_video import read_number
from coded_video import write_video as code_video
from hypothesis import given
from hypothesis import strategies as st
from synthetic_library import make_record
from test_library import Toy
from test_library_growth import OTHER, second_set

from videxplore.errors import LibraryError
from videxplore.stages.store.database import Database
from videxplore.stages.store.reading import current_versions
from videxplore.stages.store.sets import set_tables
from videxplore.stages.store.writing import write_segmentation, write_video
from videxplore.values.segments import Segment, segment_id
from videxplore.workbench.clip_folder import MANIFEST, clip_name
from videxplore.workbench.library import Library

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Two films of ten seconds whose pictures carry their numbers, in a library. For reading only."""
    folder = tmp_path_factory.mktemp("films")
    library = Library(folder / "films.lance", encoder=Toy())
    for name, fps in (("a", 25), ("b & \ncö", 30)):
        path = folder / f"{name}.mp4"
        code_video(path, count=10 * fps, rate=fps, options={"preset": "ultrafast"}, first_number=0)
        record = make_record(f"v{name[0]}", scenes=2, moments=2, moment_s=2.5, path=path)
        tree = replace(record.tree, video=replace(record.tree.video, fps=float(fps)))
        write_video(library.database, replace(record, tree=tree))
    return library


@pytest.fixture
def library(films, tmp_path):
    shutil.copytree(films.path, tmp_path / "own.lance")
    return Library(tmp_path / "own.lance", encoder=Toy())


def chosen(library) -> list[Segment]:
    """Out of order and of both films: the second moment of ``va``, then the first of ``vb`` and of ``va``."""
    first, second = library.tree("va").leaves[:2]
    return [second, library.tree("vb").leaves[0], first]


# ---------------------------------------------------------------------------------------- timelines


def test_an_edit_list_of_several_videos_reads_back(library, tmp_path):
    otio = pytest.importorskip("opentimelineio")
    segments = chosen(library)
    library.annotate(segments[0], tags=["goal"])
    path = library.export_timeline(segments, tmp_path / "cut.edl")
    clips = list(otio.adapters.read_from_file(str(path), rate=25).tracks[0])
    starts = [clip.source_range.start_time.to_seconds() for clip in clips]
    ends = [clip.source_range.end_time_exclusive().to_seconds() for clip in clips]
    np.testing.assert_allclose(starts, [2.5, 0.0, 0.0], atol=0.02 + 1e-9)
    np.testing.assert_allclose(ends, [5.0, 2.5, 2.5], atol=0.02 + 1e-9)
    reels = [clip.metadata["cmx_3600"]["reel"] for clip in clips]
    assert reels == ["A", "BC", "A"]
    assert clips[0].name.startswith("goal · moment 0:02.5")


def test_otio_keeps_the_rate_of_each_video(library, tmp_path):
    otio = pytest.importorskip("opentimelineio")
    path = library.export_timeline(chosen(library), tmp_path / "c.otio")
    clips = list(otio.adapters.read_from_file(str(path)).tracks[0])
    assert [clip.source_range.start_time.rate for clip in clips] == [25, 30, 25]
    np.testing.assert_allclose(
        [clip.source_range.start_time.to_seconds() for clip in clips], [2.5, 0.0, 0.0], atol=0.021
    )
    assert [clip.media_reference.target_url for clip in clips] == [
        library.file(s.video_id).as_uri() for s in chosen(library)
    ]


def test_fcpxml_puts_one_clip_after_the_other(library, tmp_path):
    def seconds(text):
        top, _, bottom = text.removesuffix("s").partition("/")
        return int(top) / int(bottom or 1)

    root = ElementTree.fromstring(library.export_timeline(chosen(library), tmp_path / "c.fcpxml").read_text())
    assets = {a.get("id"): a.find("media-rep").get("src") for a in root.iter("asset")}
    clips = list(root.iter("asset-clip"))
    assert [assets[c.get("ref")] for c in clips] == [
        library.file(s.video_id).as_uri() for s in chosen(library)
    ]
    offsets, lengths, starts = (
        np.array([seconds(c.get(name)) for c in clips]) for name in ("offset", "duration", "start")
    )
    np.testing.assert_allclose(offsets, np.cumsum([0, *lengths[:-1]]), atol=1e-9)
    np.testing.assert_allclose(starts, [2.5, 0.0, 0.0], atol=0.021)
    frames = lengths * 25  # the sequence runs at the rate of its first video
    np.testing.assert_allclose(frames, np.round(frames), atol=1e-9)
    assert seconds(root.find(".//sequence").get("duration")) == pytest.approx(offsets[-1] + lengths[-1])


def test_tables_keep_the_order_and_chapters_need_one_video(library, tmp_path):
    segments = chosen(library)
    library.annotate(segments[1], tags=["goal", "home"], note='said "so",\nthen')
    path = library.export_timeline([s.segment_id for s in segments], tmp_path / "c.csv")
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines(keepends=True)))
    assert [row["segment_id"] for row in rows] == [s.segment_id for s in segments]
    assert (rows[1]["tags"], rows[1]["note"]) == ("goal, home", 'said "so",\nthen')
    assert rows[1]["name"].startswith("b & ")
    with pytest.raises(ValueError, match=r"of 2; write one file per video"):
        library.export_timeline(segments, tmp_path / "c.vtt")
    import pysubs2

    path = library.export_timeline({"name": "a.mp4", "level": "moment"}, tmp_path / "c.vtt")
    cues = pysubs2.SSAFile.load(str(path))
    assert [(c.start, c.end) for c in cues] == [(0, 2500), (2500, 5000)]
    with pytest.raises(ValueError, match=r"must end in \.edl, \.otio"):
        library.export_timeline(segments, tmp_path / "c.mp4")
    with pytest.raises(ValueError, match="this selection is empty"):
        library.export_timeline({"name": "z"}, tmp_path / "c.csv")
    with pytest.raises(LibraryError, match="no segment"):
        library.export_timeline(["nonsense"], tmp_path / "c.csv")


# -------------------------------------------------------------------------------------------- clips


def numbers(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [read_number(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def test_clips_are_exact_go_on_and_leave_other_files_alone(library, tmp_path):
    folder, segments = tmp_path / "clips", chosen(library)
    library.annotate(segments[0], tags=["goal"])
    table = library.export_clips(segments, folder, height=64, progress=False)
    assert table["status"].tolist() == ["done"] * 3
    for segment, row, fps in zip(segments, table.itertuples(), (25, 30, 25), strict=True):
        times_s = np.arange(10 * fps) / fps
        on_screen = (times_s + 1 / fps > segment.start_s + 1e-6) & (times_s < segment.end_s - 1e-6)
        assert numbers(folder / row.file) == np.flatnonzero(on_screen).tolist()
    assert table["tags"].tolist() == ["goal", "", ""]
    listed = list(csv.DictReader((folder / MANIFEST).open(encoding="utf-8", newline="")))
    assert [row["file"] for row in listed] == table["file"].tolist()
    made = {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.suffix == ".mp4"}
    mine, other = (folder / table["file"][i] for i in (0, 1))
    mine.unlink()
    other.write_bytes(b"somebody else's")
    again = library.export_clips(segments, folder, height=64, progress=False)
    assert again["status"].tolist() == ["done", "failed", "done"]
    assert "move it away" in again["reason"][1]
    assert other.read_bytes() == b"somebody else's"
    assert (folder / table["file"][2]).stat().st_mtime_ns == made[table["file"][2]], "not made anew"
    assert sorted(path.name for path in folder.iterdir()) == sorted([*table["file"], MANIFEST])


def test_one_bad_file_costs_its_own_clips_and_an_interrupted_export_goes_on(library, tmp_path, monkeypatch):
    folder, segments = tmp_path / "clips", chosen(library)
    row = dict(library.snapshot().videos["vb"])
    row.pop("levels"), row.pop("method"), row.pop("segment_count")
    gone = row | {"uri": "file:///gone.mp4", "locations": ["file:///gone.mp4"]}
    library.database.merge("videos", {name: [value] for name, value in gone.items()})
    move = Path.replace

    def killed(self, target):
        if target.suffix == ".mp4":
            raise KeyboardInterrupt
        return move(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            library.export_clips(segments, folder, height=64, progress=False)
    with (folder / MANIFEST).open("a", encoding="utf-8") as stream:
        stream.write('half.mp4,done,"')
    table = library.export_clips(segments, folder, height=64, progress=False)
    assert table["status"].tolist() == ["done", "failed", "done"]
    assert "moved or deleted" in table["reason"][1]
    listed = list(csv.DictReader((folder / MANIFEST).open(encoding="utf-8", newline="")))
    assert [r["file"] for r in listed] == table["file"].tolist()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / MANIFEST).write_text("my,own\n1,2\n")
    with pytest.raises(LibraryError, match="choose another folder"):
        library.export_clips(segments, tmp_path / "other", progress=False)
    with pytest.raises(ValueError, match="format must be one of"):
        library.export_clips(segments, folder, format="avi", progress=False)


@given(st.text(max_size=60), st.floats(0, 1e6))
def test_property_names_of_clips_are_safe_and_unique(title, start_s):
    segment = Segment(segment_id("v", "moment", start_s, start_s + 1), "v", "moment", start_s, start_s + 1)
    name = clip_name(title, segment, "mp4")
    assert len(name) < 100
    assert name.isascii()
    assert all(c.isalnum() or c in "-_." for c in name)
    assert name[0].isalnum()
    assert name.count(".") == 1
    assert segment.segment_id in name


# ---------------------------------------------------------------------------- a library of their own


def rows_of(path, table, video_ids):
    found = lancedb.connect(path).open_table(table).search().limit(None).to_arrow().to_pylist()
    rows = [row for row in found if row["video_id"] in video_ids]
    return sorted(rows, key=lambda row: str(next(iter(row.values()))))


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    """Three videos with all that a library can hold of them."""
    made = Library(tmp_path_factory.mktemp("rich") / "rich.lance", encoder=Toy())
    for i in range(3):
        write_video(made.database, make_record(f"v{i}", seed=i, said={5.0: "a corner kick"}))
    write_segmentation(made.database, make_record("v0", scenes=2, moments=6), "other")
    second_set(made)
    first = [made.tree(f"v{i}").leaves[0] for i in range(3)]
    made.judge("goal", first[0], 3, judge="ada")
    made.judge("goal", first[2], 1)
    made.annotate(first[1], note="here", tags=["goal"])
    made.annotate(first[2], note="there")
    made.compose([first[0], first[2]], name="two")
    made.compose([first[2]], name="one")
    return made


def test_an_extract_holds_all_of_its_videos(rich, tmp_path):
    segments = [rich.tree("v1").leaves[3], rich.tree("v0").root]
    own = rich.extract(segments, tmp_path / "deep" / "own.lance")
    assert own.verify().clean
    assert set(own.snapshot().videos) == {"v0", "v1"}
    tables = ["segments", "frames", "videos", "judgements", "annotations", *set_tables(OTHER)]
    for table in tables:
        rows = rows_of(own.path, table, {"v0", "v1", "v2"})
        assert rows == rows_of(rich.path, table, {"v0", "v1"}), table
        assert rows
    assert {name: len(c.members) for name, c in _compositions(own).items()} == {"two": 1}
    assert own.search("tall", level="moment")[0].video_id in {"v0", "v1"}
    assert len(own.search("corner", where="'corner' in transcript", level="moment")) == 2
    wanted = own.search("tall", where={"tag": "goal"}, level="moment")
    assert [hit.segment_id for hit in wanted] == [rich.tree("v1").leaves[0].segment_id]
    assert own.poster(segments[0].segment_id) == rich.poster(segments[0].segment_id)
    assert own.versions()["action"].tolist() == ["extract"]
    assert own.database.meta()["library_id"] != rich.database.meta()["library_id"]
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["own.lance"]
    write_video(own.database, make_record("v9"))
    assert own.verify().clean
    with pytest.raises(LibraryError, match="is there already"):
        rich.extract(segments, own.path)
    with pytest.raises(LibraryError, match="a local folder"):
        rich.extract(segments, "s3://bucket/own.lance")


def _compositions(library):
    return {c.name: c for c in library.snapshot().compositions.values()}


def test_an_extract_is_of_the_version_that_is_looked_at(library, tmp_path):
    library.annotate(chosen(library)[0], tags=["late"])
    then = library.checkout(2).extract(chosen(library), tmp_path / "then.lance")
    assert then.annotations().empty
    assert set(then.snapshot().videos) == {"va", "vb"}
    assert then.file("va") == library.file("va"), "the same files"


def test_interrupted_at_any_step_nothing_is_there(library, tmp_path, monkeypatch):
    target = tmp_path / "new.lance"
    table = type(library.database.table("segments"))
    done = 0
    while True:
        left = [done]

        def step(original, left=left):
            def call(self, *given_, **named):
                if left[0] == 0:
                    raise KeyboardInterrupt
                left[0] -= 1
                return original(self, *given_, **named)

            return call

        with monkeypatch.context() as patch:
            patch.setattr(Database, "merge", step(Database.merge))
            patch.setattr(table, "add", step(table.add))
            patch.setattr(Path, "rename", step(Path.rename))
            try:
                library.extract(chosen(library), target)
                break
            except KeyboardInterrupt:
                done += 3
        assert not target.exists()
        assert [p.name for p in tmp_path.iterdir()] == ["own.lance"]
    assert done >= 6
    assert Library(target, encoder=Toy()).verify().clean


_EXTRACTOR = """
import sys
sys.path[:0] = {path!r}
from test_library import Toy
from videxplore.workbench.library import Library
library = Library(sys.argv[1], encoder=Toy())
library.snapshot()
print("ready", flush=True)
sys.stdin.readline()
library.extract("level == 'video'", sys.argv[2])
print("done", flush=True)
"""


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a POSIX signal")
def test_killed_again_and_again_nothing_or_the_whole_is_there(rich, tmp_path):
    rng = np.random.default_rng(4)
    code = _EXTRACTOR.format(path=[str(HERE), str(HERE.parent)])
    left, whole = 0, 0
    for _ in range(24):
        target = tmp_path / "new.lance"
        process = subprocess.Popen(
            [sys.executable, "-c", code, rich.path, str(target)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("\n")
        process.stdin.flush()
        time.sleep(float(rng.uniform(0.0, 0.8)))
        process.send_signal(signal.SIGKILL)
        said = process.stdout.read()
        process.communicate()
        assert target.exists() or "done" not in said
        if target.exists():
            found = Library(target, encoder=Toy())
            assert found.verify().clean
            assert len(found.snapshot().videos) == 3
            assert current_versions(found.database) is not None
            shutil.rmtree(target)
            whole += 1
        left += any(tmp_path.iterdir())
    assert left, "no kill hit the work: the test shows nothing"
    rich.extract({"level": "video"}, tmp_path / "new.lance")
    assert [p.name for p in tmp_path.iterdir()] == ["new.lance"]
