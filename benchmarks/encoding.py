"""Encoding against its limit, bfloat16 against float32, and memory over 10,000 frames.

The limit is cores / (forward + decoding), in CPU seconds per frame, each measured alone in the same run: the
forward on prepared pixels by as many threads as there are cores, decoding by reading the same frames and
looking at none. What preparing the pictures costs comes on top and is shown. ``of limit`` is frames per
second over that limit by the clock, which needs a machine that does nothing else; ``of limit, cpu`` is the
CPU time of the limit over that spent, which a busy machine blurs less. The models have random weights and the
shapes named.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch
import transformers
from tables import show
from tokenizers import Tokenizer, models

from videxplore.stages.decoding.sampled import sample_frames
from videxplore.stages.encoding.embed import embed
from videxplore.stages.encoding.registry import encoder
from videxplore.stages.encoding.stream import stream_vectors
from videxplore.stages.features.measure import measure
from videxplore.stages.segmentation.segment import segment
from videxplore.studio.samples import sample_videos
from videxplore.values.media import FrameBatch
from videxplore.values.segments import SegmentTree

SHAPES = {
    "ViT-B/32": {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
                 "num_attention_heads": 12, "image_size": 224, "patch_size": 32},
    "ViT-Ti/16": {"hidden_size": 192, "intermediate_size": 768, "num_hidden_layers": 12,
                  "num_attention_heads": 3, "image_size": 224, "patch_size": 16},
    "two layers": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
                   "num_attention_heads": 2, "image_size": 224, "patch_size": 32},
}  # fmt: skip
PARTS = ["throughput", "formats", "memory"]
WORDS = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 1, "num_attention_heads": 2,
         "vocab_size": 4, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}  # fmt: skip
BATCH = 8
LONG = 10_000
CORES = os.cpu_count() or 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=3, help="repeats, of which the best counts")
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--frames", type=int, default=256, help="frames of a film that are encoded")
    arguments = parser.parse_args()
    film = sample_videos()[0]
    load = os.getloadavg()[0]
    print(f"{film.name}, {CORES} cores, load {load:.1f} at the start; torch {torch.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        places = {name: save_model(Path(folder) / name.replace("/", "-"), SHAPES[name]) for name in SHAPES}
        tree = segment(measure(film))
        rows = []
        for name in ("ViT-B/32", "ViT-Ti/16") if "throughput" in arguments.parts else ():
            for dtype in ("float32", "bfloat16"):
                rows.append(against_limit(name, places[name], dtype, tree, arguments))
                share, by_cpu = rows[-1]["of limit"], rows[-1]["of limit, cpu"]
                print(f"{name} {dtype}: {share:.3f} of the limit, {by_cpu:.3f} in CPU time", flush=True)
        if rows:
            show(
                "frames per second against what the cores allow", rows, note="milliseconds are CPU, per frame"
            )
        if "formats" in arguments.parts:
            note = f"{len(tree.segments)} segments, each the query once"
            show("bfloat16 against float32", [formats(n, p, tree) for n, p in places.items()], note=note)
        if "memory" in arguments.parts:
            title = f"memory in MiB while {LONG} frames are encoded"
            show(title, memory(places["two layers"], Path(folder)))


def save_model(folder: Path, shape: dict[str, int]) -> Path:
    """A CLIP with random weights and next to no text side."""
    torch.manual_seed(0)
    config = transformers.CLIPConfig(vision_config=shape, text_config=WORDS, projection_dim=512)
    transformers.CLIPModel(config).save_pretrained(folder)
    size = {"height": 224, "width": 224}
    transformers.CLIPImageProcessorPil(size={"shortest_edge": 224}, crop_size=size).save_pretrained(folder)
    words = Tokenizer(models.WordLevel({"a": 0, "b": 1, "c": 2, "d": 3}, unk_token="d"))
    names = {"bos_token": "a", "eos_token": "b", "pad_token": "c", "unk_token": "d"}
    transformers.PreTrainedTokenizerFast(tokenizer_object=words, **names).save_pretrained(folder)
    return folder


def against_limit(
    name: str, place: Path, dtype: str, tree: SegmentTree, arguments: argparse.Namespace
) -> dict[str, object]:
    """One row: forward, decoding, preparing and all together."""
    mine = encoder(place, device="cpu", dtype=dtype, batch_size=BATCH)
    mine.frames_per_s = arguments.frames / tree.video.duration_s
    times = np.linspace(0, tree.video.duration_s, arguments.frames, endpoint=False)
    size = (round(tree.video.width * 360 / tree.video.height), 360)
    batches = list(sample_frames(tree.video, times, size=size, batch_size=BATCH))
    pixels = [mine.place(mine._processor(images=list(b.rgb), return_tensors="pt")) for b in batches]

    def forward(inputs: dict[str, torch.Tensor]) -> None:
        with torch.inference_mode():
            mine.model.get_image_features(**inputs)

    def prepare(batch: FrameBatch) -> None:
        mine.place(mine._processor(images=list(batch.rgb), return_tensors="pt"))

    runs: dict[str, Callable[[], Any]] = {
        "forward": lambda: list(mine.side_by_side(forward, pixels)),
        "prepare": lambda: list(mine.side_by_side(prepare, batches)),
        "decode": lambda: list(sample_frames(tree.video, times, size=size, batch_size=BATCH)),
        "embed": lambda: embed(tree, mine),
    }
    wall, cpu = best_of(runs, arguments.times)
    count = encoded(tree, mine.frames_per_s)
    per_frame = {k: cpu[k] / (count if k == "embed" else arguments.frames) for k in runs}
    limit = CORES / (per_frame["forward"] + per_frame["decode"])
    return {
        "model": name,
        "format": dtype,
        "forward ms": per_frame["forward"] * 1e3,
        "decode ms": per_frame["decode"] * 1e3,
        "prepare ms": per_frame["prepare"] * 1e3,
        "all ms": per_frame["embed"] * 1e3,
        "limit /s": limit,
        "encoded /s": count / wall["embed"],
        "of limit": count / wall["embed"] / limit,
        "of limit, cpu": (per_frame["forward"] + per_frame["decode"]) / per_frame["embed"],
        "cores used": cpu["embed"] / wall["embed"],
    }


def best_of(runs: dict[str, Callable[[], Any]], times: int) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds by the clock and of CPU, each the least of ``times`` rounds in which all run in turn."""
    wall, cpu = dict.fromkeys(runs, float("inf")), dict.fromkeys(runs, float("inf"))
    for _ in range(times):
        for name, run in runs.items():
            began, worked = time.perf_counter(), time.process_time()
            run()
            cpu[name] = min(cpu[name], time.process_time() - worked)
            wall[name] = min(wall[name], time.perf_counter() - began)
    return wall, cpu


def encoded(tree: SegmentTree, rate: float) -> int:
    return sum(max(1, round(leaf.duration_s * rate)) for leaf in tree.leaves)


def formats(name: str, place: Path, tree: SegmentTree) -> dict[str, object]:
    """One row: what is found differently where the model runs in bfloat16."""
    exact, short = (
        embed(tree, encoder(place, device="cpu", dtype=d)).vectors for d in ("float32", "bfloat16")
    )
    cosines = (exact * short).sum(axis=1)
    orders = [np.argsort(-masked(v), axis=1) for v in (exact, short)]
    k = min(10, len(exact) - 1)
    overlap = [len(set(a[:k]) & set(b[:k])) / k for a, b in zip(*orders, strict=True)]
    first = [1 / (1 + list(b).index(a[0])) for a, b in zip(*orders, strict=True)]
    return {
        "model": name,
        "median cosine": float(np.median(cosines)),
        "least cosine": float(cosines.min()),
        "same nearest": float(np.mean([a[0] == b[0] for a, b in zip(*orders, strict=True)])),
        "MRR of nearest": float(np.mean(first)),
        f"overlap@{k}": float(np.mean(overlap)),
    }


def masked(vectors: np.ndarray) -> np.ndarray:
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -np.inf)
    return scores


def memory(place: Path, folder: Path) -> list[dict[str, object]]:
    """Resident memory after every fifth of a film of which every frame is encoded."""
    from videxplore.stages.decoding.probe import open_video

    video = open_video(write_film(folder / "long.mp4"))
    mine = encoder(place, device="cpu")
    done, rows, due = [0], [], iter(range(LONG // 10, LONG + 1, LONG // 5))
    wanted = [next(due)]

    def note(frames: int, _coming: int) -> None:
        done[0] += frames
        if wanted and done[0] >= wanted[0]:
            rows.append(held(done[0]))
            wanted[0] = next(due, LONG * 2)

    times = (np.arange(LONG) + 0.5) / 25
    began = time.perf_counter()
    stream_vectors(video, mine, times, lambda _, batch: mine.encode_frames(batch), note=note)
    rows.append(held(done[0]))
    print(f"\n{done[0]} frames in {time.perf_counter() - began:.0f} s")
    return rows


def held(frames: int) -> dict[str, object]:
    whole, vectors = resident(), frames * 512 * 4 / 2**20
    return {"frames": frames, "resident MiB": whole, "less the vectors": whole - vectors}


def write_film(path: Path) -> Path:
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "30"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for picture in drifting():
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode(None))
    return path


def drifting() -> Iterator[np.ndarray]:
    wide = np.random.default_rng(0).integers(0, 255, (18, 64, 3), dtype=np.uint8)
    wide = wide.repeat(10, axis=0).repeat(10, axis=1)
    for k in range(LONG):
        yield np.ascontiguousarray(np.roll(wide, k, axis=1)[:, :320])


def resident() -> float:
    """MiB that this process holds."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
