"""Which segments a search may return: level and ``where``, decided in memory, never in SQL."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.store.annotations import Noted
from videxplore.stages.store.conditions import select_rows
from videxplore.stages.store.schema import displayable, uri_to_path
from videxplore.stages.store.snapshot import Snapshot

ANY_LEVEL = "any"

_SEGMENT_COLUMNS = (
    "segment_id", "video_id", "level", "parent_id", "start_s", "end_s", "duration_s", "coherence",
    "persistence", "transcript", "said", "label",
)  # fmt: skip
_VIDEO_COLUMNS = ("name", "path", "codec", "width", "height", "fps", "has_audio", "method")

_NOTED_COLUMNS = ("tag", "tags", "note")

FILTER_COLUMNS = _SEGMENT_COLUMNS + _NOTED_COLUMNS + _VIDEO_COLUMNS
"""Columns that ``where`` may name; ``said`` is the transcript in lower case."""


def level_mask(snapshot: Snapshot, level: str | Sequence[str]) -> NDArray[np.bool_]:
    """Return bool (n,): segments that tile their video on one of the levels asked for.

    Args:
        snapshot: of the library.
        level: a name, several names, or ``"any"``.

    Raises:
        ValueError: the library has no such level.
    """
    names = [level] if isinstance(level, str) or not isinstance(level, Iterable) else list(level)
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


def where_mask(
    snapshot: Snapshot, where: Mapping[str, Any] | str | None, noted: Callable[[], Noted]
) -> NDArray[np.bool_]:
    """Return bool (n,): segments that a condition selects.

    Args:
        snapshot: of the library.
        noted: reads what was noted of its segments; called where the condition asks for a tag or a note.
        where: column -> value, or list of allowed values; or a condition such as
            ``"duration_s > 3 and level == 'moment'"`` (:mod:`videxplore.stages.store.conditions`).

    Raises:
        ValueError: no such column, or no condition.
        TypeError: ``where`` is neither a mapping nor text.
    """
    mask = np.ones(len(snapshot), dtype=bool)
    if where is None:
        return mask

    def column_named(name: Any) -> list[Any]:
        name = _checked(name)
        return list(noted().column(name) if name in _NOTED_COLUMNS else _column(snapshot, name))

    if isinstance(where, str):
        return select_rows(where, column_named, len(snapshot))
    if not isinstance(where, Mapping):
        raise TypeError(
            f"where must be a dict such as {{'level': 'scene'}} or a condition such as \"duration_s > 3\", "
            f"got {type(where).__name__}."
        )
    for column, wanted in where.items():
        several = isinstance(wanted, list | tuple | set | frozenset | np.ndarray)
        allowed = list(wanted) if several else [wanted]
        mask &= np.fromiter((value in allowed for value in column_named(column)), bool, len(snapshot))
    return mask


def _checked(column: Any) -> str:
    if column in FILTER_COLUMNS:
        return str(column)
    close = difflib.get_close_matches(str(column), FILTER_COLUMNS, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"where has no column {column!r}; there are {', '.join(FILTER_COLUMNS)}.{hint}")


def _column(snapshot: Snapshot, name: str) -> Sequence[Any]:
    if name in _VIDEO_COLUMNS:
        value = {video_id: _video_value(row, name) for video_id, row in snapshot.videos.items()}
        # A composition has the name it was given and is no file.
        value |= {i: c.name if name == "name" else None for i, c in snapshot.compositions.items()}
        return [value[s.video_id] for s in snapshot.segments]
    if name == "transcript":
        return snapshot.transcripts
    if name == "said":
        return [text.casefold() for text in snapshot.transcripts]
    if name == "label":
        return snapshot.labels
    if name in ("coherence", "persistence"):
        return getattr(snapshot, name).tolist()
    return [getattr(s, name) for s in snapshot.segments]


def _video_value(row: Mapping[str, Any], name: str) -> Any:
    return displayable(uri_to_path(row["uri"])) if name == "path" else row[name]
