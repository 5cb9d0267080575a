"""What a page needs to search without Python: transcripts are in it anyway; attributes and words for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import CardMismatchError
from videxplore.stages.encoding.perceptual.attributes import ATTRIBUTES
from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.store.fulltext import FUNCTION_WORDS
from videxplore.stages.store.scores import RELIABLE_S
from videxplore.stages.store.scoring import Space
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.vectors import Projection
from videxplore.workbench.opened import OpenedLibrary

_LARGEST = 32767
NEIGHBOURS = 6
"""How many of the most alike segments a page names beside each."""


def search_index(library: OpenedLibrary, snapshot: Snapshot, k: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a page's search goes by, as JSON and as arrays by name.

    Values of named attributes are kept as whole numbers, −32,767 to 32,767 times a scale per column: scores
    then differ from Python's by some 1e-5. Without named attributes only what is said can be searched.

    Args:
        library: of the segments; its encoder reads words.
        snapshot: n segments.
        k: how many hits the page lists.
    """
    card = snapshot.card
    stored = [j for j, name in enumerate(card.names) if name]
    slices = card.slices()
    index: dict[str, Any] = {
        "k": k,
        "function_words": sorted(FUNCTION_WORDS),
        "reliable_s": RELIABLE_S,
        "encoder": card.name,
        "blocks": [{"name": m, "start": b.start, "stop": b.stop} for m, b in slices.items() if stored],
        "stored": stored,
        "names": [card.names[j] for j in stored],
        "lexicon": None,
        "meanings": {},
        "guesses": False,
    }
    encoder = _reader(library)
    if encoder is not None:
        index["lexicon"] = encoder.lexicon.export()
        index["meanings"] = {a.name: a.meaning for a in ATTRIBUTES}
        index["guesses"] = encoder.guesses
    tiles = (snapshot.stands_for.astype(np.int64) << np.arange(len(snapshot.levels))).sum(axis=1)
    return index, {"tiles": tiles.astype(np.uint16)} | _values(snapshot, np.array(stored, dtype=np.intp))


def _reader(library: OpenedLibrary) -> PerceptualEncoder | None:
    """What reads words as named attributes; None where another encoder or revision made the vectors."""
    if library.card.name != "perceptual":
        return None
    try:
        encoder = library.encoder
    except CardMismatchError:
        return None
    return encoder if isinstance(encoder, PerceptualEncoder) else None


def _values(snapshot: Snapshot, stored: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
    """Named columns on the encoder's own scale, and what :class:`~.scoring.Space` makes of them per level."""
    space = snapshot.attribute_space if len(stored) else None
    if space is None:
        empty = np.zeros(0)
        return {"values": empty.astype(np.int16), "scales": empty, "means": empty, "stretch": empty}
    values = snapshot.vectors[:, stored] * snapshot.magnitudes[:, None]
    scales = np.maximum(np.abs(values).max(axis=0, initial=0.0), 1e-9) / _LARGEST
    return {
        "values": np.rint(values / scales).T.astype(np.int16),
        "scales": scales.astype(np.float64),
        "means": np.stack([_mean_of(space, level)[stored] for level in snapshot.levels]).astype(np.float64),
        "stretch": np.array([space.stretch.get(level, 1.0) for level in snapshot.levels]),
    }


def _mean_of(space: Space, level: str) -> NDArray[np.float32]:
    """Mean of a level; of one without segments nothing is taken away."""
    return space.means.get(level, np.zeros(space.items.shape[1], dtype=np.float32))


def alike(
    snapshot: Snapshot, projection: Projection | None, count: int = NEIGHBOURS
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the most alike segments of each, int32 (n, count), and their cosines, float32 (n, count).

    They come from the true neighbours that the map was judged by; what holds a segment, or is a part of it,
    is left out. Where there are no more the row is −1.

    Args:
        snapshot: n segments.
        projection: their map; one without true neighbours, or none, gives none.
        count: how many at most.
    """
    rows = np.full((len(snapshot), count), -1, np.int32)
    cosines = np.zeros((len(snapshot), count), np.float32)
    if projection is None or projection.neighbours is None:
        return rows, cosines
    at = np.array([snapshot.row_of.get(i, -1) for i in projection.segment_ids], dtype=np.intp)
    above = [set(snapshot.ancestors(row)) for row in range(len(snapshot))]
    for place, near in zip(at.tolist(), at[projection.neighbours].tolist(), strict=True):
        if place < 0:
            continue
        others = [
            r for r in near if r >= 0 and r != place and r not in above[place] and place not in above[r]
        ]
        some = others[:count]
        rows[place, : len(some)] = some
        cosines[place, : len(some)] = snapshot.vectors[some] @ snapshot.vectors[place]
    return rows, cosines
