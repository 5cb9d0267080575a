"""Effective number of different things in a sample, and how it grows with its sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.blocksums import kernel_sums, median_distance
from videxplore.stages.licensing.distances import Vectors, some_rows, unit_rows
from videxplore.stages.licensing.grouping import Groups, group
from videxplore.stages.licensing.intervals import jackknife_interval, settled
from videxplore.values.licensing import DiversityCurve

COMPONENTS = 64
"""Principal components of the linear kernel: a score in t dimensions settles with some t clips."""

ORDERS = 30
"""Random orders of the sources that a curve is the mean of."""

Numbers = NDArray[np.float64]


def vendi(
    vectors: NDArray[np.floating],
    sources: Sequence[str],
    *,
    basis: NDArray[np.floating] | None = None,
    seed: int = 0,
) -> DiversityCurve:
    """Vendi score with a linear kernel on 64 centred principal components.

    The exponential of the entropy of the eigenvalues of K / n (Friedman and Dieng, 2023). With infinitely
    many dimensions it does not settle below some 20,000 clips (Ospanov and Farnia, 2025); a linear kernel
    on 64 components does, and its eigenvalues are those of a 64 × 64 matrix.

    Args:
        vectors: (n, d), rows are brought to unit length.
        sources: n sources.
        basis: (m, d) that centre and components are fitted on, to compare two sides in one space; the vectors
            themselves where omitted.
        seed: of the orders.

    Raises:
        ValueError: no clip, or lengths differ.
    """
    rows = some_rows(vectors, "vectors")
    groups = group(sources, len(rows))
    reduced = _components(rows, rows if basis is None else unit_rows(basis))
    moments = np.zeros((len(groups), reduced.shape[1], reduced.shape[1]))
    for place in range(len(groups)):
        part = reduced[groups.index == place]
        moments[place] = part.T @ part

    def score(members: Numbers) -> Numbers:
        return _spectral(np.tensordot(members, moments, axes=1))

    return _curve("Vendi, linear, 64 components", score, groups, seed)


def order_two(
    vectors: NDArray[np.floating],
    sources: Sequence[str],
    *,
    bandwidth: float | None = None,
    seed: int = 0,
) -> DiversityCurve:
    """Vendi score of order 2 with a Gaussian kernel: n² / Σ K² (RKE; Jalali, Li and Farnia, 2023).

    An effective number of modes that settles with any kernel.

    Args:
        vectors: (n, d), rows are brought to unit length.
        sources: n sources.
        bandwidth: σ of the kernel; the median distance where omitted. Use one for all that is compared.
        seed: of the orders and of the median.

    Raises:
        ValueError: no clip, lengths differ, or the bandwidth is not above zero.
    """
    rows = some_rows(vectors, "vectors")
    groups = group(sources, len(rows))
    width = median_distance(rows, seed) if bandwidth is None else bandwidth
    if not width > 0:
        raise ValueError(f"bandwidth must be above zero, got {bandwidth!r}.")
    # The square of a Gaussian kernel is one of a narrower width.
    sums = kernel_sums(rows, groups, width / np.sqrt(2))

    def score(members: Numbers) -> Numbers:
        return np.asarray(np.square(members @ groups.sizes) / ((members @ sums) * members).sum(axis=1))

    return _curve(f"order-2 Vendi, Gaussian σ {width:.3g}", score, groups, seed)


def _curve(name: str, score: Callable[[Numbers], Numbers], groups: Groups, seed: int) -> DiversityCurve:
    """Score by number of sources; ``score`` takes members (k, g) as 0 and 1 and gives (k,)."""
    count = len(groups)
    steps = (
        np.unique(np.linspace(1, count, min(count, 20)).round().astype(np.intp))
        if count
        else np.zeros(0, np.intp)
    )
    rng = np.random.default_rng(seed)
    rank = np.argsort(rng.random((ORDERS, count)), axis=1)
    members = (rank[:, None, :] < steps[:, None]).astype(np.float64)  # (orders, steps, g)
    values = np.stack([score(order) for order in members]).mean(axis=0)
    clips = (members @ groups.sizes).mean(axis=0)
    whole = float(score(np.ones((1, count)))[0])
    n = int(groups.sizes.sum())
    ends = whole, whole
    if count > 1:
        ends = jackknife_interval(whole, score(1 - np.eye(count)), groups.sizes)
    found = settled(whole, ends, n, count, "jackknife over sources")
    return DiversityCurve(name, steps, clips, values, found)


def _components(rows: Vectors, basis: Vectors) -> Numbers:
    """Centred principal components of unit length, float64 (n, at most 64)."""
    centre = basis.mean(axis=0, dtype=np.float64)
    centred = basis - centre
    _, vectors = np.linalg.eigh(centred.T @ centred)
    reduced = (rows - centre) @ vectors[:, ::-1][:, :COMPONENTS]
    lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
    return np.divide(reduced, lengths, out=np.zeros_like(reduced), where=lengths > 1e-9)


def _spectral(moments: Numbers) -> Numbers:
    """Exponential of the entropy of the eigenvalues of each matrix (k, d, d); 1 for nothing."""
    values = np.maximum(np.linalg.eigvalsh(moments), 0.0)
    total = values.sum(axis=1, keepdims=True)
    shares = np.divide(values, total, out=np.zeros_like(values), where=total > 0)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(np.exp(-(shares * logs).sum(axis=1)))
