"""Intervals and curves as numbers for the page's SVG: drawn without a script, printed as they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from videxplore.values.licensing import DiscoveryCurve, DiversityCurve, Estimate
from videxplore.views.describe import plain
from videxplore.views.scorecard.amounts import figure, interval, is_share, significant

WIDTH = 220
"""Of an interval's drawing, in units of its view box."""

_TINY = 1e-12  # rounding, no figure of a report
_LEFT, _RIGHT = 6, WIDTH - 6
_PLOT = {"left": 46, "right": 508, "top": 12, "bottom": 196}


def draw_interval(estimate: Estimate, unit: str, threshold: float | None = None) -> dict[str, Any] | None:
    """Return where an interval lies on its axis; None where there is none, which is said in words.

    Shares have one axis from 0 to 100 %, so that rows can be compared; other figures one from zero to a
    round number beyond all that is drawn.

    Args:
        estimate: what to draw.
        unit: of the figure.
        threshold: what is asked for.
    """
    if not estimate.estimated:
        return None
    ends = [estimate.low, estimate.value, estimate.high, *([] if threshold is None else [threshold])]
    if is_share(unit):
        least, most = 0.0, 1.0
    else:
        least = -round_up(-min(ends)) if min(ends) < 0 else 0.0
        most = round_up(1.05 * max(*ends, 0.0))

    def place(value: float) -> float:
        share = (min(max(value, least), most) - least) / (most - least)
        return round(_LEFT + share * (_RIGHT - _LEFT), 2)

    low, high = place(estimate.low), place(estimate.high)
    ranged = estimate.high > estimate.low
    words = figure(estimate.value, unit)
    if ranged:
        words += f", 95 % interval {interval(estimate, unit)}"
    if threshold is not None:
        words += f", asked for {figure(threshold, unit)}"
    return {
        "ranged": ranged,
        "low": low,
        "width": max(high - low, 2.0),
        "high": high,
        "value": place(estimate.value),
        "threshold": None if threshold is None else place(threshold),
        "share": is_share(unit),
        "least": figure(least, unit) if least else "0",
        "most": "100 %" if is_share(unit) else figure(most, unit),
        "words": words,
        "left": _LEFT,
        "right": _RIGHT,
    }


def round_up(value: float) -> float:
    """Return the next of 1, 2, 2.5, 5, 10 times a power of ten; 1 for zero.

    >>> [round_up(value) for value in (17.4, 0.96, 61, 0)]
    [20.0, 1.0, 100.0, 1.0]
    """
    if value < _TINY:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= value * (1 - 1e-9))


def draw_discovery(curve: DiscoveryCurve) -> dict[str, Any]:
    """Return the topics found by number of sources, with band, up to twice the sample and no farther."""
    drawn = _Axes(curve.sources[-1] * 1.25, np.nanmax([np.nanmax(curve.topics), *_known(curve.high)]))
    banded = bool(np.isfinite(curve.low).any())
    inside = curve.sources <= curve.reference + 1e-9
    beyond = curve.sources >= curve.reference - 1e-9
    return drawn.frame("sources", "topics") | {
        "band": drawn.band(curve.sources, curve.low, curve.high) if banded else "",
        "known": drawn.line(curve.sources[inside], curve.topics[inside]),
        "further": drawn.line(curve.sources[beyond], curve.topics[beyond]),
        "sample": drawn.x(curve.reference),
        "end": drawn.x(curve.sources[-1]),
        "point": drawn.y(float(np.interp(curve.reference, curve.sources, curve.topics))),
        "reference": curve.reference,
        "last": significant(float(curve.sources[-1])),
        "hours": significant(float(curve.hours[-1])),
        "seen": curve.seen,
        "doubled": significant(float(curve.topics[-1])),
        "doubled_low": significant(float(curve.low[-1])),
        "doubled_high": significant(float(curve.high[-1])),
        "banded": banded,
    }


def draw_diversity(curves: Sequence[DiversityCurve]) -> dict[str, Any]:
    """Return effective numbers by number of sources, each with the interval of the whole at its end."""
    most = max(max([*np.asarray(c.value), *_known([c.whole.value, c.whole.high])]) for c in curves)
    drawn = _Axes(float(max(c.sources[-1] for c in curves)) * 1.1, most)
    lines = []
    for place, curve in enumerate(curves):
        whole = curve.whole
        lines.append(
            {
                "name": plain(curve.name),
                "place": place,
                "line": drawn.line(curve.sources, curve.value),
                "dots": [(drawn.x(x), drawn.y(y)) for x, y in zip(curve.sources, curve.value, strict=True)],
                "end": drawn.x(float(curve.sources[-1])),
                "low": drawn.y(whole.low) if whole.estimated else None,
                "high": drawn.y(whole.high) if whole.estimated else None,
                "words": f"{significant(whole.value)}"
                + (
                    f" [{interval(whole, 'effective number')}]"
                    if whole.estimated
                    else f": {plain(whole.reason)}"
                ),
            }
        )
    return drawn.frame("sources", "effective number") | {"lines": lines}


def _known(values: ArrayLike) -> list[float]:
    found = np.asarray(values, np.float64)
    return [float(value) for value in found[np.isfinite(found)]]


class _Axes:
    """Two axes from zero, and what lies between them."""

    def __init__(self, width: float, height: float) -> None:
        self._width = max(float(width), 1.0)
        self._height = round_up(float(height))

    def x(self, value: float) -> float:
        share = float(value) / self._width
        return round(_PLOT["left"] + share * (_PLOT["right"] - _PLOT["left"]), 2)

    def y(self, value: float) -> float:
        share = float(value) / self._height
        return round(_PLOT["bottom"] - share * (_PLOT["bottom"] - _PLOT["top"]), 2)

    def line(self, xs: Sequence[float] | np.ndarray, ys: Sequence[float] | np.ndarray) -> str:
        """Points as an SVG path."""
        points = [f"{self.x(x)} {self.y(y)}" for x, y in zip(xs, ys, strict=True) if math.isfinite(y)]
        return f"M{' L'.join(points)}" if points else ""

    def band(self, xs: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
        """What lies between two curves, as a closed SVG path."""
        some = np.isfinite(low) & np.isfinite(high)
        there = self.line(xs[some], high[some])
        back = self.line(xs[some][::-1], low[some][::-1])
        return f"{there} L{back.removeprefix('M')} Z"

    def frame(self, across: str, up: str) -> dict[str, Any]:
        """Ticks and names of the axes."""
        step = round_up(self._width / 6)
        return _PLOT | {
            "across": across,
            "up": up,
            "xticks": [(self.x(v), significant(v)) for v in np.arange(0, self._width + 1e-9, step)],
            "yticks": [(self.y(v), significant(v)) for v in np.linspace(0, self._height, 5)],
        }
