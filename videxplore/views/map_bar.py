"""MapBar: what the colours of a map stand for, which levels it shows, what is drawn on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from videxplore.views.assets import module, styles
from videxplore.views.base import View
from videxplore.views.describe import plain
from videxplore.views.figures.paint import COLORS, SHADES, Paint
from videxplore.views.tokens import tier_of

SCORE = "score"
"""The colour that stands for the score of the current answers."""

_WORDS = {
    "region": "dense part",
    "time": "time in the video",
    "distortion": "torn apart",
    SCORE: "score of the query",
    "duration_s": "duration, s",
    "start_s": "start, s",
}
"""What a colour is called where its name would not do."""


class MapBar(View):
    """Asks how the map is to be drawn; whoever owns it draws.

    Args:
        columns: heading to names of columns that the colour can stand for, beside what every map has.
        levels: name and number of points of each level on the map, finest first; none for no map.
        **traits: ``color``, ``levels_shown``, ``names``, ``ranked``, ``torn``.
    """

    _esm = module("map_bar")
    _css = styles("map_bar")

    color = traitlets.Unicode("level", help="what the colour of a point stands for").tag(sync=True)
    levels_shown = traitlets.List(
        traitlets.Unicode(), help="levels whose points are drawn, finest first"
    ).tag(sync=True)
    names = traitlets.Bool(True, help="whether regions are named").tag(sync=True)
    ranked = traitlets.Bool(True, help="whether a line leads through the first answers").tag(sync=True)
    torn = traitlets.Bool(False, help="whether the map's errors about the choice are drawn").tag(sync=True)
    _colors = traitlets.List([]).tag(sync=True)
    _key = traitlets.Dict({}).tag(sync=True)
    _levels = traitlets.List([]).tag(sync=True)
    _scored = traitlets.Bool(False).tag(sync=True)
    _parted = traitlets.Bool(False, help="whether dense parts were found").tag(sync=True)
    _named = traitlets.Bool(False).tag(sync=True)
    _said = traitlets.Unicode("").tag(sync=True)
    _empty = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        columns: Mapping[str, Sequence[str]] | None = None,
        *,
        levels: Sequence[tuple[str, int]] = (),
        **traits: Any,
    ) -> None:
        self.colors: tuple[str, ...] = ()
        """What ``color`` can be."""
        self.levels = tuple(name for name, _ in levels)
        """What ``levels_shown`` can hold."""
        chips = [[name, plain(name), tier_of(name, self.levels), count] for name, count in levels]
        shown = {"levels_shown": list(self.levels)} | traits
        super().__init__(_levels=chips, _empty=not levels, **shown)
        self.offer(columns or {})

    def offer(self, columns: Mapping[str, Sequence[str]]) -> None:
        """Offer these columns, by heading, in place of those before, beside what every map has."""
        offered = {"": [*COLORS, SCORE]} | dict(columns)
        self.colors = tuple(name for names in offered.values() for name in names)
        self._colors = [
            [plain(head), [[name, color_word(name)] for name in names]] for head, names in offered.items()
        ]

    @traitlets.validate("levels_shown")
    def _check_levels(self, proposal: Any) -> list[str]:
        asked = list(proposal["value"])
        if not set(asked) <= set(self.levels) or (self.levels and not asked):
            raise traitlets.TraitError(
                f"levels_shown must be one or more of {self.levels}, got {proposal['value']!r}."
            )
        return [level for level in self.levels if level in asked]

    def explain(self, paint: Paint | None) -> None:
        """Show the key to the colours, None for those of levels."""
        if paint is None:
            self._key = {}
        elif paint.numeric:
            low, high = (format_number(bound) for bound in paint.bounds)
            self._key = {"low": low, "high": high, "shades": SHADES, "note": plain(paint.note)}
        else:
            names, more = paint.groups()
            self._key = {"groups": names, "more": more, "note": plain(paint.note)}


def color_word(name: str) -> str:
    """Return what the colour ``name`` is called.

    >>> color_word("duration_s"), color_word("cut_rate")
    ('duration, s', 'cut rate')
    """
    return _WORDS.get(name, plain(name).replace("_", " "))


def format_number(value: float) -> str:
    """Return a number in at most three digits or, from a hundred on, without decimals.

    >>> format_number(0.01234), format_number(1234.5)
    ('0.0123', '1,234')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
