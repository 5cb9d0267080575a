"""Making things in a thread of their own, a few ahead of whoever takes them."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class _End:
    """What the thread hands over last: nothing more comes, and what went wrong, if anything did."""

    failure: BaseException | None


def ahead(items: Iterable[T], *, depth: int = 2) -> Generator[T]:
    """Yield ``items`` in order while a thread prepares the next ones.

    FFmpeg and numpy let go of Python's lock while they work, so decoding one batch and measuring another go
    on at the same time. The thread ends when the items do, when making one fails, and when this generator is
    closed or interrupted; a failure is raised where its item would have come.

    Args:
        items: iterated in the thread, and there alone.
        depth: how many items may lie ready, which bounds the memory.
    """
    ready: queue.Queue[T | _End] = queue.Queue(depth)
    unwanted = threading.Event()

    def make() -> None:
        failure = None
        try:
            for item in items:
                ready.put(item)
                if unwanted.is_set():
                    break
        except BaseException as error:  # noqa: BLE001 - raised again where the items are taken
            failure = error
        ready.put(_End(failure))

    thread = threading.Thread(target=make, name="videxplore-ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(got := ready.get(), _End):
            yield got
    finally:
        unwanted.set()
        while thread.is_alive():
            with contextlib.suppress(queue.Empty):  # it may be waiting for room to put something
                ready.get(timeout=0.02)
    if got.failure is not None:
        raise got.failure
