"""The widgets in JupyterLab itself, on one server, one notebook and one kernel for all quick tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import showcase as show
from harness import screenshot_path, serve_lab

pytestmark = pytest.mark.browser

TELLING = """import sys; sys.path.insert(0, TESTS)
import ipywidgets, showcase as show
def told_by(widget, name, text, *traits):
    label = ipywidgets.Label("nothing yet").add_class(name)
    widget.observe(lambda _: setattr(label, "value", text()), names=list(traits))
    return label
"""
EXPLORER = """from videxplore.views.catalogue import Catalogue
from videxplore.views.explorer import ExplorerView
explorer = e = ExplorerView(Catalogue(show.ROWS), show.projection(), search=lambda *_: show.raw_ranking(),
                            poster=show.poster, clip=lambda _: show.clip(), title="films.lance")
display(told_by(e, "told", lambda: f"{e.selection} {e.query} {len(e.hits or ())} {e.current_time:.1f}",
                "selection", "query", "hits", "current_time"))
explorer"""
COMPARE = """from videxplore.views.ranking_compare import RankingCompare
compare = c = RankingCompare(show.shift(), poster=show.poster, clip=lambda _: show.clip(), rank=show.rank)
display(told_by(c, "told-compare", lambda: f"{c.selected} at {c.strength}", "selected", "strength"))
compare"""
LIVE_FILMS = """import videxplore as vx
films = [path for path in vx.sample_set().videos if path.stem in ("night_street", "football", "storm")]
library = vx.Library(FOLDER)
report = vx.ingest(films, library, progress=False)
explorer = e = vx.show(library)
names = lambda: [Path(path).name for path in e.selected()["path"]]
display(told_by(e, "told", lambda: f"{names()} {e.query}", "selection", "query", "hits"))
explorer"""
LIVE_RANKING = """raw = library.search("a gunshot in the dark", k=10)
compare = c = vx.show(vx.compare(raw, vx.rerank(raw)), library=library)
display(told_by(c, "told-compare", lambda: f"{c.selected} at {c.strength}", "selected", "strength"))
compare"""


def opened(browser, address: str):
    """The notebook with all its cells run; a page that collects its errors."""
    page = browser.new_context(viewport={"width": 1360, "height": 1200}).new_page()
    page.set_default_timeout(90_000)
    page.troubles = []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector('.jp-StatusBar-Widget :text-matches("ipykernel.*Idle")')
    run(page, "notebook:run-all-cells")
    page.wait_for_selector(".vx-explorer-map path.point")
    return page


@pytest.fixture(scope="module")
def notebook(browser, tmp_path_factory) -> Iterator:
    """One notebook with both widgets, on drawn films."""
    pytest.importorskip("jupyterlab")
    telling = TELLING.replace("TESTS", repr(str(Path(__file__).parent)))
    with serve_lab(tmp_path_factory.mktemp("lab"), [telling + EXPLORER, COMPARE]) as address:
        page = opened(browser, address)
        yield page
        page.context.close()


def run(page, command: str, arguments: dict | None = None) -> None:
    page.evaluate("([c, a]) => window.jupyterapp.commands.execute(c, a)", [command, arguments or {}])


def choose_theme(page, name: str) -> None:
    run(page, "apputils:change-theme", {"theme": f"JupyterLab {name.title()}"})
    page.wait_for_selector(f"body[data-jp-theme-light={str(name == 'light').lower()}]", state="attached")
    ink = {"light": "rgb(20, 35, 79)", "dark": "rgb(238, 243, 255)"}[name]
    page.wait_for_function(
        "c => [...document.querySelectorAll('.vx-explorer-map path.point')].some(p => p.style.fill === c)",
        arg=ink,
    )


def kernel_tells(page, label: str, *facts: str) -> None:
    """Wait until a label that the kernel writes names all the facts."""
    page.wait_for_function(
        "([l, f]) => f.every(x => document.querySelector(l).innerText.includes(x))",
        arg=[label, list(facts)],
    )


def pictures(page, selector: str, count: int) -> None:
    page.wait_for_function(
        "([s, n]) => [...document.querySelectorAll(s)].filter(i => i.complete && i.naturalWidth).length >= n",
        arg=[f"{selector} img[src]", count],
    )


def keep(page, selector: str, name: str) -> None:
    page.locator(selector).screenshot(path=screenshot_path(name))


def fits(page, selector: str) -> None:
    """Wait until nothing in the map is wider than its box."""
    width = "e => document.querySelector(e).getBoundingClientRect().width"
    page.wait_for_function(f"s => ({width})(s + ' .main-svg') <= ({width})(s) + 1", arg=selector)


def click_map(page, trace: int, point: int = 0) -> None:
    """Move onto a point of the map as a hand does, then click it."""
    target = page.locator(".vx-explorer-map .scatterlayer .trace").nth(trace).locator("path.point").nth(point)
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)
    page.wait_for_selector(".vx-explorer-map .hovertext")
    page.wait_for_selector(".vx-glimpse:popover-open img[src]")
    page.mouse.down()
    page.mouse.up()


def test_explorer(notebook):
    """From query to playing in two clicks, a click on the map, light and dark, the kernel told of it all."""
    page = notebook
    page.wait_for_function("!document.querySelector('.vx-still')?.offsetParent")
    choose_theme(page, "light")
    fits(page, ".vx-explorer-map")

    page.fill(".vx-query", "a gunshot in the dark")
    page.click(".vx-go")
    page.wait_for_selector(".vx-result")
    page.locator(".vx-result").nth(1).click()
    page.wait_for_selector(".vx-player .vx-playback[data-state=ready]")
    wanted = show.raw_ranking()[1]
    assert page.inner_text(".vx-player-where").startswith(wanted.level)
    page.wait_for_function("document.querySelectorAll('.vx-tl-bar.vx-on').length === 1")
    pictures(page, ".vx-results", 5)
    page.locator(".vx-tl-step").last.scroll_into_view_if_needed()
    pictures(page, ".vx-tl-path", 4)
    keep(page, ".vx-explorer", "explorer_light")
    kernel_tells(page, ".told", wanted.segment_id, "a gunshot in the dark 10")
    page.wait_for_function(
        "t => Number(document.querySelector('.told').innerText.split(' ').at(-1)) >= t", arg=wanted.start_s
    )

    before = page.inner_text(".vx-player-where")
    click_map(page, trace=2)
    page.wait_for_function("t => document.querySelector('.vx-player-where').innerText !== t", arg=before)
    assert page.inner_text(".vx-player-where").startswith("video")

    choose_theme(page, "dark")
    keep(page, ".vx-explorer", "explorer_dark")
    page.set_viewport_size({"width": 900, "height": 1000})
    page.wait_for_function(
        "document.querySelector('.vx-explorer-timeline').getBoundingClientRect().width < 500"
    )
    fits(page, ".vx-explorer-map")
    keep(page, ".vx-explorer", "explorer_dark_narrow")
    page.set_viewport_size({"width": 1360, "height": 1200})
    assert page.troubles == []


def test_ranking_compare(notebook):
    """The slider ranks anew while it is dragged, a click explains and plays, light and dark."""
    page = notebook
    choose_theme(page, "light")
    page.locator(".vx-compare").scroll_into_view_if_needed()
    page.wait_for_selector(".vx-list[data-side=right] .vx-card")
    pictures(page, ".vx-compare", 12)
    page.fill(".vx-strength-range", "0")
    page.wait_for_function(
        "document.querySelectorAll('.vx-list[data-side=right] .vx-state[data-state=same]').length === 10"
    )
    kernel_tells(page, ".told-compare", "at 0.0")
    page.fill(".vx-strength-range", "1")
    page.wait_for_function("!document.querySelector('.vx-figures').innerText.startsWith('0 of')")
    card = page.locator(".vx-list[data-side=right] .vx-card").nth(2)
    card.click()
    kernel_tells(page, ".told-compare", card.get_attribute("data-id"), "at 1.0")
    assert page.locator(".vx-reason").count() >= 4
    page.click(".vx-why .vx-stage-play")
    page.wait_for_selector(".vx-why .vx-playback[data-state=ready]")
    keep(page, ".vx-compare", "ranking_compare_jupyterlab_light")
    choose_theme(page, "dark")
    keep(page, ".vx-compare", "ranking_compare_jupyterlab_dark")
    assert page.troubles == []


@pytest.mark.long
def test_both_on_ingested_films(browser, sample, tmp_path):
    """The same on films that were ingested: what is found is found again on map, tree and stage."""
    pytest.importorskip("jupyterlab")
    telling = TELLING.replace("TESTS", repr(str(Path(__file__).parent))) + "from pathlib import Path\n"
    films = telling + LIVE_FILMS.replace("FOLDER", repr(str(tmp_path / "films.lance")))
    (tmp_path / "lab").mkdir()
    with serve_lab(tmp_path / "lab", [films, LIVE_RANKING]) as address:
        page = opened(browser, address)
        page.fill(".vx-query", "gunshot")
        page.click(".vx-go")
        page.locator(".vx-result").first.click()
        page.wait_for_selector(".vx-player .vx-playback[data-state=ready]")
        kernel_tells(page, ".told", "night_street.mp4", "gunshot")
        pictures(page, ".vx-results", 5)
        page.locator(".vx-tl-step").last.scroll_into_view_if_needed()
        pictures(page, ".vx-tl-path", 4)
        keep(page, ".vx-explorer", "explorer_films_light")
        click_map(page, trace=5, point=7)
        page.wait_for_selector(".vx-player .vx-playback[data-state=ready]")
        assert page.inner_text(".vx-player-where").startswith("moment")
        choose_theme(page, "dark")
        keep(page, ".vx-explorer", "explorer_films_dark")
        page.locator(".vx-compare").scroll_into_view_if_needed()
        pictures(page, ".vx-compare", 12)
        keep(page, ".vx-compare", "ranking_compare_films_dark")
        choose_theme(page, "light")
        keep(page, ".vx-compare", "ranking_compare_films_light")
        assert page.troubles == []
        page.context.close()
