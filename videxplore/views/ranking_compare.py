"""RankingCompare: a raw ranking beside reranked ones, with what moved and why."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import traitlets

from videxplore.values.reports import RankingShift
from videxplore.views.assets import module, styles
from videxplore.views.base import Pixels, View
from videxplore.views.delivery import Clips
from videxplore.views.describe import plain
from videxplore.views.shifts import describe_shift

MOST_COLUMNS = 8
"""How many rerankers may stand beside the raw ranking; a switch leads to those without room."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user of a comparison asks to see.

    Attributes:
        systems: names of the rerankers, one per column.
        strength: how far to move from raw, 0 to 1.
        query: which of the pinned queries.
        relevant: ids of the segments marked as wanted.
        irrelevant: ids of the segments marked as not wanted.
    """

    systems: tuple[str, ...]
    strength: float = 1.0
    query: int = 0
    relevant: tuple[str, ...] = ()
    irrelevant: tuple[str, ...] = ()


Rank = Callable[[Wish], RankingShift]
"""What answers a wish with a comparison."""


class RankingCompare(View):
    """Columns of results, lines between the same items, both scores, and the reasons on choice.

    Args:
        shift: the comparison to show first.
        poster: segment id to JPEG bytes.
        clip: what makes clips; adds playback to the reasons.
        rank: answers wishes; adds the strength slider, the pickers and the marks.
        rerankers: names that can be picked, beside those shown.
        queries: the pinned queries to flip through; the first one is shown.
        **traits: ``strength``, ``systems``, ``other``, ``selected``, ``query``, ``relevant``, ``irrelevant``.
    """

    _esm = module("ranking_compare")
    _css = styles("playback", "hover", "ranking_compare")

    strength = traitlets.Float(1.0, min=0.0, max=1.0, help="how far to move from raw, 0 to 1").tag(sync=True)
    systems = traitlets.List(traitlets.Unicode(), help="the rerankers beside the raw ranking").tag(sync=True)
    other = traitlets.Int(0, min=0, help="which of the systems is explained").tag(sync=True)
    selected = traitlets.Unicode("", help="id of the segment explained").tag(sync=True)
    query = traitlets.Int(0, min=0, help="which of the pinned queries").tag(sync=True)
    relevant = traitlets.List(traitlets.Unicode(), help="ids of segments marked as wanted").tag(sync=True)
    irrelevant = traitlets.List(traitlets.Unicode(), help="ids marked as not wanted").tag(sync=True)
    _data = traitlets.Dict({}).tag(sync=True)
    _rerankers = traitlets.List([]).tag(sync=True)
    _queries = traitlets.List([]).tag(sync=True)
    _verdicts = traitlets.Dict({}).tag(sync=True)
    _live = traitlets.Bool(False).tag(sync=True)
    _error = traitlets.Unicode("").tag(sync=True)
    _turn = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        shift: RankingShift,
        *,
        poster: Pixels | None = None,
        clip: Clips | None = None,
        rank: Rank | None = None,
        rerankers: Sequence[str] = (),
        queries: Sequence[str] = (),
        **traits: Any,
    ) -> None:
        self._rank = rank
        self.shift = shift
        shown = [other.system for other in shift.others]
        self._marks: dict[int, tuple[list[str], list[str]]] = {}
        super().__init__(
            poster=poster,
            clip=clip,
            _live=rank is not None,
            _rerankers=list(dict.fromkeys([*shown, *rerankers])),
            _queries=[plain(text) for text in queries],
            **({"systems": shown, "strength": shift.others[0].strength} | traits),
        )
        self._answered = self.wish
        self._fill()
        self.observe(self._on_query, names="query")
        self.observe(self._on_wish, names=["strength", "systems", "query", "relevant", "irrelevant"])

    @property
    def wish(self) -> Wish:
        """What is asked for now."""
        return Wish(
            tuple(self.systems), self.strength, self.query, tuple(self.relevant), tuple(self.irrelevant)
        )

    @traitlets.validate("strength")
    def _check_strength(self, proposal: Any) -> float:
        if math.isnan(proposal["value"]):
            raise traitlets.TraitError("strength must be a number from 0 to 1, got nan.")
        return float(proposal["value"])

    @traitlets.validate("systems")
    def _check_systems(self, proposal: Any) -> list[str]:
        names = list(proposal["value"])
        unknown = [name for name in names if name not in self._rerankers]
        if unknown or not 1 <= len(names) <= MOST_COLUMNS or len(set(names)) != len(names):
            raise traitlets.TraitError(
                f"systems must be 1 to {MOST_COLUMNS} different names of {', '.join(self._rerankers)}; "
                f"got {names!r}."
            )
        return names

    @traitlets.validate("other")
    def _check_other(self, proposal: Any) -> int:
        return _below(proposal["value"], len(self.systems), "other", "rankings compared")

    @traitlets.validate("query")
    def _check_query(self, proposal: Any) -> int:
        return _below(proposal["value"], max(1, len(self._queries)), "query", "pinned queries")

    def _fill(self) -> None:
        self._data = describe_shift(self.shift)
        metrics = [column["summary"]["metrics"] for column in self._data["columns"][1:]]
        if self._queries and metrics[0]:
            delta = metrics[min(self.other, len(metrics) - 1)][0]["delta"]
            self._verdicts = self._verdicts | {str(self.query): delta}

    def load(self, rank: Rank) -> None:
        """Compare other rankings, in the way chosen; marks go, since they were of other answers.

        Args:
            rank: answers wishes from now on.
        """
        self._rank, self._marks = rank, {}
        self._answered = Wish(())
        with self.hold_trait_notifications():
            self.relevant, self.irrelevant, self.selected = [], [], ""
        self._on_wish(None)

    def _on_query(self, change: Any) -> None:
        """Marks belong to their query: put the last one's away and take out those of this one."""
        self._marks[change["old"]] = (list(self.relevant), list(self.irrelevant))
        with self.hold_trait_notifications():
            self.relevant, self.irrelevant = self._marks.get(change["new"], ([], []))

    def _on_wish(self, _: Any) -> None:
        """Rank anew; a failing reranker leaves the last good ranking and its message."""
        if self._rank is None or self.wish == self._answered:
            return
        self._answered = self.wish
        with self.hold_sync():
            try:
                self.shift = self._rank(self._answered)
            except Exception as error:  # noqa: BLE001 - a user's reranker may raise anything; the message is shown
                self._error = plain(f"{type(error).__name__}: {error}")
            else:
                self._error = ""
                self.other = min(self.other, len(self.shift.others) - 1)
                self._fill()
            self._turn += 1

    def still(self) -> str:
        """All columns as a table with posters; of several pinned queries, the one shown."""
        from videxplore.views.stills import still_shift

        others = [text for number, text in enumerate(self._queries) if number != self.query]
        return still_shift(self.shift, self._poster, pinned=others)


def _below(value: int, count: int, name: str, what: str) -> int:
    if not 0 <= value < count:
        raise traitlets.TraitError(f"{name} must be below {count}, the number of {what}, got {value}.")
    return int(value)
