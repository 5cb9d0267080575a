"""Two encoders on the same segments: how alike their spaces are, where they part, which finds more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.embed import embed
from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.encoding.registry import encoder as encoder_named
from videxplore.stages.encoding.registry import restore
from videxplore.stages.evaluation.spaces import (
    FEWEST,
    Neighbourhoods,
    compare_neighbours,
    jaccard_chance,
    linear_cka,
    procrustes_residual,
    shared_chance,
    shuffled_figures,
)
from videxplore.stages.store.filters import level_mask
from videxplore.stages.store.sets import set_key
from videxplore.values.comparisons import Disagreement, EncoderComparison, Place
from videxplore.values.rankings import JudgedQuery, Qrels
from videxplore.values.reports import EvaluationReport
from videxplore.values.vectors import Embeddings, EncoderCard
from videxplore.workbench.encoder_retrieval import compare_retrieval
from videxplore.workbench.library import Library

_SHUFFLES = 5

Side = Encoder | EncoderCard | str

_Pair = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class _Space:
    """One side of the comparison: vectors of segments, and who made them, where that is known."""

    embeddings: Embeddings
    library: Library | None = None
    encoder: Encoder | None = None


def compare_encoders(
    first: Library | Embeddings,
    second: Library | Embeddings | Side,
    third: Side | None = None,
    *,
    level: str | None = None,
    k: int = 10,
    queries: Sequence[JudgedQuery] | None = None,
    qrels: Qrels | None = None,
    most: int = 5000,
    listed: int = 12,
    seed: int = 0,
) -> EncoderComparison:
    """Compare two encoders on the same segments, each in its full dimension.

    ``compare_encoders(library, a, b)`` takes encoders, their names or cards: vectors that the library does
    not hold (:meth:`Library.add_encoder`) are made from its videos, and not stored.
    ``compare_encoders(a, b)`` takes two :class:`Embeddings` of the same segments, or two libraries of the
    same videos cut in the same way.

    Args:
        first: a library, or the embeddings of one encoder.
        second: the first encoder, or the other library or embeddings.
        third: the second encoder, after a library and the first.
        level: the level compared; by default that with the most segments. Levels are never mixed, since a
            parent is near its children for any encoder.
        k: neighbours.
        queries: judged queries to search with either encoder; what is said plays no part.
        qrels: their judgements by query id.
        most: how many segments are compared at most; beyond that so many are drawn at random.
        listed: how many of the segments that the encoders disagree on are listed.
        seed: of that draw and of the chance levels.

    Raises:
        ValueError: the segments are not the same, too few for ``k``, or ``queries`` without ``qrels`` or
            without encoders to ask.
        QueryError: an encoder without a text side was to answer queries.
        TypeError: other arguments.
    """
    if not isinstance(k, int) or k < 1:
        raise ValueError(f"k must be a whole number of at least 1, got {k!r}.")
    if queries is not None and qrels is None:
        raise ValueError("queries need qrels=, their judgements by query id.")
    spaces = _spaces_of(first, second, third)
    chosen = level if level is not None else _busiest_level(spaces[0].embeddings)
    compared = _compare(spaces, chosen, k, most=most, listed=listed, seed=seed)
    return replace(compared, retrieval=_retrieval_of(spaces, queries, qrels))


def _compare(
    spaces: tuple[_Space, _Space], level: str, k: int, *, most: int, listed: int, seed: int
) -> EncoderComparison:
    ids, vectors, left_out = _aligned(spaces, level)
    drawn_from = len(ids)
    if drawn_from > most:
        rows = np.sort(np.random.default_rng(seed).choice(drawn_from, most, replace=False))
        ids, vectors = [ids[i] for i in rows], (vectors[0][rows], vectors[1][rows])
    n = len(ids)
    if n < max(k + 2, FEWEST):
        raise ValueError(
            f"{n} segments on level {level!r} are too few to compare {k} neighbours of each; give a smaller "
            f"k, another level, or more videos ({left_out} were left out: an encoder says nothing of them)."
        )
    near = compare_neighbours(*vectors, k)
    shown = _most_disagreed(ids, near, listed)
    figures, chance = _figures_of(vectors, near, k, seed)
    cards = (spaces[0].embeddings.card, spaces[1].embeddings.card)
    return EncoderComparison(
        names=_told_apart(cards[0].name, cards[1].name),
        cards=cards,
        segment_ids=tuple(ids),
        level=level,
        k=k,
        figures=figures,
        chance=chance,
        jaccard=near.jaccard,
        displacement=near.displacement,
        disagreements=shown,
        places=_places_of(spaces[0].library, shown),
        left_out=left_out,
        drawn_from=drawn_from,
        seed=seed,
    )


def _figures_of(
    vectors: _Pair, near: Neighbourhoods, k: int, seed: int
) -> tuple[dict[str, float], dict[str, float]]:
    """The figures, and what spaces that know nothing of each other would reach."""
    n = len(vectors[0])
    cka, residual = shuffled_figures(*vectors, repeats=_SHUFFLES, seed=seed)
    found = {
        "jaccard": float(near.jaccard.mean()),
        "shared": float(near.shared.mean() / k),
        "cka": linear_cka(*vectors),
        "procrustes": procrustes_residual(*vectors),
    }
    chance = {
        "jaccard": jaccard_chance(n, k),
        "shared": shared_chance(n, k),
        "cka": cka,
        "procrustes": residual,
    }
    return found, chance


def _spaces_of(first: Any, second: Any, third: Any) -> tuple[_Space, _Space]:
    if isinstance(first, Library) and third is not None:
        return _space_in(first, second), _space_in(first, third)
    if third is None:
        for kind in (Embeddings, Library):
            if isinstance(first, kind) and isinstance(second, kind):
                return _whole_space(first), _whole_space(second)
    raise TypeError(
        "compare_encoders takes a library and two encoders, two Embeddings, or two libraries; got "
        f"{', '.join(type(given).__name__ for given in (first, second, third) if given is not None)}."
    )


def _whole_space(given: Library | Embeddings) -> _Space:
    if isinstance(given, Embeddings):
        return _Space(given)
    return _Space(given.embeddings(), given, given.encoder)


def _space_in(library: Library, given: Side) -> _Space:
    """The vectors of a library's segments by one encoder: those stored, else made from the videos."""
    if isinstance(given, str):
        given = encoder_named(given)
    card = given if isinstance(given, EncoderCard) else given.card
    if card == library.card:
        return _whole_space(library)
    encoder = restore(given) if isinstance(given, EncoderCard) else given
    database = library.database
    if card == database.card or set_key(card) in database.further_cards:
        view = library.view
        held = Library(library.path, encoder=encoder, segmentation=view.segmentation, pooling=view.pooling)
        return _whole_space(held)
    return _Space(embed_library(library, encoder), library, encoder)


def embed_library(library: Library, encoder: Encoder) -> Embeddings:
    """Return the vectors of every segment of a library by any encoder, in the library's order.

    Compositions have rows of zeros.

    Raises:
        ValueError: the library is empty.
        VideoError: a video is gone or cannot be read.
    """
    snapshot = library.snapshot()
    if snapshot is None or not len(snapshot):
        raise ValueError(f"the library {library.path!r} is empty; there is nothing to compare encoders on.")
    found: dict[str, tuple[NDArray[np.float32], float, float]] = {}
    for video_id in snapshot.videos:
        tree = snapshot.tree(video_id)
        tree = replace(tree, video=replace(tree.video, path=library.file(video_id)))
        part = embed(tree, encoder)
        columns = (part.vectors, np.asarray(part.magnitudes), np.asarray(part.coherence))
        found |= dict(zip(part.segment_ids, zip(*columns, strict=True), strict=True))
    nothing = np.zeros(encoder.card.dimension, np.float32), 0.0, 0.0
    rows = [found.get(s.segment_id, nothing) for s in snapshot.segments]
    vectors, magnitudes, coherence = (np.array(column, np.float32) for column in zip(*rows, strict=True))
    stored = snapshot.embeddings()
    return replace(stored, vectors=vectors, card=encoder.card, magnitudes=magnitudes, coherence=coherence)


def _busiest_level(embeddings: Embeddings) -> str:
    if not len(embeddings):
        raise ValueError("there are no segments to compare encoders on.")
    return Counter(embeddings.levels).most_common(1)[0][0]


def _on_level(space: _Space, level: str) -> Embeddings:
    """The segments that tile their videos on a level; of bare embeddings those that bear its name."""
    if space.library is not None:
        snapshot = space.library.snapshot()
        if snapshot is not None and len(snapshot) == len(space.embeddings):
            return space.embeddings.select(level_mask(snapshot, level))
    if level not in space.embeddings.levels:
        names = ", ".join(dict.fromkeys(space.embeddings.levels))
        raise ValueError(f"level must be one of {names}, got {level!r}.")
    return space.embeddings.at(level)


def _aligned(spaces: tuple[_Space, _Space], level: str) -> tuple[list[str], _Pair, int]:
    """Ids, the vectors of both spaces in the same order, and how many segments a space says nothing of."""
    first, second = (_on_level(space, level) for space in spaces)
    strangers = set(first.segment_ids) ^ set(second.segment_ids)
    if strangers:
        raise ValueError(
            f"encoders are compared on the same segments; {len(strangers)} of level {level!r} are on one "
            "side only. Embed the same trees with both, as compare_encoders(library, a, b) does; "
            "library.add_encoder(encoder) completes vectors that are stored."
        )
    place = {segment_id: row for row, segment_id in enumerate(second.segment_ids)}
    second = second.select(np.array([place[i] for i in first.segment_ids], dtype=np.intp))
    said = np.any(first.vectors != 0, axis=1) & np.any(second.vectors != 0, axis=1)
    ids = [i for i, some in zip(first.segment_ids, said, strict=True) if some]
    return ids, (first.vectors[said], second.vectors[said]), int(np.sum(~said))


def _most_disagreed(ids: Sequence[str], near: Neighbourhoods, listed: int) -> tuple[Disagreement, ...]:
    order = np.lexsort((-near.displacement, near.jaccard))[:listed]
    return tuple(
        Disagreement(
            ids[row],
            tuple(ids[i] for i in near.first[row]),
            tuple(ids[i] for i in near.second[row]),
            float(near.jaccard[row]),
            float(near.displacement[row]),
        )
        for row in order
    )


def _places_of(library: Library | None, shown: Sequence[Disagreement]) -> dict[str, Place]:
    snapshot = None if library is None else library.snapshot()
    if snapshot is None:
        return {}
    found = {}
    for segment_id in {i for d in shown for i in (d.segment_id, *d.first, *d.second)}:
        row = snapshot.row_of.get(segment_id)
        if row is None:
            continue
        s = snapshot.segments[row]
        found[segment_id] = Place(snapshot.place(s.video_id), s.level, s.start_s, s.end_s)
    return found


def locate_disagreements(comparison: EncoderComparison, library: Library | None) -> EncoderComparison:
    """Return the comparison with the places that a library knows, where it was made of bare embeddings."""
    if library is None or comparison.places:
        return comparison
    return replace(comparison, places=_places_of(library, comparison.disagreements))


def _retrieval_of(
    spaces: tuple[_Space, _Space], queries: Sequence[JudgedQuery] | None, qrels: Qrels | None
) -> EvaluationReport | None:
    if queries is None or qrels is None:
        return None
    sides = []
    for space in spaces:
        if space.library is None or space.encoder is None:
            raise ValueError(
                "queries need encoders to ask: compare_encoders(library, a, b, queries=…, qrels=…), not two "
                "Embeddings."
            )
        sides.append((space.encoder, space.library, space.embeddings))
    names = _told_apart(*(space.embeddings.card.name for space in spaces))
    return compare_retrieval(dict(zip(names, sides, strict=True)), queries, qrels)


def _told_apart(first: str, second: str) -> tuple[str, str]:
    """Names to show: of a model in a folder the end of its path, and a number where both are the same."""
    short = ["/".join(Path(name).parts[-2:]) for name in (first, second)]
    return (short[0], short[1]) if short[0] != short[1] else (f"{short[0]} (1)", f"{short[1]} (2)")
