"""The director's script: chapters, scenes and beats that become frames, sound and truth from one source.

A *beat* is one moment of the film. Beats that join with ``"same"`` share one camera shot, so that moments and
shots are different things: most events of the films happen inside a shot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image

Picture = Callable[[float, float], Image.Image]
"""Draws a frame from (seconds since the beat began, seconds since the shot began)."""

TICKS = 90_000
"""Clock ticks per second: every frame time of every film is a whole number of ticks."""

JOINS = ("same", "cut", "dissolve", "fade", "wipe")


@dataclass(frozen=True, slots=True)
class Line:
    """Something said: ``offset_s`` into the beat, for ``seconds``, by ``voice``."""

    offset_s: float
    seconds: float
    text: str
    voice: str = "low"


@dataclass(frozen=True, slots=True)
class Beat:
    """One moment of a film.

    Attributes:
        label: what happens.
        start_frame: its first frame.
        frame_count: how many frames it has.
        shot_frame: first frame of the shot it belongs to.
        picture: draws it.
        join: how it follows the beat before, one of ``JOINS``.
        join_frames: length of a gradual join in frames, centred on ``start_frame``.
        beds: RMS gain of each continuous sound.
        hits: (seconds into the beat, sound name, peak gain).
        lines: what is said.
        tags: names that queries refer to.
        attributes: strength in [0, 1] of what can be seen or heard.
    """

    label: str
    start_frame: int
    frame_count: int
    shot_frame: int
    picture: Picture
    join: str
    join_frames: int
    beds: Mapping[str, float]
    hits: tuple[tuple[float, str, float], ...]
    lines: tuple[Line, ...]
    tags: frozenset[str]
    attributes: Mapping[str, float]

    @property
    def end_frame(self) -> int:
        """The frame after its last."""
        return self.start_frame + self.frame_count

    @property
    def join_range(self) -> tuple[int, int] | None:
        """First and last frame of its gradual join, or None."""
        if not self.join_frames:
            return None
        first = self.start_frame - self.join_frames // 2
        return first, first + self.join_frames - 1


@dataclass(frozen=True, slots=True)
class Group:
    """A scene or chapter: beats ``first`` to ``last`` (exclusive)."""

    level: str
    label: str
    first: int
    last: int
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Film:
    """A film ready to be rendered, with everything its truth needs.

    Attributes:
        file: name of the file; its ending chooses the container.
        title: for people.
        split: ``"dev"`` or ``"test"``.
        fps: nominal frames per second.
        ticks: time of each frame in ``TICKS`` per second, and the end of the last one.
        beats: moments, in time order.
        groups: scenes and chapters, in time order per level.
        fade_in_frames: length of the opening fade from black.
        fade_out_frames: length of the closing fade to black.
    """

    file: str
    title: str
    split: str
    fps: int
    ticks: tuple[int, ...]
    beats: tuple[Beat, ...]
    groups: tuple[Group, ...]
    fade_in_frames: int = 0
    fade_out_frames: int = 0

    @property
    def frame_count(self) -> int:
        """Number of frames."""
        return len(self.ticks) - 1

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.ticks[-1] / TICKS

    def time_s(self, frame: int) -> float:
        """When ``frame`` starts, in seconds."""
        return self.ticks[frame] / TICKS


@dataclass
class _Open:
    label: str
    first: int
    tags: frozenset[str]
    beds: Mapping[str, float] = field(default_factory=dict)
    attributes: Mapping[str, float] = field(default_factory=dict)


class Director:
    """Collects a script from top to bottom; :meth:`film` closes it.

    Args:
        file: name of the film's file.
        title: for people.
        split: ``"dev"`` or ``"test"``.
        fps: frames per second, unless a beat sets its own (then the film has a variable frame rate).
    """

    def __init__(self, file: str, title: str, split: str, fps: int = 25) -> None:
        self._file, self._title, self._split, self._fps = file, title, split, fps
        self._ticks = [0]
        self._beats: list[Beat] = []
        self._groups: list[Group] = []
        self._open: dict[str, _Open] = {}

    def _start(self, level: str, new: _Open | None) -> None:
        old = self._open.pop(level, None)
        if old is not None:
            self._groups.append(Group(level, old.label, old.first, len(self._beats), old.tags))
        if new is not None:
            self._open[level] = new

    def chapter(self, label: str, *tags: str) -> None:
        """Begin a chapter (and end the scene before it)."""
        self._start("scene", None)
        self._start("chapter", _Open(label, len(self._beats), frozenset(tags)))

    def scene(
        self, label: str, *tags: str, beds: Mapping[str, float] | None = None, **attributes: float
    ) -> None:
        """Begin a scene; ``beds`` and ``attributes`` hold for its beats unless a beat says otherwise."""
        self._start("scene", _Open(label, len(self._beats), frozenset(tags), beds or {}, attributes))

    def beat(
        self,
        label: str,
        seconds: float,
        picture: Picture | None = None,
        *tags: str,
        join: str = "cut",
        join_s: float = 0.8,
        beds: Mapping[str, float] | None = None,
        hits: Sequence[tuple[float, str, float]] = (),
        lines: Sequence[Line] = (),
        fps: int = 0,
        **attributes: float,
    ) -> None:
        """Add a moment.

        Args:
            label: what happens.
            seconds: how long.
            picture: draws it; None goes on with the picture of the beat before.
            *tags: names that queries refer to.
            join: ``"same"`` goes on in the same shot; others start a new one.
            join_s: length of a gradual join in seconds.
            beds: RMS gain of each continuous sound, over those of the scene.
            hits: (seconds into the beat, sound name, peak gain).
            lines: what is said.
            fps: frames per second of this beat, 0 for the film's.
            **attributes: strengths in [0, 1], over those of the scene.
        """
        if join not in JOINS:
            raise ValueError(f"join must be one of {', '.join(JOINS)}, got {join!r}.")
        scene = self._open["scene"]
        start, rate = len(self._ticks) - 1, fps or self._fps
        count = max(1, round(seconds * rate))
        began = self._ticks[-1]
        self._ticks += [began + round((k + 1) * TICKS / rate) for k in range(count)]
        before = self._beats[-1] if self._beats else None
        gradual = join in ("dissolve", "fade", "wipe") and before is not None
        self._beats.append(
            Beat(
                label=label,
                start_frame=start,
                frame_count=count,
                shot_frame=before.shot_frame if before and join == "same" else start,
                picture=picture or self._previous_picture(),
                join=join,
                join_frames=round(join_s * rate) if gradual else 0,
                beds={**scene.beds, **(beds or {})},
                hits=tuple(hits),
                lines=tuple(lines),
                tags=frozenset(tags),
                attributes={k: float(v) for k, v in {**scene.attributes, **attributes}.items() if v},
            )
        )

    def _previous_picture(self) -> Picture:
        if not self._beats:
            raise ValueError("the first beat of a film needs a picture.")
        return self._beats[-1].picture

    def film(self, *, fade_in_s: float = 0.0, fade_out_s: float = 0.0) -> Film:
        """Close the script."""
        self._start("scene", None)
        self._start("chapter", None)
        return Film(
            file=self._file,
            title=self._title,
            split=self._split,
            fps=self._fps,
            ticks=tuple(self._ticks),
            beats=tuple(self._beats),
            groups=tuple(self._groups),
            fade_in_frames=round(fade_in_s * self._fps),
            fade_out_frames=round(fade_out_s * self._fps),
        )
