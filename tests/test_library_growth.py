"""Added beside what is there: encoders, segmentations, poolings, compositions, versions, foreign vectors."""

from __future__ import annotations

import base64
import io
import json
import shutil
import zlib
from dataclasses import replace

import lancedb
import numpy as np
import pyarrow.parquet as pq
import pytest
from coded_video import write_video as code_video
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_library import CARD, make_record
from test_library import Toy

from videxplore.errors import CardMismatchError, LibraryError, VideoError
from videxplore.stages.pooling import METHODS, pool_vectors
from videxplore.stages.store import history, writing
from videxplore.stages.store.database import Database
from videxplore.stages.store.reading import read_snapshot
from videxplore.stages.store.sets import set_tables
from videxplore.stages.store.writing import rename, write_segmentation, write_set, write_video
from videxplore.values.vectors import EncoderCard
from videxplore.workbench.ingest import ingest
from videxplore.workbench.library import Library

OTHER = EncoderCard("other", 6, modalities=("visual",), parameters={"frames": 1})


class Colours:
    """A second encoder, made of mean colours."""

    card = EncoderCard("colours", 3, parameters={"of": "frames"})

    def encode_frames(self, frames):
        return frames.rgb.mean(axis=(1, 2)).astype(np.float32) + 1


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path / "toy.lance", encoder=Toy())
    for i in range(3):
        write_video(made.database, make_record(f"v{i}", seed=i))
    return made


def rows_of(library) -> dict[str, list]:
    """All rows of the first tables, as plain LanceDB reads them."""
    plain = lancedb.connect(library.path)
    return {
        name: plain.open_table(name).search().limit(None).to_arrow().sort_by(key).to_pylist()
        for name, key in (("segments", "segment_id"), ("frames", "frame_id"), ("videos", "video_id"))
    }


def second_set(library, card=OTHER, names=("v0", "v1", "v2")) -> None:
    for name in names:
        record = make_record(name, seed=7, card=card)
        frames = record.frame_times_s, record.frame_vectors, record.frame_magnitudes
        write_set(library.database, record.tree, record.embeddings, frames)


class Other:
    card = OTHER

    def encode_frames(self, frames):
        return np.ones((len(frames), 6), np.float32)


def test_a_second_set_of_vectors_touches_nothing_that_is_there(library):
    before, search = rows_of(library), [h.segment_id for h in library.search("tall", k=5)]
    second_set(library, names=("v0", "v1"))
    assert rows_of(library) == before
    assert [h.segment_id for h in library.search("tall", k=5)] == search
    other = Library(library.path, encoder=Other())
    assert other.card == OTHER
    # A video is in a set wholly or not at all.
    assert set(other.videos().video_id) == {"v0", "v1"}
    record = make_record("v0", seed=7, card=OTHER)
    found = other.embeddings()
    for i, segment_id in enumerate(record.embeddings.segment_ids):
        row = found.segment_ids.index(segment_id)
        assert np.array_equal(found.vectors[row], record.embeddings.vectors[i])
    ranking = other.search(found.vectors[3], k=5)
    assert len(ranking) == 5
    assert all(len(c.frame_times_s) == round(c.hit.end_s - c.hit.start_s) for c in ranking.candidates)
    plain = lancedb.connect(library.path).open_table(set_tables(OTHER)[0])
    assert plain.search(found.vectors[3]).limit(1).to_list()[0]["segment_id"] == found.segment_ids[3]


def test_a_set_is_not_opened_by_an_encoder_that_is_not_in_the_library(library):
    with pytest.raises(CardMismatchError, match="add_encoder"):
        Library(library.path, encoder=Other())
    second_set(library)
    with pytest.raises(LibraryError, match="further"):
        ingest("nowhere.mp4", Library(library.path, encoder=Other()), progress=False)


def test_removing_a_video_removes_its_further_vectors(library):
    second_set(library)
    library.remove("v1")
    for table in set_tables(OTHER):
        owners = library.database.table(table).search().select(["video_id"]).limit(None).to_arrow()
        assert set(owners.column("video_id").to_pylist()) == {"v0", "v2"}
    assert library.verify().clean


def test_a_further_segmentation_lies_beside_the_first(library):
    before = read_snapshot(library.database)
    record = make_record("v0", scenes=2, moments=6, seed=5)
    write_segmentation(library.database, record, "halves")
    write_segmentation(library.database, record, "halves")
    after = read_snapshot(Database(library.path))
    assert after.segments == before.segments
    assert np.array_equal(after.vectors, before.vectors)
    halves = Library(library.path, encoder=Toy(), segmentation="halves")
    assert set(halves.videos().video_id) == {"v0"}
    tree = halves.tree("v0")
    assert [s.span for s in tree.segments] == [s.span for s in record.tree.segments]
    assert not {s.segment_id for s in tree.segments} & {s.segment_id for s in before.segments}
    assert len(halves.search("tall", k=3)) == 3
    assert library.verify().clean
    again = rename(rename(record, "a"), "a")
    assert len({s.segment_id for s in again.tree.segments}) == len(record.tree)


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    for i in range(2):
        code_video(folder / f"film{i}.mp4", count=50 + i)
    return folder


@pytest.fixture
def filmed(films, tmp_path):
    for path in films.iterdir():
        shutil.copy2(path, tmp_path)
    library = Library(tmp_path / "lib.lance")
    assert len(ingest(tmp_path / "*.mp4", library, workers=1, progress=False).done) == 2
    return library


def test_add_encoder_and_segmentation_read_only_what_lacks_them(filmed, tmp_path):
    before = rows_of(filmed)
    report = filmed.add_encoder(Colours(), progress=False)
    assert (len(report.done), len(report.skipped), len(report.failed)) == (2, 0, 0)
    assert len(filmed.add_encoder(Colours(), progress=False).skipped) == 2
    assert rows_of(filmed) == before
    colours = Library(filmed.path, encoder=Colours())
    assert len(colours.segments()) == len(filmed.segments())
    report = filmed.add_segmentation("fixed", name="clock", progress=False)
    assert len(report.done) == 2
    assert len(filmed.add_segmentation("fixed", name="clock", progress=False).skipped) == 2
    clock = Library(filmed.path, segmentation="clock")
    one = filmed.videos().video_id[0]
    assert clock.tree(one).method != filmed.tree(one).method
    assert len(Library(filmed.path, encoder=Colours(), segmentation="clock").videos()) == 0
    assert len(filmed.add_encoder(Colours(), progress=False).done) == 2
    assert len(Library(filmed.path, encoder=Colours(), segmentation="clock").videos()) == 2
    # One more film: only it is read.
    code_video(tmp_path / "film9.mp4", count=40)
    ingest(tmp_path / "film9.mp4", filmed, workers=1, progress=False)
    report = filmed.add_encoder(Colours(), progress=False)
    assert [record.path for record in report.done] == ["film9.mp4"]
    (tmp_path / "film9.mp4").unlink()
    report = filmed.add_segmentation("shots", name="shots", progress=False)
    assert [(record.path, record.reason) for record in report.failed] == [("film9.mp4", "missing")]
    for wrong in ("", "main", " ", 3):
        with pytest.raises(ValueError, match="name"):
            filmed.add_segmentation("fixed", name=wrong, progress=False)


def test_a_changed_file_is_stale_and_a_moved_one_still_searchable(filmed, tmp_path):
    old = dict(zip(filmed.videos().name, filmed.videos().video_id, strict=True))
    code_video(tmp_path / "film0.mp4", count=70)
    assert list(filmed.videos().file) == ["changed", "found"]
    with pytest.raises(VideoError, match="changed"):
        filmed.file(old["film0.mp4"])
    (tmp_path / "film1.mp4").rename(tmp_path / "moved.mp4")
    hit = filmed.search(filmed.embeddings().vectors[-1])[0]
    assert filmed.segment(hit.segment_id)
    with pytest.raises(VideoError, match="missing"):
        filmed.file(old["film1.mp4"])
    report = ingest(tmp_path / "*.mp4", filmed, workers=1, progress=False)
    assert [len(report.done), len(report.skipped)] == [1, 1]
    assert filmed.file(old["film1.mp4"]).name == "moved.mp4"
    videos = filmed.videos().set_index("video_id")
    assert len(videos) == 3
    assert videos.file[old["film0.mp4"]] == "changed"
    # Only the new content plays from that place.
    with pytest.raises(VideoError, match="changed"):
        filmed.file(old["film0.mp4"])
    filmed.remove(old["film0.mp4"])
    assert set(filmed.videos().file) == {"found"}
    assert filmed.verify().clean


def test_reingest_takes_the_place_of_what_was_there(filmed, tmp_path):
    one, two = filmed.videos().video_id
    before = rows_of(filmed)["videos"]
    report = filmed.reingest(one, segmenter="fixed", workers=1, progress=False)
    assert [record.video_id for record in report.done] == [one]
    assert filmed.tree(one).method != filmed.tree(two).method
    assert rows_of(filmed)["videos"][1] == before[1] or rows_of(filmed)["videos"][0] == before[0]
    assert len(filmed.reingest(workers=1, progress=False).done) == 0
    code_video(tmp_path / "film0.mp4", count=70)
    report = filmed.reingest(workers=1, progress=False)
    assert len(report.done) == 1
    assert list(filmed.videos().file) == ["found", "found"]
    assert one not in set(filmed.videos().video_id)
    assert filmed.verify().clean


def test_a_touched_file_is_not_read_anew(filmed, tmp_path, monkeypatch):
    (tmp_path / "film0.mp4").touch()
    assert list(filmed.videos().file) == ["changed", "found"]
    assert filmed.file(filmed.videos().video_id[0]).name == "film0.mp4"
    report = ingest(tmp_path / "*.mp4", filmed, workers=1, progress=False)
    assert len(report.skipped) == 2
    assert list(filmed.videos().file) == ["found", "found"]


@pytest.mark.parametrize("pooling", METHODS)
def test_recompose_is_pooling_of_the_leaves(library, pooling):
    before = library.embeddings()
    assert library.recompose(pooling) is library
    after = library.embeddings()
    snapshot = library.snapshot()
    leaf = {s.segment_id for v in ("v0", "v1", "v2") for s in library.tree(v).leaves}
    for i, segment in enumerate(snapshot.segments):
        if segment.segment_id in leaf:
            assert np.array_equal(after.vectors[i], before.vectors[i])
            continue
        mine = [j for j, s in enumerate(snapshot.segments) if s.video_id == segment.video_id]
        rows = [
            j for j in mine
            if (s := snapshot.segments[j]).segment_id in leaf and s.span.overlap_s(segment.span) > 0
        ]  # fmt: skip
        weights = np.array([snapshot.segments[j].duration_s for j in rows])
        expected = pool_vectors(before.attributes[rows], weights, pooling)
        assert np.allclose(after.vectors[i], expected / np.linalg.norm(expected), atol=1e-5)
    assert np.array_equal(Library(library.path, encoder=Toy()).embeddings().vectors, before.vectors)
    beside = Library(library.path, encoder=Toy(), pooling=pooling)
    assert np.array_equal(beside.embeddings().vectors, after.vectors)
    with pytest.raises(ValueError, match="pooling"):
        library.recompose("average")


def test_recompose_reads_no_video_and_calls_no_model(filmed, tmp_path, monkeypatch):
    stored = filmed.embeddings()
    for path in tmp_path.glob("*.mp4"):
        path.unlink()
    cold = Library(filmed.path)
    monkeypatch.setattr(type(cold), "encoder", property(lambda self: pytest.fail("a model was asked for")))
    mean = cold.recompose("mean").embeddings()
    # Columns by maximum and count, and those that follow from the place, as the card says.
    assert np.allclose(mean.attributes, stored.attributes, atol=1e-5)


def test_recompose_writes_nothing(library):
    before = {name: library.database.table(name).version for name in ("segments", "videos", "_log")}
    library.recompose("medoid")
    assert before == {name: library.database.table(name).version for name in before}


def test_compose(library):
    hits = library.search("tall", level="moment", k=4)
    drives = library.compose(hits, name="all drives")
    assert (drives.level, drives.duration_s) == ("composition", sum(h.end_s - h.start_s for h in hits))
    assert [s.segment_id for s in library.members(drives.segment_id)] == [h.segment_id for h in hits]
    rows = [library.snapshot().row_of[h.segment_id] for h in hits]
    embeddings = library.embeddings()
    weights = library.snapshot().durations_s[rows]
    mean = (weights[:, None] * embeddings.attributes[rows]).sum(axis=0)
    assert np.allclose(library.embeddings("composition").vectors[0], mean / np.linalg.norm(mean), atol=1e-5)
    # Found like any other, on its level, beside the others, and by its name.
    assert library.search("tall", level="composition")[0].video == "all drives"
    assert drives.segment_id in {c.hit.segment_id for c in library.search("tall", candidates=500).candidates}
    assert len(library.search("tall", where={"name": "all drives"})) == 1
    assert library.search(drives)[0].segment_id == drives.segment_id
    assert library.poster(drives.segment_id) in {library.poster(h.segment_id) for h in hits}
    assert "all drives" in set(library.segments().path)
    assert list(library.videos().video_id) == ["v0", "v1", "v2"]
    with pytest.raises(LibraryError, match="all drives"):
        library.file(drives.video_id)
    # Another handle, another pooling and another encoder see it too.
    second_set(library)
    assert Library(library.path, encoder=Other()).segment(drives.segment_id) == drives
    assert library.recompose("medoid").segment(drives.segment_id) == drives


def test_compose_from_anything(library):
    table = library.segments()
    moments = table[table.level == "moment"]
    by_frame = library.compose(moments.iloc[::2], name="a")
    by_ids = library.compose(list(moments.segment_id[::2]), name="b")
    by_segments = library.compose([library.segment(i) for i in moments.segment_id[::2]], name="c")
    assert (
        len(
            {
                tuple(m.segment_id for m in library.members(x.segment_id))
                for x in (by_frame, by_ids, by_segments)
            }
        )
        == 1
    )
    scene = library.compose({"level": "scene", "video_id": "v1"}, name="scenes of v1")
    assert len(library.members(scene.segment_id)) == 3
    assert (
        library.compose("level == 'scene' and video_id == 'v1'", name="scenes").duration_s == scene.duration_s
    )
    both = library.compose([by_ids, scene], name="compositions of compositions")
    assert len(library.members(both.segment_id)) == len(moments.iloc[::2]) + 3
    # A whole video and a part of it: the part does not count twice.
    whole = table[(table.video_id == "v0") & (table.level == "video")].segment_id.iloc[0]
    part = table[(table.video_id == "v0") & (table.level == "moment")].segment_id.iloc[0]
    assert library.compose([whole, part], name="nested").duration_s == library.segment(whole).duration_s
    replaced = library.compose([part], name="a")
    assert replaced.segment_id == by_frame.segment_id
    assert len(library.members(replaced.segment_id)) == 1
    library.remove(replaced.segment_id)
    with pytest.raises(LibraryError):
        library.segment(replaced.segment_id)
    with pytest.raises(ValueError, match="empty"):
        library.compose([], name="none")
    with pytest.raises(ValueError, match="name"):
        library.compose([part], name=" ")
    with pytest.raises(LibraryError, match="no segment"):
        library.compose(["nobody"], name="none")


def test_compose_by_recurrence_label(tmp_path):
    record = make_record("v0")
    labels = {s.segment_id: "AB"[i % 2] for i, s in enumerate(record.tree.leaves)}
    library = Library(tmp_path / "l.lance", encoder=Toy())
    write_video(library.database, replace(record, tree=replace(record.tree, labels=labels)))
    assert library.tree("v0").labels == labels
    made = library.compose({"label": "A"}, name="all A")
    assert {labels[s.segment_id] for s in library.members(made.segment_id)} == {"A"}
    assert len(library.members(made.segment_id)) == sum(label == "A" for label in labels.values())


def test_members_that_go_leave_the_rest(library):
    table = library.segments()
    ids = list(table[table.level == "scene"].segment_id)
    made = library.compose(ids, name="scenes")
    library.remove("v0")
    assert len(library.members(made.segment_id)) == 6
    report = library.verify(repair=False)
    assert [p.kind for p in report.problems] == ["composition"]
    assert library.verify().whole
    assert library.verify().clean
    library.remove("v1")
    library.remove("v2")
    library.verify()
    assert len(library.segments()) == 0


def test_versions_tags_checkout_and_restore_of_all_tables_together(library):
    assert list(library.versions().action) == ["ingest"] * 3
    assert library.tag("three") == 3
    library.remove("v0")
    second_set(library, names=("v1",))
    library.compose([library.segments().segment_id[0]], name="one")
    assert library.checkout("three") is library
    assert set(library.videos().video_id) == {"v0", "v1", "v2"}
    assert "composition" not in library.levels
    assert len(library.search("tall", k=3)) == 3
    assert library.poster(library.segments().segment_id[0])
    for change in (lambda: library.remove("v1"), lambda: library.compose({"level": "scene"}, name="x")):
        with pytest.raises(LibraryError, match="checked out"):
            change()
    with pytest.raises(LibraryError, match="checked out"):
        ingest("nowhere.mp4", library, progress=False)
    assert set(library.checkout(1).videos().video_id) == {"v0"}
    assert set(library.checkout().videos().video_id) == {"v1", "v2"}
    latest = int(library.versions().version.max())
    number = library.restore("three")
    assert number == latest + 1
    assert set(library.videos().video_id) == {"v0", "v1", "v2"}
    assert library.verify().clean
    # Nothing is lost: what was the present can be restored in turn.
    library.restore(latest)
    assert set(library.videos().video_id) == {"v1", "v2"}
    assert "composition" in library.levels
    assert set(Library(library.path, encoder=Other()).videos().video_id) == {"v1"}
    assert library.versions().set_index("version").tag[3] == "three"
    write_video(library.database, make_record("v0"))
    assert library.verify().clean
    for wrong in ("nothing", 99, 0, True):
        with pytest.raises(LibraryError, match="version"):
            library.checkout(wrong)
    for wrong in ("three", "", "a b", "é", 3):
        with pytest.raises(ValueError, match="tag"):
            library.tag(wrong)


def test_tidying_up_keeps_versions(library):
    library.tag("start", 1)
    writing.optimise(library.database)
    assert set(library.checkout("start").videos().video_id) == {"v0"}
    assert set(library.checkout(2).videos().video_id) == {"v0", "v1"}


@pytest.mark.parametrize("step", range(5))
def test_a_restore_that_was_interrupted_is_completed(library, monkeypatch, step):
    library.remove("v0")
    table = type(library.database.table("segments"))
    left = [step]

    def counted(original):
        def call(self, *given, **named):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return original(self, *given, **named)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(table, "restore", counted(table.restore))
        patch.setattr(Database, "delete", counted(Database.delete))
        with pytest.raises(KeyboardInterrupt):
            library.restore(3)
    assert set(read_snapshot(Database(library.path)).videos) in (set(), {"v1", "v2"})
    again = Library(library.path, encoder=Toy())
    assert set(again.videos().video_id) == {"v0", "v1", "v2"}
    assert again.verify().clean


@settings(max_examples=5, deadline=None)
@given(
    st.lists(st.sampled_from(["v0", "v1", "v2", "-v0", "-v1", "restore", "compose"]), max_size=8), st.data()
)
def test_property_every_version_is_what_it_was(tmp_path_factory, actions, data):
    library = Library(tmp_path_factory.mktemp("versions") / "l.lance", encoder=Toy())
    library.database.create(CARD)
    seen: dict[int, set[str]] = {}
    for action in actions:
        here = set() if library.snapshot() is None else set(library.videos().video_id)
        if action.startswith("v"):
            write_video(library.database, make_record(action, scenes=2, moments=2))
        elif action == "restore" and seen:
            library.restore(data.draw(st.sampled_from(sorted(seen))))
        elif action == "compose" and here:
            library.compose({"level": "scene"}, name="scenes")
        elif action[1:] in here:
            library.remove(action[1:])
        else:
            continue
        seen[int(library.versions().version.max())] = set(library.videos().video_id)
    for version, videos in seen.items():
        assert set(library.checkout(version).videos().video_id) == videos
        snapshot = library.snapshot()
        assert all(len(snapshot.tree(v)) == 5 for v in videos)
    assert library.checkout().verify().whole


def test_out_and_in_again(library, tmp_path):
    table = library.to_arrow()
    assert table.num_rows == len(library.segments())
    assert EncoderCard.from_json(table.schema.metadata[b"videxplore"].decode()) == CARD
    assert np.array_equal(
        np.stack(table.column("vector").to_pylist()).astype(np.float32), library.embeddings().vectors
    )
    assert "poster" in library.to_arrow(posters=True).column_names
    path = library.to_parquet(tmp_path / "out.parquet")
    assert pq.read_table(path).num_rows == table.num_rows
    assert set(library.segments()) <= set(library.to_pandas())
    frame = library.to_polars()
    assert frame.to_arrow().column("segment_id").to_pylist() == table.column("segment_id").to_pylist()
    assert np.array_equal(frame["vector"].to_numpy(), library.embeddings().vectors)
    own = library.import_vectors(path, name="elsewhere", progress=False)
    assert len(library.import_report.done) == 3
    back = Library(library.path, encoder=own)
    assert np.allclose(back.embeddings().vectors, library.embeddings().vectors, atol=1e-6)
    assert back.card.name == "elsewhere"
    assert library.verify().clean


def test_an_array_in_the_order_of_the_segments(library, tmp_path):
    vectors = np.random.default_rng(3).normal(size=(len(library.segments()), 5)).astype(np.float32)
    np.save(tmp_path / "v.npy", vectors)
    own = library.import_vectors(tmp_path / "v.npy", name="array", progress=False)
    found = Library(library.path, encoder=own).embeddings()
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert np.allclose(found.vectors, unit, atol=1e-6)
    ranking = Library(library.path, encoder=own).search(unit[4], k=3)
    assert len(ranking) == 3
    for wrong in (vectors[:5], vectors[0], np.full_like(vectors, np.nan)):
        with pytest.raises(ValueError, match=r"\(n, d\)|finite"):
            library.import_vectors(wrong, name="wrong", progress=False)
    some = list(library.segments().segment_id[-4:])
    library.import_vectors(vectors[:4], name="some", segments=some, progress=False)
    # A video without a vector is not in the set, and the report says so.
    assert len(library.import_report.failed) == 2


def twelvelabs(seconds: int, dimension: int = 5, *, newer: bool) -> dict:
    rng = np.random.default_rng(1)
    items = []
    for start in range(0, seconds, 6):
        for option in ("visual", "audio"):
            vector = rng.normal(size=dimension).tolist()
            times = (float(start), float(min(start + 6, seconds)))
            items.append(
                {"embedding": vector, "start_sec": times[0], "end_sec": times[1],
                 "embedding_option": option, "embedding_scope": "clip"}
                if newer else
                {"float": vector, "start_offset_sec": times[0], "end_offset_sec": times[1],
                 "embedding_option": option, "embedding_scope": "clip"}
            )  # fmt: skip
    return {"data": items} if newer else {"video_embedding": {"segments": items}}


@pytest.mark.parametrize("newer", [False, True])
def test_twelve_labs(library, tmp_path, newer):
    answer = twelvelabs(60, newer=newer)
    (tmp_path / "tl.json").write_text(json.dumps(answer))
    own = library.import_vectors(
        tmp_path / "tl.json", name="marengo", video="v1.mp4", modality="audio", progress=False
    )
    assert [r.video_id for r in library.import_report.done] == ["v1"]
    found = Library(library.path, encoder=own)
    items = answer["data"] if newer else answer["video_embedding"]["segments"]
    vector = np.array(items[1].get("embedding", items[1].get("float")))
    first = found.tree("v1").leaves[0]  # 0 to 5 s lies in the first clip, 0 to 6 s
    row = found.embeddings().segment_ids.index(first.segment_id)
    assert np.allclose(found.embeddings().vectors[row], vector / np.linalg.norm(vector), atol=1e-6)
    with pytest.raises(ValueError, match="video="):
        library.import_vectors(tmp_path / "tl.json", name="m", modality="audio", progress=False)
    with pytest.raises(ValueError, match="modality"):
        library.import_vectors(
            tmp_path / "tl.json", name="m", video="v1.mp4", modality="smell", progress=False
        )


def test_fiftyone(library, tmp_path):
    """An export as FiftyOne writes it: arrays are compressed, frames are counted from one."""
    vectors = np.random.default_rng(2).normal(size=(2, 8)).astype(np.float32)

    def packed(vector):
        target = io.BytesIO()
        np.save(target, vector)
        return {
            "$binary": {
                "base64": base64.b64encode(zlib.compress(target.getvalue())).decode(),
                "subType": "00",
            }
        }

    common = {"filepath": "/films/v0.mp4", "tags": [], "metadata": {"frame_rate": 25.0}}
    samples = [
        common | {"support": [1, 500], "emb": packed(vectors[0])},
        common | {"support": [501, 1500], "emb": vectors[1].tolist()},
    ]
    (tmp_path / "samples.json").write_text(json.dumps({"samples": samples}))
    own = library.import_vectors(tmp_path / "samples.json", name="fiftyone", progress=False)
    found = Library(library.path, encoder=own)
    assert set(found.videos().video_id) == {"v0"}
    embeddings = found.embeddings("scene")
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert np.allclose(embeddings.vectors, unit[[0, 1, 1]], atol=1e-6)
    with pytest.raises(ValueError, match="frame_rate"):
        library.import_vectors({"samples": [samples[0] | {"metadata": None}]}, name="f", progress=False)


@pytest.mark.parametrize("source", ["vectors.txt", {"nothing": 1}, {"samples": []}])
def test_what_cannot_be_understood_is_refused(library, tmp_path, source):
    given = tmp_path / source if isinstance(source, str) else source
    with pytest.raises(ValueError, match=r"ends in|neither|no vectors"):
        library.import_vectors(given, name="x", progress=False)


def test_an_empty_library_takes_no_vectors_and_no_encoder(tmp_path):
    empty = Library(tmp_path / "e.lance", encoder=Toy())
    with pytest.raises(LibraryError, match="empty"):
        empty.import_vectors(np.ones((2, 3)), name="x", progress=False)
    with pytest.raises(CardMismatchError, match="empty"):
        empty.add_encoder(Other(), progress=False)
    assert empty.recompose("medoid").snapshot() is None
    assert len(empty.versions()) == 0
    with pytest.raises(LibraryError, match="no version"):
        empty.tag("x")
    with pytest.raises(ValueError, match="empty"):
        empty.compose([], name="x")
    assert empty.verify().clean
    assert empty.to_arrow().num_rows == 0


def test_a_handle_of_a_library_that_was_made_anew(library):
    segment = library.segment(library.segments().segment_id[0])
    shutil.rmtree(library.path)
    assert len(library.videos()) == 0
    assert len(library.search("tall")) == 0
    write_video(Database(library.path), make_record("v9"))
    assert set(library.videos().video_id) == {"v9"}
    with pytest.raises(LibraryError, match="no segment"):
        library.segment(segment.segment_id)
    shutil.rmtree(library.path)
    write_video(Database(library.path), make_record("v9", card=OTHER))
    with pytest.raises(CardMismatchError):
        library.search("tall")


def test_the_log_says_what_was_done(filmed, tmp_path):
    (tmp_path / "bad.mp4").write_text("no video")
    report = ingest(tmp_path / "bad.mp4", filmed, workers=1, progress=False)
    log = filmed.versions()
    assert list(log.action) == ["ingest", "ingest", "failed"]
    assert log.detail.iloc[-1] == str(report.failed[0]), "which file, why, and what to do"
    assert report.failed[0].remedy in log.detail.iloc[-1]
    assert list(log.version) == [1, 2, 3]
    assert history.read_log(Database(filmed.path))[-1].tables["videos"] > 0
