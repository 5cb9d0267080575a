"""Search quality: segments by meaning against windows, raw against reranked, known answers, speed.

Settings are chosen on the ``dev`` queries; this prints ``test`` unless told otherwise. Intervals are
95 % bootstrap intervals over videos, and the sample set has few of them: read them with the number of
videos beside them.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from shelf import WINDOWS_S, library_of, real_clips
from tables import interval, show

from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.encoding.sentences import SentenceEncoder
from videxplore.stages.evaluation.matching import file_name
from videxplore.stages.evaluation.metrics import measure_hits
from videxplore.stages.evaluation.summary import QueryFigures, cluster_of, summarise
from videxplore.stages.reranking.joint import Joint
from videxplore.stages.reranking.protocol import Rescored
from videxplore.stages.reranking.rerank import rerank
from videxplore.studio.samples import SampleSet, sample_set
from videxplore.values.media import Span
from videxplore.values.rankings import Candidate, JudgedQuery, Judgement, Query
from videxplore.workbench.evaluating import query_figures
from videxplore.workbench.library import Library

GOOD = 2
"""A first hit is right when its judgement says "good" or "exactly what was asked for"."""


@dataclass(frozen=True)
class Shuffled:
    """Control: the joint reranker, but each candidate gets the relatives of another one."""

    seed: int = 0
    name: str = "shuffled (control)"

    def scores(self, candidates: Sequence[Candidate], query: Query) -> list[Rescored]:
        words = sum(map(ord, query.text))
        order = np.random.default_rng([self.seed, words]).permutation(len(candidates))
        mixed = [
            replace(c, relatives=candidates[j].relatives) for c, j in zip(candidates, order, strict=True)
        ]
        return Joint().scores(mixed, query)


@dataclass(frozen=True)
class Oracle:
    """Ceiling: puts first whatever the judgements call relevant, best gain first."""

    judged: tuple[Judgement, ...]
    name: str = "oracle"

    def scores(self, candidates: Sequence[Candidate], query: Query) -> list[Rescored]:
        return [Rescored(c.hit.segment_id, c.hit.raw_score + 10 * self._gain(c)) for c in candidates]

    def _gain(self, candidate: Candidate) -> float:
        hit = candidate.hit
        found = [
            j.gain + hit.span.iou(j.span)
            for j in self.judged
            if j.video == file_name(hit.video) and hit.span.iou(j.span) >= 0.5
        ]
        return max(found, default=0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=["dev", "test"], default="test")
    parser.add_argument("--without-guesses", action="store_true", help="leave unknown words unknown")
    options = parser.parse_args()
    split = options.split
    sentences = None if options.without_guesses else SentenceEncoder()
    print(f"unknown words: {'left out' if sentences is None else f'guessed with {sentences.source}'}")
    encoder = PerceptualEncoder(sentences=sentences)
    studio = sample_set()
    queries = [q for q in studio.queries if q.split == split]
    print(f"sample set, {len(studio.videos)} films, {len(queries)} {split} queries")
    semantic = library_of(studio.videos, "sample", encoder=encoder)
    against_windows(studio, queries, semantic, encoder)
    title = f"raw against reranked, {split} queries"
    reranked(semantic, queries, studio.qrels, f"{title}, level any")
    reranked(semantic, queries, studio.qrels, f"{title}, judged level", level="judged")
    known_answers(studio, semantic)
    on_real_clips()
    speed(semantic)


def against_windows(
    studio: SampleSet, queries: Sequence[JudgedQuery], semantic: Library, encoder: PerceptualEncoder
) -> None:
    """Short events: is a moment found by meaning a better first hit than a window of the clock?"""
    events = [q for q in queries if q.kind == "event"]
    libraries = {
        f"{w:g}-s windows": library_of(studio.videos, "sample", window_s=w, encoder=encoder)
        for w in WINDOWS_S
    }
    levels = {name: library.snapshot().levels[0] for name, library in libraries.items()}
    systems = {"moments": (semantic, "moment")} | {n: (libraries[n], levels[n]) for n in libraries}
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


def reranked(library: Library, queries: Sequence[JudgedQuery], qrels, title: str, *, level="any") -> None:
    """Every reranker on the same candidates, over all queries and by kind."""
    figures, silent = query_figures(
        library, queries, qrels=qrels, rerankers=["raw", "joint", "context", Shuffled()], level=level
    )
    ceiling = {}
    for q in queries:
        ceiling |= {
            f.query_id: f.figures["oracle"]
            for f in query_figures(
                library, [q], qrels=qrels, rerankers=[Oracle(tuple(qrels[q.query_id]))], level=level
            )[0]
        }
    figures = [replace(f, figures=f.figures | {"oracle": ceiling[f.query_id]}) for f in figures]
    asked = {q.query_id: q for q in queries}
    answers = {q.query_id: len(qrels[q.query_id]) for q in queries}
    groups = {"all": lambda q: True}
    for kind in dict.fromkeys(q.kind for q in queries):
        groups[kind] = lambda q, kind=kind: q.kind == kind
    groups |= {
        "known words": lambda q: q.known_words,
        "other words": lambda q: not q.known_words,
        "1 answer": lambda q: answers[q.query_id] == 1,
        "2 to 4": lambda q: 2 <= answers[q.query_id] <= 4,
        "5 and more": lambda q: answers[q.query_id] >= 5,
    }
    note = f"{silent} of {len(figures)} queries found nothing at all and count as zero" if silent else ""
    for group, belongs in groups.items():
        members = [f for f in figures if belongs(asked[f.query_id])]
        if not members or (group != "all" and len(members) == len(figures)):
            continue
        metrics = ["ndcg@10", "r@1", "mrr"] if group == "all" else ["ndcg@10"]
        show_summary(
            f"{title}: {group}", summarise(members, metrics=metrics), note=note if group == "all" else ""
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


def on_real_clips() -> None:
    """The same on real clips: captions on level video, moments on level moment."""
    folder = real_clips()
    if folder is None:
        print("\nreal clips: not at hand; name their folder in VIDEXPLORE_MEDIA")
        return
    queries, qrels, names = [], {}, set()
    for i, line in enumerate((folder / "truth" / "moments.jsonl").read_text().splitlines()):
        m = json.loads(line)
        queries.append(JudgedQuery(f"moment-{i}", m["query"], "test", "event", "moment"))
        qrels[f"moment-{i}"] = [Judgement(m["file"], m["start"], m["end"])]
        names.add(m["file"])
    with (folder / "truth" / "captions.tsv").open(newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            query_id = f"caption-{row['file']}"
            queries.append(JudgedQuery(query_id, row["caption"], "test", "stretch", "video"))
            qrels[query_id] = [Judgement(row["file"], 0.0, 1e-3)]
            names.add(row["file"])
    library = library_of([folder / n for n in sorted(names)], "clips")
    qrels = qrels | whole_videos(library, qrels)
    for kind, level in (("event", "moment"), ("stretch", "video")):
        asked = [q for q in queries if q.kind == kind]
        title = f"real clips, perceptual encoder (not a semantic one), level {level}"
        reranked(library, asked, qrels, title, level=level)


def whole_videos(library: Library, qrels) -> dict[str, list[Judgement]]:
    """Captions answer with the whole video: their judgement is as long as the video is."""
    length = {
        file_name(p): d for p, d in zip(*(library.videos()[c] for c in ("path", "duration_s")), strict=True)
    }
    return {
        query_id: [replace(j, end_s=length[j.video]) for j in judged if j.video in length]
        for query_id, judged in qrels.items()
        if query_id.startswith("caption-")
    }


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
