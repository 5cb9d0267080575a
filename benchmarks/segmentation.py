"""Figures of shots and segments: real clips, sample films, speed. Prints tables; nothing is tuned here.

Run: ``python benchmarks/segmentation.py``. Real clips are measured where VIDEXPLORE_MEDIA has them.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Sequence
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
from videxplore.stages.evaluation.transitions import HARD_KINDS, count_shots, f1
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


def print_real_shots(folder: Path, methods: Sequence[str] = SHOT_METHODS) -> None:
    """All detectors on the same clips in one run; each decodes by itself, as a user would have it."""
    truth = json.loads((folder / "truth" / "shots.json").read_text())["videos"]
    known = sum(len(facts["cuts"]) for facts in truth.values())
    print(f"real clips, hard cuts, ±2 frames, one-to-one, inside gradual ignored, n={known};")
    print(
        "gradual: F1 of intervals that share a frame, one-to-one (matched/found/known); speed with decoding"
    )
    print(
        f"  {'method':<16}{'F1':>7}{'found':>7}{'false':>7}{'gradual':>9}{'':>12}{'jumps':>7}{'frames/s':>10}"
    )
    indices = {name: frame_index(folder / name).times_s for name in truth}
    for method in methods:
        began = time.perf_counter()
        found = {name: detect_shots(folder / name, method=method) for name in truth}
        rate = sum(map(len, indices.values())) / (time.perf_counter() - began)
        counts = Counter[str]()
        for name, facts in truth.items():
            counts += count_shots(
                found[name], indices[name], cuts=facts["cuts"], gradual=facts["gradual"], tolerance=2
            )
        gradual = "/".join(str(counts[f"gradual {what}"]) for what in ("matched", "found", "known"))
        print(
            f"  {method:<16}{f1(counts, 'cuts'):>7.3f}{counts['cuts matched']:>7}"
            f"{counts['cuts found'] - counts['cuts matched']:>7}{f1(counts, 'gradual'):>9.3f}{gradual:>12}"
            f"{counts['jumps found']:>7}{rate:>10.0f}"
        )


def print_sample_films() -> None:
    rows = []
    cuts = np.zeros(3, int)
    films = sample_set()
    for path in films.videos:
        truth, measured = films.truth[path.name], measure(path)
        times = np.array([b.time_s for b in find_shots(measured.cuts) if b.kind in HARD_KINDS])
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
