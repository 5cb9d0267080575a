"""Evaluation reports as figures."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from videxplore.values.reports import EvaluationReport
from videxplore.views.describe import plain
from videxplore.views.figures.style import Drawing, dress, safe
from videxplore.views.tokens import categories, token

_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "star", "cross", "hexagon")


def evaluation_figure(report: EvaluationReport, *, theme: str = "light") -> go.Figure:
    """Draw each system's mean with its 95 % interval, one row per metric.

    Args:
        report: the table of an evaluation.
        theme: ``"light"`` or ``"dark"``.
    """
    figure = Drawing()
    rows: list[Any] = list(report.rows)
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    systems = list(dict.fromkeys(row["system"] for row in rows))
    hues = categories(theme)
    for i, system in enumerate(systems):
        own = [row for row in rows if row["system"] == system]
        shift = (i - (len(systems) - 1) / 2) * min(0.22, 0.8 / max(len(systems), 1))
        figure.add_trace(
            go.Scatter(
                x=[row["mean"] for row in own],
                y=[metrics.index(row["metric"]) + shift for row in own],
                mode="markers",
                name=safe(plain(str(system))),
                marker={"size": 9, "symbol": _SYMBOLS[i % len(_SYMBOLS)], "color": hues[i % len(hues)]},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "thickness": 1.5,
                    "width": 4,
                    "color": hues[i % len(hues)],
                    "array": [row["high"] - row["mean"] for row in own],
                    "arrayminus": [row["mean"] - row["low"] for row in own],
                },
                text=[_hover(row) for row in own],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    queries = sorted({str(row["queries"]) for row in rows})
    asked = ", ".join(queries) or "0"
    noun = "query" if asked == "1" else "queries"
    asked = "" if f"{asked} {noun}" in report.protocol else f"n = {asked} {noun} · "
    caption = f"Mean and 95 % interval clustered by video · {asked}{plain(report.protocol)}"
    dress(figure, title="Evaluation", caption=caption, theme=theme, height=180 + 74 * len(metrics))
    figure.update_layout(margin={"l": 110})
    figure.layout.annotations[-1].update(yshift=-34)
    figure.update_layout(margin_b=figure.layout.margin.b + 24)
    figure.update_xaxes(gridcolor=token("grid", theme), zeroline=False, rangemode="tozero")
    figure.update_yaxes(
        tickvals=list(range(len(metrics))),
        ticktext=[safe(plain(str(m))) for m in metrics],
        showgrid=False,
        zeroline=False,
        range=[len(metrics) - 0.4, -0.6],
        fixedrange=True,
    )
    return figure


def _hover(row: Any) -> str:
    text = f"<b>{safe(plain(str(row['system'])))}</b> {safe(plain(str(row['metric'])))}"
    text += f"<br>{row['mean']:.3f} [{row['low']:.3f}, {row['high']:.3f}], n = {row['queries']}"
    if row.get("delta") is not None:
        text += f"<br>Δ {row['delta']:+.3f}"
    return text
