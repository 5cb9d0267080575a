"""How much time and memory the work on one file may take, and what is said where it takes more.

A decoder that loops or swells cannot be stopped from inside its process. So the process that works on a file
is watched from outside, and ended when it passes a limit: that costs the one file.
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from videxplore.errors import VideoError
from videxplore.values.media import Video

GIB = 2**30

_OPEN_S, _READ_RATE = 60.0, 2e6  # a slow network drive gives 2 MB/s
_WORK_S, _PER_SECOND, _WORK_RATE = 120.0, 10.0, 10e3
_LOOK_EVERY_S = 0.1
_ASK_EVERY_S = 1.0  # where looking means running a program


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost.

    Attributes:
        time_limit_s: seconds in all; None for what its size and length allow: to be opened one minute and a
            second per 2 MB; to be worked on two minutes and ten times its length, or two minutes and a second
            per 10 kB of file where that is less. Real work is far below that: seconds for a clip of 30 s.
        memory_limit_gb: resident memory of the process that works on it, in GiB; None for 4, or for half of
            the machine's memory where that is less.
    """

    time_limit_s: float | None = None
    memory_limit_gb: float | None = None

    def __post_init__(self) -> None:
        for name in ("time_limit_s", "memory_limit_gb"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int | float) and value > 0):
                raise ValueError(f"{name} must be a positive number, or None for the default, got {value!r}.")

    def opening_s(self, path: str) -> float:
        """Seconds that opening the file at ``path`` may take."""
        if self.time_limit_s is not None:
            return self.time_limit_s
        try:
            return _OPEN_S + Path(path).stat().st_size / _READ_RATE
        except (OSError, ValueError):
            return _OPEN_S

    def working_s(self, video: Video) -> float:
        """Seconds that measuring, segmenting and embedding ``video`` may take."""
        if self.time_limit_s is not None:
            return self.time_limit_s
        size = video.path.stat().st_size if video.path.is_file() else 0
        return _WORK_S + min(_PER_SECOND * video.duration_s, size / _WORK_RATE)

    @property
    def memory_bytes(self) -> float:
        """The limit of memory in bytes."""
        if self.memory_limit_gb is not None:
            return self.memory_limit_gb * GIB
        return min(4 * GIB, _machine_bytes() / 2)


class Watch:
    """Ends a process that passes a limit while the block runs, and remembers why.

    Args:
        process: to be watched.
        limit_s: seconds that the block may take.
        limit_bytes: resident memory that the process may take.

    Attributes:
        verdict: ``"timeout"``, ``"memory"``, or empty where the process was left alone.
    """

    def __init__(self, process: subprocess.Popen[bytes], limit_s: float, limit_bytes: float) -> None:
        self._process = process
        self._limit_s, self._limit_bytes = limit_s, limit_bytes
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="videxplore-watch", daemon=True)
        self.verdict = ""

    def __enter__(self) -> Watch:
        self._deadline = time.monotonic() + self._limit_s
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        every_s = _LOOK_EVERY_S if _PROC.is_dir() else _ASK_EVERY_S
        while True:
            left_s = self._deadline - time.monotonic()
            if left_s <= 0:
                self.verdict = "timeout"
            elif (resident_bytes(self._process.pid) or 0) > self._limit_bytes:
                self.verdict = "memory"
            if self.verdict:
                self._process.kill()
                return
            if self._over.wait(min(every_s, max(left_s, 0.0))):
                return


_PROC = Path("/proc/self/statm")


def resident_bytes(pid: int) -> int | None:
    """Memory that a process holds, or None where the system does not tell.

    Read from ``/proc`` on Linux, asked of ``ps`` on other POSIX systems. Windows offers neither: there memory
    is not bounded, time is.
    """
    try:
        if _PROC.exists():
            return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        if os.name == "posix":
            told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True)
            return int(told.stdout) * 1024
    except (OSError, ValueError, IndexError, subprocess.CalledProcessError):
        pass  # it has just ended, or there is no ps
    return None


def _machine_bytes() -> float:
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):  # Windows
        return math.inf


def too_slow(path: str | os.PathLike[str], limit_s: float) -> VideoError:
    """The error for a file whose work was ended after ``limit_s`` seconds."""
    return VideoError(
        path,
        "timeout",
        f"it took longer than {limit_s:.4g} s and was stopped",
        "Raise time_limit_s if the machine or the encoder is slow; else re-encode the file.",
    )


def too_hungry(path: str | os.PathLike[str], limit_bytes: float | None = None) -> VideoError:
    """The error for a file whose work took more memory than it may, or than there is."""
    limit = "there is" if limit_bytes is None else f"the {limit_bytes / GIB:.3g} GiB allowed"
    return VideoError(
        path,
        "memory",
        f"it needed more memory than {limit}",
        "Raise memory_limit_gb if the machine has more; else scale the video down or cut it.",
    )


def crashed(path: str | os.PathLike[str], status: int) -> VideoError:
    """The error for a file at which the process died with exit status ``status``."""
    return VideoError(
        path,
        "crashed",
        f"the process that worked on it {_ending(status)}",
        "Re-encode the file, or leave it out; the rest of the batch is not affected.",
    )


def _ending(status: int) -> str:
    if sys.platform == "win32" or status >= 0:
        return f"ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hint = ", as the system does when memory runs out" if name == "SIGKILL" else ""
    return f"was ended by {name}{hint}"
