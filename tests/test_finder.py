"""The finder: what its form says is what the search filters; its past, weights and code; keys and chips."""

from __future__ import annotations

import numpy as np
import pytest
import showcase as show
import traitlets
from harness import Mounted, at_rest, becomes, run_node, slow_kernel, until
from hypothesis import example, given, settings
from hypothesis import strategies as st

from videxplore.stages.store.conditions import select_rows
from videxplore.values.annotations import Tags
from videxplore.values.asked import Asked
from videxplore.views.catalogue import Catalogue
from videxplore.views.filters import Filters, changed_filters, describe_filters, read_filters
from videxplore.views.finder import REMEMBERED, Finder
from videxplore.workbench.details import asked_modalities

NAMES = {
    "v1": "night street.mp4",
    "v2": show.HOSTILE,
    "v3": 'it\'s "one".mp4',
    "v4": "twin.mp4",
    "v5": "twin.mp4",
}
TAGS = ("goal", "for the trailer", "<b>x</b>")
WORDS = ("corner", "kick", "left", "“oh”")


def rows() -> list[dict]:
    """Every mixture of what a form can ask for, in a table of 120 segments."""
    made = []
    for i in range(120):
        said = " ".join(word for j, word in enumerate(WORDS) if i >> j & 1)
        video = list(NAMES)[i % 5]
        start = float(i % 13)
        made.append({
            "video_id": video, "name": NAMES[video], "start_s": start, "end_s": start + 0.5 + i % 7,
            "duration_s": 0.5 + i % 7, "transcript": said.title(), "said": said, "coherence": (i % 10) / 10,
            "tag": Tags(tag for j, tag in enumerate(TAGS) if (i // 3) >> j & 1),
        })  # fmt: skip
    return made


ROWS = rows()


def selected(where: str) -> list[int]:
    if not where:
        return list(range(len(ROWS)))
    mask = select_rows(where, lambda name: [row[name] for row in ROWS], len(ROWS))
    return [i for i, kept in enumerate(mask) if kept]


def said_by(filters: Filters) -> list[int]:
    """What a form selects, worked out from its fields and not from any condition."""

    def within(bounds, low, high) -> bool:
        return (bounds[0] is None or low >= bounds[0]) and (bounds[1] is None or high <= bounds[1])

    return [
        i
        for i, row in enumerate(ROWS)
        if (not filters.videos or row[filters.by] in filters.videos)
        and (not filters.tags or any(row["tag"] == tag for tag in filters.tags))
        and within(filters.length, row["duration_s"], row["duration_s"])
        and within(filters.times, row["start_s"], row["end_s"])
        and (filters.speech is None or bool(row["transcript"]) == filters.speech)
        and all(words in row["said"] for words in filters.said)
    ]


SECONDS = st.one_of(st.none(), st.integers(0, 12), st.floats(0, 12, allow_subnormal=False))
BOUNDS = st.tuples(SECONDS, SECONDS).filter(lambda b: None in b or b[0] <= b[1])


@st.composite
def forms(draw) -> Filters:
    by = draw(st.sampled_from(("name", "video_id")))
    values = sorted(set(NAMES.values()) if by == "name" else set(NAMES))
    return Filters(
        by,
        tuple(draw(st.lists(st.sampled_from(values), unique=True, max_size=3))),
        tuple(draw(st.lists(st.sampled_from(TAGS), unique=True, max_size=2))),
        draw(BOUNDS),
        draw(BOUNDS),
        draw(st.sampled_from((None, True, False))),
        tuple(draw(st.lists(st.sampled_from(WORDS), unique=True, max_size=2))),
    )


@settings(max_examples=50)
@given(forms())
def test_what_the_form_says_is_what_is_selected(filters):
    assert read_filters(filters.where) == filters
    assert selected(filters.where) == said_by(filters)


CLAUSES = st.sampled_from([
    "duration_s >= 2", "duration_s <= 4", "2 <= duration_s <= 5", "5 <= duration_s <= 2", "duration_s > 3",
    "3 <= duration_s", "start_s >= 1.5", "end_s <= 9", "transcript", "not transcript", "'corner' in said",
    "not 'kick' in said", "name == 'twin.mp4'", "name in ['twin.mp4', 'night street.mp4']",
    "video_id in ('v1', 'v2')", "name != 'twin.mp4'", "tag == 'goal'", "tag in ['goal', '<b>x</b>']",
    "coherence > 0.4", "name in 'twin.mp4'", "duration_s >= True",
])  # fmt: skip
CONDITIONS = st.recursive(
    CLAUSES,
    lambda inner: (
        st.builds(lambda a, sign, b: f"({a}) {sign} ({b})", inner, st.sampled_from(("and", "or")), inner)
        | inner.map(lambda a: f"not ({a})")
        | st.builds(lambda a, b: f"{a} and {b}", inner, inner)
    ),
    max_leaves=6,
)


@settings(max_examples=50)
@given(CONDITIONS)
@example("(coherence > 0.4 or transcript) and duration_s >= 2")
def test_a_condition_of_ones_own_selects_the_same_after_it_was_read(where):
    assert selected(read_filters(where).where) == selected(where)


@settings(max_examples=50)
@given(CONDITIONS, st.data())
def test_every_chip_takes_away_its_part_and_no_other(where, data):
    filters = read_filters(where)
    chips = describe_filters(filters, NAMES)["chips"]
    chip = data.draw(st.sampled_from(chips))
    left = filters.without(chip["part"])
    assert len(describe_filters(left, NAMES)["chips"]) == len(chips) - 1
    assert set(selected(filters.where)) <= set(selected(left.where))


@pytest.mark.parametrize("broken", ["1 +", "\0", "name in [", "(" * 9000, "a" * 30_000, "\ud800 > 1"])
def test_what_is_no_condition_is_kept_for_the_search_to_refuse(broken):
    filters = read_filters(broken)
    assert filters.own == (broken.strip(),)
    assert filters.where == broken.strip()
    assert filters.without("own:0").where == ""


@settings(max_examples=50)
@given(st.sets(st.sampled_from(sorted(NAMES))))
def test_chosen_videos_are_named_and_twins_go_by_their_ids(chosen):
    filters = changed_filters(Filters(), {"videos": sorted(chosen)}, NAMES)
    found = {ROWS[i]["video_id"] for i in selected(filters.where)}
    assert found == (chosen or set(NAMES))
    assert set(describe_filters(filters, NAMES)["videos"]) == chosen
    alone = len(chosen & {"v4", "v5"}) == 1
    assert filters.by == ("video_id" if alone else "name")


def test_a_field_that_changes_leaves_the_others():
    before = read_filters("name in ['gone.mp4'] and duration_s >= 2 and coherence > 0.4")
    after = changed_filters(before, {"length": [None, 5]}, NAMES)
    assert after.where == "name in ['gone.mp4'] and duration_s <= 5 and coherence > 0.4"
    assert changed_filters(before, {"said": [" Corner ", "corner", ""]}, NAMES).said == ("corner",)
    with pytest.raises(ValueError, match="rising"):
        changed_filters(before, {"length": [5, 2]}, NAMES)
    with pytest.raises(ValueError, match="rising"):
        changed_filters(before, {"times": [float("nan"), None]}, NAMES)


def test_titles_are_names_as_conditions_compare_them(named_library):
    titles = Catalogue(named_library.segments().to_dict("records")).titles
    for video, title in titles.items():
        filters = changed_filters(Filters(), {"videos": [video]}, titles)
        assert filters.by == "name"
        hits = named_library.search(np.ones(12), where=filters.where, k=99)
        assert {hit.video_id for hit in hits} == {video}, title


def test_a_question_is_asked_once():
    finder = Finder(("moment", "scene"), modalities=("visual", "text"), k=7)
    asked: list[Asked] = []
    finder.on_ask(asked.append)
    finder.set_state({"query": "rain ", "level": "scene", "weights": {"visual": 0.5, "text": 1}})
    assert asked == [Asked("rain", "scene", {"visual": 0.5})]
    assert finder._code == "library.search('rain', k=7, level='scene', weights={'visual': 0.5})"
    finder.set_state({"query": "rain"})
    assert len(asked) == 1, "the same again is no other question"
    finder._answer(finder, {"kind": "again"}, [])
    assert asked[1] == asked[0]
    finder._answer(finder, {"kind": "filter", "form": {"length": [3, None]}}, [])
    assert asked[-1].where == "duration_s >= 3"
    finder._answer(finder, {"kind": "drop", "chip": ""}, [])
    assert asked[-1].where is None
    assert asked[-1].options == {"level": "scene", "weights": {"visual": 0.5}}


def test_the_past_holds_each_query_once_and_not_too_many():
    finder = Finder()
    for text in ("rain", "fire", "rain ", " "):
        finder.query = text
    assert finder.history == ["fire", "rain"]
    finder.history = [str(i) for i in range(80)] + ["", "7"]
    assert len(finder.history) == REMEMBERED
    assert finder.history[-1] == "7"
    assert finder.history[0] == str(80 - REMEMBERED + 0 + 1)


@pytest.mark.parametrize(
    "weights", [{"visual": -1}, {"visual": float("nan")}, {"smell": 1}, {"visual": "much"}]
)
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises(traitlets.TraitError, match="weights"):
        Finder(modalities=("visual",)).weights = weights


def test_the_copied_call_asks_the_same(named_library):
    finder = Finder(named_library.levels, modalities=asked_modalities(named_library), k=3)
    finder.answer_by(lambda asked: named_library.search(asked.query, k=3, **asked.options))
    finder._answer(finder, {"kind": "filter", "form": {"said": ['"GOAL"'], "speech": True}}, [])
    finder.set_state({"query": 'it\'s "goal"', "level": "moment", "weights": {"text": 0.5}})
    ranking = eval(finder._code, {"library": named_library})
    assert [hit.segment_id for hit in ranking] == [hit["id"] for hit in finder._results["hits"]]
    assert [hit.start_s for hit in ranking] == [5.0]
    assert finder._results["took"] > 0


def test_modules_of_the_finder_and_the_details(tmp_path):
    run_node(tmp_path, "finder_test.mjs", "--test")


def alive(tab, width: int = 400, **traits) -> tuple[Finder, Mounted]:
    """A finder in a page that answers with made-up hits."""
    finder = Finder(
        videos=NAMES, modalities=("visual", "audio", "text"), tags=TAGS, k=20, poster=show.poster, **traits
    )
    finder.on_ask(lambda asked: finder.load(show.raw_ranking(20) if asked.query else None))
    return finder, Mounted(tab, finder, width=width)


def ask(tab, text: str) -> None:
    tab.fill(".vx-query", text)
    tab.keyboard.press("Enter")
    at_rest(tab)
    tab.wait_for_function("document.querySelector('.vx-finder').dataset.busy === 'false'")


@pytest.mark.browser
def test_the_past_by_keyboard(tab):
    finder, _ = alive(tab)
    for text in ("rain", "<img src=x onerror=alert(1)>", "fire"):
        ask(tab, text)
    box = tab.get_by_role("combobox", name="Query")
    option = "[...document.querySelectorAll('.vx-past-entry[aria-selected=true] span')].map(n => n.title)"
    tab.keyboard.press("ArrowUp")
    assert box.get_attribute("aria-expanded") == "true"
    assert tab.evaluate(option)[0] == "<img src=x onerror=alert(1)>", "what is asked is passed over"
    active = box.get_attribute("aria-activedescendant")
    assert tab.locator(f"#{active}").get_attribute("role") == "option"
    tab.keyboard.press("ArrowDown")
    assert box.input_value() == "rain"
    tab.keyboard.press("Delete")
    becomes(tab, lambda: finder.history, ["<img src=x onerror=alert(1)>", "fire"])
    tab.keyboard.press("Escape")
    assert (box.get_attribute("aria-expanded"), box.input_value()) == ("false", "fire")
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("Enter")
    tab.wait_for_function("!document.querySelector('.vx-past:not([hidden])')")
    becomes(tab, lambda: finder.query, "<img src=x onerror=alert(1)>")
    at_rest(tab)
    assert finder.history[-1] == finder.query
    tab.keyboard.press("ArrowDown")
    assert tab.evaluate("document.activeElement.dataset.id") == finder._results["hits"][0]["id"]
    tab.get_by_role("button", name="Recent queries").click()
    tab.locator(".vx-past-remove").first.click()
    becomes(tab, lambda: finder.history, ["fire"])


@pytest.mark.browser
def test_filters_by_form_and_chips(tab):
    finder, mounted = alive(tab)
    ask(tab, "rain")
    slow_kernel(tab)
    tab.get_by_role("button", name="Filters").click()
    tab.get_by_label("Length, from").fill("8")
    tab.get_by_label("Length, to").fill("3")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.get_by_label("Length, to").get_attribute("aria-invalid") == "true"
    at_rest(tab)
    assert finder.where == "duration_s >= 8", "what makes no sense is not sent"
    tab.get_by_label("Length, to").fill("12")
    tab.get_by_label("Place in its video, to").fill("1:30")
    tab.get_by_label("Speech").select_option("with")
    for words in ("Corner Kick", "left"):
        tab.get_by_label("Words that are said").fill(words)
        tab.keyboard.press("Enter")
    tab.get_by_role("checkbox", name=show.HOSTILE).check()
    tab.get_by_role("checkbox", name="for the trailer").check()
    wanted = (
        f"name in [{show.HOSTILE!r}] and tag in ['for the trailer'] and 8 <= duration_s <= 12 and "
        "end_s <= 90 and transcript and 'corner kick' in said and 'left' in said"
    )
    becomes(tab, lambda: finder.where, wanted)
    at_rest(tab)
    assert tab.locator(".vx-chips .vx-chip").count() == 7
    assert "up to 1:30.0 of its video" in tab.inner_text(".vx-chips")
    tab.get_by_role("button", name=f"Remove: in {show.HOSTILE}").click()
    until(tab, lambda: "name in" not in finder.where)
    at_rest(tab)
    assert tab.evaluate("document.activeElement.className") == "vx-chip", "the focus goes on to the next chip"
    assert not tab.get_by_role("checkbox", name=show.HOSTILE).is_checked()
    for words in ("corner kick", "left"):
        tab.get_by_role("button", name=f"Remove: “{words}” is said").click()
    at_rest(tab)
    assert (
        finder.where == "tag in ['for the trailer'] and 8 <= duration_s <= 12 and end_s <= 90 and transcript"
    )
    length = tab.get_by_label("Length, to")
    length.fill("12.0")
    length.press("Enter")
    length.press("Tab")
    at_rest(tab)
    assert tab.get_attribute(".vx-finder", "data-busy") == "false", "the same again has no other answers"
    tab.get_by_role("button", name="Clear").click()
    becomes(tab, lambda: finder.where, "")
    at_rest(tab)
    tab.wait_for_function("document.querySelector('.vx-chips').hidden")
    finder.where = "coherence > 0.5 or transcript"
    mounted.push()
    assert tab.inner_text(".vx-chips .vx-chip").startswith("coherence > 0.5 or transcript")
    tab.get_by_label("Length, to").press("Escape")
    assert tab.get_by_role("group", name="Filters").count() == 0
    assert tab.evaluate("document.activeElement.textContent").startswith("Filters")


@pytest.mark.browser
def test_weights_and_code(tab):
    finder, _ = alive(tab)
    ask(tab, "rain")
    tab.get_by_role("button", name="Weights").click()
    slider = tab.get_by_role("slider", name="Weight of sound")
    slider.focus()
    tab.keyboard.press("Home")
    becomes(tab, lambda: finder.weights, {"audio": 0.0})
    at_rest(tab)
    assert slider.get_attribute("aria-valuetext") == "0 %"
    tab.get_by_role("button", name="Code").click()
    assert (
        tab.inner_text(".vx-finder-found .vx-code") == "library.search('rain', k=20, weights={'audio': 0.0})"
    )
    tab.get_by_role("button", name="Reset").click()
    becomes(tab, lambda: finder.weights, {})
    tab.locator(".vx-finder-found .vx-copy").click()
    tab.wait_for_selector("text=Copied")


@pytest.mark.browser
def test_waiting_failing_and_finding_nothing_move_nothing(tab):
    finder, mounted = alive(tab)
    finder._askers.clear()
    top = "document.querySelector('.vx-results').getBoundingClientRect().top"
    row = "document.querySelector('.vx-results .vx-result').offsetHeight"
    tab.fill(".vx-query", "rain")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".vx-skeleton")
    before, height = tab.evaluate(top), tab.evaluate(row)
    finder.load(show.raw_ranking())
    mounted.push()
    tab.wait_for_selector(".vx-result[data-id]")
    assert tab.evaluate(row) == height
    finder.load(None, "the disk is gone")
    mounted.push()
    assert tab.inner_text(".vx-results strong") == "The search failed"
    assert "the disk is gone" in tab.inner_text("[role=alert]")
    finder.on_ask(lambda asked: finder.load(show.raw_ranking(5)))
    tab.get_by_role("button", name="Try again").click()
    tab.wait_for_selector(".vx-result[data-id]")
    assert tab.evaluate(top) - before <= 24, "only the line of remarks comes in between"
    assert "candidates · " in tab.inner_text(".vx-finder-status")
