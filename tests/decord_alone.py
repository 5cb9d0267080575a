"""What decord reads without the kit's guard, asked of a process of its own because it may crash.

Run as a program it answers one line of JSON for each line of JSON: {"path": ..., "turns": ...}.
"""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
from coded_video import read_number


class DecordAlone:
    """Asks the other process; starts a new one after a crash."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None

    def read(self, path: str, turns: int) -> dict | None:
        """Numbers read ``in_order`` and ``by_index``, or an ``error``; None where the process died."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
        self._process.stdin.write(json.dumps({"path": path, "turns": turns}) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("{"):  # decord writes to the console as well
                return json.loads(line)
        self.close()
        return None

    def close(self) -> None:
        if self._process is not None:
            self._process.stdin.close()
            self._process.wait(timeout=120)
            self._process.stdout.close()
            self._process = None


def _answer(path: str, turns: int) -> dict:
    import decord

    def number(picture) -> int:
        return read_number(np.rot90(picture.asnumpy(), -turns))

    decord.logging.set_level(decord.logging.QUIET)
    try:
        reader = decord.VideoReader(path)
        in_order = [number(reader.next()) for _ in range(len(reader))]
        reader = decord.VideoReader(path)
        order = np.random.default_rng(3).permutation(len(reader)).tolist()
        sought = {k: number(reader[k]) for k in order}
        return {"in_order": in_order, "by_index": [sought[k] for k in range(len(reader))]}
    except (decord.DECORDError, IndexError, StopIteration) as error:
        return {"error": str(error)}


if __name__ == "__main__":
    for asked in sys.stdin:
        sys.stdout.write("\n" + json.dumps(_answer(**json.loads(asked))) + "\n")
        sys.stdout.flush()
