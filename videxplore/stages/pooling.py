"""Vectors of segments that hold other segments, from the vectors of their leaves.

With weights w that add up to 1 and unit children c, the mean is p = Σ w·c and its length R = ‖p‖, the mean
resultant length (Mardia & Jupp, 2000), says how alike the children are. For every query q,
``cos(q, p) = Σ w·cos(q, c) / R``: a parent stands above its average child by exactly 1/R.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.values.vectors import POOLINGS

METHODS = ("mean", "equal", "gem", "max", "medoid", "attention", "centroids")
"""How whole vectors are pooled; see :func:`pool_vectors`."""

GEM_POWER = 3.0
TEMPERATURE = 0.1
CENTROIDS = 4

_NEARLY_ONE = 1.0 - 1e-7
_ROUNDS = 20


def pool(
    values: NDArray[np.floating],
    durations_s: NDArray[np.floating] | Sequence[float],
    pooling: Sequence[str] = (),
) -> tuple[NDArray[np.float32], float]:
    """Return the vector of one parent, on the scale of its children, and its coherence.

    Args:
        values: (n, d), one row per child.
        durations_s: (n,), positive.
        pooling: one of :data:`~videxplore.values.vectors.POOLINGS` per column; empty: mean everywhere.

    Returns:
        float32 (d,), not normalised, and R in [0, 1] over the unit children.

    Raises:
        ValueError: no children, a duration that is not positive, or ``pooling`` of the wrong length.
    """
    rows = np.atleast_2d(values)
    pooled, coherence = pool_ranges(rows, durations_s, np.array([[0, len(rows)]]), pooling)
    return pooled[0], float(coherence[0])


def pool_ranges(
    values: NDArray[np.floating],
    durations_s: NDArray[np.floating] | Sequence[float],
    ranges: NDArray[np.integer],
    pooling: Sequence[str] = (),
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the vectors of many parents, each a run of consecutive leaves, in one pass.

    Means, maxima and the count rule are associative, so pooling the leaves gives what pooling level by level
    would.

    Args:
        values: (n, d), leaves in time order.
        durations_s: (n,), positive.
        ranges: (m, 2), first leaf and one past the last leaf of each parent.
        pooling: as in :func:`pool`.

    Returns:
        float32 (m, d) not normalised, and float32 (m,) coherence.
    """
    rows = np.asarray(values, dtype=np.float64)
    durations = np.asarray(durations_s, dtype=np.float64)
    ranges = np.asarray(ranges, dtype=np.intp).reshape(-1, 2)
    _check(rows, durations, ranges, pooling)
    weights = durations[:, None]
    total = _reduce(np.add, weights, ranges)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.maximum(lengths, 1e-30)
    # Rows of zeros, where nothing could be encoded, have no direction to agree on.
    share = _reduce(np.add, weights * (lengths > 0), ranges)
    resultant = np.linalg.norm(_reduce(np.add, unit * weights, ranges), axis=1)
    coherence = np.where(share[:, 0] > 0, resultant / np.maximum(share[:, 0], 1e-30), 0.0)
    kinds = np.array(list(pooling) if len(pooling) else ["mean"] * rows.shape[1])
    pooled = np.empty((len(ranges), rows.shape[1]))
    mean, highest, count = (np.flatnonzero(kinds == kind) for kind in POOLINGS)
    pooled[:, mean] = _reduce(np.add, rows[:, mean] * weights, ranges) / total
    pooled[:, highest] = _reduce(np.maximum, rows[:, highest], ranges)
    missing = np.log1p(-np.clip(rows[:, count], 0.0, _NEARLY_ONE))
    pooled[:, count] = -np.expm1(_reduce(np.add, missing, ranges))
    return pooled.astype(np.float32), np.clip(coherence, 0.0, 1.0).astype(np.float32)


def pool_vectors(
    vectors: NDArray[np.floating],
    weights: NDArray[np.floating] | Sequence[float] | None = None,
    method: str = "mean",
    *,
    query: NDArray[np.floating] | None = None,
) -> NDArray[np.float32]:
    """Return one vector for several, whole vectors by one method.

    * ``"mean"``: Σ w·c, with durations for weights the duration-weighted mean, the default throughout.
    * ``"equal"``: the plain mean, in which a short shot counts what a long one does.
    * ``"gem"``: the generalised mean (Σ w·cᵖ)^(1/p), p = 3 (Radenović et al. 2019), between mean and maximum.
      Vectors here have negative entries, so the power keeps their sign; for entries from 0 up it is theirs.
    * ``"max"``: the largest entry per column, whatever the weights.
    * ``"medoid"``: the vector of the one child that is most like all others: a parent that can be played.
    * ``"attention"``: each child counts w·exp(cos(query, child) / τ), τ = 0.1 (Bain et al. 2022,
      arXiv 2205.08508). Without ``query`` children attend to their own mean, and what is unusual counts less.
    * ``"centroids"``: the mean of the :func:`sub_centroids`, in which each theme counts the same.

    None of them depends on the order of the rows.

    Args:
        vectors: (n, d), n ≥ 1; rows of zeros, where nothing could be encoded, say nothing.
        weights: (n,), positive; equal by default.
        method: one of :data:`METHODS`.
        query: (d,), for ``"attention"`` only.

    Returns:
        float32 (d,) on the scale of the rows, not normalised; zeros where all rows are.

    Raises:
        ValueError: no rows, weights that are not positive, an unknown method, or a query that does not fit.
    """
    rows, shares = _shared(vectors, weights)
    if method not in METHODS:
        raise ValueError(f"method={method!r} is not allowed; allowed: {', '.join(METHODS)}.")
    if query is not None and (method != "attention" or np.shape(query) != rows.shape[1:]):
        raise ValueError(
            f"query of shape {np.shape(query)} does not fit: it is for method='attention', here {method!r}, "
            f"and must be ({rows.shape[1]},)."
        )
    said = np.linalg.norm(rows, axis=1) > 0
    if not said.any():
        return np.zeros(rows.shape[1], np.float32)
    rows, shares = rows[said], shares[said] / shares[said].sum()
    return _pooled(rows, shares, method, query).astype(np.float32)


def attention_weights(
    vectors: NDArray[np.floating],
    weights: NDArray[np.floating] | Sequence[float] | None = None,
    query: NDArray[np.floating] | None = None,
) -> NDArray[np.float64]:
    """Return how much each row (n, d) counts for ``query`` (d,), or for the mean of the rows: (n,), sum 1."""
    rows, shares = _shared(vectors, weights)
    unit = _unit(rows)
    asked = shares @ unit if query is None else np.asarray(query, dtype=np.float64)
    scores = unit @ (asked / max(float(np.linalg.norm(asked)), 1e-30)) / TEMPERATURE
    counts = shares * np.exp(scores - scores.max())
    return counts / counts.sum()


def medoid(
    vectors: NDArray[np.floating], weights: NDArray[np.floating] | Sequence[float] | None = None
) -> int:
    """Return the row of ``vectors`` (n, d) with the largest weighted sum of cosines with all rows."""
    rows, shares = _shared(vectors, weights)
    unit = _unit(rows)
    return int(np.argmax(unit @ (shares @ unit)))


def sub_centroids(
    vectors: NDArray[np.floating],
    weights: NDArray[np.floating] | Sequence[float] | None = None,
    count: int = CENTROIDS,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a few unit vectors that stand for many, for :func:`late_interaction`.

    Spherical k-means (Dhillon & Modha, 2001), started at the medoid and then each time at the row farthest
    from all starts, so that nothing is left to chance. Up to ``count`` rows stand for themselves.

    Args:
        vectors: (n, d), n ≥ 1.
        weights: (n,), positive; equal by default.
        count: how many at most.

    Returns:
        float32 (m, d), unit rows, and float32 (m,), the share of the weight that each stands for, largest
        first; m ≤ count. Rows of zeros are left out; where all are, m is 0.
    """
    rows, shares = _shared(vectors, weights)
    said = np.linalg.norm(rows, axis=1) > 0
    unit, shares = _unit(rows[said]), shares[said]
    if not len(unit):
        return np.zeros((0, rows.shape[1]), np.float32), np.zeros(0, np.float32)
    centres = _farthest_first(unit, shares, count)
    owner = np.zeros(len(unit), dtype=np.intp)
    for _ in range(_ROUNDS):
        before, owner = owner, (unit @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, owner, unit * shares[:, None])
        kept = np.linalg.norm(sums, axis=1) > 1e-9
        centres = np.where(kept[:, None], _unit(sums), centres)
        if (owner == before).all():
            break
    owner = (unit @ centres.T).argmax(axis=1)
    held = np.bincount(owner, weights=shares, minlength=len(centres)) / shares.sum()
    order = [i for i in np.argsort(-held, kind="stable") if held[i] > 0]
    return centres[order].astype(np.float32), held[order].astype(np.float32)


def late_interaction(query: NDArray[np.floating], vectors: NDArray[np.floating]) -> float:
    """Return how well the rows of ``vectors`` (m, d) answer those of ``query`` (q, d), or one row (d,).

    For each row of the query the best cosine, and the mean of these: MaxSim of ColBERT (Khattab & Zaharia,
    2020) by the number of rows. One theme of a long segment is enough to answer one part of a query.
    """
    asked = _unit(np.atleast_2d(np.asarray(query, dtype=np.float64)))
    there = _unit(np.atleast_2d(np.asarray(vectors, dtype=np.float64)))
    return float((asked @ there.T).max(axis=1).mean()) if len(there) else 0.0


def normalise(values: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return unit rows float32 (n, d) and their former lengths float32 (n,); a row of zeros stays zero."""
    values = np.asarray(values, dtype=np.float64)
    lengths = np.linalg.norm(values, axis=1)
    unit = values / np.maximum(lengths, 1e-30)[:, None]
    return unit.astype(np.float32), lengths.astype(np.float32)


def _shared(
    vectors: NDArray[np.floating], weights: NDArray[np.floating] | Sequence[float] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows float64 (n, d) and their shares (n,), sum 1."""
    rows = np.asarray(vectors, dtype=np.float64)
    shares = np.ones(len(rows)) if weights is None else np.asarray(weights, dtype=np.float64)
    if rows.ndim != 2 or not len(rows):
        raise ValueError(f"vectors must be (n, d) with n ≥ 1, got shape {rows.shape}.")
    if shares.shape != (len(rows),) or not (shares > 0).all():
        raise ValueError(f"weights must be ({len(rows)},) and positive, got {weights!r}.")
    return rows, shares / shares.sum()


def _pooled(
    rows: NDArray[np.float64], shares: NDArray[np.float64], method: str, query: NDArray[np.floating] | None
) -> NDArray[np.float64]:
    if method == "mean":
        return shares @ rows
    if method == "equal":
        return rows.mean(axis=0)
    if method == "gem":
        return _signed_power(shares @ _signed_power(rows, GEM_POWER), 1.0 / GEM_POWER)
    if method == "max":
        return rows.max(axis=0)
    if method == "medoid":
        return rows[medoid(rows, shares)]
    if method == "attention":
        return attention_weights(rows, shares, query) @ rows
    return sub_centroids(rows, shares)[0].mean(axis=0) * np.linalg.norm(rows, axis=1).mean()


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-30)


def _signed_power(values: NDArray[np.float64], power: float) -> NDArray[np.float64]:
    return np.sign(values) * np.abs(values) ** power


def _farthest_first(
    unit: NDArray[np.float64], shares: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """Up to ``count`` different rows, the medoid first, then each time the one least like those chosen."""
    chosen = [medoid(unit, shares)]
    nearest = unit @ unit[chosen[0]]
    while len(chosen) < count and nearest.min() < 1 - 1e-9:
        chosen.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, unit @ unit[chosen[-1]])
    return unit[chosen]


def _reduce(operation: np.ufunc, rows: NDArray[np.float64], ranges: NDArray[np.intp]) -> NDArray[np.float64]:
    """``operation`` over the rows of each range; every range holds at least one row."""
    if not len(ranges) or not rows.shape[1]:
        return np.zeros((len(ranges), rows.shape[1]))
    # reduceat wants every index to exist; the row added at the end lies in no range.
    padded = np.concatenate([rows, np.zeros_like(rows[:1])])
    return operation.reduceat(padded, ranges.ravel(), axis=0)[::2]


def _check(
    values: NDArray[np.float64],
    durations: NDArray[np.float64],
    ranges: NDArray[np.intp],
    pooling: Sequence[str],
) -> None:
    if values.ndim != 2 or not len(values):
        raise ValueError(f"values must be (n, d) with n ≥ 1, got shape {values.shape}.")
    if durations.shape != (len(values),) or not (durations > 0).all():
        raise ValueError(f"durations_s must be ({len(values)},) and positive, got {durations!r}.")
    if len(pooling) not in (0, values.shape[1]) or set(pooling) - set(POOLINGS):
        raise ValueError(
            f"pooling needs {values.shape[1]} entries of {POOLINGS} or none, got {len(pooling)}: "
            f"{sorted(set(pooling))}."
        )
    if len(ranges) and (
        (ranges[:, 0] >= ranges[:, 1]).any() or ranges.min() < 0 or ranges.max() > len(values)
    ):
        raise ValueError(
            f"ranges must be non-empty and within 0 … {len(values)}, got {ranges.tolist()[:5]} …"
        )
