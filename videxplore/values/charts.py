"""Charts as data: what a lesson has computed, ready to be drawn, and the clips that it concerns.

Every text is plain. Whoever draws escapes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

LANE_STATES = ("", "up", "down", "same", "entered", "left")
"""What became of the clips of a lane; the last five are those of a ranking that is compared."""


@dataclass(frozen=True, eq=False)
class Line:
    """One line of :class:`Curves`.

    Attributes:
        name: in the legend.
        x: float64 (n,), ascending.
        y: float64 (n,); NaN leaves a gap.
        dashed: for a reference beside what is measured.
    """

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    dashed: bool = False

    def __post_init__(self) -> None:
        x, y = np.asarray(self.x, np.float64), np.asarray(self.y, np.float64)
        if x.ndim != 1 or x.shape != y.shape:
            raise ValueError(f"Line {self.name!r} needs x and y of one length, got {x.shape} and {y.shape}.")
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", y)


@dataclass(frozen=True, eq=False)
class Curves:
    """Lines over one axis.

    Attributes:
        title: what is shown, as a sentence or a question.
        lines: at most nine, since so many hues are kept apart.
        x: what runs to the right, with its unit.
        y: what runs upwards, with its unit.
        caption: n, k, seed, method.
        here: (x, y) of where a slider stands, or None.
        chance: value of ``y`` that chance gives, drawn as a dotted line, or None.
        x_log: whether the axis to the right is logarithmic.
        y_range: lowest and highest value shown; by default what the lines need.
        x_ticks: values written below the axis; by default round ones.
        y_log: whether the axis upwards is logarithmic.
    """

    title: str
    lines: tuple[Line, ...]
    x: str
    y: str
    caption: str = ""
    here: tuple[float, float] | None = None
    chance: float | None = None
    x_log: bool = False
    y_range: tuple[float, float] | None = None
    x_ticks: tuple[float, ...] = ()
    y_log: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.lines) <= 9:
            raise ValueError(f"Curves takes 1 to 9 lines, got {len(self.lines)}.")
        for log, axis in ((self.x_log, "x"), (self.y_log, "y")):
            if log and any((getattr(line, axis) <= 0).any() for line in self.lines):
                raise ValueError(f"Curves with {axis}_log=True needs {axis} above zero.")


@dataclass(frozen=True, eq=False)
class Bars:
    """A named number per row, as bars to the right.

    Attributes:
        title: what is shown.
        names: of the rows, top first.
        values: float64 (n,).
        x: what the length of a bar is, with its unit.
        caption: n, k, seed, method.
        before: float64 (n,), what each was before, drawn as a mark; or None.
        before_name: what the mark is, in the legend.
        chance: value that chance gives, drawn as a dotted line, or None.
        x_range: ends of the axis; by default from zero, or from what is below it, to the largest.
    """

    title: str
    names: tuple[str, ...]
    values: NDArray[np.float64]
    x: str
    caption: str = ""
    before: NDArray[np.float64] | None = None
    before_name: str = "before"
    chance: float | None = None
    x_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        for label in ("values", "before"):
            given = getattr(self, label)
            if given is None:
                continue
            column = np.asarray(given, np.float64)
            if column.shape != (len(self.names),):
                raise ValueError(f"Bars.{label} must be ({len(self.names)},), got {column.shape}.")
            object.__setattr__(self, label, column)


@dataclass(frozen=True, eq=False)
class Grid:
    """A table of numbers as shades.

    Attributes:
        title: what is shown.
        rows: names, top first.
        columns: names, left first.
        values: float64 (rows, columns); NaN leaves a hole.
        x: what the columns are.
        y: what the rows are.
        unit: what the numbers are.
        caption: n, k, seed, method.
        range: value of the palest and of the strongest shade; by default the least and the largest.
        written: whether each number is written into its cell.
    """

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: NDArray[np.float64]
    x: str = ""
    y: str = ""
    unit: str = ""
    caption: str = ""
    range: tuple[float, float] | None = None
    written: bool = True

    def __post_init__(self) -> None:
        values = np.asarray(self.values, np.float64)
        if values.shape != (len(self.rows), len(self.columns)):
            raise ValueError(
                f"Grid.values must be ({len(self.rows)}, {len(self.columns)}), got {values.shape}."
            )
        object.__setattr__(self, "values", values)


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points in the plane.

    Attributes:
        title: what is shown.
        xy: float64 (n, 2).
        groups: what each point belongs to, for its hue and shape; at most nine different ones.
        labels: what is said of each point when it is pointed at, or empty.
        x: what runs to the right; empty where the axes mean nothing, which then have no ticks.
        y: what runs upwards.
        caption: n, k, seed, method.
        links: pairs of points joined by a line.
        chosen: points with a ring around them.
        square: whether one unit is as long upwards as to the right.
    """

    title: str
    xy: NDArray[np.float64]
    groups: tuple[str, ...]
    labels: tuple[str, ...] = ()
    x: str = ""
    y: str = ""
    caption: str = ""
    links: tuple[tuple[int, int], ...] = ()
    chosen: tuple[int, ...] = ()
    square: bool = False

    def __post_init__(self) -> None:
        xy = np.asarray(self.xy, np.float64)
        if xy.ndim != 2 or xy.shape[1] != 2 or len(xy) != len(self.groups):
            raise ValueError(f"Cloud.xy must be ({len(self.groups)}, 2), got {xy.shape}.")
        if self.labels and len(self.labels) != len(xy):
            raise ValueError(f"Cloud.labels needs {len(xy)} entries or none, got {len(self.labels)}.")
        object.__setattr__(self, "xy", xy)


def two_decimals(value: float) -> str:
    """Return a number as charts and lanes write it, with a true minus sign.

    >>> two_decimals(-0.004), two_decimals(-0.5), two_decimals(float("nan"))
    ('0.00', '−0.50', '–')
    """
    if value != value:
        return "–"
    text = f"{abs(value):.2f}"
    return ("−" if value < 0 and float(text) else "") + text


Chart = Curves | Bars | Grid | Cloud
"""What can be drawn."""


@dataclass(frozen=True)
class Lane:
    """Clips in a row, with what they have in common.

    Attributes:
        title: such as "no longer found".
        segment_ids: of the clips, in order.
        notes: one short text per clip, such as its rank, or empty.
        state: one of :data:`LANE_STATES`; gives the lane its colour and sign.
        empty: what is said where there are none.
    """

    title: str
    segment_ids: Sequence[str] = ()
    notes: Sequence[str] = ()
    state: str = ""
    empty: str = "none"

    def __post_init__(self) -> None:
        if self.state not in LANE_STATES:
            raise ValueError(f"Lane.state must be one of {LANE_STATES}, got {self.state!r}.")
        if self.notes and len(self.notes) != len(self.segment_ids):
            raise ValueError(
                f"Lane.notes needs {len(self.segment_ids)} entries or none, got {len(self.notes)}."
            )
        object.__setattr__(self, "segment_ids", tuple(self.segment_ids))
        object.__setattr__(self, "notes", tuple(self.notes))


@dataclass(frozen=True, eq=False)
class Pictures:
    """Frames in a row, with what is cut out of them.

    Attributes:
        title: what is shown.
        frames: uint8 (n, height, width, 3), n ≥ 1; small ones are drawn with their pixels to be seen.
        notes: a short text per frame, or empty.
        outlines: intp (m, 5): frame, top, bottom, left, right of a part, in pixels, ends not included.
        strong: intp (m, 5), likewise, of parts that are to stand out.
        each_s: seconds that a frame is shown when they are played one after another.
    """

    title: str
    frames: NDArray[np.uint8]
    notes: Sequence[str] = ()
    outlines: NDArray[np.intp] = field(default_factory=lambda: np.zeros((0, 5), np.intp))
    strong: NDArray[np.intp] = field(default_factory=lambda: np.zeros((0, 5), np.intp))
    each_s: float = 0.25

    def __post_init__(self) -> None:
        frames = self.frames
        if frames.ndim != 4 or not len(frames) or frames.shape[3] != 3 or frames.dtype != np.uint8:
            raise ValueError(
                f"Pictures.frames must be uint8 (n, h, w, 3), got {frames.dtype} {frames.shape}."
            )
        if self.notes and len(self.notes) != len(frames):
            raise ValueError(f"Pictures.notes needs {len(frames)} entries or none, got {len(self.notes)}.")
        object.__setattr__(self, "notes", tuple(self.notes))


@dataclass(frozen=True, eq=False)
class Scene:
    """What a lab shows for one position of its sliders.

    Attributes:
        chart: what is drawn.
        said: one or two sentences: what to read off it, with the numbers of this very position.
        lanes: clips that it concerns; as many lanes for every position, so that nothing jumps.
        pictures: frames that the chart is about, shown above it, or None.
    """

    chart: Chart
    said: str = ""
    lanes: Sequence[Lane] = ()
    pictures: Pictures | None = None
