"""SegmentDetails: all that is known of one segment, for people to read."""

from __future__ import annotations

from dataclasses import dataclass

from videxplore.values.media import Span


@dataclass(frozen=True, slots=True)
class Place:
    """A segment in the hierarchy of its video.

    Attributes:
        segment_id: of the segment.
        level: of the segment.
        span: when it is.
    """

    segment_id: str
    level: str
    span: Span


@dataclass(frozen=True, slots=True)
class AttributeReading:
    """What a named attribute of the encoder says of a segment.

    Attributes:
        name: of the column.
        word: what it is about, in words; several columns may be about the same.
        value: on the encoder's own scale.
        apart: how far the value lies above the mean over the library's segments, in standard deviations.
        meaning: one clause for people, empty where the encoder gives none.
    """

    name: str
    word: str
    value: float
    apart: float
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A segment that is like another one.

    Attributes:
        segment_id: of the neighbour.
        video: name of its video.
        level: of the neighbour.
        span: when it is.
        cosine: of the two, as ``Library.search`` compares a segment with others: less what is usual on
            their level.
        shared: what is unusual about both, or said in both; the most telling first.
    """

    segment_id: str
    video: str
    level: str
    span: Span
    cosine: float
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """What another author noted of a segment.

    Attributes:
        author: a name.
        note: text, may be empty.
        tags: may be none.
    """

    author: str
    note: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SegmentDetails:
    """One segment with all that is known of it.

    Attributes:
        segment_id: of the segment.
        video_id: of its video.
        video: name of its video.
        path: of the video's file as text, empty for a composition.
        level: of the segment.
        span: when it is.
        label: a letter or phrase that alike segments of the video share, or empty.
        transcript: what is said, or empty.
        ancestors: what holds it, the whole video first.
        parts: what it is made of, in order.
        attributes: farthest from the mean first; empty where the encoder's columns have no names.
        neighbours: nearest first, on the same level.
        provenance: terms and what they are, such as ``("Encoder", "perceptual, revision 3")``.
        note: what was noted of it, or empty.
        tags: that it has.
        remarks: what other authors noted.
        known_tags: that anything in the library has.
        annotatable: whether something can be noted of it.
    """

    segment_id: str
    video_id: str
    video: str
    path: str
    level: str
    span: Span
    label: str = ""
    transcript: str = ""
    ancestors: tuple[Place, ...] = ()
    parts: tuple[Place, ...] = ()
    attributes: tuple[AttributeReading, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    provenance: tuple[tuple[str, str], ...] = ()
    note: str = ""
    tags: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    known_tags: tuple[str, ...] = ()
    annotatable: bool = True

    def __repr__(self) -> str:
        counts = (
            f"{len(self.parts)} parts, {len(self.attributes)} attributes, {len(self.neighbours)} neighbours"
        )
        return f"SegmentDetails({self.level} {self.span} of {self.video}: {counts})"
