"""Lessons: embeddings taken apart. What the notebooks in ``notebooks/lessons`` compute, and what they ask.

Nothing here draws: computations return plain arrays, or charts (:mod:`videxplore.values.charts`) that
``vx.figure`` and ``vx.lab`` draw. Names are loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "videxplore.lessons.checking": ("check",),
    "videxplore.values.charts": ("Bars", "Cloud", "Curves", "Grid", "Lane", "Line", "Pictures", "Scene"),
}

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        try:  # the topics are modules: vx.lessons.compression
            return import_module(f"{__name__}.{name}")
        except ModuleNotFoundError:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
