"""The explorer's own parts in a real browser: the bar on top, and the tree as rings."""

from __future__ import annotations

import pytest
import showcase as show
from harness import Mounted, becomes, pictures, screenshot_path

from videxplore.views.catalogue import Catalogue
from videxplore.views.explorer_bar import ExplorerBar, Notice
from videxplore.views.outlets import Outlet
from videxplore.views.sunburst import Sunburst

pytestmark = pytest.mark.browser

CATALOGUE = Catalogue(show.ROWS)


def test_rings_are_walked_zoomed_and_chosen(tab):
    tree = CATALOGUE.tree_of(show.ROWS[0]["segment_id"])
    widget = Sunburst(tree, poster=show.poster)
    chosen = []

    def choose(segment_id, play):
        chosen.append(segment_id)
        widget.mark([segment_id], {segment_id: 1})

    widget.on_choose(choose)
    mounted = Mounted(tab, widget, width=620)
    assert tab.locator(".vx-sun-arc").count() == len(tree["segments"])
    scene = next(s for s in tree["segments"] if s["level"] == "scene")
    tab.locator(f".vx-sun-arc[data-id='{scene['id']}'] path").click()
    tab.wait_for_selector(".vx-sun-arc.vx-on")
    becomes(tab, lambda: chosen, [scene["id"]])
    pictures(tab, 3)  # video, chapter, scene
    tab.focus(".vx-sun-drawing")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    tab.wait_for_function("document.querySelectorAll('.vx-sun-step').length === 4")
    inside = [s for s in tree["segments"] if s["parent"] == scene["id"]]
    assert chosen[1:] == [inside[1]["id"]]
    tab.keyboard.press("z")
    tab.wait_for_function("n => document.querySelectorAll('.vx-sun-arc').length === n", arg=len(inside) + 1)
    widget.current_time = inside[1]["start"]
    mounted.push()
    tab.wait_for_selector(".vx-sun-hand")
    tab.screenshot(path=screenshot_path("sunburst_zoomed"))
    tab.keyboard.press("Escape")
    tab.wait_for_function(
        "n => document.querySelectorAll('.vx-sun-arc').length === n", arg=len(tree["segments"])
    )
    assert tab.locator(".vx-sun-arc.vx-on .vx-sun-rank").text_content() == "1"


def test_the_bar_folds_steps_and_writes(tab):
    outlet = Outlet("table", "Table", "found.csv", "A file.", lambda ids, place, progress: "")
    widget = ExplorerBar(
        title="films", outlets=[outlet], notices=[Notice("1 file", ("bad.mp4",), error=True)]
    )
    widget._back, widget._chosen, asked = True, 2, []
    for kind in ("back", "forward", "write"):
        widget.on_ask(kind, lambda *facts, kind=kind: asked.append((kind, *facts)))
    mounted = Mounted(tab, widget)
    tab.click("button:text-is('Map')")
    becomes(tab, lambda: widget.folded, ["map"])
    assert tab.get_attribute("button:text-is('Map')", "aria-pressed") == "false"
    tab.click("button:has-text('Undo')")
    tab.click("button:has-text('Selection (2)')")
    tab.fill(".vx-bar-place", "mine.csv")
    tab.keyboard.press("Enter")
    becomes(tab, lambda: asked, [("back",), ("write", "table", "mine.csv")])
    mounted.widget.tell({"state": "failed", "text": "Table failed: the disk is full", "share": None})
    mounted.push()
    assert tab.inner_text(".vx-bar-failed") == "Table failed: the disk is full"
    tab.focus(".vx-bar-place")
    tab.keyboard.press("Escape")
    assert tab.locator(".vx-bar-sheet").is_hidden()
