"""The timeline of a tree: what it is told, what it asks for, and its life in a real browser."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import showcase as show
import traitlets
from harness import Mounted, at_rest, becomes, open_tab, screenshot_path, slow_kernel, until

from videxplore.stages.evaluation.boundaries import contaminate
from videxplore.stages.segmentation.assemble import assemble_tree
from videxplore.stages.segmentation.segment import cut_by_clock
from videxplore.values.edits import Edit, Recipe
from videxplore.values.segments import Boundary, SegmentTree
from videxplore.views.outline import outline, shares
from videxplore.views.pages import write_tree
from videxplore.views.tree_timeline import TreeTimeline
from videxplore.workbench.timeline import share_of_others
from videxplore.workbench.timeline import timeline as open_timeline

VIDEO = show.TREES[0].video
TARGETS = {"moment": 4.0, "scene": 16.0, "chapter": 48.0}
WEIGHTS = {"picture": 1.0, "sound": 1.5}


OPEN_S = 24.0
"""What the ruler takes for a level without a target."""


class Ruler:
    """Cuts at every multiple of the targets; what it was asked for is kept."""

    def __init__(self, video=VIDEO, fail: Exception | None = None) -> None:
        self.video, self.fail = video, fail
        self.recipes: list[Recipe] = []
        self.edited: list[Edit] = []

    def cut(self, recipe: Recipe) -> SegmentTree:
        self.recipes.append(recipe)
        if self.fail and len(self.recipes) > 1:
            raise self.fail
        end = self.video.duration_s
        steps = {name: step or OPEN_S for name, step in recipe.levels.items()}
        cuts = {name: list(np.arange(step, end - 1e-6, step)) for name, step in steps.items()}
        for finer, coarser in zip(list(cuts)[::-1][1:], list(cuts)[::-1], strict=False):
            cuts[finer] = sorted({*cuts[finer], *cuts[coarser]})
        for edit in recipe.edits:
            if edit.action == "split":
                cuts["moment"] = sorted({*cuts["moment"], edit.time_s})
        level = {t: name for name, times in cuts.items() for t in times}
        told: dict[str, float] = {"picture": 0.3, "sound": 0.9}
        boundaries = [
            Boundary(
                float(t), "semantic" if i % 3 else "cut", strength=1.5, persistence=1 / (1 + i % 4),
                level=level[t], evidence=told if i % 3 else told | {"cut": 1.0},
            )
            for i, t in enumerate(cuts["moment"])
        ]  # fmt: skip
        tree = assemble_tree(self.video, cuts, boundaries=boundaries, method="ruler")
        return replace(tree, recipe=recipe, recutter=self)

    def edit(self, tree: SegmentTree, edit: Edit) -> SegmentTree:
        self.edited.append(edit)
        return self.cut(replace(tree.recipe, edits=(*tree.recipe.edits, edit)))


def cut(ruler: Ruler | None = None, targets=TARGETS) -> SegmentTree:
    return (ruler or Ruler()).cut(Recipe(targets, WEIGHTS))


def timeline(tree: SegmentTree | None = None, **options) -> TreeTimeline:
    given = {"poster": show.poster, "clip": lambda _: show.clip()}
    return TreeTimeline(tree or cut(), **(given | options))


def ask(widget: TreeTimeline, **content: object) -> None:
    widget._handle_custom_msg(content, [])


# --- what it is told ---


def test_outline_is_the_tree_and_its_recipe():
    tree = cut()
    data = json.loads(json.dumps(outline(tree)))
    assert [level["name"] for level in data["levels"]] == list(reversed(tree.levels))
    for level in data["levels"]:
        known = [s for s in tree.at(level["key"]) if s.level == level["key"]]
        assert level["ids"] == [s.segment_id for s in known]
        assert level["target"] == TARGETS.get(level["key"])
    assert [b["time"] for b in data["boundaries"]] == [b.time_s for b in tree.boundaries]
    assert [(s["key"], s["weight"]) for s in data["signals"]] == list(WEIGHTS.items())
    assert [e["word"] for e in data["events"]] == ["shot cut"]
    assert data["fixed"] == ""


def test_shares_of_a_boundary_sum_to_one_and_events_are_none_of_them():
    data = outline(cut())
    told = shares(data["boundaries"][0], data["signals"])
    assert [word for word, _, _ in told] == ["sound", "picture"]
    assert sum(share for _, _, share in told) == pytest.approx(1)
    assert shares({"evidence": {}}, data["signals"]) == []


def test_what_a_hand_did_is_no_signal():
    tree = cut()
    first, *rest = tree.boundaries
    by_hand = replace(first, kind="edited", evidence={**first.evidence, "edited": 1.0})
    recipe = replace(tree.recipe, edits=(Edit("lock", first.time_s, first.time_s),))
    data = outline(replace(tree, boundaries=(by_hand, *rest), recipe=recipe))
    assert [s["key"] for s in data["signals"]] == list(WEIGHTS)
    assert [b["held"] for b in data["boundaries"]][:2] == ["lock", ""]


def test_a_tree_without_signals_says_what_to_do():
    widget = timeline(show.TREES[0])
    assert "vx.segment(video)" in widget._data["fixed"]
    before = widget.tree
    widget.set_state({"levels": {"moment": 9.0}})
    assert widget.tree is before
    assert "keeps no signals" in widget._error
    assert widget.levels == {}


def test_hostile_names_stay_text(tmp_path):
    wild = replace(VIDEO, path=show.FILMS[2])
    bad = "<script>alert(2)</script>"
    tree = assemble_tree(
        wild, {bad: [20.0, 40.0]}, method=bad,
        boundaries=[Boundary(20.0, bad, level=bad, evidence={bad: 1.0}), Boundary(40.0, level=bad)],
    )  # fmt: skip
    widget = timeline(tree, other=cut_by_clock(wild, None, 10.0), contaminate=share_of_others)
    page = write_tree(tmp_path / "page.html", widget).read_text()
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror" in page


def test_contamination_is_what_the_evaluation_says():
    tree, other = cut(), cut_by_clock(VIDEO, None, 7.0)
    told = share_of_others(tree, other)
    assert told == [contaminate(window.span, tree.leaves) for window in other.leaves]
    assert 0 < max(told) < 1


def test_another_video_is_refused():
    with pytest.raises(ValueError, match="other must be of the same video"):
        open_timeline(cut(), other=show.TREES[1])


# --- what it asks for ---


def test_sliders_cut_anew_and_tell_the_new_bands():
    ruler = Ruler()
    widget = timeline(cut(ruler), other=cut_by_clock(VIDEO, None, 10.0), contaminate=share_of_others)
    seen = []
    widget.observe(lambda change: seen.append(len(change["new"])), names="tree")
    first, told = widget._data, widget._other["shares"]
    # As a browser may send them: another order of the names, and whole numbers.
    widget.set_state(
        {"levels": {"chapter": 48, "moment": 8, "scene": 16}, "weights": WEIGHTS | {"sound": 0.5}}
    )
    assert list(ruler.recipes[-1].levels.items()) == [("moment", 8), ("scene", 16), ("chapter", 48)]
    assert ruler.recipes[-1].weights["sound"] == 0.5
    assert len(ruler.recipes) == 2, "one question, one cut"
    assert len(seen) == 1
    assert len(widget._data["levels"][-1]["ids"]) == 12 < len(first["levels"][-1]["ids"])
    assert widget._data["turn"] > first["turn"]
    assert widget._other["shares"] != told


@pytest.mark.parametrize(
    ("fault", "told"),
    [(ValueError("levels must rise"), "levels must rise"), (OSError("gone"), "OSError: gone")],
)
def test_a_cut_that_fails_leaves_the_last_good_one(fault, told):
    widget = timeline(cut(Ruler(fail=fault)))
    before, turn = widget.tree, widget._data["turn"]
    widget.set_state({"levels": TARGETS | {"moment": 9.0}})
    assert widget.tree is before
    assert widget._error == told
    assert widget.levels == TARGETS, "the sliders go back"
    assert widget._data["turn"] > turn, "or the page would wait for ever"


@pytest.mark.parametrize(
    ("content", "edit"),
    [
        ({"action": "move", "time": 8.0, "to": 9.0}, Edit("move", 8.0, 9.0)),
        ({"action": "merge", "time": 8.0}, Edit("merge", 8.0)),
        ({"action": "merge", "time": 16.0, "level": "scene"}, Edit("merge", 16.0, level="scene")),
        ({"action": "split", "time": 9.5, "level": "moment"}, Edit("split", 9.5, 9.5, level="moment")),
        ({"action": "lock", "time": 8.0}, Edit("lock", 8.0, 8.0)),
    ],
)
def test_edits_are_the_trees_own(content, edit):
    ruler = Ruler()
    widget = timeline(cut(ruler))
    ask(widget, kind="edit", **content)
    assert ruler.edited == [edit]
    assert widget._data["edits"] == 1
    ask(widget, kind="edit", action="undo")
    assert widget.tree.edits == ()
    ask(widget, kind="edit", action="undo")
    assert "no edit to undo" in widget._error


def test_an_unknown_edit_is_refused_in_words():
    widget = timeline()
    ask(widget, kind="edit", action="burn", time=3)
    assert "no edit 'burn'" in widget._error


def test_a_choice_and_a_picture():
    widget = timeline()
    sent, chosen = [], []
    widget.send = lambda content, buffers=None: sent.append((content, buffers))
    widget.on_choose(lambda segment_id, play: chosen.append(segment_id))
    leaf = widget.tree.leaves[3].segment_id
    ask(widget, kind="choose", id=leaf, play=True)
    assert chosen == [leaf]
    ask(widget, kind="poster", id=leaf)
    until = time.monotonic() + 60
    while not sent and time.monotonic() < until:
        time.sleep(0.01)
    assert sent[0][1] == [show.poster(leaf)]


def test_traits_are_checked():
    with pytest.raises(traitlets.TraitError):
        timeline().tree = "no tree"
    with pytest.raises(TypeError, match="TreeTimeline has no argument colour"):
        timeline(colour="red")


def test_the_still_copy_has_every_level_and_the_reasons():
    widget = timeline(other=cut_by_clock(VIDEO, None, 10.0), contaminate=share_of_others)
    html = widget.still()
    for word in ("video", "chapter", "scene", "moment", "fixed (10 s)", "sound 75%", "shot cut"):
        assert word in html
    assert html.count("<img") == 6, "the scenes: more moments than pictures fit"
    assert html.count('class="vx-tree-stem"') == len(widget.tree.boundaries)


def test_thousands_of_segments_stay_small():
    long = replace(VIDEO, duration_s=36_000.0)
    widget = timeline(cut(Ruler(long), {"moment": 4.0, "scene": 40.0, "chapter": 240.0}))
    assert len(widget.tree.leaves) == 9000
    assert len(widget.still()) < 600_000
    assert "8799 more" in widget.still()


# --- in a browser ---


@pytest.fixture
def tab(browser) -> Iterator:
    with open_tab(browser, height=760) as page:
        yield page


def label(tab) -> str:
    return tab.evaluate("document.activeElement.getAttribute('aria-label') ?? ''")


def shown_s(tab) -> float:
    tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return float(tab.get_attribute(".vx-tree-timeline", "data-shown"))


def pictures(mounted: Mounted, count: int) -> None:
    """Posters come from a thread: hand them over until they are there."""
    end = time.monotonic() + 60
    while int(mounted.page.get_attribute(".vx-tree-timeline", "data-pictures") or 0) < count:
        assert time.monotonic() < end
        mounted.page.wait_for_timeout(50)
        mounted.push()


def pixels(tab) -> list[int]:
    """A row of the canvas through the bands of the moments."""
    return tab.evaluate(
        """() => {
          const rows = [...document.querySelectorAll('.vx-tt-row[data-kind=level]')];
          const canvas = document.querySelector('.vx-tt-canvas');
          const y = rows.at(-1).offsetTop + 5;
          const scale = canvas.height / canvas.clientHeight;
          return [...canvas.getContext('2d').getImageData(0, Math.round(y * scale), canvas.width, 1).data];
        }"""
    )


@pytest.mark.browser
@pytest.mark.parametrize(("theme", "width"), [("light", 1100), ("dark", 1100), ("light", 700), ("dark", 420)])
def test_the_timeline_is_drawn_whole(tab, theme, width):
    widget = timeline(other=cut_by_clock(VIDEO, None, 10.0), contaminate=share_of_others)
    mounted = Mounted(tab, widget, theme=theme, width=width)
    pictures(mounted, 2)
    assert tab.eval_on_selector(".vx-tree-timeline", "e => e.scrollWidth <= e.clientWidth")
    assert len(set(pixels(tab))) > 8, "bands are painted"
    heads = tab.locator("[role=rowheader]").all_inner_texts()
    assert [text.split("\n")[0] for text in heads] == [
        "fixed (10 s)", "video", "chapter", "scene", "moment", "pictures", "boundaries", "picture", "sound",
        "events",
    ]  # fmt: skip
    tab.screenshot(path=screenshot_path(f"timeline_{theme}_{width}"), full_page=True)


@pytest.mark.browser
def test_keys_zoom_walk_and_tell_why(tab):
    widget = timeline()
    Mounted(tab, widget)
    tab.focus(".vx-tt-cell")
    assert label(tab).startswith(
        "Boundary at 0:04.0, cut, begins a moment. Spoken for by sound 75 %, picture 25 %"
    )
    assert "shot cut" in label(tab)
    for key in ("ArrowRight", "ArrowRight", "ArrowRight"):
        tab.keyboard.press(key)
    assert label(tab).startswith("Boundary at 0:16.0, cut, begins a scene")
    assert "75 %" in tab.inner_text(".vx-tt-panel")
    assert tab.inner_text(".vx-tt-what b") == "Boundary at 0:16.0"
    whole = shown_s(tab)
    tab.keyboard.press("+")
    tab.keyboard.press("+")
    near = shown_s(tab)
    assert near == pytest.approx(whole / 1.6**2, rel=0.01)
    tab.keyboard.press("-")
    assert shown_s(tab) > near
    tab.keyboard.press("0")
    assert shown_s(tab) == whole
    for key, start in (
        ("ArrowUp", "moment, 0:16.0–0:20.0"),
        ("ArrowUp", "scene, 0:16.0"),
        ("End", "scene, 1:20.0"),
    ):
        tab.keyboard.press(key)
        assert label(tab).startswith(start)
    tab.keyboard.press("Enter")
    tab.wait_for_function("document.querySelector('.vx-tt-player .vx-clock').textContent.includes('1:36.0')")
    becomes(tab, lambda: widget.selected, widget.tree.at("scene")[-1].segment_id)
    until(tab, lambda: widget.current_time >= 80)


@pytest.mark.browser
def test_a_slider_cuts_anew_while_it_moves(tab):
    ruler = Ruler()
    widget = timeline(cut(ruler))
    Mounted(tab, widget)
    shown_s(tab)
    before = pixels(tab)
    tab.focus("[aria-label='Target length of a moment']")
    tab.keyboard.press("PageUp")
    tab.evaluate(
        """() => {
          const slider = document.activeElement;
          for (let step = 0; step < 11; step += 1) {
            slider.value = Number(slider.value) + 0.1;
            slider.dispatchEvent(new Event('input', { bubbles: true }));
          }
        }"""
    )
    tab.wait_for_function("!document.querySelector('.vx-tt-summary').textContent.includes('24 moments')")
    tab.wait_for_function("document.querySelector('.vx-tree-timeline').dataset.busy === 'false'")
    until(tab, lambda: widget.levels["moment"] > 8)
    at_rest(tab)
    shown_s(tab)
    assert widget.levels["moment"] > 4
    assert widget.tree.recipe.levels["moment"] < TARGETS["scene"], "targets keep rising"
    assert len(ruler.recipes) < 8, "twelve steps are not twelve cuts"
    assert pixels(tab) != before
    assert f"{len(widget.tree.leaves)} moments" in tab.inner_text(".vx-tt-summary")
    tab.click("text=Reset")
    tab.wait_for_function("document.querySelector('.vx-tt-summary').textContent.includes('24 moments')")
    becomes(tab, lambda: widget.levels, TARGETS)


@pytest.mark.browser
def test_a_level_without_a_target_gets_one_and_gives_it_up_again_by_keyboard(tab):
    widget = timeline(cut(targets={"moment": 4.0, "scene": None, "chapter": 48.0}))
    Mounted(tab, widget)
    shown_s(tab)
    scene, auto = "[aria-label='Target length of a scene']", "[aria-label^='auto: as many scenes']"
    spoken = lambda: tab.get_attribute(scene, "aria-valuetext")  # noqa: E731
    assert (spoken(), tab.get_attribute(auto, "aria-pressed")) == ("auto, 24.0 seconds each", "true")
    tab.focus("[aria-label='Target length of a moment']")
    tab.keyboard.press("End")
    until(tab, lambda: widget.levels["moment"] > 4)
    at_rest(tab)
    assert widget.levels == {"moment": pytest.approx(47), "scene": None, "chapter": 48.0}, "targets rise"
    tab.keyboard.press("Home")
    until(tab, lambda: widget.levels["moment"] < 4)
    at_rest(tab)
    tab.keyboard.press("Tab")
    assert label(tab).startswith("Target length of a scene")
    tab.keyboard.press("ArrowRight")
    until(tab, lambda: widget.levels["scene"] is not None)
    at_rest(tab)
    assert widget.levels["moment"] < widget.levels["scene"] < widget.levels["chapter"]
    assert (spoken()[-7:], tab.get_attribute(auto, "aria-pressed")) == ("seconds", "false")
    tab.keyboard.press("Tab")
    assert label(tab).startswith("auto: as many scenes")
    tab.keyboard.press("Space")
    until(tab, lambda: widget.levels["scene"] is None)
    at_rest(tab)
    assert tab.get_attribute(auto, "aria-pressed") == "true"
    assert label(tab).startswith("auto: as many scenes"), "the focus stays"
    tab.focus("[aria-label^='auto: as many chapters']")
    tab.keyboard.press("Enter")
    until(tab, lambda: widget.levels["chapter"] is None)
    at_rest(tab)
    assert widget.levels["scene"] is not None, "only one level may be open"
    assert tab.locator("[aria-label^='auto: as many moments']").is_hidden(), "the finest needs a target"


@pytest.mark.browser
def test_edits_by_key_and_by_hand(tab):
    ruler = Ruler()
    widget = timeline(cut(ruler))
    Mounted(tab, widget)
    tab.focus(".vx-tt-cell")
    tab.evaluate(
        """() => {
          const key = { key: 'ArrowRight', altKey: true, bubbles: true };
          for (const _ of 'ab') document.activeElement.dispatchEvent(new KeyboardEvent('keydown', key));
        }"""
    )
    tab.wait_for_function("!document.querySelector('.vx-tt-edits button:last-child').disabled")
    assert (ruler.edited[0].action, ruler.edited[0].time_s) == ("move", 4.0)
    assert ruler.edited[0].to_s == pytest.approx(4.2), "two steps, one edit"
    slow_kernel(tab)
    for key in ("l", "Control+z", "Alt+ArrowRight", "Control+z"):  # each before the last is answered
        tab.keyboard.press(key)
    becomes(tab, lambda: [edit.action for edit in ruler.edited], ["move", "lock", "move"])
    until(tab, lambda: widget.tree.edits == tuple(ruler.edited[:1]))
    at_rest(tab)
    box = tab.locator(".vx-tt-axis").bounding_box()
    tab.mouse.click(box["x"] + box["width"] * 10 / 96, box["y"] + 8)
    until(tab, lambda: widget.current_time == pytest.approx(10, abs=0.2))
    tab.focus(".vx-tt-cell")
    tab.keyboard.press("s")
    tab.wait_for_function("document.querySelector('.vx-tt-summary').textContent.includes('25 moments')")
    assert ruler.edited[3].time_s == pytest.approx(10, abs=0.2)
    row = tab.locator(".vx-tt-row[data-kind=boundaries] .vx-tt-lane").bounding_box()
    y = row["y"] + 20
    tab.mouse.move(row["x"] + row["width"] * 48 / 96, y)
    tab.mouse.down()
    tab.mouse.move(row["x"] + row["width"] * 48.8 / 96, y, steps=4)
    tab.mouse.move(row["x"] + row["width"] * 49.5 / 96, y, steps=4)
    tab.mouse.up()
    until(tab, lambda: len(ruler.edited) == 5)
    assert (ruler.edited[-1].action, ruler.edited[-1].time_s) == ("move", 48.0)
    assert ruler.edited[-1].to_s == pytest.approx(49.5, abs=0.2)


@pytest.mark.browser
def test_the_wheel_zooms_where_one_works_and_leaves_the_page_alone_elsewhere(tab):
    Mounted(tab, timeline())
    whole = shown_s(tab)
    box = tab.locator(".vx-tt-area").bounding_box()
    tab.mouse.move(box["x"] + 600, box["y"] + 40)
    tab.mouse.wheel(0, -300)
    tab.wait_for_timeout(100)
    assert shown_s(tab) == whole, "nobody works here yet"
    tab.focus(".vx-tt-cell")
    tab.mouse.wheel(0, -300)
    tab.wait_for_function(
        "whole => document.querySelector('.vx-tree-timeline').dataset.shown < whole", arg=whole
    )
    near = shown_s(tab)
    start = tab.locator(".vx-tt-thumb").bounding_box()["x"]
    tab.mouse.down()
    tab.mouse.move(box["x"] + 400, box["y"] + 40, steps=4)
    tab.mouse.up()
    tab.wait_for_function(
        "start => document.querySelector('.vx-tt-thumb').getBoundingClientRect().x > start", arg=start
    )
    assert shown_s(tab) == near
    assert tab.locator(".vx-tt-thumb").bounding_box()["x"] > start, "dragged to the left: later things come"


@pytest.mark.browser
def test_everything_that_can_be_done_has_a_name_and_shows_its_focus(tab):
    widget = timeline(other=cut_by_clock(VIDEO, None, 10.0), contaminate=share_of_others)
    Mounted(tab, widget)
    unnamed = tab.evaluate(
        """() => [...document.querySelectorAll(':is(button, input, select, [role=gridcell], canvas)')]
          .filter((e) => !(e.ariaLabel || e.textContent.trim() || e.ariaHidden
            || e.closest('label'))).length"""
    )
    assert unnamed == 0
    assert tab.evaluate(
        "[...document.querySelectorAll('[role=row]')].every((r) => r.closest('[role=grid]') && "
        "r.querySelector('[role=rowheader]'))"
    )
    assert tab.locator("[role=gridcell]").count() == 1, "one stop for the whole grid"
    described = tab.get_attribute("[role=grid]", "aria-describedby")
    assert tab.evaluate("id => document.querySelectorAll(`#${id}`).length", described) == 1
    tab.evaluate("document.body.tabIndex = -1; document.body.focus()")
    seen = []
    for _ in range(24):
        tab.keyboard.press("Tab")
        name = tab.evaluate(
            "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
        )
        if tab.evaluate("document.activeElement === document.body"):
            break
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") in ("solid", "auto"), (
            name
        )
        seen.append(name)
    assert any(name.startswith("Boundary at") for name in seen)
    assert {"Zoom in", "Merge", "Split", "Weight of sound", "Target length of a scene"} <= set(seen)


@pytest.mark.browser
def test_a_tree_that_cannot_be_cut_again_says_so(tab):
    Mounted(tab, timeline(show.TREES[2]))
    assert "keeps no signals" in tab.inner_text(".vx-tt-note")
    assert tab.locator(".vx-tt-edits button:not(:disabled)").count() == 0
    assert "<img src=x onerror=alert(1)>.mp4" in tab.inner_text(".vx-tt-name")
    tab.focus(".vx-tt-cell")
    tab.keyboard.press("m")
    assert tab.locator(".vx-tt-failure").is_hidden()


@pytest.mark.long
@pytest.mark.browser
def test_ten_hours_are_walked_and_zoomed(tab):
    long = replace(VIDEO, duration_s=36_000.0)
    Mounted(tab, timeline(cut(Ruler(long), {"moment": 4.0, "scene": 40.0, "chapter": 240.0})))
    shown_s(tab)
    assert tab.evaluate("document.querySelectorAll('.vx-tree-timeline *').length") < 400
    tab.focus(".vx-tt-cell")
    tab.keyboard.press("End")
    assert label(tab).startswith("Boundary at 9:59:56.0")
    for _ in range(14):
        tab.keyboard.press("+")
    assert shown_s(tab) < 60
    tab.keyboard.press("ArrowUp")
    assert label(tab).startswith("moment, 9:59:56.0–10:00:00.0")


@pytest.mark.browser
def test_leaving_gives_everything_back(tab):
    Mounted(tab, timeline())
    tab.evaluate("mounted.widget.dispose()")
    assert tab.evaluate("[...mounted.widget.listeners.values()].reduce((n, set) => n + set.size, 0)") == 0
