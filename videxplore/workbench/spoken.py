"""Transcripts of a library by meaning: found among its vector sets, aligned with its segments."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import MissingExtraError
from videxplore.stages.encoding.embed import encode_query, query_bank
from videxplore.stages.encoding.registry import restore
from videxplore.stages.store.reading import read_snapshot
from videxplore.stages.store.snapshot import Snapshot, View
from videxplore.stages.store.spoken import SPEECH, Spoken, reads_speech_only

if TYPE_CHECKING:
    from videxplore.workbench.opened import OpenedLibrary

_log = logging.getLogger(__name__)

_HELD_QUERIES = 256


def read_spoken(library: OpenedLibrary, snapshot: Snapshot) -> Spoken | None:
    """Return what is said in the segments of a snapshot, by meaning; None where no set of vectors has it.

    That is the first of the library's further vector sets that is of speech alone. It is left out, with a
    warning, where its encoder is not on this machine, and not wanted where the vectors that are looked at
    have a block of speech themselves.
    """
    cards = [card for card in library.database.further_cards.values() if reads_speech_only(card)]
    if not cards or SPEECH in snapshot.card.slices():
        return None
    card = cards[0]
    try:
        encoder = restore(card)
    except (ValueError, MissingExtraError) as error:
        _log.warning("What is said in %s is compared by words only: %s", library.path, error)
        return None
    if encoder.card != card:
        _log.warning(
            "What is said in %s is compared by words only: the encoder %r here is another version than the "
            "library's. library.add_encoder(%r) adds its vectors.", library.path, card.name, card.name,
        )  # fmt: skip
        return None
    bank = query_bank(encoder)
    beside = read_snapshot(library.database, View(library.view.segmentation, card))
    if beside is None or bank is None:
        return None
    vectors = np.zeros((len(snapshot), card.dimension), dtype=np.float32)
    rows = np.array([snapshot.row_of.get(s.segment_id, -1) for s in beside.segments], dtype=np.intp)
    vectors[rows[rows >= 0]] = beside.vectors[rows >= 0]

    @lru_cache(_HELD_QUERIES)
    def encode(text: str) -> NDArray[np.float32]:
        vector = encode_query(encoder, text).vector
        assert vector is not None  # noqa: S101 - the card reads text
        return vector

    return Spoken(vectors, bank, encode)
