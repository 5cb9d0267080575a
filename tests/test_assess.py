"""From a sample to a report: on drawn embeddings of a known law, on a library of films, and from the shell."""

from __future__ import annotations

import numpy as np
import pytest

import videxplore as vx
from videxplore.stages.licensing.archives import simulate_tranche, simulate_world

CARD = vx.EncoderCard("toy", 32)
DESIGN = vx.SamplingDesign("vendor-random", "fixed beforehand", method="cluster")


def embeddings_of(tranche, tag: str) -> vx.Embeddings:
    ids = tuple(f"{tag}{i:05d}" for i in range(len(tranche.vectors)))
    return vx.Embeddings(tranche.vectors, ids, ("scene",) * len(ids), CARD)


@pytest.fixture(scope="module")
def drawn():
    """A sample with 40 % of another kind, and what is owned."""
    rng = np.random.default_rng(3)
    world = simulate_world(rng)
    return simulate_tranche(rng, world, 24, novelty=0.4), simulate_tranche(rng, world, 30)


def assess_drawn(drawn, **options) -> vx.SampleReport:
    sample, owned = drawn
    given = {
        "sampling": DESIGN,
        "sources": sample.names,
        "owned_sources": owned.names,
        "durations_s": sample.durations,
        "archive_bytes": 1e15,
    }
    return vx.assess(embeddings_of(sample, "s"), embeddings_of(owned, "o"), **given | options)


def test_embeddings_alone_say_what_vectors_can(drawn):
    report = assess_drawn(drawn)
    sample = drawn[0]
    truth = sample.durations @ sample.novel / sample.durations.sum()
    found = report["novelty.excess"].estimate
    assert found.low <= truth <= found.high
    assert report.clips.novel @ report.clips.weights / report.clips.weights.sum() == pytest.approx(
        report["novelty.useful"].estimate.value
    )
    assert report["novelty.beyond"].moments == np.count_nonzero(report.clips.novel)
    assert all(evidence.twin.owned for evidence in report["novelty.beyond"].evidence)
    assert report.costs.hours.likely > 0
    assert "technical.usable" not in {measure.key for measure in report.measures}
    assert "not measured" in report.verdict.sentence
