"""Zero-shot search: encoders that never saw a caption, on captions and transcripts, against chance.

* Real clips with hand-written captions (one per clip, and 27 moments): the perceptual encoder; MobileNetV2
  and YAMNet as convex combinations of their labels' vectors (``classifiers.py``), alone and together.
* The sample films' test queries on what is said in them: a sentence encoder with its published weights.

Vectors alone answer: transcripts play no part in the scores of the encoders of picture and sound.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import classifiers
import numpy as np
from shelf import library_of, real_clips
from tables import interval, show

import videxplore as vx
from videxplore.stages.encoding.sentences import SentenceEncoder, has_bundled
from videxplore.stages.evaluation.metrics import measure_hits
from videxplore.stages.pooling import normalise
from videxplore.stages.store.filters import level_mask
from videxplore.studio.samples import sample_set
from videxplore.values.rankings import Hit, JudgedQuery, Judgement
from videxplore.workbench.encoder_comparison import embed_library
from videxplore.workbench.encoder_retrieval import compare_retrieval
from videxplore.workbench.library import Library

METRICS = ("r@1", "r@5", "mrr")
SHUFFLES = 50


def main() -> None:
    on_real_clips()
    on_transcripts()


def on_real_clips() -> None:
    folder, models = real_clips(), classifiers.models_folder()
    if folder is None or models is None or not has_bundled():
        print("\nreal clips, the classifiers or the extra 'sentences' are not at hand")
        return
    captions, moments, qrels = captioned(folder)
    names = sorted({j.video for judged in qrels.values() for j in judged})
    library = library_of([folder / name for name in names], "captioned")
    length = dict(zip(library.videos().name, library.videos().duration_s, strict=True))
    for query in captions:
        qrels[query.query_id] = [Judgement(j.video, 0.0, length[j.video]) for j in qrels[query.query_id]]
    sentences = SentenceEncoder()
    nouns = classifiers.clip_words(models)
    encoders = {
        "perceptual": library.encoder,
        "MobileNetV2, CLIP nouns": classifiers.things(models),
        "MobileNetV2, sentences": classifiers.things(models, sentences),
        "YAMNet, CLIP nouns": classifiers.sounds(models, nouns),
        "YAMNet, sentences": classifiers.sounds(models, sentences),
    }
    vectors = {
        name: library.embeddings() if encoder is library.encoder else embed_library(library, encoder)
        for name, encoder in encoders.items()
    }
    for space in ("CLIP nouns", "sentences"):
        pair = [f"{name}, {space}" for name in ("MobileNetV2", "YAMNet")]
        both = vx.joint(*(encoders[name] for name in pair))
        encoders[f"both, {space}"] = both
        values = both.combine([vectors[name].vectors for name in pair])
        vectors[f"both, {space}"] = replace(vectors[pair[0]], vectors=normalise(values)[0], card=both.card)
    sides = {name: (encoder, library, vectors[name]) for name, encoder in encoders.items()}
    table("captions of whole clips", library, sides, captions, qrels)
    table("moments within clips", library, sides, moments, qrels)


def captioned(folder) -> tuple[list[JudgedQuery], list[JudgedQuery], dict[str, list[Judgement]]]:
    """Captions, moments and their answers; clips with one caption all answer it."""
    captions, moments, qrels = {}, [], {}
    with (folder / "truth" / "captions.tsv").open(newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            query = captions.setdefault(
                row["caption"],
                JudgedQuery(f"caption-{row['file']}", row["caption"], "test", "stretch", "video"),
            )
            qrels.setdefault(query.query_id, []).append(Judgement(row["file"], 0.0, 1.0))
    known = {j.video for j in chain.from_iterable(qrels.values())}
    for i, line in enumerate((folder / "truth" / "moments.jsonl").read_text().splitlines()):
        m = json.loads(line)
        if m["file"] in known:
            moments.append(JudgedQuery(f"moment-{i}", m["query"], "test", "event", "moment"))
            qrels[f"moment-{i}"] = [Judgement(m["file"], m["start"], m["end"])]
    return list(captions.values()), moments, qrels


def on_transcripts() -> None:
    if not has_bundled():
        print("\nthe extra 'sentences' is not installed: no sentence encoder with published weights")
        return
    studio = sample_set()
    library = library_of(studio.videos, "sample")
    said = vx.encoder("sentences")
    vectors = embed_library(library, said)
    finest = level_mask(library.snapshot(), library.snapshot().levels[0])
    spoken = set(np.array(vectors.segment_ids)[finest & vectors.vectors.any(axis=1)])
    queries = [q for q in studio.queries if q.split == "test"]
    sides = {
        "perceptual": (library.encoder, library, library.embeddings()),
        "sentences, transcripts": (said, library, vectors),
    }
    print(f"\n{len(spoken)} of {finest.sum()} moments of the sample films have words")
    table("sample films, all test queries", library, sides, queries, studio.qrels)
    heard = [q for q in queries if _answered_by(library, spoken, studio.qrels[q.query_id])]
    table("sample films, queries whose answer has words", library, sides, heard, studio.qrels)


def _answered_by(library: Library, spoken: set[str], judged: Sequence[Judgement]) -> bool:
    """Whether words are said in an answer."""
    rows = library.segments()
    rows = rows[rows.segment_id.isin(spoken)]
    return any(
        ((rows.path.str.endswith(j.video)) & (rows.start_s < j.end_s) & (rows.end_s > j.start_s)).any()
        for j in judged
    )


def table(title: str, library: Library, sides, queries: Sequence[JudgedQuery], qrels) -> None:
    """R@1, R@5 and MRR of every encoder, with chance below."""
    report = compare_retrieval(sides, queries, qrels)
    found = {(row["system"], row["metric"]): row for row in report.rows}
    rows = [
        {"encoder": name}
        | {m: interval(*(found[name, m][key] for key in ("mean", "low", "high"))) for m in METRICS}
        for name in sides
    ]
    rows.append({"encoder": "chance"} | chance(library, queries, qrels))
    counts = {len(_on_level(library, query.level)) for query in queries}
    note = (
        f"{len(queries)} queries among {' or '.join(map(str, sorted(counts)))} segments of the judged level"
    )
    show(title, rows, note=note)


def chance(library: Library, queries: Sequence[JudgedQuery], qrels) -> dict[str, float]:
    """The same metrics of lists in random order, mean of 50 orders per query."""
    rng = np.random.default_rng(0)
    figures = []
    for query in queries:
        segments = _on_level(library, query.level)
        for _ in range(SHUFFLES):
            order = rng.permutation(len(segments))[:100]
            hits = [
                Hit(rank, s.segment_id, path, s.level, s.start_s, s.end_s, 1 / rank, 1 / rank, rank)
                for rank, (s, path) in enumerate((segments[i] for i in order), start=1)
            ]
            figures.append(measure_hits(hits, qrels[query.query_id]))
    return {m: float(np.mean([f[m] for f in figures])) for m in METRICS}


def _on_level(library: Library, level: str) -> list:
    snapshot = library.snapshot()
    return [
        (snapshot.segments[i], snapshot.videos[snapshot.segments[i].video_id]["name"])
        for i in np.flatnonzero(level_mask(snapshot, level))
    ]


if __name__ == "__main__":
    main()
