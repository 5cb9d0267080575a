"""Which hit earns credit for which judged span: each span pays once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from videxplore.values.rankings import Hit, Judgement


@dataclass(frozen=True, slots=True)
class Credit:
    """What a ranked list earned against the judgements of its query.

    Attributes:
        gains: one gain per hit, in rank order; 0 for a miss and for a span that was claimed before.
        judged: the gain of every judged span, highest first: what a perfect list would earn.
        midpoint: whether the middle of the first hit lies in a judged span.
        first_iou: largest temporal overlap (intersection over union) of the first hit with a judged span.
    """

    gains: tuple[int, ...]
    judged: tuple[int, ...]
    midpoint: bool
    first_iou: float


def credit(
    hits: Sequence[Hit], judgements: Sequence[Judgement], *, iou: float = 0.5, least_gain: int = 1
) -> Credit:
    """Give one-to-one temporal credit, greedily by rank.

    A hit claims, among the unclaimed judged spans of its video that it overlaps by at least ``iou``, the
    one with the highest gain (then the largest overlap, then the earliest). Every later hit on a claimed
    span earns nothing, so that near-copies of one answer cannot fill a list.

    Args:
        hits: in rank order. Videos are compared by file name, without the folder.
        judgements: spans that answer the query.
        iou: least temporal intersection over union that counts as the same stretch, in (0, 1].
        least_gain: judgements below this gain are ignored.

    Raises:
        ValueError: ``iou`` is not in (0, 1].
    """
    if not 0.0 < iou <= 1.0:
        raise ValueError(f"iou must be in (0, 1], got {iou!r}; 0.5 is usual.")
    spans = [(j.video, j.span, j.gain) for j in judgements if j.gain >= least_gain]
    open_spans = set(range(len(spans)))
    gains = []
    for hit in hits:
        name, span = file_name(hit.video), hit.span
        best = max(
            (
                (spans[i][2], overlap, -spans[i][1].start_s, -i)
                for i in open_spans
                if spans[i][0] == name and (overlap := span.iou(spans[i][1])) >= iou
            ),
            default=None,
        )
        if best is None:
            gains.append(0)
            continue
        open_spans.remove(-best[3])
        gains.append(best[0])
    there = [s for v, s, _ in spans if hits and v == file_name(hits[0].video)]
    return Credit(
        gains=tuple(gains),
        judged=tuple(sorted((gain for _, _, gain in spans), reverse=True)),
        midpoint=any(hits[0].span.midpoint_s in s for s in there),
        first_iou=max((hits[0].span.iou(s) for s in there), default=0.0),
    )


def file_name(video: str) -> str:
    r"""Last part of a stored path, whichever system wrote it: the name that judgements use.

    >>> file_name("/films/match.mp4"), file_name("C:\\films\\match.mp4"), file_name("match.mp4")
    ('match.mp4', 'match.mp4', 'match.mp4')
    """
    return PurePath(video.replace("\\", "/")).name
