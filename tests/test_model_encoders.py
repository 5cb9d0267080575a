"""Model encoders: every family from a tiny model on disk to search, against transformers called directly."""

from __future__ import annotations

import json
import logging
import pickle

import av
import direct_models
import numpy as np
import pytest
import tiny_models
import torch

import videxplore as vx
from videxplore.errors import CardMismatchError, LibraryError, MissingExtraError, ModelError, QueryError
from videxplore.stages.encoding.embed import encode_query
from videxplore.stages.encoding.models.load import _ADAPTERS, SUPPORTED
from videxplore.stages.encoding.protocol import AudioEncoder, ClipEncoder, TextEncoder
from videxplore.stages.encoding.registry import encoder, restore
from videxplore.stages.pretrained import hardware, source
from videxplore.stages.pretrained.batches import Batches
from videxplore.stages.segmentation.segment import segment
from videxplore.values.media import AudioClip, FrameBatch, Span

FAMILIES = sorted(tiny_models.MAKERS)
TEXTS = ["a red square", "loud sound in the dark", "green"]
LEAF_S = 1.0

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """2.4 s with other pictures, sound and words in each second; nothing is said in the third."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    times = np.arange(round(2.4 * 48000)) / 48000
    second = times.astype(int)
    sound = 0.3 * np.sin(2 * np.pi * np.choose(second, [200, 900, 3000]) * times) * (1 - 0.3 * second)
    scenes = noise_frames(3).rgb
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=10, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        track = output.add_stream("aac", rate=48000, layout="mono")
        for k in range(24):
            frame = av.VideoFrame.from_ndarray(scenes[k // 10], format="rgb24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
        samples = av.AudioFrame.from_ndarray(sound.astype(np.float32)[None], format="flt", layout="mono")
        samples.rate = 48000
        output.mux(track.encode(samples))
        output.mux(track.encode(None))
    cues = "1\n00:00:00,000 --> 00:00:01,000\nred square\n\n2\n00:00:01,000 --> 00:00:02,000\ngreen circle\n"
    path.with_suffix(".srt").write_text(cues)
    return path


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory):
    """Folder of the tiny model of a family, built once."""
    root, built = tmp_path_factory.mktemp("models"), {}

    def get(kind):
        if kind == "sentences":
            pytest.importorskip("sentence_transformers")
        if kind not in built:
            (root / kind).mkdir()
            built[kind] = tiny_models.build(kind, root / kind)
        return built[kind]

    return get


@pytest.fixture(scope="module", params=FAMILIES)
def family(request, folder_of):
    """(kind, encoder in float32 with batches of 2, transformers called directly)."""
    folder = folder_of(request.param)
    options = {} if request.param == "sentences" else {"dtype": "float32", "device": "cpu", "batch_size": 2}
    with torch.no_grad():
        yield request.param, encoder(folder, **options), direct_models.CALLS[request.param](folder)


def noise_frames(count, seed=0):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (count, 6, 8, 3), dtype=np.uint8)
    return FrameBatch(coarse.repeat(8, axis=1).repeat(8, axis=2), np.arange(float(count)))


def clips_of(encoder, lengths_s=(1.0, 0.4, 1.7), seed=0):
    rng, rate, clips = np.random.default_rng(seed), encoder.audio_rate, []
    for number, length_s in enumerate(lengths_s):
        times = np.arange(round(length_s * rate)) / rate
        tone = 0.3 * np.sin(2 * np.pi * 200 * 4**number * times) + rng.normal(0, 0.01, len(times))
        clips.append(AudioClip(tone.astype(np.float32), rate))
    return clips


def films_of(encoder, count=3):
    n = encoder.frames_per_clip
    return [noise_frames(n, seed) for seed in range(count)]


def assert_same(found, expected):
    cosines = (np.asarray(found, np.float64) * np.asarray(expected)).sum(-1)
    assert cosines.min() >= 1 - 1e-5
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1), 1.0, atol=1e-5)


def test_it_gives_what_transformers_gives(family):
    _, mine, direct = family
    sides = 0
    if hasattr(direct, "see"):
        batch = noise_frames(5)
        assert_same(mine.encode_frames(batch), [direct.see(picture) for picture in batch.rgb])
        sides += 1
    if isinstance(mine, ClipEncoder):
        clips = films_of(mine)
        assert_same(mine.encode_clips(clips), [direct.watch(clip.rgb) for clip in clips])
        sides += 1
    if isinstance(mine, AudioEncoder):
        clips = clips_of(mine)
        assert_same(mine.encode_audio(clips), [direct.hear(c.samples, c.rate) for c in clips])
        sides += 1
    if isinstance(mine, TextEncoder):
        assert hasattr(direct, "read")
        assert_same(mine.encode_text(TEXTS), [direct.read(text) for text in TEXTS])
        sides += 1
    assert sides == len([n for n in ("see", "watch", "hear", "read") if hasattr(direct, n)]) > 0


def test_vectors_differ_where_input_differs(family):
    _, mine, _ = family
    rows = mine.encode_text(TEXTS) if isinstance(mine, TextEncoder) else mine.encode_frames(noise_frames(3))
    if isinstance(mine, AudioEncoder):
        rows = mine.encode_audio(clips_of(mine))
    assert np.min(1 - (rows @ rows.T)[np.triu_indices(len(rows), 1)]) > 1e-4


def test_batch_size_changes_nothing(family, folder_of):
    kind, mine, _ = family
    if kind == "sentences":
        one_by_one = np.concatenate([mine.encode_text([text]) for text in TEXTS])
        np.testing.assert_allclose(mine.encode_text(TEXTS), one_by_one, atol=1e-5)
        return
    other = encoder(folder_of(kind), dtype="float32", device="cpu", batch_size=7)
    pairs = [(e.encode_frames(noise_frames(5)),) for e in (mine, other)]
    if isinstance(mine, ClipEncoder):
        pairs = [(*p, e.encode_clips(films_of(e))) for p, e in zip(pairs, (mine, other), strict=True)]
    if isinstance(mine, AudioEncoder):
        pairs = [(*p, e.encode_audio(clips_of(e))) for p, e in zip(pairs, (mine, other), strict=True)]
    if isinstance(mine, TextEncoder):
        pairs = [(*p, e.encode_text(TEXTS)) for p, e in zip(pairs, (mine, other), strict=True)]
    for a, b in zip(*pairs, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5)


def test_the_card_says_where_vectors_come_from(family, folder_of):
    import hashlib

    kind, mine, direct = family
    card, folder = mine.card, folder_of(kind)
    blocks = {"see": "visual", "watch": "visual", "hear": "audio"}
    block = next((b for name, b in blocks.items() if hasattr(direct, name)), "speech")
    assert card.blocks == ((block, card.dimension),)
    assert ("text" in card.modalities) == hasattr(direct, "read")
    assert card.weights_sha256 == hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert card.name == str(folder)
    assert card.revision == ""
    assert card.parameters["dtype"] == "float32"
    assert "licence" not in card.parameters
    assert card.parameters["model_type"] == json.loads((folder / "config.json").read_text())["model_type"]
    assert "Fast" not in card.parameters["processor"]
    if isinstance(mine, ClipEncoder):
        assert f"{mine.frames_per_clip} frames" in card.parameters["sampling"]
    if block == "visual":
        assert card.parameters["processor"].endswith("Pil")
    assert not any(p.requires_grad for p in getattr(mine, "model", torch.nn.Module()).parameters())
    assert not getattr(mine, "model", torch.nn.Module().eval()).training


def leaf_vectors(mine, direct, film, spans):
    """What the leaves should be, from transformers called directly; a row of zeros for silence."""
    if isinstance(mine, ClipEncoder):
        n = mine.frames_per_clip
        times = [s.start_s + (np.arange(n) + 0.5) * s.duration_s / n for s in spans]
        return np.stack([direct.watch(vx.frames(film, times_s=t).rgb) for t in times])
    if isinstance(mine, AudioEncoder):
        heard = [vx.audio(film, rate=mine.audio_rate, span=s) for s in spans]
        return np.stack([direct.hear(clip.samples, clip.rate) for clip in heard])
    if mine.card.slices().keys() == {"speech"}:
        said = vx.transcript(film)
        texts = [said.text_in(s) for s in spans]
        return np.stack([direct.read(t) if t else np.zeros(mine.card.dimension) for t in texts])
    shown = vx.frames(film, times_s=[s.midpoint_s for s in spans])
    return np.stack([direct.see(picture) for picture in shown.rgb])


def test_from_the_film_to_search(family, film, tmp_path):
    _, mine, direct = family
    library = vx.Library(tmp_path / "demo.lance", encoder=mine)
    report = vx.ingest(
        film,
        library,
        segmenter=lambda m: segment(m, method="fixed", length_s=LEAF_S),
        workers=1,
        progress=False,
    )
    assert len(report.done) == 1, report
    table = library.segments()
    leaves = table[~table.segment_id.isin(table.parent_id)].sort_values("start_s")
    spans = [Span(a, b) for a, b in zip(leaves.start_s, leaves.end_s, strict=True)]
    assert len(spans) >= 2
    expected = leaf_vectors(mine, direct, film, spans)
    stored = library.embeddings()
    rows = stored.vectors[[stored.segment_ids.index(i) for i in leaves.segment_id]]
    spoken = np.linalg.norm(expected, axis=1) > 0
    assert_same(rows[spoken], expected[spoken])
    assert not rows[~spoken].any()
    assert stored.card == mine.card

    leaf = library.tree(leaves.video_id.iloc[0]).leaves[0]
    assert library.search(leaf, k=1).hits[0].segment_id == leaf.segment_id
    if isinstance(mine, TextEncoder):
        assert len(library.search("red square", k=2).hits) > 0
    else:
        with pytest.raises(QueryError, match="no text side"):
            encode_query(mine, "red")


class Hungry(torch.nn.Module):
    """Has memory for a few items at once."""

    def __init__(self, room, error):
        super().__init__()
        self.room, self.error, self.tried = room, error, []
        self.layer = torch.nn.Linear(3, 2)

    def forward(self, rows):
        self.tried.append(len(rows))
        if len(rows) > self.room:
            raise self.error
        return self.layer(rows)


OUT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory"),
    RuntimeError("MPS backend out of memory (MPS allocated: 8 GB)"),
    MemoryError(),
]


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda e: str(e)[:20])
def test_a_batch_is_halved_where_memory_runs_out(error):
    torch.manual_seed(0)
    model = Hungry(5, error)
    batches = Batches(model, torch.device("cpu"), 16)
    rows = torch.arange(120.0).reshape(40, 3)
    found = batches.run(lambda batch: model(torch.stack(list(batch))), list(rows))
    # Terms of up to 70 cancel, and a batch of another size may sum them in another order.
    np.testing.assert_allclose(found, model.layer(rows).detach(), rtol=0, atol=1e-4)
    assert model.tried == [16, 8] + [4] * 10
    assert batches.size == 4


def test_what_does_not_fit_alone_is_an_error_and_other_errors_pass():
    alone = Hungry(0, OUT_OF_MEMORY[0])
    with pytest.raises(ModelError, match="not even one item fits"):
        Batches(alone, torch.device("cpu"), 8).run(
            lambda batch: alone(torch.stack(list(batch))), [torch.ones(3)] * 8
        )
    broken = Hungry(0, RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes"):
        Batches(broken, torch.device("cpu"), 8).run(
            lambda batch: broken(torch.stack(list(batch))), [torch.ones(3)]
        )
    assert broken.tried == [1]


@pytest.mark.parametrize(("free", "size"), [(10**12, 64), (8 * 8 * 2 * 10, 10), (1, 1)])
def test_the_batch_is_found_by_memory(monkeypatch, free, size):
    """The layer gives 2 numbers of 4 bytes; 8 such live at once, and half of the memory may be taken."""
    monkeypatch.setattr("videxplore.stages.pretrained.batches.free_bytes", lambda device: free)
    model = Hungry(10**9, None)
    batches = Batches(model, torch.device("cpu"), None)
    batches.run(lambda batch: model(torch.stack(list(batch))), [torch.ones(3)] * 70)
    assert batches.size == size
    assert model.tried[:2] == [1, min(size, 69)]


@pytest.mark.parametrize("size", [0, -1, True])
def test_a_batch_size_that_cannot_be(size):
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        Batches(Hungry(1, None), torch.device("cpu"), size)


def test_device_and_dtype(monkeypatch, folder_of):
    cpu = torch.device("cpu")
    for native, expected in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(hardware, "has_bfloat16", lambda native=native: native)
        assert hardware.choose_dtype(None, cpu) == expected
        assert hardware.choose_dtype("float32", cpu) == torch.float32
    with pytest.raises(ValueError, match=r"dtype='int8'.*float32, bfloat16, float16"):
        encoder(folder_of("clip"), dtype="int8")
    with pytest.raises(ValueError, match=r"device='tpu' is not here; allowed: .*cpu"):
        encoder(folder_of("clip"), device="tpu")
    assert hardware.free_bytes(cpu) > 1 << 20


@pytest.mark.parametrize("kind", [k for k in FAMILIES if k != "sentences"])
def test_bfloat16_stays_near(kind, folder_of):
    exact, half = (encoder(folder_of(kind), device="cpu", dtype=d) for d in ("float32", "bfloat16"))
    assert next(half.model.parameters()).dtype == torch.bfloat16
    assert half.card != exact.card
    if isinstance(exact, AudioEncoder):
        pairs = exact.encode_audio(clips_of(exact)), half.encode_audio(clips_of(half))
    else:
        pairs = exact.encode_frames(noise_frames(3)), half.encode_frames(noise_frames(3))
    assert (pairs[0] * pairs[1]).sum(1).min() > 0.98


def test_an_encoder_travels_as_the_way_to_read_it(folder_of):
    for kind in ("clip", "sentences"):
        mine = encoder(folder_of(kind), **({"dtype": "bfloat16", "batch_size": 3} if kind == "clip" else {}))
        sent = pickle.dumps(mine)
        assert len(sent) < 2000
        again = pickle.loads(sent)
        assert again.card == mine.card
        np.testing.assert_array_equal(again.encode_text(TEXTS), mine.encode_text(TEXTS))
    assert restore(mine.card).card == mine.card


def test_a_library_finds_its_model_again(folder_of, film, tmp_path):
    folder = folder_of("dinov2")
    library = vx.Library(tmp_path / "demo.lance", encoder=encoder(folder, dtype="bfloat16"))
    vx.ingest(film, library, segmenter="shots", workers=1, progress=False)
    assert vx.Library(library.path).encoder.card == library.card
    with pytest.raises(CardMismatchError):
        vx.Library(library.path, encoder=encoder(folder, dtype="float32"))
    moved = folder.rename(folder.with_name("moved"))
    try:
        with pytest.raises(LibraryError, match=r"has to be given.*not|neither a folder"):
            _ = vx.Library(library.path).encoder
    finally:
        moved.rename(folder)


def test_sound_of_another_rate_and_clips_of_another_length_are_refused(folder_of):
    with pytest.raises(ValueError, match=r"hears 16000 Hz, got \[8000\]"):
        encoder(folder_of("ast")).encode_audio([AudioClip(np.zeros(8000, np.float32), 8000)])
    with pytest.raises(ValueError, match=r"clips of 4 frames, got clips of \[3\]"):
        encoder(folder_of("videomae")).encode_clips([noise_frames(3)])


def test_long_sound_is_the_mean_of_its_stretches(folder_of):
    mine = encoder(folder_of("clap"), dtype="float32")
    (long,) = clips_of(mine, (5.0,))
    parts = [long.samples[i * 80000 : (i + 1) * 80000] for i in range(3)]
    rows = mine.encode_audio([AudioClip(part, long.rate) for part in parts])
    mean = rows.mean(0) / np.linalg.norm(rows.mean(0))
    np.testing.assert_allclose(mine.encode_audio([long])[0], mean, atol=1e-5)
    assert mine.encode_audio([]).shape == (0, 24)
    short = AudioClip(np.zeros(3, np.float32), long.rate)
    assert np.isfinite(mine.encode_audio([short])).all()


class TestWhatIsWrongIsSaid:
    @pytest.fixture
    def copy(self, folder_of, tmp_path):
        import shutil

        return lambda kind: shutil.copytree(folder_of(kind), tmp_path / kind)

    def test_a_model_of_another_kind(self, tmp_path):
        (tmp_path / "config.json").write_text('{"model_type": "gpt2"}')
        with pytest.raises(ModelError, match=r"'gpt2', which has no adapter") as caught:
            encoder(tmp_path)
        assert all(name in str(caught.value) for name in SUPPORTED)
        (tmp_path / "config.json").write_text('{"model_type": "from-the-future"}')
        with pytest.raises(ModelError, match="from-the-future"):
            encoder(tmp_path)

    def test_no_configuration(self, tmp_path):
        with pytest.raises(ModelError, match="configuration of model"):
            encoder(tmp_path)

    def test_code_that_comes_with_a_model_does_not_run(self, tmp_path):
        config = {"model_type": "mine", "auto_map": {"AutoConfig": "code.Config"}}
        (tmp_path / "config.json").write_text(json.dumps(config))
        ran = tmp_path / "ran"
        (tmp_path / "code.py").write_text(f"open({str(ran)!r}, 'w')")
        with pytest.raises(ModelError, match="trust_remote_code=True"):
            encoder(tmp_path)
        assert not ran.exists()

    def test_weights(self, copy):
        folder = copy("clip")
        weights = folder / "model.safetensors"
        weights.rename(folder / "pytorch_model.bin")
        with pytest.raises(ModelError, match=r"only pickled weights \(pytorch_model.bin\)"):
            encoder(folder)
        (folder / "pytorch_model.bin").unlink()
        with pytest.raises(ModelError, match="has no weights"):
            encoder(folder)
        weights.write_bytes(b"no tensors")
        with pytest.raises(ModelError, match="the weights of model"):
            encoder(folder)

    def test_half_of_a_model(self, copy):
        import transformers

        folder = copy("clip")
        text = transformers.CLIPModel.from_pretrained(folder).text_model
        (folder / "half").mkdir()
        text.save_pretrained(folder / "half")
        (folder / "half" / "model.safetensors").replace(folder / "model.safetensors")
        with pytest.raises(ModelError, match=r"lack \d+ tensors that .* would be random"):
            encoder(folder)

    @pytest.mark.parametrize(
        ("kind", "file", "part"),
        [("clip", "preprocessor_config.json", "image processor.*cannot be read"),
         ("clip", "tokenizer*.json", "has no tokenizer"),
         ("ast", "preprocessor_config.json", "feature extractor.*cannot be read"),
         ("vjepa2", "video_preprocessor_config.json", "settings of the video_processor.*cannot be read")],
    )  # fmt: skip
    def test_a_missing_processor(self, copy, kind, file, part):
        folder = copy(kind)
        for path in list(folder.glob(file)):
            path.unlink()
        with pytest.raises(ModelError, match=part):
            encoder(folder)

    def test_a_model_that_is_not_here(self, monkeypatch, tmp_path):
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
        with pytest.raises(ModelError, match=r"not on this machine.*download=True.*safetensors"):
            encoder("someone/some-model")
        with pytest.raises(ModelError, match="neither a folder"):
            encoder(tmp_path / "nothing")
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        with pytest.raises(ModelError, match="HF_HUB_OFFLINE forbids"):
            encoder("someone/some-model", download=True)
        with pytest.raises(ValueError, match="contradict"):
            encoder("someone/some-model", download=True, local_files_only=True)
        with pytest.raises(ModelError, match="is a folder"):
            encoder(tmp_path, revision="main")

    def test_sentences_without_their_library(self, monkeypatch, folder_of):
        folder = folder_of("sentences")
        monkeypatch.setattr("videxplore.stages.encoding.sentences.find_spec", lambda name: None)
        with pytest.raises(MissingExtraError, match="sentence-transformers"):
            encoder(folder)


def test_a_model_in_the_cache_of_the_hub(monkeypatch, folder_of, tmp_path):
    """As the hub's client lays it out: blobs by digest, a commit of links, a branch that names the commit."""
    import hashlib

    root, commit = tmp_path / "models--someone--tiny", "a" * 40
    snapshot = root / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (root / "blobs").mkdir()
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text(commit)
    for path in folder_of("clip").iterdir():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        (root / "blobs" / digest).write_bytes(path.read_bytes())
        (snapshot / path.name).symlink_to(root / "blobs" / digest)
    (snapshot / "README.md").write_text("---\ntags: [x]\nlicense: mit\n---\n# Tiny\nlicense: none\n")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    mine = encoder("someone/tiny", dtype="float32")
    assert (mine.card.name, mine.card.revision) == ("someone/tiny", commit)
    assert mine.card.parameters["licence"] == "mit"
    assert mine.card.weights_sha256 == encoder(folder_of("clip"), dtype="float32").card.weights_sha256
    assert restore(mine.card).card == mine.card
    with pytest.raises(ModelError, match="at revision 'other' is not on this machine"):
        encoder("someone/tiny", revision="other")


def test_weights_in_several_files_have_one_digest(folder_of, tmp_path):
    import transformers

    model = transformers.CLIPModel.from_pretrained(folder_of("clip"))
    model.save_pretrained(tmp_path, max_shard_size="20KB")
    parts = source.find_source(tmp_path)
    assert len(parts.weights()) > 1
    first = parts.digest()
    last = parts.weights()[-1]
    last.write_bytes(last.read_bytes() + b"\0")
    assert parts.digest() != first


def test_every_supported_type_is_among_the_families(folder_of):
    kinds = [kind for kind in FAMILIES if kind != "sentences"]
    built = {json.loads((folder_of(kind) / "config.json").read_text())["model_type"] for kind in kinds}
    assert built == set(_ADAPTERS)


def test_nothing_is_said_on_loading(folder_of, capfd, caplog):
    with caplog.at_level(logging.WARNING):
        encoder(folder_of("clip"), dtype="float32").encode_frames(noise_frames(2))
    assert capfd.readouterr().err == ""
    assert not caplog.records
