"""Strategies that need a model: patches, words and pictures together, several batches at a time."""

from __future__ import annotations

import pickle
import shutil
import threading
import time

import av
import direct_models
import numpy as np
import pytest
import tiny_models
import torch
from safetensors.numpy import load_file

import videxplore as vx
from videxplore.stages.encoding.embed import embed
from videxplore.stages.encoding.models import lanes
from videxplore.stages.encoding.registry import encoder, restore
from videxplore.stages.encoding.sequences import Strategy
from videxplore.stages.encoding.stream import stream_vectors
from videxplore.stages.segmentation.segment import segment
from videxplore.values.media import FrameBatch

SEEING = ["clip", "siglip", "siglip2", "dinov2", "dinov3", "dinov3_conv", "blip", "vilt", "xclip", "videomae",
          "vjepa2", "qwen"]  # fmt: skip
PATCHED = ["clip", "siglip", "dinov2", "dinov2_registers", "dinov3"]


@pytest.fixture(scope="module", autouse=True)
def _two_lanes(one_thread):
    """Two lanes on whatever machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(lanes.THREADS_VARIABLE, "2")
        yield


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory):
    root, built = tmp_path_factory.mktemp("models"), {}

    def get(kind):
        if kind not in built:
            (root / kind).mkdir()
            built[kind] = tiny_models.build(kind, root / kind)
        return built[kind]

    return get


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Four seconds of noise that changes twice a second; something is said in the second half."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    pictures = np.random.default_rng(0).integers(0, 255, (8, 6, 8, 3), dtype=np.uint8)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=10, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for k in range(40):
            picture = np.ascontiguousarray(pictures[k // 5].repeat(8, 0).repeat(8, 1))
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode(None))
    path.with_suffix(".srt").write_text("1\n00:00:02,000 --> 00:00:04,000\nred square\n")
    return path


@pytest.fixture(scope="module")
def tree(film):
    return cut(vx.measure(film))


def cut(measurements):
    return segment(measurements, method="fixed", length_s=1.0)


def noise(count, seed=0):
    coarse = np.random.default_rng(seed).integers(0, 255, (count, 6, 8, 3), dtype=np.uint8)
    return FrameBatch(coarse.repeat(8, axis=1).repeat(8, axis=2), np.arange(float(count)))


@pytest.mark.parametrize("kind", PATCHED)
def test_patches_are_those_of_the_model(kind, folder_of):
    mine = encoder(folder_of(kind), dtype="float32", device="cpu")
    batch = noise(3)
    found = mine.encode_patches(batch)
    assert found.shape == (3, 4, 4, mine.card.dimension)
    direct = direct_models.CALLS[kind](folder_of(kind))
    with torch.no_grad():
        for patches, picture in zip(found, batch.rgb, strict=True):
            expected = hidden_patches(direct, picture, kind)
            np.testing.assert_allclose(patches.reshape(16, -1), expected, rtol=1e-4, atol=1e-4)
    # Their place: what changes on the right changes most on the right.
    other = batch.rgb[:1].copy()
    other[:, :, 32:] = 255 - other[:, :, 32:]
    moved = np.abs(mine.encode_patches(FrameBatch(other, np.zeros(1)))[0] - found[0]).mean((0, 2))
    assert moved[2:].mean() > moved[:2].mean()


def hidden_patches(direct, picture, kind):
    """What the tower's own forward gives, with all hidden states asked for."""
    three = kind == "dinov3"
    inputs = {"pixel_values": direct.by_hand([picture])} if three else dict(direct.images([picture]))
    tower = getattr(direct.model, "vision_model", direct.model)
    states = tower(**inputs, output_hidden_states=True).hidden_states[-1][0]
    if kind == "clip":
        return direct.model.visual_projection(tower.post_layernorm(states[1:]))
    if kind == "siglip":
        return tower.post_layernorm(states)
    norm = direct.model.norm if three else direct.model.layernorm
    return norm(states[1 + getattr(direct.model.config, "num_register_tokens", 0) :])


@pytest.mark.parametrize("regions", ["patch-tokens", "region-tokens"])
def test_regions_of_patches(regions, folder_of, tree):
    mine = vx.crops(encoder(folder_of("clip"), dtype="float32", device="cpu"), regions)
    batch = noise(2)
    rows, patches = mine.encode_frames(batch), mine.encoder.encode_patches(batch)
    if regions == "region-tokens":
        patches = patches.reshape(2, 2, 2, 2, 2, -1).mean((2, 4))
    unit = patches.reshape(2, -1, 24) / np.linalg.norm(patches.reshape(2, -1, 24), axis=2, keepdims=True)
    expected = unit.mean(1) / np.linalg.norm(unit.mean(1), axis=1, keepdims=True)
    np.testing.assert_allclose(rows[:, 24:], expected, atol=1e-5)
    np.testing.assert_allclose(rows[:, :24], mine.encoder.encode_frames(batch), atol=1e-5)
    found = embed(tree, mine)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-5)
    assert restore(mine.card).card == mine.card
    assert pickle.loads(pickle.dumps(mine)).card == mine.card


def test_models_without_a_fixed_grid_have_no_patches(folder_of):
    for kind in ("siglip2", "dinov3_conv", "blip"):
        with pytest.raises(ValueError, match="encode_patches"):
            vx.crops(encoder(folder_of(kind), device="cpu"), "patch-tokens")


def test_positions_that_a_model_learned(folder_of, tree):
    """Shuffled, the leaves of X-CLIP make another parent; the positions are those of its own frames."""
    mine = encoder(folder_of("xclip"), dtype="float32", device="cpu")
    saved = load_file(folder_of("xclip") / "model.safetensors")["mit.position_embedding"][0]
    np.testing.assert_array_equal(mine.frame_positions, saved)
    strategy = Strategy.of(vx.pooled(mine, position="learned"))
    values, order = embed(tree, mine).vectors[:4], [2, 0, 3, 1]
    whole = np.array([[0, 4]])
    one, other = (strategy.pool(v, np.ones(4), np.arange(4.0), whole)[0][0] for v in (values, values[order]))
    assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) < 0.999


@pytest.mark.parametrize("kind", ["qwen", "vilt"])
def test_pictures_and_words_in_one_sequence(kind, folder_of, film, tree, tmp_path):
    plain = encoder(folder_of(kind), dtype="float32", device="cpu", batch_size=3)
    mine = vx.read_along(plain)
    direct = direct_models.CALLS[kind](folder_of(kind))
    clips, texts = [noise(mine.frames_per_clip, seed) for seed in range(3)], ["red square", "", "green"]
    with torch.no_grad():
        expected = [direct.together(clip.rgb, text) for clip, text in zip(clips, texts, strict=True)]
    assert (mine.encode_pairs(clips, texts) * expected).sum(1).min() > 1 - 1e-5
    assert np.abs(mine.encode_pairs(clips, ["red"] * 3) - mine.encode_clips(clips)).max() > 1e-3

    found, said = embed(tree, mine), vx.transcript(film)
    assert [bool(said.text_in(leaf.span)) for leaf in tree.leaves] == [False, False, True, True]
    for leaf in tree.leaves:
        times = leaf.start_s + (np.arange(mine.frames_per_clip) + 0.5) / mine.frames_per_clip
        shown = vx.frames(film, times_s=times)
        with torch.no_grad():
            expected = direct.together(shown.rgb, said.text_in(leaf.span))
        assert found.vectors[found.segment_ids.index(leaf.segment_id)] @ expected > 1 - 1e-5
    library = vx.Library(tmp_path / "demo.lance", encoder=mine)
    assert len(vx.ingest(film, library, segmenter=cut, workers=1, progress=False).done) == 1
    assert vx.Library(library.path).encoder.card == mine.card
    leaf = tree.leaves[3]
    assert library.search(leaf, k=1).hits[0].segment_id == leaf.segment_id
    with pytest.raises(ValueError, match="in one sequence"):
        vx.read_along(encoder(folder_of("clip"), device="cpu"))


@pytest.mark.parametrize("kind", SEEING)
def test_several_batches_at_a_time_change_nothing(kind, folder_of, tree):
    """Two lanes on batches of three, against one item after the other."""
    side, alone = (encoder(folder_of(kind), dtype="float32", device="cpu", batch_size=3) for _ in range(2))
    assert side.lanes == 2
    alone.lanes = 1
    for mine in (side, alone):
        mine.frames_per_s = 6.0
    found, expected = (embed(tree, mine).vectors for mine in (side, alone))
    np.testing.assert_allclose(found, expected, atol=2e-5)


class TestSideBySide:
    def test_in_order_and_a_few_at_a_time(self):
        torch.set_num_threads(2)
        taken, at_once, most = [], [0], [0]
        lock = threading.Lock()

        def items():
            for k in range(20):
                taken.append(k)
                yield k

        def work(k):
            with lock:
                at_once[0] += 1
                most[0] = max(most[0], at_once[0])
            assert torch.get_num_threads() == 1
            time.sleep(0.01 * (k % 3))
            with lock:
                at_once[0] -= 1
            return -k

        found = []
        for value in lanes.side_by_side(work, items(), 3):
            found.append(value)
            assert len(taken) <= len(found) + 4
        assert found == [-k for k in range(20)]
        assert 2 <= most[0] <= 3
        assert torch.get_num_threads() == 2
        torch.set_num_threads(1)

    def test_a_failure_ends_it(self):
        done = []

        def work(k):
            if k == 2:
                raise ValueError("two")
            done.append(k)

        with pytest.raises(ValueError, match="two"):
            list(lanes.side_by_side(work, range(100), 2))
        assert len(done) < 8
        assert not [t for t in threading.enumerate() if t.name.startswith("videxplore-lane")]

    def test_as_many_as_a_worker_has_cores(self, monkeypatch):
        cpu = torch.device("cpu")
        monkeypatch.setenv(lanes.THREADS_VARIABLE, "5")
        assert lanes.count_lanes(cpu) == 5
        monkeypatch.delenv(lanes.THREADS_VARIABLE)
        assert lanes.count_lanes(cpu) == torch.get_num_threads() == 1
        assert lanes.count_lanes(torch.device("cuda")) == 2
        assert lanes.count_lanes(torch.device("mps")) == 1


def test_progress_tells_frames_and_a_cancelled_film_leaves_no_thread(folder_of, film, tree, capfd):
    mine = encoder(folder_of("clip"), dtype="float32", device="cpu")
    embed(tree, mine, progress=True)
    shown = capfd.readouterr().err
    assert "4/4" in shown
    assert "frame/s" in shown

    def stop(done, _coming):
        if done:
            raise KeyboardInterrupt

    times, before = np.linspace(0, 3.9, 200), set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        stream_vectors(tree.video, mine, times, lambda _, batch: mine.encode_frames(batch), note=stop)
    left = [t.name for t in set(threading.enumerate()) - before if t.name.startswith("videxplore-")]
    assert not left


def test_a_cancelled_ingest_keeps_what_is_done(folder_of, film, tmp_path):
    """Interrupted in the second film, the first stays, and the next call does the second alone."""
    second = tmp_path / "second.mp4"
    shutil.copy(film, second)
    with second.open("ab") as file:
        file.write(b"\0" * 8)
    mine = encoder(folder_of("clip"), dtype="float32", device="cpu")
    see, seen = mine.encode_frames, []

    def interrupted(frames):
        seen.append(len(frames))
        if len(library.videos()):
            raise KeyboardInterrupt
        return see(frames)

    library = vx.Library(tmp_path / "demo.lance", encoder=mine)
    mine.encode_frames = interrupted
    with pytest.raises(KeyboardInterrupt):
        vx.ingest([film, second], library, segmenter=cut, workers=1, progress=False)
    assert len(library.videos()) == 1
    mine.encode_frames = see
    report = vx.ingest([film, second], library, segmenter=cut, workers=1, progress=False)
    assert (len(report.done), len(report.skipped)) == (1, 1)


def test_what_travels_to_a_worker_has_the_lanes_of_its_cores(folder_of, monkeypatch):
    sent = pickle.dumps(encoder(folder_of("clip"), device="cpu"))
    monkeypatch.setenv(lanes.THREADS_VARIABLE, "3")
    assert pickle.loads(sent).lanes == 3
