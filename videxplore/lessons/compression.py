"""Lossy compression of vectors: fewer dimensions, fewer bits, and which neighbours are lost by either."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips
from videxplore.lessons.quantisation import (
    fit_eight_bits,
    fit_product_codes,
    hamming,
    sign_bits,
)
from videxplore.lessons.reduction import Axes, fit_axes
from videxplore.lessons.similarity import centred, compare, nearest, recall

FORMATS = ("float32", "int8", "binary", "product codes")
"""How a number is kept, in 32 bits, 8, 1, or half a bit."""

_COARSE = ("binary", "product codes")

ORDERS = ("principal axes", "columns as they come", "random axes")
"""Which dimensions come first where only some are kept."""

K = 10
"""Neighbours that are looked for."""

OVERSAMPLED = 4
"""Candidates per neighbour that are scored again in full precision."""


@dataclass(frozen=True, eq=False)
class Code:
    """Vectors as they are after compression.

    Attributes:
        restored: float64 (n, d), what is left of each vector, in the dimensions that were kept.
        bits: per vector.
        scores: float64 (n, n), how near each is to each by what is left; the diagonal is −inf.
    """

    restored: NDArray[np.float64]
    bits: int
    scores: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Compressor:
    """Compresses the vectors of clips in every way that the lesson tries, and measures what is lost.

    Vectors are taken around their mean at unit length; neighbours are exact cosines of those.

    Attributes:
        clips: whose vectors they are.
        seed: of random axes and of codebooks.
    """

    clips: Clips
    seed: int = 0
    _codes: dict[tuple[int, str, str], Code] = field(default_factory=dict, init=False)
    _found: dict[tuple[int, str, str, bool], NDArray[np.intp]] = field(default_factory=dict, init=False)

    @cached_property
    def vectors(self) -> NDArray[np.float64]:
        """float64 (n, d), around their mean, unit length."""
        return centred(self.clips.embeddings.vectors)

    @cached_property
    def exact(self) -> NDArray[np.float64]:
        """float64 (n, n), cosines in full precision; the diagonal is −inf."""
        scores = compare(self.vectors, self.vectors)
        np.fill_diagonal(scores, -np.inf)
        return scores

    @cached_property
    def wanted(self) -> NDArray[np.intp]:
        """(n, K), the true neighbours."""
        return nearest(self.exact, K, seed=self.seed)

    @cached_property
    def _axes(self) -> Axes:
        return fit_axes(self.vectors)

    @property
    def dimensions(self) -> int:
        """Of a vector in full."""
        return int(self.vectors.shape[1])

    def steps(self) -> tuple[int, ...]:
        """Powers of two up to the number of dimensions, and that number itself."""
        powers = [2**i for i in range(1, 12) if 2**i < self.dimensions]
        return (*powers, self.dimensions)

    def kept(self, dimensions: int, order: str) -> NDArray[np.float64]:
        """Return the vectors (n, dimensions) in the dimensions that are kept.

        Raises:
            ValueError: an unknown order, or more dimensions than there are.
        """
        if not 1 <= dimensions <= self.dimensions:
            raise ValueError(f"dimensions must be 1 to {self.dimensions}, got {dimensions}.")
        if order == "principal axes":  # there are no more of them than vectors
            return self.vectors @ self._axes.directions[:dimensions].T
        if order == "columns as they come":
            return self.vectors[:, :dimensions]
        if order == "random axes":
            return self.vectors @ random_rotation(self.dimensions, self.seed)[:, :dimensions]
        raise ValueError(f"order must be one of {', '.join(ORDERS)}, got {order!r}.")

    def code(self, dimensions: int, format: str, order: str = ORDERS[0]) -> Code:
        """Return the vectors compressed; the same is made once.

        Raises:
            ValueError: an unknown format or order, or more dimensions than there are.
        """
        key = dimensions, format, order
        if key not in self._codes:
            kept = self.kept(dimensions, order)
            # Coarse codes want columns that all say equally much: principal axes are turned at random first.
            turned = kept @ random_rotation(kept.shape[1], self.seed) if format in _COARSE else kept
            self._codes[key] = encode(turned, format, seed=self.seed)
        return self._codes[key]

    def found(
        self, dimensions: int, format: str, order: str = ORDERS[0], *, rescored: bool = False
    ) -> NDArray[np.intp]:
        """Return (n, K), the neighbours that are found after compression.

        Args:
            dimensions: that are kept.
            format: one of :data:`FORMATS`.
            order: one of :data:`ORDERS`.
            rescored: whether four times as many candidates are scored again by their full vectors, which
                must then be kept somewhere too.
        """
        key = dimensions, format, order, rescored
        if key not in self._found:
            self._found[key] = self._find(self.code(dimensions, format, order).scores, rescored)
        return self._found[key]

    def _find(self, scores: NDArray[np.float64], rescored: bool) -> NDArray[np.intp]:
        if not rescored:
            return nearest(scores, K, seed=self.seed)
        pool = nearest(scores, min(OVERSAMPLED * K, len(scores) - 1), seed=self.seed)
        again = np.take_along_axis(self.exact, pool, axis=1)
        return np.take_along_axis(pool, nearest(again, K, seed=self.seed), axis=1)

    def recall(
        self, dimensions: int, format: str, order: str = ORDERS[0], *, rescored: bool = False
    ) -> float:
        """Return the mean share of the K true neighbours that are found."""
        return float(recall(self.found(dimensions, format, order, rescored=rescored), self.wanted).mean())

    def curve(
        self, format: str, order: str = ORDERS[0], *, rescored: bool = False
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return bits per vector and recall at each of :meth:`steps`."""
        steps = self.steps()
        bits = [float(self.code(step, format, order).bits) for step in steps]
        return np.array(bits), np.array([self.recall(s, format, order, rescored=rescored) for s in steps])

    @property
    def chance(self) -> float:
        """Recall of K clips drawn by lot."""
        return K / (len(self.clips) - 1)


@cache
def random_rotation(size: int, seed: int) -> NDArray[np.float64]:
    """Return an orthogonal matrix (size, size), as PCA followed by a random rotation takes it.

    The baseline of Gong & Lazebnik, "Iterative quantization" (2011), and as good as needed before one bit.
    """
    made, triangle = np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))
    return made * np.sign(np.diag(triangle))


def encode(vectors: NDArray[np.floating], format: str, *, seed: int = 0) -> Code:
    """Return vectors (n, d) in one of :data:`FORMATS`.

    Clips that ask are in float32, clips that answer are compressed; with one bit per number both are, and the
    number of equal bits tells how near they are.

    Raises:
        ValueError: an unknown format.
    """
    values = np.asarray(vectors, np.float32).astype(np.float64)
    size = values.shape[1]
    if format == "binary":
        signs = sign_bits(values)
        restored, bits = np.where(signs, 1.0, -1.0), size
        scores = -hamming(signs, signs).astype(np.float64)
    else:
        if format == "float32":
            restored, bits = values, 32 * size
        elif format == "int8":
            steps = fit_eight_bits(values)
            restored, bits = steps.decode(steps.encode(values)), 8 * size
        elif format == "product codes":
            books = fit_product_codes(values, seed=seed)
            restored, bits = books.decode(books.encode(values)), books.bits
        else:
            raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}.")
        scores = compare(values, restored)
    np.fill_diagonal(scores, -np.inf)
    return Code(restored, bits, scores)


def rates(clips: Clips) -> dict[str, float]:
    """Return bits per second of what can stand for the clips, from the films' pixels to a mere number.

    Pixels are counted as they come out of the decoder, three bytes each; sound is left out there.
    """
    snapshot = clips.footage.snapshot()
    assert snapshot is not None  # noqa: S101 - it had clips
    rows = [snapshot.videos[video_id] for video_id in {s.video_id for s in clips.segments}]
    total_s = sum(float(row["duration_s"]) for row in rows)
    pixels = sum(24 * row["width"] * row["height"] * row["fps"] * row["duration_s"] for row in rows)
    size, vectors = clips.embeddings.vectors.shape[1], len(clips) / total_s
    return {
        "the films' pixels": pixels / total_s,
        "their files": 8 * sum(float(row["size_bytes"]) for row in rows) / total_s,
        "vectors, float32": 32 * size * vectors,
        "vectors, int8": 8 * size * vectors,
        "vectors, binary": size * vectors,
        "the number of each clip": math.log2(len(clips)) * vectors,
    }
