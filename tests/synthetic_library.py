"""Made-up videos for tests of the store: a tree, vectors that mean something, a transcript, tiny posters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from videxplore.stages.store.record import VideoRecord
from videxplore.values.media import Video
from videxplore.values.segments import Boundary, Segment, SegmentTree, segment_id
from videxplore.values.vectors import Embeddings, EncoderCard

CARD = EncoderCard("toy", 12, modalities=("visual", "audio"), blocks=(("visual", 8), ("audio", 4)))
LEVELS = ("moment", "scene", "video")


class Reader:
    """An encoder that reads: a word is a fixed random direction."""

    card = CARD

    def encode_frames(self, frames):
        return np.ones((len(frames), 12), np.float32)

    def encode_text(self, texts):
        return np.stack([np.random.default_rng(list(t.encode()) or [0]).normal(size=12) for t in texts])


class NamedReader(Reader):
    """The same with columns that have names, all but one."""

    card = replace(CARD, name="named", names=(*(f"trait_{c}" for c in "abcdefg"), "", *"hijk"))


def make_tree(
    video_id: str, *, scenes: int = 3, moments: int = 4, moment_s: float = 5.0, path=None
) -> SegmentTree:
    """A video of ``scenes`` equal scenes; the last one has no moments of its own."""
    duration = scenes * moments * moment_s
    video = Video(path or Path(f"/films/{video_id}.mp4"), video_id, duration, 320, 180, 25.0, None, "h264")

    def cut(level: str, start: float, end: float, parent: Segment | None) -> Segment:
        above = parent.segment_id if parent else None
        return Segment(segment_id(video_id, level, start, end), video_id, level, start, end, above)

    whole = cut("video", 0.0, duration, None)
    segments, leaves = [whole], []
    for i in range(scenes):
        start, end = i * moments * moment_s, (i + 1) * moments * moment_s
        scene = Segment(
            segment_id(video_id, "scene", start, end), video_id, "scene", start, end, whole.segment_id
        )
        segments.append(scene)
        if i == scenes - 1:
            continue
        for j in range(moments):
            a, b = start + j * moment_s, start + (j + 1) * moment_s
            leaves.append(
                Segment(segment_id(video_id, "moment", a, b), video_id, "moment", a, b, scene.segment_id)
            )
    segments += leaves
    boundaries = tuple(Boundary(s.start_s, "semantic", persistence=2.0, level="moment") for s in leaves[1:])
    return SegmentTree(video, tuple(segments), LEVELS, boundaries, "by hand")


def make_record(
    video_id: str, *, seed: int = 0, card: EncoderCard = CARD, said: dict[float, str] | None = None, **tree
) -> VideoRecord:
    """A record whose parents are normalised means of their leaves. ``said``: start of a moment -> words."""
    rng = np.random.default_rng([seed, *video_id.encode()])
    made = make_tree(video_id, **tree)
    leaf = {s.segment_id: rng.normal(size=card.dimension) for s in made.leaves}
    rows = []
    for s in made.segments:
        inside = [v for i, v in leaf.items() if s.span.overlap_s(made[i].span) > 0]
        rows.append(np.mean(inside, axis=0))
    values = np.array(rows, dtype=np.float32)
    norms = np.linalg.norm(values, axis=1)
    vectors = values / norms[:, None]
    embeddings = Embeddings(
        vectors,
        tuple(s.segment_id for s in made.segments),
        tuple(s.level for s in made.segments),
        card,
        norms,
        np.full(len(rows), 0.5, np.float32),
        tuple(s.video_id for s in made.segments),
    )
    words = said or {}
    transcripts = {
        s.segment_id: " ".join(text for t, text in sorted(words.items()) if t in s.span)
        for s in made.segments
    }
    times = np.arange(0.0, made.video.duration_s, 1.0)
    frames = np.repeat(rng.normal(size=(1, card.dimension)), len(times), 0) + rng.normal(
        scale=0.2, size=(len(times), card.dimension)
    )
    lengths = np.linalg.norm(frames, axis=1)
    frames /= lengths[:, None]
    posters = {s.segment_id: b"\xff\xd8poster of " + s.segment_id.encode() for s in made.segments}
    return VideoRecord(
        made,
        embeddings,
        transcripts,
        posters,
        times,
        frames.astype(np.float32),
        lengths.astype(np.float32),
        2,
    )
