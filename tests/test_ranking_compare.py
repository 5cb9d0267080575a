"""The comparison widget without a browser: what it describes, and how the kernel answers its wishes."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace

import pytest
import showcase as show
import traitlets
from handmade import Custom, make_pool

from videxplore.errors import QueryError
from videxplore.stages.reranking.joint import Joint
from videxplore.stages.reranking.protocol import Rescored, Rescores
from videxplore.stages.reranking.rerank import RERANKERS, rerank
from videxplore.values.rankings import JudgedQuery, Judgement, Query, Ranking, Reason, Relative
from videxplore.values.reports import Move
from videxplore.views.catalogue import Catalogue
from videxplore.views.explorer import ExplorerView
from videxplore.views.ranking_compare import RankingCompare, Wish
from videxplore.views.shifts import because, describe_shift, move_words
from videxplore.workbench.cautions import find_cautions
from videxplore.workbench.compare import compare
from videxplore.workbench.comparing import flip, link_explorer, show_shift
from videxplore.workbench.live_comparison import LiveComparison, Replay
from videxplore.workbench.pixels import _places_of


def drawn(**options) -> RankingCompare:
    return RankingCompare(show.shift(), **({"rank": show.rank, "rerankers": show.RERANKERS} | options))


def ids(widget: RankingCompare, column: int) -> list[str]:
    return widget._data["columns"][column]["ids"]


# --- descriptions ---


def test_a_shift_is_described_column_by_column():
    raw = show.raw_ranking()
    shift = show.shift_of(raw, show.reranked(raw), show.reranked(raw, system="graph"))
    data = describe_shift(shift)
    assert [column["system"] for column in data["columns"]] == ["raw", "joint", "graph"]
    for column, ranking in zip(data["columns"], (raw, *shift.others), strict=True):
        assert column["ids"] == [hit.segment_id for hit in ranking]
        assert set(column["ids"]) <= set(data["items"])
    for column in data["columns"][1:]:
        assert sum(column["summary"]["counts"].values()) == len(column["moves"])
        for key, move in column["moves"].items():
            item = data["items"][key]
            change = sum(r["amount"] for r in move["reasons"])
            assert math.isclose(change, move["score"] - item["raw_score"], abs_tol=1e-9)
            assert math.isclose(sum(p["amount"] for p in item["parts"]), item["raw_score"], abs_tol=1e-9)
            assert move["words"]
    json.dumps(data)


def test_what_left_is_not_explained_without_its_new_score():
    shift = show.shift_of(
        show.raw_ranking(), show.Ranking(show.raw_ranking().query, show.raw_ranking(5).hits, ())
    )
    gone = [m for m in describe_shift(shift)["columns"][1]["moves"].values() if m["state"] == "left"]
    assert gone
    assert all(m["score"] is None and m["because"] == "its new score is not kept" for m in gone)


def test_what_reasons_point_at_can_be_shown_though_it_is_in_no_list():
    raw = make_pool(3)
    data = describe_shift(compare(raw, rerank(raw)))
    assert data["sources"]
    assert not set(data["sources"]) & set(data["items"])
    named = {r["id"] for m in data["columns"][1]["moves"].values() for r in m["reasons"]}
    assert set(data["sources"]) <= named
    places = _places_of(compare(raw, rerank(raw)))
    for key, source in data["sources"].items():
        assert source["end"] > source["start"] >= 0
        path, span = places[key]
        assert (span.start_s, span.end_s) == (source["start"], source["end"])
        assert path.endswith(source["name"])


@pytest.mark.parametrize(
    ("state", "before", "after", "now", "words"),
    [
        ("up", 7, 1, 1, "rose 6, from rank 7 to 1"),
        ("down", 1, 2, 2, "fell 1, from rank 1 to 2"),
        ("same", 3, 3, 3, "stays at rank 3"),
        ("entered", None, 3, 3, "entered the first 10 at rank 3, from rank 11"),
        ("left", 3, None, 14, "left the first 10, from rank 3; now rank 14 of the pool"),
    ],
)
def test_moves_are_put_in_words(state, before, after, now, words):
    assert move_words(state, before, after, 10, raw_rank=11, now=now) == words


def test_why_it_moved_names_what_points_that_way():
    reasons = (
        Reason("ancestor", 0.3, "lifted by the scene it belongs to (0:10.0–0:50.0)"),
        Reason("previous", 0.2, "lifted by the moment just before it (0:04.0–0:08.0)"),
        Reason("hubness", -0.4, "answers many different queries"),
        Reason("next", 0.001, "lifted by the moment just after it"),
    )
    assert because("up", reasons) == "lifted by the scene it belongs to, by the moment just before it"
    assert because("down", reasons) == "answers many different queries"
    assert because("up", ()) == "others moved around it"
    assert because("same", reasons) == ""


def test_what_a_part_or_whole_of_it_stood_for_says_so():
    raw = make_pool(0)
    whole = next(hit for hit in raw if hit.suppressed)
    part = next(c.hit for c in raw.candidates if c.hit.segment_id == whole.suppressed[0])
    freed = replace(part, rank=1, suppressed=(whole.segment_id,))
    moves = (Move(part.segment_id, None, freed, "entered"), Move(whole.segment_id, whole, None, "left"))
    other = Ranking(raw.query, (freed,), raw.candidates, system="joint", kind="joint")
    shift = replace(compare(raw, rerank(raw)), others=(other,), moves=(moves,))
    told = describe_shift(shift)["columns"][1]["moves"]
    assert told[part.segment_id]["because"].endswith("it stood for it before")
    assert told[whole.segment_id]["because"].endswith("it stands for it now, at rank 1")
    assert ("around" in told[part.segment_id]["because"]) is (whole.duration_s > part.duration_s)


def test_only_an_order_that_moves_far_is_called_unsure():
    raw = show.raw_ranking()
    for sensitivity, unsure in ((None, False), (1.5, False), (1.6, True)):
        shift = show.shift_of(raw, show.reranked(raw, order_sensitivity=sensitivity))
        assert describe_shift(shift)["columns"][1]["unsure"] is unsure


# --- cautions, names, gains ---


def test_rankings_of_one_name_are_told_apart():
    raw = make_pool(0)
    shift = compare(raw, rerank(raw), rerank(raw, strength=0.5), rerank(raw, Joint(lift=0.0)), rerank(raw))
    assert [other.system for other in shift.others] == [
        "joint",
        "joint at 0.50",
        "joint at 1.00",
        "joint (2)",
    ]


def test_what_is_judged_right_is_marked_with_its_gain():
    raw = make_pool(0)
    hit = raw[3]
    truth = [Judgement(hit.video.rsplit("/", 1)[-1], hit.start_s, hit.end_s, 2)]
    shift = compare(raw, rerank(raw), qrels=truth)
    assert shift.earned == {hit.segment_id: 2}
    data = describe_shift(shift)
    assert data["items"][hit.segment_id]["gain"] == 2
    metric = data["columns"][1]["summary"]["metrics"][0]
    assert metric["name"] == "ndcg@10"
    assert metric["delta"] == pytest.approx(metric["value"] - metric["raw"])


def clear(gap: float) -> Ranking:
    """A pool whose first hit stands above the others, which span 0.1."""
    raw = make_pool(1)
    hits = [
        replace(h, score=s, raw_score=s)
        for h, s in zip(raw, [0.5 + gap, *(0.5 - i / 80 for i in range(9))], strict=True)
    ]
    return replace(raw, hits=tuple(hits))


def test_a_clear_first_hit_is_a_reason_for_doubt():
    other = replace(rerank(make_pool(1)), system="other")
    said = find_cautions(clear(0.3), other, 10)
    assert any("stands clear (0.80, next 0.50)" in caution for caution in said)
    assert not any("stands clear" in caution for caution in find_cautions(clear(0.05), other, 10))
    assert find_cautions(other, other, 10) == ()


@pytest.mark.parametrize(("length", "doubted"), [(1.2, True), (4.0, False)])
def test_lifts_between_quick_cuts_are_a_reason_for_doubt(length, doubted):
    raw = make_pool(2)
    near = Relative("next", "x", "moment", 0.0, 1.0, 0.9)
    pool = tuple(
        replace(
            c, hit=replace(c.hit, video="/films/trailer.mp4", end_s=c.hit.start_s + length), relatives=(near,)
        )
        for c in raw.candidates
    )
    hits = tuple(
        replace(h, video="/films/trailer.mp4", reasons=(Reason("next", 0.1, "lifted"),))
        for h in raw.hits[::-1]
    )
    hits = tuple(replace(h, rank=i, score=1 - i / 10) for i, h in enumerate(hits, start=1))
    said = find_cautions(raw, Ranking(raw.query, hits, pool, system="joint", kind="joint"), 10)
    assert any("trailer.mp4 changes every 1.2 s" in caution for caution in said) is doubted


# --- the widget ---


def test_the_slider_reranks_in_the_kernel():
    widget = drawn()
    before = ids(widget, 1)
    widget.set_state({"strength": 0.0})
    assert ids(widget, 1) == ids(widget, 0) != before
    assert {m["state"] for m in widget._data["columns"][1]["moves"].values()} == {"same"}
    widget.set_state({"strength": 1.0})
    assert ids(widget, 1) == before


def test_every_wish_is_answered_once():
    asked = []
    widget = drawn(rank=lambda wish: asked.append(wish) or show.rank(wish), queries=show.QUERIES)
    turn = widget._turn
    widget.set_state({"strength": 0.5, "systems": ["graph", "context"]})
    assert asked == [Wish(("graph", "context"), 0.5)]
    assert widget._turn > turn
    assert [c["system"] for c in widget._data["columns"]] == ["raw", "graph", "context"]
    widget.set_state({"query": 1})
    assert len(asked) == 2
    assert widget._data["query"]["text"] == show.QUERIES[1]


def test_marks_stay_with_their_query():
    widget = drawn(queries=show.QUERIES)
    widget.set_state({"relevant": ["a"], "irrelevant": ["b"]})
    widget.set_state({"query": 1})
    assert (widget.relevant, widget.irrelevant) == ([], [])
    widget.relevant = ["c"]
    widget.query = 0
    assert (widget.relevant, widget.irrelevant) == (["a"], ["b"])
    assert widget.wish == Wish(("joint",), 1.0, 0, ("a",), ("b",))


def test_a_failing_reranker_leaves_the_last_good_ranking():
    def fail(wish):
        raise RuntimeError("no memory <b>left</b>")

    widget = drawn(rank=fail)
    before, turn = widget._data, widget._turn
    widget.set_state({"strength": 0.5})
    assert widget._error == "RuntimeError: no memory <b>left</b>"
    assert widget._data == before
    assert widget._turn > turn, "or the page would wait for ever"


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("strength", 1.5, "strength"),
        ("strength", float("nan"), "strength"),
        ("other", 1, "other must be below 1"),
        ("query", 3, "query must be below 3"),
        ("systems", ["magic"], "different names of joint"),
        ("systems", [], "1 to 8"),
        ("systems", ["joint", "joint"], "different names"),
    ],
)
def test_what_cannot_be_shown_is_refused(trait, value, words):
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(drawn(queries=show.QUERIES), trait, value)


def test_a_column_taken_away_is_no_longer_explained():
    raw = show.raw_ranking()
    shift = show.shift_of(raw, show.reranked(raw), show.reranked(raw, system="graph"))
    widget = RankingCompare(shift, rank=show.rank, other=1)
    widget.systems = ["joint"]
    assert widget.other == 0


def test_without_results_the_words_not_understood_are_there():
    widget = RankingCompare(show.empty_shift())
    assert ids(widget, 0) == []
    assert widget._data["query"]["unknown"] == ["zyzzyva"]
    assert not widget._live


# --- what keeps it alive ---


def ask(raw: Ranking, **rerankers) -> LiveComparison:
    return LiveComparison(lambda _: raw, rerankers, judged=lambda _: ())


@pytest.mark.parametrize("name", ["joint", "graph"])
def test_a_replayed_ranking_is_the_reranked_one_bit_for_bit(name):
    raw = make_pool(0)
    live = ask(raw)
    for strength in (0.0, 0.3, 1.0):
        wanted = rerank(raw, name, strength=strength)
        for found in (
            live(Wish((name,), strength)).others[0],
            rerank(raw, Replay(rerank(raw, name)), strength=strength),
        ):
            assert [(h.segment_id, h.score) for h in found] == [(h.segment_id, h.score) for h in wanted]
            assert [h.reasons for h in found] == [h.reasons for h in wanted]
            assert (found.kind, found.strength, found.system) == (wanted.kind, strength, name)


def test_a_ranking_made_half_way_is_taken_to_full_strength():
    raw = make_pool(5)
    half = rerank(raw, strength=0.5)
    full = rerank(raw)
    found = rerank(raw, Replay(half))
    assert [h.segment_id for h in found] == [h.segment_id for h in full]
    assert [h.score for h in found] == pytest.approx([h.score for h in full], abs=1e-12)


def test_a_slow_reranker_is_asked_once_a_query():
    asked = []

    def answer(pool):
        asked.append(1)
        scores = tuple(Rescored(c.hit.segment_id, -c.hit.raw_score) for c in pool)
        return Rescores(scores, ("Read in three orders.",), 0.4)

    live = ask(make_pool(0), slow=Custom(answer))
    for strength in (1.0, 0.4, 0.0, 0.7):
        other = live(Wish(("slow", "joint"), strength)).others[0]
        assert (other.notes, other.order_sensitivity, other.system) == (
            ("Read in three orders.",),
            0.4,
            "slow",
        )
    assert len(asked) == 1
    assert set(live.names) == {"slow", *(make().name for make in RERANKERS.values())}


@dataclass(frozen=True)
class Taught:
    """Puts what is wanted first and what is not last."""

    relevant: tuple[str, ...] = ()
    irrelevant: tuple[str, ...] = ()
    name: str = "taught"

    def scores(self, candidates, query):
        return [
            Rescored(
                c.hit.segment_id,
                c.hit.raw_score
                + 9.0 * ((c.hit.segment_id in self.relevant) - (c.hit.segment_id in self.irrelevant)),
            )
            for c in candidates
        ]


def test_marks_steer_a_reranker_that_takes_them_and_no_other():
    raw = make_pool(0)
    live = ask(raw, taught=Taught())
    wanted, unwanted = raw[6].segment_id, raw[0].segment_id
    plain = live(Wish(("taught", "joint")))
    shift = live(Wish(("taught", "joint"), relevant=(wanted,), irrelevant=(unwanted,)))
    assert shift.others[0][0].segment_id == wanted
    assert unwanted not in {h.segment_id for h in shift.others[0]}
    assert shift.others[1].hits == plain.others[1].hits


def test_show_replays_what_was_made_with_options_of_its_own():
    raw = make_pool(1)
    own = rerank(raw, Joint(lift=2.0))
    widget = show_shift(compare(raw, own))
    widget.strength = 0.5
    widget.strength = 1.0
    assert ids(widget, 1) == [h.segment_id for h in own]
    widget.systems = ["graph"]
    assert ids(widget, 1) == [h.segment_id for h in rerank(raw, "graph")]


def test_judgements_outlive_the_slider():
    raw = make_pool(0)
    truth = [Judgement(raw[3].video.rsplit("/", 1)[-1], raw[3].start_s, raw[3].end_s)]
    widget = show_shift(compare(raw, rerank(raw), qrels=truth))
    widget.strength = 0.0
    assert widget.shift.metrics["mrr"] == (0.25, 0.25)


class Shelf:
    """A library of ready-made rankings with judgements: what ``flip`` needs of one."""

    def __init__(self):
        self.texts = ("one", "two")
        self.searched = []

    def search(self, text, *, k, level):
        self.searched.append(text)
        if text not in self.texts:
            raise QueryError(f"no word of {text!r} is understood")
        found = make_pool(self.texts.index(text))
        return replace(found, query=Query(text), hits=found.hits[:k])

    def judgements(self, text):
        hit = make_pool(1)[0]
        judged = Judgement(hit.video.rsplit("/", 1)[-1], hit.start_s, hit.end_s)
        return {"two": [judged]} if text == "two" else {}

    def poster(self, segment_id):
        return show.poster(segment_id)


def test_flipping_through_pinned_queries():
    shelf = Shelf()
    truth = make_pool(0)[2]
    qrels = {"q1": [Judgement(truth.video.rsplit("/", 1)[-1], truth.start_s, truth.end_s)]}
    queries = [JudgedQuery("q1", "one", "test", "event", "moment"), "two", "zyzzyva"]
    widget = flip(shelf, queries, rerankers=["joint", ["joint", "graph"]], qrels=qrels)
    assert widget.systems == ["joint", "joint → graph"]
    assert widget.shift.metrics["mrr"][0] == pytest.approx(1 / 3)
    widget.query = 1
    assert widget.shift.metrics["mrr"][0] == 1.0, "the library's own judgements"
    assert set(widget._verdicts) == {"0", "1"}
    widget.query = 2
    assert ids(widget, 0) == []
    assert "zyzzyva" in widget._data["notes"][0]
    assert widget._error == ""
    widget.query = 0
    assert shelf.searched == ["one", "two", "zyzzyva"], "each query is searched once"
    assert flip(shelf, "one", rerankers=["raw", "joint"]).systems == ["joint"]
    assert shelf.searched[3:] == ["one"], "words are one query, not one a letter"
    with pytest.raises(ValueError, match="at least one query"):
        flip(shelf, [])
    with pytest.raises(ValueError, match="beside 'raw'"):
        flip(shelf, "one", rerankers=["raw"])
    with pytest.raises(TypeError, match="a list such as"):
        flip(shelf, "one", rerankers="joint")


def test_the_map_shows_what_is_compared_and_chosen():
    explorer = ExplorerView(Catalogue(show.ROWS), show.projection(), search=lambda *_: show.raw_ranking())
    widget = drawn()
    link_explorer(widget, explorer)
    assert [h.segment_id for h in explorer.hits] == ids(widget, 1)
    widget.selected = ids(widget, 1)[3]
    assert explorer.selection == [widget.selected]
    widget.strength = 0.0
    assert [h.segment_id for h in explorer.hits] == ids(widget, 0)
    explorer.selection = [ids(widget, 0)[5]]
    assert widget.selected == ids(widget, 0)[5]
    explorer.close()
