"""What an explorer offers to make of chosen segments: files, clips, a library of their own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from videxplore.values.media import counted
from videxplore.views.outlets import Outlet, Progress
from videxplore.workbench.library import Library


def outlets_of(library: Library) -> tuple[Outlet, ...]:
    """Return what can be made of segments of a library; nothing where the kernel may not write."""
    if not os.access(".", os.W_OK):
        return ()

    def write_timeline(chosen: Sequence[str], place: str, _: Progress) -> str:
        path = library.export_timeline(list(chosen), Path(place).expanduser())
        return f"{counted(len(chosen), 'segment')} in {path.resolve()}"

    def write_clips(chosen: Sequence[str], place: str, progress: Progress) -> str:
        folder, failed = Path(place).expanduser(), []
        for done, segment_id in enumerate(chosen):
            progress(done, len(chosen))
            made = library.export_clips([segment_id], folder, progress=False)
            failed += made[made.status == "failed"].reason.tolist()
        said = f"{counted(len(chosen) - len(failed), 'clip')} in {folder.resolve()}"
        return f"{said}; {len(failed)} could not be cut: {failed[0]}" if failed else said

    def write_library(chosen: Sequence[str], place: str, _: Progress) -> str:
        other = library.extract(list(chosen), Path(place).expanduser())
        return f"{other!r} at {Path(place).expanduser().resolve()}"

    endings = (
        "The ending says how: .csv a table, .edl, .otio and .fcpxml for editing, .vtt chapters of one video."
    )
    whole = "A folder that does not exist yet. Whole videos, with all that is known of them."
    return (
        Outlet("timeline", "Time line or table", "selection.csv", endings, write_timeline),
        Outlet("clips", "Clips", "clips", "A folder; one film per segment.", write_clips),
        Outlet("library", "New library", "selection.lance", whole, write_library),
    )
