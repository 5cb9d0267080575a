"""The figures and the videos of a report as CSV."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from videxplore.values.assessments import SampleReport

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MEASURES = (
    "key", "title", "value", "low", "high", "unit", "clips", "sources", "method", "reason", "about",
    "evidence",
)  # fmt: skip
_VIDEOS = ("video_id", "name", "source", "duration_s", "usable_s", "faults")


def write_tables(report: SampleReport, folder: str | os.PathLike[str]) -> tuple[Path, Path]:
    """Write ``measures.csv`` and ``videos.csv``, in UTF-8.

    Args:
        report: the assessment.
        folder: made where it is missing.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written = target / "measures.csv", target / "videos.csv"
    for path, text in zip(written, (measures_csv(report), videos_csv(report)), strict=True):
        path.write_text(text, encoding="utf-8", newline="")
    return written


def measures_csv(report: SampleReport) -> str:
    """Return one row per figure; without an interval ``low`` and ``high`` are empty and ``reason`` says why.

    ``evidence`` lists the moments behind it as ``video_id@start-end``, with ``~`` before a counterpart.
    """
    rows = []
    for measure in report.measures:
        found = measure.estimate
        moments = []
        for one in measure.evidence:
            pair = [m for m in (one.moment, one.twin) if m is not None]
            moments.append("~".join(f"{m.video_id}@{m.span.start_s:g}-{m.span.end_s:g}" for m in pair))
        rows.append(
            [
                measure.key, measure.title, found.value, found.low, found.high, measure.unit, found.clips,
                found.sources, found.method, found.reason, measure.about, " ".join(moments),
            ]
        )  # fmt: skip
    return _table(_MEASURES, rows)


def videos_csv(report: SampleReport) -> str:
    """Return one row per video, with a column for every further fact; faults are joined by semicolons."""
    facts = list(dict.fromkeys(name for video in report.videos for name in video.facts))
    rows = [
        [
            video.video_id, video.name, video.source, video.duration_s, video.usable_s,
            "; ".join(video.faults), *(video.facts.get(name, "") for name in facts),
        ]
        for video in report.videos
    ]  # fmt: skip
    return _table((*_VIDEOS, *facts), rows)


def _table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_cell(name) for name in names])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    """A value that no spreadsheet takes for a formula (OWASP, CSV Injection); nan is an empty cell."""
    if isinstance(value, float):
        return "" if value != value else value
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
