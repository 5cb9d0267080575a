"""Making vectors of different levels and modalities comparable, and scoring them.

A plain cosine mis-draws levels: a parent's vector is pulled towards the corpus mean, which generic queries
like. So items are centred per level, and each modality block is compared by its own cosine
(GR-CLIP, arXiv 2507.19054, 2025, centres per modality in the same way).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.values.vectors import EncoderCard

Vectors = NDArray[np.float32]

SHRINKAGE = 8.0
"""Weight, in items, of the wider mean in a level's mean: centred on their own mean, the two halves of a
match would be exact opposites and every query would find one of them."""


@dataclass(frozen=True, eq=False)
class Space:
    """Vectors centred per level, each modality block scaled to unit length.

    Attributes:
        units: float32 (n, d); a block of zeros where an item has nothing in that modality.
        means: float32 (d,) per level.
        blocks: columns per modality.
    """

    units: Vectors
    means: Mapping[str, Vectors]
    blocks: Mapping[str, slice]

    @classmethod
    def fit(cls, vectors: Vectors, levels: NDArray[np.str_], card: EncoderCard) -> Space:
        """Centre ``vectors``.

        Args:
            vectors: float32 (n, d), unit length: on the encoder's own scale a few strong items would make
                the mean of their level.
            levels: (n,) level names.
            card: of the vectors.
        """
        blocks = card.slices()
        overall = _shrunk_mean(vectors, blocks, np.zeros(card.dimension))
        means = {
            str(level): _shrunk_mean(vectors[levels == level], blocks, overall).astype(np.float32)
            for level in np.unique(levels)
        }
        units = np.empty_like(vectors, dtype=np.float32)
        for level, mean in means.items():
            units[levels == level] = centred_units(vectors[levels == level], mean, blocks)
        return cls(units, means, blocks)

    def centred(self, vector: Vectors, level: str) -> Vectors:
        """Return an item's vector (d,) of ``level`` less the level's mean; blocks keep their lengths."""
        mean = self.means.get(level, np.zeros_like(vector))
        moved = np.zeros_like(vector, dtype=np.float32)
        for block in self.blocks.values():
            if np.any(vector[block] != 0):
                moved[block] = vector[block] - mean[block]
        return moved

    def place(self, vectors: Vectors, level: str) -> Vectors:
        """Centre and scale further vectors (m, d) as if they were items of ``level``."""
        mean = self.means.get(level)
        if mean is None:
            mean = np.zeros(vectors.shape[1], dtype=np.float32)
        return centred_units(vectors, mean, self.blocks)


def _shrunk_mean(
    vectors: Vectors, blocks: Mapping[str, slice], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean (d,) over the items that have a block at all, drawn towards ``prior`` where they are few."""
    mean = np.array(prior, dtype=np.float64)
    for block in blocks.values():
        part = vectors[:, block]
        part = part[np.any(part != 0, axis=1)]
        total = part.sum(axis=0, dtype=np.float64) + SHRINKAGE * prior[block]
        mean[block] = total / (len(part) + SHRINKAGE)
    return mean


def centred_units(vectors: Vectors, mean: Vectors, blocks: Mapping[str, slice]) -> Vectors:
    """Return ``vectors − mean`` with each block at unit length; empty blocks stay zero."""
    units = np.zeros(vectors.shape, dtype=np.float32)
    for block in blocks.values():
        part = vectors[:, block]
        present = np.any(part != 0, axis=1)
        moved = part - mean[block]
        norms = np.linalg.norm(moved, axis=1)
        good = present & (norms > 1e-9)
        units[good, block] = moved[good] / norms[good, None]
    return units


@dataclass(frozen=True, eq=False)
class Probe:
    """A query, ready to be compared with unit items.

    Attributes:
        directions: float32 (d,), each block at unit length, or zero where the query says nothing there.
        shares: weight per modality: the block's part of the query's squared length, times the user's weight.
        blocks: columns per modality.
    """

    directions: Vectors
    shares: Mapping[str, float]
    blocks: Mapping[str, slice]

    @classmethod
    def of(
        cls, vector: Vectors, blocks: Mapping[str, slice], weights: Mapping[str, float] | None = None
    ) -> Probe:
        """Split a query vector (d,) into blocks; ``weights`` multiply the shares, 1 where not given."""
        energy = {name: float(np.square(vector[b], dtype=np.float64).sum()) for name, b in blocks.items()}
        total = sum(energy.values())
        directions = np.zeros(len(vector), dtype=np.float32)
        shares = dict.fromkeys(blocks, 0.0)
        for name, block in blocks.items():
            if energy[name] > 0:
                directions[block] = vector[block] / np.sqrt(energy[name])
                shares[name] = energy[name] / total * (weights or {}).get(name, 1.0)
        return cls(directions, shares, blocks)

    def score(self, units: Vectors) -> NDArray[np.float32]:
        """float32 (n,): Σ over modalities of share × cosine, for unit items (n, d)."""
        weighted = self.directions.copy()
        for name, block in self.blocks.items():
            weighted[block] *= self.shares[name]
        return units @ weighted

    def parts(self, units: Vectors) -> dict[str, NDArray[np.float64]]:
        """The summands of :meth:`score`, float64 (n,) per modality."""
        return {
            name: self.shares[name] * (units[:, block].astype(np.float64) @ self.directions[block])
            for name, block in self.blocks.items()
        }
