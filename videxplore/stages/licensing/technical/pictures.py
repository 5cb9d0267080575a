"""All that pictures show: one pass over the looks, figures for each, and the stretches that follow."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.licensing.technical.borders import find_border, find_letterbox
from videxplore.stages.licensing.technical.fields import Fields
from videxplore.stages.licensing.technical.levels import clipped_shares, is_black
from videxplore.stages.licensing.technical.looks import Look, look_through
from videxplore.stages.licensing.technical.marks import Marks
from videxplore.stages.licensing.technical.pace import Pace
from videxplore.stages.licensing.technical.sharpness import measure_blocks, measure_blur, measure_combs
from videxplore.stages.licensing.technical.shrinking import reduce
from videxplore.stages.licensing.technical.stillness import measure_change, seem_equal
from videxplore.stages.licensing.technical.text import find_text
from videxplore.values.media import Span, Video

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_NOWHERE = (np.nan,) * 4
COLUMNS = ("blur", "variation", "blocks", "combed_rows", "combed_columns", "white", "black_pixels", "dark")
"""Figures of a look."""


@dataclass(eq=False)
class Seen:
    """What was seen in the looks.

    Attributes:
        times_s: float64 (n,).
        figures: float64 (n, 8), see :data:`COLUMNS`.
        lost: float64 (n,), share of the picture that lies in borders that stay.
        text: float64 (n, 4), left, top, right and bottom of the widest line of text; nan where there is none.
        changed: bool (n,), whether the shot changed since the look before.
        marks: of something like a logo: span and place.
        judged_s: seconds in which a mark could have been found.
        suspected: spans in which the picture may stand still or be black.
        fields: of pairs of frames, whether they are interlaced.
    """

    times_s: NDArray[np.float64]
    figures: NDArray[np.float64]
    lost: NDArray[np.float64]
    text: NDArray[np.float64]
    changed: NDArray[np.bool_]
    marks: list[tuple[Span, float, float, float, float]]
    judged_s: float
    suspected: list[Span]
    fields: Fields

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        return np.asarray(self.figures[:, COLUMNS.index(name)], np.float64)


def see(video: Video) -> Seen:
    """Look through a video once.

    Raises:
        VideoError: the file cannot be used, or no picture of it decoded.
    """
    eyes = _Eyes()
    for look in look_through(video):
        eyes.take(look)
    return eyes.seen(video.duration_s)


@dataclass
class _Eyes:
    """Takes looks one by one and keeps some twenty numbers of each."""

    _pace: Pace = field(default_factory=Pace)
    _fields: Fields = field(default_factory=Fields)
    _marks: Marks = field(default_factory=Marks)
    _times: list[float] = field(default_factory=list)
    _figures: list[tuple[float, ...]] = field(default_factory=list)
    _borders: list[tuple[float, ...]] = field(default_factory=list)
    _text: list[tuple[float, ...]] = field(default_factory=list)
    _suspected: list[Span] = field(default_factory=list)
    _last: NDArray[np.uint8] | None = None
    _was_dark: bool = False

    def take(self, look: Look) -> None:
        small = reduce(look.luma)
        border = find_border(small, look.floor)
        dark = is_black(small, look.floor)
        if self._last is not None:
            same = seem_equal(measure_change(self._last, small), 4.0)
            if same or dark or self._was_dark:
                self._suspected.append(Span(self._times[-1], max(look.time_s, self._times[-1])))
        self._last, self._was_dark = small, dark
        self._times.append(look.time_s)
        self._figures.append((*_measure(look, border), float(dark)))
        self._borders.append(border or _NOWHERE)
        self._text.append(find_text(small) or _NOWHERE)
        self._pace.push(look.thumbnail, look.time_s)
        if look.after is not None:
            self._fields.push(look.luma, look.after, look.time_s)
        self._marks.push(small, look.thumbnail @ _LUMA, look.time_s)

    def seen(self, end_s: float) -> Seen:
        self._marks.close(max(end_s, self._times[-1]))
        if self._was_dark:
            self._suspected.append(Span(self._times[-1], max(end_s, self._times[-1])))
        return Seen(
            np.array(self._times), np.array(self._figures), find_letterbox(np.array(self._borders)),
            np.array(self._text), self._pace.changes(), self._marks.found, self._marks.judged_s,
            self._suspected, self._fields,
        )  # fmt: skip


def _measure(look: Look, border: tuple[float, float, float, float] | None) -> tuple[float, ...]:
    """The figures that are taken at the picture's own size, within its borders."""
    height, width = look.luma.shape
    shares, sides = border or (0.0,) * 4, (height, height, width, width)
    top, bottom, left, right = (_edge(share, side) for share, side in zip(shares, sides, strict=True))
    inner = np.ascontiguousarray(look.luma[top : height - bottom, left : width - right])
    white, black = clipped_shares(inner, look.floor, look.ceiling)
    return (
        *measure_blur(inner),
        measure_blocks(inner),
        *measure_combs(inner),
        white,
        black if border else 0.0,  # in the dark, borders cannot be told from lost shadows
    )


def _edge(share: float, side: int) -> int:
    """Pixels to cut off for a border, the soft ones at its edge among them."""
    return round(share * side) + 3 if share else 0
