"""Vectors and segments out of a library for other tools, and vectors made elsewhere into it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videxplore.errors import LibraryError, MissingExtraError
from videxplore.stages.encoding.own import OwnVectors
from videxplore.stages.encoding.sentences import Sentences
from videxplore.stages.store.rows import fixed
from videxplore.stages.store.schema import SEGMENTS
from videxplore.values.reports import IngestReport
from videxplore.workbench.foreign import read_vectors
from videxplore.workbench.saved_views import LibraryViews

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


class LibraryExchange(LibraryViews):
    """What goes out of and into :class:`videxplore.Library`."""

    def to_arrow(self, *, vectors: bool = True, posters: bool = False) -> pa.Table:
        """Return one row per segment, as this handle looks at them, as an Arrow table.

        The columns of :meth:`segments`, ``magnitude`` and, where wanted, ``vector`` (unit length, d floats)
        and ``poster`` (JPEG). The card is in the schema's metadata under ``videxplore``.

        Args:
            vectors: whether to add the vectors.
            posters: whether to add the posters.
        """
        import pyarrow as pa

        from videxplore.workbench.columns import segments_frame

        snapshot = self.snapshot()
        frame = segments_frame(snapshot, None if snapshot is None else self.noted(snapshot))
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if snapshot is not None:
            table = table.append_column("magnitude", pa.array(snapshot.magnitudes))
            if vectors:
                table = table.append_column("vector", fixed(snapshot.vectors))
            if posters:
                table = table.append_column(
                    "poster", self._posters_of([s.segment_id for s in snapshot.segments])
                )
        return table.replace_schema_metadata({"videxplore": self.card.to_json()})

    def _posters_of(self, segment_ids: list[str]) -> pa.Array:
        import pyarrow as pa

        found = (
            self.database.require(SEGMENTS).search().select(["segment_id", "poster"]).limit(None).to_arrow()
        )
        poster = dict(
            zip(found.column("segment_id").to_pylist(), found.column("poster").to_pylist(), strict=True)
        )
        return pa.array([poster.get(i) for i in segment_ids], pa.binary())

    def to_pandas(self, *, vectors: bool = False) -> pd.DataFrame:
        """Return :meth:`to_arrow` as a pandas frame."""
        return self.to_arrow(vectors=vectors).to_pandas()

    def to_polars(self, *, vectors: bool = True) -> Any:
        """Return :meth:`to_arrow` as a polars frame.

        Raises:
            MissingExtraError: polars is not installed.
        """
        try:
            import polars as pl  # type: ignore[import-not-found,unused-ignore]
        except ImportError as error:
            raise MissingExtraError(
                "a polars frame needs the package 'polars', which is not installed. Install it with: "
                "pip install polars, then restart the kernel; or take library.to_arrow()."
            ) from error
        return pl.from_arrow(self.to_arrow(vectors=vectors))

    def to_parquet(self, path: str | os.PathLike[str], *, posters: bool = False) -> Path:
        """Write :meth:`to_arrow` as one Parquet file; an existing one is replaced."""
        import pyarrow.parquet as pq

        target = Path(path)
        pq.write_table(self.to_arrow(posters=posters), target)
        return target

    def import_vectors(
        self,
        source: Any,
        *,
        name: str,
        format: str = "auto",
        segments: list[str] | None = None,
        video: str | None = None,
        modality: str = "visual",
        texts: Sentences | None = None,
        parameters: dict[str, Any] | None = None,
        progress: bool = True,
    ) -> OwnVectors:
        """Add vectors that were made elsewhere as a further set, beside what is there.

        Each segment gets the vector of the same stretch, or the mean of those that overlap it by how long
        they do. ``vx.Library(path, encoder=own)`` looks at them. To begin a library with such vectors, ingest
        with ``vx.Library(path, encoder=vx.OwnVectors(…))``. No video file is needed.

        Args:
            source: ``.npy`` with (n, d) in the order of ``library.segments()`` or of ``segments``;
                ``.parquet`` (or a pandas or Arrow table) with ``vector`` and either ``segment_id`` or
                ``video`` (name or id), ``start_s`` and ``end_s``; a FiftyOne dataset, or its exported
                ``samples.json``; embeddings of Twelve Labs as JSON.
            name: of what made them, for the card.
            format: ``"npy"``, ``"parquet"``, ``"fiftyone"``, ``"twelvelabs"``, or ``"auto"``.
            segments: segment ids of the rows of an ``.npy`` file.
            video: file name or id of the video, where the source does not name it (Twelve Labs).
            modality: what the vectors describe, for the card; of Twelve Labs' embeddings only those of this
                option are taken where there are several.
            texts: has ``encode_text`` that puts words into the same space.
            parameters: all else that changes the numbers, for the card.
            progress: whether to show a progress bar.

        Returns:
            The encoder to open the library with; ``library.import_report`` says which videos got vectors.

        Raises:
            ValueError: a source that cannot be understood, a wrong number of rows, or vectors that are not
                finite or differ in length.
            LibraryError: the library is empty or cannot be written.
        """
        snapshot = self.snapshot()
        if snapshot is None or not len(snapshot):
            raise LibraryError(
                f"the library {self.path!r} is empty, so no segment is there to take vectors. Ingest first, "
                "or begin a library with them: vx.ingest(videos, vx.Library(path, encoder=vx.OwnVectors(…)))."
            )
        rows = read_vectors(
            source, format=format, snapshot=snapshot, segments=segments, video=video, modality=modality
        )
        own = OwnVectors(rows, name=name, modality=modality, texts=texts, parameters=parameters)
        report = self.add_encoder(own, progress=progress)
        self.import_report = report
        return own

    ingest_report: IngestReport | None = None
    """What the last :func:`videxplore.ingest` with this handle did."""

    import_report: IngestReport | None = None
    """What the last :meth:`import_vectors` did."""
