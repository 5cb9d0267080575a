"""TreeView: what every drawing of the segment tree of one video is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from videxplore.views.base import Pixels, View


class TreeView(View):
    """The tree that is drawn, the chosen segments, the hits among them, and the playhead.

    Args:
        tree: ``name``, ``duration`` in seconds, ``levels`` (coarsest first: name, tier) and ``segments``,
            as :meth:`videxplore.views.catalogue.Catalogue.tree_of` returns it; None for no video.
        poster: segment id to JPEG bytes.
        **traits: ``current_time``.
    """

    current_time = traitlets.Float(-1.0, help="where the playhead stands, in seconds").tag(sync=True)
    _tree = traitlets.Dict({}).tag(told=True)
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
