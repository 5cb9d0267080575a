"""What people ask that the film answers best."""

from __future__ import annotations

from videxplore.studio.queries import Ask

ASKS: tuple[Ask, ...] = ()
