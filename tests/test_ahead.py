"""Working ahead in a thread: order, bounded memory, failures, and an early end."""

from __future__ import annotations

import threading
import time

import pytest

from videxplore.stages.decoding.ahead import ahead


def test_items_come_in_order_and_from_another_thread():
    makers = set()

    def numbers():
        for number in range(100):
            makers.add(threading.current_thread())
            yield number

    assert list(ahead(numbers())) == list(range(100))
    assert threading.current_thread() not in makers
    assert list(ahead([])) == []


def test_no_more_is_made_than_may_lie_ready():
    made = []

    def numbers():
        for number in range(50):
            made.append(number)
            yield number

    taken = ahead(numbers(), depth=2)
    assert next(taken) == 0
    deadline = time.monotonic() + 60
    while len(made) < 4 and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(0.05)
    assert len(made) == 4, "one taken, two ready, one waiting for room"
    taken.close()


def test_a_failure_comes_where_its_item_would_have_come():
    def numbers():
        yield 1
        yield 2
        raise ValueError("the third cannot be made")

    taken = ahead(numbers())
    assert [next(taken), next(taken)] == [1, 2]
    with pytest.raises(ValueError, match="the third"):
        next(taken)


def test_who_stops_early_leaves_no_thread_and_no_open_source():
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield 0
        finally:
            closed.set()

    before = threading.active_count()
    taken = ahead(endless())
    next(taken)
    taken.close()
    assert closed.wait(60)
    deadline = time.monotonic() + 60
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before
