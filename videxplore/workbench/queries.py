"""What a user may search for, turned into a query and a direction among the centred items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import CardMismatchError, QueryError
from videxplore.stages.encoding.protocol import QueryEncoder, TextEncoder
from videxplore.stages.store.database import checked_vector, describe_difference
from videxplore.stages.store.fulltext import content_words
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.rankings import Hit, Query
from videxplore.values.segments import Segment
from videxplore.values.vectors import EncoderCard
from videxplore.workbench.examples import encode_example

if TYPE_CHECKING:
    from videxplore.workbench.library import Library

Direction = NDArray[np.float32] | None


def understand(library: Library, asked: Any, snapshot: Snapshot | None) -> tuple[Query, Direction]:
    """Turn what was asked into a query and the direction (d,) to compare with centred items.

    Args:
        library: its encoder reads text.
        asked: text, a :class:`Query`, a vector (d,), a :class:`Segment` or :class:`Hit` of the library, a
            picture, sound or stretch of a video (:mod:`videxplore.workbench.examples`), or a list of pairs
            (weight, any of these), where a negative weight asks for less of it.
        snapshot: of the library, None where it is empty.

    Raises:
        QueryError: an empty text, or a segment that the library does not have.
        CardMismatchError: a query made by another encoder.
        ValueError: a vector of the wrong shape, not finite, or all zeros.
        TypeError: anything else.
    """
    if isinstance(asked, str):
        query = _read_text(library, asked)
        return query, _from_text_side(library, query)
    if isinstance(asked, Query):
        _check_card(asked, library.card)
        if asked.vector is None and not asked.text.strip():
            raise QueryError("this Query has neither words nor a vector; there is nothing to look for.")
        if asked.vector is None and asked.card is None:  # made by hand: nobody has read its words yet
            return understand(library, asked.text, snapshot)
        if asked.vector is not None and not asked.text:  # pooled from segments: an example, no words
            return asked, _centred(asked.vector, snapshot)
        return asked, _from_text_side(library, asked)
    if isinstance(asked, Segment | Hit):
        return _by_example(asked, snapshot)
    if _is_vector(asked):
        vector = checked_vector(asked, library.card.dimension)
        query = Query(vector=vector, card=library.card, source=f"vector of {len(vector)}")
        return query, _from_text_side(library, query)
    if isinstance(asked, list):
        return _several(library, asked, snapshot)
    example = encode_example(library.encoder, asked)
    if example is not None:
        vector, source = example
        return Query(vector=vector, card=library.card, source=source), _centred(vector, snapshot)
    raise TypeError(
        "query must be text, a Query, a vector, a Segment or Hit of this library, a picture, an AudioClip, a "
        f"Video, a pair (video, span), or a list of pairs (weight, query); got {type(asked).__name__}."
    )


def _is_vector(asked: Any) -> bool:
    if isinstance(asked, np.ndarray):
        return asked.ndim != 3
    return (
        isinstance(asked, list | tuple)
        and bool(asked)
        and all(np.isscalar(x) for x in asked)
        and not any(isinstance(x, str) for x in asked)
    )


def _several(library: Library, asked: Sequence[Any], snapshot: Snapshot | None) -> tuple[Query, Direction]:
    """Several queries with weights, as one direction: "like this, but at night".

    Each counts by its unit direction among the centred items, so that words and examples weigh the same.
    Words with a positive weight are looked for in what is said as well.

    Raises:
        QueryError: nothing in the list, weights that cancel out, or a query that says nothing to the encoder.
    """
    if not asked:
        raise QueryError("the list of queries is empty; give pairs such as (1, segment), (0.5, 'at night').")
    total = np.zeros(library.card.dimension)
    said, sources = [], []
    for item in asked:
        weight, part = item if _is_weighted(item) else (1.0, item)
        if not np.isfinite(weight) or weight == 0:
            raise QueryError(f"a weight must be a finite number other than 0, got {weight!r}.")
        query, direction = understand(library, part, snapshot)
        if direction is None:
            lost = ", ".join(query.unknown_words) or query.text
            raise QueryError(f"the encoder understands nothing of {query.text!r} ({lost}); leave it out.")
        total += weight * direction / np.linalg.norm(direction)
        sources.append(f"{weight:+g} × {query.text or query.source}")
        said += [query.text] if query.text and weight > 0 else []
    if not np.linalg.norm(total) > 1e-6:
        raise QueryError("the weights of these queries cancel out; nothing is left to look for.")
    vector = (total / np.linalg.norm(total)).astype(np.float32)
    return Query(" ".join(said), vector, library.card, source=", ".join(sources)), vector


def _is_weighted(item: Any) -> bool:
    """Whether an item of a list is a pair (weight, query); a pair (video, span) is a query by itself."""
    return isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], int | float)


def _centred(vector: NDArray[np.float32], snapshot: Snapshot | None) -> NDArray[np.float32]:
    """An outside example as a direction: less what is usual for the segments it is most like, the finest."""
    return vector if snapshot is None else snapshot.space.centred(vector, snapshot.levels[0])


def _read_text(library: Library, text: str) -> Query:
    from videxplore.stages.encoding.embed import encode_query

    if not text.strip():
        raise QueryError("query must not be empty; ask for something, such as 'a gunshot in the dark'.")
    encoder = library.encoder
    if not isinstance(encoder, QueryEncoder | TextEncoder):
        # An encoder without a text side leaves the words to what is said in the videos.
        return Query(text, card=encoder.card, unknown_words=tuple(content_words(text)))
    return encode_query(encoder, text)


def _check_card(query: Query, card: EncoderCard) -> None:
    if query.vector is not None and query.card is not None and query.card != card:
        raise CardMismatchError(
            f"this query was made for another encoder than the library's: "
            f"{describe_difference(card, query.card)}. Ask with the words instead of the Query."
        )
    if query.vector is not None and np.any(query.vector):
        checked_vector(query.vector, card.dimension)


def _from_text_side(library: Library, query: Query) -> Direction:
    """The query's vector, less what the library's queries share."""
    if query.vector is None or library.card.names:
        return direction_of(query, library.card, None)
    return direction_of(query, library.card, library.query_bank())


def direction_of(query: Query, card: EncoderCard, bank: NDArray[np.float32] | None) -> Direction:
    """The query's vector (d,); where the encoder's queries (q, d) share a direction, without it.

    Named attributes are centred by their calibration, so those of the perceptual encoder stay as they are.
    """
    if query.vector is None or not np.any(query.vector):
        return None
    return query.vector if card.names or bank is None else query.vector - bank.mean(axis=0)


def _by_example(example: Segment | Hit, snapshot: Snapshot | None) -> tuple[Query, Direction]:
    row = None if snapshot is None else snapshot.row_of.get(example.segment_id)
    if snapshot is None or row is None:
        raise QueryError(
            f"the {example.level} {example.span} (segment {example.segment_id!r}) is not in this library; "
            "search with a segment or hit that comes from it, or with a vector."
        )
    vector = snapshot.vectors[row]
    direction = snapshot.space.centred(vector, example.level)
    name = snapshot.videos[example.video_id]["name"] if example.video_id in snapshot.videos else ""
    source = f"{example.level} {example.span} of {name}"
    return Query(vector=vector, card=snapshot.card, source=source), direction
