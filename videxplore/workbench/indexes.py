"""Approximate search of a library: whether an index is worth building, and what it misses."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from videxplore.errors import LibraryError
from videxplore.stages.store.approximate import WORTH_FROM, build_index, drop_index, index_facts
from videxplore.values.rankings import Query, Ranking
from videxplore.values.reports import IndexReport

if TYPE_CHECKING:
    from videxplore.workbench.library import Library


def build(library: Library, kind: str, options: dict[str, Any]) -> IndexReport:
    """Build an index and measure it; see :meth:`Library.build_index`."""
    build_index(library.database, library.vectors_table, kind, options)
    return measure_recall(library)


def drop(library: Library) -> None:
    """Remove the index, if there is one."""
    drop_index(library.database, library.vectors_table)


def measure_recall(library: Library, *, k: int = 10, queries: int = 50, seed: int = 0) -> IndexReport:
    """Search for examples from the library with and without its index; see :meth:`Library.recall`."""
    facts = index_facts(library.database, library.vectors_table)
    if facts is None:
        raise LibraryError(
            f"the library {library.path!r} has no index to measure; library.build_index() makes one."
        )
    snapshot = library.snapshot()
    if snapshot is None or not len(snapshot):
        raise LibraryError(f"the library {library.path!r} is empty; there is nothing to search for.")
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(snapshot), size=min(queries, len(snapshot)), replace=False)
    # Half-way between two segments, so that a query is none of the vectors that the index holds.
    others = rng.permutation(rows)
    vectors = snapshot.vectors[rows] + snapshot.vectors[others]
    shares, times = [], []
    for exact in (True, False):
        _ask(library, vectors[0], k, exact=exact)  # what is loaded once does not count
    for vector in vectors:
        (wanted, exact_s), (found, quick_s) = (_ask(library, vector, k, exact=e) for e in (True, False))
        best = {c.hit.segment_id for c in wanted.candidates[:k]}
        shares.append(len(best & {c.hit.segment_id for c in found.candidates[:k]}) / max(len(best), 1))
        times.append((exact_s, quick_s))
    exact_ms, quick_ms = (1000 * np.median(times, axis=0)).tolist()
    return IndexReport(
        kind=facts["kind"],
        k=k,
        queries=len(shares),
        recall=tuple(shares),
        exact_ms=exact_ms,
        approximate_ms=quick_ms,
        segments=len(snapshot),
        unindexed=facts["unindexed"],
        bytes=facts["bytes"],
        advice=_advise(len(snapshot), exact_ms, quick_ms),
    )


def _ask(library: Library, vector: Any, k: int, *, exact: bool) -> tuple[Ranking, float]:
    start = time.perf_counter()
    query = Query(vector=vector, card=library.card, source="recall")
    return library.search(query, k=k, exact=exact), time.perf_counter() - start


def _advise(segments: int, exact_ms: float, quick_ms: float) -> str:
    if quick_ms >= exact_ms:
        return "The index saves no time here: leave exact=True, and library.drop_index() frees its space."
    if segments < WORTH_FROM:
        return (
            f"Exact search takes {exact_ms:.0f} ms; an index begins to pay at about {WORTH_FROM:,} segments."
        )
    return f"The index saves {exact_ms - quick_ms:.0f} ms a query; the recall says what it costs."
