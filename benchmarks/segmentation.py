"""Figures of shots and segments: real clips, sample films, speed. Prints tables; nothing is tuned here.

Run: ``python benchmarks/segmentation.py``. Real clips are measured where VIDEXPLORE_MEDIA has them.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np

from videxplore.stages.decoding.index import frame_index
from videxplore.stages.evaluation.boundaries import (
    list_edges,
    score_segments,
    share_recalled,
    windows,
)
from videxplore.stages.evaluation.edges import match_boundaries
from videxplore.stages.features.cuts import CutDistances
from videxplore.stages.features.measure import measure
from videxplore.stages.segmentation.partition import (
    find_penalty,
    measure_costs,
    partition,
    prefix_sums,
)
from videxplore.stages.segmentation.segment import segment
from videxplore.stages.segmentation.shots import SHOT_METHODS, detect_shots, find_shots
from videxplore.studio.samples import sample_set
from videxplore.values.media import Span


def print_real_shots(folder: Path) -> None:
    """All detectors on the same clips in one run; each decodes by itself, as a user would have it."""
    truth = json.loads((folder / "truth" / "shots.json").read_text())["videos"]
    known = sum(len(facts["cuts"]) for facts in truth.values())
    print(f"real clips, hard cuts, ±2 frames, one-to-one, inside gradual ignored, n={known};")
    print("gradual: share of known intervals that a found interval overlaps; decoding included in the speed")
    print(f"  {'method':<16}{'F1':>7}{'found':>7}{'false':>7}{'missed':>8}{'gradual':>9}{'frames/s':>10}")
    indices = {name: frame_index(folder / name).times_s for name in truth}
    for method in SHOT_METHODS:
        matched = false = mixed = mixes = 0
        began = time.perf_counter()
        found = {name: detect_shots(folder / name, method=method) for name in truth}
        rate = sum(map(len, indices.values())) / (time.perf_counter() - began)
        for name, facts in truth.items():
            times, boundaries = indices[name], found[name]
            at = [int(np.argmin(np.abs(times - b.time_s))) for b in boundaries if b.kind == "cut"]
            pairs = match_boundaries(np.array(at, float), np.array(facts["cuts"], float), 2.0)
            hit = {i for i, _ in pairs}
            missed = [f for i, f in enumerate(at) if i not in hit]
            wrong = [f for f in missed if not any(a - 2 <= f <= b + 2 for a, b, _ in facts["gradual"])]
            matched, false = matched + len(pairs), false + len(wrong)
            spans = [np.searchsorted(times, b.span_s) for b in boundaries if b.kind != "cut"]
            mixes += len(facts["gradual"])
            mixed += sum(any(a <= y and x <= b for x, y in spans) for a, b, _ in facts["gradual"])
        print(
            f"  {method:<16}{2 * matched / (matched + false + known):>7.3f}{matched:>7}{false:>7}"
            f"{known - matched:>8}{f'{mixed}/{mixes}':>9}{rate:>10.0f}"
        )


def print_sample_films() -> None:
    rows = []
    cuts = np.zeros(3, int)
    films = sample_set()
    for path in films.videos:
        truth, measured = films.truth[path.name], measure(path)
        times = np.array([b.time_s for b in find_shots(measured.cuts) if b.kind == "cut"])
        pairs = match_boundaries(times, np.array(truth.cut_times_s), 1.5 / truth.fps)
        cuts += (len(pairs), len(times), len(truth.cut_times_s))
        tree = segment(measured)
        known = [Span(s.start_s, s.end_s) for s in truth.at("moment")]
        row: dict[str, object] = {"film": path.name, "split": truth.split, "moments": len(known)}
        row["semantic"] = share_recalled([s.span for s in tree.leaves], known)
        for length in (2.0, 4.0, 10.0):
            row[f"{length:g} s"] = share_recalled(windows(truth.duration_s, length), known)
        for level in ("moment", "scene", "chapter"):
            scores = score_segments(list_edges(tree.at(level)), list_edges(truth.at(level)), 0.5)
            row[f"F1 {level}"] = scores["f1"]
        rows.append(row)
    matched, found, total = cuts.tolist()
    print(f"sample films, hard cuts, ±1 frame, n={total}: F1 {2 * matched / (found + total):.3f}")
    print("moment recall: share of true moments with a leaf of tIoU ≥ .5; F1: boundaries at ±0.5 s")
    figures = [name for name in rows[0] if name not in ("film", "split", "moments")]
    print(f"  {'film':<20}{'split':<6}" + "".join(f"{name:>11}" for name in figures))
    for row in rows:
        print(f"  {row['film']:<20}{row['split']:<6}" + "".join(f"{row[f]:>11.3f}" for f in figures))
    for split in ("dev", "test"):
        part = [r for r in rows if r["split"] == split]
        if part:
            means = "".join(f"{np.mean([float(str(r[f])) for r in part]):>11.3f}" for f in figures)
            print(f"  {'mean':<20}{split:<6}" + means)


def print_speed() -> None:
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (1024, 27, 48, 3), dtype=np.uint8)
    distances, began = CutDistances(), time.process_time()
    distances.push(frames, np.arange(1024) / 25)
    print(f"shot distances: {1024 / (time.process_time() - began):.0f} frames per CPU second")
    x = rng.normal(size=(3600, 100)) + np.repeat(rng.normal(size=(90, 100)), 40, 0)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    began = time.process_time()
    find_penalty(measure_costs(prefix_sums(x), min_length=4, max_length=240), 200)
    print(f"leaves of n=3600, d=100, penalty searched: {time.process_time() - began:.2f} CPU s")
    began = time.process_time()
    partition(measure_costs(prefix_sums(x)), 3.0)
    print(f"exact partition of n=3600, d=100, no longest length: {time.process_time() - began:.2f} CPU s")


def main() -> None:
    folder = Path(os.environ.get("VIDEXPLORE_MEDIA") or Path(__file__).parents[2] / "shared" / "media")
    if (folder / "truth" / "shots.json").is_file():
        print_real_shots(folder)
    else:
        print("real clips: not here; point VIDEXPLORE_MEDIA at their folder")
    print_sample_films()
    print_speed()


if __name__ == "__main__":
    main()
