"""Shot boundaries: on drawn pictures with known truth, on real clips, and on the sample films."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from videxplore.stages.evaluation.transitions import HARD_KINDS, count_shots, f1, match_intervals
from videxplore.stages.features.cuts import NAMES, CutDistances
from videxplore.stages.segmentation import transition_net
from videxplore.stages.segmentation.shots import SHOT_METHODS, detect_shots, find_shots, measure_cuts
from videxplore.studio.transitions import draw_clip, draw_disturbed
from videxplore.values.segments import Boundary

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


def frames_of(boundaries) -> list[int]:
    return [round(b.time_s * FPS) for b in boundaries if b.kind in HARD_KINDS]


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


@pytest.mark.parametrize(
    ("names", "cuts"), [(["ffmpegc_sintel.mp4"], 6), pytest.param(None, 49, marks=pytest.mark.long)]
)
def test_real_clips_reach_the_accuracy_of_a_neural_detector(media_dir, names, cuts):
    """Hard cuts of 11 clips at ±2 frames, one-to-one; hits inside a gradual transition do not count."""
    truth = json.loads((media_dir / "truth" / "shots.json").read_text())["videos"]
    counts = Counter()
    for name in names or truth:
        facts = truth[name]
        series = measure_cuts(media_dir / name)
        counts += count_shots(
            find_shots(series), series.times_s, cuts=facts["cuts"], gradual=facts["gradual"], tolerance=2
        )
    assert counts["cuts known"] >= cuts
    assert f1(counts, "cuts") >= 0.97


def test_synthetic_clips_of_other_seeds_than_it_was_made_on():
    """Drawn takes alone: cuts ±1 frame, intervals that share a frame, all one-to-one."""
    counts = Counter()
    for seed in range(7000, 7006):
        clip = draw_clip(seed)
        times = np.arange(len(clip.frames)) / FPS
        found = find(clip.frames)
        counts += count_shots(found, times, cuts=clip.cuts, jumps=clip.jumps, gradual=clip.gradual)
    assert counts["cuts known"] > 20
    assert counts["gradual known"] > 20
    assert f1(counts, "cuts") >= 0.95
    assert f1(counts, "gradual") >= 0.8


def test_flashes_and_whipped_pans_give_at_most_one_false_cut_a_minute():
    clips = [draw_disturbed(seed, n=600) for seed in range(7000, 7008)]
    minutes = sum(len(c.frames) for c in clips) / FPS / 60
    assert minutes >= 3
    assert sum(len(frames_of(find(c.frames))) for c in clips) <= minutes


def test_clips_follow_from_their_seeds():
    one, same, other = draw_clip(1, takes=4), draw_clip(1, takes=4), draw_clip(2, takes=4)
    assert np.array_equal(one.frames, same.frames)
    assert (one.cuts, one.jumps, one.gradual) == (same.cuts, same.jumps, same.gradual)
    assert not np.array_equal(one.frames, other.frames)


def test_truth_of_clips_is_ordered_and_apart():
    for seed in range(4):
        clip = draw_clip(seed, takes=8)
        joins = sorted([(c, c) for c in (*clip.cuts, *clip.jumps)] + [(a, b) for a, b, _ in clip.gradual])
        assert all(a <= b < len(clip.frames) for a, b in joins)
        assert all(before[1] < after[0] for before, after in pairwise(joins))


def test_jump_cut_is_called_one():
    """Three cuts to other pictures, one to the same picture pushed aside, one to another picture."""
    beside = np.roll(still(22, 40), 5, axis=2)
    frames = np.concatenate([*(still(k, 40) for k in (20, 21, 22)), beside, still(23, 40)])
    kinds = {round(b.time_s * FPS): b.kind for b in find(frames)}
    assert kinds == {40: "cut", 80: "cut", 120: "jump", 160: "cut"}


def test_motion_on_threes_is_no_cut():
    assert frames_of(find(np.repeat(pan(5, 60, 3.9), 3, axis=0))) == []


def test_shaken_camera_is_no_cut():
    wide = pan(24, 80, 2.0)
    shaken = wide[np.clip(40 + np.random.default_rng(0).normal(0, 2, 60), 0, 79).astype(int)]
    calm = wide[40:41].repeat(20, axis=0)
    assert find(np.concatenate([calm, shaken, calm])) == []


@pytest.mark.parametrize("direction", ["right", "left", "down", "up"])
def test_wipe_is_found_with_its_interval(direction):
    a, b = still(25, 120), still(26, 120)
    across = direction in ("right", "left")
    size = a.shape[2 if across else 1]
    place = np.arange(size).reshape((1, -1, 1) if across else (-1, 1, 1))
    if direction in ("left", "up"):
        place = size - 1 - place
    for k in range(20):
        a[50 + k] = np.where(place < (k + 1) / 21 * size, b[50 + k], a[50 + k])
    (wipe,) = find(np.concatenate([a[:70], b[70:]]))
    first, last = (round(s * FPS) for s in wipe.span_s)
    assert wipe.kind == "wipe"
    assert (first, last) == (pytest.approx(50, abs=4), pytest.approx(69, abs=4))


def test_net_in_numpy_is_the_net_in_torch():
    """The layers as torch has them, with the shipped weights."""
    import torch
    from torch.nn import functional

    distances = CutDistances()
    distances.push(draw_clip(3, takes=4).frames[:200], np.arange(200) / FPS)
    series = distances.series()
    weights = {name: torch.from_numpy(array) for name, array in transition_net.load_weights().items()}
    inputs = torch.from_numpy(transition_net.read_inputs(series))
    hidden = functional.relu(inputs @ weights["first"] + weights["first_bias"]).T[None]
    for layer, dilation in enumerate(transition_net.DILATIONS):
        taps, bias = weights[f"middle{layer}"].permute(2, 1, 0), weights[f"middle{layer}_bias"]
        padded = functional.pad(hidden, (dilation, dilation), mode="replicate")
        hidden = hidden + functional.relu(functional.conv1d(padded, taps, bias, dilation=dilation))
    expected = functional.softmax(hidden[0].T @ weights["last"] + weights["last_bias"], dim=1)
    assert np.allclose(transition_net.predict_kinds(series), expected.numpy(), atol=1e-5)


def test_card_of_the_net_tells_its_size():
    weights = sum(array.size for array in transition_net.load_weights().values())
    card = json.loads(Path(transition_net.__file__).with_suffix(".json").read_text())
    assert card["weights"] == weights < 12_000


def test_counting_is_one_to_one():
    times = np.arange(100) / FPS
    found = [Boundary(time_s=times[k]) for k in (10, 11, 52, 80)]
    found += [Boundary(time_s=times[k + 2], kind="wipe", span_s=(times[k], times[k + 5])) for k in (48, 54)]
    counts = count_shots(found, times, cuts=[10, 30], jumps=[80], gradual=[(50, 60, "wipe")])
    assert (counts["cuts matched"], counts["cuts found"], counts["cuts known"]) == (1, 2, 2)
    assert (counts["gradual matched"], counts["gradual found"], counts["inside"]) == (1, 2, 1)
    assert (counts["jumps matched"], counts["jumps found"]) == (1, 0)
    assert match_intervals([(48, 53), (54, 59)], [(50, 60)]) == [(1, 0)]


def test_pyscenedetect_is_there_for_comparison(media_dir):
    pytest.importorskip("scenedetect")
    found = detect_shots(media_dir / "mdn_flower.mp4", method="pyscenedetect")
    assert found == []
    found = detect_shots(media_dir / "torchcodec_nasa_13013.mp4", method="pyscenedetect")
    assert [b.kind for b in found] == ["cut"] * len(found)
    assert any(abs(b.time_s - 202 / 25) < 0.5 for b in found)
