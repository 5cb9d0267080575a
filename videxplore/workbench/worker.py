"""A process that prepares videos one after another, so that a decoder that crashes or hangs costs one file.

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
import time
import traceback
from concurrent.futures import CancelledError
from typing import Any, BinaryIO

from videxplore.errors import VideoError
from videxplore.stages.decoding.pyav_backend import THREADS_VARIABLE
from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.store.record import VideoRecord
from videxplore.values.media import Video
from videxplore.workbench.limits import Limits, Watch, crashed, too_hungry, too_slow
from videxplore.workbench.preparation import Preparer, Segmenter

_LOST = (EOFError, OSError, ValueError, pickle.UnpicklingError)
"""What talking to a process raises that has ended, or whose pipes another thread has closed."""


class PreparationFailed(Exception):  # noqa: N818 - says what happened, as StopIteration does
    """The worker process raised; ``args`` are the message and the traceback as text."""


class WorkerProcess:
    """A process in which an object works on one file after another, within limits.

    It is started when first asked, and again after it ended: whatever a file does to it costs that file.

    Args:
        work: the object. It has a method ``open`` from a path to a :class:`Video` and others from a video to
            what is wanted of it; must pickle.
        limits: of time and memory for one file. They count from when the process is ready to work.
        threads: threads of its decoder: as many as there are cores for each of the workers.
    """

    def __init__(self, work: object, limits: Limits | None = None, threads: int = 1) -> None:
        self._setup = pickle.dumps(work)
        self._threads = threads
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._spent_s = 0.0
        self.closed = False

    def open(self, path: str) -> Video:
        """Have one file probed.

        Raises:
            VideoError: the file cannot be used, or using it took too much time (reason ``timeout``) or memory
                (``memory``), or ended the process (``crashed``).
            PreparationFailed: anything else that the worker raised.
            CancelledError: this object was closed.
        """
        self._spent_s = 0.0
        return self._ask("open", path, path, self._limits.opening_s(path))

    def do(self, what: str, video: Video) -> Any:
        """Have a method of the object called with the video opened last; raises what :meth:`open` does."""
        limit_s = self._limits.working_s(video)
        if self._limits.time_limit_s is not None:
            limit_s = max(limit_s - self._spent_s, 0.0)  # one limit for all that is done on a file
        return self._ask(what, video, video.path, limit_s)

    def ask(self, what: str, task: Any, limit_s: float) -> Any:
        """Have a method called with whatever has a ``path``; raises what :meth:`open` does."""
        return self._ask(what, task, task.path, limit_s)

    def close(self) -> None:
        """End the process."""
        self.closed = True
        process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _ask(self, what: str, given: object, path: str | os.PathLike[str], limit_s: float) -> Any:
        if self._process is not None and self._process.poll() is not None:
            self._drop(self._process)  # it ended between two files: no fault of the next one
        process = self._process = self._process or self._start()
        began = time.monotonic()
        limit_bytes = self._limits.memory_bytes
        try:
            with Watch(process, limit_s, limit_bytes) as watch:
                _send(process, (what, given))
                kind, answer = _receive(process)
        except _LOST as error:
            status = self._drop(process)
            if self.closed:
                raise CancelledError from error
            if watch.verdict == "timeout":
                raise too_slow(path, self._limits.time_limit_s or limit_s) from error
            raise (
                too_hungry(path, limit_bytes) if watch.verdict == "memory" else crashed(path, status)
            ) from error
        if watch.verdict:  # stopped in the very moment of its answer
            self._drop(process)
        self._spent_s += time.monotonic() - began
        if kind == "answer":
            return answer
        raise VideoError(*answer) if kind == "video-error" else PreparationFailed(*answer)

    def _drop(self, process: subprocess.Popen[bytes]) -> int:
        self._process = None
        return _end(process)

    def _start(self) -> subprocess.Popen[bytes]:
        if self.closed:
            raise CancelledError
        # One process per core is fast enough; threads inside each would fight for the same cores.
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
            "OMP_NUM_THREADS": "1",
            THREADS_VARIABLE: str(self._threads),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "videxplore.workbench.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._process = process  # so that close() ends it in the meantime
        try:
            process.stdin.write(self._setup)  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            kind, answer = _receive(process)
        except _LOST as error:
            status = self._drop(process)
            if self.closed:
                raise CancelledError from error
            raise PreparationFailed(
                f"a worker process did not start: it ended with status {status}", ""
            ) from error
        if kind == "ready":
            return process
        self._drop(process)
        raise PreparationFailed(*answer)


class Worker(WorkerProcess):
    """A process that does what a :class:`Preparer` does.

    Args:
        encoder: makes the vectors; must pickle.
        segmenter: as for :func:`~videxplore.workbench.preparation.prepare`; must pickle.
        limits: of time and memory for one file.
        threads: threads of its decoder.
    """

    def __init__(
        self,
        encoder: Encoder,
        segmenter: Segmenter | str | None = None,
        limits: Limits | None = None,
        threads: int = 1,
    ) -> None:
        super().__init__(Preparer(encoder, segmenter), limits, threads)

    def prepare(self, video: Video) -> tuple[VideoRecord, tuple[str, ...]]:
        """Have the video opened last prepared; raises what :meth:`open` does."""
        return self.do("prepare", video)


def _send(process: subprocess.Popen[bytes], question: tuple[str, object]) -> None:
    pickle.dump(question, process.stdin)  # type: ignore[arg-type]
    process.stdin.flush()  # type: ignore[union-attr]


def _receive(process: subprocess.Popen[bytes]) -> Any:
    return pickle.load(process.stdout)  # type: ignore[arg-type]  # noqa: S301 - from our own child


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
    """Read an object from ``source``, then questions to it; answer each on ``target`` until it ends."""
    try:
        work = pickle.load(source)  # noqa: S301 - from the parent process
    except Exception as error:  # noqa: BLE001 - the parent says so
        _answer(target, "error", _described(error))
        return
    _answer(target, "ready", None)
    while True:
        try:
            what, given = pickle.load(source)  # noqa: S301
        except EOFError:
            return
        try:
            _answer(target, "answer", getattr(work, what)(given))
        except VideoError as error:
            _answer(target, "video-error", error.args)
        except MemoryError:
            _answer(target, "video-error", too_hungry(given if what == "open" else given.path).args)
        except Exception as error:  # noqa: BLE001 - the parent records it; the next file goes on
            _answer(target, "error", _described(error))


def _answer(target: BinaryIO, kind: str, answer: object) -> None:
    target.write(pickle.dumps((kind, answer)))  # in one go: an answer that does not pickle leaves no part
    target.flush()


def _described(error: Exception) -> tuple[str, str]:
    return f"{type(error).__name__}: {error}", traceback.format_exc()


def main() -> None:
    """Serve on the standard streams; whatever a decoder prints goes to the error stream."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt ends
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, target)


if __name__ == "__main__":
    main()
