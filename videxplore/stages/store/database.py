"""The LanceDB folder itself: opening it, creating its tables, reading its card, locking."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from videxplore._cache import cache_folder
from videxplore.errors import CardMismatchError, LibraryError
from videxplore.stages.store.schema import KEYS, META, SCHEMA_VERSION, SEGMENTS, table_schemas
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

    Raises:
        LibraryError: the location is a file, cannot be opened, or was written by a newer videxplore.
    """

    def __init__(self, location: str | os.PathLike[str]) -> None:
        import lancedb

        from videxplore.stages.store.embedding_function import register

        register()
        text = os.fspath(location)
        self.is_local = "://" not in text
        self.location = str(Path(text).expanduser().absolute()) if self.is_local else text
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
        self._tables: dict[str, Any] = {}
        self._card: EncoderCard | None = None

    @property
    def card(self) -> EncoderCard | None:
        """The card of the vectors stored, or None where nothing was ever stored."""
        if self._card is None:
            meta = self._read_meta()
            if "card" in meta:
                self._card = EncoderCard.from_json(meta["card"])
        return self._card

    def _read_meta(self) -> dict[str, str]:
        table = self.table(META)
        if table is None:
            return {}
        rows = table.search().limit(None).to_arrow().to_pylist()
        meta = {row["key"]: row["value"] for row in rows}
        version = int(meta.get("schema_version", SCHEMA_VERSION))
        if version > SCHEMA_VERSION:
            raise LibraryError(
                f"the library {self.location!r} has schema {version}, this videxplore knows up to "
                f"{SCHEMA_VERSION}. Upgrade videxplore to open it."
            )
        return meta

    def table(self, name: str) -> Any | None:
        """Return the open LanceDB table ``name``, or None where it does not exist yet."""
        if name not in self._tables:
            try:
                self._tables[name] = self._connection.open_table(name)
            except (ValueError, FileNotFoundError):
                return None
        return self._tables[name]

    def require_card(self, card: EncoderCard) -> None:
        """Raise unless vectors of ``card`` may be stored here or compared with what is stored.

        Raises:
            CardMismatchError: the library holds vectors of another card.
        """
        if self.card is not None and self.card != card:
            raise CardMismatchError(
                f"the library {self.location!r} holds vectors of {describe_difference(self.card, card)}. "
                "Vectors of two encoders cannot be compared: open another folder for this encoder, or "
                "open the library with the encoder it was made with."
            )

    def create(self, card: EncoderCard) -> None:
        """Create the tables for vectors of ``card`` unless they exist.

        Raises:
            CardMismatchError: the library holds vectors of another card.
            LibraryError: the folder cannot be written.
        """
        if self.card is None:
            with self.lock("create"):
                if self.card is None:
                    with self.writing("creating its tables"):
                        self._create_tables(card)
        self.require_card(card)

    def _create_tables(self, card: EncoderCard) -> None:
        from lancedb.index import FTS

        for name in KEYS:
            # Without a card in _meta these are leftovers of a creation that was interrupted.
            self._connection.drop_table(name, ignore_missing=True)
        self._tables.clear()
        for name, schema in table_schemas(card).items():
            table = self._connection.create_table(name, schema=schema)
            # Declared keys make concurrent merge_insert refuse to double a row (LanceDB 0.40).
            table.set_unenforced_primary_key(KEYS[name])
            if name == SEGMENTS:
                table.create_index("transcript", config=FTS(stem=True, remove_stop_words=False))
        meta = {"schema_version": json.dumps(SCHEMA_VERSION), "card": card.to_json()}
        self.merge(META, {"key": list(meta), "value": list(meta.values())})

    def merge(self, name: str, columns: dict[str, Any] | pa.Table, *, replacing: Any = None) -> None:
        """Insert or update rows of table ``name`` by its key, in one commit.

        Args:
            name: of the table.
            columns: values by column, or an Arrow table.
            replacing: rows that match this expression and are not among the new ones are deleted in the
                same commit.
        """
        import pyarrow as pa

        table = self.table(name)
        if table is None:
            raise LibraryError(f"the library {self.location!r} has no table {name!r}; it is damaged.")
        rows = columns if isinstance(columns, pa.Table) else pa.table(columns, schema=table.schema)
        builder = table.merge_insert(KEYS[name]).when_matched_update_all().when_not_matched_insert_all()
        if replacing is not None:
            builder = builder.when_not_matched_by_source_delete(replacing)
        builder.execute(rows)

    @contextmanager
    def writing(self, what: str) -> Iterator[None]:
        """Turn the storage engine's errors into a :class:`LibraryError` that names the library."""
        try:
            yield
        except (OSError, RuntimeError) as error:
            raise LibraryError(
                f"the library {self.location!r} could not be written while {what}: {error}. What was there "
                "before is intact; check free space and permissions, then run the same call again."
            ) from error

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock ``name`` of this library against every other process of this machine."""
        from filelock import FileLock

        folder = self._lock_folder()
        with self.writing(f"locking {name!r}"):
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(folder / f"{name}.lock")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _lock_folder(self) -> Path:
        if self.is_local:
            return Path(self.location) / "_locks"
        return cache_folder() / "locks" / hashlib.sha256(self.location.encode()).hexdigest()[:16]


def describe_difference(stored: EncoderCard, given: EncoderCard) -> str:
    """Say in words how two cards differ."""
    names = ("name", "dimension", "revision", "weights_sha256", "modalities", "blocks", "pooling", "names")
    parts = [
        f"{name}={getattr(stored, name)!r} (given {getattr(given, name)!r})"
        for name in names
        if getattr(stored, name) != getattr(given, name)
    ]
    if stored.parameters != given.parameters:
        parts.append(f"parameters={stored.parameters!r} (given {given.parameters!r})")
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
