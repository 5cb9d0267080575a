"""Widgets and pages for those who see little, use no mouse, or want nothing to move.

axe-core (Deque) finds what can be found by rule; the rest is walked by keyboard as a person would.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import showcase as show
from axe_playwright_python.base import AXE_SCRIPT
from gallery import PAGES, WIDGETS
from harness import Mounted, open_tab, screenshot_path, until
from test_widgets import contrast

from videxplore.views.tokens import token

pytestmark = pytest.mark.browser

RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
WIDTHS = {"player": 420, "finder": 380, "map": 420, "details": 380, "sunburst": 420}

# What has the focus: which widget it is in, what it is called, and whether a ring shows it.
FOCUSED = """() => {
  const node = document.activeElement;
  const room = node.closest("main > div");
  const style = getComputedStyle(node);
  const label = [...(node.labels ?? [])].map((one) => one.textContent).join(" ");
  const box = node.getBoundingClientRect();
  return {
    room: room?.id ?? "",
    name: node.getAttribute("aria-label") ?? (label || node.textContent.trim() || node.title),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
    color: style.outlineColor,
    seen: box.width > 0 && box.height > 0 && node.checkVisibility(),
    place: `${node.tagName} ${[...document.querySelectorAll("*")].indexOf(node)}`,
  };
}"""


def findings(page, theme: str, where: str = "body") -> list[str]:
    """What axe-core calls serious or critical below ``where``, one line per element.

    Everything is asked in the light theme; in the dark one other colours are all that differs.
    """
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    rules = RULES | ({"runOnly": ["color-contrast"]} if theme == "dark" else {})
    found = page.evaluate("([where, rules]) => axe.run(where, rules)", [where, rules])["violations"]
    return [
        f"{one['id']}: {node['target'][0]} {node['html'][:160]} ({node['failureSummary']})"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.fixture(scope="module", params=["light", "dark"])
def gallery(request, browser) -> Iterator:
    """A page with all widgets below each other."""
    with open_tab(browser, height=1400) as page:
        for i, (name, make) in enumerate(WIDGETS.items()):
            width = WIDTHS.get(name.split("-")[0], 1100)
            Mounted(page, make(), theme=request.param, name=name, width=width, beside=i > 0)
        page.wait_for_function(
            "n => [...document.querySelectorAll('main > div')].filter(d => d.children.length).length === n",
            arg=len(WIDGETS),
        )
        page.screenshot(path=screenshot_path(f"gallery_{request.param}"), full_page=True)
        page.theme = request.param
        yield page


def test_widgets_without_serious_findings(gallery):
    assert findings(gallery, gallery.theme) == []


@pytest.mark.long
def test_pages_without_serious_findings(browser, tmp_path):
    with open_tab(browser) as page:
        found = []
        for name, write in PAGES.items():
            address = write(tmp_path / f"{name}.html").as_uri()
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                page.goto(address)
                found += [f"{name}, {theme}: {line}" for line in findings(page, theme)]
        assert found == []


@pytest.mark.parametrize("gallery", ["light"], indirect=True)
def test_tab_leads_through_every_widget_and_out_again(gallery):
    """Everything that takes the focus has a name and a ring; Tab leaves every widget, forwards and back."""
    gallery.evaluate("document.activeElement.blur()")
    walked = []
    for _ in range(400):
        gallery.keyboard.press("Tab")
        here = gallery.evaluate(FOCUSED)
        if not here["room"]:
            break
        walked.append(here)
    assert not here["room"], "Tab never leaves"
    assert len({step["place"] for step in walked}) == len(walked), "Tab goes in a circle"
    rooms = list(dict.fromkeys(step["room"] for step in walked))
    assert [name for name in WIDGETS if name in rooms] == rooms, "in the order of the page"
    assert [step for step in walked if not (step["name"] and step["ring"] and step["seen"])] == []
    gallery.keyboard.press("Shift+Tab")
    back = gallery.evaluate(FOCUSED)["room"]
    for _ in range(400):
        gallery.keyboard.press("Shift+Tab")
        here = gallery.evaluate(FOCUSED)["room"]
        if here != back:
            break
    assert here != back


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_ring_of_the_focus_is_seen_on_every_ground(theme):
    grounds = [{"light": "#ffffff", "dark": "#111111"}[theme], token("raised", theme), token("sunken", theme)]
    assert min(contrast(token("focus", theme), ground) for ground in grounds) >= 3


# --- one job each, without a mouse ---


def inside(page, selector: str) -> bool:
    return page.evaluate("s => document.activeElement.matches(s)", selector)


def tab_to(page, selector: str) -> None:
    """Press Tab until something that matches has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if inside(page, selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


def test_a_clip_is_played_and_stopped_by_keys(tab):
    Mounted(tab, WIDGETS["player"](), width=420)
    tab_to(tab, ".vx-stage-play")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".vx-playback[data-playing=true]")
    assert inside(tab, ".vx-play"), "the big button is gone: the focus is on the small one"
    tab.keyboard.press("Space")
    tab.wait_for_selector(".vx-playback[data-playing=false]")
    tab.keyboard.press("Escape")
    tab_to(tab, ".vx-forward")
    tab.keyboard.press("Enter")
    assert inside(tab, ".vx-forward")


def test_what_is_chosen_while_another_plays_waits_to_be_played(tab):
    widget = WIDGETS["player"]()
    mounted = Mounted(tab, widget, width=420)
    tab.click(".vx-stage-play")
    tab.wait_for_selector(".vx-playback[data-playing=true]")
    widget.load(widget._item | {"id": "another"})
    mounted.push()
    tab.wait_for_selector(".vx-playback[data-state=idle][data-playing=false]")
    assert tab.get_attribute(".vx-play", "aria-label") == "Play (space)"


def test_a_choice_in_the_timeline_keeps_its_place(tab):
    widget = WIDGETS["timeline"]()
    widget.on_choose(lambda segment_id, play: widget.mark([segment_id], {}))
    mounted = Mounted(tab, widget)
    tab_to(tab, ".vx-tl-step")
    tab.keyboard.press("Enter")
    until(tab, lambda: len(widget._selected) == 1 and not widget._hits)
    tab.wait_for_function("document.querySelectorAll('.vx-tl-step').length === 1")
    assert inside(tab, ".vx-tl-step.vx-on"), "the path was drawn anew"
    tab.keyboard.press("Shift+Tab")
    assert inside(tab, ".vx-tl-bar.vx-on")
    tree = show.TREES[1]
    widget.load(WIDGETS["timeline"]()._tree | {"name": tree.video.path.name})
    mounted.push()
    tab.wait_for_function("document.querySelector('.vx-tl-head b').textContent.includes('football')")
    assert inside(tab, ".vx-tl-bar")


@pytest.mark.parametrize(
    ("name", "selector", "step", "on"),
    [
        ("finder", ".vx-result[data-id]", "ArrowDown", ".vx-result.vx-on"),
        ("timeline", ".vx-tl-bar", "ArrowDown", ".vx-tl-bar.vx-on"),
        ("sunburst", ".vx-sun-drawing", "ArrowDown", ".vx-sun-arc.vx-on"),
    ],
)
def test_several_are_chosen_without_a_mouse_and_with_one(tab, name, selector, step, on):
    """Space takes what has the focus into the choice, and the arrow keys go on; so does Ctrl and a click."""
    widget = WIDGETS[name]()
    added, played = [], []

    def mark(ids):
        widget.mark(ids) if name == "finder" else widget.mark(ids, {})

    mark([])
    widget.on_add(lambda segment_id: (added.append(segment_id), mark(added)))
    widget.on_choose(lambda segment_id, play: played.append(segment_id))
    Mounted(tab, widget, width=WIDTHS.get(name, 1100))
    tab_to(tab, selector)
    for count in (1, 2):
        tab.keyboard.press("Space")
        until(tab, lambda count=count: len(added) == count)
        tab.wait_for_function(
            "([s, n]) => document.querySelectorAll(s).length === n", arg=[f"{on}[aria-selected=true]", count]
        )
        tab.keyboard.press(step)
    assert len(set(added)) == 2
    assert tab.locator("[aria-multiselectable=true]").count() == 1
    other = tab.locator(f"{on.removesuffix('.vx-on')}[data-id]:not(.vx-on)").last
    other_id = other.get_attribute("data-id")
    (other if name != "sunburst" else other.locator("path")).click(modifiers=["Control"])
    until(tab, lambda: added[2:] == [other_id])
    assert played == []


def test_rankings_are_steered_by_keys(tab):
    widget = WIDGETS["compare"]()
    Mounted(tab, widget)
    tab_to(tab, "[aria-label='Next query']")
    for place in (1, 2):
        tab.keyboard.press("Enter")
        until(tab, lambda place=place: widget.query == place)
    tab.wait_for_function("document.querySelector('.vx-compare [aria-label=\"Next query\"]').disabled")
    tab.wait_for_function("document.querySelector('.vx-compare').dataset.busy === undefined")
    assert inside(tab, ".vx-compare *"), "a button that can do no more gives the focus away"
    tab.focus(".vx-system")
    tab.keyboard.press("ArrowDown")
    until(tab, lambda: widget.systems != ["joint"])
    tab.wait_for_function("s => document.querySelector('.vx-system').value === s", arg=widget.systems[0])
    assert inside(tab, ".vx-system")
    tab_to(tab, ".vx-card")
    tab.keyboard.press("Enter")
    tab_to(tab, "[data-mark=wanted]")
    tab.keyboard.press("Enter")
    until(tab, lambda: len(widget.relevant) == 1)
    tab.wait_for_selector("[data-mark=wanted][aria-pressed=true]")
    assert inside(tab, "[data-mark=wanted]")


def test_an_edit_is_taken_back_by_keys(tab):
    widget = WIDGETS["tree-timeline"]()
    Mounted(tab, widget)
    count = len(widget.tree.leaves)
    tab_to(tab, ".vx-tt-cell")
    tab.keyboard.press("Alt+ArrowRight")
    tab.wait_for_selector(".vx-tt-edits button:last-child:not(:disabled)")  # Python knows of the edit
    tab_to(tab, ".vx-tt-edits button:last-child")
    tab.keyboard.press("Enter")
    tab.wait_for_function("document.querySelector('.vx-tt-edits button:last-child').disabled")
    tab.wait_for_function("document.activeElement.matches('.vx-tree-timeline *')")
    assert len(widget.tree.leaves) == count


def test_judging_needs_no_mouse(tab):
    widget = WIDGETS["judge"]()
    Mounted(tab, widget)
    tab_to(tab, ".vx-judge")
    for key in "012301"[: widget.left]:
        tab.keyboard.press(key)
    tab.wait_for_selector(".vx-finished:not([hidden])")
    assert widget.left == 0
    assert inside(tab, ".vx-judge")
    assert "0.71" in tab.inner_text("[role=status].vx-finished")


@pytest.mark.long
@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_by_itself_where_that_is_not_wanted(browser, motion):
    with open_tab(browser, motion=motion) as page:
        for i, name in enumerate(("compare", "tree-timeline", "finder")):
            Mounted(page, WIDGETS[name](), name=name, beside=i > 0, width=WIDTHS.get(name, 1100))
        moving = page.evaluate(
            """() => [...document.querySelectorAll('main *')].filter((node) => {
              const style = getComputedStyle(node);
              return style.animationName !== 'none' || style.scrollBehavior === 'smooth'
                || style.transitionDuration.split(',').some((time) => parseFloat(time) > 0);
            }).length"""
        )
        assert (moving == 0) == (motion == "reduce")
        page.hover(".vx-result")
        page.wait_for_selector(".vx-glimpse:popover-open img[src]")
        if motion == "reduce":
            page.wait_for_timeout(400)
            assert page.locator("#finder .vx-glimpse video[src]").count() == 0
        else:
            page.wait_for_selector("#finder .vx-glimpse video[src]")


def test_the_readers_own_colours(browser):
    with open_tab(browser, height=1200) as page:
        page.emulate_media(forced_colors="active")
        for i, name in enumerate(("finder", "timeline", "compare", "encoders", "map-bar")):
            Mounted(page, WIDGETS[name](), name=name, beside=i > 0, width=WIDTHS.get(name, 1100))
        style = "getComputedStyle(document.querySelector(s))"
        look = f"s => [{style}.outlineStyle, {style}.borderTopColor, {style}.backgroundColor]"
        for chosen, other in (
            (".vx-result.vx-on", ".vx-result:not(.vx-on)"),
            (".vx-tl-bar.vx-on", ".vx-tl-bar:not(.vx-on):not(.vx-hit)"),
            (".vx-card.vx-on", ".vx-card:not(.vx-on)"),
        ):
            assert page.evaluate(look, chosen) != page.evaluate(look, other), chosen
        all_of = "[...document.querySelectorAll(s)]"
        fills = f"s => new Set({all_of}.map(e => getComputedStyle(e).backgroundColor)).size"
        assert page.evaluate(fills, "#finder .vx-bar-part") == 3, "the share of picture, sound and words"
        assert page.evaluate(fills, ".vx-key-group > i") == 3
        page.screenshot(path=screenshot_path("gallery_forced_colors"), full_page=True)
