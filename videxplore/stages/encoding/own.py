"""Vectors that were made elsewhere: no model is loaded, nothing is decoded for them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from videxplore.errors import QueryError, VideoError
from videxplore.stages.encoding.sentences import Sentences
from videxplore.stages.pooling import normalise
from videxplore.values.media import FrameBatch, Span, Video
from videxplore.values.segments import Segment
from videxplore.values.vectors import EncoderCard

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_SAME_S = 1e-3
"""Times that differ by less are the same."""

Row = tuple[str, float, float, ArrayLike]
"""A video (file name or id), start and end in seconds, and a vector."""


class OwnVectors:
    """An encoder that looks its vectors up.

    A stretch of a video that was encoded as such gets that vector; any other the mean of the unit vectors of
    the rows that overlap it, weighted by how long they do, and zeros where none does.

    Args:
        rows: vectors by :class:`Segment`; or a table: the path of a Parquet file, a pandas frame or an Arrow
            table, with the columns ``video`` (file name or video id), ``vector``, and either ``start_s`` and
            ``end_s`` or ``time_s`` (in seconds; a row then holds to half-way to the next).
        name: of what made them. Vectors of the same name and parameters may meet.
        modality: what they describe.
        texts: has ``encode_text`` that puts words into the same space; without it there is search by example
            only.
        parameters: all else that changes the numbers, for the card.

    Raises:
        ValueError: no rows, missing columns, vectors that are not finite or differ in length.
    """

    def __init__(
        self,
        rows: Mapping[Segment, ArrayLike] | pd.DataFrame | pa.Table | str | os.PathLike[str],
        *,
        name: str,
        modality: str = "visual",
        texts: Sentences | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        self._spans, self._vectors = _grouped(_rows_of(rows))
        dimension = next(iter(self._vectors.values())).shape[1]
        self.card = EncoderCard(
            name,
            dimension,
            modalities=(modality,) if texts is None else (modality, "text"),
            blocks=((modality, dimension),),
            parameters=parameters or {},
        )
        if texts is not None:
            self.encode_text = texts.encode_text

    def encode_video(self, video: Video, spans: Sequence[Span]) -> NDArray[np.float32]:
        """Return float32 (n, d) for n stretches of a video.

        Raises:
            VideoError: there is no vector for this video.
        """
        key = next((k for k in (video.video_id, video.path.name) if k in self._spans), None)
        if key is None:
            raise VideoError(
                video.path,
                "no-vectors",
                f"the vectors of {self.card.name!r} hold none for this video",
                f"Add rows with video={video.path.name!r} or video={video.video_id!r}.",
            )
        return np.stack([self._look_up(key, span) for span in spans])

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Raise: pictures cannot be encoded here.

        Raises:
            QueryError: always.
        """
        raise QueryError(
            f"the vectors of {self.card.name!r} were made elsewhere, so no picture can be encoded here. "
            "Search by a segment or by a vector."
        )

    def _look_up(self, key: str, span: Span) -> NDArray[np.float32]:
        edges, vectors = self._spans[key], self._vectors[key]
        same = np.abs(edges - (span.start_s, span.end_s)).max(axis=1) < _SAME_S
        if same.any():
            return vectors[int(np.argmax(same))]
        overlap = np.minimum(edges[:, 1], span.end_s) - np.maximum(edges[:, 0], span.start_s)
        return normalise(np.clip(overlap, 0, None)[None] @ vectors)[0][0]

    def __repr__(self) -> str:
        count = sum(len(vectors) for vectors in self._vectors.values())
        return f"OwnVectors({self.card.name!r}, {count} × {self.card.dimension}, {len(self._spans)} videos)"


def _rows_of(given: Any) -> Iterable[Row]:
    if isinstance(given, Mapping):
        return [(s.video_id, s.start_s, s.end_s, vector) for s, vector in given.items()]
    if isinstance(given, str | os.PathLike):
        import pyarrow.parquet as pq

        given = pq.read_table(Path(given))
    columns: Mapping[str, Any] = given.to_pydict() if hasattr(given, "to_pydict") else given.to_dict("list")
    times = ("time_s",) if "time_s" in columns else ("start_s", "end_s")
    missing = [name for name in ("video", "vector", *times) if name not in columns]
    if missing:
        raise ValueError(
            f"the table of vectors lacks the columns {', '.join(missing)}; it has {', '.join(columns)}. It "
            "needs video, vector, and start_s and end_s (or time_s)."
        )
    videos, vectors = columns["video"], columns["vector"]
    starts, ends = (columns[t] for t in times) if len(times) == 2 else _held(videos, columns["time_s"])
    return zip(videos, starts, ends, vectors, strict=True)


def _held(videos: Sequence[str], times_s: Sequence[float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """From when to when each moment's row stands: half-way to its neighbours of the same video."""
    times, names = np.asarray(times_s, np.float64), np.asarray(videos)
    starts, ends = np.full(len(times), -np.inf), np.full(len(times), np.inf)
    for name in np.unique(names):
        rows = np.flatnonzero(names == name)
        rows = rows[np.argsort(times[rows], kind="stable")]
        middles = (times[rows][1:] + times[rows][:-1]) / 2
        starts[rows[1:]], ends[rows[:-1]] = middles, middles
    return starts, ends


def _grouped(rows: Iterable[Row]) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float32]]]:
    """Stretches float64 (n, 2) and unit vectors float32 (n, d) by video."""
    spans: dict[str, list[tuple[float, float]]] = {}
    found: dict[str, list[NDArray[np.float32]]] = {}
    for video, start_s, end_s, vector in rows:
        spans.setdefault(str(video), []).append((float(start_s), float(end_s)))
        found.setdefault(str(video), []).append(np.asarray(vector, np.float32))
    shapes = {vector.shape for vectors in found.values() for vector in vectors}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise ValueError(f"every row needs a vector (d,) of one length d, got shapes {sorted(shapes)}.")
    stacked = {video: np.stack(vectors) for video, vectors in found.items()}
    if not all(np.isfinite(vectors).all() for vectors in stacked.values()):
        raise ValueError("the vectors must be finite, got NaN or infinity.")
    return {v: np.array(edges) for v, edges in spans.items()}, {
        v: normalise(vectors)[0] for v, vectors in stacked.items()
    }
