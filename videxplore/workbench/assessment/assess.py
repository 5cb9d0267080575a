"""The verb: a sample in, a report with intervals, evidence and a verdict out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from numpy.typing import ArrayLike

from videxplore.stages.licensing.distances import check_cards
from videxplore.stages.licensing.economics import Assumptions
from videxplore.stages.licensing.verdict import CHECKLIST, decide
from videxplore.values.assessments import DECIDING, PARTS, AssessedVideo, Measure, SampleReport
from videxplore.values.decisions import ChecklistItem, Thresholds
from videxplore.values.sampling import Draw, Manifest, SamplingDesign
from videxplore.workbench.assessment.case import Case
from videxplore.workbench.assessment.drawing import Drawn, check_draw
from videxplore.workbench.assessment.findings import join_findings, useful_measure
from videxplore.workbench.assessment.novelties import compare_with_owned, coverage_measures, novelty_measures
from videxplore.workbench.assessment.prospects import ask_for, predict_next, reckon_costs, value_tranche
from videxplore.workbench.assessment.settings import settings_of
from videxplore.workbench.assessment.sides import Side, Sideable, side_of
from videxplore.workbench.assessment.sources import UNNAMED, Sources, name_sources
from videxplore.workbench.assessment.variety import (
    breadth_measures,
    diversity_measures,
    topic_measures,
    topics_of,
)


def assess(
    sample: Sideable,
    owned: Sideable | None = None,
    *,
    sampling: SamplingDesign | Draw | None = None,
    sources: Sources | None = None,
    manifest: Manifest | None = None,
    thresholds: Thresholds | None = None,
    owned_sources: Sources | None = None,
    archive_bytes: float | None = None,
    assumptions: Assumptions | None = None,
    stratum: str | None = None,
    checklist: Sequence[ChecklistItem] = CHECKLIST,
    level: str | None = None,
    durations_s: ArrayLike | None = None,
    name: str = "",
    seed: int = 0,
) -> SampleReport:
    """Say what a sample shows of the archive that it comes from, and what to do: docs/licensing.md.

    Every interval is by source. Without sources, without a declared draw, or from a sample that the vendor
    chose, figures describe the sample and have none.

    Args:
        sample: a library or its path; :class:`Embeddings` or shared vectors, of which no video is looked at.
        owned: what to compare with, likewise.
        sampling: how the sample was drawn; chosen by the vendor where nobody says.
        sources: channel or contributor of each file: a column of the manifest or of ``library.videos()``, a
            ``Path`` whose subfolders are the sources, a mapping from path, name or video id, or one name per
            row of embeddings. By default the manifest's.
        manifest: of the archive; its ids are ends of paths, names or video ids.
        thresholds: what is asked of the archive.
        owned_sources: of what is owned, as ``sources``.
        archive_bytes: size of the archive; by default the manifest's hours at the sample's bitrate.
        assumptions: constants of the costs; a bitrate left as it is becomes the sample's own.
        stratum: column of the manifest by which to ask for more.
        checklist: as far as it is settled.
        level: whose segments are the clips; scenes by default.
        durations_s: of each row of embeddings; alike where omitted.
        name: of the sample.
        seed: of all resampling.

    Raises:
        ValueError: no clip, a file without source, another manifest than declared.
        CardMismatchError: sample and owned are of two encoders.
    """
    terms = _Terms(
        manifest, thresholds or Thresholds(), archive_bytes, assumptions, stratum, tuple(checklist), name
    )
    side = side_of(sample, level=level, durations_s=durations_s)
    theirs = None if owned is None else side_of(owned, level=level, label="owned")
    _check_meeting(side, theirs)
    names = name_sources(side, side.films, sources, manifest)
    owners = name_sources(theirs, theirs.films, owned_sources, label="owned_sources") if theirs else None
    drawn = check_draw(side.films, names, sampling, manifest, seed=seed)
    whose = names or (UNNAMED,) * len(side.films)
    case = Case(side, side.films, whose, drawn.inclusion, drawn.check.refusal, theirs, owners, seed)
    return _report(case, drawn, terms)


@dataclass(frozen=True, eq=False)
class _Terms:
    """What a report is made of besides the sample."""

    manifest: Manifest | None
    thresholds: Thresholds
    archive_bytes: float | None
    assumptions: Assumptions | None
    stratum: str | None
    checklist: tuple[ChecklistItem, ...]
    name: str


def _check_meeting(side: Side, theirs: Side | None) -> None:
    """Refuse to compare what cannot be: another encoder, another secret, the library with itself."""
    if theirs is None:
        return
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


def _report(case: Case, drawn: Drawn, terms: _Terms) -> SampleReport:
    """Measure, decide, reckon and look ahead."""
    compared, topics = compare_with_owned(case), topics_of(case)
    nothing = [None] * len(case.side.films)
    clips = join_findings(case, nothing, nothing, compared.novelty, topics)
    broad, discovery = breadth_measures(case, topics)
    diverse, curves = diversity_measures(case)
    useful = useful_measure(case, clips)
    measures = _ordered(
        [
            *novelty_measures(case, compared),
            useful,
            *coverage_measures(case, compared),
            *diverse,
            *broad,
            *topic_measures(case, topics),
        ]
    )
    known = {measure.key: measure for measure in measures}
    asked = {name: known[key].estimate for name, key in DECIDING.items() if key in known}
    costs, constants = reckon_costs(
        case, useful.estimate, terms.archive_bytes, terms.manifest, terms.assumptions
    )
    column, wanted = ask_for(case, clips.useful, terms.manifest, drawn.rows, terms.stratum)
    return SampleReport(
        terms.name or case.side.name,
        datetime.now(UTC).isoformat(timespec="seconds"),
        drawn.check,
        measures,
        decide(asked, drawn.check, terms.thresholds, checklist=terms.checklist),
        videos=_videos(case),
        discovery=discovery,
        diversity=curves,
        requests=wanted,
        tranche=value_tranche(case, useful.estimate, costs, constants),
        prediction=predict_next(case, known, topics.index),
        costs=costs,
        settings=settings_of(case, terms.manifest, terms.thresholds, topics.radius, {"strata": column}),
        files=_files(case),
        clips=clips,
    )


def _ordered(measures: Sequence[Measure]) -> tuple[Measure, ...]:
    """By part, otherwise as they come."""
    return tuple(sorted(measures, key=lambda measure: PARTS.index(measure.part)))


def _videos(case: Case) -> tuple[AssessedVideo, ...]:
    return tuple(
        AssessedVideo(
            film.video_id, film.name, "" if source == UNNAMED else source, film.duration_s, float("nan")
        )
        for film, source in zip(case.films, case.sources, strict=True)
    )


def _files(case: Case) -> dict[str, Path]:
    films = [*case.films, *(case.owned.films if case.owned is not None else ())]
    return {film.video_id: film.path for film in films if film.path is not None and film.path.is_file()}
