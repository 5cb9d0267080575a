"""Reviewing a report: the moments behind its figures, judged blind by two, and how far they agree."""

from __future__ import annotations

import json

import numpy as np
import pytest
import reports
import showcase as show
from harness import Mounted, pictures, screenshot_path, slow_kernel, until
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from videxplore.stages.evaluation.kappa import LEAST_CLUSTERS, cohen_kappa
from videxplore.views.base import View
from videxplore.views.review import ANSWERS
from videxplore.workbench.display import show as show_value
from videxplore.workbench.moments import MomentFootage
from videxplore.workbench.opinions import ANSWERS as KNOWN
from videxplore.workbench.opinions import Opinion, OpinionBook
from videxplore.workbench.reviewing import agreement, blind_order, outcome_of, pieces_of, review

# --- kappa ---

answers = st.sampled_from(ANSWERS)


@settings(max_examples=40)
@given(st.lists(st.tuples(answers, answers, st.integers(0, 30)), min_size=1, max_size=60))
def test_kappa_is_that_of_the_reference(rows):
    first, second, films = ([row[i] for row in rows] for i in range(3))
    found = cohen_kappa(first, second, [str(film) for film in films], draws=50)
    if len(set(first) | set(second)) == 1:  # scikit-learn warns and says nan, too
        assert np.isnan(found.kappa)
        return
    assert found.kappa == pytest.approx(cohen_kappa_score(first, second), abs=1e-9)
    assert found.exact == pytest.approx(np.mean([a == b for a, b in zip(first, second, strict=True)]))
    assert np.isnan(found.low) == (len(set(films)) < LEAST_CLUSTERS)


def test_kappa_of_a_published_table():
    """Cohen (1968), table 1: two judges, 200 cases, three diagnoses; unweighted kappa .492."""
    table = np.array([[88, 10, 2], [14, 40, 6], [18, 10, 12]])
    pairs = [(a, b) for a in range(3) for b in range(3) for _ in range(table[a, b])]
    first, second = ([str(pair[i]) for pair in pairs] for i in range(2))
    found = cohen_kappa(first, second, [str(i) for i in range(len(pairs))])
    assert found.kappa == pytest.approx(0.492, abs=0.001)
    assert found.low < 0.492 < found.high
    assert "Kappa(0.49 [" in repr(found)


def test_what_only_one_judged_counts_for_neither():
    assert cohen_kappa(["agree", ""], ["", "agree"], ["a", "b"]).items == 0
    with pytest.raises(ValueError, match="one answer of each"):
        cohen_kappa(["agree"], ["agree"], [])


# --- what is kept ---


def opinion(analyst="ada", piece="p1", answer="agree", note="", **more):
    return Opinion(analyst, piece, "technical.black", "v1", 1.0, 2.5, answer, note, **more)


def test_opinions_are_kept_line_by_line_and_merged_without_loss(tmp_path):
    book, other = OpinionBook(tmp_path / "a.jsonl"), OpinionBook(tmp_path / "b.jsonl")
    assert book.read() == []
    book.write(opinion(at="2026-01-01"))
    book.write(opinion(answer="unsure", note="“dark”\nvery", at="2026-01-02"))
    other.write(opinion("bob", answer="disagree", at="2026-01-01"), opinion("bob", "p2", at="2026-01-03"))
    with book.path.open("a") as file:
        file.write('{"analyst": "cut sho')
    book.write(opinion("eve", at="2026-01-04"))
    assert book.merge(other.path) == 2
    assert book.merge(other.path) == 0
    held = book.latest()
    assert {place: one.answer for place, one in held.items()} == {
        ("ada", "p1"): "unsure", ("bob", "p1"): "disagree", ("bob", "p2"): "agree", ("eve", "p1"): "agree",
    }  # fmt: skip
    assert held["ada", "p1"].note == "“dark”\nvery"
    book.write(opinion(answer="", at="2026-01-05"))
    assert ("ada", "p1") not in book.latest()
    table = book.to_pandas()
    assert sorted(table["analyst"]) == ["bob", "bob", "eve"]
    assert len(book.read()) == 6, "nothing is ever removed"
    with pytest.raises(FileNotFoundError, match="no file of opinions"):
        book.merge(tmp_path / "none.jsonl")
    with pytest.raises(ValueError, match="say who judges"):
        opinion(" ")
    with pytest.raises(ValueError, match="answer must be one of"):
        opinion(answer="maybe")
    assert KNOWN == ANSWERS


# --- the widget in Python ---


@pytest.fixture
def opened(tmp_path):
    """Opens the review of the full report with one file of opinions."""

    def made(**options):
        return review(reports.full(), opinions=tmp_path / "said.jsonl", **options)

    return made


def test_two_see_the_same_moments_in_orders_of_their_own_and_no_figures(opened):
    ada, bob = opened(analyst="ada"), opened(analyst="bob")
    for view in (ada, bob):
        view.blind = True
    names = [[piece["name"] for piece in view._sheet["pieces"]] for view in (ada, bob)]
    assert names[0] != names[1]
    assert sorted(names[0]) == sorted(names[1])
    assert blind_order(names[1], "ada") == names[0], "whatever the order given"
    assert len(names[0]) == sum(len(m.evidence) for m in reports.full().measures)
    seen = json.dumps([bob._sheet, bob._spoken, bob._rows])
    assert "86.1" not in seen
    assert "0.93" not in seen, "no score of the kit"
    ada.answer(names[0][0], "disagree", "too bright")
    bob.analyst = "bob "
    assert "disagree" not in json.dumps([bob._sheet, bob._spoken, bob._rows, bob._result])
    bob.blind = False
    assert "86.1 %" in json.dumps(bob._rows)


def test_a_review_goes_on_where_it_was_left(opened):
    view = opened(analyst="ada", blind=True)
    order = [piece["name"] for piece in view._sheet["pieces"]]
    view.answer(order[0], "agree")
    view.answer(order[1], "unsure", "hm")
    view.answer(order[1], "agree")
    again = opened(analyst="ada", blind=True)
    assert again.answers == {order[0]: "agree", order[1]: "agree"}
    assert again._spoken["turn"][1] == 2, "at the first that is open"
    assert again._spoken["own"][order[1]][1] == "hm"
    view.undo()
    assert view.answers[order[1]] == "unsure"
    view.undo()
    view.undo()
    view.undo()
    assert view.answers == {}
    assert opened(analyst="ada", blind=True).left == len(order)
    with pytest.raises(ValueError, match="no piece"):
        view.answer("nonsense", "agree")
    view.analyst = " "
    with pytest.raises(ValueError, match="say who judges"):
        view.answer(order[0], "agree")


def test_what_cannot_be_saved_is_said_and_not_shown_as_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    view = review(reports.full(), opinions=tmp_path / "file" / "said.jsonl", analyst="ada")
    view.blind = True
    view.answer(view._sheet["pieces"][0]["name"], "agree")
    assert view._problem.startswith("Not saved:")
    assert view.left == len(view._sheet["pieces"])


def fill(tmp_path, report, **said):
    """Opinions of analysts, by the place of a piece in the report."""
    pieces, book = pieces_of(report), OpinionBook(tmp_path / "said.jsonl")
    for analyst, given_ in said.items():
        for name, answer in zip(pieces, given_, strict=False):
            book.write(opinion(analyst, name, answer))
    return pieces, book


def test_agreement_and_what_is_confirmed_count_what_nobody_judged(tmp_path):
    report = reports.full()
    ada, bob = ["agree"] * 5 + ["disagree"], ["agree"] * 4 + ["unsure", "disagree"]
    pieces, book = fill(tmp_path, report, ada=ada, bob=bob)
    book.write(opinion("eve", "of another report"))
    found = outcome_of(pieces, book)
    counts = {key: sum(row[key] for row in found["rows"]) for key in ("judged", "confirmed", "disputed")}
    assert counts == {"judged": 6, "confirmed": 4, "disputed": 1}
    assert sum(row["total"] for row in found["rows"]) == len(pieces)
    assert [one["name"] for one in found["analysts"]] == ["ada", "bob"]
    (pair,) = found["pairs"]
    assert pair["kappa"].items == 6
    assert pair["kappa"].kappa == pytest.approx(cohen_kappa_score(ada, bob))
    assert agreement(pieces, {}, {}).items == 0


def test_the_outcome_is_told_once_all_is_judged(opened, tmp_path):
    report = reports.full()
    count = len(pieces_of(report))
    fill(tmp_path, report, ada=["agree"] * count, bob=["agree", "disagree"] * count)
    view = opened(analyst="ada")
    assert not view._result, "not while figures are looked at"
    view.blind = True
    assert view._result["confirmed"] == count / 2
    assert "ada and bob gave 50% of" in view._result["pairs"][0]
    view.analyst = "eve"
    assert not view._result, "who has not judged is told nothing"
    still = view.still()
    assert "Negotiate" in still or "negotiate" in still
    assert "<img src=x" not in still


def test_a_report_is_shown_with_pictures_from_its_files(sample, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report = reports.full()
    first = next(iter(pieces_of(report).values()))[1].moment
    report = reports.full(files={first.video_id: sample.videos[0]})
    view = show_value(report, analyst="ada")
    assert isinstance(view, View)
    name = f"{next(iter(pieces_of(report)))}:0"
    assert view._poster(name).startswith(b"\xff\xd8")
    footage = MomentFootage(report)
    assert footage.file(first) == sample.videos[0]
    view.answer(name[:-2], "agree")
    (kept,) = tmp_path.glob("*.opinions.jsonl")
    assert "/" not in kept.name
    with pytest.raises(ValueError, match="pass library="):
        MomentFootage(reports.full()).file(first)


# --- in the browser ---


@pytest.mark.browser
def test_judging_by_keys_ends_with_the_agreement(tab, tmp_path):
    report = reports.full(measures=reports.measures(reports.ROWS[5:7]))
    view = reviewed(report, tmp_path)
    fill(tmp_path, report, bob=["agree"] * 8)
    mounted = Mounted(tab, view)
    pictures(tab, 4)
    assert "1.1 %" in tab.inner_text(".vx-review")
    tab.focus(".vx-review")
    tab.keyboard.press("ArrowDown")
    until(tab, lambda: view.chosen == "novelty.excess")
    tab.wait_for_selector(".vx-playback[data-playing=true]")
    tab.screenshot(path=screenshot_path("review"))
    tab.click("text=Judge blind")
    tab.wait_for_selector("text=Say who judges")
    assert "1.1 %" not in tab.inner_text(".vx-review")
    slow_kernel(tab)
    tab.fill("[aria-label=Analyst]", "ada")
    tab.keyboard.press("Enter")
    until(tab, lambda: view.analyst == "ada")
    tab.wait_for_selector(".vx-review-answer:not(:disabled)")
    for key in "1213":
        tab.keyboard.press(key)
    until(tab, lambda: view.left == 4)
    for key in "u1u":  # each before the kernel has heard of the last
        tab.keyboard.press(key)
    until(tab, lambda: view.left == 5)
    tab.wait_for_function("document.querySelectorAll('.vx-review-mark:not(:empty)').length === 3")
    tab.keyboard.press("n")
    tab.keyboard.type("hard to see")
    tab.keyboard.press("Enter")
    until(tab, lambda: any(note for _, note in view._own.values()))
    for _ in range(5):
        tab.keyboard.press("1")
    tab.wait_for_selector("text=All 8 moments are judged by ada")
    assert "ada and bob gave 88%" in tab.inner_text(".vx-review-done")
    mounted.push()
    assert tab.locator(".vx-review-done >> visible=true").count() == 1


def reviewed(report, tmp_path):
    """The review with drawn pictures and one film."""
    from gallery import Reel

    view = review(report, opinions=tmp_path / "said.jsonl")
    view._poster, view._clip, view._playable = show.poster, Reel(), True
    return view
