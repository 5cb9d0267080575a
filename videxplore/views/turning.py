"""Views that the page asks to be elsewhere, and that keys wait for meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import traitlets

from videxplore.views.base import View


class TurningView(View):
    """A view that counts how often it turned to what the page asked for, for ``openTurns`` in common.js."""

    _turned = traitlets.Int(0, help="how often the page asked to be elsewhere; it waits for that").tag(
        sync=True
    )

    @contextmanager
    def _turning(self) -> Iterator[None]:
        """Count what is done within as one turn, also where it fails: else the page would wait for ever."""
        try:
            yield
        finally:
            self._turned += 1
