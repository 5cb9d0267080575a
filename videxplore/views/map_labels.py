"""Labels on a map that cover no other: ranks beside the rings of hits, names of regions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_OFFSETS = {
    "top center": (0.0, 17.0),
    "middle right": (18.0, 0.0),
    "middle left": (-18.0, 0.0),
    "bottom center": (0.0, -17.0),
    "top right": (15.0, 14.0),
    "top left": (-15.0, 14.0),
    "bottom right": (15.0, -14.0),
    "bottom left": (-15.0, -14.0),
}
"""Middle of a label from the middle of its ring, in pixels, y upwards; names are plotly's."""

_WIDE, _HIGH, _RING = 16.0, 14.0, 15.0


def place_labels(
    xy: NDArray[np.float32], labels: Sequence[str], unit_per_pixel: float
) -> tuple[list[str], list[str]]:
    """Return labels and their positions in plotly's words, the first labels choosing first.

    A label that would cover another label or another ring on every side is left out: the ring stays.

    Args:
        xy: float (n, 2), middles of the rings.
        labels: n texts, ``""`` where there is none.
        unit_per_pixel: length of a pixel in units of ``xy``.
    """
    at = np.asarray(xy, dtype=float).reshape(-1, 2) / unit_per_pixel
    taken: list[NDArray[np.float64]] = []
    texts, positions = [], []
    for i, label in enumerate(labels):
        # Rings in the same place are the same obstacle as the label's own.
        others = at[np.abs(at - at[i]).max(axis=1) > 1.0]
        free = next(
            (name for name, offset in _OFFSETS.items() if label and _is_free(at[i] + offset, others, taken)),
            None,
        )
        if free is not None:
            taken.append(at[i] + _OFFSETS[free])
        texts.append(label if free is not None else "")
        positions.append(free or "top center")
    return texts, positions


def _is_free(
    middle: NDArray[np.float64], rings: NDArray[np.float64], taken: Sequence[NDArray[np.float64]]
) -> bool:
    """Whether a label at ``middle`` touches neither a ring nor a label that is already placed."""
    if any(abs(middle[0] - t[0]) < _WIDE and abs(middle[1] - t[1]) < _HIGH for t in taken):
        return False
    return not len(rings) or bool(np.linalg.norm(rings - middle, axis=1).min() > _RING)


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
