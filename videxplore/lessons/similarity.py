"""Vectors compared: cosine, dot product, distance, and who is near whom.

Everything is computed exactly, in float64, for a few thousand vectors at most.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.floating]
Scores = NDArray[np.float64]

MEASURES = ("cosine", "dot product", "distance")
"""How two vectors can be compared. A distance is counted negatively, so that more is always nearer."""

_DIGITS = 9  # what is equal but for rounding counts as equal


def compare(queries: Vectors, vectors: Vectors, measure: str = "cosine") -> Scores:
    """Return how near each vector is to each query; more is nearer.

    Args:
        queries: (m, d).
        vectors: (n, d).
        measure: one of :data:`MEASURES`.

    Returns:
        float64 (m, n): the cosine, the dot product, or minus the Euclidean distance.

    Raises:
        ValueError: an unknown measure.
    """
    a, b = np.asarray(queries, np.float64), np.asarray(vectors, np.float64)
    if measure == "cosine":
        return unit(a) @ unit(b).T
    if measure == "dot product":
        return a @ b.T
    if measure == "distance":
        squared = (a * a).sum(axis=1)[:, None] - 2 * a @ b.T + (b * b).sum(axis=1)
        return -np.sqrt(np.maximum(squared, 0.0))
    raise ValueError(f"measure must be one of {', '.join(MEASURES)}, got {measure!r}.")


def nearest(scores: Scores, k: int, *, seed: int = 0) -> NDArray[np.intp]:
    """Return the k best of every row, best first; which of equal ones comes first is drawn by lot.

    The order of clips in a library is that of time: were equals left in that order, a representation that
    says nothing would find the scene next door.

    Args:
        scores: (m, n), k at most n.
        k: how many.
        seed: of the lot.
    """
    lot = np.random.default_rng(seed).permutation(scores.shape[1])
    order = np.argsort(-np.round(scores[:, lot], _DIGITS), axis=1, kind="stable")[:, :k]
    return lot[order]


def neighbours(vectors: Vectors, k: int, measure: str = "cosine", *, seed: int = 0) -> NDArray[np.intp]:
    """Return the k nearest of every vector among the others, nearest first, (n, k)."""
    scores = compare(vectors, vectors, measure)
    np.fill_diagonal(scores, -np.inf)
    return nearest(scores, k, seed=seed)


def recall(found: NDArray[np.intp], wanted: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the share of each row of ``wanted`` (m, k) that is in the same row of ``found`` (m, j)."""
    return contained(wanted, found).mean(axis=1)


def contained(rows: NDArray[np.intp], others: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which entries of each row (m, k) are in the same row of ``others`` (m, j), bool (m, k)."""
    return np.asarray((rows[:, :, None] == others[:, None, :]).any(axis=2))


def centred(vectors: Vectors) -> NDArray[np.float64]:
    """Return vectors around their mean, at unit length; what all have in common tells nobody apart."""
    values = np.asarray(vectors, np.float64)
    return unit(values - values.mean(axis=0))


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows at unit length; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1.0)


def area_under_roc(scores: Scores, true: NDArray[np.bool_]) -> float:
    """Return how often what is true scores above what is not, ties counted half; NaN where one is missing.

    The statistic of Mann and Whitney (1947), which is the area under the ROC curve.
    """
    from scipy.stats import rankdata

    positive, negative = int(true.sum()), int((~true).sum())
    if not positive or not negative:
        return float("nan")
    ranks = rankdata(np.round(scores, _DIGITS))
    return float((ranks[true].sum() - positive * (positive + 1) / 2) / (positive * negative))
