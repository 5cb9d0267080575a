"""Locks of one library, held against every other process and thread of this machine.

A writer holds the lock of its video. What concerns the whole library (restoring a version, migrating) holds
the gate, behind which no new writer starts, and waits until those under way are done. A process that dies
leaves no lock behind: the operating system gives it back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from videxplore._cache import cache_folder

_GATE = "gate"


class Locks:
    """The locks of the library at ``location``."""

    def __init__(self, location: str, *, is_local: bool) -> None:
        digest = hashlib.sha256(location.encode()).hexdigest()[:16]
        self.folder = Path(location) / "_locks" if is_local else cache_folder() / "locks" / digest

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Hold the lock ``name``."""
        from filelock import FileLock

        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / f"{name}.lock", thread_local=False):
            yield

    @contextmanager
    def hold_video(self, video_id: str) -> Iterator[None]:
        """Hold the lock of one video; waits while the whole library is held."""
        with ExitStack() as stack:
            # Through the gate one at a time: who stands behind it holds no video yet.
            with self.hold(_GATE):
                stack.enter_context(self.hold(f"video-{video_id}"))
            yield

    @contextmanager
    def hold_all(self) -> Iterator[None]:
        """Hold the whole library: no writer is under way, and none starts."""
        with self.hold(_GATE):
            for path in sorted(self.folder.glob("video-*.lock")):
                with self.hold(path.stem):  # waits for the writer that has it; no other can take it now
                    pass
            yield
