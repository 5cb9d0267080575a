"""Files are looked at in worker processes, and what was seen is kept, so that a killed run goes on."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from videxplore.errors import VideoError
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.decoding.subtitles import transcript
from videxplore.stages.licensing.fingerprints import Fingerprint, fingerprint
from videxplore.stages.licensing.technical.inspect import inspect
from videxplore.stages.licensing.technical.spans import join
from videxplore.stages.store.schema import displayable
from videxplore.values.media import Video
from videxplore.values.reports import IngestRecord
from videxplore.workbench.assessment.hearing import hear_voice
from videxplore.workbench.assessment.kept import Kept, Look, hears_voices
from videxplore.workbench.crew import in_processes
from videxplore.workbench.library import Library
from videxplore.workbench.worker import PreparationFailed, WorkerProcess

logger = logging.getLogger(__name__)

NOT_ITS_FAULT = ("missing", "changed", "error")
"""Reasons why a file could not be looked at that say nothing of what it is like."""

Task = tuple[str, Path]
"""A video id and its file."""


@dataclass(frozen=True, eq=False)
class Looks:
    """What became of all files.

    Attributes:
        seen: video id -> look.
        failed: files that could not be looked at, with reason and remedy.
    """

    seen: Mapping[str, Look] = field(default_factory=dict)
    failed: tuple[IngestRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Looker:
    """Looks at files in this process."""

    def open(self, path: str) -> Video:
        """Probe one file."""
        return open_video(path)

    def look(self, video: Video) -> Look:
        """Look at all that is assessed of a file."""
        said = transcript(video)
        spoken = None if said is None else join(cue.span for cue in said if cue.text.strip())
        language = said.language if said is not None else ""
        voice = hear_voice(video) if said is None and hears_voices() else None
        return Look(inspect(video), fingerprint(video), spoken, language, voice)

    def fingerprint(self, video: Video) -> Fingerprint:
        """Look at its pictures only, as for copies of what is owned."""
        return fingerprint(video)


def look_at(library: Library, kept: Kept, *, workers: int | None = None, progress: bool = True) -> Looks:
    """Look at every file of a library that was not looked at before.

    Raises:
        OSError: what was seen cannot be kept.
    """
    seen, failed = _each(library, kept.look, kept.keep_look, "look", workers, progress)
    return Looks(seen, failed)


def fingerprints_of(
    library: Library, kept: Kept, *, workers: int | None = None, progress: bool = True
) -> dict[str, Fingerprint]:
    """Take the fingerprint of every file of a library that has none kept; of files that cannot be read, none.

    Raises:
        OSError: a fingerprint cannot be kept.
    """
    what = "fingerprint"
    found, failed = _each(library, kept.fingerprint, kept.keep_fingerprint, what, workers, progress)
    for record in failed:
        logger.warning("No copies of %s can be found: %s", record.path, record.detail)
    return found


def _each(
    library: Library,
    find: Callable[[str], Any],
    keep: Callable[[str, Any], None],
    what: str,
    workers: int | None,
    progress: bool,
) -> tuple[dict[str, Any], tuple[IngestRecord, ...]]:
    """Do what is not kept yet, in processes; each result is kept at once."""
    from tqdm.auto import tqdm

    snapshot = library.snapshot()
    ids = [] if snapshot is None else sorted(snapshot.videos)
    seen = {video_id: found for video_id in ids if (found := find(video_id)) is not None}
    failed: list[IngestRecord] = []
    tasks: list[Task] = []
    for video_id in (i for i in ids if i not in seen):
        try:
            tasks.append((video_id, library.file(video_id)))
        except VideoError as error:
            failed.append(_record(video_id, error))

    def handle(task: Task, worker: WorkerProcess) -> tuple[str, Any]:
        return task[0], _done(task, worker, what)

    count = max(1, min(workers or os.cpu_count() or 1, len(tasks)))
    results = in_processes(handle, tasks, lambda threads: WorkerProcess(Looker(), threads=threads), count)
    with (
        contextlib.closing(results),
        tqdm(total=len(ids), initial=len(seen), desc=what, unit="video", disable=not progress) as bar,
    ):
        for video_id, found in results:
            if isinstance(found, IngestRecord):
                failed.append(found)
            else:
                keep(video_id, found)
                seen[video_id] = found
            bar.update()
    ordered = {video_id: seen[video_id] for video_id in ids if video_id in seen}
    return ordered, tuple(sorted(failed, key=lambda record: (record.path, record.video_id)))


def _done(task: Task, worker: WorkerProcess, what: str) -> Any:
    """The result for one file, or what is said of it where there is none."""
    video_id, path = task
    try:
        video = worker.open(os.fspath(path))
        if video.video_id != video_id:
            raise VideoError(path, "changed", "the file has other content than when it was ingested",
                             "library.reingest() reads it anew.")  # fmt: skip
        return worker.do(what, video)
    except VideoError as error:
        return _record(video_id, error)
    except PreparationFailed as error:
        logger.error("%r failed in a worker:\n%s", path, error.args[1])
        detail = "This is unexpected: please report it, with the log and, if you may, the file."
        return IngestRecord(displayable(path), video_id, "error", error.args[0], detail)


def _record(video_id: str, error: VideoError) -> IngestRecord:
    return IngestRecord(displayable(error.path), video_id, error.reason, error.detail, error.remedy)
