"""Notes and tags in a library: writing them, and giving them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from videxplore.errors import QueryError
from videxplore.stages.store.annotations import (
    annotate,
    read_annotations,
    rows_showing,
    write_annotations,
)
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.annotations import Annotation, checked_note, checked_tags
from videxplore.values.media import Span
from videxplore.values.rankings import Hit
from videxplore.values.segments import COMPOSITION_LEVEL, Segment
from videxplore.workbench.maps import LibraryMaps

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = (
    "segment_id", "video_id", "name", "start_s", "end_s", "level", "note", "tags", "author", "changed_at",
)  # fmt: skip


class LibraryAnnotations(LibraryMaps):
    """Notes and tags of :class:`videxplore.Library`."""

    def annotate(
        self,
        segment: Hit | Segment | str,
        *,
        note: str | None = None,
        tags: Iterable[str] | None = None,
        author: str = "",
    ) -> Annotation:
        """Note something of a segment, or tag it; what is left out stays as it was.

        What is noted is of the stretch of the video: it outlives a new segmentation, where it is shown at the
        segment that covers most alike (more than half of what both cover), and goes with its video. Each
        author has a note and tags of their own of a stretch; searches and :meth:`segments` see all.

        Args:
            segment: a hit, a segment, or its id.
            note: text in place of the author's earlier one; an empty one takes it away.
            tags: in place of the author's earlier ones, without commas; an empty list takes them away.
            author: a name, where several annotate.

        Returns:
            What the author has noted of the stretch by now.

        Raises:
            ValueError: neither note nor tags, or one too long or with characters that are not allowed.
            TypeError: something else than a segment, text, a list of tags or a name.
            LibraryError: the segment is not in this library, or the folder cannot be written.
            QueryError: a composition, which is no one stretch: annotate its members.
        """
        if note is None and tags is None:
            raise ValueError("annotate needs note= or tags=; an empty one takes away what was noted.")
        if not isinstance(author, str):
            raise TypeError(f"author must be a name, got {author!r}.")
        said: dict[str, Any] = {} if note is None else {"note": checked_note(note)}
        said |= {} if tags is None else {"tags": checked_tags(tags)}
        snapshot, row = self._annotatable(segment)
        return annotate(self.database, snapshot, row, author, lambda before: replace(before, **said))

    def _annotatable(self, segment: Hit | Segment | str) -> tuple[Snapshot, int]:
        if not isinstance(segment, str | Hit | Segment):
            raise TypeError(f"a hit, a segment or its id is annotated, got {type(segment).__name__}.")
        identity = segment if isinstance(segment, str) else segment.segment_id
        snapshot, row = self._row(identity)
        if snapshot.segments[row].level == COMPOSITION_LEVEL:
            raise QueryError(
                f"{identity!r} is a composition, no one stretch of a video; annotate its members."
            )
        return snapshot, row

    def annotations_of(self, segment_id: str) -> tuple[Annotation, ...]:
        """Return what is shown at a segment, of all authors, in the order in which it was noted.

        Raises:
            LibraryError: no such segment.
        """
        snapshot, row = self._row(segment_id)
        return self.noted(snapshot).by_row.get(row, ())

    def annotations(self) -> pd.DataFrame:
        """One row per stretch and author: segment_id, video_id, name, start_s, end_s, level, note, tags, ….

        ``segment_id`` is where it is shown in this segmentation (the coarsest, where several cover the same),
        empty where no segment covers enough of it. :meth:`add_annotations` takes the frame back, here or into
        another library that holds the videos.
        """
        import pandas as pd

        snapshot = self.snapshot()
        rows = []
        for a in [] if snapshot is None else read_annotations(self.database):
            if snapshot is None or a.video_id not in snapshot.videos:
                continue
            shown = [snapshot.segments[i].segment_id for i in rows_showing(snapshot, a)]
            segment_id = a.segment_id if a.segment_id in shown else (shown or [""])[0]
            known = {"segment_id": segment_id, "name": snapshot.title(a.video_id)}
            rows.append([known[c] if c in known else getattr(a, c) for c in _COLUMNS])
        return pd.DataFrame(rows, columns=list(_COLUMNS))

    def add_annotations(self, annotations: pd.DataFrame) -> int:
        """Store annotations of :meth:`annotations`, of this library or another that holds the same videos.

        The same author's earlier ones of the same stretches are replaced.

        Args:
            annotations: a frame with ``start_s``, ``end_s``, either ``video_id`` or ``name``, ``note`` or
                ``tags`` (a list, or text with commas), and ``author``, ``level``, ``segment_id``,
                ``changed_at`` where they are known.

        Returns:
            How many were stored.

        Raises:
            ValueError: a column is missing, a stretch, a note or a tag is none, or a name is that of several
                videos.
            LibraryError: a video is not in this library, or the folder cannot be written.
        """
        by_video: dict[str, list[Annotation]] = {}
        for row in annotations.to_dict("records"):
            made = self._as_annotation(row)
            by_video.setdefault(made.video_id, []).append(made)
        for own in by_video.values():
            write_annotations(self.database, own)
        return sum(map(len, by_video.values()))

    def _as_annotation(self, row: Mapping[Any, Any]) -> Annotation:
        import pandas as pd

        found = "start_s" in row and "end_s" in row and ("video_id" in row or "name" in row)
        if not found or not ("note" in row or "tags" in row):
            raise ValueError(
                "annotations needs the columns start_s, end_s, video_id or name, and note or tags; "
                f"got {', '.join(map(str, row))}."
            )
        span = Span(float(row["start_s"]), float(row["end_s"]))
        if not span.duration_s > 0:
            raise ValueError(f"an annotation is of a stretch that lasts, got {span}.")
        tags = row.get("tags", ())
        if isinstance(tags, str):
            tags = [tag for tag in tags.split(",") if tag.strip()]
        texts = {
            name: row[name] for name in ("author", "level", "segment_id") if isinstance(row.get(name), str)
        }
        note, at = row.get("note"), row.get("changed_at")
        made = Annotation(
            str(row["video_id"] if "video_id" in row else self._video_named(str(row["name"]))),
            span.start_s, span.end_s,
            checked_note(note) if isinstance(note, str) else "",
            checked_tags(tags) if isinstance(tags, list | tuple) else (),
            changed_at=None if at is None or pd.isna(at) else pd.Timestamp(at).to_pydatetime(), **texts,
        )  # fmt: skip
        if not made.note and not made.tags:
            raise ValueError(f"the annotation of {span} has neither a note nor a tag; leave its row out.")
        return made
