"""Maps kept in a library: where every segment stood, by which method, for which vectors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.database import Database
from videxplore.stages.store.history import note
from videxplore.stages.store.named import list_named, read_named, remove_named
from videxplore.stages.store.schema import MAPS
from videxplore.values.vectors import EncoderCard, Projection


@dataclass(frozen=True, eq=False)
class StoredMap:
    """A map as it was kept.

    Attributes:
        name: given by the user; one name, one map.
        card: of the vectors that were laid out.
        method: with the parameters that matter.
        quality: figures when it was made.
        segment_ids: n ids.
        xy: float32 (n, 2).
        made_at: when (UTC).
    """

    name: str
    card: EncoderCard
    method: str
    quality: Mapping[str, float]
    segment_ids: tuple[str, ...]
    xy: NDArray[np.float32]
    made_at: datetime


def write_map(database: Database, name: str, projection: Projection) -> None:
    """Keep a map, in one commit; one of that name is replaced.

    Raises:
        LibraryError: the folder cannot be written.
    """
    with database.writing(f"keeping the map {name!r}"):
        columns: dict[str, list[Any]] = {
            "name": [name],
            "card": [projection.card.to_json()],
            "method": [projection.method],
            "quality": [json.dumps(dict(projection.quality))],
            "segment_ids": [list(projection.segment_ids)],
            "x": [projection.xy[:, 0].tolist()],
            "y": [projection.xy[:, 1].tolist()],
            "made_at": [datetime.now(UTC)],
        }
        database.merge(MAPS, columns)
        note(database, "map", detail=name)


def remove_map(database: Database, name: str) -> None:
    """Take a map away.

    Raises:
        LibraryError: there is none of that name, or the folder cannot be written.
    """
    with database.writing(f"removing the map {name!r}"):
        remove_named(database, MAPS, "map", name)
        note(database, "remove", detail=f"map {name}")


def read_map(database: Database, name: str) -> StoredMap:
    """Return the map of that name.

    Raises:
        LibraryError: there is none.
    """
    row = read_named(database, MAPS, "map", name)
    return StoredMap(
        name=name,
        card=EncoderCard.from_json(row["card"]),
        method=row["method"],
        quality=json.loads(row["quality"]),
        segment_ids=tuple(row["segment_ids"]),
        xy=np.column_stack([row["x"], row["y"]]).astype(np.float32).reshape(-1, 2),
        made_at=row["made_at"],
    )


def list_maps(database: Database) -> list[dict[str, Any]]:
    """Return name, encoder, method, number of segments and time of every map, by name."""
    return [
        {
            "name": row["name"],
            "encoder": EncoderCard.from_json(row["card"]).name,
            "method": row["method"],
            "segments": len(row["segment_ids"]),
            "made_at": row["made_at"],
        }
        for row in list_named(database, MAPS, ["name", "card", "method", "segment_ids", "made_at"])
    ]
