"""A folder of files in, a folder with the report out: what ``videxplore assess`` does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from videxplore.errors import LibraryError
from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.encoding.registry import restore
from videxplore.stages.licensing.exchange import SharedVectors, read_vectors
from videxplore.stages.licensing.manifests import read_manifest
from videxplore.stages.store.schema import displayable, uri_to_path
from videxplore.values.assessments import SampleReport
from videxplore.values.decisions import Thresholds
from videxplore.values.inspections import Limits
from videxplore.values.licensing import PredictionScore
from videxplore.values.sampling import SamplingDesign
from videxplore.workbench.assessment.assess import assess
from videxplore.workbench.assessment.files import read_report, write_report
from videxplore.workbench.assessment.prospects import score_prediction
from videxplore.workbench.assessment.sources import Sources
from videxplore.workbench.ingest import ingest
from videxplore.workbench.library import Library

FOLDER = "folder"
"""Says that the first folders below the one given are the sources."""

Options = TypeVar("Options", Thresholds, Limits)


@dataclass(frozen=True, eq=False)
class Order:
    """What is to be assessed, as typed in a shell.

    Attributes:
        folder: of the sample's files.
        out: where library and report go.
        owned: a library, or vectors that were handed over (``.npz``); None for nothing.
        manifest: CSV; None without one.
        sources: ``"folder"`` or a column of the manifest.
        owned_sources: a folder whose subfolders are the sources of what is owned; by default the one that
            all owned files have in common.
        design: who chose; None where nobody says.
        method: of the draw.
        seed: named by the buyer.
        committed: hash of the manifest that the vendor handed over; by default the manifest's own.
        archive_bytes: size of the archive.
        thresholds: what is asked.
        limits: what is allowed technically.
        earlier: folder with the report of the tranche before, whose prediction is scored.
        commitment: hash of that prediction, as it was handed over.
        workers: processes; by default one per core.
        progress: whether to show progress.
        stratum: column of the manifest by which a stratified draw was made.
    """

    folder: Path
    out: Path
    owned: Path | None = None
    manifest: Path | None = None
    sources: str = FOLDER
    owned_sources: Path | None = None
    design: str | None = None
    method: str = "cluster"
    seed: int | None = None
    committed: str = ""
    archive_bytes: float | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)
    limits: Limits = field(default_factory=Limits)
    earlier: Path | None = None
    commitment: str = ""
    workers: int | None = None
    progress: bool = True
    stratum: str = ""

    def __post_init__(self) -> None:
        if self.commitment and self.earlier is None:
            raise ValueError("a commitment is that of an earlier report: name its folder as well.")
        self.declared("that of the manifest" if self.manifest is not None else "")

    def declared(self, manifest_sha256: str) -> SamplingDesign | None:
        """The design, with the hash of the manifest where no other was handed over.

        Raises:
            ValueError: no such design, or one that lacks manifest or seed.
        """
        if self.design is None:
            return None
        committed = self.committed or manifest_sha256
        return SamplingDesign(self.design, committed, self.seed, self.method, stratum=self.stratum)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of it.

    Attributes:
        report: as written.
        paths: of the files, by name.
        score: of the prediction of the tranche before; None without one.
    """

    report: SampleReport
    paths: dict[str, Path]
    score: PredictionScore | None

    def to_dict(self) -> dict[str, Any]:
        """For a script to read."""
        report = self.report
        return {
            "outcome": report.verdict.outcome,
            "sentence": report.verdict.sentence,
            "inferable": report.check.inferable,
            "lights": {light.name: light.color for light in report.verdict.lights},
            "measures": {
                m.key: {
                    "value": _number(m.estimate.value),
                    "low": _number(m.estimate.low),
                    "high": _number(m.estimate.high),
                    "unit": m.unit,
                    "reason": m.estimate.reason,
                }
                for m in report.measures
            },
            "commitment": report.prediction.commitment if report.prediction is not None else None,
            "score": None if self.score is None else [dict(row) for row in self.score.rows],
            "failed": [str(record) for record in report.failed],
            "files": {name: displayable(path) for name, path in self.paths.items()},
        }

    def __str__(self) -> str:
        lines = [repr(self.report), f"  → {displayable(self.paths['scorecard.html'])}"]
        if self.report.prediction is not None:
            lines.append(f"  prediction, hash to hand over: {self.report.prediction.commitment}")
        if self.score is not None:
            lines.append(f"  earlier prediction: {self.score.hits} of {len(self.score.rows)} within")
        return "\n".join([*lines, *(f"  failed: {record}" for record in self.report.failed)])


def run(order: Order) -> Outcome:
    """Ingest, look, assess and write; killed on the way, the same call goes on.

    Raises:
        LibraryError: the folder has no video, or the library in ``out`` is of other files.
        ValueError: as for :func:`~.assess.assess`.
    """
    manifest = None if order.manifest is None else read_manifest(order.manifest)
    owned = _owned(order.owned)
    library = Library(order.out / "sample.lance", encoder=_encoder(owned))
    ingest([os.fspath(order.folder)], library, workers=order.workers, progress=order.progress)
    _check_files(library, order.folder)
    earlier = None if order.earlier is None else read_report(order.earlier)
    report = assess(
        library,
        owned,
        sampling=order.declared("" if manifest is None else manifest.sha256),
        sources=Path(order.folder) if order.sources == FOLDER else order.sources,
        manifest=manifest,
        thresholds=order.thresholds,
        owned_sources=_owned_sources(owned, order.owned_sources),
        limits=order.limits,
        archive_bytes=order.archive_bytes,
        earlier=earlier,
        name=displayable(order.folder.resolve().name),
        workers=order.workers,
        progress=order.progress,
    )
    score = None
    if earlier is not None and earlier.prediction is not None and order.commitment:
        score = score_prediction(earlier.prediction, earlier, report, order.commitment)
    written, paths = write_report(report, order.out, score=score)
    return Outcome(written, paths, score)


def _owned(path: Path | None) -> Library | SharedVectors | None:
    if path is None:
        return None
    return read_vectors(path) if path.suffix == ".npz" else Library(path)


def _encoder(owned: Library | SharedVectors | None) -> Encoder | None:
    """The encoder of what is owned, so that the sample can be compared with it."""
    if owned is None:
        return None
    if isinstance(owned, Library):
        return owned.encoder
    if owned.turned:
        raise LibraryError(
            "the vectors of what is owned were turned with a secret: have those of the sample turned with "
            "the same one and compare both with vx.assess, or ask for vectors that are not turned."
        )
    return restore(owned.card)


def _owned_sources(owned: Library | SharedVectors | None, folder: Path | None) -> Sources | None:
    """Subfolders of the folder given, or of that which all owned files have in common."""
    if not isinstance(owned, Library):
        return None
    snapshot = owned.snapshot()
    if folder is not None or snapshot is None or not snapshot.videos:
        return folder
    parents = [uri_to_path(row["uri"]).parent for row in snapshot.videos.values()]
    return Path(os.path.commonpath(parents)) if len(parents) > 1 else None


def _check_files(library: Library, folder: Path) -> None:
    """See that the library holds files of the folder and no others."""
    snapshot = library.snapshot()
    if snapshot is None or not snapshot.videos:
        report = library.ingest_report
        why = f": {report.failed[0]}" if report is not None and report.failed else "."
        raise LibraryError(f"no video of {displayable(folder)!r} could be read{why}")
    root = folder.resolve()
    for row in snapshot.videos.values():
        places = [uri_to_path(uri) for uri in {row["uri"], *row["locations"]}]
        if not any(place.resolve().is_relative_to(root) for place in places):
            raise LibraryError(
                f"the library {displayable(library.path)!r} holds {row['name']!r}, which is not in "
                f"{displayable(folder)!r}: choose another --out for another sample."
            )


def with_options(value: Options, given: Sequence[str]) -> Options:
    """Thresholds or limits with some replaced, as ``name=value``; ``none`` asks nothing.

    Raises:
        ValueError: no such name, or no number.
    """
    known = {field.name: getattr(value, field.name) for field in fields(value)}
    changed: dict[str, Any] = {}
    for text in given:
        name, _, number = text.partition("=")
        if name not in known:
            raise ValueError(f"{text!r} names none of {', '.join(known)}; write name=value.")
        nothing = number == "none" and isinstance(value, Thresholds)
        changed[name] = None if nothing else _read(number, known[name], text)
    return replace(value, **changed)


def _read(number: str, usual: object, text: str) -> object:
    if isinstance(usual, bool):
        if number in ("yes", "no"):
            return number == "yes"
        raise ValueError(f"{text!r} must end in yes or no.")
    try:
        return int(number) if isinstance(usual, int) else float(number)
    except ValueError:
        raise ValueError(f"{text!r} must end in a number.") from None


def _number(value: float) -> float | None:
    """What JSON can hold of a number."""
    return value if value == value and abs(value) != float("inf") else None
