"""The sample films from file to answer: what anyone can check by looking is found first."""

from __future__ import annotations

import pytest

from videxplore.stages.reranking.rerank import rerank
from videxplore.stages.store.filters import level_mask
from videxplore.values.media import Span


@pytest.fixture(params=["raw", "joint"])
def first_hit(request, sample_library):
    def search(text):
        ranking = sample_library.search(text, k=5)
        return (ranking if request.param == "raw" else rerank(ranking)).hits[0]

    return search


def tagged(sample, film: str, tag: str) -> list[Span]:
    truth = next(t for name, t in sample.truth.items() if name.startswith(film))
    return [Span(s.start_s, s.end_s) for s in truth.segments if tag in s.tags]


@pytest.mark.parametrize("text", ["gunshot", "a gunshot in the dark"])
def test_a_gunshot_is_found_to_the_moment(first_hit, sample, text):
    hit = first_hit(text)
    assert "night_street" in hit.video
    assert hit.level == "moment"
    assert hit.duration_s <= 4.0
    assert max(hit.span.iou(span) for span in tagged(sample, "night_street", "gunshot")) >= 0.5


@pytest.mark.parametrize("text", ["first half", "first half of the match"])
def test_the_first_half_is_found_as_a_whole(first_hit, sample, text):
    hit = first_hit(text)
    assert "football" in hit.video
    assert hit.level != "moment"
    assert max(hit.span.iou(span) for span in tagged(sample, "football", "first_half")) >= 0.8


def test_every_level_can_come_first(sample_library):
    """Over all generic queries no level is shut out by how its vectors were made."""
    snapshot = sample_library.snapshot()
    space = snapshot.attribute_space
    best = [int((space.items @ space.probe(q).weights).argmax()) for q in sample_library.query_bank()]
    tops = {snapshot.segments[row].level for row in best}
    assert {"moment", "scene"} <= tops
    assert level_mask(snapshot, "moment").mean() > 0.5


def test_frames_and_moments_are_on_one_scale(sample_library):
    """A moment's score lies within its frames' scores, but for what a second is too short to show."""
    ranking = sample_library.search("a dark night street", level="moment", k=10)
    inside = [
        c.frame_scores.min() - 0.2 <= c.hit.raw_score <= c.frame_scores.max() + 0.2
        for c in ranking.candidates
        if len(c.frame_scores) and c.hit.level == "moment"
    ]
    assert len(inside) > 50
    assert sum(inside) / len(inside) > 0.9
