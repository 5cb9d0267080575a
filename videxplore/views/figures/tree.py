"""The segment tree of one video on its time line."""

from __future__ import annotations

import plotly.graph_objects as go

from videxplore.values.media import format_time
from videxplore.values.segments import SegmentTree
from videxplore.views.describe import file_name, plain, time_range
from videxplore.views.figures.style import Drawing, dress, ground, safe
from videxplore.views.tokens import level_style, token

_ROW_PX = 46


def tree_figure(tree: SegmentTree, *, theme: str = "light") -> go.Figure:
    """Draw one bar per segment, a row per level, the whole video on top, and how long boundaries persist.

    Below the bars, a stem per boundary: the taller, the more merging it survives (its persistence).

    Args:
        tree: the segments of one video.
        theme: ``"light"`` or ``"dark"``.
    """
    figure = Drawing()
    rows = list(reversed(tree.levels))
    for row, level in enumerate(rows):
        _add_level(figure, tree, row, level, theme)
    has_stems = _add_boundaries(figure, tree, len(rows), theme)
    stretch = tree.video.duration_s
    caption = f"{len(tree)} segments, {len(tree.boundaries)} boundaries"
    caption += f" · cut by {plain(tree.method)}" if tree.method else ""
    caption += " · stems: how much merging a boundary survives" if has_stems else ""
    dress(
        figure,
        title=f"{file_name(str(tree.video.path))}, {format_time(stretch)}",
        caption=caption,
        theme=theme,
        height=150 + _ROW_PX * (len(rows) + has_stems),
        barmode="overlay",
        bargap=0,
        hovermode="closest",
    )
    figure.update_layout(margin={"l": 76, "b": 58})
    figure.layout.annotations[-1].update(yshift=-30)
    _mark_time(figure, stretch, theme)
    lowest = -len(rows) - (0.6 if has_stems else -0.45)
    figure.update_yaxes(
        tickvals=[-r for r in range(len(rows))],
        ticktext=[safe(plain(level)) for level in rows],
        showgrid=False,
        zeroline=False,
        range=[lowest, 0.5],
        fixedrange=True,
    )
    return figure


def _add_level(figure: go.Figure, tree: SegmentTree, row: int, level: str, theme: str) -> None:
    """Draw one bar per segment of a level."""
    segments = [s for s in tree.segments if s.level == level]
    if not segments:
        return
    style = level_style(level, tree.levels, theme)
    figure.add_trace(
        go.Bar(
            base=[s.start_s for s in segments],
            x=[s.duration_s for s in segments],
            y=[-row] * len(segments),
            orientation="h",
            width=0.78,
            name=f"{style.glyph} {safe(plain(level))}s ({len(segments)})",
            marker={"color": style.color, "opacity": 0.85, "line": {"width": 1.5, "color": ground(theme)}},
            customdata=[s.segment_id for s in segments],
            text=[time_range(s.start_s, s.end_s) for s in segments],
            textposition="none",
            hovertemplate=f"<b>{safe(plain(level))}</b><br>%{{text}}<extra></extra>",
        )
    )


def _mark_time(figure: go.Figure, duration_s: float, theme: str) -> None:
    """Give the time axis round marks."""
    marks = tick_times(duration_s)
    figure.update_xaxes(
        range=[0, duration_s],
        tickvals=marks,
        ticktext=[format_time(t) for t in marks],
        showgrid=False,
        zeroline=False,
        ticks="outside",
        tickcolor=token("line", theme),
        linecolor=token("line", theme),
        showline=True,
    )


def _add_boundaries(figure: go.Figure, tree: SegmentTree, row: int, theme: str) -> bool:
    """Draw stems whose height is the boundary's persistence; returns whether there were any."""
    largest = max((b.persistence for b in tree.boundaries), default=0.0)
    if largest <= 0:
        return False
    floor = -row - 0.45
    xs: list[float | None] = []
    ys: list[float | None] = []
    texts: list[str] = []
    for b in tree.boundaries:
        evidence = "".join(f"<br>{safe(plain(name))} {value:.2f}" for name, value in b.evidence.items())
        words = f"<b>{safe(plain(b.kind))}</b> at {format_time(b.time_s)}"
        words += f"<br>persistence {b.persistence:.2f}{evidence}"
        xs += [b.time_s, b.time_s, None]
        ys += [floor, floor + 0.85 * b.persistence / largest, None]
        texts += [words, words, ""]
    figure.add_trace(
        go.Scatter(
            x=xs,
            y=ys,
            mode="lines",
            name="boundaries",
            line={"width": 1.5, "color": token("muted", theme)},
            text=texts,
            hovertemplate="%{text}<extra></extra>",
        )
    )
    return True


def tick_times(duration_s: float) -> list[float]:
    """Return up to nine round times between 0 and ``duration_s``.

    >>> tick_times(60.0)
    [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
    """
    steps = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
    step = next((s for s in steps if duration_s / s <= 8), duration_s / 8)
    return [float(step * i) for i in range(int(duration_s / step + 1e-9) + 1)]
