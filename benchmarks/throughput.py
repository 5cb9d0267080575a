"""Throughput: scanning and measuring against plain decoding, side by side on the same files; re-cutting.

The limit is what FFmpeg needs to decode every frame and throw it away, with the same threads. Each figure is
the best of three runs, so that another process on the machine counts as little as possible.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import av
from tables import show

from videxplore.stages.decoding.frames import FrameScan
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.features.measure import measure
from videxplore.stages.segmentation.segment import segment
from videxplore.studio.samples import sample_videos
from videxplore.values.media import Video

SCAN_SIZE = (96, 54)
REAL_CLIPS = (
    "moviepy_second_vid.mp4",
    "mdn_tears-of-steel-battle-clip-medium.webm",
    "intel_one-by-one-person-detection.mp4",
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


def scan(video: Video, backend: str) -> None:
    """Decode and scale every frame as the measurements need it."""
    for _ in FrameScan(video, size=SCAN_SIZE, backend=backend):
        pass


def compare_with_decoding(path: Path) -> dict[str, object]:
    """One row: seconds of plain decoding, and what everything else takes in multiples of that."""
    video = open_video(path)
    limit = best_of(lambda: decode_plainly(path))
    row: dict[str, object] = {"file": path.name[:34], "seconds": video.duration_s, "decode s": limit}
    row["scan pyav ×"] = best_of(lambda: scan(video, "pyav")) / limit
    try:
        row["scan decord ×"] = best_of(lambda: scan(video, "decord")) / limit
    except (ImportError, ValueError) as error:
        row["scan decord ×"] = type(error).__name__
    spent = best_of(lambda: measure(video), times=2)
    row["measure ×"] = spent / limit
    row["× real time"] = video.duration_s / spent
    return row


def main() -> None:
    folder = Path(os.environ.get("VIDEXPLORE_MEDIA") or Path(__file__).parents[2] / "shared" / "media")
    paths = [path for name in REAL_CLIPS if (path := folder / name).is_file()]
    films = sample_videos()
    rows = [compare_with_decoding(path) for path in [*paths, *films[:2]]]
    show(f"against plain decoding (scan at {SCAN_SIZE[0]}×{SCAN_SIZE[1]}, every frame)", rows)
    tree = segment(films[0])
    spent = best_of(lambda: tree.recut({"moment": 8.0, "scene": 60.0}))
    print(
        f"\nre-cutting {tree.video.path.name} ({tree.video.duration_s:.0f} s) without decoding: {spent:.3f} s"
    )


if __name__ == "__main__":
    main()
