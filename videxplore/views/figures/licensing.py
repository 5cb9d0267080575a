"""An assessment as a figure: intervals against thresholds, topics found, diversity."""

from __future__ import annotations

import math
import textwrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

from videxplore.values.assessments import Measure, SampleReport
from videxplore.values.licensing import DiscoveryCurve, DiversityCurve
from videxplore.values.media import counted
from videxplore.views.describe import plain
from videxplore.views.figures.style import Drawing, dress, ground, safe
from videxplore.views.scorecard.amounts import figure as shown
from videxplore.views.scorecard.amounts import interval, is_share, significant
from videxplore.views.scorecard.findings import COLORS, light_of, why_not
from videxplore.views.tokens import categories, token

_TOKENS = {"green": "met", "amber": "undecided", "red": "unmet", "none": "muted", "": "accent"}
_SYMBOLS = {"green": "circle", "amber": "triangle-up", "red": "square", "none": "circle-open", "": "diamond"}
_WORDS = COLORS | {"": "nothing is asked"}
_DASHES = ("solid", "dash", "dot")
_ROW, _CURVES = 26, 250


def assessment_figure(report: SampleReport, *, theme: str = "light") -> go.Figure:
    """Draw every share with its interval and what is asked of it, and below how topics and diversity grow.

    A figure without an interval has no bar: the reason stands in its place. Figures that are no shares are
    named in the caption.

    Args:
        report: the assessment.
        theme: ``"light"`` or ``"dark"``.
    """
    shares = [m for m in report.measures if is_share(m.unit)]
    rest = [m for m in report.measures if not is_share(m.unit)]
    curves = [c for c in (report.discovery, report.diversity) if c]
    upper = _ROW * max(len(shares), 1) + 20
    height = upper + (_CURVES + 60 if curves else 0)
    figure = Drawing()
    figure.update_layout(_axes(len(curves), upper / height, bool(shares), theme))
    _draw_shares(figure, report, shares, theme)
    if not report.measures:
        figure.add_annotation(
            text="Nothing was measured.", x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False
        )
    side = 2
    if report.discovery is not None:
        _draw_discovery(figure, report.discovery, side, theme)
        side += 1
    if report.diversity:
        _draw_diversity(figure, report.diversity, side, theme)
    told = "; ".join(f"{plain(m.title)} {_told(report, m).rstrip('.')}" for m in rest)
    check = report.check
    caption = " · ".join(
        part
        for part in (
            f"95 % intervals by source: {counted(check.clips, 'clip')}, {counted(check.sources, 'source')}",
            "the line is what is asked for" if shares else "",
            "topics: dashed beyond the sample, nothing beyond twice of it" if report.discovery else "",
            told,
        )
        if part
    )
    title = f"{plain(report.name)}: {plain(report.verdict.outcome)}"
    dress(figure, title=title, caption=caption, theme=theme, height=height + 170)
    figure.update_layout(margin={"l": 205, "r": 32, "t": 84})
    figure.layout.annotations[-1].update(yshift=-58, xshift=-189)
    figure.update_layout(margin_b=figure.layout.margin.b + 50)
    return figure


def _axes(curves: int, upper: float, shares: bool, theme: str) -> dict[str, Any]:
    """Axes of the intervals above, and of up to two curves side by side below."""
    plain_axis = {"gridcolor": token("grid", theme), "zeroline": False}
    top = 1 - upper + 0.02 if curves else 0.0
    made: dict[str, Any] = {
        "xaxis": plain_axis
        | {"range": [0, 1], "tickformat": ".0%", "dtick": 0.2, "domain": [0, 1], "visible": shares},
        "yaxis": {"domain": [top, 1], "visible": shares, "zeroline": False, "showgrid": False},
    }
    low = [0.0, max(0.0, top - 0.16)]
    for i in range(curves):
        left = 0.0 if i == 0 else 0.56
        right = 1.0 if curves == 1 else left + 0.44
        made[f"xaxis{i + 2}"] = plain_axis | {
            "domain": [left, right],
            "anchor": f"y{i + 2}",
            "rangemode": "tozero",
            "title": {"text": "sources", "font": {"size": 11}},
        }
        made[f"yaxis{i + 2}"] = plain_axis | {
            "domain": low,
            "anchor": f"x{i + 2}",
            "rangemode": "tozero",
            "title": {"font": {"size": 11}},
        }
    return made


def _draw_shares(figure: go.Figure, report: SampleReport, shares: list[Measure], theme: str) -> None:
    """A row per share; one trace per light, so that the legend tells shapes and colours."""
    lights = {m.key: light_of(report, m) for m in shares}
    colors = {key: "" if light is None else light.color for key, light in lights.items()}
    figure.add_trace(
        go.Scatter(x=[None], y=[None], showlegend=False)
    )  # the axes stand without an interval too
    seen = {colors[m.key] for m in shares if m.estimate.estimated}
    for color in (name for name in _WORDS if name in seen):
        own = [(row, m) for row, m in enumerate(shares) if colors[m.key] == color and m.estimate.estimated]
        hue = token(_TOKENS[color], theme)
        figure.add_trace(
            go.Scatter(
                x=[m.estimate.value for _, m in own],
                y=[row for row, _ in own],
                mode="markers",
                name=_WORDS[color],
                marker={"size": 10, "symbol": _SYMBOLS[color], "color": hue},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "thickness": 2,
                    "width": 5,
                    "color": hue,
                    "array": [m.estimate.high - m.estimate.value for _, m in own],
                    "arrayminus": [m.estimate.value - m.estimate.low for _, m in own],
                },
                text=[_hover(report, m) for _, m in own],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    for row, measure in enumerate(shares):
        light = lights[measure.key]
        if light is not None and measure.estimate.estimated:
            line = {"color": token("text", theme), "width": 2}
            ends = {"x0": light.threshold, "x1": light.threshold, "y0": row - 0.42, "y1": row + 0.42}
            figure.add_shape(type="line", line=line, **ends)
        if not measure.estimate.estimated:
            figure.add_annotation(
                x=0, y=row, xanchor="left", showarrow=False, hovertext=_hover(report, measure),
                text=safe(textwrap.shorten(_told(report, measure), 96, placeholder=" …")),
                font={"size": 11, "color": token("muted", theme)},
            )  # fmt: skip
    titles = [safe(textwrap.shorten(plain(m.title), 27, placeholder="…")) for m in shares]
    rows = {"tickvals": list(range(len(shares))), "ticktext": titles, "range": [len(shares) - 0.4, -0.6]}
    figure.update_layout(
        yaxis=rows | {"fixedrange": True, "ticks": "outside", "ticklen": 6, "tickcolor": ground(theme)}
    )


def _draw_discovery(figure: go.Figure, curve: DiscoveryCurve, side: int, theme: str) -> None:
    """Topics by sources, dashed beyond the sample, with the band, up to twice the sample."""
    hue, axes = token("accent", theme), {"xaxis": f"x{side}", "yaxis": f"y{side}", "showlegend": False}
    some = np.isfinite(curve.low)
    if some.any():
        around = np.r_[curve.sources[some], curve.sources[some][::-1]]
        band = np.r_[curve.high[some], curve.low[some][::-1]]
        fill = {"fill": "toself", "fillcolor": hue, "opacity": 0.16, "hoverinfo": "skip"}
        figure.add_trace(go.Scatter(x=around, y=band, mode="lines", line={"width": 0}, **fill, **axes))
    words = [
        f"{significant(s)} sources, {significant(h)} h: {significant(t)} topics"
        + (f" [{significant(a)}, {significant(b)}]" if math.isfinite(a) else "")
        for s, h, t, a, b in zip(curve.sources, curve.hours, curve.topics, curve.low, curve.high, strict=True)
    ]
    inside = curve.sources <= curve.reference + 1e-9
    for part, dash in ((inside, "solid"), (curve.sources >= curve.reference - 1e-9, "dash")):
        figure.add_trace(
            go.Scatter(
                x=curve.sources[part], y=curve.topics[part], mode="lines", line={"color": hue, "dash": dash},
                text=[word for word, kept in zip(words, part, strict=True) if kept],
                hovertemplate="%{text}<extra></extra>", **axes,
            )
        )  # fmt: skip
    figure.add_shape(
        type="line",
        x0=curve.reference,
        x1=curve.reference,
        y0=0,
        y1=1,
        xref=f"x{side}",
        yref=f"y{side} domain",
        line={"color": token("edge", theme), "dash": "dot", "width": 1},
    )
    figure.update_layout({f"yaxis{side}": {"title": {"text": "topics found"}}})


def _draw_diversity(figure: go.Figure, curves: tuple[DiversityCurve, ...], side: int, theme: str) -> None:
    """Effective numbers by sources, with the interval of the whole at the end."""
    hues = categories(theme)
    for i, curve in enumerate(curves):
        whole = curve.whole
        bars = np.zeros((2, len(curve.sources)))
        if whole.estimated:
            bars[:, -1] = max(whole.high - curve.value[-1], 0.0), max(curve.value[-1] - whole.low, 0.0)
        figure.add_trace(
            go.Scatter(
                x=curve.sources, y=curve.value, mode="lines+markers", name=safe(plain(curve.name)),
                xaxis=f"x{side}", yaxis=f"y{side}",
                line={"color": hues[i % len(hues)], "dash": _DASHES[i % len(_DASHES)]},
                error_y={"type": "data", "symmetric": False, "array": bars[0], "arrayminus": bars[1]},
                hovertemplate="%{y:.3g} in %{x} sources",
            )
        )  # fmt: skip
    figure.update_layout({f"yaxis{side}": {"title": {"text": "effective number"}}})


def _told(report: SampleReport, measure: Measure) -> str:
    found, unit = measure.estimate, measure.unit
    value = shown(found.value, unit)
    return f"{value} [{interval(found, unit)}]" if found.estimated else f"{value}: {why_not(report, found)}"


def _hover(report: SampleReport, measure: Measure) -> str:
    found = measure.estimate
    lines = [
        f"<b>{safe(plain(measure.title))}</b>",
        safe(_told(report, measure)),
        f"{counted(found.clips, 'clip')}, {counted(found.sources, 'source')}",
        safe(plain(found.method)),
        *(safe(line) for line in textwrap.wrap(plain(measure.about), 60)),
    ]
    return "<br>".join(line for line in lines if line)
