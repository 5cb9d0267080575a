"""From clips and what was seen of files to the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from numbers import Real
from os import PathLike
from pathlib import Path

from videxplore.stages.licensing.economics import Assumptions
from videxplore.stages.licensing.verdict import decide
from videxplore.values.assessments import DECIDING, PARTS, Measure, SampleReport
from videxplore.values.checks import check_kind
from videxplore.values.decisions import ChecklistItem, Thresholds
from videxplore.values.inspections import Limits
from videxplore.values.media import Span, counted
from videxplore.values.sampling import Draw, Manifest, SamplingDesign
from videxplore.workbench.assessment.case import Case
from videxplore.workbench.assessment.condition import (
    Condition,
    describe_films,
    judge_films,
    technical_measures,
)
from videxplore.workbench.assessment.drawing import Drawn, check_draw
from videxplore.workbench.assessment.findings import join_findings, useful_measure
from videxplore.workbench.assessment.language import language_measures
from videxplore.workbench.assessment.looking import Looks
from videxplore.workbench.assessment.novelties import compare_with_owned, coverage_measures, novelty_measures
from videxplore.workbench.assessment.prospects import ask_for, predict_next, reckon_costs, value_tranche
from videxplore.workbench.assessment.repeats import find_repeats, redundancy_measures
from videxplore.workbench.assessment.seeing import Seen
from videxplore.workbench.assessment.settings import settings_of
from videxplore.workbench.assessment.sides import Side
from videxplore.workbench.assessment.sources import UNNAMED, Sources, name_sources
from videxplore.workbench.assessment.variety import (
    breadth_measures,
    diversity_measures,
    topic_measures,
    topics_of,
)


@dataclass(frozen=True, eq=False)
class Terms:
    """What a report rests on besides clips and files: the arguments of :func:`~.assess.assess`."""

    sampling: SamplingDesign | Draw | None
    sources: Sources | None
    owned_sources: Sources | None
    manifest: Manifest | None
    thresholds: Thresholds
    limits: Limits | None
    archive_bytes: float | None
    assumptions: Assumptions | None
    stratum: str | None
    checklist: tuple[ChecklistItem, ...]
    earlier: SampleReport | None
    name: str
    seed: int

    def __post_init__(self) -> None:
        for name, kinds, wanted in _KINDS:
            if (value := getattr(self, name)) is not None:
                check_kind(name, value, kinds, wanted)


_NAMES = "a column, a folder, a mapping or one name per row"
_KINDS: tuple[tuple[str, tuple[type, ...], str], ...] = (
    ("sampling", (SamplingDesign, Draw), "a vx.SamplingDesign or what vx.draw returned"),
    ("sources", (str, PathLike, Mapping, Sequence), _NAMES),
    ("owned_sources", (str, PathLike, Mapping, Sequence), _NAMES),
    ("manifest", (Manifest,), "a vx.Manifest, such as vx.read_manifest('archive.csv')"),
    ("thresholds", (Thresholds,), "vx.Thresholds(…)"),
    ("limits", (Limits,), "vx.Limits(…)"),
    ("archive_bytes", (Real,), "a number of bytes"),
    ("assumptions", (Assumptions,), "vx.Assumptions(…)"),
    ("earlier", (SampleReport,), "the report of the tranche before"),
)
"""What the arguments may be: said before hours are spent on looking at files."""


def report_on(side: Side, theirs: Side | None, seen: Seen, terms: Terms) -> SampleReport:
    """Check the sample, measure, decide, reckon and look ahead.

    Raises:
        ValueError: a file without source, another manifest than declared, no such column.
    """
    films = (*side.films, *seen.lost(terms.manifest))
    sources = name_sources(side, films, terms.sources, terms.manifest)
    owners = None
    if theirs is not None:
        owners = name_sources(theirs, theirs.films, terms.owned_sources, label="owned_sources")
    before = () if terms.earlier is None else {video.source for video in terms.earlier.videos}
    drawn = check_draw(films, sources, terms.sampling, terms.manifest, earlier=before, seed=terms.seed)
    drawn = _doubted(drawn, seen, len(films) - len(side.films))
    whose = sources or (UNNAMED,) * len(films)
    refusal = drawn.check.refusal
    case = Case(side, films, whose, drawn.inclusion, refusal, theirs, owners, terms.seed)
    judged = judge_films(films, seen.looks or Looks(), terms.limits)
    return _measured(case, judged, seen, drawn, terms)


def _doubted(drawn: Drawn, seen: Seen, lost: int) -> Drawn:
    """With a doubt where files could not be read of which nobody knows how long they are."""
    unknown = sum(not record.video_id for record in seen.failed) - lost
    if not unknown:
        return drawn
    doubt = f"{counted(unknown, 'file')} could not be read, and no manifest says how long they are."
    return replace(drawn, check=replace(drawn.check, doubts=(*drawn.check.doubts, doubt)))


def _measured(
    case: Case, judged: Sequence[Condition | None], seen: Seen, drawn: Drawn, terms: Terms
) -> SampleReport:
    compared, topics = compare_with_owned(case), topics_of(case)
    measures, copied = _of_files(case, judged, seen)
    usable = [None if one is None else one.usable for one in judged[: len(case.side.films)]]
    clips = join_findings(case, usable, copied, compared.novelty, topics)
    useful = useful_measure(case, clips)
    broad, discovery = breadth_measures(case, topics)
    diverse, curves = diversity_measures(case)
    measures += [
        *novelty_measures(case, compared), useful, *coverage_measures(case, compared), *diverse, *broad,
        *topic_measures(case, topics),
    ]  # fmt: skip
    known = {measure.key: measure for measure in measures}
    asked = {name: known[key].estimate for name, key in DECIDING.items() if key in known}
    costs, constants = reckon_costs(
        case, useful.estimate, terms.archive_bytes, terms.manifest, terms.assumptions
    )
    column, wanted = ask_for(case, clips.useful, terms.manifest, drawn.rows, terms.stratum)
    more = {"strata": column, **_stated(terms.limits or Limits())}
    return SampleReport(
        terms.name,
        datetime.now(UTC).isoformat(timespec="seconds"),
        drawn.check,
        tuple(sorted(measures, key=lambda measure: PARTS.index(measure.part))),
        decide(asked, drawn.check, terms.thresholds, checklist=terms.checklist),
        describe_films(case, judged),
        seen.failed,
        discovery=discovery,
        diversity=curves,
        requests=wanted,
        tranche=value_tranche(case, useful.estimate, costs, constants),
        prediction=predict_next(case, known, topics.index),
        costs=costs,
        settings=settings_of(case, terms.manifest, terms.thresholds, topics.radius, more),
        files=_files(case),
        clips=clips,
    )


def _of_files(
    case: Case, judged: Sequence[Condition | None], seen: Seen
) -> tuple[list[Measure], list[Sequence[Span] | None]]:
    """Figures that rest on files, and per file what of it repeats; nothing where there are only vectors."""
    films = len(case.side.films)
    if seen.looks is None or seen.copying is None:
        return [], [None] * films
    pictures = {video_id: look.pictures for video_id, look in seen.looks.seen.items()}
    repeats = find_repeats(case, seen.copying, pictures, seen.owned, seen.reason)
    measures = [
        *technical_measures(case, judged),
        *redundancy_measures(case, repeats),
        *language_measures(case, judged),
    ]
    copied: list[Sequence[Span] | None] = [*repeats.spans(films)]
    for row in range(films):
        if copied[row] is None and judged[row] is not None:
            copied[row] = ()  # could not be read, so nothing of it is usable anyway
    return measures, copied


def _stated(limits: Limits) -> dict[str, str | float]:
    return {f"limit {f.name}": float(getattr(limits, f.name)) for f in fields(limits)}


def _files(case: Case) -> dict[str, Path]:
    films = [*case.side.films, *(case.owned.films if case.owned is not None else ())]
    return {film.video_id: film.path for film in films if film.path is not None and film.path.is_file()}
