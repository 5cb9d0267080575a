"""Optimal sequential grouping of shots into scenes, to compare with: exact, for both of its costs.

Shots in a row are divided into scenes so that the blocks on the diagonal of their matrix of distances are
cheap. ``add`` is the sum over the blocks (Rotman, Porat & Ashour, "Robust and efficient video scene detection
using optimal sequential grouping", ISM 2016), ``nrm`` that sum over the number of entries in the blocks
(Rotman, Porat, Ashour & Barzelay, "Optimally grouped deep features using normalized cost for video scene
detection", ICMR 2018). How many scenes there are is told by the elbow of the singular values.

Run: ``python benchmarks/sequential_grouping.py`` checks both against brute force.
"""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def estimate_count(distances: Floats) -> int:
    """Return the number of scenes: how many singular values there are up to where their logarithms bend.

    That is the one farthest from the line between the first and the last.
    """
    logs = np.log(np.maximum(np.linalg.svd(distances, compute_uv=False), 1e-12))
    # The distance at a right angle is the one straight down times a constant.
    return 1 + int(np.abs(logs - np.linspace(logs[0], logs[-1], len(logs))).argmax())


def group(distances: Floats, count: int, cost: str = "nrm") -> list[int]:
    """Return the shots with which the second to last of ``count`` scenes begin, at the least cost.

    Args:
        distances: (n, n) between shots in time order, symmetric.
        count: number of scenes, at most n.
        cost: ``"add"`` or ``"nrm"``.
    """
    sums, areas = _blocks(distances)
    if cost == "add":
        return _cheapest(sums, count)
    # The least ratio of two sums: Dinkelbach (1967). Each step is exact, and the ratio only falls.
    ratio, cuts = np.inf, _cheapest(sums, count)
    while (now := _total(sums, cuts) / _total(areas, cuts)) < ratio:
        ratio = now
        cuts = _cheapest(sums - ratio * areas, count)
    return cuts


def _blocks(distances: Floats) -> tuple[Floats, Floats]:
    """Sum and number of entries (n + 1, n + 1) of the block of shots [i, j)."""
    n = len(distances)
    integral = np.zeros((n + 1, n + 1))
    integral[1:, 1:] = distances.cumsum(axis=0).cumsum(axis=1)
    corners = np.diag(integral)
    at = np.arange(n + 1)
    return corners[None, :] - integral - integral.T + corners[:, None], (at[None, :] - at[:, None]) ** 2.0


def _total(blocks: Floats, cuts: list[int]) -> float:
    return float(sum(blocks[a, b] for a, b in pairwise([0, *cuts, len(blocks) - 1])))


def _cheapest(blocks: Floats, count: int) -> list[int]:
    """Dynamic programming over how many scenes end where."""
    n = len(blocks) - 1
    best = np.full((count + 1, n + 1), np.inf)
    best[0, 0] = 0.0
    origin = np.zeros((count + 1, n + 1), dtype=np.intp)
    for k in range(1, count + 1):
        for end in range(k, n + 1):
            total = best[k - 1, :end] + blocks[:end, end]
            origin[k, end] = total.argmin()
            best[k, end] = total[origin[k, end]]
    cuts = [n]
    for k in range(count, 1, -1):
        cuts.append(int(origin[k, cuts[-1]]))
    return cuts[:0:-1]


def main() -> None:
    """Hold both costs against every division there is, on random matrices of up to nine shots."""
    rng, checked = np.random.default_rng(0), 0
    for n in range(1, 10):
        for count in range(1, n + 1):
            for _ in range(5):
                points = rng.normal(size=(n, 3)) + 2 * rng.integers(0, 3, n)[:, None]
                distances = np.linalg.norm(points[:, None] - points, axis=2)
                sums, areas = _blocks(distances)
                every = [list(cuts) for cuts in combinations(range(1, n), count - 1)]
                added = [_total(sums, cuts) for cuts in every]
                ratios = [s / _total(areas, cuts) for s, cuts in zip(added, every, strict=True)]
                found = [group(distances, count, cost) for cost in ("add", "nrm")]
                np.testing.assert_allclose(_total(sums, found[0]), min(added), atol=1e-9)
                ratio = _total(sums, found[1]) / _total(areas, found[1])
                np.testing.assert_allclose(ratio, min(ratios), atol=1e-9)
                checked += 1
    print(f"{checked} random matrices, 1 to 9 shots: both costs as low as of the best of all divisions")


if __name__ == "__main__":
    main()
