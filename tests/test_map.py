"""The live map: what is drawn of few and of many points, what a lasso holds, and the glass above them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import plotly
import pytest
import showcase as show
import traitlets
from harness import PAGE, SHIM, Mounted, at_rest, becomes, until
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_library import make_record

from videxplore.stages.store.writing import write_video
from videxplore.values.vectors import Projection, Region
from videxplore.views import map_detail, mapping
from videxplore.views.figures.paint import paint_of
from videxplore.views.live_map import LiveMap
from videxplore.views.map_detail import AT_ONCE, DENSE, SAMPLE, bounds_of, density_of, in_outline
from videxplore.views.map_panel import MapPanel
from videxplore.views.mapping import branch_of, edges_between, edges_of, lines_to_draw, path_of
from videxplore.views.player import Player
from videxplore.workbench.display import page
from videxplore.workbench.library import Library
from videxplore.workbench.map_options import column, columns
from videxplore.workbench.project import project


def projection(n: int, videos: int = 1, seed: int = 0) -> Projection:
    """``videos`` videos of scenes of ten moments, scattered; n rows in all."""
    rng = np.random.default_rng(seed)
    levels, parents, of_video, times = [], [], [], []
    for row in range(n):
        video, place = row % videos, row // videos
        of_video.append(f"v{video}")
        scene = max(0, place - 1) // 11
        if place == 0:
            levels.append("video")
            parents.append(None)
            times.append((0.0, 1e6))
        elif (place - 1) % 11 == 0:
            levels.append("scene")
            parents.append(video)
            times.append((scene * 10.0, scene * 10.0 + 10))
        else:
            levels.append("moment")
            parents.append((1 + scene * 11) * videos + video)
            start = scene * 10.0 + (place - 1) % 11 - 1
            times.append((start, start + 1))
    return Projection(
        rng.normal(size=(n, 2)).astype(np.float32),
        tuple(f"s{i}" for i in range(n)),
        tuple(levels),
        tuple(None if p is None else f"s{p}" for p in parents),
        np.full(n, 0.1, np.float32),
        {"trustworthiness@15": 0.9},
        "pca",
        show.CARD,
        video_ids=tuple(of_video),
        times_s=np.array(times),
    )


def panel_of(drawn: Projection | None) -> MapPanel:
    return MapPanel(drawn, films={})


def drawn_ids(panel: MapPanel) -> list[str]:
    live = panel.live
    return [s for i in live._points for s in live.figure.data[i].customdata]


def lasso(panel: MapPanel, selector: dict | None) -> None:
    """Deliver what the front end sends when a box or lasso ends; the points it knows do not matter."""
    points = {"xs": [], "ys": [], "trace_indexes": [], "point_indexes": []}
    told = {"event_type": "plotly_selected", "points": points, "selector": selector}
    panel.live.figure.set_state({"_js2py_pointsCallback": told})
    drawn = (selector or {}).get("selector_state", {})
    if "xrange" in drawn:
        drawn = {"box": [*drawn["xrange"], *drawn["yrange"]]}
    if drawn:
        panel.glass._handle_custom_msg({"kind": "outline", **drawn}, [])


@pytest.fixture(scope="module")
def many() -> MapPanel:
    return panel_of(projection(DENSE + 2_000, videos=40))


@pytest.fixture
def whole(many):
    """The panel of many points, as it opens."""
    many.live.look(None)
    many.mark([], None)
    many.bar.levels_shown = list(many.bar.levels)
    return many


# --- What is drawn of many points ---


def test_of_many_points_a_sample_is_drawn_on_a_density(whole):
    ids = drawn_ids(whole)
    assert len(ids) == len(set(ids)) == SAMPLE
    level = dict(zip(whole.projection.segment_ids, whole.projection.levels, strict=True))
    moments = np.mean([level[s] == "moment" for s in ids])
    assert moments == pytest.approx(whole.projection.levels.count("moment") / len(level), abs=0.03)
    assert len(whole.live.figure.data[0].x) == 0, "lines are drawn where all that they join is"
    heat = whole.live.figure.data[-1]
    assert (heat.type, heat.visible) == ("heatmap", True)
    assert np.asarray(heat.z).shape == map_detail.BINS[::-1]
    assert np.asarray(heat.z).max() == 255


def test_a_map_of_many_points_opens_with_the_sample(many):
    opened = LiveMap(many.projection).figure
    assert sum(len(trace.x) for trace in opened.data if trace.meta) == SAMPLE
    assert opened.data[-1].visible is True


def test_what_is_near_is_drawn_to_the_last_point_and_gives_way_to_the_whole(whole):
    xy = whole.projection.xy
    window = (-0.1, 0.1, -0.1, 0.1)
    whole.live.look(window)
    inside = set(np.flatnonzero(map_detail.in_box(xy, window)))
    assert 0 < len(inside) < AT_ONCE
    drawn = {int(s[1:]) for s in drawn_ids(whole)}
    assert inside <= drawn
    assert len(drawn) <= AT_ONCE
    assert whole.live.figure.data[-1].visible is False
    whole.live.look(None)
    assert len(drawn_ids(whole)) == SAMPLE
    assert whole.live.figure.data[-1].visible is True


def test_the_ground_never_reaches_beyond_the_points(whole):
    """Axes fit themselves to it: it would grow with every look."""
    low, high = whole.projection.xy.min(axis=0), whole.projection.xy.max(axis=0)
    for window in ((-50.0, 50.0, -50.0, 50.0), (-1.0, 3.0, -2.0, 2.0), (80.0, 90.0, 80.0, 90.0)):
        whole.live.look(window)
        heat = whole.live.figure.data[-1]
        across, up = map_detail.BINS
        far = (heat.x0 + heat.dx * (across - 0.5), heat.y0 + heat.dy * (up - 0.5))
        near = (heat.x0 - heat.dx / 2, heat.y0 - heat.dy / 2)
        assert np.all(near >= low - 0.03 * (high - low))
        assert np.all(far <= high + 0.03 * (high - low))


def test_what_stays_in_view_stays_drawn_when_one_comes_closer(whole):
    near = (0.0, 1.0, 0.0, 1.0)
    afar = {s for s in drawn_ids(whole) if map_detail.in_box(whole.projection.xy[[int(s[1:])]], near)[0]}
    whole.live.look(near)
    assert afar
    assert afar <= set(drawn_ids(whole))


def test_choice_and_answers_are_always_drawn(whole):
    moments = [i for i, level in enumerate(whole.projection.levels) if level == "moment"]
    hits = [hit_of(whole.projection, row, rank) for rank, row in enumerate(moments[-5:], 1)]
    chosen = [f"s{row}" for row in moments[:3]]
    whole.mark(chosen, replace(show.raw_ranking(), hits=tuple(hits), candidates=()))
    assert {*chosen, *(hit.segment_id for hit in hits)} <= set(drawn_ids(whole))
    assert [rank for _, _, rank in whole.glass._hits] == [1, 2, 3, 4, 5]
    whole.live.look((50.0, 60.0, 50.0, 60.0))
    assert {*chosen} <= set(drawn_ids(whole)), "also out of sight: a short pan must find them"


def hit_of(drawn: Projection, row: int, rank: int):
    start, end = map(float, drawn.times_s[row])
    one = show.raw_ranking()[0]
    return replace(
        one, rank=rank, segment_id=drawn.segment_ids[row], level=drawn.levels[row], start_s=start, end_s=end
    )


def test_a_look_sends_a_bounded_message(whole):
    sent = []
    whole.live.figure._send_update_msg = lambda restyle_data, **_: sent.append(restyle_data)
    try:
        whole.live.look((-0.35, 0.35, -0.35, 0.35))
        whole.live.look(None)
    finally:
        del whole.live.figure._send_update_msg
    assert len(sent) == 2
    for message in sent:
        counts = [np.size(v) for name in ("x", "y") for v in message[name] if v is not None]
        assert max(counts) <= 3 * AT_ONCE, "edges take three numbers each"
        assert sum(counts) <= 2 * (AT_ONCE + 3 * AT_ONCE)
        assert sum(np.size(ids) for ids in message["customdata"] if np.ndim(ids)) <= AT_ONCE


def test_a_box_and_a_lasso_hold_all_that_is_inside_drawn_or_not(whole):
    held = []
    whole.live.on_select(held.append)
    xy, ids = whole.projection.xy, np.array(whole.projection.segment_ids)
    lasso(whole, {"type": "box", "selector_state": {"xrange": [0.9, -0.5], "yrange": [-1.0, 0.25]}})
    inside = (xy[:, 0] >= -0.5) & (xy[:, 0] <= 0.9) & (xy[:, 1] >= -1.0) & (xy[:, 1] <= 0.25)
    assert held[-1] == ids[inside].tolist()
    assert len(held[-1]) > SAMPLE
    xs, ys = [-1.0, 1.5, 1.2, -0.5], [-1.0, -0.2, 1.5, 1.0]
    lasso(whole, {"type": "lasso", "selector_state": {"xs": xs, "ys": ys}})
    corners = np.column_stack([xs, ys])
    sides = np.roll(corners, -1, axis=0) - corners
    away = xy[:, None, :].astype(float) - corners
    left = sides[:, 0] * away[..., 1] - sides[:, 1] * away[..., 0] > 0
    encircled = left.all(axis=1)  # the outline is convex: left of every side
    assert held[-1] == ids[encircled].tolist()
    assert len(held[-1]) > SAMPLE
    whole.bar.levels_shown = ["scene"]
    lasso(whole, {"type": "lasso", "selector_state": {"xs": xs, "ys": ys}})
    scenes = np.array(whole.projection.levels) == "scene"
    assert held[-1] == ids[encircled & scenes].tolist(), "nobody chooses what is folded away"
    whole.live._selectors.clear()


def test_the_outline_of_a_lasso_and_its_dimming_are_undone():
    panel = panel_of(projection(120))
    figure = panel.live.figure
    sent = []
    figure._send_relayout_msg = lambda changes, **_: sent.append(changes)
    outline = {"type": "rect", "xref": "x", "yref": "y", "x0": 0, "x1": 1, "y0": 0, "y1": 1}
    figure.set_state(
        {"_js2py_relayout": {"relayout_data": {"selections": [outline]}, "source_view_id": None}}
    )
    assert sent[-1] == {"selections": []}
    lasso(panel, {"type": "box", "selector_state": {"xrange": [0, 1], "yrange": [0, 1]}})
    assert {trace.selectedpoints for trace in figure.data} == {None}
    lasso(panel, None)
    assert {trace.selectedpoints for trace in figure.data} == {None}, "plotly tells of its end as well"


@given(
    st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=3, max_size=12),
    st.integers(0, 50),
)
@settings(max_examples=60, deadline=None)
def test_a_closed_line_holds_what_crossings_say_wherever_it_begins(corners, seed):
    points = np.random.default_rng(seed).normal(size=(60, 2))
    xs, ys = map(list, zip(*corners, strict=True))
    first = in_outline(points, xs, ys)
    assert np.array_equal(in_outline(points, xs[1:] + xs[:1], ys[1:] + ys[:1]), first)
    moved = in_outline(points + 10, [x + 10 for x in xs], [y + 10 for y in ys])
    edge = 1e-9
    clear = np.all([np.abs(points[:, 1] - y) > edge for y in ys], axis=0)
    assert (moved == first)[clear].mean() > 0.95


def test_density_counts_by_the_logarithm_and_lies_where_the_points_lie():
    points = np.array([[0.1, 0.1]] * 9 + [[0.9, 0.9]], np.float32)
    found = density_of(points, (0.0, 1.0, 0.0, 1.0))
    (low, high) = sorted(zip(*np.nonzero(found), strict=True))
    across, up = map_detail.BINS
    assert low == (int(0.1 * up), int(0.1 * across))
    assert high == (int(0.9 * up), int(0.9 * across))
    assert found[low] == 255
    assert found[high] == round(255 * np.log(2) / np.log(10))
    assert density_of(points[:0], bounds_of(points)).max() == 0


# --- Levels ---


def test_folding_a_level_hides_its_points_and_leads_lines_past_it():
    panel = panel_of(projection(120, videos=2))
    assert panel.bar.levels_shown == ["moment", "scene", "video"]
    panel.bar.levels_shown = ["moment", "video"]
    drawn = panel.projection
    assert set(drawn_ids(panel)) == {
        s for s, level in zip(drawn.segment_ids, drawn.levels, strict=True) if level != "scene"
    }
    moments = drawn.levels.count("moment")
    assert np.isnan(panel.live.figure.data[0].x).sum() == moments, "a line from every moment to its video"
    panel.fold("scene")
    assert panel.bar.levels_shown == ["scene", "video"]
    panel.show(replace(drawn, xy=-drawn.xy))
    assert not {*drawn_ids(panel)} & {
        s for s, v in zip(drawn.segment_ids, drawn.levels, strict=True) if v == "moment"
    }
    with pytest.raises(ValueError, match=r"level must be one of .*'act'"):
        panel.fold("act")
    for wrong in ([], ["act"]):
        with pytest.raises(traitlets.TraitError, match="levels_shown must be one or more of"):
            panel.bar.levels_shown = wrong


def test_marks_of_folded_levels_go_with_them():
    panel = panel_of(show.projection())
    panel.mark([show.projection().segment_ids[0]], show.raw_ranking())
    assert len(panel.glass._hits) == 10
    assert panel.glass._chosen
    panel.fold("chapter")
    assert panel.glass._hits == []
    panel.bar.levels_shown = ["moment"]
    assert panel.glass._chosen == []
    assert len(panel.live.figure.data[panel.live._choice].x) == 0
    panel.bar.levels_shown = list(panel.bar.levels)
    assert len(panel.glass._hits) == 10


@given(st.lists(st.integers(-1, 30), min_size=1, max_size=31), st.integers(0, 2**31))
@settings(max_examples=80, deadline=None)
def test_lines_lead_to_the_nearest_ancestor_that_is_shown(raw, bits):
    parent = [p if p < i else -1 for i, p in enumerate(raw)]  # a forest: a parent comes first
    edges = np.array([(i, p) for i, p in enumerate(parent) if p >= 0], np.intp).reshape(-1, 2)
    shown = np.array([bool(bits >> i & 1) for i in range(len(raw))])

    def above(i: int) -> int:
        while parent[i] >= 0:
            i = parent[i]
            if shown[i]:
                return i
        return -1

    wanted = {(i, above(i)) for i in range(len(raw)) if shown[i] and above(i) >= 0}
    assert {tuple(map(int, pair)) for pair in edges_between(edges, shown)} == wanted


@given(st.lists(st.integers(0, 5), max_size=60), st.integers(0, 60))
def test_lines_are_left_out_from_the_finest_level_on(raw, most):
    tiers = np.array([5, *raw], np.intp)
    edges = np.array([(i, 0) for i in range(1, len(tiers))], np.intp).reshape(-1, 2)
    with patch.object(mapping, "LINES_AT_ONCE", most):
        drawn = lines_to_draw(edges, tiers)
    left = tiers[drawn[:, 0]]
    assert len(drawn) <= most
    assert np.array_equal(np.sort(left), np.sort(tiers[1:][tiers[1:] >= left.min(initial=6)]))
    coarser = [t for t in range(int(left.min(initial=6))) if t in raw]
    assert not coarser or (tiers[1:] >= max(coarser)).sum() > most, "nothing is left out without need"


def test_a_branch_reaches_up_to_the_video_and_down_to_every_part():
    drawn = show.projection()
    edges = edges_of(drawn)
    scene = drawn.levels.index("scene")
    found = {(drawn.segment_ids[c], drawn.segment_ids[p]) for c, p in branch_of([scene], edges)}
    parent = dict(zip(drawn.segment_ids, drawn.parent_ids, strict=True))
    here = drawn.segment_ids[scene]
    chapter = parent[here]
    parts = {(s, here) for s, p in parent.items() if p == here}
    assert found == parts | {(here, chapter), (chapter, parent[chapter])}
    assert len(branch_of([], edges)) == 0


# --- The glass ---


def test_a_video_runs_through_the_middles_of_its_finest_segments():
    drawn = show.projection()
    video = show.TREES[1].video.video_id
    times, xy = path_of(drawn, video)
    leaves = sorted((s for s in show.TREES[1].segments if s.level == "moment"), key=lambda s: s.start_s)
    assert times.tolist() == [(s.start_s + s.end_s) / 2 for s in leaves]
    at = dict(zip(drawn.segment_ids, drawn.xy, strict=True))
    assert np.array_equal(xy, [at[s.segment_id] for s in leaves])
    assert len(path_of(drawn, "none")[0]) == 0
    assert len(path_of(replace(drawn, times_s=None), video)[0]) == 0


def test_the_playhead_takes_the_path_of_what_is_played():
    drawn = show.projection()
    panel, player = panel_of(drawn), Player()
    panel.follow(player)
    assert panel.glass._path == {}
    player.load({"id": "x", "video": show.TREES[0].video.video_id})
    first = panel.glass._path
    assert (first["video"], len(first["t"])) == (show.TREES[0].video.video_id, 24)
    panel.show(replace(drawn, xy=drawn.xy + 1))
    assert np.allclose(panel.glass._path["x"], np.array(first["x"]) + 1, atol=1e-3)
    player.load(None)
    assert panel.glass._path == {}
    panel.close()
    player.load({"id": "x", "video": show.TREES[0].video.video_id})
    assert panel.glass._path == {}, "a closed map hears nothing any more"


def test_the_glass_tells_facts_and_passes_on_what_is_wanted():
    drawn = show.projection()
    panel = panel_of(drawn)
    sent, chosen = [], []
    panel.glass.send = lambda content, buffers=None: sent.append(content)
    panel.live.on_choose(lambda *what: chosen.append(what))
    last = len(drawn) - 1
    panel.glass._handle_custom_msg({"kind": "facts", "id": drawn.segment_ids[last], "key": "k"}, [])
    assert sent[-1]["lines"] == [
        show.HOSTILE, f"moment · {sent[-1]['lines'][1].split(' · ')[1]}",
        f"{drawn.distortion[last]:.0%} of its neighbours torn apart",
    ]  # fmt: skip
    assert (sent[-1]["key"], sent[-1]["ok"]) == ("k", True)
    panel.glass._handle_custom_msg({"kind": "facts", "id": "nobody", "key": "k"}, [])
    assert sent[-1]["lines"] == []
    panel.glass._handle_custom_msg({"kind": "choose", "id": "s", "play": True}, [])
    assert chosen == [("s", True)]
    panel.glass._handle_custom_msg({"kind": "zoom", "window": [0, 1, 2, 3]}, [])
    axes = panel.live.figure.layout
    assert (axes.xaxis.range, axes.yaxis.range) == ((0, 1), (2, 3))
    panel.glass._handle_custom_msg({"kind": "zoom", "window": []}, [])
    assert axes.xaxis.autorange is True


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_a_map_of_few_segments_takes_everything(n):
    panel = panel_of(projection(n))
    panel.mark([f"s{i}" for i in range(n)][:1], None)
    panel.bar.torn = True
    panel.bar.color = "time"
    panel.show(projection(n)) if n else None
    lasso(panel, {"type": "box", "selector_state": {"xrange": [-9, 9], "yrange": [-9, 9]}}) if n else None
    assert len(drawn_ids(panel)) == n
    assert panel.bar._empty is (n == 0)


# --- Colours ---


def test_parts_of_the_map_and_times_colour_it():
    drawn = show.projection()
    regions = [Region("rain", np.arange(5), (0.0, 0.0)), Region("", np.arange(5, 9), (1.0, 1.0))]
    parts = paint_of(drawn, "region", {}, regions)
    assert parts.values[:10] == (0,) * 5 + (1,) * 4 + (None,)
    assert parts.groups() == (["rain", "part 2"], 0)
    assert paint_of(drawn, "region", {}) is None
    times = paint_of(drawn, "time", {})
    whole = [i for i, level in enumerate(drawn.levels) if level == "video"]
    assert [times.values[i] for i in whole] == [0.5] * 3
    assert 0 <= min(times.values) < 0.2 < 0.8 < max(times.values) <= 1
    panel = panel_of(drawn)
    panel.bar.color = "region"
    assert panel.bar._key == {}, "as long as no part is known, by level"
    panel.name(regions)
    assert panel.bar._key["groups"] == ["rain", "part 2"]
    assert (panel.bar._named, panel.bar._parted) == (True, True)


def test_tags_and_columns_of_a_library_are_offered_as_colours(tmp_path):
    library = Library(tmp_path / "tagged.lance")
    write_video(library.database, make_record("v1"))
    assert "tags" not in columns(library)["Segments"]
    first = library.segments().segment_id[0]
    library.annotate(first, tags=["goal"])
    assert {"tags", "start_s", "duration_s", "persistence"} <= set(columns(library)["Segments"])
    assert not {"segment_id", "path", "level", "transcript"} & set(columns(library)["Segments"])
    panel = MapPanel(
        project(library, method="pca"),
        films={},
        columns=columns(library),
        colors=lambda name: column(library, name).to_dict(),
    )
    panel.bar.color = "tags"
    assert panel.bar._key["groups"] == ["goal"]
    shades = {
        s: shade
        for i in panel.live._points
        for s, shade in zip(
            panel.live.figure.data[i].customdata, panel.live.figure.data[i].marker.color, strict=True
        )
    }
    assert [s for s, shade in shades.items() if shade >= 0] == [first]


# --- In the browser ---

STAGE = """([figure, item]) => {
  const main = document.querySelector("main");
  const plot = document.createElement("div");
  main.className = "vx-map-stage";
  main.style.width = "620px";
  main.append(plot);
  const state = { _item: item, current_time: 0 };
  const listeners = {};
  window.player = {
    get: (name) => state[name],
    set(name, value) { state[name] = value; listeners[`change:${name}`]?.(); },
    on(event, listener) { listeners[event] = listener; },
    off(event) { delete listeners[event]; },
  };
  window.pixels = (places) => {
    const { xaxis, yaxis } = plot._fullLayout;
    const box = plot.getBoundingClientRect();
    const [left, top] = [box.x + xaxis._offset, box.y + yaxis._offset];
    return places.map(([x, y]) => [left + xaxis.l2p(x), top + yaxis.l2p(y)]);
  };
  window.middle = (node) => {
    const box = node.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  return Plotly.newPlot(plot, figure.data, figure.layout);
}"""
PANE = ".vx-map-stage > :last-child { position: absolute; inset: 0; margin: 0; pointer-events: none; }"
MANAGER = "const model = { widget_manager: { get_model: async () => window.player },"
IN_VIEW = """() => {
  const { xaxis, yaxis } = document.querySelector(".js-plotly-plot")._fullLayout;
  return [...xaxis.range, ...yaxis.range];
}"""
TOPMOST = """at => {
  const glass = document.querySelector(".vx-map-glass");
  glass.style.pointerEvents = "auto";
  const found = document.elementFromPoint(...at);
  glass.style.pointerEvents = "";
  return glass.contains(found);
}"""
HEAD_AT = """at => {
  const [x, y] = middle(document.querySelector(".vx-glass-head circle"));
  return Math.hypot(x - at[0], y - at[1]) < 1;
}"""


def staged(tab, panel: MapPanel, item: dict) -> Mounted:
    """The panel's glass over its figure as plotly draws it, without Jupyter; a player's model beside."""
    tab.set_content(PAGE.format(light="true", ground="#ffffff"))
    tab.add_script_tag(content=SHIM.replace("const model = {", MANAGER))
    tab.add_script_tag(path=str(Path(plotly.__file__).parent / "package_data/plotly.min.js"))
    tab.add_style_tag(content=PANE)
    tab.evaluate(STAGE, [json.loads(panel.live.figure.to_json()), item])
    return Mounted(tab, panel.glass, name="glass", width=620, beside=True)


@pytest.mark.browser
def test_a_page_draws_as_many_pixels_as_the_screen_has(tab, tmp_path):
    tab.goto(page(projection(2_400, videos=8), tmp_path / "map.html").as_uri())
    tab.wait_for_selector(".gl-container canvas")
    drawn, shown = tab.evaluate(
        "() => { const c = document.querySelector('.gl-container canvas'); return [c.width, c.clientWidth]; }"
    )
    assert tab.evaluate("devicePixelRatio") == 1
    assert drawn == shown > 300


@pytest.mark.browser
def test_the_glass_above_webgl(tab):
    """Rings, ranks and playhead are where plotly has the points, and above them; keys walk, play, zoom."""
    drawn = projection(2_400, videos=8)
    panel, player = MapPanel(drawn, films={}, poster=show.poster), Player()
    rows = [5, 40, 77]
    hits = tuple(hit_of(drawn, row, rank) for rank, row in enumerate(rows, 1))
    panel.mark([drawn.segment_ids[5]], replace(show.raw_ranking(), hits=hits, candidates=()))
    panel.name([Region("rain & night", np.arange(5), tuple(drawn.xy[5].tolist()))])
    panel.follow(player)
    item = {"id": "x", "video": "v3", "start": 0.0, "end": 1e6}
    player.load(item)
    chosen = []
    panel.live.on_choose(lambda segment_id, play: chosen.append((segment_id, play)))
    mounted = staged(tab, panel, item)
    tab.wait_for_selector(".vx-glass-hit")
    assert tab.locator(".gl-container canvas").count() > 0
    at = tab.evaluate("places => pixels(places)", drawn.xy[rows].astype(float).tolist())
    rings = [ring.evaluate("node => middle(node)") for ring in tab.locator(".vx-glass-hit").all()]
    assert np.abs(np.array(rings) - at).max() < 0.6
    assert tab.evaluate(TOPMOST, at[0])
    assert tab.locator(".vx-glass-rank").all_text_contents() == ["1", "2", "3"]
    assert tab.locator(".vx-glass-name").all_text_contents() == ["rain & night"]
    assert tab.locator(".vx-glass-order").count() == 2
    below = tab.locator(
        ".vx-glass-sheet g:not(.vx-glass-path) > :is(.vx-glass-casing, .vx-glass-order, .vx-glass-hit)"
    )
    drawn_first = below.evaluate_all(
        "nodes => nodes.map(n => n.getAttribute('class').split('-').at(-1)).join(' ')"
    )
    assert drawn_first == "casing casing order order casing casing casing hit hit hit"

    times, xy = path_of(drawn, "v3")
    heard = len(mounted.outbox)
    for k in (0, 7, 90):
        tab.evaluate("t => player.set('current_time', t)", float(times[k]))
        (wanted,) = tab.evaluate("places => pixels(places)", [xy[k].astype(float).tolist()])
        tab.wait_for_function(HEAD_AT, arg=wanted)
    assert len(mounted.outbox) == heard, "no frame goes through the kernel"

    tab.focus(".vx-map-glass")
    tab.keyboard.press("ArrowRight")
    tab.wait_for_selector(".vx-glimpse:popover-open img[src]")
    tab.wait_for_function("document.querySelector('.vx-map-glass [role=status]').textContent")
    tab.keyboard.press("Enter")
    until(tab, lambda: chosen)
    assert chosen == [(drawn.segment_ids[5], True)], "the keyboard begins where the choice is"
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("Enter")
    becomes(tab, lambda: len(chosen), 2)
    assert chosen[1] != chosen[0]
    added, held = [], []
    panel.live.on_add(added.append)
    panel.live.on_select(held.append)
    tab.keyboard.press("Space")
    until(tab, lambda: added)
    assert added == [chosen[1][0]]
    tab.keyboard.press("+")
    until(tab, lambda: panel.live.figure.layout.xaxis.range)
    at_rest(tab)
    focus = drawn.xy[int(chosen[1][0][1:])].tolist()
    assert np.mean(panel.live.figure.layout.xaxis.range) == pytest.approx(focus[0], abs=1e-3)
    assert np.mean(panel.live.figure.layout.yaxis.range) == pytest.approx(focus[1], abs=1e-3)
    middle = {
        f"{axis}axis.range": np.quantile(drawn.xy[:, i], [0.3, 0.7]).tolist() for i, axis in enumerate("xy")
    }
    tab.evaluate("window => Plotly.relayout(document.querySelector('.js-plotly-plot'), window)", middle)
    tab.keyboard.press("a")
    until(tab, lambda: held)
    x, y = drawn.xy.T
    x0, x1, y0, y1 = tab.evaluate(IN_VIEW)
    wanted = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    assert set(held[0]) == {s for s, inside in zip(drawn.segment_ids, wanted, strict=True) if inside}
    assert 3 < len(held[0]) < len(drawn) / 2, "a part of the map"
