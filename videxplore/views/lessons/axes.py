"""Axes of charts: round ticks, and where a value stands in pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """From values to pixels.

    Attributes:
        low: value at ``first``.
        high: value at ``last``.
        first: in pixels.
        last: in pixels; below ``first`` for an axis that runs upwards.
        ticks: values that are written beside it.
        log: whether equal ratios are equally long.
    """

    low: float
    high: float
    first: float
    last: float
    ticks: tuple[float, ...]
    log: bool = False

    def at(self, value: float) -> float:
        """Where a value stands, in pixels."""
        scale: Callable[[float], float] = math.log if self.log else float
        share = (scale(value) - scale(self.low)) / (scale(self.high) - scale(self.low))
        return round(self.first + share * (self.last - self.first), 1)

    def marks(self) -> list[tuple[float, str]]:
        """Where each tick stands, and what is written there."""
        return [(self.at(tick), tick_word(tick)) for tick in self.ticks]


def tick_word(value: float) -> str:
    """Return a tick as it is written.

    >>> [tick_word(value) for value in (0.25, -2, 1500, 40_000, 2_500_000, 1e10, 0.0)]
    ['0.25', '−2', '1,500', '40 k', '2.5 M', '10 G', '0']
    """
    size = abs(value)
    if size >= 1e9:
        text = f"{size / 1e9:g} G"
    elif size >= 1e6:
        text = f"{size / 1e6:g} M"
    elif size >= 1e4:
        text = f"{size / 1e3:g} k"
    else:
        text = f"{size:,.0f}" if size >= 1000 else f"{size:g}"
    return ("−" if value < 0 else "") + text


def linear(
    values: Sequence[float],
    first: float,
    last: float,
    *,
    fixed: tuple[float, float] | None = None,
    ticks: Sequence[float] = (),
    count: int = 5,
) -> Axis:
    """Return an axis that holds ``values``, with about ``count`` round ticks.

    Args:
        values: finite; may be empty.
        first: pixel of the low end.
        last: pixel of the high end.
        fixed: ends of the axis instead of those that the values need.
        ticks: values to write, instead of round ones.
        count: how many round ones, about.
    """
    low, high = fixed or (min(values, default=0.0), max(values, default=1.0))
    if not high > low:
        low, high = low - 0.5, high + 0.5
    step = _round_step((high - low) / count)
    if fixed is None:
        low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    shown = list(ticks) or [
        round(i * step, 10) for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    ]
    return Axis(low, high, first, last, tuple(tick for tick in shown if low - 1e-9 <= tick <= high + 1e-9))


def logarithmic(values: Sequence[float], first: float, last: float, ticks: Sequence[float] = ()) -> Axis:
    """Return a logarithmic axis that holds ``values``, all above zero."""
    low, high = min(values), max(values)
    if not high > low:
        low, high = low / 2, high * 2
    shown = list(ticks)
    if not shown:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        steps = (1,) if len(powers) > 4 else (1, 2, 5)
        shown = [step * 10.0**power for power in powers for step in steps]
    return Axis(low, high, first, last, tuple(tick for tick in shown if low <= tick <= high), log=True)


def _round_step(rough: float) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rough * (1 - 1e-9))
