"""Widgets in a real browser: what a click, a key or a slow clip does, there and in Python."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import showcase as show
from harness import Mounted

from videxplore.views.catalogue import Catalogue
from videxplore.views.finder import Finder
from videxplore.views.pages import write_library, write_shift
from videxplore.views.player import Player
from videxplore.views.ranking_compare import RankingCompare
from videxplore.views.timeline import Timeline

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "build" / "screenshots"
CATALOGUE = Catalogue(show.ROWS)
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture(scope="module")
def browser(chromium) -> Iterator:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        yield launched
        launched.close()


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
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=SCREENSHOTS / f"{name}.png")


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


def test_the_player_plays_exactly_the_segment_and_stops(tab):
    item = CATALOGUE[show.ROWS[5]["segment_id"]] | {"start": 10.0, "end": 11.5}
    mounted = Mounted(tab, Player(item, poster=show.poster, clip=lambda _: show.clip()), width=420)
    tab.click("button[aria-pressed=true]")
    tab.click(".vx-stage-play")
    tab.wait_for_selector(".vx-playback[data-state=ready]")
    tab.wait_for_function(
        "document.querySelector('video').paused && document.querySelector('video').currentTime > 1"
    )
    assert tab.evaluate("document.querySelector('video').currentTime") == pytest.approx(1.5, abs=0.15)
    tab.wait_for_function("document.querySelector('.vx-clock').textContent === '0:11.5 / 0:11.5'")
    assert mounted.widget.current_time == pytest.approx(11.5, abs=0.15)


def test_the_player_answers_keys(tab):
    item = CATALOGUE.tree_of(show.ROWS[5]["segment_id"])["segments"][0] | {"start": 0.0, "end": 2.0}
    Mounted(tab, Player(item, poster=show.poster, clip=lambda _: show.clip()), width=420)
    tab.focus(".vx-player")
    tab.keyboard.press(" ")
    tab.wait_for_selector(".vx-playback[data-playing=true]")
    tab.keyboard.press(" ")
    tab.wait_for_selector(".vx-playback[data-playing=false]")
    tab.evaluate("document.querySelector('video').currentTime = 0")
    tab.keyboard.press("ArrowRight")
    tab.wait_for_function("Math.abs(document.querySelector('video').currentTime - 1) < 0.1")


def test_a_clip_that_cannot_be_made_leaves_poster_and_reason(tab):
    def fail(segment_id):
        raise FileNotFoundError("the file was moved")

    item = CATALOGUE[show.ROWS[5]["segment_id"]]
    Mounted(tab, Player(item, poster=show.poster, clip=fail), width=420)
    tab.click(".vx-stage-play")
    tab.wait_for_selector(".vx-playback[data-state=error]")
    assert "the file was moved" in tab.inner_text(".vx-stage-note")
    assert tab.get_attribute(".vx-stage-poster", "src").startswith("blob:")


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


# --- JupyterLab ---

CELL = """import sys; sys.path.insert(0, TESTS)
import ipywidgets, showcase as show
from videxplore.views.catalogue import Catalogue
from videxplore.views.explorer import ExplorerView
explorer = ExplorerView(Catalogue(show.ROWS), show.projection(), search=lambda *_: show.raw_ranking(),
                        poster=show.poster, clip=lambda _: show.clip(), title="films.lance")
told = ipywidgets.Label("nothing yet").add_class("told")
def tell(_):
    e = explorer
    told.value = f"{e.selection} {e.query} {len(e.hits or ())} {e.current_time:.1f}"
explorer.observe(tell, names=["selection", "query", "hits", "current_time"])
display(told)
explorer"""


@pytest.fixture
def lab(tmp_path) -> Iterator[str]:
    """A JupyterLab with a notebook and settings of its own; gives the notebook's address."""
    pytest.importorskip("jupyterlab")
    cells = [nbformat.v4.new_code_cell(CELL.replace("TESTS", repr(str(ROOT / "tests"))))]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "explorer.ipynb")
    settings = tmp_path / "config/lab/user-settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false"}))
    places = {f"JUPYTER_{k.upper()}_DIR": str(tmp_path / k) for k in ("config", "data", "runtime")}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser",
        "--ServerApp.port=0", "--ServerApp.token=secret", f"--ServerApp.root_dir={tmp_path}",
    ]  # fmt: skip
    log = tmp_path / "lab.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            command, env=os.environ | places, stdout=out, stderr=subprocess.STDOUT, cwd=ROOT
        )
    try:
        with log.open() as lines:
            while not (found := re.search(r"http://(?:127\.0\.0\.1|localhost):(\d+)/lab", lines.readline())):
                assert server.poll() is None, log.read_text()
        yield f"http://127.0.0.1:{found.group(1)}/doc/tree/explorer.ipynb?token=secret"
    finally:
        server.terminate()
        server.wait(20)


def run(page, command: str, arguments: dict | None = None) -> None:
    page.evaluate("([c, a]) => window.jupyterapp.commands.execute(c, a)", [command, arguments or {}])


def kernel_tells(page, *facts: str) -> None:
    """Wait until a label that the kernel writes names all the facts."""
    page.wait_for_function(
        "f => f.every(x => document.querySelector('.told').innerText.includes(x))", arg=list(facts)
    )


def test_explorer_in_jupyterlab(browser, lab):
    """From query to playing in two clicks, a click on the map, light and dark, the kernel told of it all."""
    context = browser.new_context(viewport={"width": 1360, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(lab)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector('.jp-StatusBar-Widget :text-matches("ipykernel.*Idle")')
    run(page, "notebook:run-all-cells")
    page.wait_for_selector(".vx-explorer-map path.point")
    page.wait_for_function("!document.querySelector('.vx-still')?.offsetParent")
    width = "e => document.querySelector(e).getBoundingClientRect().width"
    page.wait_for_function(
        f"() => ({width})('.vx-explorer-map .main-svg') <= ({width})('.vx-explorer-map') + 1"
    )

    page.fill(".vx-query", "a gunshot in the dark")
    page.click(".vx-go")
    page.wait_for_selector(".vx-result")
    page.locator(".vx-result").nth(1).click()
    page.wait_for_selector(".vx-player .vx-playback[data-state=ready]")
    wanted = show.raw_ranking()[1]
    assert page.inner_text(".vx-player-where").startswith(wanted.level)
    page.wait_for_function("document.querySelectorAll('.vx-tl-bar.vx-on').length === 1")
    page.wait_for_function("document.querySelectorAll('.vx-result img[src]').length > 4")
    page.locator(".vx-tl-step").last.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelectorAll('.vx-tl-step img[src]').length === 4")
    page.locator(".vx-explorer").screenshot(path=_shot_path("explorer_light"))
    kernel_tells(page, wanted.segment_id, "a gunshot in the dark 10")
    page.wait_for_function(
        "t => Number(document.querySelector('.told').innerText.split(' ').at(-1)) >= t", arg=wanted.start_s
    )

    before = page.inner_text(".vx-player-where")
    target = page.locator(".vx-explorer-map .scatterlayer .trace").nth(1).locator("path.point").first
    box = target.bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)
    page.wait_for_selector(".vx-explorer-map .hovertext")
    page.mouse.down()
    page.mouse.up()
    page.wait_for_function("t => document.querySelector('.vx-player-where').innerText !== t", arg=before)
    assert page.inner_text(".vx-player-where").startswith("video")

    run(page, "apputils:change-theme", {"theme": "JupyterLab Dark"})
    page.wait_for_selector("body[data-jp-theme-light=false]", state="attached")
    page.wait_for_function(
        "c => [...document.querySelectorAll('.vx-explorer-map path.point')].some(p => p.style.fill === c)",
        arg="rgb(238, 243, 255)",
    )
    page.locator(".vx-explorer").screenshot(path=_shot_path("explorer_dark"))
    page.set_viewport_size({"width": 900, "height": 1000})
    page.wait_for_function(
        "document.querySelector('.vx-explorer-timeline').getBoundingClientRect().width < 500"
    )
    page.locator(".vx-explorer").screenshot(path=_shot_path("explorer_dark_narrow"))
    assert errors == []
    context.close()


def _shot_path(name: str) -> Path:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS / f"{name}.png"
