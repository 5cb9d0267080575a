"""Whether a sample looks as declared, and whether anything can be inferred from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from videxplore.stages.licensing.grouping import checked_weights, effective_number, group
from videxplore.stages.licensing.intervals import ONE_SOURCE
from videxplore.stages.licensing.manifests import columns_of
from videxplore.values.sampling import Manifest, ManifestComparison, SampleCheck, SamplingDesign

DRAWS = 999
"""Draws made as declared, which the sample is compared with."""

DOUBTFUL = 0.01
"""P values below this, over the number of columns, make a sample doubtful (Bonferroni)."""

FEW_SOURCES = 20
"""Effective sources below which intervals were not seen to hold their level."""

Numbers = NDArray[np.float64]


def check_sample(
    design: SamplingDesign,
    sources: Sequence[str],
    durations: ArrayLike,
    *,
    ids: Sequence[str] | None = None,
    manifest: Manifest | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> SampleCheck:
    """Check a sample before anything is inferred from it.

    Each column of the manifest is compared between sample and manifest, numbers by the Kolmogorov–Smirnov
    distance and names by chi-square. Both have their p value from samples drawn from the manifest in the way
    declared (clips, or sources first): the textbook p values take clips for independent and would find
    fault with every honest draw of whole channels.

    Args:
        design: as declared.
        sources: n sources.
        durations: float (n,), seconds.
        ids: n ids, to be found in the manifest.
        manifest: of the archive; without one nothing is compared.
        draws: how many samples to compare with.
        seed: of these.

    Raises:
        ValueError: lengths differ, a manifest without ids, or another manifest than the one declared.
    """
    seconds = checked_weights(durations, len(sources))
    groups = group(sources, len(sources))
    effective = effective_number(groups.totals(seconds))
    refusal = design.refusal or (ONE_SOURCE if len(groups) == 1 else "")
    comparisons: tuple[ManifestComparison, ...] = ()
    doubts: list[str] = []
    if manifest is not None:
        comparisons, doubts = _against(manifest, design, ids, draws, seed)
    elif not design.refusal:
        doubts.append("There is no manifest to check the sample against.")
    if len(groups) > 1 and effective < FEW_SOURCES:
        doubts.append(
            f"The sample has {effective:.1f} effective sources; intervals were checked from {FEW_SOURCES} on."
        )
    hours = float(seconds.sum() / 3600)
    return SampleCheck(
        design, len(sources), hours, len(groups), effective, comparisons, refusal, tuple(doubts)
    )


def _against(
    manifest: Manifest, design: SamplingDesign, ids: Sequence[str] | None, draws: int, seed: int
) -> tuple[tuple[ManifestComparison, ...], list[str]]:
    """The sample beside the manifest, column by column, and what speaks against it."""
    if ids is None:
        raise ValueError("ids are needed to find the sample in the manifest.")
    if design.manifest_sha256 and design.manifest_sha256 != manifest.sha256:
        raise ValueError(
            f"manifest has the hash {manifest.sha256}, the design declares {design.manifest_sha256}: "
            "this is not the list that the sample was drawn from."
        )
    doubts = []
    rows, missing = _found(manifest, ids)
    if missing:
        doubts.append(f"{missing} of {len(ids)} clips are not in the manifest.")
    comparisons = _compare(manifest, rows, design.method, draws, seed) if len(rows) else ()
    unlikely = [c.column for c in comparisons if c.p < DOUBTFUL / len(comparisons)]
    if unlikely:
        doubts.append(f"A draw as declared would hardly differ so much in {', '.join(unlikely)}.")
    return comparisons, doubts


def _found(manifest: Manifest, ids: Sequence[str]) -> tuple[NDArray[np.intp], int]:
    """Rows of the ids in the manifest, and how many are not there."""
    place = {name: row for row, name in enumerate(manifest.ids)}
    rows = [place[name] for name in ids if name in place]
    return np.array(rows, np.intp), len(ids) - len(rows)


def _compare(
    manifest: Manifest, rows: NDArray[np.intp], method: str, draws: int, seed: int
) -> tuple[ManifestComparison, ...]:
    rng = np.random.default_rng(seed)
    index = group(manifest.sources, len(manifest)).index
    order = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[order], np.arange(index.max() + 2))
    taken = np.unique(index[rows], return_counts=True)[1]
    drawn = [
        _drawn_sources(rng, order, starts, taken)
        if method == "cluster"
        else rng.choice(len(manifest), len(rows), replace=False)
        for _ in range(draws)
    ]
    found = []
    for name, column in columns_of(manifest).items():
        if name == "source" and method == "cluster":
            continue  # which sources are in the sample is what was drawn
        numeric = all(isinstance(entry, (int, float)) for entry in column)
        ranks, many = np.unique(np.asarray(column, np.float64 if numeric else np.str_), return_inverse=True)
        if len(ranks) < 2:
            continue
        expected = np.bincount(many) / len(many)
        statistic = _kolmogorov if numeric else _chi_square
        seen = statistic(many[rows], expected)
        others = np.array([statistic(many[sample], expected) for sample in drawn])
        p = (1 + np.count_nonzero(others >= seen * (1 - 1e-12))) / (draws + 1)
        test = "Kolmogorov-Smirnov" if numeric else "chi-square"
        found.append(ManifestComparison(name, test, seen, float(p), draws))
    return tuple(found)


def _drawn_sources(
    rng: np.random.Generator, order: NDArray[np.intp], starts: NDArray[np.intp], taken: NDArray[np.intp]
) -> NDArray[np.intp]:
    """As many random sources as the sample has, and of each as many clips as one of the sample's.

    Args:
        rng: generator.
        order: rows of the manifest by source.
        starts: where each source begins in ``order``, and its end.
        taken: clips of each source of the sample.
    """
    sources = rng.choice(len(starts) - 1, len(taken), replace=False)
    sizes = starts[sources + 1] - starts[sources]
    parts = [
        start + rng.permutation(size)[:many]
        for start, size, many in zip(starts[sources], sizes, rng.permutation(taken), strict=True)
    ]
    return order[np.concatenate(parts)]


def _kolmogorov(ranks: NDArray[np.intp], expected: Numbers) -> float:
    """Largest distance of the two cumulative distributions."""
    seen = np.bincount(ranks, minlength=len(expected)) / len(ranks)
    return float(np.abs(np.cumsum(seen - expected)).max())


def _chi_square(codes: NDArray[np.intp], expected: Numbers) -> float:
    """Pearson's statistic."""
    wanted = expected * len(codes)
    return float((np.square(np.bincount(codes, minlength=len(expected)) - wanted) / wanted).sum())
