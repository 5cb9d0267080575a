"""Scores that can be read: against unrelated queries, and as plain cosines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic_library import CARD, Reader, make_record

from videxplore.stages.store.writing import write_video
from videxplore.values.rankings import Query
from videxplore.views.describe import describe_hit
from videxplore.workbench.library import Library


class Looker:
    """An encoder that reads nothing."""

    card = CARD

    def encode_frames(self, frames):
        return np.ones((len(frames), 12), np.float32)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    made = Library(tmp_path_factory.mktemp("background") / "null.lance", encoder=Reader())
    for i in range(6):
        write_video(made.database, make_record(f"v{i}", scenes=5, said={5.0: "blimey"} if i == 2 else None))
    return made


def everything(library, query, **options):
    return [c.hit for c in library.search(query, k=1, candidates=1000, **options).candidates]


@pytest.mark.parametrize("options", [{}, {"weights": {"audio": 3.0}}, {"fusion": "rrf"}])
def test_unrelated_words_are_spread_evenly(library, options):
    """The words here and those of the background are random directions: any percentile is as likely."""
    words = [f"word{i}" for i in range(40)]
    for level in ("moment", "scene"):
        found = [
            hit.percentile for word in words for hit in everything(library, word, level=level, **options)
        ]
        shares = [np.mean(np.array(found) < edge) for edge in (0.1, 0.5, 0.9)]
        assert shares == pytest.approx([0.1, 0.5, 0.9], abs=0.04)


def test_unrelated_examples_are_spread_evenly(library):
    segments = library.snapshot().segments
    moments = [s for s in segments if s.level == "moment"]
    found = [
        hit.percentile
        for segment in moments
        for hit in everything(library, segment, level="moment")
        if hit.video_id != segment.video_id
    ]
    assert [np.mean(np.array(found) < edge) for edge in (0.1, 0.9)] == pytest.approx([0.1, 0.9], abs=0.05)


def test_percentiles_follow_the_scores_of_a_level(library):
    percentiles = [h.percentile for h in everything(library, "rain") if h.level == "moment"]
    assert percentiles == sorted(percentiles, reverse=True)
    assert percentiles[0] > 0.9


def test_the_segment_itself_is_better_than_all_that_is_unrelated(library):
    segment = library.snapshot().segments[3]
    assert library.search(segment, level=segment.level)[0].percentile == 1.0


def test_words_alone_have_no_percentile(tmp_path):
    library = Library(tmp_path / "looker.lance", encoder=Looker())
    write_video(library.database, make_record("v1", said={5.0: "a corner kick"}))
    write_video(library.database, make_record("v2"))
    (heard, *_) = library.search("corner kick")
    assert (heard.percentile, heard.cosine) == (None, None)
    example = library.search(library.snapshot().segments[2])[0]
    assert example.percentile == 1.0
    assert example.cosine == pytest.approx(1.0)


def test_what_is_said_counts_as_in_the_score(library):
    heard, silent = (
        {h.segment_id: h for h in everything(library, "glum blimey", weights={"text": weight})}
        for weight in (2.0, 0.0)
    )
    (said,) = (h for h in heard.values() if h.level == "moment" and h.parts["text"] > 0)
    assert said.percentile > silent[said.segment_id].percentile


def test_the_plain_cosine_is_kept(library):
    vector = np.random.default_rng(0).normal(size=12).astype(np.float32)
    snapshot = library.snapshot()
    for hit in everything(library, Query(vector=vector, card=CARD), weights={"audio": 2.0}):
        stored = snapshot.vectors[snapshot.row_of[hit.segment_id]]
        assert hit.cosine == pytest.approx(float(stored @ vector / np.linalg.norm(vector)), abs=1e-6)
    table = library.search(vector).to_pandas()
    assert {"percentile", "cosine", "score"} <= set(table.columns)


def test_a_hit_is_read_in_words(library):
    read = [describe_hit(hit)["reading"] for hit in everything(library, "rain")]
    assert all(text.startswith("better than ") and text.endswith(("matches", "looked at")) for text in read)
    assert describe_hit(replace(library.search("rain")[0], percentile=None))["reading"] == ""
