"""How much each column counts in a vector, before it is normalised."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.perceptual.attributes import ATTRIBUTES, Attribute


@cache
def column_weights() -> NDArray[np.float32]:
    """Return float32 (d,), one weight per column.

    Events are rare, so their columns are nearly always 0; the weight lets one event stand against the many
    states of the same segment. Counts keep weight 1: the count rule adds only on their own scale.
    """
    weights = np.array([_weigh(a) for a in ATTRIBUTES], np.float32)
    weights.flags.writeable = False
    return weights


def _weigh(attribute: Attribute) -> float:
    if attribute.pooling == "count":
        return 1.0
    if attribute.kind == "event":
        return 1.5
    if attribute.name.startswith("centre_") and attribute.name != "centre_difference":
        return 0.6
    return 1.0
