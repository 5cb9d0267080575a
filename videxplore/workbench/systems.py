"""Which queries and which systems a user means, for verbs that ask many queries of several rerankers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from videxplore.stages.reranking.protocol import Reranker
from videxplore.stages.reranking.rerank import find_reranker
from videxplore.values.rankings import JudgedQuery

RAW = "raw"
"""The system that leaves the order as the search gave it."""

ANY = "any"
"""The level of a query that is given as words alone."""

Systems = Sequence[str | Reranker | Sequence[str | Reranker]]
"""``"raw"``, names, rerankers, and lists of these in a row."""

Queries = str | Iterable[str | JudgedQuery]
"""Words, or queries of a test collection; one or many."""


def find_queries(queries: Queries) -> list[JudgedQuery]:
    """Return the queries meant, each id once; one given as words is its own id, and expected on any level.

    Raises:
        TypeError: something is neither words nor a query.
    """
    given = [queries] if isinstance(queries, str) or not isinstance(queries, Iterable) else list(queries)
    found: dict[str, JudgedQuery] = {}
    for query in given:
        if not isinstance(query, str | JudgedQuery):
            raise TypeError(f"queries must be words, or those of a test collection, got {query!r:.80}.")
        one = JudgedQuery(query, query, "", "", ANY) if isinstance(query, str) else query
        found[one.query_id] = one
    return list(found.values())


def find_systems(rerankers: Systems) -> dict[str, Reranker | None]:
    """Return rerankers by name, as they were given, None for ``"raw"``.

    Raises:
        ValueError: none, an unknown one, or one that is listed twice.
        TypeError: no list, or something in it is no reranker.
    """
    if not isinstance(rerankers, list | tuple):
        raise TypeError(f"rerankers must be a list such as ['raw', 'joint'], got {rerankers!r}.")
    if not rerankers:
        raise ValueError("rerankers is empty; give at least one, such as ['raw', 'joint'].")
    systems: dict[str, Reranker | None] = {}
    for given in rerankers:
        found = None if given == RAW else find_reranker(given)
        systems[given if isinstance(given, str) else found.name if found else RAW] = found
    if len(systems) != len(rerankers):
        raise ValueError(f"each reranker may be listed once, got {list(rerankers)!r}.")
    return systems
