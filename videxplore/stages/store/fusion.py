"""How much a query's words count beside its vector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.fulltext import content_words, known_words
from videxplore.values.checks import check_mapping, is_number
from videxplore.values.rankings import Query

TEXT = "text"
"""Name of the part of a score that transcripts give."""

LEAST_TEXT = 0.25
"""Share of the text where the encoder knows every word: what is said still counts."""

MOST_TEXT = 0.85
"""Share of the text where the encoder knows almost no word."""


WEIGHTED, RRF = "weighted", "rrf"
"""Ways to join modalities: weighted scores, or reciprocal ranks."""

RRF_K = 60
"""Constant of reciprocal rank fusion (Cormack, Clarke & Büttcher, SIGIR 2009)."""


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
    words = known_words(wanted_words(query), query.unknown_words)
    if query.vector is None:
        share = 1.0
    elif not words:
        share = 0.0
    else:
        unknown = sum(word in {w.lower() for w in query.unknown_words} for word in words) / len(words)
        share = LEAST_TEXT + (MOST_TEXT - LEAST_TEXT) * unknown
    return Balance(1.0 - share, share * (weights or {}).get(TEXT, 1.0), words if share else {})


def wanted_words(query: Query) -> list[str]:
    """Return the content words of a query without those that it asks to be absent."""
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
    weights = check_mapping("weights", weights, "numbers by modality, such as {'audio': 0.5}")
    allowed = (*modalities, TEXT)
    unknown = [name for name in weights if name not in allowed]
    if unknown:
        raise ValueError(f"weights may name {', '.join(allowed)}; got {', '.join(map(repr, unknown))}.")
    if not all(is_number(w) and w >= 0 for w in weights.values()):
        raise ValueError(f"weights must be finite and at least 0, got {weights!r}.")
    if not any(weights.get(name, 1.0) > 0 for name in allowed):
        raise ValueError("weights must leave at least one modality above 0.")
    return weights


def fuse(parts: Mapping[str, NDArray[np.float64]], fusion: str) -> dict[str, NDArray[np.float64]]:
    """Return the additive part of each modality in the joint score, float64 (n,) each.

    ``"weighted"`` takes the scores as they are. ``"rrf"`` gives 1 / (60 + rank) for a rank among all rows, by
    each modality by itself, and nothing to rows of which the modality says nothing; equal scores share the
    best rank of theirs. A modality whose weight is 0 says nothing.

    Raises:
        ValueError: no such fusion.
    """
    if fusion == WEIGHTED:
        return dict(parts)
    if fusion != RRF:
        raise ValueError(f"fusion must be {WEIGHTED!r} or {RRF!r}, got {fusion!r}.")
    fused = {}
    for modality, part in parts.items():
        rank = 1 + np.searchsorted(np.sort(-part), -part, side="left")
        fused[modality] = np.where(part != 0, 1.0 / (RRF_K + rank), 0.0)
    return fused
