"""Vectors one after another pooled into one, with or without regard to their order.

A mean forgets order, and so does every pooling of :mod:`videxplore.stages.pooling`: a film and the same film
shuffled have one vector. *Adding* an encoding of the position before a mean changes nothing about that, for
Σ w·(c + p) = Σ w·c + Σ w·p. So positions are bound to what is there by multiplication (Plate, 1995):

* ``"none"``: no regard to order.
* ``"sinusoidal"``: columns are scaled by 1 + (p(t) − p(0)) / 2 with the sines and cosines p of Vaswani et al.
  (2017). What matches words stays near; slow columns hardly change.
* ``"relative"``: pairs of columns are turned by an angle that grows with time (Su et al., 2021), so that
  how alike two parts are depends on how far apart they lie and not on where.
* ``"learned"``: as sinusoidal, with the positions that the model brings, stretched over the sequence.

Positions are seconds from the first part, which stays as it is. Most columns turn slowly, so that words still
find what they mean, less well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.pooling import METHODS, pool_ranges, pool_vectors

POSITIONS = ("none", "sinusoidal", "relative", "learned")

_BASE = 10000.0
_STRENGTH = 0.5


def sinusoids(positions: NDArray[np.floating] | Sequence[float], dimension: int) -> NDArray[np.float64]:
    """Return sines and cosines of ``positions`` (n,): float64 (n, dimension).

    Column 2i is sin(t / 10000^(2i/d)), column 2i + 1 its cosine (Vaswani et al., 2017, section 3.5).
    """
    angles = _angles(positions, dimension)
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=2)
    return waves.reshape(len(angles), -1)[:, :dimension]


def bind_positions(
    vectors: NDArray[np.floating],
    positions: NDArray[np.floating] | Sequence[float],
    kind: str,
    table: NDArray[np.floating] | None = None,
) -> NDArray[np.float64]:
    """Return ``vectors`` bound to where they stand; the ones at position 0 are unchanged.

    Args:
        vectors: (n, d).
        positions: (n,), from 0 up; seconds from the start of the sequence.
        kind: one of :data:`POSITIONS`.
        table: (p, d), the positions that a model learned; for ``"learned"``.

    Returns:
        float64 (n, d); ``"relative"`` keeps lengths.

    Raises:
        ValueError: an unknown kind, or ``"learned"`` without a table of d columns.
    """
    rows, places = np.asarray(vectors, dtype=np.float64), np.asarray(positions, dtype=np.float64)
    if kind == "none":
        return rows
    if kind == "sinusoidal":
        start = sinusoids([0.0], rows.shape[1])
        return rows * (1 + _STRENGTH * (sinusoids(places, rows.shape[1]) - start))
    if kind == "relative":
        return _turned(rows, places)
    if kind == "learned":
        return rows * (1 + _STRENGTH * _learned(places, rows.shape[1], table))
    raise ValueError(f"position={kind!r} is not allowed; allowed: {', '.join(POSITIONS)}.")


@dataclass(frozen=True, slots=True)
class Strategy:
    """How a sequence of vectors becomes one.

    Attributes:
        pooling: of :data:`~videxplore.stages.pooling.METHODS`.
        position: of :data:`POSITIONS`.
        kinds: one of :data:`~videxplore.values.vectors.POOLINGS` per column, or none. Columns pooled by
            maximum or by the count rule stay so whatever the method: they say that something happened.
        table: (p, d), positions that the model learned, or None.

    Raises:
        ValueError: an unknown pooling or position.
    """

    pooling: str = "mean"
    position: str = "none"
    kinds: tuple[str, ...] = ()
    table: NDArray[np.floating] | None = None

    def __post_init__(self) -> None:
        for label, given, allowed in (
            ("pooling", self.pooling, METHODS),
            ("position", self.position, POSITIONS),
        ):
            if given not in allowed:
                raise ValueError(f"{label}={given!r} is not allowed; allowed: {', '.join(allowed)}.")

    @classmethod
    def of(cls, encoder: Encoder) -> Strategy:
        """Return what the card of ``encoder`` says under ``parameters["pooling"]`` and ``["position"]``."""
        asked = {name: encoder.card.parameters.get(name) for name in ("pooling", "position")}
        table = getattr(encoder, "frame_positions", None)
        given = {name: str(value) for name, value in asked.items() if value is not None}
        return cls(**given, kinds=encoder.card.pooling, table=table)

    def pool(
        self,
        values: NDArray[np.floating],
        weights: NDArray[np.floating],
        times_s: NDArray[np.floating],
        ranges: NDArray[np.integer],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the vectors of runs of consecutive rows, and how alike the rows of each are.

        Args:
            values: (n, d), in time order.
            weights: (n,), positive.
            times_s: (n,), rising.
            ranges: (m, 2), first row and one past the last row of each run. A run of one row is that row.

        Returns:
            float32 (m, d), not normalised, and float32 (m,), coherence.
        """
        pooled, coherence = pool_ranges(values, weights, ranges, self.kinds)
        if (self.pooling, self.position) == ("mean", "none"):
            return pooled, coherence
        columns = np.array([kind == "mean" for kind in self.kinds] or [True] * values.shape[1])
        for row, (first, last) in enumerate(np.asarray(ranges)):
            if last - first > 1:
                mine = slice(first, last)
                places = times_s[mine] - times_s[first]
                bound = bind_positions(values[mine], places, self.position, self.table)
                pooled[row, columns] = pool_vectors(bound, weights[mine], self.pooling)[columns]
        return pooled, coherence


def _angles(positions: NDArray[np.floating] | Sequence[float], dimension: int) -> NDArray[np.float64]:
    """Angle (n, ⌈d/2⌉) of every pair of columns."""
    rates = _BASE ** (-np.arange(0, dimension, 2) / dimension)
    return np.asarray(positions, dtype=np.float64)[:, None] * rates


def _turned(rows: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each pair of columns turned by its angle; a last column without partner stays."""
    paired = rows.shape[1] // 2 * 2
    angles = _angles(places, rows.shape[1])[:, : paired // 2]
    x, y = rows[:, 0:paired:2], rows[:, 1:paired:2]
    turned = rows.copy()
    turned[:, 0:paired:2] = x * np.cos(angles) - y * np.sin(angles)
    turned[:, 1:paired:2] = x * np.sin(angles) + y * np.cos(angles)
    return turned


def _learned(
    places: NDArray[np.float64], dimension: int, table: NDArray[np.floating] | None
) -> NDArray[np.float64]:
    """Learned positions (n, d) less the first, on the scale of sinusoids, interpolated."""
    if table is None or np.ndim(table) != 2 or np.shape(table)[1] != dimension:
        raise ValueError(
            f"position='learned' needs an encoder that brings positions of {dimension} columns in "
            "frame_positions, as X-CLIP does. Use position='sinusoidal' or 'relative' with this one."
        )
    known = np.asarray(table, dtype=np.float64)
    wanted = places / max(float(places.max()), 1e-9) * (len(known) - 1)
    columns = [np.interp(wanted, np.arange(len(known)), column) for column in (known - known[0]).T]
    scale = np.sqrt(dimension / 2) / max(float(np.linalg.norm(known, axis=1).mean()), 1e-9)
    return np.stack(columns, axis=1) * scale
