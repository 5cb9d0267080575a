"""Several batches at a time: what keeps all cores, or a GPU, at work."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

from videxplore.stages.decoding.pyav_backend import THREADS_VARIABLE

T = TypeVar("T")
R = TypeVar("R")

_ON_GPU = 2
"""One batch is prepared while another is computed."""


def count_lanes(device: torch.device) -> int:
    """Return how many batches to work on at a time.

    On a CPU one per core, each with one thread: threads that share one batch wait for each other at every
    layer, while batches of their own never meet. A worker process of ``ingest`` is told how many cores are
    its own.
    """
    if device.type == "cpu":
        return int(os.environ.get(THREADS_VARIABLE, "0")) or torch.get_num_threads()
    return _ON_GPU if device.type == "cuda" else 1


def side_by_side(function: Callable[[T], R], items: Iterable[T], lanes: int) -> Iterator[R]:
    """Yield ``function(item)`` in the order of the items, ``lanes`` of them under way at a time.

    At most one item more than there are lanes is taken ahead of what was yielded. Where the generator is
    closed or ``function`` fails, what is under way ends and the rest is left.
    """
    if lanes == 1:
        yield from map(function, items)
        return
    threads = torch.get_num_threads()
    pool = ThreadPoolExecutor(lanes, "videxplore-lane", initializer=torch.set_num_threads, initargs=(1,))
    try:
        under_way: deque[Future[R]] = deque()
        for item in items:
            under_way.append(pool.submit(function, item))
            if len(under_way) > lanes:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)  # what threads started later take over
