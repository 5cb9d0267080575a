"""Topics by nearness alone: groups of a fixed width, of which more material can always bring more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.distances import Vectors, blocks, nearest_by_source, unit_rows
from videxplore.stages.licensing.grouping import group

AT_ONCE = 3000
"""Clips that are joined pair by pair; of more, the rest goes to the groups found or to a further round."""

ALL_ALIKE = 1e-6
"""Least radius: rounding moves equal vectors so far apart."""


def find_topics(
    vectors: NDArray[np.floating],
    sources: Sequence[str],
    *,
    radius: float | None = None,
    seed: int = 0,
) -> NDArray[np.intp]:
    """Group clips whose mean cosine distance is within a radius (average linkage; Sokal and Michener, 1958).

    A clustering with a fixed number of groups would give every archive the same number of topics, and
    nothing could be said about how many more there are. Here the width is fixed and the number follows.

    Args:
        vectors: (n, d), rows are brought to unit length.
        sources: n sources.
        radius: cosine distance; where omitted, the distance within which three of four clips find one of
            another source. Use one radius for all that is compared.
        seed: of the order in which more than 3,000 clips are taken.

    Returns:
        Intp (n,), numbered from 0 by size, the largest first.

    Raises:
        ValueError: lengths differ, or the radius is not above zero.
    """
    rows = unit_rows(vectors)
    width = topic_radius(rows, sources) if radius is None else radius
    if not width > 0:
        raise ValueError(f"radius must be above zero, got {radius!r}.")
    topics = np.full(len(rows), -1, np.intp)
    left = np.random.default_rng(seed).permutation(len(rows))
    while len(left):
        now, left = left[:AT_ONCE], left[AT_ONCE:]
        found = _joined(rows[now], width) + topics.max(initial=-1) + 1
        topics[now] = found
        if len(left):
            names = np.unique(found)
            centres = unit_rows(np.stack([rows[now[found == name]].mean(axis=0) for name in names]))
            places, apart = _nearest(rows[left], centres)
            near = apart <= width
            topics[left[near]] = names[places[near]]
            left = left[~near]
    if not len(topics):
        return topics
    order = np.argsort(-np.bincount(topics), kind="stable")
    return np.argsort(order)[topics].astype(np.intp)


def topic_radius(vectors: NDArray[np.floating], sources: Sequence[str]) -> float:
    """Cosine distance within which three of four clips find one of another source; 1 for a single source.

    Raises:
        ValueError: lengths differ.
    """
    rows = unit_rows(vectors)
    groups = group(sources, len(rows))
    if len(groups) < 2:
        return 1.0
    apart = nearest_by_source(rows, rows, groups, apart_from=groups.index).first
    return max(float(np.quantile(apart, 0.75)), ALL_ALIKE)


def _joined(rows: Vectors, width: float) -> NDArray[np.intp]:
    """Average linkage, cut at a width."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(rows) < 2:
        return np.zeros(len(rows), np.intp)
    apart = np.maximum(1.0 - rows.astype(np.float64) @ rows.T.astype(np.float64), 0.0)
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), "average")
    return np.asarray(fcluster(tree, width, "distance"), np.intp) - 1


def _nearest(rows: Vectors, centres: Vectors) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The nearest centre of each row, and how far it is."""
    found = [rows[part] @ centres.T for part in blocks(len(rows), len(centres))]
    similar = np.concatenate(found)
    return similar.argmax(axis=1), 1.0 - similar.max(axis=1).astype(np.float64)
