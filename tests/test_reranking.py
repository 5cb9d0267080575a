"""Rerankers permute, explain themselves exactly, and never see the order of the candidates."""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import replace

import numpy as np
import pytest
from handmade import Custom, make_pool
from hypothesis import given, settings
from hypothesis import strategies as st

from videxplore.stages.reranking.graph import Graph
from videxplore.stages.reranking.joint import Joint
from videxplore.stages.reranking.protocol import Rescored
from videxplore.stages.reranking.rerank import RERANKERS, rerank
from videxplore.values.containment import ancestor_ids, keep_unrelated
from videxplore.values.rankings import Candidate, Hit, Query, Ranking, Reason, Relative

NAMES = sorted(RERANKERS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_nothing_is_lost_or_added_and_reasons_add_up(name, strength):
    for seed in range(10):
        raw = make_pool(seed)
        new = rerank(raw, name, strength=strength)
        assert len(new) == len(raw)
        assert {c.hit.segment_id for c in new.candidates} == {c.hit.segment_id for c in raw.candidates}
        assert {h.segment_id for h in new} <= {c.hit.segment_id for c in raw.candidates}
        for h in [*new, *(c.hit for c in new.candidates)]:
            assert math.fsum(r.amount for r in h.reasons) == pytest.approx(h.score - h.raw_score, abs=1e-9)
            assert all(r.text for r in h.reasons)


@pytest.mark.parametrize("name", NAMES)
def test_no_strength_is_the_raw_ranking_bit_for_bit(name):
    for seed in range(10):
        raw = make_pool(seed)
        for source in (raw, rerank(raw, name)):
            back = rerank(source, name, strength=0.0)
            assert [h.segment_id for h in back] == [h.segment_id for h in raw]
            assert [h.score.hex() for h in back] == [h.score.hex() for h in raw]
            assert [(h.rank, h.raw_rank, h.suppressed, h.reasons) for h in back] == [
                (h.rank, h.raw_rank, h.suppressed, ()) for h in raw
            ]


@pytest.mark.parametrize("name", NAMES)
def test_a_hundred_shuffles_give_one_answer(name):
    raw = make_pool(3, films=2)
    rng = np.random.default_rng(0)
    digests = set()
    for _ in range(100):
        order = rng.permutation(len(raw.candidates))
        shuffled = replace(raw, candidates=tuple(raw.candidates[i] for i in order))
        digests.add(hashlib.sha256(repr(rerank(shuffled, name).hits).encode()).hexdigest())
    assert len(digests) == 1


@pytest.mark.parametrize("name", NAMES)
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


@pytest.mark.parametrize("name", NAMES)
def test_a_segment_and_its_ancestor_never_both_answer(name):
    for seed in range(10):
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


def amounts(candidates, i, **options) -> dict[str, float]:
    answers = {a.segment_id: a for a in Joint(**options).scores(candidates, Query("q"))}
    return {r.kind: r.amount for r in answers[i].reasons}


def test_second_look_replaces_a_quarter_of_what_vectors_scored():
    frames = np.array([0.0, 0.1, 0.5], np.float32).astype(np.float64)
    weights = np.exp(frames / frames.std())
    best = float(weights @ frames / weights.sum())
    alone = one("a", 0.2, frames=frames)
    assert amounts([alone], "a")["best-frames"] == pytest.approx(0.25 * (best - 0.2), abs=1e-9)
    spoken = one("a", 0.5, frames=frames, parts={"visual": 0.2, "text": 0.3})
    assert amounts([spoken], "a")["best-frames"] == pytest.approx(0.25 * (best - 0.2), abs=1e-9)
    (answer,) = Joint().scores([alone], Query("q"))
    assert "best at 0:02.0" in answer.reasons[0].text


def test_what_answers_everything_loses_a_quarter_of_its_lead():
    pool = [one("a", 0.5, hubness=0.4), one("b", 0.5, hubness=0.2)]
    assert amounts(pool, "a")["hubness"] == pytest.approx(-0.025)
    assert amounts(pool, "b")["hubness"] == pytest.approx(0.025)
    assert "hubness" not in amounts([one("a", 0.5)], "a")


def test_relatives_lift_by_their_mean_lead_and_never_push_down():
    scene = Relative("ancestor", "s", "scene", 0, 40, 0.8)
    before = Relative("previous", "p", "moment", 0, 4, -0.9)
    whole = Relative("ancestor", "v", "video", 0, 400, 0.2)
    low = one("a", 0.2, relatives=[scene, before, whole], start=4.0)
    assert amounts([low], "a") == pytest.approx({"ancestor": 0.5 * 0.6 / 3})
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
    assert amounts([mine, neighbour], "a")["next"] == pytest.approx(0.5 * 0.25 * 0.8, abs=1e-6)


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


def test_context_is_own_score_plus_a_share_of_the_video():
    raw = make_pool(1)
    for h in rerank(raw, "context").hits:
        c = next(c for c in raw.candidates if c.hit.segment_id == h.segment_id)
        whole = next((r.score for r in c.relatives if r.level == "video"), h.raw_score)
        assert h.score == pytest.approx(h.raw_score + 0.6 * whole)


def test_graph_solves_its_equation_and_pulls_towards_relatives():
    scene = Relative("ancestor", "s", "scene", 0, 40, 0.8)
    pool = [one("a", 0.2, relatives=[scene]), one("b", 0.1, start=50.0)]
    (a, b) = Graph(share=0.3, alike=0).scores(pool, Query("q"))
    # f_a = .7·.2 + .3 f_s and f_s = .7·.8 + .3 f_a; b has no links and stays.
    f_a = (0.7 * 0.2 + 0.3 * 0.7 * 0.8) / (1 - 0.09)
    assert a.score == pytest.approx(f_a)
    assert (b.score, b.reasons) == (pytest.approx(0.1), ())
    assert [r.text for r in a.reasons] == ["part of the scene 0:00.0–0:40.0"]


def test_graph_links_only_mutual_look_alikes():
    def turned(i, angle, score):
        vector = np.zeros(4, np.float32)
        vector[:2] = np.cos(angle), np.sin(angle)
        return replace(one(i, score), vector=vector)

    pool = [turned("a", 0.0, 0.9), turned("b", 0.1, 0.1), turned("c", 0.25, 0.1)]
    answers = {r.segment_id: r for r in Graph(alike=1).scores(pool, Query("q"))}
    assert [r.segment_id for r in answers["b"].reasons] == ["a"]
    assert answers["c"].reasons == ()
    assert answers["b"].score > 0.1
    assert answers["a"].score < 0.9


def test_joint_orders_a_hundred_candidates_in_twenty_milliseconds():
    raw = make_pool(2, d=768)
    assert len(raw.candidates) == 100
    times = []
    for _ in range(15):
        start = time.perf_counter()
        rerank(raw)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.020, f"{min(times) * 1000:.1f} ms"


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
    with pytest.raises(ValueError, match=r"there are context, graph, joint"):
        rerank(raw, "magic")
    with pytest.raises(ValueError, match="between 0"):
        rerank(raw, strength=1.5)
    with pytest.raises(ValueError, match="between 0"):
        rerank(raw, strength=float("nan"))
    with pytest.raises(TypeError, match="name"):
        rerank(raw, 3)
    with pytest.raises(TypeError, match="name"):
        rerank(raw, Joint.__class__)
    with pytest.raises(ValueError, match="no candidates"):
        rerank(replace(raw, candidates=()))
    assert len(rerank(Ranking(raw.query, ()))) == 0
