"""Encoders for plain LanceDB tables: who answers where words are put to one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from videxplore.errors import LibraryError
from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.encoding.registry import encoder as encoder_named
from videxplore.stages.store.schema import card_digest

if TYPE_CHECKING:
    from videxplore.stages.store.embedding_function import VidexploreEmbeddings

_GIVEN: dict[str, Encoder] = {}
"""Encoders by the digest of their card, for those that no name brings back."""

_MADE: dict[str, Encoder] = {}
"""Encoders by name and options: LanceDB asks anew at every search."""


def register_lancedb(*encoders: Encoder) -> type[VidexploreEmbeddings]:
    """Make videxplore's encoders known to LanceDB's embedding registry, in this process.

    Afterwards ``table.search("words")`` works on the table ``segments`` of a library opened with plain
    LanceDB, if its encoder has a text side, and on tables of your own::

        Embeddings = vx.register_lancedb()
        function = Embeddings.create(encoder="perceptual")

        class Row(lancedb.pydantic.LanceModel):
            picture: bytes = function.SourceField()                              # JPEG or PNG; or text
            vector: lancedb.pydantic.Vector(function.ndims()) = function.VectorField()

    Such a search compares bare vectors; :meth:`Library.search` also centres them per level, searches what is
    said, and fills the pool for rerankers.

    Args:
        encoders: encoders of your own, for libraries that were made with them.

    Returns:
        The class that LanceDB calls, whose ``create(encoder=name, options={...})`` makes a function for a
        table of your own.
    """
    from videxplore.stages.store.embedding_function import know_encoders, register

    _GIVEN.update({card_digest(encoder.card): encoder for encoder in encoders})
    know_encoders(_find)
    return register()


def _find(name: str, digest: str, **options: Any) -> Encoder:
    if digest in _GIVEN:
        return _GIVEN[digest]
    key = json.dumps([name, options], sort_keys=True)
    if key not in _MADE:
        try:
            _MADE[key] = encoder_named(name, **options)
        except ValueError as error:
            raise LibraryError(
                f"the encoder {name!r} of this table is not at hand ({error}). If it is your own, "
                "give it: videxplore.register_lancedb(encoder)."
            ) from error
    return _MADE[key]
