"""Fit what the traces of a scene change count for, and print it for ``scene_changes``.

    OMP_NUM_THREADS=1 python benchmarks/train_scenes.py

It sees drawn films alone (``drawn_films``): seeds 1000 to 1119. Then it says how well scenes are found on
them and on seeds that it has not seen, by the weights that ``scene_changes`` holds. No film of the split
``test`` is looked at. About fifteen minutes on one core; the measurements are kept in the cache folder.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from drawn_films import Borrowed, DrawnFilm, borrow_scenes, draw_film
from tables import show

from videxplore._cache import cache_folder
from videxplore.stages.evaluation.boundaries import list_edges
from videxplore.stages.evaluation.edges import match_boundaries, score_boundaries
from videxplore.stages.segmentation.cutting import Cutter, make_recipe
from videxplore.stages.segmentation.edits import fold
from videxplore.stages.segmentation.scene_changes import TRACES, look_far
from videxplore.stages.segmentation.segment import segment
from videxplore.stages.segmentation.shots import detect_shots
from videxplore.stages.segmentation.signals import gather_signals

SEEDS, HELD_OUT = range(1000, 1120), range(5000, 5032)
TOLERANCE_S = 0.5
_RIDGE = 3.0
_WAYS: Mapping[str, Mapping[str, float | None]] = {
    "as many as the evidence says": {"moment": 4.0, "scene": None},
    "about 20 s": {"moment": 4.0, "scene": 20.0},
}


def load(seed: int) -> DrawnFilm:
    """Return the film of a seed, drawn and measured once."""
    place = cache_folder() / "drawn_films" / f"{seed}.pickle"
    if not place.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(pickle.dumps(draw_film(seed, _borrowed())))
    film: DrawnFilm = pickle.loads(place.read_bytes())
    return film


@lru_cache(maxsize=1)
def _borrowed() -> Sequence[Borrowed]:
    return borrow_scenes()


def trace(film: DrawnFilm) -> tuple[np.ndarray, np.ndarray]:
    """Return the traces (m, traces) at leaf boundaries, NaN where a signal is missing, and which are true."""
    signals = gather_signals(film.measured, detect_shots(film.measured))
    cutter, recipe = Cutter(film.measured.video, signals), make_recipe()
    leaves = cutter.cut_finest(recipe, fold((), list(recipe.levels), signals.edges_s))
    found = {**leaves.traces, **look_far(signals, cutter.weigh_coarse(recipe), leaves.at)}
    absent = np.full(len(leaves.at), np.nan)
    true = np.zeros(len(leaves.at))
    true[[i for i, _ in match_boundaries(signals.edges_s[leaves.at], film.scenes_s, TOLERANCE_S)]] = 1
    return np.stack([found.get(name, absent) for name in TRACES], axis=1), true


def fit(traces: np.ndarray, true: np.ndarray) -> tuple[np.ndarray, float]:
    """Return weights (traces,) and bias of a logistic regression, by Newton's method with a ridge."""
    scale = traces.std(axis=0) + 1e-9
    inputs = np.column_stack([traces / scale, np.ones(len(traces))])
    ridge = np.diag([_RIDGE] * traces.shape[1] + [0.0])
    weights = np.zeros(inputs.shape[1])
    for _ in range(30):
        share = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (share - true) + ridge @ weights
        weights -= np.linalg.solve((inputs * (share * (1 - share))[:, None]).T @ inputs + ridge, slope)
    return weights[:-1] / scale, float(weights[-1])


def score(seeds: Sequence[int], levels: Mapping[str, float | None]) -> np.ndarray:
    """Return precision, recall and F1 of scene boundaries, means over the films."""
    scores = []
    for film in map(load, seeds):
        known = np.array([0.0, *film.scenes_s, film.measured.video.duration_s])
        found = list_edges(segment(film.measured, levels=levels).at("scene"))
        scores.append(score_boundaries(found, known, TOLERANCE_S))
    return np.mean(scores, axis=0)


def main() -> None:
    parts = [trace(load(seed)) for seed in SEEDS]
    traces, true = (np.concatenate(part) for part in zip(*parts, strict=True))
    usual = np.nanmean(traces, axis=0)
    centred = np.where(np.isnan(traces), 0.0, traces - usual)
    weights, bias = fit(centred, true)
    print(f"{len(SEEDS)} films, {len(true)} leaf boundaries, {int(true.sum())} of them of scenes")
    print(f"BIAS = {bias:.2f}")
    for name, weight, mean in zip(TRACES, weights, usual, strict=True):
        signal = f', "{TRACES[name].signal}"' if TRACES[name].signal else ""
        print(f'    "{name}": Trace({weight:.2f}, {mean:.3f}{signal}),')
    rows = []
    for way, levels in _WAYS.items():
        for part, seeds in (("fitted", SEEDS), ("held out", HELD_OUT)):
            precision, recall, f1 = score(seeds, levels).tolist()
            rows.append({"scenes": way, "seeds": part, "P": precision, "R": recall, "F1": f1})
    show(
        "scene boundaries of drawn films by the weights in use",
        rows,
        note="±0.5 s, one-to-one, means over films",
    )


if __name__ == "__main__":
    main()
