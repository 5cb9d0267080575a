"""Sunburst: the segment tree of one video as rings, the whole video amid them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from videxplore.views.assets import module, styles
from videxplore.views.base import Pixels, View


class Sunburst(View):
    """One ring per level, time clockwise from the top, so that the playhead goes round as a clock's hand.

    After Stasko and Zhang, "Focus+context display and navigation techniques for enhancing radial,
    space-filling hierarchy visualizations", InfoVis 2000. Takes what :class:`Timeline` takes.

    Args:
        tree: as :meth:`videxplore.views.catalogue.Catalogue.tree_of` returns it; None for no video.
        poster: segment id to JPEG bytes.
        **traits: ``current_time``.
    """

    _esm = module("sunburst")
    _css = styles("sunburst")

    current_time = traitlets.Float(-1.0, help="where the playhead stands, in seconds").tag(sync=True)
    _tree = traitlets.Dict({}).tag(sync=True)
    _hits = traitlets.Dict({}).tag(sync=True)
    _selected = traitlets.List([]).tag(sync=True)

    def __init__(
        self, tree: Mapping[str, Any] | None = None, *, poster: Pixels | None = None, **traits: Any
    ) -> None:
        super().__init__(poster=poster, _tree=dict(tree or {}), **traits)

    def load(self, tree: Mapping[str, Any] | None) -> None:
        """Show another video, or none."""
        self._tree = dict(tree or {})

    def mark(self, segment_ids: Sequence[str], ranks: Mapping[str, int]) -> None:
        """Mark the chosen segments, and the rank of those that answer the query."""
        self._hits = dict(ranks)
        self._selected = list(segment_ids)
