"""What the parts of a library's map are about, in words."""

from __future__ import annotations

import numpy as np

from videxplore.stages.projection.regions import find_regions
from videxplore.stages.store.fulltext import content_words
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.vectors import Embeddings, Projection, Region, attribute_word
from videxplore.workbench.opened import OpenedLibrary

Bag = dict[str, float]
"""Weight per word."""

_NOTABLE = 1.0


def regions(library: OpenedLibrary, projection: Projection, *, most: int = 12) -> list[Region]:
    """Find the dense parts of a map and name each by what sets it apart.

    Words come from transcripts and, where the encoder's columns have names, from attributes that lie at least
    one standard deviation above their mean over the library's segments.

    Args:
        library: that the map is of.
        projection: the map; segments that the library no longer has say nothing.
        most: at most so many regions.
    """
    snapshot = library.snapshot()
    known = {} if snapshot is None else segment_words(snapshot)
    return find_regions(projection, [known.get(i, {}) for i in projection.segment_ids], most=most)


def segment_words(snapshot: Snapshot) -> dict[str, Bag]:
    """What is said in each segment, and the attributes that stand out in it, by segment id."""
    bags = attribute_words(snapshot.embeddings())
    known = {s.segment_id: bag for s, bag in zip(snapshot.segments, bags, strict=True)}
    for segment, said in zip(snapshot.segments, snapshot.transcripts, strict=True):
        bag = known[segment.segment_id]
        for word in content_words(said):
            bag[word] = bag.get(word, 0.0) + 1.0
    return known


def attribute_words(embeddings: Embeddings) -> list[Bag]:
    """Attributes far above their mean, each weighing its distance in standard deviations."""
    names = embeddings.card.names
    if not names or not len(embeddings):
        return [{} for _ in range(len(embeddings))]
    values = embeddings.attributes.astype(np.float64)
    spread = values.std(axis=0)
    apart = np.divide(values - values.mean(axis=0), spread, out=np.zeros_like(values), where=spread > 1e-9)
    named = np.array([bool(name) for name in names])
    bags = []
    for row in apart:
        bag: Bag = {}
        for j in np.flatnonzero((row >= _NOTABLE) & named):
            word = attribute_word(names[j])
            bag[word] = max(bag.get(word, 0.0), float(row[j]))
        bags.append(bag)
    return bags
