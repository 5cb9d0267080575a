"""What an archive costs, for the template and for the script that reckons anew."""

from __future__ import annotations

from typing import Any

from videxplore.values.decisions import Costs, Money
from videxplore.views.describe import plain
from videxplore.views.scorecard.amounts import amount

SIZES = (("10 TB", 1e13), ("100 TB", 1e14), ("1 PB", 1e15), ("10 PB", 1e16))
"""Sizes that the page reckons besides the archive's own."""

ROWS = {
    "hours": "Video",
    "minutes": "… in minutes",
    "novel_usable_minutes": "Of use: usable, new, no copy",
    "price": "Licence of all of it",
    "storage_month": "Storage",
    "embedding": "Embedding",
    "embedding_days": "… takes",
    "vectors": "Vectors",
    "per_novel_usable_minute": "A minute of use costs",
    "break_even": "Worth it up to, per minute",
}
"""Figures of :class:`Costs` in the order of the page, with their titles."""

_BY_SIZE = ("hours", "price", "storage_month", "embedding", "embedding_days", "vectors")

NAMES = {
    "bitrate": "Bitrate",
    "price": "Price of a minute",
    "worth": "Worth of a minute of use",
    "storage": "Storage",
    "machine": "A machine",
    "speed": "Speed of a machine",
    "machines": "Machines at a time",
    "vectors": "Vectors of an hour",
    "vector_bytes": "One vector",
}


def archive_bytes(costs: Costs) -> float:
    """Return the size that was reckoned with: hours times bitrate."""
    size = costs.hours.likely * costs.constants["bitrate"].likely * 3.6e9 / 8
    return float(f"{size:.12g}")  # without the last digits that the way back costs


def useful_share(costs: Costs) -> tuple[float, float, float]:
    """Return the share of use that was reckoned with: low, likely, high."""
    use, all_ = costs.novel_usable_minutes, costs.minutes
    return use.low / all_.low, use.likely / all_.likely, use.high / all_.high


def describe_costs(costs: Costs) -> dict[str, Any]:
    """Return rows of results, constants and sizes in words, and the same as numbers for the script."""
    size, share = archive_bytes(costs), useful_share(costs)
    known = {name: _ends(constant) for name, constant in costs.constants.items()}
    return {
        "size": amount(size, "B"),
        "rows": [_row(name, getattr(costs, name)) for name in ROWS],
        "constants": [
            {
                "name": name,
                "title": NAMES.get(name, plain(name)),
                "ends": [f"{end:,g}" for end in known[name]],
                "unit": plain(constant.unit),
                "source": plain(constant.source),
            }
            for name, constant in costs.constants.items()
        ],
        "sizes": [word for word, _ in SIZES],
        "by_size": [
            {"title": ROWS[name], "cells": [_scaled(getattr(costs, name), to / size) for _, to in SIZES]}
            for name in _BY_SIZE
        ],
        "data": {
            "bytes": size,
            "share": [end if end == end else None for end in share],
            "known": known,
            "units": {name: getattr(costs, name).unit for name in ROWS},
            "names": {name: NAMES.get(name, name) for name in known},
        },
    }


def _ends(value: Any) -> tuple[float, float, float]:
    return value.low, value.likely, value.high


def _row(name: str, money: Money) -> dict[str, Any]:
    return {
        "name": name,
        "title": ROWS[name],
        "cells": [amount(end, money.unit) for end in _ends(money)],
        "how": plain(money.how),
    }


def _scaled(money: Money, factor: float) -> dict[str, str]:
    """Everything that grows with the archive does so in proportion."""
    low, likely, high = (amount(end * factor, money.unit) for end in _ends(money))
    return {"likely": likely, "range": f"{low} to {high}"}
