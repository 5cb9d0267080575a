"""Rerankers permute, explain themselves exactly, and never see the order of the candidates."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace

import numpy as np
import pytest
from handmade import Custom, make_pool
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.stages.reranking.answers import ask
from videxplore.stages.reranking.diversify import Diversify
from videxplore.stages.reranking.feedback import Feedback
from videxplore.stages.reranking.joint import COSINE, NAMED, Joint
from videxplore.stages.reranking.protocol import Rescored, Rescores
from videxplore.stages.reranking.rerank import RERANKERS, find_reranker, rerank
from videxplore.values.containment import ancestor_ids, keep_unrelated
from videxplore.values.rankings import Candidate, Hit, Query, Ranking, Reason, Relative, Term
from videxplore.values.vectors import EncoderCard

NAMES = sorted(RERANKERS)
WAYS = [*NAMES, ["joint", "diversify"], Diversify(method="dpp", videos=0.3), Feedback(relevant=["v0s0m1"])]


@pytest.mark.parametrize("name", WAYS, ids=str)
@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_nothing_is_lost_or_added_and_reasons_add_up(name, strength):
    for seed in range(3):
        raw = make_pool(seed)
        new = rerank(raw, name, strength=strength)
        assert len(new) == len(raw)
        assert {c.hit.segment_id for c in new.candidates} == {c.hit.segment_id for c in raw.candidates}
        assert {h.segment_id for h in new} <= {c.hit.segment_id for c in raw.candidates}
        for h in [*new, *(c.hit for c in new.candidates)]:
            assert math.fsum(r.amount for r in h.reasons) == pytest.approx(h.score - h.raw_score, abs=1e-9)
            assert all(r.text for r in h.reasons)


@pytest.mark.parametrize("name", WAYS, ids=str)
def test_no_strength_is_the_raw_ranking_bit_for_bit(name):
    for seed in range(3):
        raw = make_pool(seed)
        for source in (raw, rerank(raw, name)):
            back = rerank(source, name, strength=0.0)
            assert [h.segment_id for h in back] == [h.segment_id for h in raw]
            assert [h.score.hex() for h in back] == [h.score.hex() for h in raw]
            assert [(h.rank, h.raw_rank, h.suppressed, h.reasons) for h in back] == [
                (h.rank, h.raw_rank, h.suppressed, ()) for h in raw
            ]


@pytest.mark.parametrize("name", WAYS, ids=str)
def test_a_hundred_shuffles_give_one_answer(name):
    raw = make_pool(3, films=1)
    rng = np.random.default_rng(0)
    digests = set()
    for _ in range(100):
        order = rng.permutation(len(raw.candidates))
        shuffled = replace(raw, candidates=tuple(raw.candidates[i] for i in order))
        digests.add(hashlib.sha256(repr(rerank(shuffled, name).hits).encode()).hexdigest())
    assert len(digests) == 1


@pytest.mark.parametrize("name", WAYS, ids=str)
def test_equal_scores_keep_the_raw_order(name):
    raw = make_pool(4)
    flat = tuple(
        Candidate(
            replace(c.hit, score=0.5, raw_score=0.5, parts={}, level="moment"),
            c.vector,
            c.frame_times_s[:0],
            c.frame_scores[:0],
        )
        for c in raw.candidates
    )
    kept = tuple(replace(c.hit, rank=r) for r, c in enumerate(flat[:10], start=1))
    new = rerank(Ranking(raw.query, kept, flat), name)
    assert [h.segment_id for h in new] == [c.hit.segment_id for c in flat[:10]]


@pytest.mark.parametrize("name", WAYS, ids=str)
def test_a_segment_and_its_ancestor_never_both_answer(name):
    for seed in range(3):
        raw = make_pool(seed)
        family = ancestor_ids(raw.candidates)
        shown = rerank(raw, name).hits
        ids = {h.segment_id for h in shown}
        assert not any(family[i] & ids for i in ids)
        silenced = [i for h in shown for i in h.suppressed]
        assert len(silenced) == len(set(silenced))
        for h in shown:
            for i in h.suppressed:
                assert i in family[h.segment_id] or h.segment_id in family[i]


@given(st.integers(0, 10_000), st.integers(1, 20))
@settings(max_examples=30, deadline=None)
def test_long_segments_give_way_rather_than_leave_a_short_list(seed, count):
    raw = make_pool(seed, films=2, scenes=3, moments=4)
    family = ancestor_ids(raw.candidates)
    coarse_first = sorted(family, key=lambda i: (len(family[i]), i))
    leaves = sum(i not in set().union(*family.values()) for i in family)
    kept = keep_unrelated(coarse_first, family, count)
    assert len(kept) == min(count, leaves)
    ids = {i for i, _ in kept}
    assert not any(family[i] & ids for i in ids)


# ----------------------------------------------------------------------------------------- joint


def one(
    i, score, *, relatives=(), frames=(), parts=None, hubness=None, level="moment", start=0.0
) -> Candidate:
    hit = Hit(1, i, "/f.mp4", level, start, start + 4, score, score, 1, parts or {"visual": score})
    times = start + np.arange(len(frames), dtype=np.float64)
    unit = np.zeros(4, np.float32)
    return Candidate(hit, unit, times, np.asarray(frames, np.float32), tuple(relatives), hubness)


WEIGHTS = {"frames": 0.1, "hubness": 0.25, "lift": 0.3, "rise": 0.8, "fall": 0.2}


def amounts(candidates, i, **options) -> dict[str, float]:
    answers = {a.segment_id: a for a in Joint(**(WEIGHTS | options)).scores(candidates, Query("q"))}
    return {r.kind: r.amount for r in answers[i].reasons}


def test_second_look_replaces_a_share_of_what_vectors_scored():
    frames = np.array([0.0, 0.1, 0.5], np.float32).astype(np.float64)
    weights = np.exp(frames / frames.std())
    best = float(weights @ frames / weights.sum())
    alone = one("a", 0.2, frames=frames)
    assert amounts([alone], "a", frames=0.25)["best-frames"] == pytest.approx(0.25 * (best - 0.2), abs=1e-9)
    spoken = one("a", 0.5, frames=frames, parts={"visual": 0.2, "text": 0.3})
    assert amounts([spoken], "a", frames=0.25)["best-frames"] == pytest.approx(0.25 * (best - 0.2), abs=1e-9)
    (answer,) = Joint().scores([alone], Query("q"))
    assert "best at 0:02.0" in answer.reasons[0].text


def test_a_segment_with_parts_is_not_looked_at_again_frame_by_frame():
    part = Relative("part", "p", "moment", 0, 4, 0.2)
    assert "best-frames" not in amounts([one("a", 0.2, frames=[0.9], relatives=[part])], "a")


def test_what_answers_everything_loses_a_share_of_its_lead():
    pool = [one("a", 0.5, hubness=0.4), one("b", 0.5, hubness=0.2)]
    assert amounts(pool, "a", hubness=0.25)["hubness"] == pytest.approx(-0.025)
    assert amounts(pool, "b", hubness=0.25)["hubness"] == pytest.approx(0.025)
    assert "hubness" not in amounts([one("a", 0.5)], "a")
    scene = one("s", 0.5, hubness=0.9, level="scene")  # held against scenes only
    assert amounts([*pool, scene], "s")["hubness"] == 0.0
    assert amounts([*pool, scene], "a", hubness=0.25)["hubness"] == pytest.approx(-0.025)


def test_relatives_lift_by_their_mean_lead_and_never_push_down():
    scene = Relative("ancestor", "s", "scene", 0, 40, 0.8)
    before = Relative("previous", "p", "moment", 0, 4, -0.9)
    whole = Relative("ancestor", "v", "video", 0, 400, 0.2)
    low = one("a", 0.2, relatives=[scene, before, whole], start=4.0)
    assert amounts([low], "a") == pytest.approx({"ancestor": 0.3 * 0.6 / 3})
    assert amounts([low], "a", lift=1.0) == pytest.approx({"ancestor": 0.6 / 3})
    assert amounts([low], "a", video=0.15)["video"] == pytest.approx(0.15 * 0.2)
    (answer,) = Joint().scores([low], Query("q"))
    assert answer.reasons[0].text == "lifted by the scene it belongs to (0:00.0–0:40.0)"
    assert answer.reasons[0].segment_id == "s"
    high = one("a", 0.9, relatives=[scene, before, whole])
    assert amounts([high], "a") == {}


def test_a_relative_among_the_candidates_counts_with_its_second_look():
    neighbour = one("n", 0.1, frames=[0.9], start=4.0)
    mine = one("a", 0.1, relatives=[Relative("next", "n", "moment", 4, 8, 0.1)])
    assert amounts([mine, neighbour], "a", frames=0.25)["next"] == pytest.approx(0.3 * 0.25 * 0.8, abs=1e-6)


def test_the_best_part_raises_and_poor_parts_that_are_candidates_lower():
    parts = [Relative("part", i, "moment", t, t + 2, s) for i, t, s in (("p", 0, 0.8), ("q", 2, 0.1))]
    scene = one("a", 0.5, relatives=parts, level="scene")
    assert amounts([scene], "a") == pytest.approx({"part": 0.8 * 0.3})  # no part could answer in its place
    (answer,) = Joint(**WEIGHTS).scores([scene], Query("q"))
    assert (answer.reasons[0].segment_id, answer.reasons[0].text) == (
        "p", "its moment 0:00.0–0:02.0 matches better than the whole",
    )  # fmt: skip
    both = [scene, one("p", 0.8)]  # now the part answers itself
    assert amounts(both, "a") == pytest.approx({"parts": -0.2 * (0.5 - 0.45)})
    assert amounts([replace(scene, relatives=parts[1:]), one("q", 0.1)], "a") == pytest.approx(
        {"parts": -0.2 * 0.4}
    )


def test_weights_follow_from_how_the_query_was_compared():
    card = EncoderCard("named", 4, names=("a", "b", "c", "d"))
    read = Query("dark", card=card, terms=(Term("dark", "a", 1.0),))
    pool = make_pool(2).candidates
    for query, usual in ((read, NAMED), (replace(read, terms=()), COSINE), (Query("q"), COSINE)):
        assert Joint().scores(pool, query) == usual.scores(pool)
    assert Joint(lift=0.0).scores(pool, read) == replace(NAMED, lift=0.0).scores(pool)
    assert NAMED.scores(pool) != COSINE.scores(pool)
    with pytest.raises(ValueError, match="temperature"):
        Joint(temperature=0.0)


def test_how_far_scores_spread_changes_no_order():
    raw = make_pool(7)

    def scaled(c):
        hit = replace(
            c.hit,
            score=8 * c.hit.score,
            raw_score=8 * c.hit.raw_score,
            parts={name: 8 * part for name, part in c.hit.parts.items()},
        )
        relatives = tuple(replace(r, score=8 * r.score) for r in c.relatives)
        return replace(
            c, hit=hit, frame_scores=8 * c.frame_scores, relatives=relatives, hubness=8 * c.hubness
        )

    wide = replace(
        raw,
        hits=tuple(replace(h, score=8 * h.score, raw_score=8 * h.raw_score) for h in raw.hits),
        candidates=tuple(map(scaled, raw.candidates)),
    )
    narrow, wide = rerank(raw), rerank(wide)
    assert [h.segment_id for h in narrow] == [h.segment_id for h in wide]
    assert [8 * h.score for h in narrow] == pytest.approx([h.score for h in wide])


# ------------------------------------------------------------------------------ a user's reranker


def test_a_users_reranker_is_explained_by_its_name():
    raw = make_pool(0)
    new = rerank(raw, Custom(lambda pool: [Rescored(c.hit.segment_id, -c.hit.raw_score) for c in pool]))
    assert new.system == "my own"
    assert [r.text for r in new[0].reasons] == ["judged by my own"]
    assert new[0].score == pytest.approx(-new[0].raw_score)
    assert new[0].score == max(c.hit.score for c in new.candidates)


def test_reasons_that_do_not_add_up_are_completed():
    raw = make_pool(0)
    half = Custom(
        lambda pool: [
            Rescored(c.hit.segment_id, c.hit.raw_score + 0.2, (Reason("length", 0.05, "it is short"),))
            for c in pool
        ]
    )
    for h in rerank(raw, half):
        assert [r.kind for r in h.reasons] == ["length", "reranker"]
        assert h.reasons[1].amount == pytest.approx(0.15)


def test_what_a_reranker_says_beside_its_scores_reaches_the_ranking():
    raw = make_pool(0)
    answer = Custom(
        lambda pool: Rescores(
            tuple(Rescored(c.hit.segment_id, c.hit.raw_score) for c in pool), ("read twice",), 0.75
        )
    )
    new = rerank(replace(raw, notes=("known",)), answer)
    assert new.notes == rerank(new, answer).notes == ("known", "read twice")
    assert (new.order_sensitivity, new.kind) == (0.75, "joint")
    assert (raw.order_sensitivity, raw.kind) == (None, "raw")
    answer.kind = "pointwise"
    assert rerank(raw, answer).kind == "pointwise"
    answer.kind = "magic"
    with pytest.raises(ValueError, match="kind must be one of"):
        rerank(raw, answer)


def test_kinds_tell_which_candidates_see_each_other():
    raw = make_pool(5)
    kinds = {name: rerank(raw, name).kind for name in NAMES}
    assert {n for n, kind in kinds.items() if kind == "pointwise"} == {
        "context", "hubness", "late_interaction",
    }  # fmt: skip
    assert {n for n, kind in kinds.items() if kind == "diversity"} == {"diversify"}
    for name, kind in kinds.items():
        everyone, few = (
            {a.segment_id: a.score for a in ask(find_reranker(name), pool, raw.query).scores}
            for pool in (raw.candidates, raw.candidates[::7])
        )
        shift = np.array([everyone[i] - few[i] for i in few])
        # Whatever the company, a pointwise reranker leaves the same distances between candidates.
        assert (np.ptp(shift) < 1e-12) == (kind == "pointwise"), name


# ------------------------------------------------------------------------------------- chains


def test_a_chain_goes_on_from_what_the_link_before_left():
    raw = make_pool(6)
    added = {"first": 0.25, "second": -0.5}

    def link(name):
        def answer(pool):
            seen.append([c.hit.raw_score for c in pool])
            return [
                Rescored(c.hit.segment_id, c.hit.raw_score + added[name] * c.hit.duration_s,
                         (Reason(name, added[name] * c.hit.duration_s, name),))
                for c in pool
            ]  # fmt: skip

        custom = Custom(answer)
        custom.name = name
        return custom

    seen = []
    new = rerank(raw, [link("first"), link("second")])
    assert new.system == "first → second"
    assert seen[1] == sorted(seen[1], reverse=True)
    for c in new.candidates:
        h = c.hit
        assert [r.kind for r in h.reasons] == ["first", "second"]
        assert h.score == pytest.approx(h.raw_score - 0.25 * h.duration_s)
        assert math.fsum(r.amount for r in h.reasons) == pytest.approx(h.score - h.raw_score, abs=1e-12)


def test_relatives_follow_from_link_to_link():
    raw = make_pool(8)
    inside = {c.hit.segment_id for c in raw.candidates}
    whole = tuple(  # what lies outside the pool keeps its raw score, and hubness is held against the level
        replace(
            c,
            hit=replace(c.hit, level="moment"),
            relatives=tuple(r for r in c.relatives if r.segment_id in inside),
        )
        for c in raw.candidates
    )
    raw = replace(raw, candidates=whole)
    chained = rerank(raw, ["hubness", Joint(hubness=0.0, frames=0.0)])
    alone = rerank(raw, Joint(hubness=0.35, frames=0.0))
    assert [h.segment_id for h in chained] == [h.segment_id for h in alone]
    assert [h.score for h in chained] == pytest.approx([h.score for h in alone], abs=1e-12)


def test_chains_of_one_none_and_what_is_no_reranker():
    raw = make_pool(8)
    assert rerank(raw, ["graph"]).hits == rerank(raw, "graph").hits
    with pytest.raises(ValueError, match="at least one"):
        rerank(raw, [])
    with pytest.raises(TypeError, match="list of these"):
        rerank(raw, ["joint", 3])


def test_chains_are_as_joint_as_their_most_joint_link():
    raw = make_pool(0)
    assert rerank(raw, ["context", "hubness"]).kind == "pointwise"
    assert rerank(raw, ["context", "diversify"]).kind == "diversity"
    assert rerank(raw, ["joint", "diversify"]).kind == "joint"


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (lambda pool: [Rescored(c.hit.segment_id, 0.0) for c in pool[1:]], "lost"),
        (lambda pool: [], "lost"),
        (lambda pool: [*(Rescored(c.hit.segment_id, 0.0) for c in pool), Rescored("new", 1.0)], "added new"),
        (lambda pool: [Rescored(c.hit.segment_id, 0.0) for c in [*pool, pool[0]]], "repeated"),
        (lambda pool: [Rescored(c.hit.segment_id, float("nan")) for c in pool], "no finite number"),
        (
            lambda pool: [
                Rescored(c.hit.segment_id, 0.0, (Reason("x", float("inf"), "x"),)) for c in pool
            ],
            "no finite number",
        ),
    ],
)  # fmt: skip
def test_a_reranker_that_breaks_the_pool_is_named(answer, fault):
    with pytest.raises(ValueError, match=f"my own.*{fault}"):
        rerank(make_pool(0), Custom(answer))


def test_wrong_arguments_are_refused_with_what_is_allowed():
    raw = make_pool(0)
    with pytest.raises(ValueError, match=r"there are context, .* graph, .* joint"):
        rerank(raw, "magic")
    with pytest.raises(ValueError, match="between 0"):
        rerank(raw, strength=1.5)
    for strength in (float("nan"), None, "0.5"):
        with pytest.raises(ValueError, match="between 0"):
            rerank(raw, strength=strength)
    with pytest.raises(ValueError, match="no reranker ''"):
        rerank(raw, "")
    with pytest.raises(TypeError, match="one ranking"):
        rerank([raw])
    with pytest.raises(TypeError, match="name"):
        rerank(raw, 3)
    with pytest.raises(TypeError, match="name"):
        rerank(raw, Joint.__class__)
    with pytest.raises(ValueError, match="no candidates"):
        rerank(replace(raw, candidates=()))
    assert len(rerank(Ranking(raw.query, ()))) == 0
