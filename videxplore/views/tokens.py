"""Design tokens for figures, read from ``static/tokens.css``: one list serves figures, widgets and pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from videxplore.values.segments import COMPOSITION_LEVEL, LEVELS

STATIC = Path(__file__).parent / "static"
"""Folder of the style sheets, ES modules and page templates."""

THEMES = ("light", "dark")
"""What a token can be asked for."""

STATES = {
    "up": "moved up",
    "down": "moved down",
    "same": "same rank",
    "entered": "entered",
    "left": "left",
}
"""What can become of an item between two rankings, in words for people."""

MODALITY_WORDS = {"visual": "picture", "audio": "sound", "text": "words"}
"""Modalities as users read them."""

_TOKEN = re.compile(r"--vx-([a-z0-9-]+):\s*([^;]+);")
_PAIR = re.compile(r"light-dark\(\s*(#[0-9a-fA-F]{6})\s*,\s*(#[0-9a-fA-F]{6})\s*\)")


@cache
def _read(theme: str) -> dict[str, str]:
    """All tokens of one theme by name, without the ``--vx-`` prefix and quotes."""
    if theme not in THEMES:
        raise ValueError(f"theme must be one of {THEMES}, got {theme!r}.")
    found: dict[str, str] = {}
    for name, text in _TOKEN.findall((STATIC / "tokens.css").read_text(encoding="utf-8")):
        pair = _PAIR.search(text)
        found[name] = pair.group(1 + THEMES.index(theme)) if pair else text.strip().strip('"')
    return found


def token(name: str, theme: str = "light") -> str:
    """Return the value of one token, such as ``token("up")``.

    Raises:
        KeyError: there is no such token.

    >>> token("up-symbol"), token("level-1-marker")
    ('▲', 'diamond')
    """
    try:
        return _read(theme)[name]
    except KeyError:
        raise KeyError(f"no design token {name!r}; see {STATIC / 'tokens.css'}") from None


def categories(theme: str = "light") -> list[str]:
    """Hues for unordered values, most different first."""
    return [token(f"category-{i}", theme) for i in range(9)]


@dataclass(frozen=True, slots=True)
class LevelStyle:
    """How a level looks: three channels say the same, so that colour is never the only sign.

    Attributes:
        tier: 0 for the finest level up to 3 for the whole video.
        color: hexadecimal.
        marker: plotly's symbol name.
        size: marker diameter in pixels.
        glyph: the same shape as a character.
    """

    tier: int
    color: str
    marker: str
    size: int
    glyph: str


def tier_of(level: str, levels: Sequence[str] = LEVELS) -> int:
    """Return the tier of ``level``: its place from the finest, the coarsest of several always being 3.

    >>> tier_of("moment"), tier_of("video"), tier_of("act", ("beat", "act", "film"))
    (0, 3, 1)

    A composition looks like a whole video, and shifts no other level.

    >>> tier_of("composition"), tier_of("moment", ("composition", "moment", "scene", "video"))
    (3, 0)
    """
    if level == COMPOSITION_LEVEL:
        return 3
    levels = [name for name in levels if name != COMPOSITION_LEVEL]
    if level not in levels:
        return 0
    place = list(levels).index(level)
    return 3 if place == len(levels) - 1 and len(levels) > 1 else min(place, 2)


def level_style(level: str, levels: Sequence[str] = LEVELS, theme: str = "light") -> LevelStyle:
    """Return how ``level`` is drawn among ``levels`` (finest first)."""
    tier = tier_of(level, levels)
    return LevelStyle(
        tier,
        token(f"level-{tier}", theme),
        token(f"level-{tier}-marker"),
        int(token(f"level-{tier}-size")),
        token(f"level-{tier}-glyph"),
    )
