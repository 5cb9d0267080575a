"""Queries for two things in the order of time, and what each attribute adds to a hit."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic_library import make_record

from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.reranking.rerank import rerank
from videxplore.stages.store.database import Database
from videxplore.stages.store.reading import read_snapshot
from videxplore.stages.store.sequence import REACH_S, score_beside
from videxplore.stages.store.writing import write_video


@pytest.fixture(scope="module")
def encoder():
    return PerceptualEncoder(sentences=None)


@pytest.mark.parametrize(
    ("text", "relation", "first", "second"),
    [
        ("a bang then silence", "next", "a bang", "silence"),
        ("lightning, followed by thunder", "next", "lightning,", "thunder"),
        ("a whistle before the music", "next", "a whistle", "the music"),
        ("the sea after a sunset", "previous", "the sea", "a sunset"),
        ("Dark, and then a FLASH", "next", "Dark,", "a FLASH"),
    ],
)
def test_words_of_order_part_a_query(encoder, text, relation, first, second):
    query = encoder.encode_query(text)
    assert query.order.relation == relation
    assert (query.order.first.text.strip(), query.order.second.text.strip()) == (first, second)
    for half, alone in ((query.order.first, first), (query.order.second, second)):
        np.testing.assert_array_equal(half.vector, encoder.encode_query(alone).vector)
    np.testing.assert_array_equal(query.vector, query.order.first.vector)
    assert query.terms == query.order.first.terms + query.order.second.terms
    assert f"and {'after' if relation == 'next' else 'before'} that" in repr(encoder.explain(text))


@pytest.mark.parametrize(
    "text", ["after the bang", "the morning after", "music before", "a zyzzyva then a bang"]
)
def test_without_something_on_either_side_there_is_no_order(encoder, text):
    assert encoder.encode_query(text).order is None
    assert encoder.explain(text).parts == ()


def test_what_comes_next_counts_the_sooner_the_more(tmp_path):
    database = Database(tmp_path / "two.lance")
    for name in ("one", "two"):
        write_video(database, make_record(name, scenes=3, moments=4, moment_s=5.0))
    snapshot = read_snapshot(database)
    row = {(s.video_id, s.level, s.start_s): i for i, s in enumerate(snapshot.segments)}
    scores = np.zeros(len(snapshot))
    scores[row["one", "moment", 25.0]] = 1.0
    after = score_beside(snapshot, scores, "next")
    assert after[row["one", "moment", 20.0]] == pytest.approx(1.0)
    assert after[row["one", "moment", 10.0]] == pytest.approx(0.5 ** (10.0 / REACH_S))
    assert after[row["one", "moment", 25.0]] == after[row["one", "moment", 30.0]] == 0.0
    before = score_beside(snapshot, scores, "previous")
    assert before[row["one", "moment", 30.0]] == pytest.approx(1.0)
    assert before[row["one", "moment", 20.0]] == 0.0
    assert not after[[i for (v, _, _), i in row.items() if v == "two"]].any()
    assert not after[[i for (_, level, _), i in row.items() if level != "moment"]].any()


def test_first_this_then_that_is_found_in_this_order(sample_library):
    """In the storm it rains and flashes in turn, three times: the order says which rain is meant."""
    for text, answers in (
        ("heavy rain then lightning", [27.48, 35.52, 41.6]),
        ("heavy rain after lightning", [35.52, 41.6]),
    ):
        hit = sample_library.search(text, level="moment", k=1, where={"name": ["storm.mp4"]}).hits[0]
        assert min(abs(hit.start_s - t) for t in answers) < 1.5, (text, str(hit))


@pytest.mark.parametrize(
    "text", ["a gunshot in the dark", "dark without music", "a bang then silence", "first half"]
)
def test_attributes_and_modalities_add_up_to_the_score(sample_library, text):
    raw = sample_library.search(text, k=10)
    for hit in [*raw.hits, *rerank(raw).hits]:
        assert sum(hit.parts.values()) == pytest.approx(hit.raw_score, abs=1e-5)
        said = hit.parts.get("text", 0.0) + hit.parts.get("order", 0.0)
        assert sum(hit.attributes.values()) == pytest.approx(hit.raw_score - said, abs=1e-5)
        assert set(hit.attributes) <= {term.attribute for term in raw.query.terms}
    assert ("order" in raw.hits[0].parts) == (raw.query.order is not None)


def test_by_example_no_attribute_was_asked_for(sample_library):
    hit = sample_library.search("dark", k=1).hits[0]
    assert sample_library.search(hit, k=1).hits[0].attributes == {}
