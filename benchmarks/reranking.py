"""Every training-free reranker on the same candidates: gains by level and by number of answers, and time.

Settings are chosen on the ``dev`` queries (``--split dev``) and frozen as the rerankers' defaults; ``test``
is looked at once. Differences are against the raw order, 95 % intervals from a bootstrap over videos, p from
sign flips of single queries and of whole videos, each corrected by Holm for the number of systems; by
videos it cannot fall below .06 where there are five. Real clips are searched with real encoders where they
are at hand, captions on the level of whole videos and moments on that of moments.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import classifiers
import numpy as np
from shelf import library_of, real_clips
from tables import interval, show
from zero_shot import captioned

from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.encoding.sentences import SentenceEncoder, has_bundled
from videxplore.stages.evaluation.significance import holm, paired_randomisation
from videxplore.stages.evaluation.summary import QueryFigures, mean_ceiling, summarise
from videxplore.stages.reranking.context import Context
from videxplore.stages.reranking.diversify import Diversify
from videxplore.stages.reranking.joint import Joint
from videxplore.stages.reranking.protocol import Reranker, Rescored
from videxplore.stages.reranking.rerank import rerank
from videxplore.studio.samples import sample_set
from videxplore.values.rankings import Candidate, JudgedQuery, Judgement, Qrels, Query, Ranking
from videxplore.values.vectors import EncoderCard
from videxplore.workbench.evaluating import query_figures
from videxplore.workbench.library import Library

METRIC = "ndcg@10"


@dataclass(frozen=True)
class Renamed:
    """A reranker under another name, so that two settings of one can stand in a table."""

    reranker: Reranker
    name: str

    def scores(self, candidates: Sequence[Candidate], query: Query):
        return self.reranker.scores(candidates, query)


@dataclass(frozen=True)
class Shuffled:
    """Control: the joint reranker, but each candidate gets what is known of another one.

    Either only its relatives, or its hubness and how its frames differ from their segment as well: all that
    the joint reranker sees beside the raw scores.
    """

    everything: bool
    seed: int = 0

    @property
    def name(self) -> str:
        return "control: all evidence shuffled" if self.everything else "control: relatives shuffled"

    def scores(self, candidates: Sequence[Candidate], query: Query) -> list[Rescored]:
        words = sum(map(ord, query.text))
        order = np.random.default_rng([self.seed, words]).permutation(len(candidates))
        others = [candidates[i] for i in order]
        return Joint().scores([self._mixed(c, o) for c, o in zip(candidates, others, strict=True)], query)

    def _mixed(self, own: Candidate, other: Candidate) -> Candidate:
        mixed = replace(own, relatives=other.relatives)
        if not self.everything:
            return mixed
        frames = other.frame_scores + np.float32(_seen(own) - _seen(other))
        return replace(mixed, hubness=other.hubness, frame_scores=frames, frame_times_s=other.frame_times_s)


def _seen(candidate: Candidate) -> float:
    parts = candidate.hit.parts
    return candidate.hit.raw_score - parts.get("text", 0.0) - parts.get("order", 0.0)


def systems() -> list[str | Reranker]:
    """What is measured; the first is what the others are compared with."""
    return [
        "raw", "joint", "graph", "context", Renamed(Context(share=0.6), "context, share .6"), "feedback",
        "hubness", "superglobal", "late_interaction", Renamed(Diversify(), "diversify (MMR)"),
        Renamed(Diversify(method="dpp"), "diversify (DPP)"), Shuffled(everything=False),
        Shuffled(everything=True),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=["dev", "test"], default="test")
    parser.add_argument("--only", choices=["sample", "clips", "speed"], help="by default all")
    options = parser.parse_args()
    studio = sample_set()
    library = library_of(studio.videos, "sample", encoder=PerceptualEncoder(sentences=SentenceEncoder()))
    if options.only in (None, "sample"):
        queries = [q for q in studio.queries if q.split == options.split]
        on_sample_set(library, queries, studio.qrels, options.split)
    if options.only in (None, "clips"):
        on_real_clips()
    if options.only in (None, "speed"):
        speed(library)


def on_sample_set(library: Library, queries: Sequence[JudgedQuery], qrels: Qrels, split: str) -> None:
    for level in ("judged", "any"):
        figures, silent = query_figures(library, queries, qrels=qrels, rerankers=systems(), level=level)
        title = f"sample set, {split}, level {level}, {len(queries)} queries ({silent} find nothing)"
        overall(title, figures)
        by_group(f"{title}: differences by group", figures, groups_of(queries, qrels))


def groups_of(queries: Sequence[JudgedQuery], qrels: Qrels) -> dict[str, set[str]]:
    """Ids of the queries by how many answers they have, on which level, and in whose words they ask."""
    answers = {q.query_id: len(qrels[q.query_id]) for q in queries}
    return {
        "1 answer": {i for i, n in answers.items() if n == 1},
        "2 to 4": {i for i, n in answers.items() if 2 <= n <= 4},
        "5 and more": {i for i, n in answers.items() if n >= 5},
        "moments": {q.query_id for q in queries if q.level == "moment"},
        "scenes": {q.query_id for q in queries if q.level == "scene"},
        "chapters": {q.query_id for q in queries if q.level == "chapter"},
        "known words": {q.query_id for q in queries if q.known_words},
        "other words": {q.query_id for q in queries if not q.known_words},
    }


def on_real_clips() -> None:
    """Captions on level video and moments on level moment, with encoders that know real things."""
    folder, models = real_clips(), classifiers.models_folder()
    if folder is None or models is None or not has_bundled():
        print("\nreal clips, the classifiers or the extra 'sentences' are not at hand")
        return
    captions, moments, found = captioned(folder)
    clips = [folder / name for name in sorted({j.video for judged in found.values() for j in judged})]
    encoders = {
        "clip-nouns": classifiers.things(models),
        "sentences": classifiers.things(models, SentenceEncoder()),
    }
    pooled: list[QueryFigures] = []
    for space, encoder in encoders.items():
        library = library_of(clips, f"captioned-{space}", encoder=encoder)
        qrels = whole_videos(library, captions, found)
        for what, queries in (("captions on level video", captions), ("moments on level moment", moments)):
            figures, silent = query_figures(
                library, queries, qrels=qrels, rerankers=systems(), level="judged"
            )
            overall(
                f"real clips, MobileNetV2 in the space of {space}, {len(queries)} {what} "
                f"({silent} find nothing)", figures,
            )  # fmt: skip
            pooled += figures
    overall("real clips, captions and moments, both spaces pooled", pooled)
    overall("the same against the pointwise control (context, share .6)", beside(pooled, "context, share .6"))


def whole_videos(library: Library, captions: Sequence[JudgedQuery], qrels: Qrels) -> Qrels:
    """Captions answer with the whole video: their judgement is as long as the video is."""
    length = dict(zip(library.videos().name, library.videos().duration_s, strict=True))
    whole = {
        q.query_id: [Judgement(j.video, 0.0, length[j.video]) for j in qrels[q.query_id]] for q in captions
    }
    return {**qrels, **whole}


def beside(figures: Sequence[QueryFigures], first: str) -> list[QueryFigures]:
    """The same figures, to be compared with another system."""
    return [replace(f, figures={first: f.figures[first], **f.figures}) for f in figures]


def overall(title: str, figures: Sequence[QueryFigures]) -> None:
    """Mean, difference to the first system, interval, p and wins of every system, and the ceiling."""
    rows, by_query = [], query_p(figures)
    for row in summarise(figures, metrics=[METRIC]):
        line = {"system": row["system"], METRIC: interval(row["mean"], row["low"], row["high"])}
        if "delta" in row:
            line |= {
                "difference [95 %]": interval(row["delta"], row["delta_low"], row["delta_high"], sign=True),
                "p, queries": by_query[row["system"]],
                "p, videos": row["p_holm"],
                "win/tie/loss": f"{row['win']}/{row['tie']}/{row['loss']}",
            }
        rows.append(line)
    rows.append({"system": "oracle", METRIC: f"{mean_ceiling(figures)[METRIC]:.3f}"})
    show(title, rows, note=f"{len({f.cluster for f in figures})} videos")


def query_p(figures: Sequence[QueryFigures]) -> dict[str, float]:
    """P of every system but the first by sign flips of single queries, corrected by Holm."""
    first, *others = figures[0].figures
    reached = {s: np.array([f.figures[s][METRIC] for f in figures]) for s in (first, *others)}
    found = [paired_randomisation(reached[s] - reached[first]) for s in others]
    return dict(zip(others, holm(found), strict=True))


def by_group(title: str, figures: Sequence[QueryFigures], groups: Mapping[str, set[str]]) -> None:
    """Differences to the first system, one column per group of queries."""
    rows: dict[str, dict[str, object]] = {}
    for group, ids in groups.items():
        members = [f for f in figures if f.query_id in ids]
        for row in summarise(members, metrics=[METRIC]):
            line = rows.setdefault(row["system"], {"system": row["system"]})
            line[f"{group} ({len(members)})"] = (
                interval(row["delta"], row["delta_low"], row["delta_high"], sign=True)
                if "delta" in row
                else f"{row['mean']:.3f}"
            )
    show(title, list(rows.values()))


def speed(library: Library, *, candidates: int = 100, dimension: int = 768, repeats: int = 20) -> None:
    """Milliseconds to rerank 100 real candidates whose vectors are replaced by random ones of 768 columns."""
    raw = library.search("a gunshot in the dark", candidates=candidates)
    vectors = np.random.default_rng(0).normal(size=(candidates, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pool = tuple(replace(c, vector=v) for c, v in zip(raw.candidates, vectors, strict=True))
    card = EncoderCard("random", dimension)
    wide = Ranking(replace(raw.query, vector=vectors[0], card=card), raw.hits, pool)
    best: dict[str, float] = {}
    chosen = [s for s in systems() if s != "raw" and not isinstance(s, Shuffled)]
    for _ in range(repeats):  # side by side: whatever else the machine does hits all of them
        for system in [*chosen, ["joint", "diversify"]]:
            start = time.perf_counter()
            name = rerank(wide, system).system
            best[name] = min(best.get(name, np.inf), time.perf_counter() - start)
    rows = [{"reranker": name, "ms": 1000 * seconds} for name, seconds in best.items()]
    show(
        f"time to rerank {candidates} candidates, d = {dimension}, best of {repeats}", rows,
        note="aim for joint: under 20 ms",
    )  # fmt: skip


if __name__ == "__main__":
    main()
