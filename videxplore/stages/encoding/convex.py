"""A classifier as a zero-shot encoder: convex combination of semantic embeddings (Norouzi et al. 2014).

A classifier knows a fixed list of labels. Where every label has a vector in a space of words, so has the mean
of the most probable labels, weighted by their probabilities: and any word of that space can be searched for,
among the labels or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from videxplore.stages.encoding.perceptual.lexicon import load_lexicon
from videxplore.stages.encoding.sentences import Sentences
from videxplore.stages.pooling import normalise
from videxplore.values.media import AudioClip, FrameBatch
from videxplore.values.rankings import Query
from videxplore.values.vectors import EncoderCard

_WORD = re.compile(r"[^\W_]+")


class ConvexCombination:
    """Pictures, as mixtures of the labels that a classifier gives them.

    Args:
        classify: pictures to probabilities (n, classes), not negative.
        label_vectors: (classes, d); a label with a row of zeros is passed over.
        texts: has ``encode_text``, which puts words into the same space: :class:`WordVectors`, a sentence
            encoder, or the text side of any model.
        name: of the classifier, for the card.
        top: how many of the most probable labels count.
        parameters: all else that changes the numbers, for the card.

    Raises:
        ValueError: label vectors of the wrong shape, or ``top`` below 1.
    """

    modality = "visual"

    def __init__(
        self,
        classify: Callable[[Any], ArrayLike],
        label_vectors: ArrayLike,
        texts: Sentences,
        *,
        name: str,
        top: int = 30,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        labels = np.asarray(label_vectors, dtype=np.float32)
        if labels.ndim != 2 or not np.isfinite(labels).all():
            raise ValueError(f"label_vectors must be finite and (classes, d), got shape {labels.shape}.")
        if top < 1:
            raise ValueError(f"top must be at least 1, got {top!r}.")
        self._labels, _ = normalise(labels)
        self._known = np.any(labels != 0, axis=1)
        self._classify, self._texts, self._top = classify, texts, top
        self.card = EncoderCard(
            name,
            labels.shape[1],
            modalities=(self.modality, "text"),
            blocks=((self.modality, labels.shape[1]),),
            parameters={"method": "convex combination", "top": top} | dict(parameters or {}),
        )

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (n, d), rows of unit length."""
        return self.combine(self._classify(frames))

    def combine(self, probabilities: ArrayLike) -> NDArray[np.float32]:
        """Return float32 (n, d) unit mixtures for probabilities (n, classes).

        Raises:
            ValueError: another number of classes than there are label vectors, or a negative probability.
        """
        given = np.asarray(probabilities, dtype=np.float64)
        if given.ndim != 2 or given.shape[1] != len(self._labels) or not (given >= 0).all():
            raise ValueError(
                f"classify must return probabilities (n, {len(self._labels)}), one per label vector and none "
                f"negative; got shape {given.shape}."
            )
        known = given * self._known
        keep = np.argsort(-known, axis=1, kind="stable")[:, : self._top]
        weights = np.take_along_axis(known, keep, axis=1)
        return normalise(np.einsum("nk,nkd->nd", weights, self._labels[keep]))[0]

    def encode_text(self, texts: list[str]) -> NDArray[np.float32]:
        """Return float32 (n, d), rows of unit length; a row of zeros where no word is known."""
        return self._texts.encode_text(texts)

    def encode_query(self, text: str) -> Query:
        """Return the query with the words that the space lacks; no vector if it lacks all of them."""
        vector = self.encode_text([text])[0]
        unknown = self._texts.unknown_words(text) if isinstance(self._texts, WordVectors) else ()
        return Query(text, vector if np.any(vector) else None, self.card, unknown_words=unknown)


class ConvexSounds(ConvexCombination):
    """Sounds, as mixtures of the labels that a classifier gives them; ``classify`` takes a list of clips."""

    modality = "audio"

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return (n, 0): this encoder sees nothing."""
        return np.zeros((len(frames), 0), np.float32)

    def encode_audio(self, clips: list[AudioClip]) -> NDArray[np.float32]:
        """Return float32 (n, d), rows of unit length."""
        return self.combine(self._classify(clips))


class WordVectors:
    """Words and phrases with their vectors: a text is the mean of those it contains, the longest first.

    Args:
        vectors: (d,) by word or phrase, in lower case.

    >>> words = WordVectors({"car": [1, 0], "race car": [0, 1]})
    >>> words.find("Two race cars, a CAR")
    ['race car', 'car']
    >>> words.unknown_words("Two zebras and a car")
    ('two', 'zebras')
    """

    def __init__(self, vectors: Mapping[str, ArrayLike]) -> None:
        self._rows = {" ".join(_WORD.findall(word.lower())): i for i, word in enumerate(vectors)}
        self._vectors = normalise(np.asarray(list(vectors.values()), dtype=np.float32))[0]
        self._longest = max((key.count(" ") + 1 for key in self._rows), default=0)

    def encode_text(self, texts: list[str]) -> NDArray[np.float32]:
        """Return float32 (n, d), rows of unit length; a row of zeros where no word is known."""
        sums = np.zeros((len(texts), self._vectors.shape[1]))
        for i, text in enumerate(texts):
            for word in self.find(text):
                sums[i] += self._vectors[self._rows[word]]
        return normalise(sums)[0]

    def find(self, text: str) -> list[str]:
        """Return the entries that occur in ``text``, in order; a plural finds its singular."""
        return [entry for entry, _ in self._read(text) if entry]

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Return the words of ``text`` that no entry covers, less those that ask for nothing."""
        silent = load_lexicon().is_silent
        return tuple(
            dict.fromkeys(word for entry, word in self._read(text) if not entry and not silent(word))
        )

    def _read(self, text: str) -> list[tuple[str, str]]:
        """The text as (entry or empty, words)."""
        words = _WORD.findall(text.lower())
        found, at = [], 0
        while at < len(words):
            for length in range(min(self._longest, len(words) - at), 0, -1):
                phrase = " ".join(words[at : at + length])
                entry = next((form for form in _forms(phrase) if form in self._rows), "")
                if entry:
                    break
            else:
                length, phrase, entry = 1, words[at], ""
            found.append((entry, phrase))
            at += length
        return found


def _forms(phrase: str) -> list[str]:
    """A phrase and what it may be the plural of."""
    forms = [phrase]
    for ending, singular in (("ies", "y"), ("es", ""), ("s", "")):
        if phrase.endswith(ending) and len(phrase) > len(ending) + 2:
            forms.append(phrase.removesuffix(ending) + singular)
    return forms
