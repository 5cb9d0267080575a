"""One clip of a generated archive: what was filmed, how it is delivered, what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from videxplore.values.inspections import FAULTS
from videxplore.values.media import Span

COPY_KINDS = ("encoded again", "cropped", "trimmed", "letterboxed", "mirrored", "logo added")
"""How a copy differs from its original."""

SUBTITLED = "en"
"""Language of the channels that hand over subtitles: the one that the drawn films are written in."""

IMPLIED = {"encoded again": "resolution", "letterboxed": "letterbox", "logo added": "logo"}
"""The technical fault that comes with a way of copying."""


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """Something technically wrong with a clip, put there on purpose.

    Attributes:
        kind: one of :data:`videxplore.values.inspections.FAULTS`.
        span: where, in seconds of the clip.
    """

    kind: str
    span: Span

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            raise ValueError(f"PlantedFault.kind must be one of {', '.join(FAULTS)}, got {self.kind!r}.")


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip, from which its pictures and its sound follow.

    Attributes:
        clip_id: path of its file, with slashes: channel, video, clip.
        channel: that it belongs to; of an owned clip, the source.
        topic: label of what it is about.
        take: name of what was filmed; copies have their original's.
        take_s: seconds that were filmed.
        start_s: where in the take the clip begins.
        duration_s: its length, in seconds.
        language: of the channel.
        copy_of: id of the original; empty for an original.
        copied: one of :data:`COPY_KINDS`; empty for an original.
        faults: what is wrong with it.
    """

    clip_id: str
    channel: str
    topic: str
    take: str
    take_s: float
    start_s: float
    duration_s: float
    language: str
    copy_of: str = ""
    copied: str = ""
    faults: tuple[PlantedFault, ...] = ()

    @property
    def subtitled(self) -> bool:
        """Whether what is said in it, if anything, is written down beside it."""
        return self.language == SUBTITLED and not self.copy_of and not self.has("no sound")

    def spans_of(self, kind: str) -> tuple[Span, ...]:
        """Where the clip has this fault."""
        return tuple(fault.span for fault in self.faults if fault.kind == kind)

    def has(self, kind: str) -> bool:
        """Whether the clip has this fault anywhere."""
        return any(fault.kind == kind for fault in self.faults)
