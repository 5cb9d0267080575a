"""Judging in the notebook: hits of several systems pooled, marked one by one, kept in the library."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from videxplore.errors import QueryError
from videxplore.stages.reranking.protocol import Reranker
from videxplore.stages.reranking.rerank import rerank
from videxplore.stages.store.judgements import Stretch, read_marks, stretch_of
from videxplore.values.rankings import Hit
from videxplore.values.segments import COMPOSITION_LEVEL
from videxplore.workbench.library import Library
from videxplore.workbench.pixels import pixels_of
from videxplore.workbench.systems import ANY, RAW, Queries, Systems, find_queries, find_systems

if TYPE_CHECKING:
    from videxplore.views.judge import JudgeView, Pool


def judge(
    library: Library,
    queries: Queries,
    *,
    rerankers: Systems = (RAW, "joint"),
    k: int = 10,
    judge: str = "",
    level: str = ANY,
    progress: bool = False,
) -> JudgeView:
    """Return a widget that shows hits one by one, for a judge to grade with the keys 0 to 3.

    The first ``k`` of every system are pooled, as TREC does, and shown in an order drawn from the query and
    the judge's name: nothing says which system found a hit, or where it stood. Every mark is saved in the
    library at once; opened again, the widget goes on where it was left. ``docs/evaluation.md`` says how to
    judge.

    Args:
        library: to search, and to keep the judgements in.
        queries: what to judge hits for.
        rerankers: ``"raw"``, names, rerankers and lists of these in a row, whose hits are pooled.
        k: how many hits of each system.
        judge: a name; each judge has judgements of their own.
        level: level searched, ``"any"`` for all in one list.
        progress: show a progress bar while searching.

    Raises:
        ValueError: no query, or a reranker is unknown or listed twice.
        TypeError: a query is no words, ``rerankers`` no list or ``judge`` no text.
        LibraryError: an earlier version is looked at, which cannot be changed.
    """
    from tqdm.auto import tqdm

    from videxplore.views.judge import JudgeView

    library.database.require_present()
    texts = list(dict.fromkeys(q.text for q in find_queries(queries)))
    if not texts:
        raise ValueError("queries is empty; give the words to judge hits for.")
    if not isinstance(judge, str):
        raise TypeError(f"judge must be a name, got {judge!r}.")
    systems = list(find_systems(rerankers).values())
    asked = tqdm(texts, desc="queries", unit="query", disable=not progress)
    found = {text: _find(library, text, systems, k, level) for text in asked}
    pools = [_pool(library, text, hits, judge) for text, hits in found.items() if hits]
    pixels = pixels_of(None, library)
    return JudgeView(
        pools,
        save=lambda text, segment_id, gain: library.judge(text, segment_id, gain, judge=judge),
        agreement=lambda: asdict(library.agreement([pool.text for pool in pools])),
        notes=[f"Nothing was found for {text!r}." for text, hits in found.items() if not hits],
        poster=pixels.poster,
        clip=pixels.clip,
        judge=judge,
    )


def _pool(library: Library, text: str, hits: Sequence[Hit], judge: str) -> Pool:
    """Hits in an order that says nothing of who found them, with what the judge said of them before."""
    from videxplore.views.describe import describe_segment
    from videxplore.views.judge import Pool

    items = [
        describe_segment(
            hit.segment_id, video=hit.video, level=hit.level, start_s=hit.start_s, end_s=hit.end_s,
            transcript=hit.transcript,
        )
        for hit in shuffled(hits, f"{text}|{judge}")
    ]  # fmt: skip
    said = {mark.stretch: mark.gain for mark in read_marks(library.database, text) if mark.judge == judge}
    stretches = {hit.segment_id: stretch_of(hit.video_id, hit.start_s, hit.end_s) for hit in hits}
    known = {i: said[stretch] for i, stretch in stretches.items() if stretch in said}
    return Pool(text, tuple(items), known)


def _find(library: Library, text: str, systems: Sequence[Reranker | None], k: int, level: str) -> list[Hit]:
    """The first ``k`` of every system, each stretch once; compositions are no stretch of a video."""
    try:
        raw = library.search(text, k=k, level=level)
    except QueryError:  # the encoder cannot read it at all
        return []
    found: dict[Stretch, Hit] = {}
    for system in systems if raw.hits else ():
        for hit in (raw if system is None else rerank(raw, system)).hits:
            if hit.level != COMPOSITION_LEVEL:
                found.setdefault(stretch_of(hit.video_id, hit.start_s, hit.end_s), hit)
    return list(found.values())


def shuffled(hits: Sequence[Hit], seed: str) -> list[Hit]:
    """Hits in an order that follows from their ids and ``seed`` alone, not from the order given."""
    digest = hashlib.sha256(seed.encode()).digest()
    known = sorted(hits, key=lambda hit: hit.segment_id)
    order = np.random.default_rng(int.from_bytes(digest[:8], "big")).permutation(len(known))
    return [known[i] for i in order]
