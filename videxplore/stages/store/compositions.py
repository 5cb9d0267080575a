"""Parents that a user puts together from any segments, contiguous or not, of one video or of many.

Only the members are stored. Vectors follow from those of the members whenever the library is read, so that
they fit every encoder, every pooling and every later change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from videxplore.errors import LibraryError
from videxplore.stages.store.database import Database
from videxplore.stages.store.history import note
from videxplore.stages.store.schema import COMPOSITIONS, MAIN


@dataclass(frozen=True, slots=True)
class Composition:
    """A named parent of chosen segments.

    Attributes:
        composition_id: 20 hexadecimal digits from segmentation and name: one name, one composition.
        name: given by the user.
        segmentation: that its members are of.
        members: segment ids, in the order given.
    """

    composition_id: str
    name: str
    segmentation: str
    members: tuple[str, ...]


def composition_id(name: str, segmentation: str = MAIN) -> str:
    """Return the identity of a composition."""
    return hashlib.sha256(f"composition|{segmentation}|{name}".encode()).hexdigest()[:20]


def write_composition(
    database: Database, name: str, members: Sequence[str], segmentation: str = MAIN
) -> Composition:
    """Store a composition; one of that name is replaced.

    Raises:
        LibraryError: the folder cannot be written.
    """
    made = Composition(composition_id(name, segmentation), name, segmentation, tuple(dict.fromkeys(members)))
    with database.writing(f"composing {name!r}"), database.locks.hold_video(made.composition_id):
        columns = {
            "composition_id": [made.composition_id],
            "name": [made.name],
            "segmentation": [made.segmentation],
            "members": [list(made.members)],
            "made_at": [datetime.now(UTC)],
        }
        database.merge(COMPOSITIONS, columns)
        note(database, "compose", made.composition_id, name)
    return made


def remove_composition(database: Database, identity: str) -> None:
    """Take a composition apart; its members stay.

    Raises:
        LibraryError: there is none, or the folder cannot be written.
    """
    from lancedb.expr import col, lit

    with database.writing("removing a composition"), database.locks.hold_video(identity):
        if not database.delete(COMPOSITIONS, (col("composition_id") == lit(identity)).to_sql()):
            raise LibraryError(f"no composition {identity!r} in {database.location!r}.")
        note(database, "remove", identity)


def read_compositions(database: Database, segmentation: str | None = None) -> list[Composition]:
    """Return the compositions of one segmentation, or of all, by name."""
    table = database.table(COMPOSITIONS)
    if table is None:
        return []
    rows = table.search().limit(None).to_arrow().to_pylist()
    found = [
        Composition(row["composition_id"], row["name"], row["segmentation"], tuple(row["members"]))
        for row in rows
        if segmentation in (None, row["segmentation"])
    ]
    return sorted(found, key=lambda c: (c.name, c.composition_id))
