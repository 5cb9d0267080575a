"""Segmenters for tests of the ingest; in a module of their own, so that a worker process can import them."""

from __future__ import annotations

import ctypes
import os
import signal
import time

import numpy as np

from videxplore.stages.segmentation.segment import segment
from videxplore.values.media import Measurements
from videxplore.values.segments import SegmentTree


def halves(measurements: Measurements) -> SegmentTree:
    """Two fixed windows."""
    return segment(measurements, method="fixed", length_s=measurements.video.duration_s / 2)


def misbehaves(measurements: Measurements) -> SegmentTree:
    """What a decoder or a library below it may do to its process, by the name of the file."""
    what = measurements.video.path.stem
    if what == "dies":  # as when the system ends it
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "aborts":  # as when it finds its own memory corrupted
        os.abort()
    elif what == "hangs":  # without ever letting another thread of Python run, as PyDLL does
        ctypes.PyDLL(None).sleep(600)
    elif what == "swells":
        held = [np.ones(2**20) for _ in range(400) if not time.sleep(0.01)]  # 8 MiB each, written to
        raise AssertionError(f"{len(held)} blocks were not noticed")
    elif what == "asks":  # as one does that believes a header
        np.ones(2**58)
    return halves(measurements)


def fails(measurements: Measurements) -> SegmentTree:
    """As a bug would."""
    if "deadly" in measurements.video.path.name:
        raise RuntimeError("no luck <today>")
    return halves(measurements)


def returns_nonsense(measurements: Measurements) -> str:
    """Not a tree."""
    return "a tree"
