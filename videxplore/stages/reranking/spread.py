"""The unit in which weights on similarities are given: encoders differ in how far their scores spread."""

from __future__ import annotations

import math
from collections.abc import Sequence

from videxplore.values.rankings import Candidate


def spread_of(candidates: Sequence[Candidate]) -> float:
    """Standard deviation of the raw scores of the pool; 0 where they do not differ."""
    return deviation([c.hit.raw_score for c in candidates])


def deviation(values: Sequence[float]) -> float:
    """Standard deviation, by exact sums, so that the order of the values cannot matter; 0 without values."""
    if not values:
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))
