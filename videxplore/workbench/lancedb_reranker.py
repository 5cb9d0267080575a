"""Our rerankers for plain LanceDB queries: what a table found, put in the order that a library gives it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from lancedb.rerankers import Reranker as LanceReranker

from videxplore.errors import QueryError
from videxplore.stages.reranking.protocol import Reranker
from videxplore.stages.reranking.rerank import check_strength, find_reranker, rerank
from videxplore.values.rankings import Candidate, Ranking
from videxplore.workbench.library import Library

COLUMN = "segment_id"


class VideoReranker(LanceReranker):
    """A reranker of videxplore for queries to a LanceDB table: by vector, by words, or by both.

    For the table of a library, or any with its segment ids::

        table = lancedb.connect("demo.lance").open_table("segments")
        reranker = vx.VideoReranker(vx.Library("demo.lance"), "joint")
        found = table.search(vector).limit(100).rerank(reranker, query_string="a goal").to_pandas().head(10)

    The rows come back as they are, none lost and none added, in a new order and with ``_relevance_score``.
    LanceDB applies ``limit`` before a reranker sees anything, so that a row beyond it cannot come up: ask for
    ten times as many as you want to look at, and take the first. The neighbours that a joint reranker looks
    at are always there: it is shown the library's own pool for the query beside the rows.

    Args:
        library: knows the segments, their frames and their relatives, and reads the words.
        reranker: a name or a reranker, as for :func:`videxplore.rerank`.
        strength: from 0 (the library's raw scores) to 1.
        return_score: ``"relevance"``, or ``"all"`` to keep ``_distance`` and ``_score``.

    Raises:
        ValueError: no such reranker, a strength outside [0, 1], or another ``return_score``.
        TypeError: ``library`` is none.
    """

    def __init__(
        self,
        library: Library,
        reranker: str | Reranker | Sequence[str | Reranker] = "joint",
        *,
        strength: float = 1.0,
        return_score: str = "relevance",
    ) -> None:
        super().__init__(return_score)
        if not isinstance(library, Library):
            raise TypeError(f"library must be a videxplore.Library, vx.Library(path); got {library!r}.")
        check_strength(strength)
        self.library, self.strength = library, strength
        self.reranker = find_reranker(reranker)

    def __str__(self) -> str:
        return f"VideoReranker({self.reranker.name!r}, strength={self.strength:g})"

    def rerank_vector(self, query: str, vector_results: pa.Table) -> pa.Table:
        """Order what a search by vector found."""
        return self._ordered(query, vector_results)

    def rerank_fts(self, query: str, fts_results: pa.Table) -> pa.Table:
        """Order what a search by words found."""
        return self._ordered(query, fts_results)

    def rerank_hybrid(self, query: str, vector_results: pa.Table, fts_results: pa.Table) -> pa.Table:
        """Order what either found; a row that both found comes once."""
        some = [table for table in (vector_results, fts_results) if table.num_rows]
        # An empty one lacks the column by which the same row is known.
        merged = self.merge_results(*some) if len(some) == 2 else (some or [vector_results])[0]
        return self._ordered(query, merged)

    def _ordered(self, query: str, rows: pa.Table) -> pa.Table:
        if COLUMN not in rows.column_names:
            raise ValueError(
                f"VideoReranker needs the column {COLUMN!r} to know the segments; these rows have "
                f"{', '.join(rows.column_names)}. Name it in select([...])."
            )
        ids = rows.column(COLUMN).to_pylist()
        found = self._scores(query, list(dict.fromkeys(ids))) if ids else {}
        scores = pa.array([found.get(i) for i in ids], pa.float32())
        keys = np.array([found.get(i, -np.inf) for i in ids])
        ordered = rows.append_column("_relevance_score", scores).take(np.argsort(-keys, kind="stable"))
        return self._keep_relevance_score(ordered)

    def _scores(self, query: str, ids: list[str]) -> dict[str, float]:
        """New scores of those that the library knows; the others are told of, and come last."""
        try:
            raw = self._pool(query, ids)
        except QueryError as error:
            warnings.warn(f"the order was left as it is: {error}", stacklevel=2)
            return {}
        if not raw.candidates:
            warnings.warn(
                f"the order was left as it is: the library finds nothing for {query!r}.", stacklevel=2
            )
            return {}
        scored = rerank(raw, self.reranker, strength=self.strength)
        found = {c.hit.segment_id: c.hit.score for c in scored.candidates}
        unknown = [i for i in ids if i not in found]
        if unknown:
            warnings.warn(
                f"{len(unknown)} of {len(ids)} rows were left in their order, behind all others: they are no "
                f"segments of {self.library.path!r} in the segmentation {self.library.view.segmentation!r}. "
                "A filter such as .where(\"segmentation = 'main'\") leaves other rows out.",
                stacklevel=2,
            )
        return {i: found[i] for i in ids if i in found}

    def _pool(self, query: str, ids: list[str]) -> Ranking:
        """The library's pool for the query, and the rows that are not in it."""
        raw = self.library.search(query)
        there = {c.hit.segment_id for c in raw.candidates}
        beyond = [i for i in ids if i not in there]
        if not beyond or not there:
            return raw
        more = self.library.search(query, candidates=len(beyond), k=1, where={COLUMN: beyond})
        candidates: tuple[Candidate, ...] = (*raw.candidates, *more.candidates)
        return Ranking(raw.query, raw.hits, candidates)
