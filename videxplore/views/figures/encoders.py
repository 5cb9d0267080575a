"""Two encoders side by side: how alike their spaces are against chance, and how that varies over segments."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from videxplore.values.reports import EncoderComparison
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
    names = [f"{label}@{comparison.k}" if key == "jaccard" else label for key, label in _ROWS.items()]
    found, chance = (
        [_upwards(values, key) for key in _ROWS] for values in (comparison.figures, comparison.chance)
    )
    strong, weak = token("accent", theme), token("muted", theme)
    figure.add_trace(
        go.Bar(
            x=found,
            y=names,
            orientation="h",
            marker_color=strong,
            name="found",
            text=[f"{value:.2f}" for value in found],
            textposition="outside",
            hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        ),
        1,
        1,
    )
    figure.add_trace(
        go.Scatter(
            x=chance,
            y=names,
            mode="markers",
            marker={"symbol": "line-ns", "size": 26, "line": {"width": 3, "color": weak}},
            name="chance",
            hovertemplate="chance %{x:.3f}<extra></extra>",
        ),
        1,
        1,
    )
    counts, edges = np.histogram(comparison.jaccard, bins=_BINS, range=(0, 1))
    figure.add_trace(
        go.Bar(
            x=(edges[1:] + edges[:-1]) / 2,
            y=counts,
            width=1 / _BINS,
            marker={"color": strong, "line": {"width": 1, "color": ground(theme)}},
            showlegend=False,
            hovertemplate="Jaccard near %{x:.2f}: %{y} segments<extra></extra>",
        ),
        1,
        2,
    )
    figure.add_vline(x=comparison.chance["jaccard"], line={"color": weak, "width": 3}, row=1, col=2)
    first, second = (plain(name) for name in comparison.names)
    caption = (
        f"n = {len(comparison.segment_ids)} segments of level {plain(comparison.level)}, k = {comparison.k}, in full "
        f"dimension ({comparison.cards[0].dimension} and {comparison.cards[1].dimension}); chance for CKA and "
        f"Procrustes from shuffled pairs, seed {comparison.seed}"
    )
    dress(figure, title=f"How alike are {first} and {second}?", caption=caption, theme=theme, height=330)
    grid = token("grid", theme)
    figure.update_xaxes(gridcolor=grid, zeroline=False, range=[0, 1.12], row=1, col=1)
    figure.update_xaxes(
        gridcolor=grid,
        zeroline=False,
        range=[0, 1],
        title=safe(f"Jaccard@{comparison.k} of a segment"),
        row=1,
        col=2,
    )
    figure.update_yaxes(gridcolor=grid, zeroline=False, row=1, col=2, title="segments")
    figure.update_layout(margin_l=170, margin_b=figure.layout.margin.b + 44, bargap=0.5)
    figure.layout.annotations[-1].update(yshift=-52)
    return figure


def _upwards(figures: Mapping[str, float], key: str) -> float:
    """A figure of which more is more alike."""
    value = figures[key]
    return 1 - value if key == "procrustes" else value
