"""What a user names as videos, turned into a list of files."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from videxplore.errors import VideoError
from videxplore.values.checks import check_kind
from videxplore.values.media import Video

VIDEO_SUFFIXES = frozenset(
    [
        ".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts",
        ".mxf", ".ogv", ".ts", ".webm", ".wmv",
    ]
)  # fmt: skip
"""Files with these endings are taken from a folder; a file named singly may have any."""

Videos = str | os.PathLike[str] | Video | Iterable["str | os.PathLike[str] | Video"]


def expand(videos: Videos) -> list[str]:
    """Return the paths that ``videos`` stands for, each once, in the order given.

    Args:
        videos: a path, a glob pattern, a folder (searched with its subfolders, links not followed), a
            :class:`Video`, or any mixture in a list. What names no file is returned as it is, so that the
            report can say so.

    Raises:
        TypeError: something else is given.
        ValueError: an empty text, which would be the current folder.
    """
    single = isinstance(videos, str | os.PathLike | Video)
    if not single:
        check_kind("videos", videos, Iterable, "paths, glob patterns or folders, one or a list of them")
    found: dict[str, str] = {}
    for item in [videos] if single else videos:  # type: ignore[union-attr]
        for path in _expand_one(item):
            found.setdefault(os.path.abspath(path), path)  # noqa: PTH100 - Path would collapse the "//" of a URL
    return list(found.values())


def _expand_one(item: object) -> Iterator[str]:
    if isinstance(item, Video):
        yield os.fspath(item.path)
        return
    if not isinstance(item, str | os.PathLike):
        raise TypeError(
            f"videos must be paths, glob patterns or folders, got {type(item).__name__}: {item!r:.80}."
        )
    text = os.fsdecode(item)
    if not text:
        raise ValueError("videos must be paths, glob patterns or folders, got an empty text.")
    path = Path(text).expanduser()
    if path.is_dir():
        inside = list(_walk(path))
        yield from inside or [text]
    elif "://" not in text and not os.path.lexists(path) and glob.has_magic(text):
        matches = sorted(glob.glob(os.fspath(path), recursive=True))  # noqa: PTH207 - keeps undecodable bytes
        yield from matches or [text]
    else:
        yield text if "://" in text else os.fspath(path)


def check_found(path: str) -> None:
    """Say of a folder or a pattern that was left as it is that no video was found there.

    Raises:
        VideoError: reason ``no-videos``.
    """
    endings = ", ".join(sorted(VIDEO_SUFFIXES))
    if "://" in path or os.path.isfile(path):  # noqa: PTH113 - a URL is not a Path
        return
    if os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK):  # noqa: PTH112 - the same
        detail, remedy = (
            "no file in this folder ends as videos do",
            f"Looked for: {endings}.",
        )
    elif glob.has_magic(path) and not os.path.lexists(path):
        detail, remedy = "no file matches this pattern", "Check it; ** stands for folders within folders."
    else:
        return
    raise VideoError(path, "no-videos", detail, remedy)


def _walk(folder: Path) -> Iterator[str]:
    closed: list[str] = []  # folders that may not be looked into: named, so that the report says so
    for root, folders, files in os.walk(
        folder, followlinks=False, onerror=lambda error: closed.append(os.fspath(error.filename))
    ):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if Path(name).suffix.lower() in VIDEO_SUFFIXES and not name.startswith("."):
                yield os.path.join(root, name)  # noqa: PTH118
    yield from closed
