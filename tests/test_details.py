"""Details of a segment: what is gathered of it, what the panel shows, and notes that are saved or are not."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import pytest
import showcase as show
from harness import Mounted, at_rest, becomes, slow_kernel
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_library import NamedReader, Reader, make_record

from videxplore.errors import LibraryError
from videxplore.stages.store.writing import write_video
from videxplore.values.details import SegmentDetails
from videxplore.values.media import Span
from videxplore.views.describe_details import describe_details
from videxplore.views.details import Details
from videxplore.workbench.details import asked_modalities, details_of, tags_of
from videxplore.workbench.library import Library

NAMES = NamedReader.card.names


def rows_of(library, level):
    table = library.segments()
    return table[table.level == level]


def test_the_place_in_the_hierarchy(named_library):
    table = named_library.segments().set_index("segment_id")
    for segment_id, row in table.iterrows():
        details = details_of(named_library, segment_id)
        assert (details.level, details.span) == (row.level, Span(row.start_s, row.end_s))
        chain = [place.segment_id for place in details.ancestors]
        above = [*chain, segment_id]
        assert [table.parent_id[i] for i in above[1:]] == chain
        assert len(chain) == {"video": 0, "scene": 1, "moment": 2}[row.level]
        mine = table[table.parent_id == segment_id].sort_values("start_s")
        assert [part.segment_id for part in details.parts] == list(mine.index)


def test_attributes_are_measured_against_the_whole_library(named_library):
    held = named_library.embeddings()
    values = held.attributes.astype(np.float64)
    expected = (values - values.mean(0)) / values.std(0)
    row = 5
    details = details_of(named_library, held.segment_ids[row])
    assert [a.name for a in details.attributes] != list(NAMES)
    assert len(details.attributes) == 11, "a column without a name is not shown"
    for attribute in details.attributes:
        column = NAMES.index(attribute.name)
        assert attribute.value == pytest.approx(values[row, column], abs=1e-5)
        assert attribute.apart == pytest.approx(expected[row, column], abs=1e-3)
        assert attribute.word == attribute.name.replace("_", " ")
    distances = [abs(a.apart) for a in details.attributes]
    assert distances == sorted(distances, reverse=True)


def test_neighbours_are_those_that_a_search_for_the_segment_finds(named_library):
    for segment_id in rows_of(named_library, "moment").segment_id[:4]:
        segment = named_library.segment(segment_id)
        hits = [h for h in named_library.search(segment, level="moment", k=60) if h.segment_id != segment_id][
            :10
        ]
        near = details_of(named_library, segment_id).neighbours
        assert [n.cosine for n in near] == sorted((n.cosine for n in near), reverse=True)
        assert {h.segment_id for h in hits[:5]} <= {n.segment_id for n in near}
        assert segment_id not in {n.segment_id for n in near}
    video = rows_of(named_library, "video").segment_id.iloc[0]
    assert {n.level for n in details_of(named_library, video).neighbours} == {"video"}
    assert len(details_of(named_library, video).neighbours) == 2


def test_what_neighbours_share_is_true_of_both(named_library):
    held = named_library.embeddings()
    values = held.attributes.astype(np.float64)
    apart = dict(zip(held.segment_ids, (values - values.mean(0)) / values.std(0), strict=True))
    found = 0
    for segment_id in rows_of(named_library, "moment").segment_id[:8]:
        for near in details_of(named_library, segment_id).neighbours:
            for word in near.shared:
                if word.startswith("“"):
                    said = named_library.segments().set_index("segment_id").transcript
                    assert all(word.strip("“”") in said[i] for i in (segment_id, near.segment_id))
                    continue
                sign = -1 if word.startswith("little ") else 1
                column = NAMES.index(word.removeprefix("little ").replace(" ", "_"))
                assert sign * apart[segment_id][column] >= 0.99
                assert sign * apart[near.segment_id][column] >= 0.99
                found += 1
    assert found


def test_where_it_comes_from(named_library):
    terms = dict(details_of(named_library, named_library.segments().segment_id[0]).provenance)
    assert terms["Encoder"] == "named"
    assert terms["Vectors"] == "12 = visual 8 + audio 4"
    assert terms["Levels"] == "video, scene, moment"
    assert terms["Segmentation"] == "main: by hand"
    assert terms["Library"].startswith(f"schema {named_library.database.schema_version}")


def test_notes_and_tags_come_from_the_library_and_go_there(tmp_path):
    library = Library(tmp_path / "noted.lance", encoder=Reader())
    write_video(library.database, make_record("v1", scenes=2, moments=2))
    segment_id = rows_of(library, "moment").segment_id.iloc[0]
    panel = Details(source=lambda i: details_of(library, i))
    panel.on_note(lambda i, note: library.annotate(i, note=note))
    panel.on_tags(lambda i, tags: library.annotate(i, tags=tags))
    library.annotate(segment_id, note="mine too", tags=["dark"], author="ada")
    panel.show(segment_id)
    assert panel.settle().remarks[0].author == "ada"
    panel._answer(panel, {"kind": "note", "id": segment_id, "value": f"two\nlines {show.HOSTILE}"}, [])
    panel._answer(panel, {"kind": "tags", "id": segment_id, "value": ["goal", "<b>"]}, [])
    assert panel._saved["problem"] == ""
    again = details_of(library, segment_id)
    assert (again.note, again.tags) == (f"two\nlines {show.HOSTILE}", ("goal", "<b>"))
    assert panel._details["note"] == again.note
    assert set(tags_of(library)) == {"goal", "<b>", "dark"}
    panel._answer(panel, {"kind": "tags", "id": segment_id, "value": ["a,b"]}, [])
    assert "comma" in panel._saved["problem"]
    assert panel.details.tags == ("goal", "<b>")
    assert len(library.search(np.ones(12), where="tag in ['goal']")) == 1
    panel.close()


def test_a_segment_that_is_gone(named_library):
    with pytest.raises(LibraryError, match="no segment"):
        details_of(named_library, "gone")
    panel = Details(source=lambda i: details_of(named_library, i))
    panel.show("gone")
    assert panel.settle() is None
    assert "no segment" in panel._problem
    panel.show(None)
    assert panel._problem == ""


def test_modalities_are_those_that_words_ask_for(named_library):
    assert asked_modalities(named_library) == ("visual", "audio", "text")


def test_the_newest_wish_wins_and_no_thread_stays():
    go_on, asked = threading.Event(), []

    def slow(segment_id: str) -> SegmentDetails:
        asked.append(segment_id)
        go_on.wait(60)
        return replace(show.details(), segment_id=segment_id)

    panel = Details(source=slow)
    for segment_id in "abcd":
        panel.show(segment_id)
    assert panel._waits
    go_on.set()
    assert panel.settle(60).segment_id == "d"
    assert not panel._waits
    assert asked in (["a", "d"], ["d"])
    assert panel._loader is None
    panel.show("e")
    panel.load(None)
    panel.settle(60)
    assert panel.details is None
    assert panel._details == {}


def test_show_needs_a_source():
    with pytest.raises(TypeError, match="source"):
        Details().show("a")


@settings(max_examples=50)
@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=12), max_size=3))
def test_what_is_edited_is_left_as_it_is_and_all_else_is_plain(text, tags):
    told = describe_details(replace(show.details(), note=text, tags=tuple(tags), label=text, transcript=text))
    assert (told["note"], told["tags"]) == (text, tags)
    assert told["label"].isprintable()
    assert told["transcript"].isprintable()


class Subtitled:
    """A source of clips that only knows when something is said."""

    def order(self, segment_id, kind, formats, served) -> Future:
        raise AssertionError("no clip is wanted")

    def cues(self, segment_id) -> Future:
        done: Future = Future()
        done.set_result([(46.5, 48.0, "Corner kick from the left."), (50.25, 53.0, show.SAID[4])])
        return done


def alive(tab, width: int = 420, **options) -> tuple[Details, Mounted]:
    panel = Details(show.details(), poster=show.poster, query="a corner kick", **options)
    return panel, Mounted(tab, panel, width=width)


@pytest.mark.browser
@pytest.mark.parametrize("width", [300, 900])
def test_nothing_that_is_shown_is_markup_and_nothing_is_cut(tab, width):
    panel, _ = alive(tab, width)
    panel.on_note(lambda *_: None)
    tab.wait_for_selector(".vx-near-poster[src]")
    text = tab.inner_text(".vx-details")
    assert text.count(show.HOSTILE.removesuffix(".mp4")) >= 2
    assert "<script>alert(2)</script>" in text
    assert tab.locator(".vx-details script, .vx-details b b").count() == 0
    assert tab.locator("mark").all_inner_texts() == ["Corner", "kick", "corners"]
    wide = "e => e.scrollWidth <= e.clientWidth + 1"
    assert tab.eval_on_selector(".vx-details", wide)


@pytest.mark.browser
def test_a_walk_through_the_panel_by_keyboard(tab):
    panel, mounted = alive(tab, clip=Subtitled())
    chosen, sought = [], []
    panel.on_choose(lambda segment_id, play: chosen.append(segment_id))
    panel.on_seek(lambda segment_id, time_s: sought.append((segment_id, time_s)))
    mounted.push()
    tab.get_by_role("button", name="0:50.3").click()
    becomes(tab, lambda: sought, [(show.details().segment_id, 50.25)])
    tab.get_by_role("navigation", name="What holds it").get_by_role("button").first.click()
    becomes(tab, lambda: chosen, [show.details().ancestors[0].segment_id])
    tab.get_by_role("listbox", name="Nearest scenes").get_by_role("option").first.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter", "End", "Enter"):
        tab.keyboard.press(key)
    near = show.details().neighbours
    becomes(tab, lambda: chosen[1:], [near[2].segment_id, near[-1].segment_id])
    panel.load(show.details(4))
    mounted.push()
    assert tab.evaluate("document.activeElement.className") == "vx vx-details", "the focus is not lost"
    tab.get_by_role("button", name="All 12").click()
    assert tab.locator(".vx-bars .vx-apart").count() == 12
    assert "flash count" in tab.inner_text(".vx-bars")


@pytest.mark.browser
def test_notes_that_cannot_be_saved_stay(tab):
    panel, mounted = alive(tab)
    kept: dict[str, str] = {}
    full = [True]

    def save(segment_id: str, note: str) -> None:
        if full[0]:
            raise OSError(f"no space left {show.HOSTILE}")
        kept[segment_id] = note

    panel.on_note(save)
    mounted.push()
    first, other = show.details(), show.details(4)
    tab.get_by_role("textbox", name="Note").fill("fine <b>light</b>\nhere")
    tab.keyboard.press("Control+Enter")
    tab.wait_for_selector(f"text=Not saved: no space left {show.HOSTILE}")
    panel.load(other)
    mounted.push()
    assert tab.get_by_role("textbox", name="Note").input_value() == other.note
    panel.load(first)
    mounted.push()
    assert tab.get_by_role("textbox", name="Note").input_value() == "fine <b>light</b>\nhere", (
        "a draft is not lost"
    )
    full[0] = False
    tab.get_by_role("button", name="Save again").click()
    tab.wait_for_selector(".vx-note-status:text-is('Saved')")
    becomes(tab, lambda: kept, {first.segment_id: "fine <b>light</b>\nhere"})
    tab.get_by_role("textbox", name="Note").fill("half a though")
    panel.load(other)
    mounted.push()
    tab.wait_for_function("document.querySelector('.vx-note').value.startsWith('For the trailer')")
    at_rest(tab)
    assert kept[first.segment_id] == "half a though", "what was typed goes to its own segment"
    assert other.segment_id not in kept


@pytest.mark.browser
def test_tags_by_keyboard(tab):
    panel, mounted = alive(tab)
    told: list[list[str]] = []

    def save(segment_id: str, tags: list[str]) -> None:
        if "bad" in tags:
            raise ValueError("no such tag")
        told.append(tags)

    panel.on_tags(save)
    mounted.push()
    slow_kernel(tab)
    box = tab.get_by_role("combobox", name="Add a tag")
    box.focus()
    tab.keyboard.type("gol")
    assert tab.locator(".vx-tag-entry").all_inner_texts() == ["golden hour"]
    tab.keyboard.press("ArrowDown")
    assert tab.locator(f"#{box.get_attribute('aria-activedescendant')}").inner_text() == "golden hour"
    tab.keyboard.press("Enter")
    tab.keyboard.type("  <img src=x onerror=alert(3)> ,")
    tab.keyboard.type("goal")
    tab.keyboard.press("Enter")
    hostile = show.details().tags[1]
    at_rest(tab)
    assert told == [
        ["goal", hostile, "golden hour"],
        ["goal", hostile, "golden hour", "<img src=x onerror=alert(3)>"],
    ], "one that is there already is not added again"
    tab.keyboard.press("Backspace")
    becomes(tab, lambda: told[-1][-1], "golden hour")
    tab.get_by_role("button", name="Remove tag goal").click()
    becomes(tab, lambda: told[-1], [hostile, "golden hour"])
    box.fill("bad")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("text=Not saved: no such tag")
    assert panel.details.tags == (hostile, "golden hour")


@pytest.mark.browser
def test_empty_waiting_and_failed(tab):
    panel = Details(source=lambda segment_id: show.details(), poster=show.poster)
    mounted = Mounted(tab, panel, width=380)
    assert "Nothing selected" in tab.inner_text(".vx-details")
    panel._waits = True
    mounted.push()
    assert tab.get_attribute(".vx-details", "aria-busy") == "true"
    panel._set(None, "OSError: the disk is gone")
    mounted.push()
    assert "the disk is gone" in tab.inner_text("[role=alert] >> visible=true")
    panel.show("any")
    panel.settle()
    mounted.push()
    assert tab.get_attribute(".vx-details", "aria-busy") == "false"
    assert tab.locator(".vx-near").count() == 10
    assert tab.locator(".vx-tag-input, .vx-chip button").count() == 0, "nothing here saves"
