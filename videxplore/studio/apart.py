"""Renderers in interpreters of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from videxplore.errors import VidexploreError

_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])


def run_apart(module: str, *arguments: str, order: str = "", failing: str) -> None:
    """Run a module as a program and wait for it.

    Unlike multiprocessing this starts from notebooks and from scripts without a main guard as well.

    Args:
        module: its full name.
        *arguments: given on the command line.
        order: given on standard input.
        failing: what could not be done if it fails, to begin the message with.

    Raises:
        VidexploreError: the program failed; the message ends with what it said.
    """
    paths = [_PACKAGE_ROOT, *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"},
        input=order,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise VidexploreError(
            f"{failing}; check that the folder is writable and the disk not full. "
            f"The renderer said: {done.stderr.strip()[-500:]}"
        )
