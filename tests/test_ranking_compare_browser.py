"""The comparison in a real browser: slider, pickers, reasons, marks and keys, there and in the kernel."""

from __future__ import annotations

from dataclasses import replace

import pytest
import showcase as show
from harness import Mounted, at_rest, becomes, pictures, screenshot_path

from videxplore.values.rankings import Judgement
from videxplore.values.reports import RankingShift
from videxplore.views.ranking_compare import RankingCompare
from videxplore.workbench.compare import compare

pytestmark = pytest.mark.browser


def drawn(shift: RankingShift | None = None, **options) -> RankingCompare:
    given = {
        "poster": show.poster,
        "clip": lambda _: show.clip(),
        "rank": show.rank,
        "rerankers": show.RERANKERS,
    }
    return RankingCompare(shift or show.shift(), **(given | options))


def judged(*systems: str, sensitivity: float | None = None) -> RankingShift:
    """Rankings of these systems, three answers judged, with all that can be said of them."""
    raw = show.raw_ranking()
    kinds = {"context": "pointwise"}
    others = [
        show.reranked(raw, system=s, kind=kinds.get(s, "joint"), order_sensitivity=sensitivity)
        for s in systems
    ]
    right = [
        Judgement(raw[i].video.rsplit("/", 1)[-1], raw[i].start_s, raw[i].end_s, g)
        for i, g in ((0, 3), (4, 2))
    ]
    doubt = ("The first raw hit stands clear (0.86, next 0.43). Here it fell to rank 3.",)
    return replace(compare(raw, *others, qrels=right), cautions=(doubt,) * len(others))


def on_first_card(tab) -> None:
    tab.focus(".vx-card[tabindex='0']")
    tab.keyboard.press("Home")


def answered(tab, condition: str) -> None:
    """Wait until the page shows what the kernel was asked for, and nothing is on its way any more."""
    tab.wait_for_function(condition)
    at_rest(tab)
    tab.wait_for_function("document.querySelector('.vx-compare').dataset.busy === undefined")


def shot(tab, name: str) -> None:
    tab.screenshot(path=screenshot_path(f"ranking_compare_{name}"), full_page=True)


@pytest.mark.parametrize(
    ("theme", "width", "systems", "shown"),
    [
        ("light", 1100, ["joint"], [0, 1]),
        ("dark", 1100, ["joint", "graph", "context"], [0, 1, 2, 3]),
        ("light", 560, ["joint", "graph"], [0, 1]),
        ("dark", 360, ["joint", "graph"], [1]),
    ],
)
def test_as_many_columns_as_have_room(tab, theme, width, systems, shown):
    shift = judged(*systems)
    Mounted(tab, drawn(shift, queries=show.QUERIES), theme=theme, width=width)
    pictures(tab, 7)
    columns = "[...document.querySelectorAll('.vx-list')].map(l => Number(l.dataset.column))"
    tab.wait_for_function(f"shown => JSON.stringify({columns}) === JSON.stringify(shown)", arg=shown)
    assert tab.locator(".vx-card").count() == 10 * len(shown)
    assert tab.eval_on_selector(".vx-compare", "e => e.scrollWidth <= e.clientWidth")
    assert tab.locator(".vx-links").count() == len(shown) - 1
    gained = sum(
        key in shift.earned
        for ranking in (shift.raw, *shift.others)
        for key in (h.segment_id for h in ranking)
    )
    if len(shown) == len(systems) + 1:
        assert tab.locator(".vx-gain:not(:empty)").count() == gained
    shot(tab, f"{theme}_{width}")


def test_what_deserves_doubt_is_said(tab):
    Mounted(tab, drawn(judged("context", sensitivity=2.1)), width=1000)
    remarks = tab.inner_text(".vx-remarks")
    for words in ("This order is unsure", "2.10", "pointwise: no candidate sees another", "fell to rank 3"):
        assert words in remarks
    assert "−" in tab.inner_text(".vx-head-metric .vx-state[data-state=down]")
    shot(tab, "banner")


def test_a_click_explains_in_additive_steps_and_reaches_the_kernel(tab):
    mounted = Mounted(tab, drawn())
    column = mounted.widget._data["columns"][1]
    wanted = column["ids"][4]
    tab.click(f".vx-list[data-side=right] .vx-card[data-id='{wanted}']")
    tab.wait_for_selector(f".vx-list[data-side=right] .vx-card.vx-on[data-id='{wanted}']")
    becomes(tab, lambda: mounted.widget.selected, wanted)
    assert tab.inner_text(".vx-headline").startswith(column["moves"][wanted]["words"])
    assert tab.inner_text(".vx-headline") == tab.text_content(".vx-sr"), "said to those who do not see it"
    numbers = [
        float(t.replace("−", "-").replace("±", "")) for t in tab.locator(".vx-reason b").all_inner_texts()
    ]
    assert numbers[0] + sum(numbers[1:-1]) == pytest.approx(numbers[-1], abs=0.03), "two decimals are shown"
    assert tab.locator(".vx-step").count() == len(numbers) - 2
    source = column["moves"][wanted]["reasons"][-1]["id"]
    tab.click(f".vx-reason-link[data-source='{source}']")
    tab.wait_for_selector(f".vx-card.vx-on[data-id='{source}']")
    becomes(tab, lambda: mounted.widget.selected, source)


def test_the_slider_reranks_live_and_the_picker_takes_another(tab):
    mounted = Mounted(tab, drawn(judged("joint")))
    top = "document.querySelector('.vx-columns').getBoundingClientRect().top"
    before = tab.evaluate(top)
    tab.fill(".vx-strength-range", "0")
    answered(
        tab,
        "document.querySelectorAll('.vx-list[data-side=right] .vx-state[data-state=same]').length === 10",
    )
    assert mounted.widget.strength == 0
    assert tab.inner_text(".vx-strength-value") == "0.00"
    data = mounted.widget._data
    assert data["columns"][1]["ids"] == data["columns"][0]["ids"]
    order = "[...document.querySelectorAll('.vx-list[data-side=right] .vx-card')].map(c => c.dataset.id)"
    assert tab.evaluate(order) == data["columns"][1]["ids"], "the page lists them in the order of their ranks"
    tab.fill(".vx-strength-range", "1")
    tab.select_option(".vx-system", "graph")
    answered(tab, "document.querySelector('.vx-list[data-side=right]').ariaLabel === 'graph ranking'")
    assert (mounted.widget.systems, mounted.widget.strength) == (["graph"], 1.0)
    assert tab.evaluate(top) == before, "remarks that come and go do not move the lists"


def test_columns_come_and_go(tab):
    mounted = Mounted(tab, drawn())
    tab.click(".vx-add")
    answered(tab, "document.querySelectorAll('.vx-list').length === 3")
    assert (mounted.widget.systems, mounted.widget.other) == (["joint", "graph"], 1)
    third = ".vx-list[data-column='2'] .vx-card"
    tab.locator(third).nth(2).click()
    becomes(tab, lambda: mounted.widget.selected, mounted.widget._data["columns"][2]["ids"][2])
    tab.locator(".vx-list[data-column='1'] .vx-card").nth(0).click()
    becomes(tab, lambda: mounted.widget.other, 0)
    tab.locator(".vx-drop").first.click()
    answered(tab, "document.querySelectorAll('.vx-list').length === 2")
    assert mounted.widget.systems == ["graph"]


def test_everything_by_keyboard(tab):
    mounted = Mounted(tab, drawn(queries=show.QUERIES))
    widget = mounted.widget
    on_first_card(tab)
    column = widget._data["columns"][1]
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_function(
        "id => document.querySelector('.vx-card.vx-on')?.dataset.id === id", arg=column["ids"][1]
    )
    becomes(tab, lambda: widget.selected, column["ids"][1])
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.closest('.vx-why-text') !== null"), "again: into the reasons"
    tab.keyboard.press("Escape")
    tab.keyboard.press("ArrowLeft")
    assert tab.evaluate("document.activeElement.dataset.column") == "0"
    assert tab.evaluate("document.activeElement.getAttribute('role')") == "option"
    assert "score" in tab.evaluate("document.activeElement.getAttribute('aria-label')")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("[")
    tab.keyboard.press("[")
    answered(tab, "document.querySelector('.vx-strength-value').textContent === '0.80'")
    tab.wait_for_function("mounted.widget.module && document.activeElement.classList.contains('vx-card')")
    assert widget.strength == 0.8
    tab.keyboard.press("r")
    answered(tab, "document.querySelector('.vx-system').value === 'graph'")
    tab.keyboard.press("a")
    answered(tab, "document.querySelectorAll('.vx-list').length === 3")
    tab.keyboard.press("x")
    answered(tab, "document.querySelectorAll('.vx-list').length === 2")
    assert widget.systems == ["joint"], "the column in focus is taken away"
    tab.keyboard.press("n")
    answered(tab, f"document.querySelector('.vx-title').textContent.includes('{show.QUERIES[1]}')")
    assert widget.query == 1
    tab.keyboard.press("p")
    answered(tab, f"document.querySelector('.vx-title').textContent.includes('{show.QUERIES[0]}')")
    tab.keyboard.press("?")
    assert tab.is_visible(".vx-keys")
    tab.keyboard.press("Escape")
    assert not tab.is_visible(".vx-keys")


def test_marks_are_kept_and_offer_the_reranker_that_heeds_them(tab):
    mounted = Mounted(tab, drawn())
    on_first_card(tab)
    first = mounted.widget._data["columns"][1]["ids"][0]
    tab.keyboard.press("Enter")
    tab.click(".vx-thumbs [data-mark=wanted]")
    tab.wait_for_selector(".vx-thumbs [data-mark=wanted][aria-pressed=true]")
    becomes(tab, lambda: (mounted.widget.relevant, mounted.widget.irrelevant), ([first], []))
    on_first_card(tab)
    tab.keyboard.press("-")
    tab.wait_for_selector(".vx-thumbs [data-mark=unwanted][aria-pressed=true]")
    becomes(tab, lambda: (mounted.widget.relevant, mounted.widget.irrelevant), ([], [first]))
    assert tab.locator(".vx-mark[data-mark=unwanted]").count() >= 1
    tab.click("text=Show it")
    answered(tab, "document.querySelectorAll('.vx-list').length === 3")
    assert mounted.widget.systems == ["joint", "feedback"]


def test_where_one_column_has_room_tabs_choose_it(tab):
    mounted = Mounted(tab, drawn(judged("joint", "graph")), width=360)
    tab.click(".vx-tabs >> text=raw")
    assert tab.locator(".vx-list").get_attribute("data-column") == "0"
    on_first_card(tab)
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight")
    assert tab.locator(".vx-list").get_attribute("data-column") == "2"
    becomes(tab, lambda: mounted.widget.other, 1)


def test_a_failing_reranker_is_reported(tab):
    def fail(wish):
        raise RuntimeError("out of memory")

    Mounted(tab, drawn(rank=fail))
    tab.fill(".vx-strength-range", "0.5")
    tab.wait_for_selector(".vx-failure .vx-message")
    assert "out of memory" in tab.inner_text(".vx-failure")
    assert tab.locator(".vx-card").count() == 20
    shot(tab, "error")


def test_nothing_found(tab):
    Mounted(tab, RankingCompare(show.empty_shift(), poster=show.poster))
    assert "Not understood: zyzzyva" in tab.inner_text(".vx-message")
    shot(tab, "empty")


def test_cards_keep_their_place_while_pictures_load_and_leaving_gives_everything_back(tab):
    tops = "[...document.querySelectorAll('.vx-card')].map(c => c.getBoundingClientRect().top)"
    Mounted(tab, drawn(poster=None))
    before = tab.evaluate(tops)
    Mounted(tab, drawn())
    pictures(tab, 10)
    assert tab.evaluate(tops) == before
    tab.evaluate("mounted.widget.dispose()")
    assert tab.evaluate("[...mounted.widget.listeners.values()].reduce((n, set) => n + set.size, 0)") == 0
