"""Technical faults planted in films and real clips: how many are found, where, and what else is said.

    python benchmarks/inspection.py                    ten films, each fault once in each
    python benchmarks/inspection.py --films 3 --seed 4
    python benchmarks/inspection.py --real             nothing planted: what is said of the real clips



A fault counts as found where the stretches named overlap the planted one by half (intersection over union).
What the untouched film is said to show is no false alarm of the planted one and is listed by --real.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from flawed_films import FPS, WHOLE, hear, spoil, tone, write  # noqa: E402
from shelf import real_clips  # noqa: E402
from tables import show  # noqa: E402

import videxplore as vx  # noqa: E402
from videxplore.errors import VideoError  # noqa: E402
from videxplore.stages.licensing.technical.inspect import inspect  # noqa: E402
from videxplore.values.inspections import Inspection  # noqa: E402
from videxplore.values.media import Span, Video  # noqa: E402

LENGTH_S, MEDLEY_S, WIDTH = 12.0, 40, 640
PLANTED = {
    "black": "black", "frozen": "frozen", "title card": "frozen", "letterbox": "letterbox",
    "pillarbox": "letterbox", "blurred": "blurred", "blocky": "blocky", "blocky H.264": "blocky",
    "blocky MPEG-4": "blocky", "blocky MJPEG": "blocky",
    "clipped picture": "clipped picture", "interlaced": "interlaced", "silent": "silent",
    "clipped sound": "clipped sound", "burnt-in text": "burnt-in text", "logo": "logo",
    "faint mark": "logo", "over-edited": "over-edited", "night": "", "noisy still": "",
}  # fmt: skip
"""What is planted -> the kind that should be found; none for what must not be taken for a fault."""
NEVER = {"night": ("black",), "noisy still": ("frozen",), "title card": ("black",)}
FROM_MANY = {"logo": 3.0, "faint mark": 3.0, "over-edited": 1.2}
"""Faults that only show over many scenes -> seconds of each scene."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--films", type=int, default=10)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--kinds", nargs="*", default=list(PLANTED))
    options.add_argument("--real", action="store_true")
    given = options.parse_args()
    videos = sources()
    if given.real:
        report_real(videos)
        return
    rng = np.random.default_rng(given.seed)
    long = [
        video for video in videos if video.duration_s >= LENGTH_S and min(video.width, video.height) > 150
    ]
    picked = [long[i] for i in rng.permutation(len(long))[: given.films]]
    with tempfile.TemporaryDirectory() as folder:
        report(picked, long, given.kinds, Path(folder), rng)


def sources() -> list[Video]:
    """Sample films and real clips."""
    folder = real_clips()
    videos = []
    for path in (*vx.sample_videos(), *(sorted(folder.iterdir()) if folder is not None else ())):
        try:
            videos.append(vx.open_video(path))
        except (VideoError, ValueError):
            continue
    return videos


def report(
    picked: list[Video], many: list[Video], kinds: list[str], folder: Path, rng: np.random.Generator
) -> None:
    """Plant each fault in each film and print how many are found."""
    found, planted, edges = Counter(), Counter(), defaultdict(list)
    besides, spent, seconds = Counter(), 0.0, 0.0
    for video in picked:
        pictures = read(video, float(rng.uniform(0, video.duration_s - LENGTH_S)), LENGTH_S)
        sound = tone(LENGTH_S)
        clean = inspect(vx.open_video(write(folder / "clean.mp4", pictures, sound)))
        start_s = float(rng.integers(8, 20)) / 4
        span = Span(start_s, start_s + float(rng.integers(14, 22)) / 4)
        for kind in kinds:
            basis = medley(many, FROM_MANY[kind], rng) if kind in FROM_MANY else pictures
            before = None if kind in FROM_MANY else clean
            path = write(folder / "flawed.mp4", spoil(kind, basis, span), hear(kind, sound, span))
            flawed = vx.open_video(path)
            began = time.process_time()
            inspection = inspect(flawed)
            spent, seconds = spent + time.process_time() - began, seconds + flawed.duration_s
            where = flawed.span if kind in WHOLE else span
            wanted = PLANTED[kind]
            planted[kind] += 1
            if wanted:
                overlap = iou(inspection.stretches.get(wanted, ()), where)
                found[kind] += overlap >= 0.5
                edges[kind].append(overlap)
                if overlap < 0.5:
                    print(f"missed: {kind} in {video.path.name} ({overlap:.2f})", flush=True)
            for other in said_anew(inspection, before, wanted, NEVER.get(kind, ())):
                besides[kind, other] += 1
                print(f"besides: {kind} in {video.path.name}: {other}", flush=True)
    rows = [
        {
            "planted": kind,
            "found": f"{found[kind]} of {planted[kind]}" if PLANTED[kind] else "—",
            "median overlap": f"{np.median(edges[kind]):.2f}" if edges[kind] else "—",
            "said besides": ", ".join(f"{o} {n}" for (k, o), n in besides.items() if k == kind) or "—",
        }
        for kind in planted
    ]
    show("Faults planted", rows)
    print(f"\n{sum(planted.values())} films of {LENGTH_S:g} s: {seconds / spent:.0f} times real time")


def iou(spans: tuple[Span, ...], planted: Span) -> float:
    """Overlap of what is named with what was planted."""
    shared = sum(span.overlap_s(planted) for span in spans)
    return shared / (sum(span.duration_s for span in spans) + planted.duration_s - shared)


def said_anew(
    inspection: Inspection, before: Inspection | None, wanted: str, never: tuple[str, ...]
) -> list[str]:
    """Kinds that are named for a tenth of the film more than before anything was planted."""
    if before is None:
        return [kind for kind in never if kind in inspection.stretches]
    return [
        kind
        for kind in inspection.stretches
        if kind != wanted
        and (wanted, kind) != ("frozen", "burnt-in text")  # a title card is both
        and inspection.share(kind) > before.share(kind) + (0.0 if kind in never else 0.1)
    ]


def read(video: Video, start_s: float, seconds: float) -> list[np.ndarray]:
    """Pictures at 25 a second, 640 wide."""
    height = round(WIDTH * video.height / video.width / 2) * 2
    batch = vx.frames(video, times_s=start_s + np.arange(round(seconds * FPS)) / FPS, size=(WIDTH, height))
    return list(batch.rgb)


def medley(videos: list[Video], every_s: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Scenes from many films, at one size."""
    pictures: list[np.ndarray] = []
    while len(pictures) < MEDLEY_S * FPS:
        video = videos[int(rng.integers(len(videos)))]
        start_s = float(rng.uniform(0, video.duration_s - every_s))
        times_s = start_s + np.arange(round(every_s * FPS)) / FPS
        pictures += list(vx.frames(video, times_s=times_s, size=(WIDTH, 360)).rgb)
    return pictures[: MEDLEY_S * FPS]


def report_real(videos: list[Video]) -> None:
    """Print what is said of clips as they are."""
    seconds, rows, spent = 0.0, defaultdict(lambda: [0.0, ""]), 0.0
    for video in videos:
        began = time.process_time()
        try:
            inspection = inspect(video)
        except VideoError as error:
            print(error)
            continue
        spent += time.process_time() - began
        seconds += video.duration_s
        for kind, spans in inspection.stretches.items():
            rows[kind][0] += sum(span.duration_s for span in spans)
            rows[kind][1] += f" {video.path.name[:24]} {inspection.share(kind):.0%}"
    show(
        "Real clips and sample films as they are",
        [
            {"kind": kind, "share of the time": f"{total / seconds:.2%}", "where": where}
            for kind, (total, where) in sorted(rows.items())
        ],
    )
    print(f"\n{len(videos)} files, {seconds / 60:.1f} minutes, {seconds / spent:.0f} times real time")


if __name__ == "__main__":
    main()
