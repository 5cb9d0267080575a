"""Frozen values as JSON and back, by their own type hints: what is written is read back as it was.

JSON has no number that is none and none without end: nan is written as ``null``, infinity as ``"Infinity"``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

Value = TypeVar("Value")

_ENDLESS = {math.inf: "Infinity", -math.inf: "-Infinity"}


def as_data(value: Any) -> Any:
    """Return a value as dictionaries, lists, texts and numbers that JSON can hold.

    Args:
        value: a dataclass of this package, or what one holds. Fields with ``metadata={"json": False}`` are
            left out.

    Raises:
        TypeError: something that JSON cannot hold.
    """
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float | np.floating | np.integer):
        return _number(value.item() if isinstance(value, np.generic) else value)
    if is_dataclass(value) and not isinstance(value, type):
        kept = (field.name for field in fields(value) if field.metadata.get("json", True))
        return {name: as_data(getattr(value, name)) for name in kept}
    if isinstance(value, Mapping):
        return {str(key): as_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [as_data(item) for item in value]
    raise TypeError(f"JSON cannot hold {type(value).__name__}: {value!r}.")


def from_data(kind: type[Value], data: Any) -> Value:
    """Return a value of ``kind`` from what :func:`as_data` made of one.

    Args:
        kind: a dataclass.
        data: a dictionary; names that ``kind`` does not know are an error, missing ones take their default.

    Raises:
        ValueError: it is not of this kind.
    """
    if not isinstance(data, dict):
        raise ValueError(f"{kind.__name__} is read from a dictionary, got {type(data).__name__}.")
    hints = _hints(kind)  # type: ignore[arg-type]
    if unknown := sorted(set(data) - set(hints)):
        raise ValueError(f"{kind.__name__} has no {', '.join(unknown)}; it has {', '.join(hints)}.")
    try:
        return kind(**{name: _read(hints[name], item) for name, item in data.items()})
    except TypeError as error:
        raise ValueError(f"{kind.__name__} cannot be read: {error}.") from error


@cache
def _hints(kind: Any) -> dict[str, Any]:
    known = get_type_hints(kind)
    return {field.name: known[field.name] for field in fields(kind)}


def _number(value: float) -> Any:
    return None if value != value else _ENDLESS.get(value, value)


def _read(hint: Any, data: Any) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        if data is None:
            return None if NoneType in inner else math.nan
        kinds = [one for one in inner if one is not NoneType]
        return _read(kinds[0], data) if len(kinds) == 1 else data
    if isinstance(hint, type) and is_dataclass(hint):
        return from_data(hint, data)
    if origin is tuple:
        items = inner[:1] * len(data) if inner[-1] is Ellipsis else inner
        return tuple(_read(item, one) for item, one in zip(items, data, strict=True))
    if origin is np.ndarray:  # NDArray[np.float64]: its second argument is the dtype
        kind = get_args(inner[1])[0]
        return np.array([_read(float, one) for one in data], dtype=kind)
    if origin is not None and issubclass(origin, Mapping):
        return {key: _read(inner[1], one) for key, one in data.items()}
    if hint is float:  # a whole number stays one: a commitment is over the text
        return math.nan if data is None else float(data) if isinstance(data, str) else data
    return data
