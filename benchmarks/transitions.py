"""Shot boundaries on synthetic clips of held-out seeds and on the sample films. Nothing is tuned here.

Run: ``python benchmarks/transitions.py``. The held-out clips take their pictures from the sample films of the
split ``test`` and from drawn ones; weights and thresholds come from other seeds and from the split ``dev``.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import numpy as np
from tables import show

from videxplore.stages.decoding.frames import FrameScan
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.evaluation.transitions import count_shots, f1
from videxplore.stages.features.cuts import CutDistances
from videxplore.stages.features.resize import halve
from videxplore.stages.segmentation.shots import detect_shots, find_shots, measure_cuts
from videxplore.studio.samples import sample_set
from videxplore.studio.takes import Frames, film_takes
from videxplore.studio.transitions import Clip, draw_clip, draw_disturbed
from videxplore.values.segments import Boundary

HELD_OUT = range(5000, 5040)
FPS = 25.0
KINDS = ("dissolve", "wipe", "fade")


def ask_default(frames: Frames, times: np.ndarray) -> list[Boundary]:
    distances = CutDistances()
    distances.push(frames, times)
    return find_shots(distances.series())


def ask_pyscenedetect(frames: Frames, times: np.ndarray) -> list[Boundary]:
    """AdaptiveDetector with its defaults, on the frames as they are."""
    from scenedetect import AdaptiveDetector
    from scenedetect.common import FrameTimecode

    detector, rate = AdaptiveDetector(), 1 / float(np.median(np.diff(times)))
    found: list[FrameTimecode] = []
    for k, frame in enumerate(frames):
        found += detector.process_frame(FrameTimecode(k, rate), np.ascontiguousarray(frame[..., ::-1]))
    found += detector.post_process(FrameTimecode(len(frames) - 1, rate))
    return [Boundary(time_s=float(times[code.frame_num])) for code in found]


DETECTORS: dict[str, Callable[[Frames, np.ndarray], list[Boundary]]] = {
    "adaptive": ask_default,
    "pyscenedetect": ask_pyscenedetect,
}


def judge(found: list[Boundary], times: np.ndarray, clip: Clip) -> Counter[str]:
    counts = count_shots(found, times, cuts=clip.cuts, jumps=clip.jumps, gradual=clip.gradual)
    for kind in KINDS:
        only = [g for g in clip.gradual if g[2] == kind]
        part = count_shots(found, times, cuts=(), gradual=only)
        counts[f"{kind} matched"], counts[f"{kind} known"] = part["gradual matched"], len(only)
    return counts


def print_clips(pool: list[Frames]) -> None:
    clips = [draw_clip(seed, pool) for seed in HELD_OUT]
    calm = [draw_disturbed(seed, pool) for seed in HELD_OUT]
    minutes = sum(len(c.frames) for c in calm) / FPS / 60
    rows = []
    for name, detect in DETECTORS.items():
        counts, false, began = Counter[str](), Counter[str](), time.perf_counter()
        for clip in (*clips, *calm):
            times = np.arange(len(clip.frames)) / FPS
            found = judge(detect(clip.frames, times), times, clip)
            (counts if clip.gradual or clip.cuts else false).update(found)
        total = sum(len(c.frames) for c in (*clips, *calm))
        rows.append(
            {
                "method": name,
                "cuts F1": f1(counts, "cuts"),
                "found": f"{counts['cuts matched']}/{counts['cuts known']}",
                "false": counts["cuts found"] - counts["cuts matched"],
                "gradual F1": f1(counts, "gradual"),
                **{k: f"{counts[f'{k} matched']}/{counts[f'{k} known']}" for k in KINDS},
                "false gradual": counts["gradual found"] - counts["gradual matched"],
                "jumps cut": f"{counts['jumps matched']}/{counts['jumps known']}",
                "called jump": f"{counts['jumps right']} of {counts['jumps found']} right",
                "false cuts/min": false["cuts found"] / minutes,
                "any false/min": (false["cuts found"] + false["gradual found"]) / minutes,
                "frames/s": f"{total / (time.perf_counter() - began):.0f}",
            }
        )
    show(
        f"synthetic clips, {len(clips)} held-out seeds, {sum(len(c.frames) for c in clips)} frames",
        rows,
        note="cuts ±1 frame, one-to-one, jump cuts apart; gradual: intervals that share a frame, one-to-one; "
        f"false per minute: {minutes:.0f} min of flashes and whipped pans; speed: decoded at 48×27",
    )


def print_films() -> None:
    films, rows = sample_set(), []
    for split in ("dev", "test"):
        counts, ends, minutes = Counter[str](), 0, 0.0
        for path in films.videos:
            truth = films.truth[path.name]
            if truth.split != split:
                continue
            series = measure_cuts(path)
            inner = [g for g in truth.gradual if g[0] > 0 and g[1] < truth.frame_count - 1]
            ends += len(truth.gradual) - len(inner)
            minutes += truth.duration_s / 60
            counts += count_shots(find_shots(series), series.times_s, cuts=truth.cuts, gradual=inner)
        rows.append(
            {
                "split": split,
                "cuts F1": f1(counts, "cuts"),
                "found": f"{counts['cuts matched']}/{counts['cuts known']}",
                "false cuts/min": (counts["cuts found"] - counts["cuts matched"]) / minutes,
                "gradual F1": f1(counts, "gradual"),
                "mixes": f"{counts['gradual matched']}/{counts['gradual known']}",
                "false gradual": counts["gradual found"] - counts["gradual matched"],
                "called jump": counts["jumps found"],
                "ends left out": ends,
            }
        )
    show(
        "sample films, the default detector",
        rows,
        note="same rules; ends left out: fades in from the first frame and out to the last separate nothing",
    )


def print_speed(name: str = "football.mp4", times: int = 3) -> None:
    """Each detector on one film, best of ``times``: by itself, and on frames decoded beforehand.

    The frames are of the size at which each looks: 96×54, and 256×144 as PySceneDetect shrinks pictures to.
    """
    path = next(path for path in sample_set().videos if path.name == name)
    rows: list[dict[str, object]] = []
    for (method, detect), size in zip(DETECTORS.items(), ((96, 54), (256, 144)), strict=True):
        batches = list(FrameScan(open_video(path), size=size))
        at = np.concatenate([batch.times_s for batch in batches])
        frames = np.concatenate([batch.rgb for batch in batches])
        whole, alone = [], []
        for _ in range(times):
            began = time.perf_counter()
            detect_shots(path, method=method)
            whole.append(time.perf_counter() - began)
            began = time.perf_counter()
            detect(halve(frames) if method == "adaptive" else frames, at)
            alone.append(time.perf_counter() - began)
        speeds = {"with decoding": len(at) / min(whole), "decoded": len(at) / min(alone)}
        rows.append({"method": method, **{what: f"{speed:.0f}" for what, speed in speeds.items()}})
    show(f"frames per second on {name}, best of {times}", rows)


def main() -> None:
    print_speed()
    print_clips(film_takes("test"))
    print_films()


if __name__ == "__main__":
    main()
