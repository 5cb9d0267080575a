"""From boundaries per level to a :class:`SegmentTree`."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from videxplore.values.edits import Recipe
from videxplore.values.media import Video
from videxplore.values.segments import (
    VIDEO_LEVEL,
    Boundary,
    Recutter,
    Segment,
    SegmentTree,
    segment_id,
)


def assemble_tree(
    video: Video,
    cuts: Mapping[str, Sequence[float]],
    *,
    boundaries: Sequence[Boundary] = (),
    labels: Sequence[str] = (),
    method: str,
    recipe: Recipe | None = None,
    recutter: Recutter | None = None,
) -> SegmentTree:
    """Build the tree of a video.

    A level that would only repeat its parent is left out of that branch.

    Args:
        video: the video cut.
        cuts: inner boundaries in seconds per level, finest first; each level contains those above it.
        boundaries: what is known of the leaf boundaries.
        labels: one per leaf in time order, or none.
        method: how it was cut, for people to read.
        recipe: what it was cut by.
        recutter: cuts the same video by another recipe.

    Raises:
        ValueError: a level lacks a boundary of the level above it, or a boundary is outside the video.
    """
    _check_nesting(cuts, video.duration_s)
    root = _segment(video, VIDEO_LEVEL, 0.0, video.duration_s, None)
    segments = [root]
    tiles = [root]
    for level, times in reversed(list(cuts.items())):
        inner = sorted(set(times))
        next_tiles: list[Segment] = []
        for parent in tiles:
            here = [t for t in inner if parent.start_s < t < parent.end_s]
            if not here:
                next_tiles.append(parent)
                continue
            edges = [parent.start_s, *here, parent.end_s]
            children = [_segment(video, level, a, b, parent.segment_id) for a, b in itertools.pairwise(edges)]
            segments += children
            next_tiles += children
        tiles = next_tiles
    return SegmentTree(
        video=video,
        segments=tuple(segments),
        levels=(*cuts, VIDEO_LEVEL),
        boundaries=tuple(boundaries),
        labels={s.segment_id: label for s, label in zip(tiles, labels, strict=True)} if labels else {},
        method=method,
        recipe=recipe,
        recutter=recutter,
    )


def _check_nesting(cuts: Mapping[str, Sequence[float]], end_s: float) -> None:
    """Raise unless each level, finest first, contains the boundaries of the level above it."""
    finer: set[float] | None = None
    for level, times in reversed(list(cuts.items())):
        found = set(times)
        if any(not 0 < time < end_s for time in found):
            raise ValueError(f"boundaries of level {level!r} must lie inside 0…{end_s:.3f} s.")
        if finer is not None and not finer <= found:
            raise ValueError(f"level {level!r} must contain the boundaries of the level above it.")
        finer = found


def _segment(video: Video, level: str, start: float, end: float, parent: str | None) -> Segment:
    return Segment(
        segment_id=segment_id(video.video_id, level, start, end),
        video_id=video.video_id,
        level=level,
        start_s=float(start),
        end_s=float(end),
        parent_id=parent,
    )
