"""How alike two spaces of the same items are, each in its full dimension."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.floating]

_BLOCK = 512
"""Rows whose similarities to all others are held at once."""

FEWEST = 4
"""Items below which the unbiased estimate of CKA is not defined."""


@dataclass(frozen=True, eq=False)
class Neighbourhoods:
    """The k nearest of every item, in either space.

    Attributes:
        first: intp (n, k), nearest first.
        second: intp (n, k).
        shared: intp (n,), how many of an item's k nearest the two have in common.
        displacement: float64 (n,), how far down the list of one space the nearest of the other stand, mean
            of both ways: 0 where both have the same k nearest, .5 expected where they know nothing of each
            other.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    shared: NDArray[np.intp]
    displacement: NDArray[np.float64]

    @property
    def jaccard(self) -> NDArray[np.float64]:
        """Float64 (n,): shared over all that either has."""
        return self.shared / (2 * self.first.shape[1] - self.shared)


def compare_neighbours(first: Vectors, second: Vectors, k: int) -> Neighbourhoods:
    """Find the k nearest by cosine of every item in two spaces, itself left out.

    Args:
        first: (n, d) with n > k, unit rows.
        second: (n, e), unit rows.
        k: neighbours.
    """
    n = len(first)
    nearest: list[list[NDArray[np.intp]]] = [[], []]
    shared, displaced = [], []
    for rows in _blocks(n):
        orders = [_order(vectors, rows) for vectors in (first, second)]
        tops = [order[:, :k] for order in orders]
        shared.append(np.sum(tops[0][:, :, None] == tops[1][:, None, :], axis=(1, 2)))
        displaced.append((_depth(tops[0], orders[1]) + _depth(tops[1], orders[0])) / 2)
        for found, top in zip(nearest, tops, strict=True):
            found.append(top)
    first_nearest, second_nearest = (np.concatenate(found) for found in nearest)
    return Neighbourhoods(first_nearest, second_nearest, np.concatenate(shared), np.concatenate(displaced))


def _blocks(n: int) -> Iterator[NDArray[np.intp]]:
    for start in range(0, n, _BLOCK):
        yield np.arange(start, min(start + _BLOCK, n))


def _order(vectors: Vectors, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """All other items (rows, n − 1), nearest first; of equal ones the earlier first."""
    similar = np.asarray(vectors[rows], np.float64) @ np.asarray(vectors, np.float64).T
    # A rotated copy has the same similarities but for rounding, which must not decide between equals.
    similar = np.round(similar, 6)
    similar[np.arange(len(rows)), rows] = -np.inf
    return np.argsort(-similar, axis=1, kind="stable")[:, :-1]


def _depth(top: NDArray[np.intp], order: NDArray[np.intp]) -> NDArray[np.float64]:
    """Mean place of ``top`` (b, k) in ``order`` (b, n − 1): 0 if they are its first k, towards 1 its last."""
    places = np.empty((len(order), order.shape[1] + 1), np.intp)
    np.put_along_axis(places, order, np.broadcast_to(np.arange(order.shape[1]), order.shape), axis=1)
    k, most = top.shape[1], order.shape[1]
    best = (k - 1) / 2
    mean = np.take_along_axis(places, top, axis=1).mean(axis=1)
    return (mean - best) / max(most - 1 - best, 1e-12)


def shared_chance(n: int, k: int) -> float:
    """Share of k neighbours that two spaces have in common by chance: k / (n − 1)."""
    return k / (n - 1)


def jaccard_chance(n: int, k: int) -> float:
    """Jaccard index of two chance draws of k from n − 1: the mean over the hypergeometric distribution."""
    others = n - 1
    ways = [comb(k, m) * comb(others - k, k - m) for m in range(k + 1)]
    return sum(w * m / (2 * k - m) for m, w in enumerate(ways)) / sum(ways)


def linear_cka(first: Vectors, second: Vectors) -> float:
    """Centred kernel alignment of linear kernels, from unbiased estimates of HSIC.

    CKA is that of Kornblith et al. (2019), the estimate that of Song et al. (2012), equation 5; so it is
    about 0, and may be below, for spaces that know nothing of each other, however many dimensions they have.

    Args:
        first: (n, d), n ≥ 4.
        second: (n, e).

    Returns:
        1 for a rotated or scaled copy; NaN where all items of a space are the same.
    """
    x, y = _centred(first), _centred(second)
    own = _hsic(x, x) * _hsic(y, y)
    return float(_hsic(x, y) / np.sqrt(own)) if own > 0 else float("nan")


def _hsic(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Unbiased HSIC of linear kernels, n (n − 3) times: with feature products, not the n × n kernels."""
    n = len(x)
    own_x, own_y = np.einsum("nd,nd->n", x, x), np.einsum("nd,nd->n", y, y)
    trace = np.square(x.T @ y).sum() - own_x @ own_y
    rows_x, rows_y = x @ x.sum(axis=0) - own_x, y @ y.sum(axis=0) - own_y
    return float(trace + rows_x.sum() * rows_y.sum() / ((n - 1) * (n - 2)) - 2 * (rows_x @ rows_y) / (n - 2))


def procrustes_residual(first: Vectors, second: Vectors) -> float:
    """Share of one space's variance that no rotation, reflection and scaling of the other explains.

    Orthogonal Procrustes (Schönemann 1966) on centred vectors; the narrower space is filled up with zeros.

    Returns:
        0 for a rotated or scaled copy, 1 at most; NaN where all items of a space are the same.
    """
    x, y = _centred(first), _centred(second)
    lengths = np.linalg.norm(x) * np.linalg.norm(y)
    if not lengths > 0:
        return float("nan")
    explained = np.linalg.svd(x.T @ y, compute_uv=False).sum() / lengths
    return float(max(0.0, 1.0 - explained**2))


def shuffled_figures(first: Vectors, second: Vectors, *, repeats: int, seed: int) -> tuple[float, float]:
    """CKA and Procrustes residual, means over ``repeats`` random pairings of the items: what chance gives.

    The residual of unrelated spaces is far below 1 where there are few items for many dimensions.
    """
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(len(second)) for _ in range(repeats)]
    return (
        float(np.mean([linear_cka(first, second[order]) for order in orders])),
        float(np.mean([procrustes_residual(first, second[order]) for order in orders])),
    )


def _centred(vectors: Vectors) -> NDArray[np.float64]:
    values = np.asarray(vectors, dtype=np.float64)
    return values - values.mean(axis=0)
