"""States of the explorer, kept with the library that was explored: one row per name.

They are how somebody looked at the library, no part of what it holds: not logged, in no version, and there
as they are whatever version is looked at.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from videxplore.errors import LibraryError
from videxplore.stages.store.database import Database
from videxplore.stages.store.named import list_named, read_named, remove_named
from videxplore.stages.store.schema import VIEWS

logger = logging.getLogger(__name__)

LARGEST_BYTES = 4 * 2**20
"""A state as JSON is no larger: room for the ids of about 150,000 selected segments."""

_TIDIED_EVERY = 50
_KEPT = timedelta(minutes=1)
"""The explorer saves often. Every so many versions of the table, those that no reader is at are removed."""


def write_view(database: Database, name: str, state: Mapping[str, Any]) -> None:
    """Keep a state, in one commit; one of that name is replaced.

    Raises:
        ValueError: the state is no JSON, or too large.
        LibraryError: the library is empty, or the folder cannot be written.
    """
    text = _as_json(state)
    if database.card is None:
        raise LibraryError(
            f"the library {database.location!r} is empty; ingest something before saving a view."
        )
    with database.writing(f"saving the view {name!r}"):
        row = {"name": [name], "state": [text], "saved_at": [datetime.now(UTC)]}
        database.merge(VIEWS, row)
        if int(database.require(VIEWS).version) % _TIDIED_EVERY == 0:
            _tidy(database)


def _tidy(database: Database) -> None:
    try:
        database.require(VIEWS).optimize(cleanup_older_than=_KEPT)
    except (OSError, RuntimeError) as error:
        # Losing a race against another explorer costs space until the next time; the state is kept.
        logger.info("the table %s was not tidied this time: %s", VIEWS, error)


def read_view(database: Database, name: str) -> dict[str, Any]:
    """Return the state of that name.

    Raises:
        LibraryError: there is none.
    """
    state: dict[str, Any] = json.loads(read_named(database, VIEWS, "view", name)["state"])
    return state


def remove_view(database: Database, name: str) -> None:
    """Take a state away.

    Raises:
        LibraryError: there is none of that name, or the folder cannot be written.
    """
    with database.writing(f"removing the view {name!r}"):
        remove_named(database, VIEWS, "view", name)


def list_views(database: Database) -> list[dict[str, Any]]:
    """Return name, size and time of every state, by name."""
    return [
        {"name": row["name"], "saved_at": row["saved_at"], "bytes": len(row["state"].encode())}
        for row in list_named(database, VIEWS, ["name", "saved_at", "state"])
    ]


def _as_json(state: Mapping[str, Any]) -> str:
    if not isinstance(state, Mapping):
        raise ValueError(f"state must be a dict, got {type(state).__name__}.")
    try:
        text = json.dumps(dict(state), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"state must be what JSON can hold: {error}.") from error
    if len(text) > LARGEST_BYTES:
        raise ValueError(f"state must take {LARGEST_BYTES:,} bytes as JSON at most, got {len(text):,}.")
    return text
