"""Copies planted in films and real clips: how many are found again, and what else is taken for a copy.

    python benchmarks/copies.py                20 stretches of ten seconds, eight copies of each
    python benchmarks/copies.py --stretches 6 --seed 3

A copy counts as found where a stretch that overlaps the original by half is named, mirrored or not as it is.
What is named besides is counted apart: another stretch of the same film (drawn films and fixed cameras repeat
themselves), and another film.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from shelf import real_clips
from tables import show

import videxplore as vx
from videxplore.errors import VideoError
from videxplore.stages.licensing.copies import Copy, find_copies
from videxplore.stages.licensing.fingerprints import Fingerprint, fingerprint

LENGTH_S, WIDTH, FPS = 10.0, 640, 25.0
KINDS = ("encoded again", "darker", "mirrored", "cropped", "trimmed", "letterboxed", "pillarboxed", "logo")
SAME_FILM = {"mdn_flower": "flower", "mdn_rabbit": "rabbit", "bunny": "bunny", "bbb": "bunny"}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--stretches", type=int, default=20)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    originals = films()
    rng = np.random.default_rng(given.seed)
    places = [(path, start) for path, f in originals.items() for start in np.arange(1, f.duration_s - 6, 15)]
    picked = [places[i] for i in rng.permutation(len(places))[: given.stretches]]
    with tempfile.TemporaryDirectory() as folder:
        planted = dict(plant(picked, Path(folder), rng))
    began = time.process_time()
    found = find_copies([f for f, _, _ in planted.values()], list(originals.values()))
    spent = time.process_time() - began
    report(originals, planted, found)
    print(f"\n{len(planted)} copies against {len(originals)} films: {spent:.0f} s of processor time")


def films() -> dict[Path, Fingerprint]:
    """Sample films and real clips of some length."""
    folder = real_clips()
    paths = [*vx.sample_videos(), *(sorted(folder.iterdir()) if folder is not None else ())]
    found = {}
    for path in paths:
        try:
            video = vx.open_video(path)
        except (VideoError, ValueError):
            continue
        if video.duration_s >= LENGTH_S:
            found[Path(path)] = fingerprint(video)
    return found


def plant(
    places: list[tuple[Path, float]], folder: Path, rng: np.random.Generator
) -> Iterator[tuple[str, tuple[Fingerprint, tuple[Path, float], str]]]:
    """Fingerprints of the copies of each stretch, by name, with the stretch and the kind."""
    for path, start in places:
        video = vx.open_video(path)
        times = np.arange(start, min(start + LENGTH_S, video.duration_s), 1 / FPS)
        size = (WIDTH, round(video.height * WIDTH / video.width / 2) * 2) if video.width > WIDTH else None
        rgb = vx.frames(video, times_s=times, size=size).rgb
        for kind in KINDS:
            target = folder / f"{path.stem}_{start:.0f}_{kind}.mp4"
            write(target, altered(rgb, kind, rng), crf="32" if kind == "encoded again" else "26")
            yield str(target), (fingerprint(vx.open_video(target)), (path, start), kind)


def altered(rgb: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    n, h, w, _ = rgb.shape
    match kind:
        case "encoded again":
            return rgb[:, ::2, ::2]
        case "darker":
            return (rgb * np.float32(0.8) + 30).clip(0, 255).astype(np.uint8)
        case "mirrored":
            return rgb[:, :, ::-1]
        case "cropped":
            share = rng.uniform(0.75, 0.9)
            tall, wide = int(h * share), int(w * share)
            top, left = int((h - tall) * rng.random()), int((w - wide) * rng.random())
            return rgb[:, top : top + tall, left : left + wide]
        case "trimmed":
            first = int(rng.integers(0, n - n // 2))
            return rgb[first : first + n // 2]
        case "letterboxed":
            barred = rgb.copy()
            barred[:, : int(h * 0.12)] = barred[:, -int(h * 0.12) :] = 0
            return barred
        case "pillarboxed":
            side = w // 8
            return np.pad(rgb, ((0, 0), (0, 0), (side, side), (0, 0)))
    marked = rgb.copy()
    marked[:, int(h * 0.05) : int(h * 0.19), int(w * 0.78) : int(w * 0.96)] = (240, 200, 30)
    return marked


def write(path: Path, pictures: np.ndarray, *, crf: str) -> None:
    height, width = (size // 2 * 2 for size in pictures.shape[1:3])
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(FPS), options={"preset": "ultrafast", "crf": crf}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for picture in pictures[:, :height, :width]:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def film_of(path: Path) -> str:
    """One name for files that hold the same film."""
    return next((film for part, film in SAME_FILM.items() if part in path.name), path.name)


def report(originals: dict, planted: dict, found: list[Copy]) -> None:
    path_of = {f.video_id: path for path, f in originals.items()}
    told = {f.video_id: (place, kind) for f, place, kind in planted.values()}
    right: set[str] = set()
    named = Counter()
    for copy in found:
        (path, start), kind = told[copy.video_id]
        other = path_of[copy.of_video_id]
        shared = min(copy.of_span.end_s, start + LENGTH_S) - max(copy.of_span.start_s, start)
        if film_of(other) != film_of(path):
            named["another film"] += 1
        elif other != path:
            named["the same film in another file"] += 1
        elif copy.mirrored == (kind == "mirrored") and shared >= copy.of_span.duration_s / 2:
            named["right"] += 1
            right.add(copy.video_id)
        else:
            named["another stretch of the same film"] += 1
    total = Counter(kind for _, kind in told.values())
    hits = Counter(told[video_id][1] for video_id in right)
    rows = [{"kind": kind, "found": hits[kind], "of": total[kind]} for kind in KINDS]
    show("Planted copies", [*rows, {"kind": "all", "found": len(right), "of": len(told)}])
    show("Stretches named", [{"what": what, "count": count} for what, count in named.most_common()])


if __name__ == "__main__":
    main()
