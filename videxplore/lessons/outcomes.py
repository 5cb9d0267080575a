"""Judged queries before and after reranking: where the first right answer stood, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from videxplore.values.charts import Cloud, Lane, Scene
from videxplore.values.rankings import Hit, JudgedQuery, Judgement, Qrels, Ranking

DEPTH = 10
"""Hits that are looked at; what stands further down counts as one place after them."""

_GOOD = 2
_OVERLAP = 0.5

WON, SAME, LOST = "rose", "stayed", "fell"

Rerank = Callable[[Ranking], Ranking]


class Searched(Protocol):
    """What is needed of a library."""

    def search(self, query: str, *, k: int, level: str) -> Ranking:
        """Hits for words."""
        ...


@dataclass(frozen=True, eq=False)
class Outcome:
    """One query.

    Attributes:
        text: the query.
        raw: its raw ranking.
        new: the same candidates reranked.
        before: place of the first right hit, :data:`DEPTH` + 1 for none.
        after: likewise, reranked.
        right: ids of the hits that are right.
    """

    text: str
    raw: Ranking
    new: Ranking
    before: int
    after: int
    right: frozenset[str]

    @property
    def what(self) -> str:
        """Whether the first right hit rose, stayed or fell."""
        return SAME if self.before == self.after else WON if self.after < self.before else LOST


def search_all(library: Searched, queries: Sequence[JudgedQuery]) -> list[Ranking]:
    """Return a raw ranking for every query, on the level on which its answer is expected."""
    return [library.search(query.text, k=DEPTH, level=query.level) for query in queries]


def find_outcomes(
    rankings: Sequence[Ranking], queries: Sequence[JudgedQuery], qrels: Qrels, reranker: Rerank
) -> list[Outcome]:
    """Rerank the rankings of judged queries.

    A hit is right where it shares half of the joint time (temporal IoU) with a span judged good.

    Args:
        rankings: of the queries, from :func:`search_all`.
        queries: judged.
        qrels: judgements by query id.
        reranker: from a ranking to a ranking of the same candidates.
    """
    return [
        outcome_of(query.text, raw, reranker(raw), qrels[query.query_id])
        for query, raw in zip(queries, rankings, strict=True)
        if raw.hits
    ]


def outcome_of(text: str, raw: Ranking, new: Ranking, judged: Sequence[Judgement]) -> Outcome:
    """Return what became of one query."""
    good = [j for j in judged if j.gain >= _GOOD]
    right = frozenset(h.segment_id for h in (*raw.hits, *new.hits) if any(_answers(h, j) for j in good))
    return Outcome(text, raw, new, _first(raw, right), _first(new, right), right)


def _answers(hit: Hit, judged: Judgement) -> bool:
    shared = hit.span.overlap_s(judged.span)
    joint = hit.duration_s + judged.span.duration_s - shared
    return hit.video.rsplit("/", 1)[-1] == judged.video and shared >= _OVERLAP * joint


def _first(ranking: Ranking, right: frozenset[str]) -> int:
    places = [hit.rank for hit in ranking.hits[:DEPTH] if hit.segment_id in right]
    return min(places, default=DEPTH + 1)


def count(outcomes: Sequence[Outcome], what: str) -> int:
    """Return how many rose, stayed or fell."""
    return sum(outcome.what == what for outcome in outcomes)


def lost_first(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return those whose right answer stood first and does not any more."""
    return [outcome for outcome in outcomes if outcome.before == 1 < outcome.after]


def show_outcome(outcomes: Sequence[Outcome], chosen: Outcome, name: str, shown: int = 5) -> Scene:
    """Return all queries by their place before and after, and the clips of one.

    Args:
        outcomes: all of them.
        chosen: one of them.
        name: of the reranker.
        shown: clips per lane.
    """
    outcomes = sorted(outcomes, key=lambda o: (WON, SAME, LOST).index(o.what))
    rng = np.random.default_rng(0)
    places = np.array([(o.before, o.after) for o in outcomes], np.float64)
    counts = {what: count(outcomes, what) for what in (WON, SAME, LOST)}
    chart = Cloud(
        f"Where does the first right answer stand, raw and by {name}?",
        places + rng.uniform(-0.18, 0.18, places.shape),
        tuple(f"{o.what} · {counts[o.what]}" for o in outcomes),
        tuple(f"{o.text}: {_place(o.before)} → {_place(o.after)}" for o in outcomes),
        "place in the raw ranking",
        f"place by {name}",
        f"n = {len(outcomes)} judged queries; {DEPTH + 1} is not among the first {DEPTH}; points are "
        "moved by up to .18 so that all are seen, seed 0. Below the diagonal is better. Ring: this query.",
        chosen=(next(i for i, o in enumerate(outcomes) if o is chosen),),
    )
    said = (
        f"Over {len(outcomes)} queries the first right answer rose in {counts[WON]}, stayed in "
        f"{counts[SAME]} and fell in {counts[LOST]}. For “{chosen.text}” it went from "
        f"{_place(chosen.before)} to {_place(chosen.after)}."
    )
    lanes = [
        Lane(title, [h.segment_id for h in hits], [_note(h, chosen) for h in hits], state)
        for title, hits, state in (
            ("raw", chosen.raw.hits[:shown], ""),
            (name, chosen.new.hits[:shown], {WON: "up", SAME: "same", LOST: "down"}[chosen.what]),
        )
    ]
    return Scene(chart, said, lanes)


def _place(place: int) -> str:
    return f"place {place}" if place <= DEPTH else "nowhere"


def _note(hit: Hit, outcome: Outcome) -> str:
    return f"{hit.rank}. ✓ right" if hit.segment_id in outcome.right else f"{hit.rank}."
