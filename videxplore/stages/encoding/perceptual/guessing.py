"""Words that the lexicon lacks: which of its entries means nearly the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.sentences import Sentences

LEAST_SIMILARITY = 0.5
"""Cosine below which two expressions of all-MiniLM-L6-v2 say different things more often than the same."""

_LONGEST = 3
_PER_WORD = 0.05
"""A longer expression says more: "church bell" is no "church"."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A lexicon entry that stands in for words which the lexicon lacks.

    Attributes:
        phrase: words of the query.
        entry: the entry taken for them.
        concept: what the entry stands for.
        similarity: cosine of the two.
    """

    phrase: str
    entry: str
    concept: str
    similarity: float


class Guesser:
    """Finds the nearest entries of a lexicon in the space of a sentence encoder.

    Args:
        entries: (phrase, concept), in a fixed order.
        sentences: reads phrases and words.
    """

    def __init__(self, entries: Sequence[tuple[str, str]], sentences: Sentences) -> None:
        self._entries = list(entries)
        self._sentences = sentences
        self._vectors: NDArray[np.float32] | None = None

    def guess(
        self, tokens: Sequence[str], unknown_at: Sequence[int], may_join: Callable[[str], bool]
    ) -> dict[int, tuple[int, Guess]]:
        """Cover the unknown words of a query by entries of the lexicon, the most similar first.

        Args:
            tokens: the whole query.
            unknown_at: positions of the words that the lexicon lacks.
            may_join: whether a word may lie inside an expression, as "of" in "burst of steam".

        Returns:
            Position → (number of tokens, guess); words nothing comes near are left out.
        """
        spans = _expressions(tokens, unknown_at, may_join)
        found = []
        for (at, length), guess in zip(spans, self._nearest(tokens, spans), strict=True):
            if guess.similarity >= LEAST_SIMILARITY:
                found.append((guess.similarity * (1 + _PER_WORD * (length - 1)), at, length, guess))
        taken: set[int] = set()
        chosen = {}
        for _, at, length, guess in sorted(found, key=lambda f: (-f[0], f[1], f[2])):
            if taken.isdisjoint(range(at, at + length)):
                taken.update(range(at, at + length))
                chosen[at] = (length, guess)
        return chosen

    def _nearest(self, tokens: Sequence[str], spans: Sequence[tuple[int, int]]) -> list[Guess]:
        if self._vectors is None:
            encode = getattr(self._sentences, "encode_fixed", self._sentences.encode_text)
            self._vectors = encode([phrase for phrase, _ in self._entries])
        phrases = [" ".join(tokens[at : at + length]) for at, length in spans]
        cosines = self._sentences.encode_text(phrases) @ self._vectors.T
        best = cosines.argmax(axis=1)
        return [
            Guess(phrase, self._entries[j][0], self._entries[j][1], float(cosines[i, j]))
            for i, (phrase, j) in enumerate(zip(phrases, best, strict=True))
        ]


def _expressions(
    tokens: Sequence[str], unknown_at: Sequence[int], may_join: Callable[[str], bool]
) -> list[tuple[int, int]]:
    """Position and length of every run of up to three words that begins and ends with an unknown one."""
    unknown = set(unknown_at)
    return [
        (at, length)
        for at in unknown_at
        for length in range(1, _LONGEST + 1)
        if at + length - 1 in unknown
        and all(i in unknown or may_join(tokens[i]) for i in range(at, at + length))
    ]
