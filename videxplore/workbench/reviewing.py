"""Reviewing in the notebook: the evidence of a report, looked at or judged blind by several analysts."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videxplore.stages.evaluation.kappa import Kappa, cohen_kappa
from videxplore.values.assessments import Evidence, Measure, Moment, SampleReport
from videxplore.workbench.library import Library
from videxplore.workbench.moments import MomentFootage
from videxplore.workbench.opinions import Opinion, OpinionBook

if TYPE_CHECKING:
    from videxplore.views.review import ReviewView

Pieces = Mapping[str, tuple[Measure, Evidence]]
"""Evidence by its id."""


def review(
    report: SampleReport,
    *,
    library: Library | None = None,
    opinions: str | os.PathLike[str] | None = None,
    analyst: str = "",
    blind: bool = False,
) -> ReviewView:
    """Return a widget that shows the moments behind every figure, and lets analysts judge them blind.

    Every analyst sees the same moments in an order of their own, without figures and without what others
    said. What is said is kept at once; opened again, the widget goes on where it was left.

    Args:
        report: what was found.
        library: asked for files that the report does not know.
        opinions: file to keep them in; by default beside the library, else in the current folder.
        analyst: who judges; can be said in the widget.
        blind: begin with judging.
    """
    from videxplore.views.review import Piece, ReviewView

    book = OpinionBook(opinions or _place(report, library))
    pieces = pieces_of(report)
    footage = MomentFootage(report, library)
    moments = {
        f"{name}:{i}": moment
        for name, (_, evidence) in pieces.items()
        for i, moment in enumerate(m for m in (evidence.moment, evidence.twin) if m is not None)
    }

    def save(who: str, name: str, answer: str, note: str) -> None:
        measure, evidence = pieces[name]
        at = evidence.moment
        book.write(Opinion(who, name, measure.key, at.video_id, at.span.start_s, at.span.end_s, answer, note))

    def poster(name: str) -> bytes:
        return footage.poster(moments[name]) or b""

    return ReviewView(
        report,
        [Piece(name, measure.key, evidence) for name, (measure, evidence) in pieces.items()],
        said=lambda who: {
            one.piece: (one.answer, one.note) for (name, _), one in book.latest().items() if name == who
        },
        save=save,
        order=blind_order,
        outcome=lambda: outcome_of(pieces, book),
        kept=book.path.name,
        poster=poster if footage.known else None,
        clip=footage.source(moments.__getitem__) if footage.known else None,
        analyst=analyst,
        blind=blind,
    )


def pieces_of(report: SampleReport) -> dict[str, tuple[Measure, Evidence]]:
    """Return all evidence by an id that follows from figure and moments alone."""
    return {_named(m.key, one): (m, one) for m in report.measures for one in m.evidence}


def blind_order(names: Sequence[str], analyst: str) -> list[str]:
    """Return ids in an order that follows from the analyst's name, not from the order given."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{analyst}|{name}".encode()).digest())


def outcome_of(pieces: Pieces, book: OpinionBook) -> dict[str, Any]:
    """Return how far analysts agree and what they confirm, evidence that nobody judged counted.

    A piece is confirmed where all who judged it agree with the figure, and disputed where their answers
    differ.
    """
    said: dict[str, dict[str, str]] = {}
    for (who, name), one in book.latest().items():
        if name in pieces and one.answer:
            said.setdefault(who, {})[name] = one.answer
    rows: dict[str, dict[str, Any]] = {}
    for name, (measure, _) in pieces.items():
        row = rows.setdefault(
            measure.key, {"title": measure.title, "total": 0, "judged": 0, "confirmed": 0, "disputed": 0}
        )
        answers = {own[name] for own in said.values() if name in own}
        row["total"] += 1
        row["judged"] += bool(answers)
        row["confirmed"] += answers == {"agree"}
        row["disputed"] += len(answers) > 1
    ordered = sorted(said.items())
    return {
        "analysts": [{"name": who, "judged": len(own), "total": len(pieces)} for who, own in ordered],
        "pairs": [
            {"names": [a, b], "kappa": agreement(pieces, one, other)}
            for (a, one), (b, other) in combinations(ordered, 2)
        ],
        "rows": list(rows.values()),
    }


def agreement(pieces: Pieces, first: Mapping[str, str], second: Mapping[str, str]) -> Kappa:
    """Return Cohen's kappa of two analysts' answers, resampled by video."""
    return cohen_kappa(
        [first.get(name, "") for name in pieces],
        [second.get(name, "") for name in pieces],
        [evidence.moment.video_id for _, evidence in pieces.values()],
    )


def _named(key: str, evidence: Evidence) -> str:
    words = [key, _placed(evidence.moment), "" if evidence.twin is None else _placed(evidence.twin)]
    return hashlib.sha256("|".join(words).encode()).hexdigest()[:20]


def _placed(moment: Moment) -> str:
    return f"{moment.video_id}@{moment.span.start_s:.3f}-{moment.span.end_s:.3f}"


def _place(report: SampleReport, library: Library | None) -> Path:
    """Beside the library, where one is named; else here, under the report's name."""
    if library is not None:
        return Path(library.path).with_suffix(".opinions.jsonl")
    name = re.sub(r"[^\w.-]+", "_", report.name).strip("._")[:60] or "report"
    return Path(f"{name}.opinions.jsonl")
