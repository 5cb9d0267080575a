"""Which hit earns credit for which judged span: each span pays once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

import numpy as np

from videxplore.values.rankings import Hit, Judgement


@dataclass(frozen=True, slots=True)
class Credit:
    """What a ranked list earned against the judgements of its query.

    Attributes:
        gains: one gain per hit, in rank order; 0 for a miss and for a span that was claimed before.
        judged: the gain of every judged span, highest first: what a perfect list would earn.
        midpoint: whether the middle of the first hit lies in a judged span.
        first_iou: largest temporal overlap (intersection over union) of the first hit with a judged span.
        claims: one per hit: which of the judgements it claimed, or None.
    """

    gains: tuple[int, ...]
    judged: tuple[int, ...]
    midpoint: bool
    first_iou: float
    claims: tuple[Judgement | None, ...] = ()


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
        ValueError: ``iou`` is not in (0, 1], or ``least_gain`` is below 1.
    """
    return Matching(hits, judgements, least_gain=least_gain).credit(iou)


class Matching:
    """Hits against the judged spans of one query, to be credited at several thresholds.

    Args:
        hits: in rank order.
        judgements: spans that answer the query.
        least_gain: judgements below this gain are ignored.

    Raises:
        ValueError: ``least_gain`` is below 1.
    """

    def __init__(self, hits: Sequence[Hit], judgements: Sequence[Judgement], *, least_gain: int = 1) -> None:
        if least_gain < 1:
            raise ValueError(f"least_gain must be at least 1, got {least_gain!r}: gain 0 is no answer.")
        self.hits = tuple(hits)
        self.spans = tuple(j for j in judgements if j.gain >= least_gain)
        self._names = [file_name(hit.video) for hit in self.hits]

    @property
    def judged(self) -> tuple[int, ...]:
        """Gains of all judged spans, highest first."""
        return tuple(sorted((j.gain for j in self.spans), reverse=True))

    @cached_property
    def overlaps(self) -> list[dict[int, float]]:
        """Per hit: temporal overlap (intersection over union) by index of each span it shares time with."""
        return [
            {
                i: hit.span.iou(j.span)
                for i, j in enumerate(self.spans)
                if j.video == name and (hit.span.overlap_s(j.span) > 0 or hit.span == j.span)
            }
            for hit, name in zip(self.hits, self._names, strict=True)
        ]

    def credit(self, iou: float = 0.5) -> Credit:
        """Give one-to-one credit, greedily by rank; see :func:`credit`."""
        if not 0.0 < iou <= 1.0:
            raise ValueError(f"iou must be in (0, 1], got {iou!r}; 0.5 is usual.")
        open_spans = set(range(len(self.spans)))
        claims: list[Judgement | None] = []
        for shared in self.overlaps:
            able = [i for i, overlap in shared.items() if i in open_spans and overlap >= iou]
            if not able:
                claims.append(None)
                continue
            best = max(able, key=lambda i: (self.spans[i].gain, shared[i], -self.spans[i].start_s, -i))
            open_spans.remove(best)
            claims.append(self.spans[best])
        first = self.overlaps[0] if self.hits else {}
        return Credit(
            gains=tuple(0 if claim is None else claim.gain for claim in claims),
            judged=self.judged,
            midpoint=any(self.hits[0].span.midpoint_s in self.spans[i].span for i in first),
            first_iou=max(first.values(), default=0.0),
            claims=tuple(claims),
        )

    def precise_gains(self) -> list[float]:
        """Gain of each hit, in rank order, times its temporal precision; each span pays once.

        The precision is the share of the hit that lies in the judged span. Any shared time will do to claim
        a span, so that a short hit inside a long answer counts; a whole video that contains one earns
        next to nothing.
        """
        open_spans = set(range(len(self.spans)))
        gains = []
        for hit, shared in zip(self.hits, self.overlaps, strict=True):
            worth = {i: self._worth(hit, i) for i in shared if i in open_spans}
            best = max(worth, key=lambda i: (worth[i], -i), default=None)
            gains.append(0.0 if best is None else worth[best])
            open_spans.discard(-1 if best is None else best)
        return gains

    def _worth(self, hit: Hit, span: int) -> float:
        judged = self.spans[span]
        return judged.gain * (hit.span.overlap_s(judged.span) / hit.duration_s if hit.duration_s else 1.0)

    def attainable(self, iou: float = 0.5) -> tuple[int, ...]:
        """Gains that the best order of these hits can earn, highest first: no reranking earns more.

        The assignment of hits to spans with the largest sum of gains (Kuhn, 1955).
        """
        from scipy.optimize import linear_sum_assignment

        gains = np.zeros((len(self.hits), len(self.spans)))
        for row, shared in enumerate(self.overlaps):
            for i, overlap in shared.items():
                gains[row, i] = self.spans[i].gain if overlap >= iou else 0
        earned = gains[linear_sum_assignment(gains, maximize=True)]
        return tuple(sorted((int(gain) for gain in earned if gain), reverse=True))


def share_judged(hits: Sequence[Hit], judgements: Sequence[Judgement], *, iou: float = 0.5) -> float:
    """Share of the hits that somebody judged, whatever was said; 1 for no hits.

    What nobody judged counts as no answer, which wrongs a system whose hits were not in the pool.
    """
    said = [
        any(file_name(hit.video) == j.video and hit.span.iou(j.span) >= iou for j in judgements)
        for hit in hits
    ]
    return sum(said) / len(said) if said else 1.0


def file_name(video: str) -> str:
    r"""Last part of a stored path, whichever system wrote it: the name that judgements use.

    >>> file_name("/films/match.mp4"), file_name("C:\\films\\match.mp4"), file_name("match.mp4")
    ('match.mp4', 'match.mp4', 'match.mp4')
    """
    return PurePath(video.replace("\\", "/")).name
