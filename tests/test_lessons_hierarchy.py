"""Lesson 6: parents recomposed, what they hide, one query on every level."""

from __future__ import annotations

import numpy as np
import pytest

from videxplore.lessons.hierarchy import (
    first_level,
    leaves_of,
    make_family,
    measure_hiding,
    parents_at,
    recompose,
    score_levels,
    show_family,
    show_hiding,
    show_levels,
    stranger_in,
)


@pytest.fixture(scope="module")
def snapshot(sample_library):
    return sample_library.snapshot()


def test_parents_recomposed_from_their_leaves_are_what_the_library_holds(snapshot):
    rows = [row for level in snapshot.levels[1:] for row in parents_at(snapshot, level)]
    assert len(rows) > 50
    for row in rows:
        vector, coherence = recompose(snapshot, row)
        np.testing.assert_allclose(vector, snapshot.vectors[row], atol=1e-6)
        assert coherence == pytest.approx(float(snapshot.coherence[row]), abs=1e-6)


def test_cosine_with_a_parent_is_the_mean_cosine_by_coherence(snapshot):
    rng = np.random.default_rng(0)
    for row in parents_at(snapshot, "scene"):
        family = make_family(snapshot, leaves_of(snapshot, row).tolist())
        query = rng.normal(size=family.parent.shape)
        query /= np.linalg.norm(query)
        by_law = family.weights @ (family.children @ query) / family.coherence
        assert float(query @ family.parent) == pytest.approx(float(by_law), abs=1e-6)
        # What the parent drops is the weighted variance of the children around their mean.
        mean = family.weights @ family.children
        spread = family.weights @ ((family.children - mean) ** 2).sum(axis=1)
        assert 1 - family.coherence**2 == pytest.approx(float(spread), abs=1e-9)


def test_stranger_is_the_one_whose_leaving_helps_most(snapshot):
    rows = leaves_of(snapshot, parents_at(snapshot, "scene")[3]).tolist()
    left = {
        snapshot.segments[r].segment_id: make_family(snapshot, [x for x in rows if x != r]).coherence
        for r in rows
    }
    assert stranger_in(snapshot, rows) == max(left, key=lambda i: left[i])


def test_every_child_is_lost_or_found(snapshot):
    hiding = measure_hiding(snapshot, ("mean", "medoid"))
    assert (np.diff(hiding.coherence) < 0).all()
    for i, method in enumerate(hiding.methods):
        for j, level in enumerate(hiding.levels):
            asked = sum(len(leaves_of(snapshot, row)) for row in parents_at(snapshot, level))
            assert hiding.found[i, j] == pytest.approx(1 - len(hiding.lost[method, level]) / asked)
    assert (hiding.found > 3 / np.array(hiding.parents)).all()
    scene = show_hiding(snapshot, hiding, "scene", "mean")
    assert set(scene.lanes[0].segment_ids) <= {s.segment_id for s in snapshot.segments}


def test_one_query_shades_every_level(snapshot, sample_library):
    ranking = sample_library.search("gunshot", level="any", k=len(snapshot))
    scores = score_levels(snapshot, ranking)
    assert np.isfinite(scores).all()
    best = max(ranking.candidates, key=lambda c: c.hit.raw_score).hit
    assert first_level(snapshot, scores) == best.level
    scene = show_levels(snapshot, "night_street.mp4", "gunshot", scores)
    grid = scene.chart.values
    assert grid.shape[0] == len(snapshot.levels)
    assert np.isfinite(grid).all()
    assert len(np.unique(grid[0])) == 1
    assert [len(lane.segment_ids) for lane in scene.lanes] == [4] * len(snapshot.levels)


def test_strangers_elsewhere_are_no_children(snapshot):
    rows = leaves_of(snapshot, parents_at(snapshot, "scene")[0]).tolist()
    scene = show_family(snapshot, make_family(snapshot, rows[1:]), left_out=rows[:1])
    children, others = (set(lane.segment_ids) for lane in scene.lanes)
    assert len(children) == len(rows) - 1
    assert not others & {snapshot.segments[row].segment_id for row in rows}
