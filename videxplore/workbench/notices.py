"""What is to be known of a library before it is explored: that it is empty, or what failed on its way in."""

from __future__ import annotations

from videxplore.stages.store.history import read_log
from videxplore.stages.store.schema import displayable, uri_to_path
from videxplore.values.media import counted
from videxplore.values.reports import IngestReport
from videxplore.views.explorer_bar import Notice
from videxplore.workbench.library import Library


def notices_of(library: Library, report: IngestReport | None = None) -> tuple[Notice, ...]:
    """Return what failed on the way into a library, and what to do where it is empty.

    Args:
        library: to be explored.
        report: of an ingest, with the reasons in full; without it what the library itself remembers.
    """
    report = report or library.ingest_report
    failed = [str(record) for record in report.failed] if report is not None else _logged(library)
    snapshot = library.snapshot()
    found = []
    if failed:
        found.append(
            Notice(f"{counted(len(failed), 'file')} could not be brought in", tuple(failed), error=True)
        )
    if snapshot is None or not len(snapshot):
        lines = (
            'Put videos in it: vx.ingest("/path/to/videos", library)',
            "Then show it again: vx.show(library)",
        )
        found.append(Notice("This library is empty", lines))
    return tuple(found)


def _logged(library: Library) -> list[str]:
    """What the library's log has of files that failed and are not there by now, newest first."""
    snapshot = library.snapshot()
    videos = {} if snapshot is None else snapshot.videos
    there = {displayable(uri_to_path(uri)) for row in videos.values() for uri in row["locations"]}
    failed = [entry.detail for entry in read_log(library.database) if entry.action == "failed"]
    brought = tuple(f"{path}: " for path in there)
    return [line for line in dict.fromkeys(reversed(failed)) if not line.startswith(brought)]
