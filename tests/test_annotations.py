"""Notes, tags and states of the explorer in a library: kept, found by, placed, versioned, given out."""

from __future__ import annotations

import shutil
import threading
import zipfile
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synthetic_library import make_record
from test_library import Toy

from videxplore.errors import LibraryError, QueryError
from videxplore.stages.store import views
from videxplore.stages.store.annotations import place, rows_showing
from videxplore.stages.store.database import Database
from videxplore.stages.store.filters import where_mask
from videxplore.stages.store.judgements import read_marks
from videxplore.stages.store.views import LARGEST_BYTES
from videxplore.stages.store.writing import write_segmentation, write_video
from videxplore.values.annotations import LONGEST_NOTE, MOST_TAGS, Annotation, Tags, checked_tags
from videxplore.values.media import Span
from videxplore.workbench.library import Library


@pytest.fixture(scope="module")
def unnoted(tmp_path_factory):
    """Two videos of a minute: scenes of 20 s, moments of 5 s, none in the last scene. For reading only."""
    made = Library(tmp_path_factory.mktemp("unnoted") / "a.lance", encoder=Toy())
    for name in ("v1", "v2"):
        write_video(made.database, make_record(name))
    return made


@pytest.fixture
def library(unnoted, tmp_path):
    shutil.copytree(unnoted.path, tmp_path / "noted.lance")
    return Library(tmp_path / "noted.lance", encoder=Toy())


@pytest.fixture(scope="module")
def snapshot(unnoted):
    return unnoted.snapshot()


def moments(library, video_id="v1"):
    return list(library.tree(video_id).leaves)


def found(library, where, level="moment"):
    return {hit.segment_id for hit in library.search("tall", where=where, level=level, k=50)}


# ------------------------------------------------------------------------------------- notes and tags


def test_a_note_and_tags_are_kept_changed_and_taken_away(library):
    first, second, *_ = moments(library)
    library.annotate(first, note=" It's a\ngoal ", tags=["goal", "home  side", "goal"])
    said = library.annotate(first.segment_id, tags=["foul"])
    assert (said.note, said.tags) == ("It's a\ngoal", ("foul",)), "what is left out stays"
    library.annotate(second, tags=["goal"])
    again = Library(library.path, encoder=Toy())
    table = again.annotations()
    assert table["segment_id"].tolist() == [first.segment_id, second.segment_id]
    assert table[["video_id", "name", "level", "note"]].iloc[0].tolist() == [
        "v1", "v1.mp4", "moment", "It's a\ngoal",
    ]  # fmt: skip
    assert table["tags"].tolist() == [("foul",), ("goal",)]
    segments = again.segments().set_index("segment_id")
    assert segments.loc[first.segment_id, ["tags", "note"]].tolist() == ["foul", "It's a\ngoal"]
    assert (segments["tags"] != "").sum() == 2
    library.annotate(first, note="")
    library.annotate(first, tags=[])
    library.annotate(first, tags=[])
    assert library.annotations_of(first.segment_id) == ()
    assert len(library.annotations()) == 1
    actions = library.versions()["action"].tolist()[2:]
    assert actions == ["annotate"] * 4 + ["unannotate"]
    assert library.verify().clean


def test_searches_select_by_tag_and_by_note(library):
    one, two, three, *_ = (s.segment_id for s in moments(library))
    library.annotate(one, tags=["goal", "home side"])
    library.annotate(two, tags=["foul"], note="a red card?")
    library.annotate(two, tags=["goal"], author="ada")
    library.annotate(three, note="nothing")
    for where, expected in {
        "tag == 'goal'": {one, two},
        "tag != 'goal' and note != ''": {three},
        "'foul' in tags or tag in ['home side']": {one, two},
        "tag and 'card' in note": {two},
        "not tag and note == 'nothing'": {three},
    }.items():
        assert found(library, where) == expected, where
    assert found(library, {"tag": "goal"}) == {one, two}
    assert found(library, {"tags": ["foul", "home side"]}) == {one, two}
    assert found(library, {"tag": "goal", "note": "a red card?"}) == {two}
    assert found(library, {"tag": "red"}) == set()
    assert library.compose({"tag": "goal"}, name="goals").duration_s == 10.0
    with pytest.raises(ValueError, match="cannot be compared"):
        library.search("tall", where="tag < 'goal'")


def test_each_author_has_a_note_and_tags_and_all_are_seen(library):
    first = moments(library)[0]
    library.annotate(first, note="early", tags=["goal"], author="ada")
    library.annotate(first, note="late", tags=["goal", "foul"], author="bob")
    library.annotate(first, note="later", author="bob")
    assert [(a.author, a.note, a.tags) for a in library.annotations_of(first.segment_id)] == [
        ("ada", "early", ("goal",)),
        ("bob", "later", ("goal", "foul")),
    ]
    row = library.segments().set_index("segment_id").loc[first.segment_id]
    assert (row["tags"], row["note"]) == ("goal, foul", "early\nlater")


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ({}, ValueError, "needs note= or tags="),
        ({"note": 5}, TypeError, "note must be text"),
        ({"note": "x" * (LONGEST_NOTE + 1)}, ValueError, "20,000 characters at most, got 20,001"),
        ({"note": "\ud800"}, ValueError, "surrogate"),
        ({"tags": "goal"}, TypeError, r"a list such as \['goal'\]"),
        ({"tags": [None]}, TypeError, "a list such as"),
        ({"tags": [" "]}, ValueError, "1 to 100 characters"),
        ({"tags": ["a,b"]}, ValueError, "no comma"),
        ({"tags": ["a\0b"]}, ValueError, "no control character"),
        ({"tags": map(str, range(MOST_TAGS + 1))}, ValueError, "64 at most"),
        ({"tags": ["goal"], "author": None}, TypeError, "author must be a name"),
    ],
)
def test_what_cannot_be_kept_is_refused(unnoted, said, error, message):
    with pytest.raises(error, match=message):
        unnoted.annotate(moments(unnoted)[0], **said)
    assert unnoted.annotations().empty


def test_only_segments_of_stored_videos_are_annotated(library):
    with pytest.raises(LibraryError, match="no segment"):
        library.annotate("nonsense", note="x")
    with pytest.raises(TypeError, match="is annotated, got int"):
        library.annotate(5, note="x")
    with pytest.raises(QueryError, match="annotate its members"):
        library.annotate(library.compose(moments(library)[:2], name="both"), note="x")
    held, gone = Library(library.path, encoder=Toy()), moments(library)[0]
    before = held.snapshot()
    library.remove("v1")
    held.snapshot = lambda: before  # what a cell still shows
    with pytest.raises(LibraryError, match="may have been removed"):
        held.annotate(gone, note="x")


@settings(max_examples=50)
@given(st.lists(st.text(max_size=12), max_size=6))
def test_property_tags_stay_apart_when_they_are_joined(given_tags):
    try:
        tags = checked_tags(given_tags)
    except ValueError:
        return
    assert (", ".join(tags).split(", ") if tags else []) == list(tags)
    assert checked_tags(tags) == tags
    assert all(Tags(tags) == tag for tag in tags)
    assert not any(Tags(tags) != tag for tag in tags)


seconds = st.integers(0, 600).map(lambda tenths: tenths / 10)


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["v1", "v2", "gone"]), seconds, st.integers(1, 600), st.sampled_from("abc")
        ),
        max_size=6,
    )
)
def test_property_where_finds_what_covers_a_tagged_stretch_best(snapshot, said):
    """Against every pair compared one by one, as the rule is told."""
    given_ = [
        Annotation(video_id, start_s, start_s + tenths / 10, tags=(tag,))
        for video_id, start_s, tenths, tag in said
    ]
    noted = place(snapshot, given_)
    for tag in "abc":
        expected = np.zeros(len(snapshot), dtype=bool)
        for a in given_:
            if a.tags != (tag,):
                continue
            spans = [s.span if s.video_id == a.video_id else None for s in snapshot.segments]
            own = Span(a.start_s, a.end_s)
            iou = [own.iou(span) if span else 0.0 for span in spans]
            expected |= [value > 0.5 and value >= max(iou) - 1e-9 for value in iou]
        assert np.array_equal(where_mask(snapshot, {"tag": tag}, lambda: noted), expected)
        assert np.array_equal(where_mask(snapshot, f"'{tag}' in tags", lambda: noted), expected)
    for a in given_:
        levels = [snapshot.segments[row].level for row in rows_showing(snapshot, a)]
        assert len(levels) == len(set(levels)), "one segment of a level at most"


changes = st.tuples(
    st.integers(0, 2),
    st.sampled_from(["", "ada"]),
    st.one_of(st.none(), st.text(max_size=8)),
    st.one_of(st.none(), st.lists(st.sampled_from(["goal", "foul"]), max_size=2)),
)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(changes, min_size=2, max_size=4))
def test_property_the_library_says_what_a_dict_would(unnoted, tmp_path_factory, plan):
    folder = tmp_path_factory.mktemp("h") / "a.lance"
    shutil.copytree(unnoted.path, folder)
    library = Library(folder, encoder=Toy())
    segments = moments(library)
    expected: dict[tuple[int, str], tuple[str, tuple[str, ...]]] = {}
    for which, author, note, tags in plan:
        if note is None and tags is None:
            continue
        old = expected.get((which, author), ("", ()))
        new = old[0] if note is None else note.strip(), old[1] if tags is None else tuple(dict.fromkeys(tags))
        said = library.annotate(segments[which], note=note, tags=tags, author=author)
        assert (said.note, said.tags) == new
        expected[which, author] = new
    table = library.annotations()
    stored = {
        ([s.segment_id for s in segments].index(r.segment_id), r.author): (r.note, r.tags)
        for r in table.itertuples()
    }
    assert stored == {key: said for key, said in expected.items() if said != ("", ())}


# ---------------------------------------------------------------------------------- with their videos


def test_annotations_outlive_a_new_segmentation(library):
    first, second, *_ = moments(library)
    library.annotate(first, tags=["goal"])
    library.annotate(second, note="here")
    coarse = make_record("v1", scenes=2, moments=2, moment_s=15.0)  # moments of 15 s in place of 5 s
    write_video(library.database, coarse)
    assert len(library.annotations()) == 2
    assert set(library.annotations()["segment_id"]) == {""}, "no segment covers enough of what was said"
    assert found(library, {"tag": "goal"}, "any") == set()
    write_video(library.database, make_record("v1"))
    assert library.annotations()["segment_id"].tolist() == [first.segment_id, second.segment_id]
    assert found(library, {"tag": "goal"}) == {first.segment_id}


def test_a_segment_that_is_cut_a_little_otherwise_takes_over_what_was_said(library):
    first, second, *_ = moments(library)
    library.annotate(first, note="early", tags=["goal"])
    write_segmentation(library.database, make_record("v1", scenes=3, moments=5, moment_s=4.0), "finer")
    other = Library(library.path, encoder=Toy(), segmentation="finer")
    fours = moments(other)
    assert [a.note for a in other.annotations_of(fours[0].segment_id)] == ["early"], "4 of 5 seconds"
    said = other.annotate(fours[0], tags=["foul"])
    assert (said.note, said.tags, said.end_s) == ("early", ("foul",), 4.0)
    assert len(library.annotations()) == 1, "it was moved, not doubled"
    assert [a.tags for a in library.annotations_of(first.segment_id)] == [("foul",)]
    library.annotate(first, note="", tags=[])
    assert other.annotations().empty
    assert library.annotations_of(second.segment_id) == ()


def test_annotations_go_with_their_video_and_come_back_with_a_version(library):
    kept, gone = moments(library)[0], moments(library, "v2")[0]
    before = library.tag("before")
    library.annotate(kept, tags=["goal"])
    library.annotate(gone, tags=["goal"])
    library.tag("noted")
    library.remove("v2")
    assert library.annotations()["video_id"].tolist() == ["v1"]
    assert library.database.table("annotations").count_rows() == 1
    assert library.verify().clean
    library.restore("noted")
    assert len(library.annotations()) == 2
    assert library.checkout("before").annotations().empty
    assert found(library, {"tag": "goal"}) == set()
    with pytest.raises(LibraryError, match="checked out"):
        library.annotate(kept, note="x")
    library.checkout()
    library.restore(before)
    assert library.annotations().empty
    assert library.verify().clean


def test_verify_takes_away_what_a_killed_remover_left(library):
    library.annotate(moments(library, "v2")[0], note="x")
    library.annotate(moments(library)[0], note="x")
    library.database.delete("videos", "video_id = 'v2'")
    report = library.verify()
    assert [(p.kind, p.video_id, p.repaired) for p in report.problems] == [("unfinished", "v2", True)]
    assert library.database.table("annotations").count_rows() == 1
    assert library.verify().clean


def test_annotating_leaves_what_is_held_of_the_library(library):
    held = library.snapshot()
    library.annotate(moments(library)[0], tags=["goal"])
    library.save_view("last", {})
    assert library.snapshot() is held
    assert len(found(library, {"tag": "goal"})) == 1


def test_an_earlier_library_keeps_what_it_had_and_takes_notes(tmp_path):
    with zipfile.ZipFile(ROOT / "tests/libraries/schema_3.zip") as archive:
        archive.extractall(tmp_path)
    old = Library(tmp_path / "schema_3.lance", encoder=Toy())
    assert [(m.query, m.gain, m.judge) for m in read_marks(old.database)] == [("corner", 3, "ada")]
    assert old.maps()["name"].tolist() == ["first"]
    assert [c.name for c in old.snapshot().compositions.values()] == ["both"]
    old.annotate(moments(old)[0], tags=["goal"])
    old.save_view("last", {"query": "corner"})
    assert old.checkout(1).annotations().empty, "a version from before there were any"
    assert old.load_view("last") == {"query": "corner"}
    old.checkout()
    old.restore(1)
    assert old.annotations().empty
    assert old.verify().clean


def test_writers_at_the_same_time_lose_nothing(library):
    segments = moments(library)
    first = segments[0]
    wrong: list[BaseException] = []

    def write(who: str) -> None:
        try:
            mine = Library(library.path, encoder=Toy())
            mine.annotate(first, note=who, author=who)
            # Note and tags of one author at once: neither writes over the other.
            mine.annotate(segments[1], **({"note": "said"} if who == "a" else {"tags": ["goal"]}))
            mine.annotate(segments[2 + ord(who) - ord("a")], tags=[who])
            mine.save_view("last", {"who": who})
        except BaseException as error:  # noqa: BLE001 - told below
            wrong.append(error)

    threads = [threading.Thread(target=write, args=(who,)) for who in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert {a.note for a in library.annotations_of(first.segment_id)} == set("abc")
    (both,) = library.annotations_of(segments[1].segment_id)
    assert (both.note, both.tags) == ("said", ("goal",))
    assert len(library.annotations()) == 3 + 1 + 3
    assert library.load_view("last")["who"] in "abc"
    assert len(library.views()) == 1
    assert library.verify().clean


def test_annotations_go_out_and_come_back_whole(library, unnoted, tmp_path):
    for who in ("ada", "böb, jr."):
        library.annotate(moments(library)[0], note='"so",\n or not', tags=["goal", "a b"], author=who)
    library.annotate(library.tree("v2").root, tags=["whole"])
    table = library.annotations()
    shutil.copytree(unnoted.path, tmp_path / "other.lance")
    other = Library(tmp_path / "other.lance", encoder=Toy())
    assert other.add_annotations(table) == 3
    pd.testing.assert_frame_equal(other.annotations(), table)
    as_text = table.assign(tags=table["tags"].map(", ".join)).drop(columns=["video_id", "changed_at"])
    as_text.to_csv(tmp_path / "a.csv", index=False)
    assert other.add_annotations(pd.read_csv(tmp_path / "a.csv", keep_default_na=False)) == 3
    same = [c for c in table.columns if c != "changed_at"]
    keys = ["video_id", "author"]
    pd.testing.assert_frame_equal(
        other.annotations()[same].sort_values(keys, ignore_index=True),
        table[same].sort_values(keys, ignore_index=True),
    )
    assert library.to_arrow().schema.field("tags").type in ("string", "large_string")


def test_annotations_that_make_no_sense_are_refused(library):
    good = {"name": ["v1.mp4"], "start_s": [0.0], "end_s": [5.0], "tags": [["goal"]]}
    for change, error, message in (
        ({"tags": None}, ValueError, "note or tags"),
        ({"tags": [[]]}, ValueError, "neither a note nor a tag"),
        ({"name": ["w.mp4"]}, LibraryError, "no video"),
        ({"name": None}, ValueError, "needs the columns"),
        ({"end_s": [0.0]}, ValueError, "stretch that lasts"),
        ({"start_s": [float("nan")]}, ValueError, "finite seconds"),
    ):
        given_ = {name: column for name, column in (good | change).items() if column is not None}
        with pytest.raises(error, match=message):
            library.add_annotations(pd.DataFrame(given_))
    assert library.add_annotations(pd.DataFrame(good)) == 1


# ---------------------------------------------------------------------------- states of the explorer


def test_a_view_is_kept_replaced_and_taken_away(library):
    state = {"query": "a goal – ünïcode", "weights": {"audio": 0.5}, "hits": ["a"], "at": None, "on": True}
    library.save_view("last", {"query": "before"})
    library.save_view("last", state)
    library.save_view("zebra", {})
    again = Library(library.path, encoder=Toy())
    assert again.load_view("last") == state
    assert again.views()["name"].tolist() == ["last", "zebra"]
    assert again.views()["bytes"].tolist()[1] == 2
    again.remove_view("zebra")
    with pytest.raises(LibraryError, match=r"no view 'zebra' in .*; it has 'last'"):
        library.load_view("zebra")
    with pytest.raises(LibraryError, match="no view 'zebra'"):
        library.remove_view("zebra")
    assert library.versions()["action"].tolist() == ["ingest", "ingest"], "views are no part of the history"


@pytest.mark.parametrize(
    ("name", "state", "message"),
    [
        (" ", {}, "name must be a text"),
        ("last", [1], "state must be a dict"),
        ("last", {"x": np.zeros(2)}, "what JSON can hold"),
        ("last", {"x": float("nan")}, "what JSON can hold"),
        ("last", {"x": "y" * LARGEST_BYTES}, "bytes as JSON at most"),
    ],
)
def test_what_is_no_view_is_refused(unnoted, name, state, message):
    with pytest.raises(ValueError, match=message):
        unnoted.save_view(name, state)
    assert unnoted.views().empty


def test_a_library_that_cannot_be_written_says_so_and_still_shows_views(library, tmp_path, monkeypatch):
    library.save_view("last", {"query": "x"})
    with pytest.raises(LibraryError, match="checked out"):
        library.checkout(1).save_view("last", {})
    assert library.load_view("last") == {"query": "x"}, "views are of the present"
    library.checkout()
    empty = Library(tmp_path / "empty.lance", encoder=Toy())
    assert empty.views().empty
    assert empty.annotations().empty
    with pytest.raises(LibraryError, match="is empty; ingest something"):
        empty.save_view("last", {})
    assert not list((tmp_path / "empty.lance").glob("*"))

    def refused(self, name, columns, **more):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Database, "merge", refused)
    monkeypatch.setattr(Database, "append", refused)
    with pytest.raises(LibraryError, match=r"saving the view 'last'.*Read-only"):
        library.save_view("last", {})
    with pytest.raises(LibraryError, match=r"annotating v1.*Read-only"):
        library.annotate(moments(library)[0], note="x")


def test_saving_again_and_again_does_not_fill_the_disk(library, monkeypatch):
    monkeypatch.setattr(views, "_TIDIED_EVERY", 5)
    monkeypatch.setattr(views, "_KEPT", timedelta(milliseconds=1))
    for i in range(12):
        library.save_view("last", {"i": i})
    assert library.load_view("last") == {"i": 11}
    assert len(library.database.table("views").list_versions()) < 9
    assert library.verify().clean
