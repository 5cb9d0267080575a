"""A search of a library: what was asked is understood, checked and answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from videxplore.stages.store.approximate import OVERFETCH, propose_rows
from videxplore.stages.store.schema import SEGMENTS
from videxplore.stages.store.search import SMALLEST_POOL, Request, search
from videxplore.values.rankings import Ranking
from videxplore.workbench.queries import understand

if TYPE_CHECKING:
    from videxplore.workbench.library import Library


def search_library(
    library: Library,
    asked: Any,
    *,
    k: int,
    candidates: int | None,
    level: str | Sequence[str],
    weights: Mapping[str, float] | None,
    where: Mapping[str, Any] | str | None,
    fusion: str,
    fold: float | None,
    index: Mapping[str, int | None] | None,
) -> Ranking:
    """Answer a query; see :meth:`videxplore.workbench.library.Library.search`."""
    for name, value in (("k", k), ("candidates", candidates)):
        if value is not None and (isinstance(value, bool) or int(value) != value or value < 1):
            raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}.")
    pool = max(SMALLEST_POOL, 2 * k) if candidates is None else max(int(candidates), k)
    snapshot = library.snapshot()
    query, direction = understand(library, asked, snapshot)
    if snapshot is None or not len(snapshot):
        note = "The library is empty: vx.ingest(videos, library) fills it."
        return Ranking(query, (), notes=(note,))
    among = None
    if index is not None and direction is not None:
        count = OVERFETCH * pool
        table = library.vectors_table
        among = propose_rows(library.database, table, direction, snapshot.row_of, count, **index)
    request = Request(query, direction, int(k), pool, level, weights, where, fusion, fold, among)
    return search(
        snapshot,
        request,
        table=library.database.table(SEGMENTS),
        frames=library.frames_for(snapshot.space_for(query)),
        bank=None if direction is None else library.query_bank(),
    )
