"""Approximate search: LanceDB's indexes over the stored vectors, and the rows that one of them proposes.

An index proposes, and the proposals are scored exactly as every other search scores. So the order of what is
found is right, and what an index can do wrong is to miss something: that share is measured, never assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import LibraryError
from videxplore.stages.store.database import Database

INDEX_NAME = "vector_idx"

WORTH_FROM = 1_000_000
"""Segments below which comparing with everything is fast enough to need no index."""

OVERFETCH = 5
"""Proposals per candidate wanted: stored vectors are not centred as scores are, so that orders differ."""

KINDS = ("IVF_FLAT", "IVF_SQ", "IVF_PQ", "IVF_RQ", "HNSW_SQ", "HNSW_PQ", "HNSW_FLAT")
"""Kinds of index by LanceDB's names; HNSW kinds are built within IVF partitions."""


def build_index(database: Database, name: str, kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Build an index over the vectors of all segments, in place of an earlier one.

    Args:
        database: of the library.
        name: of the table that holds the vectors.
        kind: one of :data:`KINDS`.
        options: of LanceDB's index of that kind, such as ``num_partitions``.

    Returns:
        What :func:`index_facts` says of it.

    Raises:
        ValueError: no such kind or option.
        LibraryError: nothing is stored, or the folder cannot be written.
    """
    table = _table(database, name)
    configuration = _configurations().get(kind)
    if configuration is None:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}.")
    try:
        config = configuration(distance_type="cosine", **options)
    except TypeError as error:
        raise ValueError(f"an index of kind {kind} takes other options: {error}.") from None
    try:
        table.create_index("vector", config=config, name=INDEX_NAME, replace=True)
    except (OSError, RuntimeError) as error:
        raise LibraryError(f"the index of {database.location!r} could not be built: {error}.") from error
    return index_facts(database, name) or {}


def drop_index(database: Database, name: str) -> None:
    """Remove the index, if there is one.

    Raises:
        LibraryError: nothing is stored.
    """
    if index_facts(database, name) is not None:
        _table(database, name).drop_index(INDEX_NAME)


def index_facts(database: Database, name: str) -> dict[str, Any] | None:
    """Kind, rows indexed and not, and size in bytes of a table's index; None where there is none."""
    table = database.table(name)
    found = [] if table is None else [i for i in table.list_indices() if i.name == INDEX_NAME]
    if not found:
        return None
    index = found[0]
    return {
        "kind": str(index.index_type),
        "indexed": int(index.num_indexed_rows),
        "unindexed": int(index.num_unindexed_rows),
        "bytes": int(index.size_bytes),
    }


def propose_rows(
    database: Database,
    name: str,
    vector: NDArray[np.float32],
    row_of: Mapping[str, int],
    count: int,
    *,
    probes: int | None = None,
    refine: int | None = None,
) -> NDArray[np.intp]:
    """Return rows (m,) that the index finds near a vector (d,), rows of incomplete videos left out.

    Args:
        database: of the library.
        name: of the table that holds the vectors.
        vector: to compare with the vectors as they are stored.
        row_of: row by segment id.
        count: how many to ask for.
        probes: partitions to look into; LanceDB's choice if None.
        refine: times ``count`` vectors are compared in full again, for kinds that compress.

    Raises:
        LibraryError: there is no index.
    """
    if index_facts(database, name) is None:
        raise LibraryError(
            f"the library {database.location!r} has no index; library.build_index() makes one, "
            "and exact=True needs none."
        )
    search = (
        _table(database, name)
        .search(vector)
        .distance_type("cosine")
        .limit(count)
        .select(["segment_id", "_distance"])
    )
    if probes is not None:
        search = search.nprobes(probes)
    if refine is not None:
        search = search.refine_factor(refine)
    ids = search.to_arrow().column("segment_id").to_pylist()
    return np.array([row_of[i] for i in ids if i in row_of], dtype=np.intp)


def _table(database: Database, name: str) -> Any:
    table = database.table(name)
    if table is None:
        raise LibraryError(f"the library {database.location!r} is empty; there is nothing to index.")
    return table


def _configurations() -> dict[str, Callable[..., Any]]:
    from lancedb import index

    kinds = (
        index.IvfFlat, index.IvfSq, index.IvfPq, index.IvfRq, index.HnswSq, index.HnswPq, index.HnswFlat,
    )  # fmt: skip
    return dict(zip(KINDS, kinds, strict=True))
