"""How much memory a process has held at most, for the child processes of the memory tests."""

from __future__ import annotations

import sys
from pathlib import Path


def peak_kb() -> int:
    """Kilobytes resident at most since this program began.

    On Linux the kernel's own note for the program: getrusage counts what the parent held when it started the
    child, so that a test would measure the test run.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak
