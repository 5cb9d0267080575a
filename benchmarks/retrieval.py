"""Search quality: segments by meaning against windows, known answers, speed.

Settings are chosen on the ``dev`` queries; this prints ``test`` unless told otherwise. Intervals are
95 % bootstrap intervals over videos, and the sample set has few of them: read them with the number of
videos beside them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence

import numpy as np
from shelf import WINDOWS_S, library_of
from tables import interval, show

from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.encoding.sentences import SentenceEncoder
from videxplore.stages.evaluation.matching import file_name
from videxplore.stages.evaluation.metrics import measure_hits
from videxplore.stages.evaluation.summary import QueryFigures, cluster_of, summarise
from videxplore.stages.reranking.rerank import rerank
from videxplore.studio.samples import SampleSet, sample_set
from videxplore.values.media import Span
from videxplore.values.rankings import JudgedQuery
from videxplore.workbench.library import Library

GOOD = 2
"""A first hit is right when its judgement says "good" or "exactly what was asked for"."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=["dev", "test"], default="test")
    parser.add_argument("--without-guesses", action="store_true", help="leave unknown words unknown")
    parser.add_argument("--spoken", action="store_true", help="compare what is said by its meaning too")
    options = parser.parse_args()
    split = options.split
    sentences = None if options.without_guesses else SentenceEncoder()
    print(f"unknown words: {'left out' if sentences is None else f'guessed with {sentences.source}'}")
    encoder = PerceptualEncoder(sentences=sentences)
    studio = sample_set()
    queries = [q for q in studio.queries if q.split == split]
    print(f"sample set, {len(studio.videos)} films, {len(queries)} {split} queries")
    name = "sample-spoken" if options.spoken else "sample"
    libraries = {
        cut: library_of(studio.videos, name, window_s=window_s, encoder=encoder)
        for cut, window_s in (("moments", None), *((f"{w:g}-s windows", w) for w in WINDOWS_S))
    }
    if options.spoken:
        for library in libraries.values():
            library.add_encoder("sentences", progress=False)
    semantic = libraries["moments"]
    against_windows(studio, queries, libraries)
    known_answers(studio, semantic)
    speed(semantic)


def against_windows(
    studio: SampleSet, queries: Sequence[JudgedQuery], libraries: Mapping[str, Library]
) -> None:
    """Short events: is a moment found by meaning a better first hit than a window of the clock?"""
    events = [q for q in queries if q.kind == "event"]
    systems = {name: (library, library.snapshot().levels[0]) for name, library in libraries.items()}
    results = {name: {} for name in systems}
    for name, (library, level) in systems.items():
        for q in events:
            judged = studio.qrels[q.query_id]
            hits = library.search(q.text, k=10, level=level).hits
            results[name][q.query_id] = measure_hits(hits, judged, least_gain=GOOD)
    figures = [
        QueryFigures(
            q.query_id, cluster_of(studio.qrels[q.query_id]), {n: results[n][q.query_id] for n in systems}
        )
        for q in events
    ]
    show_summary(
        f"short events, {len(events)} queries: the finest level, first hit",
        summarise(figures, metrics=["r@1", "midpoint@1", "miou@1", "mrr"]),
        note="r@1: tIoU ≥ .5 with a span judged good or exact; midpoint@1: its middle lies in one",
    )
    means = {
        m: {n: float(np.mean([results[n][q.query_id][m] for q in events])) for n in systems}
        for m in ("r@1", "midpoint@1")
    }
    best = max((n for n in systems if n != "moments"), key=lambda n: means["r@1"][n])
    print(
        f"\n  r@1 of moments minus best windows ({best}): "
        f"{means['r@1']['moments'] - means['r@1'][best]:+.3f} (aim: +.10)"
    )
    print(
        "  midpoint@1 of moments minus 10-s windows: "
        f"{means['midpoint@1']['moments'] - means['midpoint@1']['10-s windows']:+.3f} (aim: +.25)"
    )


def show_summary(title: str, rows: Sequence[dict], *, note: str = "") -> None:
    shown = []
    for row in rows:
        line = {
            "metric": row["metric"],
            "system": row["system"],
            "mean [95 %]": interval(row["mean"], row["low"], row["high"]),
            "queries": row["queries"],
            "videos": row["videos"],
        }
        if "delta" in row:
            line |= {
                "difference [95 %]": interval(row["delta"], row["delta_low"], row["delta_high"], sign=True),
                "p": row["p"],
                "win/tie/loss": f"{row['win']}/{row['tie']}/{row['loss']}",
            }
        shown.append(line)
    show(title, shown, note=note)


def known_answers(studio: SampleSet, library: Library) -> None:
    """Two answers that anyone can check by looking."""
    rows = []
    for text in ("gunshot", "a gunshot in the dark", "first half", "first half of the match"):
        for system in ("raw", "joint"):
            raw = library.search(text, k=3)
            found = (raw if system == "raw" else rerank(raw, system)).hits
            hit = found[0] if found else None
            rows.append({
                "query": text, "system": system,
                "first hit": f"{hit.level} {hit.span} of {file_name(hit.video)}" if hit else "nothing",
                "tags there": ", ".join(sorted(_tags(studio, hit))[:6]) if hit else "",
            })  # fmt: skip
    show("known answers", rows)


def _tags(studio: SampleSet, hit) -> set[str]:
    """Tags of the true segments that the hit covers by tIoU ≥ .5."""
    truth = studio.truth[file_name(hit.video)]
    return {
        tag
        for s in truth.segments
        if hit.span.iou(Span(s.start_s, s.end_s)) >= 0.5
        for tag in s.tags
    }  # fmt: skip


def speed(library: Library) -> None:
    """How long a search and a reranking take, best of 20."""
    raw = library.search("a gunshot in the dark")
    rows = []
    for what, call in (
        ("search", lambda: library.search("a gunshot in the dark")),
        ("rerank, joint", lambda: rerank(raw)),
    ):
        times = []
        for _ in range(20):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        rows.append({"what": what, "candidates": len(raw.candidates), "ms": 1000 * min(times)})
    show("speed", rows, note=f"{len(library.segments())} segments, d = {library.card.dimension}")


if __name__ == "__main__":
    main()
