"""Bringing videos into a library: every file given ends in exactly one list of the report."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from videxplore.errors import LibraryError, VideoError
from videxplore.stages.store.history import note_all
from videxplore.stages.store.schema import displayable, path_to_uri
from videxplore.stages.store.writing import add_location, drop_location, optimise, write_video
from videxplore.values.checks import check_whole
from videxplore.values.reports import IngestRecord, IngestReport
from videxplore.workbench.crew import in_processes
from videxplore.workbench.inputs import Videos, check_found, expand
from videxplore.workbench.library import Library
from videxplore.workbench.limits import Limits, too_hungry
from videxplore.workbench.preparation import Preparer, Segmenter, check_segmenter
from videxplore.workbench.worker import PreparationFailed, Worker, sendable

logger = logging.getLogger(__name__)

DONE, SKIPPED, FAILED = "done", "skipped", "failed"


def ingest(
    videos: Videos,
    library: Library | str | os.PathLike[str],
    *,
    segmenter: Segmenter | str | None = None,
    workers: int | None = None,
    time_limit_s: float | None = None,
    memory_limit_gb: float | None = None,
    progress: bool = True,
    again: bool = False,
) -> IngestReport:
    """Segment, embed and store videos; those already in the library are skipped.

    One bad file never stops the batch. Each video is stored wholly or not at all: interrupted or killed, the
    next call goes on. Identity is the content: a copy under another name is the same video.

    Files are opened and decoded in worker processes. One that crashes, takes too long or too much memory is
    ended and replaced, which costs the file it worked on. With ``workers=1``, or an encoder or segmenter
    defined in a notebook or script, everything happens in this process instead: then nothing ends a decoder
    that hangs, and a crash takes the kernel along.

    Args:
        videos: a path, glob pattern, folder, or a list of them.
        library: an open library, or the path of one.
        segmenter: a method name of :func:`videxplore.segment` or a function from :class:`Measurements` to
            :class:`SegmentTree`; semantic segmentation by default.
        workers: processes that decode; by default one per core, at most one per file; 1 is this process.
        time_limit_s: seconds that one file may take; by default two minutes and ten times its length, less
            for small files: see :class:`videxplore.workbench.limits.Limits`.
        memory_limit_gb: memory that one worker process may hold, in GiB; by default 4, or half of the
            machine's where that is less. Not enforced on Windows.
        progress: whether to show a progress bar.
        again: whether videos that are already there are read anew and replaced.

    Returns:
        What became of every file: done, skipped or failed, each failure with a reason and a remedy.

    Raises:
        LibraryError: the library cannot be written (a full disk, a view of the past); what was stored stays.
        CardMismatchError: the library holds vectors of another encoder.
        ValueError: ``workers`` below 1, no such ``segmenter``, or a limit that cannot be kept.
        TypeError: ``videos`` is of another kind.
    """
    limits = Limits(time_limit_s, memory_limit_gb)
    started = time.monotonic()
    target = library if isinstance(library, Library) else Library(library)
    target.require_first()
    target.database.require_card(target.encoder.card)
    paths, batch = expand(videos), _Batch(target, again)
    outcomes = _outcomes(batch, paths, segmenter, workers, limits)
    lists: dict[str, list[IngestRecord]] = {DONE: [], SKIPPED: [], FAILED: []}
    # Closed at once, not when collected: a notebook's traceback would keep interrupted workers alive.
    with contextlib.closing(outcomes):
        for status, record in _shown(outcomes, len(paths), progress):
            lists[status].append(record)
    batch.close(lists)
    order = {displayable(path): i for i, path in enumerate(paths)}
    ranked = {name: tuple(sorted(rows, key=lambda r: order[r.path])) for name, rows in lists.items()}
    target.ingest_report = IngestReport(**ranked, seconds=time.monotonic() - started)
    return target.ingest_report


Outcome = tuple[str, IngestRecord]


def _outcomes(
    batch: _Batch, paths: list[str], segmenter: Segmenter | str | None, workers: int | None, limits: Limits
) -> Generator[Outcome]:
    check_segmenter(segmenter)
    if not _contained(workers, (batch.library.encoder, segmenter), limits):
        return _in_this_process(batch, paths, segmenter)
    count = max(min(workers or os.cpu_count() or 1, len(paths)), 1)

    def hire(threads: int) -> Worker:
        return Worker(batch.library.encoder, segmenter, limits, threads)

    return in_processes(batch.handle, paths, hire, count)


def _contained(workers: int | None, given: tuple[object, object], limits: Limits) -> bool:
    """Whether files are to be worked on in processes of their own."""
    if workers is not None:
        check_whole("workers", workers)
    if workers == 1:
        why = "workers=1 works in this process"
    elif not sendable(given):
        why = "an encoder or segmenter defined in a notebook or script works in this process only"
    else:
        return True
    if limits != Limits():
        raise ValueError(
            f"time_limit_s and memory_limit_gb need worker processes, but {why}. Drop the limits, or use "
            "workers=2 with an encoder and segmenter that are imported from a module."
        )
    if workers != 1:
        logger.warning("%s: a file that crashes or hangs will not be contained.", why)
    return False


@dataclass(eq=False)
class _Batch:
    """One call of :func:`ingest`: what was there before, and which contents are under way."""

    library: Library
    again: bool = False
    known: dict[str, dict[str, Any]] = field(init=False)
    unchanged: dict[tuple[str, int, int], str] = field(init=False)
    under_way: dict[str, str] = field(default_factory=dict)
    twins: list[tuple[str, Path]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        snapshot = self.library.snapshot()
        self.known = {} if snapshot is None else dict(snapshot.videos)
        self.unchanged = {
            (row["uri"], row["size_bytes"], row["modified_ns"]): video_id
            for video_id, row in self.known.items()
        }

    def handle(self, path: str, preparer: Preparer | Worker) -> Outcome:
        """Bring one file into the library, and say what became of it."""
        try:
            return self._handle(path, preparer)
        except VideoError as error:
            return _refused(path, error)
        except (LibraryError, CancelledError):
            raise
        except MemoryError:
            return _refused(path, too_hungry(path))
        except PreparationFailed as error:
            logger.error("%r failed in a worker:\n%s", path, error.args[1])
            return FAILED, _record(path, "", "error", error.args[0], _REPORT)
        except Exception as error:
            logger.exception("%r failed", path)
            return FAILED, _record(path, "", "error", f"{type(error).__name__}: {error}", _REPORT)

    def close(self, lists: dict[str, list[IngestRecord]]) -> None:
        """Do what is left to do once every file was handled."""
        self.note_twins()
        if lists[DONE]:
            optimise(self.library.database)
        self.note_failures(lists[FAILED])

    def note_twins(self) -> None:
        """Note the further places at which contents of this batch were found."""
        for video_id, path in self.twins:
            snapshot = self.library.snapshot()
            if snapshot is not None and video_id in snapshot.videos:
                add_location(self.library.database, video_id, path)

    def note_failures(self, failed: list[IngestRecord]) -> None:
        """Write into the library's log what could not be brought in, and why, where there is a library."""
        if failed and self.library.database.card is not None:
            entries = [("failed", record.video_id, str(record)) for record in failed]
            with self.library.database.writing("noting what failed"):
                note_all(self.library.database, entries)

    def note_changed(self, video_id: str, path: Path) -> None:
        """Note that a place of other stored videos holds this one by now."""
        uri = path_to_uri(path)
        for other, row in self.known.items():
            if other != video_id and uri in row["locations"]:
                drop_location(self.library.database, other, path)

    def _handle(self, path: str, preparer: Preparer | Worker) -> Outcome:
        seen = self.unchanged.get(_fingerprint(path))
        if seen is not None and not self.again:
            return SKIPPED, _record(path, seen, "already-there", "it is in the library already")
        check_found(path)
        video = preparer.open(path)
        video_id = video.video_id
        with self.lock:
            row, twin = self.known.get(video_id), self.under_way.setdefault(video_id, path)
        with self.lock:
            self.note_changed(video_id, video.path)
        if row is not None and not self.again:
            with self.lock:
                add_location(self.library.database, video_id, video.path)
            detail = f"its content is in the library already, as {row['name']}"
            return SKIPPED, _record(path, video_id, "already-there", detail)
        if twin != path:
            self.twins.append((video_id, video.path))
            detail = f"it has the same content as {displayable(Path(twin).name)} of this batch: see there"
            return SKIPPED, _record(path, video_id, "same-content", detail)
        record, remarks = preparer.prepare(video)
        with self.lock:
            write_video(self.library.database, record)
        counts = Counter(s.level for s in record.tree.segments)
        segments = {level: counts[level] for level in record.tree.levels}
        detail = "; ".join([f"{len(record.tree.segments)} segments", *remarks])
        return DONE, _record(path, video_id, "done", detail, segments=segments)


_REPORT = "This is unexpected: please report it, with the log and, if you may, the file."


def _record(
    path: str,
    video_id: str,
    reason: str,
    detail: str,
    remedy: str = "",
    *,
    segments: dict[str, int] | None = None,
) -> IngestRecord:
    return IngestRecord(displayable(path), video_id, reason, detail, remedy, segments or {})


def _refused(path: str, error: VideoError) -> Outcome:
    return FAILED, _record(path, "", error.reason, error.detail, error.remedy)


def _fingerprint(path: str) -> tuple[str, int, int]:
    try:
        stat = os.stat(path)  # noqa: PTH116 - a URL is not a Path
    except (OSError, ValueError):
        return ("", 0, 0)
    return (path_to_uri(path), stat.st_size, stat.st_mtime_ns)


def _in_this_process(
    batch: _Batch, paths: list[str], segmenter: Segmenter | str | None
) -> Generator[Outcome]:
    preparer = Preparer(batch.library.encoder, segmenter)
    for path in paths:
        yield batch.handle(path, preparer)


def _shown(outcomes: Iterable[Outcome], count: int, progress: bool) -> Iterator[Outcome]:
    from tqdm.auto import tqdm

    with tqdm(total=count, desc="ingest", unit="video", disable=not progress) as bar:
        for outcome in outcomes:
            yield outcome
            bar.set_postfix_str(outcome[1].path.rsplit("/", 1)[-1][:40], refresh=False)
            bar.update()
