"""Plain LanceDB, with our encoders behind its embedding registry."""

from __future__ import annotations

import io
import subprocess
import sys

import lancedb
import numpy as np
import pytest
from lancedb.embeddings import get_registry
from lancedb.pydantic import LanceModel, Vector
from PIL import Image
from synthetic_library import CARD, make_record

import videxplore as vx
from videxplore.stages.store.database import Database
from videxplore.stages.store.sets import set_tables
from videxplore.stages.store.writing import write_set, write_video


def jpeg(rgb) -> bytes:
    target = io.BytesIO()
    Image.fromarray(np.full((36, 64, 3), rgb, np.uint8)).save(target, format="JPEG")
    return target.getvalue()


class Warmth:
    """Red against blue, in pictures and in two words."""

    card = vx.EncoderCard("warmth", 2, modalities=("visual", "text"))

    def encode_frames(self, frames):
        return frames.rgb[..., [0, 2]].mean((1, 2)).astype("float32")

    def encode_text(self, texts):
        return np.array([["warm" in text, "cold" in text] for text in texts], "float32")


def test_words_search_the_segments_of_a_library_opened_with_plain_lancedb(sample_library):
    vx.register_lancedb()
    table = lancedb.connect(sample_library.path).open_table("segments")
    found = table.search("a gunshot in the dark").limit(5).to_list()
    vector = vx.encoder().encode_text(["a gunshot in the dark"])[0]
    expected = table.search(vector).limit(5).to_list()
    assert [row["segment_id"] for row in found] == [row["segment_id"] for row in expected]
    snapshot = sample_library.snapshot()
    nearest = np.argsort(-(snapshot.vectors @ vector), kind="stable")[:5]
    assert {row["segment_id"] for row in found} == {snapshot.segments[i].segment_id for i in nearest}


def test_what_is_said_is_still_searched_where_that_is_asked_for(sample_library):
    vx.register_lancedb()
    table = lancedb.connect(sample_library.path).open_table("segments")
    assert table.search("corner", query_type="fts").select(["segment_id", "_score"]).limit(5).to_list()


def test_words_that_say_nothing_are_an_error_and_no_empty_answer(sample_library):
    vx.register_lancedb()
    table = lancedb.connect(sample_library.path).open_table("segments")
    with pytest.raises(vx.QueryError, match="understood nothing"):
        table.search("12345 %%").to_list()


def test_a_table_of_ones_own_is_filled_and_searched():
    function = vx.register_lancedb().create(encoder="perceptual")
    assert get_registry().get("videxplore") is vx.register_lancedb()

    class Row(LanceModel):
        name: str
        picture: bytes = function.SourceField()
        vector: Vector(function.ndims()) = function.VectorField()

    colours = {"red": (220, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 220)}
    table = lancedb.connect("memory://").create_table("pictures", schema=Row)
    table.add([{"name": name, "picture": jpeg(rgb)} for name, rgb in colours.items()])
    for name in colours:
        assert table.search(name).limit(1).to_list()[0]["name"] == name
    assert table.search(jpeg((20, 20, 220)), query_type="vector").limit(1).to_list()[0]["name"] == "blue"


def test_text_in_a_source_column_is_read():
    function = vx.register_lancedb().create()

    class Row(LanceModel):
        words: str = function.SourceField()
        vector: Vector(function.ndims()) = function.VectorField()

    table = lancedb.connect("memory://").create_table("notes", schema=Row)
    table.add([{"words": "dark and quiet"}, {"words": "bright and loud"}])
    assert table.search("dark").limit(1).to_list()[0]["words"] == "dark and quiet"


def test_an_encoder_of_ones_own_is_given_once(tmp_path):
    record = make_record("v1", card=Warmth.card)
    database = Database(tmp_path / "own.lance")
    write_video(database, record)
    table = lancedb.connect(database.location).open_table("segments")
    vx.register_lancedb()
    with pytest.raises(vx.LibraryError, match=r"'warmth' of this table is not at hand.*register_lancedb"):
        table.search("warm").to_list()
    vx.register_lancedb(Warmth())
    found = table.search("warm").limit(1).to_list()[0]
    vectors = record.embeddings.vectors
    assert found["segment_id"] == record.embeddings.segment_ids[int(np.argmax(vectors[:, 0]))]


def test_words_search_the_vectors_of_a_further_encoder(tmp_path):
    database = Database(tmp_path / "two.lance")
    record, further = (make_record("v1", card=card) for card in (CARD, Warmth.card))
    write_video(database, record)
    database.create_set(Warmth.card)
    frames = further.frame_times_s, further.frame_vectors, further.frame_magnitudes
    write_set(database, record.tree, further.embeddings, frames)
    vx.register_lancedb(Warmth())
    table = lancedb.connect(database.location).open_table(set_tables(Warmth.card)[0])
    found = table.search("cold").limit(1).to_list()[0]
    best = int(np.argmax(further.embeddings.vectors[:, 1]))
    assert found["segment_id"] == further.embeddings.segment_ids[best]


def test_another_state_of_the_encoder_is_refused(tmp_path):
    card = vx.EncoderCard("perceptual", 12, modalities=("visual", "text"), revision="0")
    database = Database(tmp_path / "old.lance")
    write_video(database, make_record("v1", card=card))
    vx.register_lancedb()
    with pytest.raises(vx.CardMismatchError, match="another state of the encoder 'perceptual'"):
        lancedb.connect(database.location).open_table("segments").search("dark").to_list()


def test_an_encoder_without_text_leaves_words_to_what_is_said(tmp_path):
    database = Database(tmp_path / "silent.lance")
    write_video(database, make_record("v1", card=vx.EncoderCard("looks", 12), said={5.0: "a corner kick"}))
    rows = lancedb.connect(database.location).open_table("segments").search("corner").to_list()
    assert rows
    assert all("corner" in row["transcript"] for row in rows)


def test_only_text_and_pictures_are_embedded():
    function = vx.register_lancedb().create()
    with pytest.raises(TypeError, match=r"only text and the bytes of pictures.*float"):
        function.compute_query_embeddings(1.5)


def test_without_videxplore_the_folder_is_read_all_the_same(sample_library):
    """What docs/library.md promises to a process that never imports videxplore."""
    code = f"""
import sys, lancedb, numpy as np
table = lancedb.connect({sample_library.path!r}).open_table("segments")
assert table.search().limit(3).to_list()
assert table.search(np.ones(table.schema.field("vector").type.list_size)).limit(3).to_list()
assert table.search("corner", query_type="fts").limit(3).to_list()
assert "videxplore" not in sys.modules
try:
    table.search("corner").to_list()
except KeyError as error:
    assert "videxplore" in str(error)
else:
    raise SystemExit("an unknown embedding function was passed over")
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
