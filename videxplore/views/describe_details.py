"""Details of a segment as plain dictionaries, for the panel and for pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from videxplore.values.details import AttributeReading, Neighbour, Place, SegmentDetails
from videxplore.values.segments import LEVELS
from videxplore.views.describe import describe_segment, file_name, plain, time_range
from videxplore.views.tokens import tier_of


def describe_details(details: SegmentDetails, levels: Sequence[str] = LEVELS) -> dict[str, Any]:
    """Return what the page shows of a segment.

    Note and tags are left as they are, to be edited; all other text is plain.
    """
    span = details.span
    segment = describe_segment(
        details.segment_id,
        video=details.path or details.video,
        level=details.level,
        start_s=span.start_s,
        end_s=span.end_s,
        transcript=details.transcript,
        levels=levels,
    )
    return segment | {
        "name": file_name(details.video),
        "seconds": round(span.duration_s, 3),
        "label": plain(details.label),
        "path": details.path,
        "ancestors": [_place(place, levels) for place in details.ancestors],
        "parts": [_place(place, levels) for place in details.parts],
        "attributes": [_attribute(reading) for reading in details.attributes],
        "neighbours": [_neighbour(one, levels) for one in details.neighbours],
        "provenance": [[plain(term), plain(text)] for term, text in details.provenance],
        "note": details.note,
        "tags": list(details.tags),
        "remarks": [
            {"author": plain(r.author), "note": lines(r.note), "tags": [plain(t) for t in r.tags]}
            for r in details.remarks
        ],
        "known_tags": list(details.known_tags),
        "annotatable": details.annotatable,
    }


def lines(text: str) -> str:
    r"""Return ``text`` with each of its lines plain.

    >>> lines("one\ttwo\nthree")
    'one two\nthree'
    """
    return "\n".join(plain(line) for line in text.split("\n"))


def _attribute(reading: AttributeReading) -> list[Any]:
    """Name, word, value, distance from the mean, meaning: a list, since there are a hundred."""
    name = plain(reading.name).replace("_", " ")
    return [
        name,
        plain(reading.word),
        round(reading.value, 3),
        round(reading.apart, 2),
        plain(reading.meaning),
    ]


def _place(place: Place, levels: Sequence[str]) -> dict[str, Any]:
    return {
        "id": place.segment_id,
        "level": plain(place.level),
        "tier": tier_of(place.level, levels),
        "start": round(place.span.start_s, 3),
        "time": time_range(place.span.start_s, place.span.end_s),
    }


def _neighbour(one: Neighbour, levels: Sequence[str]) -> dict[str, Any]:
    segment = describe_segment(
        one.segment_id,
        video=one.video,
        level=one.level,
        start_s=one.span.start_s,
        end_s=one.span.end_s,
        levels=levels,
    )
    return segment | {"cosine": round(one.cosine, 4), "shared": [plain(word) for word in one.shared]}
