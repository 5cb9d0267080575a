"""What reranking moved, as a slope figure: the still twin of the comparison widget."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from videxplore.values.reports import RankingShift
from videxplore.views.figures.style import Drawing, dress, safe
from videxplore.views.shifts import describe_shift
from videxplore.views.tokens import STATES, token

_DASH = {"up": "solid", "down": "dash", "same": "dot", "entered": "solid", "left": "solid"}
_ROW_PX = 30


def shift_figure(shift: RankingShift, *, other: int = 0, theme: str = "light") -> go.Figure:
    """Draw a line per item from its raw rank to its new rank, best at the top.

    Items that enter or leave the first k end in a short stub with a sign.

    Args:
        shift: the comparison.
        other: which of ``shift.others``.
        theme: ``"light"`` or ``"dark"``.
    """
    data = describe_shift(shift)
    raw, new = data["columns"][0], data["columns"][other + 1]
    moved = {i: data["items"][i] | move for i, move in new["moves"].items()}
    figure = Drawing()
    for state, word in STATES.items():
        items = [item for item in moved.values() if item["state"] == state]
        if items:
            _add_state(figure, items, state, word, theme)
    longest = max(len(raw["ids"]), len(new["ids"]), 1)
    _add_names(figure, [moved[i] for i in raw["ids"]], "left", theme)
    _add_names(figure, [moved[i] for i in new["ids"]], "right", theme)
    summary = new["summary"]
    caption = (
        f"First {data['k']} of {data['pool']} candidates · overlap {summary['overlap']:.2f} · "
        f"Kendall tau {summary['kendall_tau']:.2f} · RBO {summary['rbo']:.2f}"
    )
    if not moved:
        caption = "No results: nothing to compare."
    dress(
        figure,
        title=f"“{data['query']['text']}”: {raw['system']} → {new['system']}",
        caption=caption,
        theme=theme,
        height=150 + _ROW_PX * longest,
        hovermode="closest",
    )
    figure.update_xaxes(visible=False, range=[-1.15, 2.15], fixedrange=True)
    figure.update_yaxes(visible=False, range=[longest + 0.7, 0.3], fixedrange=True)
    return figure


def _add_state(figure: go.Figure, items: list[dict[str, Any]], state: str, word: str, theme: str) -> None:
    """All lines of one state as one trace, with a sign at the end that the eye follows."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    texts: list[str] = []
    for item in items:
        before, after = item["before"], item["after"]
        ends = ((0.0, before), (1.0, after))
        if before is None:
            ends = ((0.86, after), (1.0, after))
        elif after is None:
            ends = ((0.0, before), (0.14, before))
        xs += [ends[0][0], ends[1][0], None]
        ys += [ends[0][1], ends[1][1], None]
        texts += [_hover(item)] * 2 + [""]
    figure.add_trace(
        go.Scatter(
            x=xs,
            y=ys,
            mode="lines+markers",
            name=f"{token(f'{state}-symbol')} {word} ({len(items)})",
            line={"color": token(state, theme), "width": 2, "dash": _DASH[state]},
            marker={"size": 7, "color": token(state, theme)},
            text=texts,
            hovertemplate="%{text}<extra></extra>",
            connectgaps=False,
        )
    )


def _hover(item: dict[str, Any]) -> str:
    score = "–" if item["score"] is None else f"{item['score']:.2f}"
    reasons = "".join(f"<br>{reason['amount']:+.2f} {safe(reason['text'])}" for reason in item["reasons"])
    return (
        f"<b>{safe(item['name'])}</b><br>{safe(item['level'])} {item['time']}<br>"
        f"score {item['raw_score']:.2f} → {score}{reasons}"
    )


def _add_names(figure: go.Figure, items: list[dict[str, Any]], side: str, theme: str) -> None:
    """Rank, name and time beside one end of the lines, signs on the right."""
    x, anchor = (-0.04, "right") if side == "left" else (1.04, "left")
    for rank, item in enumerate(items, start=1):
        name = safe(item["name"] if len(item["name"]) <= 30 else f"{item['name'][:29]}…")
        words = f"{name}  {item['time']}"
        figure.add_annotation(
            x=x,
            y=rank,
            text=f"{words}  <b>{rank}</b>" if side == "left" else f"<b>{rank}</b> {item['symbol']}  {words}",
            xanchor=anchor,
            yanchor="middle",
            showarrow=False,
            font={"size": 11, "color": token("text", theme)},
        )
