"""Catalogue: the segments that an explorer shows, by id, by video and by level."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from videxplore.values.media import counted
from videxplore.values.segments import COMPOSITION_LEVEL, LEVELS
from videxplore.views.describe import describe_segment, excerpt
from videxplore.views.tokens import tier_of

_SHARED = ("name", "video")
"""What all segments of a video have in common."""

MARKED = 120
"""Parts of a segment that a player marks at most: more of them would be a grey bar."""

_SAID, _SAID_BRIEFLY = 600, 160  # characters of what is said: four lines beneath a player, one in a tree


class Catalogue:
    """Segments as plain dictionaries, looked up in the ways that widgets need.

    Args:
        rows: one mapping per segment with ``segment_id``, ``video_id``, ``path``, ``level``, ``start_s``,
            ``end_s``, ``parent_id`` and optionally ``transcript``, ``coherence``, ``persistence``.
        levels: level names, finest first; the default order, cut down to what the rows have.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]], levels: Sequence[str] | None = None) -> None:
        table = list(rows)
        present = dict.fromkeys(str(row["level"]) for row in table)
        known = [level for level in LEVELS if level in present]
        self.levels = tuple(levels or [*(level for level in present if level not in LEVELS), *known])
        self._children = Counter(_text(row.get("parent_id")) for row in table)
        self._rows = {str(row["segment_id"]): row for row in table}
        # Described when they are first looked at: of a hundred thousand few ever are.
        self._items: dict[str, dict[str, Any]] = {}
        self._videos: dict[str, list[str]] = {}
        self.titles: dict[str, str] = {}
        """What conditions call a video, by its id: its file name as it is, which is not safe to show."""
        for segment_id, row in self._rows.items():
            video = str(row["video_id"])
            self._videos.setdefault(video, []).append(segment_id)
            if video not in self.titles:
                path, composed = str(row["path"]), row["level"] == COMPOSITION_LEVEL
                self.titles[video] = path if composed else PurePath(path).name

    def _describe(self, row: Mapping[str, Any]) -> dict[str, Any]:
        item = describe_segment(
            str(row["segment_id"]),
            video=str(row["path"]),
            level=str(row["level"]),
            start_s=float(row["start_s"]),
            end_s=float(row["end_s"]),
            transcript=_text(row.get("transcript")),
            levels=self.levels,
        )
        return item | {
            "parent": _text(row.get("parent_id")) or None,
            "video": str(row["video_id"]),
            "coherence": _number(row.get("coherence"), 1.0),
            "persistence": _number(row.get("persistence"), 0.0),
            "children": self._children.get(item["id"], 0),
        }

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, segment_id: object) -> bool:
        return segment_id in self._rows

    def __getitem__(self, segment_id: str) -> dict[str, Any]:
        if segment_id not in self._items:
            self._items[segment_id] = self._describe(self._rows[segment_id])
        return self._items[segment_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def get(self, segment_id: str) -> dict[str, Any] | None:
        """Return one segment, or None."""
        row = self._rows.get(segment_id)
        return None if row is None else self[segment_id]

    def _beside(self, segment_id: str) -> list[dict[str, Any]]:
        """All segments of the video that holds one."""
        return [self[other] for other in self._videos[self[segment_id]["video"]]]

    def with_parts(self, segment_id: str) -> dict[str, Any]:
        """Return one segment as a player takes it, with its ``parts`` where there are few enough."""
        item = self[segment_id]
        mine = [] if item["children"] > MARKED else self._beside(segment_id)
        parts = [
            {key: part[key] for key in ("id", "start", "level", "time")}
            for part in mine
            if part["parent"] == segment_id
        ]
        return item | {
            "transcript": excerpt(item["transcript"], _SAID),
            "parts": sorted(parts, key=lambda part: part["start"]),
        }

    @property
    def names(self) -> dict[str, str]:
        """File name per video id."""
        return {video: self[ids[0]]["name"] for video, ids in self._videos.items()}

    def tree_of(self, segment_id: str) -> dict[str, Any]:
        """Return the tree of the video that holds a segment, as :class:`Timeline` takes it."""
        items = self._beside(segment_id)
        present = {item["level"] for item in items}
        # Without what is the same for all of them; what is said in a part stands in its parts.
        told = [
            {key: value for key, value in item.items() if key not in _SHARED}
            | {"transcript": "" if item["children"] else excerpt(item["transcript"], _SAID_BRIEFLY)}
            for item in items
        ]
        return {
            "name": items[0]["name"],
            "duration": max(item["end"] for item in items),
            "levels": [
                {"name": level, "tier": tier_of(level, self.levels)}
                for level in reversed(self.levels)
                if level in present
            ],
            "segments": sorted(told, key=lambda item: (-item["tier"], item["start"])),
        }

    def summary(self, title: str) -> dict[str, Any]:
        """Return what a still copy lists: videos with their number of segments per level."""
        levels = list(reversed(self.levels[:-1])) if len(self.levels) > 1 else list(self.levels)
        videos = []
        for ids in self._videos.values():
            rows = [self._rows[segment_id] for segment_id in ids]
            whole = max(rows, key=lambda row: float(row["end_s"]) - float(row["start_s"]))
            counts = Counter(str(row["level"]) for row in rows)
            videos.append(self[str(whole["segment_id"])] | {"counts": [counts[level] for level in levels]})
        subtitle = f"{counted(len(self._videos), 'video')}, {counted(len(self), 'segment')}"
        return {"title": title, "subtitle": subtitle, "levels": levels, "videos": videos}


def _text(value: Any) -> str:
    """A cell as text; missing values (None, NaN, NA) as an empty text."""
    return value if isinstance(value, str) else ""


def _number(value: Any, default: float) -> float:
    """A cell as a number; missing values as ``default``."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    return number if math.isfinite(number) else default
