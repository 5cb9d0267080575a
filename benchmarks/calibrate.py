"""Fit the reference quantiles of the perceptual encoder and write ``calibration.json``.

    python benchmarks/calibrate.py --dev-films FILE_OR_FOLDER [FILE_OR_FOLDER ...]

Every three seconds of every video are one sample; no video gives more than ``--most``, so that one long film
does not decide what is usual. The test films of the sample set are never looked at.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from videxplore.errors import VideoError
from videxplore.stages.encoding.perceptual import calibration
from videxplore.stages.encoding.perceptual.rows import describe
from videxplore.stages.features.measure import measure
from videxplore.studio.samples import sample_set
from videxplore.values.media import Span

SUFFIXES = {".mp4", ".webm", ".mkv", ".mov"}
WINDOW_S = 3.0


def find_videos(places: list[Path]) -> list[Path]:
    found = []
    for place in places:
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        found += [path for path in inside if path.suffix.lower() in SUFFIXES]
    return found


def find_dev_films() -> list[Path]:
    films = sample_set()
    return [path for path in films.videos if films.truth[path.name].split == "dev"]


def sample(path: Path, most: int) -> np.ndarray | None:
    try:
        measurements = measure(path)
    except VideoError as error:
        print(f"left out: {error}")
        return None
    starts = np.arange(0.0, max(measurements.video.duration_s - WINDOW_S / 2, 0.1), WINDOW_S)
    starts = starts[np.unique(np.linspace(0, len(starts) - 1, min(most, len(starts))).round().astype(int))]
    end = measurements.video.duration_s
    return describe(measurements, [Span(s, min(s + WINDOW_S, end)) for s in starts])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("places", nargs="*", type=Path)
    parser.add_argument(
        "--dev-films", action="store_true", help="add the development films of the sample set"
    )
    parser.add_argument("--most", type=int, default=40, help="samples per video")
    arguments = parser.parse_args()
    videos = find_videos(arguments.places) + (find_dev_films() if arguments.dev_films else [])
    samples = [s for s in (sample(path, arguments.most) for path in videos) if s is not None]
    raw = np.concatenate(samples)
    target = Path(calibration.__file__).with_name("calibration.json")
    origin = f"{len(samples)} videos, {len(raw)} windows of {WINDOW_S:g} s"
    knots = calibration.fit_knots(raw)
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(values)}" for name, values in knots.items())
    text = f'{{\n  "origin": {json.dumps(origin)},\n  "knots": {{\n{lines}\n  }}\n}}\n'
    target.write_text(text, encoding="utf-8")
    print(f"{target}: {origin}")


if __name__ == "__main__":
    main()
