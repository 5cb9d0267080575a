"""The verb ``segment``: a video becomes a tree of segments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from videxplore.stages.decoding.probe import open_video
from videxplore.stages.features.measure import measure
from videxplore.stages.segmentation.assemble import assemble_tree
from videxplore.stages.segmentation.cutting import Cutter, check_levels, make_recipe
from videxplore.stages.segmentation.shots import detect_shots
from videxplore.stages.segmentation.signals import SIGNALS, gather_signals
from videxplore.stages.segmentation.tracks import check_tracks
from videxplore.values.checks import check_positive
from videxplore.values.media import Measurements, Series, Video
from videxplore.values.segments import Boundary, SegmentTree

METHODS = ("semantic", "shots", "fixed")

MOST_WINDOWS = 1_000_000
"""More windows than anybody can mean are refused before they fill the memory."""


def segment(
    video: Measurements | Video | str | Path,
    *,
    method: str = "semantic",
    levels: Mapping[str, float | None] | None = None,
    signals: Mapping[str, float] | None = None,
    min_s: float | None = None,
    tracks: Mapping[str, Series] | None = None,
    length_s: float = 10.0,
) -> SegmentTree:
    """Cut a video into a tree of segments.

    ``semantic`` cuts where picture, motion, sound or speech change for good, by an exact penalised
    kernel partition, and nests coarser levels by the same partition restricted to finer boundaries.
    ``shots`` takes shots as the finest level and nests the same way. ``fixed`` cuts by the clock: windows
    of ``length_s`` (the last one shorter) right under the video, nothing is decoded.

    Args:
        video: a path, a probed video, or its measurements (which spare decoding it again).
        method: ``"semantic"``, ``"shots"`` or ``"fixed"``.
        levels: target mean duration in seconds per level, finest first. What counts is the smaller of
            the target and half the parent's duration. One level above the finest may have None: as many
            segments as there is evidence for. ``{"moment": 4, "scene": None, "chapter": 240}`` where
            omitted.
        signals: weight per signal: ``picture``, ``motion``, ``sound``, ``speech``; the default for those
            not named, 1 for a track.
        min_s: shortest leaf in seconds, to a quarter second; where omitted 1.5 s, or half the finest target
            if that is less.
        tracks: further signals by name: any vectors over time, such as ``embedding_track`` and
            ``find_speech`` return. One named ``picture`` stands in for the measured picture.
        length_s: length of fixed windows in seconds.

    Raises:
        ValueError: ``method``, ``levels``, ``signals``, ``min_s``, ``tracks`` or ``length_s`` is not allowed.
        VideoError: the file cannot be read.

    Source:
        Arlot, Celisse & Harchaoui (2019), "A kernel multiple change-point algorithm via model selection";
        nesting by restriction: ours, after Guigues, Cocquerez & Le Men (2006).
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(map(repr, METHODS))}, got {method!r}.")
    if method == "fixed":
        return cut_by_clock(video, levels, length_s)
    further = check_tracks(tracks)
    recipe = make_recipe(levels, signals, min_s, usual={**dict.fromkeys(further, 1.0), **SIGNALS})
    measured = video if isinstance(video, Measurements) else measure(video)
    shots = detect_shots(measured)
    gathered = gather_signals(measured, shots, further)
    leaves = None
    if method == "shots":
        leaves = np.array(sorted(gathered.evidence.shots), dtype=np.intp)
    return Cutter(measured.video, gathered, leaves, method).cut(recipe)


def cut_by_clock(
    video: Measurements | Video | str | Path,
    levels: Mapping[str, float | None] | None,
    length_s: float,
) -> SegmentTree:
    """Return fixed windows of ``length_s`` as the finest level, right under the video."""
    length_s = check_positive("length_s", length_s)
    if isinstance(video, Measurements):
        opened = video.video
    else:
        opened = video if isinstance(video, Video) else open_video(video)
    finest = next(iter(check_levels(levels)))
    count = int(np.ceil(opened.duration_s / length_s - 1e-9))
    if count > MOST_WINDOWS:
        raise ValueError(
            f"length_s={length_s:g} cuts {opened.path.name!r} into {count:,} windows; "
            f"at most {MOST_WINDOWS:,} are made."
        )
    times = [k * length_s for k in range(1, count)]
    boundaries = [Boundary(time_s=time, kind="clock", level=finest) for time in times]
    return assemble_tree(opened, {finest: times}, boundaries=boundaries, method=f"fixed ({length_s:g} s)")
