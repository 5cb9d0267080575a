"""How diverse the sample is, which topics it has, and how many more twice as much would bring."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.breadth import breadth
from videxplore.stages.licensing.diversity import order_two, vendi
from videxplore.stages.licensing.intervals import ONE_SOURCE
from videxplore.stages.licensing.topics import find_topics, topic_radius
from videxplore.stages.projection.regions import telling_words
from videxplore.values.assessments import Evidence, Measure
from videxplore.values.licensing import DiscoveryCurve, DiversityCurve
from videxplore.workbench.assessment.case import Case, Telling, measured, telling

MOST_TOPICS = 12
"""Topics that are named one by one; the others are one row together."""

_WORDS = 2
_APART = 12


@dataclass(frozen=True, eq=False)
class Topics:
    """Topics of the sample.

    Attributes:
        index: intp (n,), topic of each clip, the largest first.
        names: telling words, or a number where nothing tells a topic from the rest.
        nearness: float64 (n,), cosine of each clip with the middle of its topic.
        radius: cosine distance within which clips are joined.
    """

    index: NDArray[np.intp]
    names: tuple[str, ...]
    nearness: NDArray[np.float64]
    radius: float


def topics_of(case: Case) -> Topics:
    """Find topics and name them by what sets them apart."""
    side = case.side
    radius = topic_radius(side.vectors, _told_apart(case))
    index = find_topics(side.vectors, case.clip_sources, radius=radius, seed=case.seed)
    count = int(index.max()) + 1
    bags = [Counter[str]() for _ in range(count)]
    everything: Counter[str] = Counter()
    for topic, words in zip(index.tolist(), side.words(), strict=True):
        bags[topic].update(words)
        everything.update(words)
    found = telling_words(bags, everything, _WORDS)
    names = tuple(name or f"topic {number}" for number, name in enumerate(found, 1))
    middles = np.zeros((count, side.vectors.shape[1]))
    np.add.at(middles, index, side.vectors)
    lengths = np.linalg.norm(middles, axis=1, keepdims=True)
    middles = np.divide(middles, lengths, out=np.zeros_like(middles), where=lengths > 0)
    return Topics(index, names, (middles[index] * side.vectors).sum(axis=1), radius)


def _told_apart(case: Case) -> list[str]:
    """Sources; of a single one its files, since the width of a topic needs clips from elsewhere."""
    if len(set(case.clip_sources)) > 1:
        return case.clip_sources
    return [case.films[film].video_id for film in case.side.film]


def topic_measures(case: Case, topics: Topics) -> list[Measure]:
    """Share of hours of the largest topics and of all others together; evidence are their most typical."""
    made = []
    for number, name in enumerate(topics.names[:MOST_TOPICS]):
        rows = np.flatnonzero(topics.index == number)
        made.append(
            measured(
                f"topics.{number + 1:02d}",
                name,
                case.clip_share(topics.index == number),
                f"Share of hours of clips alike in the eyes of the encoder; {len(rows)} clips, named by what "
                "sets them apart.",
                telling(case, topics.nearness, lambda clip: Evidence(case.moment(clip)), rows),
            )
        )
    others = np.flatnonzero(topics.index >= MOST_TOPICS)
    if len(others):
        made.append(
            measured(
                "topics.others",
                f"{len(topics.names) - MOST_TOPICS} other topics",
                case.clip_share(topics.index >= MOST_TOPICS),
                "Share of hours of all smaller topics together.",
                telling(case, topics.nearness, lambda clip: Evidence(case.moment(clip)), others),
            )
        )
    return made


def breadth_measures(case: Case, topics: Topics) -> tuple[list[Measure], DiscoveryCurve]:
    """What share of the archive's topics was met; evidence are clips of topics that one source alone has."""
    reason = case.refusal or (ONE_SOURCE if len(set(case.clip_sources)) < 2 else "")
    found = breadth(topics.index.tolist(), case.clip_sources, weights=case.clip_weights, seed=case.seed)
    whose = np.unique(np.asarray(case.clip_sources), return_inverse=True)[1]
    pairs = np.unique(np.stack([topics.index, whose]), axis=1)
    spread = np.bincount(pairs[0])[topics.index]

    def moment(clip: int) -> Evidence:
        return Evidence(case.moment(clip, topics.names[topics.index[clip]]), score=float(spread[clip]))

    alone = telling(case, topics.nearness, moment, np.flatnonzero(spread == 1))
    common = telling(case, spread, moment, np.flatnonzero(spread > 1))
    curve = found.curve
    covered, unseen, doubled = found.covered, found.unseen, found.doubled
    if reason:  # all three speak of what was not drawn
        covered = unseen = doubled = case.refused(reason)
        curve = _described(curve)
    return [
        measured(
            "breadth.covered",
            "Topics met",
            covered,
            "Share of topic appearances in the archive that are of topics seen (Good–Turing over sources).",
            common,
            unit="share of appearances",
        ),
        measured(
            "breadth.unseen",
            "Topics not seen yet",
            unseen,
            "Share of a further source's hours that is of topics not seen yet; the clips shown are of topics "
            "that a single source has.",
            alone,
        ),
        measured(
            "breadth.doubled",
            "Topics at twice the sources",
            doubled,
            f"Topics after as many sources again, {curve.seen} so far. Nothing beyond that is estimable.",
            alone,
            unit="topics",
        ),
    ], curve


def _described(curve: DiscoveryCurve) -> DiscoveryCurve:
    """The part of a curve that the sample itself shows, without intervals."""
    kept = curve.sources <= curve.reference
    nothing = np.full(int(kept.sum()), np.nan)
    return replace(
        curve,
        sources=curve.sources[kept],
        hours=curve.hours[kept],
        topics=curve.topics[kept],
        low=nothing,
        high=nothing,
    )


def diversity_measures(case: Case) -> tuple[list[Measure], tuple[DiversityCurve, ...]]:
    """Effective numbers of different things; evidence are clips far from one another."""
    args = case.side.vectors, case.clip_sources
    curves = (vendi(*args, seed=case.seed), order_two(*args, seed=case.seed))
    settled = tuple(replace(curve, whole=case.settled(curve.whole)) for curve in curves)
    apart = _far_apart(case)
    about = "Effective number of different clips; read it beside the curve, since it grows with the sample"
    titles = {"vendi": "Vendi score", "order_two": "Vendi score of order 2"}
    return [
        measured(f"diversity.{key}", title, curve.whole, f"{about} ({curve.name}).", apart, unit="clips")
        for (key, title), curve in zip(titles.items(), settled, strict=True)
    ], settled


def _far_apart(case: Case) -> Telling:
    """Clips each of which is the farthest from those before it (Gonzalez, 1985)."""
    vectors = case.side.vectors
    nearest = 1.0 - vectors @ vectors.mean(axis=0)
    shown: list[Evidence] = []
    for _ in range(min(_APART, len(vectors))):
        clip = int(nearest.argmax())
        shown.append(Evidence(case.moment(clip), score=float(nearest[clip])))
        nearest = np.minimum(nearest, 1.0 - vectors @ vectors[clip])
        nearest[clip] = -1.0
    return Telling(tuple(shown), len(shown))
