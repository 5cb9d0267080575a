"""Cutting the sample films while they are ingested, with the measurements kept for tests that cut anew."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path

from videxplore.stages.segmentation.segment import segment
from videxplore.values.media import Measurements
from videxplore.values.segments import SegmentTree


@dataclass(frozen=True)
class Keep:
    """A segmenter that cuts as ingest does by itself and writes the measurements into ``folder``."""

    folder: Path

    def __call__(self, measurements: Measurements) -> SegmentTree:
        self.folder.mkdir(exist_ok=True)
        place = self.folder / f"{measurements.video.path.name}.pickle"
        place.write_bytes(pickle.dumps(measurements))
        return segment(measurements)
