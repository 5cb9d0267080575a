"""What a file is like technically: what its header says and what its pictures and sound show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from videxplore.values.media import Span

FAULTS = (
    "resolution",
    "frame rate",
    "bitrate",
    "interlaced",
    "black",
    "frozen",
    "letterbox",
    "blurred",
    "blocky",
    "clipped picture",
    "silent",
    "no sound",
    "clipped sound",
    "hdr",
    "burnt-in text",
    "logo",
    "over-edited",
)
"""What a file can be found wanting in."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a file is found wanting in.

    Attributes:
        kind: one of :data:`FAULTS`.
        spans: where, in seconds; the whole file where it is a property of the file.
        value: what was measured.
        limit: what was allowed.
        detail: one sentence.
    """

    kind: str
    spans: tuple[Span, ...]
    value: float
    limit: float
    detail: str

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            raise ValueError(f"Fault.kind must be one of {', '.join(FAULTS)}, got {self.kind!r}.")


@dataclass(frozen=True, slots=True)
class Inspection:
    """One file, inspected.

    Attributes:
        video_id: content hash.
        duration_s: seconds.
        width: pixels.
        height: pixels.
        fps: mean frames per second.
        bitrate_bps: bits per second of the whole file.
        codec: of the picture.
        has_sound: whether there is a sound track.
        readings: name -> figure, what was measured, such as ``"black"`` (share of the time).
        stretches: kind of fault -> spans in which it is seen, whatever the limits.
    """

    video_id: str
    duration_s: float
    width: int
    height: int
    fps: float
    bitrate_bps: float
    codec: str
    has_sound: bool
    readings: Mapping[str, float] = field(default_factory=dict)
    stretches: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
