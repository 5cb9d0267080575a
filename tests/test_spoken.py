"""What is said, compared by meaning: transcripts by a sentence encoder, in the same search as everything."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_library import Reader, make_record

import videxplore as vx
from videxplore.errors import MissingExtraError
from videxplore.stages.encoding.sentences import has_bundled
from videxplore.stages.pooling import normalise
from videxplore.stages.store.spoken import UNRELATED, Spoken
from videxplore.stages.store.writing import write_set, write_video
from videxplore.values.vectors import Embeddings, EncoderCard
from videxplore.workbench.library import Library

SAID = {5.0: "the keeper lets the ball slip into his own net", 25.0: "heavy rain tonight"}


class Meanings:
    """A sentence encoder of three ideas, each with two words."""

    card = EncoderCard("meanings", 3, modalities=("text",), blocks=(("speech", 3),))
    ideas = (("mistake", "blunder"), ("storm", "downpour"), ("song", "melody"))

    def encode_frames(self, frames):
        return np.zeros((len(frames), 0), np.float32)

    def encode_text(self, texts):
        rows = [[sum(w in text for w in idea) + 1e-3 for idea in self.ideas] for text in texts]
        return normalise(np.array(rows, np.float32))[0]


def add_speech(library: Library, encoder) -> None:
    """Vectors of what is said, written as add_encoder does it, of videos that have no file."""
    for video_id in library.snapshot().videos:
        tree, snapshot = library.tree(video_id), library.snapshot()
        texts = [snapshot.transcripts[snapshot.row_of[s.segment_id]] for s in tree.segments]
        vectors = np.zeros((len(texts), encoder.card.dimension), np.float32)
        for i, text in enumerate(texts):
            if text:
                vectors[i] = encoder.encode_text([text])[0]
        ids = tuple(s.segment_id for s in tree.segments)
        levels, ones = tuple(s.level for s in tree.segments), np.ones(len(ids), np.float32)
        made = Embeddings(vectors, ids, levels, encoder.card, ones, ones, (video_id,) * len(ids))
        write_set(library.database, tree, made)


def filled(path, said=SAID) -> Library:
    library = Library(path, encoder=Reader())
    for i in range(3):
        write_video(library.database, make_record(f"v{i}", scenes=4, said=said if i == 1 else None))
    return library


@pytest.fixture
def library(tmp_path, monkeypatch):
    said = {5.0: "what a blunder", 25.0: "a downpour tonight"}
    made = filled(tmp_path / "said.lance", said)
    add_speech(made, Meanings())
    monkeypatch.setattr("videxplore.workbench.spoken.restore", lambda card: Meanings())
    return made


# How much a transcript counts ------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.integers(2, 8))
def test_a_match_lies_between_nothing_and_the_same_words(seed, n, d):
    rng = np.random.default_rng(seed)
    vectors, bank = (normalise(rng.normal(size=(m, d)).astype(np.float32))[0] for m in (n, 40))
    vectors[rng.random(n) < 0.3] = 0
    spoken = Spoken(vectors, bank, lambda text: vectors[int(text)])
    silent = ~vectors.any(axis=1)
    for i in range(n):
        found = spoken.match(str(i))
        assert np.all((found >= 0) & (found <= 1))
        assert not found[silent].any()
        assert silent[i] or found[i] == pytest.approx(1)
        order = np.argsort(vectors @ vectors[i])
        assert np.all(np.diff(found[order][~silent[order]]) >= -1e-12)


def test_what_unrelated_pairs_reach_counts_for_nothing():
    rng = np.random.default_rng(0)
    vectors, bank = (normalise(rng.normal(size=(m, 6)).astype(np.float32))[0] for m in (300, 100))
    spoken = Spoken(vectors, bank, lambda text: bank[int(text)])
    found = np.concatenate([spoken.match(str(i)) for i in range(len(bank))])
    assert np.mean(found > 0) == pytest.approx(1 - UNRELATED, abs=1e-3)


def test_where_nothing_is_said_nothing_matches():
    silent = Spoken(np.zeros((4, 3), np.float32), np.eye(3, dtype=np.float32), lambda text: np.eye(3)[0])
    np.testing.assert_array_equal(silent.match("anything"), 0)


# In a search -----------------------------------------------------------------------------------------


def test_other_words_for_what_is_said_find_it(library):
    first = library.search("mistake", level="moment", weights={"text": 4}).hits[0]
    assert (first.video_id, first.start_s) == ("v1", 5.0)
    assert first.parts["text"] > 0
    assert first.raw_score == pytest.approx(sum(first.parts.values()))


def test_the_ranking_says_so_where_it_counted(library):
    note = "What is said was compared by its meaning too."
    assert note in library.search("mistake").notes
    assert note not in library.search("melody").notes  # said nowhere, in no words
    assert "Not understood" not in " ".join(library.search("mistake").notes)


def test_it_is_part_of_the_text_that_a_weight_multiplies(library):
    once = {h.segment_id: h.parts["text"] for h in library.search("mistake", k=50).hits}
    twice = {h.segment_id: h.parts["text"] for h in library.search("mistake", k=50, weights={"text": 2}).hits}
    both = once.keys() & twice.keys()
    assert any(once[i] for i in both)
    assert all(twice[i] == pytest.approx(2 * once[i]) for i in both)
    assert not any(h.parts["text"] for h in library.search("mistake", weights={"text": 0}).hits)


def test_words_and_meaning_add_up(library):
    texts = {"text": 4}  # the toy encoder knows every word, so that what is said counts little
    meant = library.search("mistake", level="moment", k=1, weights=texts).hits[0].parts["text"]
    heard = library.search("blunder", level="moment", k=1, weights=texts).hits[0].parts["text"]
    assert heard > meant > 0


def test_asked_together_or_alone_is_the_same(library):
    queries = ["mistake", "storm then mistake", "melody"]
    for alone, together in zip(map(library.search, queries), library.search_many(queries), strict=True):
        assert [(h.segment_id, h.score) for h in alone.hits] == [
            (h.segment_id, h.score) for h in together.hits
        ]


def test_an_example_says_nothing_so_that_no_model_is_loaded_for_it(library, monkeypatch):
    hit = library.search("mistake").hits[0]
    monkeypatch.setattr(library, "spoken_of", lambda snapshot: pytest.fail("read for nothing"))
    assert library.search(hit).hits


def test_a_video_without_such_vectors_is_found_by_words(library):
    write_video(library.database, make_record("late", scenes=4, said={5.0: "another blunder"}))
    said = [h for h in library.search("blunder", level="moment", k=20).hits if h.parts["text"]]
    assert {h.video_id for h in said} == {"v1", "late"}


def test_vectors_of_speech_are_searched_as_they_are(library):
    beside = Library(library.path, encoder=Meanings())
    assert beside.spoken_of(beside.snapshot()) is None


def test_without_the_encoder_words_remain_and_it_is_said_why(tmp_path, caplog):
    made = filled(tmp_path / "foreign.lance")
    before = [(h.segment_id, h.score) for h in made.search("keeper").hits]
    add_speech(made, Meanings())  # an encoder of one's own: no name brings it back
    with caplog.at_level(logging.WARNING):
        assert [(h.segment_id, h.score) for h in made.search("keeper").hits] == before
        made.search("rain")
    assert [r.message for r in caplog.records if "compared by words only" in r.message] == caplog.messages
    assert len(caplog.messages) == 1
    assert "meanings" in caplog.text


# The encoder of the extra ----------------------------------------------------------------------------


def test_the_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr("videxplore.stages.encoding.sentences.has_bundled", lambda: False)
    with pytest.raises(MissingExtraError, match=r"pip install 'videxplore\[sentences\]'"):
        vx.encoder("sentences")


@pytest.mark.skipif(not has_bundled(), reason="the extra 'sentences' is not installed")
class TestTheRealModel:
    def test_it_comes_back_by_its_card_on_any_machine(self):
        from videxplore.stages.encoding.registry import restore

        encoder = vx.encoder("sentences")
        assert encoder.card.name == "sentences"
        assert encoder.card.weights_sha256
        assert restore(encoder.card).card == encoder.card
        with pytest.raises(ValueError, match="run on device='cpu'"):
            vx.encoder("sentences", device="cuda")

    def test_what_nobody_puts_into_these_words_is_found(self, tmp_path):
        made = filled(tmp_path / "real.lance")
        queries = {"goalkeeper makes a mistake": 5.0, "wet weather": 25.0}
        for query in queries:
            assert not any(h.parts.get("text") for h in made.search(query, level="moment").hits)
        add_speech(made, vx.encoder("sentences"))
        for query, start_s in queries.items():
            found = made.search(query, level="moment", k=20).hits
            assert [(h.video_id, h.start_s) for h in found if h.parts["text"]] == [("v1", start_s)]

    def test_one_call_adds_it_to_a_library_of_films(self, sample_library, tmp_path):
        scene = sample_library.search("first half", level="video").hits[0]
        film = sample_library.extract([scene], tmp_path / "one.lance")
        report = film.add_encoder("sentences", progress=False)
        assert len(report.done) == 1
        found = film.search("the striker scores", level="moment")
        assert "What is said was compared by its meaning too." in found.notes
