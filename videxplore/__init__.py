"""videxplore: explore video embeddings in a notebook.

Segment videos by meaning, embed the segments into LanceDB, see the segment hierarchy on a map, and compare
raw similarity rankings against jointly reranked ones side by side::

    import videxplore as vx

    library = vx.Library("demo.lance")
    vx.ingest(vx.sample_set().videos, library)
    raw = library.search("a gunshot in the dark")
    vx.show(vx.compare(raw, vx.rerank(raw)))

Public names are loaded when first used (PEP 562), so that ``import videxplore`` stays instant.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "videxplore.errors": (
        "CardMismatchError",
        "LibraryError",
        "MissingExtraError",
        "ModelError",
        "QueryError",
        "VideoError",
        "VidexploreError",
    ),
    "videxplore.values.media": (
        "AudioClip",
        "Cue",
        "FrameBatch",
        "Measurements",
        "Series",
        "Span",
        "Transcript",
        "Video",
    ),
    "videxplore.values.segments": ("Boundary", "Segment", "SegmentTree"),
    "videxplore.values.edits": ("Edit", "Recipe"),
    "videxplore.values.vectors": ("Embeddings", "EncoderCard", "Projection", "Region"),
    "videxplore.values.rankings": (
        "Candidate",
        "Hit",
        "JudgedQuery",
        "Judgement",
        "Query",
        "Ranking",
        "Reason",
        "Relative",
        "Term",
    ),
    "videxplore.values.comparisons": ("EncoderComparison",),
    "videxplore.values.reports": (
        "EvaluationReport",
        "IndexReport",
        "IngestReport",
        "Problem",
        "RankingShift",
        "SegmentationReport",
        "VerifyReport",
    ),
    "videxplore.values.assessments": ("SampleReport",),
    "videxplore.values.decisions": ("ChecklistItem", "Constant", "Thresholds"),
    "videxplore.values.inspections": ("Limits",),
    "videxplore.values.licensing": ("Prediction",),
    "videxplore.values.sampling": ("Manifest", "SamplingDesign"),
    "videxplore.stages.decoding.probe": ("open_video",),
    "videxplore.stages.decoding.frames": ("frames",),
    "videxplore.stages.decoding.sound": ("audio",),
    "videxplore.stages.decoding.subtitles": ("transcript",),
    "videxplore.stages.decoding.proxies": ("clip", "poster"),
    "videxplore.stages.features.measure": ("measure",),
    "videxplore.stages.segmentation.shots": ("detect_shots",),
    "videxplore.stages.segmentation.segment": ("segment",),
    "videxplore.stages.encoding.protocol": ("Encoder",),
    "videxplore.stages.encoding.own": ("OwnVectors",),
    "videxplore.stages.encoding.convex": ("ConvexCombination", "ConvexSounds", "WordVectors"),
    "videxplore.stages.encoding.registry": ("encoder",),
    "videxplore.stages.encoding.embed": ("embed",),
    "videxplore.stages.encoding.pool": ("pool",),
    "videxplore.stages.encoding.strategies.joint": ("joint",),
    "videxplore.stages.encoding.strategies.pooled": ("pooled",),
    "videxplore.stages.encoding.strategies.regions": ("crops",),
    "videxplore.stages.encoding.strategies.temporal": ("temporal",),
    "videxplore.stages.encoding.strategies.together": ("read_along",),
    "videxplore.stages.reranking.context": ("Context",),
    "videxplore.stages.reranking.diversify": ("Diversify",),
    "videxplore.stages.reranking.feedback": ("Feedback",),
    "videxplore.stages.reranking.graph": ("Graph",),
    "videxplore.stages.reranking.hubness": ("Hubness",),
    "videxplore.stages.reranking.joint": ("Joint",),
    "videxplore.stages.reranking.late_interaction": ("LateInteraction",),
    "videxplore.stages.reranking.protocol": ("Reranker", "Rescored", "Rescores"),
    "videxplore.stages.reranking.superglobal": ("SuperGlobal",),
    "videxplore.stages.reranking.listwise.load": ("load_reranker",),
    "videxplore.stages.reranking.listwise.endpoint": ("ListwiseEndpoint",),
    "videxplore.stages.reranking.rerank": ("rerank",),
    "videxplore.stages.evaluation.boundaries": ("compare_segmentations",),
    "videxplore.stages.evaluation.trec": ("read_qrels", "read_run", "write_qrels", "write_run"),
    "videxplore.stages.evaluation.reliability": ("Reliability",),
    "videxplore.stages.licensing.draws_study": ("simulate_draws",),
    "videxplore.stages.licensing.study": ("simulate_assessment",),
    "videxplore.stages.licensing.economics": ("Assumptions",),
    "videxplore.stages.licensing.exchange": ("export_vectors",),
    "videxplore.stages.licensing.manifests": ("draw", "read_manifest"),
    "videxplore.studio.samples": ("SampleSet", "sample_set", "sample_videos"),
    "videxplore.studio.open_clips": ("open_clips",),
    "videxplore.workbench.library": ("Library",),
    "videxplore.workbench.assessment.assess": ("assess",),
    "videxplore.workbench.assessment.prospects": ("score_prediction",),
    "videxplore.workbench.opinions": ("OpinionBook",),
    "videxplore.workbench.ingest": ("ingest",),
    "videxplore.workbench.compare": ("compare",),
    "videxplore.workbench.comparing": ("flip",),
    "videxplore.workbench.evaluating": ("evaluate",),
    "videxplore.workbench.encoder_comparison": ("compare_encoders",),
    "videxplore.workbench.project": ("project",),
    "videxplore.workbench.lancedb_reranker": ("VideoReranker",),
    "videxplore.workbench.judging": ("judge",),
    "videxplore.workbench.regions": ("regions",),
    "videxplore.workbench.display": ("figure", "page", "play", "show"),
    "videxplore.workbench.explorer": ("Explorer",),
    "videxplore.workbench.lancedb_registry": ("register_lancedb",),
    "videxplore.workbench.lessons": ("lab",),
    "videxplore.workbench.timeline": ("timeline",),
    "videxplore.workbench.tracks": ("embedding_track", "segment_by_words"),
    "videxplore.stages.segmentation.voice": ("find_speech",),
}

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

_MODULES = ("lessons",)

__all__ = sorted([*_HOME_OF, *_MODULES])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(
            f"module 'videxplore' has no attribute {name!r}", name=name, obj=sys.modules[__name__]
        )
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
