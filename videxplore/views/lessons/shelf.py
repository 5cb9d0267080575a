"""Shelf: clips in lanes, which play next to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from videxplore.views.assets import module, styles
from videxplore.views.base import View


class Shelf(View):
    """Shows clips in rows; a click plays one in its place.

    Args:
        poster: segment id to JPEG bytes.
        clip: what makes clips.
    """

    _esm = module("shelf")
    _css = styles("lesson")

    _lanes = traitlets.List([]).tag(sync=True)

    def load(self, lanes: Sequence[Mapping[str, Any]]) -> None:
        """Show other lanes.

        Args:
            lanes: ``title``, ``state``, ``empty`` and ``items`` of each: what
                :func:`videxplore.views.describe.describe_segment` returns, with a ``note``.
        """
        self._lanes = [dict(lane) for lane in lanes]
