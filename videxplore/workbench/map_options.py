"""The map of a library as a figure, with what only the library knows: its columns, names and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from videxplore.values.vectors import Projection
from videxplore.workbench.library import Library
from videxplore.workbench.regions import regions

if TYPE_CHECKING:
    import plotly.graph_objects as go


def library_map(
    library: Library, *, projection: Projection | None = None, color: Any = "level", **options: Any
) -> go.Figure:
    """Draw the map of a library.

    Args:
        library: to draw.
        projection: its map; by default made, once for what the library holds.
        color: what :func:`videxplore.views.figures.segment_map.map_figure` takes, or a column of
            ``library.segments()``, or a named attribute of the encoder.
        **options: of that figure; ``regions`` are found and named unless given.

    Raises:
        ValueError: there is no such colour.
    """
    from videxplore.views.figures.segment_map import COLORS, map_figure
    from videxplore.workbench.explorer import catalogue_of, map_of

    drawn = map_of(library) if projection is None else projection
    known = {"names": catalogue_of(library).names}
    if "regions" not in options:
        options["regions"] = regions(library, drawn)
    if isinstance(color, str) and color not in COLORS:
        color = _column(library, drawn, color, COLORS)
    return map_figure(drawn, color=color, **(known | options))


def _column(library: Library, projection: Projection, name: str, others: tuple[str, ...]) -> Any:
    """A series of one value per point, named."""
    table = library.segments().set_index("segment_id", drop=False)
    if name not in table.columns:
        names = library.card.names
        if name not in names:
            raise ValueError(
                f"color must be one of {', '.join(others)}, a column of library.segments() "
                f"({', '.join(table.columns)}) or a named attribute of the encoder, got {name!r}."
            )
        values = library.embeddings().attributes[:, names.index(name)].astype(np.float64)
        table[name] = values
    return table[name].reindex(list(projection.segment_ids))
