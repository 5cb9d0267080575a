"""Parents scored by their leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic_library import Reader, make_record

from videxplore.stages.store import attention
from videxplore.stages.store.writing import write_video
from videxplore.values.rankings import Query
from videxplore.workbench.library import Library


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    made = Library(tmp_path_factory.mktemp("attention") / "leaves.lance", encoder=Reader())
    for i in range(5):
        write_video(made.database, make_record(f"v{i}", scenes=4, moments=2 + i))
    return made


def scored(library, query, **options):
    found = library.search(query, k=500, candidates=500, **options)
    return {c.hit.segment_id: c.hit for c in found.candidates}


@pytest.mark.parametrize("softness", [0.3, 2.0, 1e6])
def test_parents_are_soft_means_of_their_leaves_on_the_scale_of_their_level(library, monkeypatch, softness):
    monkeypatch.setattr(attention, "TEMPERATURE", softness)
    query = Query(vector=np.eye(12, dtype=np.float32)[2] + np.eye(12, dtype=np.float32)[5], card=library.card)
    mean = {i: h.raw_score for i, h in scored(library, query).items()}
    found = {i: h.raw_score for i, h in scored(library, query, parents="attention").items()}
    snapshot = library.snapshot()
    leaves, ranges = snapshot.leaf_ranges
    said = np.array([mean[snapshot.segments[row].segment_id] for row in leaves])
    soft = np.exp(said / (softness * said.std())) * snapshot.durations_s[leaves]
    for level in ("scene", "video"):
        rows = [r for r, s in enumerate(snapshot.segments) if s.level == level and r not in leaves]
        wanted = [np.average(said[slice(*ranges[r])], weights=soft[slice(*ranges[r])]) for r in rows]
        ids = [snapshot.segments[r].segment_id for r in rows]
        old, new = (np.array([scores[i] for i in ids]) for scores in (mean, found))
        assert (new.mean(), new.std()) == pytest.approx((old.mean(), old.std()), abs=1e-6)
        assert np.corrcoef(new, wanted)[0, 1] == pytest.approx(1.0)
    assert [found[snapshot.segments[r].segment_id] for r in leaves] == pytest.approx(said.tolist())


def test_parts_add_up(library):
    for query in ("rain", "rain, then a tall man"):
        for hit in scored(library, query, parents="attention").values():
            assert sum(hit.parts.values()) == pytest.approx(hit.raw_score)


def test_a_few_seconds_that_answer_lift_their_parent(tmp_path, monkeypatch):
    """One leaf in eight answers in one video; in the other all of them do, a little."""
    monkeypatch.setattr(attention, "TEMPERATURE", 0.3)
    library = Library(tmp_path / "drowned.lance", encoder=Reader())
    asked = np.eye(12, dtype=np.float32)[0]
    for name, strength in (("needle", np.eye(8)[2] * 6.0), ("drizzle", np.full(8, 0.8))):
        record = make_record(name, scenes=2, moments=8)
        rng = np.random.default_rng(len(name))
        leaves = 0.3 * rng.normal(size=(8, 12))
        leaves[:, 0] = strength
        leaves[:, 1] = 1.0
        values = np.stack([leaves.mean(0), leaves.mean(0), leaves.mean(0), *leaves]).astype(np.float32)
        norms = np.linalg.norm(values, axis=1)
        made = replace(record.embeddings, vectors=values / norms[:, None], magnitudes=norms)
        write_video(library.database, replace(record, embeddings=made))
    query = Query(vector=asked, card=library.card)
    for parents, first in (("mean", "drizzle"), ("attention", "needle")):
        found = library.search(query, level="video", parents=parents)
        assert found[0].video_id == first


def test_asked_attributes_add_up_to_what_vectors_give(sample_library):
    found = sample_library.search("a fast red car at night", level="scene", parents="attention")
    for hit in found:
        vectors = sum(amount for name, amount in hit.parts.items() if name != "text")
        assert sum(hit.attributes.values()) == pytest.approx(vectors, abs=1e-6)
    plain = sample_library.search("a fast red car at night", level="scene")
    assert [h.segment_id for h in plain] != [h.segment_id for h in found]


def test_what_is_no_way_to_score_parents_is_refused(library):
    with pytest.raises(ValueError, match="parents must be 'mean' or 'attention', got 'max'"):
        library.search("rain", parents="max")
