"""Values as self-contained HTML pages: the twins that need neither kernel nor network."""

from __future__ import annotations

import os
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from videxplore.values.comparisons import EncoderComparison
from videxplore.values.rankings import Ranking
from videxplore.values.reports import RankingShift
from videxplore.values.vectors import Projection
from videxplore.views.assets import styles
from videxplore.views.base import Pixels
from videxplore.views.describe import file_name
from videxplore.views.encoder_compare import body_comparison
from videxplore.views.stills import body_ranking, body_shift, environment

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from videxplore.views.tree_timeline import TreeTimeline

_SHARP = "Plotly.setPlotConfig({ plotGlPixelRatio: window.devicePixelRatio || 1 });"
"""As many drawn pixels as the screen has: plotly draws two for one by itself, which takes twice the time of a
frame where there is no graphics card."""


def write_shift(path: str | os.PathLike[str], shift: RankingShift, poster: Pixels | None = None) -> Path:
    """Write the raw ranking beside the others, with posters, lines, signs and reasons."""
    return write_page(path, f"Raw and reranked: {shift.raw.query.text}", body_shift(shift, poster))


def write_ranking(path: str | os.PathLike[str], ranking: Ranking, poster: Pixels | None = None) -> Path:
    """Write one ranking with posters and the share of each modality."""
    return write_page(path, f"Results: {ranking.query.text}", body_ranking(ranking, poster))


def write_projection(path: str | os.PathLike[str], projection: Projection, color: str = "level") -> Path:
    """Write a map that can be zoomed and hovered; plotly's own script is inside the page, once."""
    from videxplore.views.figures.segment_map import map_figure

    return write_figure(path, map_figure(projection, color=color, height=720))


def write_encoders(
    path: str | os.PathLike[str], comparison: EncoderComparison, poster: Pixels | None = None
) -> Path:
    """Write where two encoders disagree, with posters, and what either finds."""
    title = f"Two encoders: {comparison.names[0]} and {comparison.names[1]}"
    return write_page(path, title, body_comparison(comparison, poster))


def write_tree(path: str | os.PathLike[str], shown: TreeTimeline) -> Path:
    """Write what a timeline shows, and close it."""
    try:
        return write_page(path, f"Timeline: {file_name(str(shown.tree.video.path))}", shown.body())
    finally:
        shown.close()


def write_figure(path: str | os.PathLike[str], figure: go.Figure) -> Path:
    """Write a figure of this package as a page that works offline; its title becomes the page's."""
    from plotly.offline import get_plotlyjs

    from videxplore.views.figures.style import CONFIG

    title = unescape(figure.layout.title.text or "Figure")
    bare = type(figure)(figure).update_layout(title=None, margin_t=40)
    drawn = bare.to_html(full_html=False, include_plotlyjs=False, config=CONFIG)
    library = f"<script>{get_plotlyjs()}\n{_SHARP}</script>"
    return write_page(path, title, f'{library}<div class="vx-figure-card">{drawn}</div>')


def write_page(path: str | os.PathLike[str], title: str, body: str) -> Path:
    """Write ``body``, which is HTML made by our templates, under ``title``, which is any text."""
    target = Path(path)
    page = (
        environment()
        .get_template("page.html")
        .render(
            title=title,
            styles=Markup(styles("stills", "page")),  # noqa: S704 - our own style sheet
            body=Markup(body),  # noqa: S704 - came out of templates with autoescape on
        )
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8")
    return target
