"""Throughput: measuring against plain decoding, side by side on the same files; two workers; re-cutting.

The limit is what PyAV needs to decode every frame and throw it away, with the threads that it chooses. Each
figure is the best of three runs, timed in turn, so that another process on the machine counts as little as
possible. ``benchmarks/decoding.py`` holds decoding itself against its limit.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from tables import show

from videxplore.stages.decoding.probe import open_video
from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.features.measure import measure
from videxplore.stages.segmentation.segment import segment
from videxplore.studio.samples import sample_videos
from videxplore.values.media import Span
from videxplore.workbench.ingest import ingest

REAL_CLIPS = (
    "moviepy_second_vid.mp4",
    "mdn_tears-of-steel-battle-clip-medium.webm",
    "intel_one-by-one-person-detection.mp4",
    "moviepy_big_buck_bunny_0_30.webm",  # 720p
)


def best_of(run: Callable[[], object], times: int = 3) -> float:
    """Seconds of the fastest of ``times`` runs."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        spent.append(time.perf_counter() - began)
    return min(spent)


def decode_plainly(path: Path) -> None:
    """Decode every frame of the first video stream, with threads, and look at none."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for _ in container.decode(video=0):
            pass


def compare_with_decoding(path: Path) -> dict[str, object]:
    """One row: seconds of plain decoding, and what measuring and encoding take in multiples of that."""
    video, encoder = open_video(path), PerceptualEncoder(sentences=None)
    spans = [Span(t, min(t + 4.0, video.duration_s)) for t in np.arange(0.0, video.duration_s - 0.5, 4.0)]
    runs = {
        "decode": lambda: decode_plainly(path),
        "measure": lambda: encoder.encode_spans(measure(video), spans),
    }
    best = dict.fromkeys(runs, (float("inf"), float("inf")))
    for _ in range(3):
        for name, run in runs.items():
            began, worked = time.perf_counter(), time.process_time()
            run()
            spent = time.perf_counter() - began, time.process_time() - worked
            best[name] = (min(best[name][0], spent[0]), min(best[name][1], spent[1]))
    return {
        "file": f"{path.name[:34]} {video.height}p",
        "seconds": video.duration_s,
        "decode s": best["decode"][0],
        "measure ×": best["measure"][0] / best["decode"][0],
        "measure cpu ×": best["measure"][1] / best["decode"][1],
        "× real time": video.duration_s / best["measure"][0],
        "× per core": video.duration_s / best["measure"][1],
    }


def compare_workers(films: Sequence[Path]) -> list[dict[str, object]]:
    """Ingest of the same films by one worker process and by two."""
    seconds = sum(open_video(film).duration_s for film in films)
    rows: list[dict[str, object]] = []
    alone = 0.0
    for workers in (1, 2):
        with TemporaryDirectory() as folder:
            library = Path(folder) / "bench.lance"
            report = ingest(films, library, workers=workers, progress=False)
        alone = alone or report.seconds
        rows.append({
            "workers": workers, "films": len(report.done), "seconds": report.seconds,
            "× real time": seconds / report.seconds, "× one worker": alone / report.seconds,
        })  # fmt: skip
    return rows


def main() -> None:
    folder = Path(os.environ.get("VIDEXPLORE_MEDIA") or Path(__file__).parents[2] / "shared" / "media")
    paths = [path for name in REAL_CLIPS if (path := folder / name).is_file()]
    films = sample_videos()
    rows = [compare_with_decoding(path) for path in [*paths, *films[:2]]]
    show(
        "measuring everything against plain decoding",
        rows,
        note="with encoding; cpu: processor time, of all threads",
    )
    show("ingest by worker processes", compare_workers(films[:4]), note="1 works in the process that asks")
    tree = segment(films[0])
    spent = best_of(lambda: tree.recut({"moment": 8.0, "scene": 60.0}))
    print(
        f"\nre-cutting {tree.video.path.name} ({tree.video.duration_s:.0f} s) without decoding: {spent:.3f} s"
    )


if __name__ == "__main__":
    main()
