"""Tables of a library: names, columns and keys; how file paths and rows are written down."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit
from urllib.request import url2pathname

from videxplore.stages.store.spoken import reads_speech_only
from videxplore.values.vectors import EncoderCard

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = 4
"""Raised whenever a column changes its meaning. An older library is brought up to it by
:mod:`videxplore.stages.store.migrations`; a newer one is refused, not guessed at."""

META, SEGMENTS, FRAMES, VIDEOS = "_meta", "segments", "frames", "videos"
COMPOSITIONS, JUDGEMENTS, MAPS, LOG = "compositions", "judgements", "maps", "_log"
ANNOTATIONS, VIEWS = "annotations", "views"

MAIN = "main"
"""Name of the segmentation that a video is ingested with."""

EMBEDDING_FUNCTION = "videxplore"
"""Name in LanceDB's embedding registry of what reads words put to a table of ours."""

KEYS = {
    META: "key",
    LOG: "version",
    SEGMENTS: "segment_id",
    FRAMES: "frame_id",
    COMPOSITIONS: "composition_id",
    JUDGEMENTS: "judgement_id",
    ANNOTATIONS: "annotation_id",
    MAPS: "name",
    VIEWS: "name",
    VIDEOS: "video_id",
}
"""The column of each table that is declared as its (unenforced) primary key."""


def table_schemas(card: EncoderCard) -> dict[str, pa.Schema]:
    """Return the Arrow schema of every table of a new library whose first vectors ``card`` describes."""
    import pyarrow as pa

    text, real = pa.string(), pa.float64()
    vector = pa.list_(pa.float32(), card.dimension)
    provenance = {b"videxplore": card.to_json().encode()}
    embedding = embedding_metadata(card)
    return {
        META: pa.schema([pa.field("key", text, nullable=False), ("value", text)]),
        LOG: _log_schema(),
        COMPOSITIONS: _compositions_schema(),
        JUDGEMENTS: _judgements_schema(),
        ANNOTATIONS: _annotations_schema(),
        MAPS: _maps_schema(),
        VIEWS: _views_schema(),
        SEGMENTS: pa.schema(
            [
                pa.field("segment_id", text, nullable=False),
                ("video_id", text),
                ("level", text),
                ("parent_id", text),
                ("start_s", real),
                ("end_s", real),
                ("stands_for", pa.list_(text)),
                ("persistence", pa.float32()),
                ("coherence", pa.float32()),
                ("magnitude", pa.float32()),
                ("transcript", text),
                ("vector", vector),
                ("poster", pa.binary()),
                *added_in_2(),
            ],
            metadata=provenance | embedding,
        ),
        FRAMES: pa.schema(
            [
                pa.field("frame_id", text, nullable=False),
                ("video_id", text),
                ("time_s", real),
                ("magnitude", pa.float32()),
                ("vector", vector),
            ],
            metadata=provenance,
        ),
        VIDEOS: _videos_schema(),
    }


def embedding_metadata(card: EncoderCard) -> dict[bytes, bytes]:
    """What LanceDB's embedding registry reads from a schema; nothing for an encoder without a text side."""
    if "text" not in card.modalities:
        return {}
    function = {
        "name": EMBEDDING_FUNCTION,
        "model": {"encoder": card.name, "card_sha256": card_digest(card)},
        "source_column": "transcript" if reads_speech_only(card) else "poster",
        "vector_column": "vector",
    }
    return {b"embedding_functions": json.dumps([function]).encode()}


def card_digest(card: EncoderCard) -> str:
    """Return 64 hexadecimal digits that are equal where cards are."""
    return hashlib.sha256(card.to_json().encode()).hexdigest()


def _videos_schema() -> pa.Schema:
    import pyarrow as pa

    text, real, whole = pa.string(), pa.float64(), pa.int64()
    return pa.schema(
        [
            pa.field("video_id", text, nullable=False),
            ("status", text),
            ("uri", text),
            ("name", text),
            ("locations", pa.list_(text)),
            ("size_bytes", whole),
            ("modified_ns", whole),
            ("duration_s", real),
            ("width", whole),
            ("height", whole),
            ("fps", real),
            ("frame_count", whole),
            ("codec", text),
            ("has_audio", pa.bool_()),
            ("audio_rate", whole),
            ("subtitle_tracks", pa.list_(text)),
            ("flags", pa.list_(text)),
            ("decode_errors", whole),
            ("frame_vectors", whole),
            ("ingested_at", pa.timestamp("us", tz="UTC")),
        ]
    )


def added_in_2() -> list[pa.Field]:
    """Return the columns of ``segments`` that schema 1 had not."""
    import pyarrow as pa

    named = pa.struct([("name", pa.string()), ("value", pa.float32())])
    return [
        pa.field("segmentation", pa.string()),
        pa.field("label", pa.string()),
        pa.field("attributes", pa.list_(named)),
        pa.field("tree", pa.string()),
    ]


GONE_IN_2 = ("levels", "method", "boundaries", "segment_count")
"""Columns of ``videos`` in schema 1 that belong to a tree: they are now in the row of its root."""


def _log_schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("version", pa.int64(), nullable=False),
            ("at", pa.timestamp("us", tz="UTC")),
            ("action", pa.string()),
            ("video_id", pa.string()),
            ("detail", pa.string()),
            ("tables", pa.string()),
        ]
    )


def _compositions_schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("composition_id", pa.string(), nullable=False),
            ("name", pa.string()),
            ("segmentation", pa.string()),
            ("members", pa.list_(pa.string())),
            ("made_at", pa.timestamp("us", tz="UTC")),
        ]
    )


def _judgements_schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("judgement_id", pa.string(), nullable=False),
            ("query", pa.string()),
            ("video_id", pa.string()),
            ("start_s", pa.float64()),
            ("end_s", pa.float64()),
            ("gain", pa.int8()),
            ("judge", pa.string()),
            ("segment_id", pa.string()),
            ("judged_at", pa.timestamp("us", tz="UTC")),
        ]
    )


def _annotations_schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("annotation_id", pa.string(), nullable=False),
            ("video_id", pa.string()),
            ("start_s", pa.float64()),
            ("end_s", pa.float64()),
            ("note", pa.string()),
            ("tags", pa.list_(pa.string())),
            ("author", pa.string()),
            ("level", pa.string()),
            ("segment_id", pa.string()),
            ("changed_at", pa.timestamp("us", tz="UTC")),
        ]
    )


def _views_schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("name", pa.string(), nullable=False),
            ("state", pa.string()),
            ("saved_at", pa.timestamp("us", tz="UTC")),
        ]
    )


def _maps_schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("name", pa.string(), nullable=False),
            ("card", pa.string()),
            ("method", pa.string()),
            ("quality", pa.string()),
            ("segment_ids", pa.list_(pa.string())),
            ("x", pa.list_(pa.float32())),
            ("y", pa.list_(pa.float32())),
            ("made_at", pa.timestamp("us", tz="UTC")),
        ]
    )


def path_to_uri(path: str | os.PathLike[str]) -> str:
    """Return the absolute ``file:`` URI of ``path``; bytes that are no UTF-8 are percent-encoded.

    Arrow refuses the surrogates by which Python stands for such bytes, so paths are never stored as text.

    >>> path_to_uri("/films/50%.mp4")
    'file:///films/50%25.mp4'
    """
    return Path(path).absolute().as_uri()


def uri_to_path(uri: str) -> Path:
    """Return the path that :func:`path_to_uri` wrote down.

    >>> uri_to_path("file:///films/50%25.mp4").name
    '50%.mp4'
    """
    if os.name == "nt":
        return Path(url2pathname(urlsplit(uri).path))
    return Path(os.fsdecode(unquote_to_bytes(uri.removeprefix("file://"))))


def displayable(path: str | os.PathLike[str]) -> str:
    """Return ``path`` as text that can be stored and shown: undecodable bytes become ``�``."""
    return os.fsencode(path).decode("utf-8", errors="replace")
