"""A library of films whose pictures carry their number and whose names and words would like to run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from coded_video import write_video

from videxplore.stages.segmentation.assemble import assemble_tree
from videxplore.values.media import Measurements
from videxplore.values.segments import SegmentTree
from videxplore.workbench.ingest import ingest
from videxplore.workbench.library import Library

HOSTILE = "<img src=x onerror=alert(1)>"
FPS = 25
LENGTH_S = 24.0
STEPS_S = {"moment": 1.5, "scene": 6.0, "chapter": 12.0}


def by_hand(measurements: Measurements) -> SegmentTree:
    """Moments, scenes and chapters of fixed lengths."""
    cuts = {level: np.arange(step, LENGTH_S, step).tolist() for level, step in STEPS_S.items()}
    return assemble_tree(measurements.video, cuts, method="by hand")


def first_number(start_s: float) -> int:
    """The number on the first picture of a segment."""
    return round(start_s * FPS) + 1


def coded_library(folder: Path) -> Library:
    """Two films of numbered pictures, one of them hostile in all its texts."""
    films = [folder / "numbers.mp4", folder / f"{HOSTILE}.mp4"]
    for path, count in zip(films, (1, 6001), strict=True):
        options = {"preset": "ultrafast"}
        write_video(
            path, count=round(LENGTH_S * FPS), options=options, size=(192, 108), first_number=count, gop=50
        )
    said = "&lt;img src=x onerror=alert(3)&gt; a gunshot in the dark"
    films[1].with_suffix(".vtt").write_text(f"WEBVTT\n\n00:00.000 --> 00:20.000\n{said}\n")
    library = Library(folder / "coded.lance")
    report = ingest(films, library, segmenter=by_hand, workers=1, progress=False)
    assert not report.failed
    hostile = library.segments().query("level == 'moment' and transcript != ''").segment_id
    for segment_id in hostile[:3]:
        library.annotate(segment_id, note=f"{HOSTILE} note", tags=[f"{HOSTILE} tag"])
    return library
