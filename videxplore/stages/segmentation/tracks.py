"""Signals that a caller brings: any vectors over time, on any clock."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from videxplore.values.checks import check_kind, check_mapping
from videxplore.values.media import Series

Floats = NDArray[np.float64]

_FLOOR = 0.25
"""The smallest change that means anything, in standard deviations of the track."""


def check_tracks(tracks: Mapping[str, Series] | None) -> dict[str, Series]:
    """Return the tracks by name.

    Raises:
        TypeError: no mapping of names to :class:`Series`.
        ValueError: a name that is empty or holds a slash, or a track without rows or columns.
    """
    wanted = "Series by name, such as vx.embedding_track and vx.find_speech return"
    given = check_mapping("tracks", tracks, wanted)
    for name, series in given.items():
        check_kind(f"tracks[{name!r}]", series, Series, "a Series")
        if not isinstance(name, str) or not name or "/" in name:
            raise ValueError(f"a track needs a name without a slash, got {name!r}.")
        if not len(series) or not series.names:
            raise ValueError(f"track {name!r} has no values: {series!r}.")
    return given


def align_track(series: Series, edges: Floats) -> tuple[Floats, Floats]:
    """Return the values of a track per sample (n, d) and the change that counts as nothing per column (d,).

    Between its rows a track is taken to change steadily, and to hold before the first and after the last. All
    columns share one scale: the columns of an embedding have none of their own.

    Args:
        series: the track.
        edges: float64 (n + 1,), where samples begin and end in seconds.
    """
    centres = (edges[:-1] + edges[1:]) / 2
    after = np.clip(np.searchsorted(series.times_s, centres), 1, max(len(series) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(series) - 1)
    gap = np.maximum(series.times_s[after] - series.times_s[before], 1e-9)
    share = np.clip((centres - series.times_s[before]) / gap, 0.0, 1.0)[:, None]
    values = series.values.astype(np.float64)
    spread = float(np.sqrt(values.var(axis=0).mean()))
    aligned = values[before] * (1 - share) + values[after] * share
    return aligned, np.full(len(series.names), max(_FLOOR * spread, 1e-6))
