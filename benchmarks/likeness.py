"""What the similarity block of the perceptual encoder is worth: segments by example, with it and without.

    python benchmarks/likeness.py [--split dev|test]

Every moment of the sample films, as the scripts cut them, is the example once, and is compared with all
others as a library compares examples. Two questions: does a coarser copy of a film (CRF 32, half the size,
four fifths of the frames; films of one frame rate) find the moment that it was made from, and do the moments
of the same scene come first? On the real clips, where at hand: do the shots of the same clip come first?
Intervals: bootstrap over films or clips.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from shelf import ROOT, real_clips
from tables import interval, show

from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.features.measure import measure
from videxplore.stages.store.scoring import Space
from videxplore.studio.render import film_paths
from videxplore.studio.samples import film_truths
from videxplore.values.media import Span
from videxplore.values.vectors import EncoderCard

sys.path.insert(0, str(ROOT / "tests"))

from synthetic import reencode

WITHOUT = ("visual", "audio", "structure")
LAYOUTS = {
    "without": WITHOUT,
    "with": (*WITHOUT, "similarity"),
    "picture, without": ("visual",),
    "picture, with": ("visual", "similarity"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--split", choices=["dev", "test"], default="dev")
    split = parser.parse_args().split
    encoder = PerceptualEncoder(sentences=None)
    values, copies, scenes, films = moments(encoder, split)
    rows = []
    for name, blocks in LAYOUTS.items():
        place = compare(encoder.card, values, blocks)
        copied = np.flatnonzero(np.isfinite(copies).all(axis=1))
        found = [int((s > s[i]).sum()) for i, s in ((i, place(copies[i])) for i in copied)]
        first, precision = same_first(values, place, scenes)
        rows.append({
            "columns": name, f"{len(copied)} copies, r@1": float(np.mean(np.array(found) == 0)),
            "same scene, first": over(first, films), "same scene, mAP": over(precision, films),
        })  # fmt: skip
    note = f"{len(values)} moments of {len(set(films))} {split} films"
    show("examples in the sample films", rows, note=note)
    on_real_clips(encoder)


def moments(encoder: PerceptualEncoder, split: str) -> tuple[np.ndarray, np.ndarray, list, list[str]]:
    """Vectors (n, d) of all moments and of their coarser copies, the scene and the film of each."""
    paths, values, copies, scenes, films = film_paths(), [], [], [], []
    for name, truth in film_truths().items():
        if truth.split != split:
            continue
        spans = [Span(s.start_s, s.end_s) for s in truth.at("moment")]
        made = encoder.encode_spans(measure(paths[name]), spans)
        copy = np.full_like(made, np.nan)
        if not truth.frame_times_s:  # the writer of copies keeps to one frame rate
            with TemporaryDirectory() as folder:
                coarse = measure(reencode(paths[name], Path(folder) / "coarse.mp4"))
            copy = encoder.encode_spans(coarse, spans)
        # The copy has pictures alone; its sound would be the same.
        sound = encoder.card.slices()["audio"]
        copy[:, sound] = made[:, sound]
        middles = [s.start_s + s.duration_s / 2 for s in spans]
        starts = [s.start_s for s in truth.at("scene")]
        values.append(made)
        copies.append(copy)
        scenes += [(name, int(np.searchsorted(starts, m, side="right"))) for m in middles]
        films += [name] * len(spans)
    return np.concatenate(values), np.concatenate(copies), scenes, films


def compare(card: EncoderCard, values: np.ndarray, blocks: Sequence[str]):
    """A function from a vector (d,) to the scores (n,) of all items, by the given blocks alone."""
    columns = np.concatenate([np.r_[card.slices()[name]] for name in blocks])
    lengths = tuple((name, dict(card.blocks)[name]) for name in blocks)
    own = EncoderCard("part", len(columns), blocks=lengths)
    unit = values[:, columns] / np.linalg.norm(values[:, columns], axis=1, keepdims=True)
    space = Space.fit(unit, np.full(len(unit), "moment"), own, "moment")

    def place(vector: np.ndarray) -> np.ndarray:
        part = vector[columns] / np.linalg.norm(vector[columns])
        return space.probe(space.centred(part, "moment")).score(space.items)

    return place


def same_first(values: np.ndarray, place, groups: Sequence) -> tuple[list[float], list[float]]:
    """Per item that is not alone in its group: is the first other item of it, and average precision."""
    first, precision = [], []
    for i, vector in enumerate(values):
        others = np.arange(len(values)) != i
        right = np.array([g == groups[i] for g in groups])[others]
        if not right.any():
            first.append(np.nan)
            precision.append(np.nan)
            continue
        hits = right[np.argsort(-place(vector)[others], kind="stable")]
        first.append(float(hits[0]))
        precision.append(float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean()))
    return first, precision


def over(figures: Sequence[float], clusters: Sequence[str]) -> str:
    """Mean, and its 95 % bootstrap interval over clusters."""
    figures, names = np.array(figures), sorted(set(clusters))
    parts = [figures[np.array([c == name for c in clusters])] for name in names]
    rng = np.random.default_rng(0)
    drawn = [
        np.nanmean(np.concatenate([parts[k] for k in rng.integers(0, len(parts), len(parts))]))
        for _ in range(2000)
    ]
    return interval(float(np.nanmean(figures)), *np.percentile(drawn, (2.5, 97.5)))


def on_real_clips(encoder: PerceptualEncoder) -> None:
    folder = real_clips()
    if folder is None:
        print("\nreal clips: not at hand; name their folder in VIDEXPLORE_MEDIA")
        return
    values, clips = [], []
    for name, truth in json.loads((folder / "truth" / "shots.json").read_text())["videos"].items():
        if len(truth["cuts"]) < 2:
            continue
        measured = measure(folder / name)
        times = measured.cuts.times_s
        edges = [0.0, *(float(times[min(c, len(times) - 1)]) for c in truth["cuts"])]
        edges.append(measured.video.duration_s)
        spans = [Span(a, b) for a, b in pairwise(edges) if b - a >= 0.6]
        values.append(encoder.encode_spans(measured, spans))
        clips += [name] * len(spans)
    every, rows = np.concatenate(values), []
    for name, blocks in LAYOUTS.items():
        place = compare(encoder.card, every, blocks)
        first, precision = same_first(every, place, clips)
        rows.append({"columns": name, "first": over(first, clips), "mAP": over(precision, clips)})
    show("shots of the same real clip", rows, note=f"{len(clips)} shots of {len(set(clips))} clips")


if __name__ == "__main__":
    main()
