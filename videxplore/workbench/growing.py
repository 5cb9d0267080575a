"""Adding to a library what follows from its videos: another encoder's vectors, another segmentation."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from videxplore.errors import CardMismatchError, VideoError
from videxplore.stages.decoding.probe import open_video
from videxplore.stages.encoding.embed import embed, embed_frames
from videxplore.stages.encoding.own import OwnVectors
from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.pooling import normalise
from videxplore.stages.store.database import Database
from videxplore.stages.store.reading import read_snapshot
from videxplore.stages.store.schema import MAIN, SEGMENTS, displayable, uri_to_path
from videxplore.stages.store.snapshot import View
from videxplore.stages.store.writing import Frames, file_state, write_segmentation, write_set
from videxplore.values.media import Video
from videxplore.values.reports import IngestRecord, IngestReport
from videxplore.values.segments import SegmentTree
from videxplore.values.vectors import Embeddings
from videxplore.workbench.footage import LibraryFootage
from videxplore.workbench.preparation import FRAME_STEP_S, Segmenter, prepare

if TYPE_CHECKING:
    from videxplore.workbench.library import Library

Work = Callable[[str], int]
"""What is done about a video, by its id; returns how many segments it concerned."""


def add_encoder(library: LibraryFootage, encoder: Encoder, *, progress: bool = True) -> IngestReport:
    """Encode every video that lacks vectors of this encoder: see :meth:`videxplore.Library.add_encoder`."""
    database = library.database
    database.require_present()
    if database.card is None:
        raise CardMismatchError(
            f"the library {library.path!r} is empty: the encoder that it is opened with makes its first "
            "vectors. vx.ingest(videos, vx.Library(path, encoder=…)) fills it."
        )
    missing: dict[str, list[SegmentTree]] = {}
    if database.card != encoder.card:
        database.create_set(encoder.card)
        missing = missing_trees(database, encoder)

    def encode(trees: list[SegmentTree], video: Video) -> int:
        times_s, values = embed_frames(video, encoder, every_s=FRAME_STEP_S)
        frames = np.asarray(times_s, dtype=np.float64), *normalise(np.asarray(values, dtype=np.float32))
        for tree in trees:
            placed = replace(tree, video=video)
            write_set(database, placed, embed(placed, encoder), frames)
        return sum(len(tree) for tree in trees)

    if isinstance(encoder, OwnVectors):
        found = {v: partial(_look_up, database, encoder, trees) for v, trees in missing.items()}
        return _each(library, found, "look up", progress)
    work = {
        video_id: partial(_opened, library, partial(encode, trees)) for video_id, trees in missing.items()
    }
    return _each(library, work, "encode", progress)


def _look_up(database: Database, encoder: OwnVectors, trees: list[SegmentTree], video_id: str) -> int:
    for tree in trees:
        write_set(database, tree, *_own_vectors(encoder, tree))
    return sum(len(tree) for tree in trees)


def _own_vectors(encoder: OwnVectors, tree: SegmentTree) -> tuple[Embeddings, Frames]:
    """Vectors made elsewhere, of parents too where there are any; a second of video has its leaf's."""
    pooled = embed(tree, encoder)
    vectors, magnitudes = normalise(encoder.encode_video(tree.video, [s.span for s in tree.segments]))
    found = replace(pooled, vectors=vectors, magnitudes=magnitudes)
    times_s = np.arange(FRAME_STEP_S / 2, tree.video.duration_s, FRAME_STEP_S)
    leaves = tree.leaves
    at = np.searchsorted([leaf.start_s for leaf in leaves], times_s, side="right") - 1
    row_of = {s.segment_id: i for i, s in enumerate(tree.segments)}
    rows = np.array([row_of[leaves[max(i, 0)].segment_id] for i in at], dtype=np.intp)
    return found, (times_s, vectors[rows], magnitudes[rows])


def _opened(library: LibraryFootage, work: Callable[[Video], int], video_id: str) -> int:
    """Do the work on the file of a stored video, whose content must be what was ingested."""
    video = open_video(library.file(video_id))
    if video.video_id != video_id:
        raise VideoError(
            video.path,
            "changed",
            "the file has other content than when it was ingested",
            "Ingest it again, or call library.reingest(video_id).",
        )
    return work(video)


def missing_trees(database: Database, encoder: Encoder) -> dict[str, list[SegmentTree]]:
    """Return the trees, of whatever segmentation, that lack vectors of a further encoder, by video id."""
    missing: dict[str, list[SegmentTree]] = defaultdict(list)
    for segmentation in segmentations(database):
        stored = read_snapshot(database, View(segmentation))
        beside = read_snapshot(database, View(segmentation, encoder.card))
        if stored is None or beside is None:
            continue
        for video_id in stored.videos:
            if video_id not in beside.videos:
                missing[video_id].append(stored.tree(video_id))
    return missing


def segmentations(database: Database) -> list[str]:
    """Names of the segmentations that a library holds, the first one first."""
    table = database.table(SEGMENTS)
    if table is None:
        return []
    found = table.search().where("parent_id IS NULL").select(["segmentation"]).limit(None).to_arrow()
    return sorted(set(found.column("segmentation").to_pylist()), key=lambda name: (name != MAIN, name))


def add_segmentation(
    library: LibraryFootage, segmenter: Segmenter | str, name: str, *, progress: bool = True
) -> IngestReport:
    """Cut every video that lacks this segmentation: see :meth:`videxplore.Library.add_segmentation`."""
    if not isinstance(name, str) or not name.strip() or name == MAIN:
        raise ValueError(
            f"name must be a text of its own, got {name!r}; {MAIN!r} is the segmentation of the first ingest."
        )
    database = library.database
    database.require_present()
    database.require_card(library.encoder.card)
    stored, held = read_snapshot(database), read_snapshot(database, View(name))
    there = set() if held is None else set(held.videos)

    def cut(video: Video) -> int:
        record = prepare(video, library.encoder, segmenter)
        write_segmentation(database, record, name)
        return len(record.tree)

    missing = [] if stored is None else [v for v in stored.videos if v not in there]
    wanted = {video_id: partial(_opened, library, cut) for video_id in missing}
    return _each(library, wanted, "cut", progress)


def _each(library: LibraryFootage, work: Mapping[str, Work], title: str, progress: bool) -> IngestReport:
    """Do the work on each video that has some; one that cannot be read costs itself."""
    started = time.monotonic()
    stored = read_snapshot(library.database)
    names = {} if stored is None else {v: str(row["name"]) for v, row in stored.videos.items()}
    lists: dict[str, list[IngestRecord]] = {"done": [], "skipped": [], "failed": []}
    for video_id in _shown(names, title, progress):
        if video_id not in work:
            lists["skipped"].append(
                IngestRecord(names[video_id], video_id, "already-there", "it is in the library already")
            )
            continue
        try:
            count = work[video_id](video_id)
        except VideoError as error:
            record = IngestRecord(names[video_id], video_id, error.reason, error.detail, error.remedy)
            lists["failed"].append(record)
            continue
        lists["done"].append(IngestRecord(names[video_id], video_id, "done", f"{count} segments"))
    made = {name: tuple(records) for name, records in lists.items()}
    return IngestReport(**made, seconds=time.monotonic() - started)


def _shown(names: Iterable[str], title: str, progress: bool) -> Iterator[str]:
    from tqdm.auto import tqdm

    yield from tqdm(list(names), desc=title, unit="video", disable=not progress)


def reingest(
    library: Library,
    video_id: str | None,
    *,
    segmenter: Segmenter | str | None,
    workers: int | None,
    progress: bool,
) -> IngestReport:
    """Read videos anew: see :meth:`videxplore.Library.reingest`."""
    from videxplore.workbench.ingest import ingest

    library.require_first()
    if video_id is None:
        snapshot = library.snapshot()
        rows = {} if snapshot is None else snapshot.videos
        changed = {v: uri_to_path(row["uri"]) for v, row in rows.items() if file_state(row) == "changed"}
    else:
        library.tree(video_id)
        changed = {video_id: library.path_of(video_id)}
    report = ingest(
        list(changed.values()), library, segmenter=segmenter, workers=workers, progress=progress, again=True
    )
    came = {os.path.abspath(record.path): record.video_id for record in report.done}  # noqa: PTH100 - as given
    for old, path in changed.items():
        if came.get(displayable(path), old) != old:
            library.remove(old)
    return report
