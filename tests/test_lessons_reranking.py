"""Lesson 9: diffusion and sums by hand are what the kit answers; what became of judged queries."""

from __future__ import annotations

import numpy as np
import pytest

from videxplore.lessons.diffusion import (
    add_by_hand,
    loses_from,
    pick_first,
    show_step,
    walk_by_hand,
)
from videxplore.lessons.outcomes import (
    LOST,
    SAME,
    count,
    find_outcomes,
    lost_first,
    outcome_of,
    search_all,
    show_outcome,
)
from videxplore.stages.reranking.graph import Graph
from videxplore.stages.reranking.rerank import rerank

DANCE, BAND = "people dance to pulsing music", "a rock band with loud music"


@pytest.fixture(scope="module")
def raw(sample_library):
    return {text: sample_library.search(text, level="moment", k=8) for text in (DANCE, BAND)}


@pytest.mark.parametrize("text", [DANCE, BAND])
@pytest.mark.parametrize(("share", "alike", "count"), [(0.0, 1, 5), (0.3, 1, 5), (0.5, 2, 5), (0.8, 3, 7)])
def test_diffusion_by_hand_is_the_graph_reranker(raw, text, share, alike, count):
    few = pick_first(raw[text], count)
    walk = walk_by_hand(few, share, alike)
    kit = {h.segment_id: h.score for h in rerank(few, Graph(share=share, alike=alike))}
    np.testing.assert_allclose(walk.final, [kit[i] for i in walk.ids], atol=1e-10)
    rows = walk.shares.sum(axis=1)
    assert ((np.abs(rows - 1) < 1e-12) | (rows == 0)).all()


@pytest.mark.parametrize("text", [DANCE, BAND])
def test_sum_by_hand_is_the_joint_reranker(raw, text):
    few = pick_first(raw[text], alone=False)
    added = add_by_hand(few)
    kit = {h.segment_id: h.score for h in rerank(few, "joint")}
    np.testing.assert_allclose(added.final, [kit[c.hit.segment_id] for c in few.candidates], atol=1e-12)


def test_steps_close_in_on_the_closed_form(raw):
    walk = walk_by_hand(pick_first(raw[DANCE]), 0.5, 2)
    exact = np.linalg.solve(np.eye(5) - 0.5 * walk.shares, 0.5 * walk.scores)
    gaps = np.abs(walk.steps - exact).max(axis=1)
    assert (gaps[1:] <= 0.5 * gaps[:-1] + 1e-12).all()
    first, last = show_step(walk, 0), show_step(walk, 9)
    assert first.lanes[0].segment_ids == first.lanes[1].segment_ids
    assert set(last.lanes[0].segment_ids) == set(last.lanes[1].segment_ids)


def test_nothing_is_heard_at_share_zero(raw):
    few = pick_first(raw[BAND])
    np.testing.assert_array_equal(walk_by_hand(few, 0.0).final, walk_by_hand(few, 0.0).scores)
    assert np.isnan(loses_from(few, (0.0,)))
    assert loses_from(few, (0.5, 0.3)) == 0.3


def test_too_few_hits_are_refused(raw):
    with pytest.raises(ValueError, match="30 are needed"):
        pick_first(raw[DANCE], 30)


def test_outcomes_are_counted(sample, sample_library):
    some = [q for q in sample.queries if q.query_id in ("kitchen-07", "festival-01")]
    rankings = search_all(sample_library, some)
    same = find_outcomes(rankings, some, sample.qrels, lambda ranking: rerank(ranking, strength=0))
    assert count(same, SAME) == len(same) == 2
    assert not lost_first(same)
    found = find_outcomes(rankings, some, sample.qrels, lambda r: rerank(r, Graph(share=0.5, alike=2)))
    assert count(found, LOST) == 2
    scene = show_outcome(found, found[0], "graph")
    assert [len(lane.segment_ids) for lane in scene.lanes] == [5, 5]
    assert outcome_of("", rankings[0], rankings[0], []).what == SAME
