"""Sunburst: the segment tree of one video as rings, the whole video amid them."""

from __future__ import annotations

from videxplore.views.assets import module, styles
from videxplore.views.tree_view import TreeView


class Sunburst(TreeView):
    """One ring per level, time clockwise from the top, so that the playhead goes round as a clock's hand.

    After Stasko and Zhang, "Focus+context display and navigation techniques for enhancing radial,
    space-filling hierarchy visualizations", InfoVis 2000.
    """

    _esm = module("sunburst")
    _css = styles("sunburst")
