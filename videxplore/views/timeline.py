"""Timeline: the segment tree of one video, with the chosen segment and what holds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from videxplore.views.assets import module, styles
from videxplore.views.base import Pixels, View


class Timeline(View):
    """One row of bars per level, the whole video on top; arrow keys walk the tree, a click chooses.

    Args:
        tree: ``name``, ``duration`` in seconds, ``levels`` (coarsest first: name, tier) and ``segments``
            as :class:`videxplore.views.catalogue.Catalogue` lists them; None for no video.
        poster: segment id to JPEG bytes.
        **traits: ``current_time``.
    """

    _esm = module("timeline")
    _css = styles("timeline")

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
