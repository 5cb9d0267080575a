"""The films, one module each; every module has a function ``film()`` that returns its script."""

from __future__ import annotations

from importlib import import_module

from videxplore.studio.director import Film

NAMES = (
    "football",
    "festival",
    "night_street",
    "journey",
    "interview",
    "storm",
    "nature",
    "kitchen",
    "rocket",
)
"""Names of the film modules, the slowest to render first."""


def direct(name: str) -> Film:
    """Return the script of the film ``name``.

    Raises:
        ValueError: no film has that name.
    """
    if name not in NAMES:
        raise ValueError(f"no film is named {name!r}; allowed: {', '.join(NAMES)}.")
    film: Film = import_module(f"{__name__}.{name}").film()
    return film
