"""Shot boundaries: on drawn pictures with known truth, on real clips, and on the sample films."""

from __future__ import annotations

import json

import numpy as np
import pytest

from videxplore.stages.features.cuts import NAMES, CutDistances
from videxplore.stages.segmentation.shots import SHOT_METHODS, detect_shots, find_shots, measure_cuts

FPS = 25.0


def picture(seed: int) -> np.ndarray:
    """A drawn still: a coloured ground, a horizon, and patches."""
    rng = np.random.default_rng(seed)
    image = np.empty((27, 48, 3))
    image[:] = rng.uniform(60, 190, 3)
    image[int(rng.integers(8, 20)) :] = rng.uniform(40, 210, 3)
    for _ in range(14):
        y, x = rng.integers(0, 22), rng.integers(0, 40)
        image[y : y + rng.integers(3, 9), x : x + rng.integers(3, 12)] = rng.uniform(10, 245, 3)
    return image


def still(seed: int, n: int) -> np.ndarray:
    noise = np.random.default_rng(seed + 1000).normal(0, 1.5, (n, 27, 48, 3))
    return picture(seed)[None] + noise


def pan(seed: int, n: int, speed: float) -> np.ndarray:
    wide = np.concatenate([picture(seed + k) for k in range(6)], axis=1)
    smooth = sum(np.roll(wide, k, axis=1) for k in range(-2, 3)) / 5
    offsets = (np.arange(n) * speed).astype(int)
    assert offsets[-1] + 48 <= smooth.shape[1]
    return np.stack([smooth[:, k : k + 48] for k in offsets])


def blend(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    share = (np.arange(len(a)) + 1)[:, None, None, None] / (len(a) + 1)
    return a * (1 - share) + b * share


def find(frames: np.ndarray):
    pixels = np.clip(np.rint(frames), 0, 255).astype(np.uint8)
    distances = CutDistances()
    distances.push(pixels, np.arange(len(pixels)) / FPS)
    return find_shots(distances.series())


def frames_of(boundaries, kind: str = "cut") -> list[int]:
    return [round(b.time_s * FPS) for b in boundaries if b.kind == kind]


def count_matches(found: list[int], known: list[int], tolerance: int) -> int:
    free, matched = set(known), 0
    for f in found:
        near = [k for k in free if abs(k - f) <= tolerance]
        if near:
            free.remove(min(near, key=lambda k: abs(k - f)))
            matched += 1
    return matched


def test_hard_cuts_are_found_to_the_frame():
    lengths = [40, 25, 60, 12, 33, 50]
    frames = np.concatenate([still(seed, n) for seed, n in enumerate(lengths)])
    assert frames_of(find(frames)) == np.cumsum(lengths)[:-1].tolist()


def test_cut_says_what_spoke_for_it():
    (cut,) = find(np.concatenate([still(1, 30), still(2, 30)]))
    assert set(cut.evidence) == {"H", "Z", "B"}
    assert cut.strength > 1
    assert cut.span_s == (cut.time_s, cut.time_s)


def test_flash_is_no_cut():
    frames = still(3, 80)
    for k, light in enumerate((220, 160, 90, 40)):
        frames[40 + k] += light
    assert find(frames) == []


def test_passing_object_is_no_cut():
    frames = still(4, 80)
    for k in range(6):
        frames[38 + k, :, max(0, 8 * k - 10) : 8 * k + 14] = (20, 20, 24)
    assert find(frames) == []


def test_fast_pan_is_no_cut():
    assert frames_of(find(pan(5, 80, 2.9))) == []


def test_dark_pictures_are_cut_too():
    frames = np.concatenate([still(6, 40) * 0.12, still(7, 40) * 0.12])
    assert frames_of(find(frames)) == [40]


def test_fade_through_black_is_one_boundary_with_its_span():
    black = np.full((20, 27, 48, 3), 2.0)
    a, b = still(8, 60), still(9, 60)
    frames = np.concatenate([a[:40], blend(a[40:], black), black[:6], blend(black, b[:20]), b[20:]])
    (fade,) = find(frames)
    assert fade.kind == "fade"
    first, last = (round(s * FPS) for s in fade.span_s)
    assert first == pytest.approx(40, abs=3)
    assert last == pytest.approx(86, abs=3)
    assert 60 <= round(fade.time_s * FPS) <= 72


def test_fade_in_at_the_start_separates_nothing():
    black = np.zeros((25, 27, 48, 3))
    b = still(10, 75)
    assert find(np.concatenate([black[:5], blend(black, b[:25]), b[25:]])) == []


@pytest.mark.parametrize("length", [12, 24, 40])
def test_dissolve_is_found_with_its_interval(length):
    a, b = still(11, 60 + length), still(12, 60 + length)
    frames = np.concatenate([a[:60], blend(a[60:], b[:length]), b[length:]])
    (dissolve,) = find(frames)
    assert dissolve.kind == "dissolve"
    assert round(dissolve.time_s * FPS) == pytest.approx(60 + length / 2, abs=4)


@pytest.mark.parametrize("frames", [1, 2, 3, 7])
def test_very_short_videos_have_no_boundary(frames):
    assert find(still(13, frames)) == []


def test_all_black_has_no_boundary():
    assert find(np.zeros((200, 27, 48, 3))) == []


def test_pushing_in_batches_changes_nothing():
    frames = np.concatenate([still(14, 50), still(15, 50)]).clip(0, 255).astype(np.uint8)
    times = np.arange(100) / FPS
    whole, parts = CutDistances(), CutDistances()
    whole.push(frames, times)
    for k in range(0, 100, 7):
        parts.push(frames[k : k + 7], times[k : k + 7])
    assert whole.series().names == NAMES
    assert np.array_equal(whole.series().values, parts.series().values)


def test_distances_refuse_other_sizes():
    with pytest.raises(ValueError, match="rgb"):
        CutDistances().push(np.zeros((2, 54, 96, 3), np.uint8), np.arange(2.0))
    with pytest.raises(ValueError, match="times_s"):
        CutDistances().push(np.zeros((2, 27, 48, 3), np.uint8), np.arange(3.0))


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match="method") as error:
        detect_shots("any.mp4", method="magic")
    assert all(name in str(error.value) for name in SHOT_METHODS)


def test_real_clips_reach_the_accuracy_of_a_neural_detector(media_dir):
    """Hard cuts of 11 clips at ±2 frames, one-to-one; hits inside a gradual transition do not count."""
    truth = json.loads((media_dir / "truth" / "shots.json").read_text())["videos"]
    matched = false = known = 0
    for name, facts in truth.items():
        series = measure_cuts(media_dir / name)
        found = [
            int(np.argmin(np.abs(series.times_s - b.time_s))) for b in find_shots(series) if b.kind == "cut"
        ]
        hits = count_matches(found, facts["cuts"], 2)
        inside = [f for f in found if any(a - 2 <= f <= b + 2 for a, b, _ in facts["gradual"])]
        away = [f for f in found if f not in inside]
        known += len(facts["cuts"])
        matched += hits
        false += max(0, len(away) - count_matches(away, facts["cuts"], 2))
    assert known >= 49
    assert 2 * matched / (matched + false + known) >= 0.97


def test_pyscenedetect_is_there_for_comparison(media_dir):
    pytest.importorskip("scenedetect")
    found = detect_shots(media_dir / "mdn_flower.mp4", method="pyscenedetect")
    assert found == []
    found = detect_shots(media_dir / "torchcodec_nasa_13013.mp4", method="pyscenedetect")
    assert [b.kind for b in found] == ["cut"] * len(found)
    assert any(abs(b.time_s - 202 / 25) < 0.5 for b in found)
