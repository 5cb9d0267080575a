"""Hubs and ties: clips that are everybody's neighbour, clips that are nobody's, and neighbours by lot.

Radovanović, Nanopoulos & Ivanović, *Hubs in Space* (2010): of N_k, how often a thing is among the k nearest
of others, the mean is k whatever happens; its skewness tells whether few things take it all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips
from videxplore.lessons.quantisation import sign_bits
from videxplore.lessons.similarity import centred, compare, nearest
from videxplore.values.charts import Curves, Lane, Line, Scene, two_decimals

SPACES = ("vectors", "their signs", "pixels", "spectra")
"""What clips are compared by."""

_DIGITS = 9
_SHOWN = 6


@dataclass(frozen=True, eq=False)
class Popularity:
    """How often each of n things is among the k nearest of the others.

    Attributes:
        counts: int (n,), their mean is k.
        k: neighbours.
        tied: share of things whose k-th and next neighbour are equally near, so that a lot decides.
    """

    counts: NDArray[np.intp]
    k: int
    tied: float

    @property
    def skewness(self) -> float:
        """Third standardised moment of the counts; 0 where they are symmetric or all equal."""
        off = self.counts - self.counts.mean()
        spread = float(np.sqrt(np.square(off).mean()))
        return float((off**3).mean() / spread**3) if spread else 0.0

    @property
    def unreached(self) -> float:
        """Share of things that are nobody's neighbour (anti-hubs)."""
        return float((self.counts == 0).mean())


def count_neighbours(vectors: NDArray[np.floating], k: int, measure: str, *, seed: int = 0) -> Popularity:
    """Return how often each vector (n, d) is among the k nearest of the others.

    Args:
        vectors: things.
        k: neighbours, below n − 1.
        measure: one of :data:`~videxplore.lessons.similarity.MEASURES`.
        seed: of the lot among equals.
    """
    scores = compare(vectors, vectors, measure)
    np.fill_diagonal(scores, -np.inf)
    order = np.round(-np.sort(-scores, axis=1), _DIGITS)
    counts = np.bincount(nearest(scores, k, seed=seed).ravel(), minlength=len(vectors))
    return Popularity(counts, k, float((order[:, k - 1] == order[:, k]).mean()))


def space(clips: Clips, name: str) -> NDArray[np.float64]:
    """Return what clips are compared by, float64 (n, d).

    Raises:
        ValueError: none of :data:`SPACES`.
    """
    if name == "vectors":
        return clips.embeddings.attributes.astype(np.float64)
    if name == "their signs":
        return np.where(sign_bits(centred(clips.embeddings.attributes)), 1.0, -1.0)
    if name in ("pixels", "spectra"):
        return (clips.pixels if name == "pixels" else clips.spectra).astype(np.float64)
    raise ValueError(f"name must be one of {', '.join(SPACES)}, got {name!r}.")


def show_hubs(clips: Clips, popularity: Popularity, by: str) -> Scene:
    """Return how the places among neighbours are shared out, the most wanted clips and those nobody wants.

    Args:
        clips: that were counted.
        popularity: of them.
        by: what they were compared by, in words.
    """
    n, counts = len(clips), popularity.counts
    x = np.arange(n, dtype=np.float64) + 1
    fair = np.full(n, float(popularity.k))
    chart = Curves(
        "Who is whose neighbour?",
        (
            Line("counted", x, np.sort(counts)[::-1].astype(np.float64)),
            Line("if shared out evenly", x, fair, dashed=True),
        ),
        "clips, the most wanted first",
        f"how often among the {popularity.k} nearest of others",
        f"n = {n} clips, k = {popularity.k}, {by}; of equals one by lot, seed 0.",
        x_log=True,
        x_ticks=(1, 2, 5, 10, 20, 50, 100, 200),
    )
    said = (
        f"The first clip is a neighbour of {counts.max()} others; {popularity.unreached:.0%} of the clips "
        f"are nobody's. Skewness {two_decimals(popularity.skewness)}. For {popularity.tied:.0%} of the clips "
        "a lot decides who is the last neighbour."
    )
    order = np.argsort(-counts, kind="stable")
    top = order[:_SHOWN].tolist()
    none = [row for row in order[::-1].tolist() if counts[row] == 0][:_SHOWN]
    lanes = [
        Lane("everybody's neighbours", [clips.ids[i] for i in top], [f"of {counts[i]}" for i in top], "up"),
        Lane("nobody's neighbours", [clips.ids[i] for i in none], (), "left", "none: each is someone's"),
    ]
    return Scene(chart, said, lanes)
