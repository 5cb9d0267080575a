"""Tables of a library for people: pandas frames, and the columns of one modality."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from videxplore.stages.store.annotations import Noted
from videxplore.stages.store.schema import displayable, uri_to_path
from videxplore.stages.store.snapshot import Snapshot
from videxplore.stages.store.writing import file_state
from videxplore.values.vectors import Embeddings, EncoderCard

if TYPE_CHECKING:
    import pandas as pd

_VIDEO_COLUMNS = (
    "video_id", "name", "path", "duration_s", "status", "file", "segments", "width", "height", "fps", "codec",
    "has_audio", "flags", "decode_errors", "locations", "ingested_at",
)  # fmt: skip
_SEGMENT_COLUMNS = (
    "segment_id", "video_id", "path", "level", "parent_id", "start_s", "end_s", "duration_s", "transcript",
    "label", "coherence", "persistence", "tags", "note",
)  # fmt: skip


def videos_frame(snapshot: Snapshot | None) -> pd.DataFrame:
    """One row per complete video."""
    import pandas as pd

    rows = [] if snapshot is None else list(snapshot.videos.values())
    made = [
        row
        | {
            "path": displayable(uri_to_path(row["uri"])),
            "file": file_state(row),
            "segments": row["segment_count"],
            "flags": tuple(row["flags"]),
            "locations": tuple(displayable(uri_to_path(uri)) for uri in row["locations"]),
        }
        for row in rows
    ]
    return pd.DataFrame(
        [[row[name] for name in _VIDEO_COLUMNS] for row in made], columns=list(_VIDEO_COLUMNS)
    )


def segments_frame(snapshot: Snapshot | None, noted: Noted | None) -> pd.DataFrame:
    """One row per segment of a complete video, with what was noted of it."""
    import pandas as pd

    if snapshot is None or noted is None:
        return pd.DataFrame(columns=list(_SEGMENT_COLUMNS))
    paths = {v: snapshot.place(v) for v in [*snapshot.videos, *snapshot.compositions]}
    rows = [
        (
            s.segment_id,
            s.video_id,
            paths[s.video_id],
            s.level,
            s.parent_id,
            s.start_s,
            s.end_s,
            s.duration_s,
            said,
            label,
        )
        for s, said, label in zip(snapshot.segments, snapshot.transcripts, snapshot.labels, strict=True)
    ]
    table = pd.DataFrame(rows, columns=list(_SEGMENT_COLUMNS[:-4]))
    return table.assign(
        coherence=snapshot.coherence,
        persistence=snapshot.persistence,
        tags=[", ".join(tags) for tags in noted.tags()],
        note=noted.notes(),
    )


def one_modality(embeddings: Embeddings, modality: str) -> Embeddings:
    """Return the columns of one block at unit length, under a card of their own.

    Raises:
        ValueError: the card has no such block.
    """
    card, blocks = embeddings.card, embeddings.card.slices()
    if modality not in blocks:
        raise ValueError(f"modality must be one of {', '.join(blocks)}, got {modality!r}.")
    block = blocks[modality]
    part = embeddings.attributes[:, block]
    norms = np.linalg.norm(part, axis=1)
    vectors = np.divide(part, norms[:, None], out=np.zeros_like(part), where=norms[:, None] > 0)
    width = block.stop - block.start
    own = EncoderCard(
        card.name,
        width,
        modalities=(modality,),
        revision=card.revision,
        weights_sha256=card.weights_sha256,
        parameters=dict(card.parameters) | {"block": modality},
        blocks=((modality, width),),
        pooling=card.pooling[block],
        names=card.names[block],
    )
    return replace(embeddings, vectors=vectors, card=own, magnitudes=norms.astype(np.float32))
