"""What the parts of a library's map are about, in words."""

from __future__ import annotations

from collections.abc import Container
from functools import partial

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.sentences import SentenceEncoder, has_bundled
from videxplore.stages.projection.regions import find_regions
from videxplore.stages.store.fulltext import content_words
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.checks import check_kind
from videxplore.values.vectors import Embeddings, EncoderCard, Projection, Region, attribute_word
from videxplore.workbench.opened import OpenedLibrary

Bag = dict[str, float]
"""Weight per word."""

_NOTABLE = 1.0

_ALIKE = 0.75
"""Cosine of all-MiniLM-L6-v2 from which words are one: "repair", "repairs" (.89), "coast", "shore" (.78)."""


def regions(library: OpenedLibrary, projection: Projection, *, most: int = 12) -> list[Region]:
    """Find the dense parts of a map and name each by what sets it apart.

    Words come from transcripts and, where the encoder's columns have names, from attributes that lie at least
    one standard deviation above their mean over the library's segments. With the extra ``sentences``, said
    words that mean nearly the same count as one.

    Args:
        library: that the map is of.
        projection: the map; segments that the library no longer has say nothing.
        most: at most so many regions.
    """
    check_kind("library", library, OpenedLibrary, "a vx.Library")
    check_kind("projection", projection, Projection, "a map, such as vx.project(library) returns")
    snapshot = library.snapshot()
    known = {} if snapshot is None else segment_words(snapshot)
    bags = [known.get(i, {}) for i in projection.segment_ids]
    alike = partial(alike_said, names=_names(library.card)) if has_bundled() else None
    return find_regions(projection, bags, most=most, alike=alike)


def alike_said(words: list[str], names: Container[str]) -> NDArray[np.bool_]:
    """Return bool (n, n): which words mean nearly the same; an attribute's name is like itself alone.

    A sentence encoder takes opposites for alike ("pan left" and "pan right": .91), and among names of
    attributes most pairs that it finds are.

    Args:
        words: n words.
        names: those of attributes.
    """
    alike = np.eye(len(words), dtype=bool)
    said = np.array([i for i, word in enumerate(words) if word not in names], dtype=np.intp)
    if len(said) > 1:  # else the model need not be loaded
        vectors = SentenceEncoder().encode_text([words[i] for i in said])
        alike[np.ix_(said, said)] |= vectors @ vectors.T >= _ALIKE
    return alike


def _names(card: EncoderCard) -> frozenset[str]:
    return frozenset(attribute_word(name) for name in card.names or () if name)


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
