"""Vectors of single frames, read per video when a search asks for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.database import Database
from videxplore.stages.store.schema import FRAMES
from videxplore.stages.store.scoring import Space

BUDGET_BYTES = 512 * 2**20
"""How much the cache may hold before it starts anew."""


@dataclass(frozen=True, eq=False)
class VideoFrames:
    """Frames of one video: float64 (f,) rising times in seconds, float32 (f, d) as items of a space."""

    times_s: NDArray[np.float64]
    items: NDArray[np.float32]


@dataclass(eq=False)
class FrameCache:
    """Frames of the videos asked for so far, placed in one space.

    They are centred as if they were segments of the finest level, being the shortest items there are, so
    that a segment of one frame scores what its frame scores.
    """

    database: Database
    space: Space
    table: str = FRAMES
    _held: dict[str, VideoFrames] = field(default_factory=dict)
    _bytes: int = 0

    def get(self, video_ids: Iterable[str]) -> dict[str, VideoFrames]:
        """Return the frames of each video; those not held are read in one scan."""
        wanted = list(dict.fromkeys(video_ids))
        missing = [v for v in wanted if v not in self._held]
        if missing:
            if self._bytes > BUDGET_BYTES:
                self._held.clear()
                self._bytes, missing = 0, wanted
            for video_id, frames in self._read(missing).items():
                self._held[video_id] = frames
                self._bytes += frames.items.nbytes
        return {v: self._held[v] for v in wanted}

    def _read(self, video_ids: list[str]) -> dict[str, VideoFrames]:
        from lancedb.expr import col

        condition = col("video_id").isin(video_ids)
        dimension = len(next(iter(self.space.means.values())))
        table = self.database.table(self.table)
        rows = table.search().where(condition.to_sql()).limit(None)  # type: ignore[union-attr]
        columns = ["video_id", "time_s", "vector"] + ([] if self.space.unit else ["magnitude"])
        found = rows.select(columns).to_arrow()
        flat = found.column("vector").combine_chunks().flatten().to_numpy(zero_copy_only=False)
        vectors = flat.reshape(-1, dimension)
        if not self.space.unit:
            vectors = vectors * found.column("magnitude").to_numpy()[:, None]
        owners = np.array(found.column("video_id").to_pylist(), dtype=object)
        times = found.column("time_s").to_numpy()
        frames = {}
        for video_id in video_ids:
            mine = np.flatnonzero(owners == video_id)
            mine = mine[np.argsort(times[mine], kind="stable")]
            frames[video_id] = VideoFrames(times[mine], self.space.place(vectors[mine], self.space.finest))
        return frames
