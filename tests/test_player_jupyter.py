"""The player where it lives: JupyterLab and Notebook 7, behind an address prefix, on real files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from coded_video import READ_NUMBER, write_video
from harness import screenshot_path, serve_lab

pytestmark = pytest.mark.browser

PREFIX = "/user/some.one/"
HOSTILE = "<img src=x onerror=alert(1)>"
FPS = 25
CELL = """from pathlib import Path
import ipywidgets
import videxplore as vx
from videxplore.values.rankings import Hit

def hit(number, path, start_s, end_s, said=""):
    return Hit(1, f"s{{number}}", str(path), "scene", start_s, end_s, 1.0, 1.0, 1, {{}}, transcript=said)

film, hostile = Path({film!r}), Path({hostile!r})
short = [hit(k, film, 2.0 + k, 3.0 + k) for k in range(10)]
long = hit(20, film, 1.0, 69.0)
strange = hit(30, hostile, 1.0, 3.0, "{said}")
elsewhere = hit(40, {elsewhere!r}, 1.0, 3.0)
shown = ipywidgets.VBox([])
names = ["-", "long", "strange", "elsewhere", *(f"short {{k}}" for k in range(10))]
which = ipywidgets.Dropdown(options=names).add_class("which")
told = ipywidgets.Label("-").add_class("told")
def change(event):
    name, _, number = which.value.partition(" ")
    found = globals()[name]
    for old in shown.children:
        old.close()
    player = vx.play(found[int(number)] if number else found)
    player.observe(lambda c: setattr(told, "value", f"{{c['new']:.3f}}"), names="current_time")
    shown.children = [player]
which.observe(change, names="value")
display(which, told, shown)"""

# Every picture put on the screen is read as it appears.
READ = (
    f"window.readNumber = {READ_NUMBER};"
    + """
window.seen = [];
window.watchPlayer = () => {
  window.seen = [];
  const video = document.querySelector('.vx-stage video');
  const see = () => {
    if (!video.hidden && !video.seeking) window.seen.push(window.readNumber(video));
    video.requestVideoFrameCallback(see);
  };
  video.requestVideoFrameCallback(see);
};
"""
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A server's root with films in it, one of them with a name and subtitles that would like to run."""
    root = tmp_path_factory.mktemp("root")
    films = root / "my films"
    films.mkdir()
    x264 = {"preset": "ultrafast"}
    mp4 = {"movflags": "faststart"}
    write_video(films / "a & b #1.mp4", count=1800, rate=FPS, options=x264, size=(192, 108), mux=mp4)
    write_video(films / f"{HOSTILE}.mp4", count=100, rate=FPS, options=x264, size=(192, 108))
    cue = f"WEBVTT\n\n00:00.000 --> 00:04.000\n&lt;img src=x onerror=alert(3)&gt; {HOSTILE} hello\n"
    (films / f"{HOSTILE}.vtt").write_text(cue)
    outside = tmp_path_factory.mktemp("elsewhere") / "film.mkv"
    write_video(outside, count=100, rate=FPS, options=x264, size=(192, 108))
    (root / "outside.txt").write_text(str(outside))
    return root


@pytest.fixture(scope="module", params=["jupyterlab", pytest.param("notebook", marks=pytest.mark.long)])
def page(request, browser, folder, tmp_path_factory) -> Iterator:
    """The notebook with its cell run, in either application."""
    pytest.importorskip(request.param)
    films = folder / "my films"
    cell = CELL.format(
        film=str(films / "a & b #1.mp4"),
        hostile=str(films / f"{HOSTILE}.mp4"),
        elsewhere=(folder / "outside.txt").read_text(),
        said=HOSTILE,
    )
    with serve_lab(folder, [cell], app=request.param, prefix=PREFIX) as address:
        tab = browser.new_context(viewport={"width": 1100, "height": 900}).new_page()
        tab.set_default_timeout(180_000)
        tab.troubles = []
        tab.fetched = []
        tab.on("pageerror", lambda error: tab.troubles.append(str(error)))
        tab.on("dialog", lambda dialog: (tab.troubles.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda request: tab.fetched.append(request.url))
        tab.add_init_script(READ)
        tab.goto(address)
        tab.wait_for_selector(".jp-Notebook .jp-CodeCell")
        tab.wait_for_function("window.jupyterapp?.commands.hasCommand('notebook:run-all-cells')")
        kernel = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
        tab.wait_for_function(f"{kernel}?.status === 'idle'")
        run(tab, "notebook:run-all-cells")
        tab.wait_for_selector(".which select")
        tab.troubles.clear()  # what the application itself met while it started
        yield tab
        tab.context.close()


def run(tab, command: str) -> None:
    tab.evaluate("c => { window.jupyterapp.commands.execute(c); }", command)


def put(tab, what: str) -> None:
    """Put another segment on the stage."""
    tab.evaluate("document.querySelectorAll('.vx-player').forEach(p => { p.dataset.old = 'yes'; })")
    tab.select_option(".which select", what)
    tab.wait_for_selector(".vx-player:not([data-old]) .vx-playback[data-state=idle]")
    tab.wait_for_function("[...document.querySelectorAll('.vx-player')].every(p => !p.dataset.old)")
    tab.evaluate("watchPlayer()")


def play(tab, *, first: int | None = None, loop: bool = False) -> None:
    """Play; with ``first`` the film is held on the picture that it opens with until that has been read."""
    if not loop:
        tab.click(".vx-loop")
    if first is not None:
        hold = "{ const of = HTMLMediaElement.prototype; of.go = of.play; of.play = async () => {}; }"
        tab.evaluate(f"() => {hold}")
    tab.click(".vx-stage-play")
    tab.wait_for_selector(".vx-playback[data-state=ready]")
    if first is not None:
        shows(tab, first)
        tab.evaluate("() => { HTMLMediaElement.prototype.play = HTMLMediaElement.prototype.go; }")
        tab.click(".vx-play")


def shows(tab, number: int) -> None:
    """Wait until the picture that stands on the stage is the one with this number."""
    stage = "document.querySelector('.vx-stage video:not([hidden])')"
    tab.wait_for_function(f"n => {stage} && readNumber({stage}) === n", arg=number)


def ended(tab, time_s: float) -> None:
    """Wait until the stage stands still at the end and the kernel has heard of it."""
    tab.wait_for_selector(".vx-playback[data-playing=false]")
    tab.wait_for_function(
        "t => Math.abs(Number(document.querySelector('.told').innerText) - t) < 0.05", arg=time_s
    )


def test_a_clip_starts_and_stops_on_its_pictures(page):
    put(page, "elsewhere")
    play(page, first=26)
    page.wait_for_function("document.querySelector('.vx-stage video').ended")
    ended(page, 3.0)
    shows(page, 75)
    seen = page.evaluate("seen")
    assert min(seen) >= 26
    assert max(seen) <= 75
    assert page.get_attribute(".vx-stage video", "src").startswith("blob:")


def test_a_long_segment_is_played_from_the_server_behind_its_prefix(page):
    put(page, "long")
    play(page, first=26)
    source = page.get_attribute(".vx-stage video", "src")
    assert f"{PREFIX}files/my%20films/a%20%26%20b%20%231.mp4" in source
    page.wait_for_function("seen.length > 3")
    assert min(page.evaluate("seen")) >= 26
    page.focus(".vx-player")
    page.keyboard.press("k")
    page.wait_for_selector(".vx-playback[data-playing=false]")
    # In one go: the film's own clock writes to the slider as well, until it stands.
    page.evaluate("""() => {
        const scrub = document.querySelector(".vx-scrub");
        scrub.value = 66.5;
        scrub.dispatchEvent(new Event("input", { bubbles: true }));
    }""")
    # What has been sought is not always painted while the film stands: a starved browser leaves it out.
    page.wait_for_function("""() => {
        const film = document.querySelector(".vx-stage video");
        return !film.seeking && film.currentTime > 67.2;
    }""")
    page.keyboard.press(" ")
    page.wait_for_selector(".vx-playback[data-playing=true]")
    ended(page, 69.0)
    shows(page, 1725)
    # It stands exactly; on the way there a timer stops the film, which is late on a busy machine.
    assert max(page.evaluate("seen")) <= 1728, "one picture after the end, three where the machine is busy"
    page.keyboard.press("ArrowLeft")
    shows(page, 1724)
    page.locator(".vx-player").screenshot(path=screenshot_path("player_jupyter_film"))


def test_names_and_subtitles_run_nothing(page):
    put(page, "strange")
    assert HOSTILE in page.inner_text(".vx-player-name")
    play(page)
    page.wait_for_function("document.querySelector('.vx-stage video').ended")
    page.focus(".vx-player")
    page.keyboard.press("Home")
    page.wait_for_function("document.querySelector('.vx-stage-said').innerText.includes('onerror=alert(3)')")
    assert page.locator("img[src=x]").count() == 0
    assert page.troubles == []
    page.locator(".vx-player").screenshot(path=screenshot_path("player_jupyter_hostile"))


def test_ten_plays_add_little_to_the_notebook(page, folder):
    notebook = folder / "widgets.ipynb"
    put(page, "elsewhere")
    save(page, notebook)
    before = notebook.stat().st_size
    for k in range(10):
        put(page, f"short {k}")
        play(page, loop=True)
        page.wait_for_function("n => seen.includes(n)", arg=51 + FPS * k + 12)
    save(page, notebook)
    assert notebook.stat().st_size - before < 200_000
    assert "base64" not in notebook.read_text()
    assert page.troubles == []


def save(tab, notebook: Path) -> None:
    """Save, also where nothing seems to have changed."""
    tab.evaluate(
        """async () => {
          const shell = window.jupyterapp.shell;
          await shell.currentWidget.context.save();
        }"""
    )
    assert notebook.exists()
