"""The widgets in JupyterLab itself, on one server, one notebook and one kernel for all quick tests."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from coded_library import HOSTILE, coded_library, first_number
from coded_video import READ_NUMBER
from harness import lab_command, screenshot_path, serve_lab, until
from PIL import Image, ImageDraw
from test_accessibility import FOCUSED, findings

from videxplore.workbench.keeping import kept_view

pytestmark = pytest.mark.browser

TELLING = """import sys; sys.path.insert(0, TESTS)
import ipywidgets, showcase as show
labels = {}
def told_by(widget, name, text, *traits):
    if name not in labels: labels[name] = ipywidgets.Label().add_class(name)
    label = labels[name]
    widget.observe(lambda _: setattr(label, "value", text()), names=list(traits))
    return label
"""
EXPLORER = """import videxplore as vx
from videxplore.workbench.explorer import Explorer
if "library" not in globals():
    library = vx.Library(FOLDER)
    first = vx.project(library, method="pca")
explorer = e = Explorer(library, projection=first)
display(told_by(e, "told", lambda: f"{e.query} {len(e.hits or ())} {' '.join(e.selection)}",
                "selection", "query", "hits"))
explorer"""
CENSUS = """import json, threading
from ipywidgets.widgets.widget import _instances
kinds = [kind for one in _instances.values() for kind in one._trait_notifiers.values()]
print("census", json.dumps([
    len(get_ipython().kernel.comm_manager.comms), len(_instances), threading.active_count(),
    sum(len(handlers) for kind in kinds for handlers in kind.values())]))"""
CHOSEN = """print("chosen", " ".join(explorer.selected().segment_id))"""
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


SHIFTS = """() => {
  window.shifted = 0;
  const within = (node) => Boolean((node?.closest ? node : node?.parentElement)?.closest(".vx-explorer"));
  new PerformanceObserver((list) => {
    const ours = list.getEntries().filter((one) => one.sources.some(({ node }) => within(node)));
    for (const one of ours) window.shifted += one.value;
  }).observe({ type: "layout-shift" });
}"""

WIDE = {"width": 1500, "height": 1200}


def opened(browser, address: str):
    """The notebook with all its cells run; a page that collects its errors."""
    page = browser.new_context(viewport=WIDE).new_page()
    page.set_default_timeout(180_000)
    page.troubles = []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("console", lambda line: page.troubles.append(line.text) if line.type == "error" else None)
    page.on("dialog", lambda dialog: (page.troubles.append(dialog.message), dialog.dismiss()))
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector('.jp-StatusBar-Widget :text-matches("ipykernel.*Idle")')
    lab_command(page, "notebook:run-all-cells")
    page.wait_for_selector(".vx-explorer-map path.point")
    page.troubles.clear()  # what the application itself met while it started
    return page


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return coded_library(tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="module")
def notebook(browser, library, tmp_path_factory) -> Iterator:
    """One notebook: the explorer of a library of numbered films, a comparison on drawn ones, questions."""
    pytest.importorskip("jupyterlab")
    telling = TELLING.replace("TESTS", repr(str(Path(__file__).parent)))
    cells = [telling, EXPLORER.replace("FOLDER", repr(str(library.path))), COMPARE, CENSUS, CHOSEN]
    folder = tmp_path_factory.mktemp("lab")
    with serve_lab(folder, cells) as address:
        page = opened(browser, address)
        page.notebook = folder / "widgets.ipynb"
        yield page
        page.context.close()


def choose_theme(page, name: str) -> None:
    lab_command(page, "apputils:change-theme", {"theme": f"JupyterLab {name.title()}"})
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


def ask(page, cell: int) -> str:
    """Run a cell and return what it printed."""
    return page.evaluate(
        """async (cell) => {
          const notebook = window.jupyterapp.shell.currentWidget.content;
          notebook.activeCellIndex = cell;
          await window.jupyterapp.commands.execute('notebook:run-cell');
          const outputs = notebook.widgets[cell].model.outputs.toJSON();
          return outputs.map((one) => [one.text ?? ''].flat().join('')).join('');
        }""",
        cell,
    )


def points(page) -> dict[str, tuple[float, float]]:
    """Where each segment stands in the window, in pixels."""
    page.locator(".vx-map-stage").scroll_into_view_if_needed()
    found = page.evaluate(
        """() => {
          const plot = document.querySelector('.vx-map-stage .js-plotly-plot');
          const { xaxis, yaxis } = plot._fullLayout;
          const box = plot.getBoundingClientRect();
          const left = (x) => box.left + xaxis._offset + xaxis.l2p(x);
          const top = (y) => box.top + yaxis._offset + yaxis.l2p(y);
          const traces = plot._fullData.filter((trace) => trace.meta);
          return traces.flatMap((t) => [...t.x].map((x, i) => [t.customdata[i], left(x), top(t.y[i])]));
        }"""
    )
    return {key: (x, y) for key, x, y in found}


def alone(places: dict[str, tuple[float, float]], ids: list[str]) -> str:
    """The one of ``ids`` that stands farthest from every other point."""
    others = np.array(list(places.values()))
    return max(ids, key=lambda key: np.sort(np.hypot(*(others - places[key]).T))[1])


def click_map(page, place: tuple[float, float]) -> None:
    """Move onto a point of the map as a hand does, wait for its card, then click it."""
    x, y = place
    page.mouse.move(2, 2)  # away from the map: the card of another point may still be there
    page.wait_for_function("!document.querySelector('.vx-glimpse:popover-open')")
    page.mouse.move(x - 4, y - 4)
    page.mouse.move(x, y, steps=3)
    page.wait_for_selector(".vx-glimpse:popover-open img[src]")
    page.mouse.down()
    page.mouse.up()


@contextmanager
def held(page) -> Iterator[None]:
    """The stage stands still on the picture that it opens with."""
    of = "const of = HTMLMediaElement.prototype"
    page.evaluate(f"() => {{ {of}; of.go = of.play; of.play = async () => {{}}; }}")
    try:
        yield
    finally:
        page.evaluate(f"() => {{ {of}; of.play = of.go; }}")


def picture(page) -> int:
    """The number on the picture that stands on the stage."""
    stage = "document.querySelector('.vx-player .vx-stage video:not([hidden])')"
    page.wait_for_selector(".vx-player .vx-playback[data-state=ready]")
    page.wait_for_function(f"{stage}.readyState >= 2 && !{stage}.seeking")
    return page.evaluate(f"() => ({READ_NUMBER})({stage})")


def test_from_a_query_to_the_moment_in_one_click(notebook, library):
    """The query is typed, Enter; a click on an answer, and its first picture stands on the stage."""
    page = notebook
    choose_theme(page, "light")
    fits(page, ".vx-map-stage")
    page.fill(".vx-query", "a gunshot in the dark")
    page.keyboard.press("Enter")
    page.wait_for_selector(".vx-result[data-id]")
    card = page.locator(".vx-result[data-id]").nth(1)
    wanted = library.segment(card.get_attribute("data-id"))
    with held(page):
        card.click()
        shift = 6000 if HOSTILE in library.file(wanted.video_id).name else 0
        assert abs(picture(page) - shift - first_number(wanted.start_s)) <= 1
    kernel_tells(page, ".told", wanted.segment_id, "a gunshot in the dark 20")
    page.wait_for_function("document.querySelectorAll('.vx-tl-bar.vx-on').length === 1")
    pictures(page, ".vx-results", 2)
    keep(page, ".vx-explorer", "explorer_light")
    assert page.locator("img[src=x]").count() == 0


def test_a_click_on_the_map_opens_with_the_first_picture(notebook, library):
    page = notebook
    segments = library.segments().set_index("segment_id")
    places = points(page)
    moments = list(segments.index[(segments.level == "moment") & segments.path.str.endswith("numbers.mp4")])
    wanted = alone(places, moments)
    with held(page):
        click_map(page, places[wanted])
        kernel_tells(page, ".told", wanted)
        page.wait_for_function("!document.querySelector('.vx-player .vx-playback[data-state=idle]')")
        assert abs(picture(page) - first_number(segments.start_s[wanted])) <= 1


def test_a_click_with_a_key_held_takes_a_point_into_the_choice(notebook, library):
    page = notebook
    places = points(page)
    moments = library.segments().query("level == 'moment'").segment_id.tolist()
    first = alone(places, moments)
    second = alone(places, [key for key in moments if key != first])
    click_map(page, places[first])
    kernel_tells(page, ".told", first)
    for key in ("Control", "Shift"):  # into it, and out of it
        page.keyboard.down(key)
        click_map(page, points(page)[second])
        page.keyboard.up(key)
        page.wait_for_function(
            "([first, second, both]) => { const told = document.querySelector('.told').innerText;"
            " return told.includes(first) && told.includes(second) === both; }",
            arg=[first, second, key == "Control"],
        )


def test_nothing_jumps_when_answers_and_pictures_come(notebook):
    page = notebook
    page.evaluate(SHIFTS)
    page.fill(".vx-query", "darkening in the night")
    page.keyboard.press("Enter")
    kernel_tells(page, ".told", "darkening in the night")
    page.locator(".vx-result[data-id]").nth(2).click()
    page.wait_for_selector(".vx-player .vx-playback[data-state=ready]")
    pictures(page, ".vx-results", 2)
    assert page.evaluate("window.shifted") < 0.001, "of the window's area times its height; .1 counts as good"


def test_while_a_video_plays_its_head_moves_along_the_map(notebook, library):
    page = notebook
    video = (
        library.segments().query("level == 'video' and path.str.endswith('numbers.mp4')").segment_id.iloc[0]
    )
    click_map(page, points(page)[video])
    page.wait_for_selector(".vx-player .vx-playback[data-playing=true]")
    head = "document.querySelector('.vx-glass-head')"
    page.wait_for_function(f"{head}.getAttribute('visibility') === 'visible'")
    page.evaluate("window.stood = new Set()")
    stands = f"window.stood.add({head}.getAttribute('transform')).size"
    page.wait_for_function(f"{stands} > 5")
    page.focus(".vx-player")
    page.keyboard.press("k")


def test_a_lasso_holds_what_is_inside(notebook, library):
    page = notebook
    places = points(page)
    page.locator(".vx-map-stage .modebar-btn[data-val=lasso]").click(force=True)
    first = encircle(page, places, 1.0)
    page.wait_for_selector(".vx-map-stage .selectionlayer path", state="detached")
    second = encircle(page, points(page), 0.7)  # what the kernel tells above may have moved the map
    assert len(second) < len(first) < len(places) - 3
    printed = ask(page, 4).split()
    assert printed[0] == "chosen"
    assert set(printed[1:]) == second
    page.locator(".vx-map-stage .modebar-btn[data-val=pan]").click(force=True)


def encircle(page, places: dict, size: float) -> set[str]:
    """Draw a lasso over the map, wait until the kernel tells of what it holds, and return that."""
    xy = np.array(list(places.values()))
    middle, spread = xy.mean(0), size * xy.std(0)
    outline = [
        tuple(middle + spread * d) for d in ((-1.3, -0.4), (0.2, -1.4), (1.1, 0.1), (0.1, 0.6), (-0.9, 0.9))
    ]
    page.mouse.move(*outline[0])
    page.mouse.down()
    for corner in (*outline[1:], outline[0]):
        page.mouse.move(*corner, steps=8)
    page.mouse.up()
    mask = Image.new("1", tuple(WIDE.values()))
    ImageDraw.Draw(mask).polygon([tuple(map(float, corner)) for corner in outline], fill=1)
    inside = {key for key, (x, y) in places.items() if mask.getpixel((round(x), round(y)))}
    assert len(inside) > 3
    page.wait_for_function(
        "([inside, outside]) => { const told = document.querySelector('.told').innerText;"
        " return inside.every((id) => told.includes(id)) && !outside.some((id) => told.includes(id)); }",
        arg=[sorted(inside), sorted(places.keys() - inside)],
    )
    return inside


def test_the_explorer_without_serious_findings(notebook):
    page = notebook
    found = [f"{theme}: {line}" for theme in ("light", "dark") for line in in_theme(page, theme)]
    assert found == []
    width = "document.querySelector('.vx-explorer').getBoundingClientRect().width"
    for name, room in (("medium", 1200), ("narrow", 740)):
        page.set_viewport_size({"width": room, "height": 1200})
        page.wait_for_function(f"room => {width} < room", arg=room)
        fits(page, ".vx-map-stage")
        keep(page, ".vx-explorer", f"explorer_dark_{name}")
        assert page.eval_on_selector(".vx-explorer", "e => e.scrollWidth <= e.clientWidth")
    page.set_viewport_size(WIDE)
    assert page.troubles == []


def in_theme(page, theme: str) -> list[str]:
    choose_theme(page, theme)
    keep(page, ".vx-explorer", f"explorer_{theme}_chosen")
    return findings(page, theme, ".vx-explorer")


def test_the_map_takes_the_room_of_a_folded_tree(notebook):
    page = notebook
    fits(page, ".vx-map-stage")
    room = "Math.round(document.querySelector('.vx-map-stage .main-svg').getBoundingClientRect().height)"
    before = page.evaluate(room)
    fold = page.locator(".vx-explorer").get_by_role("button", name="Tree", exact=True)
    fold.click()
    page.wait_for_function(f"before => {room} >= before + 250", arg=before)
    fold.click()
    page.wait_for_function(f"before => {room} === before", arg=before)


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


def test_names_words_notes_and_tags_run_nothing(notebook, library):
    """In every panel: list, tree as rings, key and card of the map, details, drawer."""
    page = notebook
    tagged = library.segments().query("tags != ''")
    wanted = tagged.segment_id.iloc[0]
    page.fill(".vx-query", "a gunshot in the dark")  # without a question there is nothing to compare
    page.keyboard.press("Enter")
    page.wait_for_selector(".vx-result[data-id]")
    page.select_option(".vx-map-color", "tags")
    page.wait_for_selector(f".vx-key-group >> text={HOSTILE} tag")
    click_map(page, points(page)[wanted])
    page.wait_for_selector(f".vx-details >> text={HOSTILE.replace('1', '3')}")
    page.wait_for_function(
        "note => document.querySelector('.vx-details textarea').value.includes(note)", arg=f"{HOSTILE} note"
    )
    for shape, part in (("sunburst", ".vx-sun-arc"), ("timeline", ".vx-tl-bar")):
        page.locator(".vx-bar-shape").select_option(shape)
        page.locator(f".vx-explorer {part}").first.wait_for()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_selector(".vx-explorer .vx-compare .vx-card")
    assert page.locator("img[src=x]").count() == 0
    assert page.troubles == []
    keep(page, ".vx-explorer", "explorer_hostile")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_selector(".vx-explorer .vx-compare", state="hidden")
    page.select_option(".vx-map-color", "level")
    page.wait_for_selector(".vx-key-group", state="detached")


def test_tab_leads_through_the_explorer_and_out_again(notebook):
    page = notebook
    page.focus(".vx-query")
    walked = []
    for _ in range(200):
        page.keyboard.press("Tab")
        if not page.evaluate("Boolean(document.activeElement.closest('.vx-explorer'))"):
            break
        walked.append(page.evaluate(FOCUSED))
    assert len(walked) < 199, "Tab never leaves"
    assert [step for step in walked if not (step["name"] and step["ring"] and step["seen"])] == []


@pytest.mark.long
def test_ten_runs_of_a_cell_leave_what_one_leaves(notebook):
    page = notebook
    ask(page, 1)
    page.wait_for_selector(".vx-map-stage .main-svg")
    before, nodes = census(page)
    for _ in range(10):
        ask(page, 1)
        page.wait_for_selector(".vx-map-stage .main-svg")
    after, more = census(page)
    assert after == before, "comms, widgets, threads, observers"
    assert abs(more - nodes) <= 0.02 * nodes
    assert page.troubles == []


def census(page) -> tuple[list[int], int]:
    """What the kernel holds, and the number of nodes in the page, once both rest."""
    page.wait_for_timeout(1500)
    counted = json.loads(ask(page, 3).removeprefix("census "))
    return counted, page.evaluate("document.querySelectorAll('*').length")


def test_a_saved_explorer_is_small(notebook):
    page = notebook
    page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.save(); }")
    saved = json.loads(page.notebook.read_text())
    (kept,) = saved["metadata"]["widgets"].values()
    states = [one for one in kept["state"].values() if "RankingCompare" not in json.dumps(one)]
    assert len(states) > 20
    assert len(json.dumps([saved["cells"][1]["outputs"], states])) < 300_000
    assert "/9j/" not in json.dumps(states), "the first bytes of a JPEG"
    assert page.troubles == []


@pytest.mark.long
def test_what_was_saved_with_a_notebook_is_the_still_copy_without_its_kernel(browser, library, tmp_path):
    """The state of the widgets stands in the notebook, but nothing answers them: the copy is shown."""
    telling = TELLING.replace("TESTS", repr(str(Path(__file__).parent)))
    with serve_lab(tmp_path, [telling, EXPLORER.replace("FOLDER", repr(str(library.path)))]) as address:
        page = opened(browser, address)
        assert page.locator(".vx-explorer").is_visible()
        page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.save(); }")
        page.context.close()
        server, key = address.split("doc/")[0], "token=secret"
        with urllib.request.urlopen(f"{server}api/sessions?{key}") as answer:
            for session in json.load(answer):
                place = f"{server}api/sessions/{session['id']}?{key}"
                urllib.request.urlopen(urllib.request.Request(place, method="DELETE")).close()
        page = browser.new_context(viewport=WIDE).new_page()
        page.set_default_timeout(180_000)
        page.goto(address)
        page.wait_for_selector(".vx-explorer", state="attached")
        page.wait_for_selector(".vx-explorer", state="hidden")
        copies = "[...document.querySelectorAll('.jp-OutputArea [id^=vx-]')]"
        page.wait_for_function(f"{copies}.some(copy => copy.offsetHeight > 300)")
        page.context.close()


@pytest.mark.long
def test_after_a_restart_of_the_kernel_one_goes_on(notebook, library):
    """What was looked at waits in the library: one press of a button after the cells have run again."""
    page = notebook
    chosen = library.segments().query("level == 'scene'").segment_id.iloc[2]
    page.fill(".vx-query", "darkening")
    page.keyboard.press("Enter")
    page.locator(f".vx-tl-bar[data-id='{chosen}'], .vx-result[data-id='{chosen}']").first.click()
    kernel_tells(page, ".told", "darkening", chosen)
    until(page, lambda: (kept_view(library) or {}).get("selection") == [chosen])
    kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
    page.evaluate(f"async () => {{ await {kernel}.restart(); }}")
    for cell in (0, 1):
        ask(page, cell)
    page.get_by_role("button", name="Go on").click()
    kernel_tells(page, ".told", "darkening", chosen)
    page.wait_for_selector(f".vx-explorer [data-id='{chosen}'].vx-on")
    assert page.input_value(".vx-query") == "darkening"


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
        click_map(page, list(points(page).values())[-8])  # moments are drawn last
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
