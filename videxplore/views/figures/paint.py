"""What the colour of a point on a map stands for: groups by hue, numbers by a scale."""

from __future__ import annotations

import math
import numbers
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.colors import sequential

from videxplore.values.rankings import Ranking
from videxplore.values.vectors import Projection, Region
from videxplore.views.describe import plain
from videxplore.views.figures.style import safe
from videxplore.views.mapping import label_of
from videxplore.views.tokens import categories, token

COLORS = ("level", "video", "region", "time", "distortion")
"""What the colour of a point can stand for by name; shape and size always stand for the level."""

_NAME = 30

_UNKNOWN = 0.15
"""Opacity of a point whose number is not known."""

_BELOW = -0.1
"""Shade of a point without a hue: below all others, which lie in [0, 1]."""


SHADES: list[str] = getattr(sequential, token("sequential"))
"""Colours of the scale for numbers, least first: the same on both grounds."""


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours of all points.

    Attributes:
        title: what they stand for.
        values: n numbers, or n group names; None where unknown.
        numeric: which of the two.
        bounds: least and greatest number of the scale.
        note: for the caption.
        names: what groups are called, where they are not called by their value.
    """

    title: str
    values: tuple[Any, ...]
    numeric: bool
    bounds: tuple[float, float] = (0.0, 1.0)
    note: str = ""
    names: Mapping[Any, str] = field(default_factory=dict)

    def marker(self, rows: Sequence[int], theme: str, first: bool) -> dict[str, Any]:
        """Plotly's marker settings for some rows; the first trace drawn carries the colour bar."""
        if not self.numeric:
            hues = self._hues(theme)
            unknown = token("line", theme)
            return {"color": [hues.get(self.values[i], unknown) for i in rows]}
        numbers_ = [math.nan if self.values[i] is None else float(self.values[i]) for i in rows]
        return {
            "color": numbers_,
            "opacity": [_UNKNOWN if math.isnan(v) else 1.0 for v in numbers_],
            "cmin": self.bounds[0],
            "cmax": self.bounds[1],
            "colorscale": token("sequential"),
            "showscale": first,
            "colorbar": {"title": {"text": safe(self.title)}, "thickness": 10, "len": 0.6, "outlinewidth": 0},
        }

    def shades(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Places on :meth:`scale`, float32 (m,).

        A live figure sends them as bytes, once: another theme is another scale of the same shades.
        """
        if self.numeric:
            low, high = self.bounds
            given = np.array([math.nan if self.values[i] is None else self.values[i] for i in rows], float)
            return np.nan_to_num(np.clip((given - low) / (high - low), 0, 1), nan=_BELOW).astype(np.float32)
        place = {group: (i + 0.5) / len(categories()) for i, group in enumerate(self._largest())}
        return np.array([place.get(self.values[i], _BELOW) for i in rows], np.float32)

    def scale(self, theme: str) -> dict[str, Any]:
        """Plotly's marker settings that turn :meth:`shades` into colours; grey is what has none."""
        if self.numeric:
            hues = SHADES
            stops = [(i / (len(hues) - 1), hue) for i, hue in enumerate(hues)]
        else:
            hues = categories(theme)
            stops = [(edge / len(hues), hue) for i, hue in enumerate(hues) for edge in (i, i + 1)]
        grey = token("line", theme)
        placed = [((at - _BELOW) / (1 - _BELOW), hue) for at, hue in stops]
        scale = [(0.0, grey), (placed[0][0] / 2, grey), *placed[:-1], (1.0, placed[-1][1])]
        return {"cmin": _BELOW, "cmax": 1.0, "colorscale": scale, "showscale": False}

    def _largest(self) -> list[Any]:
        """The groups that have a hue, in order of appearance, which ties keep."""
        counted = Counter(v for v in self.values if v is not None)
        largest = {group for group, _ in counted.most_common(len(categories()))}
        return [group for group in counted if group in largest]

    def _hues(self, theme: str) -> dict[Any, str]:
        """A hue for each of the largest groups; the rest share one grey, so that no hue means two things."""
        return dict(zip(self._largest(), categories(theme), strict=False))

    def groups(self) -> tuple[list[str], int]:
        """Names of the groups that have a hue, in the order of hues, and how many have none."""
        largest = self._largest()
        names = [self.names.get(group, str(group)) for group in largest]
        return names, len({v for v in self.values if v is not None}) - len(largest)

    def legend(self, theme: str) -> list[go.Scatter]:
        """One empty trace per group, for a second legend; none for numbers."""
        if self.numeric:
            return []
        names, left_out = self.groups()
        entries = list(zip(names, categories(theme), strict=False))
        if left_out:
            entries.append((f"{left_out} more", token("line", theme)))
        return [
            go.Scatter(
                x=[None],
                y=[None],
                mode="markers",
                name=safe(name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"),
                legend="legend2",
                hoverinfo="skip",
                marker={"size": 9, "symbol": "circle", "color": hue},
            )
            for name, hue in entries
        ]


def paint_of(
    projection: Projection, color: Any, names: Mapping[str, str], regions: Sequence[Region] = ()
) -> Paint | None:
    """Return what colours stand for, None for the level.

    Args:
        projection: n points.
        color: one of :data:`COLORS`, or values as :func:`paint_values` takes them. Where the map knows no
            videos, times or regions, colours that stand for them give way to the level.
        names: name per video id.
        regions: parts of the map.

    Raises:
        ValueError: a name that is none of :data:`COLORS`, or another number of values than points.
    """
    if not isinstance(color, str):
        return paint_values(projection, color)
    if color not in COLORS:
        raise ValueError(f"color must be one of {COLORS} or values, one per point, got {color!r}.")
    if color == "distortion":
        return paint_distortion(projection)
    if color == "region":
        return paint_regions(projection, regions) if regions else None
    if not projection.video_ids or color == "level":
        return None
    if color == "video":
        return paint_videos(projection, names)
    return paint_times(projection) if projection.times_s is not None else None


def paint_videos(projection: Projection, names: Mapping[str, str]) -> Paint:
    """A hue for each video."""
    first = {video: row for row, video in reversed(list(enumerate(projection.video_ids)))}
    called = {
        video: plain(names.get(video, "")) or label_of(projection, row) or plain(video)
        for video, row in first.items()
    }
    note = f"colour: one of {len(called)} videos"
    return Paint("video", projection.video_ids, numeric=False, note=note, names=called)


def paint_regions(projection: Projection, regions: Sequence[Region]) -> Paint:
    """A hue for each dense part of the map; what lies in none is grey."""
    place: list[int | None] = [None] * len(projection)
    for i, region in enumerate(regions):
        for row in region.rows:
            place[int(row)] = i
    called = {i: plain(region.name) or f"part {i + 1}" for i, region in enumerate(regions)}
    lonely = sum(i is None for i in place)
    note = f"colour: one of {len(regions)} dense parts of the map, {lonely} points in none"
    return Paint("region", tuple(place), numeric=False, note=note, names=called)


def paint_times(projection: Projection) -> Paint:
    """A scale from the beginning of a video to its end, at the middle of each segment."""
    times = np.asarray(projection.times_s, dtype=float)
    _, video = np.unique(np.array(projection.video_ids), return_inverse=True)
    ends = np.zeros(video.max(initial=-1) + 1)
    np.maximum.at(ends, video, times[:, 1])
    share = times.mean(axis=1) / np.maximum(ends[video], 1e-9)
    return Paint(
        "time",
        tuple(share.tolist()),
        numeric=True,
        note="colour: when in its video, 0 the beginning, 1 the end",
    )


def paint_distortion(projection: Projection) -> Paint:
    """A scale for what the map tore apart."""
    return Paint(
        "torn apart",
        tuple(float(v) for v in projection.distortion),
        numeric=True,
        note="colour: share of a point's neighbours torn apart",
    )


def paint_values(projection: Projection, values: Any, title: str = "") -> Paint:
    """A paint from values: one per point, or by segment id.

    Args:
        projection: n points.
        values: n numbers or texts (a list, array or series), a mapping from segment id, or a ranking, whose
            scores are taken.
        title: what they stand for.

    Raises:
        ValueError: another number of values.
    """
    title = title or plain(str(getattr(values, "name", "") or "value"))
    if isinstance(values, Ranking):
        title = "score"
        values = {c.hit.segment_id: c.hit.score for c in values.candidates} | values.to_run()
    if isinstance(values, Mapping):
        values = [values.get(segment_id) for segment_id in projection.segment_ids]
    given = [None if _missing(v) else v for v in (values.tolist() if hasattr(values, "tolist") else values)]
    if len(given) != len(projection):
        raise ValueError(f"color must have one value per point, n = {len(projection)}, got {len(given)}.")
    known = [v for v in given if v is not None]
    numeric = bool(known) and all(isinstance(v, numbers.Real) and not isinstance(v, bool) for v in known)
    if not numeric:
        texts = tuple(None if v is None else plain(str(v)) for v in given)
        return Paint(title, texts, numeric=False, note=f"colour: {title}")
    # The 2nd to 98th percentile: one outlier must not leave all others in one colour.
    low, high = np.percentile(np.array(known, dtype=float), [2, 98])
    bounds = (float(low), float(high)) if high > low else (float(low) - 0.5, float(low) + 0.5)
    note = f"colour: {title}, 2nd to 98th percentile"
    return Paint(title, tuple(given), numeric=True, bounds=bounds, note=note)


def _missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
