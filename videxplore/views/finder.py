"""Finder: a query box, a level picker and the list of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from videxplore.values.rankings import Ranking
from videxplore.values.segments import LEVELS
from videxplore.views.assets import module, styles
from videxplore.views.base import Pixels, View
from videxplore.views.delivery import Clips
from videxplore.views.describe import describe_ranking, plain


class Finder(View):
    """Asks and lists; whoever owns it answers by :meth:`load` when ``query`` or ``level`` changes.

    Args:
        levels: level names, finest first.
        poster: segment id to JPEG bytes.
        clip: what makes clips, for a glimpse of the answer under the pointer.
        empty: whether there is nothing to search.
        **traits: ``query``, ``level``.
    """

    _esm = module("hover", "finder")
    _css = styles("hover", "finder")

    query = traitlets.Unicode("", help="what is looked for").tag(sync=True)
    level = traitlets.Unicode("any", help="level of the answers").tag(sync=True)
    _levels = traitlets.List([]).tag(sync=True)
    _results = traitlets.Dict({}).tag(sync=True)
    _selected = traitlets.List([]).tag(sync=True)
    _dark = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        levels: Sequence[str] = LEVELS,
        *,
        poster: Pixels | None = None,
        clip: Clips | None = None,
        empty: bool = False,
        **traits: Any,
    ) -> None:
        self._order = tuple(levels)
        self._turn = 0
        super().__init__(
            poster=poster, clip=clip, _levels=["any", "auto", *levels], _results={"empty": empty}, **traits
        )

    def load(self, ranking: Ranking | None, error: str = "") -> None:
        """Show answers, or why there are none."""
        if error:
            answers: Mapping[str, Any] = {"error": plain(error)}
        else:
            answers = {} if ranking is None else describe_ranking(ranking, self._order)
        # Counted, since an answer equal to the last would not be sent and the page would wait for ever.
        self._turn += 1
        self._results = {**answers, "turn": self._turn}

    def mark(self, segment_ids: Sequence[str]) -> None:
        """Mark the chosen segments in the list."""
        self._selected = list(segment_ids)
