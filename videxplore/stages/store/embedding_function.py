"""LanceDB's way of embedding on its own: words put to a table of ours become vectors of its encoder.

LanceDB finds the function by the name that is written in the table's schema, and refuses even to write where
nobody registered that name. So the name is registered wherever a library is opened; who the encoder is has to
be said once, by :func:`know_encoders`, since nothing in the store encodes.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from lancedb.embeddings import EmbeddingFunction, get_registry

from videxplore.errors import CardMismatchError, LibraryError, QueryError
from videxplore.stages.store.schema import EMBEDDING_FUNCTION, card_digest
from videxplore.values.media import FrameBatch
from videxplore.values.vectors import EncoderCard

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Known(Protocol):
    """An encoder, as far as this module needs it; words need ``encode_text`` too."""

    @property
    def card(self) -> EncoderCard:
        """Where the vectors come from."""
        ...

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return (n, d) for n frames."""
        ...


Finder = Callable[..., Known]
"""From (name, digest of the card or an empty string, options) to an encoder."""

_FINDERS: list[Finder] = []


class VidexploreEmbeddings(EmbeddingFunction):
    """What LanceDB calls: words, or text in a source column, by the encoder's text side; bytes as a picture.

    Attributes:
        encoder: name, as for :func:`videxplore.encoder`.
        card_sha256: digest of the card of the vectors stored; empty for a table of one's own.
        options: of the encoder; None for its defaults.
    """

    encoder: str = "perceptual"
    card_sha256: str = ""
    options: dict[str, Any] | None = None
    _found: Any = None

    def ndims(self) -> int:
        """Length of a vector."""
        return int(self._encoder().card.dimension)

    def compute_query_embeddings(self, query: Any, *args: Any, **kwargs: Any) -> list[NDArray[np.float32]]:
        """The vector of a query: words, or the bytes of a picture.

        Raises:
            QueryError: the encoder has no text side, or understood none of the words.
            CardMismatchError: the encoder found is not the one that made the table.
        """
        vectors = self._encode([query])
        if not np.any(vectors):
            raise QueryError(
                f"encoder {self.encoder!r} understood nothing of {query!r}: there is no vector to search by. "
                'Ask in other words, or search what is said: table.search(words, query_type="fts").'
            )
        return vectors

    def compute_source_embeddings(self, source: Any, *args: Any, **kwargs: Any) -> list[NDArray[np.float32]]:
        """The vectors of a source column: text, or pictures as the bytes of JPEG or PNG files."""
        return self._encode(list(self.sanitize_input(source)))

    def compute_query_embeddings_with_retry(self, *args: Any, **kwargs: Any) -> list[NDArray[np.float32]]:
        """As without: what fails on this machine fails again, and the retries would hide the reason."""
        return self.compute_query_embeddings(*args, **kwargs)

    def compute_source_embeddings_with_retry(self, *args: Any, **kwargs: Any) -> list[NDArray[np.float32]]:
        """As without."""
        return self.compute_source_embeddings(*args, **kwargs)

    def _encode(self, items: list[Any]) -> list[NDArray[np.float32]]:
        encoder = self._encoder()
        vectors = np.zeros((len(items), encoder.card.dimension), np.float32)
        texts = [i for i, item in enumerate(items) if isinstance(item, str)]
        pictures = [i for i, item in enumerate(items) if isinstance(item, bytes)]
        if len(texts) + len(pictures) < len(items):
            kinds = sorted({type(item).__name__ for item in items} - {"str", "bytes"})
            raise TypeError(f"only text and the bytes of pictures can be embedded, got {', '.join(kinds)}.")
        if texts:
            if not hasattr(encoder, "encode_text"):
                raise QueryError(f"encoder {self.encoder!r} has no text side; search by a vector.")
            vectors[texts] = encoder.encode_text([items[i] for i in texts])
        for i in pictures:
            vectors[i] = encoder.encode_frames(_picture(items[i]))[0]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return list(vectors / np.where(lengths > 0, lengths, 1))

    def _encoder(self) -> Known:
        if self._found is None:
            if not _FINDERS:
                raise LibraryError("no encoder is known here yet: call videxplore.register_lancedb() first.")
            found = _FINDERS[-1](self.encoder, self.card_sha256, **(self.options or {}))
            if self.card_sha256 not in ("", card_digest(found.card)):
                raise CardMismatchError(
                    f"this table holds vectors of another state of the encoder {self.encoder!r} (another "
                    "revision, other parameters) than the one at hand. Give the one that made it: "
                    "videxplore.register_lancedb(encoder)."
                )
            self._found = found
        return self._found


def register() -> type[VidexploreEmbeddings]:
    """Make the name known to LanceDB in this process; return the class behind it."""
    get_registry().register(EMBEDDING_FUNCTION)(VidexploreEmbeddings)
    return VidexploreEmbeddings


def know_encoders(find: Finder) -> None:
    """Say how encoders are found: by name, by the digest of their card, with options."""
    _FINDERS[:] = [find]


def _picture(content: bytes) -> FrameBatch:
    from PIL import Image

    with Image.open(io.BytesIO(content)) as picture:
        rgb = np.asarray(picture.convert("RGB"), dtype=np.uint8)
    return FrameBatch(rgb[None], np.zeros(1))
