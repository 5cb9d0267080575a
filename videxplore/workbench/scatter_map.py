"""The map of very many segments: jupyter-scatter in place of plotly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from videxplore.values.vectors import Projection
from videxplore.workbench.known_maps import map_of
from videxplore.workbench.library import Library

if TYPE_CHECKING:
    from videxplore.views.scatter_map import ScatterMap


def scatter_map(
    what: Library | Projection, *, projection: Projection | None = None, color: Any = "level", **options: Any
) -> ScatterMap:
    """Return a map that stays fast with millions of points.

    Args:
        what: a projection, or a library, whose map is made first.
        projection: a map of the library at hand.
        color: what :func:`videxplore.figure` takes; for a library also a column of ``library.segments()`` or
            a named attribute of its encoder.
        **options: of :class:`videxplore.views.scatter_map.ScatterMap`.

    Raises:
        MissingExtraError: jupyter-scatter is not installed (extra ``scatter``).
        TypeError: ``what`` is neither.
        ValueError: there is no such colour.
    """
    from videxplore.views.figures.paint import COLORS
    from videxplore.views.scatter_map import ScatterMap
    from videxplore.workbench.map_options import column

    if isinstance(what, Projection):
        return ScatterMap(what, color=color, **options)
    if not isinstance(what, Library):
        raise TypeError(f'backend="scatter" draws a Library or a Projection, got {type(what).__name__}.')
    drawn = map_of(what) if projection is None else projection
    if isinstance(color, str) and color == "region" and "regions" not in options:
        from videxplore.workbench.regions import regions

        options["regions"] = regions(what, drawn)
    if isinstance(color, str) and color not in COLORS:
        color = column(what, color, COLORS).reindex(list(drawn.segment_ids))
    from videxplore.workbench.explorer import catalogue_of

    return ScatterMap(drawn, color=color, **({"names": catalogue_of(what).names} | options))
