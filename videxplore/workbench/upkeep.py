"""What may be done to a library besides ingesting: adding, composing, pooling anew, versions, repair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from videxplore.errors import LibraryError
from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.encoding.registry import as_encoder
from videxplore.stages.store.compositions import remove_composition, write_composition
from videxplore.stages.store.database import Database
from videxplore.stages.store.history import TAG, find_version, read_log, restore_version, tag_version
from videxplore.stages.store.repooling import MEAN, check_pooling
from videxplore.stages.store.verify import verify as verify_database
from videxplore.stages.store.writing import remove_video
from videxplore.values.reports import IngestReport, VerifyReport
from videxplore.values.segments import Segment
from videxplore.workbench.footage import LibraryFootage
from videxplore.workbench.preparation import Segmenter

if TYPE_CHECKING:
    import pandas as pd


class LibraryUpkeep(LibraryFootage):
    """Changes to :class:`videxplore.Library`."""

    def add_encoder(self, encoder: Encoder | str, *, progress: bool = True) -> IngestReport:
        """Encode all videos by a further encoder; what is there is not touched.

        Searched with ``vx.Library(path, encoder=encoder)``. Interrupted, the next call goes on; videos
        ingested later get their vectors by calling it again.

        Args:
            encoder: or its name.
            progress: whether to show a progress bar.

        Returns:
            One record per video: done, skipped where it had vectors, or failed with reason and remedy.

        Raises:
            CardMismatchError: the library is empty, so that it has no first encoder.
            LibraryError: the folder cannot be written.
        """
        from videxplore.workbench.growing import add_encoder

        return add_encoder(self, as_encoder(encoder), progress=progress)

    def add_segmentation(
        self, segmenter: Segmenter | str, *, name: str, progress: bool = True
    ) -> IngestReport:
        """Cut all videos in a further way; what is there is not touched.

        Searched with ``vx.Library(path, segmentation=name)``. The videos are read once more, because signals
        are not kept. Interrupted, the next call goes on.

        Args:
            segmenter: a method name of :func:`videxplore.segment`, or a function from :class:`Measurements`
                to :class:`SegmentTree`.
            name: of the segmentation; not ``"main"``, which is that of the first ingest.
            progress: whether to show a progress bar.

        Raises:
            CardMismatchError: this handle looks at a further encoder's vectors; open the library without
                ``encoder=`` to cut, then call :meth:`add_encoder` again.
            LibraryError: the folder cannot be written.
            ValueError: an empty name, or ``"main"``.
        """
        from videxplore.workbench.growing import add_segmentation

        return add_segmentation(self, segmenter, name, progress=progress)

    def recompose(self, pooling: str = MEAN) -> Self:
        """Pool the vectors of all parents anew; this handle looks at them from now on.

        No video is read, no model called and nothing written: parents follow from the stored vectors of their
        leaves, in the first or in a further set. ``vx.Library(path, pooling=…)`` opens a second handle to
        compare with.

        Args:
            pooling: ``"mean"`` (weighted by duration), ``"equal"``, ``"gem"``, ``"max"``, ``"medoid"``,
                ``"attention"`` or ``"centroids"``; see :func:`videxplore.stages.pooling.pool_vectors`.

        Returns:
            This library.

        Raises:
            ValueError: another pooling.
        """
        check_pooling(pooling)
        self._look_at(view=self._repooled(pooling))
        self.snapshot()
        return self

    def compose(self, segments: Any, *, name: str) -> Segment:
        """Put segments together under a name, contiguous or not, of one video or of many.

        What comes out is searched, embedded and mapped like any segment, on the level ``"composition"``. Its
        vector follows from those of its members at every reading. The same name again replaces it.

        Args:
            segments: a ranking or a list of hits, segments or segment ids; a frame with a column
                ``segment_id``, such as ``Explorer.selected()`` or a filtered ``library.segments()``; or what
                ``where=`` of :meth:`search` takes: ``{"label": "A", "name": "match.mp4"}``.
            name: for people.

        Raises:
            LibraryError: a segment that is not in this library, or the folder cannot be written.
            ValueError: no segments, or no name.
        """
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"name must be a text that says what it is, such as 'all drives', got {name!r}.")
        chosen = self._chosen(segments)
        if not chosen:
            raise ValueError("segments must name one segment at least; this selection is empty.")
        made = write_composition(self.database, name, chosen, self.view.segmentation)
        return self.segment(made.composition_id)

    def _chosen(self, segments: Any) -> list[str]:
        """Segment ids, in order; members of compositions in their place."""
        from videxplore.stages.store.filters import where_mask

        snapshot = self.snapshot()
        if snapshot is None:
            return []
        if isinstance(segments, Mapping | str):
            mask = where_mask(snapshot, segments, lambda: self.noted(snapshot))
            ids = [s.segment_id for s, wanted in zip(snapshot.segments, mask, strict=True) if wanted]
            return [i for i in ids if i not in snapshot.compositions]
        column = getattr(segments, "segment_id", None)
        items: Iterable[Any] = [segments] if isinstance(segments, Segment) else segments
        if column is not None and not isinstance(column, str):
            items = list(column)
        ids = [item if isinstance(item, str) else getattr(item, "segment_id", item) for item in items]
        return [member.segment_id for i in ids for member in self.members(i)]

    def remove(self, video_id: str) -> None:
        """Take a video, or a composition, out of the library; no file is touched.

        Raises:
            LibraryError: no such video, or the folder cannot be written.
        """
        snapshot = self.snapshot()
        if snapshot is not None and video_id in snapshot.compositions:
            remove_composition(self.database, video_id)
            return
        self._holding(video_id)
        remove_video(self.database, video_id)

    def verify(self, *, repair: bool = True) -> VerifyReport:
        """Check every row, and repair what can be repaired without reading a video.

        Args:
            repair: take away what a killed writer left, and videos whose rows are damaged; otherwise only say
                what there is.

        Raises:
            LibraryError: something is to be repaired and the folder cannot be written.
        """
        return verify_database(self.database, repair=repair)

    def versions(self) -> pd.DataFrame:
        """One row per change: version, at (UTC), action, video_id, detail, tag; oldest first."""
        import pandas as pd

        log = read_log(Database(self.path))
        tags: dict[int, list[str]] = {}
        for entry in log:
            if entry.action == TAG:
                tags.setdefault(int(entry.video_id), []).append(entry.detail)
        rows = [
            (
                e.version,
                e.at,
                e.action,
                "" if e.action == TAG else e.video_id,
                e.detail,
                ", ".join(tags.get(e.version, [])),
            )
            for e in log
        ]
        return pd.DataFrame(rows, columns=["version", "at", "action", "video_id", "detail", "tag"])

    def tag(self, name: str, version: int | str | None = None) -> int:
        """Give a version a name, the latest where omitted; returns its number.

        Raises:
            ValueError: a name that is not allowed, or is taken.
            LibraryError: no such version, or the folder cannot be written.
        """
        return tag_version(Database(self.path), name, version)

    def checkout(self, version: int | str | None = None) -> Self:
        """Look at the library as it was; without an argument, at the present again.

        All tables are looked at as they were together. Until then this handle cannot write, and other handles
        see the present.

        Args:
            version: a number of :meth:`versions`, or a tag.

        Returns:
            This library.

        Raises:
            LibraryError: no such version or tag.
        """
        if version is None:
            self._look_at(Database(self.path))
        else:
            tables = find_version(Database(self.path), version).tables
            self._look_at(Database(self.path, pinned=tables))
        return self

    def restore(self, version: int | str) -> int:
        """Make an earlier version the present one, for everybody; returns the number it now has.

        Nothing is lost: what was the present stays a version and can be restored in turn.

        Raises:
            LibraryError: no such version or tag, or the folder cannot be written.
        """
        self._look_at(Database(self.path))
        return restore_version(self.database, version)

    def require_first(self) -> None:
        """Raise unless this handle looks at the present, the first encoder and the first segmentation.

        Raises:
            LibraryError: it does not, so that nothing can be ingested through it.
        """
        self.database.require_present()
        if self.view.card is not None or self.view.segmentation != type(self.view)().segmentation:
            raise LibraryError(
                f"this handle looks at a further vector set or segmentation of {self.path!r}. Ingest with "
                "vx.Library(path), then call add_encoder or add_segmentation for what is new."
            )
