"""A report as files: the page, tables, JSON, the clips' vectors, and the prediction to be scored later."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from videxplore.errors import LibraryError
from videxplore.values.assessments import AssessedClips, SampleReport
from videxplore.values.licensing import Prediction, PredictionScore
from videxplore.values.media import Span
from videxplore.values.vectors import EncoderCard
from videxplore.views.scorecard.tables import write_tables
from videxplore.workbench.scorecard import write_scorecard

FORM = "clips of a sample report 1"

_COLUMNS = ("weights", "usable", "copied", "distance", "novel", "useful", "topics", "vectors")
_NAMES = ("segment_ids", "video_ids", "sources")


def write_report(
    report: SampleReport, folder: str | os.PathLike[str], *, score: PredictionScore | None = None
) -> tuple[SampleReport, dict[str, Path]]:
    """Write all files of a report; an earlier prediction is never lost, since its hash may be handed over.

    Args:
        report: to write.
        folder: made where it is missing.
        score: of the prediction of an earlier tranche.

    Returns:
        The report, with the prediction that is in the folder already where it says the same of the same
        sample; and the path of every file by name.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    settled = _with_prediction(report, target)
    paths = {}

    def put(name: str, write: Callable[[Path], object]) -> None:
        paths[name] = _put(target / name, write)

    put("report.json", lambda path: path.write_text(settled.to_json(), encoding="utf-8"))
    if settled.prediction is not None:
        text, commitment = settled.prediction.to_json(), settled.prediction.commitment
        put("prediction.json", lambda path: path.write_text(text, encoding="utf-8"))
        put("commitment.txt", lambda path: path.write_text(f"{commitment}\n", encoding="utf-8"))
    if score is not None:
        told = json.dumps({"commitment": score.commitment, "rows": list(score.rows)}, indent=1)
        put("score.json", lambda path: path.write_text(told, encoding="utf-8"))
    if settled.clips is not None:
        clips = settled.clips
        put("clips.npz", lambda path: write_clips(clips, path))
        put("clips.csv", lambda path: clips.to_pandas().to_csv(path, index=False))
    for path in write_tables(settled, target):
        paths[path.name] = path
    put("scorecard.html", lambda path: write_scorecard(settled, path, score=score))
    return settled, paths


def _with_prediction(report: SampleReport, folder: Path) -> SampleReport:
    """The report with the prediction that lies there, if it is the same; another one is put aside."""
    path = folder / "prediction.json"
    try:
        there = Prediction.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return report
    made = report.prediction
    if made is not None and (there.sample_sha256, there.figures) == (made.sample_sha256, made.figures):
        return replace(report, prediction=there)
    path.replace(folder / f"prediction-{there.commitment[:12]}.json")
    return report


def _put(path: Path, write: Callable[[Path], object]) -> Path:
    """Write aside and move in, so that nobody meets half a file."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=f".part{path.suffix}", dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        write(part)
        part.chmod(0o666 & ~_mask())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _mask() -> int:
    """What a new file may not allow here: temporary files allow their owner only."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_clips(clips: AssessedClips, path: Path) -> None:
    """Write what was found of every clip, with its vector; :func:`read_clips` reads it back."""
    with path.open("wb") as file:
        names: dict[str, Any] = {name: np.array(getattr(clips, name), dtype=np.str_) for name in _NAMES}
        columns: dict[str, Any] = {name: getattr(clips, name) for name in _COLUMNS}
        np.savez_compressed(
            file,
            form=FORM,
            card=clips.card.to_json(),
            topic_radius=clips.topic_radius,
            spans=np.array([(span.start_s, span.end_s) for span in clips.spans]).reshape(-1, 2),
            **names,
            **columns,
        )


def read_clips(path: str | os.PathLike[str]) -> AssessedClips:
    """Read what :func:`write_clips` wrote.

    Raises:
        LibraryError: the file is missing or no such file.
    """
    try:
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["form"]) != FORM:
                raise ValueError(str(kept["form"]))
            names: dict[str, Any] = {name: tuple(kept[name].tolist()) for name in _NAMES}
            columns: dict[str, Any] = {name: kept[name] for name in _COLUMNS}
            return AssessedClips(
                **names,
                **columns,
                spans=tuple(Span(*ends) for ends in kept["spans"].tolist()),
                card=EncoderCard.from_json(str(kept["card"])),
                topic_radius=float(kept["topic_radius"]),
            )
    except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
        raise LibraryError(
            f"{os.fspath(path)!r} holds no clips of a report ({error}): assess the sample anew."
        ) from error


def read_report(folder: str | os.PathLike[str]) -> SampleReport:
    """Read a report that was written to a folder, with its clips; without the places of its files.

    Raises:
        LibraryError: there is no report.
    """
    place = Path(folder)
    try:
        report = SampleReport.from_json((place / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LibraryError(f"{os.fspath(folder)!r} holds no report ({error}): write one first.") from error
    return replace(report, clips=read_clips(place / "clips.npz"))
