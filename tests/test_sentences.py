"""Words that the lexicon lacks: guessed from the nearest entry, marked, and never louder than known words."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from videxplore.errors import MissingExtraError
from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.encoding.perceptual.guessing import LEAST_SIMILARITY, Guesser
from videxplore.stages.encoding.perceptual.lexicon import load_lexicon
from videxplore.stages.encoding.sentences import SentenceEncoder, has_bundled
from videxplore.values.rankings import words_not_taken
from videxplore.workbench.regions import alike_said

NEAR = {"gloom-like": "dark", "kaboom whatsit": "bang", "kaboom": "bang", "whatsit": "bang"}


class Toy:
    """Each text has a direction of its own; a few lean towards an entry of the lexicon."""

    def __init__(self, similarity=0.8):
        self.similarity = similarity
        self.seen = {}

    def encode_text(self, texts):
        rows = np.zeros((len(texts), 4000), np.float32)
        for row, text in zip(rows, texts, strict=True):
            if text in NEAR:
                row[self._axis(NEAR[text])] = self.similarity
                row[self._axis(text)] = np.sqrt(1 - self.similarity**2)
            else:
                row[self._axis(text)] = 1.0
        return rows

    def _axis(self, text):
        return self.seen.setdefault(text, len(self.seen))


@pytest.fixture
def toy():
    return PerceptualEncoder(sentences=Toy())


def columns(query):
    return {term.attribute: term.weight for term in query.terms}


def test_an_unknown_word_asks_for_its_neighbour_and_says_so(toy):
    query = toy.encode_query("gloom-like")
    assert {term.entry for term in query.terms} == {"dark"}
    known = columns(toy.encode_query("dark"))
    assert columns(query) == pytest.approx({k: 0.5 * 0.8 * w for k, w in known.items()}, rel=1e-5)
    assert query.unknown_words == ("gloom-like",)
    assert words_not_taken(query.terms, query.unknown_words) == ()
    assert "taken for 'dark'" in repr(toy.explain("gloom-like"))
    assert "not understood" not in repr(query)


def test_known_words_are_never_guessed(toy):
    query = toy.encode_query("dark gloom-like")
    assert [term.entry for term in query.terms if term.phrase == "dark"] == [""] * 2
    assert toy.encode_query("dark").terms == load_lexicon().read("dark").terms


def test_the_longer_expression_wins_a_tie(toy):
    assert {term.phrase for term in toy.encode_query("kaboom whatsit").terms} == {"kaboom whatsit"}


def test_negation_reaches_a_guess(toy):
    without, with_it = columns(toy.encode_query("no gloom-like")), columns(toy.encode_query("gloom-like"))
    assert without == pytest.approx({name: -0.7 * weight for name, weight in with_it.items()}, rel=1e-5)


def test_what_nothing_comes_near_stays_unknown():
    encoder = PerceptualEncoder(sentences=Toy(similarity=LEAST_SIMILARITY - 0.01))
    query = encoder.encode_query("gloom-like")
    assert query.vector is None
    assert words_not_taken(query.terms, query.unknown_words) == ("gloom-like",)


def test_expressions_do_not_cross_known_words(toy):
    tokens = ["kaboom", "dark", "whatsit"]
    guesses = Guesser(load_lexicon().entries, Toy()).guess(tokens, [0, 2], lambda word: False)
    assert {at: length for at, (length, _) in guesses.items()} == {0: 1, 2: 1}


def test_without_sentences_nothing_is_guessed():
    encoder = PerceptualEncoder(sentences=None)
    assert encoder.encode_query("gloom-like").terms == ()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr("videxplore.stages.encoding.sentences.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'videxplore\[sentences\]'"):
        SentenceEncoder()
    assert PerceptualEncoder().encode_query("gloom-like").terms == ()


def test_a_missing_model_is_an_error_and_not_no_answer(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no-model.*is no folder"):
        PerceptualEncoder(sentences=tmp_path / "no-model")


@pytest.mark.skipif(not has_bundled(), reason="the extra 'sentences' is not installed")
class TestTheRealModel:
    def test_vectors(self):
        vectors = SentenceEncoder().encode_text(["a dog", "a hound", "income tax"])
        assert vectors.shape == (3, 384)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert vectors[0] @ vectors[1] > 0.6 > 0.3 > vectors[0] @ vectors[2]

    def test_it_agrees_with_mean_pooling_by_hand(self):
        """Reference: the model card's own recipe, on transformers alone."""
        torch = pytest.importorskip("torch")
        from transformers import AutoModel, AutoTokenizer

        encoder = SentenceEncoder()
        texts = ["a dog barks at night", "rain"]
        batch = AutoTokenizer.from_pretrained(encoder.source)(texts, padding=True, return_tensors="pt")
        with torch.no_grad():
            hidden = AutoModel.from_pretrained(encoder.source)(**batch).last_hidden_state
        mask = batch["attention_mask"][..., None]
        means = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1).numpy()
        np.testing.assert_allclose(encoder.encode_text(texts), means, atol=1e-5)

    @pytest.mark.parametrize(
        ("text", "entry"),
        [
            ("twinkling", "sparkling"),
            ("fog bank", "fog"),
            ("gale-force winds", "gale"),
            ("seashore", "seaside"),
        ],
    )
    def test_everyday_words_find_their_neighbours(self, text, entry):
        query = PerceptualEncoder().encode_query(text)
        assert query.terms, text
        known = {t.attribute for t in PerceptualEncoder(sentences=None).encode_query(entry).terms}
        assert known & set(columns(query)), (text, query.terms)

    def test_said_words_that_name_a_region_twice(self):
        words = ["repair", "repairs", "goal", "coast", "shore"]
        joined = np.argwhere(np.triu(alike_said(words, ()), 1)).tolist()
        assert [[words[i], words[j]] for i, j in joined] == [["repair", "repairs"], ["coast", "shore"]]

    def test_a_fixed_list_is_computed_once(self, tmp_path, monkeypatch):
        monkeypatch.setenv("VIDEXPLORE_CACHE", str(tmp_path))
        texts = ["rain", "snow"]
        first = SentenceEncoder().encode_fixed(texts)
        monkeypatch.setattr(SentenceEncoder, "encode_text", lambda self, texts: pytest.fail("computed again"))
        np.testing.assert_array_equal(SentenceEncoder().encode_fixed(texts), first)
        monkeypatch.undo()
        monkeypatch.setenv("VIDEXPLORE_CACHE", str(tmp_path))
        (kept,) = (tmp_path / "sentences").iterdir()
        kept.write_bytes(b"broken")
        np.testing.assert_array_equal(SentenceEncoder().encode_fixed(texts), first)

    def test_nonsense_stays_unknown(self):
        assert PerceptualEncoder().encode_query("zyzzyva qwrtpl").vector is None

    def test_the_encoder_travels_to_workers(self):
        encoder = PerceptualEncoder()
        encoder.encode_query("seashore")
        again = pickle.loads(pickle.dumps(encoder))
        assert again.encode_query("seashore").terms == encoder.encode_query("seashore").terms
