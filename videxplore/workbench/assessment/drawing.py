"""How the sample was drawn, against what was declared: inclusion, and what speaks against the draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.manifests import draw, strata_of
from videxplore.stages.licensing.sampling import check_sample
from videxplore.values.media import counted
from videxplore.values.sampling import Draw, Manifest, SampleCheck, SamplingDesign
from videxplore.workbench.assessment.sides import Film
from videxplore.workbench.assessment.sources import UNKNOWN, UNNAMED, rows_in

UNDECLARED = (
    "Nobody declared how this sample was drawn, so it describes itself and says nothing about the archive: "
    "declare it with sampling=, or have one drawn from a manifest."
)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A sample as drawn.

    Attributes:
        check: of the sample; its refusal decides what is inferred.
        inclusion: float64 (f,), how many files of the archive each file stands for.
        rows: row of each file in the manifest; None where there is none.
    """

    check: SampleCheck
    inclusion: NDArray[np.float64]
    rows: tuple[int | None, ...]


def check_draw(
    films: Sequence[Film],
    sources: Sequence[str] | None,
    sampling: SamplingDesign | Draw | None,
    manifest: Manifest | None,
    *,
    earlier: Collection[str] = (),
    seed: int = 0,
) -> Drawn:
    """Check a sample before anything is inferred from it.

    Where the buyer drew, the draw is repeated and compared with what came: whoever has the manifest and the
    seed can do so.

    Args:
        films: f files, those that could not be read among them.
        sources: of the files; None where nobody named them.
        sampling: as declared; a :class:`Draw` also says how many files each stands for.
        manifest: of the archive.
        earlier: sources of earlier tranches, after which the draw goes on.
        seed: of the draws that the sample is compared with.

    Raises:
        ValueError: another manifest than the one declared.
    """
    design = sampling.design if isinstance(sampling, Draw) else sampling
    declared = design or SamplingDesign("vendor-chosen", note="not declared")
    rows = tuple(rows_in(manifest, films)) if manifest is not None else (None,) * len(films)
    ids = [film.name if row is None else manifest.ids[row] for film, row in zip(films, rows, strict=True)]  # type: ignore[union-attr]
    names = list(sources) if sources is not None else [UNNAMED] * len(films)
    seconds = [film.duration_s for film in films]
    check = check_sample(declared, names, seconds, ids=ids, manifest=manifest, seed=seed)
    if design is None:
        check = replace(check, refusal=UNDECLARED)
    elif sources is None and not declared.refusal:
        check = replace(check, refusal=UNKNOWN)
    if sources is None:
        check = replace(check, sources=0, effective_sources=0.0)
    doubts = (*check.doubts, *_against(sampling, manifest, rows, ids, earlier), *_twice(ids))
    return Drawn(replace(check, doubts=doubts), _inclusion(sampling, declared, manifest, rows, ids), rows)


def _against(
    sampling: SamplingDesign | Draw | None,
    manifest: Manifest | None,
    rows: Sequence[int | None],
    ids: Sequence[str],
    earlier: Collection[str],
) -> list[str]:
    """What does not fit the draw, one sentence each."""
    if isinstance(sampling, Draw):
        strange, lacking = len(set(ids) - set(sampling.ids)), len(set(sampling.ids) - set(ids))
        return _said(strange, lacking, 0, len(ids))
    listed = [row for row in rows if row is not None]
    if sampling is None or sampling.seed is None or manifest is None or not listed:
        return []
    if sampling.method == "stratified" and not sampling.stratum:
        return ["The draw was by strata, which nobody named: it was not repeated."]
    most = max(Counter(manifest.sources[row] for row in listed).values())
    order = draw(
        manifest,
        manifest.hours,
        seed=sampling.seed,
        committed=sampling.manifest_sha256,
        method=sampling.method,
        per_source=most,
        stratum=sampling.stratum,
    ).rows
    strange, lacking, before = len(set(listed)), 0, 0
    for part in _by_stratum(manifest, sampling, order):
        place = {row: i for i, row in enumerate(part)}
        found = sorted({place[row] for row in listed if row in place})
        if found:
            strange -= len(found)
            lacking += found[-1] - found[0] + 1 - len(found)
            before += sum(manifest.sources[row] not in earlier for row in part[: found[0]])
    return _said(strange, lacking, before, len(ids))


def _by_stratum(manifest: Manifest, design: SamplingDesign, order: Sequence[int]) -> list[list[int]]:
    """The order of the draw; of a stratified one that of each stratum, since each was drawn from apart."""
    if design.method != "stratified":
        return [list(order)]
    strata = strata_of(manifest, design.stratum)
    return [[row for row in order if strata[row] == name] for name in np.unique(strata)]


def _said(strange: int, lacking: int, before: int, files: int) -> list[str]:
    doubts = []
    if strange:
        doubts.append(f"{strange} of {files} files are not among those that the seed draws.")
    if lacking:
        doubts.append(f"{counted(lacking, 'file')} that the seed draws as well came not with the sample.")
    if before:
        doubts.append(f"{counted(before, 'file')} come earlier in the order of the draw and are not there.")
    return doubts


def _twice(ids: Sequence[str]) -> list[str]:
    many = sum(count > 1 for count in Counter(ids).values())
    return [f"{many} entries of the manifest are there more than once under one name."] if many else []


def _inclusion(
    sampling: SamplingDesign | Draw | None,
    design: SamplingDesign,
    manifest: Manifest | None,
    rows: Sequence[int | None],
    ids: Sequence[str],
) -> NDArray[np.float64]:
    """How many files of the archive each stands for: those of its source or stratum over those taken."""
    if isinstance(sampling, Draw):
        stands_for = dict(zip(sampling.ids, sampling.inclusion, strict=True))
        return np.array([stands_for.get(name, 1.0) for name in ids])
    stratified = design.method == "stratified" and bool(design.stratum)
    if manifest is None or not (stratified or design.method == "cluster"):
        return np.ones(len(rows))
    part = strata_of(manifest, design.stratum).tolist() if stratified else manifest.sources
    sizes = Counter(part)
    taken = Counter(part[row] for row in rows if row is not None)
    of = [None if row is None else part[row] for row in rows]
    return np.array([1.0 if name is None else sizes[name] / taken[name] for name in of])
