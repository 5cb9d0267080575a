"""Two versions of an encoder on the same clips: shared neighbours, and one turned onto the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videxplore.lessons.clips import Clips, Truth
from videxplore.lessons.dilution import Seconds
from videxplore.lessons.exam import HELD, hold_out, name_moments
from videxplore.lessons.reduction import fit_axes
from videxplore.lessons.similarity import compare, unit
from videxplore.lessons.towers import CAPTIONS, WIDTH, caption, train_towers
from videxplore.stages.evaluation.spaces import Neighbourhoods, compare_neighbours, shared_chance
from videxplore.stages.licensing.intervals import jackknife_interval
from videxplore.stages.pooling import normalise, pool_ranges
from videxplore.stages.projection.alignment import align
from videxplore.values.media import Span
from videxplore.values.vectors import Embeddings, EncoderCard

POOLED, AXES, SEED, WORDS = "pooled otherwise", "axes fitted anew", "trained anew", "trained on sentences"
CHANGES = (POOLED, AXES, SEED, WORDS)
"""What can happen to an encoder between two versions, from the least."""

K = 10
"""Neighbours that are looked at where nothing else is said."""

ANCHORS = (5, 10, 20, 40, 60, 80)
"""Clips that both versions have seen, by which one is turned onto the other."""

ASKED = ("the anchors", "other clips of their films", "other films")
"""Who is looked for after the turn."""

DRAWS = 10
"""Draws of anchors."""

Rows = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Change:
    """The same clips by two versions of an encoder.

    Attributes:
        name: what was changed.
        old: vectors of the first version, with its card.
        new: vectors of the second, as many dimensions: nothing but the card tells them apart.
        films: file name of each clip (n,).
    """

    name: str
    old: Embeddings
    new: Embeddings
    films: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.films)

    @property
    def pair(self) -> tuple[Rows, Rows]:
        """Old and new vectors, float64 (n, d) each, at unit length."""
        return self.old.vectors.astype(np.float64), self.new.vectors.astype(np.float64)


def make_changes(clips: Clips, truth: Mapping[str, Truth], seconds: Seconds) -> dict[str, Change]:
    """Encode clips by two versions, for each of :data:`CHANGES`.

    * Pooled otherwise: the mean of a clip's seconds; by the rules of the encoder's card, which keep events.
    * Axes fitted anew: as many principal axes as a tower is wide, of two thirds of the films; of all of them.
    * Trained anew: the tower of lesson 2 for video, of two thirds of the films; again, with another seed.
    * Trained on sentences: the same tower by tags; by sentences of the script.

    Args:
        clips: n clips.
        truth: file name -> the script of a film.
        seconds: of the same films.
    """
    moments = name_moments(clips, truth)
    held = hold_out(clips, moments, HELD[0])[0]
    tags, sentences = (caption(clips, truth, kind) for kind in CAPTIONS)
    towers = [
        train_towers(clips, words, moments, held, seed=seed).video[-1]
        for words, seed in ((tags, 0), (tags, 1), (sentences, 0))
    ]
    measured = clips.embeddings.attributes
    axes = [fit_axes(some).reduce(measured, WIDTH) for some in (measured[~held], measured)]
    each, runs = np.ones(len(seconds)), find_runs(clips, seconds)
    pools = [pool_ranges(seconds.values, each, runs, rules)[0] for rules in ((), seconds.pooling)]
    made: dict[str, Sequence[NDArray[np.floating]]]
    made = {POOLED: pools, AXES: axes, SEED: towers[:2], WORDS: towers[::2]}
    return {name: _change(clips, name, *pair) for name, pair in made.items()}


def find_runs(clips: Clips, seconds: Seconds) -> NDArray[np.intp]:
    """Return the first second of each clip and the one after its last, (n, 2); never none."""
    middles = np.array([(span.start_s + span.end_s) / 2 for span in seconds.spans])
    runs = []
    for film, segment in zip(clips.films, clips.segments, strict=True):
        rows = seconds.rows_of(film, Span(segment.start_s, segment.end_s))
        if not len(rows):  # shorter than a second: the one nearest to its middle
            off = np.abs(middles - (segment.start_s + segment.end_s) / 2)
            rows = np.argmin(np.where(seconds.films == film, off, np.inf), keepdims=True)
        runs.append((rows[0], rows[-1] + 1))
    return np.array(runs)


def _change(clips: Clips, name: str, old: NDArray[np.floating], new: NDArray[np.floating]) -> Change:
    """Two versions with a card each: the cards tell them apart, the numbers do not."""
    made = []
    for revision, vectors in (("1", old), ("2", new)):
        rows, lengths = normalise(vectors)
        senses = ("visual", "audio")
        card = EncoderCard(f"lesson: {name}", rows.shape[1], modalities=senses, revision=revision)
        one = np.ones(len(rows), np.float32)
        made.append(replace(clips.embeddings, vectors=rows, card=card, magnitudes=lengths, coherence=one))
    return Change(name, made[0], made[1], clips.films)


@dataclass(frozen=True, eq=False)
class Overlap:
    """What two versions have in common among the k nearest.

    Attributes:
        first: neighbours of every clip in the old version, nearest first, (n, k).
        second: in the new one, (n, k).
        shared: how many of a clip's neighbours both have, (n,).
        value: share that both have, mean over the clips.
        low: low end of its 95 % interval over films.
        high: high end.
        chance: share that versions which know nothing of each other have in common.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    shared: NDArray[np.intp]
    value: float
    low: float
    high: float
    chance: float


def measure_overlap(change: Change, sizes: Sequence[int] = (K,)) -> dict[int, Overlap]:
    """Return what share of the k nearest both versions find, for each k of ``sizes``.

    The interval leaves out one film at a time, as a clip that asks and as one that is found (jackknife, Tukey
    1958, with Student's t). Films are what was drawn; and a film whose vectors moved spoils the neighbours of
    others, so that leaving out its own clips' figures alone covers the truth too rarely.

    Args:
        change: of n clips.
        sizes: numbers of neighbours, fewer than clips are left without the largest film.
    """
    old, new = change.pair
    most = max(sizes)
    names, counts = np.unique(change.films, return_counts=True)
    kept = [change.films != name for name in names]
    near = compare_neighbours(old, new, most)
    without = [compare_neighbours(old[rest], new[rest], most) for rest in kept]
    overlaps = {}
    for k in sizes:
        shared, others = _shared(near, k), [_shared(part, k).mean() / k for part in without]
        value = float(shared.mean() / k)
        low, high = jackknife_interval(value, others, counts, logarithmic=False)
        bounds = max(low, 0.0), min(high, 1.0)
        chance = shared_chance(len(change), k)
        overlaps[k] = Overlap(near.first[:, :k], near.second[:, :k], shared, value, *bounds, chance)
    return overlaps


def _shared(near: Neighbourhoods, k: int) -> NDArray[np.intp]:
    """How many of the first k neighbours the two spaces have in common, (n,)."""
    both: NDArray[np.intp] = np.sum(near.first[:, :k, None] == near.second[:, None, :k], axis=(1, 2))
    return both


def turn(old: Rows, new: Rows, anchors: NDArray[np.bool_]) -> Rows:
    """Return old vectors as they come to lie among the new ones, float64 (n, d) at unit length.

    Moved, turned and scaled as a whole, so that the anchors come as near as can be to where the new version
    has them: orthogonal Procrustes (Schönemann 1966; with scale Schönemann & Carroll 1970).

    Args:
        old: (n, d).
        new: (n, d); only rows of anchors are looked at.
        anchors: bool (n,), two at least.
    """
    return unit(align(old, np.where(anchors[:, None], new, np.nan)))


def rank_self(turned: Rows, new: Rows, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return how many clips of the new version are nearer to a turned clip than it is itself, (m,).

    Args:
        turned: (n, d) from :func:`turn`.
        new: (n, d).
        rows: of the clips that are looked for, (m,).
    """
    scores = compare(turned[rows], new)
    return (scores > scores[np.arange(len(rows)), rows][:, None] + 1e-9).sum(axis=1)


def draw_anchors(films: NDArray[np.str_], count: int, seed: int) -> dict[str, NDArray[np.intp]]:
    """Return rows of anchors, drawn from two thirds of the films, of their other clips, and of other films.

    Args:
        films: file name of each clip (n,).
        count: anchors.
        seed: of the draw.

    Returns:
        One of :data:`ASKED` -> rows.
    """
    rng = np.random.default_rng(seed)
    names = rng.permutation(np.unique(films))
    known = np.isin(films, names[: round(len(names) * 2 / 3)])
    inside = rng.permutation(np.flatnonzero(known))
    parts = inside[:count], np.sort(inside[count:]), np.flatnonzero(~known)
    return dict(zip(ASKED, parts, strict=True))


def find_again(
    change: Change, counts: Sequence[int] = ANCHORS, *, draws: int = DRAWS, seed: int = 0
) -> dict[str, Rows]:
    """Return how many clips are nearest to themselves after the turn, by number of anchors.

    Args:
        change: of n clips.
        counts: numbers of anchors.
        draws: of anchors, for each number.
        seed: of the first draw.

    Returns:
        One of :data:`ASKED` -> float64 (counts, draws).
    """
    old, new = change.pair
    found = {who: np.zeros((len(counts), draws)) for who in ASKED}
    for i, count in enumerate(counts):
        for j in range(draws):
            parts = draw_anchors(change.films, count, seed + j)
            anchors = np.isin(np.arange(len(change)), parts[ASKED[0]])
            turned = turn(old, new, anchors)
            for who, rows in parts.items():
                found[who][i, j] = (rank_self(turned, new, rows) == 0).mean()
    return found
