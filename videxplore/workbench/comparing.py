"""The comparison widget over rankings, over many queries, and beside the explorer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from videxplore.errors import QueryError
from videxplore.stages.reranking.protocol import Reranker
from videxplore.stages.reranking.rerank import RERANKERS
from videxplore.values.rankings import Judgement, Qrels, Query, Ranking
from videxplore.values.reports import RankingShift
from videxplore.workbench.compare import compare
from videxplore.workbench.live_comparison import LiveComparison, Replay
from videxplore.workbench.pixels import pixels_of
from videxplore.workbench.systems import Queries, Systems, find_queries, find_systems

if TYPE_CHECKING:
    from videxplore.views.ranking_compare import RankingCompare
    from videxplore.workbench.explorer import Explorer
    from videxplore.workbench.library import Library


def show_shift(
    shift: RankingShift,
    *,
    library: Library | None = None,
    explorer: Explorer | None = None,
    **options: Any,
) -> RankingCompare:
    """Return the comparison widget; its rankings are replayed at other strengths, others made on demand.

    Args:
        shift: what to show.
        library: where pictures come from, and judgements where ``shift`` has none.
        explorer: one that is told what is chosen and shown, and tells what is chosen on its map.
        **options: passed to the widget.
    """
    from videxplore.views.ranking_compare import RankingCompare

    text = shift.raw.query.text
    judged = shift.judged or (tuple(library.judgements(text).get(text, ())) if library and text else ())
    if judged != shift.judged:
        shift = compare(shift.raw, *shift.others, qrels=judged, k=shift.k or None)
    live: dict[str, Any] = {}
    if shift.raw.candidates and all(other.candidates for other in shift.others):
        rankers = {other.system: _again(other) for other in shift.others}
        rank = LiveComparison(lambda _: shift.raw, rankers, k=shift.k, judged=lambda _: judged)
        live = {"rank": rank, "rerankers": rank.names}
    pixels = pixels_of(shift, library)
    widget = RankingCompare(shift, poster=pixels.poster, clip=pixels.clip, **(live | options))
    if explorer is not None:
        link_explorer(widget, explorer)
    return widget


def _again(ranking: Ranking) -> Reranker:
    """What makes a ranking again: itself, or where it was stopped at the raw order, its reranker."""
    named = (make() for make in RERANKERS.values())
    known = next((made for made in named if made.name == ranking.system), None)
    return known if known is not None and ranking.strength == 0 else Replay(ranking)


def flip(
    library: Library,
    queries: Queries,
    *,
    rerankers: Systems = ("joint",),
    qrels: Qrels | None = None,
    k: int = 10,
    level: str = "any",
    explorer: Explorer | None = None,
    **options: Any,
) -> RankingCompare:
    """Return the comparison widget over a pinned set of queries, to be flipped through with N and P.

    Args:
        library: to search; judgements saved in it are used where ``qrels`` has none for a query.
        queries: words, or queries of a test collection.
        rerankers: what stands beside the raw ranking: names, rerankers, or lists of these in a row. ``"raw"``
            is always there.
        qrels: judgements by query id, or by the query's words.
        k: how many hits are compared.
        level: as :meth:`Library.search` takes it.
        explorer: linked as by ``vx.show(shift, explorer=...)``.
        **options: passed to the widget, such as ``strength``.

    Raises:
        ValueError: no query, no reranker, or an unknown one.
        TypeError: a query is no words, or ``rerankers`` no list.
    """
    from videxplore.views.ranking_compare import RankingCompare, Wish

    asked = [(q.query_id, q.text) for q in find_queries(queries)]
    if not asked:
        raise ValueError("flip needs at least one query.")
    ids = {text: query_id for query_id, text in asked}

    def judged(text: str) -> Sequence[Judgement]:
        given: Mapping[str, Sequence[Judgement]] = qrels or {}
        known = given.get(ids[text]) or given.get(text)
        return known or library.judgements(text).get(text, [])

    named = {reranker.name: reranker for reranker in find_systems(rerankers).values() if reranker is not None}
    if not named:
        raise ValueError("flip needs a reranker beside 'raw', such as 'joint'.")
    rank = LiveComparison(_asker(library, [text for _, text in asked], k, level), named, k=k, judged=judged)
    first = rank(Wish(tuple(named), options.get("strength", 1.0)))
    pixels = pixels_of(first, library)
    widget = RankingCompare(
        first,
        poster=pixels.poster,
        clip=pixels.clip,
        rank=rank,
        rerankers=rank.names,
        queries=[text for _, text in asked],
        **options,
    )
    if explorer is not None:
        link_explorer(widget, explorer)
    return widget


def _asker(library: Library, texts: Sequence[str], k: int, level: str) -> Callable[[int], Ranking]:
    """The raw ranking of each query; one that the encoder cannot read has no hits, and says so."""

    def ask(number: int) -> Ranking:
        try:
            return library.search(texts[number], k=k, level=level)
        except QueryError as problem:
            return Ranking(Query(texts[number]), (), notes=(str(problem),))

    return ask


def link_explorer(widget: RankingCompare, explorer: Explorer) -> None:
    """Link a choice in the comparison with the explorer, whose map rings the ranking that is explained."""

    def show(_: Any) -> None:
        explorer.answer(widget.shift.others[min(widget.other, len(widget.shift.others) - 1)])

    def choose(change: Any) -> None:
        explorer.choose(change["new"], play=False)

    def follow(change: Any) -> None:
        if len(change["new"]) == 1:
            widget.selected = change["new"][0]

    show(None)
    widget.observe(show, names=["_turn", "other"])
    widget.observe(choose, names="selected")
    explorer.observe(follow, names="selection")
