"""Rows that a user named: maps and views are read and removed by the column ``name`` of their tables."""

from __future__ import annotations

from typing import Any

from videxplore.errors import LibraryError
from videxplore.stages.store.database import Database


def read_named(database: Database, table: str, what: str, name: str) -> dict[str, Any]:
    """Return the row of that name.

    Args:
        database: of the library.
        table: that the row is in.
        what: the rows are called, in messages.
        name: of the row.

    Raises:
        LibraryError: there is none.
    """
    opened = database.table(table)
    found = [] if opened is None else opened.search().where(_is(name)).to_list()
    if not found:
        raise LibraryError(_missing(database, table, what, name))
    row: dict[str, Any] = found[0]
    return row


def remove_named(database: Database, table: str, what: str, name: str) -> None:
    """Take the row of that name away; arguments as for :func:`read_named`.

    Raises:
        LibraryError: there is none.
    """
    if not database.delete(table, _is(name)):
        raise LibraryError(_missing(database, table, what, name))


def list_named(database: Database, table: str, columns: list[str]) -> list[dict[str, Any]]:
    """Return some columns of all rows, by name; none where nothing was ever kept."""
    opened = database.table(table)
    rows = [] if opened is None else opened.search().select(columns).limit(None).to_list()
    return sorted(rows, key=lambda row: str(row["name"]))


def _is(name: str) -> str:
    from lancedb.expr import col, lit

    condition: str = (col("name") == lit(name)).to_sql()
    return condition


def _missing(database: Database, table: str, what: str, name: str) -> str:
    names = [row["name"] for row in list_named(database, table, ["name"])]
    have = f"it has {', '.join(map(repr, names))}" if names else "it has none"
    return f"no {what} {name!r} in {database.location!r}; {have}."
