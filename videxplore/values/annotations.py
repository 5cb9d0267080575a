"""What people noted of stretches of videos, and tags by which they find them again."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

LONGEST_NOTE, LONGEST_TAG, MOST_TAGS = 20_000, 100, 64
"""Characters of a note and of a tag; tags of one stretch by one author."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one author noted of one stretch of a video.

    Attributes:
        video_id: of the video.
        start_s: in seconds.
        end_s: in seconds.
        note: text, or empty.
        tags: in the order given.
        author: name; may be empty.
        level: of the segment that was annotated.
        segment_id: of that segment.
        changed_at: when (UTC).
    """

    video_id: str
    start_s: float
    end_s: float
    note: str = ""
    tags: tuple[str, ...] = ()
    author: str = ""
    level: str = ""
    segment_id: str = ""
    changed_at: datetime | None = None


class Tags(frozenset[str]):
    """The tags of one segment. Equal to each of them, so that ``tag == "goal"`` selects what has that tag."""

    __slots__ = ()
    __hash__ = frozenset.__hash__

    def __eq__(self, other: object) -> bool:
        return other in self if isinstance(other, str) else super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other


def checked_note(note: Any) -> str:
    """Return a note without blank ends.

    Raises:
        TypeError: no text.
        ValueError: longer than :data:`LONGEST_NOTE`, or half a surrogate pair, which cannot be stored.
    """
    if not isinstance(note, str):
        raise TypeError(f"note must be text, got {note!r}.")
    if len(note) > LONGEST_NOTE:
        raise ValueError(f"note must have {LONGEST_NOTE:,} characters at most, got {len(note):,}.")
    if any("\ud800" <= c <= "\udfff" for c in note):
        raise ValueError("note holds half a surrogate pair, which is no character.")
    return note.strip()


def checked_tags(tags: Any) -> tuple[str, ...]:
    """Return tags each once, in Unicode's composed form, with single blanks inside and none around.

    Raises:
        TypeError: no list of texts.
        ValueError: a tag that is empty, too long, or has a comma or a control character; too many.
    """
    if isinstance(tags, str) or not isinstance(tags, Iterable):
        raise TypeError(f"tags must be a list such as ['goal'], got {tags!r}.")
    found = tuple(dict.fromkeys(_checked_tag(tag) for tag in tags))
    if len(found) > MOST_TAGS:
        raise ValueError(f"tags must be {MOST_TAGS} at most, got {len(found)}.")
    return found


def _checked_tag(tag: Any) -> str:
    if not isinstance(tag, str):
        raise TypeError(f"tags must be a list such as ['goal'], got {tag!r} among them.")
    plain = unicodedata.normalize("NFC", " ".join(tag.split()))
    if not plain or len(plain) > LONGEST_TAG:
        raise ValueError(f"a tag must have 1 to {LONGEST_TAG} characters, got {tag!r}.")
    if "," in plain or any(unicodedata.category(c) in ("Cc", "Cs") for c in plain):
        raise ValueError(f"a tag must have no comma and no control character, got {tag!r}.")
    return plain
