"""MapBar: what the colours of a map stand for, whether regions are named, whether its errors are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from videxplore.views.assets import module, styles
from videxplore.views.base import View
from videxplore.views.describe import plain
from videxplore.views.figures.paint import COLORS, SHADES, Paint

SCORE = "score"
"""The colour that stands for the score of the current answers."""

_WORDS = {
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
        empty: whether there is no map.
        **traits: ``color``, ``names``, ``torn``.
    """

    _esm = module("map_bar")
    _css = styles("map_bar")

    color = traitlets.Unicode("level", help="what the colour of a point stands for").tag(sync=True)
    names = traitlets.Bool(True, help="whether regions are named").tag(sync=True)
    torn = traitlets.Bool(False, help="whether the map's errors about the choice are drawn").tag(sync=True)
    _colors = traitlets.List([]).tag(sync=True)
    _key = traitlets.Dict({}).tag(sync=True)
    _scored = traitlets.Bool(False).tag(sync=True)
    _named = traitlets.Bool(False).tag(sync=True)
    _said = traitlets.Unicode("").tag(sync=True)
    _empty = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self, columns: Mapping[str, Sequence[str]] | None = None, *, empty: bool = False, **traits: Any
    ) -> None:
        offered = {"": [*COLORS, SCORE]} | dict(columns or {})
        self.colors = tuple(name for names in offered.values() for name in names)
        """What ``color`` can be."""
        described = [
            [plain(head), [[name, color_word(name)] for name in names]] for head, names in offered.items()
        ]
        super().__init__(_colors=described, _empty=empty, **traits)

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
