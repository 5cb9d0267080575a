"""The library: a LanceDB folder together with the encoder whose vectors it holds."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import CardMismatchError, LibraryError, ModelError, VideoError
from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.encoding.registry import encoder as encoder_named
from videxplore.stages.encoding.registry import restore
from videxplore.stages.store.database import Database, describe_difference
from videxplore.stages.store.frames import FrameCache
from videxplore.stages.store.schema import SEGMENTS, displayable, uri_to_path
from videxplore.stages.store.scoring import Space
from videxplore.stages.store.snapshot import Snapshot, current_version, read_snapshot
from videxplore.stages.store.writing import remove_video
from videxplore.values.media import format_time
from videxplore.values.rankings import Ranking
from videxplore.values.segments import Segment, SegmentTree
from videxplore.values.vectors import Embeddings, EncoderCard
from videxplore.workbench.searching import search_library

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_ENCODER = "perceptual"

_POSTERS_HELD = 4096


class Library:
    """Videos, their segment trees and their vectors, in a LanceDB folder that a search can ask.

    Opening never writes; :func:`videxplore.ingest` fills a library. Another process may add to the same
    folder meanwhile: every call sees what is complete at that moment.

    Args:
        path: a local folder, or a URI that LanceDB opens. It need not exist yet.
        encoder: what makes and reads the vectors, or its name. By default the one the library was made
            with, for a new library ``"perceptual"``.

    Raises:
        CardMismatchError: the library holds vectors of another encoder.
        LibraryError: the path cannot hold a library.
    """

    def __init__(self, path: str | os.PathLike[str], *, encoder: Encoder | str | None = None) -> None:
        self.database = Database(path)
        self._encoder = encoder_named(encoder) if isinstance(encoder, str) else encoder
        if self._encoder is not None:
            self.database.require_card(self._encoder.card)
        self._snapshot: Snapshot | None = None
        self._frames: dict[bool, FrameCache] = {}
        self._bank: NDArray[np.float32] | None = None
        self._bank_made = False
        self._posters: dict[str, bytes] = {}

    @property
    def path(self) -> str:
        """The folder, or the URI."""
        return self.database.location

    @property
    def encoder(self) -> Encoder:
        """What makes and reads the vectors.

        Raises:
            LibraryError: the library was made with an encoder of one's own; open it with ``encoder=``.
            CardMismatchError: the installed encoder of that name is not the one the library was made with.
        """
        if self._encoder is None:
            stored = self.database.card
            try:
                made = encoder_named(DEFAULT_ENCODER) if stored is None else restore(stored)
            except ValueError as error:
                why = f" ({error})" if isinstance(error, ModelError) else ""
                raise LibraryError(
                    f"the library {self.path!r} was made with the encoder {self.card.name!r}, which has to "
                    f"be given: vx.Library(path, encoder=…).{why}"
                ) from error
            if stored is not None and stored != made.card:
                raise CardMismatchError(
                    f"the library {self.path!r} was made with another version of its encoder: "
                    f"{describe_difference(stored, made.card)}. Ingest its videos into a new folder."
                )
            self._encoder = made
        return self._encoder

    @property
    def card(self) -> EncoderCard:
        """Where the vectors come from."""
        return self.database.card or self.encoder.card

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
    ) -> Ranking:
        """Find segments.

        Every segment is scored against what is usual on its level, and by how well what is said matches the
        query's words. Words put to an encoder of named attributes are projected on the attributes they ask
        for; all else is compared by cosine per modality. Words that the encoder does not know shift the
        weight to what is said.

        Args:
            query: words, a :class:`Query`, a vector (d,), a segment or hit of this library ("more like
                this"; it finds itself first), a picture (uint8 (h, w, 3), PIL image or ``Path`` of one), an
                :class:`AudioClip`, a :class:`Video` or a pair (video, span), or a list of any of these, alone
                or in pairs (weight, query): ``[(1, segment), (0.5, "at night"), (-1, "rain")]``.
            k: how many hits.
            level: a level name, several, ``"any"``: one list over all levels in which no segment appears
                together with a part of itself, or ``"auto"``: one level, chosen from words about scope and
                from the scores; ``ranking.level`` names it and ``ranking.notes`` say why.
            weights: multiplies what a modality counts; 1 where not given, 0 leaves it out. Names are those
                of the card's blocks, and ``"text"`` for what is said.
            where: column -> value, or list of allowed values, such as ``{"name": ["a.mp4", "b.mp4"]}``; or a
                condition such as ``"duration_s > 3 and not 'goal' in transcript"``. Never run as SQL.
            exact: approximate search needs an index; this version always compares with every segment.
            candidates: size of the pool a reranker sees; by default max(100, 2k).
            fusion: how modalities are joined: ``"weighted"`` adds their scores, ``"rrf"`` reciprocal ranks.
            fold: cosine, such as 0.99, from which segments of one level count as copies: the best placed
                stands for the others, ``hit.duplicates`` names them.

        Raises:
            ValueError: k or candidates below 1, an unknown level, column, modality or fusion, a bad
                condition, fold or vector.
            QueryError: an empty query, a segment that is not in this library, an example of a kind that the
                encoder cannot take.
            CardMismatchError: a query made for another encoder.
            TypeError: a query of another kind.
        """
        if not exact:
            raise ValueError("exact=False needs an index, which this library has not; leave exact=True.")
        return search_library(
            self,
            query,
            k=k,
            candidates=candidates,
            level=level,
            weights=weights,
            where=where,
            fusion=fusion,
            fold=fold,
        )

    def frames_for(self, space: Space) -> FrameCache:
        """Vectors of single frames, placed in ``space``; held until the library changes."""
        held = self._frames.get(space.unit)
        if held is None or held.space is not space:
            held = self._frames[space.unit] = FrameCache(self.database, space)
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

        ``persistence`` is that of the boundary the segment starts at, ``coherence`` how alike its parts are.
        """
        from videxplore.workbench.columns import segments_frame

        return segments_frame(self.snapshot())

    def tree(self, video_id: str) -> SegmentTree:
        """Return the segment tree of one video.

        Raises:
            LibraryError: no such video.
        """
        snapshot = self.snapshot()
        if snapshot is None or video_id not in snapshot.videos:
            raise LibraryError(
                f"no video {video_id!r} in {self.path!r}; library.videos() lists what is there."
            )
        return snapshot.tree(video_id)

    def segment(self, segment_id: str) -> Segment:
        """Return one segment.

        Raises:
            LibraryError: no such segment.
        """
        snapshot = self.snapshot()
        if snapshot is None or segment_id not in snapshot.row_of:
            raise LibraryError(
                f"no segment {segment_id!r} in {self.path!r}; it may have been removed, "
                "library.segments() lists what is there."
            )
        return snapshot.segments[snapshot.row_of[segment_id]]

    def poster(self, segment_id: str) -> bytes:
        """Return a small JPEG of the segment, empty where none could be made. Needs no video file.

        Raises:
            LibraryError: no such segment.
        """
        from lancedb.expr import col, lit

        self.segment(segment_id)
        if segment_id not in self._posters:
            if len(self._posters) >= _POSTERS_HELD:
                self._posters.clear()
            wanted = (col("segment_id") == lit(segment_id)).to_sql()
            table = self.database.table(SEGMENTS)
            rows = table.search().where(wanted).select(["poster"]).limit(1).to_arrow()  # type: ignore[union-attr]
            self._posters[segment_id] = (rows.column("poster").to_pylist() or [None])[0] or b""
        return self._posters[segment_id]

    def clip(self, segment_id: str, *, format: str = "auto", height: int = 360) -> bytes:
        """Return a small film of exactly the segment that a browser plays.

        Args:
            segment_id: of the segment.
            format: ``"mp4"``, ``"webm"`` or ``"auto"``.
            height: rows at most.

        Raises:
            LibraryError: no such segment.
            VideoError: the video file is gone or cannot be read.
        """
        from videxplore.stages.decoding.proxies import clip

        segment = self.segment(segment_id)
        return clip(self.file(segment.video_id), segment.span, format=format, height=height)

    def file(self, video_id: str) -> Path:
        """Return where the video is: the first of its known locations at which there is a file.

        Raises:
            LibraryError: no such video.
            VideoError: no file at any of them.
        """
        self.tree(video_id)
        row = self.snapshot().videos[video_id]  # type: ignore[union-attr]
        places = [uri_to_path(uri) for uri in dict.fromkeys([row["uri"], *row["locations"]])]
        for place in places:
            if place.is_file():
                return place
        raise VideoError(
            displayable(places[0]),
            "missing",
            "the file was moved or deleted since it was ingested",
            "Put it back, or ingest it from its new place: its segments stay searchable meanwhile.",
        )

    def remove(self, video_id: str) -> None:
        """Take a video out of the library; the file is not touched.

        Raises:
            LibraryError: no such video, or the folder cannot be written.
        """
        self.tree(video_id)
        remove_video(self.database, video_id)

    def snapshot(self) -> Snapshot | None:
        """What the library holds now, in memory; None where nothing was ever stored."""
        version = current_version(self.database)
        if self._snapshot is None or self._snapshot.version != version:
            self._snapshot = read_snapshot(self.database)
        return self._snapshot

    def query_bank(self) -> NDArray[np.float32] | None:
        """float32 (q, d): generic queries of the encoder, or None where it has no text side."""
        from videxplore.stages.encoding.embed import query_bank

        if not self._bank_made:
            self._bank, self._bank_made = query_bank(self.encoder), True
        return self._bank

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
