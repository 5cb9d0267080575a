"""Checks of what a user hands over, so that an error names the argument and not a line deep inside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any


def shown(value: Any) -> str:
    """Return a value and its type in few words.

    >>> shown("film.mp4"), shown([1, 2])
    ("str 'film.mp4'", 'list [1, 2]')
    """
    if value is None:
        return "None"
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 80 else text[:79] + '…'}"


def check_kind(name: str, value: Any, kinds: type | tuple[type, ...], wanted: str) -> None:
    """Make sure that an argument is of a kind.

    Args:
        name: of the argument.
        value: what was given.
        kinds: the classes allowed.
        wanted: what is allowed, in words, with an example or what to do.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, kinds):
        raise TypeError(f"{name} must be {wanted}, got {shown(value)}.")


def check_mapping(name: str, value: Any, wanted: str) -> dict[Any, Any]:
    """Return a mapping as a new dict, empty for None; raise ``TypeError`` for anything else."""
    if value is None:
        return {}
    check_kind(name, value, Mapping, wanted)
    return dict(value)


def is_number(value: Any) -> bool:
    """Whether a value is a finite real number; a truth value is none."""
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def check_positive(name: str, value: Any, unit: str = "number of seconds") -> float:
    """Return a finite number above zero; raise ``ValueError`` for anything else.

    >>> check_positive("every_s", "1")
    Traceback (most recent call last):
    ValueError: every_s must be a positive number of seconds, got '1'.
    """
    if not is_number(value) or value <= 0:
        raise ValueError(f"{name} must be a positive {unit}, got {value!r}.")
    return float(value)


def check_whole(name: str, value: Any, least: int = 1) -> int:
    """Return a whole number of at least ``least``; raise ``ValueError`` for anything else.

    >>> check_whole("k", 2.5)
    Traceback (most recent call last):
    ValueError: k must be a whole number of at least 1, got 2.5.
    """
    if not is_number(value) or value != int(value) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}.")
    return int(value)
