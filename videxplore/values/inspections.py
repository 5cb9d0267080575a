"""What a file is like technically: what its header says and what its pictures and sound show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from videxplore.values.jsonable import as_data, from_data
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

JUDGED_BY = {"logo": "logo_judged", "interlaced": "fields_judged", "over-edited": "pace_judged"}
"""Faults that some files cannot be judged for, and the reading that says how much of them was."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed. Every default can be changed, and which of them fit is the buyer's to say.

    The first four hold for a file as a whole. The others are shares of the time, 0 to 1: a file in which
    something is seen for a larger share of the time is found wanting in it, and the stretches where it is
    seen are not usable. At 0 each stretch that is found is taken off, at 1 none is.

    Attributes:
        lines: shorter side of the picture in pixels, at least. 480 is standard definition; what is smaller
            is a preview.
        fps: frames per second, at least. 20 lets 23.976 pass and refuses surveillance and time lapse at 10
            or 15, in which motion jumps.
        bits_per_pixel: of the whole file per pixel and frame, at least. H.264 at .1 is good, about .03 is
            what streaming services send; below .02 most of the detail has been thrown away.
        sound: whether sound is needed. False for footage that is bought for its pictures: then silence and
            clipped sound are measured and are no faults.
        hdr: whether HDR is allowed. True, because pictures are mapped to an ordinary screen before they are
            embedded.
        interlaced: .05, since single pictures look combed where fine stripes lie across.
        black: 0; there is nothing to see in it.
        frozen: 0; one picture is no video.
        letterbox: 0; borders that stay take pixels from the picture.
        blurred: 0; a stretch is only named from two seconds on.
        blocky: 0, as above.
        clipped_picture: 0, as above.
        silent: .25: pauses and titles are silent in most films.
        clipped_sound: .05: a loud moment does no harm.
        burnt_in_text: .1, because signs and titles in the picture are taken for it now and then.
        logo: 0; a mark that stays is in every picture and is learnt by what is trained on them.
        over_edited: 0; a stretch is named where 30 shots or more come in a minute.
    """

    lines: int = 480
    fps: float = 20.0
    bits_per_pixel: float = 0.02
    sound: bool = True
    hdr: bool = True
    interlaced: float = 0.05
    black: float = 0.0
    frozen: float = 0.0
    letterbox: float = 0.0
    blurred: float = 0.0
    blocky: float = 0.0
    clipped_picture: float = 0.0
    silent: float = 0.25
    clipped_sound: float = 0.05
    burnt_in_text: float = 0.1
    logo: float = 0.0
    over_edited: float = 0.0

    def __post_init__(self) -> None:
        for name in ("lines", "fps", "bits_per_pixel"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"Limits.{name} must be 0 or more, got {getattr(self, name)!r}.")
        for limit in fields(self)[5:]:
            if not 0 <= getattr(self, limit.name) <= 1:
                raise ValueError(
                    f"Limits.{limit.name} is a share of the time, 0 to 1, got {getattr(self, limit.name)!r}."
                )


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

    def share(self, kind: str) -> float:
        """Share of the time in which a fault is seen, 0 to 1, whatever the limits."""
        return min(sum(span.duration_s for span in self.stretches.get(kind, ())) / self.duration_s, 1.0)

    def judged(self, kind: str) -> bool:
        """Whether the file allowed to tell if it has this fault: what is not seen is else not known.

        A logo can only be told where scenes change around it, fields only where something moves, and the pace
        of shots only where pictures were looked at often enough.
        """
        if kind not in JUDGED_BY or self.share(kind) > 0:
            return True
        return self.readings.get(JUDGED_BY[kind], 0.0) > 0

    def to_json(self) -> str:
        """Return it as one line of JSON; :meth:`from_json` reads it back equal."""
        return json.dumps(as_data(self), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Inspection:
        """Read what :meth:`to_json` wrote.

        Raises:
            ValueError: the text is not that of an inspection.
        """
        return from_data(cls, json.loads(text))
