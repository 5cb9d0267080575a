"""CompareDrawer: the present answers in raw order beside a reranked one, filled when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import ipywidgets
import traitlets

from videxplore.values.rankings import Ranking
from videxplore.views.base import Choose, Pixels
from videxplore.views.delivery import Clips
from videxplore.views.describe import plain
from videxplore.views.lives import close_below
from videxplore.views.ranking_compare import Rank, RankingCompare, Wish

Compare = Callable[[Ranking], Rank]
"""A ranking to what answers wishes about it."""


class CompareDrawer(ipywidgets.VBox):
    """Holds a :class:`RankingCompare` that follows the query; shut, it costs nothing.

    Args:
        compare: gives what compares a ranking.
        rerankers: names that can be picked, the first one shown first.
        poster: segment id to JPEG bytes.
        clip: what makes clips.
        **traits: ``opened``.
    """

    opened = traitlets.Bool(False, help="whether it is open")

    def __init__(
        self,
        compare: Compare,
        rerankers: Sequence[str],
        *,
        poster: Pixels | None = None,
        clip: Clips | None = None,
        **traits: Any,
    ) -> None:
        self._rank_of, self._rerankers = compare, tuple(rerankers)
        self._pixels: dict[str, Any] = {"poster": poster, "clip": clip}
        self._choosers: list[Choose] = []
        self._ranking: Ranking | None = None
        self._filled: Ranking | None = None
        self._selection: Sequence[str] = ()
        self.widget: RankingCompare | None = None
        self._said = ipywidgets.HTML().add_class("vx-compare-said")
        super().__init__([self._said], **traits)
        self.observe(self._on_opened, names="opened")
        self._on_opened()

    def on_choose(self, callback: Choose) -> None:
        """Call ``callback(segment_id, False)`` when a segment is chosen; the reasons play it themselves."""
        self._choosers.append(callback)

    def load(self, ranking: Ranking | None) -> None:
        """Compare another ranking."""
        self._ranking = ranking
        self._fill()

    def mark(self, segment_ids: Sequence[str]) -> None:
        """Explain the chosen segment, where it is one that is compared."""
        self._selection = list(segment_ids)
        widget = self.widget
        if widget is None or len(self._selection) != 1:
            return
        compared = {hit.segment_id for ranking in (widget.shift.raw, *widget.shift.others) for hit in ranking}
        widget.selected = self._selection[0] if self._selection[0] in compared else ""

    def _on_opened(self, _: Any = None) -> None:
        self.layout.display = None if self.opened else "none"
        self._fill()

    def _fill(self) -> None:
        """Compare what is there to compare, once per ranking, and only while somebody looks."""
        if not self.opened:
            return
        if self._ranking is None or not self._ranking.candidates:
            found = "has no candidates" if self._ranking is not None else "is missing"
            self._say("Nothing to compare yet", f"A query {found}: search for something above.")
            return
        if self._filled is not self._ranking:
            try:
                self._show(self._rank_of(self._ranking))
            except Exception as problem:  # noqa: BLE001 - a user's reranker may raise anything; it is shown
                self._say("These answers cannot be compared", f"{type(problem).__name__}: {problem}")
                return
            self._filled = self._ranking
        self.children = [self.widget]
        self.mark(self._selection)

    def _show(self, rank: Rank) -> None:
        if self.widget is not None:
            self.widget.load(rank)
            return
        shift = rank(Wish(self._rerankers[:1]))
        self.widget = RankingCompare(shift, rank=rank, rerankers=self._rerankers, **self._pixels)
        self.widget.observe(self._on_selected, names="selected")

    def _on_selected(self, change: Any) -> None:
        if change["new"] and [change["new"]] != self._selection:
            for callback in self._choosers:
                callback(change["new"], False)

    def _say(self, title: str, text: str) -> None:
        self._said.value = (
            f'<div class="vx"><div class="vx-message" role="status"><strong>{escape(title)}</strong>'
            f"<div>{escape(plain(text))}</div></div></div>"
        )
        self.children = [self._said]

    def close(self) -> None:
        """Close what was opened."""
        for part in (self._said, self.widget):
            if part is not None:
                close_below(part)
                part.close()
        close_below(self)
        super().close()
