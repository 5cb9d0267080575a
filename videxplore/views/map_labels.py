"""Names on a map that cover no other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_LETTER, _LINE = 6.2, 18.0


def keep_apart(xy: NDArray[np.floating], texts: Sequence[str], unit_per_pixel: float) -> list[int]:
    """Return which texts, centred at their places, cover no earlier one that is kept; empty texts go.

    Args:
        xy: float (n, 2), their middles.
        texts: n lines.
        unit_per_pixel: length of a pixel in units of ``xy``.
    """
    at = np.asarray(xy, dtype=float).reshape(-1, 2) / unit_per_pixel
    kept: list[int] = []
    for i, text in enumerate(texts):
        free = all(
            abs(at[i, 0] - at[j, 0]) > _LETTER * (len(text) + len(texts[j])) / 2 + 6
            or abs(at[i, 1] - at[j, 1]) > _LINE
            for j in kept
        )
        if text and free:
            kept.append(i)
    return kept
