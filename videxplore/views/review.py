"""ReviewView: the moments behind every figure of a report, to be looked at, or judged blind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import traitlets

from videxplore.values.assessments import Evidence, Moment, SampleReport
from videxplore.views.assets import module, styles
from videxplore.views.base import Pixels
from videxplore.views.delivery import Clips
from videxplore.views.describe import plain, time_range
from videxplore.views.scorecard.album import names_of
from videxplore.views.scorecard.findings import describe_measure, outcome_color
from videxplore.views.turning import TurningView

ANSWERS = ("agree", "disagree", "unsure")
"""What can be said of a piece of evidence, by the keys 1, 2, 3."""

Said = Callable[[str], Mapping[str, tuple[str, str]]]
"""An analyst's name to (answer, note) by piece."""

Save = Callable[[str, str, str, str], None]
"""Called with analyst, piece, answer and note; an empty answer takes back what was said."""


@dataclass(frozen=True)
class Piece:
    """One piece of evidence.

    Attributes:
        name: its id; its moments have ``:0`` and ``:1`` behind it.
        measure: key of the figure.
        evidence: moment and counterpart.
    """

    name: str
    measure: str
    evidence: Evidence


class ReviewView(TurningView):
    """Figures on the left, the moments behind the chosen one on the right; or all moments one by one, blind.

    Args:
        report: what was found.
        pieces: all evidence, in the order of the report.
        said: what an analyst said before.
        save: where every answer goes at once; what it raises is shown, and the answer taken back.
        order: ids in an analyst's own order.
        outcome: called once an analyst has judged everything: ``analysts``, ``pairs``, ``rows``.
        kept: name of the file that answers are kept in.
        poster: id of a moment to JPEG bytes.
        clip: what makes clips.
        **traits: ``analyst``, ``blind``, ``chosen``.
    """

    _esm = module("review")
    _css = styles("playback", "review")

    analyst = traitlets.Unicode("", help="who judges").tag(sync=True)
    blind = traitlets.Bool(False, help="whether moments are judged, without figures").tag(sync=True)
    chosen = traitlets.Unicode("", help="key of the figure whose moments are shown").tag(sync=True)
    _head = traitlets.Dict({}).tag(sync=True)
    _rows = traitlets.List([]).tag(sync=True)
    _sheet = traitlets.Dict({}).tag(sync=True)
    _spoken = traitlets.Dict({}).tag(sync=True)  # apart from the sheet, which is large and stays
    _result = traitlets.Dict({}).tag(sync=True)
    _answers = traitlets.List(list(ANSWERS)).tag(sync=True)
    _problem = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        report: SampleReport,
        pieces: Sequence[Piece],
        *,
        said: Said,
        save: Save,
        order: Callable[[Sequence[str], str], list[str]],
        outcome: Callable[[], Mapping[str, Any]],
        kept: str,
        poster: Pixels | None = None,
        clip: Clips | None = None,
        **traits: Any,
    ) -> None:
        self._report, self._pieces = report, {piece.name: piece for piece in pieces}
        self._said, self._save, self._order, self._outcome = said, save, order, outcome
        self._own: dict[str, tuple[str, str]] = {}
        self._undo: list[tuple[str, tuple[str, str]]] = []
        self._titles = {m.key: describe_measure(report, m) for m in report.measures}
        self._films = names_of(report)
        self._turns = 0
        first = next(iter(self._pieces.values()), None)
        chosen = {"chosen": first.measure if first else ""}
        super().__init__(poster=poster, clip=clip, **(chosen | traits))
        self._head = {
            "title": plain(report.name),
            "outcome": plain(report.verdict.outcome),
            "color": outcome_color(report),
            "kept": plain(kept),
        }
        self.observe(lambda _: self._open(), names=["analyst", "blind", "chosen"])
        self._open()

    @property
    def left(self) -> int:
        """How many moments the analyst has not judged yet."""
        return sum(not self._own.get(name, ("", ""))[0] for name in self._pieces)

    @property
    def answers(self) -> dict[str, str]:
        """What the analyst said, by piece."""
        return {name: answer for name, (answer, _) in self._own.items() if answer and name in self._pieces}

    def answer(self, name: str, answer: str, note: str | None = None) -> None:
        """Say whether a moment shows what its figure says; an empty answer takes back.

        Args:
            name: of the piece.
            answer: one of :data:`ANSWERS`, or empty.
            note: free words; None leaves what was noted.

        Raises:
            ValueError: no such piece, another answer, or nobody judges.
        """
        if not self.analyst.strip():
            raise ValueError("answer needs an analyst: say who judges.")
        if name not in self._pieces or answer not in ("", *ANSWERS):
            raise ValueError(f"no piece {name!r}, or no answer {answer!r}; allowed are {', '.join(ANSWERS)}.")
        before = self._own.get(name, ("", ""))
        if self._keep(name, (answer, before[1] if note is None else note)):
            self._undo.append((name, before))

    def undo(self) -> None:
        """Take back the last answer or note, and show what it was about."""
        if self._undo:
            name, before = self._undo.pop()
            if self._keep(name, before):
                self._show(name)

    def _keep(self, name: str, said: tuple[str, str]) -> bool:
        """Save what was said, then show it; what cannot be saved is not shown as said."""
        try:
            self._save(self.analyst.strip(), name, *said)
        except Exception as error:  # noqa: BLE001 - a full disk is told where the analyst looks
            self._problem = plain(f"Not saved: {error}")
            self._show(name)
            return False
        self._problem = ""
        self._own[name] = said
        self._refresh()
        return True

    def _open(self) -> None:
        """Show what is chosen, or the first moment that the analyst has not judged."""
        who = self.analyst.strip()
        self._own = dict(self._said(who)) if who else {}
        self._undo.clear()
        names = self._names()
        at = next((name for name in names if not self._own.get(name, ("", ""))[0]), "") if self.blind else ""
        self._show(at or (names[0] if names else ""))

    def _names(self) -> list[str]:
        if self.blind:
            return self._order(list(self._pieces), self.analyst.strip())
        return [name for name, piece in self._pieces.items() if piece.measure == self.chosen]

    def _show(self, name: str) -> None:
        """Send the page to a moment; else the page itself decides where it is, ahead of the kernel."""
        self._turns += 1
        self._refresh(name)

    def _refresh(self, name: str | None = None) -> None:
        names = self._names()
        place = names.index(name) if name in names else 0
        own = {one: list(said) for one, said in self._own.items() if one in self._pieces}
        with self.hold_sync():
            self._rows = [self._row(key) for key in self._titles if self._of(key)]
            self._sheet = {"pieces": [self._describe(self._pieces[one]) for one in names]}
            self._spoken = {
                "who": self.analyst if self.blind else "",
                "own": own if self.blind else {},
                "turn": [self._turns, place if name is not None else self._spoken["turn"][1]],
                "total": len(self._pieces),
                "left": self.left,
            }
            done = self.blind and bool(self._pieces) and bool(self.analyst.strip()) and not self.left
            self._result = _result(self._outcome()) if done else {}

    def _of(self, key: str) -> list[str]:
        return [name for name, piece in self._pieces.items() if piece.measure == key]

    def _row(self, key: str) -> dict[str, Any]:
        """One figure; judged blind, only how far it is judged."""
        own = self._of(key)
        row: dict[str, Any] = {
            "key": key,
            "title": self._titles[key]["title"],
            "total": len(own),
            "judged": sum(bool(self._own.get(name, ("", ""))[0]) for name in own),
        }
        if not self.blind:
            row |= {
                name: self._titles[key][name] for name in ("shown", "interval", "reason", "color", "word")
            }
        return row

    def _describe(self, piece: Piece) -> dict[str, Any]:
        measure = self._titles[piece.measure]
        moments = [m for m in (piece.evidence.moment, piece.evidence.twin) if m is not None]
        return {
            "name": piece.name,
            "measure": piece.measure,
            "title": measure["title"],
            "about": measure["about"],
            "moments": [self._moment(f"{piece.name}:{i}", moment) for i, moment in enumerate(moments)],
        }

    def _moment(self, name: str, moment: Moment) -> dict[str, Any]:
        return {
            "id": name,
            "name": self._films.get(moment.video_id, plain(moment.video_id[:12])),
            "side": "owned" if moment.owned else "sample",
            "start": round(moment.span.start_s, 3),
            "end": round(moment.span.end_s, 3),
            "time": time_range(moment.span.start_s, moment.span.end_s),
            "note": plain(moment.note),
            "transcript": "",
        }

    def _answer(self, widget: Any, content: Any, buffers: Any) -> None:
        kind = content.get("kind")
        if kind == "answer":
            note = content.get("note")
            self.answer(str(content["name"]), str(content["answer"]), None if note is None else str(note))
        elif kind == "undo":
            with self._turning():
                self.undo()
        else:
            super()._answer(widget, content, buffers)

    def still(self) -> str:
        """The figures as a table."""
        from videxplore.views.stills import fragment, render

        return fragment(render("still_review", head=self._head, rows=list(self._titles.values())))


def _result(found: Mapping[str, Any]) -> dict[str, Any]:
    """The outcome in words for people and numbers that JSON can hold."""
    rows = [row | {"title": plain(row["title"])} for row in found["rows"]]
    return {
        "analysts": [one | {"name": plain(one["name"])} for one in found["analysts"]],
        "pairs": [_pair(plain(" and ".join(one["names"])), one["kappa"]) for one in found["pairs"]],
        "rows": rows,
        **{name: sum(row[name] for row in rows) for name in ("total", "judged", "confirmed", "disputed")},
    }


def _signed(value: float) -> str:
    """Two decimals with a true minus sign."""
    return f"{value:.2f}".replace("-", "−")


def _pair(names: str, kappa: Any) -> str:
    """One sentence on two analysts."""
    if not kappa.items:
        return f"{names} have judged nothing in common yet."
    told = f"{names} gave {kappa.exact:.0%} of {kappa.items} moments the same answer"
    if kappa.kappa != kappa.kappa:
        return f"{told}; Cohen's kappa is not defined, since all answers are the same."
    bounds = (
        "" if kappa.low != kappa.low else f" (95 % interval {_signed(kappa.low)} to {_signed(kappa.high)})"
    )
    few = "" if bounds else "; too few videos for an interval"
    return f"{told}; Cohen's kappa {_signed(kappa.kappa)}{bounds}{few}: 1 is full agreement, 0 is chance."
