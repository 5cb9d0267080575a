"""Further vector sets: the same segments by another encoder, in two tables of their own.

The first encoder's vectors lie in ``segments`` and ``frames``. Those of each further card lie in
``vectors.<key>`` and ``frames.<key>``, so that adding one touches nothing that is there. A video's vectors
are written in one commit, its frames before them: a video is in a set wholly or not at all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from videxplore.stages.store.schema import FRAMES, KEYS, card_digest, embedding_metadata, table_schemas
from videxplore.values.vectors import EncoderCard

if TYPE_CHECKING:
    import pyarrow as pa

VECTORS = "vectors"


def set_key(card: EncoderCard) -> str:
    """Return the name under which vectors of ``card`` lie: legible, and shared by no other card.

    >>> set_key(EncoderCard("openai/clip", 512)).startswith("openai-clip.")
    True
    """
    legible = re.sub(r"[^A-Za-z0-9_-]+", "-", card.name).strip("-")[:40] or "encoder"
    return f"{legible}.{card_digest(card)[:8]}"


def set_tables(card: EncoderCard) -> tuple[str, str]:
    """Return the names of the tables of segments' and frames' vectors of a further card."""
    key = set_key(card)
    return f"{VECTORS}.{key}", f"{FRAMES}.{key}"


def set_schemas(card: EncoderCard) -> dict[str, pa.Schema]:
    """Return the Arrow schemas of the two tables of a further card, by table name."""
    import pyarrow as pa

    vectors, frames = set_tables(card)
    metadata = {b"videxplore": card.to_json().encode()} | embedding_metadata(card)
    columns = [
        pa.field("segment_id", pa.string(), nullable=False),
        ("video_id", pa.string()),
        ("level", pa.string()),
        ("start_s", pa.float64()),
        ("end_s", pa.float64()),
        ("coherence", pa.float32()),
        ("magnitude", pa.float32()),
        ("vector", pa.list_(pa.float32(), card.dimension)),
    ]
    return {
        vectors: pa.schema(columns, metadata=metadata),
        frames: table_schemas(card)[FRAMES],
    }


def key_column(table: str) -> str:
    """Return the key column of a table, those of further vector sets included."""
    kind = table.split(".", 1)[0]
    return "segment_id" if kind == VECTORS else KEYS[kind]
