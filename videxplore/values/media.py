"""Time, video, frames, sound, subtitles, and the measurements taken from them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from videxplore.values.checks import is_number

if TYPE_CHECKING:
    import pandas as pd


def format_time(seconds: float) -> str:
    """Return ``seconds`` as ``m:ss.s`` (``h:mm:ss.s`` from one hour on).

    >>> format_time(61.25), format_time(3725.0)
    ('1:01.2', '1:02:05.0')
    """
    tenths = round(seconds * 10)
    sign = "-" if tenths < 0 else ""
    minutes, rest = divmod(abs(tenths), 600)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{sign}{head}:{rest // 10:02d}.{rest % 10}"


def counted(number: int, noun: str, several: str = "") -> str:
    """Return how many there are, in words.

    >>> counted(1, "segment"), counted(2, "query", "queries")
    ('1 segment', '2 queries')
    """
    return f"{number} {noun if number == 1 else several or noun + 's'}"


SPAN_WANTED = "a Span of seconds, such as vx.Span(2.0, 6.0)"
"""What an error says of an argument that should have been one."""


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """A half-open stretch of time ``[start_s, end_s)`` in seconds, zero being the first frame.

    >>> Span(2.0, 6.0).iou(Span(4.0, 8.0))
    0.3333333333333333
    """

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not (is_number(self.start_s) and is_number(self.end_s)):
            raise ValueError(f"Span needs finite seconds, got {self.start_s=} {self.end_s=}.")
        if self.end_s < self.start_s:
            raise ValueError(f"Span must not end before it starts, got [{self.start_s}, {self.end_s}).")
        object.__setattr__(self, "start_s", float(self.start_s))
        object.__setattr__(self, "end_s", float(self.end_s))

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s

    @property
    def midpoint_s(self) -> float:
        """The middle, in seconds."""
        return (self.start_s + self.end_s) / 2

    def __contains__(self, time_s: float) -> bool:
        return self.start_s <= time_s < self.end_s

    def overlap_s(self, other: Span) -> float:
        """Seconds shared with ``other``."""
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))

    def iou(self, other: Span) -> float:
        """Temporal intersection over union with ``other``, in [0, 1]."""
        shared = self.overlap_s(other)
        union = self.duration_s + other.duration_s - shared
        return shared / union if union > 0 else float(self == other)

    def __str__(self) -> str:
        return f"{format_time(self.start_s)}–{format_time(self.end_s)}"


@dataclass(frozen=True, slots=True)
class Video:
    """What probing a file tells: nothing is decoded yet, no handle is open.

    Attributes:
        path: where the file is.
        video_id: 16 hexadecimal digits from the file's content; a copy under another name has the same.
        duration_s: end of the last frame in seconds, zero being the first frame's timestamp.
        width: columns as shown, in pixels, after rotation.
        height: rows as shown, in pixels, after rotation.
        fps: average frames per second.
        frame_count: number of frames, or None where only decoding could tell.
        codec: name of the video codec.
        has_audio: whether a decodable sound track exists.
        audio_rate: sampling rate of the sound track in Hz, or None.
        subtitle_tracks: one label per embedded subtitle track.
        flags: remarks such as ``"variable-frame-rate"``, ``"rotated"``, ``"start-offset"``, ``"truncated"``.
    """

    path: Path
    video_id: str
    duration_s: float
    width: int
    height: int
    fps: float
    frame_count: int | None
    codec: str
    has_audio: bool = False
    audio_rate: int | None = None
    subtitle_tracks: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))
        if not (math.isfinite(self.duration_s) and self.duration_s > 0):
            raise ValueError(f"Video.duration_s must be positive, got {self.duration_s!r}.")
        if self.width < 1 or self.height < 1:
            raise ValueError(f"Video needs a picture, got width={self.width} height={self.height}.")

    @property
    def span(self) -> Span:
        """The whole video."""
        return Span(0.0, self.duration_s)

    def __repr__(self) -> str:
        sound = f"sound {self.audio_rate} Hz" if self.has_audio else "no sound"
        flags = f", {', '.join(self.flags)}" if self.flags else ""
        return (
            f"Video({self.path.name!r}, {format_time(self.duration_s)}, {self.width}×{self.height}, "
            f"{self.fps:.3g} fps, {self.codec}, {sound}{flags})"
        )


@dataclass(frozen=True, slots=True, eq=False)
class FrameBatch:
    """Decoded pictures and when each is on screen.

    Attributes:
        rgb: uint8 (n, h, w, 3).
        times_s: float64 (n,), each frame's own timestamp in seconds.
    """

    rgb: NDArray[np.uint8]
    times_s: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.rgb.dtype != np.uint8 or self.rgb.ndim != 4 or self.rgb.shape[3] != 3:
            raise ValueError(
                f"FrameBatch.rgb must be uint8 (n, h, w, 3), got {self.rgb.dtype} {self.rgb.shape}."
            )
        object.__setattr__(self, "times_s", np.asarray(self.times_s, dtype=np.float64))
        if self.times_s.shape != self.rgb.shape[:1]:
            raise ValueError(
                f"FrameBatch.times_s must be (n,) = {self.rgb.shape[:1]}, got {self.times_s.shape}."
            )

    def __len__(self) -> int:
        return len(self.rgb)

    def __repr__(self) -> str:
        n, height, width, _ = self.rgb.shape
        when = f", {self.times_s[0]:.3f}–{self.times_s[-1]:.3f} s" if n else ""
        return f"FrameBatch({n} frames of {width}×{height}{when})"


@dataclass(frozen=True, slots=True, eq=False)
class AudioClip:
    """Mono sound.

    Attributes:
        samples: float32 (n,) in [-1, 1].
        rate: samples per second.
        start_s: time of the first sample in seconds on the video's clock.
    """

    samples: NDArray[np.float32]
    rate: int
    start_s: float = 0.0

    def __post_init__(self) -> None:
        if self.samples.ndim != 1 or self.samples.dtype != np.float32:
            raise ValueError(
                f"AudioClip.samples must be float32 (n,), got {self.samples.dtype} {self.samples.shape}."
            )
        if self.rate <= 0:
            raise ValueError(f"AudioClip.rate must be positive, got {self.rate!r}.")

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    def __repr__(self) -> str:
        return f"AudioClip({len(self.samples)} samples at {self.rate} Hz, {format_time(self.duration_s)})"


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle, or the part of one that one person says.

    Attributes:
        span: when it is shown.
        text: plain text without markup.
        speaker: who says it, ``"?"`` for someone else than before without a name, empty where it is not told.
    """

    span: Span
    text: str
    speaker: str = ""


def _words_in(cue: Cue, span: Span) -> str:
    """Words of one cue whose middle falls into ``span``."""
    if span.start_s <= cue.span.start_s and cue.span.end_s <= span.end_s:
        return cue.text
    words = cue.text.split()
    pace_s = cue.span.duration_s / max(sum(map(len, words)), 1)
    # Rounding must not carry the last word to the end of its cue, which is the start of what follows.
    latest_s = math.nextafter(cue.span.end_s, cue.span.start_s)
    kept, passed = [], 0
    for word in words:
        if min(cue.span.start_s + (passed + len(word) / 2) * pace_s, latest_s) in span:
            kept.append(word)
        passed += len(word)
    return " ".join(kept)


@dataclass(frozen=True, slots=True)
class Transcript:
    """Subtitles in time order.

    Attributes:
        cues: sorted by start.
        source: ``"sidecar:<file name>"`` or ``"track:<label>"``.
        language: as the file or track says, else an empty string.
    """

    cues: tuple[Cue, ...]
    source: str = ""
    language: str = ""

    def __post_init__(self) -> None:
        ordered = sorted(self.cues, key=lambda cue: (cue.span.start_s, cue.span.end_s))
        object.__setattr__(self, "cues", tuple(ordered))

    def __len__(self) -> int:
        return len(self.cues)

    def __iter__(self) -> Iterator[Cue]:
        return iter(self.cues)

    def text_in(self, span: Span) -> str:
        """Return the words spoken in ``span``, cue by cue.

        A cue does not say when each of its words is spoken. They are taken to follow one another at an even
        pace, every character taking the same time, and a word belongs where its middle falls. So where
        segments meet no word is lost or doubled: of a cue that lies across, the first words go to the one
        side and the last to the other, and a parent has the words of its children.

        >>> said = Transcript((Cue(Span(0.0, 4.0), "and here comes the corner kick"),))
        >>> said.text_in(Span(0.0, 2.0)), said.text_in(Span(2.0, 9.0))
        ('and here comes', 'the corner kick')
        """
        parts = (
            _words_in(cue, span)
            for cue in self.cues
            if cue.span.start_s < span.end_s and cue.span.end_s >= span.start_s
        )
        return " ".join(part for part in parts if part)

    def to_pandas(self) -> pd.DataFrame:
        """One row per cue: start_s, end_s, text, speaker."""
        import pandas as pd

        rows = [(cue.span.start_s, cue.span.end_s, cue.text, cue.speaker) for cue in self.cues]
        return pd.DataFrame(rows, columns=["start_s", "end_s", "text", "speaker"])

    def __repr__(self) -> str:
        return f"Transcript({len(self.cues)} cues, {self.source or 'no source'})"


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Named measurements on one clock.

    Attributes:
        times_s: float64 (n,), rising.
        values: float32 (n, f), finite.
        names: f names, one per column.
    """

    times_s: NDArray[np.float64]
    values: NDArray[np.float32]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape != (len(self.times_s), len(self.names)):
            raise ValueError(
                f"Series.values must be (n, f) = ({len(self.times_s)}, {len(self.names)}), "
                f"got {self.values.shape}."
            )
        if not np.isfinite(self.values).all():
            finite = np.atleast_1d(np.isfinite(self.values).all(axis=0))
            bad = [name for name, ok in zip(self.names, finite.tolist(), strict=True) if not ok]
            raise ValueError(f"Series.values must be finite; these columns are not: {bad}.")
        if np.any(np.diff(self.times_s) < 0):
            raise ValueError("Series.times_s must not fall.")

    def __len__(self) -> int:
        return len(self.times_s)

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        try:
            return self.values[:, self.names.index(name)]
        except ValueError:
            raise KeyError(f"no measurement {name!r}; there are: {', '.join(self.names)}") from None

    def within(self, span: Span) -> NDArray[np.float32]:
        """Rows (m, f) whose time lies in ``span``; the nearest row where none does."""
        first, last = np.searchsorted(self.times_s, [span.start_s, span.end_s])
        if first == last and len(self):
            nearest = int(np.argmin(np.abs(self.times_s - span.midpoint_s)))
            first, last = nearest, nearest + 1
        return self.values[first:last]

    def __repr__(self) -> str:
        return f"Series({len(self)} × {len(self.names)}: {', '.join(self.names[:4])}…)"


@dataclass(frozen=True, slots=True, eq=False)
class Measurements:
    """All that one pass over a video's picture and sound measured.

    Attributes:
        video: the video measured.
        picture: picture and motion attributes, about four rows per second.
        cuts: per-frame distances from which shots are found, one row per frame scanned.
        sound: sound attributes, or None where the video has no sound.
        transcript: subtitles, or None.
        decode_errors: packets that could not be decoded and were passed over.
    """

    video: Video
    picture: Series
    cuts: Series
    sound: Series | None = None
    transcript: Transcript | None = None
    decode_errors: int = field(default=0)

    def __repr__(self) -> str:
        sound = f"sound {len(self.sound)} rows" if self.sound is not None else "no sound"
        return (
            f"Measurements({self.video.path.name!r}, {len(self.cuts)} frames, "
            f"picture {len(self.picture)}×{len(self.picture.names)}, {sound})"
        )
