"""What the questions of each lesson are given: a function per lesson, question key -> the data of ``check``.

Each is called once with the sample library. Keys are those of ``videxplore.lessons.questions.<lesson>``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from videxplore.workbench.library import Library

Data = dict[str, tuple[Any, ...]]


def embedding(library: Library) -> Data:
    from videxplore.lessons.clips import read_clips
    from videxplore.lessons.representations import represent, try_transfer
    from videxplore.studio.samples import sample_set

    clips = read_clips(library, sample_set().truth)
    return {
        "embedding/best": (try_transfer(clips, represent(clips)),),
        "embedding/distance": (clips, clips.ids[3], clips.ids[40]),
        "embedding/mean-colour": (clips,),
    }


def compression(library: Library) -> Data:
    from videxplore.lessons.clips import read_clips
    from videxplore.lessons.compression import Compressor
    from videxplore.studio.samples import sample_set

    compressor = Compressor(read_clips(library, sample_set().truth))
    return {
        "compression/coarsest": (compressor,),
        "compression/lost": (compressor, compressor.clips.ids[40], 64),
        "compression/bits-to-name": (len(compressor.clips),),
        "compression/axes": (compressor,),
    }


def atomicity(library: Library) -> Data:
    from videxplore.lessons.atomicity import WORDS, ask_for, compare_cuttings
    from videxplore.lessons.dilution import cut_windows, find_event, measure_dilution, parts_of, read_seconds
    from videxplore.studio.samples import sample_set

    truth = sample_set().truth
    windows = cut_windows(read_seconds(library))
    shot = find_event(truth, "night_street.mp4", "gunshot", "gunshot")
    word = ask_for(windows, shot, library.encoder.encode_text(["gunshot"])[0])[WORDS]
    curve = measure_dilution(windows, shot, WORDS, word)
    parts = (*parts_of(windows.seconds, shot), word)
    return {
        "atomicity/law": (*parts, 0.25),
        "atomicity/longest": (curve,),
        "atomicity/no-one-length": (compare_cuttings(library.snapshot(), truth),),
        "atomicity/needed-share": (*parts, float(curve.rivals[windows.lengths.index(30)])),
    }


def hierarchy(library: Library) -> Data:
    from videxplore.lessons.hierarchy import leaves_of, make_family, parents_at, score_levels

    snapshot = library.snapshot()
    scenes = parents_at(snapshot, "scene")
    rows = leaves_of(snapshot, scenes[7]).tolist()
    rain = library.search("rain", level="any", k=len(snapshot))
    return {
        "hierarchy/identity": (make_family(snapshot, rows), library.encoder.encode_text(["dark"])[0]),
        "hierarchy/first-level": (snapshot, score_levels(snapshot, rain)),
        "hierarchy/stranger": (snapshot, rows),
    }


def reranking(library: Library) -> Data:
    from videxplore.lessons.diffusion import pick_first, walk_by_hand
    from videxplore.lessons.outcomes import find_outcomes, search_all
    from videxplore.stages.reranking.rerank import rerank
    from videxplore.studio.samples import sample_set

    studio = sample_set()
    dance, band = (
        pick_first(library.search(text, level="moment", k=5))
        for text in ("people dance to pulsing music", "a rock band with loud music")
    )
    some = [query for query in studio.queries if query.query_id in ("kitchen-07", "nature-13", "storm-07")]
    found = find_outcomes(search_all(library, some), some, studio.qrels, rerank)
    return {
        "reranking/first-step": (walk_by_hand(dance, 0.5), 3),
        "reranking/balance": (found,),
        "reranking/lone-answer": (band,),
    }


LESSONS: dict[str, Callable[[Library], Data]] = {
    "atomicity": atomicity,
    "compression": compression,
    "embedding": embedding,
    "hierarchy": hierarchy,
    "reranking": reranking,
}
"""Lesson -> its function."""
