"""Judgements in a library: stored, replaced, taken back, versioned, checked, exported; how judges agree."""

from __future__ import annotations

from pathlib import Path

import krippendorff
import numpy as np
import pytest
from synthetic_library import make_record
from test_library import Toy

from videxplore.errors import LibraryError, QueryError
from videxplore.stages.evaluation.reliability import judge_agreement, krippendorff_alpha
from videxplore.stages.reranking.rerank import rerank
from videxplore.stages.store.judgements import Mark, write_marks
from videxplore.stages.store.writing import optimise, write_video
from videxplore.values.rankings import Judgement
from videxplore.views.describe import describe_segment
from videxplore.views.judge import JudgeView, Pool
from videxplore.workbench.evaluating import evaluate
from videxplore.workbench.judging import judge, shuffled
from videxplore.workbench.library import Library

# ------------------------------------------------------------------------------------ in the library


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path / "judged.lance", encoder=Toy())
    for name in ("v1", "v2"):
        write_video(made.database, make_record(name))
    return made


def moments(library, video_id):
    return list(library.tree(video_id).leaves)


def test_a_judgement_is_kept_replaced_and_taken_back(library):
    first, second, *_ = moments(library, "v1")
    library.judge("it's a goal", first, 3)
    library.judge("it's a goal", second.segment_id, 0)
    library.judge("rain", first, 1)
    expected = {
        "it's a goal": [
            Judgement("v1.mp4", first.start_s, first.end_s, 3, "", first.segment_id),
            Judgement("v1.mp4", second.start_s, second.end_s, 0, "", second.segment_id),
        ],
        "rain": [Judgement("v1.mp4", first.start_s, first.end_s, 1, "", first.segment_id)],
    }
    assert Library(library.path, encoder=Toy()).judgements() == expected
    assert library.judgements("it's a goal") == {"it's a goal": expected["it's a goal"]}
    library.judge("rain", first, 2)
    assert [j.gain for j in library.judgements("rain")["rain"]] == [2]
    library.judge("rain", first, None)
    library.judge("rain", first, None)
    assert library.judgements("rain") == {}
    actions = library.versions()["action"].tolist()[2:]
    assert actions == ["judge"] * 4 + ["unjudge"]


def test_a_judgement_takes_little_room(library):
    """Of a merge LanceDB keeps 65 kB of what keys it looked for; a new judgement is no merge."""
    first, *others = moments(library, "v1")
    library.judge("rain", first, 1)
    place = Path(library.path) / "judgements.lance"
    before = folder_bytes(place)
    for segment in others:
        library.judge("rain", segment, 2)
    assert folder_bytes(place) - before < 8_000 * len(others)
    optimise(library.database)
    assert library.database.require("judgements").stats()["fragment_stats"]["num_fragments"] == 1
    write_marks(library.database, [Mark("rain", "v1", s.start_s, s.end_s, 3) for s in (first, others[0])])
    write_marks(library.database, [Mark(q, "v1", first.start_s, first.end_s, 0) for q in ("rain", "fire")])
    gains = {(q, j.start_s): j.gain for q, said in library.judgements().items() for j in said}
    later = {("rain", s.start_s): 2 for s in others[1:]}
    assert gains == later | {
        ("rain", first.start_s): 0,
        ("fire", first.start_s): 0,
        ("rain", others[0].start_s): 3,
    }


def folder_bytes(place: Path) -> int:
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


def test_the_median_of_several_judges_counts(library):
    one, two, three, *_ = moments(library, "v1")
    for who, gains in {"ada": (3, 2, 0), "bob": (3, 1, 0), "eve": (0, 3, 1)}.items():
        for segment, gain in zip((one, two, three), gains, strict=True):
            if (who, segment) != ("eve", two):
                library.judge("goal", segment, gain, judge=who)
    assert [j.gain for j in library.judgements()["goal"]] == [3, 1, 0]  # of 2 and 1 the lower
    assert [j.gain for j in library.judgements(judge="eve")["goal"]] == [0, 1]
    assert {j.judge for j in library.judgements(judge="eve")["goal"]} == {"eve"}
    found = library.agreement()
    table = [[3, 2, 0], [3, 1, 0], [0, np.nan, 1]]
    expected = krippendorff.alpha(reliability_data=table, level_of_measurement="ordinal")
    assert found.alpha == pytest.approx(expected, abs=1e-9)
    assert (found.judges, found.items) == (3, 3)
    assert found.exact == pytest.approx(2 / 7)
    assert np.isnan(library.agreement("snow").alpha)


@pytest.mark.parametrize(
    ("query", "gain", "message"), [("goal", 4, "gain must be"), ("goal", True, "gain"), (" ", 1, "the words")]
)
def test_what_is_no_judgement_is_refused(library, query, gain, message):
    with pytest.raises(ValueError, match=message):
        library.judge(query, moments(library, "v1")[0], gain)


def test_what_is_no_judge_and_no_segment_is_refused(library):
    with pytest.raises(TypeError, match="judge must be a name, got None"):
        library.judge("goal", moments(library, "v1")[0], 1, judge=None)
    with pytest.raises(TypeError, match="a hit, a segment or its id, got int"):
        library.judge("goal", 5, 1)
    with pytest.raises(ValueError, match=r"holds no judgements; vx\.judge"):
        evaluate(library)
    with pytest.raises(TypeError, match="judge must be a name"):
        judge(library, "goal", judge=None)
    with pytest.raises(TypeError, match="a list such as"):
        judge(library, "goal", rerankers="joint")


def test_only_stretches_of_stored_videos_are_judged(library):
    with pytest.raises(LibraryError, match="no segment"):
        library.judge("goal", "nonsense", 1)
    made = library.compose(moments(library, "v1")[:2], name="both")
    with pytest.raises(QueryError, match="judge its members"):
        library.judge("goal", made, 1)
    with pytest.raises(LibraryError, match="may have been removed"):
        write_marks(library.database, [Mark("goal", "gone", 0.0, 1.0, 1)])
    assert library.judgements() == {}


def test_judgements_go_with_their_video_and_come_back_with_a_version(library):
    kept, gone = moments(library, "v1")[0], moments(library, "v2")[0]
    before = library.tag("before")
    library.judge("goal", kept, 3)
    library.judge("goal", gone, 2)
    library.tag("judged")
    library.remove("v2")
    assert [j.video for j in library.judgements()["goal"]] == ["v1.mp4"]
    assert library.verify().clean
    library.restore("judged")
    assert [j.gain for j in library.judgements()["goal"]] == [3, 2]
    assert library.checkout("before").judgements() == {}
    with pytest.raises(LibraryError, match="checked out"):
        library.judge("goal", kept, 1)
    library.checkout()
    library.restore(before)
    assert library.judgements() == {}
    assert library.verify().clean


def test_a_version_from_before_there_were_judgements_has_none(tmp_path):
    import zipfile

    from conftest import ROOT

    with zipfile.ZipFile(ROOT / "tests/libraries/schema_2.zip") as archive:
        archive.extractall(tmp_path)
    old = Library(tmp_path / "schema_2.lance", encoder=Toy())
    old.judge("goal", moments(old, "v1")[0], 3)
    assert old.checkout(1).judgements() == {}
    old.checkout()
    old.restore(1)
    assert old.judgements() == {}
    assert old.verify().clean


def test_verify_takes_away_what_a_killed_remover_left(library):
    library.judge("goal", moments(library, "v2")[0], 2)
    library.judge("goal", moments(library, "v1")[0], 1)
    library.database.delete("videos", "video_id = 'v2'")
    report = library.verify()
    assert [(p.kind, p.video_id, p.repaired) for p in report.problems] == [("unfinished", "v2", True)]
    assert library.database.table("judgements").count_rows() == 1
    assert library.verify().clean


def test_judging_leaves_what_is_held_of_the_library(library):
    held = library.snapshot()
    library.judge("goal", moments(library, "v1")[0], 2)
    assert library.snapshot() is held


def test_marks_go_out_and_come_back_whole(library, tmp_path):
    for who, gain in (("ada", 3), ("böb, jr.", 0)):
        for segment in (*moments(library, "v1")[:3], library.tree("v2").root):
            library.judge('"goal",\n or not', segment, gain, judge=who)
    marks = library.marks()
    assert len(marks) == 8
    other = Library(tmp_path / "other.lance", encoder=Toy())
    for name in ("v1", "v2"):
        write_video(other.database, make_record(name))
    marks.to_csv(tmp_path / "marks.csv", index=False)
    import pandas as pd

    assert other.add_marks(pd.read_csv(tmp_path / "marks.csv", keep_default_na=False)) == 8
    same = [c for c in marks.columns if c != "judged_at"]
    pd.testing.assert_frame_equal(
        other.marks()[same].sort_values(same, ignore_index=True),
        marks[same].sort_values(same, ignore_index=True),
        check_dtype=False,
    )
    assert set(other.marks()["judged_at"]) == set(marks["judged_at"])
    assert other.judgements() == library.judgements()
    assert other.add_marks(marks.drop(columns=["video_id", "judged_at"])) == 8
    assert len(other.marks()) == 8, "the same judgements again are no further ones"


def test_marks_that_make_no_sense_are_refused(library):
    good = {"query": ["q"], "name": ["v1.mp4"], "start_s": [0.0], "end_s": [5.0], "gain": [2]}
    import pandas as pd

    for change, error, message in (
        ({"gain": [7]}, ValueError, "gain must be"),
        ({"name": ["w.mp4"]}, LibraryError, "no video"),
        ({"query": None}, ValueError, "needs the columns"),
        ({"query": [" "]}, ValueError, "the words"),
        ({"end_s": [-1.0]}, ValueError, "end before it starts"),
        ({"start_s": [float("nan")]}, ValueError, "finite seconds"),
    ):
        given = {name: column for name, column in (good | change).items() if column is not None}
        with pytest.raises(error, match=message):
            library.add_marks(pd.DataFrame(given))
    assert library.add_marks(pd.DataFrame(good)) == 1


def test_evaluate_takes_what_was_judged_here(library):
    query = "tall"
    raw = library.search(query, k=5)
    library.judge(query, raw[1], 3)
    library.judge(query, raw[0], 0)
    report = evaluate(library, k=5)
    row = next(r for r in report.rows if r["metric"] == "mrr" and r["system"] == "raw")
    assert row["mean"] == 0.5
    assert report.rows == evaluate(library, [query], k=5).rows
    assert report.ceiling["recall"] == 1.0
    assert "Judged: of the hits 40% of raw, " in " ".join(report.notes), "two of five"


# ------------------------------------------------------------------------------- agreement of judges


def test_alpha_of_the_worked_example():
    """Krippendorff (2011), example C: four observers, twelve units, ordinal .815."""
    no = np.nan
    table = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, no, no, no],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, no, 3],
        [no, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, no],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, no],
    ]
    assert krippendorff_alpha(table) == pytest.approx(0.815, abs=5e-4)


def test_alpha_equals_the_reference(rng):
    checked = 0
    for _ in range(150):
        table = rng.integers(0, 4, (rng.integers(2, 5), rng.integers(2, 30))).astype(float)
        table[rng.random(table.shape) < 0.3] = np.nan
        paired = table[:, np.isfinite(table).sum(axis=0) >= 2]
        if len(np.unique(paired[np.isfinite(paired)])) < 2:
            assert np.isnan(krippendorff_alpha(table))
            continue
        expected = krippendorff.alpha(reliability_data=table, level_of_measurement="ordinal")
        assert krippendorff_alpha(table) == pytest.approx(expected, abs=1e-9)
        checked += 1
    assert checked > 100


def test_the_interval_of_alpha_covers_and_is_clustered_by_query(rng):
    """Judges who see each item with noise that the items of one query share: alpha of many items is known."""

    def study(queries):
        truth = np.repeat(rng.integers(0, 4, queries), 5)
        slip = np.repeat(rng.random(queries) < 0.3, 5)
        other = np.where(slip, rng.integers(0, 4, queries * 5), truth)
        return np.stack([truth, other]), [str(i) for i in np.repeat(np.arange(queries), 5)]

    known = krippendorff_alpha(study(4000)[0])
    inside, wider = 0, []
    for _ in range(60):
        table, names = study(25)
        found = judge_agreement(table, names, draws=300)
        alone = judge_agreement(table, [str(i) for i in range(len(names))], draws=300)
        inside += found.low <= known <= found.high
        wider.append((found.high - found.low) / (alone.high - alone.low))
    assert inside >= 50
    assert np.median(wider) > 1.2


def test_no_agreement_without_two_judges():
    assert np.isnan(judge_agreement(np.zeros((0, 0)), []).alpha)
    alone = judge_agreement([[1, 2, 3]], ["a", "a", "b"])
    assert np.isnan(alone.alpha)
    assert alone.items == 0
    one_query = judge_agreement([[1, 2, 3], [1, 2, 2]], ["a", "a", "a"])
    assert 0 < one_query.alpha < 1
    assert np.isnan(one_query.low), "one query says nothing of others"
    assert np.isnan(judge_agreement([[2, 2], [2, 2]], ["a", "b"]).alpha)
    with pytest.raises(ValueError, match="one query per item"):
        judge_agreement([[1, 2]], ["a"])


# ------------------------------------------------------------------------------------- the widget


def hits_of(library, query, *rerankers):
    raw = library.search(query, k=4)
    found = {h.segment_id for h in raw}
    for name in rerankers:
        found |= {h.segment_id for h in rerank(raw, name)}
    return found


def test_the_pool_is_blind_whole_and_in_an_order_of_its_own(library):
    widget = judge(library, ["tall", "loud", "tall"], rerankers=("raw", "joint"), k=4, judge="ada")
    assert [pool.text for pool in widget.pools] == ["tall", "loud"]
    for pool in widget.pools:
        ids = [item["id"] for item in pool.items]
        assert len(ids) == len(set(ids))
        assert set(ids) == hits_of(library, pool.text, "joint")
        assert not {"rank", "score", "raw_rank", "system", "parts"} & set(pool.items[0])
    again = judge(library, ["tall"], rerankers=("joint", "raw"), k=4, judge="ada")
    assert again.pools[0].items == widget.pools[0].items, "the order does not depend on that of the systems"
    orders = {
        tuple(i["id"] for i in judge(library, "tall", k=4, judge=f"{n}").pools[0].items) for n in range(8)
    }
    assert len(orders) > 3, "each judge has another order"
    hits = library.search("tall", k=4).hits
    firsts = [shuffled(hits, str(seed))[0].segment_id for seed in range(400)]
    counts = np.array([firsts.count(h.segment_id) for h in hits])
    assert (abs(counts - 100) < 40).all(), "every hit comes first as often as any other"


def test_marks_are_kept_undone_and_resumed(library):
    widget = judge(library, ["tall", "loud"], rerankers=["raw"], k=4, judge="ada")
    first, second = (pool.items[0]["id"] for pool in widget.pools)
    widget.mark(first, 3)
    widget.mark(first, 1)
    widget.mark(second, 0, query=1)
    assert [j.gain for j in library.judgements(judge="ada")["tall"]] == [1]
    assert widget.left == 6
    again = judge(library, ["tall", "loud"], rerankers=["raw"], k=4, judge="ada")
    assert again.gains == widget.gains
    assert (again.query, again.position) == (0, 1)
    assert judge(library, ["tall"], rerankers=["raw"], k=4, judge="bob").left == 4
    for expected in ({first: 1}, {first: 3}, {}, {}):
        widget.undo()
        assert widget.gains["tall"] == expected
    assert (widget.query, widget.position) == (0, 0)
    assert library.judgements() == {}
    with pytest.raises(ValueError, match="no hit"):
        widget.mark(first, 1, query=1)
    with pytest.raises(ValueError, match="no grade 4"):
        widget.mark(first, 4)


def test_a_mark_that_cannot_be_saved_is_taken_back_and_told(library):
    widget = judge(library, ["tall"], rerankers=["raw"], k=4)
    item = widget.pools[0].items[0]
    widget.mark(item["id"], 2)
    library.remove(library.segment(item["id"]).video_id)
    widget.mark(item["id"], 3)
    assert widget.gains["tall"][item["id"]] == 2
    assert "Not saved: no segment" in widget._problem
    with pytest.raises(LibraryError, match="cannot be changed"):
        judge(library.checkout(1), ["tall"])


def test_queries_without_results_are_named_and_none_is_refused(library):
    widget = judge(library, ["zorp"], rerankers=["raw"])
    assert widget.pools == ()
    assert widget._notes == ["Nothing was found for 'zorp'."]
    assert "Nothing to judge" in widget.still()
    with pytest.raises(ValueError, match="queries is empty"):
        judge(library, [])


@pytest.mark.browser
def test_a_judge_marks_by_keyboard_and_the_library_holds_it(library, browser):
    """Faster than the kernel answers: marks, undo, the next query, what comes out in the end."""
    from harness import Mounted, becomes, screenshot_path, slow_kernel

    queries = ["tall", "loud"]
    for segment_id in hits_of(library, "tall") | hits_of(library, "loud"):
        for text in queries:
            library.judge(text, segment_id, 2, judge="bob")
    widget = judge(library, queries, rerankers=["raw"], k=4, judge="ada")
    ids = [[item["id"] for item in pool.items] for pool in widget.pools]
    page = browser.new_context(reduced_motion="reduce").new_page()
    page.set_default_timeout(60_000)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    Mounted(page, widget, width=900)
    page.wait_for_selector(".vx-cell")
    assert page.inner_text(".vx-asked") == "tall"
    page.focus(".vx-judge")
    slow_kernel(page)

    def progress(count):
        page.wait_for_function(
            "n => document.querySelector('.vx-line').textContent.includes(`${n} of 8 judged by ada`)",
            arg=count,
        )

    for key in "3120":
        page.keyboard.press(key)
    page.wait_for_selector(".vx-onward[data-ready=true]")
    progress(4)
    becomes(page, lambda: widget.gains["tall"], dict(zip(ids[0], (3, 1, 2, 0), strict=True)))
    page.keyboard.press("u")
    progress(3)
    assert page.get_attribute(f".vx-cell[data-id='{ids[0][3]}']", "aria-current") == "true"
    for key in "2u":  # the second before the kernel has heard of the first
        page.keyboard.press(key)
    progress(3)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("3")
    page.wait_for_selector(f".vx-cell[data-id='{ids[0][3]}'][aria-current]")
    page.keyboard.press("1")
    progress(4)
    becomes(page, lambda: widget.gains["tall"], dict(zip(ids[0], (3, 1, 3, 1), strict=True)))
    assert "4 of 4" in page.get_attribute(".vx-judge", "aria-description")
    assert page.inner_text(".vx-sr").endswith("related")
    page.keyboard.press("9")
    page.keyboard.press("n")
    page.wait_for_function("document.querySelector('.vx-asked').textContent === 'loud'")
    page.keyboard.press("Space")
    page.wait_for_selector(".vx-playback[data-state=error]")  # the made-up film has no file
    for _ in range(4):
        page.keyboard.press("2")
    page.wait_for_selector(".vx-finished:not([hidden])")
    page.wait_for_function("document.querySelector('.vx-finished').textContent.includes('alpha')")
    told = page.inner_text(".vx-finished")
    assert "All 8 hits of 2 queries are judged" in told
    assert f"Krippendorff's alpha {library.agreement().alpha:.2f}".replace("-", "−") in told
    page.screenshot(path=screenshot_path("judge_finished"))
    kept = library.judgements(judge="ada")
    assert {j.segment_id: j.gain for j in kept["tall"]} == dict(zip(ids[0], (3, 1, 3, 1), strict=True))
    assert {j.segment_id: j.gain for j in kept["loud"]} == dict.fromkeys(ids[1], 2)
    assert troubles == []


@pytest.mark.browser
@pytest.mark.parametrize(("theme", "width"), [("light", 1100), ("dark", 1100), ("light", 520)])
def test_the_widget_is_drawn_whole(browser, theme, width):
    import showcase
    from harness import Mounted, screenshot_path

    items = [
        describe_segment(
            h.segment_id, video=h.video, level=h.level, start_s=h.start_s, end_s=h.end_s,
            transcript=h.transcript,
        )
        for h in showcase.shift().raw.hits[:7]
    ]  # fmt: skip
    pools = [
        Pool("a gunshot <b>in the dark</b>", tuple(items), {items[0]["id"]: 2}),
        Pool("rain", tuple(items), {}),
    ]
    widget = JudgeView(pools, save=lambda *_: None, agreement=dict, poster=showcase.poster, judge="Ada")
    page = browser.new_context(
        viewport={"width": width + 40, "height": 760}, reduced_motion="reduce"
    ).new_page()
    page.set_default_timeout(60_000)
    Mounted(page, widget, theme=theme, width=width)
    page.wait_for_selector(".vx-cell img[src]")
    assert page.eval_on_selector(".vx-judge", "e => e.scrollWidth <= e.clientWidth")
    assert page.inner_text(".vx-asked") == "a gunshot <b>in the dark</b>"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("vx vx-judge")
    page.screenshot(path=screenshot_path(f"judge_{theme}_{width}"))
    assert "1 of 7" in widget.still()
