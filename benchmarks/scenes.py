"""Where scenes begin: semantic segmentation against a clock, shots and two libraries, on the sample films.

Run: ``python benchmarks/scenes.py``. F1 of inner boundaries at ±0.5 s, one-to-one, nearest first. What scenes
are told by was fitted on drawn films (``train_scenes.py``), target durations were set on the films of the
split ``dev``; the films of the split ``test`` only report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from unittest.mock import patch

import numpy as np
from sequential_grouping import estimate_count, group
from tables import show

from videxplore.stages.evaluation.boundaries import list_edges
from videxplore.stages.evaluation.edges import score_boundaries
from videxplore.stages.features.measure import measure
from videxplore.stages.segmentation import cutting
from videxplore.stages.segmentation.segment import segment
from videxplore.stages.segmentation.shots import detect_shots
from videxplore.stages.segmentation.signals import SIGNALS, gather_signals
from videxplore.stages.segmentation.weighting import weigh
from videxplore.studio.samples import sample_set
from videxplore.values.media import Measurements

TOLERANCE_S = 0.5
TARGET_S = 20.0
LEVELS = {"moment": 4.0, "scene": TARGET_S, "chapter": 3 * TARGET_S}
LONGER = {"moment": 4.0, "scene": 40.0, "chapter": 240.0}


def add_ends(measured: Measurements, inner: Sequence[float]) -> np.ndarray:
    duration = measured.video.duration_s
    return np.array([0.0, *(t for t in inner if 0 < t < duration), duration])


def cut_semantic(measured: Measurements) -> np.ndarray:
    return list_edges(segment(measured).at("scene"))


def cut_without_exchanges(measured: Measurements) -> np.ndarray:
    """The same where A-B-A-B holds nothing together."""
    apart = lambda labels, times_s: np.zeros(max(len(labels) - 1, 0), dtype=np.bool_)  # noqa: E731
    with patch.object(cutting, "find_exchanges", apart):
        return cut_semantic(measured)


def cut_semantic_to_target(measured: Measurements, levels: Mapping[str, float]) -> np.ndarray:
    return list_edges(segment(measured, levels=levels).at("scene"))


def cut_semantic_into(measured: Measurements, count: int) -> np.ndarray:
    levels = {"moment": 4.0, "scene": measured.video.duration_s / count}
    return list_edges(segment(measured, levels=levels).at("scene"))


def cut_fixed(measured: Measurements) -> np.ndarray:
    return add_ends(measured, np.arange(TARGET_S, measured.video.duration_s, TARGET_S).tolist())


def cut_shots(measured: Measurements) -> np.ndarray:
    return add_ends(measured, [b.time_s for b in detect_shots(measured)])


def cut_pyscenedetect(measured: Measurements) -> np.ndarray:
    return add_ends(measured, [b.time_s for b in detect_shots(measured, method="pyscenedetect")])


def cut_by_grouping(measured: Measurements, cost: str, count: int | None = None) -> np.ndarray:
    """Optimal sequential grouping of shots, by the cosine of the signals that semantic scenes rest on.

    Into ``count`` scenes, or as many as the method itself estimates.
    """
    shots = detect_shots(measured)
    signals = gather_signals(measured, shots)
    edges = np.unique([0, *signals.evidence.shots, len(signals.edges_s) - 1])
    means = np.diff(weigh(signals.coarse, SIGNALS).sums[edges], axis=0)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    distances = 1 - means @ means.T
    wanted = estimate_count(distances) if count is None else min(count, len(distances))
    begins = group(distances, wanted, cost)
    return add_ends(measured, signals.edges_s[edges[begins]].tolist())


def cut_ruptures(measured: Measurements, factor: float = 1.0) -> np.ndarray:
    """Kernel change points of the very signals that semantic scenes rest on.

    The penalty is that of the Bayesian information criterion, dimensions · variance · log(samples), with the
    variance of the noise from the differences of neighbours, times ``factor``: no duration is asked for.
    """
    import ruptures

    signals = gather_signals(measured, detect_shots(measured))
    values = np.hstack([vectors * SIGNALS[name] ** 0.5 for name, vectors in signals.coarse.items()])
    values = values.astype(np.float64)
    noise = float(np.diff(values, axis=0).var(axis=0).sum() / 2)
    search = ruptures.KernelCPD(kernel="linear", min_size=4).fit(values)
    found = search.predict(pen=factor * noise * np.log(len(values)))
    return add_ends(measured, signals.edges_s[found[:-1]].tolist())


SYSTEMS: dict[str, Callable[[Measurements], np.ndarray]] = {
    "semantic, as many as there is evidence for (the default)": cut_semantic,
    "the same, exchanges not joined": cut_without_exchanges,
    f"semantic, scenes of {TARGET_S:g} s": partial(cut_semantic_to_target, levels=LEVELS),
    "semantic, scenes of 40 s": partial(cut_semantic_to_target, levels=LONGER),
    f"fixed windows of {TARGET_S:g} s": cut_fixed,
    "shots as scenes": cut_shots,
    "PySceneDetect as scenes": cut_pyscenedetect,
    "sequential grouping, additive cost": partial(cut_by_grouping, cost="add"),
    "sequential grouping, normalised cost": partial(cut_by_grouping, cost="nrm"),
    "ruptures, BIC penalty": cut_ruptures,
    # The best of 1, 2, 4, …, 256 on dev.
    "ruptures, 256 times that": partial(cut_ruptures, factor=256.0),
}

TOLD: dict[str, Callable[..., np.ndarray]] = {
    "semantic, told how many scenes there are": cut_semantic_into,
    "sequential grouping, additive cost, told that": partial(cut_by_grouping, cost="add"),
    "sequential grouping, normalised cost, told that": partial(cut_by_grouping, cost="nrm"),
}


def main() -> None:
    films = sample_set()
    scores: dict[str, dict[str, list[tuple[float, float, float]]]] = {s: {} for s in (*SYSTEMS, *TOLD)}
    counts = dict.fromkeys(scores, 0)
    known = 0
    for path in films.videos:
        truth, measured = films.truth[path.name], measure(path)
        scenes = list_edges(truth.at("scene"))
        known += len(scenes) - 2
        told = {name: partial(cut, count=len(scenes) - 1) for name, cut in TOLD.items()}
        for name, cut in (SYSTEMS | told).items():
            edges = cut(measured)
            counts[name] += len(edges) - 2
            scores[name].setdefault(truth.split, []).append(score_boundaries(edges, scenes, TOLERANCE_S))
    rows = []
    for name, splits in scores.items():
        row: dict[str, object] = {"system": name}
        for split in ("dev", "test"):
            precision, recall, f1 = np.mean(splits[split], axis=0).tolist()
            row |= {f"{split} P": precision, f"{split} R": recall, f"{split} F1": f1}
        rows.append({**row, "boundaries": f"{counts[name]} for {known}"})
    show(
        f"scene boundaries of {len(films.videos)} sample films, ±{TOLERANCE_S:g} s, one-to-one",
        rows,
        note="means over films; the target of 20 s was set on dev, the length of fixed windows is the same",
    )


if __name__ == "__main__":
    main()
