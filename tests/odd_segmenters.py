"""Segmenters for tests of the ingest; in a module of their own, so that a worker process can import them."""

from __future__ import annotations

import os
import signal

from videxplore.stages.segmentation.segment import segment
from videxplore.values.media import Measurements
from videxplore.values.segments import SegmentTree


def halves(measurements: Measurements) -> SegmentTree:
    """Two fixed windows."""
    return segment(measurements, method="fixed", length_s=measurements.video.duration_s / 2)


def dies(measurements: Measurements) -> SegmentTree:
    """As a decoder does that is killed by the system, for files called so."""
    if "deadly" in measurements.video.path.name:
        os.kill(os.getpid(), signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    return halves(measurements)


def fails(measurements: Measurements) -> SegmentTree:
    """As a bug would."""
    if "deadly" in measurements.video.path.name:
        raise RuntimeError("no luck <today>")
    return halves(measurements)


def returns_nonsense(measurements: Measurements) -> str:
    """Not a tree."""
    return "a tree"
