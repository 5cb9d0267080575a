"""All that a library keeps of one video, checked before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.values.segments import SegmentTree
from videxplore.values.vectors import Embeddings


@dataclass(frozen=True, eq=False)
class VideoRecord:
    """One video, ready to be stored. Pickles, so that a worker process can hand it back.

    Attributes:
        tree: the segments; its recutter is not kept.
        embeddings: one row per segment of the tree, in any order.
        transcripts: what is said in each segment, by segment id; missing means nothing is said.
        posters: a small JPEG per segment, by segment id.
        frame_times_s: float64 (f,), rising, times of the frames embedded singly.
        frame_vectors: float32 (f, d), unit length, in the space of ``embeddings``.
        frame_magnitudes: float32 (f,), length of each on the encoder's own scale.
        decode_errors: packets passed over while decoding.
    """

    tree: SegmentTree
    embeddings: Embeddings
    transcripts: dict[str, str]
    posters: dict[str, bytes]
    frame_times_s: NDArray[np.float64]
    frame_vectors: NDArray[np.float32]
    frame_magnitudes: NDArray[np.float32]
    decode_errors: int = 0

    def __post_init__(self) -> None:
        wanted = {s.segment_id for s in self.tree.segments}
        given = set(self.embeddings.segment_ids)
        if wanted != given:
            raise ValueError(
                f"VideoRecord.embeddings must have one row per segment of the tree; "
                f"{len(wanted - given)} are missing and {len(given - wanted)} are strangers."
            )
        expected = (len(self.frame_times_s), self.embeddings.card.dimension)
        if self.frame_vectors.shape != expected:
            raise ValueError(
                f"VideoRecord.frame_vectors must be (f, d) = {expected}, got {self.frame_vectors.shape}."
            )
        if self.frame_magnitudes.shape != expected[:1] or not np.isfinite(self.frame_magnitudes).all():
            raise ValueError(
                f"VideoRecord.frame_magnitudes must be finite and (f,) = {expected[:1]}, "
                f"got {self.frame_magnitudes.shape}."
            )
        lengths = np.linalg.norm(self.frame_vectors, axis=1)
        if not np.all((np.abs(lengths - 1) < 1e-3) | (lengths == 0)):
            raise ValueError("VideoRecord.frame_vectors must be finite and of unit length, or zero.")
        if np.any(np.diff(self.frame_times_s) <= 0):
            raise ValueError("VideoRecord.frame_times_s must rise.")

    def __repr__(self) -> str:
        return f"VideoRecord({self.tree!r}, {len(self.frame_times_s)} frames)"
