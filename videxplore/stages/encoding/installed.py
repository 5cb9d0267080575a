"""Encoders that other packages bring, found by their entry points."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from videxplore.errors import ModelError
from videxplore.stages.encoding.protocol import Encoder

GROUP = "videxplore.encoders"
"""A package names its encoders in its ``pyproject.toml``::

    [project.entry-points."videxplore.encoders"]
    acme = "acme_encoder:AcmeEncoder"

What is named is called with the options of :func:`videxplore.encoder` and returns an encoder; a library finds
it again by the name on its card, so that should be the same.
"""


def installed_names() -> list[str]:
    """Return the names under which packages offer encoders, sorted."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def load_installed(name: str, **options: Any) -> Encoder | None:
    """Return the encoder that a package offers as ``name``, or None where none does.

    Raises:
        ModelError: two packages offer that name, it cannot be imported, or it is no encoder.
    """
    points = list({(p.value, _package(p)): p for p in entry_points(group=GROUP, name=name)}.values())
    if not points:
        return None
    offered = " and ".join(f"{_package(p)!r}" for p in points)
    if len(points) > 1:
        raise ModelError(
            f"the packages {offered} both offer an encoder {name!r}; uninstall one of them, or import the "
            "class you want and pass an object of it."
        )
    try:
        make = points[0].load()
    except (ImportError, AttributeError) as error:
        raise ModelError(
            f"the encoder {name!r} of the package {offered} cannot be imported from "
            f"{points[0].value!r}: {error}"
        ) from error
    made = make(**options)
    if not isinstance(made, Encoder):
        raise ModelError(
            f"{points[0].value!r} of the package {offered} returned {type(made).__name__}, which is no "
            "encoder: it needs .card and .encode_frames()."
        )
    return made


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.module
