"""Making vectors of different levels and modalities comparable, and scoring them.

A plain cosine mis-draws levels: a parent's vector is pulled towards the corpus mean, which generic queries
like. So items are centred per level (GR-CLIP, arXiv 2507.19054, 2025, centres per modality in the same
way). Then there are two comparisons:

* **cosine**, block by block, for encoders whose columns mean nothing by themselves and for examples;
* **projection** for words put to an encoder of named attributes. A cosine divides by the length of the whole
  block, and so holds against a segment every attribute that was *not* asked for: the bang in a dark street
  would rather be dark, loud and otherwise ordinary. The projection looks at the asked columns only. Means of
  many parts differ less among each other than single parts do, and would never come first; so each level
  is stretched to the spread of the finest. That is a cosine with one length for the whole level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from videxplore.values.vectors import EncoderCard

Vectors = NDArray[np.float32]

SHRINKAGE = 8.0
"""Weight, in items, of the wider mean in a level's mean: centred on their own mean, the two halves of a
match would be exact opposites and every query would find one of them."""


@dataclass(frozen=True, eq=False)
class Space:
    """Vectors centred per level.

    Attributes:
        items: float32 (n, d); a block of zeros where an item has nothing in that modality.
        means: float32 (d,) per level.
        blocks: columns per modality.
        finest: the level that single frames are placed on.
        unit: whether each block of an item has unit length, for cosines; otherwise items of the finest level
            keep the scale they came in, for projections.
        stretch: what items of a level are multiplied by; 1 where not given.
    """

    items: Vectors
    means: Mapping[str, Vectors]
    blocks: Mapping[str, slice]
    finest: str
    unit: bool = True
    stretch: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def fit(
        cls, vectors: Vectors, levels: NDArray[np.str_], card: EncoderCard, finest: str, *, unit: bool = True
    ) -> Space:
        """Centre ``vectors``.

        Args:
            vectors: float32 (n, d). For cosines of unit length: on the encoder's own scale a few strong
                items would make the mean of their level. For projections on the encoder's own scale.
            levels: (n,) level names.
            card: of the vectors.
            finest: name of the finest level.
            unit: scale each block to unit length; otherwise stretch each level to the spread of the finest.
        """
        blocks = card.slices()
        overall = _shrunk_mean(vectors, blocks, np.zeros(card.dimension))
        rows = {str(level): levels == level for level in np.unique(levels)}
        means = {
            level: _shrunk_mean(vectors[mine], blocks, overall).astype(np.float32)
            for level, mine in rows.items()
        }
        items = np.empty_like(vectors, dtype=np.float32)
        for level, mine in rows.items():
            items[mine] = _centre(vectors[mine], means[level], blocks, unit)
        stretch = {} if unit else _stretches(items, rows, finest)
        for level, factor in stretch.items():
            items[rows[level]] *= np.float32(factor)
        return cls(items, means, blocks, finest, unit, stretch)

    def centred(self, vector: Vectors, level: str) -> Vectors:
        """Return an item's vector (d,) of ``level`` less the level's mean; blocks keep their lengths."""
        return _centre(vector[None], self._mean(level, len(vector)), self.blocks, False)[0]

    def place(self, vectors: Vectors, level: str) -> Vectors:
        """Centre and scale further vectors (m, d) as if they were items of ``level``."""
        placed = _centre(vectors, self._mean(level, vectors.shape[1]), self.blocks, self.unit)
        return placed * np.float32(self.stretch.get(level, 1.0))

    def probe(self, vector: Vectors, weights: Mapping[str, float] | None = None) -> Probe:
        """Return a query vector (d,) ready to be compared with items; ``weights`` multiply modalities."""
        make = cosine_probe if self.unit else projection_probe
        return make(vector, self.blocks, weights)

    def _mean(self, level: str, dimension: int) -> Vectors:
        return self.means.get(level, np.zeros(dimension, dtype=np.float32))


def _shrunk_mean(
    vectors: Vectors, blocks: Mapping[str, slice], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean (d,) over the items that have a block at all, drawn towards ``prior`` where they are few."""
    mean = np.array(prior, dtype=np.float64)
    for block in blocks.values():
        part = vectors[:, block]
        total = part.sum(axis=0, dtype=np.float64) + SHRINKAGE * prior[block]
        mean[block] = total / (np.count_nonzero(_squares(part)) + SHRINKAGE)
    return mean


def _stretches(items: Vectors, rows: Mapping[str, NDArray[np.bool_]], finest: str) -> dict[str, float]:
    """What brings the root mean square length of each level to that of the finest.

    A level of few items borrows from all, as its mean does.
    """
    squares = np.square(items, dtype=np.float64).sum(axis=1)
    overall = float(squares.mean())
    spread = {
        level: float((squares[mine].sum() + SHRINKAGE * overall) / (mine.sum() + SHRINKAGE))
        for level, mine in rows.items()
    }
    return {
        level: float(np.sqrt(spread.get(finest, overall) / s)) if s > 0 else 1.0
        for level, s in spread.items()
    }


def _centre(vectors: Vectors, mean: Vectors, blocks: Mapping[str, slice], unit: bool) -> Vectors:
    """Return ``vectors − mean``, each block at unit length if ``unit``; empty blocks stay zero."""
    centred = np.zeros(vectors.shape, dtype=np.float32)
    for block in blocks.values():
        part, moved = vectors[:, block], centred[:, block]
        good = _squares(part) > 0
        np.subtract(part, mean[block], out=moved, casting="same_kind")
        if unit:
            norms = np.sqrt(_squares(moved))
            good &= norms > 1e-9
            moved /= np.where(good, norms, 1.0)[:, None]
        moved[~good] = 0.0
    return centred


def _squares(part: Vectors) -> NDArray[np.float32]:
    """Squared lengths (n,) of the rows."""
    return np.einsum("ij,ij->i", part, part)


@dataclass(frozen=True, eq=False)
class Probe:
    """A query, ready to be compared with the items of a space.

    Attributes:
        directions: float32 (d,), zero in a block where the query says nothing.
        shares: weight per modality.
        blocks: columns per modality.
    """

    directions: Vectors
    shares: Mapping[str, float]
    blocks: Mapping[str, slice]

    @property
    def weights(self) -> Vectors:
        """float32 (d,): what each column of an item adds to its score."""
        weights = self.directions.copy()
        for name, block in self.blocks.items():
            weights[block] *= self.shares[name]
        return weights

    def score(self, items: Vectors) -> NDArray[np.float32]:
        """float32 (n,): Σ over modalities of share × agreement, for items (n, d)."""
        return items @ self.weights

    def parts(self, items: Vectors) -> dict[str, NDArray[np.float64]]:
        """The summands of :meth:`score`, float64 (n,) per modality."""
        return {
            name: (self.shares[name] * (items[:, block] @ self.directions[block])).astype(np.float64)
            for name, block in self.blocks.items()
        }


def cosine_probe(
    vector: Vectors, blocks: Mapping[str, slice], weights: Mapping[str, float] | None = None
) -> Probe:
    """Split a query vector (d,) into unit blocks, each weighing its part of the squared length.

    ``weights`` multiply the shares, 1 where not given.
    """
    energy = {name: float(np.square(vector[b], dtype=np.float64).sum()) for name, b in blocks.items()}
    total = sum(energy.values())
    directions = np.zeros(len(vector), dtype=np.float32)
    shares = dict.fromkeys(blocks, 0.0)
    for name, block in blocks.items():
        if energy[name] > 0:
            directions[block] = vector[block] / np.sqrt(energy[name])
            shares[name] = energy[name] / total * (weights or {}).get(name, 1.0)
    return Probe(directions, shares, blocks)


def projection_probe(
    vector: Vectors, blocks: Mapping[str, slice], weights: Mapping[str, float] | None = None
) -> Probe:
    """Weigh the asked columns, so that the absolute weights add up to one.

    The score of an item is then the weighted mean, over the asked columns, of how far it lies from what is
    usual on its level in the asked direction: 0 is as usual, and 1 is a whole unit of the attribute's scale
    above that in everything asked. ``weights`` multiply modalities, 1 where not given.
    """
    total = float(np.abs(vector).sum(dtype=np.float64))
    directions = (vector / total if total > 0 else np.zeros_like(vector)).astype(np.float32)
    return Probe(directions, {name: (weights or {}).get(name, 1.0) for name in blocks}, blocks)
