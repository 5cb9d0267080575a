"""Labs: a lesson's computation with its sliders, its picture and its clips, in one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from videxplore.workbench.explorer import catalogue_of
from videxplore.workbench.library import Library
from videxplore.workbench.pixels import pixels_of

if TYPE_CHECKING:
    from videxplore.views.lessons.controls import Options
    from videxplore.views.lessons.lab import Lab, Respond


def lab(
    respond: Respond, library: Library, *, start: Mapping[str, Any] | None = None, **options: Options
) -> Lab:
    """Return sliders with a picture that follows them, and the clips that it concerns.

    Such as::

        def respond(dimensions):
            return vx.lessons.Scene(chart, said="…", lanes=[vx.lessons.Lane("lost", ids)])

        vx.lab(respond, library, dimensions=(2, 4, 8, 16))

    Args:
        respond: called with one keyword per option, at first and whenever a hand moves one of them; returns
            a :class:`videxplore.values.charts.Scene`. Below 300 ms it feels immediate.
        library: whose segments the lanes name.
        start: option -> where it stands at first; by default its first value.
        **options: name -> numbers, which make a slider; words, which make a list; True or False, which makes
            a switch.

    Raises:
        ValueError: an option without values, or a start that is none of them.
    """
    from videxplore.views.lessons.lab import Lab

    catalogue, pixels = catalogue_of(library), pixels_of(None, library)
    return Lab(
        respond,
        options,
        start=start or {},
        describe=catalogue.__getitem__,
        poster=pixels.poster,
        clip=pixels.clip,
    )
