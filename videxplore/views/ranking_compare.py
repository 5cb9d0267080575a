"""RankingCompare: a raw ranking beside a reranked one, with what moved and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from videxplore.values.reports import RankingShift
from videxplore.views.assets import module, styles
from videxplore.views.base import Pixels, View
from videxplore.views.delivery import Clips
from videxplore.views.describe import describe_shift, plain

Rerank = Callable[[float], RankingShift]
"""A strength in [0, 1] to the comparison at that strength."""


class RankingCompare(View):
    """Two columns of results, lines between the same items, both scores, and the reasons on choice.

    Args:
        shift: the comparison to show.
        poster: segment id to JPEG bytes.
        clip: what makes clips; adds playback to the reasons.
        rerank: strength to comparison; adds the strength slider.
        **traits: ``strength``, ``selected``, ``other``.
    """

    _esm = module("playback", "hover", "ranking_compare")
    _css = styles("playback", "hover", "ranking_compare")

    strength = traitlets.Float(1.0, min=0.0, max=1.0, help="how far to move from raw, 0 to 1").tag(sync=True)
    selected = traitlets.Unicode("", help="id of the segment explained").tag(sync=True)
    other = traitlets.Int(0, min=0, help="which of the other rankings is shown").tag(sync=True)
    _data = traitlets.Dict({}).tag(sync=True)
    _systems = traitlets.List([]).tag(sync=True)
    _live = traitlets.Bool(False).tag(sync=True)
    _error = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        shift: RankingShift,
        *,
        poster: Pixels | None = None,
        clip: Clips | None = None,
        rerank: Rerank | None = None,
        **traits: Any,
    ) -> None:
        self._rerank = rerank
        self.shift = shift
        super().__init__(
            poster=poster,
            clip=clip,
            _live=rerank is not None,
            _systems=[plain(other.system) for other in shift.others],
            **traits,
        )
        self._fill()
        self.observe(self._on_strength, names="strength")
        self.observe(self._fill, names="other")

    @traitlets.validate("other")
    def _check_other(self, proposal: Any) -> int:
        if not 0 <= proposal["value"] < len(self.shift.others):
            raise traitlets.TraitError(
                f"other must be below {len(self.shift.others)}, the number of rankings compared, "
                f"got {proposal['value']}."
            )
        return int(proposal["value"])

    def _fill(self, _: Any = None) -> None:
        self._data = describe_shift(self.shift, self.other)

    def _on_strength(self, change: Any) -> None:
        """Rank anew; a failing reranker leaves the last good ranking and its message."""
        if self._rerank is None:
            return
        try:
            self.shift = self._rerank(change["new"])
        except Exception as error:  # noqa: BLE001 - a user's reranker may raise anything; the message is shown
            self._error = plain(f"{type(error).__name__}: {error}")
            return
        self._error = ""
        self._fill()

    def still(self) -> str:
        """The two columns as a table with posters."""
        from videxplore.views.stills import still_shift

        return still_shift(self.shift, self._poster, other=self.other)
