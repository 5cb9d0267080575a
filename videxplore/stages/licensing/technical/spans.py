"""Stretches of time: joined, and what is left between them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from videxplore.values.media import Span


def leave_out(whole: Span, taken: Iterable[Span]) -> tuple[Span, ...]:
    """Return what is left of ``whole`` without the stretches ``taken``, which may overlap.

    >>> leave_out(Span(0, 9), [Span(2, 3), Span(2.5, 4)])
    (Span(start_s=0.0, end_s=2.0), Span(start_s=4.0, end_s=9.0))
    """
    left, free_s = [], whole.start_s
    for span in join(taken):
        if span.start_s > free_s:
            left.append(Span(free_s, min(span.start_s, whole.end_s)))
        free_s = max(free_s, span.end_s)
        if free_s >= whole.end_s:
            return tuple(left)
    return (*left, Span(free_s, whole.end_s))


def join(spans: Iterable[Span], gap_s: float = 0.0) -> tuple[Span, ...]:
    """Return the stretches in order of time; those that overlap or lie at most ``gap_s`` apart are one."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start_s <= joined[-1].end_s + gap_s:
            joined[-1] = Span(joined[-1].start_s, max(joined[-1].end_s, span.end_s))
        else:
            joined.append(span)
    return tuple(joined)


def spread(strong: NDArray[np.bool_], weak: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the flags (n,) of ``weak`` that are joined to one of ``strong`` (hysteresis, Canny 1986).

    >>> spread(np.array([0, 0, 1, 0, 0], bool), np.array([1, 0, 0, 1, 1], bool)).tolist()
    [False, False, True, True, True]
    """
    either = strong | weak
    number = np.cumsum(np.diff(either, prepend=False) & either)
    return np.asarray(either & np.isin(number, number[strong]))


def runs(
    times_s: NDArray[np.floating], flags: NDArray[np.bool_], end_s: float, least_s: float, gap_s: float = 0.0
) -> tuple[Span, ...]:
    """Return the stretches in which looks are flagged, each standing for the time up to the next.

    Args:
        times_s: float64 (n,), rising.
        flags: bool (n,).
        end_s: end of the video.
        least_s: shorter stretches are left out, but for a video that is no longer itself.
        gap_s: stretches at most this far apart are one.
    """
    ends = np.append(times_s[1:], max(end_s, times_s[-1]))
    found = [Span(a, b) for a, b, flag in zip(times_s, ends, flags, strict=True) if flag and b > a]
    least_s = min(least_s, 0.9 * end_s)
    return tuple(span for span in join(found, gap_s) if span.duration_s >= least_s)
