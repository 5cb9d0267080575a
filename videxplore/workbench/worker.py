"""A process that prepares videos one after another, so that a crash in a decoder costs one file.

The process is started as a program of its own, not forked and not through :mod:`multiprocessing`: LanceDB
runs threads that do not survive a fork, and spawning would import the user's main script again.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import traceback
from typing import BinaryIO

from videxplore.errors import VideoError
from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.store.record import VideoRecord
from videxplore.values.media import Video
from videxplore.workbench.preparation import Segmenter, prepare


class WorkerDied(Exception):  # noqa: N818 - says what happened, as StopIteration does
    """The worker process ended without an answer; ``args[0]`` is its exit status."""


class PreparationFailed(Exception):  # noqa: N818
    """The worker process raised; ``args`` are the message and the traceback as text."""


class Worker:
    """A worker process, started when first asked and again after it died.

    Args:
        encoder: makes the vectors; must pickle.
        segmenter: as for :func:`~videxplore.workbench.preparation.prepare`; must pickle.
    """

    def __init__(self, encoder: Encoder, segmenter: Segmenter | str | None) -> None:
        self._setup = pickle.dumps((encoder, segmenter))
        self._process: subprocess.Popen[bytes] | None = None
        self.closed = False

    def prepare(self, video: Video) -> VideoRecord:
        """Have one video prepared.

        Raises:
            WorkerDied: the process ended without an answer.
            VideoError: the file cannot be decoded.
            PreparationFailed: anything else that the worker raised.
        """
        process = self._process = self._process or self._start()
        try:
            pickle.dump(video, process.stdin)  # type: ignore[arg-type]
            process.stdin.flush()  # type: ignore[union-attr]
            kind, answer = pickle.load(process.stdout)  # type: ignore[arg-type]  # noqa: S301 - own child
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self._process = None
            raise WorkerDied(_end(process)) from error
        if kind == "record":
            return answer
        raise VideoError(*answer) if kind == "video-error" else PreparationFailed(*answer)

    def close(self) -> None:
        """End the process."""
        self.closed = True
        process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _start(self) -> subprocess.Popen[bytes]:
        if self.closed:
            raise WorkerDied(0)
        # One process per core is fast enough; threads inside each would fight for the same cores.
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
            "OMP_NUM_THREADS": "1",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "videxplore.workbench.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        process.stdin.write(self._setup)  # type: ignore[union-attr]
        return process


def _end(process: subprocess.Popen[bytes]) -> int:
    """Kill a process and close its pipes; return its exit status."""
    process.kill()
    status = process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            # What is left in the buffer for a dead process cannot be flushed.
            with contextlib.suppress(OSError):
                pipe.close()
    return status


def sendable(value: object) -> bool:
    """Whether a worker process could load ``value``: it pickles and comes from an importable module."""
    try:
        return b"__main__" not in pickle.dumps(value)
    except (pickle.PicklingError, TypeError, AttributeError):
        return False


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer videos read from ``source`` on ``target`` until ``source`` ends."""
    encoder, segmenter = pickle.load(source)  # noqa: S301 - from the parent process
    while True:
        try:
            video = pickle.load(source)  # noqa: S301
        except EOFError:
            return
        try:
            answer: tuple[str, object] = ("record", prepare(video, encoder, segmenter))
        except VideoError as error:
            answer = ("video-error", (error.path, error.reason, error.detail, error.remedy))
        except Exception as error:  # noqa: BLE001 - the parent records it; the next file goes on
            answer = ("error", (f"{type(error).__name__}: {error}", traceback.format_exc()))
        pickle.dump(answer, target)
        target.flush()


def main() -> None:
    """Serve on the standard streams; whatever a decoder prints goes to the error stream."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt ends
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, target)


if __name__ == "__main__":
    main()
