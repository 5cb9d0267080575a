"""The player in a real browser: which picture it shows, where it stops, what keys and captions do."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import numpy as np
import pytest
import showcase as show
from coded_video import READ_NUMBER, write_video
from harness import Mounted, becomes, open_tab, screenshot_path, until

from videxplore.stages.decoding.muxing import picture_times
from videxplore.stages.decoding.proxies import clip, storyboard
from videxplore.values.media import Span
from videxplore.views.catalogue import Catalogue
from videxplore.views.delivery import Clip, settled
from videxplore.views.finder import Finder
from videxplore.views.player import Player

pytestmark = pytest.mark.browser

CATALOGUE = Catalogue(show.ROWS)
HOSTILE = "<img src=x onerror=alert(1)>\"'&</script><script>alert(2)</script>"
START_S, END_S, FPS = 2.0, 4.0, 25
FIRST, LAST = 51, 100  # numbers burnt into the first and the last picture of the segment


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Eight seconds of numbered pictures in a size whose blocks survive scaling."""
    path = tmp_path_factory.mktemp("numbers") / "film.mp4"
    sound = 0.2 * np.sin(2 * np.pi * 330 * np.arange(8 * 48000) / 48000)
    write_video(path, count=200, rate=FPS, options={"preset": "ultrafast"}, size=(192, 108), sound=sound)
    return path


class Source:
    """Real clips, cut at once; what is ordered and given up is written down."""

    def __init__(self, film, said=(), preview=False) -> None:
        self.film, self.said, self.preview = film, list(said), preview
        self.ordered: list[tuple[str, str, tuple[str, ...], bool]] = []
        self.waiting: list[Future] | None = None

    def order(self, segment_id, kind, formats, served):
        self.ordered.append((segment_id, kind, tuple(formats), served))
        if self.waiting is not None:
            self.waiting.append(Future())
            return self.waiting[-1]
        if kind == "hover" or (self.preview and kind == "clip"):
            board = storyboard(self.film, Span(0.0, 8.0), pictures=8, duration_s=4.0, height=108)
            return settled(lambda: Clip(board, picture_times(board).tolist(), 2.0, True))
        made = clip(self.film, Span(START_S, END_S), height=108)
        return settled(lambda: Clip(made, picture_times(made).tolist()))

    def cues(self, segment_id):
        return settled(lambda: self.said)


@pytest.fixture
def tab(browser) -> Iterator:
    with open_tab(browser, width=900, height=620, motion="no-preference") as page:
        yield page
        assert page.locator("script:has-text('alert')").count() == 0


# Every picture that is put on the screen is read as it appears: seen by requestVideoFrameCallback alone.
READ = (
    f"window.readNumber = {READ_NUMBER};"
    + """
window.seen = [];
for (const video of document.querySelectorAll('.vx-stage video')) {
  const see = () => { window.seen.push(window.readNumber(video)); video.requestVideoFrameCallback(see); };
  video.requestVideoFrameCallback(see);
}
"""
)


def numbered(**more):
    return CATALOGUE[show.ROWS[5]["segment_id"]] | {"start": START_S, "end": END_S} | more


def mount(tab, film, *, theme="light", width=440, said=(), preview=False, **more):
    source = Source(film, said, preview)
    mounted = Mounted(
        tab, Player(numbered(**more), poster=show.poster, clip=source), theme=theme, width=width
    )
    tab.add_script_tag(content=READ)
    return mounted, source


def state(tab, name):
    tab.wait_for_selector(f".vx-playback[data-state={name}]")


def playing(tab, yes=True):
    tab.wait_for_selector(f".vx-playback[data-playing={str(yes).lower()}]")


def shows(tab, number):
    stage = "document.querySelector('.vx-stage video:not([hidden])')"
    tab.wait_for_function(f"n => {stage} && readNumber({stage}) === n", arg=number)


def says(tab, text):
    tab.wait_for_function("t => document.querySelector('.vx-stage-said').textContent === t", arg=text)


def shot(tab, name):
    tab.locator("#widget").screenshot(path=screenshot_path(name))


def test_it_plays_exactly_the_segment_and_stops_on_its_last_picture(tab, film):
    mounted, source = mount(tab, film)
    tab.click(".vx-loop")
    tab.click(".vx-stage-play")
    tab.wait_for_function("document.querySelector('.vx-stage video').ended")
    shows(tab, LAST)
    seen = tab.evaluate("seen")
    assert min(seen) >= FIRST
    assert max(seen) <= LAST
    tab.wait_for_function("document.querySelector('.vx-clock').textContent === '0:04.0 / 0:04.0'")
    becomes(tab, lambda: mounted.widget.current_time, pytest.approx(END_S, abs=1 / FPS))
    assert source.ordered[0][2][0] == "mp4"
    tab.focus(".vx-player")
    tab.keyboard.press("Home")
    shows(tab, FIRST)


def test_looping_begins_anew_and_never_leaves_the_segment(tab, film):
    mount(tab, film)
    tab.click(".vx-stage-play")
    tab.wait_for_function(f"seen.lastIndexOf({FIRST}) > seen.indexOf({LAST - 2}) && seen.length > 20")
    assert set(tab.evaluate("seen")) <= set(range(FIRST, LAST + 1))


def test_arrows_step_by_one_picture(tab, film):
    mount(tab, film)
    tab.focus(".vx-player")
    tab.keyboard.press("Enter")
    playing(tab)
    tab.keyboard.press("k")
    playing(tab, False)
    tab.keyboard.press("Home")
    shows(tab, FIRST)
    for k in range(1, 6):
        tab.keyboard.press("ArrowRight")
        shows(tab, FIRST + k)
    tab.keyboard.press("ArrowLeft")
    shows(tab, FIRST + 4)
    assert tab.get_attribute(".vx-clock", "title") == "Picture 5 of 50"
    for _ in range(10):  # faster than pictures can be drawn: every press counts
        tab.keyboard.press("ArrowRight")
    shows(tab, FIRST + 14)
    tab.keyboard.press("Shift+ArrowRight")
    shows(tab, FIRST + 39)
    tab.keyboard.press("j")
    shows(tab, FIRST + 14)
    tab.keyboard.press("End")
    shows(tab, LAST)
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowLeft")
    shows(tab, LAST - 1)


def test_space_and_shuttle_keys(tab, film):
    mount(tab, film)
    tab.focus(".vx-player")
    tab.keyboard.press(" ")
    playing(tab)
    tab.keyboard.press("l")
    assert tab.evaluate("document.querySelector('.vx-stage video').playbackRate") == 1.5
    assert tab.input_value(".vx-rate") == "1.5"
    tab.keyboard.press("k")
    playing(tab, False)
    assert tab.input_value(".vx-rate") == "1"
    tab.keyboard.press("l")
    playing(tab)
    tab.keyboard.press(" ")
    playing(tab, False)
    tab.select_option(".vx-rate", "0.5")
    assert tab.evaluate("document.querySelector('.vx-stage video').playbackRate") == 0.5
    tab.focus(".vx-player")
    tab.keyboard.press("m")
    assert tab.evaluate("document.querySelector('.vx-stage video').muted")
    tab.focus(".vx-play")
    tab.keyboard.press("Enter")
    playing(tab)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_captions_are_text_and_can_be_put_away(tab, film, theme):
    said = [(1.0, 3.0, HOSTILE), (2.5, 3.5, "And the keeper\ncomes out")]
    mount(tab, film, theme=theme, said=said, transcript=HOSTILE, name=HOSTILE)
    tab.click(".vx-loop")
    tab.click(".vx-stage-play")
    tab.wait_for_function("document.querySelector('.vx-stage video').ended")
    tab.focus(".vx-player")
    tab.keyboard.press("Home")
    says(tab, HOSTILE)
    tab.keyboard.press("Shift+ArrowRight")
    tab.wait_for_function(
        "document.querySelector('.vx-stage-said').textContent === 'And the keeper comes out'"
    )
    shot(tab, f"player_captions_{theme}")
    tab.keyboard.press("c")
    assert tab.is_hidden(".vx-stage-said")
    assert HOSTILE in tab.inner_text(".vx-player-name")


def test_a_long_segment_is_a_preview_with_marks_that_can_be_played(tab, film):
    parts = [
        {"id": f"p{k}", "start": float(k), "level": "scene", "time": f"0:0{k}.0–0:0{k + 2}.0"}
        for k in (0, 2, 4, 6)
    ]
    source = Source(film, preview=True)
    widget = Player(numbered(start=0.0, end=8.0, parts=parts), poster=show.poster, clip=source)
    chosen = []
    widget.on_choose(lambda segment_id, play: chosen.append((segment_id, play)))
    Mounted(tab, widget, width=440)
    tab.add_script_tag(content=READ)
    tab.click(".vx-stage-play")
    playing(tab)
    assert tab.inner_text(".vx-stage-badge span") == "Preview: 8 pictures, 2× as fast, no sound"
    assert tab.locator(".vx-ticks span").count() == 3
    tab.click(".vx-part-mark >> nth=2")
    becomes(tab, lambda: chosen, [("p4", True)])
    tab.focus(".vx-player")
    tab.keyboard.press("k")
    tab.keyboard.press("Home")
    shows(tab, 1)
    tab.keyboard.press("ArrowRight")
    shows(tab, 26)  # a second further on the video's clock, half a second of the preview
    tab.wait_for_function("document.querySelector('.vx-clock').textContent.startsWith('0:01.')")
    shot(tab, "player_preview")
    tab.click(".vx-stage-whole")
    tab.wait_for_selector(".vx-stage-badge", state="hidden")
    state(tab, "ready")
    assert [kind for _, kind, _, _ in source.ordered] == ["clip", "whole"]


def test_what_is_no_longer_wanted_is_given_up(tab, film):
    mounted, source = mount(tab, film)
    source.waiting = []
    tab.click(".vx-stage-play")
    state(tab, "loading")
    tab.wait_for_selector(".vx-stage-note:text('Preparing the clip')")
    shot(tab, "player_loading")
    mounted.widget.load(CATALOGUE[show.ROWS[7]["segment_id"]])
    mounted.push()
    tab.wait_for_function("document.querySelector('.vx-playback').dataset.state === 'idle'")
    until(tab, source.waiting[0].cancelled)


def test_a_clip_that_cannot_be_made_leaves_poster_and_reason_and_can_be_tried_again(tab, film):
    broken = [True]

    def make(segment_id):
        if broken[0]:
            raise FileNotFoundError(f"the file was moved {HOSTILE}")
        return clip(film, Span(START_S, END_S))

    Mounted(tab, Player(numbered(), poster=show.poster, clip=make), width=440)
    tab.click(".vx-stage-play")
    state(tab, "error")
    assert f"the file was moved {HOSTILE}" in tab.inner_text(".vx-stage-note")
    assert tab.get_attribute(".vx-stage-poster", "src").startswith("blob:")
    shot(tab, "player_error")
    broken[0] = False
    tab.click(".vx-play")
    playing(tab)


def test_bytes_that_are_no_film_are_reported(tab):
    Mounted(tab, Player(numbered(), poster=show.poster, clip=lambda _: b"\0" * 4000), width=440)
    tab.click(".vx-stage-play")
    state(tab, "error")
    assert "the browser cannot play this clip" in tab.inner_text(".vx-stage-note")


def test_nothing_selected(tab):
    Mounted(tab, Player(None), width=440)
    assert "Nothing selected" in tab.inner_text(".vx-player")
    shot(tab, "player_empty")


@pytest.mark.parametrize("width", [220, 320])
def test_controls_fit_where_there_is_little_room(tab, film, width):
    mount(tab, film, width=width, said=[(0.0, 9.0, "Over here")], transcript="Over here")
    tab.click(".vx-stage-play")
    playing(tab)
    tab.wait_for_selector(".vx-captions")
    assert tab.evaluate(
        "document.querySelector('.vx-player').scrollWidth <= document.querySelector('.vx-player').clientWidth"
    )
    inside = """[...document.querySelectorAll('.vx-controls > *')].every(e => {
      const a = e.getBoundingClientRect(), b = e.closest('.vx-playback').getBoundingClientRect();
      return a.width === 0 || (a.left >= b.left - 1 && a.right <= b.right + 1);
    })"""
    assert tab.evaluate(inside)
    shot(tab, f"player_narrow_{width}")


def test_focus_is_seen_on_every_control(tab, film):
    mount(tab, film)
    tab.click(".vx-stage-play")
    playing(tab)
    tab.focus(".vx-player")
    names = []
    for _ in range(7):
        tab.keyboard.press("Tab")
        names.append(tab.evaluate("document.activeElement.getAttribute('aria-label')"))
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert tab.evaluate(outline) == "solid", names[-1]
    assert names == [
        "Pause (space)", "Time within the segment", "One picture back (←)", "One picture on (→)", "Speed",
        "Loop (R)", "Mute (M)",
    ]  # fmt: skip


def test_a_glimpse_follows_the_pointer_in_the_list(tab, film):
    source = Source(film)
    widget = Finder(poster=show.poster, clip=source)
    widget.load(show.raw_ranking())
    Mounted(tab, widget, width=380)
    tab.locator(".vx-result").nth(1).hover()
    tab.wait_for_selector(".vx-glimpse:popover-open video:not([hidden])")
    assert source.ordered == [(widget._results["hits"][1]["id"], "hover", source.ordered[0][2], False)]
    tab.wait_for_function("document.querySelector('.vx-glimpse video').currentTime > 0.2")
    tab.screenshot(path=screenshot_path("hover_list"))
    tab.mouse.move(700, 600)
    tab.wait_for_selector(".vx-glimpse:not(:popover-open)", state="attached")


def test_without_motion_the_glimpse_is_a_still(tab, film):
    tab.emulate_media(reduced_motion="reduce")
    source = Source(film)
    widget = Finder(poster=show.poster, clip=source)
    widget.load(show.raw_ranking())
    Mounted(tab, widget, width=380)
    tab.locator(".vx-result").nth(0).hover()
    tab.wait_for_selector(".vx-glimpse:popover-open img[src]")
    assert source.ordered == []
