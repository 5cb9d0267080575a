"""Shot boundaries: where one camera take ends and the next begins."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videxplore._extras import missing_extra
from videxplore.stages.decoding.frames import FrameScan
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.features.cuts import HEIGHT, WIDTH, CutDistances
from videxplore.stages.features.resize import halve
from videxplore.stages.segmentation.gradual import Transition, find_gradual
from videxplore.stages.segmentation.novelty import (
    CUT_SCORE,
    Novelty,
    find_returns,
    measure_novelty,
    measure_steps,
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
# The same scene after a jump keeps its colours where they were, however much cuts change them elsewhere in
# the video. Set on synthetic clips.
_SAME_COLOURS, _LIKE_COLOURS, _UNLIKE_OTHERS = 1.0, 3.0, 0.3
# Light alone moves histograms and blocks however much it changes; another picture has other structure.
_LEAST_STRUCTURE = 0.5
# Letters that appear change structure alone.
_LEAST_COLOUR = 0.5
# Scores of steady steps on either side, as a share of a peak, above which it is one of them.
_STEPPED = 0.25
# Below this score a cut next to a gradual transition is taken for a part of it.
_WEAK = 2.0


def detect_shots(video: Measurements | Video | str | Path, *, method: str = "adaptive") -> list[Boundary]:
    """Return the shot boundaries of a video in time order.

    ``adaptive`` finds hard cuts by the novelty of three picture distances, fades by steady brightness, and
    other gradual transitions by a small net over the same distances (see ``novelty``, ``gradual`` and
    ``transition_net``). Kinds are ``"cut"``, ``"jump"`` (a cut that leaves the colours where they were:
    likely the same scene, a little later or from a little beside), ``"fade"``, ``"dissolve"`` and ``"wipe"``.
    Its ``strength`` is 1 at the detector's threshold and its ``evidence`` names what spoke for the boundary:
    ``H`` histograms, ``Z`` structure, ``B`` blocks (each in multiples of its own threshold; of gradual
    transitions the largest inside the interval).

    ``transnet`` asks the net TransNetV2 (see ``transnet``), ``pyscenedetect`` PySceneDetect's
    AdaptiveDetector with its default settings, for comparison.

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
    cuts = _find_cuts(series, novelty)
    gradual = find_gradual(series)
    weak = novelty.score < _WEAK
    cuts = cuts[[not any(_absorbs(g, t, weak[t]) for g in gradual) for t in cuts.tolist()]]
    jumps = _find_jumps(novelty.parts["H"][cuts])
    boundaries = [
        _describe_cut(series, novelty, t, jump) for t, jump in zip(cuts.tolist(), jumps, strict=True)
    ]
    boundaries += [
        _describe_gradual(series, novelty, found)
        for found in gradual
        if found.strength > 0 and not any(found.first < t <= found.last for t in cuts)
    ]
    return sorted(boundaries, key=lambda boundary: boundary.time_s)


def _find_cuts(series: Series, novelty: Novelty) -> NDArray[np.intp]:
    """Return the first frames of new shots, before gradual transitions are known."""
    score, parts = novelty.score, novelty.parts
    cuts = pick_peaks(score, CUT_SCORE, _LEAST_SHOT_FRAMES)
    cuts = cuts[find_returns(series)[cuts] >= _RETURNED * score[cuts]]
    cuts = cuts[find_returns(series, _FLICKER_FRAMES)[cuts] >= _REPEATED * score[cuts]]
    cuts = cuts[measure_steps(score)[cuts] <= _STEPPED * score[cuts]]
    cuts = cuts[parts["Z"][cuts] >= _LEAST_STRUCTURE]
    return cuts[np.maximum(parts["H"], parts["B"])[cuts] >= _LEAST_COLOUR]


def _absorbs(found: Transition, t: int, weak: np.bool_) -> bool:
    """Whether a cut at frame ``t`` is part of a gradual transition and no cut of its own.

    A cut at the edge of a fade leads to, or out of, its plain colour; a weak one at the edge of a mix is its
    first or last step.
    """
    if found.kind == "fade":
        return found.first < t < found.last
    return bool(weak) and found.first - 1 <= t <= found.last + 2


def _find_jumps(colours: NDArray[np.float64]) -> list[bool]:
    """Whether each cut is a jump cut, from how much colours change at the cuts of one video."""
    usual = float(np.median(colours)) if len(colours) else 0.0
    return [bool(c < max(_SAME_COLOURS, min(_LIKE_COLOURS, _UNLIKE_OTHERS * usual))) for c in colours]


def _describe_cut(series: Series, novelty: Novelty, t: int, jump: bool) -> Boundary:
    return Boundary(
        time_s=float(series.times_s[t]),
        kind="jump" if jump else "cut",
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
