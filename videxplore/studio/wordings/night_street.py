"""What people ask that the film *Night street* answers best."""

from __future__ import annotations

from videxplore.studio.queries import ask

ASKS = (ask("event", "gunshot", "gunshot"),)
