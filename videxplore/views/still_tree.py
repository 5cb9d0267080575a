"""The timeline without a kernel: bands, windows and stems drawn, some pictures, the reasons as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from videxplore.values.media import format_time
from videxplore.views.base import Pixels
from videxplore.views.describe import time_range
from videxplore.views.figures.tree import tick_times
from videxplore.views.outline import shares
from videxplore.views.stills import render
from videxplore.views.tokens import token

WIDTH, LABEL = 1000.0, 92.0
"""Width of the drawing and of the words in front of its rows, in its own units."""

_BAND, _STEMS, _GAP = 22.0, 30.0, 4.0
_PICTURES, _TOLD = 12, 200
_NARROW = 1.0


def body_tree(data: Mapping[str, Any], other: Mapping[str, Any], poster: Pixels | None) -> str:
    """Return what :func:`~videxplore.views.outline.outline` says of a tree, windows above it, as HTML.

    Args:
        data: the outline of the tree.
        other: ``name``, ``ids``, ``starts``, ``ends`` and ``shares`` of the windows, or nothing.
        poster: segment id to JPEG bytes.
    """
    rows: list[dict[str, Any]] = []
    top = 0.0
    if other:
        rows.append({"word": other["name"], "tier": "window", "top": top} | _bands(other, data["duration"]))
        top += _BAND + _GAP
    for level in data["levels"]:
        rows.append(
            {"word": level["name"], "tier": level["tier"], "top": top} | _bands(level, data["duration"])
        )
        top += _BAND + _GAP
    return render(
        "still_tree",
        poster,
        data=data,
        rows=rows,
        stems=_stems(data, top),
        marks=[(_x(t, data["duration"]), format_time(t)) for t in tick_times(data["duration"])],
        floor=top + (_STEMS if data["boundaries"] else 0),
        size=(WIDTH, LABEL, _BAND),
        pictures=_pictures(data),
        reasons=_reasons(data),
        left_out=max(0, len(data["boundaries"]) - _TOLD),
    )


def _x(time_s: float, duration_s: float) -> float:
    return round(LABEL + (WIDTH - LABEL) * time_s / duration_s, 2)


def _bands(row: Mapping[str, Any], duration_s: float) -> dict[str, Any]:
    """Rectangles of a row; of those too narrow to be seen the first at each place."""
    boxes: list[dict[str, Any]] = []
    told: Sequence[float] = row.get("shares", ())
    for i, (start, end) in enumerate(zip(row["starts"], row["ends"], strict=True)):
        left, right = _x(start, duration_s), _x(end, duration_s)
        if boxes and right - left < _NARROW and left < boxes[-1]["left"] + _NARROW:
            continue
        share = told[i] if i < len(told) else None
        boxes.append(
            {
                "left": left,
                "width": max(right - left, _NARROW),
                "share": share,
                "time": time_range(start, end),
            }
        )
    return {"boxes": boxes}


def _stems(data: Mapping[str, Any], top: float) -> list[dict[str, Any]]:
    """A stem per boundary, as tall as the boundary persists; of those at one place the tallest."""
    tallest: dict[float, dict[str, Any]] = {}
    for b in data["boundaries"]:
        x = _x(b["time"], data["duration"])
        height = (_STEMS - _GAP) * _reach(b)
        if height > tallest.get(round(x), {"height": 0.0})["height"]:
            tallest[round(x)] = {"x": x, "height": height, "top": top + _STEMS - height, "tier": b["tier"]}
    return list(tallest.values())


def _reach(boundary: Mapping[str, Any]) -> float:
    """Height from 0 to 1 of a boundary's stem, as the widget draws it."""
    persistence: float = boundary["persistence"]
    return 0.5 if boundary["kind"] == "clock" else max(0.15, persistence / (persistence + 0.5))


def _pictures(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A dozen segments at most: those of the finest level with no more, or else of the finest, evenly."""
    levels = data["levels"]
    level = next((one for one in reversed(levels) if 1 < len(one["ids"]) <= _PICTURES), levels[-1])
    count = len(level["ids"])
    chosen = sorted({round(i) for i in np.linspace(0, count - 1, min(count, _PICTURES))})
    return [
        {
            "id": level["ids"][i],
            "level": level["name"],
            "tier": level["tier"],
            "time": time_range(level["starts"][i], level["ends"][i]),
        }
        for i in chosen
    ]


def _reasons(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The boundaries that persist most, in time order, with the share of each signal."""
    most = sorted(data["boundaries"], key=lambda b: -b["persistence"])[:_TOLD]
    return [
        b
        | {
            "shares": ", ".join(f"{word} {share:.0%}" for word, _, share in shares(b, data["signals"])),
            "events": ", ".join(e["word"] for e in data["events"] if b["evidence"].get(e["key"], 0.0) > 0),
            "glyph": token(f"level-{b['tier']}-glyph"),
        }
        for b in sorted(most, key=lambda b: b["time"])
    ]
