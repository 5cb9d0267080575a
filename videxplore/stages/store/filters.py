"""Which segments a search may return: level and ``where``, decided in memory, never in SQL."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.schema import displayable, uri_to_path
from videxplore.stages.store.snapshot import Snapshot

ANY_LEVEL = "any"

_SEGMENT_COLUMNS = (
    "segment_id", "video_id", "level", "parent_id", "start_s", "end_s", "duration_s", "coherence",
    "persistence", "transcript",
)  # fmt: skip
_VIDEO_COLUMNS = ("name", "path", "codec", "width", "height", "fps", "has_audio", "method")

FILTER_COLUMNS = _SEGMENT_COLUMNS + _VIDEO_COLUMNS
"""Columns that ``where`` may name."""


def level_mask(snapshot: Snapshot, level: str | Sequence[str]) -> NDArray[np.bool_]:
    """Return bool (n,): segments that tile their video on one of the levels asked for.

    Args:
        snapshot: of the library.
        level: a name, several names, or ``"any"``.

    Raises:
        ValueError: the library has no such level.
    """
    names = [level] if isinstance(level, str) else list(level)
    if names == [ANY_LEVEL]:
        return np.ones(len(snapshot), dtype=bool)
    allowed = (*snapshot.levels, ANY_LEVEL)
    wrong = [name for name in names if name not in snapshot.levels]
    if wrong or not names:
        raise ValueError(
            f"level must be one of {', '.join(map(repr, allowed))} or a list of levels, got {level!r}."
        )
    columns = [snapshot.levels.index(name) for name in names]
    return np.any(snapshot.stands_for[:, columns], axis=1)


def where_mask(snapshot: Snapshot, where: Mapping[str, Any] | None) -> NDArray[np.bool_]:
    """Return bool (n,): segments whose columns equal the value, or one of the values, given for each.

    Raises:
        ValueError: no such column.
        TypeError: ``where`` is not a mapping.
    """
    mask = np.ones(len(snapshot), dtype=bool)
    if where is None:
        return mask
    if not isinstance(where, Mapping):
        raise TypeError(f"where must be a dict such as {{'level': 'scene'}}, got {type(where).__name__}.")
    for column, wanted in where.items():
        if column not in FILTER_COLUMNS:
            close = difflib.get_close_matches(str(column), FILTER_COLUMNS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise ValueError(f"where has no column {column!r}; there are {', '.join(FILTER_COLUMNS)}.{hint}")
        several = isinstance(wanted, list | tuple | set | frozenset | np.ndarray)
        allowed = list(wanted) if several else [wanted]
        mask &= np.fromiter((value in allowed for value in _column(snapshot, column)), bool, len(snapshot))
    return mask


def _column(snapshot: Snapshot, name: str) -> Sequence[Any]:
    if name in _VIDEO_COLUMNS:
        value = {video_id: _video_value(row, name) for video_id, row in snapshot.videos.items()}
        return [value[s.video_id] for s in snapshot.segments]
    if name == "transcript":
        return snapshot.transcripts
    if name in ("coherence", "persistence"):
        return getattr(snapshot, name).tolist()
    return [getattr(s, name) for s in snapshot.segments]


def _video_value(row: Mapping[str, Any], name: str) -> Any:
    return displayable(uri_to_path(row["uri"])) if name == "path" else row[name]
