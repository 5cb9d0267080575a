"""Stretches of time: joined, and what is left between them."""

from __future__ import annotations

from collections.abc import Iterable

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
