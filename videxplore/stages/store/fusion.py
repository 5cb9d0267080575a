"""How much a query's words count beside its vector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from videxplore.stages.store.fulltext import content_words, known_words
from videxplore.values.rankings import Query

TEXT = "text"
"""Name of the part of a score that transcripts give."""

LEAST_TEXT = 0.25
"""Share of the text where the encoder knows every word: what is said still counts."""

MOST_TEXT = 0.85
"""Share of the text where the encoder knows almost no word."""


@dataclass(frozen=True)
class Balance:
    """Shares of vector and text in one query's score.

    Attributes:
        vector: multiplies the cosines.
        text: multiplies the transcript score.
        words: weight per word to look for in transcripts; empty where text plays no part.
    """

    vector: float
    text: float
    words: Mapping[str, float]


def balance(query: Query, weights: Mapping[str, float] | None) -> Balance:
    """Weigh vector against text: the more words the encoder does not know, the more the transcripts say.

    Args:
        query: what was asked.
        weights: the user's multipliers; that of ``"text"`` applies here.
    """
    words = known_words(_wanted_words(query), query.unknown_words)
    if query.vector is None:
        share = 1.0
    elif not words:
        share = 0.0
    else:
        unknown = sum(word in {w.lower() for w in query.unknown_words} for word in words) / len(words)
        share = LEAST_TEXT + (MOST_TEXT - LEAST_TEXT) * unknown
    return Balance(1.0 - share, share * (weights or {}).get(TEXT, 1.0), words if share else {})


def _wanted_words(query: Query) -> list[str]:
    """Content words of the query without those that it asks to be absent."""
    if not query.text:
        return []
    unwanted = {word for term in query.terms if term.weight < 0 for word in content_words(term.phrase)} - {
        word for term in query.terms if term.weight > 0 for word in content_words(term.phrase)
    }
    return [word for word in content_words(query.text) if word not in unwanted]


def checked_weights(
    weights: Mapping[str, float] | None, modalities: tuple[str, ...]
) -> Mapping[str, float] | None:
    """Return the user's weights, or raise where they name no modality or are no weights.

    Raises:
        ValueError: an unknown modality, a negative or non-finite weight, or nothing above zero.
    """
    if weights is None:
        return None
    allowed = (*modalities, TEXT)
    unknown = [name for name in weights if name not in allowed]
    if unknown:
        raise ValueError(f"weights may name {', '.join(allowed)}; got {', '.join(map(repr, unknown))}.")
    if not all(np.isfinite(w) and w >= 0 for w in weights.values()):
        raise ValueError(f"weights must be finite and at least 0, got {dict(weights)!r}.")
    if not any(weights.get(name, 1.0) > 0 for name in allowed):
        raise ValueError("weights must leave at least one modality above 0.")
    return weights
