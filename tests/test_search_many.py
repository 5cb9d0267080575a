"""Several queries at once: the same answers as one by one, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from synthetic_library import Reader, make_record

from videxplore.errors import QueryError
from videxplore.stages.store import scores, search
from videxplore.stages.store.rough import RoughItems, reached_by
from videxplore.stages.store.writing import write_video
from videxplore.workbench.library import Library

NUMBERS = st.floats(-100, 100, width=32)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    made = Library(tmp_path_factory.mktemp("many") / "many.lance", encoder=Reader())
    for i in range(4):
        write_video(made.database, make_record(f"v{i}", said={5.0: "rain at last"} if i == 3 else None))
    return made


def told(ranking):
    """Everything that a ranking says, comparable to the bit."""
    pool = [
        (c.hit, *(x.tobytes() for x in (c.vector, c.frame_times_s, c.frame_scores)), c.relatives, c.hubness)
        for c in ranking.candidates
    ]
    return ranking.hits, pool, ranking.notes, ranking.level


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"level": "auto"},
        {"where": "duration_s > 3", "fold": 0.9},
        {"fusion": "rrf"},
        {"parents": "attention"},
    ],
)
def test_together_as_one_by_one(library, monkeypatch, large, options):
    if large:
        monkeypatch.setattr(scores, "ROUGH_FROM", 1)
        monkeypatch.setattr(search, "AT_ONCE", 3 * len(library.snapshot()))
    segment = library.snapshot().segments[7]
    queries = [
        "rain",
        "a tall man",
        segment,
        "rain, then a tall man",
        [(1, segment), (-1, "night")],
        "rain at last",
    ]
    alone = [library.search(query, candidates=20, **options) for query in queries]
    together = library.search_many(queries, candidates=20, **options)
    assert [told(r) for r in together] == [told(r) for r in alone]
    assert library.search_many([]) == []


def test_a_batch_refuses_what_a_search_refuses(library):
    with pytest.raises(TypeError, match="list of queries"):
        library.search_many("rain")
    with pytest.raises(TypeError, match="unexpected"):
        library.search_many(["rain"], levels="scene")
    with pytest.raises(QueryError, match="empty"):
        library.search_many(["rain", " "])
    with pytest.raises(ValueError, match="k must be"):
        library.search_many(["rain"], k=0)


@settings(max_examples=50, deadline=None)
@given(st.data(), st.integers(1, 30), st.integers(1, 40), st.integers(1, 5))
def test_bounds_do_not_depend_on_the_company(data, n, d, q):
    items = RoughItems.of(data.draw(arrays(np.float32, (n, d), elements=NUMBERS)))
    weights = data.draw(arrays(np.float32, (q, d), elements=NUMBERS))
    for weight, (low, high) in zip(weights, items.bounds_of(weights), strict=True):
        alone = items.bounds(weight)
        assert (low.tobytes(), high.tobytes()) == (alone[0].tobytes(), alone[1].tobytes())


@settings(max_examples=100, deadline=None)
@given(st.data(), st.integers(1, 12), st.integers(0, 600))
def test_enough_scores_reach_what_they_are_said_to_reach(data, count, more):
    low = np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=count + more).round(1)
    assert np.count_nonzero(low >= reached_by(low, count)) >= count


def test_hardly_more_than_enough_reach_it():
    low = np.random.default_rng(0).normal(size=100_000)
    assert 100 <= np.count_nonzero(low >= reached_by(low, 100)) <= 115


def test_frames_of_more_videos_than_sql_nests(library):
    frames = library.frames_for(library.snapshot().space)
    found = frames.get([f"nowhere{i}" for i in range(300)] + ["v1"])
    assert len(found) == 301
    assert len(found["v1"].times_s) > 0
