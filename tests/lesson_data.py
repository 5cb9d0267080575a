"""What the questions of each lesson are given: a function per lesson, question key -> the data of ``check``.

Each is called once with the sample library. Keys are those of ``videxplore.lessons.questions.<lesson>``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

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


def indexes(library: Library) -> Data:
    from videxplore.lessons.clips import read_clips
    from videxplore.lessons.dilution import read_seconds
    from videxplore.lessons.index_labs import LISTS, Race
    from videxplore.lessons.indexes import fit_lists, measure
    from videxplore.lessons.similarity import centred
    from videxplore.studio.samples import sample_set

    clips, seconds = read_clips(library, sample_set().truth), read_seconds(library)
    vectors, asked = centred(seconds.values), np.arange(0, len(seconds), 8)
    lists = fit_lists(vectors, 32)
    runs = {(LISTS, 32): measure(lists, vectors, asked, (1, 2, 3, 4, 6, 8))}
    race = Race(clips, seconds, vectors, asked, {(LISTS, 32): lists}, runs)
    return {
        "indexes/probes": (race, 32),
        "indexes/missed": (race, 32, next(iter(race.hardest().values()))),
        "indexes/hubs": (clips, "pixels"),
        "indexes/cheapest": (1_000_000, 4),
    }


def senses(library: Library) -> Data:
    from videxplore.lessons.clips import read_clips
    from videxplore.lessons.exam import examine
    from videxplore.lessons.fusion import mix_senses
    from videxplore.studio.samples import sample_set

    truth = sample_set().truth
    clips = read_clips(library, truth)
    exam = examine(clips, truth, "other films", "tags")
    return {
        "senses/share": (mix_senses(clips),),
        "senses/times-chance": (exam,),
        "senses/gap": (exam.towers[0],),
        "senses/crowd": (exam.towers[0],),
    }


def tokens(library: Library) -> Data:
    from videxplore.lessons.clips import read_clips
    from videxplore.lessons.order import TRAININGS, train
    from videxplore.lessons.shuffles import draw_networks, tokens_of
    from videxplore.lessons.tokens import clip_at, read_frames
    from videxplore.studio.samples import sample_set

    clips = read_clips(library, sample_set().truth)
    row = clip_at(clips, "night_street.mp4", 8.0)
    pictures = read_frames(clips, row)
    models = {(way, "none"): train("none", TRAININGS[way][0]) for way in list(TRAININGS)[:2]}
    return {
        "tokens/times-pairs": (pictures, 16),
        "tokens/unmoved": (draw_networks(tokens_of(pictures).shape[1]), pictures),
        "tokens/order-inside": (models,),
        "tokens/met": (3, 7, 32),
        "clips": (clips, row),
    }


class Turned:
    """A layout that takes two directions at random: quick, and right answers do not hang on the layout."""

    def __init__(self, n_neighbors: int, min_dist: float, seed: int) -> None:
        self.seed = 100 * n_neighbors + round(10 * min_dist) + seed

    def fit_transform(self, X, y=None):
        return X @ np.random.default_rng(self.seed).normal(size=(X.shape[1], 2))


def projection(library: Library) -> Data:
    from videxplore.lessons.clips import read_clips
    from videxplore.lessons.projections import NOISE, SIZES, draw_maps, make_points, most_torn
    from videxplore.lessons.similarity import centred
    from videxplore.studio.samples import sample_set

    clips, place = read_clips(library, sample_set().truth), (15, 0.1, 0)
    maps = draw_maps(centred(clips.embeddings.attributes), tuple(clips.films), ids=clips.ids, layout=Turned)
    noise, sizes = (draw_maps(*make_points(name), layout=Turned) for name in (NOISE, SIZES))
    return {
        "projection/torn": (maps, place, most_torn(maps, place, 1)[0]),
        "projection/islands": (noise,),
        "projection/wider": (sizes, place),
        "projection/trusted": (maps, place),
    }


def versions(library: Library) -> Data:
    from videxplore.lessons.alarm import simulate_alarms
    from videxplore.lessons.clips import read_clips
    from videxplore.lessons.dilution import read_seconds
    from videxplore.lessons.drift import DARK, FILM, make_archive
    from videxplore.lessons.mixing import measure_mixing
    from videxplore.lessons.versions import SEED, make_changes
    from videxplore.studio.samples import sample_set

    truth = sample_set().truth
    clips = read_clips(library, truth)
    changes = make_changes(clips, truth, read_seconds(library))
    alarms = simulate_alarms(make_archive(clips, changes[SEED]), streams=60, checks=20, drifts=20)
    return {
        "versions/chance": (len(clips), 10),
        "versions/may-mix": (measure_mixing(changes, draws=1),),
        "versions/rings": (alarms[FILM, 10],),
        "versions/threshold": (alarms[DARK, 10],),
        "versions/pool": (changes[SEED],),
    }


LESSONS: dict[str, Callable[[Library], Data]] = {
    "atomicity": atomicity,
    "compression": compression,
    "embedding": embedding,
    "hierarchy": hierarchy,
    "indexes": indexes,
    "projection": projection,
    "reranking": reranking,
    "senses": senses,
    "tokens": tokens,
    "versions": versions,
}
"""Lesson -> its function."""
