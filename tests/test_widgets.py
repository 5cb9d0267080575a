"""Widgets without a browser: traits driven as a front end drives them, messages answered in binary."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import showcase as show
import traitlets
from harness import run_node

from videxplore.errors import QueryError
from videxplore.values.vectors import Projection, Region
from videxplore.views.base import View
from videxplore.views.catalogue import MARKED, Catalogue
from videxplore.views.describe import describe_ranking, plain
from videxplore.views.explorer import ExplorerView
from videxplore.views.finder import Finder
from videxplore.views.player import Player
from videxplore.views.ranking_compare import RankingCompare
from videxplore.views.timeline import Timeline
from videxplore.views.tokens import STATES, STATIC, categories, level_style, tier_of, token

CATALOGUE = Catalogue(show.ROWS)


def listen(widget: View) -> list[tuple[dict, list]]:
    """Record what a widget sends."""
    sent: list[tuple[dict, list]] = []
    widget.send = lambda content, buffers=None: sent.append((content, list(buffers or ())))
    return sent


def ask(widget: View, **content: object) -> None:
    """Deliver a message as the front end sends it."""
    widget._handle_custom_msg(content, [])


def explorer(**options) -> ExplorerView:
    given = {
        "search": lambda asked: show.raw_ranking(),
        "poster": show.poster,
        "clip": lambda _: show.clip(),
    }
    return ExplorerView(CATALOGUE, show.projection(), **(given | options))


# --- tokens ---


def contrast(a: str, b: str) -> float:
    """WCAG 2 contrast ratio of two hexadecimal colours."""

    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["text", "muted", "accent", "error", *STATES])
def test_text_colours_are_readable_on_every_ground(theme, name):
    grounds = [{"light": "#ffffff", "dark": "#111111"}[theme], token("raised", theme), token("sunken", theme)]
    assert min(contrast(token(name, theme), ground) for ground in grounds) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_stand_out_from_the_ground(theme):
    ground = {"light": "#ffffff", "dark": "#111111"}[theme]
    marks = [*categories(theme), *(token(f"level-{i}", theme) for i in range(4))]
    assert min(contrast(mark, ground) for mark in marks) >= 3
    assert contrast(token("on-accent", theme), token("accent", theme)) >= 4.5


def test_states_and_levels_differ_in_more_than_colour():
    assert len({token(f"{state}-symbol") for state in STATES}) == len(STATES)
    styles = [level_style(level) for level in ("moment", "scene", "chapter", "video")]
    assert [s.tier for s in styles] == [0, 1, 2, 3]
    assert len({s.marker for s in styles}) == len({s.glyph for s in styles}) == 4
    assert [s.size for s in styles] == sorted(s.size for s in styles)


def test_tiers_of_levels_named_by_the_user():
    assert [tier_of(level, ("beat", "act", "film")) for level in ("beat", "act", "film", "other")] == [
        0,
        1,
        3,
        0,
    ]


def test_an_unknown_token_is_an_error():
    with pytest.raises(KeyError, match="no design token 'sideways'"):
        token("sideways")


def test_style_sheets_keep_to_their_own_widget():
    for sheet in sorted(STATIC.glob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
        depth, outside = 0, ""
        for character in text:
            depth += {"{": 1, "}": -1}.get(character, 0)
            outside += character if depth == 0 else ""
        for selector in re.split(r"[{},]", outside):
            name = selector.strip()
            if name and not name.startswith("@") and sheet.stem not in ("page", "share", "scorecard"):
                assert ".vx" in name, f"{sheet.name}: {name!r} would style the whole notebook"


# --- messages ---


def test_a_poster_is_answered_in_binary():
    widget = Player(poster=show.poster)
    sent = listen(widget)
    ask(widget, kind="poster", id="abc")
    ((content, buffers),) = sent
    assert content == {"kind": "poster", "id": "abc", "key": "poster:abc", "ok": True, "type": "image/jpeg"}
    assert buffers == [show.poster("abc")]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (None, "no poster here"),
        (lambda _: b"", "no picture"),
        (lambda _: (_ for _ in ()).throw(OSError("gone")), "gone"),
    ],
)
def test_a_missing_poster_is_answered_with_the_reason(source, reason):
    widget = Player(poster=source)
    sent = listen(widget)
    ask(widget, kind="poster", id="abc")
    content, buffers = sent[0]
    assert not content["ok"]
    assert reason in content["reason"]
    assert buffers == []


def test_a_clip_names_its_media_type():
    widget = Player(clip=lambda _: show.clip())
    sent = listen(widget)
    ask(widget, kind="clip", id="abc")
    assert sent[0][0]["type"] == "video/webm"


@pytest.mark.parametrize("widget", [Player, Finder, Timeline])
def test_unknown_arguments_are_refused(widget):
    with pytest.raises(TypeError, match=f"{widget.__name__} has no argument colour"):
        widget(colour="red")


def test_state_holds_no_pixels_and_stays_small():
    whole = explorer()
    whole.query = "a gunshot"
    whole.choose(show.ROWS[9]["segment_id"])
    compare = RankingCompare(show.shift(k=20), poster=show.poster, rank=show.rank)
    for part in (whole._finder, whole._player, whole._tree.shown, compare):
        state = json.dumps(
            {k: v for k, v in part.get_state().items() if not k.startswith(("_esm", "_css", "layout"))}
        )
        assert "base64" not in state
        assert len(state) < 60_000, type(part).__name__
        assert len(str(part._esm)) + len(str(part._css)) < 110_000


# --- descriptions ---


def test_plain_shows_marks_that_would_deceive():
    assert plain("a\u202eb\nc\x07") == "a\\u202eb c "


# --- Catalogue ---


def test_catalogue_gives_the_tree_of_a_segments_video():
    row = show.ROWS[40]
    tree = CATALOGUE.tree_of(row["segment_id"])
    own = [r["segment_id"] for r in show.ROWS if r["video_id"] == row["video_id"]]
    assert sorted(s["id"] for s in tree["segments"]) == sorted(own)
    assert [level["name"] for level in tree["levels"]] == ["video", "chapter", "scene", "moment"]
    assert tree["segments"][0]["parent"] is None


def test_a_player_marks_parts_while_they_are_few():
    many = Catalogue(show.long_film(20 * (MARKED + 1), said="word " * 1000))
    assert many.with_parts("video-0")["parts"] == []
    parts = many.with_parts("scene-3")["parts"]
    assert [part["id"] for part in parts] == [f"moment-{i}" for i in range(60, 80)]
    assert len(many.with_parts("scene-3")["transcript"]) < 700
    few = Catalogue(show.long_film(20 * MARKED))
    assert len(few.with_parts("video-0")["parts"]) == MARKED


def test_catalogue_takes_missing_cells():
    rows = [
        show.ROWS[0]
        | {"parent_id": float("nan"), "transcript": None, "coherence": np.nan, "persistence": None}
    ]
    item = Catalogue(rows)[show.ROWS[0]["segment_id"]]
    assert (item["parent"], item["transcript"], item["coherence"], item["persistence"]) == (
        None,
        "",
        1.0,
        0.0,
    )


# --- Explorer ---


def click(
    view: ExplorerView, event: str, rows: list[tuple[int, int]], box: tuple = (0, 1, 0, 1), held: str = ""
) -> None:
    """Deliver a plotly event as the front end does: (trace, point) pairs, what was drawn, a held key."""
    points = {
        "xs": [0.0] * len(rows), "ys": [0.0] * len(rows),
        "trace_indexes": [t for t, _ in rows], "point_indexes": [p for _, p in rows],
    }  # fmt: skip
    selector = {"type": "box", "selector_state": {"xrange": box[:2], "yrange": box[2:]}}
    data = {
        "event_type": event,
        "points": points,
        "selector": selector if event == "plotly_selected" else None,
        "device_state": {key: key == held for key in ("alt", "ctrl", "meta", "shift")},
    }
    view._map.live.figure.set_state({"_js2py_pointsCallback": data})
    if event == "plotly_selected":
        view._map.glass._handle_custom_msg({"kind": "outline", "box": list(box)}, [])


def test_a_query_answers_and_marks():
    view = explorer()
    view._finder.set_state({"query": "a gunshot in the dark"})
    assert view.query == "a gunshot in the dark"
    assert len(view.hits) == 10
    assert [h["rank"] for h in view._finder._results["hits"]] == list(range(1, 11))
    assert [rank for _, _, rank in view._map.glass._hits] == list(range(1, 11))


def test_a_query_set_in_python_reaches_the_box():
    view = explorer()
    view.query = "rain"
    assert view._finder.query == "rain"
    view.query = ""
    assert view.hits is None
    assert set(view._finder._results) == {"turn", "asked"}


def test_a_failed_search_says_why():
    def refuse(asked):
        raise QueryError("no word of this query is known")

    view = explorer(search=refuse)
    view.query = "zyzzyva"
    first = view._finder._results
    assert first["error"] == "no word of this query is known"
    assert view.hits is None
    view.level = "scene"
    assert view._finder._results != first, "an answer equal to the last one is sent all the same"


def test_a_word_that_a_remark_speaks_of_is_not_named_twice():
    ranking = show.raw_ranking()
    assert describe_ranking(ranking)["query"]["unknown"] == []
    assert describe_ranking(replace(ranking, notes=()))["query"]["unknown"] == ["gunshot"]


def test_a_search_that_breaks_ends_the_waiting_and_is_seen():
    def fail(asked):
        raise OSError("the disk is gone")

    view = explorer(search=fail)
    with pytest.raises(OSError, match="the disk is gone"):
        view.query = "rain"
    assert view._finder._results["error"] == "OSError: the disk is gone"


def test_an_observer_that_breaks_does_not_keep_the_answer_back():
    view = explorer()
    view.observe(lambda change: 1 / 0, names="hits")
    with pytest.raises(ZeroDivisionError):
        view.query = "rain"
    assert len(view._finder._results["hits"]) == 10
    assert len(view._tree.shown._hits) == 10


def test_the_rest_steps_back_behind_the_hits_and_a_choice_shows_its_branch():
    view = explorer()
    view.query = "a gunshot in the dark"
    ranks = {hit.segment_id for hit in view.hits}
    for trace in (view._map.live.figure.data[i] for i in view._map.live._points):
        assert [o == 1 for o in trace.marker.opacity] == [s in ranks for s in trace.customdata]
    chapter = next(row["segment_id"] for row in show.ROWS if row["level"] == "chapter")
    view.choose(chapter)
    parts = sum(row["parent_id"] == chapter for row in show.ROWS)
    whole = {row["segment_id"] for row in show.ROWS if row["parent_id"] == chapter}
    parts += sum(row["parent_id"] in whole for row in show.ROWS)
    assert np.isnan(view._map.live.figure.data[1].x).sum() == parts + 1, "all below, and the video above"
    view.query = ""
    assert {view._map.live.figure.data[i].marker.opacity for i in view._map.live._points} == {1.0}


def test_an_explorer_opens_with_the_tree_of_the_first_video():
    view = explorer()
    assert view._tree.shown._tree["name"] == "night street.mp4"
    assert view.selection == []


def test_a_click_on_the_map_selects_and_plays():
    view = explorer()
    trace = view._map.live._points[-1]
    wanted = view._map.live.figure.data[trace].customdata[3]
    click(view, "plotly_click", [(trace, 3)])
    assert view.selection == [wanted]
    assert view._player.segment_id == wanted
    assert view._player._play == 1
    assert wanted in {s["id"] for s in view._tree.shown._tree["segments"]}


def test_several_are_chosen_one_after_the_other_while_the_first_plays_on():
    view = explorer()
    trace = view._map.live._points[-1]
    first, second, third = view._map.live.figure.data[trace].customdata[:3]
    click(view, "plotly_click", [(trace, 0)])
    view._tree.shown.current_time = 77.0
    for row, held in ((1, "ctrl"), (2, "shift")):
        click(view, "plotly_click", [(trace, row)], held=held)
    assert view.selection == [first, second, third]
    ask(view._tree.shown, kind="add", id=second)
    ask(view._finder, kind="add", id="no segment")
    assert view.selection == [first, third]
    assert (view._player.segment_id, view._tree.shown.current_time) == (first, 77.0), "it plays on"
    ask(view._map.glass, kind="add", id=first)
    assert (view.selection, view._player.segment_id) == ([third], third)
    view.undo()
    assert view.selection == [first, third]
    ask(view._map.glass, kind="add", id=first)
    ask(view._map.glass, kind="add", id=third)
    assert (view.selection, view._player.segment_id) == ([], None)


def test_a_lasso_selects_exactly_what_it_holds_and_is_cleared():
    view = explorer()
    changes = []
    view.observe(lambda change: changes.append(change["new"]), names="selection")
    drawn = show.projection()
    x, y = drawn.xy[drawn.video_ids.index(show.TREES[1].video.video_id)].tolist()
    inside = (abs(drawn.xy - (x, y)) <= 3).all(axis=1)
    wanted = [s for s, held in zip(drawn.segment_ids, inside, strict=True) if held]
    assert 3 < len(wanted) < len(drawn)
    click(view, "plotly_selected", [(view._map.live._points[1], 0)], box=(x + 3, x - 3, y - 3, y + 3))
    assert view.selection == wanted
    assert len(changes) == 1
    assert list(view._map.live.figure.layout.selections) == []
    assert view._player._play == 0, "a selection of many does not start to play"


def test_a_choice_in_the_list_or_the_tree_moves_the_rest():
    view = explorer()
    view.query = "a gunshot"
    hit = view.hits[4]
    ask(view._finder, kind="choose", id=hit.segment_id, play=True)
    assert view.selection == [hit.segment_id]
    assert view._tree.shown._selected == [hit.segment_id]
    other = view._tree.shown._tree["segments"][0]["id"]
    ask(view._tree.shown, kind="choose", id=other, play=True)
    assert view.selection == [other]
    assert view._finder._selected == [other]


def test_choosing_what_is_not_there_changes_nothing():
    view = explorer()
    ask(view._finder, kind="choose", id="nobody", play=True)
    assert view.selection == []
    with pytest.raises(traitlets.TraitError, match="selection must name segments of this library"):
        view.selection = ["nobody"]


def test_level_is_checked():
    with pytest.raises(traitlets.TraitError, match="level must be one of"):
        explorer().level = "century"


def test_the_players_time_is_the_explorers():
    view = explorer()
    view._player.set_state({"current_time": 12.5})
    assert view.current_time == 12.5


def test_the_map_takes_the_theme_of_the_page():
    view = explorer()
    light = view._map.live.figure.data[view._map.live._points[0]].marker.color
    view._finder.set_state({"_dark": True})
    assert (
        view._map.live.figure.data[view._map.live._points[0]].marker.color
        == token("level-3", "dark")
        != light
    )


def points_of(view: ExplorerView) -> list:
    return [view._map.live.figure.data[i] for i in view._map.live._points]


def mapped(**options) -> ExplorerView:
    """An explorer whose map keeps true neighbours: every segment has the first four."""
    view = explorer(**options)
    n = len(show.ROWS)
    neighbours = np.array([[j for j in range(5) if j != i][:4] for i in range(n)], np.int32)
    view.show_map(replace(show.projection(), neighbours=neighbours))
    return view


def test_a_colour_is_checked_and_reaches_the_bar_and_back():
    view = explorer(columns={"Segments": ["duration_s"]}, colors=lambda name: {})
    with pytest.raises(traitlets.TraitError, match=r"color must be one of .*'duration_s'.*'mood'"):
        view.color = "mood"
    assert view.color == "level"
    view.color = "duration_s"
    assert view._map.bar.color == "duration_s"
    view._map.bar.set_state({"color": "video", "names": False, "torn": True})
    assert (view.color, view.names, view.torn) == ("video", False, True)
    assert view._map.bar._key["groups"] == [t.video.path.name for t in show.TREES]


def test_colours_stay_when_the_map_moves_and_the_theme_changes():
    durations = {row["segment_id"]: row["end_s"] - row["start_s"] for row in show.ROWS[1:]}
    view = explorer(columns={"Segments": ["duration_s"]}, colors=lambda name: durations)
    view.color = "duration_s"

    def painted() -> dict:
        return {s: c for t in points_of(view) for s, c in zip(t.customdata, t.marker.color, strict=True)}

    first = painted()
    assert first[show.ROWS[0]["segment_id"]] < 0, "unknown lies below the scale"
    known = sorted(durations, key=durations.__getitem__)
    assert [first[s] for s in known] == sorted(first[s] for s in known)
    order = np.arange(len(show.ROWS))[::-1]
    old = show.projection()
    turned = {
        name: tuple(getattr(old, name)[i] for i in order)
        for name in ("segment_ids", "levels", "parent_ids", "labels", "video_ids")
    }
    view.show_map(
        replace(
            old, xy=-old.xy[order], distortion=old.distortion[order], times_s=old.times_s[order], **turned
        )
    )
    assert painted() == first
    light = points_of(view)[0].marker.colorscale
    view._finder.set_state({"_dark": True})
    assert painted() == first
    assert points_of(view)[0].marker.colorscale != light
    view.color = "level"
    assert points_of(view)[0].marker.color == token("level-3", "dark")


def test_another_theme_sends_no_colour_of_a_point_again():
    n = 5000
    rng = np.random.default_rng(0)
    rows = [show.ROWS[0] | {"segment_id": f"s{i}", "level": "moment", "parent_id": None} for i in range(n)]
    ids = tuple(row["segment_id"] for row in rows)
    xy = rng.normal(size=(n, 2)).astype(np.float32)
    torn = rng.random(n).astype(np.float32)
    many = Projection(xy, ids, ("moment",) * n, (None,) * n, torn, {}, "pca", show.CARD)
    view = ExplorerView(Catalogue(rows), many, search=lambda asked: show.raw_ranking())
    assert points_of(view)[0].type == "scattergl"
    sent = []
    view._map.live.figure._send_update_msg = lambda restyle_data, **_: sent.append(restyle_data)
    view.color = "distortion"
    view._finder.set_state({"_dark": True})
    first, second = sent
    (shades,) = (v for v in first["marker.color"] if isinstance(v, np.ndarray))
    assert shades.nbytes == 4 * n
    assert not any(np.size(v) > 100 for values in second.values() for v in values if v is not None)


def test_scores_colour_the_map_while_there_are_answers():
    view = explorer()
    view.color = "score"
    assert points_of(view)[0].marker.color == token("level-3")
    assert not view._map.bar._scored
    view.query = "a gunshot"
    pool = {c.hit.segment_id for c in view.hits.candidates}
    for trace in points_of(view):
        assert [shade >= 0 for shade in trace.marker.color] == [s in pool for s in trace.customdata]
        assert trace.marker.opacity == 1, "half a colour would be another score"
    view.query = ""
    assert points_of(view)[0].marker.color == token("level-3")


def test_what_the_map_tears_apart_is_drawn_and_counted():
    view = mapped()
    choice = view._map.live._choice
    lines, crosses = view._map.live.figure.data[choice + 1 : choice + 3]
    view.torn = True
    assert "Choose one segment" in view._map.caption.value
    row = len(show.ROWS) - 1
    drawn = view._map.projection
    view.selection = [drawn.segment_ids[row]]
    torn, false = drawn.torn_from(row), drawn.falsely_near(row)
    assert len(torn) > 0
    assert f"{len(torn)} of its 4 true neighbours stand elsewhere." in view._map.caption.value
    assert np.allclose(np.column_stack([lines.x, lines.y])[1::3], drawn.xy[torn])
    assert np.allclose(np.column_stack([crosses.x, crosses.y]), drawn.xy[false])
    view.show_map(replace(drawn, neighbours=None))
    assert len(lines.x) == len(crosses.x) == 0
    assert "keeps no true neighbours" in view._map.caption.value
    view.torn = False
    assert "neighbours to compare" not in view._map.caption.value


def test_names_of_regions_come_and_go():
    view = explorer()

    def written() -> list[str]:
        return [text for text, _, _ in view._map.glass._names]

    assert not view._map.bar._named
    regions = [Region("<b>rain</b>", np.arange(5), (0.0, 0.0)), Region("", np.arange(5), (5.0, 5.0))]
    view.name_regions(regions)
    assert written() == ["<b>rain</b>"], "as text: the browser makes no markup of it"
    view.names = False
    assert written() == []
    view.names = True
    assert len(written()) == 1
    view.show_map(show.projection())
    assert written() == [], "names belong to the map that they were found on"


def test_what_was_set_before_the_first_sight_is_drawn():
    view = explorer()
    sent = listen(view._map.live.figure)
    view.query = "a gunshot"
    view.color = "video"
    view._ipython_display_()
    view._map.live.figure._handle_custom_msg({"kind": "figure"}, [])
    level = sent[-1][0]["facts"]["_widget_data"][view._map.live._points[0]]["marker"]
    assert level["size"] == 19
    assert len(level["colorscale"]) > 9


def test_a_map_bar_without_a_map():
    view = ExplorerView(Catalogue([]), None, search=lambda asked: show.raw_ranking())
    view.color, view.names, view.torn = "distortion", False, True
    assert view._map.bar._empty
    assert view._map.bar._key == {}


def test_an_empty_library_says_what_to_do():
    view = ExplorerView(Catalogue([]), None, search=lambda asked: show.raw_ranking())
    assert view._finder._results == {"empty": True}
    assert "vx.ingest" in view.still()


def test_closing_leaves_no_widget_behind():
    from ipywidgets.widgets.widget import _instances

    view = explorer()
    parts = [
        view,
        view._finder,
        view._player,
        view._tree.shown,
        view._map.bar,
        view._map.glass,
        view._map.live.figure,
        *view._tree._playheads,
    ]
    ids = {part.model_id for part in parts}
    assert ids <= set(_instances)
    view.close()
    assert not ids & set(_instances)


# --- JavaScript ---


def test_pure_functions_of_the_modules(tmp_path):
    run_node(tmp_path, "views_test.mjs", "--test")


def test_modules_never_write_markup():
    for source in STATIC.glob("*.js"):
        text = source.read_text(encoding="utf-8")
        for danger in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "http://",
            "https://",
        ):
            if danger == "http://":
                text = text.replace("http://www.w3.org/2000/svg", "")
            assert danger not in text, f"{source.name} uses {danger}"
