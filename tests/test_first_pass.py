"""The first pass over coded vectors: bounds that hold, and answers equal to comparing everything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from synthetic_library import Reader, make_record

from videxplore.stages.store import scores
from videxplore.stages.store.rough import RoughItems
from videxplore.stages.store.writing import write_video
from videxplore.workbench.library import Library

NUMBERS = st.floats(-100, 100, width=32)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 30), st.integers(1, 40))
def test_every_product_lies_within_its_bounds(data, n, d):
    items = data.draw(arrays(np.float32, (n, d), elements=NUMBERS))
    weights = data.draw(arrays(np.float32, d, elements=NUMBERS))
    low, high = RoughItems.of(items).bounds(weights)
    exact = items.astype(np.float64) @ weights.astype(np.float64)
    tiny = 1e-9
    assert np.all(low <= exact + tiny)
    assert np.all(exact <= high + tiny)


def test_bounds_are_narrow_enough_to_leave_little_to_score_again():
    rng = np.random.default_rng(0)
    items = rng.standard_normal((20_000, 384), dtype=np.float32)
    items /= np.linalg.norm(items, axis=1, keepdims=True)
    low, high = RoughItems.of(items).bounds(items[7])
    least = np.sort(low)[-100]
    assert 100 <= np.count_nonzero(high >= least) <= 2_000


def test_long_vectors_do_not_overflow():
    items = np.ones((2, 5000), np.float32)
    low, high = RoughItems.of(items).bounds(np.ones(5000, np.float32))
    assert np.all((low <= 5000) & (high >= 5000) & (high - low < 50))


@pytest.mark.parametrize("options", [{}, {"level": "moment"}, {"weights": {"audio": 0.3}}, {"fold": 0.9}])
def test_a_large_library_answers_as_if_everything_were_compared(tmp_path, monkeypatch, options):
    library = Library(tmp_path / "many.lance", encoder=Reader())
    for i in range(12):
        write_video(library.database, make_record(f"v{i}", said={5.0: "rain at last"} if i == 3 else None))
    for query in ("rain", "a tall man", "rain in the night"):
        exact = library.search(query, k=10, candidates=20, **options)
        monkeypatch.setattr(scores, "ROUGH_FROM", 1)
        rough = library.search(query, k=10, candidates=20, **options)
        monkeypatch.undo()
        assert [c.hit.segment_id for c in rough.candidates] == [c.hit.segment_id for c in exact.candidates]
        for a, b in zip(rough.candidates, exact.candidates, strict=True):
            assert a.hit.raw_score == pytest.approx(b.hit.raw_score, abs=1e-6)
            assert a.hit.parts == pytest.approx(b.hit.parts, abs=1e-6)
            assert [r.score for r in a.relatives] == pytest.approx([r.score for r in b.relatives], abs=1e-6)
        assert [h.segment_id for h in rough] == [h.segment_id for h in exact]
