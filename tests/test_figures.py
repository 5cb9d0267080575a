"""Figures: what is drawn, how it is labelled, and that hostile names stay text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
import showcase as show
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.values.media import format_time
from videxplore.values.reports import EvaluationReport
from videxplore.values.vectors import Projection, Region
from videxplore.views.figures.reports import evaluation_figure
from videxplore.views.figures.segment_map import SVG_LIMIT, map_figure
from videxplore.views.figures.shift import shift_figure
from videxplore.views.figures.style import ground
from videxplore.views.figures.tree import tick_times, tree_figure
from videxplore.views.mapping import caption_of, edges_of, still_map, titles
from videxplore.views.tokens import STATES, level_style, token


def points_of(figure: go.Figure) -> list:
    return [trace for trace in figure.data if trace.meta]


def captions(figure: go.Figure) -> str:
    return " ".join(note.text for note in figure.layout.annotations).replace("<br>", " ")


def scattered(n: int) -> Projection:
    rng = np.random.default_rng(1)
    ids = tuple(f"s{i}" for i in range(n))
    xy = rng.normal(size=(n, 2)).astype(np.float32)
    return Projection(
        xy,
        ids,
        ("moment",) * n,
        (None,) * n,
        np.zeros(n, np.float32),
        {"trustworthiness@15": 0.9},
        "pca",
        show.CARD,
    )


def test_map_draws_every_segment_once_in_the_style_of_its_level():
    projection = show.projection()
    figure = map_figure(projection)
    drawn = [segment for trace in points_of(figure) for segment in trace.customdata]
    assert sorted(drawn) == sorted(projection.segment_ids)
    for trace in points_of(figure):
        style = level_style(trace.meta)
        assert (trace.marker.symbol, trace.marker.size, trace.marker.color) == (
            style.marker,
            style.size,
            style.color,
        )
        at = dict(zip(projection.segment_ids, projection.xy, strict=True))
        assert np.allclose(np.column_stack([trace.x, trace.y]), [at[s] for s in trace.customdata])
    sizes = [trace.marker.size for trace in points_of(figure)]
    assert sizes == sorted(sizes, reverse=True), "coarse levels are drawn first, below the fine ones"


def test_map_joins_children_with_parents():
    projection = show.projection()
    pairs = edges_of(projection)
    assert len(pairs) == sum(p is not None for p in projection.parent_ids)
    assert all(projection.parent_ids[c] == projection.segment_ids[p] for c, p in pairs)
    lines = map_figure(projection).data[0]
    assert np.isnan(np.asarray(lines.x, float)).sum() == len(pairs)
    assert lines.hoverinfo == "skip"


def test_map_has_equal_axes_without_ticks_and_says_what_it_is():
    figure = map_figure(show.projection())
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.xaxis.visible is False
    assert figure.layout.yaxis.visible is False
    for fact in ("n = 99 segments", "n_neighbors=15", "random_state=42", "trustworthiness@15 0.93"):
        assert fact in captions(figure)


@pytest.mark.parametrize(("n", "kind"), [(SVG_LIMIT - 1, "scatter"), (SVG_LIMIT, "scattergl")])
def test_map_uses_webgl_only_for_many_points(n, kind):
    assert {trace.type for trace in map_figure(scattered(n)).data} == {kind}


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_map_of_few_segments(n):
    projection = scattered(n)
    assert sum(len(trace.customdata) for trace in points_of(map_figure(projection))) == n
    if n:
        assert len(still_map(projection)["points"]) == n


def test_identical_points_draw():
    projection = replace(scattered(5), xy=np.ones((5, 2), np.float32))
    drawn = still_map(projection)
    assert {(p["x"], p["y"]) for p in drawn["points"]} == {("360.0", "220.0")}


@pytest.mark.parametrize("color", ["level", "video", "distortion"])
def test_map_colours(color):
    figure = map_figure(
        show.projection(), color=color, names={t.video.video_id: t.video.path.name for t in show.TREES}
    )
    bars = [trace for trace in points_of(figure) if trace.marker.showscale]
    assert len(bars) == (1 if color == "distortion" else 0)
    if color == "video":
        hues = {hue for trace in points_of(figure) for hue in trace.marker.color}
        assert len(hues) == len(show.TREES)
        legend = [trace.name for trace in figure.data if trace.legend == "legend2"]
        assert legend[:2] == ["night street.mp4", "football match, first leg.mp4"]
        assert "&lt;img" in legend[2]


def test_no_hue_means_two_things():
    projection = scattered(40)
    figure = map_figure(projection, color=[f"group {i % 12}" for i in range(36)] + [None] * 4)
    hues = [hue for trace in points_of(figure) for hue in trace.marker.color]
    legend = [trace.name for trace in figure.data if trace.legend == "legend2"]
    assert legend == [*(f"group {i}" for i in range(9)), "3 more"]
    assert len(set(hues)) == 10
    assert hues.count(token("line")) == 9 + 4


def test_numbers_have_a_scale_that_no_outlier_stretches():
    projection = scattered(100)
    values = np.arange(100.0)
    values[7], values[8] = 1e9, np.nan
    first = next(trace for trace in points_of(map_figure(projection, color=values)) if trace.marker.showscale)
    assert first.marker.cmin < 5
    assert first.marker.cmax < 110
    assert first.marker.opacity[list(first.customdata).index(projection.segment_ids[8])] < 0.5
    by_id = dict(zip(projection.segment_ids, range(100), strict=True))
    assert "colour: value" in captions(map_figure(projection, color=by_id))
    with pytest.raises(ValueError, match="n = 100, got 3"):
        map_figure(projection, color=[1, 2, 3])


def test_scores_of_a_ranking_as_colours():
    ranking = show.shift().raw
    ids = tuple(h.segment_id for h in ranking.hits)
    n = len(ids)
    projection = replace(scattered(n), segment_ids=ids)
    figure = map_figure(projection, color=ranking)
    drawn = {
        i: c for trace in points_of(figure) for i, c in zip(trace.customdata, trace.marker.color, strict=True)
    }
    assert drawn == {h.segment_id: pytest.approx(h.score) for h in ranking.hits}


def test_what_a_map_says_falsely_about_a_point_is_drawn():
    projection = replace(scattered(30), neighbours=np.tile(np.arange(1, 6, dtype=np.int32), (30, 1)))
    figure = map_figure(projection, neighbours_of=projection.segment_ids[0])
    torn = projection.torn_from(0)
    line = next(trace for trace in figure.data if trace.name == f"torn away ({len(torn)})")
    assert len(line.x) == 3 * len(torn)
    false = next(trace for trace in figure.data if (trace.name or "").startswith("near only here"))
    assert len(false.x) == len(projection.falsely_near(0))
    with pytest.raises(ValueError, match="on the map"):
        map_figure(projection, neighbours_of="nobody")


def test_what_lies_on_top_is_drawn_as_the_points_are():
    """WebGL lies above SVG: lines to torn neighbours drawn otherwise would vanish under many points."""
    drawn = scattered(SVG_LIMIT)
    neighbours = (np.arange(len(drawn))[:, None] + np.arange(1, 6)) % len(drawn)
    figure = map_figure(replace(drawn, neighbours=neighbours.astype(np.int32)), neighbours_of="s3")
    assert {trace.type for trace in figure.data} == {"scattergl"}
    assert [trace.meta for trace in figure.data[-3:]] == [None] * 3, "after the points"


def test_names_of_regions_cover_no_other_and_stay_text():
    projection = scattered(30)
    at = tuple(projection.xy[0].astype(float))
    named = [
        Region("<b>rain</b>", np.arange(5), at),
        Region("hidden", np.arange(3), at),
        Region("", np.arange(2), at),
    ]
    figure = map_figure(projection, regions=named)
    texts = [a.text for a in figure.layout.annotations]
    assert "&lt;b&gt;rain&lt;/b&gt;" in texts
    assert "hidden" not in texts


def test_a_doubtful_map_says_so_in_its_caption():
    projection = replace(scattered(30), quality={"trustworthiness@15": 0.5})
    assert "Trustworthiness is 0.50" in captions(map_figure(projection))


def test_map_refuses_an_unknown_colour():
    with pytest.raises(ValueError, match=r"color must be one of .*'mood'"):
        map_figure(show.projection(), color="mood")


def test_a_time_is_not_told_twice():
    projection = show.projection()
    when = titles(projection)[0].split(" · ")[2]
    named = replace(projection, labels=(f"{projection.labels[0]} {when}", *projection.labels[1:]))
    assert titles(named) == titles(projection)


def test_hover_names_place_time_and_distortion():
    projection = show.projection()
    line = titles(projection)[0]
    assert "night street.mp4" in line
    assert "0:00.0–1:36.0" in line
    assert f"{projection.distortion[0]:.0%}" in line


def test_hostile_names_stay_text_in_figures():
    figure = map_figure(
        show.projection(), color="video", names={t.video.video_id: t.video.path.name for t in show.TREES}
    )
    for drawn in (figure, shift_figure(show.shift()), tree_figure(show.TREES[2])):
        html = drawn.to_html(include_plotlyjs=False)
        assert "<img" not in html
        assert "\\u003cimg" not in html, "the name must be escaped for plotly, not only for JSON"
        assert "img src=x onerror" in html


def test_shift_figure_draws_each_item_once_by_state():
    shift = show.shift()
    figure = shift_figure(shift)
    states = [move.state for move in shift.moves[0]]
    for state, word in STATES.items():
        found = [t for t in figure.data if t.name.startswith(f"{token(f'{state}-symbol')} {word}")]
        assert sum(len(t.x) // 3 for t in found) == states.count(state)
    assert "overlap 0.80" in captions(figure)
    best = next(h for h in shift.others[0])
    assert any(
        "<b>1</b> " in (a.text or "") and best.video[7:12] in a.text for a in figure.layout.annotations
    )


def test_shift_figure_of_nothing():
    assert "No results" in captions(shift_figure(show.empty_shift()))


def test_tree_figure_tiles_every_level():
    tree = show.TREES[1]
    figure = tree_figure(tree)
    for trace in [t for t in figure.data if t.type == "bar"]:
        edges = sorted(zip(trace.base, trace.x, strict=True))
        ends = [base + length for base, length in edges]
        assert edges[0][0] == 0
        assert ends[-1] == tree.video.duration_s
        assert np.allclose(ends[:-1], [base for base, _ in edges[1:]])
    stems = next(t for t in figure.data if t.name == "boundaries")
    assert len(stems.x) == 3 * len(tree.boundaries)


def test_tree_figure_without_persistence_has_no_stems():
    bare = replace(show.TREES[0], boundaries=())
    assert all(t.name != "boundaries" for t in tree_figure(bare).data)


@given(st.floats(0.04, 40000))
@settings(max_examples=60, deadline=None)
def test_tick_times_are_few_and_inside(duration):
    times = tick_times(duration)
    assert 1 <= len(times) <= 10
    assert times[0] == 0
    assert times[-1] <= duration + 1e-6
    assert all(format_time(t) for t in times)


def test_evaluation_figure_shows_means_with_intervals():
    rows = tuple(
        {"metric": m, "system": s, "mean": 0.5, "low": 0.4, "high": 0.65, "queries": 30, "delta": 0.1}
        for m in ("ndcg@10", "ap")
        for s in ("raw", "joint")
    )
    figure = evaluation_figure(EvaluationReport(rows, "tIoU ≥ .5"))
    assert [t.name for t in figure.data] == ["raw", "joint"]
    assert np.allclose(figure.data[1].error_x.array, 0.15)
    assert len({t.marker.symbol for t in figure.data}) == 2, "colour is not the only sign"
    assert "n = 30 queries" in captions(figure)


def test_themes_differ_in_ground_and_text():
    light, dark = (map_figure(show.projection(), theme=theme).layout for theme in ("light", "dark"))
    assert light.paper_bgcolor != dark.paper_bgcolor
    assert light.font.color != dark.font.color


def test_plotlys_own_default_makes_every_figure_dark(monkeypatch):
    import plotly.io as pio

    from videxplore.workbench.display import figure

    monkeypatch.setattr(pio.templates, "default", "plotly_dark")
    dark, light = figure(show.projection()), figure(show.projection(), theme="light")
    assert (dark.layout.paper_bgcolor, light.layout.paper_bgcolor) == (ground("dark"), ground("light"))


def test_figures_are_shown_without_logo_and_cloud(monkeypatch):
    import plotly.io as pio

    seen = []
    monkeypatch.setattr(pio, "show", lambda figure, **options: seen.append(options["config"]))
    monkeypatch.setattr(pio.renderers, "default", "json")
    monkeypatch.setattr(pio.renderers, "render_on_display", True)
    for figure in (map_figure(show.projection()), tree_figure(show.TREES[0]), shift_figure(show.shift())):
        figure._ipython_display_()
    assert [config["displaylogo"] for config in seen] == [False] * 3
    assert "sendDataToCloud" not in str(seen)


def test_caption_of_names_the_distortion():
    projection = show.projection()
    assert f"{float(np.mean(projection.distortion)):.2f}" in caption_of(projection)


def test_a_library_colours_its_map_by_its_columns(tmp_path):
    from synthetic_library import make_record

    from videxplore.stages.store.writing import write_video
    from videxplore.workbench.display import figure
    from videxplore.workbench.library import Library
    from videxplore.workbench.project import project

    library = Library(tmp_path / "coloured.lance")
    write_video(library.database, make_record("v1"))
    drawn = project(library, method="pca")
    assert "colour: duration_s" in captions(figure(library, projection=drawn, color="duration_s"))
    with pytest.raises(ValueError, match=r"library\.segments.*'mood'"):
        figure(library, projection=drawn, color="mood")


def test_a_different_card_is_told_in_a_line():
    from videxplore.stages.store.database import describe_difference
    from videxplore.values.vectors import EncoderCard

    one = EncoderCard("a", 300, names=tuple(f"column {i}" for i in range(300)), parameters={"rate": 1})
    two = EncoderCard("a", 301, names=tuple(f"column {i}" for i in range(301)), parameters={"rate": 2})
    told = describe_difference(one, two)
    assert "dimension=300 (given 301)" in told
    assert "rate=1 (given 2)" in told
    assert "names" in told
    assert len(told) < 200
