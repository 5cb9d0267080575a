"""Regions of a map, and what to call them.

Regions are found where points lie densely on the map (HDBSCAN; Campello, Moulavi & Sander, 2013): a label
names what the eye sees together, and says nothing that the map does not. Their names are the words that are
frequent in a region and rare elsewhere, by the class-based tf-idf of Grootendorst (BERTopic, 2022). Where it
is known which words mean nearly the same, these count as one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.values.vectors import Projection, Region

_LEAST = 5
"""Points of the smallest region, and one in forty where there are more than 200."""

_SHARE = 40

Alike = Callable[[list[str]], NDArray[np.bool_]]
"""n words to bool (n, n): which of them mean nearly the same."""

_CANDIDATES = 12
"""Words of a region, the most telling first, that are compared by meaning."""


def find_regions(
    projection: Projection,
    words: Sequence[Mapping[str, float]],
    *,
    most: int = 12,
    terms: int = 2,
    alike: Alike | None = None,
) -> list[Region]:
    """Find the regions of a map and name them, largest first.

    Args:
        projection: n segments; its leaves make the regions, parents lie amid them.
        words: n bags of words, each word with its weight: what is said in a segment, what it is.
        most: at most so many regions.
        terms: words per name.
        alike: says which words mean nearly the same and count as one.

    Raises:
        ValueError: ``words`` has another length.
    """
    if len(words) != len(projection):
        raise ValueError(f"words must have n = {len(projection)} entries, got {len(words)}.")
    parents = {p for p in projection.parent_ids if p is not None}
    leaves = np.array([i for i, s in enumerate(projection.segment_ids) if s not in parents], dtype=np.intp)
    if len(leaves) < 2 * _LEAST:
        return []
    found = [leaves[dense] for dense in _dense_parts(projection.xy[leaves])]
    groups = sorted(found, key=lambda rows: (-len(rows), rows[0]))[:most]
    bags = [_gathered(words[i] for i in rows) for rows in groups]
    names = telling_words(bags, _gathered(words[i] for i in leaves), terms, alike)
    regions = []
    for rows, name in zip(groups, names, strict=True):
        xy = projection.xy[rows].astype(float)
        middle = xy[np.square(xy - xy.mean(axis=0)).sum(axis=1).argmin()]
        regions.append(Region(name, rows, (float(middle[0]), float(middle[1]))))
    return regions


def _dense_parts(xy: NDArray[np.float32]) -> list[NDArray[np.intp]]:
    from sklearn.cluster import HDBSCAN

    labels = HDBSCAN(min_cluster_size=max(_LEAST, len(xy) // _SHARE), copy=True).fit_predict(xy.astype(float))
    return [np.flatnonzero(labels == label) for label in range(labels.max() + 1)]


def _gathered(bags: Iterable[Mapping[str, float]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for bag in bags:
        total.update(bag)
    return total


def telling_words(
    bags: Sequence[Mapping[str, float]],
    everything: Mapping[str, float],
    terms: int,
    alike: Alike | None = None,
) -> list[str]:
    """Name each bag by the words it has more of than chance would give it, each name once.

    Args:
        bags: weight per word, per region.
        everything: weight per word over all points, those in no region too.
        terms: words per name.
        alike: says which words count as one.
    """
    ranked = [_ranked(_scores(bag, everything, len(bags))) for bag in bags]
    if alike is not None:
        ranked = [_joined(score, alike) for score in ranked]
    names: list[str] = []
    for best in ranked:
        name = ""
        for first in best:
            name = " · ".join(_unlike([first, *best], terms))
            if name not in names:
                break
        names.append("" if name in names else name)
    return names


def _scores(bag: Mapping[str, float], everything: Mapping[str, float], count: int) -> dict[str, float]:
    """Class-based tf-idf of the words that one of ``count`` bags has more of than chance would give it."""
    total = math.fsum(everything.values())
    size = math.fsum(bag.values())
    return {
        word: weight / size * math.log(1 + total / count / everything[word])
        for word, weight in bag.items()
        if weight / size > everything[word] / total
    }


def _ranked(score: Mapping[str, float]) -> dict[str, float]:
    """The same, highest first."""
    return dict(sorted(score.items(), key=lambda entry: (-entry[1], entry[0])))


def _joined(score: Mapping[str, float], alike: Alike) -> dict[str, float]:
    """Let the best words stand for those that mean nearly the same, with the scores of all."""
    words = list(score)[:_CANDIDATES]
    same = alike(words)
    heads: dict[int, float] = {}
    for i, word in enumerate(words):
        head = next((j for j in heads if same[i, j]), i)
        heads[head] = heads.get(head, 0.0) + score[word]
    return _ranked({words[i]: weight for i, weight in heads.items()})


def _unlike(words: Sequence[str], most: int) -> list[str]:
    """The first of the words that share no part: "centre purple" makes "purple" needless."""
    kept: list[str] = []
    for word in words:
        if len(kept) < most and not any(set(word.split()) & set(other.split()) for other in kept):
            kept.append(word)
    return kept
