"""The map of a library as a figure, with what only the library knows: its columns, names and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from videxplore.values.vectors import Projection
from videxplore.workbench.library import Library
from videxplore.workbench.regions import regions

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_OTHERS = ("segment_id", "video_id", "path", "level", "parent_id", "end_s", "transcript", "note")
"""Columns of ``library.segments()`` that the explorer offers no colour for: names, and what others say."""


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
    from videxplore.views.figures.paint import COLORS
    from videxplore.views.figures.segment_map import map_figure
    from videxplore.workbench.explorer import catalogue_of
    from videxplore.workbench.known_maps import map_of

    drawn = map_of(library) if projection is None else projection
    known = {"names": catalogue_of(library).names}
    if "regions" not in options:
        options["regions"] = regions(library, drawn)
    if isinstance(color, str) and color not in COLORS:
        color = column(library, color, COLORS).reindex(list(drawn.segment_ids))
    return map_figure(drawn, color=color, **(known | options))


def columns(library: Library) -> dict[str, list[str]]:
    """Return the names that colours of a library's map can stand for, by heading.

    Columns of :meth:`Library.segments` that differ between segments, then attributes.
    """
    table = library.segments()
    told = {name: table[name].replace("", np.nan) for name in table.columns if name not in _OTHERS}
    own = [name for name, values in told.items() if values.nunique(dropna=False) > 1]
    named = [name for name in library.card.names if name] if len(table) else []
    return {head: names for head, names in (("Segments", own), ("Attributes", named)) if names}


def column(library: Library, name: str, others: tuple[str, ...] = ()) -> pd.Series:
    """Return a column of ``library.segments()``, or an attribute, by segment id.

    Raises:
        ValueError: there is neither; the message names ``others`` as well.
    """
    table = library.segments().set_index("segment_id", drop=False)
    if name not in table.columns:
        known = library.card.names
        if name not in known:
            raise ValueError(
                f"color must be one of {', '.join(others)}, a column of library.segments() "
                f"({', '.join(table.columns)}) or a named attribute of the encoder, got {name!r}."
            )
        table[name] = library.embeddings().attributes[:, known.index(name)].astype(np.float64)
    return table[name]
