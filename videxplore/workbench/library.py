"""The library: a LanceDB folder together with the encoder whose vectors it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from videxplore.stages.store.background import Background
from videxplore.stages.store.frames import FrameCache
from videxplore.stages.store.schema import displayable
from videxplore.stages.store.scoring import Space
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.media import format_time
from videxplore.values.rankings import Ranking
from videxplore.values.reports import IndexReport, IngestReport
from videxplore.values.vectors import Embeddings
from videxplore.workbench.exports import LibraryExports
from videxplore.workbench.preparation import Segmenter
from videxplore.workbench.searching import search_library

if TYPE_CHECKING:
    import pandas as pd


class Library(LibraryExports):
    """Videos, their segment trees and their vectors, in a LanceDB folder that a search can ask.

    Opening writes nothing, except that a library of an earlier schema is brought up to date;
    :func:`videxplore.ingest` fills a library. Another process may add to the same folder meanwhile: every
    call sees what is complete at that moment.

    Args:
        path: a local folder, or a URI that LanceDB opens. It need not exist yet.
        encoder: what makes and reads the vectors, or its name. By default the one the library was made
            with, for a new library ``"perceptual"``. One that was added with :meth:`add_encoder` looks at
            its vectors instead of the first.
        segmentation: whose segments are looked at: ``"main"``, or one of :meth:`add_segmentation`.
        pooling: how vectors of parents follow from those of their leaves, see :meth:`recompose`.

    Raises:
        CardMismatchError: the library holds vectors of other encoders.
        LibraryError: the path cannot hold a library.
        ValueError: an unknown pooling.
    """

    def search(
        self,
        query: Any,
        *,
        k: int = 10,
        level: str | Sequence[str] = "any",
        weights: Mapping[str, float] | None = None,
        where: Mapping[str, Any] | str | None = None,
        exact: bool = True,
        candidates: int | None = None,
        fusion: str = "weighted",
        fold: float | None = None,
        parents: str = "mean",
        probes: int | None = None,
        refine: int | None = None,
    ) -> Ranking:
        """Find segments. ``docs/search.md`` says how each option works and what was measured.

        Every segment is scored against what is usual on its level, and by how well what is said matches the
        query's words: by the attributes that these ask for, or by cosine per modality.

        Args:
            query: words, a :class:`Query`, a vector (d,), a segment or hit of this library, a picture (uint8
                (h, w, 3), PIL image or ``Path``), an :class:`AudioClip`, a :class:`Video`, a pair (video,
                span), or a list of these, alone or in pairs (weight, query); negative weights ask for less.
            k: how many hits.
            level: a level name, several, ``"any"`` (one list; no segment beside a part of itself) or
                ``"auto"`` (one level, chosen from the words and the scores; ``ranking.notes`` say why).
            weights: multiplies what a modality counts, by the card's block or ``"text"`` for what is said.
            where: column -> value or list of values, as ``{"tag": "goal"}``, or a text: ``"duration_s > 3"``.
            exact: compare with every segment. Otherwise an index proposes segments, scored exactly.
            candidates: size of the pool a reranker sees; by default max(100, 2k).
            fusion: ``"weighted"`` adds the modalities' scores, ``"rrf"`` reciprocal ranks.
            fold: cosine, such as 0.99, from which segments of one level count as copies of the best placed.
            parents: ``"mean"`` scores parents by stored vectors, ``"attention"`` by the leaves that answer.
            probes: partitions of the index to look into, without ``exact``.
            refine: times more vectors than needed that an index compares in full, without ``exact``.

        Raises:
            ValueError: an option out of range, an unknown level, column or modality, a bad vector.
            QueryError: an empty query, a segment of another library, an example the encoder cannot take.
            CardMismatchError: a query made for another encoder.
            LibraryError: not ``exact``, and there is no index.
            TypeError: a query of another kind.
        """
        return search_library(
            self, [query], k=k, candidates=candidates, level=level, weights=weights, where=where,
            fusion=fusion, fold=fold, parents=parents, exact=exact, probes=probes, refine=refine,
        )[0]  # fmt: skip

    def search_many(self, queries: Sequence[Any], **options: Any) -> list[Ranking]:
        """Answer several queries: the same answers, to the bit, as :meth:`search` gives to each, and sooner.

        What reads much is shared: the first pass over the vectors of a large library, the condition, and the
        frames of the candidates.

        Args:
            queries: each as for :meth:`search`.
            options: those of :meth:`search`, the same for all.

        Raises:
            TypeError: a single query in place of several, or no such option.
            ValueError: as for :meth:`search`; so for its other errors.
        """
        if isinstance(queries, str):
            raise TypeError(f"queries must be a list of queries, got the text {queries!r}; use search().")
        return search_library(self, list(queries), **options)

    def build_index(self, kind: str = "HNSW_SQ", **options: Any) -> IndexReport:
        """Build an index for ``search(exact=False)``, in place of an earlier one, and measure it.

        Exact search is the default and fast up to about a million segments; an index is for more.

        Args:
            kind: ``"IVF_FLAT"``, ``"IVF_SQ"``, ``"IVF_PQ"``, ``"IVF_RQ"``, ``"HNSW_SQ"``, ``"HNSW_PQ"`` or
                ``"HNSW_FLAT"``, see LanceDB. Kinds with PQ compress most and miss most without ``refine``.
            options: of LanceDB's index, such as ``num_partitions``.

        Returns:
            Recall and time against exact search, as :meth:`recall`.

        Raises:
            ValueError: no such kind or option.
            LibraryError: the library is empty, or cannot be written.
        """
        from videxplore.workbench.indexes import build

        return build(self, kind, options)

    def drop_index(self) -> None:
        """Remove the index, if there is one."""
        from videxplore.workbench.indexes import drop

        drop(self)

    def recall(self, k: int = 10, *, queries: int = 50, seed: int = 0) -> IndexReport:
        """Measure what approximate search misses in this library, and what it saves.

        Args:
            k: length of the lists compared.
            queries: how many; each is the mean of two segments drawn at random.
            seed: of the draw.

        Raises:
            LibraryError: there is no index, or nothing to search.
        """
        from videxplore.workbench.indexes import measure_recall

        return measure_recall(self, k=k, queries=queries, seed=seed)

    def frames_for(self, space: Space) -> FrameCache:
        """Vectors of single frames, placed in ``space``; held until the library changes."""
        held = self._frames.get(space.unit)
        if held is None or held.space is not space:
            held = self._frames[space.unit] = FrameCache(self.database, space, self.frames_table)
        return held

    def background_of(self, snapshot: Snapshot) -> Background:
        """Unrelated queries to read scores by; held until the library changes."""
        held = self._background
        if held is None or held.snapshot is not snapshot:
            held = self._background = Background(snapshot, self.query_bank())
        return held

    def embeddings(self, level: str | None = None, modality: str | None = None) -> Embeddings:
        """Return the vectors of all segments, or of those that tile their videos on one level.

        Args:
            level: a level name; where a branch lacks it, the next coarser segment stands in.
            modality: a block of the card; its columns alone, at unit length.

        Raises:
            ValueError: an unknown level or modality.
        """
        from videxplore.stages.store.filters import level_mask
        from videxplore.workbench.columns import one_modality

        snapshot = self.snapshot()
        if snapshot is None:
            empty = np.zeros((0, self.card.dimension), np.float32)
            return Embeddings(empty, (), (), self.card)
        found = snapshot.embeddings()
        if level is not None:
            found = found.select(level_mask(snapshot, level))
        return found if modality is None else one_modality(found, modality)

    def videos(self) -> pd.DataFrame:
        """One row per video: video_id, name, path, duration_s, status, file, segments and more.

        ``file`` says whether the file is still there as it was: ``"found"``, ``"changed"``, ``"missing"``.
        """
        from videxplore.workbench.columns import videos_frame

        return videos_frame(self.snapshot())

    def segments(self) -> pd.DataFrame:
        """One row per segment: segment_id, video_id, path, level, parent_id, start_s, end_s and more.

        ``persistence`` is that of the boundary the segment starts at, ``coherence`` how alike its parts are,
        ``tags`` (joined by commas) and ``note`` are what was noted with :meth:`annotate`.
        """
        from videxplore.workbench.columns import segments_frame

        snapshot = self.snapshot()
        return segments_frame(snapshot, None if snapshot is None else self.noted(snapshot))

    def reingest(
        self,
        video_id: str | None = None,
        *,
        segmenter: Segmenter | str | None = None,
        workers: int | None = None,
        progress: bool = True,
    ) -> IngestReport:
        """Read a video anew and put what comes out in the place of what is there.

        Killed on the way, the video is there as before. Where the file has other content by now, that becomes
        a video of its own and the old one is taken out.

        Args:
            video_id: of a video; where omitted, all whose file has changed.
            segmenter: as for :func:`videxplore.ingest`.
            workers: as for :func:`videxplore.ingest`.
            progress: whether to show a progress bar.

        Raises:
            LibraryError: no such video, or the folder cannot be written.
            VideoError: its file is gone.
        """
        from videxplore.workbench.growing import reingest

        return reingest(self, video_id, segmenter=segmenter, workers=workers, progress=progress)

    def _level_counts(self) -> dict[str, int]:
        snapshot = self.snapshot()
        if snapshot is None:
            return {}
        counts = Counter(s.level for s in snapshot.segments)
        return {level: counts[level] for level in reversed(snapshot.levels) if counts[level]}

    def __repr__(self) -> str:
        snapshot = self.snapshot()
        if snapshot is None or not snapshot.videos:
            return f"Library({displayable(self.path)!r}, empty)"
        counts = ", ".join(f"{n} {level}" for level, n in self._level_counts().items())
        return (
            f"Library({displayable(self.path)!r}, {len(snapshot.videos)} videos, {len(snapshot)} segments: "
            f"{counts}; {self.card.name} {self.card.dimension})"
        )

    def _repr_html_(self) -> str:
        snapshot = self.snapshot()
        head = f"<p>{escape(repr(self))}</p>"
        if snapshot is None or not snapshot.videos:
            return head
        levels = list(reversed(snapshot.levels))
        counts = Counter((s.video_id, s.level) for s in snapshot.segments)
        rows = "".join(
            f"<tr><td>{escape(row['name'])}</td><td>{format_time(row['duration_s'])}</td>"
            + "".join(f"<td>{counts[video_id, level]}</td>" for level in levels)
            + "</tr>"
            for video_id, row in snapshot.videos.items()
        )
        titles = "".join(f"<th>{escape(level)}</th>" for level in levels)
        columns = f"<thead><tr><th>video</th><th>length</th>{titles}</tr></thead>"
        return f"{head}<table>{columns}<tbody>{rows}</tbody></table>"
