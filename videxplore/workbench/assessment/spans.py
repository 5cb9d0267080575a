"""Stretches of time joined, taken away from one another and measured."""

from __future__ import annotations

from collections.abc import Iterable

from videxplore.values.media import Span


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same time in as few spans as can be, in order.

    >>> joined([Span(4, 6), Span(0, 1), Span(5, 9)])
    [Span(start_s=0.0, end_s=1.0), Span(start_s=4.0, end_s=9.0)]
    """
    made: list[Span] = []
    for span in sorted(spans):
        if made and span.start_s <= made[-1].end_s:
            made[-1] = Span(made[-1].start_s, max(made[-1].end_s, span.end_s))
        else:
            made.append(span)
    return made


def without(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """What is left of spans where others are taken away.

    >>> without([Span(0, 10)], [Span(2, 3), Span(8, 12)])
    [Span(start_s=0.0, end_s=2.0), Span(start_s=3.0, end_s=8.0)]
    """
    left = joined(spans)
    for other in joined(others):
        kept: list[Span] = []
        for span in left:
            before = span.start_s, min(span.end_s, other.start_s)
            after = max(span.start_s, other.end_s), span.end_s
            kept += [Span(start, end) for start, end in (before, after) if end > start]
        left = kept
    return left


def seconds_in(span: Span, spans: Iterable[Span]) -> float:
    """Seconds of a span that lie within others.

    >>> seconds_in(Span(0, 10), [Span(2, 5), Span(4, 6)])
    4.0
    """
    return sum(span.overlap_s(other) for other in joined(spans))
