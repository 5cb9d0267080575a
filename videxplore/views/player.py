"""Player: plays exactly one segment, from a short clip sent on request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from videxplore.views.assets import module, styles
from videxplore.views.base import Choose, Pixels, View
from videxplore.views.delivery import Clips


class Player(View):
    """Plays the half-open stretch ``[start, end)`` of one segment, looping or stopping at its end.

    The clip travels as a binary message and plays from a Blob URL, which works in every front end. A long
    segment is shown as a preview with the marks of its parts; where the notebook's server can hand out the
    film itself, it is played from there instead.

    Args:
        item: what :func:`videxplore.views.describe.describe_segment` returns, or None for an empty player.
        poster: segment id to JPEG bytes.
        clip: what makes clips.
        autoplay: start at once.
    """

    _esm = module("player")
    _css = styles("playback", "player")

    current_time = traitlets.Float(0.0, help="seconds on the video's clock").tag(sync=True)
    autoplay = traitlets.Bool(False).tag(sync=True)
    _item = traitlets.Dict({}).tag(sync=True)
    _linked = traitlets.Bool(False, help="whether somebody plays the part that is chosen").tag(sync=True)
    _play = traitlets.Int(0).tag(sync=True)
    _seek = traitlets.Float(0.0).tag(sync=True)

    def __init__(
        self,
        item: Mapping[str, Any] | None = None,
        *,
        poster: Pixels | None = None,
        clip: Clips | None = None,
        **traits: Any,
    ) -> None:
        super().__init__(poster=poster, clip=clip, _item=dict(item or {}), **traits)

    @property
    def segment_id(self) -> str | None:
        """Id of the segment on the stage, or None."""
        return self._item.get("id")

    def on_choose(self, callback: Choose) -> None:
        """Call ``callback(segment_id, play)`` when the user chooses a part of a long segment."""
        super().on_choose(callback)
        self._linked = True

    def load(self, item: Mapping[str, Any] | None, *, play: bool = False) -> None:
        """Put another segment on the stage, or none."""
        self._item = dict(item or {})
        if play and self._item:
            self._play += 1

    def seek(self, time_s: float) -> None:
        """Go to a time on the video's clock, in seconds."""
        self._seek = float(time_s)

    def still(self) -> str:
        """The poster with its caption."""
        from videxplore.views.stills import still_player

        return still_player(self._item, self._poster) if self._item else ""
