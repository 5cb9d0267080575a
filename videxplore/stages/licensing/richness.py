"""Topics met and to be met, by the counts of how many sources each is in: the formulas alone.

Rarefaction, extrapolation and sample coverage as in Chao et al. (2014, Ecological Monographs 84) and the
package iNEXT. The same formulas serve for counts of individuals (``total`` and ``units`` then being equal).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


def sample_coverage(counts: ArrayLike, units: int) -> float:
    """Share of all appearances that are of topics seen (Good–Turing, as improved by Chao and Jost, 2012).

    Args:
        counts: int (k,), in how many units each topic was seen.
        units: sources looked at, or individuals.

    Returns:
        Between 0 and 1; nan without topics.
    """
    seen = _seen(counts)
    once, twice = np.count_nonzero(seen == 1), np.count_nonzero(seen == 2)
    if not len(seen):
        return float("nan")
    if not once:
        return 1.0
    if units < 2:
        return 0.0
    # Without topics seen twice, the bias-corrected form stands in for the ratio.
    least = (units - 1) * once if twice else (units - 1) * (once - 1)
    most = 2 * twice if twice else 2
    return float(1 - once / seen.sum() * least / (least + most))


def unseen_topics(counts: ArrayLike, units: int) -> float:
    """Topics not seen, at the least (Chao, 1987): a step of the extrapolation, never reported."""
    seen = _seen(counts)
    once, twice = np.count_nonzero(seen == 1), np.count_nonzero(seen == 2)
    shrink = (units - 1) / units
    return float(shrink * (once**2 / (2 * twice) if twice else once * (once - 1) / 2))


def expected_topics(counts: ArrayLike, units: int, at: ArrayLike) -> Numbers:
    """Expected number of topics in so many units.

    Args:
        counts: int (k,), in how many units each topic was seen.
        units: sources looked at.
        at: float (m,), numbers of units, up to twice as many as were looked at.

    Returns:
        Float64 (m,).

    Raises:
        ValueError: beyond twice the units, where nothing is estimable (Orlitsky, Suresh and Wu, 2016).
    """
    seen, wanted = _seen(counts), np.atleast_1d(np.asarray(at, np.float64))
    if (wanted < 0).any() or (wanted > 2 * units).any():
        raise ValueError(
            f"at must lie between 0 and {2 * units}, twice the {units} looked at, got {wanted.max():g}: "
            "no method can tell what lies further out."
        )
    more = np.maximum(wanted - units, 0.0)
    hidden, once = unseen_topics(seen, units), np.count_nonzero(seen == 1)
    found = np.zeros(len(wanted))
    if hidden:
        found = hidden * -np.expm1(more * np.log1p(-once / (units * hidden + once)))
    within = np.minimum(wanted, units)
    return np.asarray(_rarefied(seen, units, within) + found)


def missed(counts: Numbers, units: int, at: Numbers) -> Numbers:
    """Chance that none of ``at`` out of ``units`` has a topic that ``counts`` of them have, (k, m)."""
    from scipy.special import gammaln

    free = units - counts[:, None]
    chance = np.zeros((len(counts), len(at)))
    possible = at <= free
    with np.errstate(invalid="ignore"):
        logs = gammaln(free + 1) - gammaln(free - at + 1) - gammaln(units + 1) + gammaln(units - at + 1)
    chance[possible] = np.exp(logs[possible])
    return chance


def _rarefied(seen: Numbers, units: int, at: Numbers) -> Numbers:
    levels, many = np.unique(seen, return_counts=True)
    return np.asarray(many @ (1 - missed(levels, units, at)))


def _seen(counts: ArrayLike) -> Numbers:
    column = np.asarray(counts, np.float64)
    return column[column > 0]
