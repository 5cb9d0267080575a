"""Timeline: the segment tree of one video, with the chosen segment and what holds it."""

from __future__ import annotations

from videxplore.views.assets import module, styles
from videxplore.views.tree_view import TreeView


class Timeline(TreeView):
    """One row of bars per level, the whole video on top; arrow keys walk the tree, a click chooses."""

    _esm = module("timeline")
    _css = styles("timeline")
