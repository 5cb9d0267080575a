"""A folder of clips, one exact film per segment, with a table of what is in it.

``clips.csv`` has a row per clip with the digest of its file. The row is there before the file is, so that
a file is known as the export's own whenever the export was interrupted, and any other is left alone.
"""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from videxplore.errors import LibraryError, VideoError
from videxplore.stages.decoding.proxies import chosen_format, clip
from videxplore.stages.store.locks import Locks
from videxplore.stages.store.schema import displayable
from videxplore.values.segments import Segment

if TYPE_CHECKING:
    import pandas as pd

    from videxplore.workbench.exports import LibraryExports

MANIFEST = "clips.csv"

_COLUMNS = (
    "file", "status", "reason", "segment_id", "video_id", "video", "level", "start_s", "end_s", "tags",
    "note", "transcript", "height", "sha256",
)  # fmt: skip

Row = dict[str, str]


def export_clips(
    library: LibraryExports,
    segments: list[Segment],
    folder: Path,
    *,
    format: str,
    height: int,
    progress: bool,
) -> pd.DataFrame:
    """Write the clips; see :meth:`videxplore.Library.export_clips`."""
    import pandas as pd
    from tqdm.auto import tqdm

    format = chosen_format(format, height)
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with Locks(str(folder.absolute()), is_local=False).hold("clips"):
        known = _read(folder / MANIFEST)
        _write(folder / MANIFEST, known.values())
        for segment in tqdm(segments, desc="clips", unit="clip", disable=not progress):
            row = _describe(library, segment, format, height)
            _export(library, segment, folder, row, known.get(row["file"]), format)
            known[row["file"]] = row
            made.append(row)
        _write(folder / MANIFEST, known.values())
    table = pd.DataFrame(made, columns=list(_COLUMNS))
    return table.astype({"start_s": float, "end_s": float, "height": int})


def _export(
    library: LibraryExports, segment: Segment, folder: Path, row: Row, before: Row | None, format: str
) -> None:
    """Write one clip unless it is there; ``row`` says afterwards what became of it."""
    target = folder / row["file"]
    digest = hashlib.sha256(target.read_bytes()).hexdigest() if target.is_file() else ""
    own = before is not None and before["sha256"] == digest
    if target.exists() and not own:
        row |= {
            "status": "failed",
            "reason": "something else has this name already; move it away, or choose another folder",
        }
        return
    if own and before is not None and digest and before["height"] == row["height"]:
        row["sha256"] = digest
        return
    try:
        content = clip(library.file(segment.video_id), segment.span, format=format, height=int(row["height"]))
    except (VideoError, LibraryError, OSError, ValueError) as error:
        row |= {"status": "failed", "reason": str(error)}
        if before is not None and digest:  # the clip of an earlier call stays the export's own
            row |= {"sha256": digest, "height": before["height"]}
        return
    target.unlink(missing_ok=True)
    row["sha256"] = hashlib.sha256(content).hexdigest()
    _append(folder / MANIFEST, row)
    part = target.with_suffix(".part")
    part.write_bytes(content)
    part.replace(target)


def clip_name(title: str, segment: Segment, format: str) -> str:
    """Return a file name that every file system takes and no other segment has.

    Letters, digits, ``_`` and ``-`` of ASCII only, below 100 characters: the video's name, when the segment
    starts, and its id.
    """
    ascii_only = unicodedata.normalize("NFKD", Path(title).stem).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9]+", "-", ascii_only)[:40].strip("-") or "video"
    seconds, thousandths = divmod(round(segment.start_s * 1000), 1000)
    minutes, seconds = divmod(seconds, 60)
    at = f"{minutes // 60:02d}h{minutes % 60:02d}m{seconds:02d}s{thousandths:03d}"
    ending = "webm" if format == "webm" else "mp4"
    return f"{stem}_{at}_{segment.segment_id}.{ending}"


def _describe(library: LibraryExports, segment: Segment, format: str, height: int) -> Row:
    snapshot = library.snapshot()
    assert snapshot is not None  # noqa: S101 - the segment is of it
    row = snapshot.row_of[segment.segment_id]
    title = snapshot.title(segment.video_id)
    said = library.annotations_of(segment.segment_id)
    return {
        "file": clip_name(title, segment, format),
        "status": "done",
        "reason": "",
        "segment_id": segment.segment_id,
        "video_id": segment.video_id,
        "video": title,
        "level": segment.level,
        "start_s": str(segment.start_s),
        "end_s": str(segment.end_s),
        "tags": ", ".join(dict.fromkeys(tag for a in said for tag in a.tags)),
        "note": "\n".join(a.note for a in said if a.note),
        "transcript": snapshot.transcripts[row],
        "height": str(height),
        "sha256": "",
    }


def _read(path: Path) -> dict[str, Row]:
    """Rows by file name; a row that was being written when the export was killed is left out.

    Raises:
        LibraryError: the file is not a list of clips.
    """
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        reader = csv.DictReader(stream)
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise LibraryError(
                f"{displayable(path)!r} is no list of clips of videxplore; choose another folder."
            )
        return {row["file"]: row for row in reader if row["sha256"] is not None}


def _write(path: Path, rows: Iterable[Row]) -> None:
    """Write the whole list, in one step."""
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, _COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    part.replace(path)


def _append(path: Path, row: Row) -> None:
    with path.open("a", encoding="utf-8", newline="") as stream:
        csv.DictWriter(stream, _COLUMNS).writerow(row)
