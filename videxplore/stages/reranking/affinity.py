"""How alike candidates are: by modality, and whether two are the same thing twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.values.rankings import Candidate, Query

Matrix = NDArray[np.float64]

SAME_COSINE, SAME_OVERLAP = 0.97, 0.5
"""From this cosine, or from this temporal overlap (IoU) in one video, two candidates are one thing."""

TEXT = "text"

_SHORT = 3
"""Letters of a word that is too short to tell one text from another."""


def weighted_vectors(candidates: Sequence[Candidate], query: Query) -> Matrix:
    """float64 (n, c): vectors whose products are the mean of the modalities' cosines.

    Each modality counts by its share in the scores of this query; the products are symmetric, positive
    semi-definite and within [−1, 1]. See :func:`modality_vectors`.
    """
    found = modality_vectors(candidates, query)
    weights = modality_weights(candidates, found)
    return np.hstack([np.sqrt(weights[name]) * vectors for name, vectors in found.items()])


def modality_vectors(candidates: Sequence[Candidate], query: Query) -> dict[str, Matrix]:
    """Unit vectors, float64 (n, …), for each modality of the encoder and for the candidates' words.

    Vectors are centred on the mean of the pool first: what all candidates share tells none from another.
    A candidate that has nothing in a modality is zero there, and so like no other.
    """
    vectors = np.stack([c.vector for c in candidates]).astype(np.float64)
    blocks = query.card.slices() if query.card is not None else {"visual": slice(None)}
    found = {name: _centred(vectors[:, block]) for name, block in blocks.items()}
    if any(c.hit.transcript for c in candidates):
        found[TEXT] = _word_vectors([c.hit.transcript for c in candidates])
    return found


def modality_weights(candidates: Sequence[Candidate], names: Iterable[str]) -> Mapping[str, float]:
    """Share of each modality in the candidates' scores; equal shares where the parts do not tell."""
    names = list(names)
    sizes = {n: float(np.mean([abs(c.hit.parts.get(n, 0.0)) for c in candidates])) for n in names}
    total = sum(sizes.values())
    return {n: sizes[n] / total if total > 0 else 1.0 / len(names) for n in names}


def nearest(cosines: Matrix, count: int) -> NDArray[np.bool_]:
    """Bool (n, n): row i marks the ``count`` candidates most like i, and all as like as the last of them."""
    others = cosines.copy()
    np.fill_diagonal(others, -np.inf)
    count = min(count, len(others) - 1)
    if count < 1:
        return np.zeros(others.shape, dtype=bool)
    least = -np.partition(-others, count - 1, axis=1)[:, count - 1 : count]
    return (others >= least) & (others > 0)


def same_thing(candidates: Sequence[Candidate]) -> NDArray[np.intp]:
    """Intp (n,): for each candidate the first one that is the same thing, itself where none is.

    The same are vectors of cosine ≥ 0.97, and stretches of one video that overlap by half (IoU ≥ .5);
    what is the same as the same is the same.
    """
    vectors = np.stack([c.vector for c in candidates]).astype(np.float64)
    vectors = _unit(vectors)
    same = (vectors @ vectors.T >= SAME_COSINE) | (_overlaps(candidates) >= SAME_OVERLAP)
    first = np.arange(len(candidates))
    for i, j in np.argwhere(np.triu(same | same.T, 1)).tolist():
        first[first == max(first[i], first[j])] = min(first[i], first[j])
    return first


def _overlaps(candidates: Sequence[Candidate]) -> Matrix:
    """Temporal intersection over union (n, n), 0 between videos."""
    start = np.array([c.hit.start_s for c in candidates])
    end = np.array([c.hit.end_s for c in candidates])
    video = np.unique([c.hit.video for c in candidates], return_inverse=True)[1]
    inter = np.minimum(end[:, None], end) - np.maximum(start[:, None], start)
    union = np.maximum(end[:, None], end) - np.minimum(start[:, None], start)
    together = (video[:, None] == video) & (inter > 0)
    overlaps: Matrix = np.where(together, inter, 0.0) / np.where(union > 0, union, 1.0)
    return overlaps


def _centred(vectors: Matrix) -> Matrix:
    there = np.linalg.norm(vectors, axis=1) > 0
    mean = vectors[there].sum(axis=0) / max(int(there.sum()), 1)
    return _unit(np.where(there[:, None], vectors - mean, 0.0))


def _word_vectors(texts: Sequence[str]) -> Matrix:
    """Counts of words, rare words counting more (Spärck Jones, 1972); short words do not count."""
    words = [[w for w in text.lower().split() if len(w) > _SHORT] for text in texts]
    column = {w: i for i, w in enumerate(sorted({w for said in words for w in said}))}
    counts = np.zeros((len(texts), max(len(column), 1)))
    for row, said in enumerate(words):
        for w in said:
            counts[row, column[w]] += 1.0
    return _unit(counts * np.log((1 + len(texts)) / (1 + (counts > 0).sum(axis=0))))


def _unit(vectors: Matrix) -> Matrix:
    """Rows at unit length; rows of next to nothing become zero."""
    norms = np.linalg.norm(vectors, axis=1)
    unit: Matrix = vectors / np.where(norms > 1e-9, norms, np.inf)[:, None]
    return unit
