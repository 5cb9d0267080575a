"""Charts as SVG, in the colours of the page: what a lab redraws, and what is left of it without a kernel.

One drawing serves both. Plotly draws the same values where a figure is wanted (``vx.figure``); it cannot
follow the page from light to dark by itself, and cannot be printed without a kernel or a script.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from videxplore.values.charts import Bars, Chart, Cloud, Curves, Grid, two_decimals
from videxplore.views.describe import plain
from videxplore.views.lessons.axes import Axis, linear, logarithmic
from videxplore.views.stills import render

WIDTH, HEIGHT = 640, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 624.0, 12.0, 290.0
_ROW = 22.0
_NAME = 7.0  # pixels of a letter, about

SHAPES = (
    "M-4 0A4 4 0 1 0 4 0A4 4 0 1 0-4 0Z",
    "M0-5L5 0L0 5L-5 0Z",
    "M-4-4H4V4H-4Z",
    "M0-5L5 4H-5Z",
    "M0 5L5-4H-5Z",
    "M-5-1.5H-1.5V-5H1.5V-1.5H5V1.5H1.5V5H-1.5V1.5H-5Z",
    "M-5 0A5 3 0 1 0 5 0A5 3 0 1 0-5 0Z",
    "M-3-5H3L5 0L3 5H-3L-5 0Z",
    "M-2-5H2V5H-2Z",
)
"""Shapes that go with the nine hues, so that colour is never the only sign."""


def draw(chart: Chart) -> str:
    """Return a chart as HTML: title, legend, SVG and caption."""
    data = _CHARTS[type(chart)](chart)
    common = {"title": plain(chart.title), "caption": plain(chart.caption)}
    return render("lesson_chart", chart=_EMPTY | common | data)


_EMPTY: dict[str, Any] = {
    "width": WIDTH, "height": HEIGHT, "x_marks": [], "y_marks": [], "x_word": "", "y_word": "", "lines": [],
    "dots": [], "bars": [], "cells": [], "rules": [], "links": [], "legend": [], "rings": [],
    "top_marks": [], "bare": False, "row": _ROW, "cell": (0, 0), "box": (_LEFT, _TOP, _RIGHT, _BOTTOM),
}  # fmt: skip


def _curves(chart: Curves) -> dict[str, Any]:
    xs = [float(x) for line in chart.lines for x in line.x]
    ys = [float(y) for line in chart.lines for y in line.y if math.isfinite(y)]
    ys += [value for value in (chart.chance, chart.here and chart.here[1]) if value is not None]
    xs += [chart.here[0]] if chart.here else []
    across = (
        logarithmic(xs, _LEFT, _RIGHT, chart.x_ticks)
        if chart.x_log
        else linear(xs, _LEFT, _RIGHT, ticks=chart.x_ticks, count=7)
    )
    up = logarithmic(ys, _BOTTOM, _TOP) if chart.y_log else linear(ys, _BOTTOM, _TOP, fixed=chart.y_range)
    lines, dots, legend = [], [], []
    for i, line in enumerate(chart.lines):
        points = [
            (across.at(x), up.at(y), x, y)
            for x, y in zip(line.x.tolist(), line.y.tolist(), strict=True)
            if math.isfinite(y)
        ]
        path = "M" + "L".join(f"{x:g} {y:g}" for x, y, *_ in points) if points else ""
        lines.append({"hue": i, "path": path, "dashed": line.dashed})
        if not line.dashed and len(points) <= 40:
            said = plain(line.name)
            dots += [
                {"hue": i, "x": x, "y": y, "shape": SHAPES[i], "title": f"{said}: {a:g}, {b:.3g}"}
                for x, y, a, b in points
            ]
        legend.append(_key(i, line.name, dashed=line.dashed))
    rules = [] if chart.chance is None else [_level(up.at(chart.chance), f"chance {chart.chance:.2g}")]
    rings = [{"x": across.at(chart.here[0]), "y": up.at(chart.here[1])}] if chart.here else []
    return _axes(across, up, chart.x, chart.y) | {
        "lines": lines, "dots": dots, "rules": rules, "rings": rings,
        "legend": legend if len(legend) > 1 else [],
    }  # fmt: skip


def _bars(chart: Bars) -> dict[str, Any]:
    left = min(max((len(name) for name in chart.names), default=0) * _NAME + 16, 260.0)
    bottom = _TOP + _ROW * max(len(chart.names), 1)
    values = [float(v) for v in (*chart.values, *(() if chart.before is None else chart.before))]
    values = [value for value in values if math.isfinite(value)]
    across = linear([0.0, *values], left, _RIGHT - 52, fixed=chart.x_range)
    zero = across.at(min(max(0.0, across.low), across.high))
    bars = []
    for row, (name, value) in enumerate(zip(chart.names, chart.values.tolist(), strict=True)):
        end = across.at(min(max(value, across.low), across.high)) if math.isfinite(value) else zero
        before = None if chart.before is None else float(chart.before[row])
        bars.append({
            "name": plain(name), "y": _TOP + _ROW * row, "x": min(zero, end), "width": abs(end - zero),
            "word": two_decimals(value),
            "before": None if before is None or not math.isfinite(before)
            else across.at(min(max(before, across.low), across.high)),
        })  # fmt: skip
    rules = []
    if chart.chance is not None:
        rules = [{"path": f"M{across.at(chart.chance):g} {_TOP:g}V{bottom:g}", "word": "", "x": 0, "y": 0}]
    legend = [] if chart.before is None else [{"hue": 0, "word": plain(chart.before_name), "kind": "tick"}]
    if chart.chance is not None:
        legend.append({"hue": 0, "word": f"chance {chart.chance:.2g}", "kind": "chance"})
    axes = _axes(across, None, chart.x, "", box=(left, _TOP, _RIGHT - 52, bottom))
    return axes | {"bars": bars, "row": _ROW, "rules": rules, "legend": legend, "height": bottom + 50}


def _grid(chart: Grid) -> dict[str, Any]:
    left = min(max((len(name) for name in chart.rows), default=0) * _NAME + (36 if chart.y else 16), 240.0)
    wide = (_RIGHT - left) / max(len(chart.columns), 1)
    # A few rows of many cells are a timeline: tall enough to be read, and each with its name.
    least = 14.0 if chart.written else min(96.0 / max(len(chart.rows), 1), 24.0)
    high = min(max(wide, least), 34.0)
    top = _TOP + 18
    finite = chart.values[np.isfinite(chart.values)]
    low, most = chart.range or (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    cells = []
    for r, row in enumerate(chart.rows):
        for c, column in enumerate(chart.columns):
            value = float(chart.values[r, c])
            if not math.isfinite(value):
                continue
            share = min(max((value - low) / ((most - low) or 1.0), 0.0), 1.0)
            word = two_decimals(value)
            cells.append({
                "x": round(left + c * wide, 1), "y": round(top + r * high, 1), "share": round(100 * share),
                "word": word if chart.written and wide >= 30 else "",
                "title": f"{plain(row)}, {plain(column)}: {word} {plain(chart.unit)}".strip(),
            })  # fmt: skip
    bottom = top + high * len(chart.rows)
    every = max(1, math.ceil(46 / wide))
    return {
        "cells": cells, "cell": (round(wide - 1.5, 1), round(high - 1.5, 1)), "height": bottom + 32,
        "box": (left, top, _RIGHT, bottom), "x_word": plain(chart.x), "y_word": plain(chart.y),
        "top_marks": [
            (round(left + (c + 0.5) * wide, 1), plain(name))
            for c, name in enumerate(chart.columns) if c % every == 0
        ],
        "y_marks": [
            (round(top + (r + 0.5) * high, 1), plain(name))
            for r, name in enumerate(chart.rows) if high >= 11 or r % max(1, math.ceil(11 / high)) == 0
        ],
        "bare": True,
    }  # fmt: skip


def _cloud(chart: Cloud) -> dict[str, Any]:
    across, up = _plane(chart)
    kinds = list(dict.fromkeys(chart.groups))
    if len(kinds) > len(SHAPES):
        raise ValueError(f"Cloud.groups may name {len(SHAPES)} different ones, got {len(kinds)}.")
    labels = chart.labels or chart.groups
    places = [(across.at(x), up.at(y)) for x, y in chart.xy.tolist()]
    dots = [
        {
            "hue": kinds.index(group),
            "x": x,
            "y": y,
            "shape": SHAPES[kinds.index(group)],
            "title": plain(label),
        }
        for (x, y), group, label in zip(places, chart.groups, labels, strict=True)
    ]
    links = "".join("M{:g} {:g}L{:g} {:g}".format(*places[a], *places[b]) for a, b in chart.links)
    box = {"x_marks": [], "y_marks": [], "bare": True} if not chart.x else {}
    return _axes(across, up, chart.x, chart.y) | box | {
        "dots": dots, "links": [links] if links else [],
        "rings": [{"x": places[i][0], "y": places[i][1]} for i in chart.chosen],
        "legend": [_key(i, kind, dot=True) for i, kind in enumerate(kinds)] if len(kinds) > 1 else [],
    }  # fmt: skip


def _plane(chart: Cloud) -> tuple[Axis, Axis]:
    """Both axes; for a square one the shorter range is widened to the shape of the box."""
    low, high = (chart.xy.min(axis=0), chart.xy.max(axis=0)) if len(chart.xy) else (np.zeros(2), np.ones(2))
    room = np.array([_RIGHT - _LEFT, _BOTTOM - _TOP])
    span = np.maximum(high - low, 1e-9) * 1.06
    if chart.square:
        span = room * (span / room).max()
    middle = (low + high) / 2
    ends = [(float(m - s / 2), float(m + s / 2)) for m, s in zip(middle, span, strict=True)]
    return linear([], _LEFT, _RIGHT, fixed=ends[0]), linear([], _BOTTOM, _TOP, fixed=ends[1])


def _axes(
    across: Axis, up: Axis | None, x: str, y: str, box: Sequence[float] = (_LEFT, _TOP, _RIGHT, _BOTTOM)
) -> dict[str, Any]:
    """Ticks and words of both axes."""
    return {
        "x_marks": across.marks(), "y_marks": up.marks() if up else [], "x_word": plain(x),
        "y_word": plain(y), "box": box, "height": box[3] + 50,
    }  # fmt: skip


def _key(hue: int, word: str, *, dashed: bool = False, dot: bool = False) -> dict[str, Any]:
    kind = "dot" if dot else "dashed" if dashed else "line"
    return {"hue": hue, "word": plain(word), "kind": kind, "shape": SHAPES[hue]}


def _level(y: float, word: str) -> dict[str, Any]:
    """A dotted line from left to right."""
    return {"path": f"M{_LEFT:g} {y:g}H{_RIGHT:g}", "word": word, "x": _RIGHT, "y": y - 4}


_CHARTS: dict[type, Any] = {Curves: _curves, Bars: _bars, Grid: _grid, Cloud: _cloud}
