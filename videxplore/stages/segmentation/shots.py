"""Shot boundaries: where one camera take ends and the next begins."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from videxplore._extras import missing_extra
from videxplore.stages.decoding.frames import FrameScan
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.features.cuts import HEIGHT, WIDTH, CutDistances
from videxplore.stages.features.resize import halve
from videxplore.stages.segmentation.gradual import Transition, find_fades, find_mixes
from videxplore.stages.segmentation.novelty import (
    CUT_SCORE,
    Novelty,
    find_returns,
    measure_novelty,
    pick_peaks,
)
from videxplore.stages.segmentation.transnet import detect_with_transnet
from videxplore.values.media import Measurements, Series, Video
from videxplore.values.segments import Boundary

SHOT_METHODS = ("adaptive", "transnet", "pyscenedetect")

_LEAST_SHOT_FRAMES = 5
# A picture that comes back to within this share of the jump was a flash or something passing the lens.
_RETURNED = 0.7
# A flickering light comes back later than a flash, but to the very same picture.
_FLICKER_FRAMES = 16
_REPEATED = 0.2
# Light alone moves histograms and blocks however much it changes; another picture has other structure.
_LEAST_STRUCTURE = 0.5


def detect_shots(video: Measurements | Video | str | Path, *, method: str = "adaptive") -> list[Boundary]:
    """Return the shot boundaries of a video in time order.

    ``adaptive`` needs no weights: hard cuts by the novelty of three picture distances, fades by steady
    brightness, dissolves by straight paths (see ``novelty`` and ``gradual``). Its ``strength`` is 1 at
    the detector's threshold and its ``evidence`` names what spoke for the boundary: ``H`` histograms,
    ``Z`` structure, ``B`` blocks (each in multiples of its own threshold). ``transnet`` asks
    the net TransNetV2 (see ``transnet``), ``pyscenedetect`` PySceneDetect's AdaptiveDetector with its default
    settings, for comparison.

    Args:
        video: what to look at; measurements spare a second decoding.
        method: ``"adaptive"``, ``"transnet"`` (extra ``transnet``) or ``"pyscenedetect"`` (extra ``scenes``);
            the latter two decode the video themselves.

    Raises:
        ValueError: ``method`` is unknown.
        VideoError: the file cannot be read.
        MissingExtraError: the method's package is not installed.
    """
    if method not in SHOT_METHODS:
        raise ValueError(f"method must be one of {', '.join(map(repr, SHOT_METHODS))}, got {method!r}.")
    if method == "adaptive":
        return find_shots(video.cuts if isinstance(video, Measurements) else measure_cuts(video))
    opened = video.video if isinstance(video, Measurements) else video
    opened = opened if isinstance(opened, Video) else open_video(opened)
    return detect_with_transnet(opened) if method == "transnet" else _ask_pyscenedetect(opened.path)


def measure_cuts(video: Video | str | Path) -> Series:
    """Return the per-frame distances of a video, decoding its picture once."""
    opened = video if isinstance(video, Video) else open_video(video)
    distances = CutDistances()
    for batch in FrameScan(opened, size=(2 * WIDTH, 2 * HEIGHT)):
        distances.push(halve(batch.rgb), batch.times_s)
    return distances.series()


def find_shots(series: Series) -> list[Boundary]:
    """Return the shot boundaries that the per-frame distances (from ``CutDistances``) show."""
    if len(series) < 2:
        return []
    novelty = measure_novelty(series)
    cuts = pick_peaks(novelty.score, CUT_SCORE, _LEAST_SHOT_FRAMES)
    cuts = cuts[find_returns(series)[cuts] >= _RETURNED * novelty.score[cuts]]
    cuts = cuts[find_returns(series, _FLICKER_FRAMES)[cuts] >= _REPEATED * novelty.score[cuts]]
    cuts = cuts[novelty.parts["Z"][cuts] >= _LEAST_STRUCTURE]
    fades = find_fades(series)
    cuts = np.array([t for t in cuts if not any(f.first < t < f.last for f in fades)], dtype=np.intp)
    gradual = [f for f in fades if f.strength > 0] + find_mixes(series, cuts, fades)
    boundaries = [_describe_cut(series, novelty, int(t)) for t in cuts]
    boundaries += [
        _describe_gradual(series, novelty, found)
        for found in gradual
        if np.all(np.abs(cuts - found.at) >= _LEAST_SHOT_FRAMES)
    ]
    return sorted(boundaries, key=lambda boundary: boundary.time_s)


def _describe_cut(series: Series, novelty: Novelty, t: int) -> Boundary:
    return Boundary(
        time_s=float(series.times_s[t]),
        kind="cut",
        strength=float(novelty.score[t] / CUT_SCORE),
        evidence={name: float(part[t]) for name, part in novelty.parts.items()},
    )


def _describe_gradual(series: Series, novelty: Novelty, found: Transition) -> Boundary:
    times = series.times_s
    inside = slice(found.first, found.last + 1)
    return Boundary(
        time_s=float(times[found.at]),
        kind=found.kind,
        span_s=(float(times[found.first]), float(times[found.last])),
        strength=float(found.strength),
        evidence={name: float(part[inside].max()) for name, part in novelty.parts.items()},
    )


def _ask_pyscenedetect(path: Path) -> list[Boundary]:
    try:
        from scenedetect import AdaptiveDetector, SceneManager
        from scenedetect import open_video as open_stream
    except ImportError as error:
        raise missing_extra("scenedetect", "scenes", "method 'pyscenedetect'") from error
    stream = open_stream(str(path), backend="pyav")
    manager = SceneManager()
    manager.add_detector(AdaptiveDetector())
    manager.detect_scenes(stream, show_progress=False)
    starts = [scene[0].seconds for scene in manager.get_scene_list()]
    return [Boundary(time_s=float(start)) for start in starts[1:]]
