"""What keeps a comparison alive: rerankers asked once, replayed at any strength, over one query or many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, cast

from videxplore.stages.reranking.protocol import Reranker, Rescored, Rescores
from videxplore.stages.reranking.rerank import RERANKERS, rerank
from videxplore.values.rankings import Candidate, Judgement, Query, Ranking
from videxplore.values.reports import RankingShift
from videxplore.views.ranking_compare import Wish
from videxplore.workbench.compare import compare

Marks = tuple[tuple[str, ...], tuple[str, ...]]
"""Ids marked as wanted, and as not wanted."""


@dataclass(frozen=True, eq=False)
class Replay:
    """Answers as a ranking made before did: a slow model is asked once, a slider only sorts anew.

    Attributes:
        ranking: with its candidates; of one at strength 0 only the raw order is left.
    """

    ranking: Ranking

    @property
    def name(self) -> str:
        """That of what ordered the ranking."""
        return self.ranking.system

    @property
    def kind(self) -> str:
        """That of what ordered the ranking."""
        return self.ranking.kind

    def scores(self, candidates: Sequence[Candidate], query: Query) -> Rescores:
        """Every candidate as it was scored, taken to full strength."""
        full = 1.0 / self.ranking.strength if self.ranking.strength else 1.0
        known = {c.hit.segment_id: c.hit for c in self.ranking.candidates}
        answers = []
        for hit in (known[c.hit.segment_id] for c in candidates):
            reasons = (
                hit.reasons if full == 1.0 else tuple(replace(r, amount=full * r.amount) for r in hit.reasons)
            )
            score = hit.raw_score + full * (hit.score - hit.raw_score)
            answers.append(Rescored(hit.segment_id, score, reasons))
        return Rescores(tuple(answers), (), self.ranking.order_sensitivity)


class LiveComparison:
    """Answers what the user of a comparison asks for: other rerankers, strength, marks, another query.

    Args:
        ask: number of a query to its raw ranking.
        rerankers: by the name they have in the comparison. Those of
            :data:`~videxplore.stages.reranking.rerank.RERANKERS` can be asked for too, by their own names.
        k: how many hits are compared, None for all.
        judged: text of a query to its judgements.
    """

    def __init__(
        self,
        ask: Callable[[int], Ranking],
        rerankers: Mapping[str, Reranker],
        *,
        k: int | None = None,
        judged: Callable[[str], Sequence[Judgement]],
    ) -> None:
        self._ask, self._k, self._judged = ask, k, judged
        self._named = {made.name: made for made in (make() for make in RERANKERS.values())}
        self._rerankers = {**rerankers, **{n: r for n, r in self._named.items() if n not in rerankers}}
        self._raw: dict[int, Ranking] = {}
        self._full: dict[tuple[int, str, Marks], Ranking] = {}

    @property
    def names(self) -> list[str]:
        """Every reranker that can be asked for."""
        return list(self._rerankers)

    def __call__(self, wish: Wish) -> RankingShift:
        """Return the comparison asked for."""
        if wish.query not in self._raw:
            self._raw[wish.query] = self._ask(wish.query)
        raw = self._raw[wish.query]
        others = [self._at(raw, name, wish) for name in wish.systems]
        return compare(raw, *others, k=self._k or len(raw) or None, qrels=self._judged(raw.query.text))

    def _at(self, raw: Ranking, name: str, wish: Wish) -> Ranking:
        """What a reranker makes of a ranking at the strength asked for; the reranker itself is asked once."""
        asked = self._rerankers[name]
        marks = (wish.relevant, wish.irrelevant)
        if any(marks) and isinstance(asked, Replay):
            asked = self._named.get(name, asked)  # a ranking made before knows nothing of marks
        marks = marks if _takes_marks(asked) else ((), ())
        key = (wish.query, name, marks)
        if key not in self._full:
            self._full[key] = replace(rerank(raw, _with_marks(asked, marks)), system=name)
        full = self._full[key]
        if wish.strength == 1.0:
            return full
        return replace(rerank(raw, Replay(full), strength=wish.strength), notes=full.notes)


def comparison_of(ranking: Ranking, judged: Callable[[str], Sequence[Judgement]]) -> LiveComparison:
    """Return what compares a ranking with rerankers; one that was reranked is compared with its raw order.

    Args:
        ranking: with its candidates.
        judged: text of a query to its judgements.
    """
    raw, known = ranking, {}
    if ranking.kind != "raw":
        raw = replace(rerank(ranking, strength=0.0), system="raw", kind="raw", order_sensitivity=None)
        known = {ranking.system: Replay(ranking)}
    return LiveComparison(lambda _: raw, known, k=len(ranking), judged=judged)


def _takes_marks(reranker: Reranker) -> bool:
    return is_dataclass(reranker) and {"relevant", "irrelevant"} <= {f.name for f in fields(reranker)}


def _with_marks(reranker: Reranker, marks: Marks) -> Reranker:
    """The reranker with the user's marks; without any, as it is."""
    if not any(marks):
        return reranker
    options: Any = reranker
    return cast("Reranker", replace(options, relevant=marks[0], irrelevant=marks[1]))
