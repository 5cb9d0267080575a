"""Widgets in a real browser: what a click, a key or a slow clip does, there and in Python."""

from __future__ import annotations

import pytest
import showcase as show
from harness import Mounted, at_rest, becomes, pictures, screenshot_path, until

from videxplore.views.catalogue import Catalogue
from videxplore.views.figures.paint import paint_distortion, paint_videos
from videxplore.views.finder import Finder
from videxplore.views.map_bar import MapBar
from videxplore.views.pages import write_shift
from videxplore.views.timeline import Timeline

pytestmark = pytest.mark.browser

CATALOGUE = Catalogue(show.ROWS)


def shot(tab, name: str) -> None:
    tab.screenshot(path=screenshot_path(name))


def test_the_finder_asks_and_lists(tab):
    widget = Finder(poster=show.poster)
    widget.observe(lambda change: widget.load(show.raw_ranking()), names="query")
    chosen = []
    widget.on_choose(lambda segment_id, play: chosen.append(segment_id))
    mounted = Mounted(tab, widget, width=380)
    assert "No query yet" in tab.inner_text(".vx-results")
    tab.fill(".vx-query", "a gunshot in the dark")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".vx-result[data-id]")
    becomes(tab, lambda: widget.query, "a gunshot in the dark")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".vx-result.vx-on")
    becomes(tab, lambda: chosen, [widget._results["hits"][1]["id"]])
    widget.load(None, "the query is too long")
    mounted.push()
    assert "the query is too long" in tab.inner_text("[role=alert]")


def test_the_same_answer_again_ends_the_waiting(tab):
    """Another level with the same two answers once left the list at "Searching…"."""
    widget = Finder(poster=show.poster)
    two = show.raw_ranking(k=2)
    widget.observe(lambda change: widget.load(two), names=["query", "level"])
    Mounted(tab, widget, width=300)
    tab.fill(".vx-query", "corner kick")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".vx-result[data-id]")
    pictures(tab, 2)
    tab.select_option(".vx-finder .vx-select", "scene")
    tab.wait_for_function(
        "document.querySelector('.vx-finder').dataset.busy === 'false' && "
        "document.querySelector('.vx-finder-status').textContent.startsWith('2 of')"
    )
    becomes(tab, lambda: widget.level, "scene")


@pytest.mark.parametrize("width", [300, 460])
def test_times_and_scores_are_never_cut(tab, width):
    widget = Finder(poster=show.poster)
    mounted = Mounted(tab, widget, width=width)
    widget.load(show.raw_ranking())
    mounted.push()
    tab.wait_for_selector(".vx-result[data-id]")
    inside = """s => [...document.querySelectorAll(s)].every(e => {
      const a = e.getBoundingClientRect(), b = e.closest('.vx-result').getBoundingClientRect();
      const within = a.top >= b.top && a.bottom <= b.bottom && a.right <= b.right;
      return within && e.scrollWidth <= e.clientWidth + 1;
    })"""
    for part in (".vx-time", ".vx-level", ".vx-score b"):
        assert tab.evaluate(inside, part), part


def test_the_timeline_walks_the_tree(tab):
    widget = Timeline(CATALOGUE.tree_of(show.ROWS[-1]["segment_id"]), poster=show.poster)
    chosen = []
    widget.on_choose(lambda segment_id, play: chosen.append(segment_id))
    mounted = Mounted(tab, widget)
    tab.focus(".vx-tl-bar[tabindex='0']")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        tab.keyboard.press(key)
    tab.wait_for_function("document.querySelector('.vx-tl-preview img[src]')")
    until(tab, lambda: chosen)
    assert CATALOGUE[chosen[0]]["level"] == "scene"
    widget.mark(chosen, {chosen[0]: 1})
    mounted.push()
    assert tab.locator(".vx-tl-step").count() == 3
    assert tab.locator(".vx-tl-bar.vx-hit.vx-on").count() == 1


def test_a_long_film_is_hatched_and_every_segment_of_it_is_reached(tab):
    catalogue = Catalogue(show.long_film(3_000))
    widget = Timeline(catalogue.tree_of("video-0"))
    chosen = []
    widget.on_choose(lambda segment_id, play: chosen.append(segment_id))
    mounted = Mounted(tab, widget)
    stretch = tab.locator(".vx-tl-stretch").bounding_box()
    assert tab.locator(".vx-tl-bar").count() == 151, "the video and its scenes; none of 3,000 moments"
    assert "hatched" in tab.inner_text(".vx-tl-head")
    tab.mouse.click(stretch["x"] + stretch["width"] * 0.6, stretch["y"] + 10)
    until(tab, lambda: chosen)
    at = int(chosen[0].removeprefix("moment-"))
    assert abs(at - 1800) < 4, "a pixel holds three of them"
    tab.wait_for_selector(f".vx-tl-bar[data-id=moment-{at}][tabindex='0']", state="attached")
    widget.mark(chosen[:1], {"moment-7": 1})
    mounted.push()
    drawn = [node.get_attribute("data-id") for node in tab.locator(".vx-tl-stretch ~ .vx-tl-bar").all()]
    assert drawn == [chosen[0], "moment-7"]
    tab.focus(".vx-tl-bar.vx-on")
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        tab.keyboard.press(key)
    until(tab, lambda: chosen[1:] == [f"moment-{at + 2}"])
    assert tab.locator(f".vx-tl-bar[data-id=moment-{at + 1}]").count() == 0, "what the focus has left"
    tab.evaluate("document.getElementById('widget').style.width = '300px'")
    tab.wait_for_function("document.querySelectorAll('.vx-tl-stretch').length === 2")


def test_the_map_is_coloured_by_keyboard(tab):
    widget = MapBar({"Segments": ["duration_s"]}, levels=[("moment", 72), ("scene", 18), ("video", 3)])
    mounted = Mounted(tab, widget, width=400)
    height = "document.querySelector('.vx-map-bar').offsetHeight"
    before = tab.evaluate(height)
    assert tab.get_by_role("button", name="Names").is_disabled(), "no region has a name"
    tab.get_by_role("combobox", name="Colour stands for").focus()
    tab.keyboard.press("ArrowDown")
    tab.wait_for_function("document.querySelector('.vx-map-color').value === 'video'")
    becomes(tab, lambda: widget.color, "video")
    widget._named = True
    widget.explain(paint_videos(show.projection(), CATALOGUE.names))
    mounted.push()
    assert tab.locator(".vx-key-group").all_inner_texts()[0] == "night street.mp4"
    tab.keyboard.press("Tab")
    tab.keyboard.press("Space")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".vx-button[aria-pressed=true] >> text=Torn apart")
    becomes(tab, lambda: (widget.names, widget.torn), (False, True))
    widget.explain(paint_distortion(show.projection()))
    mounted.push()
    assert "torn apart, from 0" in tab.get_attribute(".vx-map-key", "aria-label")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Space")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".vx-chip[aria-disabled=true] >> text=video")
    becomes(tab, lambda: widget.levels_shown, ["video"])
    tab.keyboard.press("Tab")
    tab.keyboard.press("Space")
    at_rest(tab)
    assert widget.levels_shown == ["video"], "the last level stays"
    assert tab.evaluate(height) == before, "the map below does not move"


def test_pages_run_nothing_that_they_show(tab, tmp_path):
    path = write_shift(tmp_path / "shift.html", show.shift(), show.poster)
    tab.goto(path.as_uri())
    assert "<img src=x onerror=alert(1)>.mp4" in tab.inner_text("body")
    shot(tab, "page_shift")
