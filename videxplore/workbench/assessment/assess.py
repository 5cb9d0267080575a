"""The verb: a sample in, a report with intervals, evidence and a verdict out."""

from __future__ import annotations

import os
from collections.abc import Sequence

from numpy.typing import ArrayLike

from videxplore.stages.licensing.distances import check_cards
from videxplore.stages.licensing.economics import Assumptions
from videxplore.stages.licensing.verdict import CHECKLIST
from videxplore.values.assessments import SampleReport
from videxplore.values.decisions import ChecklistItem, Thresholds
from videxplore.values.inspections import Limits
from videxplore.values.sampling import Draw, Manifest, SamplingDesign
from videxplore.workbench.assessment.reporting import Terms, report_on
from videxplore.workbench.assessment.seeing import see
from videxplore.workbench.assessment.sides import Side, Sideable, side_of
from videxplore.workbench.assessment.sources import Sources, name_sources


def assess(
    sample: Sideable,
    owned: Sideable | None = None,
    *,
    sampling: SamplingDesign | Draw | None = None,
    sources: Sources | None = None,
    manifest: Manifest | None = None,
    thresholds: Thresholds | None = None,
    owned_sources: Sources | None = None,
    limits: Limits | None = None,
    archive_bytes: float | None = None,
    assumptions: Assumptions | None = None,
    stratum: str | None = None,
    checklist: Sequence[ChecklistItem] = CHECKLIST,
    level: str | None = None,
    durations_s: ArrayLike | None = None,
    earlier: SampleReport | None = None,
    name: str = "",
    workers: int | None = None,
    progress: bool = True,
    seed: int = 0,
) -> SampleReport:
    """Say what a sample shows of the archive that it comes from, and what to do: docs/licensing.md.

    Every interval is by source. Without sources or a declared draw, or if the vendor chose, there are none.

    Args:
        sample: a library or its path; :class:`Embeddings` or shared vectors, of which no video is looked at.
        owned: what to compare with, likewise.
        sampling: how the sample was drawn; chosen by the vendor where nobody says.
        sources: a column of the manifest or of ``library.videos()``, a ``Path`` whose subfolders are the
            sources, a mapping from path, name or video id, or one name per row of embeddings.
        manifest: of the archive; its ids are ends of paths, names or video ids.
        thresholds: what is asked of the archive.
        owned_sources: of what is owned, as ``sources``.
        limits: what is allowed technically.
        archive_bytes: size of the archive; by default the manifest's hours at the sample's bitrate.
        assumptions: constants of the costs; a bitrate left as it is becomes the sample's own.
        stratum: column of the manifest by which to ask for more.
        checklist: as far as settled.
        level: whose segments are the clips; scenes by default.
        durations_s: of each row of embeddings; alike where omitted.
        earlier: report of the tranche before, after which the draw goes on.
        name: of the sample.
        workers: processes that look at files; one per core. What they saw is kept: a killed run goes on.
        progress: whether to show bars.
        seed: of all resampling.

    Raises:
        TypeError, ValueError: an argument of another kind; no clip, a file without source, another manifest.
        CardMismatchError: sample and owned are of two encoders.
    """
    side = side_of(sample, level=level, durations_s=durations_s)
    theirs = None if owned is None else _meeting(side, side_of(owned, level=level, label="owned"))
    terms = Terms(
        sampling, sources, owned_sources, manifest, thresholds or Thresholds(), limits, archive_bytes,
        assumptions, stratum, tuple(checklist), earlier, name or side.name, seed,
    )  # fmt: skip
    name_sources(side, side.films, sources, manifest)  # what lacks one is said before hours of looking
    return report_on(side, theirs, see(side, theirs, workers=workers, progress=progress), terms)


def _meeting(side: Side, theirs: Side) -> Side:
    """What is owned; refused where the two cannot be compared."""
    check_cards(side.card, theirs.card)
    if side.turned != theirs.turned:
        raise ValueError(
            "sample and owned were not turned with the same secret: "
            "export both with the same one, or both without."
        )
    if side.library is not None and theirs.library is not None:
        places = {os.path.realpath(one.library.path) for one in (side, theirs) if one.library is not None}
        if len(places) == 1:
            raise ValueError(f"sample and owned are the same library, {side.library.path!r}.")
    return theirs
