"""Searches of a library: what was asked is understood, checked and answered."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

from videxplore.stages.store.approximate import OVERFETCH, propose_rows
from videxplore.stages.store.schema import SEGMENTS
from videxplore.stages.store.search import SMALLEST_POOL, Asked, Options, search
from videxplore.values.rankings import Ranking
from videxplore.workbench.queries import understand

if TYPE_CHECKING:
    from videxplore.workbench.library import Library


def search_library(
    library: Library,
    queries: Sequence[Any],
    *,
    k: int = 10,
    candidates: int | None = None,
    exact: bool = True,
    probes: int | None = None,
    refine: int | None = None,
    **options: Any,
) -> list[Ranking]:
    """Answer queries; see :meth:`videxplore.workbench.library.Library.search`.

    ``options`` are those of :class:`videxplore.stages.store.search.Options`.
    """
    for name, value in (("k", k), ("candidates", k if candidates is None else candidates)):
        whole = isinstance(value, Real) and not isinstance(value, bool) and float(value).is_integer()
        if not whole or value < 1:
            raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}.")
    pool = max(SMALLEST_POOL, 2 * k) if candidates is None else max(int(candidates), k)
    chosen = Options(int(k), pool, **options)
    snapshot = library.snapshot()
    understood = [understand(library, query, snapshot) for query in queries]
    if snapshot is None or not len(snapshot):
        note = "The library is empty: vx.ingest(videos, library) fills it."
        return [Ranking(query, (), notes=(note,)) for query, _ in understood]
    asked = []
    for query, direction in understood:
        among = None
        if not exact and direction is not None:
            among = propose_rows(
                library.database, library.vectors_table, direction, snapshot.row_of, OVERFETCH * pool,
                probes=probes, refine=refine,
            )  # fmt: skip
        asked.append(Asked(query, direction, among))
    return search(
        snapshot,
        asked,
        chosen,
        table=library.database.table(SEGMENTS),
        frames=library.frames_for,
        background=library.background_of(snapshot),
        noted=lambda: library.noted(snapshot),
        spoken=lambda: library.spoken_of(snapshot),
    )
