"""The library: storing, size on disk, a large one, notes and extracts. Vectors are made up.

Every figure is of one machine. ``--rows`` sets the size of the large library (2 kB of disk a row at 512
columns). It is written while it is made and stays in ``--folder``, so that the parts of a million rows can be
measured one by one:

    python benchmarks/library.py --folder million --parts opening
    python benchmarks/library.py --folder million --parts searching --indexes IVF_PQ
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from tables import show

from videxplore.stages.store.database import Database
from videxplore.stages.store.record import VideoRecord
from videxplore.stages.store.repooling import repool
from videxplore.stages.store.rows import fixed, segment_rows, video_row
from videxplore.stages.store.writing import write_video
from videxplore.values.media import Video
from videxplore.values.segments import Segment, SegmentTree, segment_id
from videxplore.values.vectors import Embeddings, EncoderCard
from videxplore.workbench.library import Library

LEAVES, SCENES = 80, 10
"""Moments and scenes of a made-up video of 5.5 minutes: 91 segments."""


INDEXES = ("IVF_SQ", "IVF_PQ", "HNSW_SQ")


def record(video_id: str, card: EncoderCard, *, posters: bool) -> VideoRecord:
    """A video with one vector per segment; parents are means of their leaves."""
    length = 4.0 * LEAVES
    video = Video(Path(f"/films/{video_id}.mp4"), video_id, length, 640, 360, 25.0, None, "h264")

    def cut(level: str, start: float, end: float, above: Segment | None) -> Segment:
        parent = above.segment_id if above else None
        return Segment(segment_id(video_id, level, start, end), video_id, level, start, end, parent)

    root = cut("video", 0.0, length, None)
    each = length / SCENES
    scenes = [cut("scene", i * each, (i + 1) * each, root) for i in range(SCENES)]
    moments = [
        cut("moment", s, s + 4.0, scenes[int(s // each)]) for s in np.arange(LEAVES, dtype=float) * 4.0
    ]
    tree = SegmentTree(video, (root, *scenes, *moments), ("moment", "scene", "video"), (), "made up")
    rng = np.random.default_rng(list(video_id.encode()))
    leaves = rng.normal(size=(LEAVES, card.dimension)).astype(np.float32)
    leaves /= np.linalg.norm(leaves, axis=1, keepdims=True)
    groups = leaves.reshape(SCENES, -1, card.dimension).mean(axis=1)
    values = np.concatenate([leaves.mean(axis=0)[None], groups, leaves])
    norms = np.linalg.norm(values, axis=1)
    ids = tuple(s.segment_id for s in tree.segments)
    embeddings = Embeddings(
        values / norms[:, None], ids, tuple(s.level for s in tree.segments), card, norms.astype(np.float32),
        None, (video_id,) * len(ids),
    )  # fmt: skip
    # A poster of 240 × 135 takes about 6 kB; noise does not compress, as JPEG does not.
    pictures = {i: rng.bytes(6000) for i in ids} if posters else {}
    count = int(length)
    frames = np.repeat(leaves, count // LEAVES, axis=0)
    times = np.arange(count) + 0.5
    return VideoRecord(tree, embeddings, {}, pictures, times, frames, np.ones(count, np.float32))


def folder_bytes(path: Path) -> int:
    return sum(entry.stat().st_size for entry in path.rglob("*") if entry.is_file())


def measure_storing(folder: Path, card: EncoderCard, videos: int) -> dict[str, object]:
    """Store videos one by one, as ingest does, each in its own commits."""
    database = Database(folder / "stored.lance")
    records = [record(f"v{i:05d}", card, posters=True) for i in range(videos)]
    began = time.perf_counter()
    for made in records:
        write_video(database, made)
    seconds = time.perf_counter() - began
    segments = sum(len(made.tree) for made in records)
    rows = segments + sum(len(made.frame_times_s) for made in records)
    tables = {
        name: folder_bytes(folder / "stored.lance" / f"{name}.lance") for name in ("segments", "frames")
    }
    total = folder_bytes(folder / "stored.lance")
    return {
        "videos": videos,
        "segments": segments,
        "rows/s": round(rows / seconds),
        "segments/s": round(segments / seconds),
        "ms/video": 1000 * seconds / videos,
        "kB/segment": total / segments / 1000,
        "of that segments": tables["segments"] / segments / 1000,
        "frames": tables["frames"] / segments / 1000,
        "vector alone": 4 * card.dimension / 1000,
    }


def fill(folder: Path, card: EncoderCard, rows: int) -> Path:
    """Write a large library in two commits, past the one commit per video, unless it is there; its place.

    Rows are made while they are written. Leaves lie around 2,000 centres, so that neighbours mean something.
    """
    database = Database(folder)
    videos = -(-rows // (LEAVES + SCENES + 1))
    table = database.table("videos")
    if table is not None and table.count_rows() >= videos:
        return folder
    if table is not None:
        shutil.rmtree(folder)
        database = Database(folder)
    database.create(card)
    segments = database.require("segments")
    batches = (made for start in range(0, videos, 50) for made in drawn(segments.schema, card, start, videos))
    segments.add(pa.RecordBatchReader.from_batches(segments.schema, batches))
    row = video_row(record("v", card, posters=False), None)
    columns = {name: [value] * videos for name, value in row.items()}
    columns["video_id"] = [f"v{i:06d}" for i in range(videos)]
    columns["name"] = [f"v{i:06d}.mp4" for i in range(videos)]
    database.require("videos").add(pa.table(columns, schema=database.require("videos").schema))
    return folder


def drawn(schema: pa.Schema, card: EncoderCard, start: int, videos: int) -> Iterator[pa.RecordBatch]:
    """Rows of up to 50 videos: one tree again and again, with ids and vectors of their own."""
    tree = segment_rows(schema, record("v", card, posters=False))
    old = tree.column("segment_id").to_pylist()
    parents = tree.column("parent_id").to_pylist()
    rng = np.random.default_rng([7, start])
    for i in range(start, min(start + 50, videos)):
        leaves = centres(card.dimension)[rng.integers(0, 2000, LEAVES)]
        leaves += rng.standard_normal(leaves.shape, np.float32)
        leaves /= np.linalg.norm(leaves, axis=1, keepdims=True)
        groups = leaves.reshape(SCENES, -1, card.dimension).mean(axis=1)
        values = np.concatenate([leaves.mean(axis=0)[None], groups, leaves])
        norms = np.linalg.norm(values, axis=1)
        new = {name: f"{i:06x}{name[6:]}" for name in old}
        own = {
            "segment_id": pa.array([new[name] for name in old]),
            "video_id": pa.array([f"v{i:06d}"] * len(old)),
            "parent_id": pa.array([new.get(name) for name in parents], pa.string()),
            "magnitude": pa.array(norms.astype(np.float32)),
            "vector": fixed(values / norms[:, None]),
        }
        columns = [own[name] if name in own else tree.column(name).combine_chunks() for name in schema.names]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


@cache
def centres(dimension: int) -> np.ndarray:
    """float32 (2000, d)."""
    return np.random.default_rng(0).standard_normal((2000, dimension), np.float32)


_OPEN = """
import sys, time
import videxplore.stages.store.embedding_function  # with lancedb, which opening would import
from videxplore.workbench.library import Library
began = time.perf_counter()
library = Library(sys.argv[1])
opened = time.perf_counter() - began
rows = library.database.table("segments").count_rows()
card = library.card
counted = time.perf_counter() - began
library.snapshot()
print(opened, counted, time.perf_counter() - began, rows)
"""


def measure_opening(folder: Path) -> dict[str, object]:
    """Open a library in a fresh process; the time of the imports is not counted."""
    best: list[float] = []
    for _ in range(2):
        out = subprocess.run(
            [sys.executable, "-c", _OPEN, str(folder)], capture_output=True, text=True, check=True
        ).stdout.split()
        best = min(best, [float(x) for x in out]) if best else [float(x) for x in out]
    return {
        "rows": int(best[3]),
        "open (s)": best[0],
        "and card, rows (s)": best[1],
        "and all in memory (s)": best[2],
    }


def measure_recompose(folder: Path) -> list[dict[str, object]]:
    """Pool the parents anew: from what is in memory, and with reading it from the disk again."""
    rows = []
    for pooling in ("mean", "gem", "max", "medoid", "attention", "centroids"):
        library = Library(folder)
        snapshot = library.snapshot()
        began, worked = time.perf_counter(), time.process_time()
        repool(snapshot, pooling)
        spent = {"seconds": time.perf_counter() - began, "CPU (s)": time.process_time() - worked}
        began = time.perf_counter()
        library.recompose(pooling)
        whole = time.perf_counter() - began
        rows.append({"pooling": pooling, "segments": len(snapshot), **spent, "with reading (s)": whole})
    return rows


def measure_composing(folder: Path) -> dict[str, object]:
    library = Library(folder)
    library.snapshot()
    ids = [s.segment_id for s in library.snapshot().segments if s.level == "moment"][:1000]
    began = time.perf_counter()
    library.compose(ids, name="a thousand moments")
    return {"members": len(ids), "compose and read again (s)": time.perf_counter() - began}


class MadeUp:
    """Stands for whatever made the vectors: it is asked for nothing but its card."""

    def __init__(self, card: EncoderCard) -> None:
        self.card = card

    def encode_frames(self, frames: object) -> np.ndarray:
        raise NotImplementedError("made-up vectors come from no frames")


def measure_searching(folder: Path, card: EncoderCard, kind: str) -> dict[str, object]:
    """Whole searches with vectors near stored ones: exact, 32 at a time, and by an index with its recall."""
    library = Library(folder, encoder=MadeUp(card))
    snapshot = library.snapshot()
    rng = np.random.default_rng(0)
    near = snapshot.vectors[rng.choice(len(snapshot), 32, replace=False)]
    queries = near + 0.03 * rng.standard_normal(near.shape, dtype=np.float32)
    began = time.perf_counter()
    library.search(queries[0])
    first = time.perf_counter() - began
    one = [_seconds(lambda q=query: library.search(q)) for query in queries[:15]]
    many = [_seconds(lambda: library.search_many(list(queries))) for _ in range(3)]
    began = time.perf_counter()
    report = library.build_index(kind)
    built = time.perf_counter() - began
    library.drop_index()
    return {
        "segments": len(snapshot),
        "first (s)": first,
        "exact (ms)": 1000 * float(np.median(one)),
        "each of 32 (ms)": 1000 * float(np.median(many)) / 32,
        "index": kind,
        "built (s)": built,
        "recall@10": float(np.mean(report.recall)),
        "by index (ms)": report.approximate_ms,
    }


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def measure_notes(folder: Path, card: EncoderCard) -> dict[str, object]:
    """Annotate one segment after another in a library of 3,640, then find them; and extract two videos."""
    library = Library(folder / "stored.lance", encoder=MadeUp(card))
    moments = [s for s in library.snapshot().segments if s.level == "moment"][::3][:200]
    began = time.perf_counter()
    for i, segment in enumerate(moments):
        library.annotate(segment, note=f"note {i}", tags=["even" if i % 2 == 0 else "odd"])
    each = (time.perf_counter() - began) / len(moments)
    place = _seconds(lambda: library.noted(library.snapshot()))
    query = library.snapshot().vectors[0]
    one = min(_seconds(lambda: library.search(query, where={"tag": "odd"})) for _ in range(5))
    plain = min(_seconds(lambda: library.search(query, where={"level": "moment"})) for _ in range(5))
    videos = {"name": [f"v{i:05d}.mp4" for i in range(2)]}
    two = _seconds(lambda: library.extract(videos, folder / "two.lance"))
    whole = _seconds(lambda: library.extract({"level": "video"}, folder / "whole.lance"))
    return {
        "annotate (ms)": 1000 * each,
        "200 placed (ms)": 1000 * place,
        "search, tag (ms)": 1000 * one,
        "search, level (ms)": 1000 * plain,
        "extract 2 of 40 videos (s)": two,
        "all 40 (s)": whole,
    }


PARTS = ("storing", "notes", "pooling", "composing", "searching", "opening")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="segments of the large library")
    parser.add_argument("--dimension", type=int, default=512)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--indexes", nargs="+", default=INDEXES, help="kinds to build and search")
    parser.add_argument("--folder", type=Path, help="where the large library stays for the next part")
    given = parser.parse_args()
    card = EncoderCard("made up", given.dimension)
    print(f"{os.cpu_count()} cores, {given.dimension} columns, one process")
    with TemporaryDirectory() as name:
        folder = Path(name)
        large = (given.folder or folder / "large.lance").absolute()
        if {"storing", "notes"} & set(given.parts):
            note = "one video of 91 segments and 320 frames at a time, with posters of 6 kB"
            show("Storing", [measure_storing(folder, card, 40)], note=note)
        if "notes" in given.parts:
            show("Notes, tags, extracting", [measure_notes(folder, card)])
        if "pooling" in given.parts:
            show("Pooling parents anew", measure_recompose(fill(folder / "hundred.lance", card, 100_000)))
        if "composing" in given.parts:
            show("Composing", [measure_composing(fill(folder / "hundred.lance", card, 100_000))])
        for kind in given.indexes if "searching" in given.parts else ():
            show("Searching", [measure_searching(fill(large, card, given.rows), card, kind)])
        if "opening" in given.parts:
            show("Opening", [measure_opening(fill(large, card, given.rows))])


if __name__ == "__main__":
    main()
