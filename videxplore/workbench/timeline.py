"""The verb ``timeline``: the tree of a video to zoom into, question, cut anew and correct."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING

from videxplore.stages.decoding.proxies import poster as cut_poster
from videxplore.stages.evaluation.boundaries import contaminate
from videxplore.values.checks import check_kind
from videxplore.values.segments import Segment, SegmentTree
from videxplore.workbench.clips import BackgroundClips, Stretch
from videxplore.workbench.library import Library

if TYPE_CHECKING:
    from videxplore.views.tree_timeline import TreeTimeline

_POSTERS_KEPT = 512


def timeline(
    tree: SegmentTree, other: SegmentTree | None = None, *, library: Library | None = None
) -> TreeTimeline:
    """Return a timeline of one video: all levels, what spoke for each boundary, sliders to cut it anew.

    Its ``tree`` is the tree as it stands after sliders and edits::

        street = vx.timeline(vx.segment("street.mp4"), other=vx.segment("street.mp4", method="fixed"))
        street                  # look, cut anew, correct
        street.tree             # go on with the result

    Args:
        tree: the segments of one video.
        other: the same video cut in another way, shown above; of each of its segments is told how much
            belongs to other segments of ``tree`` than the one it shows most.
        library: knows where the video's file is, for a tree that was read from it.

    Raises:
        TypeError: what is no tree.
        ValueError: ``other`` is of another video.
    """
    from videxplore.views.tree_timeline import TreeTimeline

    check_kind("tree", tree, SegmentTree, "what vx.segment(video) returned")
    check_kind("other", other, (SegmentTree, NoneType), "another segmentation of the same video, or None")
    if other is not None and other.video.video_id != tree.video.video_id:
        raise ValueError(
            f"other must be of the same video as tree, {tree.video.path.name!r}, "
            f"got {other.video.path.name!r}."
        )
    video = tree.video
    if library is not None:
        video = replace(video, path=library.file(video.video_id))

    # The ids change with every cut: they are looked up in what the timeline shows when it asks.
    def find(segment_id: str) -> Segment:
        for held in (shown.tree, shown.other):
            with suppress(KeyError):
                if held is not None:
                    return held[segment_id]
        raise KeyError(f"no segment {segment_id!r} here any more: the video was cut anew.")

    @lru_cache(maxsize=_POSTERS_KEPT)
    def poster(segment_id: str) -> bytes:
        return cut_poster(video, find(segment_id).span)

    clips = BackgroundClips(lambda segment_id: Stretch(Path(video.path), find(segment_id).span, video))
    shown = TreeTimeline(tree, other, contaminate=share_of_others, poster=poster, clip=clips)
    return shown


def share_of_others(tree: SegmentTree, other: SegmentTree) -> list[float]:
    """Return per leaf of ``other`` the share of it outside the leaf of ``tree`` that it shows most of."""
    leaves = tree.leaves
    starts, ends = [s.start_s for s in leaves], [s.end_s for s in leaves]
    return [
        contaminate(
            window.span, leaves[bisect_right(ends, window.start_s) : bisect_left(starts, window.end_s)]
        )
        for window in other.leaves
    ]
