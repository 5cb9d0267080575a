"""Figures as people read them; ``static/amounts.js`` writes amounts alike."""

from __future__ import annotations

import math

from videxplore.values.licensing import Estimate

_LARGE = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_BYTES = ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B"))


def is_share(unit: str) -> bool:
    """Whether a figure of this unit lies between 0 and 1 and is read in percent."""
    return unit.startswith("share")


def figure(value: float, unit: str) -> str:
    """Return one figure, with ``%`` where it is a share and without a unit elsewhere.

    >>> figure(0.8612, "share of hours"), figure(17.42, "topics"), figure(0.0004, "p")
    ('86.1 %', '17.4', '< 0.001')
    """
    if math.isnan(value):
        return "–"
    if is_share(unit):
        return f"{100 * value:.1f} %"
    if unit == "p":
        return "< 0.001" if value < 0.001 else f"{value:.3f}"
    return significant(value)


def interval(estimate: Estimate, unit: str) -> str:
    """Return the two ends of an interval.

    >>> interval(Estimate(0.86, 0.812, 0.903), "share of hours")
    '81.2 to 90.3 %'
    """
    if is_share(unit):
        return f"{100 * estimate.low:.1f} to {figure(estimate.high, unit)}"
    return f"{figure(estimate.low, unit)} to {figure(estimate.high, unit)}"


def significant(value: float) -> str:
    """Return three significant digits without an exponent, large numbers in words.

    >>> [significant(value) for value in (0.01234, 2.5, 444444.0, 1.2e9, math.inf)]
    ['0.0123', '2.5', '444,000', '1.2 billion', 'no bound']
    """
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "no bound"
    if value < 0:
        return f"−{significant(-value)}"
    for size, word in _LARGE:
        if value >= 0.9995 * size:
            return f"{_rounded(value / size)} {word}"
    return _rounded(value)


def length(hours: float) -> str:
    """Return a length of time in the unit that suits it.

    >>> length(1.75), length(0.179), length(0.0008)
    ('1.75 h', '10.7 min', '2.88 s')
    """
    if hours >= 1 or not hours:
        return f"{significant(hours)} h"
    return f"{significant(60 * hours)} min" if hours >= 1 / 60 else f"{significant(3600 * hours)} s"


def amount(value: float, unit: str) -> str:
    """Return an amount of money, time or bytes with its unit.

    >>> amount(1.67e7, "$"), amount(25200, "$/month"), amount(111111, "h"), amount(1.2e15, "B")
    ('$16.7 million', '$25,200 a month', '111,000 h', '1.2 PB')
    """
    if not math.isfinite(value):
        return significant(value)
    if unit.startswith("$"):
        per = {"/month": " a month", "/min": " a minute"}.get(unit[1:], unit[1:])
        return f"{'−' if value < 0 else ''}${significant(abs(value))}{per}"
    if unit == "B":
        size, word = next((pair for pair in _BYTES if abs(value) >= 0.9995 * pair[0]), _BYTES[-1])
        return f"{_rounded(value / size)} {word}"
    return f"{significant(value)} {unit}"


def _rounded(value: float) -> str:
    """Three significant digits, whole numbers grouped, no trailing zeros."""
    text = f"{value:.3g}"
    if "e" in text:
        text = f"{float(text):.0f}" if value >= 1 else f"{float(text):.6f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{int(text):,}" if text.lstrip("-").isdigit() else text
