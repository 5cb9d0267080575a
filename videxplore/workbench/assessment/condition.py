"""What of the sample is technically usable, and what the rest is found wanting in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from videxplore.stages.licensing.technical.judge import faults, usable_spans
from videxplore.stages.licensing.technical.spans import join
from videxplore.values.assessments import AssessedVideo, Evidence, Measure, Moment
from videxplore.values.inspections import FAULTS, JUDGED_BY, Fault, Limits
from videxplore.values.media import Span
from videxplore.workbench.assessment.case import Case, Telling, measured, spread_out
from videxplore.workbench.assessment.kept import Look
from videxplore.workbench.assessment.looking import NOT_ITS_FAULT, Looks
from videxplore.workbench.assessment.sides import Film
from videxplore.workbench.assessment.sources import UNNAMED

NOT_LOOKED = "Cannot estimate: none of the files is at hand to be looked at."

NOT_JUDGED = "Cannot estimate: in no file does enough change, or is enough looked at, to tell."

UNREADABLE = "It could not be read"


@dataclass(frozen=True, eq=False)
class Condition:
    """One file, judged.

    Attributes:
        look: what it was judged by; None where it could not be read.
        faults: what it is found wanting in.
        usable: spans that pass all checks; none of a file that could not be read.
    """

    look: Look | None
    faults: tuple[Fault, ...]
    usable: tuple[Span, ...]


def judge_films(films: Sequence[Film], looks: Looks, limits: Limits | None) -> list[Condition | None]:
    """Judge each file; None for those that are not at hand, of which nothing is known.

    Args:
        films: f files, those that could not be read among them.
        looks: what was seen of them.
        limits: what is allowed; the defaults where omitted.
    """
    broken = {record.video_id for record in looks.failed if record.reason not in NOT_ITS_FAULT}
    judged: list[Condition | None] = []
    for film in films:
        look = looks.seen.get(film.video_id)
        if look is not None:
            found = faults(look.inspection, limits)
            judged.append(Condition(look, found, usable_spans(look.inspection, found)))
        elif not film.video_id or film.video_id in broken:
            judged.append(Condition(None, (), ()))
        else:
            judged.append(None)
    return judged


def technical_measures(case: Case, judged: Sequence[Condition | None]) -> list[Measure]:
    """Usable hours, and hours with each kind of fault; evidence are the longest stretches of each."""
    known = [row for row, one in enumerate(judged) if one is not None]
    looked = [row for row in known if judged[row].look is not None]  # type: ignore[union-attr]
    return [
        _usable(case, judged, known, looked),
        *(_one_fault(case, judged, looked, kind) for kind in FAULTS),
    ]


def _usable(
    case: Case, judged: Sequence[Condition | None], known: Sequence[int], looked: Sequence[int]
) -> Measure:
    films = zip(judged, case.films, strict=True)
    parts = np.array([_part(one.usable if one else (), film) for one, film in films])
    estimate = case.film_share(parts, known) if looked else case.refused(NOT_LOOKED)
    unread = len(known) - len(looked)
    about = "Share of hours that pass every technical check."
    if unread:
        about += f" {unread} files that could not be read pass none."
    moments = [
        (film, span, fault.detail)
        for film in looked
        for fault in judged[film].faults  # type: ignore[union-attr]
        for span in fault.spans
    ]
    return measured("technical.usable", "Usable", estimate, about, _longest(case, moments))


def _one_fault(case: Case, judged: Sequence[Condition | None], looked: Sequence[int], kind: str) -> Measure:
    parts = np.zeros(len(judged))
    moments = []
    told = [film for film in looked if judged[film].look.inspection.judged(kind)]  # type: ignore[union-attr]
    for film in told:
        for fault in judged[film].faults:  # type: ignore[union-attr]
            if fault.kind == kind:
                parts[film] = _part(fault.spans, case.films[film])
                moments += [(film, span, fault.detail) for span in fault.spans]
    estimate = case.film_share(parts, told) if told else case.refused(NOT_JUDGED if looked else NOT_LOOKED)
    key = f"technical.{kind.replace(' ', '_').replace('-', '_')}"
    about = "Share of hours that are found wanting in it; the stretches shown are the longest."
    if len(told) < len(looked):
        weights = case.film_weights
        unknown = 1.0 - float(weights[told].sum() / weights[looked].sum())
        about += (
            f" Of the files that could be judged: in {len(looked) - len(told)} of {len(looked)}, "
            f"{unknown:.0%} of the hours, too little changes or is looked at to tell."
        )
    title = "HDR" if kind == "hdr" else kind.capitalize()
    return measured(key, title, estimate, about, _longest(case, moments))


def _longest(case: Case, moments: Sequence[tuple[int, Span, str]]) -> Telling:
    """The longest stretches, of every file its first before any file's second."""

    def make(row: int) -> Evidence:
        film, span, note = moments[row]
        return Evidence(Moment(case.films[film].video_id, span, note), score=span.duration_s)

    order = sorted(range(len(moments)), key=lambda row: (-moments[row][1].duration_s, moments[row][0], row))
    return spread_out(order, [film for film, _, _ in moments], make)


def _part(spans: Sequence[Span], film: Film) -> float:
    """Part of a file that lies within spans."""
    return min(1.0, sum(span.duration_s for span in join(spans)) / film.duration_s)


def describe_films(case: Case, judged: Sequence[Condition | None]) -> tuple[AssessedVideo, ...]:
    """One row per file: what is usable of it, what it is wanting in, and what is known of it."""
    rows = []
    for film, source, one in zip(case.films, case.sources, judged, strict=True):
        usable = float("nan") if one is None else sum(span.duration_s for span in one.usable)
        said = () if one is None else tuple(f"{fault.kind}: {fault.detail}" for fault in one.faults)
        if one is not None and one.look is None:
            said = (UNREADABLE,)
        named = "" if source == UNNAMED else source
        rows.append(
            AssessedVideo(
                film.video_id, film.name, named, film.duration_s, usable, said, _facts(film) | _unjudged(one)
            )
        )
    return tuple(rows)


def _unjudged(one: Condition | None) -> dict[str, str | float]:
    """Which faults the file does not allow to tell."""
    if one is None or one.look is None:
        return {}
    return {"not judged": ", ".join(kind for kind in JUDGED_BY if not one.look.inspection.judged(kind))}


def _facts(film: Film) -> dict[str, str | float]:
    """What a table has of a file, in units for people."""
    if "width" not in film.facts:
        return {}
    told = film.facts
    return {
        "width": told["width"],
        "height": told["height"],
        "fps": told["fps"],
        "codec": told["codec"],
        "Mbit/s": told["size_bytes"] * 8e-6 / film.duration_s,
    }
