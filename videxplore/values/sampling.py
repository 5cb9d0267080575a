"""Where a sample comes from: the manifest, who drew it and how, and whether it looks as declared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

DESIGNS = ("buyer-drawn", "vendor-random", "vendor-chosen")
"""Who chose: the buyer from a manifest fixed beforehand, the vendor by chance, the vendor as it pleased."""

CHOSEN = (
    "The vendor chose this sample, so it describes itself and says nothing about the archive: "
    "have one drawn from a manifest."
)


@dataclass(frozen=True, slots=True)
class SamplingDesign:
    """Who chose the sample and how, as declared.

    Attributes:
        kind: one of :data:`DESIGNS`.
        manifest_sha256: of the list of everything in the archive, fixed before the draw; needed unless the
            vendor chose.
        seed: of the draw, named by the buyer after the hash was fixed; needed where the buyer drew.
        method: ``"simple"`` (clips), ``"stratified"`` (clips within strata) or ``"cluster"`` (sources first).
        note: free words, for the report.
        stratum: column of the manifest by which a stratified draw was made, so that it can be repeated.
    """

    kind: str
    manifest_sha256: str = ""
    seed: int | None = None
    method: str = "simple"
    note: str = ""
    stratum: str = ""

    def __post_init__(self) -> None:
        if self.kind not in DESIGNS:
            raise ValueError(f"SamplingDesign.kind must be one of {', '.join(DESIGNS)}, got {self.kind!r}.")
        if self.kind != "vendor-chosen" and not self.manifest_sha256:
            raise ValueError(
                f"SamplingDesign.manifest_sha256 is needed for {self.kind!r}: without a manifest nobody can "
                "check the draw. Without one, declare 'vendor-chosen'."
            )
        if self.kind == "buyer-drawn" and self.seed is None:
            raise ValueError(
                "SamplingDesign.seed is needed for 'buyer-drawn', so that the draw can be repeated."
            )

    @property
    def refusal(self) -> str:
        """Why nothing can be inferred from such a sample, one sentence; empty where it can."""
        return CHOSEN if self.kind == "vendor-chosen" else ""


@dataclass(frozen=True, eq=False, repr=False)
class Manifest:
    """The list of everything in an archive.

    Attributes:
        ids: n ids, unique.
        sources: n sources (channel, contributor).
        durations_s: float64 (n,), seconds, above zero.
        columns: further columns, n entries each: numbers (``height``, ``date`` as a number) or names
            (``language``).
    """

    ids: tuple[str, ...]
    sources: tuple[str, ...]
    durations_s: NDArray[np.float64]
    columns: Mapping[str, tuple[object, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        durations = np.asarray(self.durations_s, np.float64)
        n = len(self.ids)
        if not n or len(set(self.ids)) != n:
            raise ValueError(f"Manifest.ids must be unique and at least one, got {n}.")
        lengths = {"sources": len(self.sources), "durations_s": len(durations)}
        lengths |= {name: len(column) for name, column in self.columns.items()}
        for label, length in lengths.items():
            if length != n:
                raise ValueError(f"Manifest.{label} needs {n} entries, got {length}.")
        if not (np.isfinite(durations).all() and (durations > 0).all()):
            raise ValueError("Manifest.durations_s must be finite and above zero.")
        object.__setattr__(self, "ids", tuple(self.ids))
        object.__setattr__(self, "sources", tuple(self.sources))
        object.__setattr__(self, "durations_s", durations)
        object.__setattr__(self, "columns", {k: tuple(v) for k, v in self.columns.items()})

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def hours(self) -> float:
        """Of everything in it."""
        return float(self.durations_s.sum() / 3600)

    @property
    def sha256(self) -> str:
        """What the vendor fixes before the seed is named; the order of the rows does not matter."""
        names = sorted(self.columns)
        digest = hashlib.sha256(json.dumps(["id", "source", "duration_s", *names]).encode())
        for row in sorted(range(len(self)), key=self.ids.__getitem__):
            entry = [self.ids[row], self.sources[row], float(self.durations_s[row])]
            digest.update(json.dumps([*entry, *(str(self.columns[name][row]) for name in names)]).encode())
        return digest.hexdigest()

    def __repr__(self) -> str:
        return f"Manifest({len(self)} clips, {len(set(self.sources))} sources, {self.hours:.1f} h)"


@dataclass(frozen=True, slots=True)
class Draw:
    """A sample drawn from a manifest.

    Attributes:
        ids: of the clips drawn.
        rows: their rows in the manifest.
        inclusion: per clip, how many clips of the archive it stands for; multiply durations with it.
        design: to declare with the sample.
        hours: of the sample.
    """

    ids: tuple[str, ...]
    rows: tuple[int, ...]
    inclusion: tuple[float, ...]
    design: SamplingDesign
    hours: float


@dataclass(frozen=True, slots=True)
class ManifestComparison:
    """Whether one column of the sample looks like a draw from the manifest.

    Attributes:
        column: name.
        test: ``"Kolmogorov-Smirnov"`` or ``"chi-square"``.
        statistic: of the sample.
        p: share of draws made as declared whose statistic is at least as large.
        draws: how many were made.
    """

    column: str
    test: str
    statistic: float
    p: float
    draws: int


@dataclass(frozen=True, slots=True)
class SampleCheck:
    """Whether a sample can carry a claim about the archive.

    Attributes:
        design: as declared.
        clips: in the sample.
        hours: of the sample.
        sources: channels or contributors.
        effective_sources: how many sources of equal size would weigh as much (Kish).
        comparisons: per column of the manifest.
        refusal: why nothing can be inferred; empty where it can.
        doubts: what else a reader should know, one sentence each.
    """

    design: SamplingDesign
    clips: int
    hours: float
    sources: int
    effective_sources: float
    comparisons: tuple[ManifestComparison, ...] = ()
    refusal: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def inferable(self) -> bool:
        """Whether intervals mean anything."""
        return not self.refusal


@dataclass(frozen=True, slots=True)
class Dependence:
    """How much clips of one source resemble each other.

    Attributes:
        intra_source: correlation of two clips of one source (ANOVA estimate); below 0 counts as 0.
        design_effect: how many times the variance of a mean is that of independent clips.
        effective_clips: as many independent clips would say as much.
        clips: in the sample.
        sources: in the sample.
    """

    intra_source: float
    design_effect: float
    effective_clips: float
    clips: int
    sources: int


def checked_sources(
    sources: Sequence[str] | NDArray[np.str_], n: int, label: str = "sources"
) -> NDArray[np.str_]:
    """The sources as an array.

    Raises:
        ValueError: not one per clip, or an empty name among them.
    """
    names = np.asarray(sources, dtype=np.str_)
    if names.shape != (n,):
        raise ValueError(f"{label} must name one source per clip ({n}), got {names.shape}.")
    if n and not np.char.str_len(names).all():
        raise ValueError(f"{label} must not be empty: name the channel or contributor of every clip.")
    return names
