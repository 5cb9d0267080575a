"""Widgets in a real browser: what a click, a key or a slow clip does, there and in Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import showcase as show
from harness import Mounted, screenshot_path

from videxplore.views.catalogue import Catalogue
from videxplore.views.finder import Finder
from videxplore.views.pages import write_library, write_shift
from videxplore.views.ranking_compare import RankingCompare
from videxplore.views.timeline import Timeline

pytestmark = pytest.mark.browser

CATALOGUE = Catalogue(show.ROWS)


@pytest.fixture
def tab(browser) -> Iterator:
    """A page that must stay free of errors and dialogs."""
    context = browser.new_context(viewport={"width": 1180, "height": 980}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(20_000)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)

    def refuse(dialog) -> None:
        troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", refuse)
    yield page
    assert page.locator("img[src=x]").count() == 0
    context.close()
    assert troubles == []


def compare(**options) -> RankingCompare:
    given = {"poster": show.poster, "clip": lambda _: show.clip(), "rerank": show.shift}
    return RankingCompare(show.shift(), **(given | options))


def pictures(tab, count: int) -> None:
    loaded = "[...document.querySelectorAll('img[src]')].filter(i => i.complete && i.naturalWidth).length"
    tab.wait_for_function(f"n => {loaded} >= n", arg=count)


def shot(tab, name: str) -> None:
    tab.screenshot(path=screenshot_path(name))


@pytest.mark.parametrize(("theme", "width"), [("light", 1100), ("dark", 1100), ("light", 700)])
def test_compare_is_drawn_whole(tab, theme, width):
    mounted = Mounted(tab, compare(), theme=theme, width=width)
    pictures(tab, 10)
    assert tab.locator(".vx-card").count() == 20
    assert "a gunshot in the dark" in tab.inner_text(".vx-title")
    assert tab.locator(".vx-link").count() >= len(mounted.widget._data["items"])
    assert tab.eval_on_selector(".vx-compare", "e => e.scrollWidth <= e.clientWidth")
    shot(tab, f"ranking_compare_{theme}_{width}")


def test_cards_and_posters_keep_their_place_while_pictures_load(tab):
    slow = compare(poster=None)
    Mounted(tab, slow)
    before = tab.evaluate(
        "[...document.querySelectorAll('.vx-card')].map(c => c.getBoundingClientRect().top)"
    )
    Mounted(tab, compare())
    pictures(tab, 10)
    assert (
        tab.evaluate("[...document.querySelectorAll('.vx-card')].map(c => c.getBoundingClientRect().top)")
        == before
    )


def test_a_click_explains_in_additive_parts_and_reaches_python(tab):
    mounted = Mounted(tab, compare())
    wanted = mounted.widget._data["right"][4]
    tab.click(f".vx-list[data-side=right] .vx-card[data-id='{wanted}']")
    tab.wait_for_selector(f".vx-list[data-side=right] .vx-card.vx-on[data-id='{wanted}']")
    assert mounted.widget.selected == wanted
    numbers = [
        float(t.replace("−", "-").replace("±", "")) for t in tab.locator(".vx-reason b").all_inner_texts()
    ]
    assert numbers[0] + sum(numbers[1:-1]) == pytest.approx(numbers[-1], abs=0.03), "two decimals are shown"
    assert "answers many unrelated queries" in tab.inner_text(".vx-reasons")


def test_keys_walk_both_columns(tab):
    mounted = Mounted(tab, compare())
    data = mounted.widget._data
    tab.focus(f".vx-list[data-side=right] .vx-card[data-id='{data['right'][0]}']")
    tab.evaluate("document.querySelector('.vx-card[tabindex=\"0\"]').focus()")
    tab.keyboard.press("Home")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_function(
        "id => document.querySelector(`.vx-card.vx-on`)?.dataset.id === id", arg=data["right"][1]
    )
    assert mounted.widget.selected == data["right"][1]
    tab.keyboard.press("ArrowLeft")
    assert tab.evaluate("document.activeElement.dataset.side") == "left"
    assert tab.evaluate("document.activeElement.getAttribute('role')") == "option"
    assert "score" in tab.evaluate("document.activeElement.getAttribute('aria-label')")


def test_the_slider_reranks_live(tab):
    mounted = Mounted(tab, compare())
    tab.fill(".vx-strength-range", "0")
    tab.wait_for_function(
        "document.querySelectorAll('.vx-list[data-side=right] .vx-state[data-state=same]').length === 10"
    )
    assert mounted.widget.strength == 0
    assert tab.inner_text(".vx-strength-value") == "0.00"
    assert mounted.widget._data["right"] == mounted.widget._data["left"]


def test_a_failing_reranker_is_reported(tab):
    def fail(strength):
        raise RuntimeError("out of memory")

    Mounted(tab, compare(rerank=fail))
    tab.fill(".vx-strength-range", "0.5")
    tab.wait_for_selector(".vx-failure .vx-message")
    assert "out of memory" in tab.inner_text(".vx-failure")
    assert tab.locator(".vx-card").count() == 20


def test_nothing_found(tab):
    Mounted(tab, RankingCompare(show.empty_shift(), poster=show.poster))
    assert "Not understood: zyzzyva" in tab.inner_text(".vx-message")
    shot(tab, "ranking_compare_empty")


def test_the_finder_asks_and_lists(tab):
    widget = Finder(poster=show.poster)
    widget.observe(lambda change: widget.load(show.raw_ranking()), names="query")
    chosen = []
    widget.on_choose(lambda segment_id, play: chosen.append(segment_id))
    mounted = Mounted(tab, widget, width=380)
    assert "No query yet" in tab.inner_text(".vx-results")
    tab.fill(".vx-query", "a gunshot in the dark")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".vx-result")
    assert widget.query == "a gunshot in the dark"
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".vx-result.vx-on")
    assert chosen == [widget._results["hits"][1]["id"]]
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
    tab.wait_for_selector(".vx-result")
    pictures(tab, 2)
    tab.select_option(".vx-finder .vx-select", "scene")
    tab.wait_for_function(
        "document.querySelector('.vx-finder').dataset.busy === 'false' && "
        "document.querySelector('.vx-finder-status').textContent.startsWith('2 of')"
    )
    assert widget.level == "scene"


@pytest.mark.parametrize("width", [300, 460])
def test_times_and_scores_are_never_cut(tab, width):
    widget = Finder(poster=show.poster)
    mounted = Mounted(tab, widget, width=width)
    widget.load(show.raw_ranking())
    mounted.push()
    tab.wait_for_selector(".vx-result")
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
    assert CATALOGUE[chosen[0]]["level"] == "scene"
    widget.mark(chosen, {chosen[0]: 1})
    mounted.push()
    assert tab.locator(".vx-tl-step").count() == 3
    assert tab.locator(".vx-tl-bar.vx-hit.vx-on").count() == 1


def test_leaving_gives_everything_back(tab):
    Mounted(tab, compare())
    pictures(tab, 10)
    tab.evaluate("mounted.w.dispose()")
    left = tab.evaluate("[...mounted.w.listeners.values()].reduce((n, set) => n + set.size, 0)")
    assert left == 0


def test_pages_run_nothing_that_they_show(tab, tmp_path):
    for path in (
        write_shift(tmp_path / "shift.html", show.shift(), show.poster),
        write_library(
            tmp_path / "library.html", CATALOGUE, show.projection(), show.poster, ranking=show.raw_ranking()
        ),
    ):
        tab.goto(path.as_uri())
        assert "<img src=x onerror=alert(1)>.mp4" in tab.inner_text("body")
        shot(tab, f"page_{path.stem}")
