"""Clips on disk: found again by content, kept within bounds, safe with several kernels at once."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import time
from pathlib import Path

from videxplore._cache import cache_folder

LIMIT_BYTES = 2**30
"""How much the folder holds at most; the clips unused for longest go first."""

_FORGOTTEN_S = 3600.0  # a part file this old was left by a kernel that died
_RECIPE = 1  # counts up whenever clips are made differently, so that old ones are not found any more
_LOG = logging.getLogger(__name__)


class ClipCache:
    """A folder of clips. Files are written aside and moved in, so that no reader meets half a clip.

    Args:
        folder: of the clips; by default in the package's cache folder.
        limit_bytes: how much it holds at most.
    """

    def __init__(self, folder: Path | None = None, limit_bytes: int = LIMIT_BYTES) -> None:
        self.folder = folder or cache_folder() / "clips"
        self.limit_bytes = limit_bytes

    def find(self, *key: object) -> bytes | None:
        """Return the clip made for ``key``, or None; it then counts as just used."""
        path = self._path(key)
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:  # not made yet, or another kernel has just dropped it
            return None
        return content

    def keep(self, content: bytes, *key: object) -> None:
        """Keep a clip. A folder that cannot be written costs speed later, not the clip: it is logged."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(suffix=".part", dir=self.folder)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(content)
                Path(part).replace(self._path(key))
            except OSError:
                Path(part).unlink(missing_ok=True)
                raise
        except OSError as error:
            _LOG.warning("A clip could not be kept in %s (%s); it will be made again.", self.folder, error)
            return
        self._make_room()

    def _path(self, key: tuple[object, ...]) -> Path:
        text = "|".join(map(str, (_RECIPE, *key)))
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.clip"

    def _make_room(self) -> None:
        """Drop the clips unused for longest until the rest fits, and what dead kernels left."""
        held = []
        for path in self.folder.iterdir():
            try:
                status = path.stat()
            except FileNotFoundError:
                continue  # another kernel makes room as well
            if path.suffix == ".part":
                if time.time() - status.st_mtime > _FORGOTTEN_S:
                    path.unlink(missing_ok=True)
            elif path.suffix == ".clip":
                held.append((status.st_mtime_ns, status.st_size, path))
        total = sum(size for _, size, _ in held)
        for _, size, path in sorted(held):
            if total <= self.limit_bytes:
                return
            try:
                path.unlink(missing_ok=True)
            except OSError as error:  # Windows: another kernel is reading it
                _LOG.info("A clip could not be dropped from %s (%s).", self.folder, error)
            total -= size
