"""Cutting again without decoding, and very long videos: seconds and memory, on made-up measurements.

Run: ``python benchmarks/recut.py``. Ten hours are cut in a process of their own, which says its peak.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from tables import show

from videxplore.stages.features.cuts import NAMES
from videxplore.stages.features.picture import PICTURE_NAMES
from videxplore.stages.features.sound import SOUND_NAMES
from videxplore.stages.segmentation.segment import segment
from videxplore.values.media import Measurements, Series, Video

CHANGE_S = 6.0


def draw(hours: float, *, moving: bool) -> Measurements:
    """Measurements whose means change every six seconds on average, or never, with noise or without."""
    rng, seconds = np.random.default_rng(8), hours * 3600
    rows = round(seconds * 4)
    label = np.cumsum(rng.random(rows) < 1 / (4 * CHANGE_S)) if moving else np.zeros(rows, int)

    def series(names: tuple[str, ...], each: int, spread: float) -> Series:
        means = rng.normal(0, spread, (label.max() + 1, len(names))).astype(np.float32)
        values = np.repeat(means[label], each, axis=0)
        if moving:
            values += 0.5 * rng.standard_normal(values.shape, dtype=np.float32)
        return Series((np.arange(len(values)) + 0.5) / (4 * each), values, names)

    sound = series(SOUND_NAMES, 5, 6.0)
    sound.values[:, : SOUND_NAMES.index("loudness_jump") + 1] = 0
    frames = round(seconds * 5)
    cuts = Series(np.arange(frames) / 5, np.zeros((frames, len(NAMES)), np.float32), NAMES)
    video = Video(Path("made-up.mp4"), "0123456789abcdef", seconds, 640, 360, 25.0, None, "h264", True)
    return Measurements(video, series(PICTURE_NAMES, 1, 12.0), cuts, sound)


def best_of(action: Callable[[], object], times: int = 5) -> float:
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        spent.append(time.perf_counter() - began)
    return min(spent)


def recut_row(name: str, hours: float) -> dict[str, object]:
    tree = segment(draw(hours, moving=True))
    at = tree.boundaries[len(tree.boundaries) // 2].time_s
    # Each call differs from the one before, so that nothing kept from it answers.
    targets, weights, shortest = (iter(np.linspace(*ends, 5)) for ends in ((4.5, 9), (0.5, 2), (2, 3)))
    return {
        "video": name,
        "leaves": len(tree.leaves),
        "other targets": best_of(lambda: tree.recut({"moment": next(targets), "scene": 50.0})),
        "other weights": best_of(lambda: tree.recut(weights={"sound": next(weights)})),
        "other min_s": best_of(lambda: tree.recut(min_s=next(shortest))),
        "an edit": best_of(lambda: tree.merged(at)),
    }


def cut_ten_hours(kind: str) -> None:
    measured = draw(10, moving=kind == "moving")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, used = time.perf_counter(), time.process_time()
    tree = replace(segment(measured), recutter=None)
    spent, cpu = time.perf_counter() - began, time.process_time() - used
    taken = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e6
    print(f"  {kind:<8}{len(tree.leaves):>7} leaves {spent:>7.1f} s {cpu:>7.1f} CPU s {taken:>6.2f} GB")


def main() -> None:
    if len(sys.argv) > 1:
        cut_ten_hours(sys.argv[1])
        return
    rows = [recut_row("10 minutes", 1 / 6), recut_row("2 hours", 2.0)]
    show("cutting again, all levels, seconds (best of 5)", rows, note="limits: .2 s and 2 s")
    print(
        "\n10 hours at 4 samples/s, all levels; memory on top of the measurements (limits: 60 s, 2 GB)",
        flush=True,
    )
    for kind in ("moving", "static"):
        subprocess.run([sys.executable, __file__, kind], check=True)


if __name__ == "__main__":
    main()
