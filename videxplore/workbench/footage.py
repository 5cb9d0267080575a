"""What a library shows of its videos: where the files are, posters and clips."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from videxplore.errors import LibraryError, VideoError
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.pooling import medoid
from videxplore.stages.store.repooling import outermost
from videxplore.stages.store.schema import SEGMENTS, displayable, uri_to_path
from videxplore.values.segments import Segment
from videxplore.workbench.opened import OpenedLibrary

_POSTERS_HELD = 4096


class LibraryFootage(OpenedLibrary):
    """Posters, clips and files of :class:`videxplore.Library`."""

    def poster(self, segment_id: str) -> bytes:
        """Return a small JPEG of the segment, empty where none could be made. Needs no video file.

        That of a composition is the poster of its most typical member.

        Raises:
            LibraryError: no such segment.
        """
        from lancedb.expr import col, lit

        shown = self.stands_for(segment_id).segment_id
        held = self._posters
        if shown not in held:
            if len(held) >= _POSTERS_HELD:
                held.clear()
            wanted = (col("segment_id") == lit(shown)).to_sql()
            rows = (
                self.database.require(SEGMENTS).search().where(wanted).select(["poster"]).limit(1).to_arrow()
            )
            held[shown] = (rows.column("poster").to_pylist() or [None])[0] or b""
        return held[shown]

    def clip(self, segment_id: str, *, format: str = "auto", height: int = 360) -> bytes:
        """Return a small film of exactly the segment that a browser plays.

        That of a composition is the clip of its most typical member.

        Args:
            segment_id: of the segment.
            format: ``"mp4"``, ``"webm"`` or ``"auto"``.
            height: rows at most.

        Raises:
            LibraryError: no such segment.
            VideoError: the video file is gone or cannot be read.
        """
        from videxplore.stages.decoding.proxies import clip

        segment = self.stands_for(segment_id)
        return clip(self.file(segment.video_id), segment.span, format=format, height=height)

    def members(self, segment_id: str) -> list[Segment]:
        """Return what a composition was put together from; of any other segment, itself.

        Raises:
            LibraryError: no such segment.
        """
        snapshot, row = self._row(segment_id)
        return [snapshot.segments[i] for i in snapshot.members(row)]

    def stands_for(self, segment_id: str) -> Segment:
        """Return the segment that is shown for one: itself, or the most typical member of a composition.

        Raises:
            LibraryError: no such segment.
        """
        snapshot, row = self._row(segment_id)
        if segment_id not in snapshot.compositions:
            return snapshot.segments[row]
        rows = outermost(snapshot, np.array(snapshot.members(row)))
        return snapshot.segments[rows[medoid(snapshot.vectors[rows], snapshot.durations_s[rows])]]

    def file(self, video_id: str) -> Path:
        """Return where the video is: the first of its known places at which there is a file with its content.

        Raises:
            LibraryError: no such video.
            VideoError: no such file at any of them.
        """
        snapshot = self.snapshot()
        if snapshot is not None and video_id in snapshot.compositions:
            raise LibraryError(
                f"{snapshot.title(video_id)!r} is put together from several segments and is no file of its "
                "own; library.members(segment_id) lists them."
            )
        row = self._holding(video_id).videos[video_id]
        for uri in sorted(row["locations"], key=lambda place: place != row["uri"]):
            place = uri_to_path(uri)
            if place.is_file() and self._has_content(place, row):
                return place
        main = uri_to_path(row["uri"])
        if main.is_file():
            raise VideoError(
                displayable(main),
                "changed",
                "the file has other content than when it was ingested",
                "library.reingest() reads it anew; the old segments stay searchable meanwhile.",
            )
        raise VideoError(
            displayable(main),
            "missing",
            "the file was moved or deleted since it was ingested",
            "Put it back, or ingest it from its new place: its segments stay searchable meanwhile.",
        )

    def path_of(self, video_id: str) -> Path:
        """Return a file at which the video was found, whatever it holds by now.

        Raises:
            LibraryError: no such video.
            VideoError: there is none any more.
        """
        row = self._holding(video_id).videos[video_id]
        main = uri_to_path(row["uri"])
        return main if main.is_file() else self.file(video_id)

    def _has_content(self, place: Path, row: dict[str, Any]) -> bool:
        """Whether a file still holds the video: by size and time, and where these differ by its content."""
        stat = place.stat()
        if (stat.st_size, stat.st_mtime_ns) == (row["size_bytes"], row["modified_ns"]):
            return True
        key = str(place), stat.st_mtime_ns
        if key not in self._checked:
            try:
                self._checked[key] = open_video(place).video_id
            except VideoError:
                self._checked[key] = ""
        return self._checked[key] == row["video_id"]
