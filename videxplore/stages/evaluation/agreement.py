"""How far two rankings of the same things agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def overlap_at(a: Sequence[str], b: Sequence[str], k: int) -> float:
    """Share of the first ``k`` that both lists have; 1 for two empty lists.

    Lists shorter than ``k`` are compared over the length of the longer one.

    >>> overlap_at(["x", "y", "z"], ["z", "x", "w"], k=3)
    0.6666666666666666
    """
    depth = min(k, max(len(a), len(b)))
    return len(set(a[:depth]) & set(b[:depth])) / depth if depth > 0 else 1.0


def kendall_tau(a: ArrayLike, b: ArrayLike) -> float:
    """Kendall's tau-b between two scorings of the same items (Kendall, 1945: ties count for neither).

    Args:
        a: float (n,), one score per item.
        b: float (n,), the other's score of the same items.

    Returns:
        In [-1, 1]; nan where one side ties everything or there are fewer than two items.

    Raises:
        ValueError: the two differ in length.
    """
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"kendall_tau compares two lists of one length, got {x.shape} and {y.shape}.")
    first, second = np.triu_indices(len(x), 1)
    by_x, by_y = np.sign(x[first] - x[second]), np.sign(y[first] - y[second])
    untied = np.count_nonzero(by_x) * np.count_nonzero(by_y)
    return float(by_x @ by_y / np.sqrt(untied)) if untied else float("nan")


def rank_biased_overlap(a: Sequence[str], b: Sequence[str], p: float = 0.9) -> float:
    """Rank-biased overlap, extrapolated (Webber, Moffat and Zobel, 2010, equation 32).

    The mean share that two lists have in common down to each depth d, weighted by p^d and extrapolated
    beyond their ends from what was seen. Lists may differ in length and in what they hold.

    Args:
        a: unique ids, best first.
        b: unique ids, best first.
        p: persistence in (0, 1); at .9 the first ten ranks carry 86 % of the weight.

    Returns:
        In [0, 1]; 1 for identical lists, 1 for two empty ones and 0 where only one is empty.

    Raises:
        ValueError: ``p`` is out of range, or an id is repeated.
    """
    if not 0.0 < p < 1.0:
        raise ValueError(f"p must be in (0, 1), got {p!r}; 0.9 is usual.")
    if len(set(a)) != len(a) or len(set(b)) != len(b):
        raise ValueError("rank_biased_overlap needs lists without repeated ids.")
    short, long = sorted((a, b), key=len)
    s, n = len(short), len(long)
    if s == 0:
        return float(n == 0)
    shared = _shared_by_depth(short, long)
    depth = np.arange(1, n + 1, dtype=np.float64)
    weight = p**depth
    seen = float((shared / depth * weight).sum())
    beyond = float((shared[s - 1] * (depth[s:] - s) / (s * depth[s:]) * weight[s:]).sum())
    tail = (shared[-1] - shared[s - 1]) / n + shared[s - 1] / s
    return float((1 - p) / p * (seen + beyond) + tail * p**n)


def _shared_by_depth(a: Sequence[str], b: Sequence[str]) -> NDArray[np.float64]:
    """float64 (n,): how many ids the first d of both have in common, d = 1 … length of the longer."""
    met: set[str] = set()
    shared = np.zeros(max(len(a), len(b)))
    common = 0
    for d in range(len(shared)):
        for ids in (a, b):
            if d < len(ids):
                common += ids[d] in met  # ids are unique per list: met before means met in the other
                met.add(ids[d])
        shared[d] = common
    return shared
