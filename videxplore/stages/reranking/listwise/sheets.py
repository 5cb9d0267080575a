"""Contact sheets: candidates side by side, each with its letter and one line of words burnt in."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

AREA = 448 * 252
"""Pixels of one picture on a sheet, whatever its shape."""

_GAP = 8
_LINE = 28
_LETTER, _WORDS = 40, 17
_PAPER, _INK, _FRAME = (24, 24, 24), (240, 240, 240), (60, 60, 60)
_NARROWEST, _WIDEST = 9 / 16, 16 / 9


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One candidate on a sheet.

    Attributes:
        letter: burnt into the picture.
        picture: uint8 (h, w, 3), or None where there is none.
        caption: one line below the picture, shortened to its width.
    """

    letter: str
    picture: NDArray[np.uint8] | None
    caption: str = ""


def sheets(cells: Sequence[Cell], grid: int) -> list[NDArray[np.uint8]]:
    """Return contact sheets, uint8 (h, w, 3), of at most ``grid`` × ``grid`` cells each.

    All cells of a sheet have one shape, between 9:16 and 16:9, that suits its pictures; a picture keeps
    its own aspect inside.
    """
    size = grid * grid
    return [_sheet(cells[i : i + size], grid) for i in range(0, len(cells), size)]


def letters_on(letters: str, grid: int) -> list[str]:
    """Which letters stand on which sheet.

    >>> letters_on("ABCDEF", 2)
    ['ABCD', 'EF']
    """
    size = grid * grid
    return [letters[i : i + size] for i in range(0, len(letters), size)]


def _sheet(cells: Sequence[Cell], grid: int) -> NDArray[np.uint8]:
    from PIL import Image, ImageDraw

    columns = min(grid, len(cells))
    rows = -(-len(cells) // columns)
    width, height = _cell_size(cells)
    step_x, step_y = width + _GAP, height + _LINE + _GAP
    sheet = Image.new("RGB", (columns * step_x + _GAP, rows * step_y + _GAP), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for i, cell in enumerate(cells):
        left, top = _GAP + i % columns * step_x, _GAP + i // columns * step_y
        pen.rectangle((left, top, left + width - 1, top + height - 1), fill=_FRAME)
        if cell.picture is None:
            pen.text((left + width / 2, top + height / 2), "no picture", _INK, _font(_WORDS), anchor="mm")
        else:
            small = _fit(cell.picture, width, height)
            sheet.paste(small, (left + (width - small.width) // 2, top + (height - small.height) // 2))
        _burn_letter(pen, cell.letter, left, top)
        line = fit_line(cell.caption, width - _LETTER // 2)
        pen.text((left, top + height + _LINE / 2), f"{cell.letter}  {line}", _INK, _font(_WORDS), anchor="lm")
    return np.asarray(sheet)


def _cell_size(cells: Sequence[Cell]) -> tuple[int, int]:
    """Width and height of :data:`AREA` pixels, in the mean shape of the pictures."""
    shapes = [c.picture.shape for c in cells if c.picture is not None]
    aspects = [min(max(w / h, _NARROWEST), _WIDEST) for h, w, _ in shapes] or [_WIDEST]
    aspect = math.exp(math.fsum(map(math.log, aspects)) / len(aspects))
    return round(math.sqrt(AREA * aspect)), round(math.sqrt(AREA / aspect))


def _fit(picture: NDArray[np.uint8], width: int, height: int) -> Image:
    from PIL import Image

    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1)
    return Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS)


def _burn_letter(pen: Any, letter: str, left: int, top: int) -> None:
    side = round(_LETTER * 1.25)
    pen.rectangle((left, top, left + side, top + side), fill=(0, 0, 0), outline=(255, 255, 255), width=2)
    pen.text((left + side / 2, top + side / 2), letter, (255, 255, 255), _font(_LETTER), anchor="mm")


def fit_line(text: str, width: int) -> str:
    """``text`` in at most ``width`` pixels, an ellipsis where something is missing.

    Empty where the font, which comes with Pillow so that a sheet is the same on every machine, lacks a
    character even without its accents: the model is told the words in writing as well.
    """
    text = _without_accents(text)
    if not all(_can_draw(character) for character in set(text)):
        return ""
    font = _font(_WORDS)
    if font.getlength(text) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = font.getlength(text[:middle].rstrip() + "…") <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip() + "…"


_SPELT = str.maketrans({"–": "-", "—": "-", "“": '"', "”": '"', "’": "'", "‘": "'", "ß": "ss", "ø": "o"})


def _without_accents(text: str) -> str:
    spelt = unicodedata.normalize("NFKD", text.replace("…", "\0").translate(_SPELT)).replace("\0", "…")
    return "".join(c for c in spelt if not unicodedata.combining(c))


@lru_cache
def _can_draw(character: str) -> bool:
    font = _font(_WORDS)
    return character.isspace() or bytes(font.getmask(character)) != bytes(font.getmask("\uffff"))


@lru_cache
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)
