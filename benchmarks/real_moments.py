"""Moments of real clips with hand-checked truth: what each encoder finds, by level and way of searching.

A hit is right when it overlaps the moment by tIoU ≥ .5. Words spoken in the clips count in none of the rows,
so that encoders are compared and not transcripts. Chance is a list in random order of the same segments.
"""

from __future__ import annotations

import classifiers
import numpy as np
from shelf import library_of, real_clips
from tables import interval, show
from zero_shot import captioned

import videxplore as vx
from videxplore.stages.encoding.sentences import SentenceEncoder, has_bundled
from videxplore.stages.evaluation.metrics import measure_hits
from videxplore.stages.evaluation.summary import QueryFigures, cluster_of, summarise
from videxplore.values.rankings import Hit, Ranking
from videxplore.workbench.library import Library

WAYS = {
    "moments": {"level": "moment"},
    "scenes": {"level": "scene"},
    "scenes, attention": {"level": "scene", "parents": "attention"},
    "any": {"level": "any"},
    "any, attention": {"level": "any", "parents": "attention"},
    "auto": {"level": "auto"},
}
SHUFFLES = 100


def main() -> None:
    folder, models = real_clips(), classifiers.models_folder()
    if folder is None:
        print("\nreal clips: not at hand; name their folder in VIDEXPLORE_MEDIA")
        return
    _, queries, qrels = captioned(folder)
    names = sorted({judged.video for found in qrels.values() for judged in found})
    library = library_of([folder / name for name in names], "captioned")
    encoders = {"perceptual": library.encoder} | ({} if models is None else classified(models))
    rows = []
    for name, encoder in encoders.items():
        library.add_encoder(encoder, progress=False)
        opened = Library(library.path, encoder=encoder)
        for way, options in WAYS.items():
            answers = opened.search_many([q.text for q in queries], k=10, weights={"text": 0.0}, **options)
            rows.append({"encoder": name, "way": way} | figures(queries, qrels, answers))
    for way in ("moments", "any"):
        rows.append({"encoder": "chance", "way": way} | chance(library, queries, qrels, WAYS[way]["level"]))
    counts = ", ".join(f"{n} {level}" for level, n in library.segments().level.value_counts().items())
    show(
        f"{len(queries)} moments of real clips; {counts}", rows, note="95 % intervals: bootstrap over videos"
    )


def classified(models) -> dict[str, object]:
    """The pretrained classifiers as encoders, in the spaces that are at hand."""
    nouns = classifiers.clip_words(models)
    found = {
        "MobileNetV2, CLIP nouns": classifiers.things(models),
        "YAMNet, CLIP nouns": classifiers.sounds(models, nouns),
    }
    if has_bundled():
        sentences = SentenceEncoder()
        found["MobileNetV2, sentences"] = classifiers.things(models, sentences)
        found["YAMNet, sentences"] = classifiers.sounds(models, sentences)
        found["both, sentences"] = vx.joint(found["MobileNetV2, sentences"], found["YAMNet, sentences"])
    return found


def figures(queries, qrels, answers: list[Ranking]) -> dict[str, str]:
    """R@1 and R@5 with intervals."""
    measured = [
        QueryFigures(q.query_id, cluster_of(qrels[q.query_id]), {"": measure_hits(a.hits, qrels[q.query_id])})
        for q, a in zip(queries, answers, strict=True)
    ]
    rows = summarise(measured, metrics=["r@1", "r@5"])
    return {row["metric"]: interval(row["mean"], row["low"], row["high"]) for row in rows}


def chance(library: Library, queries, qrels, level: str) -> dict[str, str]:
    """Lists in random order, mean of many per query."""
    rng = np.random.default_rng(0)
    table = library.segments()
    table = table if level == "any" else table[table.level == level]
    found = {"r@1": [], "r@5": []}
    for query in queries:
        for _ in range(SHUFFLES):
            drawn = table.iloc[rng.permutation(len(table))[:5]]
            hits = [
                Hit(i, row.segment_id, row.path, row.level, row.start_s, row.end_s, 1 / i, 1 / i, i)
                for i, row in enumerate(drawn.itertuples(), start=1)
            ]
            measured = measure_hits(hits, qrels[query.query_id])
            for metric, values in found.items():
                values.append(measured[metric])
    return {metric: f"{np.mean(values):.3f}" for metric, values in found.items()}


if __name__ == "__main__":
    main()
