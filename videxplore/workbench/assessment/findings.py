"""What was found of every clip, joined: usable, no copy and new at the same time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.technical.spans import join, leave_out
from videxplore.values.assessments import AssessedClips, Evidence, Measure
from videxplore.values.licensing import Novelty
from videxplore.values.media import Span
from videxplore.workbench.assessment.case import Case, measured, telling
from videxplore.workbench.assessment.variety import Topics

Stretches = Sequence[Sequence[Span] | None]
"""Spans per file; None where nobody looked."""


def join_findings(
    case: Case, usable: Stretches, copied: Stretches, novelty: Novelty | None, topics: Topics
) -> AssessedClips:
    """Lay what was found of files and clips over one another.

    Args:
        case: n clips of f files.
        usable: f times the spans that pass all technical checks.
        copied: f times the spans that repeat another file or are copies of what is owned.
        novelty: of the clips; None where it was not measured, which then asks nothing of them.
        topics: of the clips.
    """
    side = case.side
    nothing = np.full(len(side), np.nan)
    distance = nothing if novelty is None else novelty.distances
    novel = nothing if novelty is None else (novelty.distances > novelty.threshold).astype(np.float64)
    passing, repeated = _parts(case, usable), _parts(case, copied)
    both = [
        None if good is None or bad is None else [left for span in good for left in leave_out(span, bad)]
        for good, bad in zip(usable, copied, strict=True)
    ]
    useful = _parts(case, both)
    if np.isnan(useful).all():
        useful = novel.copy()
    elif novelty is not None:
        useful *= novel
    return AssessedClips(
        side.ids,
        tuple(side.films[film].video_id for film in side.film),
        tuple(case.clip_sources),
        side.spans,
        case.clip_weights,
        passing,
        repeated,
        distance,
        novel,
        useful,
        topics.index,
        side.vectors,
        side.card,
        topics.radius,
    )


def useful_measure(case: Case, clips: AssessedClips) -> Measure:
    """Share of hours that are of use; files that could not be read are of none."""
    known = [
        name
        for name, column in (("usable", clips.usable), ("no copy", clips.copied), ("new", clips.novel))
        if not np.isnan(column).all()
    ]
    about = "Share of hours that pass the technical checks, are no copies and are new, all at once"
    if not known:
        estimate = case.refused("Cannot estimate: neither checks, copies nor novelty were measured.")
        return measured("novelty.useful", "Useful", estimate, f"{about}.")
    looked = np.flatnonzero(~np.isnan(clips.useful))
    rest = len(case.side.films)
    flags = np.append(clips.useful[looked], np.zeros(len(case.films) - rest))
    weights = np.append(case.clip_weights[looked], case.film_weights[rest:])
    estimate = case.share_of(flags, [*(case.clip_sources[i] for i in looked), *case.sources[rest:]], weights)
    if len(known) < 3:
        about += f"; only {' and '.join(known)} could be looked at"
    order = np.nan_to_num(clips.useful) * case.side.durations_s
    best = telling(case, order, lambda clip: Evidence(case.moment(clip)), np.flatnonzero(clips.useful > 0.5))
    return measured("novelty.useful", "Useful: " + ", ".join(known), estimate, f"{about}.", best)


def _parts(case: Case, stretches: Stretches) -> NDArray[np.float64]:
    """Part of each clip that lies within the spans of its file; nan where nobody looked."""
    side = case.side
    found = np.full(len(side), np.nan)
    for clip, film in enumerate(side.film.tolist()):
        spans = stretches[film]
        if spans is not None and side.spans[clip].duration_s:
            held = sum(side.spans[clip].overlap_s(span) for span in join(spans))
            found[clip] = min(1.0, held / side.spans[clip].duration_s)
    return found
