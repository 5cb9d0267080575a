"""The LanceDB folder itself: opening it, creating its tables, reading its settings, writing rows by key."""

from __future__ import annotations

import json
import logging
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from videxplore.errors import CardMismatchError, LibraryError
from videxplore.stages.store.locks import Locks
from videxplore.stages.store.schema import (
    ANNOTATIONS,
    FRAMES,
    JUDGEMENTS,
    KEYS,
    META,
    SCHEMA_VERSION,
    SEGMENTS,
    VIDEOS,
    table_schemas,
)
from videxplore.stages.store.sets import key_column, set_key, set_schemas, set_tables
from videxplore.values.checks import check_kind
from videxplore.values.vectors import EncoderCard

if TYPE_CHECKING:
    import pyarrow as pa

logger = logging.getLogger(__name__)


class Database:
    """A LanceDB database that holds one library.

    Tables are created at the first write, so that opening a library never changes a folder and works on
    read-only media.

    Args:
        location: a local folder, or any URI that LanceDB opens (``s3://``, ``gs://``, ``az://``, ``db://``).
        pinned: version per table to look at instead of the latest; such a database cannot be written.

    Raises:
        LibraryError: the location is a file, cannot be opened, or was written by a newer videxplore.
    """

    def __init__(self, location: str | os.PathLike[str], *, pinned: Mapping[str, int] | None = None) -> None:
        import lancedb

        from videxplore.stages.store.embedding_function import register

        register()
        check_kind("path", location, (str, os.PathLike), "the folder of a library, or a URI")
        text = os.fspath(location)
        if not text.strip():
            raise LibraryError("path is empty; name the folder of a library, such as 'demo.lance'.")
        self.is_local = "://" not in text
        self.location = str(Path(text).expanduser().absolute()) if self.is_local else text
        self.pinned = pinned
        if self.is_local and Path(self.location).exists() and not Path(self.location).is_dir():
            raise LibraryError(
                f"{self.location!r} is a file; a library is a folder. Give another path, "
                "such as 'demo.lance'."
            )
        try:
            # Zero asks LanceDB to look for other processes' commits before every read.
            self._connection = lancedb.connect(self.location, read_consistency_interval=timedelta(0))
        except Exception as error:
            raise LibraryError(f"cannot open the library {self.location!r}: {error}") from error
        self.locks = Locks(self.location, is_local=self.is_local)
        self._tables: dict[str, Any] = {}
        self._meta: dict[str, str] = {}
        self._stamp: object = None

    @property
    def card(self) -> EncoderCard | None:
        """The card of the first vectors stored, or None where nothing was ever stored."""
        meta = self.meta()
        return EncoderCard.from_json(meta["card"]) if "card" in meta else None

    @property
    def further_cards(self) -> dict[str, EncoderCard]:
        """Cards of the vector sets beside the first, by their key."""
        cards = [EncoderCard.from_json(text) for key, text in self.meta().items() if key.startswith("card.")]
        return {set_key(card): card for card in cards}

    @property
    def tables_of_videos(self) -> list[str]:
        """Tables with rows of videos, that of the markers first."""
        return [VIDEOS, *self.tables_of_vectors, JUDGEMENTS, ANNOTATIONS]

    @property
    def tables_of_vectors(self) -> list[str]:
        """Tables with vectors of videos, of segments and of frames."""
        further = [name for card in self.further_cards.values() for name in set_tables(card)]
        return [SEGMENTS, FRAMES, *further]

    def meta(self) -> dict[str, str]:
        """Return the settings of the library; empty where nothing was ever stored.

        Raises:
            LibraryError: its schema is newer than this videxplore.
        """
        if self._meta and self._stamp == self._stamped():
            return self._meta
        stamp = self._stamped()
        table = self._open(META)
        rows = [] if table is None else table.search().limit(None).to_arrow().to_pylist()
        meta = {row["key"]: row["value"] for row in rows}
        version = int(meta.get("schema_version", SCHEMA_VERSION))
        if version > SCHEMA_VERSION:
            raise LibraryError(
                f"the library {self.location!r} has schema {version}, this videxplore knows up to "
                f"{SCHEMA_VERSION}. Upgrade videxplore to open it."
            )
        if meta.get("library_id") != self._meta.get("library_id"):
            # Deleted and made anew since it was opened: what was held open is another library's.
            self._tables.clear()
        self._meta, self._stamp = meta, stamp
        return meta

    @property
    def schema_version(self) -> int:
        """Of what is stored; the current one where nothing was ever stored."""
        return int(self.meta().get("schema_version", SCHEMA_VERSION))

    def _stamped(self) -> object:
        """What changes whenever the settings do; on remote storage settings are read once per handle."""
        if not self.is_local:
            return "remote"
        try:
            stat = (Path(self.location) / f"{META}.lance" / "_versions").stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns

    def table(self, name: str) -> Any | None:
        """Return the open LanceDB table ``name``, or None where it does not exist (yet)."""
        self.meta()
        if name not in self._tables:
            opened = self._open(name)
            if opened is None:
                return None
            self._tables[name] = opened
        return self._tables[name]

    def _open(self, name: str) -> Any | None:
        if self.pinned is not None and name not in self.pinned:
            return None
        try:
            table = self._connection.open_table(name)
        except (ValueError, FileNotFoundError):
            return None
        if self.pinned is not None:
            try:
                table.checkout(self.pinned[name])
            except (ValueError, OSError, RuntimeError) as error:
                raise LibraryError(
                    f"version {self.pinned[name]} of the table {name!r} in {self.location!r} is gone: "
                    f"{error}. It was cleaned up outside videxplore; library.versions() lists what there is."
                ) from error
        return table

    def require(self, name: str) -> Any:
        """Return the open table ``name``.

        Raises:
            LibraryError: it does not exist.
        """
        table = self.table(name)
        if table is None:
            raise LibraryError(
                f"the library {self.location!r} has no table {name!r}: it is damaged. library.verify() says "
                "what can be repaired."
            )
        return table

    def require_card(self, card: EncoderCard) -> None:
        """Raise unless vectors of ``card`` are the first ones here, or could be.

        Raises:
            CardMismatchError: the library holds vectors of another card.
        """
        if self.card is not None and self.card != card:
            raise CardMismatchError(
                f"the library {self.location!r} holds vectors of {describe_difference(self.card, card)}. "
                "Vectors of two encoders cannot be compared: add a second set beside the first with "
                "library.add_encoder(encoder), open another folder, or open the library with the encoder it "
                "was made with."
            )

    def create(self, card: EncoderCard) -> None:
        """Create the tables for vectors of ``card`` unless they exist.

        Raises:
            CardMismatchError: the library holds vectors of another card.
            LibraryError: the folder cannot be written.
        """
        if self.card is None:
            with self.writing("creating its tables"), self.locks.hold("create"):
                if self.card is None:
                    self._create_tables(card)
        self.require_card(card)

    def _create_tables(self, card: EncoderCard) -> None:
        from lancedb.index import FTS

        for name in KEYS:
            # Without a card in _meta these are leftovers of a creation that was interrupted.
            self._connection.drop_table(name, ignore_missing=True)
        self._tables.clear()
        for name, schema in table_schemas(card).items():
            self.create_table(name, schema)
        self.require(SEGMENTS).create_index("transcript", config=FTS(stem=True, remove_stop_words=False))
        self.set_meta(
            schema_version=json.dumps(SCHEMA_VERSION), library_id=uuid.uuid4().hex, card=card.to_json()
        )

    def create_table(self, name: str, schema: pa.Schema) -> None:
        """Create an empty table unless it exists, and declare its key unless it is."""
        table = self._open(name)
        if table is None:
            table = self._connection.create_table(name, schema=schema)
        key = key_column(name)
        if not any(b"primary-key" in entry for entry in table.schema.field(key).metadata or ()):
            # Declared keys make concurrent merge_insert refuse to double a row (LanceDB 0.40).
            table.set_unenforced_primary_key(key)

    def create_set(self, card: EncoderCard) -> None:
        """Make room for a further set of vectors; the card's entry makes it known, and is written last."""
        if set_key(card) in self.further_cards:
            return
        with self.writing(f"adding {card.name!r}"), self.locks.hold("create"):
            for name, schema in set_schemas(card).items():
                self.create_table(name, schema)
            self.set_meta(**{f"card.{set_key(card)}": card.to_json()})

    def set_meta(self, **settings: str) -> None:
        """Write settings in one commit."""
        self.merge(META, {"key": list(settings), "value": list(settings.values())})
        self._stamp = None

    def merge(self, name: str, columns: dict[str, Any] | pa.Table, *, replacing: Any = None) -> None:
        """Insert or update rows of table ``name`` by its key, in one commit.

        Args:
            name: of the table.
            columns: values by column, or an Arrow table.
            replacing: rows that match this expression and are not among the new ones are deleted in the
                same commit.
        """
        import pyarrow as pa

        self.require_present()
        table = self._tables.get(name) or self._open(name) if name == META else self.require(name)
        if table is None:
            raise LibraryError(f"the library {self.location!r} has no table {name!r}; it is damaged.")
        rows = columns if isinstance(columns, pa.Table) else pa.table(columns, schema=table.schema)
        builder = table.merge_insert(key_column(name)).when_matched_update_all().when_not_matched_insert_all()
        if replacing is not None:
            builder = builder.when_not_matched_by_source_delete(replacing)
        builder.execute(rows)

    def append(self, name: str, columns: dict[str, Any]) -> None:
        """Add rows whose keys are new, as a lock of the caller's makes sure, in one commit.

        With every merge LanceDB keeps 65 kB of what keys it looked for, with an addition 2 kB.
        """
        import pyarrow as pa

        self.require_present()
        table = self.require(name)
        table.add(pa.table(columns, schema=table.schema))

    def delete(self, name: str, condition: str) -> int:
        """Delete the rows of a table that match a condition made by ``lancedb.expr``; returns how many."""
        self.require_present()
        table = self.table(name)
        count = 0 if table is None else int(table.count_rows(condition))
        if table is not None and count:
            table.delete(condition)
        return count

    def require_present(self) -> None:
        """Raise where an earlier version is looked at.

        Raises:
            LibraryError: this is a view of the past.
        """
        if self.pinned is not None:
            raise LibraryError(
                f"the library {self.location!r} is checked out at an earlier version, which cannot be "
                "changed. library.checkout() returns to the present, library.restore(version) makes an "
                "earlier version the present."
            )

    @contextmanager
    def writing(self, what: str) -> Iterator[None]:
        """Turn the storage engine's errors into a :class:`LibraryError` that names the library."""
        self.require_present()
        try:
            yield
        except (OSError, RuntimeError) as error:
            raise LibraryError(
                f"the library {self.location!r} could not be written while {what}: {error}. What was there "
                "before is intact; check free space and permissions, then run the same call again."
            ) from error


_SHORT = 80


def describe_difference(stored: EncoderCard, given: EncoderCard) -> str:
    """Say in words how two cards differ; of long lists only that they do."""
    parts = []
    for field in (
        "name",
        "dimension",
        "revision",
        "weights_sha256",
        "modalities",
        "blocks",
        "pooling",
        "names",
    ):
        ours, theirs = getattr(stored, field), getattr(given, field)
        if ours != theirs:
            told = f"{ours!r} (given {theirs!r})"
            parts.append(f"{field}={told}" if len(told) <= _SHORT else field)
    ours, theirs = dict(stored.parameters), dict(given.parameters)
    for key in sorted(ours.keys() | theirs.keys()):
        if ours.get(key) != theirs.get(key):
            told = f"{ours.get(key)!r} (given {theirs.get(key)!r})"
            parts.append(f"{key}={told}" if len(told) <= _SHORT else key)
    return f"{stored.name!r}; different: {'; '.join(parts)}"


def checked_vector(values: Any, dimension: int) -> np.ndarray:
    """Return ``values`` as float32 (d,), or raise: LanceDB answers such queries with nothing or nonsense.

    Raises:
        ValueError: wrong shape, NaN or infinite entries, or zero length.
    """
    vector = np.asarray(values, dtype=np.float32)
    if vector.shape != (dimension,):
        raise ValueError(f"query vector must be (d,) = ({dimension},), got {vector.shape}.")
    if not np.isfinite(vector).all():
        raise ValueError("query vector must be finite, got NaN or infinity.")
    if not np.linalg.norm(vector) > 0:
        raise ValueError("query vector must not be all zeros: it points nowhere.")
    return vector
