"""Several worker processes at a time, each with a thread that hands it one file after another."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from videxplore.workbench.worker import WorkerProcess

Item = TypeVar("Item")
Result = TypeVar("Result")
Process = TypeVar("Process", bound=WorkerProcess)


def in_processes(
    handle: Callable[[Item, Process], Result],
    items: Iterable[Item],
    hire: Callable[[int], Process],
    count: int,
) -> Generator[Result]:
    """Handle items in ``count`` threads, each with a worker process of its own; results as they come.

    Args:
        handle: from an item and the worker to the result; what it raises ends everything.
        items: to be handled.
        hire: from the number of threads that its decoder may use to a worker.
        count: processes at a time.
    """
    own = threading.local()
    workers: list[Process] = []
    threads = max((os.cpu_count() or 1) // count, 1)

    def start() -> None:
        own.worker = hire(threads)
        workers.append(own.worker)

    def work(item: Item) -> Result:
        return handle(item, own.worker)

    pool = ThreadPoolExecutor(count, "videxplore-worker", initializer=start)
    try:
        waiting: set[Future[Result]] = {pool.submit(work, item) for item in items}
        while waiting:
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    finally:
        # On an interrupt the workers go first, so that no thread waits for one; a write under way ends.
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.close()
        pool.shutdown(wait=True)
