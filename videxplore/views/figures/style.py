"""The look that all figures share: ground, type, margins, caption."""

from __future__ import annotations

import textwrap
from html import escape
from typing import Any

import plotly.graph_objects as go

from videxplore.views.tokens import token

FONT = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
"""Type family of figures; widgets take JupyterLab's."""


CONFIG: dict[str, Any] = {
    "displaylogo": False,
    # Named one by one: plotly's default bar offers to send the data to a cloud service.
    "modeBarButtons": [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
}
"""Plotly's settings wherever a figure is shown."""


class Drawing(go.Figure):
    """A plotly figure that a notebook shows with :data:`CONFIG`, which a figure itself cannot carry."""

    def show(self, *args: Any, **options: Any) -> Any:
        """As plotly's, with :data:`CONFIG` unless ``config`` says otherwise."""
        return super().show(*args, **({"config": CONFIG} | options))

    def _ipython_display_(self) -> None:
        import plotly.io as pio

        if pio.renderers.render_on_display and pio.renderers.default:
            self.show()
        else:
            super()._ipython_display_()


def safe(text: str) -> str:
    """Return ``text`` for plotly, which reads a little HTML, and LaTeX between dollar signs.

    >>> safe("<b>$5$</b>")
    '&lt;b&gt;&#36;5&#36;&lt;/b&gt;'
    """
    return escape(text).replace("$", "&#36;")


def dress(
    figure: go.Figure, *, title: str, caption: str = "", theme: str = "light", **layout: Any
) -> go.Figure:
    """Give ``figure`` the shared look and return it.

    Args:
        figure: changed in place.
        title: plain text, what the figure shows.
        caption: plain text under the figure: n, method, figures of quality.
        theme: ``"light"`` or ``"dark"``. Figures bring their own ground: a kernel cannot know the theme of
            the page that will show them.
        **layout: further plotly layout.
    """
    width = 110
    lines = textwrap.wrap(caption, width) if caption else []
    figure.update_layout(
        template="none",
        title={"text": safe(title), "x": 0, "xref": "paper", "xanchor": "left", "font": {"size": 15}},
        font={"family": FONT, "size": 12, "color": token("text", theme)},
        paper_bgcolor=ground(theme),
        plot_bgcolor=ground(theme),
        hoverlabel={
            "bgcolor": token("raised", theme),
            "bordercolor": token("line", theme),
            "font": {"color": token("text", theme), "family": FONT, "size": 12},
            "align": "left",
        },
        margin={"l": 16, "r": 16, "t": 56, "b": 24 + 16 * len(lines)},
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "title": {"text": ""},
        },
        **layout,
    )
    if lines:
        figure.add_annotation(
            text="<br>".join(safe(line) for line in lines),
            x=0,
            xref="paper",
            xanchor="left",
            y=0,
            yref="paper",
            yanchor="top",
            yshift=-12,
            showarrow=False,
            align="left",
            font={"size": 11, "color": token("muted", theme)},
        )
    return figure


def ground(theme: str) -> str:
    """Return the ground colour of a theme: JupyterLab's own."""
    return {"light": "#ffffff", "dark": "#111418"}[theme]


def bare_axes(figure: go.Figure, *, equal: bool = False) -> go.Figure:
    """Remove ticks and lines from axes whose numbers mean nothing."""
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(visible=False, showgrid=False, zeroline=False)
    if equal:
        figure.update_yaxes(scaleanchor="x", scaleratio=1)
    return figure
