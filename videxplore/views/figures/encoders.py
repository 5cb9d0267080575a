"""Two encoders side by side: how alike their spaces are against chance, and how that varies over segments."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from videxplore.values.comparisons import EncoderComparison
from videxplore.views.describe import plain
from videxplore.views.figures.style import Drawing, dress, ground, safe
from videxplore.views.tokens import token

_ROWS = {
    "procrustes": "1 − Procrustes residual",
    "cka": "linear CKA",
    "jaccard": "neighbours, Jaccard",
}
_BINS = 20


def encoders_figure(comparison: EncoderComparison, *, theme: str = "light") -> go.Figure:
    """Draw the figures of agreement with their chance levels, and the shared neighbours per segment.

    Args:
        comparison: of two encoders.
        theme: ``"light"`` or ``"dark"``.
    """
    figure = Drawing(make_subplots(cols=2, column_widths=[0.45, 0.55], horizontal_spacing=0.1))
    _add_figures(figure, comparison, theme)
    _add_segments(figure, comparison, theme)
    first, second = (plain(name) for name in comparison.names)
    dimensions = " and ".join(str(card.dimension) for card in comparison.cards)
    caption = (
        f"n = {len(comparison.segment_ids)} segments of level {plain(comparison.level)}, k = {comparison.k}, "
        f"in full dimension ({dimensions}); chance for CKA and Procrustes from shuffled pairs, seed "
        f"{comparison.seed}"
    )
    dress(figure, title=f"How alike are {first} and {second}?", caption=caption, theme=theme, height=345)
    grid = token("grid", theme)
    figure.update_xaxes(gridcolor=grid, zeroline=False, range=[0, 1.12], row=1, col=1)
    words = safe(f"Jaccard@{comparison.k} of a segment")
    figure.update_xaxes(gridcolor=grid, zeroline=False, range=[0, 1], title=words, row=1, col=2)
    figure.update_yaxes(gridcolor=grid, zeroline=False, row=1, col=2, title="segments")
    figure.update_layout(margin_l=170, margin_b=figure.layout.margin.b + 56, bargap=0.5)
    figure.layout.annotations[-1].update(yshift=-62)
    return figure


def _add_figures(figure: go.Figure, comparison: EncoderComparison, theme: str) -> None:
    """What was found as bars, chance as marks."""
    names = [f"{label}@{comparison.k}" if key == "jaccard" else label for key, label in _ROWS.items()]
    found = [_upwards(comparison.figures, key) for key in _ROWS]
    figure.add_trace(
        go.Bar(
            x=found,
            y=names,
            orientation="h",
            marker_color=token("accent", theme),
            name="found",
            text=[f"{value:.2f}" for value in found],
            textposition="outside",
            hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        ),
        1,
        1,
    )
    mark = {"symbol": "line-ns", "size": 26, "line": {"width": 3, "color": token("muted", theme)}}
    figure.add_trace(
        go.Scatter(
            x=[_upwards(comparison.chance, key) for key in _ROWS],
            y=names,
            mode="markers",
            marker=mark,
            name="chance",
            hovertemplate="chance %{x:.3f}<extra></extra>",
        ),
        1,
        1,
    )


def _add_segments(figure: go.Figure, comparison: EncoderComparison, theme: str) -> None:
    """How many segments share how many of their neighbours."""
    counts, edges = np.histogram(comparison.jaccard, bins=_BINS, range=(0, 1))
    figure.add_trace(
        go.Bar(
            x=(edges[1:] + edges[:-1]) / 2,
            y=counts,
            width=1 / _BINS,
            marker={"color": token("accent", theme), "line": {"width": 1, "color": ground(theme)}},
            showlegend=False,
            hovertemplate="Jaccard near %{x:.2f}: %{y} segments<extra></extra>",
        ),
        1,
        2,
    )
    line = {"color": token("muted", theme), "width": 3}
    figure.add_vline(x=comparison.chance["jaccard"], line=line, row=1, col=2)


def _upwards(figures: Mapping[str, float], key: str) -> float:
    """A figure of which more is more alike."""
    value = figures[key]
    return 1 - value if key == "procrustes" else value
