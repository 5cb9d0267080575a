"""Exact penalised partition of a sequence of unit vectors.

A segment ``[i, j)`` costs the scatter of its vectors around their own mean on the sphere,

    C(i, j) = (j − i) − ‖S_j − S_i‖² / (j − i),    S_t = x_0 + … + x_{t−1},

the cosine-kernel cost of kernel change-point analysis (Harchaoui & Cappé, 2007; Arlot, Celisse &
Harchaoui, 2019). A partition with inner boundaries ``b`` costs ``Σ C + β Σ (1 − reward_b)``. Dynamic
programming finds the cheapest one exactly (Jackson et al., 2005) among those whose segments have an
allowed length, for many β in one pass. Where the longest length is bounded by L, time is
O(n·L·d) and memory O(n·L).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def prefix_sums(vectors: ArrayLike) -> Floats:
    """Return S (n + 1, d): S[t] is the sum of the first t rows of ``vectors`` (n, d)."""
    rows = np.asarray(vectors, dtype=np.float64)
    if rows.ndim != 2 or not len(rows):
        raise ValueError(f"vectors must be (n, d) with n ≥ 1, got shape {rows.shape}.")
    sums = np.zeros((len(rows) + 1, rows.shape[1]))
    sums[1:] = rows
    accumulate(sums)
    return sums


def accumulate(rows: Floats) -> None:
    """Replace every row of ``rows`` (n, d) by the sum of all rows up to it."""
    # Row by row is ten times as fast as numpy's cumsum, which goes down one column after the other.
    for i in range(1, len(rows)):
        np.add(rows[i - 1], rows[i], out=rows[i])


def scatter(sums: Floats, starts: ArrayLike, ends: ArrayLike) -> Floats:
    """Return the cost C of every segment ``[starts, ends)`` (any broadcastable integer shapes)."""
    first, last = np.broadcast_arrays(np.asarray(starts), np.asarray(ends))
    length = (last - first).astype(np.float64)
    total = sums[last] - sums[first]
    return length - np.einsum("...d,...d->...", total, total) / length


@dataclass(frozen=True, slots=True)
class Costs:
    """Segment costs between knots, as a band.

    Attributes:
        knots: int (m + 1,), rising sample positions where a boundary may stand; first 0, last n.
        band: float64 (m + 1, w); ``band[j, k]`` is the cost of the segment from knot ``j − w + k`` to
            knot j, infinite where its length is not allowed or no such knot exists.
    """

    knots: NDArray[np.intp]
    band: Floats

    @property
    def reach(self) -> int:
        """How many knots back a segment may begin."""
        return self.band.shape[1]


def measure_costs(
    sums: Floats,
    *,
    knots: Sequence[int] | NDArray[np.intp] | None = None,
    min_length: float = 1,
    max_length: float | None = None,
    reach: int | None = None,
) -> Costs:
    """Return the costs of all allowed segments.

    Args:
        sums: float64 (n + 1, d), from :func:`prefix_sums`.
        knots: positions where a boundary may stand; every position where omitted. 0 and n are added.
        min_length: shortest allowed segment, in samples.
        max_length: longest allowed segment, in samples; unbounded where omitted.
        reach: how many knots back a segment may begin; as far as ``max_length`` allows where omitted.
    """
    n = len(sums) - 1
    inner = np.arange(n + 1) if knots is None else np.asarray(knots, dtype=np.intp)
    at = np.unique(np.concatenate([[0], inner, [n]])).astype(np.intp)
    if at[0] < 0 or at[-1] > n:
        raise ValueError(f"knots must lie in 0…{n}, got {at[0]}…{at[-1]}.")
    longest = n if max_length is None else max_length
    back = np.arange(len(at)) - np.searchsorted(at, at - longest)
    width = max(1, int(back.max()))
    if reach is not None:
        width = min(width, max(1, reach))
    band = np.full((len(at), width), np.inf)
    # Where every position is a knot, a copy would double the memory.
    at_knots = sums if len(at) == len(sums) else sums[at]
    chunk = max(64, min(256, width // 2))
    for low in range(1, len(at), chunk):
        high = min(low + chunk, len(at))
        begin = max(0, low - width)
        # Differences from a near origin keep full precision however long the video is.
        near = at_knots[begin:high] - at_knots[begin]
        products = near[low - begin :] @ near.T
        squares = np.einsum("md,md->m", near, near)
        energy = squares[low - begin :, None] + squares[None, :] - 2 * products
        length = (at[low:high, None] - at[None, begin:high]).astype(np.float64)
        allowed = (length >= min_length) & (length <= longest) & (length > 0)
        cost = np.where(allowed, length - energy / np.where(allowed, length, 1.0), np.inf)
        for row in range(high - low):
            j = low + row
            first = max(0, j - width)
            band[j, width - (j - first) :] = cost[row, first - begin : j - begin]
    return Costs(at, band)


def partition(costs: Costs, penalties: ArrayLike, rewards: ArrayLike | None = None) -> list[NDArray[np.intp]]:
    """Return the cheapest partition for each penalty β, exactly.

    Args:
        costs: from :func:`measure_costs`.
        penalties: β ≥ 0, shape (p,) or a single number.
        rewards: (m + 1,), one per knot, at most 1: a boundary there costs β (1 − reward).

    Returns:
        Per penalty the inner boundaries as sample positions, rising. Ties go to the longer segment.

    Raises:
        ValueError: no partition has only segments of an allowed length.
    """
    beta = np.atleast_1d(np.asarray(penalties, dtype=np.float64))
    if np.any(beta < 0) or not np.isfinite(beta).all():
        raise ValueError(f"penalties must be finite and ≥ 0, got {beta.tolist()}.")
    m, width = len(costs.knots), costs.reach
    price = np.ones(m) if rewards is None else 1.0 - np.asarray(rewards, dtype=np.float64)
    if price.shape != (m,) or np.any(price < 0):
        raise ValueError(f"rewards must be ({m},) and at most 1, got shape {price.shape}.")
    price[0] = 0.0
    # best[:, width + i] is the cheapest cost up to knot i plus the price of a boundary there;
    # the first `width` columns stand for knots before the start.
    best = np.full((len(beta), width + m), np.inf)
    best[:, width] = 0.0
    origin = np.zeros((len(beta), m), dtype=np.int32)
    total = np.empty((len(beta), width))
    choice = np.empty(len(beta), dtype=np.intp)
    first = np.arange(len(beta)) * width
    prices = beta[:, None] * price
    for j in range(1, m):
        np.add(best[:, j : j + width], costs.band[j], out=total)
        total.argmin(axis=1, out=choice)
        origin[:, j] = choice
        best[:, width + j] = total.take(first + choice) + prices[:, j]
    origin += np.arange(m, dtype=np.int32) - width
    if not np.isfinite(best[:, -1]).all():
        lengths = f"knots {costs.knots.tolist()[:8]}…"
        raise ValueError(f"no partition has only segments of an allowed length ({lengths}).")
    return [_walk_back(row, costs.knots) for row in origin]


def partition_into(costs: Costs, count: int, bonus: ArrayLike | None = None) -> NDArray[np.intp]:
    """Return the inner boundaries of the cheapest partition into exactly ``count`` segments.

    Where the knots or the allowed lengths give fewer segments at most, into as many as can be had.

    Args:
        costs: from :func:`measure_costs`.
        count: number of segments, at least 1.
        bonus: (m + 1,), what a boundary at each knot takes off the cost.
    """
    m, width = len(costs.knots), costs.reach
    most = max(1, min(count, m - 1))
    gift = np.zeros(m) if bonus is None else np.asarray(bonus, dtype=np.float64)
    # best[k, width + i]: cheapest cost of k + 1 segments up to knot i, less the bonus there.
    best = np.full((most + 1, width + m), np.inf)
    best[0, width] = 0.0
    origin = np.zeros((most + 1, m), dtype=np.int32)
    rows = np.arange(most)
    final = np.full(most + 1, np.inf)
    for j in range(1, m):
        total = best[:-1, j : j + width] + costs.band[j]
        choice = total.argmin(axis=1)
        cheapest = total[rows, choice]
        origin[1:, j] = j - width + choice
        best[1:, width + j] = cheapest - gift[j]
        final[1:] = cheapest
    possible = np.flatnonzero(np.isfinite(final))
    if not len(possible):
        raise ValueError("no partition has only segments of an allowed length.")
    chain = []
    j = m - 1
    for k in range(int(possible[-1]), 0, -1):
        j = int(origin[k, j])
        chain.append(j)
    return costs.knots[np.array(chain[-2::-1], dtype=np.intp)]


def _walk_back(origin: NDArray[np.int32], knots: NDArray[np.intp]) -> NDArray[np.intp]:
    chain = []
    j = int(origin[len(knots) - 1])
    while j > 0:
        chain.append(j)
        j = int(origin[j])
    return knots[np.array(chain[::-1], dtype=np.intp)]


@dataclass(frozen=True, slots=True)
class PenaltySearch:
    """Finds the penalty that gives a wanted number of segments; what does not depend on that number is kept.

    Attributes:
        costs: of all segments.
        rewards: per knot, as for :func:`partition`, or None.
        grid: penalties of the first round.
        cuts: partition for each of them.
    """

    costs: Costs
    rewards: Floats | None
    grid: Floats
    cuts: list[NDArray[np.intp]]

    def find(self, count: float, *, rounds: int = 3) -> tuple[float, NDArray[np.intp]]:
        """Return the penalty whose partition has nearest to ``count`` segments, and that partition.

        The number of segments never rises with β (without rewards), so the interval that holds the answer
        is narrowed ``rounds`` times.
        """
        grid, cuts = self.grid, self.cuts
        found: list[tuple[float, float, NDArray[np.intp]]] = []
        for more in range(rounds - 1, -1, -1):
            sizes = np.array([len(c) + 1 for c in cuts], dtype=np.float64)
            # Of equally near counts the larger β: its boundaries are the clearer ones.
            pick = len(grid) - 1 - int(np.argmin(np.abs(sizes - count)[::-1]))
            miss = abs(sizes[pick] - count)
            found.append((miss, float(grid[pick]), cuts[pick]))
            if miss == 0 or not more:
                break
            above = np.flatnonzero(sizes > count)
            low = int(above[-1]) if len(above) else 0
            high = min(low + 1, len(grid) - 1)
            if grid[low] > 0:
                grid = np.geomspace(grid[low], max(grid[high], grid[low] * (1 + 1e-9)), len(grid))
            else:
                grid = np.linspace(grid[low], grid[high], len(grid))
            cuts = partition(self.costs, grid, self.rewards)
        return min(found, key=lambda of: of[0])[1:]


def begin_search(costs: Costs, rewards: ArrayLike | None = None, *, per_round: int = 12) -> PenaltySearch:
    """Return a search for penalties, its first round done: ``per_round`` penalties over the whole range."""
    top = max(1e-6, float(costs.knots[-1]))
    grid = np.concatenate([[0.0], np.geomspace(1e-6 * top, top, per_round - 1)])
    prices = None if rewards is None else np.asarray(rewards, dtype=np.float64)
    return PenaltySearch(costs, prices, grid, partition(costs, grid, prices))


def find_penalty(
    costs: Costs, count: float, rewards: ArrayLike | None = None
) -> tuple[float, NDArray[np.intp]]:
    """Return the penalty whose partition has nearest to ``count`` segments, and that partition."""
    return begin_search(costs, rewards).find(count)
