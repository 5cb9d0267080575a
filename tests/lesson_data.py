"""What the questions of each lesson are given: a function per lesson, question key -> the data of ``check``.

Each is called once with the sample library. Keys are those of ``videxplore.lessons.questions.<lesson>``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from videxplore.workbench.library import Library

Data = dict[str, tuple[Any, ...]]

LESSONS: dict[str, Callable[[Library], Data]] = {}
"""Lesson -> its function."""
