"""The library: storing, size on disk, opening a large one, pooling and composing anew. Vectors are made up.

Every figure is of one machine. ``--rows``
sets the size of the large library (a million takes about 4 GB of disk at 512 columns).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from tables import show

from videxplore.stages.store.database import Database
from videxplore.stages.store.record import VideoRecord
from videxplore.stages.store.repooling import repool
from videxplore.stages.store.rows import segment_rows, video_row
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


def fill(folder: Path, card: EncoderCard, rows: int) -> int:
    """Write a large library in few commits, past the one commit per video; returns its segments."""
    database = Database(folder)
    database.create(card)
    schema = database.require("segments").schema
    videos, segments, count, batch = [], [], 0, 0
    for i in range(-(-rows // (LEAVES + SCENES + 1))):
        made = record(f"v{i:06d}", card, posters=False)
        segments.append(segment_rows(schema, made))
        videos.append(video_row(made, None))
        count += len(made.tree)
        batch += len(made.tree)
        if batch > 100_000:
            database.require("segments").add(pa.concat_tables(segments))
            segments, batch = [], 0
    if segments:
        database.require("segments").add(pa.concat_tables(segments))
    columns = {name: [row[name] for row in videos] for name in videos[0]}
    database.require("videos").add(pa.table(columns, schema=database.require("videos").schema))
    return count


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="segments of the large library")
    parser.add_argument("--dimension", type=int, default=512)
    given = parser.parse_args()
    card = EncoderCard("made up", given.dimension)
    print(f"{os.cpu_count()} cores, {given.dimension} columns, one process")
    with TemporaryDirectory() as name:
        folder = Path(name)
        note = "one video of 91 segments and 320 frames at a time, with posters of 6 kB"
        show("Storing", [measure_storing(folder, card, 40)], note=note)
        fill(folder / "hundred.lance", card, 100_000)
        show("Pooling parents anew", measure_recompose(folder / "hundred.lance"))
        show("Composing", [measure_composing(folder / "hundred.lance")])
        fill(folder / "large.lance", card, given.rows)
        show("Searching", [measure_searching(folder / "hundred.lance", card, kind) for kind in INDEXES])
        show("Opening", [measure_opening(folder / "hundred.lance"), measure_opening(folder / "large.lance")])


if __name__ == "__main__":
    main()
