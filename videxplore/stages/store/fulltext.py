"""What the transcripts say about a query: BM25 from LanceDB, one figure in [0, 1] per segment."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FUNCTION_WORDS = """
    a about an and any are as at be been being both but by can could did do does each every for from
    had has have he her here his how i if in into is it its me my near of off on or our out over own
    s she so some such than that the their them then there these they this those through to too
    under up us very was we were what when where which while who whom whose why will with would you
    your find show clip clips video videos scene scenes moment moments someone something somebody
"""

FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that a query is not about; a query of nothing else keeps them all."""


def content_words(text: str) -> list[str]:
    """Return the words a query is about, lower case, in order, each once.

    >>> content_words("Show me a corner kick in the rain")
    ['corner', 'kick', 'rain']
    """
    words = list(dict.fromkeys(re.findall(r"[^\W_]+", text.lower())))
    return [word for word in words if word not in FUNCTION_WORDS] or words


@dataclass(frozen=True, eq=False)
class TextMatch:
    """How well each row's transcript answers a query.

    Attributes:
        scores: float64 (n,), in [0, 1] for the words, and as much again for their meaning.
        heard: the words that any transcript contains.
        unheard: the words that none does.
        meant: whether any transcript was found by its meaning.
    """

    scores: NDArray[np.float64]
    heard: tuple[str, ...]
    unheard: tuple[str, ...]
    meant: bool = False

    def with_meaning(self, alike: NDArray[np.float64]) -> TextMatch:
        """The same, and what the transcripts mean, float64 (n,) in [0, 1], on top."""
        return replace(self, scores=self.scores + alike, meant=bool(alike.any()))


def match_text(table: Any, words: Mapping[str, float], row_of: Mapping[str, int], *, rows: int) -> TextMatch:
    """Score every row for the given words.

    A word gives each row its BM25 (Robertson & Zaragoza, 2009) over the best one's, so that a short
    transcript with the word beats a long one with it. A row's score is the mean over the words, weighted by
    the given weight and by how rare a word is among all rows: having all the words beats having some.

    Args:
        table: the open table with a full-text index on ``transcript``.
        words: weight per query word.
        row_of: row by segment id; ids not in it are passed over.
        rows: n.
    """
    scores = np.zeros(rows, dtype=np.float64)
    heard: list[str] = []
    total = 0.0
    for word, weight in words.items():
        index, bm25 = _bm25(table, word, row_of)
        # LanceDB's own rarity is among transcripts, where parents repeat their parts; here it is among all.
        weight = weight * math.log1p((rows - len(index) + 0.5) / (len(index) + 0.5))
        total += weight
        if len(index):
            heard.append(word)
            scores[index] += weight * bm25 / bm25.max()
    scores /= total or 1.0
    return TextMatch(scores, tuple(heard), tuple(w for w in words if w not in heard))


def _bm25(table: Any, word: str, row_of: Mapping[str, int]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    from lancedb.query import MatchQuery

    limit = max(1, table.count_rows())
    search = table.search(MatchQuery(word, "transcript"), query_type="fts")
    found = search.select(["segment_id", "_score"]).limit(limit).to_arrow()
    pairs = [
        (row_of[segment_id], score)
        for segment_id, score in zip(
            found.column("segment_id").to_pylist(), found.column("_score").to_pylist(), strict=True
        )
        if segment_id in row_of
    ]
    index = np.array([row for row, _ in pairs], dtype=np.intp)
    return index, np.array([score for _, score in pairs], dtype=np.float64)


def known_words(words: Collection[str], unknown: Collection[str]) -> dict[str, float]:
    """Share each word has in the text score: what the encoder does not know counts in full, the rest half."""
    unknown = {word.lower() for word in unknown}
    return {word: 1.0 if word in unknown else 0.5 for word in words}
