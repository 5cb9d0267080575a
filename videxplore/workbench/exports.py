"""Segments that were chosen, out of a library: as a timeline, as clips, as a library of their own."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from videxplore.stages.store.schema import uri_to_path
from videxplore.values.media import Video, format_time
from videxplore.values.segments import Segment
from videxplore.values.timelines import Part, to_edl, to_fcpxml, to_otio, to_webvtt
from videxplore.workbench.exchange import LibraryExchange

if TYPE_CHECKING:
    import pandas as pd

_ENDINGS = (".edl", ".otio", ".fcpxml", ".csv", ".vtt")


class LibraryExports(LibraryExchange):
    """What goes out of :class:`videxplore.Library` to people and other programs."""

    def export_timeline(self, segments: Any, path: str | os.PathLike[str]) -> Path:
        """Write chosen segments for another program, in the order given; the ending of ``path`` says how.

        ``.edl``, ``.otio`` and ``.fcpxml`` put one after the other for editing programs, of one video or of
        many; ``.csv`` is a table with times, transcripts, tags and notes; ``.vtt`` has chapters of one video,
        in order of time. Editing programs count frames: docs/library.md says how times are rounded.

        Args:
            segments: what :meth:`compose` takes: hits, segments, ids, a frame with ``segment_id``, or what
                ``where=`` of :meth:`search` takes.
            path: file to write; an existing one is replaced.

        Raises:
            ValueError: no segments, another ending, or several videos as ``.vtt``.
            LibraryError: a segment that is not in this library.
            MissingExtraError: an editing format needs the extra ``editing``.
        """
        target = Path(path)
        if target.suffix not in _ENDINGS:
            raise ValueError(f"path must end in {', '.join(_ENDINGS)}; got {target.name!r}.")
        chosen = self._some(segments)
        if target.suffix == ".csv":
            text = self._as_table(chosen).to_csv(index=False)
        elif target.suffix == ".vtt":
            text = to_webvtt(self._parts(self._of_one_video(chosen)))
        else:
            write = {".edl": to_edl, ".otio": to_otio, ".fcpxml": to_fcpxml}[target.suffix]
            text = write(self._parts(chosen), title=target.stem)
        target.write_text(text, encoding="utf-8", newline="")
        return target

    def export_clips(
        self,
        segments: Any,
        folder: str | os.PathLike[str],
        *,
        format: str = "auto",
        height: int = 1080,
        progress: bool = True,
    ) -> pd.DataFrame:
        """Cut chosen segments out of their videos: one film per segment, with exactly its pictures and sound.

        Interrupted, the same call goes on where it was. A file that is not of this export is never replaced,
        and a video that cannot be read costs its own clips only.

        Args:
            segments: what :meth:`compose` takes.
            folder: made where it is missing. ``clips.csv`` in it lists every clip.
            format: ``"mp4"``, ``"webm"`` or ``"auto"``.
            height: rows at most; smaller videos keep theirs.
            progress: whether to show a progress bar.

        Returns:
            One row per segment, as ``clips.csv`` has them: file, status (``"done"``, ``"failed"``), reason,
            video, start_s, end_s and more.

        Raises:
            ValueError: no segments, an unknown format or a height below 16.
            LibraryError: a segment that is not in this library, or ``clips.csv`` is something else's.
            OSError: the folder cannot be written.
        """
        from videxplore.workbench.clip_folder import export_clips

        return export_clips(
            self, self._some(segments), Path(folder), format=format, height=height, progress=progress
        )

    def extract(self, segments: Any, path: str | os.PathLike[str]) -> Self:
        """Make a new library of the videos that chosen segments are of.

        These videos are copied whole, as this handle sees them: trees of every segmentation, vectors of every
        encoder, frames, transcripts, posters, judgements, annotations, and compositions of segments that came
        along. No video is read and no model called. Maps, saved views, indexes and earlier versions stay
        behind. The new library appears when it is complete: killed on the way, nothing is at ``path``.

        Whole videos, because segments are scored, pooled and reranked among their neighbours; ``compose`` in
        the new library keeps the choice itself under a name, since ids stay what they are.

        Args:
            segments: what :meth:`compose` takes.
            path: of the new library, a folder that does not exist.

        Raises:
            ValueError: no segments.
            LibraryError: a segment that is not in this library, something is at ``path`` already, or nothing
                can be written there.
        """
        from videxplore.stages.store.extracting import extract_videos

        wanted = list(dict.fromkeys(s.video_id for s in self._some(segments)))
        extract_videos(self.database, wanted, path)
        return type(self)(
            path, encoder=self._encoder, segmentation=self.view.segmentation, pooling=self.view.pooling
        )

    def _some(self, segments: Any) -> list[Segment]:
        chosen = self._chosen(segments)
        if not chosen:
            raise ValueError("segments must name one segment at least; this selection is empty.")
        return [self.segment(i) for i in dict.fromkeys(chosen)]

    def _of_one_video(self, chosen: list[Segment]) -> list[Segment]:
        videos = list(dict.fromkeys(s.video_id for s in chosen))
        if len(videos) > 1:
            raise ValueError(
                f"WebVTT has the clock of one video, and these segments are of {len(videos)}; write one file "
                "per video, or one .otio, .fcpxml, .edl or .csv of all."
            )
        return sorted(chosen, key=lambda s: (s.start_s, -s.end_s))

    def _parts(self, chosen: list[Segment]) -> list[Part]:
        videos = {v: self._placed(v) for v in dict.fromkeys(s.video_id for s in chosen)}
        noted = {s.segment_id: self.annotations_of(s.segment_id) for s in chosen}
        return [
            Part(videos[s.video_id], _name(s, [t for a in noted[s.segment_id] for t in a.tags]), s.span)
            for s in chosen
        ]

    def _placed(self, video_id: str) -> Video:
        """A video at the first of its known places where there is a file, whether or not one is left."""
        snapshot = self._holding(video_id)
        video, row = snapshot.video(video_id), snapshot.videos[video_id]
        places = [video.path, *map(uri_to_path, row["locations"])]
        return replace(video, path=next((p for p in places if p.is_file()), video.path))

    def _as_table(self, chosen: list[Segment]) -> pd.DataFrame:
        from videxplore.workbench.columns import segments_frame

        snapshot = self.snapshot()
        assert snapshot is not None  # noqa: S101 - there are segments
        table = segments_frame(snapshot, self.noted(snapshot)).set_index("segment_id", drop=False)
        names = table["video_id"].map(snapshot.title)
        columns = [
            "segment_id", "video_id", "name", "path", "level", "start_s", "end_s", "duration_s", "transcript",
            "tags", "note",
        ]  # fmt: skip
        return table.assign(name=names).loc[[s.segment_id for s in chosen], columns]


def _name(segment: Segment, tags: list[str]) -> str:
    """Level and time, after what it is tagged with."""
    words = ", ".join(dict.fromkeys(tags))
    return f"{words} · {segment.level} {format_time(segment.start_s)}".removeprefix(" · ")
