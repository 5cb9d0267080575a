"""The store: what is written is read back, wholly or not at all, whoever else writes or dies."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import lancedb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_library import CARD, make_record

from videxplore.errors import CardMismatchError, LibraryError
from videxplore.stages.store.database import Database, checked_vector
from videxplore.stages.store.frames import FrameCache
from videxplore.stages.store.fulltext import content_words, match_text
from videxplore.stages.store.reading import read_snapshot
from videxplore.stages.store.schema import displayable, path_to_uri, uri_to_path
from videxplore.stages.store.scoring import SHRINKAGE, Space, cosine_probe, projection_probe
from videxplore.stages.store.writing import optimise, remove_video, write_video
from videxplore.values.vectors import EncoderCard

HERE = Path(__file__).resolve().parent


@pytest.fixture
def database(tmp_path):
    return Database(tmp_path / "lib.lance")


def counts(folder) -> dict[str, int]:
    """Rows per table as plain LanceDB counts them."""
    plain = lancedb.connect(folder)
    return {name: plain.open_table(name).count_rows() for name in ("segments", "frames", "videos")}


def test_what_is_written_is_read_back(database):
    record = make_record("v1", said={5.0: "a corner kick", 25.0: "it's over"})
    write_video(database, record)
    snapshot = read_snapshot(Database(database.location))
    tree = snapshot.tree("v1")
    assert tree.segments == record.tree.segments
    assert tree.boundaries == record.tree.boundaries
    assert (tree.video, tree.levels, tree.method) == (record.tree.video, record.tree.levels, "by hand")
    for i, segment_id in enumerate(record.embeddings.segment_ids):
        row = snapshot.row_of[segment_id]
        assert np.array_equal(snapshot.vectors[row], record.embeddings.vectors[i])
        assert snapshot.magnitudes[row] == record.embeddings.magnitudes[i]
        assert snapshot.coherence[row] == record.embeddings.coherence[i]
        assert snapshot.transcripts[row] == record.transcripts[segment_id]
    assert snapshot.card == CARD
    frames = FrameCache(database, snapshot.space).get(["v1"])["v1"]
    assert np.array_equal(frames.times_s, record.frame_times_s)
    assert np.allclose(frames.items, snapshot.space.place(record.frame_vectors, "moment"))
    values = record.frame_vectors * record.frame_magnitudes[:, None]
    frames = FrameCache(database, snapshot.attribute_space).get(["v1"])["v1"]
    assert np.allclose(frames.items, snapshot.attribute_space.place(values, "moment"), atol=1e-6)


def test_writing_twice_changes_nothing(database):
    for _ in range(2):
        write_video(database, make_record("v1"))
        write_video(database, make_record("v2"))
    assert counts(database.location) == {"segments": 24, "frames": 120, "videos": 2}


def test_a_new_segmentation_replaces_the_old_one_wholly(database):
    write_video(database, make_record("v1"))
    write_video(database, make_record("v2"))
    write_video(database, make_record("v1", scenes=2, moments=6))
    snapshot = read_snapshot(database)
    assert len(snapshot.tree("v1")) == 1 + 2 + 6
    assert counts(database.location)["segments"] == 9 + 12


@pytest.mark.parametrize("after", [1, 2])
def test_readers_pass_over_a_video_that_is_not_complete(database, monkeypatch, after):
    write_video(database, make_record("v1"))
    merge, done = Database.merge, []

    def dying(self, name, columns, **more):
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(name)
        merge(self, name, columns, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "merge", dying)
        with pytest.raises(KeyboardInterrupt):
            write_video(database, make_record("v2"))
    assert done == ["frames", "segments"][:after]
    assert counts(database.location)["segments"] == 12 * after
    assert set(read_snapshot(database).videos) == {"v1"}
    assert len(read_snapshot(database)) == 12
    write_video(database, make_record("v2"))
    assert set(read_snapshot(database).videos) == {"v1", "v2"}
    assert counts(database.location) == {"segments": 24, "frames": 120, "videos": 2}


def test_removing_takes_all_rows_of_one_video(database):
    for name in ("v1", "v2"):
        write_video(database, make_record(name))
    remove_video(database, "v1")
    assert counts(database.location) == {"segments": 12, "frames": 60, "videos": 1}
    assert set(read_snapshot(database).videos) == {"v2"}
    remove_video(database, "' OR 1=1 --")
    assert counts(database.location)["segments"] == 12


def test_a_reader_never_sees_half_a_video(database):
    for name in ("v1", "v2"):
        write_video(database, make_record(name))
    stop, wrong, looked = threading.Event(), [], [0]

    def read():
        mine = Database(database.location)
        while not stop.is_set():
            snapshot = read_snapshot(mine)
            sizes = [len(snapshot.tree(v)) for v in snapshot.videos]
            wrong.extend(size for size in sizes if size not in (12, 9))
            looked[0] += 1

    reader = threading.Thread(target=read)
    reader.start()
    for i in range(12):
        write_video(database, make_record("v1", **({"scenes": 2, "moments": 6} if i % 2 else {})))
    stop.set()
    reader.join()
    assert looked[0] > 3
    assert not wrong


def test_vectors_of_another_encoder_are_refused(database):
    write_video(database, make_record("v1"))
    other = EncoderCard("toy", 12, revision="2", modalities=("visual", "audio"), blocks=CARD.blocks)
    with pytest.raises(CardMismatchError, match="revision"):
        write_video(database, make_record("v2", card=other))
    assert set(read_snapshot(database).videos) == {"v1"}


def test_a_newer_schema_is_refused(database):
    write_video(database, make_record("v1"))
    database.merge("_meta", {"key": ["schema_version"], "value": ["99"]})
    with pytest.raises(LibraryError, match="99"):
        read_snapshot(Database(database.location))


def test_a_file_is_no_library(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    with pytest.raises(LibraryError, match="folder"):
        Database(path)


def test_opening_writes_nothing(tmp_path):
    folder = tmp_path / "lib.lance"
    assert read_snapshot(Database(folder)) is None
    assert not folder.exists() or not list(folder.iterdir())


def test_interrupted_creation_is_begun_again(database):
    from videxplore.stages.store.schema import table_schemas

    other = EncoderCard("other", 5)
    plain = lancedb.connect(database.location)
    plain.create_table("segments", schema=table_schemas(other)["segments"])
    write_video(database, make_record("v1"))
    assert set(read_snapshot(database).videos) == {"v1"}


def test_plain_lancedb_makes_sense_of_the_folder(database):
    record = make_record("v1", said={5.0: "a corner kick"})
    write_video(database, record)
    optimise(database)
    plain = lancedb.connect(database.location)
    table = plain.open_table("segments")
    found = table.search(record.embeddings.vectors[3]).limit(1).to_list()
    assert found[0]["segment_id"] == record.embeddings.segment_ids[3]
    assert table.search("corner", query_type="fts").select(["segment_id", "_score"]).limit(5).to_list()
    assert EncoderCard.from_json(table.schema.metadata[b"videxplore"].decode()) == CARD
    assert not table.schema.field("segment_id").nullable


@pytest.mark.parametrize(
    "name",
    [
        "plain.mp4",
        "50% #1?&x=é.mp4",
        "new\nline.mp4",
        "-dash.mp4",
        "<img src=x onerror=alert(1)>.mp4",
        "a'b\"c.mp4",
    ],
)
def test_any_file_name_survives(database, tmp_path, name):
    path = tmp_path / name
    assert uri_to_path(path_to_uri(path)) == path
    write_video(database, make_record("v1", path=path))
    assert read_snapshot(database).tree("v1").video.path == path


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
def test_a_name_that_is_no_text_survives(database, tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp4"))
    write_video(database, make_record("v1", path=path))
    snapshot = read_snapshot(database)
    assert snapshot.tree("v1").video.path == path
    assert snapshot.videos["v1"]["name"] == "caf�.mp4" == displayable("caf\udce9.mp4")


def brute_force(vectors, levels, query, *, dimension=12, cut=8):
    """Score items one by one, as the definition reads."""
    scores = []
    for i, vector in enumerate(vectors):
        total = 0.0
        energy = float(query @ query)
        for a, b in ((0, cut), (cut, dimension)):
            overall = sum(v[a:b] for v in vectors if np.any(v[a:b])) + np.zeros(b - a)
            overall = overall / (sum(bool(np.any(v[a:b])) for v in vectors) + SHRINKAGE)
            peers = [
                v for v, level in zip(vectors, levels, strict=True) if level == levels[i] and np.any(v[a:b])
            ]
            mean = (np.sum(peers, axis=0)[a:b] if peers else 0) + SHRINKAGE * overall
            mean = mean / (len(peers) + SHRINKAGE)
            x, q = vector[a:b] - mean, query[a:b]
            if np.any(vector[a:b]) and np.any(q):
                cosine = float(x @ q) / (np.linalg.norm(x) * np.linalg.norm(q))
                total += float(q @ q) / energy * cosine
        scores.append(total)
    return np.array(scores)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.booleans())
def test_property_scores_equal_the_definition(seed, n, silent):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 12)).astype(np.float32)
    if silent:
        vectors[rng.random(n) < 0.5, 8:] = 0
    levels = rng.choice(["moment", "scene"], n)
    query = rng.normal(size=12).astype(np.float32)
    space = Space.fit(vectors, levels, CARD, "moment")
    probe = space.probe(query)
    expected = brute_force(vectors.astype(float), levels, query.astype(float))
    assert np.allclose(probe.score(space.items), expected, atol=2e-5)
    assert np.allclose(sum(probe.parts(space.items).values()), expected, atol=2e-5)


def test_a_projection_looks_at_the_asked_columns_only():
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(40, 12)).astype(np.float32)
    levels = np.array(["moment"] * 30 + ["scene"] * 10)
    asked = np.zeros(12, np.float32)
    asked[[1, 9]] = 3.0, -1.0
    others = np.flatnonzero(asked == 0)
    changed = vectors.copy()
    changed[0, others] += 5.0
    before, after = (Space.fit(v, levels, CARD, "moment", unit=False) for v in (vectors, changed))
    probe = before.probe(asked)
    assert np.abs(probe.weights).sum() == pytest.approx(1.0)
    assert probe.score(before.items)[0] == pytest.approx(after.probe(asked).score(after.items)[0], abs=1e-6)
    cosines = [Space.fit(v, levels, CARD, "moment") for v in (vectors, changed)]
    first, second = (float(s.probe(asked).score(s.items)[0]) for s in cosines)
    assert abs(first - second) > 0.05
    # One above usual in all that was asked is a score of one.
    usual = before.means["moment"] + np.where(asked > 0, 1.0, np.where(asked < 0, -1.0, 0.0))
    assert probe.score(before.place(usual[None].astype(np.float32), "moment"))[0] == pytest.approx(1.0)
    assert np.allclose(sum(probe.parts(before.items).values()), probe.score(before.items), atol=1e-6)


def test_no_level_is_drawn_for_its_spread():
    rng = np.random.default_rng(6)
    moments = rng.normal(size=(4000, 12))
    scenes = moments.reshape(500, 8, 12).mean(1)
    vectors = np.concatenate([moments, scenes]).astype(np.float32)
    levels = np.array(["moment"] * 4000 + ["scene"] * 500)
    space = Space.fit(vectors, levels, CARD, "moment", unit=False)
    scores = space.items @ projection_probe(rng.normal(size=12).astype(np.float32), space.blocks).weights
    top = np.argsort(-scores)[:450]
    assert np.mean(levels[top] == "scene") == pytest.approx(500 / 4500, abs=0.04)
    assert space.stretch == {"moment": 1.0, "scene": pytest.approx(8**0.5, rel=0.1)}


def test_an_item_without_sound_has_no_opinion_on_sound():
    vectors = np.ones((6, 12), np.float32) * np.arange(1, 7)[:, None]
    vectors[0, 8:] = 0
    for unit in (True, False):
        space = Space.fit(vectors, np.array(["moment"] * 6), CARD, "moment", unit=unit)
        assert not space.items[0, 8:].any()
        assert space.probe(np.ones(12, np.float32)).parts(space.items)["audio"][0] == 0.0


def test_weights_multiply_the_shares():
    query = np.ones(12, np.float32)
    plain, loud = (cosine_probe(query, CARD.slices(), w) for w in (None, {"audio": 3.0, "visual": 0.0}))
    assert plain.shares == pytest.approx({"visual": 8 / 12, "audio": 4 / 12})
    assert loud.shares == pytest.approx({"visual": 0.0, "audio": 1.0})


@pytest.mark.parametrize(
    ("vector", "message"),
    [
        (np.ones(5), r"\(12,\)"),
        (np.ones((1, 12)), r"\(12,\)"),
        (np.full(12, np.nan), "finite"),
        (np.full(12, np.inf), "finite"),
        (np.zeros(12), "zeros"),
    ],
)
def test_a_vector_that_cannot_be_searched_is_refused(vector, message):
    with pytest.raises(ValueError, match=message):
        checked_vector(vector, 12)


def test_words_are_found_where_they_are_said(database):
    write_video(
        database, make_record("v1", said={5.0: "And it's a corner kick!", 25.0: "the keeper kicks it away"})
    )
    write_video(database, make_record("v2"))
    optimise(database)
    snapshot = read_snapshot(database)
    table = database.table("segments")
    match = match_text(table, {"corner": 1.0, "kick": 1.0, "zebra": 1.0}, snapshot.row_of, rows=len(snapshot))
    assert (match.heard, match.unheard) == (("corner", "kick"), ("zebra",))
    assert 0 <= match.scores.min() <= match.scores.max() <= 1
    best = [snapshot.segments[i] for i in np.flatnonzero(match.scores == match.scores.max())]
    assert [(s.level, s.start_s) for s in best] == [("scene", 0.0), ("moment", 5.0)]
    silent = [i for i, s in enumerate(snapshot.segments) if s.video_id == "v2"]
    assert not match.scores[silent].any()


@pytest.mark.parametrize("hostile", ["'", '"', 'x" OR 1=1', "NEAR(", "* AND", "\\", "\0", "🎥", "x" * 5000])
def test_no_word_breaks_the_text_search(database, hostile):
    write_video(database, make_record("v1", said={5.0: "a corner kick"}))
    snapshot = read_snapshot(database)
    match = match_text(database.table("segments"), {hostile: 1.0}, snapshot.row_of, rows=len(snapshot))
    assert not match.scores.any()


def test_content_words():
    assert content_words("Show me the FIRST half, of it") == ["first", "half"]
    assert content_words("who are you") == ["who", "are", "you"]
    assert content_words("?!") == []
