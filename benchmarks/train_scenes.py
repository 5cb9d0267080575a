"""Fit what the traces of a scene change count for, and print it for ``scene_changes``.

    OMP_NUM_THREADS=1 python benchmarks/train_scenes.py

It sees drawn films alone (``drawn_films``): seeds 1000 to 1059, and seeds 2000 to 2129 whose scenes are more
alike. Then it says how well scenes are found: on the same films, each fifth of them by weights fitted without
it, and on seeds that it has not seen, by the weights that ``scene_changes`` holds. No film of the split
``test`` is looked at. About fifteen minutes on one core; the measurements are kept in the cache folder.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np
from drawn_films import Borrowed, DrawnFilm, borrow_scenes, draw_film
from tables import show

import videxplore
from videxplore._cache import cache_folder
from videxplore.stages.evaluation.boundaries import list_edges
from videxplore.stages.evaluation.edges import match_boundaries, score_boundaries
from videxplore.stages.segmentation import scene_changes
from videxplore.stages.segmentation.cutting import Cutter, make_recipe
from videxplore.stages.segmentation.edits import fold
from videxplore.stages.segmentation.scene_changes import TRACES, Trace, look_far
from videxplore.stages.segmentation.segment import segment
from videxplore.stages.segmentation.shots import detect_shots
from videxplore.stages.segmentation.signals import gather_signals

UNLIKE, ALIKE = range(1000, 1060), range(2000, 2130)
HELD_OUT = (*range(6000, 6024), *range(7000, 7016))
TOLERANCE_S = 0.5
_RIDGE = 3.0
_FOLDS = 5
_WAYS: Mapping[str, Mapping[str, float | None]] = {
    "as many as the evidence says": {"moment": 4.0, "scene": None},
    "about 20 s": {"moment": 4.0, "scene": 20.0},
}


def load(seed: int) -> DrawnFilm:
    """Return the film of a seed, drawn and measured once; the scenes of seeds 2000 to 6999 are more alike."""
    place = cache_folder() / "drawn_films" / _version() / f"{seed}.pickle"
    if not place.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(pickle.dumps(draw_film(seed, _borrowed(), alike=2000 <= seed < 7000)))
    film: DrawnFilm = pickle.loads(place.read_bytes())
    return film


@cache
def _borrowed() -> Sequence[Borrowed]:
    return borrow_scenes()


@cache
def _version() -> str:
    """Return a digest of all that draws, measures and stores films: what it changes has to be drawn anew."""
    here, package = Path(__file__).parent, Path(videxplore.__file__).parent
    files = [here / "drawn_films.py", here / "drawn_pictures.py", package / "values" / "media.py"]
    files += sorted((package / "stages" / "features").glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


@cache
def trace(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the traces (m, traces) at leaf boundaries, NaN where a signal is missing, and which are true."""
    film = load(seed)
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


def learn(seeds: Sequence[int]) -> tuple[dict[str, Trace], float]:
    """Return what each trace counts for and the bias, from the films of ``seeds``."""
    parts = [trace(seed) for seed in seeds]
    traces, true = (np.concatenate(part) for part in zip(*parts, strict=True))
    print(f"{len(seeds)} films, {len(true)} leaf boundaries, {int(true.sum())} of them of scenes")
    usual = np.nanmean(traces, axis=0)
    weights, bias = fit(np.where(np.isnan(traces), 0.0, traces - usual), true)
    learnt = zip(TRACES.items(), weights, usual, strict=True)
    return {name: Trace(float(w), float(u), old.signal) for (name, old), w, u in learnt}, bias


def score(seeds: Sequence[int], levels: Mapping[str, float | None]) -> np.ndarray:
    """Return precision, recall and F1 of scene boundaries, per film (films, 3)."""
    scores = []
    for film in map(load, seeds):
        known = np.array([0.0, *film.scenes_s, film.measured.video.duration_s])
        found = list_edges(segment(film.measured, levels=levels).at("scene"))
        scores.append(score_boundaries(found, known, TOLERANCE_S))
    return np.array(scores)


def score_left_out(seeds: Sequence[int], levels: Mapping[str, float | None]) -> np.ndarray:
    """Return the same (films, 3), each film by weights fitted without its fifth of all of them."""
    scores = []
    for fifth in range(_FOLDS):
        others = [seed for seed in (*UNLIKE, *ALIKE) if seed % _FOLDS != fifth]
        traces, bias = learn(others)
        with patch.object(scene_changes, "TRACES", traces), patch.object(scene_changes, "BIAS", bias):
            scores.append(score([seed for seed in seeds if seed % _FOLDS == fifth], levels))
    return np.concatenate(scores)


def main() -> None:
    traces, bias = learn((*UNLIKE, *ALIKE))
    print(f"BIAS = {bias:.2f}")
    for name, found in traces.items():
        signal = f', "{found.signal}"' if found.signal else ""
        print(f'    "{name}": Trace({found.weight:.2f}, {found.usual:.3f}{signal}),')
    rows = []
    for way, levels in _WAYS.items():
        for part, scores in (
            ("unlike, left out", score_left_out(UNLIKE, levels)),
            ("alike, left out", score_left_out(ALIKE, levels)),
            ("held out, weights in use", score(HELD_OUT, levels)),
        ):
            precision, recall, f1 = scores.mean(axis=0).tolist()
            row = {"scenes": way, "films": part, "n": len(scores), "P": precision, "R": recall, "F1": f1}
            rows.append(row)
    show("scene boundaries of drawn films", rows, note="±0.5 s, one-to-one, means over films")


if __name__ == "__main__":
    main()
